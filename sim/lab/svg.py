"""A small SVG builder, and `Picture`: one drawing in two widths and two palettes, with its words.

A picture is ONE SVG that chooses for itself, by media queries that see the size and the theme of the place
where it is shown (they work inside `<img>`, and no sanitiser of a notebook can strip them there):

    +- svg, as wide as its place ------------------+
    |  style: light colours; dark ones by @media   |
    |  svg.wide   viewBox 0 0 860 h   from 700 px  |
    |  svg.narrow viewBox 0 0 560 h   below        |
    +----------------------------------------------+

Colours are classes, never attributes, so that a test can tell what a mark means and the dark palette needs no
second drawing. Text is measured by a table of letter widths that is a little too wide for the usual system fonts.
"""

from __future__ import annotations

import base64
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import Any

from ..content.printable import shown
from .style import STYLE_SHEET

WIDE, NARROW, SWITCH = 860, 560, 700
"""Widths of the two layouts, and the width below which the narrow one is shown, in pixels."""
LEAST = 440
"""A picture is never shown narrower: there 14 px text would be under 11 px."""
MAX_MARKS, MAX_BYTES = 4_000, 300_000
PROJECTOR = 16 / 14

_LETTERS = {"ijlI.,:;'|!": 0.29, "ftr()[]/- \"\\": 0.38, "mwMW@%": 0.93, "0123456789": 0.6, "…→✕×": 1.0}
_WIDTHS = {char: width for chars, width in _LETTERS.items() for char in chars}


@lru_cache(maxsize=8192)
def measure(text: str, size: float = 14, bold: bool = False) -> float:
    """Return about how wide a text is in pixels, never too little for the usual fonts.

    Examples
    --------
    >>> measure("层") == 14, measure("lll") < measure("mmm")
    (True, True)
    """
    return sum(map(_letter, text)) * size * (1.07 if bold else 1)


def _letter(char: str) -> float:
    if char in _WIDTHS:
        return _WIDTHS[char]
    if char.isascii():
        return 0.72 if char.isupper() else 0.58
    return 1.0 if unicodedata.east_asian_width(char) in "WF" else 0.65


def fit(text: str, width: float, size: float = 14, bold: bool = False, keep_end: bool = False) -> str:
    """Return the text, cut with an ellipsis where it is wider than `width` (`keep_end`: cut at the front).

    Examples
    --------
    >>> fit("/usr/share/vim/vim90", 90, keep_end=True)
    '…vim/vim90'
    """
    text = shown(text)
    if measure(text, size, bold) <= width:
        return text
    while text and measure(text + "…", size, bold) > width:
        text = text[1:] if keep_end else text[:-1]
    return "…" + text if keep_end else text.rstrip() + "…"


def wrap(text: str, width: float, size: float = 14, bold: bool = False) -> list[str]:
    """Break a text into lines of at most `width` pixels, at spaces, or between Chinese characters."""
    lines = [""]
    for word in _words(shown(text)):
        if lines[-1].strip() and measure((lines[-1] + word).rstrip(), size, bold) > width:
            lines.append("")
        lines[-1] += word if lines[-1] else word.lstrip()
    return [part for line in lines for part in _broken(line.rstrip(), width, size, bold)]


def _words(text: str) -> Iterable[str]:
    word = ""
    for char in text:
        wide = unicodedata.east_asian_width(char) in "WF"
        # A closing mark never opens a line.
        if (wide and char not in "，。；：、）》”！？") or (word.endswith(" ") and char != " "):
            yield word
            word = ""
        word += char
    yield word


def _broken(line: str, width: float, size: float, bold: bool) -> Iterable[str]:
    # A word wider than the line, such as a digest or a long path.
    while measure(line, size, bold) > width and len(line) > 1:
        head = line
        while measure(head, size, bold) > width and len(head) > 1:
            head = head[:-1]
        yield head
        line = line[len(head) :]
    yield line


class Drawing:
    """Marks and words on a canvas of a given width; the height grows with what is drawn.

    Parameters
    ----------
    width : float
        Of the canvas, in pixels of the layout.
    air : float
        Height to spare, in pixels: what `heading` and `answer` leave free.
    """

    def __init__(self, width: float, air: float = 0) -> None:
        self.width, self.air = width, air
        self.height = 0.0
        self.parts: list[str] = []
        self.marks = 0

    @property
    def roomy(self) -> bool:
        """Whether this is the wide layout."""
        return self.width > WIDE * 0.8

    def rect(
        self, x: float, y: float, width: float, height: float, style: str, *, word: str, rounded: float = 4
    ) -> None:
        """Draw a box; `word` is what stands on it or beside it, for those who ask what it is."""
        self._mark(
            f'<rect x="{_n(x)}" y="{_n(y)}" width="{_n(max(width, 1.5))}" height="{_n(height)}" rx="{_n(rounded)}"'
            f' class="{style}" data-word="{escape(shown(word))}"/>', y + height,
        )

    def box(
        self, x: float, y: float, width: float, height: float, style: str, words: Sequence[str], *,
        size: float = 14, bold: bool = False,
    ) -> None:
        """Draw a box with the first of `words` that fits in its middle; the last one is cut if none does."""
        chosen = next((word for word in words if measure(word, size, bold) <= width - 4), None)
        chosen = fit(words[-1], width - 4, size, bold) if chosen is None else chosen
        self.rect(x, y, width, height, style, word=words[0])
        self.text(x + width / 2, y + height / 2 + size * 0.36, chosen, on(style), size, "middle", bold)

    def text(
        self, x: float, y: float, text: str, style: str = "ink", size: float = 14, anchor: str = "start",
        bold: bool = False,
    ) -> None:
        """Write one line; `y` is its base line."""
        extra = "" if size == 14 else f' font-size="{_n(size)}"'
        extra += "" if anchor == "start" else f' text-anchor="{anchor}"'
        style += " b" if bold else ""
        written = escape(shown(text), quote=False)
        self.parts.append(f'<text x="{_n(x)}" y="{_n(y)}" class="{style}"{extra}>{written}</text>')
        self.height = max(self.height, y + size * 0.4)

    def lines(
        self, x: float, y: float, text: str, width: float, style: str = "ink", size: float = 14, bold: bool = False
    ) -> float:
        """Write a text in as many lines as it needs; return the base line that would come next."""
        for line in wrap(text, width, size, bold):
            self.text(x, y, line, style, size, bold=bold)
            y += size * 1.5
        return y

    def line(self, points: Sequence[tuple[float, float]], style: str = "edge", arrow: bool = False) -> None:
        """Draw a line through points, with an arrow's tip at its end if wanted."""
        path = " ".join(f"{_n(x)},{_n(y)}" for x, y in points)
        self.parts.append(f'<polyline points="{path}" class="{style}"/>')
        if arrow:
            x, y = points[-1]
            self.parts.append(f'<path d="M{_n(x - 6)},{_n(y - 11)}h12l-6,11z" class="tip"/>')
        self.height = max(self.height, *(y for _, y in points))

    def dot(self, x: float, y: float, word: str) -> None:
        """Draw a stop on a falling line."""
        said = escape(shown(word))
        self._mark(f'<circle cx="{_n(x)}" cy="{_n(y)}" r="4.5" class="dot" data-word="{said}"/>', y + 4.5)

    def _mark(self, part: str, bottom: float) -> None:
        self.parts.append(part)
        self.marks += 1
        self.height = max(self.height, bottom)

    def body(self, css_class: str, shown_width: float) -> str:
        """Return the drawing as an `<svg>` element to nest or to stand alone."""
        height = self.height + 20
        return (
            f'<svg class="{css_class}" viewBox="0 0 {_n(self.width)} {_n(height)}" width="100%"'
            f' height="{_n(height * shown_width / self.width)}" preserveAspectRatio="xMinYMin meet">'
            f'<rect width="{_n(self.width)}" height="{_n(height)}" class="paper"/>{"".join(self.parts)}</svg>'
        )


def on(style: str) -> str:
    """Return the class of text that stands on a mark."""
    first = style.split()[0]
    return {"whiteout": "paper-ink", "l5": "white", "hidden": "muted", "gone": "muted", "plate": "ink"}.get(
        first, "on" if first[0] in "ls" and first[1:].isdigit() else "ink"
    )


def _n(number: float) -> str:
    return f"{number:.1f}".rstrip("0").rstrip(".")


@dataclass(frozen=True, slots=True)
class Table:
    """The same facts as rows: what a screen reader and a terminal get. Its cells are printable."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "caption", shown(self.caption))
        object.__setattr__(self, "head", tuple(map(shown, self.head)))
        object.__setattr__(self, "rows", tuple(tuple(map(shown, row)) for row in self.rows))

    def plain(self) -> str:
        """Return aligned text; a Chinese character takes two places."""
        widths = [max(map(_places, column)) for column in zip(self.head, *self.rows, strict=True)]
        lines = [
            "  ".join(cell + " " * (width - _places(cell)) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in (self.head, *self.rows)
        ]
        return "\n".join(lines)

    def html(self) -> str:
        """Return a `<table>` with a caption and heading cells."""
        head = "".join(f'<th scope="col" style="text-align:left">{escape(cell)}</th>' for cell in self.head)
        rows = "".join(
            "<tr>" + "".join(f'<td style="text-align:left">{escape(cell)}</td>' for cell in row) + "</tr>"
            for row in self.rows
        )
        return (
            f'<table><caption style="text-align:left">{escape(self.caption)}</caption>'
            f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
        )


def _places(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture with its words; shows itself in a notebook.

    Attributes
    ----------
    wide, narrow : str
        The two layouts as `<svg>` elements.
    height : float
        Pixels that both fit in.
    alt : str
        What the picture says, in one or two sentences.
    table : Table
        The facts that it is drawn from.
    summary : str
        The words on the fold that holds the table.
    style : str
        The style sheet of both layouts.
    """

    wide: str
    narrow: str
    height: float
    alt: str
    table: Table
    summary: str
    style: str = STYLE_SHEET

    @property
    def svg(self) -> str:
        """The picture that chooses its layout and palette."""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="100%" height="{_n(self.height)}" role="img"'
            f' aria-label="{escape(self.alt)}"><style>{self.style}.narrow{{display:none}}'
            f"@media (max-width:{SWITCH - 1}px){{.wide{{display:none}}.narrow{{display:inline}}}}</style>"
            f"{PATTERNS}{self.wide}{self.narrow}</svg>"
        )

    def alone(self, narrow: bool = False) -> str:
        """Return one layout as a file of fixed size, for a page that is no notebook."""
        body = self.narrow if narrow else self.wide
        width = NARROW if narrow else WIDE
        head = f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(self.alt)}"'
        start, _, rest = body.partition(">")
        start = start.replace("<svg", head, 1).replace('width="100%"', f'width="{width}"')
        return f"{start}><style>{self.style}</style>{PATTERNS}{rest}\n"

    @property
    def text(self) -> str:
        """The whole in plain text."""
        return f"{self.alt}\n\n{self.table.plain()}"

    def html(self) -> str:
        """Return the image alone: what survives in a notebook that nobody trusts yet."""
        data = base64.b64encode(self.svg.encode("utf-8")).decode("ascii")
        # Over 860 px the drawing would not grow, but the dark page beside it would be covered with paper.
        return (
            f'<div style="overflow-x:auto"><img alt="{escape(self.alt)}" width="100%" height="{_n(self.height)}"'
            f' style="width:100%;min-width:{LEAST}px;max-width:{WIDE}px;height:{_n(self.height)}px"'
            f' src="data:image/svg+xml;base64,{data}"></div>'
        )

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        figure = (
            f'<figure style="margin:0">{self.html()}<figcaption><details><summary>{escape(self.summary)}</summary>'
            f"{self.table.html()}</details></figcaption></figure>"
        )
        return {"text/html": figure, "text/plain": self.text}

    def __repr__(self) -> str:
        return self.text


def picture(
    draw: Callable[[Drawing], None], *, alt: str, table: Table, summary: str, projector: bool = False
) -> Picture:
    """Make a picture: `draw` is called with the canvas of each layout.

    Both layouts are shown at one height, so the lower one is drawn again with the difference as air.

    Parameters
    ----------
    draw : callable
        Draws on the canvas that it is given.
    projector : bool
        Draw for the back row: everything a seventh larger, so that no text is under 16 px.
    """
    scale = PROJECTOR if projector else 1
    wide, narrow = _drawn(draw, WIDE / scale), _drawn(draw, NARROW / scale)
    if narrow.height > wide.height:
        wide = _drawn(draw, WIDE / scale, narrow.height - wide.height)
    made = Picture(
        wide.body("wide", WIDE), narrow.body("narrow", NARROW), scale * (max(wide.height, narrow.height) + 20),
        shown(alt), table, summary,
    )
    assert max(wide.marks, narrow.marks) <= MAX_MARKS and len(made.svg) <= MAX_BYTES, "a figure bounds what it draws"
    return made


def _drawn(draw: Callable[[Drawing], None], width: float, air: float = 0) -> Drawing:
    drawing = Drawing(width, air)
    draw(drawing)
    return drawing


def _pattern(name: str, size: int, ground: str, stroke: str, width: int) -> str:
    return (
        f'<pattern id="{name}" width="{size}" height="{size}" patternUnits="userSpaceOnUse"'
        f' patternTransform="rotate(45)"><rect width="{size}" height="{size}" class="{ground}"/>'
        f'<line x1="0" y1="0" x2="0" y2="{size}" class="{stroke}" stroke-width="{width}"/></pattern>'
    )


PATTERNS = (
    '<svg width="0" height="0" aria-hidden="true"><defs>'
    + _pattern("hatch", 7, "hatch-ground", "hatch-line", 2)
    + "".join(_pattern(f"stripes{n}", 9, "stripe-ground", f"stripe{n}", 4) for n in range(1, 6))
    + "</defs></svg>"
)

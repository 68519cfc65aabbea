"""A file that is edited, cut twice: into blocks of one size, and into chunks where the content says so.

    blocks   version 1  [1|1|1|1|1|1|1|1|1]      colour 1: stored with version 1 already
             version 2  [2|2|2|2|2|2|2|2|2|2]    colour 2, and taller: new, and stored with version 2
    chunks   version 1  [ 1 |  1  |1|   1   ]
             version 2  [ 2 |  1  |1|   1   ]    one byte at the front: one chunk is new

`Edits` is plain Python: `do` does what its controls do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from ..content.sizes import human_size
from ..dedup.chunking import Rule, chunks, cutter
from ..errors import BadInput
from ..image.synthetic import Look, Synthetic
from .plates import MARGIN, answer, heading
from .style import layer_class
from .svg import Drawing, Picture, Table, picture
from .text import sentences, t
from .widgets import boxed, bundle

SIZE = 1 << 16
"""Bytes of the file."""
MOST = 1 << 13
"""An edit is never longer, in bytes."""
RULES = {"blocks": Rule.of("fixed", 2048), "chunks": Rule.of("fastcdc", 2048)}
LOW, HIGH = 28, 34
"""Heights of a known piece and of a new one: a narrow piece has no number, and colour alone would not tell them."""
ACTIONS = ("insert", "overwrite", "delete")


@dataclass(frozen=True, slots=True)
class Edit:
    """What is done to a file: one of `ACTIONS`, at which byte, over how many."""

    action: str = "insert"
    offset: int = 0
    length: int = 1


@dataclass(frozen=True, slots=True)
class Cut:
    """One way to cut both versions.

    Attributes
    ----------
    before : tuple of int
        Bytes of each piece of version 1.
    after : tuple of (int, bool)
        Bytes of each piece of version 2, and whether version 1 has the same one.
    """

    before: tuple[int, ...]
    after: tuple[tuple[int, bool], ...]

    @property
    def new(self) -> tuple[int, int]:
        """How many pieces of version 2 are new, and how many bytes they have."""
        sizes = [size for size, known in self.after if not known]
        return len(sizes), sum(sizes)


def text() -> bytes:
    """Return the file that is edited: made-up words."""
    return Synthetic("chunks", "srv/notes", SIZE, Look.TEXT).read()


def edited(data: bytes, edit: Edit) -> bytes:
    """Return a file after an edit; what goes over its end is left out.

    Examples
    --------
    >>> edited(b"abc", Edit("insert", 1, 2)), edited(b"abc", Edit("delete", 1, 1))
    (b'axxbc', b'ac')
    """
    head, rest = data[: edit.offset], data[edit.offset :]
    if edit.action == "insert":
        return head + b"x" * edit.length + rest
    if edit.action == "delete":
        return head + rest[edit.length :]
    # Whatever a byte was, it is another one now.
    return head + bytes(byte ^ 1 for byte in rest[: edit.length]) + rest[edit.length :]


def compared(before: bytes, after: bytes, rule: Rule) -> Cut:
    """Cut two versions of a file, and tell which pieces of the second the first has, too.

    Examples
    --------
    >>> compared(bytes(512), bytes(512) + b"1", Rule.of("fixed", 256)).new
    (1, 1)
    """
    cut = cutter(rule)
    old = [bytes(chunk) for chunk in chunks([before], cut)]
    there = set(old)
    new = tuple((len(chunk), bytes(chunk) in there) for chunk in chunks([after], cut))
    return Cut(tuple(map(len, old)), new)


def edit_picture(edit: Edit, data: bytes | None = None, *, lang: str = "en", projector: bool = False) -> Picture:
    """Draw both versions of a file, cut in both ways.

    Parameters
    ----------
    edit : Edit
    data : bytes, optional
        The file; `text()` otherwise.
    """
    before = text() if data is None else data
    after = edited(before, edit)
    cuts = {name: compared(before, after, rule) for name, rule in RULES.items()}
    longest = max(1, len(before), len(after))
    title = t(f"edit.{edit.action}", lang, n=edit.length, at=edit.offset)
    words = [_words(name, cut, lang) for name, cut in cuts.items()]

    def draw(drawing: Drawing) -> None:
        y = heading(drawing, title, t("edit.how", lang))
        for name, cut in cuts.items():
            drawing.text(MARGIN, y + 22, t(f"edit.{name}", lang, size=f"{RULES[name].avg_size:,}"), size=15, bold=True)
            y += 34
            y = _strip(drawing, y, 1, [(size, True) for size in cut.before], longest, lang)
            y = _strip(drawing, y, 2, cut.after, longest, lang) + 4
        answer(drawing, y - 16, " ".join(words) if lang == "en" else "".join(words))

    head = tuple(t(f"column.{name}", lang) for name in ("unit", "version", "pieces", "new", "bytes_new"))
    rows = tuple(row for name, cut in cuts.items() for row in _rows(name, cut, lang))
    return picture(draw, alt=sentences(lang, title, *words), table=Table(title, head, rows),
                   summary=t("as_table", lang), projector=projector)  # fmt: skip


def _words(name: str, cut: Cut, lang: str) -> str:
    new, size = cut.new
    return t(f"edit.{name}_words", lang, new=new, all=len(cut.after), size=human_size(size))


def _rows(name: str, cut: Cut, lang: str) -> list[tuple[str, ...]]:
    new, size = cut.new
    unit = t(f"share.{name}", lang)
    return [(unit, "1", str(len(cut.before)), "-", "-"),
            (unit, "2", str(len(cut.after)), str(new), human_size(size))]  # fmt: skip


def _strip(
    drawing: Drawing, y: float, version: int, pieces: Sequence[tuple[int, bool]], longest: int, lang: str
) -> float:
    left = MARGIN + (84 if drawing.roomy else 34)
    said = t("edit.version", lang, n=version) if drawing.roomy else str(version)
    drawing.text(MARGIN, y + 20, said, "muted")
    unit = (drawing.width - MARGIN - left) / longest
    for end, (size, known) in zip(accumulate(size for size, _ in pieces), pieces, strict=True):
        number = version if not known else 1
        x, width = left + (end - size) * unit, size * unit
        top, high = (y, LOW) if known else (y - (HIGH - LOW) / 2, HIGH)
        if width >= 14:
            drawing.box(x, top, width, high, layer_class(number), [str(number)])
        else:
            drawing.rect(x, top, width, high, layer_class(number), word=str(number), rounded=1)
    return y + 36


class Edits:
    """A file that the learner edits, and what has to be stored again.

    Parameters
    ----------
    edit : Edit
        What to begin with.
    lang : str
    projector : bool
    """

    def __init__(self, edit: Edit, *, lang: str = "en", projector: bool = False) -> None:
        self.lang, self._projector, self._text = lang, projector, text()
        self.do(edit.action, edit.offset, edit.length)

    @property
    def picture(self) -> Picture:
        """The picture of the edit."""
        return edit_picture(self.edit, self._text, lang=self.lang, projector=self._projector)

    def do(self, action: str, offset: int, length: int = 1) -> Edits:
        """Edit the first version.

        Parameters
        ----------
        action : {"insert", "overwrite", "delete"}
        offset, length : int
            In bytes.

        Raises
        ------
        BadInput
            There is no such action, or it lies outside the file.
        """
        if action not in ACTIONS:
            raise BadInput(t("edit.unknown", self.lang, what=action), hint=", ".join(ACTIONS))
        if not 0 <= offset <= SIZE or not 1 <= length <= MOST:
            raise BadInput(t("edit.outside", self.lang), hint=f"0 - {SIZE}; 1 - {MOST}")
        self.edit = Edit(action, offset, length)
        return self

    def widget(self) -> Any:
        """Return the ipywidgets box; `ModuleNotFoundError` without ipywidgets."""
        import ipywidgets

        style, layout = {"description_width": "initial"}, {"width": "max-content", "max_width": "100%"}
        action = ipywidgets.Dropdown(
            options=[(t(f"edit.do_{name}", self.lang), name) for name in ACTIONS], value=self.edit.action,
            description=t("edit.action", self.lang), style=style, layout=layout,
        )
        offset, length = (
            ipywidgets.BoundedIntText(
                value, min=least, max=most, description=label, style=style, layout={"width": "180px"}
            )
            for label, value, least, most in (
                (t("edit.offset", self.lang), self.edit.offset, 0, SIZE),
                (t("edit.length", self.lang), self.edit.length, 1, MOST),
            )
        )
        view, said = ipywidgets.HTML(), ipywidgets.HTML()

        def show(_: Any = None) -> None:
            shown = self.do(action.value, offset.value, length.value).picture
            view.value = shown.html()
            said.value = f'<p role="status" style="margin:4px 0">{shown.alt}</p>'

        for control in (action, offset, length):
            control.observe(show, "value")
        show()
        row = ipywidgets.HBox([action, offset, length], layout={"flex_flow": "row wrap", "align_items": "center"})
        return boxed(row, said, view, lang=self.lang)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return bundle([self.picture], self.widget)

    def __repr__(self) -> str:
        return self.picture.text

"""A transfer in time: what each layer waits for, when its bytes move, and when it is unpacked.

              0 s      1 s      2 s      3 s
    1  29 MB  [/////////////][####]             striped in the layer's colour: its bytes move
    2   1 MB  [//][ - held - ][##]              hatched: here, and held until its parent is in
    3  18 MB  - - [///////][ held ][###]        dashed: waits for one of the slots; full colour: it is unpacked

The spans are those of `registry.network`; nothing here computes a time.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import inf

from ..content.sizes import human_size
from ..registry.network.parties import Blob
from ..registry.network.spans import Doing, Span, Trace
from .plates import MARGIN, answer, chip, heading, listing
from .startups import axis, seconds
from .style import layer_class
from .svg import Drawing, Picture, Table, measure, picture
from .text import sentences, t

ROW, BAR = 42, 32
"""Height of a row with its gap, and of its bar, in pixels."""
BEHIND = 86
"""Pixels to the right of the bars, for the last row's word."""
_PREFACE = ("ping", "token", "manifest", "config")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the picture.

    Attributes
    ----------
    what : str
        Names of its spans.
    number : int
        Of the layer, 0 for what is none.
    words : str
        What stands at its left.
    spans : tuple of Span
    """

    what: str
    number: int
    words: str
    spans: tuple[Span, ...]


def rows_of(trace: Trace, layers: Sequence[Blob], lang: str) -> list[Row]:
    """Return the rows: the requests before the layers, the layers base first, then what is none."""
    found = [_row("requests", 0, t("transfer.requests", lang), [s for s in trace.spans if s.what in _PREFACE])]
    names = [layer.name for layer in layers]
    for number, layer in enumerate(layers, 1):
        found.append(_row(layer.name, number, human_size(layer.size), [s for s in trace.spans if s.what == layer.name]))
    for what in dict.fromkeys(span.what for span in trace.spans):
        if what not in names and what not in _PREFACE:
            said = t(f"transfer.{what}", lang) if what in ("container", "reads") else what
            found.append(_row(what, 0, said, [span for span in trace.spans if span.what == what]))
    return found


def _row(what: str, number: int, words: str, spans: Sequence[Span]) -> Row:
    return Row(what, number, words, tuple(spans))


def moments_of(trace: Trace) -> tuple[float, ...]:
    """Return when something begins or ends, in ms, 0 first; instants less than a thousandth of the whole apart are one.

    Examples
    --------
    >>> spans = (Span("layer 1", Doing.DOWNLOAD, 0, 800), Span("layer 1", Doing.EXTRACT, 800, 1000))
    >>> moments_of(Trace(spans, 1000, 0, 0))
    (0.0, 800, 1000)
    """
    found = [0.0]
    for at in sorted({end for span in trace.spans for end in (span.start_ms, span.end_ms)} | {trace.total_ms}):
        if at - found[-1] > trace.total_ms / 1000:
            found.append(at)
    return (*found[:-1], trace.total_ms) if len(found) > 1 else (0.0, trace.total_ms)


def timeline_picture(
    trace: Trace, layers: Sequence[Blob], *, here: Collection[str] = (), now_ms: float = inf, title: str = "",
    words: str = "", lang: str = "en", projector: bool = False,
) -> Picture:
    """Draw a transfer, up to a moment.

    Parameters
    ----------
    trace : Trace
    layers : sequence of Blob
        Base first.
    here : collection of str
        Names of layers that the host held already.
    now_ms : float
        What begins later is not drawn.
    title, words : str
        In place of the usual ones.
    """
    title = title or t("transfer.title", lang)
    rows = rows_of(trace, layers, lang)
    said = moment_words(trace, layers, here, now_ms, lang) if now_ms < trace.total_ms else (
        words or total_words(trace, lang))

    def draw(drawing: Drawing) -> None:
        y = heading(drawing, title, t("transfer.how", lang)) + 12
        left = MARGIN + 120
        width = drawing.width - left - BEHIND
        axis(drawing, left, y, width, trace.total_ms or 1.0, y + 14 + ROW * len(rows))
        y += 18
        for row in rows:
            _draw_row(drawing, y, left, width, row, row.what in here, min(now_ms, trace.total_ms), trace, lang)
            y += ROW
        if now_ms < trace.total_ms:
            x = left + width * now_ms / trace.total_ms
            drawing.line([(x, y - ROW * len(rows) - 4), (x, y)], "fall")
        answer(drawing, y - 12, said)

    head = tuple(t(f"column.{name}", lang) for name in ("layer", "size", "fetched_at", "complete_at"))
    table = Table(title, head, tuple(_told(row, row.what in here, now_ms, lang) for row in rows))
    return picture(draw, alt=sentences(lang, title, said), table=table, summary=t("as_table", lang),
                   projector=projector)  # fmt: skip


def total_words(trace: Trace, lang: str) -> str:
    """Say how long a transfer took, and what the time went into."""
    return t("transfer.words", lang, total=seconds(trace.total_ms, 1), moved=human_size(int(trace.moved)),
             move=seconds(trace.busy_ms(Doing.DOWNLOAD), 1), unpack=seconds(trace.busy_ms(Doing.EXTRACT), 1))


def moment_words(trace: Trace, layers: Sequence[Blob], here: Collection[str], now_ms: float, lang: str) -> str:
    """Say what each layer does at a moment."""
    found: dict[str, list[str]] = {}
    for number, layer in enumerate(layers, 1):
        found.setdefault("exists" if layer.name in here else _state(trace, layer.name, now_ms), []).append(str(number))
    parts = [t(f"transfer.now_{state}", lang, layers=listing(numbers, lang)) for state, numbers in found.items()]
    runs = any(s.doing is Doing.RUN and s.start_ms <= now_ms < s.end_ms for s in trace.spans)
    return t("transfer.at", lang, at=seconds(now_ms, 2)) + sentences(
        lang, *parts, t("transfer.now_run", lang) if runs else "")


def _state(trace: Trace, name: str, now_ms: float) -> str:
    own = [span for span in trace.spans if span.what == name]
    under_way = next((span for span in own if span.start_ms <= now_ms < span.end_ms), None)
    if under_way is not None:
        return _kind(under_way, own)
    if not own or max(span.end_ms for span in own) > now_ms:
        return "waiting"
    # Who reads a layer without unpacking it has its table of contents.
    return "done" if any(span.doing is Doing.EXTRACT for span in own) else "ready"


def _kind(span: Span, own: Sequence[Span]) -> str:
    """Return which of the picture's states a span is: a wait after the download is another than one before it."""
    if span.doing is Doing.WAIT:
        fetched = any(one.doing is Doing.DOWNLOAD and one.end_ms <= span.start_ms for one in own)
        return "held" if fetched else "waiting"
    return _KINDS.get(span.doing, "asking")


_KINDS = {Doing.DOWNLOAD: "moving", Doing.UPLOAD: "moving", Doing.EXTRACT: "unpacking", Doing.RUN: "running"}
_STYLES = {"waiting": "gone", "asking": "blank", "held": "hidden", "running": "stage"}


def _draw_row(
    drawing: Drawing, y: float, left: float, width: float, row: Row, exists: bool, now_ms: float, trace: Trace,
    lang: str,
) -> None:
    if row.number:
        chip(drawing, MARGIN, y + 1, row.number)
    drawing.text(MARGIN + (34 if row.number else 0), y + 21, row.words, "muted")
    if exists:
        word = t("transfer.exists", lang)
        drawing.box(left, y, measure(word) + 20, BAR, layer_class(row.number), [word])
        return
    unit = width / (trace.total_ms or 1.0)
    for span in row.spans:
        if span.start_ms < now_ms:
            long = (min(span.end_ms, now_ms) - span.start_ms) * unit
            _draw_span(drawing, left + span.start_ms * unit, y, long, _kind(span, row.spans), row, lang)
    ends = max((span.end_ms for span in row.spans), default=0.0)
    if row.number and row.spans and ends <= now_ms:
        unpacked = any(span.doing is Doing.EXTRACT for span in row.spans)
        x, word = left + ends * unit, t("transfer.complete" if unpacked else "transfer.ready", lang)
        drawing.dot(x + 10, y + BAR / 2, word)
        drawing.text(x + 20, y + BAR / 2 + 5, word)


def _draw_span(drawing: Drawing, x: float, y: float, width: float, kind: str, row: Row, lang: str) -> None:
    word = t(f"transfer.{kind}", lang)
    colour = layer_class(row.number) if row.number else "plate"
    style = _STYLES.get(kind, colour if kind == "unpacking" else colour.replace("l", "s", 1) if row.number else colour)
    if kind != "moving":
        if measure(word) <= width - 8:
            drawing.box(x, y, width, BAR, style, [word])
        else:
            drawing.rect(x, y, width, BAR, style, word=row.words if kind == "running" else word, rounded=2)
        return
    drawing.rect(x, y, width, BAR, style, word=word, rounded=3)
    if measure(word) + 16 <= width:
        # On stripes a word needs a ground of its own.
        middle = x + width / 2
        drawing.rect(middle - measure(word) / 2 - 5, y + 6, measure(word) + 10, BAR - 12, "paper", word=word)
        drawing.text(middle, y + BAR / 2 + 5, word, anchor="middle")


def _told(row: Row, exists: bool, now_ms: float, lang: str) -> tuple[str, ...]:
    name = f"{row.number}" if row.number else row.words
    size = row.words if row.number else "-"
    if exists:
        return (name, size, t("transfer.exists", lang), t("transfer.exists", lang))
    fetched = max((s.end_ms for s in row.spans if s.doing is not Doing.WAIT and s.doing is not Doing.EXTRACT
                   and s.end_ms <= now_ms), default=None)
    done = max((s.end_ms for s in row.spans), default=None)
    complete = done is not None and done <= now_ms
    return (name, size, "-" if fetched is None else seconds(fetched, 2),
            seconds(done, 2) if complete and done is not None else "-")

"""The waste of an image, three times: what nobody sees, what dive calls wasted, and what slim does.

    seen and hidden   [ seen 131MB                          |// 20MB //]     the true figure: bytes of the merged view
    dive              [// 22MB //|                                     ]     over bytes stored
    slim              [|                                               ]
    why they differ, each reason with its bytes
"""

from __future__ import annotations

from ..content.sizes import human_size
from ..dedup.scores import Dive, Slim, differences, dive, slim
from ..dedup.sharing import Usage
from .plates import MARGIN, answer, heading, listing
from .strips import Segment, strip
from .svg import Drawing, Picture, Table, picture
from .text import says, sentences, t


def waste_picture(found: Usage, *, lang: str = "en", projector: bool = False) -> Picture:
    """Draw the three figures of an image's waste on one scale, and say why they differ.

    Parameters
    ----------
    found : Usage
        Of the image; see `dedup.sharing.usage`.
    """
    stack = found.subject.stack
    by_dive, by_slim = dive(stack), slim(found.copies)
    live, stored = found.totals.live_bytes, found.totals.stored_bytes
    whole = max(1, stored, by_dive.wasted_bytes, by_slim.wasted_bytes)
    reasons = [
        t(reason.key, lang, size=human_size(reason.bytes)) for reason in differences(stack, found.copies)
    ]
    rows = _rows(found, by_dive, by_slim, lang)
    sizes = [t("area.hidden", lang, size=human_size(stored - live)),
             *(t("waste.wasted", lang, size=human_size(one.wasted_bytes)) for one in (by_dive, by_slim))]
    figures = [(name, listing([figure, size], lang)) for (name, figure, _), size in zip(rows, sizes, strict=True)]
    title = t("waste.title", lang, name=found.subject.name)
    words = t("waste.words", lang, stored=human_size(stored), live=human_size(live), ratio=_digits(found.efficiency))

    def draw(drawing: Drawing) -> None:
        y = heading(drawing, title, t("waste.how", lang)) + 4
        parts = [
            [Segment(0, live, (t("area.seen", lang, size=human_size(live)), t("waste.seen", lang)), "stage"),
             _hidden(live, stored - live, sizes[0])],
            [_hidden(0, by_dive.wasted_bytes, sizes[1])],
            [_hidden(0, by_slim.wasted_bytes, sizes[2])],
        ]  # fmt: skip
        for (name, figure), segments in zip(figures, parts, strict=True):
            y = _row(drawing, y, name, figure, segments, whole)
        answer(drawing, y - 16, words)
        y = drawing.height + 22
        for reason in reasons:
            drawing.text(MARGIN, y, "–", "muted")
            y = drawing.lines(MARGIN + 18, y, reason, drawing.width - 2 * MARGIN - 18) + 3

    head = tuple(t(f"column.{name}", lang) for name in ("counted_by", "figure", "wasted"))
    return picture(
        draw, alt=sentences(
            lang, title, words, *(says(name, figure, lang) for name, figure in figures), *reasons),
        table=Table(title, head, rows), summary=t("as_table", lang), projector=projector,
    )  # fmt: skip


def _rows(found: Usage, by_dive: Dive, by_slim: Slim, lang: str) -> tuple[tuple[str, str, str], ...]:
    hidden = found.totals.stored_bytes - found.totals.live_bytes
    return (
        (t("waste.true", lang), t("waste.ratio", lang, n=_digits(found.efficiency)), human_size(hidden)),
        ("dive", t("waste.score", lang, n=_digits(by_dive.score)), human_size(by_dive.wasted_bytes)),
        ("slim", t("waste.twins", lang, n=by_slim.contents, m=by_slim.paths), human_size(by_slim.wasted_bytes)),
    )


def _digits(ratio: float) -> str:
    return f"{ratio:.3f}"


def _hidden(start: int, size: int, words: str) -> Segment:
    return Segment(start, size, (words, human_size(size)), "hidden" if size else "")


def _row(drawing: Drawing, y: float, name: str, figure: str, segments: list[Segment], whole: int) -> float:
    width = drawing.width - 2 * MARGIN
    drawing.text(MARGIN, y + 14, name, size=15, bold=True)
    drawing.text(drawing.width - MARGIN, y + 14, figure, "muted", anchor="end")
    drawing.rect(MARGIN, y + 22, width, 26, "blank", word=name, rounded=2)
    return strip(drawing, MARGIN, y + 22, width, 26, segments, whole) + 14

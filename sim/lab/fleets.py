"""Many containers on one kernel beside as many machines, and how long starts take.

    containers   [debian][alpine][nginx]        machines   [debian][alpine][nginx]
                 [     one kernel      ]                   [kernel][kernel][kernel]
    memory       [kernel|programs|cache]                   [kernel        |programs|cache]
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from ..boot.fleet import Fleet, Side
from ..boot.ladder import MEASURED, PUBLISHED, Point
from ..content.sizes import human_size
from ..image.layer import Image
from .plates import MARGIN, answer, heading
from .startups import seconds
from .strips import Segment, strip
from .svg import Drawing, Picture, Table, fit, picture
from .text import sentences, t
from .texts.boot_model import said

MOST = 8
"""So many containers are drawn; of the others it is said how many they are."""


def fleet_picture(images: Sequence[Image], both: Fleet, *, lang: str = "en", projector: bool = False) -> Picture:
    """Draw containers of some images beside as many machines.

    Parameters
    ----------
    both : Fleet
        Of the same images.
    """
    title = t("fleet.title", lang)
    sides = (("containers", both.containers), ("machines", both.machines))
    words = t(
        "fleet.words", lang, n=len(images), one=human_size(both.containers.memory_bytes),
        many=human_size(both.machines.memory_bytes), release=both.kernels[0] if both.kernels else "-",
        first=seconds(both.containers.all_ms), last=seconds(both.machines.all_ms),
    )

    def draw(drawing: Drawing) -> None:
        y = heading(drawing, title, t("fleet.how", lang)) + 6
        for name, side in sides:
            y = _draw_side(drawing, y, name, side, [image.name for image in images], both, lang)
        for measure_name, of in _MEASURES.items():
            most = max(of(side) for _, side in sides) or 1
            drawing.text(MARGIN, y + 16, t(f"fleet.{measure_name}", lang), size=15, bold=True)
            y += 24
            for name, side in sides:
                y = _draw_bar(drawing, y, measure_name, name, side, most, lang)
            y += 8
        answer(drawing, y - 12, words)

    head = tuple(t(f"column.{name}", lang) for name in ("who", "kernels", "memory", "disk", "takes"))
    rows = tuple(
        (t(f"fleet.{name}", lang), str(side.kernels), human_size(side.memory_bytes), human_size(side.disk_bytes),
         seconds(side.all_ms))
        for name, side in sides
    )
    return picture(draw, alt=sentences(lang, title, words), table=Table(title, head, rows),
                   summary=t("as_table", lang), projector=projector)  # fmt: skip


_MEASURES: dict[str, Callable[[Side], float]] = {
    "memory": lambda side: side.memory_bytes, "disk": lambda side: side.disk_bytes, "time": lambda side: side.all_ms,
}


def _draw_side(
    drawing: Drawing, y: float, name: str, side: Side, names: Sequence[str], both: Fleet, lang: str
) -> float:
    """Draw what runs, and the kernels below it."""
    drawing.text(MARGIN, y + 18, t(f"fleet.{name}", lang), size=15, bold=True)
    shown = names[:MOST]
    more = len(names) - len(shown)
    x, width = MARGIN + 110, drawing.width - 2 * MARGIN - 110 - (90 if more else 0)
    cell = min(150, width / max(1, len(shown)))
    kernel = t("fleet.kernel", lang)
    for n, image in enumerate(shown):
        drawing.box(x + cell * n, y, cell - 6, 32, "l1", [image.removeprefix("sample:")])
        if name == "machines":
            drawing.box(x + cell * n, y + 34, cell - 6, 28, "stage", [kernel])
    if name == "containers":
        wide = t("fleet.one", lang, release=both.kernels[0] if both.kernels else "-")
        drawing.box(x, y + 34, max(60, cell * len(shown) - 6), 28, "stage", [wide, kernel])
    if more:
        drawing.text(x + cell * len(shown) + 4, y + 20, t("fleet.more", lang, n=more), "muted")
    return y + 78


def _draw_bar(
    drawing: Drawing, y: float, measured: str, name: str, side: Side, most: float, lang: str
) -> float:
    value = _MEASURES[measured](side)
    words = seconds(value) if measured == "time" else human_size(int(value))
    drawing.text(MARGIN, y + 18, t(f"fleet.{name}", lang), "muted")
    x, room = MARGIN + 110, drawing.width - 2 * MARGIN - 110 - 90
    drawing.text(x + room * value / most + 8, y + 18, words)
    if measured != "memory":
        drawing.rect(x, y, room * value / most, 26, "plate", word=words, rounded=2)
        return y + 32
    parts = (("kernels", side.kernel_bytes, "stage"), ("programs", side.program_bytes, "plate"),
             ("cache", side.cache_bytes, "hidden"))  # fmt: skip
    segments, start = [], 0
    for part, size, style in parts:
        told = t(f"fleet.{part}", lang, n=side.kernels, size=human_size(size))
        segments.append(Segment(start, size, (told, human_size(size)), style))
        start += size
    return max(y + 32, strip(drawing, x, y, room * value / most, 26, segments, start) + 4)


def ladder_picture(*, lang: str = "en", projector: bool = False) -> Picture:
    """Draw how long starts take, measured and published, on a logarithmic scale."""
    title = t("ladder.title", lang)
    words = t("ladder.words", lang, order=" < ".join(said(point.name, lang) for point in MEASURED))

    def draw(drawing: Drawing) -> None:
        y = heading(drawing, title, t("ladder.how", lang)) + 8
        for name, points in (("measured", MEASURED), ("published", PUBLISHED)):
            drawing.text(MARGIN, y + 14, t(f"ladder.{name}", lang), size=15, bold=True)
            y += 24
            for point in points:
                y = _draw_point(drawing, y, point, lang)
            y += 12
        answer(drawing, y - 16, words)

    head = tuple(t(f"column.{name}", lang) for name in ("start", "takes", "source"))
    rows = tuple((said(point.name, lang), _ms(point.ms), said(point.source, lang)) for point in (*MEASURED, *PUBLISHED))
    return picture(draw, alt=sentences(lang, title, words), table=Table(title, head, rows),
                   summary=t("as_table", lang), projector=projector)  # fmt: skip


def _ms(ms: float) -> str:
    return f"{ms:g} ms" if ms < 1000 else seconds(ms, 1)


def _draw_point(drawing: Drawing, y: float, point: Point, lang: str) -> float:
    """Draw a point at its place; a published one with its source below."""
    name = said(point.name, lang)
    left = MARGIN + 200
    x = left + (drawing.width - MARGIN - 70 - left) * math.log10(max(point.ms, 1)) / 4
    drawing.text(MARGIN, y + 14, fit(name, left - MARGIN - 12))
    drawing.line([(left, y + 9), (x, y + 9)], "hatch-line")
    ours = point.source == "measured"
    if ours:
        drawing.dot(x, y + 9, name)
    else:
        drawing.rect(x - 5, y + 4, 10, 10, "blank", word=name, rounded=1)
    drawing.text(x + 12, y + 14, _ms(point.ms), bold=ours)
    if ours:
        return y + 24
    source = fit(said(point.source, lang), drawing.width - 2 * MARGIN - 14)
    drawing.text(MARGIN + 14, y + 33, source, "muted")
    return y + 44

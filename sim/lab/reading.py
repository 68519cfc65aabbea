"""What one pass over an image costs, job by job and all together, as it was recorded.

    one thread            ==============
    two threads           ===========
    with processes        ========
    inflate               ====
    SHA-256 of the blobs      ==                    each job alone begins where the one above it ends
    ...
    sum, one core         ====##==%%%..
    half of it, two       ==#=%%.

The record beside this file was written by ``sim bench dedup --curve FILE``; see `curve` for why it is one.
"""

from __future__ import annotations

from itertools import accumulate
from typing import Any

from ..content.sizes import human_size
from .charts import chart
from .curve import record
from .style import LAYER_COLOURS, LIGHT
from .svg import Picture, Table
from .text import sentences, t

WAYS = ("one_thread", "two_threads", "workers")
JOBS = ("inflate", "blob", "headers", "diff_id", "files", "cut", "chunks")
COLOURS = dict(zip(JOBS, (*LAYER_COLOURS, "#F0E442", "#D55E00"), strict=True))
"""The palette's colours; the name stands beside each, since no layers are meant here."""
_LABELS = 200
"""Pixels left of the bars."""
_ROW = 27


def recorded() -> dict[str, Any]:
    """Return the record's one row: ``image``, its bytes ``stored`` and ``tar``, seconds of `WAYS` and of `JOBS`."""
    found: dict[str, Any] = record("reading.json")["rows"][0]
    return found


def reading_chart(row: dict[str, Any] | None = None, *, lang: str = "en", projector: bool = False) -> Picture:
    """Draw how long one pass over an image takes in three ways, above the jobs that it consists of.

    Parameters
    ----------
    row : dict, optional
        As `recorded` returns it.

    Raises
    ------
    ModuleNotFoundError
        There is no matplotlib.
    """
    row = row or recorded()
    table = reading_table(row, lang=lang)
    starts = [0.0, *accumulate(row[job] for job in JOBS)]
    most = max(starts[-1], *(row[way] for way in WAYS))

    def plot(axes: Any) -> None:
        def bar(place: float, start: float, length: float, colour: str) -> None:
            axes.barh(place, length, left=start, color=colour, edgecolor=LIGHT["ink"], linewidth=1.1, height=0.72,
                      clip_on=False)  # fmt: skip

        places = [place + 0.5 * (place >= len(WAYS)) + 0.5 * (place > len(WAYS) + len(JOBS) - 1)
                  for place in range(len(table.rows))]  # fmt: skip
        ends = [row[way] for way in WAYS] + starts[1:] + [starts[-1], starts[-1] / 2]
        for place, way in zip(places, WAYS, strict=False):
            bar(place, 0, row[way], LIGHT["edge"])
        for place, job, start in zip(places[len(WAYS) :], JOBS, starts, strict=False):
            bar(place, start, row[job], COLOURS[job])
            for at, cores in zip(places[-2:], (1, 2), strict=True):
                bar(at, start / cores, row[job] / cores, COLOURS[job])
        for place, end, (_, words) in zip(places, ends, table.rows, strict=True):
            axes.annotate(words, (end, place), xytext=(5, 0), textcoords="offset points", va="center",
                          color=LIGHT["muted"], annotation_clip=False)  # fmt: skip
        axes.set_yticks(places, [what for what, _ in table.rows])
        axes.set_ylim(places[-1] + 0.6, -0.6)
        axes.set_xticks([])
        axes.set_xlim(0, 1.18 * most)
        box, left = axes.get_position(), _LABELS / (axes.figure.get_figwidth() * 96)
        axes.set_position([left, box.y0, 0.96 - left, box.height])

    how = t("reading.how", lang, image=row["image"], stored=human_size(row["stored"]), tar=human_size(row["tar"]))
    words = [t("reading.words", lang, what=what, took=took) for what, took in table.rows]
    high = 105 + _ROW * (len(table.rows) + 1.2)
    return chart(plot, table.caption, how, high, sentences(lang, table.caption, *words), table, lang,
                 projector=projector)  # fmt: skip


def reading_table(row: dict[str, Any] | None = None, *, lang: str = "en") -> Table:
    """Return the same as a table: the ways, the jobs, and the sum of these on one core and on two."""
    row = row or recorded()
    total = sum(row[job] for job in JOBS)
    found = {name: row[name] for name in (*WAYS, *JOBS)} | {"one_core": total, "two_cores": total / 2}
    rows = tuple(
        (t(f"reading.{name}", lang), t("reading.took", lang, took=f"{took:.2f}")) for name, took in found.items()
    )
    return Table(t("reading.title", lang), (t("reading.what", lang), t("reading.time", lang)), rows)

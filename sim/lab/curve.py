"""The cost of one lookup against the number of layers, as it was recorded.

The record beside this file was written by ``sim bench union --curve FILE`` on the machine that it describes. A lesson
shows the record and not a new measurement, so that its picture says the same on every machine.
"""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

from .charts import chart
from .style import LIGHT
from .svg import Picture, Table
from .text import sentences, t

LINES = {
    "kernel_cold": (0, (1, 1.5)), "lookup": (0, (7, 2)), "kernel_warm": (0, (4, 1.5)), "index": "-",
    "dict": (0, (1, 3)),
}
"""The dash of each line: they differ without colour, since colour means layer."""
PATHS = 40_000
_APART = 1.8
"""Two labels do not touch when their heights, in microseconds, differ by this factor."""


def record(name: str = "curve.json") -> dict[str, Any]:
    """Return what ``sim bench --curve`` wrote: ``machine``, ``unit`` and ``rows``; here, one a number of layers."""
    text = resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def cost_curve(recorded: dict[str, Any] | None = None, *, lang: str = "en", projector: bool = False) -> Picture:
    """Draw what one lookup costs when layers are added.

    Parameters
    ----------
    recorded : dict, optional
        What ``sim bench union --curve`` wrote; the record of this package otherwise.

    Raises
    ------
    ModuleNotFoundError
        There is no matplotlib.
    """
    layers, lines = _lines(recorded)
    title = t("curve.title", lang)

    heights, lowest = dict[str, float](), 0.0
    for name in sorted(lines, key=lambda name: lines[name][-1]):
        lowest = heights[name] = max(lines[name][-1], lowest * _APART)

    def plot(axes: Any) -> None:
        axes.set_xscale("log")
        axes.set_yscale("log")
        for name, costs in lines.items():
            axes.plot(
                layers, costs, linestyle=LINES[name], clip_on=False,
                color=LIGHT["ink" if name in ("index", "lookup") else "muted"],
                linewidth=2.6 if name == "index" else 1.4,
            )
            axes.annotate(
                t(f"curve.{name}", lang), (layers[-1], heights[name]), xytext=(10, 0), textcoords="offset points",
                va="center", color=LIGHT["ink" if name in ("index", "lookup") else "muted"], annotation_clip=False,
                weight="bold" if name == "index" else "normal",
            )
        axes.set_xlim(layers[0], layers[-1] * 6)
        axes.set_xticks(layers, [str(n) for n in layers])
        axes.minorticks_off()
        costs = [cost for line in lines.values() for cost in line]
        ticks = [10.0**power for power in range(-1, 5) if min(costs) / 3 < 10.0**power < max(costs) * 3]
        axes.set_yticks(ticks, [f"{tick:g} µs" for tick in ticks])
        axes.tick_params(axis="x", colors=LIGHT["ink"], pad=6)
        axes.set_position([axes.get_position().x0, 0.12, axes.get_position().width, axes.get_position().height - 0.09])
        axes.annotate(
            t("curve.layers", lang), (1, 0), xycoords="axes fraction", xytext=(0, -18), textcoords="offset points",
            ha="right", color=LIGHT["muted"],
        )

    words = [
        t("curve.words", lang, what=t(f"curve.{name}", lang), first=_short(costs[0]), last=_short(costs[-1]),
          least=layers[0], most=layers[-1])
        for name, costs in lines.items()
    ]
    how = t("curve.how", lang, paths=f"{PATHS:,}")
    table = cost_table(recorded, lang=lang)
    return chart(plot, title, how, 420, sentences(lang, title, *words), table, lang, projector=projector)


def cost_table(recorded: dict[str, Any] | None = None, *, lang: str = "en") -> Table:
    """Return the same as a table, in microseconds; a row for each number of layers."""
    layers, lines = _lines(recorded)
    head = (t("curve.layers", lang), *(t("curve.unit", lang, what=t(f"curve.{name}", lang)) for name in lines))
    rows = tuple((str(n), *(_short(costs[place]) for costs in lines.values())) for place, n in enumerate(layers))
    return Table(t("curve.title", lang), head, rows)


def _lines(recorded: dict[str, Any] | None) -> tuple[list[int], dict[str, list[float]]]:
    rows = (recorded or record())["rows"]
    lines = {name: [row[name] for row in rows] for name in LINES if all(row[name] for row in rows)}
    return [row["layers"] for row in rows], lines


def _short(microseconds: float) -> str:
    return f"{microseconds:.2g}" if microseconds < 10 else f"{microseconds:.0f}"

"""Charts of many: what a growing collection of images shares, and what caches in front of a registry hit.

Both are computed when they are asked for, on collections and requests made up by a seed: the same on every machine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from ..dedup.corpus.population import HUB_2017
from ..dedup.corpus.replay import Policy, Replay, replays
from ..dedup.corpus.synthetic import Census, census
from ..dedup.corpus.traces import trace
from .charts import chart
from .prompts import Words
from .style import LIGHT
from .svg import Picture, Table
from .text import sentences, t

REQUESTS = 40_000
SHARES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
"""Sizes of caches, as parts of all blobs."""
IMAGES = (10, 25, 50, 100, 200)
"""Where the growing collection is looked at."""
DASHES: dict[str, Any] = {
    "layers": "-", "files": (0, (7, 2)), "lru": "-", "fifo": (0, (4, 1.5)), "lfu": (0, (1, 1.5)), "best": (0, (1, 4)),
}
"""The dash of each line: they differ without colour, since colour means layer."""


@dataclass(frozen=True, slots=True)
class Lines:
    """A chart's numbers and how they are written.

    Attributes
    ----------
    xs : tuple of float
    ys : mapping of str to tuple of float
        By the line's name, a key of `DASHES`.
    x_words, y_words : callable
        Write a number of either axis.
    """

    xs: tuple[float, ...]
    ys: Mapping[str, tuple[float, ...]]
    x_words: Callable[[float], str]
    y_words: Callable[[float], str]


@dataclass(frozen=True, slots=True)
class Said:
    """A chart's words: its title, how to read it, the first column of its table, its axis, the answer."""

    title: str
    how: str
    first: str
    axis: str
    words: Sequence[str]


@cache
def counted() -> tuple[Census, ...]:
    """Return what a collection with Docker Hub's shapes shares as it grows."""
    return census(HUB_2017, IMAGES[-1], IMAGES)


def growth_picture(lang: str) -> Picture | Words:
    """Chart what keeping each layer once saves, and each file of those layers once, as a collection grows."""
    found = counted()
    lines = Lines(
        tuple(map(float, IMAGES)),
        {"layers": tuple(one.layers.ratio for one in found), "files": tuple(one.files.ratio for one in found)},
        lambda x: f"{x:g}", lambda y: f"{y:.2f}x",
    )
    names = {key: t(f"grow.{key}", lang) for key in lines.ys}
    said = Said(t("grow.title", lang), t("grow.how", lang, population=HUB_2017.name), t("column.images", lang),
                t("grow.axis", lang), [t("grow.words", lang, **one) for one in _ends(lines, names)])  # fmt: skip
    return _shown(lines, names, said, lang)


@cache
def cache_hits() -> tuple[tuple[int, ...], dict[Policy, tuple[Replay, ...]]]:
    """Return the requests, and what caches of each kind and size made of them."""
    asked = trace(REQUESTS)
    return asked, {policy: replays(asked, SHARES, policy) for policy in Policy}


def cache_picture(lang: str) -> Picture | Words:
    """Chart the hits of caches by size and kind."""
    asked, found = cache_hits()
    lines = Lines(
        tuple(100 * part for part in SHARES),
        {str(policy): tuple(100 * one.hit_ratio for one in made) for policy, made in found.items()},
        lambda x: f"{x:g} %", lambda y: f"{y:.0f} %",
    )
    names = {str(policy): t("cache.best", lang) if policy is Policy.BEST else policy.name for policy in found}
    how = t("cache.how", lang, requests=f"{len(asked):,}", distinct=f"{len(set(asked)):,}")
    said = Said(t("cache.title", lang), how, t("column.cache", lang), t("cache.axis", lang),
                [t("cache.words", lang, **one) for one in _ends(lines, names)])  # fmt: skip
    return _shown(lines, names, said, lang)


def _ends(lines: Lines, names: Mapping[str, str]) -> list[dict[str, str]]:
    """Return for each line what a sentence says of it: its first and its last value."""
    return [
        {"what": names[name], "least": f"{lines.xs[0]:g}", "most": f"{lines.xs[-1]:g}",
         "first": lines.y_words(ys[0]), "last": lines.y_words(ys[-1])}
        for name, ys in lines.ys.items()
    ]  # fmt: skip


def _shown(lines: Lines, names: Mapping[str, str], said: Said, lang: str) -> Picture | Words:
    rows = tuple(
        (lines.x_words(x), *(lines.y_words(ys[place]) for ys in lines.ys.values())) for place, x in enumerate(lines.xs)
    )
    table = Table(said.title, (said.first, *(names[name] for name in lines.ys)), rows)
    try:
        return chart(lambda axes: _plot(axes, lines, names, said.axis), said.title, said.how, 420,
                     sentences(lang, said.title, *said.words), table, lang)  # fmt: skip
    except ModuleNotFoundError:
        return Words(table.html(), table.plain())


def _plot(axes: Any, lines: Lines, names: Mapping[str, str], below: str) -> None:
    axes.set_xscale("log")
    values = [y for ys in lines.ys.values() for y in ys]
    low, high = min(values), max(values)
    room = (high - low) or 1.0
    first, last = ([ys[place] for ys in lines.ys.values()] for place in (0, -1))
    # Labels stand at the end at which the lines are apart.
    right = max(last) - min(last) >= max(first) - min(first)
    end = -1 if right else 0
    for name, ys in lines.ys.items():
        axes.plot(lines.xs, ys, linestyle=DASHES[name], color=LIGHT["ink"], linewidth=1.8, clip_on=False)
    for name, at in _apart({name: ys[end] for name, ys in lines.ys.items()}, room / 12).items():
        axes.annotate(names[name], (lines.xs[end], at), xytext=(10 if right else -10, 0), textcoords="offset points",
                      va="center", ha="left" if right else "right", annotation_clip=False)  # fmt: skip
    wide = (lines.xs[-1] / lines.xs[0]) ** 0.4
    axes.set_xlim(lines.xs[0] / (1 if right else wide), lines.xs[-1] * (wide if right else 1.02))
    axes.set_xticks(lines.xs, [lines.x_words(x) for x in lines.xs])
    axes.minorticks_off()
    ticks = _ticks(low, high)
    axes.set_yticks(ticks, [lines.y_words(tick) for tick in ticks])
    axes.set_ylim(min(ticks), max(high, *ticks) + room / 20)
    axes.tick_params(axis="x", colors=LIGHT["ink"], pad=6)
    place = axes.get_position()
    axes.set_position([place.x0, 0.17, place.width, place.height - 0.14])
    axes.annotate(below, (1, 0), xycoords="axes fraction", xytext=(0, -40), textcoords="offset points", ha="right",
                  color=LIGHT["muted"])  # fmt: skip


def _apart(heights: Mapping[str, float], least: float) -> dict[str, float]:
    """Return where labels stand so that none covers another, the lowest first."""
    found = dict[str, float]()
    lowest = float("-inf")
    for name, height in sorted(heights.items(), key=lambda item: item[1]):
        lowest = found[name] = max(height, lowest + least)
    return found


def _ticks(low: float, high: float) -> Sequence[float]:
    step = next(step for step in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100) if (high - low) / step <= 7)
    first = int(low / step)
    return [round(step * n, 6) for n in range(first, int(high / step) + 2) if step * n <= high + step / 2]

"""Strips: segments side by side on one line, each with its words on it or below it on a leader.

    [firmw][ GRUB reads /boot ][  hand-over  ][##]        a segment as long as what it stands for
              |                                 |         where the words do not fit, a leader leads to them;
         boot sector                     rootfs, rw       rows are added until no words and no leader meet

Time and memory are both drawn so: the one from 0 to the end, the other in places that do not move when something
is freed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from .svg import Drawing, fit, measure

EDGE = 16
"""No label comes nearer to the right edge of the canvas, in pixels."""
ROW = 20
"""Height of a row of labels, in pixels."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One piece of a strip.

    Attributes
    ----------
    start, length : float
        In the unit of the strip.
    words : tuple of str
        What it is, the longest form first; the last may be cut.
    style : str
        Class of its mark; "" keeps its place and draws nothing.
    """

    start: float
    length: float
    words: tuple[str, ...]
    style: str


def strip(
    drawing: Drawing, x: float, y: float, width: float, height: float, segments: Sequence[Segment], whole: float
) -> float:
    """Draw segments on a line that stands for 0 to `whole`; return the y below their labels.

    Parameters
    ----------
    x, y, width, height : float
        Of the strip without its labels, in pixels.
    whole : float
        What the width stands for, in the unit of the segments.
    """
    unit = width / (whole or 1)
    outside: list[tuple[Segment, float, str]] = []
    for segment in segments:
        long = max(segment.length * unit, 3)
        inside = next((word for word in segment.words if measure(word) <= long - 6), None)
        if inside is None:
            middle = x + segment.start * unit + long / 2
            outside.append((segment, middle, fit(segment.words[0], drawing.width - 2 * x)))
        if segment.style and inside is not None:
            drawing.box(x + segment.start * unit, y, long, height, segment.style, [inside])
        elif segment.style:
            drawing.rect(x + segment.start * unit, y, long, height, segment.style, word=segment.words[0], rounded=2)
    places = placed([(middle, measure(word)) for _, middle, word in outside], x, drawing.width - EDGE)
    rows = 1 + max((row for _, row in places), default=-1)
    for (segment, middle, word), (start, row) in zip(outside, places, strict=True):
        if segment.style:
            base = y + height + 22 + ROW * row
            drawing.line([(middle, y + height), (middle, base - 14)])
            drawing.text(start, base, word, "muted")
    return y + height + (8 + ROW * rows if rows else 0)


def placed(labels: Sequence[tuple[float, float]], low: float, high: float) -> list[tuple[float, int]]:
    """Return for each label (middle, width) where it starts and in which row, 0 the highest.

    Its leader falls from the strip at `middle`; no label meets another or, if that can be, another's leader.

    Examples
    --------
    >>> placed([(10, 60), (20, 60)], 0, 100)
    [(10, 1), (20, 0)]
    """
    tries = (
        _tried(labels, low, high, split, first, centred)
        for split in range(len(labels) + 1) for first in ("left", "right") for centred in (True, False)
    )
    return min(filter(None, tries), key=_rows, default=None) or _tried(labels, low, high, 0, "left", False, False)


def _rows(places: Sequence[tuple[float, int]]) -> tuple[int, int]:
    return max(row for _, row in places), sum(row for _, row in places)


def _tried(
    labels: Sequence[tuple[float, float]], low: float, high: float, split: int, first: str, centred: bool,
    strict: bool = True,
) -> list[tuple[float, int]]:
    """Place the labels before `split` to the right of their leaders and the others to the left, each as high as it
    can be; nothing where one finds no place."""
    # Each group from its middle outwards: a label then covers only leaders of labels that hang higher.
    groups = [range(split)[::-1], range(split, len(labels))]
    done: dict[int, tuple[float, float, float, int]] = {}
    for number in chain(*(groups if first == "left" else groups[::-1])):
        middle, width = labels[number]
        side = middle if number < split else middle - width
        starts = [middle - width / 2, side] if centred else [side]
        options = ((min(max(start, low), high - width), row) for row in range(len(labels) + 1) for start in starts)
        place = next((
            (start, row) for start, row in options
            if all(_apart(start, row, width, middle, other, strict) for other in done.values())
        ), None)
        if place is None:
            return []
        done[number] = (place[0], place[0] + width, middle, place[1])
    return [(done[number][0], done[number][3]) for number in range(len(labels))]


def _apart(
    start: float, row: int, width: float, middle: float, other: tuple[float, float, float, int], strict: bool
) -> bool:
    left, right, its_middle, its_row = other
    if row == its_row:
        return start > right + 12 or start + width < left - 12
    if row > its_row:  # My leader passes its row.
        return not strict or not left < middle < right
    return not strict or not start < its_middle < start + width

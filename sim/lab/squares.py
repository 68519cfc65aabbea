"""Squares: how a rectangle is divided into parts with given areas, each as near to a square as it can be.

    +--------+-----+----+      the largest first, in rows along the shorter side; a row takes one part more as long as
    |        |  3  | 4  |      that makes its worst part squarer
    |   1    +-----+-+--+
    |        |   5   |6 |      Bruls, Huizing and van Wijk, "Squarified Treemaps" (VisSym 2000)
    +--------+-------+--+
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle, in pixels."""

    x: float
    y: float
    width: float
    height: float

    @property
    def area(self) -> float:
        """Square pixels."""
        return self.width * self.height

    def inner(self, top: float, edge: float) -> Box:
        """Return what is left of it below a strip and inside a margin."""
        return Box(self.x + edge, self.y + top, max(0.0, self.width - 2 * edge), max(0.0, self.height - top - edge))


def squarified(sizes: Sequence[float], box: Box) -> list[Box]:
    """Divide a rectangle.

    Parameters
    ----------
    sizes : sequence of float
        Positive, the largest first.
    box : Box

    Returns
    -------
    list of Box
        One a size, in the order given; together they fill the rectangle.

    Examples
    --------
    >>> squarified([6, 6, 4], Box(0, 0, 4, 4))[0]
    Box(x=0, y=0.0, width=3.0, height=2.0)
    """
    unit = box.area / (sum(sizes) or 1)
    return list(_rows([size * unit for size in sizes], box))


def _rows(areas: Sequence[float], box: Box) -> Iterator[Box]:
    start = 0
    while start < len(areas):
        side = min(box.width, box.height)
        end, total = start + 1, areas[start]
        worst = _worst(areas[start], areas[start], total, side)
        while end < len(areas):
            wider = _worst(areas[start], areas[end], total + areas[end], side)
            if wider > worst:
                break
            worst, total, end = wider, total + areas[end], end + 1
        yield from _row(areas[start:end], total, box)
        box = _left(total, box)
        start = end


def _worst(largest: float, least: float, total: float, side: float) -> float:
    """Return the largest ratio of sides in a row along `side`; a row is thick by its total over that side."""
    thick = total / side if side else 0.0
    return max(_ratio(thick, largest), _ratio(thick, least))


def _ratio(thick: float, area: float) -> float:
    square = thick * thick
    return max(square / area, area / square) if square and area else float("inf")


def _row(areas: Sequence[float], total: float, box: Box) -> Iterator[Box]:
    upright = box.width >= box.height
    side = box.height if upright else box.width
    thick, at = (total / side if side else 0.0), 0.0
    for area in areas:
        long = side * area / total if total else 0.0
        yield Box(box.x, box.y + at, thick, long) if upright else Box(box.x + at, box.y, long, thick)
        at += long


def _left(total: float, box: Box) -> Box:
    if box.width >= box.height:
        thick = total / box.height if box.height else 0.0
        return Box(box.x + thick, box.y, max(0.0, box.width - thick), box.height)
    thick = total / box.width if box.width else 0.0
    return Box(box.x, box.y + thick, box.width, max(0.0, box.height - thick))

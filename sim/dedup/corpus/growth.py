"""Growth: what a collection stores when every distinct item is kept once, image after image.

    images      1    2    3   ...   n
    used        all bytes that the images name, counted wherever they are used
    kept        the distinct ones
    ratio       used / kept: flat when nothing repeats, rising when new images repeat old content

The curve depends on the order in which images come, its end does not. `mean_growth` takes the mean of the ratios over
many orders, drawn by a seed.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

from ..sharing import Share
from .draws import shuffled

Item = tuple[Hashable, int]
"""What is kept once, such as a digest, and its bytes."""


@dataclass(frozen=True, slots=True)
class Point:
    """A collection of so many images, and what it shares."""

    images: int
    share: Share

    @property
    def ratio(self) -> float:
        """Bytes used over bytes kept."""
        return self.share.ratio


def growth(images: Iterable[Iterable[Item]], at: Iterable[int] | None = None) -> tuple[Point, ...]:
    """Return what images share as one after the other is added.

    Parameters
    ----------
    images : iterable of iterables of (name, bytes)
        Each image's items: layers, files or chunks.
    at : iterable of int, optional
        Numbers of images to stop at; every number by default. Those beyond the last image are left out.

    Examples
    --------
    >>> curve = growth([[("base", 60), ("app", 20)], [("base", 60), ("tool", 20)]])
    >>> [(point.images, point.share.total_bytes, point.share.unique_bytes) for point in curve]
    [(1, 80, 80), (2, 160, 100)]
    >>> curve[-1].ratio
    1.6
    """
    wanted = None if at is None else set(at)
    kept: set[Hashable] = set()
    used = unique = count = 0
    found = []
    for number, items in enumerate(images, start=1):
        for name, size in items:
            used += size
            count += 1
            if name not in kept:
                kept.add(name)
                unique += size
        if wanted is None or number in wanted:
            found.append(Point(number, Share(used, unique, count, len(kept))))
    return tuple(found)


def mean_growth(
    images: Sequence[Sequence[Item]], at: Sequence[int], *, orders: int = 200, seed: int = 1
) -> tuple[float, ...]:
    """Return the mean ratio at some numbers of images, over orders drawn by lot.

    Parameters
    ----------
    images : sequence of sequences of (name, bytes)
    at : sequence of int
        Ascending, at most as many as there are images.
    orders : int
        How many.
    seed : int

    Examples
    --------
    >>> mean_growth([[("a", 1)], [("a", 1)], [("b", 1)]], (1, 3))
    (1.0, 1.5)
    """
    curves = [growth(shuffled(images, seed + which), at) for which in range(orders)]
    return tuple(sum(point.ratio for point in points) / orders for points in zip(*curves, strict=True))

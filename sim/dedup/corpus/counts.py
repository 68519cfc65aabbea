"""Counts of an index: what its images share of one unit, files or chunks, so that a new image costs its own names.

    growth   image: what it uses, and what of that no image before it has     the curve: their running sums
    layer    layer: what it uses; one that has come before brings no new names
    names    all names until now (names.py)

The images that are counted are the first ones, in the order of coming, up to `last`; others wait until somebody asks.
Many are counted together, since looking up many names at once costs less than one image's after another.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from itertools import accumulate

from ..sharing import Share
from .growth import Point
from .names import Names

Items = Callable[[int], Iterable[tuple[bytes, int]]]
"""Returns the names and bytes in a layer."""

AT_ONCE = 1 << 20
"""Names that are looked up together, about: 200 MB of memory."""
_TABLES = """
create table if not exists {unit}_growth (
    image integer primary key, bytes integer not null, new_bytes integer not null, count integer not null,
    new_count integer not null
);
create table if not exists {unit}_layer (layer integer primary key, bytes integer not null, count integer not null)
"""


class Counts:
    """The counts of one unit in a database; whoever changes them does it in a transaction."""

    def __init__(self, database: sqlite3.Connection, unit: str) -> None:
        self._database = database
        self._unit = unit

    def prepare(self) -> None:
        """Make the tables where there are none."""
        for statement in _TABLES.format(unit=self._unit).split(";"):
            self._database.execute(statement)
        Names(self._database, f"{self._unit}_names", 0).prepare()

    @property
    def last(self) -> int:
        """The number of the last image that is counted, 0 where none is."""
        return int(self._database.execute(f"select coalesce(max(image), 0) from {self._unit}_growth").fetchone()[0])

    def points(self) -> tuple[Point, ...]:
        """Return the curve of the images that are counted."""
        rows = self._database.execute(
            f"select bytes, new_bytes, count, new_count from {self._unit}_growth order by image"
        )
        sums = accumulate(rows, lambda total, row: tuple(map(int.__add__, total, row)))
        return tuple(Point(images, Share(*found)) for images, found in enumerate(sums, start=1))

    def forget(self) -> None:
        """Begin anew before the first image."""
        for table in ("growth", "layer", "names"):
            self._database.execute(f"delete from {self._unit}_{table}")

    def take(self, images: Iterable[tuple[int, list[int]]], items: Items) -> None:
        """Count the next images: as many as have `AT_ONCE` names, one at least.

        Parameters
        ----------
        images : iterable of (int, list of int)
            The number of each, all after `last`, and of each of its layers.
        items : callable
            Asked for a layer that has not come before.
        """
        names = self._names()
        counted: dict[int, list[int]] = {}
        waiting: dict[bytes, tuple[list[int], int]] = {}
        for image, layers in images:
            row = counted[image] = [0, 0, 0, 0]
            full = False
            for layer in layers:
                for place, used in enumerate(self._layer(layer, row, items, waiting)):
                    row[2 * place] += used
                if len(waiting) >= AT_ONCE:
                    _look_up(waiting, names)
                    full = True
            if full:
                break
        _look_up(waiting, names)
        self._database.executemany(
            f"insert into {self._unit}_growth values (?, ?, ?, ?, ?)", [(image, *row) for image, row in counted.items()]
        )

    def check(self) -> None:
        """Read all names; `BrokenNames` where they are damaged, or not as many as the images have brought."""
        self._names().check()

    def _names(self) -> Names:
        (count,) = self._database.execute(f"select coalesce(sum(new_count), 0) from {self._unit}_growth").fetchone()
        return Names(self._database, f"{self._unit}_names", count)

    def _layer(
        self, layer: int, row: list[int], items: Items, waiting: dict[bytes, tuple[list[int], int]]
    ) -> tuple[int, int]:
        """Return a layer's bytes and how many items it has; if it is new, its names wait to be counted in a row."""
        known = self._database.execute(
            f"select bytes, count from {self._unit}_layer where layer = ?", [layer]
        ).fetchone()
        if known is not None:
            return int(known[0]), int(known[1])
        used = count = 0
        for name, size in items(layer):
            used += size
            count += 1
            if name not in waiting:
                waiting[name] = (row, size)
        self._database.execute(f"insert into {self._unit}_layer values (?, ?, ?)", [layer, used, count])
        return used, count


def _look_up(waiting: dict[bytes, tuple[list[int], int]], names: Names) -> None:
    """Count the names that are new in the rows of the images that brought them; none waits any more."""
    for name in names.add(waiting):
        row, size = waiting[name]
        row[1] += size
        row[3] += 1
    waiting.clear()

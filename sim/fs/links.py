"""Hard links as numbers: two names of one inode are two equal entries with the same `inode`.

The numbers say who belongs together and nothing else, so they are comparable once they are given in one way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from .entry import Entry


def renumbered(entries: Mapping[str, Entry]) -> dict[str, Entry]:
    """Number hard links from 1 in the order of their first names; an inode with one name gets 0.

    Two sets of entries that differ only in their numbers become equal when they are in the same order.

    Examples
    --------
    >>> from sim.fs.entry import Kind
    >>> twin, lone = Entry(Kind.FIFO, 0o644, inode=7), Entry(Kind.FIFO, 0o644, inode=3)
    >>> [entry.inode for entry in renumbered({"a": lone, "b": twin, "c": twin}).values()]
    [0, 1, 1]
    """
    names = Counter(entry.inode for entry in entries.values() if entry.inode)
    numbers, last = {0: 0}, 0
    for entry in entries.values():
        if entry.inode not in numbers:
            numbers[entry.inode] = 0 if names[entry.inode] == 1 else (last := last + 1)
    return {
        path: entry if entry.inode == numbers[entry.inode] else replace(entry, inode=numbers[entry.inode])
        for path, entry in entries.items()
    }

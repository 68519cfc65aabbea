"""What a path was, version by version: a chain that is only ever added to.

    etc/motd:   (5, None) ----> (3, entry) ----> (1, entry)        newest first; None: not there since
                    \\______________________________^               a jump

A cell is never changed, so chains share their tails, and whoever holds a cell holds a whole past. The state
at version k is the newest cell that is not newer than k. Most paths have one cell and are answered by the
first look. For the others every cell also holds a jump (Myers, "An applicative random-access stack", 1983),
by which a chain of n cells is searched in O(log n) steps and extended in one.
"""

from __future__ import annotations

from typing import Any

Cell = tuple[int, Any, Any, Any, int]
"""(version, value, older cell or None, jump cell or None, cells in the chain)."""


def newer(version: int, value: object, older: Cell | None) -> Cell:
    """Return a chain with a new state on top.

    Examples
    --------
    >>> chain = newer(3, "new", newer(1, "old", None))
    >>> chain[:2], chain[2][:2]
    ((3, 'new'), (1, 'old'))
    """
    if older is None:
        return (version, value, None, None, 1)
    jump = older[3]
    # Two jumps of equal length in a row are joined to one; else a step is the only jump.
    if jump is not None and jump[3] is not None and older[4] - jump[4] == jump[4] - jump[3][4]:
        return (version, value, older, jump[3], older[4] + 1)
    return (version, value, older, older, older[4] + 1)


def as_of(cell: Cell | None, version: int) -> Cell | None:
    """Return the newest cell that is not newer than a version.

    Examples
    --------
    >>> chain = newer(9, "c", newer(4, "b", newer(2, "a", None)))
    >>> [(as_of(chain, version) or "-")[1:2] for version in (9, 8, 3, 2)]
    [('c',), ('b',), ('a',), ('a',)]
    >>> as_of(chain, 1) is None
    True
    """
    while cell is not None and cell[0] > version:
        jump = cell[3]
        cell = jump if jump is not None and jump[0] > version else cell[2]
    return cell

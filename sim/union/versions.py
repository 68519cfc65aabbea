"""What a path was, version by version: a chain that only ever grows.

    etc/motd:   (1, entry, 3, entry, 5, None)       version, state, version, state ...; None: not there

The state at version k is the one of the newest version that is at most k. Most paths have one version, and the
first look answers; else the last version is looked at, else the chain is searched by halves. A chain
of one version is a tuple; it becomes a list when it grows, so that it grows in place: nothing that was
ever written in it changes, so whoever looks at it as of version k sees what he saw before. A reader takes the length
once and looks at fixed places, so another thread may append at the same time.
"""

from __future__ import annotations

from typing import Any

Chain = tuple[Any, ...] | list[Any]


def place(chain: Chain | None, version: int) -> int:
    """Return where in a chain the state at a version stands; 0 where there is none yet.

    Examples
    --------
    >>> chain = (2, "a", 4, "b", 9, "c")
    >>> [chain[place(chain, version)] for version in (2, 3, 4, 8, 9, 10)]
    ['a', 'a', 'b', 'b', 'c', 'c']
    >>> place(chain, 1), place(None, 1)
    (0, 0)
    """
    if chain is None:
        return 0
    length = len(chain)
    if chain[length - 2] <= version:
        return length - 1
    low, high = 0, length // 2 - 1
    while low < high:
        middle = (low + high) // 2
        if chain[2 * middle] <= version:
            low = middle + 1
        else:
            high = middle
    return 2 * low - 1 if low else 0


def cut(chain: Chain | None, version: int) -> Chain | None:
    """Return a chain as it was at a version: itself where nothing came later, a part of it, or None.

    Examples
    --------
    >>> cut([2, "a", 4, "b"], 3), cut((2, "a"), 1)
    ([2, 'a'], None)
    """
    at = place(chain, version)
    if chain is None or not at:
        return None
    return chain if at == len(chain) - 1 else chain[: at + 1]

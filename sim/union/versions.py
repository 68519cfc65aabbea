"""What a path was, version by version: a chain that only ever grows.

    etc/motd:   (5, None, [1, entry, 3, entry])      the newest version and its state; before it, oldest first,
    etc/hosts:  (2, entry)                           the others. None: not there

The state at version k is that of the newest version that is at most k: for most paths and most k the first
look answers, else the others are searched by halves. The tuple is replaced when a chain grows, the list grows in
place and nothing in it changes, so who looks as of version k sees what he saw before, whatever is
written meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Chain = tuple[Any, ...]


def newer(chain: Chain | None, version: int, state: object, shared: bool = False) -> Chain:
    """Return a chain grown by a version; `shared` if the old one must be able to grow otherwise, too.

    Examples
    --------
    >>> newer(newer(None, 1, "a"), 4, "b")
    (4, 'b', [1, 'a'])
    """
    if chain is None:
        return (version, state)
    if len(chain) == 2:
        return (version, state, [*chain])
    before = chain[2][:] if shared else chain[2]
    before += chain[:2]
    return (version, state, before)


def as_of(chain: Chain | None, version: int) -> Chain | None:
    """Return (version, state, ...) of the newest version that is at most `version`, or None.

    Examples
    --------
    >>> chain = (9, "c", [2, "a", 4, "b"])
    >>> [as_of(chain, version)[1] for version in (2, 3, 4, 8, 9)]
    ['a', 'a', 'b', 'b', 'c']
    >>> as_of(chain, 1) is None
    True
    """
    if chain is None or chain[0] <= version:
        return chain
    if len(chain) == 2:
        return None
    before = chain[2]
    low, high = 0, len(before) // 2
    while low < high:
        middle = (low + high) // 2
        if before[2 * middle] <= version:
            low = middle + 1
        else:
            high = middle
    return (before[2 * low - 2], before[2 * low - 1]) if low else None


def cut(chain: Chain | None, version: int) -> Chain | None:
    """Return a chain as it was at a version; None where it had not begun.

    Examples
    --------
    >>> cut((9, "c", [2, "a", 4, "b"]), 5)
    (4, 'b', [2, 'a'])
    """
    found = as_of(chain, version)
    if chain is None or found is None or found is chain:
        return chain if found is chain else None
    before = chain[2]
    end = next(at for at in range(len(before) - 2, -1, -2) if before[at] == found[0])
    return (*found, before[:end]) if end else found


def back(chain: Chain | None, version: int) -> Iterator[tuple[int, Any]]:
    """Yield (version, state) from a version back, newest first.

    Examples
    --------
    >>> list(back((9, "c", [2, "a", 4, "b"]), 5))
    [(4, 'b'), (2, 'a')]
    """
    if chain is None:
        return
    if chain[0] <= version:
        yield chain[0], chain[1]
    before = chain[2] if len(chain) > 2 else ()
    for at in range(len(before) - 2, -1, -2):
        if before[at] <= version:
            yield before[at], before[at + 1]

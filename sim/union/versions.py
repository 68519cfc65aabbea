"""What a path was, version by version: a chain that only ever grows.

    etc/motd:   (5, None, [1, 3], [entry, entry])    the newest version and its state; before it, oldest first,
    etc/hosts:  (2, entry)                           the other versions, and their states. None: not there

The state at version k is that of the newest version that is at most k: for most paths and most k the first
look answers, else the others are searched by halves. The tuple is replaced when a chain grows, the lists grow in
place and nothing in them changes, so who looks as of version k sees what he saw before, whatever is
written meanwhile.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from typing import Any

Chain = tuple[Any, ...]


def newer(chain: Chain | None, version: int, state: object, shared: bool = False) -> Chain:
    """Return a chain grown by a version; `shared` if the old one must be able to grow otherwise, too.

    Examples
    --------
    >>> newer(newer(None, 1, "a"), 4, "b")
    (4, 'b', [1], ['a'])
    """
    if chain is None:
        return (version, state)
    if len(chain) == 2:
        return (version, state, [chain[0]], [chain[1]])
    versions, states = (copied(chain) if shared else chain)[2:]
    # The state first: what has no version yet is not seen, should this be interrupted here.
    states.append(chain[1])
    versions.append(chain[0])
    return (version, state, versions, states)


def as_of(chain: Chain | None, version: int) -> Chain | None:
    """Return (version, state, ...) of the newest version that is at most `version`, or None.

    Examples
    --------
    >>> chain = (9, "c", [2, 4], ["a", "b"])
    >>> [as_of(chain, version)[1] for version in (2, 3, 4, 8, 9)]
    ['a', 'a', 'b', 'b', 'c']
    >>> as_of(chain, 1) is None
    True
    """
    if chain is None or chain[0] <= version:
        return chain
    if len(chain) == 2:
        return None
    at = bisect_right(chain[2], version) - 1
    return None if at < 0 else (chain[2][at], chain[3][at])


def cut(chain: Chain | None, version: int) -> Chain | None:
    """Return a chain as it was at a version; None where it had not begun.

    Examples
    --------
    >>> cut((9, "c", [2, 4], ["a", "b"]), 5)
    (4, 'b', [2], ['a'])
    """
    if chain is None or chain[0] <= version:
        return chain
    found = as_of(chain, version)
    if found is None or found[0] == chain[2][0]:
        return found
    end = bisect_right(chain[2], found[0] - 1)
    return (*found, chain[2][:end], chain[3][:end])


def copied(chain: Chain) -> Chain:
    """Return an equal chain that grows by itself."""
    return chain if len(chain) == 2 else (*chain[:2], chain[2][:], chain[3][: len(chain[2])])


def back(chain: Chain | None, version: int) -> Iterator[tuple[int, Any]]:
    """Yield (version, state) from a version back, newest first.

    Examples
    --------
    >>> list(back((9, "c", [2, 4], ["a", "b"]), 5))
    [(4, 'b'), (2, 'a')]
    """
    if chain is None:
        return
    if chain[0] <= version:
        yield chain[0], chain[1]
    if len(chain) > 2:
        for at in range(bisect_right(chain[2], version) - 1, -1, -1):
            yield chain[2][at], chain[3][at]

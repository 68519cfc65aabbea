"""DiffID and ChainID: the two names that a layer has besides the digest of its blob.

    layer digest   the compressed blob                   changes with the compressor
    DiffID         the uncompressed tar                  changes with the content alone
    ChainID        this layer ON its parents             names the snapshot, so shared prefixes are shared

(image-spec, config.md, "Layer DiffID" and "Layer ChainID".)  The three are distinct types: where one is wanted,
another is a type error and never compares equal.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..content.digest import Digest


@dataclass(frozen=True, slots=True)
class DiffID(Digest):
    """Digest of a layer's uncompressed tar."""

    __str__ = Digest.__str__


@dataclass(frozen=True, slots=True)
class ChainID(Digest):
    """Digest of a whole stack of layers, base first."""

    __str__ = Digest.__str__


def chain_ids(diff_ids: Iterable[DiffID]) -> tuple[ChainID, ...]:
    """Return the ChainID of every prefix of a stack, base first.

    ``chain(1) = diff(1)``; ``chain(n) = sha256(chain(n-1) + " " + diff(n))``.

    Examples
    --------
    >>> one, two = DiffID.of(b"base"), DiffID.of(b"top")
    >>> first, second = chain_ids([one, two])
    >>> first.hex == one.hex, second == ChainID.of(f"{one} {two}".encode())
    (True, True)
    """
    found: list[ChainID] = []
    for diff_id in diff_ids:
        if found:
            found.append(ChainID.of(f"{found[-1]} {diff_id}".encode("ascii")))
        else:
            found.append(ChainID(diff_id.algorithm, diff_id.hex))
    return tuple(found)

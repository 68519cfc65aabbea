"""Prints: a stream's chunks by name and size, which is all that deduplication asks of them."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

from .chunking import Feeder, Rule, cutter

NAME_BYTES = 16
"""Bytes of SHA-256 that name a chunk: two of 2**32 different ones, 32 TB of them, share a name once in 2**65 times."""


@dataclass(frozen=True, slots=True)
class Chunks:
    """The chunks of one stream, in order, packed: 20 bytes each.

    Attributes
    ----------
    names : bytes
        `NAME_BYTES` of each chunk's SHA-256.
    packed : bytes
        Bytes of each chunk, as unsigned integers of 4 bytes in this machine's order.

    Examples
    --------
    >>> two = Chunks(bytes(2 * NAME_BYTES), array("I", [300, 7]).tobytes())
    >>> len(two), list(two.sizes)
    (2, [300, 7])
    """

    names: bytes = b""
    packed: bytes = b""

    @property
    def sizes(self) -> memoryview:
        """Bytes of each chunk."""
        return memoryview(self.packed).cast("I")

    def since(self, number: int) -> Chunks:
        """Return the chunks from a number on (0 for the first)."""
        return Chunks(self.names[number * NAME_BYTES :], self.packed[number * 4 :])

    def __len__(self) -> int:
        return len(self.packed) // 4

    def __iter__(self) -> Iterator[tuple[bytes, int]]:
        """Yield (name, size) of each chunk."""
        names = self.names
        return ((names[at * NAME_BYTES : (at + 1) * NAME_BYTES], size) for at, size in enumerate(self.sizes))


def printed(chunks: Sequence[bytes | memoryview]) -> Chunks:
    """Name chunks.

    Examples
    --------
    >>> [(size, name[:2].hex()) for name, size in printed([bytes(256), b"hello"])]
    [(256, '5341'), (5, '2cf2')]
    """
    sha256 = hashlib.sha256
    return Chunks(
        b"".join([sha256(chunk).digest()[:NAME_BYTES] for chunk in chunks]), array("I", map(len, chunks)).tobytes()
    )


class Printer:
    """Cuts what passes and names the chunks; a hasher beside that, and a context, as `worker.Elsewhere` is.

    Parameters
    ----------
    rule : Rule
    digest : bool
        Take the SHA-256 of the whole as well.

    Examples
    --------
    >>> printer = Printer(Rule.of("fixed", 256))
    >>> printer.update(bytes(600))
    >>> [(size, name[:2].hex()) for name, size in printer.chunks()]
    [(256, '5341'), (256, '5341'), (88, '10ee')]
    """

    def __init__(self, rule: Rule, digest: bool = False) -> None:
        self._feeder = Feeder(cutter(rule))
        self._sha256 = hashlib.sha256() if digest else None
        self._names = bytearray()
        self._packed = bytearray()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def update(self, data: bytes | memoryview, /) -> None:
        """Take a piece."""
        if self._sha256 is not None:
            self._sha256.update(data)
        self._keep(self._feeder.feed(data))

    def hexdigest(self) -> str:
        """Return the SHA-256 of all pieces, nothing where none was wanted."""
        return "" if self._sha256 is None else self._sha256.hexdigest()

    def chunks(self) -> Chunks:
        """Return all chunks; nothing can be added after that."""
        self._keep(self._feeder.end())
        return self.taken()

    def taken(self) -> Chunks:
        """Return the chunks that are decided by now, and forget them."""
        found = Chunks(bytes(self._names), bytes(self._packed))
        self._names.clear()
        self._packed.clear()
        return found

    def _keep(self, found: list[memoryview]) -> None:
        more = printed(found)
        self._names += more.names
        self._packed += more.packed

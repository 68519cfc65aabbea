"""Streams: chunks out of pieces of any size, with memory for a few of the largest chunks.

    piece 1  [ chunk ][ chunk ][ chunk ][ left ]
    piece 2                             [ over ][ chunk ][ chunk ][ left ]

What is left of a piece is copied, and copied once more together with the head of the next one. Nothing else is: chunks
are views, good until their piece changes.
"""

from __future__ import annotations

from .rule import Cutter

BATCH = 1 << 17
"""Bytes that are gathered from small pieces before they are cut, at least."""


class Feeder:
    """Takes a stream's pieces and gives its chunks.

    Examples
    --------
    >>> from sim.dedup.chunking import Rule, cutter
    >>> feeder = Feeder(cutter(Rule.of("fixed", 256)))
    >>> [len(chunk) for chunk in feeder.feed(bytes(300))], [len(chunk) for chunk in feeder.end()]
    ([], [256, 44])
    """

    def __init__(self, cut: Cutter) -> None:
        self._cut = cut
        self._reach = cut.rule.max_size
        self._batch = max(BATCH, 2 * self._reach)
        self._left = memoryview(b"")
        self._small: list[bytes] = []
        self._held = 0

    def feed(self, piece: bytes | memoryview) -> list[memoryview]:
        """Take a piece; return the chunks that it decides."""
        if not self._small and len(piece) >= self._batch:
            return self._decided(memoryview(piece))
        self._small.append(bytes(piece))
        self._held += len(piece)
        if self._held < self._batch:
            return []
        whole = b"".join(self._small)
        self._small, self._held = [], 0
        return self._decided(memoryview(whole))

    def end(self) -> list[memoryview]:
        """Return the rest."""
        rest = memoryview(b"".join((self._left, *self._small)))
        self._left, self._small, self._held = memoryview(b""), [], 0
        return self._cut.split(rest, len(rest) - 1)

    def _decided(self, piece: memoryview) -> list[memoryview]:
        found: list[memoryview] = []
        at = 0
        if left := len(self._left):
            head = memoryview(b"".join((self._left, piece[: self._reach])))
            found = self._cut.split(head, left - 1)
            at = sum(map(len, found)) - left
        more = self._cut.split(piece[at:], len(piece) - at - self._reach)
        self._left = memoryview(bytes(piece[at + sum(map(len, more)) :]))
        return found + more

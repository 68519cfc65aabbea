"""Streams: chunks out of pieces of any size, with memory for a few of the largest chunks."""

from __future__ import annotations

from collections.abc import Iterator

from .rule import Cutter

BATCH = 1 << 18
"""Bytes that are gathered before they are cut, at least."""


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
        # What is left over is copied again: never more than what is new.
        self._batch = max(BATCH, 2 * cut.rule.max_size)
        self._pieces: list[bytes | memoryview] = []
        self._held = 0

    def feed(self, piece: bytes | memoryview) -> Iterator[memoryview]:
        """Take a piece; yield the chunks that it decides."""
        self._pieces.append(piece)
        self._held += len(piece)
        if self._held >= self._batch:
            yield from self._take(final=False)

    def end(self) -> Iterator[memoryview]:
        """Yield the rest."""
        yield from self._take(final=True)

    def _take(self, final: bool) -> Iterator[memoryview]:
        whole = self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)
        view, at = memoryview(whole), 0
        for end in self._cut.cuts(view, final):
            yield view[at:end]
            at = end
        self._pieces = [view[at:]] if at < len(view) else []
        self._held = len(view) - at

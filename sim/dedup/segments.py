"""A stream that lies in a file, cut by several processes at once, with the result of one.

    segment 0              segment 1              segment 2
    |   .    .   .     .   |  .   .     .    .  . |    .   .         each cut as if a chunk began with its first byte
                     .    .   !                                      on from segment 0: here both cut

Where a chunk ends does not depend on what is before it. So the chunks of a segment are the stream's from the first
place on where both cut, and content-defined cuts meet soon; what lies before that place is cut again, one chunk after
the other. Where they do not meet (a segment of zeros), all of it is, and nothing is gained.

Workers read the file themselves (worker.py), so no byte is copied. Whoever reads the stream goes ahead of them: what
they read is in memory then, and the disk is read once.
"""

from __future__ import annotations

import hashlib
import os
from collections import deque
from collections.abc import Iterator
from threading import BoundedSemaphore
from typing import Self

from ..errors import SimError
from ..image.outer import Span
from .chunking import Rule, cutter
from .prints import Chunks, printed
from .worker import Part, Worker, borrowed, give_back

SEGMENT = 8 << 20
"""Bytes of a segment, about: two chunks cut twice cost nothing, and many segments keep all cores busy to the end."""


class Segments:
    """Does what a `Printer` does, with bytes that lie in a file.

    Parameters
    ----------
    span : Span
    rule : Rule
    room : BoundedSemaphore
        As many segments are worked on at once; it may be shared with other streams.
    digest : bool
        Take the SHA-256 of the whole as well.

    Raises
    ------
    OSError
        No process can be started here.
    SimError
        By any method: a worker was killed, or the file was changed.
    """

    def __init__(self, span: Span, rule: Rule, room: BoundedSemaphore, digest: bool = False) -> None:
        give_back(borrowed())
        self._span = span
        self._rule = rule
        self._room = room
        self._hasher = hashlib.sha256() if digest else None
        self._cut = cutter(rule)
        size = max(SEGMENT, 16 * rule.max_size)
        self._step = size - size % rule.avg_size
        self._due: deque[tuple[Worker, Part]] = deque()
        self._asked = self._passed = self._end = 0
        self._names = bytearray()
        self._packed = bytearray()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        while self._due:
            self._due.popleft()[0].close()
            self._room.release()

    def update(self, data: bytes | memoryview, /) -> None:
        """Take a piece, which is the file's next one."""
        if self._hasher is not None:
            self._hasher.update(data)
        self._passed += len(data)
        while self._passed - self._asked >= self._step:
            self._ask()

    def steps(self) -> Iterator[int]:
        """Take what is left of the file without looking at it; yield the bytes of each segment that is begun."""
        while self._asked < self._span.size:
            before = self._asked
            self._ask()
            yield self._asked - before

    def hexdigest(self) -> str:
        """Wait for the rest and return the SHA-256 of all, if it was wanted; nothing can be added after that."""
        for _ in self.steps():
            pass
        while self._due:
            self._take()
        self._span.check()
        return "" if self._hasher is None else self._hasher.hexdigest()

    def chunks(self) -> Chunks:
        """Return all chunks; nothing can be added after that."""
        self.hexdigest()
        return Chunks(bytes(self._names), bytes(self._packed))

    def _ask(self) -> None:
        """Give the next segment to a worker."""
        worker, at = self._worker(), self._span.offset
        stop = min(self._asked + self._step, self._span.size)
        part = Part(self._rule, os.fspath(self._span.path), at + self._asked, at + stop, at + self._span.size)
        self._due.append((worker, part))
        worker.ask(part)
        self._asked = stop

    def _worker(self) -> Worker:
        # Who has segments that are worked on does not wait for others to have theirs done.
        while not self._room.acquire(blocking=not self._due):
            self._take()
        try:
            return borrowed()
        except OSError as error:
            self._room.release()
            raise SimError(f"no helper process can be started: {error}") from None

    def _take(self) -> None:
        """Wait for the oldest segment."""
        worker, part = self._due[0]
        try:
            found, _, _ = worker.receive()
        except SimError:
            self._span.check()
            raise
        self._due.popleft()
        give_back(worker)
        self._room.release()
        self._join(found, part.start - self._span.offset)

    def _join(self, found: Chunks, at: int) -> None:
        """Append the chunks of a segment, which begin at `at`, from where they meet those before."""
        sizes, number = found.sizes, 0
        while at != self._end:
            if at > self._end:
                self._keep(self._next())
            elif number < len(sizes):
                at, number = at + sizes[number], number + 1
            else:
                return
        self._keep(found.since(number))

    def _next(self) -> Chunks:
        """Cut the chunk that follows."""
        return printed(self._cut.split(memoryview(self._span.read(self._end, self._rule.max_size)), 0))

    def _keep(self, found: Chunks) -> None:
        self._names += found.names
        self._packed += found.packed
        self._end += sum(found.sizes)

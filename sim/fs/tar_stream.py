"""Bytes that come in pieces, taken in the sizes that a tar asks for.

The stream is read once, whatever its size. A `Meter` in front of it counts and hashes every byte, what follows the
end of the tar too, because the DiffID covers the whole.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator

from ..content.digest import Hasher
from ..content.limits import Limits


class Meter:
    """Counts, bounds and hashes what passes.

    Attributes
    ----------
    where : str
        What errors call the stream.
    limits : Limits
    sha256 : hash object
        Of all bytes that passed.
    size : int
        How many they are.
    """

    def __init__(
        self, where: str, limits: Limits, progress: Callable[[int], None] | None = None, hasher: Hasher | None = None
    ) -> None:
        self.where = where
        self.limits = limits
        self.sha256: Hasher = hasher or hashlib.sha256()
        self.size = 0
        self._holes = 0
        self._progress = progress

    def through(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Pass pieces on; `LimitExceeded` beyond the bounds."""
        for chunk in chunks:
            self.sha256.update(chunk)
            self.size += len(chunk)
            self.limits.check_bytes(self.size + self._holes, self.where)
            if self._progress is not None:
                self._progress(len(chunk))
            yield chunk

    def expand(self, size: int) -> None:
        """Count the holes of a sparse file, bytes that come out though they are not in the tar."""
        self._holes += size
        self.limits.check_bytes(self.size + self._holes, self.where)


class Stream:
    """Takes bytes in any size from pieces of any size.

    Parameters
    ----------
    chunks : iterable of bytes
    start : int
        Where the first of them lies.

    Attributes
    ----------
    ended : bool
        Set by whoever finds the tar's end mark.

    Examples
    --------
    >>> stream = Stream([b"one", b"two", b"three"])
    >>> stream.take(4), stream.offset, list(stream.pieces(9))
    (b'onet', 4, [b'wo', b'three'])
    """

    __slots__ = ("_at", "_buffer", "_chunks", "_passed", "ended")

    def __init__(self, chunks: Iterable[bytes], start: int = 0) -> None:
        self._chunks = iter(chunks)
        self._buffer = b""
        self._at = 0
        self._passed = start
        self.ended = False

    @property
    def offset(self) -> int:
        """Bytes taken so far, and those before `start`."""
        return self._passed + self._at

    def _receive(self) -> bool:
        """Replace the used buffer by the next piece; False at the end."""
        received = next((chunk for chunk in self._chunks if chunk), b"")
        self._passed += len(self._buffer)
        self._buffer, self._at = received, 0
        return bool(self._buffer)

    def take(self, count: int) -> bytes:
        """Return the next `count` bytes, fewer only at the end."""
        at = self._at
        if at + count <= len(self._buffer):
            self._at = at + count
            return self._buffer[at : at + count]
        return b"".join(self.views(count))

    def pieces(self, count: int) -> Iterator[bytes]:
        """Yield the next `count` bytes as they come, fewer only at the end."""
        return map(bytes, self.views(count))

    def views(self, count: int) -> Iterator[memoryview]:
        """Yield the next `count` bytes as they come, without a copy of them."""
        while count:
            at = self._at
            piece = memoryview(self._buffer)[at : at + count]
            if not piece:
                if not self._receive():
                    return
                continue
            self._at = at + len(piece)
            count -= len(piece)
            yield piece

    def skip(self, count: int) -> bool:
        """Pass over the next `count` bytes; False where the stream ends first."""
        while count > len(self._buffer) - self._at:
            count -= len(self._buffer) - self._at
            if not self._receive():
                return False
        self._at += count
        return True

    def skip_to(self, offset: int) -> bool:
        """Pass over what lies before `offset`, which is no byte taken already; False where the stream ends first."""
        at = offset - self._passed
        if at <= len(self._buffer):
            self._at = at
            return True
        return self.skip(at - self._at)

    def drain(self) -> bool:
        """Read to the end; tell whether anything but zeros was left."""
        rest = self._buffer[self._at :]
        found = bool(rest.strip(b"\0"))
        while self._receive():
            found = found or bool(self._buffer.strip(b"\0"))
        self._at = len(self._buffer)
        return found

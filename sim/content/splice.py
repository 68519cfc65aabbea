"""Bytes put together from pieces, so that a small change of a huge file costs what the change does.

    a file of a lower layer     [..................................]      an `Extent`, never read here
    after pwrite(b"new", 10)    [.........]new[....................]      a `Spliced` of three pieces
    after truncate() to more    [.........]new[....................]000   holes are `Zeros`

`stored` counts what a file system would store: every byte but those of holes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .data import CHUNK, EMPTY, Data, Inline

JOINED = 1 << 16
"""Pieces at hand are joined into one up to this many bytes."""

_ZEROS = bytes(CHUNK)


class Zeros(Data):
    """A hole: bytes that read as zero and are not stored."""

    def __init__(self, size: int) -> None:
        self.size = size

    def chunks(self) -> Iterator[bytes]:
        for at in range(0, self.size, CHUNK):
            yield _ZEROS[: min(CHUNK, self.size - at)]

    def read(self, offset: int = 0, length: int | None = None) -> bytes:
        left = max(0, self.size - offset)
        return bytes(left if length is None else min(left, length))


class Piece(Data):
    """A run of bytes inside other data."""

    def __init__(self, whole: Data, start: int, size: int) -> None:
        self.whole, self.start, self.size = whole, start, size

    def chunks(self) -> Iterator[bytes]:
        at, end = 0, self.start + self.size
        for chunk in self.whole.chunks():
            if at + len(chunk) > self.start:
                yield chunk[max(0, self.start - at) : end - at]
            at += len(chunk)
            if at >= end:
                return

    def read(self, offset: int = 0, length: int | None = None) -> bytes:
        left = max(0, self.size - offset)
        return self.whole.read(self.start + offset, left if length is None else min(left, length))


class Spliced(Data):
    """Pieces, one after the other."""

    def __init__(self, pieces: tuple[Data, ...]) -> None:
        self.pieces = pieces
        self.size = sum(piece.size for piece in pieces)

    def chunks(self) -> Iterator[bytes]:
        for piece in self.pieces:
            yield from piece.chunks()

    def read(self, offset: int = 0, length: int | None = None) -> bytes:
        end = self.size if length is None else min(self.size, offset + length)
        found, at = [], 0
        for piece in self.pieces:
            if at < end and at + piece.size > offset:
                found.append(piece.read(max(0, offset - at), end - max(at, offset)))
            at += piece.size
        return b"".join(found)


def join(pieces: Iterable[Data]) -> Data:
    """Put pieces together into the simplest data that holds them.

    Examples
    --------
    >>> join([Inline(b"one"), Inline(b"two")]).read()
    b'onetwo'
    """
    found: list[Data] = []
    for whole in pieces:
        for piece in whole.pieces if isinstance(whole, Spliced) else (whole,):
            last = found[-1] if found else None
            if not piece.size:
                continue
            if isinstance(last, Inline) and isinstance(piece, Inline) and last.size + piece.size <= JOINED:
                found[-1] = Inline(last.raw + piece.raw)
            elif isinstance(last, Zeros) and isinstance(piece, Zeros):
                found[-1] = Zeros(last.size + piece.size)
            else:
                found.append(piece)
    return found[0] if len(found) == 1 else Spliced(tuple(found)) if found else EMPTY


def part(data: Data, start: int, end: int) -> Data:
    """Return the bytes from `start` to `end` (at most the end of `data`) without reading them."""
    start, end = min(start, data.size), min(end, data.size)
    if start == 0 and end == data.size:
        return data
    if isinstance(data, Inline):
        return Inline(data.raw[start:end])
    if isinstance(data, Zeros):
        return Zeros(max(0, end - start))
    if isinstance(data, Piece):
        return Piece(data.whole, data.start + start, max(0, end - start))
    if isinstance(data, Spliced):
        at, found = 0, []
        for piece in data.pieces:
            if at < end and at + piece.size > start:
                found.append(part(piece, max(0, start - at), end - at))
            at += piece.size
        return join(found)
    return Piece(data, start, max(0, end - start))


def resized(data: Data, size: int) -> Data:
    """Cut data, or extend it by a hole: what truncate(2) does.

    Examples
    --------
    >>> resized(Inline(b"abc"), 5).read(), resized(Inline(b"abc"), 1).read()
    (b'abc\\x00\\x00', b'a')
    """
    return part(data, 0, size) if size <= data.size else join((data, Zeros(size - data.size)))


def overwritten(data: Data, offset: int, new: Data) -> Data:
    """Return data with other bytes at an offset: what pwrite(2) does; a gap becomes a hole.

    Examples
    --------
    >>> overwritten(Inline(b"hello"), 1, Inline(b"u")).read()
    b'hullo'
    """
    if isinstance(data, Inline) and isinstance(new, Inline) and offset <= data.size < JOINED > new.size:
        # The common case, several times faster.
        return Inline(data.raw[:offset] + new.raw + data.raw[offset + new.size :])
    head = resized(data, offset)
    return join((head, new, part(data, offset + new.size, data.size)))


def stored(data: Data) -> int:
    """Count the bytes that are stored: all but those of holes."""
    if isinstance(data, Inline):
        return data.size
    if isinstance(data, Zeros):
        return 0
    if isinstance(data, Spliced):
        return sum(0 if isinstance(piece, Zeros) else piece.size for piece in data.pieces)
    return data.size

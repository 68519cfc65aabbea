"""Sparse members: files whose holes the tar does not store.

    the file      |data|.......hole.......|data|...hole...|        size = the whole
    in the tar    |data|data|                                      stored = the pieces alone

Where the pieces belong is written in one of four ways (GNU tar manual, "Storing Sparse Files"):

    old GNU   type S: four (offset, length) in the header, then blocks of 21 more
    PAX 0.0   records GNU.sparse.offset and GNU.sparse.numbytes, repeated
    PAX 0.1   one record GNU.sparse.map=offset,length,offset,length,...
    PAX 1.0   decimal lines at the start of the data: count, then offset and length each; padded to a block
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from .tar_headers import BLOCK, SPARSE_MAP, Segments, decimal, number

MAX_SEGMENTS = 1 << 16
"""Go's reader refuses maps of more than 1 MiB, which hold about as many."""

_PAIRS_IN_HEADER, _PAIRS_IN_BLOCK = 4, 21


def old_gnu(block: bytes, take: Callable[[int], bytes]) -> tuple[Segments, int]:
    """Read the map of a type S header and of the blocks that continue it: (segments, size of the file)."""
    size = number(block[483:495])
    found = list(_pairs(block[386:482], _PAIRS_IN_HEADER))
    more = block[482]
    while more:
        block = take(BLOCK)
        if len(block) < BLOCK:
            raise ValueError("the tar ends in a sparse map")
        found += _pairs(block, _PAIRS_IN_BLOCK)
        more = block[504]
        _bound(len(found))
    return tuple(found), size


def _pairs(raw: bytes, count: int) -> Iterator[tuple[int, int]]:
    for at in range(0, 24 * count, 24):
        # A length field without a digit ends the map; (size, 0) may mark a hole at the end.
        if not raw[at : at + 24].strip(b" \0"):
            return
        yield number(raw[at : at + 12]), number(raw[at + 12 : at + 24])


def is_pax(records: Mapping[bytes, bytes]) -> bool:
    """Whether PAX records describe a sparse file of any of the three formats."""
    return SPARSE_MAP in records or b"GNU.sparse.major" in records or b"GNU.sparse.size" in records


def pax(records: Mapping[bytes, bytes], take: Callable[[int], bytes]) -> tuple[Segments, int, int]:
    """Read a PAX sparse map: (segments, size of the file, bytes of the map inside the data)."""
    version = records.get(b"GNU.sparse.major", b"0"), records.get(b"GNU.sparse.minor", b"0")
    if version == (b"1", b"0"):
        segments, used = _map_in_data(take)
        return segments, decimal(records.get(b"GNU.sparse.realsize", b"")), used
    if version not in ((b"0", b"0"), (b"0", b"1")):
        raise ValueError(f"sparse format {b'.'.join(version)[:20]!r} is not known")
    raw = records.get(SPARSE_MAP, b"")
    _bound(raw.count(b",") // 2)
    numbers = [decimal(part) for part in raw.split(b",")] if raw else []
    if len(numbers) % 2:
        raise ValueError("a sparse map holds half a pair")
    size = records.get(b"GNU.sparse.size", records.get(b"GNU.sparse.realsize", b""))
    return tuple(zip(numbers[::2], numbers[1::2], strict=True)), decimal(size), 0


def _map_in_data(take: Callable[[int], bytes]) -> tuple[Segments, int]:
    raw = bytearray()
    lines = 0
    wanted: int | None = None
    while wanted is None or lines < wanted:
        block = take(BLOCK)
        if len(block) < BLOCK:
            raise ValueError("the tar ends in a sparse map")
        raw += block
        lines += block.count(b"\n")
        if wanted is None and lines:
            pairs = decimal(bytes(raw[: raw.index(b"\n")]))
            _bound(pairs)
            wanted = 1 + 2 * pairs
        _bound(len(raw) // 32)
    numbers = [decimal(line) for line in bytes(raw).split(b"\n")[1:wanted]]
    return tuple(zip(numbers[::2], numbers[1::2], strict=True)), len(raw)


def _bound(count: int) -> None:
    if count > MAX_SEGMENTS:
        raise ValueError(f"a sparse map has more than {MAX_SEGMENTS} pieces")


def check(segments: Segments, size: int, stored: int) -> None:
    """Raise `ValueError` unless the pieces are in order, inside the file, and as long as what is stored."""
    at = total = 0
    for offset, length in segments:
        if length < 0 or offset < at:
            raise ValueError("a sparse map's pieces are not in order")
        at = offset + length
        total += length
    if at > size or total != stored:
        raise ValueError("a sparse map does not fit its file")


_HOLE = bytes(1 << 16)


def expand(segments: Segments, size: int, stored: Callable[[int], Iterator[bytes]]) -> Iterator[bytes]:
    """Yield a sparse file's bytes, holes as zeros; `stored(n)` gives the next n bytes that the tar holds.

    Examples
    --------
    >>> b"".join(expand(((2, 3),), 7, lambda length: iter([b"abc"[:length]])))
    b'\\x00\\x00abc\\x00\\x00'
    """
    at = 0
    for offset, length in (*segments, (size, 0)):
        while at < offset:
            hole = _HOLE[: offset - at]
            at += len(hole)
            yield hole
        yield from stored(length)
        at += length

"""The members of an archive's tar, by their headers alone: the file is sought in, not read through.

    | header 512 | data, padded to 512 | header 512 | data ... | zeros 512 | zeros 512 |
      size ----------- jump ------------^

Only names, sizes, offsets and links matter here. `sim.fs.tar_members` reads the tar of a LAYER, as a stream
and with all that its members mean.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from ..errors import TarInvalid
from ..fs.tar_headers import BLOCK, decimal, parse_header, parse_records, text
from ..fs.tar_headers import Member as Header

MAX_HEADER = 1 << 20
"""Bytes of one PAX header or GNU long name that are read at most."""

_FILES, _LINKS, _HARD = (b"0", b"\0", b"7"), (b"1", b"2"), b"1"
_LONG = {b"L": b"path", b"K": b"linkpath"}
_EXTENDED = (b"x", b"g", b"L", b"K")


class _Bytes(Protocol):
    size: int

    def read_at(self, offset: int, length: int) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Member:
    """A file or a link of an archive.

    Attributes
    ----------
    name : str
        As it is written; not to be trusted as a path.
    offset, size : int
        Where its data lies in the tar, in bytes.
    link : str or None
        What a link names; None for a file.
    hard : bool
        Whether a link is a hard one.
    """

    name: str
    offset: int
    size: int
    link: str | None = None
    hard: bool = False


def members(source: _Bytes, where: str) -> Iterator[Member]:
    """Yield the files and links of a tar, in its order; all else is passed over.

    Raises
    ------
    TarInvalid
        Not a tar (`offset` 0), cut short, or corrupt.
    """
    offset, pending = 0, dict[bytes, bytes]()
    while (block := source.read_at(offset, BLOCK)).strip(b"\0"):
        try:
            header = _header(block)
            size = _size(header, pending)
            data = offset + BLOCK
            if data + size > source.size:
                raise ValueError("the archive is cut short")
            if header.flag in _EXTENDED:
                pending |= _extension(header.flag, source.read_at(data, _bounded(size)))
            else:
                if header.flag in _FILES + _LINKS:
                    yield _member(header, pending, data, size)
                pending = {}
        except ValueError as error:
            raise TarInvalid(str(error), where=where, offset=offset) from None
        offset = data + size + -size % BLOCK


def _header(block: bytes) -> Header:
    if len(block) < BLOCK:
        raise ValueError("the archive is cut short")
    return parse_header(block)


def _size(header: Header, pending: dict[bytes, bytes]) -> int:
    if header.flag in _LINKS:
        return 0  # whatever the field says, a link has no data
    told = pending.get(b"size") if header.flag not in _EXTENDED else None
    size = header.size if told is None else decimal(told)
    if size < 0:
        raise ValueError("a size is negative")
    return size


def _bounded(size: int) -> int:
    if size > MAX_HEADER:
        raise ValueError(f"an extended header of {size} bytes, {MAX_HEADER} are allowed")
    return size


def _extension(flag: bytes, raw: bytes) -> dict[bytes, bytes]:
    if flag in _LONG:
        return {_LONG[flag]: raw.partition(b"\0")[0]}
    # A global header carries comments; a path or a size for all members would make no sense.
    return parse_records(raw) if flag == b"x" else {}


def _member(header: Header, pending: dict[bytes, bytes], data: int, size: int) -> Member:
    name = text(pending.get(b"path") or header.name)
    if header.flag in _FILES:
        return Member(name, data, size)
    return Member(name, data, 0, text(pending.get(b"linkpath") or header.link), header.flag == _HARD)

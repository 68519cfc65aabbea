"""Tar headers: 512 bytes that describe one member, and the records that extend them.

    offset  0    100  108  116  124   136    148    156  157    257    263   265  297  329   337   345     500
            name mode uid  gid  size  mtime  chksum type link   magic  vers  user group major minor prefix
            100  8    8    8    12    12     8      1    100    6      2     32   32   8     8     155

Four dialects share the block: v7 (no magic), ustar (POSIX.1-1988: ``ustar\\0 00``, with a prefix), GNU (``ustar  \\0``,
no prefix but members of type L and K that hold long names) and star (a shorter prefix, ``tar\\0`` at the end).
PAX (POSIX.1-2001, "pax Interchange Format") adds members of type x and g: lines ``LENGTH KEY=VALUE\\n`` that
replace fields of the next member, or of all that follow.

Numbers are octal text, or base 256 where the first bit is set (GNU). What cannot be read raises `ValueError` here;
the reader above adds the place. Where dialects leave room, this follows Go's archive/tar, since dockerd,
containerd, skopeo and umoci all read layers with it.
"""

from __future__ import annotations

import base64
import binascii
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote_to_bytes
from zlib import adler32

from .entry import Xattrs

BLOCK = 512
ZEROS = bytes(BLOCK)

# Three fields that repeat together are taken as one. What few members need is looked for in the block when it is.
_unpack = struct.Struct("100s24s12s12s8sc100s8s247x").unpack
_MAJOR, _MINOR, _PREFIX, _END = 329, 337, 345, 500
_STAR_PREFIX_END, _STAR_MARK = 476, 508

_DEVICES = frozenset((b"3", b"4"))

XATTR = b"SCHILY.xattr."
LIBARCHIVE_XATTR = b"LIBARCHIVE.xattr."
_SPARSE_PAIR = (b"GNU.sparse.offset", b"GNU.sparse.numbytes")
SPARSE_MAP = b"GNU.sparse.map"

Records = dict[bytes, bytes]

Segments = tuple[tuple[int, int], ...]
"""(offset in the file, length) of each piece of a sparse file that a tar holds, in order."""


@dataclass(slots=True)
class Member:
    """One member: what its header says, then what its extensions say instead.

    Not frozen: a reader completes it, and a frozen one would take five times as long to make.

    Attributes
    ----------
    name, link : bytes
        As the tar has them.
    flag : bytes
        The type flag.
    mode : int
        The 12 bits of permissions.
    size : int
        Bytes of the file.
    mtime_ns : int
    rdev : (int, int) or None
        Major and minor number of a device.
    stored : int
        Bytes of the file that the tar holds: fewer where it is sparse.
    at : int
        Where they begin in the tar.
    segments : tuple or None
        Where they belong in a sparse file.
    notes : tuple of str
        Codes of remarks on how it is written.
    """

    name: bytes
    flag: bytes
    mode: int
    uid: int
    gid: int
    size: int
    mtime_ns: int
    link: bytes
    rdev: tuple[int, int] | None
    stored: int = 0
    at: int = 0
    xattrs: Xattrs = ()
    segments: Segments | None = None
    notes: tuple[str, ...] = ()


def parse_header(block: bytes) -> Member:
    """Read a header block: a member without its extensions, its data not yet placed.

    Raises
    ------
    ValueError
        The checksum does not fit, or a number is none.
    """
    name, owner, size, mtime, checksum, flag, link, magic = _unpack(block)
    _verify(block, checksum)
    name = name.partition(b"\0")[0]
    if block[_PREFIX] and magic == b"ustar\x0000":
        # star keeps two times where ustar has the end of the prefix.
        end = _STAR_PREFIX_END if block[_STAR_MARK:] == b"tar\0" else _END
        name = block[_PREFIX:end].partition(b"\0")[0] + b"/" + name
    mode, uid, gid = _owner(owner)
    member = Member(name, flag, mode, uid, gid, number(size), _nanoseconds(mtime), link.partition(b"\0")[0], None)
    if flag in _DEVICES:
        member.rdev = number(block[_MAJOR:_MINOR]), number(block[_MINOR:_PREFIX])
    return member


def _verify(block: bytes, checksum: bytes) -> None:
    expected = _sum_expected(checksum)
    # Adler-32 begins with the sum of the bytes modulo 65521, and 512 bytes below 128 do not reach that.
    total = (adler32(block) & 0xFFFF) - 1 if block.isascii() else sum(block)
    if total != expected:
        # Some old tars summed signed characters; POSIX asks readers to accept both.
        high = sum(byte > 127 for byte in block) - sum(byte > 127 for byte in checksum)
        if total - 256 * high != expected:
            raise ValueError("a header's checksum does not fit its bytes")


@lru_cache(4096)
def _sum_expected(checksum: bytes) -> int:
    """Return what a block's bytes add up to where its checksum, which takes itself for eight spaces, is right."""
    return number(checksum) + sum(checksum) - 8 * ord(" ")


@lru_cache(1024)
def _owner(fields: bytes) -> tuple[int, int, int]:
    return number(fields[:8]) & 0o7777, number(fields[8:16]), number(fields[16:])


@lru_cache(1024)
def _nanoseconds(seconds: bytes) -> int:
    return number(seconds) * 10**9


def number(field: bytes) -> int:
    """Read a numeric field: octal, or base 256 in two's complement where the first bit is set.

    Examples
    --------
    >>> number(b"0000644\\0"), number(b"\\x80" + bytes(6) + b"\\2\\0\\0\\0\\0"), number(b"\\xff" * 8)
    (420, 8589934592, -1)
    """
    text = field[:-1]
    if field[-1] <= 32 and text.isdigit():
        return int(text, 8)
    return _unusual_number(field)


def _unusual_number(field: bytes) -> int:
    if field[0] & 0x80:
        value = int.from_bytes(field, "big") & ((1 << (8 * len(field) - 1)) - 1)
        return value - (1 << (8 * len(field) - 1)) if field[0] & 0x40 else value
    text = field.strip(b" \0").partition(b"\0")[0].rstrip(b" ")
    if text and not text.isdigit():
        raise ValueError(f"a number field holds {field!r}")
    return int(text or b"0", 8)


def decimal(text: bytes) -> int:
    """Read a PAX number: decimal, with an optional minus."""
    if not (text[1:] if text[:1] == b"-" else text).isdigit() or len(text) > 20:
        raise ValueError(f"a PAX number is {text[:40]!r}")
    return int(text)


def nanoseconds(text: bytes) -> int:
    """Read a PAX time, seconds with a decimal fraction, as nanoseconds; finer digits are cut off.

    Examples
    --------
    >>> nanoseconds(b"1350244992.0239601089"), nanoseconds(b"-1.5"), nanoseconds(b"12")
    (1350244992023960108, -1500000000, 12000000000)
    """
    whole, _, fraction = text.partition(b".")
    if fraction and not fraction.isdigit():
        raise ValueError(f"a PAX time is {text[:40]!r}")
    value = abs(decimal(whole)) * 10**9 + int((fraction[:9] + b"0" * 9)[:9])
    return -value if text[:1] == b"-" else value


def parse_records(raw: bytes) -> Records:
    """Read the records of an extended header. Of equal keys the last counts.

    The repeated pairs of sparse format 0.0 are given in the form of 0.1, as one ``GNU.sparse.map``.

    Examples
    --------
    >>> parse_records(b"20 path=a long name\\n")
    {b'path': b'a long name'}
    """
    found: Records = {}
    pairs: list[bytes] = []
    at, end = 0, len(raw)
    while at < end:
        space = raw.find(b" ", at, at + 20)
        digits = raw[at:space]
        if space < 0 or not digits.isdigit():
            raise ValueError("a PAX record has no length")
        stop = at + int(digits)
        key, equals, value = raw[space + 1 : stop - 1].partition(b"=")
        if stop > end or stop <= space + 1 or raw[stop - 1] != 10 or not equals or not key:
            raise ValueError("a PAX record is not LENGTH KEY=VALUE")
        if key in _SPARSE_PAIR:
            if key != _SPARSE_PAIR[len(pairs) % 2]:
                raise ValueError("a sparse map's offsets and lengths do not alternate")
            pairs.append(value)
        else:
            found[key] = value
        at = stop
    if pairs:
        found[SPARSE_MAP] = b",".join(pairs)
    return found


def xattrs_of(records: Mapping[bytes, bytes]) -> tuple[tuple[str, bytes], ...]:
    """Return the extended attributes among PAX records, sorted by name.

    ``SCHILY.xattr.NAME=VALUE`` (star, GNU tar, Go) holds plain bytes; ``LIBARCHIVE.xattr.NAME`` (bsdtar)
    a percent-encoded name and a base64 value. Where both are there, the first counts.
    """
    found: dict[bytes, bytes] = {}
    for key, value in records.items():
        if key.startswith(XATTR):
            found[key[len(XATTR) :]] = value
        elif key.startswith(LIBARCHIVE_XATTR):
            name = unquote_to_bytes(key[len(LIBARCHIVE_XATTR) :])
            if XATTR + name not in records:
                found[name] = _base64(value)
    return tuple(sorted((text(name), value) for name, value in found.items()))


def _base64(value: bytes) -> bytes:
    # libarchive leaves the padding out.
    try:
        return base64.b64decode(value + b"=" * (-len(value) % 4), validate=True)
    except binascii.Error:
        raise ValueError("a LIBARCHIVE.xattr value is not base64") from None


def text(raw: bytes) -> str:
    """Decode a name: UTF-8, other bytes kept as lone surrogates."""
    return raw.decode("utf-8", "surrogateescape")

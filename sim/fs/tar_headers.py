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
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote_to_bytes
from zlib import adler32

BLOCK = 512
ZEROS = bytes(BLOCK)

_unpack = struct.Struct("100s8s8s8s12s12s8sc100s8s32s32s8s8s155s12s").unpack

XATTR = b"SCHILY.xattr."
LIBARCHIVE_XATTR = b"LIBARCHIVE.xattr."
_SPARSE_PAIR = (b"GNU.sparse.offset", b"GNU.sparse.numbytes")
SPARSE_MAP = b"GNU.sparse.map"

Records = dict[bytes, bytes]


class Header(NamedTuple):
    """The fields of one block; names as bytes, `mtime` in seconds."""

    name: bytes
    mode: int
    uid: int
    gid: int
    size: int
    mtime: int
    flag: bytes
    link: bytes
    major: int
    minor: int


def parse_header(block: bytes) -> Header:
    """Read a header block.

    Raises
    ------
    ValueError
        The checksum does not fit, or a number is none.
    """
    (name, mode, uid, gid, size, mtime, checksum, flag, link, magic, _, _, major, minor, prefix, rest) = _unpack(block)
    _verify(block, checksum)
    name = name.partition(b"\0")[0]
    if prefix[0] and magic == b"ustar\x0000":
        # star keeps two times where ustar has the end of the prefix.
        before = (prefix[:131] if rest[8:] == b"tar\0" else prefix).partition(b"\0")[0]
        name = before + b"/" + name
    device = flag in b"34"
    return Header(
        name, number(mode) & 0o7777, number(uid), number(gid), number(size), number(mtime), flag,
        link.partition(b"\0")[0], number(major) if device else 0, number(minor) if device else 0,
    )


def _verify(block: bytes, checksum: bytes) -> None:
    expected = number(checksum)
    # Adler-32 begins with the sum of the bytes modulo 65521, and 512 bytes below 128 do not reach that.
    total = (adler32(block) & 0xFFFF) - 1 if block.isascii() else sum(block)
    found = total - sum(checksum) + 8 * ord(" ")
    if found != expected:
        # Some old tars summed signed characters; POSIX asks readers to accept both.
        high = sum(byte > 127 for byte in block) - sum(byte > 127 for byte in checksum)
        if found - 256 * high != expected:
            raise ValueError("a header's checksum does not fit its bytes")


@lru_cache(4096)
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

"""Compressed streams: recognised by their first bytes, read in bounded pieces, written the same everywhere.

    1f 8b 08 ..     gzip (RFC 1952), one member or many: an eStargz layer is one member a file
    28 b5 2f fd     zstd (RFC 8878), one frame or many, skippable frames (5x 2a 4d 18) among them
    anything else   plain

Media types say the same, but docker-save archives carry none, and tools believe the bytes.

READING gives pieces of at most `PIECE` bytes, whatever the ratio, so memory stays flat. After the last member nothing
may follow: Go's gzip reader, with which skopeo, umoci and containerd read layers, refuses trailing bytes, zeros
among them, where gzip(1) passes over zeros and warns of the rest.

WRITING never compresses: a deflate encoder's output differs between libraries and versions, so a digest of it
would too. Gzip is written as stored blocks (RFC 1951, 3.2.4), zstd as raw blocks (RFC 8878, 3.1.1.2): legal
streams that every decoder reads, whose bytes depend on the content alone.
"""

from __future__ import annotations

import importlib
import struct
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from typing import Any, Protocol

from ..errors import StreamInvalid, Unsupported

_zlib: Any = zlib
try:  # The one place that knows the accelerator: zlib's interface, three times as fast.
    from isal import isal_zlib

    _zlib = isal_zlib
except ImportError:
    pass

PIECE = 1 << 18
"""Bytes of a decompressed piece at most: large enough that the loop costs nothing, small enough for the cache."""

GZIP_MAGIC = b"\x1f\x8b"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_SKIPPABLE = b"\x2a\x4d\x18"
_FOREIGN = {b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"\x04\x22\x4d\x18": "lz4"}
_LONGEST_MAGIC = 5


class Compression(StrEnum):
    """How a layer's tar is stored; the media type's suffix is ``+value``."""

    NONE = "none"
    GZIP = "gzip"
    ZSTD = "zstd"


def sniff(head: bytes) -> Compression:
    """Recognise a stream by its first bytes (five are enough).

    Examples
    --------
    >>> sniff(bytes.fromhex("1f8b0800")), sniff(bytes.fromhex("28b52ffd")), sniff(b"etc/")
    (<Compression.GZIP: 'gzip'>, <Compression.ZSTD: 'zstd'>, <Compression.NONE: 'none'>)
    """
    if head.startswith(GZIP_MAGIC):
        return Compression.GZIP
    if head.startswith(ZSTD_MAGIC) or (head[1:4] == _SKIPPABLE and head[0] >> 4 == 5):
        return Compression.ZSTD
    return Compression.NONE


def decompressed(chunks: Iterable[bytes], where: str) -> Iterator[bytes]:
    """Yield a stream's uncompressed bytes, whichever of the three forms it has.

    Parameters
    ----------
    chunks : iterable of bytes
        The stored bytes, in pieces of any size.
    where : str
        What errors call the stream.

    Yields
    ------
    bytes
        At most `PIECE` bytes a piece from a compressed stream; the pieces as they came from a plain one.

    Raises
    ------
    StreamInvalid
        Cut short, corrupt, or followed by something else.
    Unsupported
        bzip2, xz or lz4; zstd where neither Python 3.14 nor `backports.zstd` is there.

    Examples
    --------
    >>> import gzip
    >>> b"".join(decompressed([gzip.compress(b"one, "), gzip.compress(b"two")], "two members"))
    b'one, two'
    """
    stored = iter(chunks)
    head = b""
    for chunk in stored:
        head += chunk
        if len(head) >= _LONGEST_MAGIC:
            break
    form = sniff(head)
    if form is Compression.GZIP:
        yield from _inflated(_Gzip, head, stored, where)
    elif form is Compression.ZSTD:
        yield from _inflated(_zstd_decoder(where), head, stored, where)
    else:
        _refuse_foreign(head, where)
        if head:
            yield head
        yield from stored


def _refuse_foreign(head: bytes, where: str) -> None:
    for magic, name in _FOREIGN.items():
        if head.startswith(magic):
            raise Unsupported(
                f"{name} compressed, which image layers are not", where=where,
                hint="decompress it, or use gzip or zstd",
            )


class _Decoder(Protocol):
    """One member or frame.

    `rest` is input not used yet; `hungry` says that nothing more comes out without new input; `errors` are
    what the library raises for corrupt bytes; `magic` starts every member where the library itself does not check.
    """

    name: str
    magic: bytes
    errors: tuple[type[Exception], ...]
    eof: bool
    hungry: bool
    rest: bytes

    def feed(self, raw: bytes) -> bytes: ...


class _Gzip:
    name = "gzip"
    magic = GZIP_MAGIC
    errors: tuple[type[Exception], ...] = (_zlib.error, zlib.error)

    def __init__(self) -> None:
        self._engine = _zlib.decompressobj(wbits=31)
        self.eof = self.hungry = False
        self.rest = b""

    def feed(self, raw: bytes) -> bytes:
        engine = self._engine
        out: bytes = engine.decompress(raw, PIECE)
        self.eof = engine.eof
        self.rest = engine.unused_data if self.eof else engine.unconsumed_tail
        # A full piece may leave a match half copied, with all input used.
        self.hungry = not self.rest and len(out) < PIECE
        return out


def _zstd_decoder(where: str) -> Callable[[], _Decoder]:
    library = _zstd_library(where)

    class Zstd:
        name = "zstd"
        magic = b""
        errors: tuple[type[Exception], ...] = (library.ZstdError,)

        def __init__(self) -> None:
            self._engine = library.ZstdDecompressor()
            self.eof = self.hungry = False
            self.rest = b""

        def feed(self, raw: bytes) -> bytes:
            engine = self._engine
            out: bytes = engine.decompress(raw, PIECE)
            self.eof = engine.eof
            # Unlike zlib's, this engine keeps the input that it has not used.
            self.rest = engine.unused_data if self.eof else b""
            self.hungry = engine.needs_input
            return out

    return Zstd


def _zstd_library(where: str) -> Any:
    try:
        if sys.version_info >= (3, 14):
            return importlib.import_module("compression.zstd")
        return importlib.import_module("backports.zstd")
    except ImportError:
        raise Unsupported(
            "zstd compressed, which this Python cannot read", where=where,
            hint="install backports.zstd, or use Python 3.14",
        ) from None


def _inflated(new: Callable[[], _Decoder], head: bytes, stored: Iterator[bytes], where: str) -> Iterator[bytes]:
    decoder, raw, taken = new(), head, len(head)
    while True:
        try:
            out = decoder.feed(raw)
        except decoder.errors as error:
            raise StreamInvalid(f"corrupt {decoder.name} data before byte {taken}: {error}", where=where) from None
        if out:
            yield out
        raw = decoder.rest
        if decoder.eof or decoder.hungry:
            fresh = b"" if raw else next((chunk for chunk in stored if chunk), b"")
            taken += len(fresh)
            raw = raw or fresh
            if decoder.eof and not raw:
                return
            if not raw:
                raise StreamInvalid(f"the {decoder.name} data is cut short at byte {taken}", where=where)
        if decoder.eof:
            if not raw.startswith(decoder.magic[: len(raw)]):
                what = f"bytes that are no {decoder.name} follow its end, before byte {taken}"
                raise StreamInvalid(what, where=where)
            decoder = new()


def compress(chunks: Iterable[bytes], form: Compression) -> Iterator[bytes]:
    """Wrap a stream in a container, without making it smaller: the same bytes on every machine.

    Parameters
    ----------
    chunks : iterable of bytes
        The bytes, in pieces of any size; the result does not depend on how they were cut.
    form : Compression
        `Compression.NONE` passes them on.

    Examples
    --------
    >>> b"".join(compress([b"hi"], Compression.GZIP)).hex(" ")
    '1f 8b 08 00 00 00 00 00 00 ff 00 02 00 fd ff 68 69 01 00 00 ff ff ac 2a 93 d8 02 00 00 00'
    """
    if form is Compression.GZIP:
        return _stored_gzip(chunks)
    return _raw_zstd(chunks) if form is Compression.ZSTD else iter(chunks)


_GZIP_BLOCK = 0xFFFF
_ZSTD_BLOCK = 1 << 17
# Frame_Header_Descriptor 0: no content size, no checksum, no dictionary. Window_Descriptor: exponent 7 is 128 KiB,
# the least that lets a block have 128 KiB.
_ZSTD_HEADER = ZSTD_MAGIC + bytes([0, 7 << 3])


def _stored_gzip(chunks: Iterable[bytes]) -> Iterator[bytes]:
    # No flags, no time, no extra flags, operating system "unknown" (RFC 1952, 2.3).
    yield GZIP_MAGIC + bytes([8, 0, 0, 0, 0, 0, 0, 255])
    crc = size = 0
    for block in _recut(chunks, _GZIP_BLOCK):
        crc = zlib.crc32(block, crc)
        size += len(block)
        yield struct.pack("<BHH", 0, len(block), len(block) ^ 0xFFFF) + block
    yield struct.pack("<BHHII", 1, 0, 0xFFFF, crc, size & 0xFFFFFFFF)


def _raw_zstd(chunks: Iterable[bytes]) -> Iterator[bytes]:
    yield _ZSTD_HEADER
    for block in _recut(chunks, _ZSTD_BLOCK):
        yield (len(block) << 3).to_bytes(3, "little") + block
    yield b"\x01\x00\x00"


def _recut(chunks: Iterable[bytes], size: int) -> Iterator[bytes]:
    held = bytearray()
    for chunk in chunks:
        held += chunk
        whole = len(held) - len(held) % size
        for start in range(0, whole, size):
            yield bytes(held[start : start + size])
        del held[:whole]
    if held:
        yield bytes(held)

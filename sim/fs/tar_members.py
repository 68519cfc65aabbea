"""A tar as a stream of members: headers and their extensions joined, data passed through.

    x (PAX records) -+
    L (long name)   -+-> header -> data ... padding to 512 -> header -> ... -> two blocks of zeros -> anything
    K (long link)   -+

What real tars leave out is accepted as Go's archive/tar does: the blocks of zeros at the end, and the padding of the
last member. A tar that ends inside a header or inside data is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ..errors import LimitExceeded, TarInvalid
from . import tar_sparse
from .entry import Xattrs
from .tar_headers import (
    BLOCK,
    LIBARCHIVE_XATTR,
    ZEROS,
    Header,
    Records,
    decimal,
    nanoseconds,
    parse_header,
    parse_records,
    xattrs_of,
)
from .tar_stream import Meter, Stream

MAX_EXTENSION = 1 << 20
"""Bytes of one extended header or long name at most; Go's reader has the same bound."""

NAME_BYTES = 256
"""Mean bytes of names, links and attributes for each allowed entry: they are kept in memory."""

_COMMENT = frozenset((b"comment",))
_NO_DATA = frozenset(b"1 2 3 4 5 6".split())
_MOST = (1 << 63) - 1
_MOST_ID = (1 << 32) - 1
_MOST_TIME = _MOST * 10**9


class Member(NamedTuple):
    """One member, its extensions applied.

    Attributes
    ----------
    name, link : bytes
        As the tar has them.
    flag : bytes
        The type flag.
    mtime_ns : int
    size : int
        Bytes of the file.
    stored : int
        Bytes of it that the tar holds: fewer where the file is sparse.
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
    mtime_ns: int
    size: int
    stored: int
    at: int
    link: bytes
    rdev: tuple[int, int] | None
    xattrs: Xattrs
    segments: tar_sparse.Segments | None
    notes: tuple[str, ...]


def members(stream: Stream, meter: Meter) -> Iterator[Member]:
    """Yield a tar's members in order; whoever asks for the next need not have read the data of the last.

    Raises
    ------
    TarInvalid
        With the position of the record that cannot be read.
    LimitExceeded
    """
    common: Records = {}
    local: Records = {}
    long_name = long_link = None
    count = kept = 0
    while True:
        start = stream.offset
        try:
            block = _next_block(stream)
            if block is None:
                if local or long_name is not None or long_link is not None:
                    raise ValueError("an extended header has no member")
                return
            header = parse_header(block)
            flag = header.flag
            if flag in b"xgLK":
                raw = _extension(stream, header.size)
                if flag == b"x":
                    local = parse_records(raw)
                elif flag == b"g":
                    common = {key: value for key, value in {**common, **parse_records(raw)}.items() if value}
                elif flag == b"L":
                    long_name = raw.partition(b"\0")[0]
                else:
                    long_link = raw.partition(b"\0")[0]
                continue
            count += 1
            meter.limits.check_entries(count, meter.where)
            records = {**common, **local} if common else local
            member, end = _member(stream, meter, block, header, records, long_name, long_link)
        except ValueError as error:
            raise TarInvalid(str(error), where=meter.where, offset=start) from None
        if common and common.keys() - _COMMENT:
            member = member._replace(notes=(*member.notes, "global-header"))
        kept += len(member.name) + len(member.link)
        if member.xattrs or member.segments:
            kept += sum(len(key) + len(value) for key, value in member.xattrs) + 48 * len(member.segments or ())
        if kept > NAME_BYTES * max(meter.limits.max_entries, 1 << 16):
            raise LimitExceeded(
                f"more than {kept} bytes of names, links and attributes", where=meter.where,
                hint="if you trust it, allow more with --max-entries",
            )
        yield member
        local, long_name, long_link = {}, None, None
        if (left := end - stream.offset) and not stream.skip(left):
            raise TarInvalid("the tar ends inside a member's data", where=meter.where, offset=start)
        # Padding may be missing at the very end.
        if padding := -end % BLOCK:
            stream.skip(padding)


def _next_block(stream: Stream) -> bytes | None:
    block = stream.take(BLOCK)
    if len(block) < BLOCK:
        if block:
            raise ValueError("the tar ends inside a header")
        return None
    if block != ZEROS:
        return block
    stream.ended = True
    if stream.take(BLOCK).strip(b"\0"):
        raise ValueError("a single block of zeros is followed by something else")
    return None


def _extension(stream: Stream, size: int) -> bytes:
    if not 0 <= size <= MAX_EXTENSION:
        raise ValueError(f"an extended header of {size} bytes, {MAX_EXTENSION} are allowed")
    raw = stream.take(size)
    if len(raw) < size:
        raise ValueError("the tar ends inside an extended header")
    stream.skip(-size % BLOCK)
    return raw


def _member(
    stream: Stream, meter: Meter, block: bytes, header: Header, records: Records,
    long_name: bytes | None, long_link: bytes | None,
) -> tuple[Member, int]:
    name, mode, uid, gid, size, mtime, flag, link, major, minor = header
    mtime_ns = mtime * 10**9
    xattrs: Xattrs = ()
    notes: tuple[str, ...] = ()
    if records:
        name, link = records.get(b"path") or name, records.get(b"linkpath") or link
        uid, gid = decimal(records.get(b"uid") or b"%d" % uid), decimal(records.get(b"gid") or b"%d" % gid)
        size = decimal(records.get(b"size") or b"%d" % size)
        if records.get(b"mtime"):
            mtime_ns = nanoseconds(records[b"mtime"])
        xattrs = xattrs_of(records)
        if any(key.startswith(LIBARCHIVE_XATTR) for key in records):
            notes = ("libarchive-xattr",)
    stored = 0 if flag in _NO_DATA else size
    segments, whole = None, stored
    if flag == b"S":
        segments, whole = tar_sparse.old_gnu(block, stream.take)
    elif records and flag in b"0\0" and tar_sparse.is_pax(records):
        name = records.get(b"GNU.sparse.name") or name
        segments, whole, used = tar_sparse.pax(records, stream.take)
        stored -= used
    name, link = name if long_name is None else long_name, link if long_link is None else long_link
    if stored < 0 or whole > _MOST or not (0 <= uid <= _MOST_ID and 0 <= gid <= _MOST_ID) or abs(mtime_ns) > _MOST_TIME:
        raise ValueError("a size, owner or time is out of range")
    if b"\0" in name or b"\0" in link:
        raise ValueError("a name holds NUL")
    if segments is not None:
        tar_sparse.check(segments, whole, stored)
        meter.expand(whole - stored)
    at = stream.offset
    rdev = (major, minor) if flag in b"34" else None
    return Member(
        name, flag, mode, uid, gid, mtime_ns, whole, stored, at, link, rdev, xattrs, segments, notes
    ), at + stored

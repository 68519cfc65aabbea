"""A tar as a stream of members: headers and their extensions joined, data passed through.

    x (PAX records) -+
    L (long name)   -+-> header -> data ... padding to 512 -> header -> ... -> two blocks of zeros -> anything
    K (long link)   -+

What real tars leave out is accepted as Go's archive/tar does: the blocks of zeros at the end, and the padding of the
last member. A tar that ends inside a header or inside data is refused.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..errors import LimitExceeded, TarInvalid
from . import tar_sparse
from .tar_headers import (
    BLOCK,
    LIBARCHIVE_XATTR,
    ZEROS,
    Member,
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

NO_DATA = frozenset(b"1 2 3 4 5 6".split())
"""Type flags of members that have no data, whatever their size field says."""

_EXTENSIONS = frozenset(b"x g L K".split())
_SPARSE_IN_PAX = frozenset((b"0", b"\0"))
_COMMENT = frozenset((b"comment",))
_MOST = (1 << 63) - 1
_MOST_ID = (1 << 32) - 1
_MOST_TIME = _MOST * 10**9


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
    room = NAME_BYTES * max(meter.limits.max_entries, 1 << 16)
    count = kept = 0
    start = stream.offset
    while True:
        block = stream.take(BLOCK)
        try:
            if len(block) < BLOCK or block == ZEROS:
                _check_end(stream, block)
                if local or long_name is not None or long_link is not None:
                    raise ValueError("an extended header has no member")
                return
            member = parse_header(block)
            flag = member.flag
            if flag in _EXTENSIONS:
                raw = _extension(stream, member.size)
                if flag == b"x":
                    local = parse_records(raw)
                elif flag == b"g":
                    common = {key: value for key, value in {**common, **parse_records(raw)}.items() if value}
                elif flag == b"L":
                    long_name = raw.partition(b"\0")[0]
                else:
                    long_link = raw.partition(b"\0")[0]
                start = stream.offset
                continue
            count += 1
            meter.limits.check_entries(count, meter.where)
            records = {**common, **local} if common else local
            _complete(stream, meter, block, member, records, long_name, long_link)
        except ValueError as error:
            raise TarInvalid(str(error), where=meter.where, offset=start) from None
        if common and common.keys() - _COMMENT:
            member.notes = (*member.notes, "global-header")
        kept += len(member.name) + len(member.link)
        if member.xattrs or member.segments:
            kept += sum(len(key) + len(value) for key, value in member.xattrs) + 48 * len(member.segments or ())
        if kept > room:
            raise LimitExceeded(
                f"more than {kept} bytes of names, links and attributes", where=meter.where,
                hint="if you trust it, allow more with --max-entries",
            )
        yield member
        local, long_name, long_link = {}, None, None
        end = member.at + member.stored
        header_at, start = start, end + -end % BLOCK
        # Padding may be missing at the very end: then nothing follows.
        if not stream.skip_to(start) and stream.offset < end:
            raise TarInvalid("the tar ends inside a member's data", where=meter.where, offset=header_at)


def _check_end(stream: Stream, block: bytes) -> None:
    """Look at what is there in place of another header."""
    if not block:
        return
    if len(block) < BLOCK:
        raise ValueError("the tar ends inside a header")
    stream.ended = True
    if stream.take(BLOCK).strip(b"\0"):
        raise ValueError("a single block of zeros is followed by something else")


def _extension(stream: Stream, size: int) -> bytes:
    if not 0 <= size <= MAX_EXTENSION:
        raise ValueError(f"an extended header of {size} bytes, {MAX_EXTENSION} are allowed")
    raw = stream.take(size)
    if len(raw) < size:
        raise ValueError("the tar ends inside an extended header")
    stream.skip(-size % BLOCK)
    return raw


def _complete(
    stream: Stream, meter: Meter, block: bytes, member: Member, records: Records,
    long_name: bytes | None, long_link: bytes | None,
) -> None:
    """Apply a member's extensions, and find out where its data lies."""
    if records:
        _apply(records, member)
    if member.flag in NO_DATA:
        member.size = 0
    stored = member.size
    if member.flag == b"S":
        member.segments, member.size = tar_sparse.old_gnu(block, stream.take)
    elif records and member.flag in _SPARSE_IN_PAX and tar_sparse.is_pax(records):
        member.name = records.get(b"GNU.sparse.name") or member.name
        member.segments, member.size, used = tar_sparse.pax(records, stream.take)
        stored -= used
    member.stored, member.at = stored, stream.offset
    if long_name is not None:
        member.name = long_name
    if long_link is not None:
        member.link = long_link
    _check(member)
    if member.segments is not None:
        tar_sparse.check(member.segments, member.size, stored)
        meter.expand(member.size - stored)


def _apply(records: Records, member: Member) -> None:
    member.name, member.link = records.get(b"path") or member.name, records.get(b"linkpath") or member.link
    member.uid = decimal(records.get(b"uid") or b"%d" % member.uid)
    member.gid = decimal(records.get(b"gid") or b"%d" % member.gid)
    member.size = decimal(records.get(b"size") or b"%d" % member.size)
    if records.get(b"mtime"):
        member.mtime_ns = nanoseconds(records[b"mtime"])
    member.xattrs = xattrs_of(records)
    if any(key.startswith(LIBARCHIVE_XATTR) for key in records):
        member.notes = ("libarchive-xattr",)


def _check(member: Member) -> None:
    if (
        member.stored < 0 or member.size > _MOST or abs(member.mtime_ns) > _MOST_TIME
        or not (0 <= member.uid <= _MOST_ID and 0 <= member.gid <= _MOST_ID)
    ):
        raise ValueError("a size, owner or time is out of range")
    if 0 in member.name or 0 in member.link:
        raise ValueError("a name holds NUL")

"""Writing a layer's tar: the same change set gives the same bytes, everywhere.

    links to lower files      first, before any name of this layer could catch them
    ./                        the root, where the layer describes it
    etc/                      parents before children, names in byte order;
    etc/.wh..wh..opq          in each directory its opaque mark,
    etc/.wh.motd              then its whiteouts,
    etc/hosts                 then what it holds
    two blocks of zeros

Whiteouts go before what the directory holds because overlay engines refuse a whiteout that comes after an entry
of the same name. Headers are ustar, with a PAX header only where ustar has no room: names that do not fit, sizes from
8 GiB, owners from 2097152, times before 1970, after 2242 or finer than a second, extended attributes. Names
are written as the bytes they are, also where they are not UTF-8: Go, GNU tar and Python read them so, and GNU
tar warns of ``hdrcharset=BINARY``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from ..content.data import exactly
from ..errors import BadInput
from .changeset import OPAQUE_MARKER, WHITEOUT_PREFIX, ChangeSet
from .entry import Entry, Kind
from .tar_build import AUFS_PREFIX
from .tar_headers import BLOCK, XATTR

_FLAGS = {
    Kind.FILE: b"0", Kind.HARDLINK: b"1", Kind.SYMLINK: b"2", Kind.CHAR: b"3", Kind.BLOCK: b"4",
    Kind.DIRECTORY: b"5", Kind.FIFO: b"6",
}
_MARK = Entry(Kind.FILE, 0)
"""What a whiteout or an opaque mark is in the tar: an empty file, mode 0, of 1970."""

_NAME, _PREFIX, _SMALL, _LARGE = 100, 155, 8**7, 8**11
_SECOND = 10**9

_DESCRIBED, _OPAQUE, _WHITEOUT, _HELD = range(4)


def write_layer(changes: ChangeSet) -> Iterator[bytes]:
    """Yield the tar that says what a change set says.

    Parameters
    ----------
    changes : ChangeSet
        Of hard links of one inode, the first name in order holds the bytes.

    Yields
    ------
    bytes
        Headers, and the files' bytes in the pieces in which their `Data` gives them.

    Raises
    ------
    BadInput
        A name that a tar cannot say: one that begins with ``.wh.``, or holds NUL.
    SizeMismatch
        A file's data gives more or fewer bytes than its size.

    Examples
    --------
    >>> from sim.fs.sketch import sketch, file, whiteout
    >>> tar = b"".join(write_layer(sketch(file("etc/hosts", b"::1 localhost"), whiteout("etc/motd"))))
    >>> tar[:13], tar[512:521], len(tar)
    (b'etc/.wh.motd\\x00', b'etc/hosts', 2560)
    """
    first_name: dict[int, str] = {}
    for name, entry, path in _ordered(changes):
        if entry.inode:
            first = first_name.setdefault(entry.inode, path)
            if first != path:
                yield from _member(name, entry, Kind.HARDLINK, first)
                continue
        yield from _member(name, entry, entry.kind, entry.target or "")
        if entry.data is not None:
            yield from _padded(entry, path)
    yield bytes(2 * BLOCK)


def _ordered(changes: ChangeSet) -> Iterator[tuple[str, Entry, str]]:
    """Yield (name in the tar, entry, path), in the tar's order."""
    ranked = [(_key(path, _WHITEOUT), path, _MARK) for path in changes.whiteouts]
    ranked += [((*_key(path, _HELD), (_OPAQUE, b"")), path, _MARK) for path in changes.opaques]
    lower: dict[str, Entry] = {}
    for path, entry in changes.entries.items():
        if entry.kind is Kind.HARDLINK:
            lower[path] = entry
        else:
            ranked.append((_key(path, _HELD), path, entry))
    for path in _before_their_targets(lower):
        yield _checked(path, lower[path]), lower[path], path
    for key, path, entry in sorted(ranked, key=lambda one: one[0]):
        if entry is not _MARK:
            yield _checked(path, entry), entry, path
        elif key and key[-1][0] == _OPAQUE:
            yield f"{path}/{OPAQUE_MARKER}" if path else OPAQUE_MARKER, entry, path
        else:
            yield _whiteout_name(path), entry, path


def _before_their_targets(links: dict[str, Entry]) -> Iterator[str]:
    """Order links to lower files so that none comes after a link that takes its target's name."""
    awaited = Counter(entry.target for path, entry in links.items() if entry.target != path and entry.target in links)
    ready = sorted((path for path in links if not awaited[path]), key=_bytes, reverse=True)
    done = 0
    while ready:
        path = ready.pop()
        done += 1
        yield path
        target = links[path].target
        if target != path and target in links:
            awaited[target] -= 1
            if not awaited[target]:
                ready.append(target)
    if done < len(links):
        raise BadInput("hard links to lower files that exchange their names cannot be said in a tar")


def _key(path: str, rank: int) -> tuple[tuple[int, bytes], ...]:
    # An ancestor ranks as what its directory holds, so that children follow their parent's own member.
    parts = _bytes(path).split(b"/") if path else []
    return (*((_HELD, part) for part in parts[:-1]), *((rank, part) for part in parts[-1:]))


def _bytes(name: str) -> bytes:
    return name.encode("utf-8", "surrogateescape")


def _checked(path: str, entry: Entry) -> str:
    base = path.rpartition("/")[2]
    if base.startswith(WHITEOUT_PREFIX) or path.startswith(AUFS_PREFIX) or "\0" in path:
        raise BadInput(
            f"/{path[:200]!r} cannot be a name in a layer",
            hint=f"names that begin with {WHITEOUT_PREFIX} mean deletions there; rename it",
        )
    for key, _ in entry.xattrs:
        if "=" in key:
            raise BadInput(f"/{path}: a tar cannot hold the attribute {key[:80]!r}", hint="'=' ends a name there")
    if not entry.is_dir:
        return path
    return path + "/" if path else "./"


def _whiteout_name(path: str) -> str:
    directory, slash, base = path.rpartition("/")
    name = directory + slash + WHITEOUT_PREFIX + base
    if not base or base.startswith(WHITEOUT_PREFIX) or name.startswith(AUFS_PREFIX) or "\0" in path:
        raise BadInput(
            f"a layer cannot say that /{path[:200]!r} is deleted", hint="leave it, or make its directory opaque"
        )
    return name


def _padded(entry: Entry, path: str) -> Iterator[bytes]:
    assert entry.data is not None
    yield from exactly(entry.data, where=f"/{path}")
    if entry.size % BLOCK:
        yield bytes(-entry.size % BLOCK)


def _member(name: str, entry: Entry, kind: Kind, link: str) -> Iterator[bytes]:
    raw_name, raw_link = _bytes(name), _bytes(link)
    size = entry.size if kind is Kind.FILE else 0
    seconds, fraction = divmod(entry.mtime_ns, _SECOND)
    prefix, short = _split(raw_name)
    records: dict[bytes, bytes] = {XATTR + _bytes(key): value for key, value in entry.xattrs}
    if short is None:
        records[b"path"] = raw_name
    if len(raw_link) > _NAME:
        records[b"linkpath"] = raw_link
    if size >= _LARGE:
        records[b"size"] = b"%d" % size
    for key, owner in ((b"uid", entry.uid), (b"gid", entry.gid)):
        if owner >= _SMALL:
            records[key] = b"%d" % owner
    if fraction or not 0 <= seconds < _LARGE:
        records[b"mtime"] = _time(entry.mtime_ns)
    if records:
        yield from _extended(raw_name, records)
    major, minor = entry.rdev or (0, 0)
    yield _header(
        raw_name[:_NAME] if short is None else short, prefix, entry.mode, entry.uid, entry.gid, size, seconds,
        _FLAGS[kind], raw_link[:_NAME], major, minor,
    )


def _split(name: bytes) -> tuple[bytes, bytes | None]:
    """Split a name into ustar's prefix and name; None where it does not fit."""
    if len(name) <= _NAME:
        return b"", name
    # The longest prefix that leaves a name: only its slash is not written.
    at = name.rfind(b"/", 0, min(_PREFIX + 1, len(name) - 1))
    if at <= 0 or len(name) - at - 1 > _NAME:
        return b"", None
    return name[:at], name[at + 1 :]


def _time(mtime_ns: int) -> bytes:
    seconds, fraction = divmod(abs(mtime_ns), _SECOND)
    sign = "-" if mtime_ns < 0 else ""
    return f"{sign}{seconds}.{fraction:09d}".rstrip("0").rstrip(".").encode("ascii")


def _extended(name: bytes, records: dict[bytes, bytes]) -> Iterator[bytes]:
    raw = b"".join(_record(key, value) for key, value in sorted(records.items()))
    base = name.rstrip(b"/").rpartition(b"/")[2]
    yield _header((b"PaxHeaders.0/" + base)[:_NAME], b"", 0o644, 0, 0, len(raw), 0, b"x", b"", 0, 0)
    yield raw + bytes(-len(raw) % BLOCK)


def _record(key: bytes, value: bytes) -> bytes:
    # The length counts its own digits.
    rest = len(key) + len(value) + 3
    length = rest + len(str(rest))
    length = rest + len(str(length))
    return b"%d %s=%s\n" % (length, key, value)


def _octal(value: int, width: int) -> bytes:
    # What does not fit is said by the PAX record; the field then holds 0, as Go writes it.
    limit = 8 ** (width - 1)
    return b"%0*o\0" % (width - 1, value if 0 <= value < limit else 0)


def _header(
    name: bytes, prefix: bytes, mode: int, uid: int, gid: int, size: int, seconds: int, flag: bytes, link: bytes,
    major: int, minor: int,
) -> bytes:
    fields: Iterable[bytes] = (
        name.ljust(_NAME, b"\0"), _octal(mode, 8), _octal(uid, 8), _octal(gid, 8), _octal(size, 12),
        _octal(seconds, 12), b" " * 8, flag, link.ljust(_NAME, b"\0"), b"ustar\x0000", bytes(64),
        _octal(major, 8), _octal(minor, 8), prefix.ljust(_PREFIX, b"\0"), bytes(12),
    )
    block = b"".join(fields)
    return block[:148] + b"%06o\0 " % sum(block) + block[156:]

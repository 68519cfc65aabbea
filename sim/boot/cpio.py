"""A cpio archive of the "newc" kind: what a kernel unpacks into rootfs before it runs its first program.

    070701 ino mode uid gid nlink mtime filesize devmajor devminor rdevmajor rdevminor namesize check   110 bytes
    name \\0     padded to 4      data     padded to 4      ...      TRAILER!!!, padded to 512

All numbers are eight hexadecimal digits, so a file ends below 4 GiB. Names of one inode carry its number; its
bytes come with the LAST of them, as GNU cpio writes them. There is no room for extended attributes, and whole
seconds alone. The same entries give the same bytes everywhere: inodes are numbered from 1 in order.

Sources: Documentation/driver-api/early-userspace/buffer-format.rst and init/initramfs.c of Linux; cpio(5).
"""

from __future__ import annotations

import stat
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ..content.data import exactly
from ..errors import BadInput
from ..fs.entry import Entry, Kind
from ..union.paths import path_bytes

MAGIC = b"070701"
TRAILER = "TRAILER!!!"
_BLOCK = 512
_WORD = 0xFFFF_FFFF
_LONGEST = 4095
"""Of a name and of a symlink's target: the kernel passes over longer ones in silence (PATH_MAX)."""

_TYPES = {
    Kind.FILE: stat.S_IFREG, Kind.DIRECTORY: stat.S_IFDIR, Kind.SYMLINK: stat.S_IFLNK, Kind.FIFO: stat.S_IFIFO,
    Kind.CHAR: stat.S_IFCHR, Kind.BLOCK: stat.S_IFBLK,
}


@dataclass(frozen=True, slots=True)
class Node:
    """One name of a file system that is written as a whole.

    Attributes
    ----------
    path : str
        Empty for the root.
    entry : Entry
    inode : int
        Equal for names of one inode, different for all others.
    """

    path: str
    entry: Entry
    inode: int


def write_newc(nodes: Sequence[Node]) -> Iterator[bytes]:
    """Yield a cpio archive of the newc kind.

    Parameters
    ----------
    nodes : sequence of Node
        A directory before what is in it.

    Yields
    ------
    bytes
        Headers, and the files' bytes in the pieces in which their `Data` gives them.

    Raises
    ------
    BadInput
        A name, a number or a size that the archive cannot hold.
    SizeMismatch
        A file's data gives more or fewer bytes than its size.

    Examples
    --------
    >>> from sim.content.data import Inline
    >>> made = b"".join(write_newc([Node("init", Entry(Kind.FILE, 0o755, data=Inline(b"#!")), 1)]))
    >>> made[:6], made[110:115], made[116:118], len(made)
    (b'070701', b'init\\x00', b'#!', 512)
    """
    names = Counter(node.inode for node in nodes)
    left = names.copy()
    written = 0
    for number, node in _numbered(nodes):
        left[node.inode] -= 1
        for piece in _member(node, number, names[node.inode], last=not left[node.inode]):
            written += len(piece)
            yield piece
    end = _header(0, 0, 0, 0, 1, 0, 0, (0, 0), len(TRAILER) + 1) + TRAILER.encode() + b"\0"
    yield end + bytes(-(written + len(end)) % _BLOCK)


def _numbered(nodes: Iterable[Node]) -> Iterator[tuple[int, Node]]:
    numbers: dict[int, int] = {}
    for node in nodes:
        yield numbers.setdefault(node.inode, len(numbers) + 1), node


def _member(node: Node, number: int, names: int, *, last: bool) -> Iterator[bytes]:
    entry, where = node.entry, f"/{node.path[:200]}"
    # The archive's end is told by its name alone.
    name = path_bytes(f"./{node.path}" if node.path == TRAILER else node.path or ".") + b"\0"
    target = path_bytes(entry.target or "") if entry.kind is Kind.SYMLINK else b""
    if len(name) > _LONGEST + 1 or len(target) > _LONGEST:
        raise BadInput(f"a name or link of more than {_LONGEST} bytes is lost in an initramfs", where=where)
    size = len(target) or (entry.size if last else 0)
    rdev = entry.rdev or (0, 0)
    told = ((size, "size"), (entry.uid, "owner"), (entry.gid, "group"), *((part, "device") for part in rdev))
    for value, what in told:
        if not 0 <= value <= _WORD:
            raise BadInput(f"its {what} {value} does not fit into an initramfs, which ends at {_WORD}", where=where)
    mtime = min(max(entry.mtime_ns // 10**9, 0), _WORD)
    mode = _TYPES[entry.kind] | entry.mode
    yield _aligned(_header(number, mode, entry.uid, entry.gid, names, mtime, size, rdev, len(name)) + name)
    if target:
        yield _aligned(target)
    elif size and entry.data is not None:
        yield from exactly(entry.data, where=where)
        yield bytes(-size % 4)


def _header(
    number: int, mode: int, uid: int, gid: int, nlink: int, mtime: int, size: int, rdev: tuple[int, int], length: int
) -> bytes:
    fields = (number, mode, uid, gid, nlink, mtime, size, 0, 0, *rdev, length, 0)
    return MAGIC + b"".join(b"%08X" % field for field in fields)


def _aligned(raw: bytes) -> bytes:
    return raw + bytes(-len(raw) % 4)

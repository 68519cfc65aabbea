"""Open files: open, read, write, and what a descriptor sees after a copy-up (fs/overlayfs/file.c).

    fd = open("/f", O_RDONLY)          the lower file
    write through another descriptor   copies /f up, changes the copy
    read(fd)                           the NEW bytes, since Linux 4.19
    a mapping made through fd          the OLD bytes: it stays with the lower file
"""

from __future__ import annotations

import errno
from dataclasses import dataclass, replace
from enum import IntFlag

from ...content.data import Data, Inline
from ...content.splice import overwritten, stored
from ...fs.entry import Kind
from .attrs import drop_privileges, resize
from .copyup import copy_up, release, spend
from .core import Core
from .create import create
from .dentry import Dentry, OpenFile
from .disk import Node
from .paths import MAX_SYMLINKS, Last, child, resolve, resolve_parent, writable
from .report import Did, Effect, Refused, Stat
from .views import size_of


class Open(IntFlag):
    """Flags of open(2), by Linux's numbers (asm-generic/fcntl.h)."""

    RDONLY = 0
    WRONLY = 0o1
    RDWR = 0o2
    CREAT = 0o100
    EXCL = 0o200
    TRUNC = 0o1000
    APPEND = 0o2000
    DIRECTORY = 0o200000
    NOFOLLOW = 0o400000


# Plain numbers: arithmetic on enumeration members is slow, and this is done for every open.
_WRONLY, _WRITES, _CREAT, _EXCL, _TRUNC = 0o1, 0o3, 0o100, 0o200, 0o1000
_APPEND, _DIRECTORY, _NOFOLLOW = 0o2000, 0o200000, 0o400000


@dataclass(frozen=True, slots=True)
class Mapping:
    """What mmap(2) of a descriptor mapped; read it with `OverlayMount.mapped`."""

    path: str
    node: Node
    size: int


def open_file(core: Core, path: str, flags: int, mode: int) -> int:
    """open(2); return the smallest free descriptor, from 3."""
    dentry, fresh = _find(core, path, flags, mode)
    mapped = dentry.node
    if not fresh:
        _check_open(core, dentry, flags)
        if flags & (_WRITES | _TRUNC) and mapped.kind is Kind.FILE:
            writable(core)
            copy_up(core, dentry, cut=bool(flags & _TRUNC))
            assert dentry.upper is not None
            mapped = dentry.upper
            if flags & _TRUNC:
                resize(core, dentry.upper, 0)
                core.did(Did.WROTE, dentry)
    number = 3
    while number in core.files:
        number += 1
    layer = core.upper_layer if dentry.upper is not None else dentry.lowers[0][0]
    file = OpenFile(dentry.path, mapped, mapped, flags, core.shown_ino(dentry), layer, dentry.is_dir and dentry.merged)
    core.put(core.files, number, file)
    return number


def _find(core: Core, path: str, flags: int, mode: int) -> tuple[Dentry, bool]:
    """Find what open(2) opens, or make it; say whether it was made."""
    if flags & (_CREAT | _DIRECTORY) == (_CREAT | _DIRECTORY):
        raise Refused(errno.EINVAL)
    follow = not flags & _NOFOLLOW and (flags & (_CREAT | _EXCL)) != (_CREAT | _EXCL)
    if not flags & _CREAT:
        return resolve(core, path, follow), False
    start: Dentry | None = None
    links = 0
    while True:
        parent, name, last, slash, links = resolve_parent(core, path, start, links)
        if slash or last is not Last.NAME:
            raise Refused(errno.EEXIST if flags & _EXCL and not slash else errno.EISDIR)
        dentry = child(core, parent, name)
        if dentry is None:
            writable(core)
            return create(core, parent, name, mode), True
        node = dentry.node
        if flags & _EXCL:
            raise Refused(errno.EEXIST)
        if node.kind is not Kind.SYMLINK or not follow:
            return dentry, False
        links += 1
        if links > MAX_SYMLINKS:
            raise Refused(errno.ELOOP)
        path, start = node.target, parent


def _check_open(core: Core, dentry: Dentry, flags: int) -> None:
    node = dentry.node
    if node.kind is Kind.SYMLINK:
        raise Refused(errno.ENOTDIR if flags & _DIRECTORY else errno.ELOOP)
    if node.names is not None:
        if flags & (_WRITES | _CREAT | _TRUNC):
            raise Refused(errno.EISDIR)
    elif flags & _DIRECTORY:
        raise Refused(errno.ENOTDIR)
    elif node.kind is not Kind.FILE:
        # Behind a pipe or a device there is nobody in a model of file systems.
        raise Refused(errno.ENXIO)


def get(core: Core, number: int) -> OpenFile:
    """Return an open file; `EBADF` where the descriptor is none."""
    try:
        return core.files[number]
    except KeyError:
        raise Refused(errno.EBADF) from None


def close(core: Core, number: int) -> None:
    """close(2)."""
    file = get(core, number)
    core.drop(core.files, number)
    if file.node.nlink <= 0:
        release(core, file.node)


def read(core: Core, number: int, length: int | None, offset: int | None) -> bytes:
    """read(2), or pread(2) with an offset."""
    file = get(core, number)
    if file.flags & _WRITES == _WRONLY:
        raise Refused(errno.EBADF)
    if file.node.names is not None:
        raise Refused(errno.EISDIR)
    found = file.node.data.read(file.offset if offset is None else offset, length)
    if offset is None and found:
        core.put(core.files, number, replace(file, offset=file.offset + len(found)))
    return found


def write(core: Core, number: int, data: bytes | Data, offset: int | None) -> int:
    """write(2), or pwrite(2) with an offset; return how many bytes were written.

    Where not all bytes have room, those that have are written; `ENOSPC` where none has.
    """
    file = get(core, number)
    if not file.flags & _WRITES:
        raise Refused(errno.EBADF)
    new = Inline(data) if isinstance(data, bytes) else data
    if not new.size:
        return 0
    node = file.node
    at = node.data.size if file.flags & _APPEND else file.offset if offset is None else offset
    written = _write_at(core, node, at, new)
    if offset is None:
        core.put(core.files, number, replace(file, offset=at + written))
    if node.nlink > 0:
        core.effects.append(_wrote(file.path, written))
    return written


def _wrote(path: str, size: int) -> Effect:
    return Effect(Did.WROTE, path, size)


def _write_at(core: Core, node: Node, at: int, new: Data) -> int:
    before = stored(node.data)
    result = overwritten(node.data, at, new)
    cost = stored(result) - before
    if core.size is not None and cost > 0 and core.used + cost > core.size:
        room = new.size - (core.used + cost - core.size)
        if room <= 0:
            raise Refused(errno.ENOSPC)
        new = Inline(new.read(0, room))
        result = overwritten(node.data, at, new)
        cost = stored(result) - before
    drop_privileges(core, node)
    spend(core, cost)
    core.set(node, "data", result)
    core.set(node, "mtime_ns", core.now)
    return new.size


def seek(core: Core, number: int, offset: int) -> int:
    """lseek(2) to an absolute position."""
    file = get(core, number)
    if offset < 0:
        raise Refused(errno.EINVAL)
    core.put(core.files, number, replace(file, offset=offset))
    return offset


def ftruncate(core: Core, number: int, size: int) -> None:
    """ftruncate(2)."""
    file = get(core, number)
    if size < 0 or not file.flags & _WRITES or file.node.names is not None:
        raise Refused(errno.EINVAL)
    resize(core, file.node, size)
    core.effects.append(_wrote(file.path, 0))


def fstat(core: Core, number: int) -> Stat:
    """fstat(2)."""
    file = get(core, number)
    node = file.node
    nlink = 1 if file.merged else core.unions.get(id(node), node.nlink)
    return Stat(file.ino, node.kind, node.mode, nlink, node.uid, node.gid, size_of(node), node.mtime_ns,
                node.rdev, file.layer)


def mmap(core: Core, number: int) -> Mapping:
    """mmap(2), MAP_SHARED and PROT_READ."""
    file = get(core, number)
    if file.flags & _WRITES == _WRONLY or file.mapped.names is not None:
        raise Refused(errno.EBADF)
    # Programs map as many bytes as fstat shows; behind the end of the mapped file they read zeros.
    return Mapping(file.path, file.mapped, file.node.data.size)


def read_all(core: Core, path: str) -> Data:
    """Return a file's data, as open, read and close would."""
    dentry = resolve(core, path)
    _check_open(core, dentry, 0)
    if dentry.node.names is not None:
        raise Refused(errno.EISDIR)
    return dentry.node.data


def write_all(core: Core, path: str, data: bytes | Data, append: bool, mode: int) -> int:
    """Open for writing (with O_CREAT, and O_TRUNC or O_APPEND), write, close; return the bytes written."""
    number = open_file(core, path, _WRONLY | _CREAT | (_APPEND if append else _TRUNC), mode)
    try:
        return write(core, number, data, None)
    finally:
        core.drop(core.files, number)

"""Small layers in a line, for lessons and tests.

    base = sketch(file("/etc/hosts", b"127.0.0.1 localhost"), directory("/opt"))
    top = sketch(whiteout("/etc/hosts"))
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ..content.data import Data, Inline
from .changeset import ChangeSet
from .entry import Entry, Kind, Xattrs, canonical

Mark = Callable[["_Draft"], None]


class _Draft:
    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}
        self.whiteouts: set[str] = set()
        self.opaques: set[str] = set()
        self.inodes = 0


def sketch(*marks: Mark) -> ChangeSet:
    """Make a change set out of marks, in order.

    Examples
    --------
    >>> sketch(file("/etc/motd", b"hi"), whiteout("/lib"))
    <ChangeSet: 1 entries, 1 whiteouts, 0 opaque>
    """
    draft = _Draft()
    for mark in marks:
        mark(draft)
    return ChangeSet(draft.entries, draft.whiteouts, draft.opaques)


def _put(path: str, entry: Entry) -> Mark:
    return lambda draft: draft.entries.__setitem__(canonical(path), entry)


def file(
    path: str, data: bytes | Data = b"", mode: int = 0o644, uid: int = 0, gid: int = 0,
    mtime: int = 0, xattrs: Xattrs = (),
) -> Mark:
    """A regular file; `mtime` in whole seconds."""
    held = Inline(data) if isinstance(data, bytes) else data
    return _put(path, Entry(Kind.FILE, mode, uid, gid, mtime * 10**9, held, xattrs=xattrs))


def directory(
    path: str, mode: int = 0o755, uid: int = 0, gid: int = 0, mtime: int = 0, xattrs: Xattrs = ()
) -> Mark:
    """A directory."""
    return _put(path, Entry(Kind.DIRECTORY, mode, uid, gid, mtime * 10**9, xattrs=xattrs))


def symlink(path: str, target: str, mtime: int = 0) -> Mark:
    """A symbolic link."""
    return _put(path, Entry(Kind.SYMLINK, 0o777, mtime_ns=mtime * 10**9, target=target))


def fifo(path: str, mode: int = 0o644) -> Mark:
    """A named pipe."""
    return _put(path, Entry(Kind.FIFO, mode))


def char_device(path: str, major: int, minor: int, mode: int = 0o644) -> Mark:
    """A character device."""
    return _put(path, Entry(Kind.CHAR, mode, rdev=(major, minor)))


def hardlink(path: str, existing: str) -> Mark:
    """A second name for a file: of this layer if it holds `existing`, else of a lower one."""

    def mark(draft: _Draft) -> None:
        target = canonical(existing)
        entry = draft.entries.get(target)
        if entry is None:
            entry = Entry(Kind.HARDLINK, 0o644, target=target)
        elif not entry.inode:
            draft.inodes += 1
            entry = draft.entries[target] = replace(entry, inode=draft.inodes)
        draft.entries[canonical(path)] = entry

    return mark


def whiteout(path: str) -> Mark:
    """Hide what lower layers have at a path."""
    return lambda draft: draft.whiteouts.add(canonical(path))


def opaque(path: str) -> Mark:
    """Hide what lower layers have below a directory."""
    return lambda draft: draft.opaques.add(canonical(path))

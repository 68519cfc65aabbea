"""The real thing beside the model: a stack of layers on disk, mounted by the kernel's overlayfs (Linux, root).

    1/  2/ ... n/     one directory a layer, in the kernel's on-disk form
    m/                mount -t overlay -o lowerdir=n:...:2:1 overlay m

Layers follow the image specification, the kernel its own rules, so a layer is translated: a whiteout becomes a
character device 0/0 where something is to be hidden; a directory that begins anew or is opaque gets
``trusted.overlay.opaque=y``; an opaque root becomes whiteouts; a directory has the attributes of the merged view,
since the topmost one shows. All is done in a mount namespace of this process, and on a tmpfs in it, so that nothing
is left behind.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import stat
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ..fs.changeset import ChangeSet
from ..fs.entry import Entry, Kind, parent
from ..union.index import Index
from ..union.lookup import hidden

MAX_LOWERS = 500
"""``OVL_MAX_STACK`` (fs/overlayfs/params.h)."""

_CLONE_NEWNS = 0x20000
_MS_RDONLY, _MS_REC, _MS_PRIVATE = 1, 1 << 14, 1 << 18
_MNT_DETACH = 2
_OPAQUE = "trusted.overlay.opaque"
_FORMS = {Kind.FIFO: stat.S_IFIFO, Kind.CHAR: stat.S_IFCHR, Kind.BLOCK: stat.S_IFBLK}


def why_not() -> str | None:
    """Return why there can be no kernel mount here, or None where there can."""
    if sys.platform != "linux":
        return "needs Linux"
    if os.geteuid() != 0:
        return "needs root"
    with open("/proc/filesystems", encoding="ascii") as known:
        return None if "\toverlay\n" in known.read() else "this kernel has no overlay file system"


def _call(result: int, what: str) -> None:
    if result:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), what)


def _mount(source: str, target: str, kind: str | None, flags: int, options: str = "") -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    kinds = None if kind is None else kind.encode()
    _call(libc.mount(source.encode(), os.fsencode(target), kinds, flags, options.encode()), options or target)


@contextmanager
def scratch(where: Path) -> Iterator[Path]:
    """Give a tmpfs at an existing folder, that only this process and its children see."""
    libc = ctypes.CDLL(None, use_errno=True)
    _call(libc.unshare(_CLONE_NEWNS), "unshare")
    _mount("none", "/", None, _MS_REC | _MS_PRIVATE)
    _mount("tmpfs", str(where), "tmpfs", 0, "mode=755")
    try:
        yield where
    finally:
        _call(libc.umount2(os.fsencode(where), _MNT_DETACH), "umount")


@contextmanager
def mounted(where: Path) -> Iterator[Path]:
    """Mount the layers that `materialise` put into a folder, read-only, and yield the mount point."""
    names = sorted((name for name in os.listdir(where) if name.isdigit()), key=int, reverse=True)
    merged = where / "m"
    merged.mkdir(exist_ok=True)
    home = os.open(".", os.O_RDONLY | os.O_DIRECTORY)
    os.chdir(where)
    try:
        # Names relative to the folder keep 500 layers within the one page that mount(2) takes.
        _mount("overlay", str(merged), "overlay", _MS_RDONLY, "lowerdir=" + ":".join(names))
    finally:
        os.fchdir(home)
        os.close(home)
    try:
        yield merged
    finally:
        libc = ctypes.CDLL(None, use_errno=True)
        _call(libc.umount2(os.fsencode(merged), _MNT_DETACH), "umount")


def materialise(stack: Sequence[ChangeSet], where: Path) -> None:
    """Put a stack's layers on disk as directories ``1``, ``2`` ... of a folder.

    Hard links to files of LOWER layers have no such form; a stack must be without them.
    """
    if len(stack) < 2:
        # A mount without an upper needs two lowers, so an empty one goes below.
        (where / "0").mkdir()
    index = Index()
    for number, layer in enumerate(stack, 1):
        below, index = index, index.push(layer)
        top = where / str(number)
        top.mkdir()
        _write(layer, index, below, str(top))


def _write(layer: ChangeSet, index: Index, below: Index, top: str) -> None:
    described = {path: index.get(path) for path in (*layer.entries, *layer.implied)}
    white = [path for path in layer.whiteouts if path not in described and _is_merged(layer, below, path)]
    if "" in layer.opaques:
        white += [name for name in below.readdir("") if name not in described]
    # A whiteout needs its parents in the layer, with the attributes that the merged view shows.
    for path in white:
        while path:
            path = parent(path)
            described.setdefault(path, index.get(path))
    described.setdefault("", index.get(""))
    linked: dict[int, str] = {}
    for path in sorted(described, key=lambda path: path.split("/") if path else []):
        entry = described[path]
        if entry is not None:
            _make(os.path.join(top, path), entry, linked)
            if path and entry.is_dir and (path in layer.opaques or hidden(layer, path) is not None):
                os.setxattr(os.fsencode(os.path.join(top, path)), _OPAQUE, b"y")
    for path in white:
        os.mknod(os.fsencode(os.path.join(top, path)), stat.S_IFCHR, os.makedev(0, 0))
    for path, entry in described.items():
        if entry is not None:
            at = os.fsencode(os.path.join(top, path))
            os.utime(at, ns=(entry.mtime_ns, entry.mtime_ns), follow_symlinks=False)


def _is_merged(layer: ChangeSet, below: Index, path: str) -> bool:
    # Elsewhere a whiteout has nothing to hide, and in a directory that is not merged the kernel would list it.
    above = parent(path)
    beside = layer.entries.get(above)
    anew = above in layer.opaques or hidden(layer, above) is not None
    return below.get(path) is not None and not anew and (beside is None or beside.is_dir)


def _make(path: str, entry: Entry, linked: dict[int, str]) -> None:
    at = os.fsencode(path)
    if entry.inode in linked:
        os.link(os.fsencode(linked[entry.inode]), at, follow_symlinks=False)
        return
    if entry.inode:
        linked[entry.inode] = path
    if entry.kind is Kind.DIRECTORY:
        os.makedirs(at, exist_ok=True)
    elif entry.kind is Kind.SYMLINK:
        os.symlink(os.fsencode(entry.target or ""), at)
    elif entry.kind is Kind.FILE:
        with open(at, "wb") as file:
            for chunk in entry.data.chunks() if entry.data else ():
                file.write(chunk)
    else:
        os.mknod(at, _FORMS[entry.kind], os.makedev(*(entry.rdev or (0, 0))))
    os.lchown(at, entry.uid, entry.gid)
    if entry.kind is not Kind.SYMLINK:
        os.chmod(at, entry.mode)


def clear(where: Path) -> None:
    """Remove the layers of a folder."""
    for name in os.listdir(where):
        shutil.rmtree(where / name)

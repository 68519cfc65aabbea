"""What a script for a kernel mount sees as `os`, `open`, `mmap`, `libc` and `shutil` on the stage."""

from __future__ import annotations

import errno
import os as real_os
import re
import stat as stat_module
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import ModuleType, SimpleNamespace
from typing import Any

from sim.content.data import Inline
from sim.errors import BadInput, FsError
from sim.fs.entry import Entry, Kind
from sim.union.overlay import Names, Options

from . import stage
from .stage import KINDS, OLD, answer, ask, entry_at, err, fail, inside, is_mount, kind, listdir, split, status


class Descriptors:
    """Descriptors of `os.open`: which stage they belong to."""

    def __init__(self) -> None:
        self.held: dict[int, tuple[stage.Ov, int]] = {}

    def open(self, path: str, flags: int, mode: int = 0o666) -> int:
        if not is_mount(path) and len(real_os.path.basename(path).encode()) > 255:
            fail(errno.ENAMETOOLONG, path)
        number = 1000 + len(self.held)
        self.held[number] = (split(path)[0], ask(path, "open", flags & ~real_os.O_CLOEXEC, mode))
        return number

    def do(self, number: int, name: str, *rest: Any) -> Any:
        held, fd = self.held[number]
        assert held.mounted is not None
        held.mounted, report = getattr(held.mounted, name)(fd, *rest)
        return answer(report)

    def mapped(self, number: int, size: int, *_: int) -> Any:
        """mmap.mmap: what its slices show."""
        held, mapping = self.held[number][0], self.do(number, "mmap")

        class Shown:
            def __getitem__(self, asked: slice) -> bytes:
                assert held.mounted is not None
                return held.mounted.mapped(mapping)[asked]

        return Shown()

    def status(self, number: int) -> Any:
        s = self.do(number, "fstat")
        return stage.status_of(s.kind, s.mode, s.nlink, s.uid, s.gid, s.size, s.mtime_ns, s.ino, s.rdev)


PLACES: set[str] = set()
"""Directories outside of stages that a script made."""


def on_disk(path: str, **changed: Any) -> None:
    held, where, rest = split(path)
    held.disk[where][rest] = replace(entry_at(path), **changed)


@contextmanager
def opened(path: str, mode: str = "r") -> Iterator[Any]:
    """open() of a file outside the mount, for writing it whole."""
    if mode != "wb":
        raise NotImplementedError(f"open {path} {mode}")
    held, where, rest = split(path)
    parts: list[bytes] = []
    yield SimpleNamespace(write=parts.append)
    held.disk[where][rest] = Entry(Kind.FILE, 0o644, mtime_ns=OLD, data=Inline(b"".join(parts)))


class Mounts:
    """libc's mount(2): whether the kernel would take the options."""

    def __init__(self) -> None:
        self.errno = 0

    def mount(self, source: bytes, target: bytes, form: bytes, flags: int, words: bytes) -> int:
        try:
            _names(words.decode()).check()
        except (FsError, OSError) as error:
            self.errno = error.errno or 0
            return -1
        except BadInput:
            # A comma that was not escaped: the rest is no option.
            self.errno = errno.ENOENT
            return -1
        return 0

    def umount2(self, target: bytes, flags: int) -> int:
        return 0


def _names(words: str) -> Names:
    """Read a mount's options as the kernel does, base first; a lower that is not there is ENOENT."""
    found: dict[str, str] = {}
    switches = []
    for word in re.split(r"(?<!\\),", words):
        name, _, value = word.partition("=")
        if name in ("lowerdir", "upperdir", "workdir"):
            found[name] = value
        else:
            switches.append(word)
    options = Options.parse(",".join(switches))
    split_at = re.split(r"(?<!\\)::?", found["lowerdir"]) if "lowerdir" in found else []
    lowers = [re.sub(r"\\(.)", r"\1", lower) for lower in reversed(split_at)]
    for lower in lowers:
        if lower not in PLACES and not any(place.startswith(lower + "/") for place in PLACES):
            raise OSError(errno.ENOENT, lower)
    return Names(tuple(lowers), found.get("upperdir"), found.get("workdir"), options)


def make_os() -> Any:
    """Return what a script sees as `os`."""
    fds = Descriptors()

    def link(old: str, new: str) -> None:
        held, where, rest = split(old)
        if where == held.m:
            ask(old, "link", inside(new))
            return
        held.inode += 1
        disk = held.disk[where]
        disk[rest] = disk[split(new)[2]] = replace(disk[rest], inode=disk[rest].inode or held.inode)

    def mkdir(path: str) -> None:
        if is_mount(path):
            ask(path, "mkdir")
        else:
            # A fresh upper or work directory of a script that commits the old one.
            split(path)[0].disk[path] = stage.entries_of({})

    def utime(path: str, times: Any = None) -> None:
        ask(path, "utime", None if times is None else int(times[1] * 10**9))

    def mknod(path: str, mode: int, device: int = 0) -> None:
        ask(path, "mknod", KINDS[stat_module.S_IFMT(mode)], mode & 0o7777,
            (real_os.major(device), real_os.minor(device)))

    def listxattr(path: str) -> list[str]:
        if is_mount(path):
            return list(ask(path, "listxattr"))
        return [name for name, _ in entry_at(path).xattrs]

    def chmod(path: str, mode: int) -> None:
        if is_mount(path):
            ask(path, "chmod", mode)
        else:
            on_disk(path, mode=mode)

    def setxattr(path: str, name: str, value: bytes) -> None:
        if is_mount(path):
            ask(path, "setxattr", name, value)
        else:
            on_disk(path, xattrs=tuple(sorted([*entry_at(path).xattrs, (name, value)])))

    def scandir(path: str) -> Iterator[Any]:
        for name in listdir(path):
            s = status(f"{path}/{name}", False)
            yield SimpleNamespace(
                name=name, path=f"{path}/{name}", inode=lambda s=s: s.st_ino,
                is_dir=lambda follow_symlinks, s=s: stat_module.S_ISDIR(s.st_mode))

    def access(path: str, _: int) -> bool:
        ask(path, "stat")
        return True

    return SimpleNamespace(
        path=SimpleNamespace(join=real_os.path.join, lexists=lambda p: not isinstance(err(status, p, False), str),
                             exists=lambda p: not isinstance(err(status, p, True), str)),
        lstat=lambda p: status(p, False), stat=lambda p: status(p, True), listdir=listdir, link=link, mkdir=mkdir,
        mknod=mknod, utime=utime, listxattr=listxattr, access=access,
        unlink=lambda p: ask(p, "unlink"), rmdir=lambda p: ask(p, "rmdir"),
        rename=lambda a, b: ask(a, "rename", inside(b)), chmod=chmod, scandir=scandir, urandom=bytes,
        chown=lambda p, u, g: ask(p, "chown", u, g), lchown=lambda p, u, g: ask(p, "chown", u, g, follow=False),
        truncate=lambda p, n: ask(p, "truncate", n), setxattr=setxattr, makedirs=lambda p,
            exist_ok=False: PLACES.add(p),
        getxattr=lambda p, n: ask(p, "getxattr", n), removexattr=lambda p, n: ask(p, "removexattr", n),
        open=fds.open, close=lambda n: fds.do(n, "close"), pread=lambda n, size, at: fds.do(n, "read", size, at),
        fstat=fds.status, makedev=real_os.makedev, fds=fds, environ={},
        **{name: getattr(real_os, name) for name in dir(real_os) if name.startswith(("O_", "W_OK"))})


def rmtree(path: str, ignore_errors: bool = False) -> None:
    if ignore_errors:
        return
    for name in listdir(path):
        below = f"{path}/{name}"
        if kind(status(below, False)) == "dir":
            rmtree(below)
        else:
            ask(below, "unlink")
    ask(path, "rmdir")



def copy(_: str, path: str) -> None:
    """shutil.copy of some program of the system to a lower layer."""
    held, where, rest = split(path)
    held.disk[where][rest] = Entry(Kind.FILE, 0o755, mtime_ns=OLD, data=Inline(b"program"))


def library() -> ModuleType:
    """Return a module that stands in for the script's library."""
    found = ModuleType("ovlib")
    system, mounts = make_os(), Mounts()
    for name in ("WH", "OPQ", "Dir", "File", "Sym", "Dev", "Ov", "err", "rd", "wr", "ls", "tree", "kind",
        "renameat2"):
        setattr(found, name, getattr(stage, name))
    found.__dict__.update(
        st=lambda path, follow=False: status(path, follow), os=system, stat=stat_module, errno=errno, ROOT="/stage",
        shutil=SimpleNamespace(rmtree=rmtree, copy=copy), time=SimpleNamespace(sleep=lambda seconds: None),
        open=opened, mmap=SimpleNamespace(mmap=system.fds.mapped, MAP_SHARED=1, PROT_READ=1), libc=mounts,
        ctypes=SimpleNamespace(get_errno=lambda: mounts.errno))
    return found

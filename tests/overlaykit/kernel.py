"""The kernel's side of a comparison: the same stack on disk, mounted, and the same operations on it.

Needs root and a private mount namespace: run it under ``unshare -m --propagation private``. Operations are done with
the mount as root directory, so that absolute symlinks stay inside.
"""

from __future__ import annotations

import ctypes
import errno
import mmap
import os
import stat
from typing import Any

from .model import time_of
from .stacks import Layer, Operation

_libc = ctypes.CDLL(None, use_errno=True)
KINDS = {stat.S_IFREG: "f", stat.S_IFDIR: "d", stat.S_IFLNK: "l", stat.S_IFIFO: "p", stat.S_IFCHR: "c",
         stat.S_IFBLK: "b"}
OWN = ("opaque", "redirect", "metacopy")
"""Marks of the upperdir that are compared; others (origin, impure, nlink, uuid) are the kernel's bookkeeping."""


def call(result: int, path: str) -> None:
    if result:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), path)


def build(top: str, layer: Layer) -> None:
    """Put a layer on disk, times last."""
    linked: dict[int, str] = {}
    for path, facts in layer.items():
        at, kind = os.path.join(top, path) if path else top, facts["t"]
        if facts.get("ino") and facts["ino"] in linked:
            os.link(linked[facts["ino"]], at)
            continue
        if facts.get("ino"):
            linked[facts["ino"]] = at
        if kind == "d":
            if path:
                os.mkdir(at)
        elif kind == "f":
            with open(at, "wb") as file:
                file.write(facts["data"].encode())
        elif kind == "l":
            os.symlink(facts["link"], at)
        else:
            form = {"w": stat.S_IFCHR, "c": stat.S_IFCHR, "b": stat.S_IFBLK, "p": stat.S_IFIFO}[kind]
            os.mknod(at, form, os.makedev(*facts.get("rdev", (0, 0))))
        if kind != "w":
            os.lchown(at, facts["uid"], facts["gid"])
            if kind != "l":
                os.chmod(at, facts["mode"])
        for name, value in facts.get("xattr", {}).items():
            os.setxattr(at, name, bytes.fromhex(value), follow_symlinks=False)
    for path, facts in layer.items():
        at = os.path.join(top, path) if path else top
        os.utime(at, (facts["mtime"], facts["mtime"]), follow_symlinks=False)


class Kernel:
    """A mounted overlay, and the slots of its descriptors."""

    def __init__(self, base: str, lowers: list[str], upper: str, options: str = "") -> None:
        self.lowers, self.upper_at, self.options = lowers, upper, options
        self.work, self.at = upper + ".work", os.path.join(base, "merged")
        os.makedirs(self.work, exist_ok=True)
        os.makedirs(self.at, exist_ok=True)
        self.slots: dict[int, int] = {}
        self.mappings: dict[int, mmap.mmap] = {}
        self.home = os.open("/", os.O_RDONLY | os.O_DIRECTORY)
        self.mount()

    def mount(self) -> None:
        words = f"lowerdir={':'.join(reversed(self.lowers))},upperdir={self.upper_at},workdir={self.work}"
        words += "," + self.options if self.options else ""
        call(_libc.mount(b"overlay", self.at.encode(), b"overlay", 0, words.encode()), words)

    def remount(self) -> None:
        """Unmount and mount again: nothing is cached after it."""
        self.unmount()
        self.mount()

    def unmount(self) -> None:
        for slot in list(self.slots):
            os.close(self.slots.pop(slot))
        for mapping in self.mappings.values():
            mapping.close()
        self.mappings.clear()
        call(_libc.umount2(self.at.encode(), 0), self.at)

    def close(self) -> None:
        self.unmount()
        os.close(self.home)

    def enter(self) -> None:
        """Make the mount the root directory."""
        os.chroot(self.at)
        os.chdir("/")

    def leave(self) -> None:
        """Come back from the mount."""
        os.fchdir(self.home)
        os.chroot(".")

    def do(self, op: Operation) -> list[Any]:
        """Do an operation, inside: [errno's name or "ok", the result]."""
        try:
            return self._do(*op)
        except OSError as error:
            # Linux has two names for one number; Python knows the one that the kernel does not use.
            name = errno.errorcode[error.errno or 0]
            return ["EOPNOTSUPP" if name == "ENOTSUP" else name, None]

    def _do(self, name: str, *rest: Any) -> list[Any]:
        if name in ("close", "read", "pread", "write", "pwrite", "seek", "ftruncate", "fstat", "mmap", "mapped"):
            return self._on_slot(name, *rest)
        path = rest[1] if name == "open" else rest[0]
        value: Any = None
        if name in ("open", "cat", "put", "append") and _special(path):
            return ["special", None]
        match name:
            case "open":
                slot, path, flags, mode = rest
                if slot in self.slots:
                    return ["busy", None]
                self.slots[slot] = os.open(path, _flags(flags), mode)
            case "cat":
                with open(path, "rb") as file:
                    value = file.read().decode("latin-1")
            case "put" | "append":
                more = os.O_TRUNC if name == "put" else os.O_APPEND
                fd = os.open(path, os.O_WRONLY | os.O_CREAT | more, 0o666)
                try:
                    value = os.write(fd, rest[1].encode())
                finally:
                    os.close(fd)
            case "create":
                os.mknod(path, stat.S_IFREG | rest[1])
            case "mkdir":
                os.mkdir(path, rest[1])
            case "mknod":
                form = {"p": stat.S_IFIFO, "c": stat.S_IFCHR, "b": stat.S_IFBLK}[rest[1]]
                os.mknod(path, form | 0o644, os.makedev(*rest[2:]) if len(rest) > 2 else 0)
            case "symlink":
                os.symlink(rest[0], rest[1])
            case "link":
                os.link(rest[0], rest[1])
            case "unlink":
                os.unlink(path)
            case "rmdir":
                os.rmdir(path)
            case "rename":
                flag = {"": 0, "noreplace": 1, "exchange": 2}[rest[2]]
                call(_libc.renameat2(-100, os.fsencode(path), -100, os.fsencode(rest[1]), flag), path)
            case "chmod":
                os.chmod(path, rest[1])
            case "chown":
                os.chown(path, rest[1], rest[2], follow_symlinks=rest[3])
            case "utime":
                times = None if rest[1] is None else (rest[1], rest[1])
                os.utime(path, times, follow_symlinks=rest[2])
            case "truncate":
                _truncate(path, rest[1])
            case "setxattr":
                flag = {"": 0, "create": os.XATTR_CREATE, "replace": os.XATTR_REPLACE}[rest[3]]
                os.setxattr(path, rest[1], bytes.fromhex(rest[2]), flag, follow_symlinks=rest[4])
            case "removexattr":
                os.removexattr(path, rest[1], follow_symlinks=rest[2])
            case "getxattr":
                value = os.getxattr(path, rest[1], follow_symlinks=rest[2]).hex()
            case "listxattr":
                value = sorted(os.listxattr(path, follow_symlinks=rest[1]))
            case "stat" | "lstat":
                value = stat_facts(os.stat(path, follow_symlinks=name == "stat"))
            case "readlink":
                value = os.readlink(path)
            case "readdir":
                value = os.listdir(path)
        return ["ok", value]

    def _on_slot(self, name: str, slot: int, *rest: Any) -> list[Any]:
        if name == "mapped":
            mapping = self.mappings.get(slot)
            return ["none", None] if mapping is None else ["ok", mapping[:].decode("latin-1")]
        if slot not in self.slots:
            return ["closed", None]
        fd = self.slots[slot]
        value: Any = None
        match name:
            case "close":
                os.close(self.slots.pop(slot))
            case "read":
                value = os.read(fd, rest[0]).decode("latin-1")
            case "pread":
                value = os.pread(fd, rest[0], rest[1]).decode("latin-1")
            case "write":
                value = os.write(fd, rest[0].encode())
            case "pwrite":
                value = os.pwrite(fd, rest[0].encode(), rest[1])
            case "seek":
                value = os.lseek(fd, rest[0], os.SEEK_SET)
            case "ftruncate":
                os.ftruncate(fd, rest[0])
            case "fstat":
                value = stat_facts(os.fstat(fd))
            case "mmap":
                found = os.fstat(fd)
                if not stat.S_ISREG(found.st_mode) or not found.st_size:
                    return ["empty", None]
                made = _map(fd, found.st_size)
                if slot in self.mappings:
                    self.mappings[slot].close()
                self.mappings[slot] = made
        return ["ok", value]

    def merged(self) -> dict[str, Any]:
        """Everything that the merged view shows."""
        return _tree(self.at, True)

    def upper(self) -> dict[str, Any]:
        """Everything in the upperdir."""
        return _tree(self.upper_at, False)


def _map(fd: int, size: int) -> mmap.mmap:
    try:
        return mmap.mmap(fd, size, mmap.MAP_SHARED, mmap.PROT_READ)
    except OSError as error:
        # mmap(2) says EACCES for a descriptor that cannot read; the model has one word for it.
        raise OSError(errno.EBADF if error.errno == errno.EACCES else error.errno, "mmap") from None


def _truncate(path: str, size: int) -> None:
    same = os.path.exists(path) and size == os.path.getsize(path)
    os.truncate(path, size)
    if same:
        # ext4 sets the time of a file that keeps its size, as of any other; tmpfs only where it stores some bytes.
        os.utime(path)


def _special(path: str) -> bool:
    """Whether an open could wait for a peer or reach a driver."""
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return False
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)


def _flags(words: str) -> int:
    value = os.O_CLOEXEC
    for word in words.split("|"):
        value |= getattr(os, "O_" + word)
    return value


def stat_facts(found: os.stat_result) -> dict[str, Any]:
    kind = KINDS[stat.S_IFMT(found.st_mode)]
    facts: dict[str, Any] = {
        "t": kind, "mode": found.st_mode & 0o7777, "uid": found.st_uid, "gid": found.st_gid,
        "nlink": found.st_nlink, "mtime": time_of(found.st_mtime_ns), "ino": found.st_ino,
    }
    if kind in "fl":
        facts["size"] = found.st_size
    if kind in "cb":
        facts["rdev"] = [os.major(found.st_rdev), os.minor(found.st_rdev)]
    return facts


def _tree(top: str, merged: bool) -> dict[str, Any]:
    found: dict[str, Any] = {}
    stack = [""]
    while stack:
        path = stack.pop()
        at = os.path.join(top, path) if path else top
        try:
            status = os.lstat(at)
        except FileNotFoundError:
            continue
        facts = stat_facts(status)
        if not merged:
            if facts["t"] == "c" and facts["rdev"] == [0, 0]:
                found[path] = {"t": "w"}
                continue
            for name in ("ino", "size", "rdev"):
                facts.pop(name, None)
        if facts["t"] == "d":
            names = os.listdir(at)
            stack += [os.path.join(path, name) for name in names]
            if merged:
                facts["names"] = sorted(names)
        if facts["t"] == "f":
            with open(at, "rb") as file:
                facts["data"] = file.read().decode("latin-1")
        if facts["t"] == "l":
            facts["link"] = os.readlink(at)
        shown = {}
        for name in os.listxattr(at, follow_symlinks=False):
            mark = name.removeprefix("trusted.overlay.").removeprefix("user.overlay.")
            if mark == "redirect" and facts["t"] != "d":
                # Where a file with the option metacopy finds its data; the model keeps the data itself.
                continue
            if merged or mark == name or mark in OWN or mark.startswith("overlay."):
                shown[name] = os.getxattr(at, name, follow_symlinks=False).hex()
        if shown:
            facts["xattr"] = shown
        found[path] = facts
    return found

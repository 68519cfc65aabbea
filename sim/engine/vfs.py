"""What a process sees as its files: several file systems in one tree, as the kernel's mount table has it.

`Files` is the private builder of one command: it owns the mounts while a command runs, every operation
replaces one of them by its next version, and `frozen` gives them back when the command returns. Its mount table and
the walk of paths are in `mounts.py`.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator

from ..content.data import EMPTY, Data
from ..errors import FsError
from ..fs.entry import Kind
from ..union.overlay import Stat
from .mounts import READ, SEARCH, WRITE, Walk, failed

NULL, ZERO, FULL, RANDOM, URANDOM, TTY, CONSOLE = (1, 3), (1, 5), (1, 7), (1, 8), (1, 9), (5, 0), (5, 1)
"""Device numbers that answer here (Documentation/admin-guide/devices.txt)."""
ENDLESS = {ZERO, FULL, RANDOM, URANDOM}
_SINKS = {NULL, ZERO, RANDOM, URANDOM, TTY, CONSOLE}


class Files(Walk):
    """The files that one command sees.

    Parameters
    ----------
    table : sequence of Mounted
        The root among them; a later line hides an earlier one at the same place.
    held : mapping of str to OverlayMount
        The file systems, by `Mounted.key`.
    now : int
        The clock, in nanoseconds since 1970.
    uid, gid : int
        Who asks.

    Attributes
    ----------
    effects : list of (str, Effect)
        What happened in upper directories so far, with the key of the file system.

    Examples
    --------
    >>> from sim.engine.mounts import Mounted
    >>> from sim.union.overlay import directory, mount
    >>> files = Files([Mounted("/", "root")], {"root": mount([directory({})])})
    >>> files.mkdir("/srv")
    >>> files.write("/srv/motd", b"hello")
    >>> files.read("/srv/motd"), files.readdir("/")
    (b'hello', ('srv',))
    >>> files.read("/srv")
    Traceback (most recent call last):
    sim.errors.FsError: /srv: Is a directory
    """

    # -- asking

    def stat(self, path: str, follow: bool = True) -> Stat:
        """stat(2), or lstat(2) without `follow`."""
        found = self._peek(self.real(path, follow))
        if found is None:
            raise failed(errno.ENOENT, path)
        if path.endswith("/") and found.kind is not Kind.DIRECTORY:
            raise failed(errno.ENOTDIR, path)
        return found

    def find(self, path: str, follow: bool = True) -> Stat | None:
        """Return what stat(2) shows, or None where there is nothing or no way to it."""
        try:
            return self.stat(path, follow)
        except FsError:
            return None

    def is_dir(self, path: str) -> bool:
        """Whether a path leads to a directory."""
        found = self.find(path)
        return found is not None and found.kind is Kind.DIRECTORY

    def readlink(self, path: str) -> str:
        """readlink(2)."""
        found: str = self._ask("readlink", self.real(path, False), path)
        return found

    def readdir(self, path: str) -> tuple[str, ...]:
        """Names in a directory, in byte order; places where something is mounted are among them."""
        real = self.real(path)
        if self._peek(real) is None:
            raise failed(errno.ENOENT, path)
        self._may(real, READ, path)
        names = set(self._ask("readdir", real, path))
        prefix = real.rstrip("/") + "/"
        names |= {line[len(prefix):] for line in self._lines if line.startswith(prefix) and line != "/"
                  and "/" not in line[len(prefix):]}
        return tuple(sorted(names, key=lambda name: name.encode("utf-8", "surrogateescape")))

    def walk(self, path: str) -> Iterator[tuple[str, Stat]]:
        """Yield (path, lstat) of everything below a path, itself first, parents first, as the path was written.

        Directories that the caller may not read are yielded, and what is in them is not.
        """
        todo = [path]
        while todo:
            at = todo.pop()
            found = self.stat(at, False)
            yield at, found
            if found.kind is Kind.DIRECTORY and self.may(at, READ | SEARCH):
                todo += [f"{at.rstrip('/')}/{name}" for name in reversed(self.readdir(at))]

    def data(self, path: str) -> Data:
        """Return a regular file's bytes as a value; `FsError` EINVAL for a device that never ends."""
        real = self.real(path)
        found = self._peek(real)
        if found is None:
            raise failed(errno.ENOENT, path)
        self._may(real, READ, path)
        if found.kind is Kind.CHAR:
            if found.rdev in (NULL, TTY, CONSOLE):
                return EMPTY
            if found.rdev in ENDLESS:
                raise FsError(errno.EINVAL, path, f"{path}: it never ends; take some of it with head -c or dd")
        value: Data = self._ask("cat", real, path)
        return value

    def read(self, path: str, most: int = 1 << 26) -> bytes:
        """Return a regular file's bytes; `FsError` EFBIG where there are more than `most`."""
        data = self.data(path)
        if data.size > most:
            raise failed(errno.EFBIG, path)
        return data.read()

    # -- changing

    def write(self, path: str, data: bytes | Data, append: bool = False, mode: int = 0o666) -> None:
        """Open for writing (made where it is missing, cut unless `append`), write, close."""
        real = self.real(path)
        found = self._peek(real)
        if found is None:
            if path.endswith("/"):
                raise failed(errno.EISDIR, path)
            self._may(real.rpartition("/")[0] or "/", WRITE | SEARCH, path)
        else:
            self._may(real, WRITE, path)
            if found.kind is Kind.CHAR:
                if found.rdev not in _SINKS:
                    raise failed(errno.ENOSPC if found.rdev == FULL else errno.ENXIO, path)
                return
        self._do("append" if append else "put", real, path, data, mode)
        if found is None:
            self._own(real, path)

    def _own(self, real: str, path: str) -> None:
        if self.uid or self.gid:
            self._do("chown", real, path, self.uid, self.gid, follow=False)

    def mkdir(self, path: str, mode: int = 0o777) -> None:
        """mkdir(2)."""
        real = self._fresh(path, directory=True)
        self._do("mkdir", real, path, mode)
        self._own(real, path)

    def _fresh(self, path: str, directory: bool = False) -> str:
        real = self.real(path, False)
        if self._peek(real) is not None:
            raise failed(errno.EEXIST, path)
        above = real.rpartition("/")[0] or "/"
        if (path.endswith("/") and not directory) or self._peek(above) is None:
            raise failed(errno.ENOENT, path)
        self._may(above, WRITE | SEARCH, path)
        return real

    def mknod(self, path: str, kind: Kind, mode: int = 0o666, rdev: tuple[int, int] | None = None) -> None:
        """mknod(2) of a file, a pipe or a device."""
        real = self._fresh(path)
        self._do("mknod", real, path, kind, mode, rdev)
        self._own(real, path)

    def symlink(self, target: str, path: str) -> None:
        """symlink(2)."""
        real = self._fresh(path)
        line, inner = self._inner(real)
        if line.readonly:
            raise failed(errno.EROFS, path)
        after, report = self._held[line.key].symlink(target, inner)
        self._settle(line, after, report, path)
        self._own(real, path)

    def link(self, old: str, new: str) -> None:
        """link(2)."""
        self._two("link", self.real(old, False), self._fresh(new), new)

    def rename(self, old: str, new: str) -> None:
        """rename(2)."""
        one, other = self.real(old, False), self.real(new, False)
        if self._peek(one) is None:
            raise failed(errno.ENOENT, old)
        if one in self._lines or other in self._lines:
            raise failed(errno.EBUSY, old)
        self._may_change(one, old)
        self._may_change(other, new)
        self._two("rename", one, other, new)

    def _two(self, op: str, one: str, other: str, new: str) -> None:
        (line, inner), (there, target) = self._inner(one), self._inner(other)
        if line is not there:
            # Two mounts of one file system are two to rename(2) and link(2) all the same.
            raise failed(errno.EXDEV, new)
        if line.readonly:
            raise failed(errno.EROFS, new)
        after, report = getattr(self._held[line.key], op)(inner, target)
        self._settle(line, after, report, new)

    def unlink(self, path: str) -> None:
        """unlink(2)."""
        self._gone("unlink", path)

    def rmdir(self, path: str) -> None:
        """rmdir(2)."""
        self._gone("rmdir", path)

    def _gone(self, op: str, path: str) -> None:
        real = self.real(path, False)
        if self._peek(real) is None:
            raise failed(errno.ENOENT, path)
        if any(line == real or line.startswith(real.rstrip("/") + "/") for line in self._lines):
            raise failed(errno.EBUSY, path)
        self._may_change(real, path)
        self._do(op, real, path)

    def chmod(self, path: str, mode: int) -> None:
        """chmod(2)."""
        real = self._there(path, True)
        self._owner(real, path)
        self._do("chmod", real, path, mode)

    def chown(self, path: str, uid: int, gid: int, follow: bool = True) -> None:
        """chown(2), or lchown(2) without `follow`; -1 keeps one of the two."""
        real = self._there(path, follow)
        if self.uid:
            raise failed(errno.EPERM, path)
        self._do("chown", real, path, uid, gid, follow=False)

    def utime(self, path: str, mtime_ns: int | None = None, follow: bool = True) -> None:
        """utimensat(2): the modification time, now by default."""
        real = self._there(path, follow)
        self._owner(real, path)
        self._do("utime", real, path, mtime_ns, follow=False)

    def truncate(self, path: str, size: int) -> None:
        """truncate(2)."""
        real = self._there(path, True)
        self._may(real, WRITE, path)
        self._do("truncate", real, path, size)

    def _there(self, path: str, follow: bool) -> str:
        real = self.real(path, follow)
        if self._peek(real) is None:
            raise failed(errno.ENOENT, path)
        return real

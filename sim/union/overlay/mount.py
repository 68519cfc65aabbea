"""The writable mount, as a value.

    lower 2   etc/  etc/motd            m0 = mount([base, layer])
    lower 1   etc/  usr/                m1, report = m0.unlink("/etc/motd")
    upper     (empty)                   m0 still shows it: keep as many mounts as you like

Every operation returns a new mount and a `Report`: errno, result, what happened in the upperdir, and why.
Nothing is ever raised for what the kernel would answer with an errno (`Report.check` raises it).

Modelled: Linux 6.18, all directories on one file system, one caller who is root. Not modelled: access rights,
ACLs, xwhiteouts, data-only lowers, O_TMPFILE, file locks, inotify, lower directories that change while they
are mounted. The state behind a mount is shared by its versions (`versions.py`): use it from one thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from collections.abc import Mapping as Map
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from ...content.data import Data
from ...fs.entry import Entry, Kind
from . import attrs, create, files, remove, views
from .core import Core
from .disk import Directory, copied, directory
from .files import Mapping, Open
from .options import Names, Options
from .paths import resolve, resolve_parent
from .rename import rename
from .report import Refused, Report, Space
from .versions import Version

Outcome = tuple["OverlayMount", Report]

EMPTY_UPPER = directory({})


def mount(
    lower: Sequence[Directory], upper: Directory | None = EMPTY_UPPER, *, names: Names | None = None,
    options: Options = Options(), size: int | None = None, now: int = 0, umask: int = 0o022,  # noqa: B008
) -> OverlayMount:
    """Mount layer directories over each other.

    Parameters
    ----------
    lower : sequence of Directory
        Base first.
    upper : Directory or None
        What the upperdir holds already; None mounts read-only.
    names : Names, optional
        The directories' paths and the options; short numbered ones by default. They decide what the kernel refuses.
    options : Options
        Where `names` is not given.
    size : int, optional
        Data bytes that the upper's file system has for files.
    now : int
        The mount's clock, in nanoseconds; `OverlayMount.at` moves it.

    Raises
    ------
    FsError
        EINVAL or ELOOP, as the kernel refuses the mount.

    Examples
    --------
    >>> from sim.fs.entry import Entry, Kind
    >>> from sim.content.data import Inline
    >>> m = mount([directory({"etc/motd": Entry(Kind.FILE, 0o644, data=Inline(b"hi"))})])
    >>> gone, report = m.unlink("/etc/motd")
    >>> [str(effect.did) for effect in report.effects]
    ['parent', 'whiteout']
    >>> gone.upperdir.dump()
    ('etc/', 'etc/motd  whiteout')
    >>> m.upperdir.dump()
    ()
    """
    if names is None:
        names = Names.numbered(len(lower), upper is not None, options)
    if len(names.lowerdir) != len(lower):
        raise ValueError(f"{len(lower)} lower directories have {len(names.lowerdir)} names")
    names.check()
    core = Core(lower, upper, names.options, size)
    return OverlayMount(Version(core), names, tuple(lower), now, umask)


@dataclass(frozen=True, slots=True, eq=False)
class OverlayMount:
    """A mounted overlay. Make it with `mount`.

    Attributes
    ----------
    names : Names
        Paths and options.
    lowerdirs : tuple of Directory
        Base first.
    now : int
        The clock, in nanoseconds since 1970: what is changed gets this time.
    umask : int
    """

    _version: Version[Core]
    names: Names
    lowerdirs: tuple[Directory, ...]
    now: int
    umask: int

    # -- the mount itself

    def at(self, now: int) -> OverlayMount:
        """Return the same mount at another time."""
        return OverlayMount(self._version, self.names, self.lowerdirs, now, self.umask)

    def with_umask(self, umask: int) -> OverlayMount:
        """Return the same mount for a caller with another umask."""
        return replace(self, umask=umask)

    @property
    def core(self) -> Core:
        """The state of this version; it changes when another version is asked."""
        return self._version.core()

    @property
    def layers(self) -> int:
        """How many layers there are, the upper one among them."""
        return len(self.lowerdirs) + (self.core.upper is not None)

    @property
    def upperdir(self) -> Directory:
        """What is in the upperdir now, as a value of its own; `FsError` EINVAL for a read-only mount."""
        upper = self.core.upper
        if upper is None:
            raise ValueError("a read-only mount has no upperdir")
        return Directory(*copied(upper))

    @property
    def space(self) -> Space:
        """statfs(2) of the mount, counted in data bytes."""
        return views.statfs(self.core)

    def _run(self, op: str, paths: tuple[str, ...], do: Callable[..., Any], *args: Any) -> Outcome:
        version = self._version
        core = version.core()
        core.begin(self.now, self.umask)
        errno, value, at = 0, None, None
        try:
            value = do(core, *args)
        except Refused as refused:
            errno, at = refused.errno, refused.at
        if core.stale:
            core.forget()
        after = self
        if core.log:
            after = OverlayMount(version.after(core.log), self.names, self.lowerdirs, self.now, self.umask)
        return after, Report(op, paths, errno, value, tuple(core.effects), at, self, after)

    # -- descriptors

    def open(self, path: str, flags: int = Open.RDONLY, mode: int = 0o666) -> Outcome:
        """open(2): the value is a descriptor. Any way to write copies the file up, before anything is written."""
        return self._run("open", (path,), files.open_file, path, int(flags), mode)

    def close(self, fd: int) -> Outcome:
        """close(2)."""
        return self._run("close", (), files.close, fd)

    def read(self, fd: int, length: int | None = None, offset: int | None = None) -> Outcome:
        """read(2), or pread(2) with an offset; all that is left by default. The value is bytes."""
        return self._run("read", (), files.read, fd, length, offset)

    def write(self, fd: int, data: bytes | Data, offset: int | None = None) -> Outcome:
        """write(2), or pwrite(2) with an offset. The value is how many bytes were written."""
        return self._run("write", (), files.write, fd, data, offset)

    def seek(self, fd: int, offset: int) -> Outcome:
        """lseek(2), SEEK_SET."""
        return self._run("seek", (), files.seek, fd, offset)

    def ftruncate(self, fd: int, size: int) -> Outcome:
        """ftruncate(2)."""
        return self._run("ftruncate", (), files.ftruncate, fd, size)

    def fstat(self, fd: int) -> Outcome:
        """fstat(2): the value is a `Stat`."""
        return self._run("fstat", (), files.fstat, fd)

    def mmap(self, fd: int) -> Outcome:
        """mmap(2), shared, for reading: the value is a `Mapping`."""
        return self._run("mmap", (), files.mmap, fd)

    def mapped(self, mapping: Mapping) -> bytes:
        """Return the bytes that a mapping shows now: a copy-up after the open does not reach it.

        What was cut off since reads as zero.
        """
        self._version.core()
        return mapping.node.data.read(0, mapping.size).ljust(mapping.size, b"\0")

    # -- whole files

    def cat(self, path: str) -> Outcome:
        """open, read all, close: the value is `Data`."""
        return self._run("cat", (path,), files.read_all, path)

    def put(self, path: str, data: bytes | Data, mode: int = 0o666) -> Outcome:
        """open with O_CREAT and O_TRUNC, write, close: what ``>`` does in a shell."""
        return self._run("put", (path,), files.write_all, path, data, False, mode)

    def append(self, path: str, data: bytes | Data, mode: int = 0o666) -> Outcome:
        """open with O_CREAT and O_APPEND, write, close: what ``>>`` does in a shell."""
        return self._run("append", (path,), files.write_all, path, data, True, mode)

    # -- names

    def create(self, path: str, mode: int = 0o666) -> Outcome:
        """mknod(2) of an empty regular file."""
        return self._run("create", (path,), create.mknod, path, Kind.FILE, mode, None)

    def mkdir(self, path: str, mode: int = 0o777) -> Outcome:
        """mkdir(2)."""
        return self._run("mkdir", (path,), create.mkdir, path, mode)

    def mknod(self, path: str, kind: Kind, mode: int = 0o666, rdev: tuple[int, int] | None = None) -> Outcome:
        """mknod(2) of a file, pipe or device."""
        return self._run("mknod", (path,), create.mknod, path, kind, mode, rdev)

    def symlink(self, target: str, path: str) -> Outcome:
        """symlink(2)."""
        return self._run("symlink", (target, path), create.symlink, target, path)

    def link(self, old: str, new: str) -> Outcome:
        """link(2)."""
        return self._run("link", (old, new), create.link, old, new)

    def unlink(self, path: str) -> Outcome:
        """unlink(2)."""
        return self._run("unlink", (path,), remove.unlink, path)

    def rmdir(self, path: str) -> Outcome:
        """rmdir(2)."""
        return self._run("rmdir", (path,), remove.rmdir, path)

    def rename(self, old: str, new: str, *, noreplace: bool = False, exchange: bool = False) -> Outcome:
        """renameat2(2)."""
        return self._run("rename", (old, new), rename, old, new, noreplace, exchange)

    # -- attributes

    def chmod(self, path: str, mode: int) -> Outcome:
        """chmod(2)."""
        return self._run("chmod", (path,), attrs.chmod, path, mode)

    def chown(self, path: str, uid: int, gid: int, *, follow: bool = True) -> Outcome:
        """chown(2), or lchown(2) without `follow`."""
        return self._run("chown", (path,), attrs.chown, path, uid, gid, follow)

    def utime(self, path: str, mtime_ns: int | None = None, *, follow: bool = True) -> Outcome:
        """utimensat(2): the modification time, now by default."""
        return self._run("utime", (path,), attrs.utime, path, mtime_ns, follow)

    def truncate(self, path: str, size: int) -> Outcome:
        """truncate(2)."""
        return self._run("truncate", (path,), attrs.truncate, path, size)

    def setxattr(
        self, path: str, name: str, value: bytes, *, create: bool = False, replace: bool = False, follow: bool = True
    ) -> Outcome:
        """setxattr(2); `create` and `replace` are XATTR_CREATE and XATTR_REPLACE."""
        return self._run("setxattr", (path,), attrs.setxattr, path, name, value, create, replace, follow)

    def removexattr(self, path: str, name: str, *, follow: bool = True) -> Outcome:
        """removexattr(2)."""
        return self._run("removexattr", (path,), attrs.removexattr, path, name, follow)

    def getxattr(self, path: str, name: str, *, follow: bool = True) -> Outcome:
        """getxattr(2): the value is bytes."""
        return self._run("getxattr", (path,), attrs.getxattr, path, name, follow)

    def listxattr(self, path: str, *, follow: bool = True) -> Outcome:
        """listxattr(2): the value is a sorted tuple of names."""
        return self._run("listxattr", (path,), attrs.listxattr, path, follow)

    # -- reading

    def stat(self, path: str) -> Outcome:
        """stat(2): the value is a `Stat`."""
        return self._run("stat", (path,), views.stat, path, True)

    def lstat(self, path: str) -> Outcome:
        """lstat(2): the value is a `Stat`."""
        return self._run("lstat", (path,), views.stat, path, False)

    def readlink(self, path: str) -> Outcome:
        """readlink(2): the value is the target."""
        return self._run("readlink", (path,), views.readlink, path)

    def readdir(self, path: str = "/") -> Outcome:
        """Names in a directory, in the kernel's order of layers: the value is a tuple."""
        return self._run("readdir", (path,), views.readdir, path)

    def walk(self, path: str = "/") -> Iterator[tuple[str, Entry]]:
        """Yield (path, Entry) of everything below a path, itself first, names sorted.

        Do not change the mount, or ask another version of it, in between.
        """
        core = self.core
        for at, dentry in views.walk(core, path):
            yield at, views.entry_of(core, dentry)

    def tree(self) -> Map[str, Entry]:
        """Return the whole merged view: path to `Entry`, the root among them."""
        return MappingProxyType(dict(self.walk()))

    def asked(self, path: str) -> tuple[views.Asked, ...]:
        """Tell what each layer says of a path's last name, top first."""
        core = self.core
        try:
            parent, name, *_ = resolve_parent(core, path)
        except Refused:
            return ()
        return views.asked(core, parent, name) if name not in ("", ".", "..") else ()

    def real_path(self, path: str) -> str | None:
        """Return the path that a name leads to when all symlinks are followed, or None."""
        try:
            return resolve(self.core, path).path
        except Refused:
            return None

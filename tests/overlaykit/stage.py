"""A stage on which scripts written for a kernel mount play on the model.

The case script of the measured truth (../shared/truth/kernel/cases.py) builds layers with a small library, `ovlib`,
mounts them, and calls `os`. Here both are made anew on the model: a path below ``/stage/N/m`` is the mount, one below
``/stage/N/u`` its upperdir on disk, one below ``/stage/N/l1`` a lowerdir. What is asked of anything else fails.
"""

from __future__ import annotations

import errno
import os as real_os
import stat as stat_module
from types import SimpleNamespace
from typing import Any

from sim.content.data import Inline
from sim.fs.entry import Entry, Kind
from sim.union.overlay import Names, Options, OverlayMount, Report, directory, mount

WH, OPQ = "<whiteout>", "<opaque>"
OLD, NOW = 10**18, 2 * 10**18
FORMS = {Kind.FILE: stat_module.S_IFREG, Kind.DIRECTORY: stat_module.S_IFDIR, Kind.SYMLINK: stat_module.S_IFLNK,
         Kind.FIFO: stat_module.S_IFIFO, Kind.CHAR: stat_module.S_IFCHR, Kind.BLOCK: stat_module.S_IFBLK}
KINDS = {form: kind for kind, form in FORMS.items()}


class Dir(dict):  # type: ignore[type-arg]
    def __init__(self, d: Any = (), mode: Any = None, opaque: Any = None, xattrs: Any = None,
        mtime: Any = None) -> None:
        super().__init__(d)
        self.mode, self.opaque, self.xattrs, self.mtime = mode, opaque, xattrs or {}, mtime


class File:
    def __init__(self, data: str = "", mode: Any = None, xattrs: Any = None, mtime: Any = None,
        uid: Any = None) -> None:
        self.data, self.mode, self.xattrs, self.mtime, self.uid = data, mode, xattrs or {}, mtime, uid


class Sym:
    def __init__(self, to: str) -> None:
        self.to = to


class Dev:
    def __init__(self, typ: int, major: int = 0, minor: int = 0) -> None:
        self.typ, self.rdev = typ, (major, minor)


def entries_of(spec: Any) -> dict[str, Entry]:
    """Return a layer of the script's own notation as entries on disk."""
    found: dict[str, Entry] = {}

    def put(path: str, one: Any) -> None:
        mtime = int((getattr(one, "mtime", None) or OLD // 10**9) * 10**9)
        xattrs = dict(getattr(one, "xattrs", {}))
        if isinstance(one, dict):
            opaque = getattr(one, "opaque", None)
            if opaque:
                xattrs["trusted.overlay.opaque"] = opaque.encode() if isinstance(opaque, str) else b"y"
            mode = getattr(one, "mode", None) or 0o755
            found[path] = Entry(Kind.DIRECTORY, mode, mtime_ns=mtime, xattrs=tuple(sorted(xattrs.items())))
            for name, child in one.items():
                put(f"{path}/{name}" if path else name, child)
        elif one == WH:
            found[path] = Entry(Kind.CHAR, 0, rdev=(0, 0))
        elif isinstance(one, Sym):
            found[path] = Entry(Kind.SYMLINK, 0o777, mtime_ns=mtime, target=one.to)
        elif isinstance(one, Dev):
            found[path] = Entry(KINDS[one.typ], 0o644, mtime_ns=mtime,
                rdev=None if one.typ == stat_module.S_IFIFO else one.rdev)
        else:
            file = one if isinstance(one, File) else File(one)
            found[path] = Entry(Kind.FILE, file.mode or 0o644, file.uid or 0, file.uid or 0, mtime,
                                data=Inline(file.data.encode()), xattrs=tuple(sorted(xattrs.items())))

    put("", spec)
    return found


STAGES: dict[str, Ov] = {}


class Ov:
    """``with Ov([top, ..., bottom], upper) as o``: `o.m` is the mount."""

    def __init__(self, lowers: list[Any], upper: Any = None, opts: str = "", ro: bool = False,
        mount: bool = True) -> None:
        self.base = f"/stage/{len(STAGES)}"
        STAGES[self.base] = self
        self.low = [f"{self.base}/l{len(lowers) - at}" for at in range(len(lowers))]
        self.disk = {path: entries_of(spec) for path, spec in zip(self.low, lowers, strict=True)}
        self.u, self.w, self.m = (f"{self.base}/{name}" for name in "uwm")
        self.disk[self.u] = entries_of(upper or {})
        self.opts, self.ro, self.err = opts, ro, None
        self.mounted: OverlayMount | None = None
        self.inode = 100
        if mount:
            self.mount()

    def mount(self) -> None:
        # Not modelled: xino means nothing on one file system, nofollow nothing without marks.
        words = ",".join(word for word in self.opts.split(",") if word not in ("redirect_dir=nofollow", "xino=on"))
        lowers = [directory(self.disk[path]) for path in reversed(self.low)]
        upper = None if self.ro else directory(self.disk[self.u])
        names = Names.numbered(len(lowers), upper is not None, Options.parse(words))
        self.mounted = mount(lowers, upper, names=names, now=NOW)

    def umount(self) -> None:
        assert self.mounted is not None
        if not self.ro:
            self.disk[self.u] = dict(self.mounted.upperdir.entries())
        self.mounted = None

    def remount(self) -> None:
        assert self.mounted is not None
        self.mounted.core.forget()

    def __enter__(self) -> Ov:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def p(self, rel: str) -> str:
        return f"{self.m}/{rel}"

    def up(self, rel: str) -> str:
        return f"{self.u}/{rel}"

    def lo(self, rel: str, i: int = -1) -> str:
        return f"{self.low[i]}/{rel}"

    def on_disk(self, where: str) -> dict[str, Entry]:
        """What a directory holds on disk now: of a mounted upperdir, what the mount made of it."""
        if where == self.u and self.mounted is not None and not self.ro:
            return dict(self.mounted.upperdir.entries())
        return self.disk[where]


def split(path: str) -> tuple[Ov, str, str]:
    """Return the stage of a path, which of its directories it is in, and the rest."""
    _, name, number, where, *rest = path.split("/", 4)
    stage = STAGES[f"/{name}/{number}"]
    return stage, f"{stage.base}/{where}", rest[0] if rest else ""


def fail(number: int, path: str) -> None:
    raise OSError(number, real_os.strerror(number), path)


def ask(path: str, name: str, *rest: Any, **more: Any) -> Any:
    """Do an operation of the mount, as a call of `os`; the second path, if there is one, is below the same mount."""
    stage, where, inside = split(path)
    if where != stage.m or stage.mounted is None:
        raise NotImplementedError(f"{name} on {path}")
    stage.mounted, report = getattr(stage.mounted, name)("/" + inside, *rest, **more)
    return answer(report)


def answer(report: Report) -> Any:
    if report.errno:
        fail(report.errno, report.paths[-1] if report.paths else "")
    return report.value


def inside(path: str) -> str:
    return "/" + split(path)[2]


def entry_at(path: str) -> Entry:
    """Return what is on disk at a path outside the mount."""
    stage, where, rest = split(path)
    found = stage.on_disk(where).get(rest)
    if found is None:
        fail(errno.ENOENT, path)
    assert found is not None
    return found


def is_mount(path: str) -> bool:
    stage, where, _ = split(path)
    return where == stage.m


def status(path: str, follow: bool) -> Any:
    if is_mount(path):
        s = ask(path, "stat" if follow else "lstat")
        return status_of(s.kind, s.mode, s.nlink, s.uid, s.gid, s.size, s.mtime_ns, s.ino, s.rdev)
    stage, where, _ = split(path)
    e = entry_at(path)
    disk = stage.on_disk(where)
    nlink = sum(1 for other in disk.values() if other.inode == e.inode) if e.inode else 1
    ino = real_ino(stage, where, path) if where in stage.low else -1
    size = e.size or len(e.target or "")
    return status_of(e.kind, e.mode, nlink, e.uid, e.gid, size, e.mtime_ns, ino, e.rdev)


def real_ino(stage: Ov, where: str, path: str) -> int:
    """The number that a lower inode has in the mount's numbering."""
    assert stage.mounted is not None
    layer = len(stage.low) - stage.low.index(where)
    node = stage.mounted.lowerdirs[layer - 1].root
    for name in split(path)[2].split("/"):
        assert node.names is not None
        node = node.names[name]
    return stage.mounted.core.bases[layer - 1] + node.ino


def status_of(kind: Kind, mode: int, nlink: int, uid: int, gid: int, size: int, mtime_ns: int, ino: int,
    rdev: Any) -> Any:
    return SimpleNamespace(
        st_mode=FORMS[kind] | mode, st_nlink=nlink, st_uid=uid, st_gid=gid, st_size=size, st_mtime_ns=mtime_ns,
        st_mtime=mtime_ns / 10**9, st_atime_ns=None, st_ctime_ns=None, st_ino=ino,
            st_rdev=real_os.makedev(*rdev) if rdev else 0, st_dev=1)


def err(do: Any, *arguments: Any, **more: Any) -> Any:
    try:
        found = do(*arguments, **more)
    except OSError as error:
        return errno.errorcode[error.errno or 0]
    return "ok" if found is None else found


def rd(path: str) -> str:
    found = err(read_bytes, path)
    return found if isinstance(found, str) else found.decode("latin-1")


def read_bytes(path: str) -> bytes:
    if is_mount(path):
        return bytes(ask(path, "cat").read())
    e = entry_at(path)
    if e.kind is Kind.CHAR:
        fail(errno.ENXIO, path)
    return e.data.read() if e.data else b""


def wr(path: str, data: str, mode: str = "w") -> Any:
    return err(write, path, data.encode(), mode)


def write(path: str, data: bytes, mode: str) -> None:
    stage, where, rest = split(path)
    if where == stage.m:
        wanted = len(data)
        if ask(path, "append" if mode == "a" else "put", data) < wanted:
            fail(errno.ENOSPC, path)
    else:
        stage.disk[where][rest] = Entry(Kind.FILE, 0o644, mtime_ns=OLD, data=Inline(data))


def ls(path: str) -> Any:
    found = err(listdir, path)
    return found if isinstance(found, str) else sorted(found)


def listdir(path: str) -> list[str]:
    if is_mount(path):
        return list(ask(path, "readdir"))
    stage, where, rest = split(path)
    prefix = rest + "/" if rest else ""
    return [name[len(prefix):] for name in stage.on_disk(where)
            if name.startswith(prefix) and name != rest and "/" not in name[len(prefix):] and name]


def kind(found: Any) -> str | None:
    mode = found.st_mode
    if stat_module.S_ISCHR(mode) and found.st_rdev == 0:
        return "WHITEOUT"
    return {Kind.DIRECTORY: "dir", Kind.FILE: "file", Kind.SYMLINK: "sym", Kind.CHAR: "chr", Kind.BLOCK: "blk",
            Kind.FIFO: "fifo"}[KINDS[stat_module.S_IFMT(mode)]]


def tree(top: str, xattrs: bool = True, show_data: bool = True) -> dict[str, str]:
    """Everything below a directory, one line each, in the script's notation."""
    found: dict[str, str] = {}

    def show(at: str, rel: str) -> None:
        for name in ls(at):
            path, below = f"{at}/{name}", f"{rel}/{name}".lstrip("/")
            s = err(status, path, False)
            if isinstance(s, str):
                found[below] = "lstat:" + s
                continue
            word = kind(s) or ""
            line = word + (":" + rd(path)[:24] if word == "file" and show_data else "")
            if word == "sym":
                line += "->" + (ask(path, "readlink") if is_mount(path) else entry_at(path).target or "")
            marks = [] if is_mount(path) else [
                f"{name.rpartition('.')[2]}={value.decode()}" for name,
                    value in entry_at(path).xattrs if "overlay" in name]
            found[below] = line + (" {" + ",".join(marks) + "}" if xattrs and marks else "")
            if word == "dir":
                show(path, below)

    show(top, "")
    return found


def renameat2(old: str, new: str, flags: int) -> Any:
    if flags & 4:
        # RENAME_WHITEOUT is for overlays below this one; the mount has no such operation.
        return "EINVAL"
    return err(ask, old, "rename", inside(new), noreplace=bool(flags & 1), exchange=bool(flags & 2))

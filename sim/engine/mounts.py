"""The mount table of a process: which file system is seen where, and how a path is walked through them.

    target           kept under   shown from      kind
    /                root         /               overlay      the container's layers
    /proc            proc         /               proc         made at the start, in no layer
    /etc/hosts       etc          /hosts          ext4         docker's own file over the image's
    /data            host         /srv/data       ext4         -v /srv/data:/data hides what the image has there

A path is walked name by name (fs/namei.c), since a symlink in one file system may lead into another.

Access rights: root may do everything; anybody else is held to the mode bits of files and directories.
"""

from __future__ import annotations

import errno
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..errors import BadInput, FsError
from ..fs.entry import Kind
from ..union.overlay import OverlayMount, Stat
from ..union.overlay.paths import MAX_PATH, MAX_SYMLINKS
from ..union.overlay.report import MESSAGES, Effect, Report

READ, WRITE, SEARCH = 4, 2, 1
"""Permission bits, as in a mode's last digit."""


@dataclass(frozen=True, slots=True)
class Mounted:
    """One line of a mount table.

    Attributes
    ----------
    target : str
        Where it is seen; absolute, without a slash at the end, ``/`` for the root.
    key : str
        Which of the held file systems it shows: two lines may show one, such as a host's folder bound twice.
    root : str
        The directory, or the file, of that file system that is seen at `target`.
    source, kind, options : str
        What mount(8) and df(1) print: ``overlay``, ``proc``, ``/dev/sda1`` ...
    readonly : bool
    """

    target: str
    key: str
    root: str = "/"
    source: str = "overlay"
    kind: str = "overlay"
    options: str = "rw,relatime"
    readonly: bool = False


def words(number: int) -> str:
    """Return Linux's words for an errno."""
    return MESSAGES.get(number) or FsError(number, "").what.removeprefix(": ")


def as_readonly(line: Mounted) -> Mounted:
    """Return a line of a mount table whose files cannot be changed (``-v …:ro``)."""
    return replace(line, readonly=True, options=line.options.replace("rw", "ro", 1))


class Walk:
    """A mount table at work: the walk of paths, and who may. `vfs.Files` adds the operations."""

    def __init__(
        self, table: Sequence[Mounted], held: Mapping[str, OverlayMount], *, now: int = 0, uid: int = 0, gid: int = 0,
    ) -> None:
        self._lines: dict[str, Mounted] = {}
        for line in table:
            self._lines.pop(line.target, None)
            self._lines[line.target] = line
        self._held = {key: fs.at(now) for key, fs in held.items()}
        self.now, self.uid, self.gid = now, uid, gid
        self.effects: list[tuple[str, Effect]] = []
        if "/" not in self._lines:
            raise ValueError("a mount table has a line for /")

    # -- the table

    @property
    def table(self) -> tuple[Mounted, ...]:
        """The mount table, in the order of mounting."""
        return tuple(self._lines.values())

    def frozen(self) -> dict[str, OverlayMount]:
        """Return the file systems as they are now, by key."""
        return dict(self._held)

    def fs(self, key: str) -> OverlayMount:
        """Return one of the file systems as it is now."""
        return self._held[key]

    def put_fs(self, key: str, fs: OverlayMount) -> None:
        """Set one of the file systems: somebody else changed it."""
        self._held[key] = fs.at(self.now)

    def at(self, now: int) -> None:
        """Set the clock."""
        self.now = now
        self._held = {key: fs.at(now) for key, fs in self._held.items()}

    def with_umask(self, umask: int) -> None:
        """Set the umask."""
        self._held = {key: fs.with_umask(umask) for key, fs in self._held.items()}

    def line(self, path: str) -> Mounted:
        """Return the line of the table that shows a path."""
        return self._inner(self.real(path))[0]

    # -- the walk

    def real(self, path: str, follow: bool = True) -> str:
        """Return the absolute path that a path leads to when symlinks are followed; the last name may be missing.

        Raises
        ------
        FsError
            ENOENT, ENOTDIR, ELOOP, EACCES, ENAMETOOLONG on the way.
        """
        if "\0" in path:
            raise BadInput("a path cannot hold a NUL character")
        if not path:
            raise failed(errno.ENOENT, path)
        if len(path) * 4 > MAX_PATH and len(path.encode("utf-8", "surrogateescape")) > MAX_PATH:
            raise failed(errno.ENAMETOOLONG, path)
        todo = path.split("/")[::-1]
        at, links = "", 0
        while todo:
            name = todo.pop()
            if name in ("", "."):
                continue
            if name == "..":
                at = at.rpartition("/")[0]
                continue
            step = f"{at}/{name}"
            last = not any(part not in ("", ".") for part in todo)
            self._may(at or "/", SEARCH, path)
            found = self._peek(step)
            if found is None:
                if not last:
                    raise failed(errno.ENOENT, path)
            elif found.kind is Kind.SYMLINK and (follow or todo):
                links += 1
                if links > MAX_SYMLINKS:
                    raise failed(errno.ELOOP, path)
                target = self._ask("readlink", step, path)
                todo += target.split("/")[::-1]
                at = "" if target.startswith("/") else at
                continue
            elif todo and found.kind is not Kind.DIRECTORY:
                raise failed(errno.ENOTDIR, path)
            at = step
        return at or "/"

    def _line(self, real: str) -> Mounted:
        at = real
        while at:
            if at in self._lines:
                return self._lines[at]
            at = at.rpartition("/")[0]
        return self._lines["/"]

    def _inner(self, real: str) -> tuple[Mounted, str]:
        line = self._line(real)
        rest = real if line.target == "/" else real[len(line.target):]
        rest = "" if rest == "/" else rest
        return line, (line.root.rstrip("/") + rest) or "/"

    def _peek(self, real: str) -> Stat | None:
        line, inner = self._inner(real)
        _, report = self._held[line.key].lstat(inner)
        if report.errno == errno.ENAMETOOLONG:
            raise failed(report.errno, real)
        return None if report.errno else report.value

    def _ask(self, op: str, real: str, path: str) -> Any:
        """Do what changes nothing on a path without symlinks."""
        line, inner = self._inner(real)
        _, report = getattr(self._held[line.key], op)(inner)
        return checked(report, path).value

    def _do(self, op: str, real: str, path: str, *args: Any, **options: Any) -> Any:
        line, inner = self._inner(real)
        if line.readonly:
            raise failed(errno.EROFS, path)
        after, report = getattr(self._held[line.key], op)(inner, *args, **options)
        return self._settle(line, after, report, path)

    def _settle(self, line: Mounted, after: OverlayMount, report: Report, path: str) -> Any:
        self._held[line.key] = after
        self.effects += [(line.key, effect) for effect in report.effects]
        return checked(report, path).value

    # -- who may

    def may(self, path: str, want: int) -> bool:
        """Whether the caller may read, write or execute (search) what a path leads to."""
        try:
            self._may(self.real(path), want, path)
        except FsError:
            return False
        return True

    def _may(self, real: str, want: int, path: str) -> None:
        if self.uid == 0:
            return
        found = self._peek(real)
        if found is None:
            return
        shift = 6 if self.uid == found.uid else 3 if self.gid == found.gid else 0
        if want & ~(found.mode >> shift) & 7:
            raise failed(errno.EACCES, path)

    def _may_change(self, real: str, path: str) -> None:
        """Hold the caller to what removing or renaming a name asks for: its directory, and the sticky bit."""
        if self.uid == 0:
            return
        above = real.rpartition("/")[0] or "/"
        self._may(above, WRITE | SEARCH, path)
        folder, found = self._peek(above), self._peek(real)
        if folder is None or found is None or not folder.mode & 0o1000:
            return
        if self.uid not in (folder.uid, found.uid):
            raise failed(errno.EPERM, path)

    def _owner(self, real: str, path: str) -> None:
        found = self._peek(real)
        if self.uid and found is not None and found.uid != self.uid:
            raise failed(errno.EPERM, path)


def failed(number: int, path: str) -> FsError:
    """Return the error of an errno, in Linux's words, on every system that this runs on."""
    return FsError(number, path, f"{path}: {words(number)}")


def checked(report: Report, path: str) -> Report:
    """Return a report; raise `FsError` in Linux's words where the operation failed."""
    if report.errno:
        raise failed(report.errno, path)
    return report

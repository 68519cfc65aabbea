"""What an operation on a mount did: its result, its effects as data, its errno, and why."""

from __future__ import annotations

import errno as _errno
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from ...errors import FsError, errno_name
from ...fs.entry import Kind

if TYPE_CHECKING:
    from .mount import OverlayMount

MESSAGES = {
    _errno.EPERM: "Operation not permitted", _errno.ENOENT: "No such file or directory",
    _errno.ENXIO: "No such device or address", _errno.E2BIG: "Argument list too long",
    _errno.EBADF: "Bad file descriptor", _errno.EBUSY: "Device or resource busy", _errno.EEXIST: "File exists",
    _errno.EXDEV: "Invalid cross-device link", _errno.ENOTDIR: "Not a directory", _errno.EISDIR: "Is a directory",
    _errno.EINVAL: "Invalid argument", _errno.EFBIG: "File too large", _errno.ENOSPC: "No space left on device",
    _errno.ESPIPE: "Illegal seek", _errno.EROFS: "Read-only file system", _errno.EMLINK: "Too many links",
    _errno.ERANGE: "Numerical result out of range", _errno.ENAMETOOLONG: "File name too long",
    _errno.ENOTEMPTY: "Directory not empty", _errno.ELOOP: "Too many levels of symbolic links",
    _errno.ENODATA: "No data available", _errno.EOPNOTSUPP: "Operation not supported",
    _errno.EIO: "Input/output error",
}
"""Linux's words for an errno, the same on every system that this runs on."""


class Refused(Exception):
    """An operation failed; `at` is the path that the failure is about, where it is not the asked one."""

    def __init__(self, errno: int, at: str | None = None) -> None:
        super().__init__(errno)
        self.errno = errno
        self.at = at


class Did(StrEnum):
    """Kinds of effects on the upperdir."""

    COPY_UP = "copy-up"
    """A lower file, link or directory was copied to the upperdir, because it was to be changed."""
    PARENT = "parent"
    """A lower directory was copied to the upperdir, because something in it was to be changed."""
    WHITEOUT = "whiteout"
    """A whiteout was put into the upperdir."""
    UNCOVERED = "uncovered"
    """A whiteout of the upperdir gave way to what was put under its name."""
    OPAQUE = "opaque"
    """A directory was marked opaque."""
    REDIRECT = "redirect"
    """A directory was marked with the name that it has in the lower layers."""
    CREATED = "created"
    REMOVED = "removed"
    """Something was removed from the upperdir."""
    MOVED = "moved"
    LINKED = "linked"
    CHANGED = "changed"
    """Attributes were changed in the upperdir."""
    WROTE = "wrote"
    """Bytes were written, or cut off (then 0), in the upperdir."""


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing that happened in the upperdir.

    Attributes
    ----------
    did : Did
    path : str
        In the merged view, without a leading slash.
    bytes : int
        Data bytes that it cost.
    layer : int
        The layer that a copy-up copied from; 0 otherwise.
    kind : Kind or None
        What was copied up or created.
    """

    did: Did
    path: str
    bytes: int = 0
    layer: int = 0
    kind: Kind | None = None

    @property
    def words(self) -> str:
        """The effect in a few words."""
        path = f"/{self.path}"
        match self.did:
            case Did.COPY_UP:
                cost = f", {self.bytes:,} bytes" if self.kind is Kind.FILE else ""
                return f"{path} was copied up from layer {self.layer}{cost}"
            case Did.PARENT:
                return f"the directory {path} was copied up from layer {self.layer}, to hold the change"
            case Did.WHITEOUT:
                return f"a whiteout hides {path}"
            case Did.UNCOVERED:
                return f"the whiteout of {path} was replaced"
            case Did.OPAQUE:
                return f"{path} was marked opaque: what lower layers have in it stays hidden"
            case Did.REDIRECT:
                return f"{path} was marked with the name that it has in the lower layers"
            case Did.WROTE:
                return f"{self.bytes:,} bytes were written to {path}"
            case _:
                return f"{path} was {self.did}"

    def to_json(self) -> dict[str, object]:
        """Return the effect as JSON-ready data."""
        return {"did": str(self.did), "path": self.path, "bytes": self.bytes, "layer": self.layer or None,
                "kind": None if self.kind is None else str(self.kind)}


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of one operation.

    Attributes
    ----------
    op : str
        The operation, such as ``"rename"``.
    paths : tuple of str
        What was asked for, as it was written.
    errno : int
        0, or an `errno` constant.
    value : object
        The result: bytes, a `Stat`, names, a descriptor; None for most.
    effects : tuple of Effect
        In order. A failed operation can have some: the kernel leaves them too.
    at : str or None
        The path that the failure is about, where it is not the last of `paths`.
    before, after : OverlayMount
        The mount at both sides of the operation (free to keep).
    """

    op: str
    paths: tuple[str, ...]
    errno: int
    value: Any
    effects: tuple[Effect, ...]
    at: str | None = field(repr=False)
    before: OverlayMount = field(repr=False)
    after: OverlayMount = field(repr=False)

    @property
    def ok(self) -> bool:
        """Whether the operation succeeded."""
        return not self.errno

    @property
    def name(self) -> str | None:
        """The errno's name, such as ``"EXDEV"``, or None."""
        if self.errno == _errno.EOPNOTSUPP:
            # Linux has two names for this number, and Python knows the other one.
            return "EOPNOTSUPP"
        return errno_name(self.errno) if self.errno else None

    @property
    def message(self) -> str:
        """Linux's words for the errno; the empty text where it succeeded."""
        return MESSAGES.get(self.errno, f"Unknown error {self.errno}") if self.errno else ""

    @property
    def copied(self) -> int:
        """Data bytes that copy-ups cost."""
        return sum(effect.bytes for effect in self.effects if effect.did is Did.COPY_UP)

    @property
    def why(self) -> str:
        """What happened and by which rule, in a sentence or two."""
        from .explain import why

        return why(self)

    @property
    def advice(self) -> str | None:
        """What a person can do about a failure, or None."""
        from .explain import advice

        return advice(self)

    @property
    def printed(self) -> str | None:
        """What the usual command prints for this failure, or None."""
        from .explain import printed

        return printed(self)

    def check(self) -> Report:
        """Return this report; raise `FsError` where the operation failed."""
        if self.errno:
            raise FsError(self.errno, self.paths[-1] if self.paths else "", self.why, hint=self.advice)
        return self

    def to_json(self) -> dict[str, object]:
        """Return the report as JSON-ready data."""
        return {
            "op": self.op, "paths": list(self.paths), "ok": self.ok, "errno": self.name,
            "effects": [effect.to_json() for effect in self.effects], "copied_bytes": self.copied,
            "why": self.why, "advice": self.advice, "printed": self.printed,
        }


@dataclass(frozen=True, slots=True)
class Stat:
    """What stat(2) shows.

    Attributes
    ----------
    layer : int
        The layer that supplies the attributes; the upperdir has the highest number.
    """

    ino: int
    kind: Kind
    mode: int
    nlink: int
    uid: int
    gid: int
    size: int
    mtime_ns: int
    rdev: tuple[int, int] | None
    layer: int


@dataclass(frozen=True, slots=True)
class Space:
    """What statfs(2) shows of the file system that holds the upperdir, in data bytes. None: no limit."""

    total: int | None
    used: int

    @property
    def free(self) -> int | None:
        """Bytes left."""
        return None if self.total is None else max(0, self.total - self.used)

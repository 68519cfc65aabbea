"""File systems of the world as values that compare by content: containers' roots, volumes, hosts' trees.

All three are overlay mounts. One that only ever had an empty lower directory (`blank`) behaves like an ordinary
file system: nothing is ever copied up in it.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..content.data import Data
from ..fs.entry import Entry, Kind
from ..union.overlay import Directory, OverlayMount, Report, directory, mount

_EMPTY = directory({})


@dataclass(frozen=True, slots=True, eq=False)
class Disk:
    """A mounted file system; equal to another when lower directories and upper contents are.

    Attributes
    ----------
    mount : OverlayMount
        Its operations return a new mount and a report; `Disk(new)` is the changed file system.
    """

    mount: OverlayMount

    @property
    def upper(self) -> Directory:
        """What was written, as a value."""
        return self.mount.upperdir

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Disk):
            return NotImplemented
        if self.mount is other.mount:
            return True
        one, two = self.mount.lowerdirs, other.mount.lowerdirs
        if len(one) != len(two) or any(a is not b and a != b for a, b in zip(one, two, strict=True)):
            return False
        return list(self.upper.entries()) == list(other.upper.entries())

    __hash__ = None  # type: ignore[assignment]

    def read(self, path: str) -> bytes | None:
        """Return a file's bytes, None where there is none."""
        _, report = self.mount.cat(path)
        return report.value.read() if report.errno == 0 else None

    def exists(self, path: str) -> bool:
        """Whether a path leads to something."""
        return self.mount.stat(path)[1].errno == 0

    def is_dir(self, path: str) -> bool:
        """Whether a path leads to a directory."""
        report = self.mount.stat(path)[1]
        return report.errno == 0 and report.value.kind is Kind.DIRECTORY

    def written(self, path: str, data: bytes | Data, now: int, mode: int = 0o644) -> Disk:
        """Return the file system with a file written, its folders made where they are missing."""
        made = self.folder(path.rpartition("/")[0], now)
        at, report = made.mount.at(now).put(path, data, mode)
        _ok(report)
        return Disk(at)

    def folder(self, path: str, now: int, mode: int = 0o755) -> Disk:
        """Return the file system with a folder, and those above it, made where they are missing."""
        at = self.mount.at(now)
        so_far = ""
        for part in filter(None, path.split("/")):
            so_far += "/" + part
            if at.stat(so_far)[1].errno:
                at, report = at.mkdir(so_far, mode)
                _ok(report)
        return Disk(at)


def _ok(report: Report) -> None:
    report.check()


def blank(entries: dict[str, Entry] | None = None, now: int = 0) -> Disk:
    """Return an ordinary file system that holds some entries.

    Examples
    --------
    >>> made = blank().written("/etc/motd", b"hi", 0)
    >>> made.read("/etc/motd"), made == blank().written("/etc/motd", b"hi", 0), made == blank()
    (b'hi', True, False)
    """
    return Disk(mount([_EMPTY], directory(entries or {}), now=now))

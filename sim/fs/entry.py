"""Entries: what a file system holds under one name.

Paths are text without a leading slash, parts joined by ``/``; the root is the empty text. Names that
are not UTF-8 are kept as lone surrogates (`os.fsdecode` with "surrogateescape" on UTF-8), so that no
name is ever lost.

An entry is a value. Two names of one inode (hard links) are two equal entries with the same `inode`
number, which means something inside one layer only; 0 says that there is no second name.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ..content.data import Data


class Kind(StrEnum):
    """The type of an entry, by the letter that listings use."""

    FILE = "f"
    DIRECTORY = "d"
    SYMLINK = "l"
    FIFO = "p"
    CHAR = "c"
    BLOCK = "b"
    HARDLINK = "h"
    """A name for a file that only a LOWER layer holds: a layer tar may say so, engines differ on it."""


Xattrs = tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One name's inode.

    Attributes
    ----------
    kind : Kind
    mode : int
        Permission bits with setuid, setgid and sticky (12 bits).
    uid, gid : int
    mtime_ns : int
        Modification time in nanoseconds since 1970.
    data : Data or None
        The bytes of a regular file.
    target : str or None
        Where a symlink points, or the path that a `Kind.HARDLINK` names.
    rdev : (int, int) or None
        Major and minor number of a device.
    xattrs : tuple of (str, bytes)
        Extended attributes, sorted by name.
    inode : int
        Equal and not 0 for hard links of one layer.
    """

    kind: Kind
    mode: int
    uid: int = 0
    gid: int = 0
    mtime_ns: int = 0
    data: Data | None = None
    target: str | None = None
    rdev: tuple[int, int] | None = None
    xattrs: Xattrs = ()
    inode: int = 0

    @property
    def size(self) -> int:
        """Bytes of a regular file; 0 for all others."""
        return 0 if self.data is None else self.data.size

    @property
    def is_dir(self) -> bool:
        """Whether this is a directory."""
        return self.kind is Kind.DIRECTORY


IMPLIED = Entry(Kind.DIRECTORY, 0o755)
"""A directory that a layer needs but does not describe: 0755, root, 1970 (containerd and umoci agree)."""


def parent(path: str) -> str:
    """Return the directory part of a path; the root's is the root.

    Examples
    --------
    >>> parent("etc/apt/sources.list"), parent("etc"), parent("")
    ('etc/apt', '', '')
    """
    return path.rpartition("/")[0]


def ancestors(path: str) -> list[str]:
    """Return the proper ancestors of a path, nearest first, the root last.

    Examples
    --------
    >>> ancestors("a/b/c")
    ['a/b', 'a', '']
    >>> ancestors("")
    []
    """
    found = []
    while path:
        path = parent(path)
        found.append(path)
    return found


def canonical(path: str) -> str:
    """Clamp a path at the root as archives' names are: no leading slash, no ``.``, ``..`` or empty part.

    Examples
    --------
    >>> canonical("/etc//./apt/"), canonical("../../T/../esc"), canonical("/")
    ('etc/apt', 'esc', '')
    """
    if not path or (path[0] != "/" and "/." not in path and "//" not in path and path[0] != "." and path[-1] != "/"):
        return path
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)

"""Directories as the kernel finds them on disk: the lowerdir, the upperdir.

An overlay layer directory is an ordinary directory. Three things in it mean something to overlayfs
(fs/overlayfs/namei.c, `ovl_lookup_single`):

    character device 0/0                    a whiteout: the name is hidden
    directory, trusted.overlay.opaque=y     an opaque directory: what lies below is hidden
    directory, trusted.overlay.redirect     the lower directory is looked for under another name

`.wh.` names mean nothing here: they belong to layer TARS (`sim.union.upperdir` converts).

A `Directory` is a value. Its inodes (`Node`) are never changed once it exists; a mount works on a copy of
its upperdir, and reads its lowerdirs as they are, so that a thousand mounts share one lower layer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ...content.data import EMPTY, Data
from ...fs.entry import Entry, Kind, parent

NO_DEVICE = (0, 0)
"""The device number of a whiteout."""

TRUSTED, USER = "trusted.overlay.", "user.overlay."
"""Where overlayfs keeps its marks; the second with the mount option `userxattr`."""

_NO_XATTRS: dict[str, bytes] = {}


class Node:
    """An inode on disk. `names` is not None for a directory, and for nothing else.

    Attributes
    ----------
    ino : int
        Its number among the inodes of its own directory, from 1.
    nlink : int
        Names of a file; 2 + subdirectories of a directory.
    origin : int
        The number that the merged view goes on showing after a copy-up; 0 for none.
    metacopy : bool
        Only the attributes were copied up; `data` still lies below.
    """

    __slots__ = (
        "ino", "kind", "mode", "uid", "gid", "mtime_ns", "nlink", "data", "names", "target", "rdev", "xattrs",
        "origin", "metacopy",
    )

    def __init__(
        self, ino: int, kind: Kind, mode: int, uid: int = 0, gid: int = 0, mtime_ns: int = 0, *,
        data: Data = EMPTY, target: str = "", rdev: tuple[int, int] | None = None,
        xattrs: dict[str, bytes] = _NO_XATTRS,
    ) -> None:
        self.ino, self.kind, self.mode, self.uid, self.gid, self.mtime_ns = ino, kind, mode, uid, gid, mtime_ns
        self.data, self.target, self.rdev, self.xattrs = data, target, rdev, xattrs
        self.names: dict[str, Node] | None = {} if kind is Kind.DIRECTORY else None
        self.nlink = 2 if kind is Kind.DIRECTORY else 1
        self.origin = 0
        self.metacopy = False

    def copy(self, ino: int) -> Node:
        """Return a new inode with the same attributes, data and link target, and with no names in it."""
        made = Node(
            ino, self.kind, self.mode, self.uid, self.gid, self.mtime_ns,
            data=self.data, target=self.target, rdev=self.rdev, xattrs=self.xattrs,
        )
        made.origin, made.metacopy = self.origin, self.metacopy
        return made

    @property
    def is_whiteout(self) -> bool:
        """Whether this is a character device 0/0."""
        return self.rdev == NO_DEVICE and self.kind is Kind.CHAR

    def entry(self, inode: int = 0) -> Entry:
        """Return the same facts as an `Entry`."""
        return Entry(
            self.kind, self.mode, self.uid, self.gid, self.mtime_ns,
            data=self.data if self.kind is Kind.FILE else None,
            target=self.target if self.kind is Kind.SYMLINK else None,
            rdev=self.rdev, xattrs=tuple(sorted(self.xattrs.items())), inode=inode,
        )


WHITEOUT = Entry(Kind.CHAR, 0, rdev=NO_DEVICE)
"""What the kernel puts in the upperdir for a name that a lower layer has."""

ROOT = Entry(Kind.DIRECTORY, 0o755)


@dataclass(frozen=True, slots=True, eq=False)
class Directory:
    """One layer directory, a value. Make it with `directory`.

    Attributes
    ----------
    root : Node
        Not to be changed.
    inodes : int
        How many inodes there are.
    """

    root: Node
    inodes: int

    def entries(self) -> Iterator[tuple[str, Entry]]:
        """Yield (path, entry) of everything, parents first, names sorted; the root is the empty path.

        Whiteouts are character devices 0/0, and marks are xattrs, as on disk. Hard links share `inode`.
        """
        stack: list[tuple[str, Node]] = [("", self.root)]
        while stack:
            path, node = stack.pop()
            yield path, node.entry(node.ino if node.nlink > 1 and node.names is None else 0)
            if node.names:
                prefix = path + "/" if path else ""
                stack.extend((prefix + name, node.names[name]) for name in sorted(node.names, reverse=True))

    def dump(self) -> tuple[str, ...]:
        """Return one line an entry, as lessons show an upperdir.

        Examples
        --------
        >>> from sim.fs.entry import Entry, Kind
        >>> print(*directory({"d": Entry(Kind.DIRECTORY, 0o755), "d/gone": WHITEOUT}).dump(), sep="\\n")
        d/
        d/gone  whiteout
        """
        return tuple(_line(path, entry) for path, entry in self.entries() if path)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Directory):
            return NotImplemented
        return _comparable(self) == _comparable(other)

    __hash__ = None  # type: ignore[assignment]


def _line(path: str, entry: Entry) -> str:
    marks = "".join(
        f"  {name.removeprefix(TRUSTED).removeprefix(USER)}={value.decode('utf-8', 'replace')}"
        for name, value in entry.xattrs if name.startswith((TRUSTED, USER))
    )
    if entry.kind is Kind.DIRECTORY:
        return f"{path}/{marks}"
    if entry.kind is Kind.FILE:
        return f"{path}  {entry.size} bytes{marks}"
    if entry.kind is Kind.SYMLINK:
        return f"{path} -> {entry.target}"
    return f"{path}  whiteout" if entry.rdev == NO_DEVICE else f"{path}  {entry.kind} {entry.rdev}"


def _comparable(directory: Directory) -> dict[str, object]:
    first: dict[int, str] = {}
    found: dict[str, object] = {}
    for path, entry in directory.entries():
        same_as = first.setdefault(entry.inode, path) if entry.inode else None
        found[path] = (entry.kind, entry.mode, entry.uid, entry.gid, entry.mtime_ns, entry.data, entry.target,
                       entry.rdev, entry.xattrs, same_as)
    return found


def directory(entries: Mapping[str, Entry]) -> Directory:
    """Make a layer directory of entries on disk.

    Parameters
    ----------
    entries : mapping of canonical path to Entry
        In any order; parents that are missing are made, 0755. Entries with the same `inode`, not 0, are names
        of one inode. A whiteout is `WHITEOUT`.

    Raises
    ------
    ValueError
        If something lies below what is no directory.
    """
    root_entry = entries.get("", ROOT)
    root = node_of(root_entry, 1)
    made: dict[str, Node] = {"": root}
    linked: dict[int, Node] = {}
    count = 1

    def place(path: str) -> Node:
        nonlocal count
        if path in made:
            return made[path]
        above = place(parent(path))
        if above.names is None:
            raise ValueError(f"/{parent(path)} is no directory, so /{path} cannot be in it")
        entry = entries.get(path, ROOT)
        node = linked.get(entry.inode) if entry.inode else None
        if node is None:
            count += 1
            node = node_of(entry, count)
            if entry.inode:
                linked[entry.inode] = node
        else:
            node.nlink += 1
        if node.names is not None:
            above.nlink += 1
        above.names[path.rpartition("/")[2]] = node
        made[path] = node
        return node

    for path in entries:
        place(path)
    return Directory(root, count)


def node_of(entry: Entry, ino: int) -> Node:
    """Return an inode with the attributes of an entry."""
    return Node(
        ino, entry.kind, entry.mode, entry.uid, entry.gid, entry.mtime_ns, data=entry.data or EMPTY,
        target=entry.target or "", rdev=entry.rdev, xattrs=dict(entry.xattrs),
    )


def copied(root: Node, first: int = 1) -> tuple[Node, int]:
    """Copy a tree of inodes, hard links kept; return the new root and how many inodes it has.

    Inodes are numbered from `first`, and keep the number that they show (`Node.origin`).
    """
    made: dict[int, Node] = {id(root): root.copy(first)}
    stack = [root]
    while stack:
        old = stack.pop()
        new = made[id(old)]
        new.nlink = old.nlink
        for name, child in (old.names or {}).items():
            copy = made.get(id(child))
            if copy is None:
                copy = made[id(child)] = child.copy(first + len(made))
                copy.nlink = child.nlink
                if child.names is not None:
                    stack.append(child)
            assert new.names is not None
            new.names[name] = copy
    return made[id(root)], len(made)

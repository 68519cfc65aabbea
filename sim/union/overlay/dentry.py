"""A *dentry* is a name of the merged view with what lies behind it, as fs/overlayfs/ovl_entry.h keeps it:

    Dentry "etc"    upper   the inode in the upperdir, or None
                    lowers  (layer, inode) of the lower directories that are merged, top first;
                            of a file: the one that it comes from
"""

from __future__ import annotations

from dataclasses import dataclass

from .disk import Node

Lowers = tuple[tuple[int, Node], ...]
"""(layer, inode) pairs, top first."""


class Dentry:
    """A name of the merged view and what lies behind it."""

    __slots__ = ("parent", "name", "upper", "lowers", "children", "alias")

    def __init__(self, parent: Dentry | None, name: str, upper: Node | None, lowers: Lowers) -> None:
        self.parent = parent
        self.name = name
        self.upper = upper
        self.lowers = lowers
        self.children: dict[str, Dentry] = {}
        # False where the index knows the inode and the upperdir does not hold this name yet.
        self.alias = upper is not None

    @property
    def node(self) -> Node:
        """The inode whose attributes the merged view shows."""
        return self.upper or self.lowers[0][1]

    @property
    def is_dir(self) -> bool:
        """Whether this is a directory."""
        return (self.upper or self.lowers[0][1]).names is not None

    @property
    def merged(self) -> bool:
        """Whether several directories are merged here (OVL_TYPE_MERGE)."""
        return bool(self.lowers) and (self.upper is not None or len(self.lowers) > 1)

    @property
    def may_hide(self) -> bool:
        """Whether there may be whiteouts in the upper directory (the inode flag OVL_WHITEOUTS)."""
        return self.merged or (self.upper is not None and self.upper.origin != 0)

    @property
    def path(self) -> str:
        """The path in the merged view, without a leading slash."""
        names = []
        at: Dentry | None = self
        while at is not None and at.parent is not None:
            names.append(at.name)
            at = at.parent
        return "/".join(reversed(names))


@dataclass(frozen=True, slots=True)
class OpenFile:
    """An open descriptor.

    Attributes
    ----------
    path : str
        In the merged view, when it was opened.
    node : Node
        The inode that read(2) reads: a copy-up moves it to the copy.
    mapped : Node
        The inode that mmap(2) maps: that of the moment of the open.
    flags : int
    ino, layer : int
        The inode number that the merged view shows, and the layer that supplies the inode.
    merged : bool
        Whether it is a directory of several layers.
    offset : int
    """

    path: str
    node: Node
    mapped: Node
    flags: int
    ino: int
    layer: int
    merged: bool
    offset: int = 0

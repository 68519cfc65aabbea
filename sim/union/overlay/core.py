"""The core of a mount: the directories, the cache of merged names, and the journal of changes.

Dentries are found by `Core.look` (fs/overlayfs/namei.c, `ovl_lookup`) and cached below their parent, so that
a walk costs one dictionary look-up a name. They are derived: `forget` drops them all.

Every change of an inode goes through `put`, `drop` or `set`, which keep what was there before.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...content.splice import stored
from ...fs.entry import Kind
from .dentry import Dentry, Lowers, OpenFile
from .disk import TRUSTED, USER, Directory, Node, copied, node_of
from .disk import WHITEOUT as WHITEOUT_ENTRY
from .options import Options
from .report import Did, Effect
from .versions import GONE, Change

WHITEOUT = node_of(WHITEOUT_ENTRY, 0)
"""One inode serves as every whiteout, as the kernel links one."""


class Core:
    """The mutable inside of an `OverlayMount`. Only functions of this package change it."""

    def __init__(
        self, lowers: Sequence[Directory], upper: Directory | None, options: Options, size: int | None
    ) -> None:
        self.options = options
        self.size = size
        self.prefix = USER if options.userxattr else TRUSTED
        self.escaped = self.prefix + "overlay."
        self.opaque_mark, self.redirect_mark = self.prefix + "opaque", self.prefix + "redirect"
        # A fresh directory's mark only saves lookups; it is left out where the upperdir may be changed while it
        # is not mounted, which the default options allow (fs/overlayfs/dir.c, ovl_create_upper).
        self.redirects = options.redirect_dir or options.metacopy
        self.marks_fresh = options.redirect_dir or options.metacopy or options.index
        self.bases = [0]
        for lower in lowers:
            self.bases.append(self.bases[-1] + lower.inodes)
        self.lowers: Lowers = tuple(
            (number, lowers[number - 1].root) for number in range(len(lowers), 0, -1)
        )
        self.upper_layer = len(lowers) + 1
        self.next_ino = self.bases[-1] + 1
        self.upper: Node | None = None
        self.used = 0
        if upper is not None:
            self.upper, made = copied(upper.root, self.next_ino)
            self.next_ino += made
            self.used = _stored_in(self.upper)
        self.files: dict[int, OpenFile] = {}
        self.index: dict[int, Node] = {}
        self.unions: dict[int, int] = {}
        self.root = Dentry(None, "", self.upper, self.lowers)
        # Set where a copy-up changed what other names lead to: they are looked up again, after the operation.
        self.stale = False
        self.log: list[Change] = []
        self.effects: list[Effect] = []
        self.now = 0
        self.umask = 0o022

    # -- journal

    def begin(self, now: int, umask: int) -> None:
        """Start an operation."""
        self.log, self.effects, self.now, self.umask = [], [], now, umask

    def put(self, where: dict[Any, Any], key: Any, value: Any) -> None:
        """Set a dictionary's key."""
        self.log.append((where, key, where.get(key, GONE)))
        where[key] = value

    def drop(self, where: dict[Any, Any], key: Any) -> None:
        """Remove a dictionary's key."""
        self.log.append((where, key, where[key]))
        del where[key]

    def set(self, node: Any, name: str, value: Any) -> None:
        """Set an attribute."""
        self.log.append((node, name, getattr(node, name)))
        setattr(node, name, value)

    def forget(self) -> None:
        """Drop the cache of dentries."""
        self.stale = False
        self.root = Dentry(None, "", self.upper, self.lowers)

    # -- small helpers of the operations

    def did(self, did: Did, dentry: Dentry, size: int = 0, layer: int = 0, kind: Kind | None = None) -> None:
        """Note an effect."""
        self.effects.append(Effect(did, dentry.path, size, layer, kind))

    def new_ino(self) -> int:
        """Return an inode number that was never used."""
        ino = self.next_ino
        self.log.append((self, "next_ino", ino))
        self.next_ino = ino + 1
        return ino

    def touch(self, dentry: Dentry) -> None:
        """Set the modification time of a directory of the upperdir to now."""
        self.set(dentry.upper, "mtime_ns", self.now)

    def mark(self, node: Node, name: str, value: bytes) -> None:
        """Set an extended attribute of an inode of the upperdir."""
        self.set(node, "xattrs", {**node.xattrs, name: value})

    def is_private(self, name: str) -> bool:
        """Whether an extended attribute on disk is a mark of this mount, which is neither shown nor copied up."""
        return name.startswith(self.prefix) and not name.startswith(self.escaped)

    def is_opaque(self, node: Node) -> bool:
        """Whether a directory on disk is marked opaque: ``y`` alone counts."""
        return bool(node.xattrs) and node.xattrs.get(self.opaque_mark) == b"y"

    def shown_ino(self, dentry: Dentry) -> int:
        """Return the inode number that the merged view shows: it survives a copy-up."""
        if dentry.upper is not None:
            if dentry.upper.names is not None and dentry.lowers:
                layer, node = dentry.lowers[0]
                return self.bases[layer - 1] + node.ino
            return dentry.upper.origin or dentry.upper.ino
        layer, node = dentry.lowers[0]
        return self.bases[layer - 1] + node.ino

    # -- lookup

    def child(self, parent: Dentry, name: str) -> Dentry | None:
        """Return the dentry of a name in a directory, or None where the merged view has none."""
        return parent.children.get(name) or self.look(parent, name)

    def look(self, parent: Dentry, name: str) -> Dentry | None:
        """Find a name in the directories that are merged in `parent`, from the top down, and cache it."""
        upper, stop, asked = None, False, name
        directories = parent.lowers
        if parent.upper is not None and parent.upper.names is not None:
            upper = parent.upper.names.get(name)
            if upper is not None:
                stop = upper.names is None or self.is_opaque(upper)
                if upper.is_whiteout:
                    upper = None
                elif upper.names is not None and self.redirect_mark in upper.xattrs:
                    asked = upper.xattrs[self.redirect_mark].decode("utf-8", "surrogateescape")
                    directories = self.lowers if asked[0] == "/" else directories
        lowers = () if stop else self._look_below(directories, asked, upper is not None)
        if upper is None and not lowers:
            return None
        dentry = Dentry(parent, name, upper, lowers)
        if upper is None and self.index:
            dentry.upper = self.index.get(id(lowers[0][1]))
        parent.children[name] = dentry
        return dentry

    def _look_below(self, directories: Lowers, asked: str, is_dir: bool) -> Lowers:
        """Look for a name in the lower directories; a mark can change the name, and where it is looked for."""
        found: list[tuple[int, Node]] = []
        number = 0
        while number < len(directories):
            layer, base = directories[number]
            number += 1
            node, stop, following = self._look_in(base, asked)
            if node is not None:
                if node.names is None:
                    if not is_dir and not found:
                        found.append((layer, node))
                    break
                found.append((layer, node))
            if stop:
                break
            if following != asked:
                if following[0] == "/" and asked[0] != "/":
                    # An absolute name is looked for from the roots of the layers below this one.
                    directories, number = tuple(pair for pair in self.lowers if pair[0] < layer), 0
                asked = following
        return tuple(found)

    def _look_in(self, base: Node, asked: str) -> tuple[Node | None, bool, str]:
        """Look for a name, or an absolute path, in one layer.

        Returns
        -------
        node : Node or None
        stop : bool
            The search ends here: a whiteout, an opaque directory.
        following : str
            What is to be looked for in the layers below.
        """
        names = asked[1:].split("/") if asked[0] == "/" else [asked]
        following = names[:] if asked[0] != "/" else ["", *names]
        node = base
        stop = False
        for at, name in enumerate(names, 1):
            assert node.names is not None
            below = node.names.get(name)
            if below is None:
                return None, stop, "/".join(following)
            node = below
            if node.is_whiteout or (node.names is None and at < len(names)):
                return None, True, asked
            mark = node.xattrs.get(self.redirect_mark) if node.xattrs else None
            if self.is_opaque(node):
                stop = True
            elif mark is not None:
                after = names[at:]
                words = mark.decode("utf-8", "surrogateescape").split("/")
                following = [*(words if not words[0] else [*following[: -1 - len(after)], *words]), *after]
        return node, stop, "/".join(following)

    def below(self, dentry: Dentry) -> bool:
        """Whether a lower layer shows something under this name (fs/overlayfs/namei.c, `ovl_lower_positive`)."""
        if dentry.upper is None:
            return True
        return dentry.parent is not None and self.shows_below(dentry.parent, dentry.name)

    def shows_below(self, parent: Dentry, name: str) -> bool:
        """Whether the topmost lower layer that knows the name has more than a whiteout there."""
        for _, base in parent.lowers:
            assert base.names is not None
            node = base.names.get(name)
            if node is not None:
                return not node.is_whiteout
        return False


def _stored_in(root: Node) -> int:
    seen: set[int] = set()
    total = 0
    stack = [root]
    while stack:
        node = stack.pop()
        if node.names is not None:
            stack.extend(node.names.values())
        elif id(node) not in seen:
            seen.add(id(node))
            total += 0 if node.metacopy else stored(node.data)
    return total

"""Making things: files, directories, links, devices (fs/overlayfs/dir.c, `ovl_create_or_link`).

What is new goes into the upperdir. Where a whiteout of the upperdir held the name, a new directory is marked
opaque, or the lower directory of that name would show through it.
"""

from __future__ import annotations

import errno

from ...fs.entry import Kind
from .copyup import copy_up
from .core import Core
from .dentry import Dentry
from .disk import NO_DEVICE, Node
from .paths import MAX_PATH, resolve, to_create
from .report import Did, Refused

SETGID, STICKY = 0o2000, 0o1000


def new_node(core: Core, parent: Dentry, kind: Kind, mode: int) -> Node:
    """Return a fresh inode, owned by root; below a setgid directory the group is inherited."""
    above = parent.node
    node = Node(core.new_ino(), kind, mode, 0, 0, core.now)
    if above.mode & SETGID:
        node.gid = above.gid
        if kind is Kind.DIRECTORY:
            node.mode |= SETGID
    return node


def install(core: Core, parent: Dentry, name: str, node: Node) -> Dentry:
    """Put an inode into the upperdir under a name that the merged view does not have."""
    copy_up(core, parent, did=Did.PARENT)
    assert parent.upper is not None and parent.upper.names is not None
    covered = name in parent.upper.names
    is_dir = node.names is not None
    marked = is_dir and (covered or (parent.merged and core.marks_fresh))
    if marked:
        core.mark(node, core.opaque_mark, b"y")
    core.put(parent.upper.names, name, node)
    if is_dir:
        core.set(parent.upper, "nlink", parent.upper.nlink + 1)
    core.touch(parent)
    dentry = parent.children[name] = Dentry(parent, name, node, ())
    core.did(Did.CREATED, dentry, kind=node.kind)
    if covered:
        core.did(Did.UNCOVERED, dentry)
    if marked:
        core.did(Did.OPAQUE, dentry)
    return dentry


def create(core: Core, parent: Dentry, name: str, mode: int) -> Dentry:
    """Make an empty regular file."""
    return install(core, parent, name, new_node(core, parent, Kind.FILE, mode & 0o7777 & ~core.umask))


def mkdir(core: Core, path: str, mode: int) -> None:
    """mkdir(2)."""
    parent, name = to_create(core, path, directory=True)
    # The kernel keeps the permission bits and the sticky bit of the mode that mkdir(2) gets.
    install(core, parent, name, new_node(core, parent, Kind.DIRECTORY, mode & 0o1777 & ~core.umask))


def mknod(core: Core, path: str, kind: Kind, mode: int, rdev: tuple[int, int] | None) -> None:
    """mknod(2) of a file, a pipe or a device. A whiteout cannot be made through the mount."""
    parent, name = to_create(core, path)
    if kind is Kind.CHAR and rdev == NO_DEVICE:
        raise Refused(errno.EPERM)
    if kind in (Kind.DIRECTORY, Kind.SYMLINK, Kind.HARDLINK):
        raise Refused(errno.EPERM if kind is Kind.DIRECTORY else errno.EINVAL)
    node = new_node(core, parent, kind, mode & 0o7777 & ~core.umask)
    node.rdev = rdev if kind in (Kind.CHAR, Kind.BLOCK) else None
    install(core, parent, name, node)


def symlink(core: Core, target: str, path: str) -> None:
    """symlink(2)."""
    if not target:
        raise Refused(errno.ENOENT)
    if len(target.encode("utf-8", "surrogateescape")) > MAX_PATH:
        raise Refused(errno.ENAMETOOLONG)
    parent, name = to_create(core, path)
    node = new_node(core, parent, Kind.SYMLINK, 0o777)
    node.target = target
    install(core, parent, name, node)


def link(core: Core, old: str, new: str) -> None:
    """link(2): the old file is copied up once, and both names are names of the copy."""
    found = resolve(core, old, follow=False)
    parent, name = to_create(core, new)
    if found.is_dir:
        raise Refused(errno.EPERM)
    copy_up(core, found, data=False)
    copy_up(core, parent, did=Did.PARENT)
    node = found.upper
    assert node is not None and parent.upper is not None and parent.upper.names is not None
    covered = name in parent.upper.names
    core.put(parent.upper.names, name, node)
    core.set(node, "nlink", node.nlink + 1)
    if id(node) in core.unions:
        core.put(core.unions, id(node), core.unions[id(node)] + 1)
    core.touch(parent)
    dentry = parent.children[name] = Dentry(parent, name, node, ())
    core.did(Did.LINKED, dentry, kind=node.kind)
    if covered:
        core.did(Did.UNCOVERED, dentry)

"""Taking things away (fs/overlayfs/dir.c, `ovl_do_remove`).

Where a lower layer shows the name, a whiteout takes its place in the upperdir; else the name simply goes.
"""

from __future__ import annotations

import errno

from .copyup import copy_up, join_index, release
from .core import WHITEOUT, Core
from .dentry import Dentry
from .disk import Node
from .paths import Last, child, resolve_parent, writable
from .report import Did, Refused
from .views import names_in


def unlink(core: Core, path: str) -> None:
    """unlink(2)."""
    parent, name, last, slash, _ = resolve_parent(core, path)
    if last is not Last.NAME:
        raise Refused(errno.EISDIR)
    writable(core)
    dentry = child(core, parent, name)
    if dentry is None:
        raise Refused(errno.ENOENT)
    if dentry.is_dir:
        raise Refused(errno.EISDIR)
    if slash:
        raise Refused(errno.ENOTDIR)
    _remove(core, dentry, core.below(dentry))


def rmdir(core: Core, path: str) -> None:
    """rmdir(2)."""
    parent, name, last, _, _ = resolve_parent(core, path)
    if last is not Last.NAME:
        raise Refused({Last.DOTDOT: errno.ENOTEMPTY, Last.DOT: errno.EINVAL, Last.ROOT: errno.EBUSY}[last])
    writable(core)
    dentry = child(core, parent, name)
    if dentry is None:
        raise Refused(errno.ENOENT)
    if not dentry.is_dir:
        raise Refused(errno.ENOTDIR)
    below = core.below(dentry)
    if below or dentry.may_hide:
        check_empty(core, dentry)
    elif dentry.upper is not None and dentry.upper.names:
        # A directory of the upperdir alone goes as on disk, and on disk a whiteout is a file.
        raise Refused(errno.ENOTEMPTY)
    _remove(core, dentry, below)


def check_empty(core: Core, dentry: Dentry) -> None:
    """Raise ENOTEMPTY where the merged directory shows a name."""
    if names_in(core, dentry, ghosts=False):
        raise Refused(errno.ENOTEMPTY)


def _remove(core: Core, dentry: Dentry, below: bool) -> None:
    parent = dentry.parent
    assert parent is not None
    copy_up(core, parent, did=Did.PARENT)
    join_index(core, dentry)
    assert parent.upper is not None and parent.upper.names is not None
    in_upper = dentry.alias
    if below:
        core.put(parent.upper.names, dentry.name, WHITEOUT)
    else:
        core.drop(parent.upper.names, dentry.name)
    core.touch(parent)
    parent.children.pop(dentry.name, None)
    if in_upper:
        core.did(Did.REMOVED, dentry)
    if dentry.upper is not None:
        unnamed(core, dentry.upper, parent, in_upper)
    if below:
        core.did(Did.WHITEOUT, dentry)


def unnamed(core: Core, node: Node, parent: Dentry, in_upper: bool = True) -> None:
    """Count a name less of an inode of the upperdir, in which `parent` held it."""
    if node.names is not None:
        assert parent.upper is not None
        core.set(parent.upper, "nlink", parent.upper.nlink - 1)
        core.set(node, "nlink", 0)
        return
    if in_upper:
        core.set(node, "nlink", node.nlink - 1)
    if id(node) in core.unions:
        core.put(core.unions, id(node), core.unions[id(node)] - 1)
    release(core, node)

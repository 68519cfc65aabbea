"""rename(2) and renameat2(2) (fs/namei.c, `do_renameat2`; fs/overlayfs/dir.c, `ovl_rename`).

    what is renamed                              what happens
    ---------------                              ------------
    a file of a lower layer                      copied up under the old name, moved, whiteout left behind
    a directory that a lower layer has           EXDEV (with redirect_dir: moved, and marked with the old name)
    a directory of the upperdir alone            moved; opaque where its new parent is merged with lower ones
"""

from __future__ import annotations

import errno

from .copyup import copy_up, join_index
from .core import WHITEOUT, Core
from .dentry import Dentry
from .disk import Node
from .paths import Last, child, resolve_parent, writable
from .remove import check_empty, unnamed
from .report import Did, Refused

MAX_REDIRECT = 256
"""Bytes of a mark with an absolute path (the module parameter redirect_max)."""


def rename(core: Core, old_path: str, new_path: str, noreplace: bool, exchange: bool) -> None:
    """rename(2), with RENAME_NOREPLACE or RENAME_EXCHANGE."""
    if noreplace and exchange:
        raise Refused(errno.EINVAL)
    old_parent, old_name, old_last, old_slash, _ = resolve_parent(core, old_path)
    new_parent, new_name, new_last, new_slash, _ = resolve_parent(core, new_path)
    if old_last is not Last.NAME:
        raise Refused(errno.EBUSY, old_path.strip("/"))
    if new_last is not Last.NAME:
        raise Refused(errno.EEXIST if noreplace else errno.EBUSY)
    writable(core)
    old = child(core, old_parent, old_name)
    if old is None:
        raise Refused(errno.ENOENT, old_path.strip("/"))
    new = child(core, new_parent, new_name)
    _check_names(old, new, new_parent, noreplace, exchange, old_slash, new_slash)
    if new is not None and _same_inode(core, old, new):
        return
    if new is not None and not exchange and old.is_dir != new.is_dir:
        raise Refused(errno.EISDIR if new.is_dir else errno.ENOTDIR)
    if exchange:
        assert new is not None
        _exchange(core, old, new)
    else:
        _move(core, old, new_parent, new_name, new)


def _check_names(
    old: Dentry, new: Dentry | None, new_parent: Dentry, noreplace: bool, exchange: bool,
    old_slash: bool, new_slash: bool,
) -> None:
    if noreplace and new is not None:
        raise Refused(errno.EEXIST)
    if exchange and new is None:
        raise Refused(errno.ENOENT)
    if exchange and new is not None and not new.is_dir and new_slash:
        raise Refused(errno.ENOTDIR)
    if not old.is_dir and (old_slash or (not exchange and new_slash)):
        raise Refused(errno.ENOTDIR)
    if _inside(new_parent, old):
        raise Refused(errno.EINVAL)
    if new is not None and old.parent is not None and _inside(old.parent, new):
        raise Refused(errno.EINVAL if exchange else errno.ENOTEMPTY)


def _inside(dentry: Dentry | None, above: Dentry) -> bool:
    while dentry is not None:
        if dentry is above:
            return True
        dentry = dentry.parent
    return False


def _same_inode(core: Core, old: Dentry, new: Dentry) -> bool:
    if old is new or (old.upper is not None and old.upper is new.upper):
        return True
    # Names of one lower inode are different inodes of the merged view, unless the index joins them.
    return core.options.index and old.upper is new.upper and old.lowers[:1] == new.lowers[:1]


def _check_movable(core: Core, dentry: Dentry) -> None:
    if dentry.lowers and dentry.is_dir and not core.redirects:
        raise Refused(errno.EXDEV, dentry.path)


def _move(core: Core, old: Dentry, parent: Dentry, name: str, new: Dentry | None) -> None:
    _check_movable(core, old)
    if new is not None and new.is_dir and (new.lowers or new.may_hide):
        check_empty(core, new)
    below = core.below(old)
    copy_up(core, old, data=False)
    copy_up(core, parent, did=Did.PARENT)
    if new is not None:
        join_index(core, new)
    _mark_moved(core, old, parent)
    node, source, target = _node(old), _names(old.parent), _names(parent)
    if new is not None and new.is_dir and new.upper is not None and not (new.lowers or new.may_hide):
        if new.upper.names:
            # On disk the target is not empty. The mark that was set stays, as the kernel leaves it.
            raise Refused(errno.ENOTEMPTY)
    covered = new is None and name in target
    if below:
        core.put(source, old.name, WHITEOUT)
    else:
        core.drop(source, old.name)
    core.put(target, name, node)
    _settle(core, old, parent, name)
    if new is not None and new.upper is not None:
        unnamed(core, new.upper, parent, new.alias)
    core.did(Did.MOVED, old, kind=node.kind)
    if covered:
        core.did(Did.UNCOVERED, old)


def _settle(core: Core, old: Dentry, parent: Dentry, name: str) -> None:
    """Bring the cache, link counts and times in line after a move, and note the whiteout that it left."""
    before = old.parent
    assert before is not None
    if old.is_dir and before is not parent:
        assert before.upper is not None and parent.upper is not None
        core.set(before.upper, "nlink", before.upper.nlink - 1)
        core.set(parent.upper, "nlink", parent.upper.nlink + 1)
    core.touch(before)
    core.touch(parent)
    if _names(before).get(old.name) is WHITEOUT:
        core.did(Did.WHITEOUT, old)
    before.children.pop(old.name, None)
    old.parent, old.name = parent, name
    parent.children[name] = old
    if not old.is_dir:
        old.lowers = ()


def _exchange(core: Core, old: Dentry, new: Dentry) -> None:
    _check_movable(core, old)
    _check_movable(core, new)
    old_parent, new_parent = old.parent, new.parent
    assert old_parent is not None and new_parent is not None
    copy_up(core, old, data=False)
    copy_up(core, new_parent, did=Did.PARENT)
    copy_up(core, new, data=False)
    _mark_moved(core, old, new_parent)
    _mark_moved(core, new, old_parent)
    core.put(_names(old_parent), old.name, _node(new))
    core.put(_names(new_parent), new.name, _node(old))
    if old_parent is not new_parent and old.is_dir is not new.is_dir:
        more, less = (new_parent, old_parent) if old.is_dir else (old_parent, new_parent)
        assert more.upper is not None and less.upper is not None
        core.set(more.upper, "nlink", more.upper.nlink + 1)
        core.set(less.upper, "nlink", less.upper.nlink - 1)
    core.touch(old_parent)
    core.touch(new_parent)
    old_name, new_name = old.name, new.name
    old.parent, old.name, new.parent, new.name = new_parent, new_name, old_parent, old_name
    old_parent.children[old_name], new_parent.children[new_name] = new, old
    for dentry in (old, new):
        if not dentry.is_dir:
            dentry.lowers = ()
        core.did(Did.MOVED, dentry, kind=dentry.node.kind)


def _mark_moved(core: Core, dentry: Dentry, parent: Dentry) -> None:
    """Mark a directory so that under its new name it shows what it showed under the old one."""
    if not dentry.is_dir:
        return
    node = _node(dentry)
    if dentry.lowers:
        _set_redirect(core, dentry, node, dentry.parent is parent)
    elif parent.merged and not core.is_opaque(node):
        core.mark(node, core.opaque_mark, b"y")
        core.did(Did.OPAQUE, dentry)


def _set_redirect(core: Core, dentry: Dentry, node: Node, same_directory: bool) -> None:
    mark = node.xattrs.get(core.redirect_mark)
    if mark is not None and (same_directory or mark[:1] == b"/"):
        return
    value = mark_of(core, dentry) if not same_directory else dentry.name.encode("utf-8", "surrogateescape")
    core.mark(node, core.redirect_mark, value)
    core.did(Did.REDIRECT, dentry)


def mark_of(core: Core, dentry: Dentry) -> bytes:
    """Return the absolute path of a directory in the lower layers; `EXDEV` where it is too long."""
    parts: list[bytes] = []
    at: Dentry | None = dentry
    while at is not None and at.parent is not None:
        mark = at.upper.xattrs.get(core.redirect_mark) if at.upper is not None else None
        if mark is not None and mark[:1] == b"/":
            parts.append(mark[1:])
            break
        parts.append(mark if mark is not None else at.name.encode("utf-8", "surrogateescape"))
        at = at.parent
    value = b"/" + b"/".join(reversed(parts))
    if len(value) > MAX_REDIRECT:
        raise Refused(errno.EXDEV, dentry.path)
    return value


def _node(dentry: Dentry) -> Node:
    assert dentry.upper is not None
    return dentry.upper


def _names(dentry: Dentry | None) -> dict[str, Node]:
    assert dentry is not None and dentry.upper is not None and dentry.upper.names is not None
    return dentry.upper.names

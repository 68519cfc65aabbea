"""Changing attributes: chmod, chown, utime, truncate, extended attributes (fs/overlayfs/inode.c, xattrs.c).

Each of them copies the whole file up first, even when nothing would change: `chmod` of a 4 MB file costs 4 MB.
"""

from __future__ import annotations

import errno

from ...content.splice import resized, stored
from ...fs.entry import Kind
from .copyup import copy_up, spend
from .core import Core
from .dentry import Dentry
from .disk import Node
from .paths import resolve, writable
from .report import Did, Refused

CAPABILITY = "security.capability"
SETUID, SETGID, GROUP_EXEC = 0o4000, 0o2000, 0o010
MAX_XATTR_NAME, MAX_XATTR_VALUE = 255, 65536
CAPABILITY_SIZES = (20, 24)
_PREFIXES = ("user.", "trusted.", "security.")


def chmod(core: Core, path: str, mode: int) -> None:
    """chmod(2)."""
    node = _changed(core, resolve(core, path))
    core.set(node, "mode", mode & 0o7777)


def chown(core: Core, path: str, uid: int, gid: int, follow: bool) -> None:
    """chown(2) or lchown(2); -1 keeps the owner or group. setuid, setgid and capabilities of a file are lost."""
    node = _changed(core, resolve(core, path, follow))
    if uid >= 0:
        core.set(node, "uid", uid)
    if gid >= 0:
        core.set(node, "gid", gid)
    if node.names is None:
        drop_privileges(core, node)
        lost = SETUID | (SETGID if node.mode & GROUP_EXEC else 0)
        if node.mode & lost:
            core.set(node, "mode", node.mode & ~lost)


def utime(core: Core, path: str, mtime_ns: int | None, follow: bool) -> None:
    """utimensat(2); None sets the time to now."""
    node = _changed(core, resolve(core, path, follow))
    core.set(node, "mtime_ns", core.now if mtime_ns is None else mtime_ns)


def truncate(core: Core, path: str, size: int) -> None:
    """truncate(2): copies the whole file up first, even to cut it to nothing."""
    if size < 0:
        raise Refused(errno.EINVAL)
    dentry = resolve(core, path)
    if dentry.is_dir:
        raise Refused(errno.EISDIR)
    if dentry.node.kind is not Kind.FILE:
        raise Refused(errno.EINVAL)
    writable(core)
    copy_up(core, dentry)
    assert dentry.upper is not None
    resize(core, dentry.upper, size)
    core.did(Did.WROTE, dentry)


def resize(core: Core, node: Node, size: int) -> None:
    """Cut or extend a file of the upperdir; its time changes even where its size does not."""
    drop_privileges(core, node)
    if size != node.data.size:
        data = resized(node.data, size)
        spend(core, stored(data) - stored(node.data))
        core.set(node, "data", data)
    core.set(node, "mtime_ns", core.now)


def drop_privileges(core: Core, node: Node) -> None:
    """Take the file capabilities from a file whose contents or owner change."""
    if node.xattrs and CAPABILITY in node.xattrs:
        core.set(node, "xattrs", {name: value for name, value in node.xattrs.items() if name != CAPABILITY})


def _changed(core: Core, dentry: Dentry) -> Node:
    writable(core)
    copy_up(core, dentry, data=False)
    assert dentry.upper is not None
    core.did(Did.CHANGED, dentry)
    return dentry.upper


# -- extended attributes


def _on_disk(core: Core, name: str) -> str:
    # A mount inside the mount may have marks of its own: they are kept under a longer name, so that this
    # mount does not take them for its own (fs/overlayfs/xattrs.c, ovl_xattr_escape_name).
    return core.escaped + name[len(core.prefix) :] if name.startswith(core.prefix) else name


def as_shown(core: Core, name: str) -> str:
    """Return the name that the mount shows for an extended attribute on disk."""
    return core.prefix + name[len(core.escaped) :] if name.startswith(core.escaped) else name


def _check_name(node: Node, name: str, write: bool) -> None:
    if not name or len(name.encode("utf-8", "surrogateescape")) > MAX_XATTR_NAME:
        raise Refused(errno.ERANGE)
    if name.startswith("user.") and node.kind not in (Kind.FILE, Kind.DIRECTORY):
        raise Refused(errno.EPERM if write else errno.ENODATA)
    if not write and not name.startswith(_PREFIXES):
        raise Refused(errno.EOPNOTSUPP)


def setxattr(core: Core, path: str, name: str, value: bytes, create: bool, replace: bool, follow: bool) -> None:
    """setxattr(2), with XATTR_CREATE or XATTR_REPLACE."""
    if len(value) > MAX_XATTR_VALUE:
        raise Refused(errno.E2BIG)
    dentry = resolve(core, path, follow)
    writable(core)
    _check_name(dentry.node, name, True)
    if name == CAPABILITY and len(value) not in CAPABILITY_SIZES:
        raise Refused(errno.EINVAL)
    # The copy-up comes first: it stays when the flags or the upper's file system refuse.
    if dentry.upper is None:
        copy_up(core, dentry, data=False)
    node, stored_as = dentry.upper, _on_disk(core, name)
    assert node is not None
    if not name.startswith(_PREFIXES):
        raise Refused(errno.EOPNOTSUPP)
    if create and stored_as in node.xattrs:
        raise Refused(errno.EEXIST)
    if replace and stored_as not in node.xattrs:
        raise Refused(errno.ENODATA)
    core.mark(node, stored_as, value)
    core.did(Did.CHANGED, dentry)


def removexattr(core: Core, path: str, name: str, follow: bool) -> None:
    """removexattr(2): an attribute that is not there costs no copy-up."""
    dentry = resolve(core, path, follow)
    writable(core)
    _check_name(dentry.node, name, True)
    stored_as = _on_disk(core, name)
    if not name.startswith(_PREFIXES):
        raise Refused(errno.EOPNOTSUPP)
    if stored_as not in dentry.node.xattrs:
        raise Refused(errno.ENODATA)
    if dentry.upper is None:
        copy_up(core, dentry, data=False)
    node = dentry.upper
    assert node is not None
    core.set(node, "xattrs", {key: value for key, value in node.xattrs.items() if key != stored_as})
    core.did(Did.CHANGED, dentry)


def getxattr(core: Core, path: str, name: str, follow: bool) -> bytes:
    """getxattr(2)."""
    node = resolve(core, path, follow).node
    _check_name(node, name, False)
    value = node.xattrs.get(_on_disk(core, name))
    if value is None:
        raise Refused(errno.ENODATA)
    return value


def listxattr(core: Core, path: str, follow: bool) -> tuple[str, ...]:
    """listxattr(2), sorted: overlay's own marks are not shown."""
    names = resolve(core, path, follow).node.xattrs
    return tuple(sorted(as_shown(core, name) for name in names if not core.is_private(name)))

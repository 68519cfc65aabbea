"""Copy-up: before something of a lower layer changes, it is copied to the upperdir (fs/overlayfs/copy_up.c).

    write to /a/b/f          upper, before        upper, after
                             (empty)              a/        mode of the lower a, its mtime unchanged
                                                  a/b/      the same
                                                  a/b/f     the WHOLE file, then the write

Mode, owner, times and extended attributes are kept. The inode number that the merged view shows stays, unless
the lower file has several names: the copy then is a file of its own, and the other names go on showing
the old one. With the option `index` the names stay together, with `metacopy` the data stays below.
"""

from __future__ import annotations

import errno
from dataclasses import replace

from ...content.data import EMPTY
from ...content.splice import stored
from ...fs.entry import Kind
from .core import Core
from .dentry import Dentry
from .disk import Node
from .report import Did, Refused


def copy_up(core: Core, dentry: Dentry, *, did: Did = Did.COPY_UP, data: bool = True, cut: bool = False) -> None:
    """Make sure that a dentry, and every directory above it, is in the upperdir.

    Parameters
    ----------
    data : bool
        The data will be read or changed: with `metacopy` it is copied as well.
    cut : bool
        The file is opened with O_TRUNC: nothing of the data is copied.

    Raises
    ------
    Refused
        ENOSPC: nothing of the file is left behind; directories that were copied before it stay.
    """
    if dentry.upper is None or not dentry.alias:
        assert dentry.parent is not None
        if dentry.parent.upper is None:
            copy_up(core, dentry.parent, did=Did.PARENT)
        if dentry.upper is None:
            _copy_one(core, dentry, did, data, cut)
        else:
            _link_indexed(core, dentry)
    if data and dentry.upper is not None and dentry.upper.metacopy:
        _copy_data(core, dentry, cut)


def is_shared(lower: Node) -> bool:
    """Whether an inode is a file with several names in its layer."""
    return lower.nlink > 1 and lower.names is None


def join_index(core: Core, dentry: Dentry) -> None:
    """With `index`: copy a name of a shared lower inode up before it goes, so that the index can count it."""
    if core.options.index and not dentry.alias and is_shared(dentry.lowers[0][1]):
        copy_up(core, dentry, data=False)


def _copy_one(core: Core, dentry: Dentry, did: Did, data: bool, cut: bool) -> None:
    layer, lower = dentry.lowers[0]
    parent = dentry.parent
    assert parent is not None and parent.upper is not None and parent.upper.names is not None
    is_file = lower.kind is Kind.FILE
    leave = is_file and core.options.metacopy and not data
    cost = stored(lower.data) if is_file and not leave and not cut else 0
    spend(core, cost)
    shared = is_shared(lower)
    upper = lower.copy(core.new_ino())
    if any(map(core.is_private, upper.xattrs)):
        upper.xattrs = {name: value for name, value in upper.xattrs.items() if not core.is_private(name)}
    upper.metacopy = leave
    if cut and is_file:
        upper.data = EMPTY
    # Names of one lower inode become different files, so they cannot go on showing one number.
    upper.origin = 0 if shared and not core.options.index else core.bases[layer - 1] + lower.ino
    if shared and core.options.index:
        core.put(core.index, id(lower), upper)
        core.put(core.unions, id(upper), lower.nlink)
        # The index itself holds one name.
        upper.nlink = 2
        core.stale = True
    core.put(parent.upper.names, dentry.name, upper)
    if upper.names is not None:
        core.set(parent.upper, "nlink", parent.upper.nlink + 1)
    dentry.upper, dentry.alias = upper, True
    core.did(did, dentry, cost, layer, lower.kind)
    if core.files:
        _follow(core, dentry, lower, upper, shared)


def _link_indexed(core: Core, dentry: Dentry) -> None:
    # Another name of the same lower inode was copied up before: this one becomes a link to that copy.
    assert dentry.parent is not None and dentry.parent.upper is not None and dentry.upper is not None
    assert dentry.parent.upper.names is not None
    core.put(dentry.parent.upper.names, dentry.name, dentry.upper)
    core.set(dentry.upper, "nlink", dentry.upper.nlink + 1)
    dentry.alias = True
    core.did(Did.COPY_UP, dentry, 0, dentry.lowers[0][0], dentry.upper.kind)


def _copy_data(core: Core, dentry: Dentry, cut: bool) -> None:
    upper = dentry.upper
    assert upper is not None
    cost = 0 if cut else stored(upper.data)
    spend(core, cost)
    core.set(upper, "metacopy", False)
    if cut:
        core.set(upper, "data", EMPTY)
    elif upper.data.size:
        # The late copy is an ordinary write: the kernel does not put the time back.
        core.set(upper, "mtime_ns", core.now)
    core.did(Did.COPY_UP, dentry, cost, dentry.lowers[0][0] if dentry.lowers else 0, Kind.FILE)


def _follow(core: Core, dentry: Dentry, lower: Node, upper: Node, shared: bool) -> None:
    # Since Linux 4.19 a descriptor that was opened before reads the copy. A mapping does not move. Of a lower
    # file with several names, only descriptors of this very name follow.
    for number, file in list(core.files.items()):
        if file.node is lower and (not shared or core.options.index or file.path == dentry.path):
            core.put(core.files, number, replace(
                file, node=upper, ino=upper.origin or upper.ino, layer=core.upper_layer,
                merged=upper.names is not None,
            ))


def spend(core: Core, size: int) -> None:
    """Take data bytes of the upper's file system; `ENOSPC` where there are not enough."""
    if size > 0 and core.size is not None and core.used + size > core.size:
        raise Refused(errno.ENOSPC)
    if size:
        core.set(core, "used", core.used + size)


def release(core: Core, node: Node) -> None:
    """Give the bytes of a file back when its last name and its last descriptor are gone."""
    if node.nlink <= 0 and node.kind is Kind.FILE and node.data.size and not node.metacopy:
        if not any(file.node is node for file in core.files.values()):
            core.set(core, "used", core.used - stored(node.data))

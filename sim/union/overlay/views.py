"""Reading a mount: stat, readdir, walk, readlink, statfs. Nothing here changes anything.

readdir (fs/overlayfs/readdir.c) lists a merged directory so that positions stay as they are when the upper
changes: names of the LOWEST layer first, then those of the other layers from the top down, each name once.
The order inside one layer belongs to the backing file system; here it is the order of the names.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from dataclasses import dataclass

from ...fs.entry import Entry, Kind
from .core import Core
from .dentry import Dentry
from .disk import Node
from .paths import resolve
from .report import Refused, Space, Stat


def stat_of(core: Core, dentry: Dentry) -> Stat:
    """Return what stat(2) shows of a dentry."""
    node = dentry.node
    layer = core.upper_layer if dentry.upper is not None else dentry.lowers[0][0]
    if node.names is not None:
        nlink = 1 if dentry.merged else node.nlink
    else:
        nlink = core.unions.get(id(node), node.nlink)
    return Stat(core.shown_ino(dentry), node.kind, node.mode, nlink, node.uid, node.gid, size_of(node),
                node.mtime_ns, node.rdev, layer)


def size_of(node: Node) -> int:
    """Return st_size: bytes of a file or of a symlink's target, 0 for the rest."""
    if node.kind is Kind.FILE:
        return node.data.size
    return len(node.target.encode("utf-8", "surrogateescape")) if node.kind is Kind.SYMLINK else 0


def stat(core: Core, path: str, follow: bool) -> Stat:
    """stat(2) or lstat(2)."""
    return stat_of(core, resolve(core, path, follow))


def readlink(core: Core, path: str) -> str:
    """readlink(2)."""
    node = resolve(core, path, False).node
    if node.kind is not Kind.SYMLINK:
        raise Refused(errno.EINVAL)
    return node.target


def readdir(core: Core, path: str) -> tuple[str, ...]:
    """Names in a directory, in the kernel's order; no ``.`` and ``..``."""
    dentry = resolve(core, path)
    if not dentry.is_dir:
        raise Refused(errno.ENOTDIR)
    return names_in(core, dentry)


def names_in(core: Core, dentry: Dentry, ghosts: bool = True) -> tuple[str, ...]:
    """Names of a merged directory.

    Parameters
    ----------
    ghosts : bool
        List whiteouts of a directory that is not merged, as readdir does: nobody expects any there.
    """
    stack = ([dentry.upper] if dentry.upper is not None else []) + [node for _, node in dentry.lowers]
    if len(stack) == 1 and ghosts and not dentry.may_hide:
        return tuple(sorted(stack[0].names or ()))
    shown: dict[str, bool] = {}
    for node in stack:
        for name, child in sorted((node.names or {}).items()):
            if name not in shown:
                shown[name] = not child.is_whiteout
    lowest = stack[-1].names or {}
    order = [*sorted(lowest), *(name for name in shown if name not in lowest)]
    return tuple(name for name in order if shown[name])


def walk(core: Core, path: str) -> Iterator[tuple[str, Dentry]]:
    """Yield (path, dentry) of everything below a directory, itself first, names sorted; symlinks are not followed.

    Ghosts, which readdir lists and lstat does not find, are left out.
    """
    top = resolve(core, path, False)
    stack = [(top.path, top)]
    while stack:
        at, dentry = stack.pop()
        yield at, dentry
        if dentry.is_dir:
            prefix = at + "/" if at else ""
            for name in sorted(names_in(core, dentry), reverse=True):
                found = core.child(dentry, name)
                if found is not None:
                    stack.append((prefix + name, found))


def entry_of(core: Core, dentry: Dentry) -> Entry:
    """Return what the merged view shows as an `Entry`; overlay's own marks are not part of it."""
    node = dentry.node
    entry = node.entry(core.shown_ino(dentry) if node.names is None and node.nlink > 1 else 0)
    if not any(name.startswith(core.prefix) for name, _ in entry.xattrs):
        return entry
    return Entry(
        entry.kind, entry.mode, entry.uid, entry.gid, entry.mtime_ns, entry.data, entry.target, entry.rdev,
        tuple((name, value) for name, value in entry.xattrs if not name.startswith(core.prefix)), entry.inode,
    )


def statfs(core: Core) -> Space:
    """statfs(2): the space of the file system that holds the upperdir."""
    return Space(core.size, core.used)


@dataclass(frozen=True, slots=True)
class Asked:
    """What one layer says of a name, when the kernel looks for it.

    Attributes
    ----------
    layer : int
        The base is 1; the upperdir has the highest number.
    said : str
        ``found``, ``merged`` (a directory that is merged with the one above it), ``whiteout``, ``opaque`` (found,
        and it hides what is below), ``file`` (no directory, so the merge ends), ``hidden`` (by a layer above), or
        ``nothing``.
    """

    layer: int
    said: str


def asked(core: Core, parent: Dentry, name: str) -> tuple[Asked, ...]:
    """Tell what every layer says of a name in a directory, top first, by the rules of `Core.look`."""
    directories = dict(parent.lowers)
    if parent.upper is not None:
        directories[core.upper_layer] = parent.upper
    top = core.upper_layer if core.upper is not None else core.upper_layer - 1
    found: list[Asked] = []
    stopped = is_dir = False
    for layer in range(top, 0, -1):
        names = directories[layer].names if layer in directories else None
        node = names.get(name) if names else None
        if node is None:
            found.append(Asked(layer, "nothing"))
            continue
        if stopped:
            found.append(Asked(layer, "hidden"))
            continue
        if node.is_whiteout:
            said, stopped = "whiteout", True
        elif node.names is None:
            said, stopped = "file" if is_dir else "found", True
        else:
            opaque = core.is_opaque(node)
            said = "opaque" if opaque else "merged" if is_dir else "found"
            is_dir, stopped = True, opaque
        found.append(Asked(layer, said))
    return tuple(found)

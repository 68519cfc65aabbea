"""From a path to a dentry, by the rules of fs/namei.c.

A path is walked name by name from the root of the mount. `..` at the root is the root. A symlink in the middle
is followed, one at the end when the operation follows; 40 are followed at most. A slash at the end asks for
a directory. Relative paths start at the root.
"""

from __future__ import annotations

import errno
from enum import IntEnum

from ...errors import BadInput
from ...fs.entry import Kind
from .core import Core
from .dentry import Dentry
from .report import Refused

MAX_PATH = 4095
"""Bytes of a path (PATH_MAX counts the closing NUL)."""
MAX_NAME = 255
"""Bytes of one name."""
MAX_SYMLINKS = 40


class Last(IntEnum):
    """What a path ends in."""

    NAME = 0
    DOT = 1
    DOTDOT = 2
    ROOT = 3


def names_of(path: str) -> list[str]:
    """Split a path, last name first, so that a walk can take names from the end."""
    # Four bytes a character at most, so that short paths need no encoding to be measured.
    if len(path) > MAX_PATH // 4:
        if len(path.encode("utf-8", "surrogateescape")) > MAX_PATH:
            raise Refused(errno.ENAMETOOLONG)
    if "\0" in path:
        raise BadInput("a path cannot hold a NUL character: the kernel cannot be asked for it")
    if not path:
        raise Refused(errno.ENOENT)
    names = path.split("/")
    names.reverse()
    return names


def child(core: Core, parent: Dentry, name: str) -> Dentry | None:
    """Look a name up in a directory; `ENAMETOOLONG` for a name that no file system takes."""
    found = parent.children.get(name)
    if found is not None:
        return found
    if len(name) > MAX_NAME // 4 and len(name.encode("utf-8", "surrogateescape")) > MAX_NAME:
        raise Refused(errno.ENAMETOOLONG)
    return core.look(parent, name)


def resolve(core: Core, path: str, follow: bool = True) -> Dentry:
    """Return the dentry at a path.

    Parameters
    ----------
    follow : bool
        Follow a symlink at the end.

    Raises
    ------
    Refused
        ENOENT, ENOTDIR, ELOOP, ENAMETOOLONG.
    """
    return walk(core, core.root, names_of(path), follow, 0)[0]


def walk(core: Core, start: Dentry, todo: list[str], follow: bool, links: int) -> tuple[Dentry, int]:
    """Walk names (the next one last); return where they lead, and how many symlinks were followed in all."""
    at = start
    if len(todo) > 1 and todo[-1] == "":
        at = core.root
    while todo:
        name = todo.pop()
        found = at.children.get(name)
        if found is None:
            if name == "" or name == ".":
                continue
            if name == "..":
                at = at.parent or at
                continue
            found = child(core, at, name)
            if found is None:
                raise Refused(errno.ENOENT, _join(at, name))
        node = found.upper or found.lowers[0][1]
        if node.names is not None:
            at = found
        elif node.kind is Kind.SYMLINK and (todo or follow):
            links += 1
            if links > MAX_SYMLINKS:
                raise Refused(errno.ELOOP, found.path)
            if node.target[:1] == "/":
                at = core.root
            todo.extend(reversed(node.target.split("/")))
        elif todo:
            raise Refused(errno.ENOTDIR, found.path)
        else:
            return found, links
    return at, links


def _join(parent: Dentry, name: str) -> str:
    above = parent.path
    return f"{above}/{name}" if above else name


def resolve_parent(
    core: Core, path: str, start: Dentry | None = None, links: int = 0
) -> tuple[Dentry, str, Last, bool, int]:
    """Walk to the directory of a path's last name.

    Returns
    -------
    parent : Dentry
    name : str
        The last name, not looked up.
    last : Last
        What the path ends in; only for `Last.NAME` does `name` mean something.
    slash : bool
        Whether slashes follow the last name.
    links : int
        Symlinks followed in all.
    """
    names = names_of(path)
    if len(names) == 2 and names[1] == "" and names[0]:
        parent, name, slash = core.root, names[0], False
    else:
        if start is None or names[-1] == "":
            start = core.root
        slash = False
        first = 0
        while first < len(names) and names[first] == "":
            first += 1
            slash = True
        if first == len(names):
            return core.root, "", Last.ROOT, False, links
        name = names[first]
        parent = start
        if first + 1 < len(names):
            # The empty name behind the last directory asks for a directory there, as a slash does.
            parent, links = walk(core, start, ["", *names[first + 1 :]], True, links)
    last = Last.NAME if name[0] != "." else Last.DOT if name == "." else Last.DOTDOT if name == ".." else Last.NAME
    return parent, name, last, slash, links


def to_create(core: Core, path: str, *, directory: bool = False) -> tuple[Dentry, str]:
    """Return where something new is to be made: its parent and its name (fs/namei.c, `filename_create`).

    Raises
    ------
    Refused
        EEXIST where there is something; ENOENT, ENOTDIR ... of the walk; EROFS without an upperdir.
    """
    parent, name, last, slash, _ = resolve_parent(core, path)
    if last is not Last.NAME:
        raise Refused(errno.EEXIST)
    if child(core, parent, name) is not None:
        raise Refused(errno.EEXIST)
    if slash and not directory:
        raise Refused(errno.ENOENT)
    writable(core)
    return parent, name


def writable(core: Core) -> None:
    """Raise EROFS for a mount without an upperdir."""
    if core.upper is None:
        raise Refused(errno.EROFS)

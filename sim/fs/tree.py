"""A whole file system as a value, and change sets applied to it one after another.

    apply(apply(empty, base), top)        what `umoci unpack` and docker's vfs driver leave in one flat directory

This is the image specification taken literally (layer.md, "Applying Changesets"), with nothing kept of the layers. It
is the second opinion on `union.lookup`, which asks the layers themselves. The two agree on every path,
save where flat and stacked tools differ by nature:

    a name below a LOWER symlink        flat writes through the link; stacked, a directory replaces it
    a name below a LOWER file           flat tools refuse; stacked, and here, a directory replaces the file
    a hard link to a LOWER file         flat, both names share one inode; stacked engines refuse (lookup shows a copy)
    a hard link's count                 flat counts names that are left; stacked, the names in its own layer
"""

from __future__ import annotations

import errno
from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

from ..errors import FsError
from .changeset import ChangeSet
from .entry import IMPLIED, Entry, Kind, ancestors, parent
from .links import renumbered

_MAX_HOPS = 40


def _order(path: str) -> tuple[bytes, ...]:
    return tuple(path.encode("utf-8", "surrogateescape").split(b"/")) if path else ()


class Tree:
    """A file system: path to entry, every parent there, the root too.

    A value: equal when paths, entries and the sharing of inodes are; how the inodes were numbered does not
    matter, since they are numbered anew.

    Parameters
    ----------
    entries : mapping of path to Entry
        Parents that are missing become `IMPLIED`.

    Attributes
    ----------
    entries : mapping of path to Entry
        Parents first, names in byte order.

    Raises
    ------
    FsError
        ENOTDIR where something lies below an entry that is no directory.

    Examples
    --------
    >>> from sim.fs.sketch import sketch, file
    >>> list(Tree(sketch(file("etc/motd")).entries).entries)
    ['', 'etc', 'etc/motd']
    """

    __slots__ = ("entries",)

    entries: Mapping[str, Entry]

    def __init__(self, entries: Mapping[str, Entry] = MappingProxyType({})) -> None:
        whole = {"": IMPLIED, **entries}
        for path in entries:
            for above in ancestors(path):
                if not whole.setdefault(above, IMPLIED).is_dir:
                    raise FsError(errno.ENOTDIR, above)
        self.entries = MappingProxyType(renumbered({path: whole[path] for path in sorted(whole, key=_order)}))

    def get(self, path: str) -> Entry | None:
        """Return the entry at a canonical path, or None."""
        return self.entries.get(path)

    def links(self) -> Mapping[int, tuple[str, ...]]:
        """Return the names of each inode that has several, by its number."""
        found: dict[int, list[str]] = {}
        for path, entry in self.entries.items():
            if entry.inode:
                found.setdefault(entry.inode, []).append(path)
        return {number: tuple(names) for number, names in found.items()}

    def __iter__(self) -> Iterator[str]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def __eq__(self, other: object) -> bool:
        return self.entries == other.entries if isinstance(other, Tree) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<Tree: {len(self)} paths>"


EMPTY_TREE = Tree()


def apply(tree: Tree, changes: ChangeSet) -> Tree:
    """Apply one layer to a tree.

    First whiteouts and opaque marks, which concern what the tree held before; then the layer's entries: a directory
    onto a directory changes its attributes, anything else replaces what was there.

    Raises
    ------
    FsError
        ENOENT or EPERM for a hard link to what the tree does not hold, or to a directory; ELOOP and ENOTDIR on
        the way to a name below a symlink.

    Examples
    --------
    >>> from sim.fs.sketch import sketch, file, whiteout
    >>> base = apply(EMPTY_TREE, sketch(file("a"), file("d/x")))
    >>> list(apply(base, sketch(whiteout("d"), file("d/y"))))
    ['', 'a', 'd', 'd/y']
    """
    linked, live = _link_to_lower(tree, changes)
    live = _without(live, *_victims(tree, changes))
    base = max((entry.inode for entry in (*live.values(), *linked.values())), default=0)
    placed: dict[str, Entry] = {}
    for path, entry in changes.entries.items():
        if entry.kind is Kind.HARDLINK:
            entry = linked[path]
        elif entry.inode:
            entry = replace(entry, inode=entry.inode + base)
        placed[location(live, changes, path)] = entry
    for path in changes.opaques:
        place = _directory(live, changes, path)
        if place not in live or not live[place].is_dir:
            placed.setdefault(place, IMPLIED)
    return Tree({**_making_way(live, placed), **placed})


def location(live: Mapping[str, Entry], changes: ChangeSet, path: str) -> str:
    """Return where a flat extraction puts a layer's path: parents that are symlinks in the tree lead elsewhere.

    A directory that the layer itself describes replaces the symlink, so nothing below it is led away.

    Raises
    ------
    FsError
        ELOOP after 40 links.
    """
    if not any(_leads_away(live, changes, above) for above in ancestors(path)):
        return path
    directory, _, base = path.rpartition("/")
    ahead, at, hops = directory.split("/")[::-1], "", 0
    while ahead:
        part = ahead.pop()
        if part == "..":
            at = parent(at)
        elif part not in ("", "."):
            step = f"{at}/{part}" if at else part
            if not _leads_away(live, changes, step):
                at = step
                continue
            hops += 1
            if hops > _MAX_HOPS:
                raise FsError(errno.ELOOP, path)
            target = live[step].target or ""
            at = "" if target.startswith("/") else at
            ahead += target.split("/")[::-1]
    return f"{at}/{base}" if at else base


def _directory(live: Mapping[str, Entry], changes: ChangeSet, path: str) -> str:
    """Return where a flat extraction puts what lies IN a directory: itself may be a symlink in the tree."""
    return parent(location(live, changes, f"{path}/-" if path else "-"))


def _leads_away(live: Mapping[str, Entry], changes: ChangeSet, path: str) -> bool:
    return path not in changes.entries and path in live and live[path].kind is Kind.SYMLINK


def _link_to_lower(tree: Tree, changes: ChangeSet) -> tuple[dict[str, Entry], dict[str, Entry]]:
    """Return the entries of links to lower files by path, and the tree with their targets' inodes shared."""
    live = dict(tree.entries)
    linked: dict[str, Entry] = {}
    number = max((entry.inode for entry in live.values()), default=0)
    for path, entry in changes.entries.items():
        if entry.kind is Kind.HARDLINK:
            target = location(tree.entries, ChangeSet(), entry.target or "")
            found = live.get(target)
            if found is None or found.is_dir:
                code = errno.ENOENT if found is None else errno.EPERM
                what = f"/{path}: cannot be a hard link to /{target}, as no lower layer has such a file"
                raise FsError(code, path, what)
            if not found.inode:
                number += 1
                found = live[target] = replace(found, inode=number)
            linked[path] = found
    return linked, live


def _victims(tree: Tree, changes: ChangeSet) -> tuple[set[str], set[str]]:
    gone = {location(tree.entries, changes, path) for path in changes.whiteouts}
    emptied = {_directory(tree.entries, changes, path) for path in changes.opaques}
    return gone, {path for path in emptied if path in tree.entries}


def _without(live: dict[str, Entry], gone: set[str], emptied: set[str]) -> dict[str, Entry]:
    """Drop paths with all below them, and what directories hold; `live` has parents first."""
    dead = set[str]()
    left: dict[str, Entry] = {}
    for path, entry in live.items():
        above = parent(path)
        if path and (path in gone or above in dead or above in emptied):
            dead.add(path)
        else:
            left[path] = entry
    return left


def _making_way(live: dict[str, Entry], placed: dict[str, Entry]) -> dict[str, Entry]:
    """Drop what new entries replace: directories with all they hold, and files where a directory must be."""
    emptied = {path for path, entry in placed.items() if not entry.is_dir}
    in_the_way = {
        above for path in placed for above in ancestors(path) if above in live and not live[above].is_dir
    }
    return _without(live, in_the_way - placed.keys(), emptied)


def diff(old: Tree, new: Tree) -> ChangeSet:
    """Return the layer that turns one tree into another, as `docker commit` would write it: no opaque marks.

    ``apply(old, diff(old, new)) == new``. Names that share an inode are given together when any of them changed
    or the sharing did, since a layer cannot link to a lower file where overlay engines shall accept it.

    Examples
    --------
    >>> from sim.fs.sketch import sketch, file
    >>> old, new = (apply(EMPTY_TREE, sketch(*marks)) for marks in ([file("a"), file("d/x")], [file("b")]))
    >>> sorted(diff(old, new).whiteouts), list(diff(old, new).entries)
    (['a', 'd'], ['b'])
    """
    whiteouts = {
        path for path in old
        if path not in new.entries and parent(path) in new.entries and new.entries[parent(path)].is_dir
    }
    same = _same(old, new)
    return ChangeSet({path: entry for path, entry in new.entries.items() if path not in same}, whiteouts)


def _alike(one: Entry | None, other: Entry) -> bool:
    return one is not None and replace(one, inode=0) == replace(other, inode=0)


def _same(old: Tree, new: Tree) -> set[str]:
    """Return the paths that can be left alone: equal entries that share their inode with the names they should."""
    same = {path for path, entry in new.entries.items() if _alike(old.get(path), entry)}
    before = {path: names for names in old.links().values() for path in names}
    after = {path: names for names in new.links().values() for path in names}
    for path in sorted(before.keys() | after.keys(), key=_order):
        left = {name for name in before.get(path, (path,)) if name in same}
        if path in same and left != set(after.get(path, (path,))):
            # Given anew, these leave the old inode to the names that remain with it.
            same.difference_update(after.get(path, (path,)))
    return same

"""The fast merged view: every path of an image, at every depth of its stack, by one dictionary look-up.

    path          versions                         get("etc/motd", 5)   gone: None
    etc/motd      5 gone, 3 entry, 1 entry         get("etc/motd", 4)   the entry of version 3
    usr           1 entry

A layer is applied once, when it is pushed. What it hides is written down path by path, so that an answer
never needs to look at an ancestor: a path that was never there is one failed look-up, one that was hidden is
one that succeeded. A path is there only if all its parents are directories; `resolve` rests on that.

Sharing. Layers stand in one table as long as each is pushed on the last one; an `Index` is that table as of
a version, so it never changes while others grow. Who pushes on an older version gets a table of its own for
what is new, with the old one below:

    base 1..2 -- 3 -- 4        table A: versions 1..4           Index(A, 2), Index(A, 4)
             \\-- 3'            table B: version 3', below: A as of 2

This module is quick, `lookup.py` is plain; a test holds them equal at every depth of random stacks.
"""

from __future__ import annotations

import errno
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from ..errors import FsError
from ..fs.changeset import ChangeSet
from ..fs.entry import Entry, Kind, parent
from . import lookup as definition
from .lookup import Lookup, join
from .paths import MAX_SYMLINKS, NAME_MAX, PATH_MAX, name_too_long, path_bytes
from .table import Table, apply, below, children
from .versions import as_of


class Resolved(NamedTuple):
    """Where a path leads.

    Attributes
    ----------
    path : str
        The canonical path at the end of the way, or where the way ended.
    layer : int or None
        The layer that supplies the entry.
    entry : Entry or None
    errno : int
        0, ENOENT, ENOTDIR, ELOOP or ENAMETOOLONG.
    """

    path: str
    layer: int | None
    entry: Entry | None
    errno: int = 0


class Index:
    """The merged view of a stack of layers and of all its depths. A value.

    Examples
    --------
    >>> from sim.fs.sketch import sketch, file, whiteout
    >>> index = Index.of([sketch(file("/etc/motd", b"hi")), sketch(whiteout("/etc/motd"))])
    >>> index.get("etc/motd") is None, index.get("etc/motd", 1).size
    (True, 2)
    >>> index.push(sketch(file("/etc/motd", b"back"))).get("etc/motd").size
    4
    """

    __slots__ = ("_find", "_table", "depth")

    depth: int
    """Number of layers."""

    def __init__(self) -> None:
        self._table = Table()
        self._find = self._table.find
        self.depth = 0

    @classmethod
    def of(cls, stack: Iterable[ChangeSet]) -> Index:
        """Index a stack of layers, base first."""
        index = cls()
        for changes in stack:
            index = index.push(changes)
        return index

    def push(self, changes: ChangeSet) -> Index:
        """Return the index with one more layer on top; this one stays as it is.

        Costs what the layer holds and what it hides, not what the image holds.
        """
        table = self._table
        if not table.claim(self.depth):
            table = Table(table, self.depth, room=4 * len(changes))
            table.claim(self.depth)
        table.layers.append(changes)
        apply(table, changes)
        pushed = Index.__new__(Index)
        pushed._table, pushed._find, pushed.depth = table, table.find, self.depth + 1
        return pushed

    @property
    def layers(self) -> Sequence[ChangeSet]:
        """The layers, base first."""
        return self._table.layers[: self.depth]

    def get(self, path: str, k: int | None = None) -> Entry | None:
        """Return what the lowest `k` layers show at a canonical path, or None.

        Parameters
        ----------
        path : str
            Canonical: the answer for a path through a symlink is None (see `resolve`).
        k : int, optional
            How many layers count, from 0 to `depth`; all by default.
        """
        depth = self.depth
        if k is None:
            k = depth
        elif not 0 <= k <= depth:
            raise IndexError(f"{k} layers of a stack of {depth}")
        chain = self._find(path)
        if chain is None:
            return None
        entry: Entry | None
        if chain[0] <= k:
            entry = chain[1]
        elif len(chain) == 2:
            entry = None
        else:
            # `as_of`, without a call.
            at = bisect_right(chain[2], k)
            entry = chain[3][at - 1] if at else None
        return entry

    def find(self, path: str, k: int | None = None) -> tuple[int | None, Entry] | None:
        """Return the supplying layer and the entry at a canonical path, or None.

        The layer is None for a root that no layer describes.
        """
        return _shown(self._table, path, self._depth(k))

    def _depth(self, k: int | None) -> int:
        if k is None:
            return self.depth
        if not 0 <= k <= self.depth:
            raise IndexError(f"{k} layers of a stack of {self.depth}")
        return k

    def readdir(self, directory: str, k: int | None = None) -> tuple[str, ...]:
        """List a directory in the kernel's order (see `lookup.names`); `FsError` ENOENT or ENOTDIR."""
        k = self._depth(k)
        found = _shown(self._table, directory, k)
        if found is None or not found[1].is_dir:
            raise FsError(_why_not(self._table, k, directory), directory)
        start = len(directory) + 1 if directory else 0
        return tuple(path[start:] for path, _, _ in children(self._table, directory, k))

    def walk(self, k: int | None = None, directory: str = "") -> Iterator[tuple[str, int, Entry]]:
        """Walk everything below a directory: (path, layer, entry), a directory before what is in it."""
        return below(self._table, directory, self._depth(k))

    def why(self, path: str, k: int | None = None, follow_last: bool = False) -> Lookup:
        """Answer with the reason: the definition's answer, which asks every layer."""
        return definition.resolve(self.layers[: self._depth(k)], path, follow_last)

    def resolve(self, path: str, k: int | None = None, follow_last: bool = False) -> Resolved:
        """Follow a path as a program's would be: the answer of `lookup.resolve`, without the reason.

        A path that is there under its own name needs no walk: all its parents are directories.
        """
        if k is None:
            k = self.depth
        elif not 0 <= k <= self.depth:
            raise IndexError(f"{k} layers of a stack of {self.depth}")
        asked = path[1:] if path[:1] == "/" else path
        chain = self._find(asked)
        if chain is not None and chain[0] > k:
            chain = as_of(chain, k)
        # A short name in the table is canonical, and neither it nor a part of it is too long.
        if chain is not None and (entry := chain[1]) is not None and len(asked) <= NAME_MAX and asked.isascii():
            kind = entry.kind
            if kind is Kind.DIRECTORY:
                return Resolved(asked, self._table.supplier(asked, chain[0], k) or None, entry)
            if not follow_last or kind is not Kind.SYMLINK:
                return Resolved(asked, chain[0], entry)
        if not _plain(asked):
            return self._walk(path, k, follow_last)
        return _follow(self._table, k, asked, follow_last)

    def _walk(self, path: str, k: int, follow_last: bool) -> Resolved:
        if len(path_bytes(path)) >= PATH_MAX:
            return Resolved(path.lstrip("/"), None, None, errno.ENAMETOOLONG)
        return _step(self._table, k, "", path.split("/"), follow_last)


def _shown(table: Table, path: str, k: int) -> tuple[int | None, Entry] | None:
    chain = table.find(path)
    if chain is not None and chain[0] > k:
        chain = as_of(chain, k)
    if chain is None or chain[1] is None:
        return None
    layer = table.supplier(path, chain[0], k) if chain[1].is_dir else chain[0]
    return layer or None, chain[1]


def _follow(table: Table, k: int, asked: str, follow_last: bool) -> Resolved:
    """Resolve a path whose parts are plain names, jumping to the nearest ancestor that is there.

    That ancestor decides: all its parents are directories, so the kernel's walk gets as far as to it.
    """
    links = 0
    while True:
        above = asked
        while (found := _shown(table, above, k)) is None:
            above = parent(above)
        layer, entry = found
        beyond = asked[len(above) :]
        if entry.kind is not Kind.SYMLINK or not (beyond or follow_last):
            if not beyond:
                return Resolved(asked, layer, entry)
            end = asked.find("/", len(above) + 1)
            reached = asked if end < 0 else asked[:end]
            return Resolved(reached, None, None, errno.ENOENT if entry.is_dir else errno.ENOTDIR)
        links += 1
        target = entry.target or ""
        if links > MAX_SYMLINKS:
            return Resolved(above, None, None, errno.ELOOP)
        if _plain(target):
            asked = join(parent(above), target) + beyond
        elif _plain(target[1:]) and target[0] == "/":
            asked = target[1:] + beyond
        else:
            return _step(table, k, above, beyond.split("/")[1:], follow_last, links - 1)


def _why_not(table: Table, k: int, path: str) -> int:
    while (found := _shown(table, path, k)) is None:
        path = parent(path)
    return errno.ENOENT if found[1].is_dir else errno.ENOTDIR


def _plain(path: str) -> bool:
    # So short that neither it nor a name in it can be too long.
    return (
        path.isascii() and 0 < len(path) <= NAME_MAX and path[0] not in "./" and path[-1] != "/"
        and "/." not in path and "//" not in path and "\0" not in path
    )


def _step(table: Table, k: int, here: str, parts: list[str], follow_last: bool, links: int = 0) -> Resolved:
    """Resolve part by part, as the kernel does, from a directory or from a symlink that is to be followed."""
    todo = parts[::-1]
    while True:
        found = _shown(table, here, k)
        if found is None:
            return Resolved(here, None, None, errno.ENOENT)
        layer, entry = found
        if entry.kind is Kind.SYMLINK and (todo or follow_last):
            links += 1
            if links > MAX_SYMLINKS or not entry.target:
                return Resolved(here, None, None, errno.ELOOP if entry.target else errno.ENOENT)
            here = "" if entry.target[0] == "/" else parent(here)
            todo.extend(entry.target.split("/")[::-1])
            continue
        if not todo:
            return Resolved(here, layer, entry)
        part = todo.pop()
        plain = part not in ("", ".", "..")
        if not entry.is_dir:
            return Resolved(join(here, part) if plain else here, None, None, errno.ENOTDIR)
        if plain and name_too_long(part):
            return Resolved(join(here, part), None, None, errno.ENAMETOOLONG)
        here = join(here, part) if plain else parent(here) if part == ".." else here

"""The table behind the index: what each layer changes, written down path by path.

    layer 3 = { etc/motd, opt/.wh.tool }    entries                                    lists
    brings  etc/motd                        etc/motd      (3, entry) -> (1, entry)     etc  (3, [motd]) -> ...
    hides   opt/tool, opt/tool/bin          opt/tool      (3, None)  -> (2, entry)
            and touches nothing else        opt/tool/bin  (3, None)  -> (2, entry)

`entries` has, for each path, what it is in each version that changed it; `lists` has, for each directory,
the names that each layer brings, and whether that layer begins the directory anew ("starts"): the layers
below then have no part in it.

One table serves every stack that grows on one line. A stack that branches off has a table of its own,
and the older one, as of the version where it left, as its base.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import repeat
from operator import attrgetter
from threading import Lock

from ..fs.changeset import ChangeSet
from ..fs.entry import IMPLIED, Entry, Kind
from .versions import Cell, as_of, newer

Find = Callable[[str], Cell | None]


class Table:
    """Chains of versions by path; shared by every `Index` of one line of layers.

    Attributes
    ----------
    depth : int
        Versions written, those of the base included.
    find, find_list : callable
        From a path to its newest cell: of Entry or None, and of (names, starts).
    """

    __slots__ = ("base", "depth", "entries", "find", "find_list", "floor", "layers", "lists", "lock")

    base: Table | None
    floor: int

    def __init__(self, base: Table | None = None, depth: int = 0, room: int = 0) -> None:
        self.depth = depth
        self.layers: list[ChangeSet] = [] if base is None else base.layers[:depth]
        self.entries: dict[str, Cell] = {"": (0, IMPLIED, None, None, 1)} if base is None else {}
        self.lists: dict[str, Cell] = {}
        # Copying a small table costs no more than the layer to be written, and keeps the pile of tables low.
        while base is not None and base.base is not None and len(base.entries) <= room:
            self.entries = _copy(base.entries, depth) | self.entries
            self.lists = _copy(base.lists, depth) | self.lists
            base, depth = base.base, min(depth, base.floor)
        self.base = base
        self.floor = depth
        self.find: Find = _reader(self.entries, None if base is None else base.find, depth)
        self.find_list: Find = _reader(self.lists, None if base is None else base.find_list, depth)
        self.lock = Lock()

    def claim(self, depth: int) -> bool:
        """Take the version after `depth`, if no other layer has it."""
        with self.lock:
            if self.depth != depth:
                return False
            # Taken before anything is written: should the writing be interrupted, nobody writes there again.
            self.depth = depth + 1
            return True


def _copy(chains: dict[str, Cell], depth: int) -> dict[str, Cell]:
    return {path: cell for path, chain in chains.items() if (cell := as_of(chain, depth)) is not None}


def _reader(own: dict[str, Cell], below: Find | None, floor: int) -> Find:
    if below is None:
        return own.get

    def find(path: str) -> Cell | None:
        return own.get(path) or as_of(below(path), floor)

    return find


def below(table: Table, directory: str, k: int) -> Iterator[tuple[str, int, Entry]]:
    """Yield (path, layer, entry) of all that is below a directory at depth `k`, a directory first."""
    is_dir = Kind.DIRECTORY
    pending = [(directory and directory + "/", children(table, directory, k))]
    while pending:
        prefix, rest = pending[-1]
        for name, layer, entry in rest:
            path = prefix + name
            yield path, layer, entry
            if entry.kind is is_dir:
                pending.append((path + "/", children(table, path, k)))
                break
        else:
            pending.pop()


def children(table: Table, directory: str, k: int) -> Iterator[tuple[str, int, Entry]]:
    """Yield (name, layer, entry) of what a directory shows at depth `k`."""
    cell = as_of(table.find_list(directory), k)
    if cell is None:
        return
    names, starts = cell[1]
    if not starts:
        parts = [names]
        while not starts:
            cell = cell[2]
            names, starts = cell[1]
            parts.append(names)
        names = dict.fromkeys(name for part in (parts.pop(), *parts) for name in part)
    find = table.find
    prefix = directory and directory + "/"
    for name in names:
        found = find(prefix + name)
        if found is not None and found[0] > k:
            found = as_of(found, k)
        if found is not None and found[1] is not None:
            yield name, found[0], found[1]


def apply(table: Table, changes: ChangeSet, version: int) -> None:
    """Write a layer into a table as its newest version."""
    find, own, entries, implied = table.find, table.entries, changes.entries, changes.implied
    olders = list(map(find, entries))
    pairs = zip(entries, olders, strict=True) if any(olders) else ()
    repeated = [(path, older) for path, older in pairs if older is not None]
    gone = _gone(table, changes, repeated, version - 1)
    _apply_lists(table, changes, repeated, gone, version)
    made = [path for path in implied if path in gone or not _is_dir(find(path))]
    values = _values(table, entries.values())
    if repeated:
        for path, value, older in zip(entries, values, olders, strict=True):
            own[path] = newer(version, value, older)
    else:
        first = zip(repeat(version), values, repeat(None), repeat(None), repeat(1), strict=False)
        own.update(zip(entries, first, strict=True))
    for path in made:
        own[path] = newer(version, IMPLIED, find(path))
    for path in gone.difference(entries, implied):
        own[path] = newer(version, None, find(path))


def _gone(table: Table, changes: ChangeSet, repeated: list[tuple[str, Cell]], k: int) -> set[str]:
    """Collect the paths at depth `k` that a layer hides, whether or not it puts something new there."""
    gone: set[str] = set()
    for path in sorted(changes.whiteouts):
        older = table.find(path)
        if older is not None and older[1] is not None and path not in gone:
            gone.add(path)
            gone.update(path for path, _, _ in below(table, path, k))
    entries = changes.entries
    replaced = [path for path, older in repeated if _is_dir(older) and not entries[path].is_dir]
    for path in (*sorted(changes.opaques), *replaced):
        if path not in gone and _is_dir(table.find(path)):
            gone.update(path for path, _, _ in below(table, path, k))
    return gone


def _is_dir(cell: Cell | None) -> bool:
    return cell is not None and cell[1] is not None and cell[1].is_dir


def _values(table: Table, entries: Iterable[Entry]) -> Iterable[Entry | None]:
    """Return entries as they are shown: a hard link to a lower layer's file as that file."""
    if Kind.HARDLINK not in map(attrgetter("kind"), entries):
        return entries
    return [_linked(table.find(e.target or "")) if e.kind is Kind.HARDLINK else e for e in entries]


def _linked(cell: Cell | None) -> Entry | None:
    return None if cell is None or cell[1] is None or cell[1].is_dir else replace(cell[1], inode=0)


_BEGAN_EMPTY: Cell = (0, ((), True), None, None, 1)
"""The part of the layer that made a directory and put nothing in it; written when others do."""


def _apply_lists(
    table: Table, changes: ChangeSet, repeated: list[tuple[str, Cell]], gone: set[str], version: int
) -> None:
    find, find_list, children, opaques = table.find, table.find_list, changes.children, changes.opaques
    for directory, names in children.items():
        older = find_list(directory)
        starts = directory in gone or directory in opaques or not _is_dir(find(directory))
        if older is None and not starts:
            # The root is there before any layer: the first that mentions it begins it.
            older, starts = (_BEGAN_EMPTY, False) if directory else (None, True)
        table.lists[directory] = newer(version, (names, starts), older)
    # A directory that begins anew with nothing in it must forget what it had.
    anew = [path for path, older in repeated if path in gone or not _is_dir(older)]
    if "" in changes.entries and find_list("") is None:
        anew.append("")
    for directory in {*anew, *opaques}.difference(children):
        if (older := find_list(directory)) is not None or not directory:
            table.lists[directory] = newer(version, ((), True), older)

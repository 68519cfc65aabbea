"""The table behind the index: what each layer changes, written down path by path.

    layer 3 = { etc/motd, opt/.wh.tool }    entries                                    lists
    brings  etc/motd                        etc/motd      1, entry, 3, entry           etc  1, [...], 3, [motd]
    hides   opt/tool, opt/tool/bin          opt/tool      2, entry, 3, None
            and touches nothing else        opt/tool/bin  2, entry, 3, None

`entries` has, for each path, what it is in each version that changed it; `lists` has, for each directory, the
names that each layer brings. Names that are `Begins` say that the directory begins with that layer: the ones below
have no part in it, be it that they have no such directory or that it is hidden.

One table serves every stack that grows on one line. A stack that branches off has a table of its own, and the
older one, as of the version where it left, as its base.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import repeat
from operator import attrgetter
from threading import Lock

from ..fs.changeset import ChangeSet
from ..fs.entry import IMPLIED, Entry, Kind
from .versions import Chain, cut, place

Find = Callable[[str], Chain | None]


class Begins(tuple[str, ...]):
    """Names that a layer brings to a directory that begins with it."""

    __slots__ = ()


class Table:
    """Chains of versions by path; shared by every `Index` of one line of layers.

    Attributes
    ----------
    depth : int
        Versions written, those of the base included.
    find, find_list : callable
        From a path to its chain: of Entry or None, and of names.
    """

    __slots__ = ("base", "depth", "entries", "find", "find_list", "floor", "layers", "lists", "lock")

    base: Table | None
    floor: int

    def __init__(self, base: Table | None = None, depth: int = 0, room: int = 0) -> None:
        self.depth = depth
        self.layers: list[ChangeSet] = [] if base is None else base.layers[:depth]
        self.entries: dict[str, Chain] = {"": (0, IMPLIED)} if base is None else {}
        self.lists: dict[str, Chain] = {}
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

    def write(
        self, own: dict[str, Chain], paths: Iterable[str], olders: Iterable[Chain | None], values: Iterable[object]
    ) -> None:
        """Append states at the newest version to the chains that paths have (`find` or `find_list` of them)."""
        depth, alone = self.depth, self.base is None
        for path, older, value in zip(paths, olders, values, strict=False):
            if older is None:
                own[path] = (depth, value)
            elif older.__class__ is list and (alone or path in own):
                # One step, so that no interrupt leaves half of it.
                older += (depth, value)
            else:
                own[path] = [*older, depth, value]


def _copy(chains: dict[str, Chain], depth: int) -> dict[str, Chain]:
    shorter = {path: cut(chain, depth) for path, chain in chains.items()}
    return {path: list(chain) for path, chain in shorter.items() if chain is not None}


def _reader(own: dict[str, Chain], below: Find | None, floor: int) -> Find:
    if below is None:
        return own.get

    def find(path: str) -> Chain | None:
        return own.get(path) or cut(below(path), floor)

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
    """Yield (name, layer, entry) of what a directory shows at depth `k`, in the kernel's order."""
    find = table.find
    prefix = directory and directory + "/"
    for name in _brought(table.find_list(directory), k):
        chain = find(prefix + name)
        at = place(chain, k)
        if chain is not None and at and chain[at] is not None:
            yield name, chain[at - 1], chain[at]


def _brought(chain: Chain | None, k: int) -> Iterable[str]:
    at = place(chain, k)
    if chain is None or not at:
        return ()
    parts = [chain[at]]
    while parts[-1].__class__ is not Begins:
        at -= 2
        parts.append(chain[at])
    # The lowest layer's names come first, then the others' from the top down.
    return parts[0] if len(parts) == 1 else dict.fromkeys(name for part in (parts.pop(), *parts) for name in part)


def apply(table: Table, changes: ChangeSet) -> None:
    """Write a layer into a table as its newest version."""
    entries, own, find = changes.entries, table.entries, table.find
    olders = list(map(find, entries))
    values = _values(find, entries.values())
    kept, replaced, anew = _met(changes, olders)
    gone = _gone(table, changes, replaced)
    kept.update(path for path in changes.implied if _is_dir(find(path)))
    _apply_lists(table, changes, kept - gone, [*anew, *(kept & gone)])
    if any(olders):
        table.write(own, entries, olders, values)
    else:
        own.update(zip(entries, zip(repeat(table.depth), values, strict=False), strict=True))
    made = [path for path in changes.implied if path in gone or path not in kept]
    table.write(own, made, map(find, made), repeat(IMPLIED))
    hidden = gone.difference(entries, changes.implied)
    table.write(own, hidden, map(find, hidden), repeat(None))


def _values(find: Find, entries: Iterable[Entry]) -> Iterable[Entry | None]:
    """Return entries as they are shown: a hard link to a lower layer's file as that file."""
    if Kind.HARDLINK not in map(attrgetter("kind"), entries):
        return entries
    return [_linked(find(entry.target or "")) if entry.kind is Kind.HARDLINK else entry for entry in entries]


def _linked(chain: Chain | None) -> Entry | None:
    entry = chain[-1] if chain else None
    return None if entry is None or entry.is_dir else replace(entry, inode=0)


def _met(changes: ChangeSet, olders: list[Chain | None]) -> tuple[set[str], list[str], list[str]]:
    """Sort out the entries that meet a past.

    Returns
    -------
    kept : set of str
        Directories that are directories already.
    replaced : list of str
        What takes the place of a directory.
    anew : list of str
        Directories where there is none any more, or something else.
    """
    kept, replaced, anew, is_dir = set(), [], [], Kind.DIRECTORY
    if any(olders):
        for (path, entry), older in zip(changes.entries.items(), olders, strict=True):
            if older is None:
                continue
            there = older[-1]
            if there is not None and there.kind is is_dir:
                if entry.kind is is_dir:
                    kept.add(path)
                else:
                    replaced.append(path)
            elif entry.kind is is_dir:
                anew.append(path)
    return kept, replaced, anew


def _gone(table: Table, changes: ChangeSet, replaced: list[str]) -> set[str]:
    """Collect the paths that a layer hides, whether or not it puts something new there."""
    k = table.depth - 1
    gone: set[str] = set()
    for path in sorted(changes.whiteouts):
        older = table.find(path)
        if older is not None and older[-1] is not None and path not in gone:
            gone.add(path)
            gone.update(path for path, _, _ in below(table, path, k))
    for path in (*sorted(changes.opaques), *replaced):
        if path not in gone and _is_dir(table.find(path)):
            gone.update(path for path, _, _ in below(table, path, k))
    return gone


def _is_dir(chain: Chain | None) -> bool:
    return chain is not None and chain[-1] is not None and chain[-1].is_dir


_BEGAN_EMPTY = (0, Begins())
"""The part of the layer that made a directory and put nothing in it; written when others do."""


def _apply_lists(table: Table, changes: ChangeSet, kept: set[str], anew: list[str]) -> None:
    """Write which names a layer brings to which directories; `kept` are those that it adds to."""
    find_list, children, opaques = table.find_list, changes.children, changes.opaques
    olders: list[Chain | None] = []
    values: list[object] = []
    for directory, names in children.items():
        older = find_list(directory)
        # The root is there before any layer: the first that mentions it begins it.
        adds = directory in kept and directory not in opaques and (older is not None or directory != "")
        olders.append(older or _BEGAN_EMPTY if adds else older)
        values.append(names if adds else Begins(names))
    table.write(table.lists, children, olders, values)
    # A directory that begins anew with nothing in it forgets what it had.
    if "" in changes.entries and find_list("") is None:
        anew.append("")
    empty = [path for path in {*anew, *opaques}.difference(children) if not path or find_list(path) is not None]
    table.write(table.lists, empty, map(find_list, empty), repeat(Begins()))

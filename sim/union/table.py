"""The table behind the index: what each layer changes, written down path by path.

    layer 3 = { etc/motd, opt/.wh.tool }      chains
    brings  etc/motd                          etc/motd       (3, entry, [1], [entry])
    hides   opt/tool, opt/tool/bin            opt/tool       (3, None, [2], [entry])
            and touches nothing else          opt/tool/bin   (3, None, [2], [entry])

What a directory holds is not written down again: each layer knows its own names (`ChangeSet.children`), and the chain
of a directory tells which layers have a part in it. What the chain does not tell is noted beside it: layers that
imply a directory that is there (`implied`), those that repeat its very entry (`repeated`), and those with which a
directory begins anew though it was there before (`begins`): opaque ones, and ones that are hidden and brought again
in one layer.

Layers repeat the parents of what they change, most often as they were. Such an entry is no version: it would make the
chains of the directories that everybody asks for as long as the stack is high.

One table serves every stack that grows on one line. A stack that branches off has a table of its own, and the
older one, as of the version where it left, as its base.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain as chained
from threading import Lock

from ..fs.changeset import ChangeSet
from ..fs.entry import IMPLIED, Entry, Kind
from .versions import Chain, as_of, back, copied, cut, newer

Find = Callable[[str], Chain | None]
Notes = dict[str, list[int]]


class Table:
    """Chains of versions by path; shared by every `Index` of one line of layers.

    Attributes
    ----------
    depth : int
        Versions written, those of the base included.
    layers : list of ChangeSet
        Base first, those of the base included.
    find : callable
        From a path to its chain of Entry or None.
    repeated : dict
        By directory, the layers that describe it as it already was.
    names : dict
        What listings found out before, by directory: for which topmost part, and the names that layers bring.
    """

    __slots__ = ("base", "begins", "chains", "depth", "find", "floor", "implied", "layers", "lock", "names", "repeated")

    base: Table | None
    floor: int

    def __init__(self, base: Table | None = None, depth: int = 0, room: int = 0) -> None:
        self.depth = depth
        self.layers: list[ChangeSet] = [] if base is None else base.layers[:depth]
        self.chains: dict[str, Chain] = {"": (0, IMPLIED)} if base is None else {}
        self.implied: Notes = {}
        self.repeated: Notes = {}
        self.begins: Notes = {}
        self.names: dict[str, tuple[int, Sequence[str]]] = {}
        # Copying a small table costs no more than the layer to be written, and keeps the pile of tables low.
        while base is not None and base.base is not None and len(base.chains) <= room:
            self._absorb(base, depth)
            base, depth = base.base, min(depth, base.floor)
        self.base = base
        self.floor = depth
        self.find: Find = self.chains.get if base is None else _reader(self.chains, base.find, depth)
        self.lock = Lock()

    def _absorb(self, base: Table, depth: int) -> None:
        for path, chain in base.chains.items():
            shorter = cut(chain, depth)
            if shorter is not None and path not in self.chains:
                self.chains[path] = copied(shorter)
        for own, notes in (
            (self.implied, base.implied), (self.repeated, base.repeated), (self.begins, base.begins)
        ):
            for path, versions in notes.items():
                own[path] = [version for version in versions if version <= depth] + own.get(path, [])

    def claim(self, depth: int) -> bool:
        """Take the version after `depth`, if no other layer has it."""
        with self.lock:
            if self.depth != depth:
                return False
            # Taken before anything is written: should the writing be interrupted, nobody writes there again.
            self.depth = depth + 1
            return True

    def write(self, paths: Iterable[str], state: object) -> None:
        """Give paths a state as of the newest version."""
        for path in paths:
            self.chains[path] = newer(self.find(path), self.depth, state, path not in self.chains)

    def implying(self, path: str, k: int) -> list[int]:
        """Return the layers up to `k` that imply or repeat a directory that was there."""
        below = [] if self.base is None else self.base.implying(path, min(k, self.floor))
        own = (*self.implied.get(path, ()), *self.repeated.get(path, ()))
        return below + [version for version in own if version <= k]

    def noted(self, directory: str) -> bool:
        """Whether layers may have a part in a directory of which its chain does not tell."""
        return directory in self.implied or directory in self.repeated or self.base is not None

    def supplier(self, path: str, version: int, k: int) -> int:
        """Return the topmost layer up to `k` that describes a path as `version`, its newest one, does."""
        for layer in reversed(self.repeated.get(path, ())):
            if layer <= version:
                return version
            if layer <= k:
                return layer
        return version if self.base is None else self.base.supplier(path, version, min(k, self.floor))

    def beginning(self, path: str, k: int) -> int:
        """Return the last layer up to `k` with which a directory begins anew, or 0."""
        for version in reversed(self.begins.get(path, ())):
            if version <= k:
                return version
        return 0 if self.base is None else self.base.beginning(path, min(k, self.floor))

    def known(self, directory: str, top: int) -> Sequence[str] | None:
        """Return the names that a listing found out before, if it was for the same topmost part."""
        found = self.names.get(directory)
        if found is not None and found[0] == top:
            return found[1]
        return None if self.base is None or top > self.floor else self.base.known(directory, top)


def _reader(own: dict[str, Chain], below: Find, floor: int) -> Find:
    def find(path: str) -> Chain | None:
        return own.get(path) or cut(below(path), floor)

    return find


def below(table: Table, directory: str, k: int) -> Iterator[tuple[str, int, Entry]]:
    """Yield (path, layer, entry) of all that is below a directory at depth `k`, a directory first."""
    is_dir = Kind.DIRECTORY
    pending = [iter(children(table, directory, k))]
    while pending:
        for found in pending[-1]:
            yield found
            if found[2].kind is is_dir:
                pending.append(iter(children(table, found[0], k)))
                break
        else:
            pending.pop()


def children(table: Table, directory: str, k: int) -> list[tuple[str, int, Entry]]:
    """Return (path, layer, entry) of what a directory shows at depth `k`, in the kernel's order."""
    find, repeated, branch, is_dir = table.find, table.repeated, table.base is not None, Kind.DIRECTORY
    prefix = directory and directory + "/"
    shown = []
    for name in _brought(table, directory, k):
        path = prefix + name
        chain = find(path)
        if chain is not None and chain[0] > k:
            chain = as_of(chain, k)
        if chain is not None and chain[1] is not None:
            version = chain[0]
            if chain[1].kind is is_dir and (path in repeated or branch):
                version = table.supplier(path, version, k)
            shown.append((path, version, chain[1]))
    return shown


def _brought(table: Table, directory: str, k: int) -> Iterable[str]:
    """Return the names that layers bring to a directory: the lowest one's first, then the others', top down."""
    found = as_of(table.find(directory), k)
    top = found[0] if found else 0
    if table.noted(directory):
        top = max([top, *table.implying(directory, k)])
    known = table.known(directory, top)
    if known is not None:
        return known
    parts = [table.layers[number - 1].children.get(directory, ()) for number in _parts(table, directory, k)]
    names = parts[0] if len(parts) == 1 else tuple(dict.fromkeys(chained.from_iterable(parts[-1:] + parts[:-1])))
    # The topmost part decides which others there are, and chains never change below it.
    table.names[directory] = (top, names)
    return names


def _parts(table: Table, directory: str, k: int) -> list[int]:
    """Return the layers that have a part in a directory at depth `k`, top first."""
    begins = table.beginning(directory, k) if table.base or directory in table.begins else 0
    parts, since = [], begins
    for version, state in back(table.find(directory), k):
        if state is None or not state.is_dir:
            # What is noted about an earlier directory of that name counts no more.
            break
        if version < begins:
            since = begins
            break
        parts.append(version)
        since = version
    if table.noted(directory):
        parts = sorted({*parts, *(layer for layer in table.implying(directory, k) if layer >= since)}, reverse=True)
    # The root is there before any layer is.
    return parts[:-1] if parts and parts[-1] == 0 else parts


def apply(table: Table, changes: ChangeSet) -> None:
    """Write a layer into a table as its newest version."""
    find, k = table.find, table.depth - 1
    entries, implied = changes.entries, changes.implied
    gone = _gone(table, changes, _write_entries(table, changes))
    there = {path for path in implied if path not in gone and _was_dir(find(path), k)}
    again = {path for path in gone if path in entries or path in implied}
    _note(table.begins, again | changes.opaques, table.depth)
    _note(table.implied, there, table.depth)
    table.write(implied - there, IMPLIED)
    table.write(gone - again, None)


def _write_entries(table: Table, changes: ChangeSet) -> list[str]:
    """Write a layer's entries; return those that take the place of a directory."""
    # Few steps an entry: this is the other half of what indexing a layer costs.
    find, chains, depth, branch = table.find, table.chains, table.depth, table.base is not None
    is_dir, link = Kind.DIRECTORY, Kind.HARDLINK
    repeated, replaced = table.repeated, []
    for path, entry in changes.entries.items():
        older, kind = find(path), entry.kind
        state = _linked(find(entry.target or ""), depth - 1) if kind is link else entry
        if older is None:
            chains[path] = (depth, state)
            continue
        was = older[1]
        if was is not None and was.kind is is_dir:
            if kind is not is_dir:
                replaced.append(path)
            elif (
                entry.mtime_ns == was.mtime_ns and entry.mode == was.mode and entry.uid == was.uid
                and entry.gid == was.gid and entry.xattrs == was.xattrs
            ):
                # `_note`, without a call.
                noted = repeated.get(path)
                if noted is None:
                    repeated[path] = [depth]
                else:
                    noted.append(depth)
                continue
        if branch or len(older) == 2:
            chains[path] = newer(older, depth, state, path not in chains)
        else:
            # `newer`, without a call.
            older[3].append(was)
            older[2].append(older[0])
            chains[path] = (depth, state, older[2], older[3])
    return replaced


def _linked(chain: Chain | None, k: int) -> Entry | None:
    # A hard link to a lower layer's file is shown as that file.
    found = as_of(chain, k)
    return None if found is None or found[1] is None or found[1].is_dir else replace(found[1], inode=0)


def _note(notes: Notes, paths: Iterable[str], version: int) -> None:
    for path in paths:
        notes.setdefault(path, []).append(version)


def _gone(table: Table, changes: ChangeSet, replaced: list[str]) -> set[str]:
    """Collect the paths that a layer hides, whether or not it puts something new there."""
    find, k = table.find, table.depth - 1
    gone: set[str] = set()
    for path in sorted(changes.whiteouts):
        older = as_of(find(path), k)
        if older is not None and older[1] is not None and path not in gone:
            gone.add(path)
            if older[1].is_dir:
                gone.update(path for path, _, _ in below(table, path, k))
    for path in (*sorted(changes.opaques), *replaced):
        if path not in gone and _was_dir(find(path), k):
            gone.update(path for path, _, _ in below(table, path, k))
    return gone


def _was_dir(chain: Chain | None, k: int) -> bool:
    found = as_of(chain, k)
    return found is not None and found[1] is not None and found[1].is_dir

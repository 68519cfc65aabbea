"""Copies: every file that an image stores, whether anybody sees it, and if not, who hid it and how.

    layer 3   .wh.old            big.tar (chmod)                   copy               fate
    layer 2   old      5 MB                        motd  2 kB      old      layer 2   deleted by 3
    layer 1   etc      4 kB      big.tar   90 MB   motd  1 kB      big.tar  layer 1   attributes, by 3
                                                                   motd     layer 1   overwritten by 2

An inode with several names is one copy, live as long as one of them is seen. Bytes are uncompressed, of regular
files alone: those that `union.totals` counts.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from ..content.data import Data
from ..fs.changeset import ChangeSet
from ..fs.entry import Entry, Kind
from ..union.answer import Said
from ..union.index import Index
from ..union.lookup import Stack, ask


class Fate(StrEnum):
    """What became of a copy."""

    LIVE = "live"
    DELETED = "deleted"
    """A whiteout, an opaque directory, or something other in the place of a directory above it."""
    OVERWRITTEN = "overwritten"
    """Another content, or another kind of thing, is at its path."""
    ATTRIBUTES = "attributes"
    """The same content is stored again with another mode, owner or extended attribute: what chmod and chown cost."""
    REPEATED = "repeated"
    """The same content is stored again, with another time or none other at all."""


@dataclass(frozen=True, slots=True)
class Copy:
    """One stored file.

    Attributes
    ----------
    path : str
        Its name, the first seen one of several.
    layer : int
        Which stores it, its place in the stack; the base is 1.
    size : int
        Bytes.
    fate : Fate
    by : int or None
        The layer that hid it; None for a live copy.
    data : Data
        Its bytes.
    """

    path: str
    layer: int
    size: int
    fate: Fate
    by: int | None
    data: Data


def contents(datas: Iterable[Data]) -> list[tuple[int, str]]:
    """Return for each of some files what tells its content from those of the others.

    That is the size, and the SHA-256 where another one has the same size: the rest need not be read.

    Examples
    --------
    >>> from sim.content.data import Inline
    >>> [(size, name[:4]) for size, name in contents([Inline(b"one"), Inline(b"two"), Inline(b"three")])]
    [(3, '7692'), (3, '3fc4'), (5, '')]
    """
    held = list(datas)
    sizes = Counter(data.size for data in held)
    return [(data.size, data.sha256 if data.size and sizes[data.size] > 1 else "") for data in held]


def copies(stack: Stack, index: Index | None = None) -> tuple[Copy, ...]:
    """Return every file that a stack of layers stores, base first, in each layer's order.

    Parameters
    ----------
    stack : sequence of ChangeSet
        Base first.
    index : Index, optional
        Of that stack, if it is at hand.

    Examples
    --------
    >>> from sim.fs.sketch import sketch, file, whiteout
    >>> found = copies([sketch(file("/a", b"123"), file("/b", b"45")), sketch(whiteout("/a"))])
    >>> [(copy.path, copy.layer, copy.size, str(copy.fate), copy.by) for copy in found]
    [('a', 1, 3, 'deleted', 2), ('b', 1, 2, 'live', None)]
    """
    index = index or Index.of(stack)
    seen = _seen(stack, index)
    found: list[Copy] = []
    for number, layer in enumerate(stack, start=1):
        for inode, path in inodes(layer).items():
            shown = seen.get((number, inode))
            fate, by = (Fate.LIVE, None) if shown is not None else _hidden(stack, index, number, path)
            data = file_data(layer, path)
            found.append(Copy(shown or path, number, data.size, fate, by, data))
    return tuple(found)


def inodes(layer: ChangeSet) -> dict[int | str, str]:
    """Return the first name of each inode of a layer's regular files: by its number, or its path if it has no other."""
    found: dict[int | str, str] = {}
    for path, entry in layer.entries.items():
        if entry.kind is Kind.FILE:
            found.setdefault(entry.inode or path, path)
    return found


def file_data(layer: ChangeSet, path: str) -> Data:
    """Return the bytes of a layer's regular file."""
    data = layer.entries[path].data
    assert data is not None  # a regular file has some
    return data


def _seen(stack: Stack, index: Index) -> Mapping[tuple[int, int | str], str]:
    """Return for each layer and inode that the merged view shows the first name it is seen under."""
    found: dict[tuple[int, int | str], str] = {}
    for path, layer, entry in index.walk():
        if entry.kind is Kind.FILE:
            found.setdefault(_stored(stack, index, path, layer), path)
    return found


def _stored(stack: Stack, index: Index, path: str, layer: int) -> tuple[int, int | str]:
    """Return where a file that is seen is stored: a hard link may name one of a lower layer."""
    while (entry := stack[layer - 1].entries[path]).kind is Kind.HARDLINK:
        path = entry.target or ""
        below = index.find(path, layer - 1)
        assert below is not None and below[0] is not None  # else the link would not be seen
        layer = below[0]
    return layer, entry.inode or path


def _hidden(stack: Stack, index: Index, number: int, path: str) -> tuple[Fate, int]:
    """Return how a file of a layer was hidden, and by which layer: once hidden, it stays so."""

    def gone(depth: int) -> bool:
        found = index.find(path, depth)
        return found is None or found[0] != number

    depths = range(number + 1, len(stack) + 1)
    by = depths[bisect_left(depths, True, key=gone)]
    said, _ = ask(stack[by - 1], path)
    if said is Said.FOUND:
        return _overwritten(stack[number - 1].entries[path], stack[by - 1].entries[path]), by
    return Fate.OVERWRITTEN if said is Said.IMPLIED else Fate.DELETED, by


def _overwritten(old: Entry, new: Entry) -> Fate:
    if new.kind is not Kind.FILE or old.data != new.data:
        return Fate.OVERWRITTEN
    same = (old.mode, old.uid, old.gid, old.xattrs) == (new.mode, new.uid, new.gid, new.xattrs)
    return Fate.REPEATED if same else Fate.ATTRIBUTES

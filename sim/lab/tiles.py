"""Tiles: what an image stores, as a treemap has it. Every stored byte is in one tile, seen or hidden.

    copies (dedup)  -->  a tree of directories  -->  tiles in a rectangle, an area as large as the bytes
                                                     what would be too small to see is one tile, "12 smaller ones"

A directory of layers below and above the same path is one directory here: its hidden files lie beside those that hide
them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ..dedup.copies import Copy, Fate
from .squares import Box, squarified

MOST = 1_000
"""Tiles of one picture, about; both layouts together stay below `svg.MAX_BYTES`."""
LEAST = 90.0
"""Square pixels that a tile has at least, unless it stands for what was folded."""
HEAD = 22
"""Height of a directory's name above its tiles, in pixels."""

Kind = tuple[int, bool]
"""A layer's number, and whether the bytes are hidden."""


@dataclass(slots=True)
class Folder:
    """A directory: the bytes below it by `Kind`, its directories, its files."""

    name: str
    sums: Counter[Kind] = field(default_factory=Counter)
    counts: Counter[Kind] = field(default_factory=Counter)
    folders: dict[str, Folder] = field(default_factory=dict)
    files: list[Copy] = field(default_factory=list)

    @property
    def size(self) -> int:
        """Bytes at and below it, hidden ones included."""
        return self.sums.total()

    @property
    def hidden(self) -> int:
        """Bytes that nobody sees."""
        return sum(size for (_, hidden), size in self.sums.items() if hidden)

    def find(self, path: str) -> Folder | None:
        """Return a directory below this one; None where it stores nothing."""
        here: Folder | None = self
        for name in filter(None, path.split("/")):
            here = here.folders.get(name) if here is not None else None
        return here


@dataclass(frozen=True, slots=True)
class Tile:
    """A file, or several small ones of a kind.

    Attributes
    ----------
    box : Box
    kind : Kind
    name : str
        Of the file; "" for several.
    count : int
        How many files it stands for.
    """

    box: Box
    kind: Kind
    name: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class Head:
    """A directory's name above its tiles."""

    box: Box
    name: str
    size: int


def tree(copies: Iterable[Copy]) -> Folder:
    """Return the tree of some copies; empty files are left out, they have no area.

    Examples
    --------
    >>> from sim.dedup.copies import copies
    >>> from sim.fs.sketch import sketch, file, whiteout
    >>> root = tree(copies([sketch(file("/etc/a", b"123"), file("/b", b"1")), sketch(whiteout("/etc"))]))
    >>> root.size, root.hidden, list(root.folders)
    (4, 3, ['etc'])
    """
    root = Folder("")
    for copy in copies:
        if copy.size:
            kind, here = (copy.layer, copy.fate is not Fate.LIVE), root
            for name in ["", *copy.path.split("/")[:-1]]:
                here = here.folders.setdefault(name, Folder(name)) if name else here
                here.sums[kind] += copy.size
                here.counts[kind] += 1
            here.files.append(copy)
    return root


def tiles(folder: Folder, box: Box, most: int = MOST) -> list[Tile | Head]:
    """Return the tiles of a directory in a rectangle; those of its directories stand together.

    Parameters
    ----------
    folder : Folder
    box : Box
    most : int
        Tiles at most, about: what is smaller than so many equal parts of the rectangle is folded.
    """
    least = max(LEAST, box.area / most)
    found = list(_placed(folder, box, least, heads=True))
    while len(found) > most and least < box.area:
        least *= 2
        found = list(_placed(folder, box, least, heads=True))
    return found


def _placed(folder: Folder, box: Box, least: float, heads: bool = False) -> Iterator[Tile | Head]:
    unit = box.area / (folder.size or 1)
    shown: list[tuple[int, Folder | Copy | Kind]] = []
    sums, counts = Counter[Kind](), Counter[Kind]()
    for inner in folder.folders.values():
        if inner.size * unit >= least:
            shown.append((inner.size, inner))
        else:
            sums.update(inner.sums)
            counts.update(inner.counts)
    for copy in folder.files:
        if copy.size * unit >= least:
            shown.append((copy.size, copy))
        else:
            kind = copy.layer, copy.fate is not Fate.LIVE
            sums[kind] += copy.size
            counts[kind] += 1
    shown += ((size, kind) for kind, size in sums.items())
    shown.sort(key=lambda item: -item[0])
    for (_, what), place in zip(shown, squarified([size for size, _ in shown], box), strict=True):
        if isinstance(what, Folder):
            yield from _inside(what, place, least, heads)
        elif isinstance(what, Copy):
            yield Tile(place, (what.layer, what.fate is not Fate.LIVE), what.path.rpartition("/")[2])
        else:
            yield Tile(place, what, "", counts[what])


def _inside(folder: Folder, box: Box, least: float, heads: bool) -> Iterator[Tile | Head]:
    if heads and box.width >= 64 and box.height >= 3 * HEAD:
        yield Head(Box(box.x, box.y, box.width, HEAD), folder.name, folder.size)
        box = box.inner(HEAD, 2)
    yield from _placed(folder, box, least)

"""How wasteful an image is, by the formulas of two well-known tools; the true figure is live bytes / stored bytes.

dive (dive/filetree/efficiency.go) looks at the LEAVES of each layer's tree: files, links, empty directories, and
whiteouts under the name of what they hide. A deleted file's whiteout has size 0, a deleted directory's the size of all
that it held. For each path, over all layers:

    score   sum of the least size  /  sum of all sizes                        1 is best
    wasted  all sizes of paths that came up twice or more, the copy that is still seen included
    user    the bytes above the base;      userWasted = wasted / user

slim (pkg/docker/dockerimage) looks at CONTENTS: for each SHA-1 that several paths have, over all layers,

    wasted  size x (number of different paths - 1)

What neither sees, and sees too much of, is told by `differences`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ..fs.changeset import ChangeSet
from ..fs.entry import ancestors
from ..union.index import Index
from ..union.lookup import Stack
from ..union.totals import layer_bytes
from .copies import Copy, Fate, contents, inodes


@dataclass(frozen=True, slots=True)
class Dive:
    """dive's figures.

    Attributes
    ----------
    score : float
        0 to 1; dive prints it as the image's efficiency.
    user_bytes : int
        Bytes above the base.
    wasted_bytes : int
    """

    score: float
    user_bytes: int
    wasted_bytes: int

    @property
    def user_wasted(self) -> float:
        """Wasted bytes as a part of those above the base; 0 where there are none."""
        return self.wasted_bytes / self.user_bytes if self.user_bytes else 0.0


def dive(stack: Stack) -> Dive:
    """Return dive's figures of a stack of layers, base first.

    Examples
    --------
    >>> from sim.fs.sketch import sketch, file
    >>> found = dive([sketch(file("/a", b"1234")), sketch(file("/a", b"12"))])
    >>> found.score, found.wasted_bytes, found.user_wasted
    (0.3333333333333333, 6, 3.0)
    """
    sizes: dict[str, list[int]] = {}
    for leaf in _leaves(stack):
        sizes.setdefault(leaf.path, []).append(leaf.size)
    discovered = sum(map(sum, sizes.values()))
    score = sum(map(min, sizes.values())) / discovered if discovered else 1.0
    wasted = sum(sum(found) for found in sizes.values() if len(found) > 1)
    return Dive(score, sum(map(layer_bytes, stack[1:])), wasted)


class _Leaf(NamedTuple):
    layer: int
    path: str
    size: int
    whiteout: bool = False


def _leaves(stack: Stack) -> Iterator[_Leaf]:
    """Yield the leaves of each layer's tree, as dive has them: opaque marks are in none."""
    # Sizes as in the tar's headers: a further name of an inode has none.
    sizes = [{path: layer.entries[path].size for path in inodes(layer).values()} for layer in stack]
    blind: Index | None = None
    for number, layer in enumerate(stack, start=1):
        inner = {above for path in layer.whiteouts for above in ancestors(path)}
        for path in layer.entries:
            if path and path not in inner and not layer.children.get(path):
                yield _Leaf(number, path, sizes[number - 1].get(path, 0))
        for path in layer.whiteouts:
            blind = blind or Index.of(ChangeSet(each.entries, each.whiteouts) for each in stack)
            found = blind.get(path, number - 1)
            # Of a whiteout that hides nothing dive says an error, and leaves out what of the layer comes after it.
            below = blind.walk(number - 1, path) if found is not None and found.is_dir else ()
            yield _Leaf(number, path, sum(sizes[source - 1].get(inside, 0) for inside, source, _ in below), True)


@dataclass(frozen=True, slots=True)
class Slim:
    """slim's figures.

    Attributes
    ----------
    contents : int
        Contents that several paths have.
    paths : int
        The paths that have them.
    wasted_bytes : int
    """

    contents: int
    paths: int
    wasted_bytes: int


def slim(found: Sequence[Copy]) -> Slim:
    """Return slim's figures of an image's copies.

    Examples
    --------
    >>> from sim.dedup.copies import copies
    >>> from sim.fs.sketch import sketch, file
    >>> slim(copies([sketch(file("/a", b"1234"), file("/b", b"1234")), sketch(file("/a", b"1234"))]))
    Slim(contents=1, paths=2, wasted_bytes=4)
    """
    paths = _paths(found, contents(copy.data for copy in found))
    twins = [(size, len(names)) for (size, _), names in paths.items() if len(names) > 1]
    return Slim(len(twins), sum(count for _, count in twins), sum(size * (count - 1) for size, count in twins))


def _paths(found: Sequence[Copy], named: Sequence[tuple[int, str]]) -> dict[tuple[int, str], set[str]]:
    paths: dict[tuple[int, str], set[str]] = {}
    for copy, name in zip(found, named, strict=True):
        paths.setdefault(name, set()).add(copy.path)
    return paths


@dataclass(frozen=True, slots=True)
class Difference:
    """One reason why a tool's waste is not the hidden bytes: a key of the catalogue, and how many bytes it is about."""

    key: str
    bytes: int


def differences(stack: Stack, found: Sequence[Copy]) -> tuple[Difference, ...]:
    """Return why the tools' wasted bytes differ from the bytes that nobody sees; without reasons of no bytes.

    Keys
    ----
    dive.survivor
        The copy that is still seen, of a path that dive met twice, counted as waste.
    dive.once
        Hidden bytes at paths that dive met once: they went with their directory.
    dive.folder
        A deleted directory, counted in whole as a file of its own.
    slim.live
        Twins that are both seen: no layer hides them, and nothing but a link would save them.
    slim.once
        Hidden bytes whose content has one path only: overwritten, deleted, or stored again under the same name.
    """
    leaves = list(_leaves(stack))
    met = Counter(leaf.path for leaf in leaves)
    wasted = {(leaf.layer, leaf.path) for leaf in leaves if met[leaf.path] > 1 and not leaf.whiteout}
    named = contents(copy.data for copy in found)
    paths = _paths(found, named)
    live = [copy for copy in found if copy.fate is Fate.LIVE]
    hidden = [(copy, name) for copy, name in zip(found, named, strict=True) if copy.fate is not Fate.LIVE]
    twins = Counter(name for copy, name in zip(found, named, strict=True) if copy.fate is Fate.LIVE)
    reasons = {
        "dive.survivor": sum(copy.size for copy in live if (copy.layer, copy.path) in wasted),
        "dive.once": sum(copy.size for copy, _ in hidden if (copy.layer, copy.path) not in wasted),
        "dive.folder": sum(leaf.size for leaf in leaves if leaf.whiteout and met[leaf.path] > 1),
        "slim.live": sum(size * (count - 1) for (size, _), count in twins.items()),
        "slim.once": sum(copy.size for copy, name in hidden if len(paths[name]) == 1),
    }
    return tuple(Difference(key, count) for key, count in reasons.items() if count)

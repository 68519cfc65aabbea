"""Collections made up: images, layers and runs of files with the published shapes, and no bytes.

    image i     base b by popularity, its layers below; then layers of its own
    layer       small: a file or two, such as a config          large: packages that many layers install, and own data
    package     at a rank of popularity (Zipf's law), in one of some versions
                  most files, small, stay the same from version to version      one run
                  one in ten, large, is new in each                             one run a version

What is published and drawn from: layers an image, blob sizes, compression ratios, files a package. What emerges is
how much repeats: a package comes again in other layers, the popular ones first, so that the ratio grows with the
collection as what is rare comes a second time. Three numbers of the mechanism (`exponent`, `versions`, `own`) are
fitted to the growth that Zhao et al. found on Docker Hub.

Any layer is a function of (population, its place): made alone, by any worker. All is in whole numbers; numpy's way
(vector.py) gives the same, bit for bit.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from ...image.outer import Progress
from ..sharing import Share
from .draws import PARTS, below, draw, middles, mix, pick, zipf
from .population import Population

PLACES = 128
"""Layers that an image or a base may have."""
BASES_AT = 1 << 40
"""Places from here on are those of bases' layers."""
OWN_FILE = 250_000
"""Bytes of a file of own data, about."""
CHANGING = 10
"""One of so many files of a package changes with the version."""
FIRST_PACKAGE = 16
"""From this draw of a layer on, two are a package: its rank and its version."""
_TELL = 16
"""After so many images the progress is told: a fraction of a second for files, of a millisecond for layers."""


@dataclass(frozen=True, slots=True)
class Run:
    """Files that come together or not at all.

    Attributes
    ----------
    name : int
        The same for the same contents.
    files : int
    size : int
        Bytes of each.
    """

    name: int
    files: int
    size: int

    @property
    def bytes(self) -> int:
        """Of all its files."""
        return self.files * self.size


@dataclass(frozen=True, slots=True)
class SyntheticLayer:
    """A layer without bytes.

    Attributes
    ----------
    place : int
        Its name: the same for the same layer.
    size : int
        Bytes of its blob, compressed.
    tar : int
        Bytes that its blob stands for, uncompressed; its files come to about that.
    large : bool
        Whether packages are installed in it.
    """

    place: int
    size: int
    tar: int
    large: bool


def image(population: Population, number: int) -> tuple[SyntheticLayer, ...]:
    """Return an image's layers, base first.

    Parameters
    ----------
    population : Population
    number : int
        The image's, from 0.

    Examples
    --------
    >>> from sim.dedup.corpus.population import OFFICIAL_2023
    >>> found = image(OFFICIAL_2023, 7)
    >>> found == image(OFFICIAL_2023, 7), len(found) >= 1
    (True, True)
    """
    return tuple(layer(population, place) for place in places(population, number))


def places(population: Population, number: int) -> tuple[int, ...]:
    """Return the places of an image's layers, base first."""
    bits = draw(stream(population, "image"), number)
    count = max(1, pick(population.layers.table, bits))
    base = pick(zipf(population.bases, population.base_exponent), mix(bits))
    depth = min(count, 1 + below(draw(stream(population, "base"), base), population.base_layers))
    return (
        *(BASES_AT + base * PLACES + place for place in range(depth)),
        *(number * PLACES + place for place in range(count - depth)),
    )


def layer(population: Population, place: int) -> SyntheticLayer:
    """Return the layer at a place."""
    key = draw(stream(population, "layer"), place)
    large = draw(key, 0) >> 32 < int(population.large * 2**32)
    size = max(1, pick((population.large_size if large else population.small_size).table, draw(key, 1)))
    return SyntheticLayer(place, size, size * pick(population.ratio.table, draw(key, 2)) // 100, large)


def runs(population: Population, of: SyntheticLayer) -> tuple[Run, ...]:
    """Return a layer's files: own ones first, then those of its packages by rank, each package once.

    Examples
    --------
    >>> from sim.dedup.corpus.population import HUB_2017
    >>> found = runs(HUB_2017, image(HUB_2017, 3)[-1])
    >>> len({run.name for run in found}) == len(found)
    True
    """
    key = draw(stream(population, "layer"), of.place)
    count = installed(population, of)
    own = own_bytes(population, of) if count else of.tar
    files = 1 + own // OWN_FILE
    found = [Run(population.own_at + of.place, files, own // files)]
    ranks = zipf(population.packages, population.exponent)
    versions = zipf(population.versions, population.version_exponent)
    packages: dict[int, int] = {}
    for step in range(count):
        rank = pick(ranks, draw(key, FIRST_PACKAGE + 2 * step))
        packages.setdefault(rank, pick(versions, draw(key, FIRST_PACKAGE + 1 + 2 * step)))
    for rank in sorted(packages):
        found += package(population, rank, packages[rank])
    return tuple(found)


def package(population: Population, rank: int, version: int) -> tuple[Run, Run]:
    """Return a package's two runs: what stays from version to version, and what does not."""
    key = draw(stream(population, "package"), rank)
    files = 1 + pick(population.files.table, draw(key, 0))
    changing = 1 + files // CHANGING
    return (
        Run(rank, files - changing, pick(population.small_file.table, draw(key, 1))),
        Run(
            population.packages + rank * population.versions + version, changing,
            pick(population.big_file.table, draw(key, 2)),
        ),
    )


def own_bytes(population: Population, of: SyntheticLayer) -> int:
    """Return how many bytes a large layer has that no other has."""
    return round(population.own * 1000) * of.tar // 1000


def installed(population: Population, of: SyntheticLayer) -> int:
    """Return how many packages are drawn for a layer; one drawn twice is there once."""
    if not of.large:
        return 0
    sizes, counts = fill(population)
    room = of.tar - own_bytes(population, of)
    at = min(bisect_right(sizes, room), len(sizes) - 1) - 1
    grown = (room - sizes[at]) * (counts[at + 1] - counts[at]) // (sizes[at + 1] - sizes[at])
    return min(counts[-1], counts[at] + grown)


@cache
def fill(population: Population) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return bytes, and how many packages must be drawn on average until the distinct ones have as many."""
    counts = [0, *dict.fromkeys(round(2 ** (step / 2)) for step in range(39))]
    each = _mean_package(population)
    chances = popularity(population)
    return tuple(
        round(each * sum(ranks * (1 - (1 - chance) ** count) for ranks, chance in chances)) for count in counts
    ), tuple(counts)


def popularity(population: Population) -> list[tuple[int, float]]:
    """Return how many packages have which chance to be drawn, the most popular first; all chances sum up to 1."""
    table = zipf(population.packages, population.exponent)
    # A rank of much popularity is several parts of the table, each of them narrow.
    found = Counter((low, max(1, high - low)) for low, high in pairwise(table))
    return [(width, count / PARTS / width) for (_, width), count in found.items()]


def _mean_package(population: Population) -> float:
    files = [1 + number for number in middles(population.files.table)]
    changing = [1 + number // CHANGING for number in files]
    stay, change = sum(files) - sum(changing), sum(changing)
    small, big = (sum(middles(shape.table)) / PARTS for shape in (population.small_file, population.big_file))
    return (stay * small + change * big) / PARTS


@cache
def stream(population: Population, what: str) -> int:
    """Return the key of a stream of draws."""
    return mix(mix(population.seed) + int.from_bytes(what.encode(), "big"))


@dataclass(frozen=True, slots=True)
class Census:
    """What a collection of so many images stores.

    Attributes
    ----------
    images : int
    layers : Share
        Compressed, each layer counted in every image that has it.
    files : Share
        Uncompressed, of the distinct layers: what keeping each content once saves beyond keeping each layer once.
    """

    images: int
    layers: Share
    files: Share


def census(
    population: Population, images: int, at: Iterable[int] | None = None, progress: Progress | None = None
) -> tuple[Census, ...]:
    """Return what the first images of a population share as one after the other is added.

    Parameters
    ----------
    population : Population
    images : int
        How many.
    at : iterable of int, optional
        Numbers of images to stop at, at most `images`; that number alone by default.
    progress : callable, optional
        Told how many images are done, of how many, and what is done.

    Examples
    --------
    >>> from sim.dedup.corpus.population import HUB_2017
    >>> few, many = census(HUB_2017, 40, at=(10, 40))
    >>> 1 < few.files.ratio < many.files.ratio
    True
    """
    wanted = {images} if at is None else set(at)
    tally, layers = _Tally(), _Tally()
    found = []
    for number in _told(images, progress, "counting files"):
        for one in image(population, number):
            new = layers.add(one.place, 1, one.size)
            for run in runs(population, one) if new else ():
                tally.add(run.name, run.files, run.size)
        if number + 1 in wanted:
            found.append(Census(number + 1, layers.share, tally.share))
    return tuple(found)


def layer_share(population: Population, images: int, progress: Progress | None = None) -> Share:
    """Return what the layers of the first images share: `Census.layers`, without making their files."""
    tally = _Tally()
    for number in _told(images, progress, "counting layers"):
        for one in image(population, number):
            tally.add(one.place, 1, one.size)
    return tally.share


def _told(images: int, progress: Progress | None, what: str) -> Iterator[int]:
    """Count the images, and tell now and then how far."""
    for number in range(images):
        if progress is not None and number % _TELL == 0:
            progress(number, images, what)
        yield number


class _Tally:
    """Counts what comes, and what is new of it."""

    def __init__(self) -> None:
        self._known: set[int] = set()
        self._bytes = self._new_bytes = self._count = self._new_count = 0

    def add(self, name: int, count: int, size: int) -> bool:
        """Count some items of one size that come together; tell whether they are new."""
        self._bytes += count * size
        self._count += count
        if name in self._known:
            return False
        self._known.add(name)
        self._new_bytes += count * size
        self._new_count += count
        return True

    @property
    def share(self) -> Share:
        """The counts until now."""
        return Share(self._bytes, self._new_bytes, self._count, self._new_count)

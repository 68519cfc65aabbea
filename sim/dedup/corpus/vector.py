"""The census of a population by numpy: the same counts as synthetic.py, for collections of a hundred million files.

    layers in the order of their first image     block by block: on threads here, or on other machines
      `-> runs of files, each with its layer     a block's task: a function of (population, places)
            `-> file by file                     in order, against a map of the contents known: one byte each

Every file is looked up by itself: what a run is taken for is tested here. numpy is imported in the functions that need
it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from ...image.outer import Progress
from ..sharing import Share
from .cluster import Spread, on_threads
from .draws import GOLDEN, MIX, PARTS_BITS, Table, zipf
from .population import Population
from .synthetic import BASES_AT, CHANGING, FIRST_PACKAGE, OWN_FILE, PLACES, Census, fill, stream

if TYPE_CHECKING:
    import numpy

    Words = numpy.ndarray[Any, numpy.dtype[numpy.uint64]]
    Numbers = numpy.ndarray[Any, numpy.dtype[numpy.int64]]

BLOCK = 1000
"""Layers that one task makes: some megabytes of runs."""
FILES = 1 << 22
"""Files that are looked up at once, about."""


def census(
    population: Population, images: int, at: Iterable[int] | None = None, spread: Spread = on_threads,
    progress: Progress | None = None,
) -> tuple[Census, ...]:
    """Return what `synthetic.census` does.

    Parameters
    ----------
    population, images, at
        As there.
    spread : callable
        Where blocks of layers are made.
    progress : callable, optional
        Told, after each block, how many images are done.

    Raises
    ------
    ImportError
        numpy is not installed.
    """
    import numpy as np

    owners, places = _references(population, images)
    distinct, first, where = np.unique(places, return_index=True, return_inverse=True)
    order = np.argsort(first)
    blocks = [distinct[order[start : start + BLOCK]].tolist() for start in range(0, len(order), BLOCK)]
    born = owners[first[order]]
    known = np.zeros(_packages(population).contents, bool)
    counted = list[_Counted]()
    for number, made in enumerate(spread(partial(block, population), blocks), start=1):
        counted.append(_count(made, known))
        if progress is not None:
            last = min(number * BLOCK, len(born)) - 1
            progress(int(born[last]) + 1, images, "counting files")
    sizes, used_files, used, new_files, new = (
        np.concatenate([getattr(one, name) for one in counted])
        for name in ("sizes", "files", "bytes", "new_files", "new_bytes")
    )
    place_of = np.empty(len(order), np.int64)
    place_of[order] = np.arange(len(order))
    sent = sizes[place_of[where]]
    found = []
    for stop in sorted({images} if at is None else set(at)):
        layers, references = (int(np.searchsorted(of, stop)) for of in (born, owners))
        found.append(Census(
            stop,
            Share(int(sent[:references].sum()), int(sizes[:layers].sum()), references, layers),
            Share(*(int(of[:layers].sum()) for of in (used, new, used_files, new_files))),
        ))
    return tuple(found)


def _references(population: Population, images: int) -> tuple[Numbers, Numbers]:
    """Return all layers of all images in order: the image's number and the layer's place."""
    import numpy as np

    bits = _draw(np.uint64(stream(population, "image")), np.arange(images))
    counts = np.maximum(1, _pick(population.layers.table, bits))
    bases = _pick(zipf(population.bases, population.base_exponent), _mix(bits))
    chosen = _draw(np.uint64(stream(population, "base")), bases) >> np.uint64(32)
    depths = 1 + (chosen * np.uint64(population.base_layers) >> np.uint64(32)).astype(np.int64)
    owners, steps = _stepped(counts)
    below = np.minimum(counts, depths)[owners]
    of_base = BASES_AT + bases[owners] * PLACES + steps
    return owners, np.where(steps < below, of_base, owners * PLACES + steps - below)


@dataclass(frozen=True, slots=True)
class Runs:
    """The files of a block's layers.

    Attributes
    ----------
    sizes : array of int64
        Bytes of each layer's blob.
    own_files, own_bytes : array of int64
        Of each layer: the files that no other has.
    layers, starts, counts, each : array of int64
        Of each run of a package: its layer's place in the block, the number of its first content (the others follow),
        its files, and the bytes of each.
    """

    sizes: Numbers
    own_files: Numbers
    own_bytes: Numbers
    layers: Numbers
    starts: Numbers
    counts: Numbers
    each: Numbers


def block(population: Population, places: Sequence[int]) -> Runs:
    """Make the layers at some places: a task that any worker can do."""
    import numpy as np

    keys = _draw(np.uint64(stream(population, "layer")), np.array(places, np.int64))
    large, sizes = _blobs(population, keys)
    tars = sizes * _pick(population.ratio.table, _draw(keys, 2)) // 100
    own = round(population.own * 1000) * tars // 1000
    counts = np.where(large, _installed(population, tars - own), 0)
    own = np.where(counts > 0, own, tars)
    own_files = 1 + own // OWN_FILE
    layers, ranks, versions = _drawn(population, keys, counts)
    packages = _packages(population)
    stay, change = packages.stay[ranks], packages.change[ranks]
    starts = np.concatenate([packages.stay_at[ranks], packages.change_at[ranks] + versions * change])
    return Runs(
        sizes, own_files, own // own_files * own_files, np.concatenate([layers, layers]), starts,
        np.concatenate([stay, change]), np.concatenate([packages.stay_size[ranks], packages.change_size[ranks]]),
    )


def _blobs(population: Population, keys: Words) -> tuple[numpy.ndarray[Any, numpy.dtype[numpy.bool_]], Numbers]:
    """Return of each layer whether it is large, and its blob's bytes."""
    import numpy as np

    large = (_draw(keys, 0) >> np.uint64(32)) < np.uint64(int(population.large * 2**32))
    bits = _draw(keys, 1)
    drawn = np.where(large, _pick(population.large_size.table, bits), _pick(population.small_size.table, bits))
    return large, np.maximum(1, drawn)


def layer_share(population: Population, images: int) -> Share:
    """Return what the layers of the first images share: `Census.layers`, without making their files."""
    import numpy as np

    _, places = _references(population, images)
    distinct, counts = np.unique(places, return_counts=True)
    _, sizes = _blobs(population, _draw(np.uint64(stream(population, "layer")), distinct))
    return Share(int((sizes * counts).sum()), int(sizes.sum()), len(places), len(distinct))


def _installed(population: Population, room: Numbers) -> Numbers:
    import numpy as np

    sizes, counts = (np.array(one, np.int64) for one in fill(population))
    at = np.minimum(np.searchsorted(sizes, room, "right"), len(sizes) - 1) - 1
    grown = (room - sizes[at]) * (counts[at + 1] - counts[at]) // (sizes[at + 1] - sizes[at])
    found: Numbers = np.minimum(counts[-1], counts[at] + grown)
    return found


def _drawn(population: Population, keys: Words, counts: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """Return of each package in each layer: the layer's place in the block, the package's rank, its version."""
    import numpy as np

    layers, steps = _stepped(counts)
    at = FIRST_PACKAGE + 2 * steps
    ranks = _pick(zipf(population.packages, population.exponent), _draw(keys[layers], at))
    # The first of equal ones, as the plain way has it.
    _, kept = np.unique(layers * population.packages + ranks, return_index=True)
    bits = _draw(keys[layers[kept]], at[kept] + 1)
    return layers[kept], ranks[kept], _pick(zipf(population.versions, population.version_exponent), bits)


@dataclass(frozen=True, slots=True)
class _Packages:
    """Of each package, by rank: files that stay and files that change, where their contents' numbers start, sizes."""

    stay: Numbers
    change: Numbers
    stay_at: Numbers
    change_at: Numbers
    stay_size: Numbers
    change_size: Numbers
    contents: int


@cache
def _packages(population: Population) -> _Packages:
    import numpy as np

    keys = _draw(np.uint64(stream(population, "package")), np.arange(population.packages))
    files = 1 + _pick(population.files.table, _draw(keys, 0))
    change = 1 + files // CHANGING
    stay = files - change
    stay_end, change_end = np.cumsum(stay), np.cumsum(change * population.versions)
    return _Packages(
        stay, change, stay_end - stay, int(stay_end[-1]) + change_end - change * population.versions,
        _pick(population.small_file.table, _draw(keys, 1)), _pick(population.big_file.table, _draw(keys, 2)),
        int(stay_end[-1] + change_end[-1]),
    )


@dataclass(frozen=True, slots=True)
class _Counted:
    """Of each layer of a block: its blob's bytes, its files and their bytes, and what of them is new."""

    sizes: Numbers
    files: Numbers
    bytes: Numbers
    new_files: Numbers
    new_bytes: Numbers


def _count(made: Runs, known: numpy.ndarray[Any, numpy.dtype[numpy.bool_]]) -> _Counted:
    """Look every file of a block up among the contents that are known, and make it known."""
    import numpy as np

    layers = len(made.sizes)
    order = np.argsort(made.layers, kind="stable")
    of, starts, counts, each = (column[order] for column in (made.layers, made.starts, made.counts, made.each))
    ends = np.cumsum(counts)
    new_files, new_bytes = made.own_files.copy(), made.own_bytes.copy()
    begin = 0
    while begin < len(of):
        end = max(begin + 1, int(np.searchsorted(ends, (ends[begin - 1] if begin else 0) + FILES)))
        run, step = _stepped(counts[begin:end])
        files = starts[begin:end][run] + step
        fresh = np.flatnonzero(~known[files])
        contents, at = np.unique(files[fresh], return_index=True)
        known[contents] = True
        new = run[fresh[at]] + begin
        new_files += _sums(of[new], np.ones(len(new), np.int64), layers)
        new_bytes += _sums(of[new], each[new], layers)
        begin = end
    return _Counted(
        made.sizes, made.own_files + _sums(of, counts, layers), made.own_bytes + _sums(of, counts * each, layers),
        new_files, new_bytes,
    )


def _sums(of: Numbers, values: Numbers, count: int) -> Numbers:
    import numpy as np

    # In floats, which are exact below 2**53: 9 PB.
    return np.bincount(of, values, count).astype(np.int64)


def _stepped(counts: Numbers) -> tuple[Numbers, Numbers]:
    """Return 0, 0, 1, 1, 1 and 0, 1, 0, 1, 2 for the counts 2, 3."""
    import numpy as np

    which = np.repeat(np.arange(len(counts)), counts)
    return which, np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts)


def _mix(values: Words) -> Words:
    import numpy as np

    for shift, factor in MIX:
        values = (values ^ (values >> np.uint64(shift))) * np.uint64(factor)
    return values ^ (values >> np.uint64(31))


def _draw(keys: Any, places: Any) -> Words:
    import numpy as np

    return _mix(keys + np.asarray(places, np.uint64) * np.uint64(GOLDEN))


def _pick(table: Table, bits: Words) -> Numbers:
    import numpy as np

    cuts = np.array(table, np.uint64)
    part = (bits >> np.uint64(64 - PARTS_BITS)).astype(np.intp)
    low = cuts[part]
    return (low + ((cuts[part + 1] - low) * (bits & np.uint64(0xFFFFFFFF)) >> np.uint64(32))).astype(np.int64)

"""What a population's layers are expected to share, computed instead of drawn: for as many layers as a whole hub has.

A content is in a layer with a chance q, and the layers are drawn alike, so of L layers at least one has it with the
chance 1 - (1 - q)**L: the sum over all contents is what is kept. The parts of a popularity's table have one q each, so
a million packages are some thousands of terms.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from math import expm1

from .draws import PARTS, Table, middles, zipf
from .population import Population
from .synthetic import CHANGING, OWN_FILE, SyntheticLayer, installed, own_bytes, popularity

_FINE, _COARSE = 8, 256
"""Steps through the tables of sizes and of ratios: 512 sizes by 16 ratios are tried."""


@dataclass(frozen=True, slots=True)
class Expected:
    """Means over all collections of so many distinct layers.

    Attributes
    ----------
    layers : int
    ratio : float
        Bytes of all files over bytes of the distinct ones.
    unique : float
        Distinct files over all files.
    """

    layers: int
    ratio: float
    unique: float


@dataclass(frozen=True, slots=True)
class _Layer:
    """The mean layer: own files and bytes; of each group of packages how many there are, and the chance of each."""

    own_files: float
    own_bytes: float
    chances: tuple[tuple[int, float], ...]


def expected(population: Population, layers: int) -> Expected:
    """Return what so many distinct layers of a population share.

    Examples
    --------
    >>> from sim.dedup.corpus.population import HUB_2017
    >>> few, many = (expected(HUB_2017, count).ratio for count in (100, 10_000))
    >>> 1 < few < many
    True
    """
    mean = _layer(population)
    stay, change, small, big = _package(population)
    kinds = _weights(zipf(population.versions, population.version_exponent))
    used = sum(count * chance for count, chance in mean.chances)
    kept = _kept(mean, layers, 1.0) / layers
    changed = sum(_kept(mean, layers, weight) for weight in kinds) / layers
    total = used * (stay * small + change * big) + mean.own_bytes
    unique = kept * stay * small + changed * change * big + mean.own_bytes
    files = used * (stay + change) + mean.own_files
    return Expected(layers, total / unique, (kept * stay + changed * change + mean.own_files) / files)


def _kept(mean: _Layer, layers: int, weight: float) -> float:
    return sum(count * -expm1(-layers * chance * weight) for count, chance in mean.chances)


@cache
def _layer(population: Population) -> _Layer:
    sizes, ratios = population.large_size.table, population.ratio.table
    tried = [
        SyntheticLayer(0, size, size * ratio // 100, True)
        for size in middles(sizes)[::_FINE] for ratio in middles(ratios)[_COARSE // 2 :: _COARSE]
    ]
    counts = [installed(population, one) for one in tried]
    owned = [own_bytes(population, one) if count else one.tar for one, count in zip(tried, counts, strict=True)]
    small = 1 - population.large
    small_bytes = _mean(middles(population.small_size.table)) * _mean(middles(ratios)) / 100
    drawn = Counter(counts)
    return _Layer(
        population.large * _mean([1 + own // OWN_FILE for own in owned]) + small,
        population.large * _mean(owned) + small * small_bytes,
        tuple(
            (ranks, population.large * sum(n * (1 - (1 - chance) ** count) for count, n in drawn.items()) / len(tried))
            for ranks, chance in _grouped(popularity(population))
        ),
    )


def _grouped(chances: list[tuple[int, float]]) -> list[tuple[int, float]]:
    """Join neighbours whose chances are nearly the same: fewer terms, the same sum to four digits."""
    found: list[tuple[int, float]] = []
    for ranks, chance in chances:
        if found and found[-1][1] < 1.02 * chance and found[-1][0] > 1:
            count, mass = found[-1][0] + ranks, found[-1][0] * found[-1][1] + ranks * chance
            found[-1] = count, mass / count
        else:
            found.append((ranks, chance))
    return found


def _package(population: Population) -> tuple[float, float, float, float]:
    """Return the mean package: files that stay, files that change, and the bytes of one of each."""
    files = [1 + number for number in middles(population.files.table)]
    change = _mean([1 + number // CHANGING for number in files])
    small, big = (_mean(middles(shape.table)) for shape in (population.small_file, population.big_file))
    return _mean(files) - change, change, small, big


def _weights(table: Table) -> list[float]:
    found = Counter(low for low, _ in pairwise(table))
    return [count / PARTS for count in found.values()]


def _mean(values: list[int]) -> float:
    return sum(values) / len(values)

"""Draws: numbers that look drawn by lot and are a function of (seed, stream, place): the same on every machine.

SplitMix64's finaliser (Steele, Lea and Flood, OOPSLA '14) mixes 64 bits so that neighbours have nothing in common. A
number needs no number before it: any image of a population can be made alone, on any worker.

Shapes are tables of quantiles: 2**12 + 1 whole numbers that cut a distribution into parts of equal weight. A draw picks
a part by 12 bits and a place in it by 32 others, in whole numbers alone, so numpy's answer is the plain one, bit for
bit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from itertools import pairwise
from math import exp, log
from statistics import NormalDist
from typing import TypeVar

T = TypeVar("T")

MASK = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15
MIX = ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB))
PARTS_BITS = 12
PARTS = 1 << PARTS_BITS

Table = tuple[int, ...]
"""Quantiles, `PARTS` + 1 of them, ascending."""


def mix(value: int) -> int:
    """Return 64 bits that depend on all bits of a number."""
    value &= MASK
    for shift, factor in MIX:
        value = (value ^ (value >> shift)) * factor & MASK
    return value ^ (value >> 31)


def draw(key: int, place: int) -> int:
    """Return the 64 bits at a place of the stream that a key names.

    Examples
    --------
    >>> draw(0, 1) == 0xe220a8397b1dcdaf  # the first number of SplitMix64 with seed 0
    True
    """
    return mix(key + place * GOLDEN)


def below(bits: int, limit: int) -> int:
    """Return a number from 0 to `limit` - 1, from the upper 32 of 64 bits; `limit` is at most 2**32."""
    return (bits >> 32) * limit >> 32


def pick(table: Table, bits: int) -> int:
    """Return a draw of a table's distribution.

    Examples
    --------
    >>> pick(tuple(range(0, 2 * PARTS + 1, 2)), MASK)
    8191
    """
    part = bits >> (64 - PARTS_BITS)
    low, high = table[part], table[part + 1]
    return low + ((high - low) * (bits & 0xFFFFFFFF) >> 32)


def shuffled(items: Sequence[T], seed: int) -> list[T]:
    """Return things in an order drawn by a seed.

    Examples
    --------
    >>> sorted(shuffled("abc", 1)), shuffled("abc", 1) == shuffled("abc", 1)
    (['a', 'b', 'c'], True)
    """
    key = mix(seed)
    places = sorted(range(len(items)), key=lambda place: draw(key, place))
    return [items[place] for place in places]


def table(quantile: Callable[[float], float], most: int) -> Table:
    """Return a distribution's table, from its quantile function; it ends with `most`, 2**31 or less."""
    shares = [0.5 / PARTS, *(part / PARTS for part in range(1, PARTS))]
    return (*(min(most, max(0, round(quantile(share)))) for share in shares), most)


def middles(table: Table) -> list[int]:
    """Return the middle of each part: their mean is the mean of the draws."""
    return [(low + high) // 2 for low, high in pairwise(table)]


@cache
def lognormal(median: float, sigma: float, most: int) -> Table:
    """Return the table of a lognormal distribution."""
    middle, spread = log(median), NormalDist(0, sigma)
    return table(lambda share: exp(middle + spread.inv_cdf(share)), most)


@cache
def zipf(ranks: int, exponent: float) -> Table:
    """Return the table of ranks 0 to `ranks` - 1 whose popularity falls as a power of the rank (not 1).

    Examples
    --------
    >>> found = zipf(1000, 1.3)
    >>> found[0], found[-1], found[PARTS // 2] < 10
    (0, 1000, True)
    """
    power = 1 - exponent
    end = (ranks + 1) ** power
    return (0, *(int((1 + share / PARTS * (end - 1)) ** (1 / power)) - 1 for share in range(1, PARTS)), ranks)

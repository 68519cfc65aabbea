"""Replay: requests in their order against a cache that holds so many objects, cold at the start.

    LRU           drops what was not asked for the longest
    FIFO          drops what came first, asked for or not
    LFU           drops what was asked for the fewest times while it was in the cache, the oldest of them
    BEST          drops what will not be asked for the longest: nobody knows that, and nothing hits more (Belady, 1966)

An object counts one, whatever its size. With room for all objects every policy misses each object once.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from heapq import heappop, heappush

SHARES = (0.01, 0.05, 0.1, 0.2, 1.0)
"""Sizes of caches, as shares of the distinct objects: those of the published tables."""


class Policy(StrEnum):
    """What a full cache drops."""

    LRU = "lru"
    FIFO = "fifo"
    LFU = "lfu"
    BEST = "best"


@dataclass(frozen=True, slots=True)
class Replay:
    """What a cache made of a trace.

    Attributes
    ----------
    policy : Policy
    capacity : int
        Objects that it holds.
    requests, hits : int
    """

    policy: Policy
    capacity: int
    requests: int
    hits: int

    @property
    def hit_ratio(self) -> float:
        """Hits over requests; 0 for an empty trace."""
        return self.hits / self.requests if self.requests else 0.0


@dataclass(frozen=True, slots=True)
class Popularity:
    """How often a trace's objects are asked for.

    Attributes
    ----------
    counts : tuple of int
        Requests of each object, the most popular first.
    """

    counts: tuple[int, ...]

    @property
    def requests(self) -> int:
        """All of them."""
        return sum(self.counts)

    def top(self, share: float) -> float:
        """Return which share of the requests the most popular objects get, `share` of all objects, rounded down."""
        return sum(self.counts[: int(share * len(self.counts))]) / self.requests if self.counts else 0.0


def popularity(trace: Iterable[Hashable]) -> Popularity:
    """Count a trace.

    Examples
    --------
    >>> popularity("abacabad").counts
    (4, 2, 1, 1)
    """
    return Popularity(tuple(sorted(Counter(trace).values(), reverse=True)))


def capacities(distinct: int, shares: Sequence[float] = SHARES) -> tuple[int, ...]:
    """Return caches' sizes as shares of the distinct objects, rounded down, at least 1."""
    return tuple(max(1, int(share * distinct)) for share in shares)


def replay(trace: Sequence[Hashable], capacity: int, policy: Policy = Policy.LRU) -> Replay:
    """Send a trace through a cache.

    Parameters
    ----------
    trace : sequence of hashable
        What is asked for, in order.
    capacity : int
        Objects that the cache holds, at least 1.
    policy : Policy

    Raises
    ------
    ValueError
        A cache of no objects.

    Examples
    --------
    >>> [replay("abcabcab", 2, policy).hits for policy in Policy]
    [0, 0, 0, 3]
    """
    if capacity < 1:
        raise ValueError(f"a cache holds one object at least, not {capacity}")
    return Replay(policy, capacity, len(trace), _HITS[policy](trace, capacity))


def replays(
    trace: Sequence[Hashable], shares: Sequence[float] = SHARES, policy: Policy = Policy.LRU
) -> tuple[Replay, ...]:
    """Send a trace through caches of several sizes, each a share of its distinct objects."""
    return tuple(replay(trace, capacity, policy) for capacity in capacities(len(set(trace)), shares))


def _lru(trace: Sequence[Hashable], capacity: int) -> int:
    cache: OrderedDict[Hashable, None] = OrderedDict()
    touch, drop = cache.move_to_end, cache.popitem
    misses = 0
    for name in trace:
        if name in cache:
            touch(name)
        else:
            misses += 1
            cache[name] = None
            if misses > capacity:
                drop(last=False)
    return len(trace) - misses


def _fifo(trace: Sequence[Hashable], capacity: int) -> int:
    cache: OrderedDict[Hashable, None] = OrderedDict()
    misses = 0
    for name in trace:
        if name not in cache:
            misses += 1
            cache[name] = None
            if misses > capacity:
                cache.popitem(last=False)
    return len(trace) - misses


def _lfu(trace: Sequence[Hashable], capacity: int) -> int:
    """Keep for each count the names that have it, the longest unasked first."""
    counts: dict[Hashable, int] = {}
    names: dict[int, OrderedDict[Hashable, None]] = {}
    hits = least = 0
    for name in trace:
        count = counts.pop(name, 0)
        if count:
            hits += 1
            del names[count][name]
            if least == count and not names[count]:
                least += 1
        else:
            if len(counts) == capacity:
                dropped, _ = names[least].popitem(last=False)
                del counts[dropped]
            least = 1
        counts[name] = count + 1
        names.setdefault(count + 1, OrderedDict())[name] = None
    return hits


def _best(trace: Sequence[Hashable], capacity: int) -> int:
    never = len(trace)
    following = [never] * len(trace)
    last: dict[Hashable, int] = {}
    for place in range(len(trace) - 1, -1, -1):
        following[place] = last.get(trace[place], never)
        last[trace[place]] = place
    cache: dict[Hashable, int] = {}
    # The farthest next request first; an entry counts while the cache agrees with it.
    farthest: list[tuple[int, int, Hashable]] = []
    hits = 0
    for place, name in enumerate(trace):
        if name in cache:
            hits += 1
        elif len(cache) == capacity:
            while cache.get(farthest[0][2]) != -farthest[0][0]:
                heappop(farthest)
            del cache[heappop(farthest)[2]]
        cache[name] = following[place]
        heappush(farthest, (-following[place], place, name))
    return hits


_HITS = {Policy.LRU: _lru, Policy.FIFO: _fifo, Policy.LFU: _lfu, Policy.BEST: _best}

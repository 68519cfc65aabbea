"""Cutting with numpy: the hash of every place at once, then a walk from cut to cut.

A gear hash is a sum over the bytes before a place, the older the further shifted. Two sums make a longer one:

    h1[i] = GEAR[b[i]]      h2[i] = h1[i] + (h1[i-1] << 1)      h4[i] = h2[i] + (h2[i-2] << 2)      ...      h64

Six steps, and every place has the hash over its last 64 bytes, all that 64 bits can hold. A chunk's own hash
starts anew behind `min_size`, so it is another one until it has seen as many bytes as the mask has bits: these few
places are rolled by the plain engine. A Rabin fingerprint is the exclusive or of a table's entry for each byte of the
window; its window lies inside the chunk from the start.

numpy is imported when an engine is made: the module itself works, and costs nothing, without.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from .plain import Gear, Stepwise
from .rule import GEAR, WINDOW, Cutter, Method, Rule, rabin_powers

if TYPE_CHECKING:
    import numpy

    _Words = numpy.ndarray[Any, numpy.dtype[numpy.uint64]]
    _Bytes = numpy.ndarray[Any, numpy.dtype[numpy.uint8]]

BLOCK = 1 << 15
"""Places that are hashed at once: what is worked on stays in the cache."""


def vector(rule: Rule) -> Cutter:
    """Return the numpy engine for a rule of content-defined chunks; `ImportError` where it is not installed."""
    return _VectorRabin(rule) if rule.method is Method.RABIN else _VectorGear(rule)


class _VectorGear(Gear):
    def __init__(self, rule: Rule) -> None:
        import numpy as np

        super().__init__(rule)
        self._np = np
        self._gear = np.array(GEAR, np.uint64)
        self._masks = frozenset((rule.small, rule.large))
        self._warm = max(mask.bit_length() for mask in self._masks) - 1
        self._places: dict[int, list[int]] = {}
        self._origin = 0

    def split(self, data: memoryview, last: int) -> list[memoryview]:
        self._places = self._matches(self._np.frombuffer(data, self._np.uint8))
        return super().split(data, last)

    def scan(
        self, data: memoryview, start: int, stop: int, mask: int, state: int = 0
    ) -> tuple[int | None, int]:
        if start - self._origin < self._warm:
            found, state = super().scan(data, start, min(stop, self._origin + self._warm), mask, state)
            if found is not None:
                return found, state
            start = min(stop, self._origin + self._warm)
        places = self._places[mask]
        at = bisect_left(places, start)
        found = places[at] if at < len(places) and places[at] < stop else None
        return found, state

    def next(self, data: memoryview, at: int, end: int) -> int:
        self._origin = at + self.rule.min_size // 2 * 2
        return super().next(data, at, end)

    def _matches(self, data: _Bytes) -> dict[int, list[int]]:
        np = self._np
        found: dict[int, list[int]] = {mask: [] for mask in self._masks}
        for start, hashes in _blocks(data, self._hashed):
            for mask, places in found.items():
                places += (np.flatnonzero((hashes & np.uint64(mask)) == 0) + start).tolist()
        return found

    def _hashed(self, data: _Bytes) -> _Words:
        hashes = self._gear[data.astype(self._np.intp)]
        for step in (1, 2, 4, 8, 16, 32):
            hashes[step:] += hashes[:-step] << self._np.uint64(step)
        return hashes


class _VectorRabin(Stepwise):
    def __init__(self, rule: Rule) -> None:
        import numpy as np

        super().__init__(rule)
        self._np = np
        self._tables = np.array(rabin_powers(WINDOW), np.uint64)
        self._places: list[int] = []

    def split(self, data: memoryview, last: int) -> list[memoryview]:
        np, mask = self._np, self._np.uint64(self.rule.small)
        self._places = []
        for start, prints in _blocks(np.frombuffer(data, np.uint8), self._hashed):
            self._places += (np.flatnonzero((prints & mask) == mask) + start + 1).tolist()
        return super().split(data, last)

    def next(self, data: memoryview, at: int, end: int) -> int:
        if end - at <= self.rule.min_size:
            return end
        near = bisect_left(self._places, at + self.rule.min_size)
        return min(end, self._places[near]) if near < len(self._places) else end

    def _hashed(self, data: _Bytes) -> _Words:
        np = self._np
        # numpy looks up by machine words: made once, and not by every look-up.
        values = data.astype(np.intp)
        prints: _Words = np.zeros(len(data), np.uint64)
        for back in range(min(WINDOW, len(data))):
            prints[back:] ^= self._tables[back][values[: len(data) - back]]
        return prints


def _blocks(data: _Bytes, hashed: Callable[[_Bytes], _Words]) -> Iterator[tuple[int, _Words]]:
    """Yield the hashes of a stream's places block by block, each with the place of its first."""
    for start in range(0, len(data), BLOCK):
        before = min(start, WINDOW - 1)
        yield start, hashed(data[start - before : start + BLOCK])[before:]

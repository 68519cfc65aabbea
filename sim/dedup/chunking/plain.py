"""Cutting with the standard library alone: what the definition says, byte by byte."""

from __future__ import annotations

from abc import abstractmethod

from .rule import DEGREE, GEAR, WINDOW, Cutter, Method, Rule, rabin_powers, reduced


def plain(rule: Rule) -> Cutter:
    """Return the plain engine for a rule."""
    if rule.method is Method.FIXED:
        return Fixed(rule)
    return Rabin(rule) if rule.method is Method.RABIN else Gear(rule)


class Stepwise(Cutter):
    """Finds one cut after the other."""

    def split(self, data: memoryview, last: int) -> list[memoryview]:
        at, size, reach, found = 0, len(data), self.rule.max_size, []
        while at <= last and at < size:
            end = self.next(data, at, min(at + reach, size))
            found.append(data[at:end])
            at = end
        return found

    @abstractmethod
    def next(self, data: memoryview, at: int, end: int) -> int:
        """Return where the chunk from `at` ends, `end` at the latest."""


class Fixed(Stepwise):
    """Blocks of one size; the last is what is left."""

    def next(self, data: memoryview, at: int, end: int) -> int:
        return end


class Gear(Stepwise):
    """FastCDC, and Gear as its case of one mask."""

    def __init__(self, rule: Rule) -> None:
        super().__init__(rule)
        self._small, self._large = rule.small, rule.large
        width = max(self._small.bit_length(), self._large.bit_length())
        # What is above the masks' highest bit never comes down again: short integers are quick ones.
        self._keep = (1 << (width - 1)) - 1
        self._table = tuple(number & ((1 << width) - 1) for number in GEAR)

    def next(self, data: memoryview, at: int, end: int) -> int:
        rule = self.rule
        if end - at <= rule.min_size:
            return end
        # Even counts: the compiled versions roll two bytes a step.
        start, stop = at + rule.min_size // 2 * 2, at + (end - at) // 2 * 2
        middle = min(at + rule.avg_size // 2 * 2, stop)
        found, state = self.scan(data, start, middle, self._small)
        if found is None:
            found, _ = self.scan(data, middle, stop, self._large, state)
        return end if found is None else found

    def scan(
        self, data: memoryview, start: int, stop: int, mask: int, state: int = 0
    ) -> tuple[int | None, int]:
        """Roll the hash from `start`; return the first place where it has no ones in `mask`, and the hash."""
        keep, table = self._keep, self._table
        for place, byte in enumerate(bytes(data[start:stop]), start):
            state = ((state & keep) << 1) + table[byte]
            if not state & mask:
                return place, state
        return None, state


class Rabin(Stepwise):
    """Polynomial fingerprints of the last `WINDOW` bytes."""

    def __init__(self, rule: Rule) -> None:
        super().__init__(rule)
        # What the byte that leaves has become, and what the top byte comes down as when all are shifted.
        self._leaving = rabin_powers(WINDOW)[-1]
        self._folded = tuple((top << DEGREE) ^ reduced(top << DEGREE) for top in range(256))

    def next(self, data: memoryview, at: int, end: int) -> int:
        rule = self.rule
        if end - at <= rule.min_size:
            return end
        first = at + rule.min_size - WINDOW
        window = bytes(data[first:end])
        leaving, folded, mask, top = self._leaving, self._folded, rule.small, DEGREE - 8
        state = 0
        for byte in window[: WINDOW - 1]:
            state = (state << 8 | byte) ^ folded[state >> top]
        for place, byte in enumerate(window[WINDOW - 1 :]):
            state = (state << 8 | byte) ^ folded[state >> top]
            # All ones, not all zeros: a run of zero bytes shall not be cut at every place.
            if state & mask == mask:
                return first + WINDOW + place
            state ^= leaving[window[place]]
        return end

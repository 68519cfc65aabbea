"""Rules: where a chunk ends, as data.

    min_size        avg_size                                     max_size
    |...............|............................................|
      never a cut     FastCDC: a cut where the hash has zeros in     always a cut
      (not hashed)      many bits (`small`) before the average size,
                        few bits (`large`) from it on

FastCDC (Xia et al., USENIX ATC '16; IEEE TPDS 2020) rolls a gear hash: ``h = (h << 1) + GEAR[byte]`` modulo 2**64.
Bit k of it depends on the last k + 1 bytes, so masks with ones up to bit 47 look at 48 bytes. NORMALISATION makes
a cut harder before the average size and easier after it, by `level` bits each, so sizes gather around the
average. The hash starts at 0 behind `min_size`, and a chunk ends BEFORE the byte that completed the pattern: both are
what destor, fastcdc-rs and pyfastcdc do, whose cuts these are.

GEAR alone (Xia et al., Performance Evaluation 2014) has one mask, of the hash's highest bits. RABIN (Broder 1993; LBFS,
SOSP '01) takes the last `WINDOW` bytes as a polynomial over GF(2) modulo `POLYNOMIAL`, and a chunk ends BEHIND the
byte that completed the pattern.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate
from math import floor, log2
from typing import Self

from ...content.sizes import human_size
from ...errors import SimError

GEAR = tuple(int.from_bytes(hashlib.md5(bytes([byte]) * 64).digest()[:8], "big") for byte in range(256))
"""A random number for each byte: the head of the MD5 of 64 times that byte, as in the authors' own code (destor)."""

MASKS = {
    5: 0x0000000001804110, 6: 0x0000000001803110, 7: 0x0000000018035100, 8: 0x0000001800035300,
    9: 0x0000019000353000, 10: 0x0000590003530000, 11: 0x0000D90003530000, 12: 0x0000D90103530000,
    13: 0x0000D90303530000, 14: 0x0000D90313530000, 15: 0x0000D90F03530000, 16: 0x0000D90303537000,
    17: 0x0000D90703537000, 18: 0x0000D90707537000, 19: 0x0000D91707537000, 20: 0x0000D91747537000,
    21: 0x0000D91767537000, 22: 0x0000D93767537000, 23: 0x0000D93777537000, 24: 0x0000D93777577000,
    25: 0x0000DB3777577000,
}  # fmt: skip
"""Masks with so many ones, spread out: the paper's for 8 KiB (11, 13), the rest as fastcdc-rs has them. They are part
of the format: other masks, other cuts."""

POLYNOMIAL = 0x3DA3358B4DC173
"""Irreducible over GF(2), of degree 53 (the one in restic's documentation)."""
DEGREE = 53
WINDOW = 64


class Method(StrEnum):
    """How a stream is cut."""

    FIXED = "fixed"
    FASTCDC = "fastcdc"
    GEAR = "gear"
    RABIN = "rabin"


_BOUNDS = {"smallest": (64, 1 << 20), "average": (256, 4 << 20), "largest": (1024, 16 << 20)}


@dataclass(frozen=True, slots=True)
class Rule:
    """A method and its sizes in bytes; make it with `of`.

    Attributes
    ----------
    method : Method
    avg_size : int
        The nominal average, or the size of fixed blocks. The mean of real chunks is larger by about `min_size`
        less what `max_size` cuts off: 1.2 times for FastCDC as it is by default.
    min_size, max_size : int
    level : int
        Bits of normalisation, 0 to 3 (FastCDC).
    """

    method: Method
    avg_size: int
    min_size: int
    max_size: int
    level: int

    @classmethod
    def of(
        cls, method: Method | str = Method.FASTCDC, avg_size: int = 8192, *,
        min_size: int | None = None, max_size: int | None = None, level: int = 1,
    ) -> Self:
        """Return a rule; a quarter and four times the average are the bounds where none are given.

        Raises
        ------
        SimError
            Sizes out of bounds or order.

        Examples
        --------
        >>> rule = Rule.of("fastcdc", 8192)
        >>> rule.min_size, rule.max_size, f"{rule.small:#x}", f"{rule.large:#x}"
        (2048, 32768, '0xd90313530000', '0xd90103530000')
        """
        kind = Method(method)
        if kind is Method.FIXED:
            _check("average", avg_size)
            return cls(kind, avg_size, avg_size, avg_size, 0)
        low = max(avg_size // 4, 64) if min_size is None else min_size
        high = max(avg_size * 4, 1024) if max_size is None else max_size
        # The average comes first: where it alone is given, it is what to mend.
        for name, size in (("average", avg_size), ("smallest", low), ("largest", high)):
            _check(name, size)
        if not low <= avg_size <= high or not 0 <= level <= 3:
            raise SimError(
                f"chunks of {low} to {high} bytes, {avg_size} on average, level {level}",
                hint="the average lies between the bounds, the level is 0 to 3",
            )
        return cls(kind, avg_size, low, high, level if kind is Method.FASTCDC else 0)

    @property
    def bits(self) -> int:
        """Ones in a mask that fits once in `avg_size` positions."""
        return floor(log2(self.avg_size) + 0.5)

    @property
    def small(self) -> int:
        """The mask before the average size."""
        return self._mask(self.bits + self.level)

    @property
    def large(self) -> int:
        """The mask from the average size on."""
        return self._mask(self.bits - self.level)

    def _mask(self, ones: int) -> int:
        if self.method is Method.FASTCDC:
            return MASKS[ones]
        low = (1 << ones) - 1
        return low if self.method is Method.RABIN else low << (64 - ones)

    def __str__(self) -> str:
        size = human_size(self.avg_size)
        if self.method is Method.FIXED:
            return f"{self.method}, {size} each"
        return f"{self.method}, {size} on average ({human_size(self.min_size)} to {human_size(self.max_size)})"


def _check(name: str, size: int) -> None:
    low, high = _BOUNDS[name]
    if not low <= size <= high:
        raise SimError(f"the {name} chunk cannot have {size} bytes", hint=f"give {low} to {high}")


class Cutter(ABC):
    """Cuts bytes into chunks.

    Attributes
    ----------
    rule : Rule
    """

    def __init__(self, rule: Rule) -> None:
        self.rule = rule

    @abstractmethod
    def split(self, data: memoryview, last: int) -> list[memoryview]:
        """Return the chunks of `data`, which begins where a chunk does, that start at `last` or before.

        A chunk's end depends on the `max_size` bytes from its start, and on nothing before it. So where more bytes may
        follow, those chunks are decided that start `max_size` bytes before the end of the data or earlier.
        """

    def cuts(self, data: bytes) -> list[int]:
        """Return the ends of all chunks of `data`."""
        return list(accumulate(map(len, self.split(memoryview(data), len(data) - 1))))


def rabin_powers(count: int) -> tuple[tuple[int, ...], ...]:
    """Return for each j below `count` a table: byte b times x**(8 j) modulo `POLYNOMIAL`."""
    tables = [tuple(range(256))]
    for _ in range(1, count):
        tables.append(tuple(reduced(value << 8) for value in tables[-1]))
    return tuple(tables)


def reduced(value: int) -> int:
    """Return a polynomial modulo `POLYNOMIAL`.

    Examples
    --------
    >>> reduced(POLYNOMIAL), reduced(POLYNOMIAL ^ 5)
    (0, 5)
    """
    while value >> DEGREE:
        value ^= POLYNOMIAL << (value.bit_length() - 1 - DEGREE)
    return value

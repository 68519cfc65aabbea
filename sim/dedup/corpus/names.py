"""A set of names in a database, however many: asking about some costs those, not the others.

    page 0   the names whose first bits are 00000000     one value a page: names side by side, and their CRC-32
    page 1   the names whose first bits are 00000001
    ...

A name is on the one page that its first bits number. When pages have come to `PAGE` names on average there are twice
as many, so a page stays small: asked about a name the set reads one page, and to take the name it writes that page.
"""

from __future__ import annotations

import sqlite3
import zlib
from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from struct import iter_unpack

KEPT = 10
"""Bytes of a name that tell it from others: of 2**32 different ones two have them in common once in 2**17 times."""
PAGE = 128
_LEAST_BITS, _MOST_BITS = 8, 32


class BrokenNames(Exception):
    """What is stored cannot be true; the words say where."""


class Names:
    """A set of names that are evenly spread, as the first bytes of hashes are; each has `KEPT` bytes or more.

    Parameters
    ----------
    database : sqlite3.Connection
    table : str
        Made by `prepare`, and written in whatever transaction is under way.
    count : int
        How many names there are.

    Examples
    --------
    >>> names = Names(sqlite3.connect(":memory:"), "seen", 0)
    >>> names.prepare()
    >>> names.add([b"first name"]), names.add([b"first name", b"other name"])
    ([b'first name'], [b'other name'])
    """

    def __init__(self, database: sqlite3.Connection, table: str, count: int) -> None:
        self._database = database
        self._table = table
        self._count = count

    def prepare(self) -> None:
        """Make the table where there is none."""
        self._database.execute(
            f"create table if not exists {self._table} (page integer primary key, names blob not null,"
            " checksum integer not null)"
        )

    def add(self, names: Collection[bytes]) -> list[bytes]:
        """Take names, each given once; return those that are new.

        Raises
        ------
        BrokenNames
            A page that is read for it is damaged.
        """
        bits = _bits(self._count)
        found: list[bytes] = []
        for page, asked in _paged(sorted(names), bits):
            held = self._read(page)
            known = set(_cut(held))
            new = [name for name in asked if name[:KEPT] not in known]
            if new:
                self._write(page, held + b"".join([name[:KEPT] for name in new]))
                found += new
        self._count += len(found)
        self._split(bits, _bits(self._count))
        return found

    def check(self) -> None:
        """Read every page; `BrokenNames` where one is damaged or names are missing."""
        pages = self._database.execute(f"select page from {self._table}").fetchall()
        found = sum(len(self._read(page)) // KEPT for (page,) in pages)
        if found != self._count:
            raise BrokenNames(f"{found:,} of {self._count:,} names are in {self._table}")

    def _split(self, bits: int, wanted: int) -> None:
        """Spread the names on more pages."""
        # The last page first: the parts of a page have numbers from the double of its own on.
        for page in range((1 << bits) - 1, -1, -1) if wanted > bits else ():
            held = self._read(page)
            self._database.execute(f"delete from {self._table} where page = ?", [page])
            for to, names in _paged(sorted(_cut(held)), wanted):
                self._write(to, b"".join(names))

    def _read(self, page: int) -> bytes:
        row = self._database.execute(f"select names, checksum from {self._table} where page = ?", [page]).fetchone()
        names, checksum = row or (b"", 0)
        if zlib.crc32(names) != checksum:
            raise BrokenNames(f"page {page} of {self._table}")
        return bytes(names)

    def _write(self, page: int, names: bytes) -> None:
        self._database.execute(f"replace into {self._table} values (?, ?, ?)", [page, names, zlib.crc32(names)])


def _bits(count: int) -> int:
    """Return how many bits number the pages of so many names."""
    return min(_MOST_BITS, max(_LEAST_BITS, (count // PAGE).bit_length()))


def _paged(names: Sequence[bytes], bits: int) -> Iterator[tuple[int, Sequence[bytes]]]:
    """Yield the pages that names in order belong to, and the names of each."""
    start, rest = 0, _MOST_BITS - bits
    while start < len(names):
        page = int.from_bytes(names[start][: _MOST_BITS // 8], "big") >> rest
        last = (((page + 1) << rest) - 1).to_bytes(_MOST_BITS // 8, "big")
        end = bisect_left(names, last + b"\xff" * KEPT, start)
        yield page, names[start:end]
        start = end


def _cut(held: bytes) -> list[bytes]:
    return [name for (name,) in iter_unpack(f"{KEPT}s", held)]

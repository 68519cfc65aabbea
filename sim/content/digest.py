"""Digests: names computed from the bytes.

A digest is ``algorithm:hex`` (image-spec, descriptor.md, "Digests"). Whoever holds the digest can tell
whether the bytes are the right ones, wherever they came from; equal bytes have equal names, so nothing
is stored or sent twice. `sha256` is required of everyone, `sha512` is registered too; no other algorithm
is accepted, since a name that cannot be checked is no name.

A `Digest` that exists is valid: parse once, at the edge.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol, Self, runtime_checkable

from ..errors import DigestInvalid


class Hasher(Protocol):
    """What of a `hashlib` object is used."""

    def update(self, data: bytes | memoryview, /) -> None: ...
    def hexdigest(self) -> str: ...


@runtime_checkable
class FileHasher(Hasher, Protocol):
    """A hasher that hashes ranges of its stream besides."""

    def file(self, at: int, size: int, known: Callable[[str], object], /) -> bool:
        """Have `size` bytes from position `at` hashed when they come; `known` is given their hex SHA-256.

        False, and nothing happens, where some of them are past.
        """


ALGORITHMS: dict[str, Callable[[], Hasher]] = {"sha256": hashlib.sha256, "sha512": hashlib.sha512}
_SHAPES = {"sha256": re.compile(r"[0-9a-f]{64}"), "sha512": re.compile(r"[0-9a-f]{128}")}


@dataclass(frozen=True, slots=True, order=True)
class Digest:
    """A valid digest. Subclasses (`DiffID`, `ChainID`) are distinct: they never equal a plain digest.

    Examples
    --------
    >>> d = Digest.of(b"hello")
    >>> str(d)[:19], d.short
    ('sha256:2cf24dba5fb0', '2cf24dba5fb0')
    >>> Digest.parse(str(d)) == d
    True
    """

    algorithm: str
    hex: str

    def __post_init__(self) -> None:
        shape = _SHAPES.get(self.algorithm)
        if shape is None:
            raise DigestInvalid(
                f"unknown digest algorithm {self.algorithm[:40]!r}", hint="sha256 and sha512 are understood"
            )
        if shape.fullmatch(self.hex) is None:
            raise DigestInvalid(
                f"{self.hex[:80]!r} is not the lower-case hex text of a {self.algorithm} digest",
                hint=f"{self.algorithm} has {len(ALGORITHMS[self.algorithm]().hexdigest())} hex digits",
            )

    @classmethod
    def parse(cls, text: object) -> Self:
        """Read ``algorithm:hex``.

        Raises
        ------
        DigestInvalid
            If `text` is not a string of that form with a known algorithm.
        """
        algorithm, colon, hex_digits = text.partition(":") if isinstance(text, str) else ("", "", "")
        if not colon:
            raise DigestInvalid(f"{str(text)[:80]!r} is no digest", hint="a digest reads sha256:<64 hex digits>")
        return cls(algorithm, hex_digits)

    @classmethod
    def of(cls, data: bytes | Iterable[bytes], algorithm: str = "sha256") -> Self:
        """Hash bytes, or an iterable of them, into their digest."""
        hasher = new_hasher(algorithm)
        for part in (data,) if isinstance(data, bytes | bytearray | memoryview) else data:
            hasher.update(part)
        return cls(algorithm, hasher.hexdigest())

    @property
    def short(self) -> str:
        """The first 12 hex digits, as docker prints IDs."""
        return self.hex[:12]

    def __str__(self) -> str:
        return f"{self.algorithm}:{self.hex}"


def new_hasher(algorithm: str = "sha256") -> Hasher:
    """Return a fresh hasher of a known algorithm; `DigestInvalid` otherwise."""
    try:
        return ALGORITHMS[algorithm]()
    except KeyError:
        raise DigestInvalid(
            f"unknown digest algorithm {algorithm[:40]!r}", hint="sha256 and sha512 are understood"
        ) from None

"""How much is read at most from one untrusted stream.

A layer is hostile until it was read. A high compression ratio alone is no fault (a layer of zeros is legal), so
what is bounded is what comes OUT: bytes after decompression, and members. An image of 10 GB is normal and
passes; what goes beyond the bounds is refused with one line before it fills a memory or a disk.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import LimitExceeded


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds for one uncompressed stream: an archive, or a layer's tar.

    Attributes
    ----------
    max_bytes : int
        Bytes after decompression, holes of sparse files included. The default, 64 GiB, is several times the
        largest images in use (machine-learning images of 10 to 20 GB).
    max_entries : int
        Tar members. The default, 5 million, is ten times what the largest images hold; an entry takes
        about 1 KB of memory.

    Examples
    --------
    >>> Limits(max_bytes=10).check_bytes(11, "layer.tar")
    Traceback (most recent call last):
    sim.errors.LimitExceeded: layer.tar: more than 10 bytes uncompressed; if you trust it, allow more with --max-bytes
    """

    max_bytes: int = 64 << 30
    max_entries: int = 5_000_000

    def check_bytes(self, found: int, where: str) -> None:
        """Raise `LimitExceeded` where more than `max_bytes` came out of a stream."""
        if found > self.max_bytes:
            raise LimitExceeded(
                f"more than {self.max_bytes} bytes uncompressed", where=where,
                hint="if you trust it, allow more with --max-bytes",
            )

    def check_entries(self, found: int, where: str) -> None:
        """Raise `LimitExceeded` where a stream holds more than `max_entries` members."""
        if found > self.max_entries:
            raise LimitExceeded(
                f"more than {self.max_entries} entries", where=where,
                hint="if you trust it, allow more with --max-entries",
            )


DEFAULT = Limits()

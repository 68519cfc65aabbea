"""What is sent is what its name says: stored bytes are checked before they leave.

A blob's file is hashed when it is first asked for, and again when its size, its time of change or its inode is another
one, so that a file that somebody cut, edited or replaced is never served. In between it goes straight from the file to
the socket. Small ones are handed over as bytes, larger ones as an open file, or as chunks where the storage has no
files.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from io import FileIO

from ..content.digest import Digest
from ..content.store import LayoutStore, Store
from ..errors import BlobMissing, DigestMismatch
from .messages import Part

SMALL = 64 << 10
_REMEMBERED = 50_000
_Mark = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Source:
    """A part's bytes: one of the three is set. Whoever gets a file closes it."""

    data: bytes | None = None
    file: FileIO | None = None
    chunks: Iterator[bytes] | None = None


class Shelf:
    """Hands out parts of the blobs of a store, checked."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._sound: dict[Digest, _Mark] = {}

    def take(self, part: Part) -> Source:
        """Return a part's bytes.

        Raises
        ------
        BlobMissing
            They are not there.
        DigestMismatch
            They are not the bytes that were stored.
        """
        if not isinstance(self._store, LayoutStore):
            chunks = self._store.chunks(part.digest, part.offset, part.length)
            return Source(data=b"".join(chunks)) if part.length <= SMALL else Source(chunks=chunks)
        try:
            file = FileIO(self._store.path(part.digest))
        except FileNotFoundError:
            raise BlobMissing(part.digest) from None
        try:
            self._check(part.digest, file)
            if part.length > SMALL:
                return Source(file=file)
            file.seek(part.offset)
            data = file.read(part.length)
        except BaseException:
            file.close()
            raise
        file.close()
        return Source(data=data)

    def _check(self, digest: Digest, file: FileIO) -> None:
        found = os.fstat(file.fileno())
        mark = (found.st_size, found.st_mtime_ns, found.st_ino)
        if self._sound.get(digest) == mark:
            return
        hashed = hashlib.file_digest(file, digest.algorithm).hexdigest()
        if hashed != digest.hex:
            raise DigestMismatch(digest, f"{digest.algorithm}:{hashed}")
        if len(self._sound) >= _REMEMBERED:
            self._sound.clear()
        self._sound[digest] = mark

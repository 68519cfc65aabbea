"""Reading a layer's tar: in one pass its DiffID, every file's SHA-256, and what it says.

    chunks --> Stream --> members --> Builder --> ChangeSet
               counts     headers,    order, whiteouts,
               hashes     extensions  links, duplicates
                             |
                             +--> each regular file: hashed as it passes, kept as an Extent (where it lies)

No file's bytes are kept: an `Extent` reads them again from `reopen` when asked. Files asked for in the tar's order
are read in one pass over it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from hashlib import sha256

from ..content.data import EMPTY, Data, Extent, Inline
from ..content.digest import FileHasher, Hasher
from ..content.limits import DEFAULT, Limits
from ..errors import LimitExceeded, TarInvalid
from . import tar_sparse
from .changeset import ChangeSet
from .remarks import Remark
from .tar_build import Builder
from .tar_headers import Member, Segments
from .tar_members import NO_DATA, members
from .tar_stream import Meter, Stream

KEPT = 64 << 20
"""Bytes of files that are kept in memory at most where a tar cannot be opened again."""

NEAR = 1 << 18
"""Bytes that are read on over, rather than opening the tar anew at an offset."""

LARGE = 1 << 14
"""Bytes of a file from which on a `FileHasher` hashes it."""


@dataclass(frozen=True, slots=True)
class LayerTar:
    """What was read from one layer's tar.

    Attributes
    ----------
    changes : ChangeSet
    diff_hex : str
        SHA-256 of the whole uncompressed tar: the DiffID's hex part.
    size : int
        Bytes of the uncompressed tar.
    members : int
        Members, whiteouts included, extension headers not.
    remarks : tuple of Remark
        What some engine refuses or reads otherwise.
    """

    changes: ChangeSet
    diff_hex: str
    size: int
    members: int
    remarks: tuple[Remark, ...] = ()


def read_layer(
    chunks: Iterable[bytes], *, where: str, limits: Limits = DEFAULT,
    reopen: Callable[[], Iterable[bytes]] | None = None, reopen_at: Callable[[int], Iterable[bytes]] | None = None,
    hash_files: bool = True, progress: Callable[[int], None] | None = None, hasher: Hasher | None = None,
) -> LayerTar:
    """Read an uncompressed layer tar to its end.

    Parameters
    ----------
    chunks : iterable of bytes
        The tar, in pieces of any size (`decompressed` gives good ones).
    where : str
        What errors call it.
    limits : Limits
    reopen : callable, optional
        Gives the same bytes anew, for files that are read later. Without it the files' bytes are kept in memory, at
        most `KEPT` of them.
    reopen_at : callable, optional
        Beside `reopen`, where a tar is stored plain: gives its bytes from an offset on.
    hash_files : bool
        Compute every file's SHA-256 on the way; else when it is asked for.
    progress : callable, optional
        Called with the number of bytes of each piece.
    hasher : Hasher, optional
        Takes the DiffID in place of a plain SHA-256, such as `HashAhead` on a thread of its own. A `FileHasher` hashes
        the large files as well.

    Raises
    ------
    TarInvalid
        Cut short, or no tar.
    LimitExceeded

    Examples
    --------
    >>> from sim.fs.sketch import sketch, file, whiteout
    >>> from sim.fs.tar_write import write_layer
    >>> read = read_layer(write_layer(sketch(file("etc/motd", b"hi"), whiteout("opt"))), where="example")
    >>> read.members, read.changes
    (2, <ChangeSet: 1 entries, 1 whiteouts, 0 opaque>)
    """
    meter = Meter(where, limits, progress, hasher)
    stream = Stream(meter.through(chunks))
    builder = Builder(where)
    files: _Kept | _Placed = _Kept(stream, where)
    if reopen is not None:
        files = _Placed(stream, _Again(reopen, reopen_at, where), hash_files, hasher)
    count = 0
    for member in members(stream, meter):
        count += 1
        builder.add(member, None if member.flag in NO_DATA else files.data(member))
    if not stream.ended:
        builder.remark("no-end")
    if stream.drain():
        builder.remark("trailing")
    changes, remarks = builder.finish()
    return LayerTar(changes, meter.sha256.hexdigest(), meter.size, count, remarks)


class _Placed:
    """Files as places in a tar that can be opened again."""

    def __init__(self, stream: Stream, again: _Again, hash_files: bool, hasher: Hasher | None) -> None:
        self._stream = stream
        self._again = again
        self._read = again.read
        self._hash = hash_files
        self._beside = hasher.file if isinstance(hasher, FileHasher) else None

    def data(self, member: Member) -> Data:
        if not member.size:
            return EMPTY
        reader = partial(self._read, member.at, member.stored)
        if member.segments is not None:
            reader = partial(self._again.sparse, member.at, member.stored, member.segments, member.size)
        found = Extent(member.size, reader)
        if self._hash:
            self._know(found, member)
        return found

    def _know(self, found: Extent, member: Member) -> None:
        """Have a file's SHA-256 taken as its bytes pass."""
        plain, size = member.segments is None, member.size
        if plain and size < LARGE:
            # Most files are small: to hash them piece by piece costs more than to put the pieces together.
            found.known(sha256(self._stream.take(size)).hexdigest())
            return
        if plain and self._beside and self._beside(member.at, size, found.known):
            return
        hasher = sha256()
        for piece in self._stream.views(size) if plain else _pieces(self._stream, member):
            hasher.update(piece)
        found.known(hasher.hexdigest())


class _Kept:
    """Files in memory."""

    def __init__(self, stream: Stream, where: str) -> None:
        self._stream = stream
        self._where = where
        self._room = KEPT

    def data(self, member: Member) -> Data:
        self._room -= member.size
        if self._room < 0:
            raise LimitExceeded(f"more than {KEPT} bytes of files to keep in memory", where=self._where)
        return Inline(b"".join(_pieces(self._stream, member)))


def _pieces(stream: Stream, member: Member) -> Iterator[bytes]:
    if member.segments is None:
        return stream.pieces(member.stored)
    return tar_sparse.expand(member.segments, member.size, stream.pieces)


class _Again:
    """Reads places of a tar that is opened again; goes on from where the last reader stopped, if it can."""

    def __init__(
        self, reopen: Callable[[], Iterable[bytes]], reopen_at: Callable[[int], Iterable[bytes]] | None, where: str
    ) -> None:
        self._reopen = reopen
        self._reopen_at = reopen_at
        self._where = where
        # Taking from and adding to a list is atomic: two threads never share a stream.
        self._idle: list[Stream] = []

    def read(self, at: int, size: int) -> Iterator[bytes]:
        """Yield `size` bytes from position `at` of the tar."""
        try:
            stream = self._idle.pop()
        except IndexError:
            stream = self._open(at)
        if stream.offset > at or (self._reopen_at is not None and at - stream.offset > NEAR):
            stream = self._open(at)
        try:
            if stream.skip(at - stream.offset):
                for piece in stream.pieces(size):
                    yield piece
                    size -= len(piece)
        finally:
            self._idle[:] = [stream]
        if size:
            raise TarInvalid("the tar is shorter than when it was first read", where=self._where, offset=at)

    def _open(self, at: int) -> Stream:
        return Stream(self._reopen()) if self._reopen_at is None else Stream(self._reopen_at(at), at)

    def sparse(self, at: int, stored: int, segments: Segments, size: int) -> Iterator[bytes]:
        """Yield a sparse file whose pieces begin at position `at`."""
        return tar_sparse.expand(segments, size, Stream(self.read(at, stored)).pieces)

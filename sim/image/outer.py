"""The outside of an image archive: named files, read at random, never extracted.

    a folder                     read in place
    a tar                        indexed once by its headers, then sought in
    a tar, gzip or zstd around   decompressed once into a temporary file without a name, then the same

What a hostile tar can do by its names (``..``, a leading slash, links, duplicates) ends here: a name is a key
of a table and never a path of this machine. Links are followed inside the table: docker up to 20.10 saves a
layer that occurs twice as a symlink, ``<id>/layer.tar -> ../<id>/layer.tar``. The last of several equal names
wins, as it would on extraction.
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from stat import S_ISREG
from threading import Lock

from ..content.compression import Compression, decompressed, sniff
from ..content.data import CHUNK
from ..content.descriptor import MAX_DOCUMENT
from ..content.limits import Limits
from ..errors import ArchiveInvalid, LimitExceeded, TarInvalid
from ..fs.entry import canonical, parent
from .outertar import Member, members

MAX_HOPS = 40
"""Links that are followed for one name, as the kernel does (path_resolution(7))."""
_IN_MEMORY = 8 << 20

Progress = Callable[[int, int, str], None]
"""Called with bytes done, bytes in total and what is being read; from any thread, never twice at once."""


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes that lie one after the other in a file of this machine.

    Attributes
    ----------
    path : Path
    offset : int
        Of the first of them in the file.
    size : int
        How many they are.
    stamp : tuple of int
        Size and time (ns) of the file when the archive was opened.
    """

    path: Path
    offset: int
    size: int
    stamp: tuple[int, int]

    def read(self, offset: int, length: int) -> bytes:
        """Return at most `length` bytes from `offset` on; `ArchiveInvalid` where the file is not what it was."""
        with open(self.path, "rb", buffering=0) as file:
            self._check(os.fstat(file.fileno()))
            file.seek(self.offset + offset)
            return file.read(max(0, min(length, self.size - offset)))

    def check(self) -> None:
        """Raise `ArchiveInvalid` where the file is not what it was."""
        try:
            self._check(os.stat(self.path))
        except FileNotFoundError:
            raise self._changed() from None

    def _check(self, found: os.stat_result) -> None:
        if (found.st_size, found.st_mtime_ns) != self.stamp:
            raise self._changed()

    def _changed(self) -> ArchiveInvalid:
        return ArchiveInvalid("changed while it was in use", where=str(self.path), hint="open it again")


class Source(ABC):
    """Bytes that can be read at any offset, by several threads at once."""

    size: int

    def span(self, offset: int, size: int) -> Span | None:
        """Return where bytes lie, None where no file of this machine holds them."""
        return None

    @abstractmethod
    def read_at(self, offset: int, length: int) -> bytes:
        """Return at most `length` bytes."""

    def chunks(self, offset: int = 0, length: int | None = None) -> Iterator[bytes]:
        """Yield bytes from `offset`, at most `length` of them, in bounded pieces."""
        end = self.size if length is None else min(self.size, offset + length)
        while offset < end:
            chunk = self.read_at(offset, min(CHUNK, end - offset))
            if not chunk:
                raise ArchiveInvalid("became shorter while it was read")
            offset += len(chunk)
            yield chunk


class FileSource(Source):
    """A file, opened anew for each piece: images at hand, and passes left half way, hold no descriptors."""

    def __init__(self, path: Path) -> None:
        found = os.stat(path)
        if not S_ISREG(found.st_mode):
            raise ArchiveInvalid("neither a file nor a folder", where=str(path))
        self.size = found.st_size
        self._all = Span(path, 0, found.st_size, (found.st_size, found.st_mtime_ns))

    def read_at(self, offset: int, length: int) -> bytes:
        return self._all.read(offset, length)

    def span(self, offset: int, size: int) -> Span | None:
        return replace(self._all, offset=offset, size=size)


class SpoolSource(Source):
    """A temporary file that vanishes with this object, and with the process however that ends."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        from tempfile import SpooledTemporaryFile
        from weakref import finalize

        self._file = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed by the finalizer
        finalize(self, self._file.close)
        self._lock = Lock()
        for chunk in chunks:
            self._file.write(chunk)
        self.size = self._file.tell()

    def read_at(self, offset: int, length: int) -> bytes:
        with self._lock:
            self._file.seek(offset)
            return self._file.read(length)


class Outer(ABC):
    """Named files of one archive.

    Attributes
    ----------
    where : str
        The archive's path, for messages.
    """

    where: str

    @abstractmethod
    def size(self, name: str) -> int | None:
        """Return a file's size in bytes, None where there is no such file."""

    @abstractmethod
    def chunks(self, name: str, offset: int = 0, length: int | None = None) -> Iterator[bytes]:
        """Yield a file's bytes from `offset`, at most `length` of them; the file must be there."""

    def span(self, name: str) -> Span | None:
        """Return where a file's bytes lie, None where no file of this machine holds them as they are."""
        return None

    def read(self, name: str, max_bytes: int = MAX_DOCUMENT) -> bytes:
        """Return a document as a whole.

        Raises
        ------
        ArchiveInvalid
            It is not there.
        LimitExceeded
            It has more than `max_bytes` bytes.
        """
        size = self.size(name)
        if size is None:
            raise ArchiveInvalid(f"{name} is missing", where=self.where, hint="export the image again")
        if size > max_bytes:
            raise LimitExceeded(f"a document of {size} bytes, {max_bytes} are allowed", where=self.at(name))
        return b"".join(self.chunks(name))

    def at(self, name: str) -> str:
        """Return the words that name a file in messages."""
        return f"{self.where}, {name}"


class Folder(Outer):
    """A folder on this machine."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.where = str(path)

    def _path(self, name: str) -> Path:
        # What a document names cannot leave the folder: clamped, and on Windows "C:/x" is no path below it.
        found = self.path / canonical(name)
        return found if found.is_relative_to(self.path) else self.path

    def size(self, name: str) -> int | None:
        try:
            found = os.stat(self._path(name))
        except (OSError, ValueError):
            return None
        return found.st_size if S_ISREG(found.st_mode) else None

    def chunks(self, name: str, offset: int = 0, length: int | None = None) -> Iterator[bytes]:
        return FileSource(self._path(name)).chunks(offset, length)

    def span(self, name: str) -> Span | None:
        source = FileSource(self._path(name))
        return source.span(0, source.size)


class Tar(Outer):
    """A tar, by the table of its members."""

    def __init__(self, source: Source, where: str, limits: Limits) -> None:
        self.where = where
        self._source = source
        self._members: dict[str, Member] = {}
        for count, member in enumerate(members(source, where), 1):
            limits.check_entries(count, where)
            self._members[canonical(member.name)] = member

    def _resolve(self, name: str) -> Member | None:
        for _ in range(MAX_HOPS):
            found = self._members.get(canonical(name))
            if found is None or found.link is None:
                return found
            # A hard link names a member from the root of the archive, a symlink from its own folder.
            rooted = found.hard or found.link.startswith("/")
            name = found.link if rooted else f"{parent(canonical(name))}/{found.link}"
        return None

    def size(self, name: str) -> int | None:
        found = self._resolve(name)
        return None if found is None else found.size

    def chunks(self, name: str, offset: int = 0, length: int | None = None) -> Iterator[bytes]:
        found = self._resolve(name)
        if found is None:
            raise ArchiveInvalid(f"{name} is missing", where=self.where)
        left = max(0, found.size - offset)
        return self._source.chunks(found.offset + offset, left if length is None else min(left, length))

    def span(self, name: str) -> Span | None:
        found = self._resolve(name)
        return None if found is None else self._source.span(found.offset, found.size)


def open_outer(path: Path, limits: Limits, progress: Progress | None = None) -> Outer:
    """Open a folder, a tar, or a compressed tar.

    Raises
    ------
    ArchiveInvalid
        Something else.
    TarInvalid, StreamInvalid
        Cut short or corrupt.
    LimitExceeded
        It decompresses to more than `limits` allow, or has too many members.
    """
    where = str(path)
    if path.is_dir():
        return Folder(path)
    source: Source = FileSource(path)
    if sniff(source.read_at(0, 8)) is not Compression.NONE:
        source = SpoolSource(_bounded(source, where, limits, progress))
    try:
        return Tar(source, where, limits)
    except TarInvalid as error:
        if error.offset:
            raise
        raise ArchiveInvalid(
            "no image archive: neither a tar nor a folder", where=where,
            hint="make one with `docker save` or `skopeo copy`",
        ) from None


def _bounded(source: Source, where: str, limits: Limits, progress: Progress | None) -> Iterator[bytes]:
    done = 0

    def counted() -> Iterator[bytes]:
        nonlocal done
        for chunk in source.chunks():
            done += len(chunk)
            if progress is not None:
                progress(done, source.size, "decompressing")
            yield chunk

    total = 0
    for chunk in decompressed(counted(), where):
        total += len(chunk)
        limits.check_bytes(total, where)
        yield chunk

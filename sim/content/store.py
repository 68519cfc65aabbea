"""The content store: bytes under the names that are computed from them.

A store has five roles; callers take only those that they need.

    stat(digest)              its size, or None
    chunks(digest, ...)       read it
    ingest(digest, chunks)    idempotent: no error means that the content IS stored at that digest
    delete(digest)
    digests()                 what is there

Two stores keep the same contract, and one test suite runs on both: `MemoryStore`, and `LayoutStore`,
a folder in the OCI image layout (image-spec, image-layout.md):

    ROOT/oci-layout                   {"imageLayoutVersion":"1.0.0"}
    ROOT/index.json                   the images by name
    ROOT/blobs/sha256/<hex>           one file a blob, complete or absent
    ROOT/.layerlab-aside-<random>     being written

Nothing is ever changed in place. A process killed at any instant leaves no half blob under a digest, and two
processes may ingest the same blob at once: both write the same bytes. The index is changed by one at a time (`alone`).
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from stat import S_ISREG

from ..errors import ArchiveInvalid, BlobMissing, DigestInvalid, DigestMismatch, LimitExceeded, SizeMismatch
from .data import CHUNK
from .descriptor import MAX_DOCUMENT, Fields, canonical_json, parse_json
from .digest import ALGORITHMS, Digest, new_hasher
from .durable import ASIDE, IDLE_S, make_folder, sweep, sync_folder, written_aside
from .lock import try_lock

LAYOUT_FILE = "oci-layout"
INDEX_FILE = "index.json"
LAYOUT_VERSION = "1.0.0"
LAYOUT_DOCUMENT = canonical_json({"imageLayoutVersion": LAYOUT_VERSION})


def blob_name(digest: Digest) -> str:
    """Return a blob's place in an image layout.

    Examples
    --------
    >>> blob_name(Digest.of(b"hello"))[:25]
    'blobs/sha256/2cf24dba5fb0'
    """
    return f"blobs/{digest.algorithm}/{digest.hex}"


def check_layout(raw: bytes, *, where: str) -> None:
    """Refuse an `oci-layout` file of a version that is not ours (`ArchiveInvalid`), or no such file."""
    version = Fields(parse_json(raw, where=where), where, LAYOUT_FILE).text("imageLayoutVersion")
    if version != LAYOUT_VERSION:
        raise ArchiveInvalid(f"image layout version {version[:40]!r}, not {LAYOUT_VERSION}", where=where)


def verified(
    chunks: Iterable[bytes], digest: Digest, *, size: int | None = None, where: str | None = None
) -> Iterator[bytes]:
    """Pass bytes through and raise at their end unless they are the right ones.

    Raises
    ------
    SizeMismatch
        More or fewer than `size` bytes; more are noticed at once.
    DigestMismatch
        The bytes do not hash to `digest`.
    """
    hasher, seen = new_hasher(digest.algorithm), 0
    for chunk in chunks:
        seen += len(chunk)
        if size is not None and seen > size:
            raise SizeMismatch(size, seen, where=where)
        hasher.update(chunk)
        yield chunk
    if size is not None and seen != size:
        raise SizeMismatch(size, seen, where=where)
    if hasher.hexdigest() != digest.hex:
        raise DigestMismatch(digest, f"{digest.algorithm}:{hasher.hexdigest()}", where=where)


class Store(ABC):
    """The contract; see the module's text."""

    @abstractmethod
    def stat(self, digest: Digest) -> int | None:
        """Return a blob's size in bytes, None where it is not there."""

    @abstractmethod
    def chunks(self, digest: Digest, offset: int = 0, length: int | None = None) -> Iterator[bytes]:
        """Yield a blob's bytes from `offset`, at most `length` of them; `BlobMissing` if not there."""

    @abstractmethod
    def ingest(self, digest: Digest, chunks: Iterable[bytes], size: int | None = None) -> None:
        """Store a blob; returning means that it is stored, whole and verified.

        A blob that is there already is kept, and `chunks` may stay unread.

        Raises
        ------
        DigestMismatch, SizeMismatch
            The bytes are not those that `digest` and `size` announce; nothing is stored.
        """

    @abstractmethod
    def delete(self, digest: Digest) -> bool:
        """Remove a blob; tell whether it was there."""

    @abstractmethod
    def digests(self) -> Iterator[Digest]:
        """Yield the digests of all blobs, sorted."""

    def read(self, digest: Digest, max_bytes: int = MAX_DOCUMENT) -> bytes:
        """Return a small blob, such as a document, as a whole; `LimitExceeded` where it is not small."""
        size = self.stat(digest)
        if size is not None and size > max_bytes:
            raise LimitExceeded(f"a document of {size} bytes, {max_bytes} are allowed", where=str(digest))
        return b"".join(self.chunks(digest))

    def add(self, raw: bytes) -> Digest:
        """Store bytes at hand under their SHA-256."""
        digest = Digest.of(raw)
        self.ingest(digest, (raw,), len(raw))
        return digest


class MemoryStore(Store):
    """A store in memory.

    Examples
    --------
    >>> store = MemoryStore()
    >>> digest = store.add(b"hello")
    >>> store.stat(digest), b"".join(store.chunks(digest, 1, 3))
    (5, b'ell')
    """

    def __init__(self) -> None:
        self._blobs: dict[Digest, bytes] = {}

    def stat(self, digest: Digest) -> int | None:
        held = self._blobs.get(digest)
        return None if held is None else len(held)

    def chunks(self, digest: Digest, offset: int = 0, length: int | None = None) -> Iterator[bytes]:
        held = self._blobs.get(digest)
        if held is None:
            raise BlobMissing(digest)
        end = len(held) if length is None else min(len(held), offset + length)
        return (held[at : min(end, at + CHUNK)] for at in range(offset, end, CHUNK))

    def ingest(self, digest: Digest, chunks: Iterable[bytes], size: int | None = None) -> None:
        if digest not in self._blobs:
            self._blobs[digest] = b"".join(verified(chunks, digest, size=size, where=str(digest)))

    def delete(self, digest: Digest) -> bool:
        return self._blobs.pop(digest, None) is not None

    def digests(self) -> Iterator[Digest]:
        return iter(sorted(self._blobs))


class LayoutStore(Store):
    """A folder in the OCI image layout.

    Parameters
    ----------
    root : path
        The folder; made, with an empty index, unless it is a layout already.

    Raises
    ------
    ArchiveInvalid
        The folder holds something else, or a layout of another version.
    """

    def __init__(self, root: str | os.PathLike[str]) -> None:
        self.root = Path(root)
        marker = self.root / LAYOUT_FILE
        if marker.exists():
            check_layout(marker.read_bytes(), where=str(marker))
        else:
            self._create(marker)
        self._swept = False

    def _create(self, marker: Path) -> None:
        if self.root.exists() and not self.root.is_dir():
            raise ArchiveInvalid("a file is in the place of the folder", where=str(self.root))
        # What a process killed in the middle of this very function left is taken over.
        if self.root.is_dir() and not all(self._ours(name) for name in os.listdir(self.root)):
            raise ArchiveInvalid("the folder is not empty and no OCI image layout", where=str(self.root),
                                 hint="name another folder, or empty this one")
        make_folder(self.root / "blobs" / "sha256")
        if not (self.root / INDEX_FILE).exists():
            self.write_index(canonical_json({"schemaVersion": 2, "manifests": []}))
        with written_aside(marker) as file:
            file.write(LAYOUT_DOCUMENT)

    @staticmethod
    def _ours(name: str) -> bool:
        return name in ("blobs", INDEX_FILE, LAYOUT_FILE) or name.startswith(ASIDE)

    def path(self, digest: Digest) -> Path:
        """Return the file of a blob."""
        return self.root / "blobs" / digest.algorithm / digest.hex

    def stat(self, digest: Digest) -> int | None:
        try:
            found = os.stat(self.path(digest))
        except FileNotFoundError:
            return None
        return found.st_size if S_ISREG(found.st_mode) else None

    def chunks(self, digest: Digest, offset: int = 0, length: int | None = None) -> Iterator[bytes]:
        if self.stat(digest) is None:
            raise BlobMissing(digest, where=str(self.root))
        return _file_chunks(self.path(digest), offset, length)

    def ingest(self, digest: Digest, chunks: Iterable[bytes], size: int | None = None) -> None:
        if self.stat(digest) is not None:
            return
        self._sweep_once()
        target = self.path(digest)
        make_folder(target.parent)
        try:
            with written_aside(target, self.root) as file:
                for chunk in verified(chunks, digest, size=size, where=str(digest)):
                    file.write(chunk)
        except PermissionError:
            # Windows does not replace a file that a reader has open; then another process stored it.
            if self.stat(digest) is None:
                raise

    def delete(self, digest: Digest) -> bool:
        with suppress(FileNotFoundError):
            self.path(digest).unlink()
            sync_folder(self.path(digest).parent)
            return True
        return False

    def digests(self) -> Iterator[Digest]:
        for algorithm in sorted(ALGORITHMS):
            folder = self.root / "blobs" / algorithm
            for name in sorted(os.listdir(folder)) if folder.is_dir() else ():
                with suppress(DigestInvalid):  # a stray file is no blob
                    yield Digest(algorithm, name)

    def read_index(self) -> bytes:
        """Return the bytes of `index.json`."""
        return (self.root / INDEX_FILE).read_bytes()

    def write_index(self, raw: bytes) -> None:
        """Replace `index.json` in one step."""
        with written_aside(self.root / INDEX_FILE) as file:
            file.write(raw)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep the index to oneself from reading it to writing it: another process's entry is not lost."""
        lock = try_lock(self.root / LAYOUT_FILE, wait=True)
        if lock is None:
            raise ArchiveInvalid("another process is writing here", where=str(self.root),
                                 hint="try again when it is done")
        try:
            yield
        finally:
            os.close(lock)

    def sweep(self, idle_s: int = IDLE_S) -> int:
        """Remove files that killed processes left aside (0: nobody else writes now); return how many."""
        return sweep(self.root, idle_s)

    def _sweep_once(self) -> None:
        if not self._swept:
            self._swept = True
            self.sweep()


def _file_chunks(path: Path, offset: int, length: int | None) -> Iterator[bytes]:
    with open(path, "rb") as file:
        file.seek(offset)
        left = length
        while left is None or left > 0:
            chunk = file.read(CHUNK if left is None else min(CHUNK, left))
            if not chunk:
                return
            left = None if left is None else left - len(chunk)
            yield chunk

"""Reading an image's layers: every byte once more, and nothing believed.

    blob --> digest, size                              against the manifest's descriptor
      `--> inflate --> DiffID                          against the config
                  `--> tar --> ChangeSet, each file's SHA-256

Layers are read by several threads, the largest first. The digest of a blob is a task of its own, and DiffIDs
are taken by threads beside the readers: two cores are busy even with one layer. Memory holds entries and never
contents: a file's data is read from the archive again when it is asked for.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from threading import Lock

from ..content.compression import Compression, decompressed, sniff
from ..content.descriptor import DOCKER_LAYER, DOCKER_LAYER_GZIP, OCI_LAYER_ZSTD, Descriptor
from ..content.digest import Digest, Hasher, new_hasher
from ..content.limits import Limits
from ..content.parallel import HashAhead, Stop, Task, run_all, usable_threads
from ..errors import BadInput, DigestMismatch, LimitExceeded, SimError, SizeMismatch
from ..fs.tar import LayerTar, read_layer
from .ids import DiffID, chain_ids
from .layer import Image, Layer
from .outer import Outer, Progress, Span
from .outline import ArchiveBlobs, Outline, Report, Stored, fail

_DOCKER_TYPES = {
    Compression.NONE: DOCKER_LAYER, Compression.GZIP: DOCKER_LAYER_GZIP, Compression.ZSTD: OCI_LAYER_ZSTD,
}

_WORTH_A_THREAD = 1 << 20

MakeHasher = Callable[[int, int, Span | None], AbstractContextManager[Hasher | None]]
"""Makes what a layer's bytes pass through, given its place, its stored bytes (0 where one thread is to do all), and
where they lie, if a file holds them as they pass."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a stored layer is, whatever is said of it.

    Attributes
    ----------
    digest : Digest
        Of the blob.
    size : int
        Bytes of the blob.
    compression : Compression
    diff_id : DiffID or None
    tar : LayerTar or None
    error : SimError or None
        Why the tar cannot be read; then there is neither `diff_id` nor `tar`.
    """

    digest: Digest
    size: int
    compression: Compression
    diff_id: DiffID | None
    tar: LayerTar | None
    error: SimError | None = None


def check_blob(stored: Stored, size: int, digest: Digest, report: Report) -> None:
    """Report where a blob is not the one that its descriptor tells of."""
    told = stored.descriptor
    if told is not None and told.size != size:
        report(SizeMismatch(told.size, size, where=stored.where))
    if told is not None and told.digest != digest:
        report(DigestMismatch(told.digest, digest, where=stored.where))


def check_tar(
    stored: Stored, diff_id: DiffID | None, error: SimError | None, expected: DiffID | None, report: Report
) -> None:
    """Report where a tar cannot be read, or is not the one that the config tells of, if it does."""
    if error is not None:
        report(error)
    elif expected is not None and diff_id != expected:
        report(DigestMismatch(expected, diff_id, where=f"{stored.where}, DiffID"))


def read_image(
    outline: Outline, name: str, *, limits: Limits, progress: Progress | None = None, threads: int | None = None
) -> Image:
    """Read an image's layers and compare them with what its documents say.

    Parameters
    ----------
    outline : Outline
    name : str
        What to call the image.
    limits : Limits
        Hold for each layer, and for all together.
    progress : callable, optional
    threads : int, optional
        One a core, at most 4, by default.

    Raises
    ------
    BadInput
        What does not match or cannot be read; of several errors always the same one.
    """
    for stored in outline.layers:
        told, size = stored.descriptor, outline.outer.size(stored.member)
        if told is not None and size is not None and told.size != size:
            raise SizeMismatch(told.size, size, where=stored.where)
    facts = read_layers(outline, limits=limits, progress=progress, threads=threads, strict=True)
    lines, chain = outline.config.layer_histories, chain_ids(outline.config.diff_ids)
    layers, members = [], dict[Digest, str]()
    for stored, fact, line, diff_id, chain_id in zip(
        outline.layers, facts, lines, outline.config.diff_ids, chain, strict=True
    ):
        assert fact is not None  # a missing blob has no outline
        check_blob(stored, fact.size, fact.digest, fail)
        check_tar(stored, fact.diff_id, fact.error, diff_id, fail)
        assert fact.tar is not None  # `check_tar` raised the reason otherwise
        told = stored.descriptor or Descriptor(_DOCKER_TYPES[fact.compression], fact.digest, fact.size)
        members[told.digest] = stored.member
        words = (line.created_by if line is not None else None) or ""
        layers.append(
            Layer(told, diff_id, chain_id, fact.tar.size, fact.tar.members, fact.tar.changes, words)
        )
    return Image(
        name, outline.manifest, outline.manifest_descriptor, outline.config, outline.config_descriptor,
        tuple(layers), ArchiveBlobs(outline.outer, members),
    )


def read_layers(
    outline: Outline, *, limits: Limits, progress: Progress | None, threads: int | None, strict: bool,
    hash_files: bool = True, hasher: MakeHasher | None = None,
) -> tuple[Facts | None, ...]:
    """Read all layers, each stored blob once; return what they are, base first, None for a missing blob.

    Parameters
    ----------
    outline, limits, progress, threads
        As in `read_image`.
    strict : bool
        Raise for the first damaged blob, unreadable tar or wrong DiffID instead of noting it. Limits are kept
        in any case.
    hash_files : bool
        False leaves the files of PLAIN tars for when their hash is asked for: to read them again costs little there.
    hasher : callable, optional
        Makes what all bytes of a layer's tar pass through, and what takes their SHA-256 (see `MakeHasher`). Places
        count from 0; of several layers with the same blob the first is meant.
    """
    blobs = _blobs(outline)
    meter = _Meter(limits, progress, sum(blob.size for blob in blobs), outline.outer.where)
    # The longest task first leaves the least to wait for at the end.
    order = sorted(blobs, key=lambda blob: -blob.size)
    # Ranks: of a damaged layer its digest is worth telling, more than where inflating stumbles.
    ahead = usable_threads(threads, 2) > 1
    way = _Way(strict, ahead, hash_files, hasher or _diff_hasher)
    tasks = [Task(partial(blob.parse, meter, way), 2 * blob.place + 1) for blob in order]
    tasks += [Task(partial(blob.hash, strict), 2 * blob.place) for blob in order if blob.needs_hash]
    with _no_collection():
        run_all(tasks, threads)
    facts = {blob.member: blob.facts() for blob in blobs}
    return tuple(facts.get(stored.member) for stored in outline.layers)


def _diff_hasher(place: int, size: int, span: Span | None) -> AbstractContextManager[Hasher | None]:
    return HashAhead() if size > _WORTH_A_THREAD else nullcontext()


@dataclass(frozen=True, slots=True)
class _Way:
    """How layers are read."""

    strict: bool
    ahead: bool
    hash_files: bool
    hasher: MakeHasher


@contextmanager
def _no_collection() -> Iterator[None]:
    """Keep the cycle collector away: entries are made by the hundred thousand, and none is garbage.

    They grow old at once: collections of what is young, the first of which would follow here, pass over them.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            if not gc.get_freeze_count():
                # Both move all objects without a look at them: to where none is collected, and to the oldest.
                gc.freeze()
                gc.unfreeze()
            gc.enable()


def _blobs(outline: Outline) -> list[_Blob]:
    found: dict[str, _Blob] = {}
    for place, stored in enumerate(outline.layers):
        # Where the config has too few DiffIDs, that is reported; the layer is read all the same.
        diff_id = outline.config.diff_ids[place] if place < len(outline.config.diff_ids) else None
        if stored.member not in found and outline.outer.size(stored.member) is not None:
            found[stored.member] = _Blob(outline.outer, stored, place, diff_id)
    return list(found.values())


class _Meter:
    """What all layers have in common: progress, and limits on their sum."""

    def __init__(self, limits: Limits, progress: Progress | None, total: int, where: str) -> None:
        self.limits = limits
        self._progress = progress
        self._total = total
        self._where = where
        self._done = self._bytes = self._entries = 0
        self._lock = Lock()

    def read(self, chunks: Iterator[bytes], stop: Stop, what: str) -> Iterator[bytes]:
        """Count stored bytes as they pass."""
        for chunk in chunks:
            stop.check()
            if self._progress is not None:
                with self._lock:
                    self._done += len(chunk)
                    self._progress(self._done, self._total, what)
            yield chunk

    def add(self, tar: LayerTar) -> None:
        """Count a layer that was read."""
        with self._lock:
            self._bytes += tar.size
            self._entries += tar.members
            self.limits.check_bytes(self._bytes, self._where)
            self.limits.check_entries(self._entries, self._where)


class _Blob:
    """One stored blob, read by one task or two, which write different fields."""

    def __init__(self, outer: Outer, stored: Stored, place: int, diff_id: DiffID | None) -> None:
        self.member = stored.member
        self.place = place
        self.size = outer.size(stored.member) or 0
        self._outer = outer
        self._stored = stored
        self._expected = diff_id
        self._form = sniff(b"".join(outer.chunks(stored.member, 0, 8)))
        self._algorithm = "sha256" if stored.descriptor is None else stored.descriptor.digest.algorithm
        self._digest: Digest | None = None
        self._diff_id: DiffID | None = None
        self._tar: LayerTar | None = None
        self._error: SimError | None = None

    @property
    def needs_hash(self) -> bool:
        """Whether the blob's digest is another than that of its tar, which parsing takes on the way."""
        return self._form is not Compression.NONE or self._algorithm != "sha256"

    def hash(self, strict: bool, stop: Stop) -> None:
        """Take the blob's digest."""
        hasher = new_hasher(self._algorithm)
        for chunk in self._outer.chunks(self.member):
            stop.check()
            hasher.update(chunk)
        self._digest = Digest(self._algorithm, hasher.hexdigest())
        if strict:
            check_blob(self._stored, self.size, self._digest, fail)

    def parse(self, meter: _Meter, way: _Way, stop: Stop) -> None:
        """Read the blob as a layer, its DiffID on another thread if that is worth it."""
        where, plain = self._stored.where, self._form is Compression.NONE
        chunks = meter.read(self._outer.chunks(self.member), stop, where)
        try:
            span = self._outer.span(self.member) if plain else None
            with way.hasher(self.place, self.size * way.ahead, span) as hasher:
                tar = read_layer(
                    self._diffed(decompressed(chunks, where)), where=where, limits=meter.limits,
                    reopen=self._reopen, reopen_at=self._from if plain else None,
                    hash_files=way.hash_files or not plain, hasher=hasher,
                )
        except LimitExceeded:
            raise
        except BadInput as error:
            self._error = error
            if not self.needs_hash:
                self.hash(way.strict, stop)
        else:
            meter.add(tar)
            self._tar = tar
            self._diff_id = self._diff_id or DiffID("sha256", tar.diff_hex)
            if not self.needs_hash:
                self._digest = Digest("sha256", tar.diff_hex)
        if way.strict:
            check_tar(self._stored, self._diff_id, self._error, self._expected, fail)

    def _reopen(self) -> Iterator[bytes]:
        return decompressed(self._outer.chunks(self.member), self._stored.where)

    def _from(self, offset: int) -> Iterator[bytes]:
        return self._outer.chunks(self.member, offset)

    def _diffed(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """Take a DiffID of another algorithm than SHA-256 on the way; that one reading the tar takes anyway."""
        if self._expected is None or self._expected.algorithm == "sha256":
            return chunks
        return self._hashed(chunks, self._expected.algorithm)

    def _hashed(self, chunks: Iterator[bytes], algorithm: str) -> Iterator[bytes]:
        hasher = new_hasher(algorithm)
        for chunk in chunks:
            hasher.update(chunk)
            yield chunk
        self._diff_id = DiffID(algorithm, hasher.hexdigest())

    def facts(self) -> Facts:
        """Return what was found, when all tasks are done."""
        assert self._digest is not None
        return Facts(self._digest, self.size, self._form, self._diff_id, self._tar, self._error)

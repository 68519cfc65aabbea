"""The pipeline: every layer is read once, and all that deduplication asks of its bytes is answered as they pass.

    blob --> digest                                            \\
      `--> inflate --> files: SHA-256 each, entries             |  one task a layer and one a blob, on as many
              `---> DiffID; chunks: cut, SHA-256 each           |  threads as there are cores, largest first; of
                    (in processes beside the reader)           /   large layers chunks are cut in processes:
                                                                   worker.py; of PLAIN ones by several: segments.py

What stays is small: entries, and 20 bytes a chunk (2 MB for a GB of layers at 8 KiB); contents never stay. A file in a
PLAIN tar is not hashed at once. A content has twins only among files of its own size, so when all images are read,
the sizes that occur twice are hashed (`settle`) and no others; a compressed layer's files are hashed as they pass,
since inflating it again costs more than the hash.

Damaged layers are left out and told of; what does not fit the limits stops everything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from functools import partial
from threading import BoundedSemaphore, Lock

from ..content.compression import decompressed
from ..content.data import Data
from ..content.digest import Hasher
from ..content.limits import DEFAULT, Limits
from ..content.parallel import Stop, Task, run_all, usable_threads
from ..errors import BlobMissing, SimError
from ..fs.changeset import ChangeSet
from ..image.ids import chain_ids
from ..image.layer import Image, Layer
from ..image.outer import Progress, Span
from ..image.outline import ArchiveBlobs, Outline, Stored
from ..image.read import Facts, check_blob, check_tar, read_layers
from .chunking import Rule
from .copies import file_data, inodes
from .prints import Chunks, Printer
from .segments import Segments
from .subject import Damaged, Part, Subject
from .worker import Elsewhere

BATCH = 4 << 20
"""Bytes of files that one task hashes, about."""

WORTH_A_PROCESS = 8 << 20
"""Bytes of a stored layer from which on other processes cut it."""

_SEGMENTS = 64
"""Segments that are worked on at once at most, if so many threads are wished for."""


def patient(error: SimError) -> None:
    """Raise all but `BlobMissing`: with this report an outline is read whose layers are not all there."""
    if not isinstance(error, BlobMissing):
        raise error


def scan(
    outline: Outline, name: str, *, rule: Rule | None = None, limits: Limits = DEFAULT,
    progress: Progress | None = None, threads: int | None = None,
) -> Subject:
    """Read an image's layers from its archive, damaged ones and all.

    Parameters
    ----------
    outline : Outline
        The image's documents, read and checked; with `patient` layers may be missing.
    name : str
        What to call it.
    rule : Rule, optional
        Cut chunks by it.
    limits : Limits
    progress : callable, optional
    threads : int, optional
        One a core, at most 4, by default. The result does not depend on it.

    Raises
    ------
    LimitExceeded
        Part of the image was not looked at.
    """
    printers: dict[int, Printer | Elsewhere | Segments] = {}
    printing = _Printing(rule or Rule.of(), threads)

    def hasher(place: int, size: int, span: Span | None) -> AbstractContextManager[Hasher | None]:
        printers[place] = printing.of(size, span, digest=True)
        return printers[place]

    facts = read_layers(
        outline, limits=limits, progress=progress, threads=threads, strict=False, hash_files=False,
        hasher=None if rule is None else hasher,
    )
    first = {stored.member: place for place, stored in reversed(list(enumerate(outline.layers)))}
    chains, lines = chain_ids(outline.config.diff_ids), outline.config.layer_histories
    parts: list[Part] = []
    damaged: list[Damaged] = []
    for place, (stored, fact) in enumerate(zip(outline.layers, facts, strict=True)):
        why = _fault(stored, fact, outline, place)
        if fact is None or fact.tar is None or why is not None:
            damaged.append(Damaged(place + 1, str(why)))
            continue
        line = lines[place]
        parts.append(Part(
            place + 1, fact.digest, fact.size, outline.config.diff_ids[place], chains[place], fact.tar.size,
            fact.tar.changes, (line.created_by if line is not None else None) or "",
        ))
    sources = [first[outline.layers[part.number - 1].member] for part in parts]
    # Not of damaged layers: their printers stopped in the middle.
    cut = {place: printers[place].chunks() for place in set(sources) & printers.keys()}
    return Subject(name, outline.config_descriptor.digest, tuple(
        replace(part, chunks=cut.get(source)) for part, source in zip(parts, sources, strict=True)
    ), tuple(damaged))


class _Printing:
    """How the layers of one image are printed."""

    def __init__(self, rule: Rule, threads: int | None) -> None:
        self._rule = rule
        self._room = BoundedSemaphore(usable_threads(threads, _SEGMENTS))

    def of(self, size: int, span: Span | None, digest: bool = False) -> Printer | Elsewhere | Segments:
        """Return what prints a stream of `size` stored bytes, 0 where one thread is to do all.

        Large ones are printed in other processes, unless none can be started; what lies in a file, in several at once.
        """
        if size >= WORTH_A_PROCESS:
            with suppress(OSError):
                if span is None:
                    return Elsewhere(self._rule, digest)
                return Segments(span, self._rule, self._room, digest)
        return Printer(self._rule, digest)


def _fault(stored: Stored, fact: Facts | None, outline: Outline, place: int) -> SimError | None:
    """Return what is wrong with a layer, the worst first."""
    if fact is None:
        told = stored.descriptor
        return BlobMissing(stored.member if told is None else told.digest, where=outline.outer.where)
    found: list[SimError] = []
    check_blob(stored, fact.size, fact.digest, found.append)
    check_tar(stored, fact.diff_id, fact.error, outline.config.diff_ids[place], found.append)
    return found[0] if found else None


def scan_image(
    image: Image, rule: Rule, *, progress: Progress | None = None, threads: int | None = None
) -> Subject:
    """Cut the layers of an image that is open; its blobs are read again.

    Parameters
    ----------
    image : Image
        Wherever it comes from.
    rule : Rule
    progress, threads
        As in `scan`.

    Examples
    --------
    >>> from sim.source import open_image
    >>> found = scan_image(open_image("sample:busybox"), Rule.of("fastcdc", 8192))
    >>> sum(size for _, size in found.parts[0].chunks) == found.parts[0].tar_size
    True
    """
    subject = Subject.of(image)
    meter = _Meter(progress, sum(layer.tar_size for layer in image.layers), f"{image.name}, cutting chunks")
    ranked = sorted(enumerate(image.layers), key=lambda it: -it[1].tar_size)
    printing = _Printing(rule, threads)
    apart = usable_threads(threads, 2) > 1
    tasks = [Task(partial(_cut, image, layer, printing, meter, apart), place) for place, layer in ranked]
    found = run_all(tasks, threads)
    cut = {place: chunks for (place, _), chunks in zip(ranked, found, strict=True)}
    return replace(subject, parts=tuple(
        replace(part, chunks=cut[place]) for place, part in enumerate(subject.parts)
    ))


class _Meter:
    """Progress over several layers."""

    def __init__(self, progress: Progress | None, total: int, what: str) -> None:
        self._progress = progress
        self._total = total
        self._what = what
        self._done = 0
        self._lock = Lock()

    def add(self, count: int) -> None:
        """Count what was done."""
        if self._progress is not None:
            with self._lock:
                self._done += count
                self._progress(self._done, self._total, self._what)


def _cut(image: Image, layer: Layer, printing: _Printing, meter: _Meter, apart: bool, stop: Stop) -> Chunks:
    digest, span = layer.descriptor.digest, None
    if isinstance(image.blobs, ArchiveBlobs) and layer.diff_id.hex == digest.hex:
        span = image.blobs.span(digest)
    with printing.of(layer.descriptor.size * apart, span) as printer:
        if isinstance(printer, Segments):
            for size in printer.steps():
                stop.check()
                meter.add(size)
        else:
            for piece in decompressed(image.blobs.chunks(digest), f"{image.name}, {digest.short}"):
                stop.check()
                meter.add(len(piece))
                printer.update(piece)
        return printer.chunks()


def chunk_files(changes: ChangeSet, rule: Rule) -> Chunks:
    """Cut each file of a layer by itself, in the tar's order: no chunk holds a header or parts of two files.

    Examples
    --------
    >>> from sim.fs.sketch import sketch, file
    >>> [size for _, size in chunk_files(sketch(file("/a", b"1" * 300), file("/b", b"2")), Rule.of("fixed", 256))]
    [256, 44, 1]
    """
    names, packed = bytearray(), bytearray()
    for path in inodes(changes).values():
        printer = Printer(rule)
        for piece in file_data(changes, path).chunks():
            printer.update(piece)
        found = printer.chunks()
        names += found.names
        packed += found.packed
    return Chunks(bytes(names), bytes(packed))


def settle(
    subjects: Sequence[Subject], *, progress: Progress | None = None, threads: int | None = None
) -> None:
    """Hash, on several threads, the files that could have twins: those with the size of another one.

    Nothing changes but the time at which it happens: a file's SHA-256 is taken when it is first asked for.
    """
    layers = {id(part.changes): part.changes for subject in subjects for part in subject.parts}.values()
    held = [file_data(changes, path) for changes in layers for path in inodes(changes).values()]
    sizes = Counter(data.size for data in held)
    hash_files((data for data in held if data.size and sizes[data.size] > 1), progress=progress, threads=threads)


def hash_files(datas: Iterable[Data], *, progress: Progress | None = None, threads: int | None = None) -> None:
    """Hash files on several threads, so that each knows its SHA-256."""
    wanted = list(datas)
    meter = _Meter(progress, sum(data.size for data in wanted), "hashing files")
    run_all([Task(partial(_hash, batch, meter), rank) for rank, batch in enumerate(_batches(wanted))], threads)


def _batches(datas: Iterable[Data]) -> Iterator[list[Data]]:
    """Yield runs of files of about `BATCH` bytes: several tasks even for one large layer."""
    batch: list[Data] = []
    size = 0
    for data in datas:
        batch.append(data)
        size += data.size
        if size >= BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _hash(datas: Sequence[Data], meter: _Meter, stop: Stop) -> None:
    for data in datas:
        stop.check()
        _ = data.sha256
        meter.add(data.size)

"""Figures of deduplication: files, chunks, everything from gzip layers, plain chunkers, memory.

    files     which files are twins, of images that are open and not hashed yet     raw SHA-256 of the same bytes
    chunks    cut and hash two plain layers, two at once   pyfastcdc alone + SHA-256 alone, as if no time were lost
    layers    inflate, verify, hash files, cut and hash chunks, 2 threads                      inflate, one thread
    borg      the same layers, cut and hashed                                 borg create, without compression

`curve` takes "layers" apart: each job alone, and all of them on one thread, two threads, and with worker processes.
The image is ubuntu-cyo57 where the folder ../shared lies beside the clone, else a sample of the same shape.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter
from typing import Any

from ..content.compression import decompressed
from ..content.data import Inline
from ..dedup import pipeline, sharing
from ..dedup.chunking import Rule, chunks, cutter
from ..dedup.copies import file_data, inodes
from ..dedup.pipeline import settle
from ..fs.sketch import file, sketch
from ..fs.tar import read_layer
from ..fs.tar_write import write_layer
from ..image.layer import Image
from ..source import open_image, open_subject
from .figure import Figure, absolute, against, interleaved, skipped
from .images import GB, REAL
from .process import PEAK, child
from .specimens import big_layer, deflated, layout

RULE = Rule.of("fastcdc", 8192)
_PIECE = 1 << 18
_MEMORY = "import sys\nfrom sim.bench.dedup import digest_all\ndigest_all(sys.argv[1], int(sys.argv[2]))\n" + PEAK


def figures(quick: bool) -> Iterator[Figure]:
    """Measure, one figure at a time."""
    runs = 3 if quick else 9
    with tempfile.TemporaryDirectory(prefix="layerlab-bench-") as name:
        scratch = Path(name)
        path, of = packed(scratch)
        large = plain_layers(scratch / "large", [large_layer(which, 64 if quick else 128) for which in range(2)])
        yield twins(large, "files of 256 KiB and more, a third of them twins", runs, 0.9)
        plain = unpacked(path, scratch / "plain")
        yield twins(plain, of, runs, 0.7)
        noise = [b"".join(write_layer(sketch(file("/noise", Inline(os.urandom((32 if quick else 96) << 20))))))
                 for _ in range(2)]
        folder = plain_layers(scratch / "noise", noise)
        yield chunk_level(folder, noise, runs)
        yield beside_borg(folder, "noise", scratch / "borg-noise", 1 if quick else 5)
        yield beside_borg(plain, of, scratch / "borg", 1 if quick else 5)
        yield from_gzip(path, of, runs)
        yield chunker("plain", "the standard library", 4 if quick else 8, 5)
        yield chunker("numpy", "numpy", 32 if quick else 64, 60)
        yield memory(scratch, GB if quick else 10 * GB)


def packed(scratch: Path) -> tuple[Path, str]:
    """Return an image of deflated layers, and what to call it."""
    if REAL.exists():
        return REAL, "ubuntu-cyo57"
    return deflated(open_image("sample:ubuntu-vim"), scratch / "ubuntu"), "a sample like ubuntu-cyo57"


def plain_layers(folder: Path, layers: Sequence[bytes]) -> Path:
    """Write an OCI folder of plain tars."""
    return layout(folder, [[(layer, layer)] for layer in layers])


def large_layer(which: int, size: int) -> bytes:
    """Return a tar of about `size` MB in files of 256 KiB to 2 MiB; every third file is in both layers."""
    marks, made, number = [], 0, 0
    while made < size << 20:
        seed = f"{number}" if number % 3 == 0 else f"{number}/{which}"
        length = (256 << 10) + int.from_bytes(hashlib.sha256(seed.encode()).digest()[:4], "big") % (7 << 18)
        marks.append(file(f"/{number}", Inline(hashlib.shake_128(seed.encode()).digest(length))))
        made, number = made + length, number + 1
    return b"".join(write_layer(sketch(*marks)))


def unpacked(path: Path, folder: Path) -> Path:
    """Write an image again with plain tars for layers."""
    image = open_image(path)
    return plain_layers(folder, [
        b"".join(decompressed(image.blobs.chunks(layer.descriptor.digest), "a layer")) for layer in image.layers
    ])


def twins(path: Path, of: str, runs: int, bar: float) -> Figure:
    """Time finding which files are twins against raw hashing of all of them, in bytes a second."""
    image = open_image(path)
    raw = [entry.data.read() for layer in image.stack for entry in layer.entries.values() if entry.data]
    # Each run needs files that nobody has hashed.
    fresh = [open_subject(path) for _ in range(runs + 1)]

    def ours() -> None:
        subjects = [fresh.pop()]
        settle(subjects, threads=2)
        sharing.files(subjects)

    took, peer = interleaved(runs, ours, lambda: on_two_threads(_halves(raw), _hash_each))
    size = sum(map(len, raw)) / 1e9
    return against(
        f"file-level dedup of open plain layers, 2 threads: {of}", size / took, size / peer, "hashlib SHA-256",
        unit="GB/s", at_least=bar,
    )


def _halves(raw: Sequence[bytes]) -> tuple[list[bytes], list[bytes]]:
    """Deal pieces out in two parts of about the same number of bytes."""
    parts: tuple[list[bytes], list[bytes]] = ([], [])
    sizes = [0, 0]
    for one in sorted(raw, key=len, reverse=True):
        which = sizes.index(min(sizes))
        parts[which].append(one)
        sizes[which] += len(one)
    return parts


def _hash_each(raw: Sequence[bytes | memoryview]) -> None:
    for one in raw:
        hashlib.sha256(one).digest()


def on_two_threads(parts: Sequence[Sequence[bytes]], work: Callable[[Sequence[bytes]], None]) -> None:
    """Do the work of each part on a thread of its own; what goes wrong there goes wrong here, and is no figure."""
    with ThreadPoolExecutor(len(parts)) as pool:
        for _ in pool.map(work, parts):
            pass


def chunk_level(path: Path, layers: Sequence[bytes], runs: int) -> Figure:
    """Time cutting and hashing two plain layers of an image that is open against the two jobs alone, added up."""
    name, peer = "chunk-level, 8 KiB, SHA-256, 2 plain layers", "pyfastcdc + hashlib, each alone, 2 threads"
    if find_spec("pyfastcdc") is None:
        return skipped(name, "pyfastcdc is not installed (extra fast)", peer_name=peer, to_reach="at least 0.86x")
    native, streams = cutter(RULE, "pyfastcdc"), [[layer] for layer in layers]

    def cut(part: Sequence[bytes]) -> None:
        native.cuts(part[0])

    alone = (partial(on_two_threads, streams, work) for work in (cut, _hash_each))
    took, cutting, hashing = interleaved(runs, _chunks_of(open_image(path)), *alone)
    total = sum(map(len, layers)) / 1e9
    # 1.5 GB/s where the two jobs alone give 1.74.
    return against(name, total / took, total / (cutting + hashing), peer, unit="GB/s", at_least=0.86)


def _chunks_of(image: Image) -> Callable[[], object]:
    return partial(pipeline.scan_image, image, RULE, threads=2)


def digest_all(path: str | os.PathLike[str], names: int = 0, threads: int = 2) -> None:
    """Do everything with one image: verify, hash files, cut and hash chunks, count.

    So many names of chunks that occur once are counted besides, where an image's own are too few.
    """
    subjects = [open_subject(path, rule=RULE, threads=threads)]
    settle(subjects, threads=threads)
    sharing.files(subjects)
    sharing.chunks(subjects)
    sharing.share((number.to_bytes(16, "big"), 1) for number in range(names))


def from_gzip(path: Path, of: str, runs: int) -> Figure:
    """Time everything from gzip layers against inflating them alone."""
    took, alone = interleaved(runs, lambda: digest_all(path), partial(_inflate, _blobs(path)))
    fast = "isal" if find_spec("isal") is not None else "zlib"
    return against(f"everything from gzip layers, 2 threads: {of}", took, alone, f"{fast} inflate, 1 thread",
                   at_most=1.6)


def _blobs(path: Path) -> list[list[bytes]]:
    image = open_image(path)
    return [list(image.blobs.chunks(layer.descriptor.digest)) for layer in image.layers]


def _inflate(blobs: Sequence[Sequence[bytes]]) -> None:
    for blob in blobs:
        for _ in decompressed(blob, "a layer"):
            pass


CURVE_UNIT = "s"


def curve(quick: bool = False) -> Iterator[dict[str, Any]]:
    """Measure everything from gzip layers in three ways, and each of its jobs alone on one thread.

    Yields
    ------
    dict
        ``image``; ``stored`` and ``tar``, its bytes; then seconds. The ways: ``one_thread``; ``two_threads``, chunks
        cut by the readers; ``workers``, two threads and chunks cut in processes. The jobs: see `jobs`.
    """
    with tempfile.TemporaryDirectory(prefix="layerlab-bench-") as name:
        path, of = packed(Path(name))
        bodies: dict[str, Callable[[], object]] = {
            "one_thread": partial(digest_all, path, threads=1), "two_threads": partial(_without_workers, path),
            "workers": partial(digest_all, path), **jobs(path),
        }
        times = interleaved(3 if quick else 15, *bodies.values())
        layers = open_image(path).layers
        yield {
            "image": of, "stored": sum(layer.descriptor.size for layer in layers),
            "tar": sum(layer.tar_size for layer in layers), **dict(zip(bodies, times, strict=True)),
        }


def _without_workers(path: Path) -> None:
    with _nothing_worth_a_process():
        digest_all(path)


@contextmanager
def _nothing_worth_a_process() -> Iterator[None]:
    """Have chunks cut on the readers' threads, as where no process can be started."""
    was, pipeline.WORTH_A_PROCESS = pipeline.WORTH_A_PROCESS, sys.maxsize
    try:
        yield
    finally:
        pipeline.WORTH_A_PROCESS = was


def jobs(path: Path) -> dict[str, Callable[[], object]]:
    """Return what has to be done with an image's layers, one job at a time, with its input at hand.

    Returns
    -------
    dict of str to callable
        ``inflate`` the blobs, ``blob``: their SHA-256, ``headers``: read the tars without hashing, ``diff_id``: their
        SHA-256, ``files``: that of each file, ``cut`` the tars, ``chunks``: the SHA-256 of each chunk.
    """
    blobs = _blobs(path)
    tars = [list(decompressed(blob, "a layer")) for blob in blobs]
    whole = [b"".join(tar) for tar in tars]
    engine = cutter(RULE)
    pieces = [piece for tar in whole for piece in engine.split(memoryview(tar), len(tar) - 1)]
    files = [
        file_data(layer, name).read() for layer in open_image(path).stack for name in inodes(layer).values()
    ]

    def headers() -> None:
        for tar in tars:
            read_layer(tar, where="a layer", reopen=lambda: (), hash_files=False, hasher=_Nothing())

    return {
        "inflate": partial(_inflate, blobs), "blob": partial(_hash_streams, blobs), "headers": headers,
        "diff_id": partial(_hash_streams, tars), "files": partial(_hash_each, files),
        "cut": lambda: [engine.cuts(tar) for tar in whole], "chunks": partial(_hash_each, pieces),
    }


class _Nothing:
    """A hasher that hashes nothing."""

    def update(self, data: bytes | memoryview, /) -> None:
        """Let a piece pass."""

    def hexdigest(self) -> str:
        """Return nothing."""
        return ""


def _hash_streams(streams: Sequence[Sequence[bytes]]) -> None:
    for stream in streams:
        hasher = hashlib.sha256()
        for piece in stream:
            hasher.update(piece)
        hasher.digest()


def beside_borg(path: Path, of: str, home: Path, runs: int) -> Figure:
    """Time cutting and hashing an image's plain layers against ``borg create`` of its folder, with the same sizes."""
    image = open_image(path)
    size = sum(layer.tar_size for layer in image.layers)
    name, peer = f"chunk-level, {size >> 20} MiB in {len(image.layers)} plain layers: {of}", "borg create"
    if shutil.which("borg") is None:
        return skipped(name, "no borg on the PATH", peer_name=peer, to_reach="at most 0.1x")
    home.mkdir()
    # Each run has a new repository: an old one has the chunks. The first run is not measured.
    fresh = [str(home / f"{number}") for number in range(runs + 1)]
    for repository in fresh:
        _borg(home, "init", "--encryption", "none", repository)

    def create() -> None:
        sizes = ("--compression", "none", "--chunker-params", "buzhash,11,15,13,4095")
        _borg(home, "create", *sizes, f"{fresh.pop()}::1", str(path))

    took, theirs = interleaved(runs, _chunks_of(image), create)
    return against(name, took, theirs, peer, at_most=0.1)


def _borg(home: Path, *words: str) -> None:
    environment = os.environ | {"BORG_BASE_DIR": str(home), "BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK": "yes"}
    subprocess.run(["borg", *words], env=environment, stdout=subprocess.DEVNULL, check=True)


def chunker(engine: str, named: str, size: int, bar: float) -> Figure:
    """Time cutting `size` MB of noise alone, on one thread; the best of three."""
    name = f"FastCDC, 8 KiB, by {named}"
    if engine == "numpy" and find_spec("numpy") is None:
        return skipped(name, "numpy is not installed (extra fast)", to_reach=f"at least {bar:g} MB/s")
    data, cut, times = os.urandom(size << 20), cutter(RULE, engine), []
    for _ in range(3):
        start = perf_counter()
        for _ in chunks((data[at : at + _PIECE] for at in range(0, len(data), _PIECE)), cut):
            pass
        times.append(perf_counter() - start)
    return absolute(name, len(data) / min(times) / 1e6, unit="MB/s", at_least=bar)


def memory(scratch: Path, size: int) -> Figure:
    """Measure the peak memory of doing everything with a layer of `size` bytes, with as many names as noise has."""
    name = f"peak memory, chunks of a layer of {size // GB} GiB"
    if sys.platform == "win32":
        return skipped(name, "Windows does not tell without a package", unit="MB", to_reach="at most 300 MB")
    peak = int(child(_MEMORY, str(big_layer(scratch / "big", size)), str(size // RULE.avg_size)))
    return absolute(name, peak / 1e6, unit="MB", at_most=300)

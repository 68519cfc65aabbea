"""Figures of opening images: time against `tar`, start-up, memory.

    ours   open an OCI archive, check every digest and size, index it, hash every file; 2 threads
    tar    `tar tzf` of each layer's blob: inflates, and looks at the headers alone

The image is ubuntu-cyo57 (43 MB, 4,981 paths) where the folder ../shared lies beside the clone; elsewhere it
is the sample of the same shape, its layers deflated as a real image's are.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from statistics import median

from ..source import open_image
from ..union.index import Index
from .figure import Figure, absolute, against, interleaved, skipped
from .process import PACKAGE_HOME, PEAK, child, seconds
from .specimens import big_layer, deflated

GB = 1 << 30
REAL = PACKAGE_HOME.parent / "shared" / "images" / "ubuntu-cyo57.oci.tar"
_IMPORT = "from time import perf_counter as now; start = now(); import sim; print(now() - start)"
_OPENING = """
import sys
if sys.argv[1] == "without":
    sys.modules["isal"] = None
from sim.bench.images import against_tar
print(*against_tar(sys.argv[3], sys.argv[4:], runs=int(sys.argv[2])))
"""
_MEMORY = "import sys\nfrom sim.bench.images import opened\nopened(sys.argv[1])\n" + PEAK


def figures(quick: bool) -> Iterator[Figure]:
    """Measure, one figure at a time."""
    with tempfile.TemporaryDirectory(prefix="layerlab-bench-") as name:
        scratch = Path(name)
        yield import_time(5 if quick else 15)
        yield inspect_time(scratch, 5 if quick else 15)
        yield from opening(scratch, 3 if quick else 9)
        yield memory(scratch, GB if quick else 10 * GB)


def import_time(runs: int) -> Figure:
    """Time ``import sim`` in a fresh process, the interpreter's own start not counted."""
    child(_IMPORT)
    taken = median(float(child(_IMPORT)) for _ in range(runs))
    return absolute("import sim", taken * 1e3, unit="ms", at_most=100)


def inspect_time(scratch: Path, runs: int) -> Figure:
    """Time the whole process of ``sim inspect`` on a small image."""
    path = deflated(open_image("sample:busybox"), scratch / "busybox")
    taken = seconds([sys.executable, "-m", "sim", "inspect", str(path)], runs)
    return absolute("sim inspect busybox (5 MB), whole process", taken * 1e3, unit="ms", at_most=300)


def opening(scratch: Path, runs: int) -> Iterator[Figure]:
    """Time opening the image with the accelerators of extra `fast` and without, each against tar."""
    path = REAL if REAL.exists() else deflated(open_image("sample:ubuntu-vim"), scratch / "ubuntu")
    of = "ubuntu-cyo57" if path is REAL else "a sample like ubuntu-cyo57"
    blobs = layer_blobs(path, scratch)
    for how, bar, able in (("with", 0.5, find_spec("isal") is not None), ("without", 0.8, True)):
        name, words = f"open, verify, index, hash {of}, {how} isal", f"at most {bar:g}x"
        if not able:
            yield skipped(name, "isal is not installed (extra fast)", peer_name="tar tzf", to_reach=words)
        elif shutil.which("tar") is None:
            yield skipped(name, "no tar on the PATH", peer_name="tar tzf", to_reach=words)
        else:
            ours, tar = map(float, child(_OPENING, how, str(runs), str(path), *blobs).split())
            yield against(name, ours, tar, "tar tzf", at_most=bar)


def layer_blobs(path: Path, scratch: Path) -> list[str]:
    """Write the stored layers of an image as files for tar to read."""
    image = open_image(path)
    names = []
    for number, layer in enumerate(image.layers, start=1):
        names.append(str(scratch / f"layer-{number}.tar.gz"))
        with open(names[-1], "wb") as out:
            out.writelines(image.blobs.chunks(layer.descriptor.digest))
    return names


def against_tar(path: str, blobs: Sequence[str], runs: int) -> tuple[float, ...]:
    """Return the median seconds of opening an image and of tar's listing of its layers, taken in turn."""

    def listing() -> None:
        for blob in blobs:
            subprocess.run(["tar", "tzf", blob], stdout=subprocess.DEVNULL, check=True)

    return interleaved(runs, lambda: opened(path), listing)


def opened(path: str | os.PathLike[str]) -> Index:
    """Open an image, which checks and hashes every byte of it, and index it."""
    return Index.of(open_image(path, threads=2).stack)


def memory(scratch: Path, size: int) -> Figure:
    """Measure the peak memory of opening an image whose one layer holds one file of `size` bytes."""
    name = f"peak memory, a layer of {size // GB} GiB"
    if sys.platform == "win32":
        return skipped(name, "Windows does not tell without a package", unit="MB", to_reach="at most 150 MB")
    peak = int(child(_MEMORY, str(big_layer(scratch / "big", size))))
    return absolute(name, peak / 1e6, unit="MB", at_most=150)

"""Rows 9 and 10: what is saved by keeping each file once, and by keeping other units once.

Row 9 is about all of Docker Hub (Zhao et al., 2019 and 2021). A synthetic population is drawn whose popularity of
packages, versions and own data, three numbers, were fitted so that the published points come out; that one mechanism
gives all of them and rises in between, and how many layers the images have, is not fitted. Up to some thousand images
layers are made and counted, beyond that the mean of all drawings is computed (corpus/expected.py).

Row 10 is about units (Harter et al., Slacker, FAST '16, on HelloBench). A small sample gets bytes, is packed into tars
and gzip blobs, and is cut: a package's new version changes some of the blocks of its large files, in place. Bytes
are noise and zeros, as much of each as deflate needs to make of them what it makes of images.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator
from functools import cache

from ...content.data import Inline
from ...dedup.chunking import Rule, cutter
from ...dedup.corpus import census, layer_share
from ...dedup.corpus.cluster import spread_over
from ...dedup.corpus.draws import draw, mix
from ...dedup.corpus.expected import expected
from ...dedup.corpus.population import HUB_2017, Lognormal, Population
from ...dedup.corpus.synthetic import Run, image, runs
from ...dedup.sharing import Share, share
from ...fs.sketch import file, sketch
from ...fs.tar_write import write_layer
from .check import Check, times, within
from .sources import Sources

ZHAO = "Zhao et al., 2019 and 2021"
SLACKER = "Slacker, FAST '16"
HUB_IMAGES, HUB_LAYERS = 355_319, 1_790_000
"""Of the whole hub; the number of images is recalled, not read again."""
MADE = (20, 50, 150, 500, 2000)
"""Numbers of images whose layers are made."""
BLOCK = 4096


def growth(sources: Sources) -> list[Check]:
    """Row 9."""
    with spread_over(sources.scheduler) as spread:
        made = census(HUB_2017, MADE[-1], MADE, spread, sources.progress)
    whole = expected(HUB_2017, HUB_LAYERS)
    curve = [*(one.files.ratio for one in made), whole.ratio]
    rising = min(later / earlier for earlier, later in zip(curve, curve[1:], strict=False))
    last = made[-1]
    thought = expected(HUB_2017, last.layers.unique_count).ratio
    stored = layer_share(HUB_2017, HUB_IMAGES, sources.progress)
    hub = "synthetic Docker Hub of 2017"
    return [
        within(f"distinct files, {hub} (fitted), {HUB_LAYERS:,} layers", 3.2, 100 * whole.unique, 1, unit="%",
               source=ZHAO),
        times(f"file dedup, capacity, {hub} (fitted), {HUB_LAYERS:,} layers", 6.99, whole.ratio, 1.15, source=ZHAO),
        times(f"file dedup, capacity, {hub} (fitted), 1,000 layers", 1.9, expected(HUB_2017, 1000).ratio, 1.15,
              source="recalled, for orientation"),
        times(f"layer sharing, {hub} (fitted), {HUB_IMAGES:,} images", 1.8, stored.ratio, 1.15, source=ZHAO),
        times(f"distinct layers of {HUB_IMAGES:,} images, {hub}", HUB_LAYERS, stored.unique_count, 1.15, unit="",
              source=ZHAO),
        Check(f"file dedup grows: least step from {MADE[0]} images to all, {hub}", 1, rising, 1, 10, "x", ZHAO),
        times(f"made against expected, {last.layers.unique_count:,} layers, {hub}", thought, last.files.ratio, 1.15,
              source="both ways of counting here"),
    ]  # fmt: skip


SAMPLE = Population(
    "a sample of Docker Hub, small", Lognormal(6, 0.5, 12), 0.6, Lognormal(400, 1, 1 << 13),
    Lognormal(80e3, 1.1, 1 << 20), Lognormal(260, 0.1, 400), bases=12, base_exponent=1.3, base_layers=4, packages=120,
    exponent=1.1, versions=6, version_exponent=0.5, own=0.04, files=Lognormal(4, 1.2, 40),
    small_file=Lognormal(2_500, 1, 1 << 15), big_file=Lognormal(24_000, 0.8, 1 << 18),
)
"""Fewer packages of fewer and smaller files, so that some hundred layers are some ten megabytes; how many packages
there are is chosen such that whole files come near to the published figure."""
SAMPLED = 40
CHANGED = 4
"""One of so many blocks of a large file changes from a version to the next."""
NOISE = 1550
"""Bytes of a block that cannot be compressed; the others are zeros, so that deflate has the ratio published."""


def units(_: Sources) -> list[Check]:
    """Row 10: the order of the units is what was published of it; the figures are those of one data set."""
    blobs, files, blocks, gzip = measured()
    made = f"{SAMPLED} synthetic images with bytes"
    return [
        within(f"blocks of gzip blobs, {made}", 1.0, blobs.ratio, 0.05, unit="x", source=SLACKER),
        times(f"whole files, {made}", 2.1, files.ratio, 1.25, source=SLACKER),
        Check(f"gzip of the layers' tars, {made} (fitted)", 2.5, gzip, 2.3, 2.7, "x", SLACKER),
        times(f"blocks of 4 KiB, {made}", 2.8, blocks.ratio, 1.25, source=SLACKER),
        Check(f"whole files over blocks of gzip blobs, {made}", 2.1, files.ratio / blobs.ratio, 1, 10, "x", SLACKER),
        Check(f"blocks over whole files, {made}", 1.33, blocks.ratio / files.ratio, 1, 10, "x", SLACKER),
        Check(f"blocks over gzip, {made}", 1.12, blocks.ratio / gzip, 1, 10, "x", SLACKER),
    ]


@cache
def measured() -> tuple[Share, Share, Share, float]:
    """Return what the sample's distinct layers share, by blocks of their blobs, files, and blocks; and gzip's ratio."""
    layers = {one.place: one for number in range(SAMPLED) for one in image(SAMPLE, number)}
    of_blobs, of_files, of_blocks = list[tuple[bytes, int]](), list[tuple[bytes, int]](), list[tuple[bytes, int]]()
    cut = cutter(Rule.of("fixed", BLOCK))
    tars = gzips = 0
    for layer in layers.values():
        contents = [content for run in runs(SAMPLE, layer) for content in _contents(run)]
        tar = b"".join(write_layer(sketch(*(file(f"/{n}", Inline(one)) for n, one in enumerate(contents)))))
        blob = zlib.compress(tar)
        tars, gzips = tars + len(tar), gzips + len(blob)
        of_files += map(_named, contents)
        of_blocks += (_named(block) for one in contents for block in _blocks(one, cut.cuts(one)))
        of_blobs += map(_named, _blocks(blob, cut.cuts(blob)))
    return share(of_blobs), share(of_files), share(of_blocks), tars / gzips


def _named(content: bytes) -> tuple[bytes, int]:
    return hashlib.sha256(content).digest(), len(content)


def _blocks(content: bytes, cuts: list[int]) -> Iterator[bytes]:
    return (content[start:end] for start, end in zip([0, *cuts], cuts, strict=False))


def _contents(run: Run) -> Iterator[bytes]:
    """Make a run's files: those of one version of a package have blocks of earlier ones."""
    name, version = run.name, 0
    if SAMPLE.packages <= run.name < SAMPLE.own_at:
        name, version = divmod(run.name - SAMPLE.packages, SAMPLE.versions)
        name += SAMPLE.own_at << 32  # beside all others
    for number in range(run.files):
        key = mix(mix(name) + number)
        yield b"".join(_block(key, place, version) for place in range(0, run.size, BLOCK))[: run.size]


def _block(key: int, place: int, version: int) -> bytes:
    at = draw(key, place)
    born = next((then for then in range(version, 0, -1) if draw(at, then) % CHANGED == 0), 0)
    return hashlib.shake_128(b"%d %d" % (at, born)).digest(NOISE).ljust(BLOCK, b"\0")

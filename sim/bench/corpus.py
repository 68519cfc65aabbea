"""Figures of collections: requests replayed against caches, and the growth of a synthetic corpus.

    replay     725,242 requests sorted into blobs and manifests, each against LRU at five sizes
    corpus     10,000 images made without bytes, every file looked up: time, and peak memory, of a process of its own

The requests are the recorded ones where the folder ../shared lies beside the clone, else made up, as many.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from statistics import median
from time import perf_counter

from ..dedup.corpus.replay import replays
from ..dedup.corpus.traces import trace
from ..errors import BadInput
from .figure import Figure, absolute, skipped
from .process import PEAK, child
from .study.sources import Sources, requests
from .study.traces import keys

REQUESTS = 725_242
_CORPUS = """
import sys
from time import perf_counter as now
from sim.dedup.corpus import census
from sim.dedup.corpus.population import HUB_2017
images, start = int(sys.argv[1]), now()
last = census(HUB_2017, images, range(images // 10, images + 1, images // 10))[-1]
print(now() - start, last.files.total_count, last.files.ratio)
""" + PEAK


def figures(quick: bool) -> Iterator[Figure]:
    """Measure, one figure at a time."""
    named, uris = recorded_or_made()
    yield replay_time(named, uris, 2 if quick else 5)
    yield from corpus(1000 if quick else 10_000)


def recorded_or_made() -> tuple[str, list[str]]:
    """Return requests, and in words which."""
    try:
        return "recorded", requests(Sources())
    except BadInput:
        blobs, manifests = (259_274, 132_610)
        made = [f"v2/app/blobs/{number:08x}" for number in trace(blobs)]
        made += [f"v2/app/manifests/{number:08x}" for number in trace(manifests, 2)]
        return "made up", [*made, *["v2"] * (REQUESTS - len(made))]


def replay_time(named: str, uris: Sequence[str], runs: int) -> Figure:
    """Time a replay, from the requests to the hits of ten caches."""
    times = []
    for _ in range(runs):
        start = perf_counter()
        for one in keys(uris):
            replays(one)
        times.append(perf_counter() - start)
    return absolute(f"replay of {len(uris):,} {named} requests, LRU at five sizes", median(times), unit="s", at_most=1)


def corpus(images: int) -> Iterator[Figure]:
    """Measure the census of a synthetic corpus; the bars are those of 10,000 images, also for fewer."""
    name = f"growth curve of {images:,} synthetic images"
    if find_spec("numpy") is None:
        yield skipped(name, "numpy is not installed (extra fast)", to_reach="at most 60 s")
        return
    if sys.platform == "win32":
        yield skipped(name, "Windows does not tell a process's peak memory without a package", to_reach="at most 60 s")
        return
    told, peak = child(_CORPUS, str(images)).splitlines()
    took, files, _ = map(float, told.split())
    name = f"{name}, {files / 1e6:.0f} million file references"
    yield absolute(name, took, unit="s", at_most=60)
    yield absolute(f"peak memory, {name}", int(peak) / 1e6, unit="MB", at_most=2000)

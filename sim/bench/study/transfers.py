"""Rows 1 to 4 and 15: how long a pull takes of a start, what lazy pulls save, and what unpacking costs.

The population of rows 1 to 4 is HelloBench (Harter et al., Slacker, FAST '16): 57 images of Docker Hub in 2015, on a
private registry in the same rack. What is taken from there is the median image (117 MB of gzip, 329 MB unpacked), the
share of it that a start reads and the run of about a second. The times are the model's. Constants of the host are those
of network/parties.py, of the lazy file system those of network/strategies.py; one of them, its throughput, is fitted.
"""

from __future__ import annotations

from functools import cache

from ...registry.network.parties import Blob, Host, Program
from ...registry.network.pulls import pull, push
from ...registry.network.spans import Doing, Trace
from ...registry.network.strategies import Strategy, Work, start
from ...registry.network.tcp import Route, route
from .check import Check, times, within

DOCKER_2015 = Program("docker 1.5", uploads=1)
SLACKER = "Slacker, FAST '16"
_SPLIT = (0.44, 0.28, 0.19, 0.08, 0.01)


def hello_image(size: float = 117e6, unpacked: float = 329e6) -> list[Blob]:
    """Return HelloBench's median image, base first: a large base and smaller layers on it."""
    return [
        Blob(f"layer {number}", int(size * part), int(unpacked * part)) for number, part in enumerate(_SPLIT, 1)
    ]


def rack(mbit_s: float = 1000.0) -> Route:
    """Return the way to a registry in the same rack."""
    return route(mbit_s, 0.1)


@cache
def _started(strategy: Strategy, share: float) -> Trace:
    return start(strategy, hello_image(), rack(), Work(share=share))


TYPICAL = Work().share


def pull_share() -> list[Check]:
    """Row 1."""
    trace = _started(Strategy.EAGER, TYPICAL)
    got = 100 * (1 - trace.busy_ms(Doing.RUN) / trace.total_ms)
    return [within("share of the pull in a container's start, HelloBench", 76, got, 8, unit="%", source=SLACKER)]


def read_share() -> list[Check]:
    """Row 2: emerges from the tables of contents and whole chunks beside the bytes that are read."""
    lazy, eager = (_started(strategy, TYPICAL).moved for strategy in (Strategy.LAZY, Strategy.EAGER))
    return [within("bytes fetched to start / bytes pulled, HelloBench", 6.4, 100 * lazy / eager, 1.5, unit="%",
                   source=SLACKER)]  # fmt: skip


def speed_up() -> list[Check]:
    """Row 3: a deployment is a pull and a run, a development cycle has a push before them.

    docker compresses on each push (about 19 MB of tar a second and core, measured), in 2015 one layer after the other.
    A lazy file system that takes snapshots on the server side pushes names, not bytes.
    """
    eager, lazy = (_started(strategy, TYPICAL).total_ms for strategy in (Strategy.EAGER, Strategy.LAZY))
    pushed = push(hello_image(), rack(), program=DOCKER_2015, host=Host(gzip_mb_s=19)).total_ms
    named = push(hello_image(), rack(), there={layer.name for layer in hello_image()}).total_ms
    return [
        times("speed-up by lazy pulls, deployment", 5, eager / lazy, 1.5, source=SLACKER),
        times("speed-up by lazy pulls, development cycle", 20, (pushed + eager) / (named + lazy), 1.5, source=SLACKER),
    ]


def density() -> list[Check]:
    """Row 4: the share of its image that a program must read for a lazy pull to win nothing."""
    shares = [number / 100 for number in range(5, 101, 5)]
    ratios = [
        _started(Strategy.LAZY, share).total_ms / _started(Strategy.EAGER, share).total_ms for share in shares
    ]
    even = next((share for share, ratio in zip(shares, ratios, strict=True) if ratio >= 1), 1.0)
    source = "published measurements of lazy snapshotters"
    return [
        Check("access density at which lazy stops winning", 80, 100 * even, 60, 95, "%", source),
        Check("a full read under lazy, against eager", 1.65, ratios[-1], 1.3, 2.0, "x", source),
    ]


def pipeline() -> list[Check]:
    """Row 15: a pull of 1.5 GB at 1.5 Gbit/s."""
    sizes = (520, 400, 310, 180, 90)
    image = [Blob(f"layer {number}", size * 10**6, int(size * 2.6e6)) for number, size in enumerate(sizes, 1)]
    trace, parallel = (pull(image, rack(1500), host=Host(unpackers=unpackers)) for unpackers in (1, 4))
    extraction = trace.busy_ms(Doing.EXTRACT)
    return [
        Check("download of 1.5 GB", 8, trace.busy_ms(Doing.DOWNLOAD) / 1e3, 6.8, 9.2, "s", "published pull timings"),
        Check("its extraction", 37.5, extraction / 1e3, 35 * 0.85, 40 * 1.15, "s", "published pull timings"),
        Check("share of extraction", 70, 100 * extraction / trace.total_ms, 65, 100, "%", "published pull timings"),
        Check("speed-up by unpacking in parallel", 2.8, trace.total_ms / parallel.total_ms, 2 * 0.85, 3.6 * 1.15, "x",
              "published measurements of parallel unpacking"),
    ]  # fmt: skip

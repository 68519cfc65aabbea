"""From the command to a container that serves: all bytes first, only those that are read, or from one another.

    eager      pull everything, unpack it, run                                docker
    lazy       a table of contents for each layer, run; what is read and      eStargz, SOCI, overlaybd
               not here comes in chunks, one round trip each
    prefetch   as lazy, and before the run one range a layer brings           Starlight, eStargz's landmark
               what the program is known to read
    peers      hosts in a tree: each takes its pieces from the one above it    DADI, FaaSNet, Dragonfly
               and hands them on

A program reads a `share` of its image's bytes, one miss after the other, for it does not go on before it has read.
Which way wins is a matter of that share, of the round trip, and of what a byte costs on its way through a user-space
file system.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import ceil

from .events import Process, Simulation, Slots
from .links import Network
from .parties import DOCKER, MB, Blob, Host, Program, Server, total
from .pulls import CONFIG, MANIFEST, preface, pulling
from .session import Session
from .spans import Doing, Trace
from .tcp import Route


class Strategy(StrEnum):
    """How an image's bytes come to a host."""

    EAGER = "eager"
    LAZY = "lazy"
    PREFETCH = "prefetch"


@dataclass(frozen=True, slots=True)
class Work:
    """What a container does until it serves.

    Attributes
    ----------
    share : float
        Of the image's bytes, how much it reads: 0.064 at the median of HelloBench (Slacker, FAST '16).
    run_ms : float
        What it computes, in ms.
    disk_mb_s : float
        MB of tar that it reads a second from the host's disk.
    """

    share: float = 0.064
    run_ms: float = 1000.0
    disk_mb_s: float = 400.0


@dataclass(frozen=True, slots=True)
class Snapshotter:
    """A lazy file system.

    Attributes
    ----------
    chunk : int
        Bytes of blob that a miss fetches (eStargz: 4 MiB at most, files apart).
    contents : float
        Size of a table of contents, as a share of its layer.
    serve_mb_s : float
        MB of tar that pass through it a second: inflate, check, hand over to the kernel and back. Fitted: a program
        that reads about two thirds of its image starts as fast either way (published: 60 to 95 %).
    ahead : int
        Chunks under way at once.
    """

    chunk: int = 256 << 10
    contents: float = 0.004
    serve_mb_s: float = 60.0
    ahead: int = 1


def start(
    strategy: Strategy, layers: Sequence[Blob], way: Route, work: Work, *, host: Host | None = None,
    server: Server | None = None, program: Program = DOCKER, snapshotter: Snapshotter | None = None,
) -> Trace:
    """Simulate a start from the command until the container serves.

    Parameters
    ----------
    strategy : Strategy
    layers : sequence of Blob
        Base first; nothing of them is on the host.
    way : Route
    work : Work

    Examples
    --------
    >>> from .tcp import route
    >>> image = [Blob("layer 1", 117 * 10**6, 329 * 10**6)]
    >>> eager, lazy = (start(way, image, route(1000, 0.2), Work()) for way in (Strategy.EAGER, Strategy.LAZY))
    >>> lazy.total_ms < eager.total_ms / 2
    True
    """
    sim = Simulation()
    session = Session(sim, Network(sim), way, program, host or Host(), server or Server())
    sim.run(starting(strategy, session, layers, work, snapshotter or Snapshotter()))
    return session.trace(sim.now)


def starting(
    strategy: Strategy, session: Session, layers: Sequence[Blob], work: Work, snapshotter: Snapshotter
) -> Process:
    """Do a start in a session; a process."""
    sim = session.sim
    if strategy is Strategy.EAGER:
        yield from pulling(session, layers, ())
        began = sim.now
        read = sum(layer.unpacked for layer in layers) * work.share
        yield sim.sleep(work.run_ms + read / (work.disk_mb_s * MB))
        session.note("container", Doing.RUN, began)
        return
    yield sim.sleep(session.host.start_ms)
    yield from preface(session)
    yield from session.ask("manifest", Doing.ASK, answer=MANIFEST)
    yield from session.tries("config", Doing.DOWNLOAD, CONFIG)
    slots = Slots(sim, session.program.downloads)
    yield sim.all(*(
        sim.start(_slotted(session, slots, layer.name, layer.size * snapshotter.contents)) for layer in layers
    ))  # fmt: skip
    if strategy is Strategy.PREFETCH:
        yield sim.all(*(
            sim.start(_slotted(session, slots, layer.name, layer.size * work.share)) for layer in layers
        ))  # fmt: skip
    began = sim.now
    yield from _reading(session, layers, work, snapshotter, strategy is Strategy.LAZY)
    yield sim.sleep(work.run_ms)
    session.note("container", Doing.RUN, began)


def _slotted(session: Session, slots: Slots, what: str, size: float) -> Process:
    yield slots.take()
    yield from session.tries(what, Doing.DOWNLOAD, size)
    slots.give()


def _reading(session: Session, layers: Sequence[Blob], work: Work, snapshotter: Snapshotter, missing: bool) -> Process:
    sim, wanted = session.sim, total(layers) * work.share
    if missing:
        misses = max(1, ceil(wanted / snapshotter.chunk))
        slots = Slots(sim, snapshotter.ahead)
        yield sim.all(*(
            sim.start(_slotted(session, slots, "reads", wanted / misses)) for _ in range(misses)
        ))  # fmt: skip
    tar = sum(layer.unpacked for layer in layers) * work.share
    yield sim.sleep(tar / (snapshotter.serve_mb_s * MB))

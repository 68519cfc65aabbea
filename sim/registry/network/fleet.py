"""Many hosts that start containers of one image at the same time.

    eager, lazy, prefetch       registry --- its uplink ---+--- host 1      all share the uplink
                                                           +--- host 2 ...
    peers, 2 below each         registry --- host 1 --+--- host 2           each uplink carries two;
                                                      +--- host 3 ...       pieces stream through the tree

Hosts that begin in one instant and are connected alike are one cohort and computed once. Containers of one host share
what it fetched.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from .events import Process, Signal, Simulation
from .links import Link, Network
from .parties import DOCKER, MB, Blob, Host, Server, total
from .session import Session
from .strategies import Snapshotter, Strategy, Work, starting
from .tcp import HEAD, Connection, Route


@dataclass(frozen=True, slots=True)
class Fleet:
    """Hosts, how they are connected, and when they begin.

    Attributes
    ----------
    hosts : int
    containers : int
        All together, spread evenly.
    host_mbit_s, registry_mbit_s : float
        What each host, and the registry, can send and take.
    delay_ms : float
        One way between any two.
    waves : int
        Cohorts: so many groups of hosts begin one after the other.
    spread_ms : float
        From the first group to the last.
    fan_out : int
        Hosts below each in a tree of peers.
    piece : int
        Bytes that a peer hands on at a time.
    create_ms : float
        From a container's creation to its first instruction, one after the other on a host.
    """

    hosts: int = 1000
    containers: int = 10_000
    host_mbit_s: float = 10_000.0
    registry_mbit_s: float = 25_000.0
    delay_ms: float = 0.1
    waves: int = 10
    spread_ms: float = 500.0
    fan_out: int = 2
    piece: int = 512 << 10
    create_ms: float = 60.0

    def groups(self) -> list[tuple[float, int]]:
        """Return (begin in ms, hosts) of each group.

        Examples
        --------
        >>> Fleet(hosts=5, waves=2, spread_ms=10).groups()
        [(0.0, 3), (10.0, 2)]
        """
        waves = min(self.waves, self.hosts)
        step = self.spread_ms / max(1, waves - 1)
        return [(number * step, len(range(number, self.hosts, waves))) for number in range(waves)]


@dataclass(frozen=True, slots=True)
class Arrival:
    """A group of hosts whose containers serve.

    Attributes
    ----------
    began_ms, ready_ms : float
        Until the last of their containers serves.
    hosts : int
    """

    began_ms: float
    ready_ms: float
    hosts: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a fleet came up.

    Attributes
    ----------
    arrivals : tuple of Arrival
        By begin.
    from_registry : float
        Bytes that the registry sent.
    """

    arrivals: tuple[Arrival, ...]
    from_registry: float

    @property
    def ready_ms(self) -> float:
        """When all containers serve, in ms."""
        return max(arrival.ready_ms for arrival in self.arrivals)


def bring_up(
    fleet: Fleet, strategy: Strategy, layers: Sequence[Blob], work: Work, *, host: Host | None = None,
    snapshotter: Snapshotter | None = None,
) -> Outcome:
    """Simulate a fleet whose hosts all ask the registry.

    Examples
    --------
    >>> image = [Blob("layer 1", 10**8, 26 * 10**7)]
    >>> eager, lazy = (bring_up(Fleet(), way, image, Work()) for way in (Strategy.EAGER, Strategy.LAZY))
    >>> lazy.ready_ms < eager.ready_ms, lazy.from_registry < eager.from_registry
    (True, True)
    """
    sim = Simulation()
    network = Network(sim)
    uplink, entry = (Link(f"registry, {way}", fleet.registry_mbit_s) for way in ("out", "in"))
    ready: list[Signal] = []
    for number, (begin, count) in enumerate(fleet.groups()):
        up, down = (Link(f"hosts {number}, {way}", fleet.host_mbit_s, fleet.delay_ms, shared=False) for way in "ud")
        way = Route((up, entry), (uplink, down))
        session = Session(sim, network, way, DOCKER, host or Host(), Server(), count=count)
        process = starting(strategy, session, layers, work, snapshotter or Snapshotter())
        ready.append(sim.start(_group(fleet, begin, process, sim)))
    times = sim.run(_all(sim, ready))
    return Outcome(_arrivals(fleet, times), network.moved)


def _group(fleet: Fleet, begin: float, process: Process, sim: Simulation) -> Process:
    yield sim.sleep(begin)
    yield from process
    # What one container read is there for the others.
    yield sim.sleep(fleet.create_ms * ceil(fleet.containers / fleet.hosts))
    return sim.now


def _all(sim: Simulation, signals: Sequence[Signal]) -> Process:
    return (yield sim.all(*signals))


def _arrivals(fleet: Fleet, times: Sequence[float]) -> tuple[Arrival, ...]:
    groups = fleet.groups()
    return tuple(Arrival(begin, ready, hosts) for (begin, hosts), ready in zip(groups, times, strict=True))


def bring_up_by_peers(fleet: Fleet, layers: Sequence[Blob], work: Work, *, host: Host | None = None) -> Outcome:
    """Simulate a fleet in a tree: what containers read comes piece by piece from the host above.

    Hosts of one depth are a group; all begin at once. A piece is handed on once it is there, so the tree costs its
    depth once, not once a piece.

    Examples
    --------
    >>> image = [Blob("layer 1", 10**8, 26 * 10**7)]
    >>> small, large = (bring_up_by_peers(Fleet(hosts=hosts), image, Work()) for hosts in (10, 1000))
    >>> large.ready_ms - small.ready_ms < 200 and small.from_registry == large.from_registry
    True
    """
    sim = Simulation()
    network = Network(sim)
    uplink = Link("registry, out", fleet.registry_mbit_s)
    wanted = total(layers) * work.share
    pieces = max(1, ceil(wanted / fleet.piece))
    above = [_fired() for _ in range(pieces)]
    ready: list[Signal] = []
    counts = _depths(fleet)
    for depth, count in enumerate(counts):
        # Each host's own uplink carries its children alike: the share of one child is a link of its own.
        speed = fleet.host_mbit_s / (fleet.fan_out if depth else 1)
        down = Link(f"depth {depth}, down", speed, fleet.delay_ms, shared=False)
        up = Link(f"depth {depth}, up", speed, fleet.delay_ms, shared=False)
        way = Route((up,), (down,) if depth else (uplink, down))
        here = [Signal() for _ in range(pieces)]
        connection = Connection(sim, network, way, count=count)
        peer = _peer(sim, connection, above, here, wanted / pieces, fleet, layers, work, host or Host())
        ready.append(sim.start(peer))
        above = here
    times = sim.run(_all(sim, ready))
    arrivals = tuple(Arrival(0.0, ready_ms, hosts) for hosts, ready_ms in zip(counts, times, strict=True))
    return Outcome(arrivals, wanted + pieces * 2 * HEAD)


def _fired() -> Signal:
    signal = Signal()
    signal.fire()
    return signal


def _depths(fleet: Fleet) -> list[int]:
    counts, left, width = [], fleet.hosts, 1
    while left > 0:
        counts.append(min(width, left))
        left -= width
        width *= fleet.fan_out
    return counts


def _peer(
    sim: Simulation, connection: Connection, above: Sequence[Signal], here: Sequence[Signal], size: float, fleet: Fleet,
    layers: Sequence[Blob], work: Work, host: Host,
) -> Process:
    yield sim.sleep(host.start_ms)
    yield from connection.open()
    for there, mine in zip(above, here, strict=True):
        yield there
        yield from connection.exchange(answer=HEAD + size)
        mine.fire()
    tar = sum(layer.unpacked for layer in layers) * work.share
    yield sim.sleep(tar / (work.disk_mb_s * MB) + work.run_ms + fleet.create_ms * ceil(fleet.containers / fleet.hosts))
    return sim.now

"""A pull and a push as docker does them, on simulated links.

    pull   [https in vain,] ping, [token,] HEAD and GET manifest, GET config and layers through 3 slots, base first;
           one chain unpacks them: a layer when it is here and its parent is in place
    push   5 slots, top layer first: HEAD (absent), POST, PATCH, PUT, HEAD; then the config; then PUT manifest

(moby, distribution/xfer; the exchanges were recorded from docker 20.10 and skopeo 1.9.) A layer that the host has
costs nothing on a pull, one that the registry has one HEAD on a push. A chain that the host has in part is unpacked
from where it begins to be new.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from math import inf

from .events import Process, Signal, Simulation, Slots
from .links import Network
from .parties import DOCKER, Blob, Host, Program, Server, Turn
from .session import Outage, Session
from .spans import Doing, Trace
from .tcp import Route

MANIFEST = 2_000
CONFIG = 4_000
TOKEN = 3_000


def pull(
    layers: Sequence[Blob], way: Route, *, program: Program = DOCKER, host: Host | None = None,
    server: Server | None = None, have: Collection[str] = (), outages: Sequence[Outage] = (),
) -> Trace:
    """Simulate a pull.

    Parameters
    ----------
    layers : sequence of Blob
        Base first; two with one name are one blob.
    way : Route
        Between the client and the registry.
    have : collection of str
        Names of the layers that the host holds already.
    outages : sequence of Outage
        When the registry is away.

    Returns
    -------
    Trace

    Examples
    --------
    >>> from .tcp import route
    >>> trace = pull([Blob("layer 1", 10**7, 26 * 10**6)], route(100, 10))
    >>> 1000 < trace.total_ms < 1400
    True
    """
    sim = Simulation()
    session = _session(sim, way, program, host, server, outages)
    sim.run(pulling(session, layers, frozenset(have)))
    return session.trace(sim.now)


def pulling(session: Session, layers: Sequence[Blob], have: Collection[str]) -> Process:
    """Do a pull in a session; a process."""
    sim, host, program = session.sim, session.host, session.program
    yield sim.sleep(host.start_ms)
    yield from preface(session)
    if program.head:
        yield from session.ask("manifest", Doing.ASK)
    yield from session.ask("manifest", Doing.ASK, answer=MANIFEST)
    slots, unpackers = Slots(sim, program.downloads), Slots(sim, host.unpackers)
    here: dict[str, Signal] = {}
    placed: list[Signal] = []
    if program.pull_config is not Turn.AFTER:
        own = slots if program.pull_config is Turn.AMONG else Slots(sim, 1)
        placed.append(sim.start(_download(session, "config", CONFIG, own)))
    previous = Signal()
    previous.fire()
    for layer in layers:
        if layer.name in have:
            continue
        if layer.name not in here:
            here[layer.name] = sim.start(_download(session, layer.name, layer.size, slots))
        # docker writes a layer upon its parent; who unpacks several at once gives each a folder of its own.
        after = previous if host.unpackers == 1 else here[layer.name]
        previous = here[layer.name]
        if program.extracts:
            previous = sim.start(_unpack(session, layer, here[layer.name], after, unpackers))
        placed.append(previous)
    yield sim.all(*placed)
    if program.pull_config is Turn.AFTER:
        yield from _download(session, "config", CONFIG, slots)


def _download(session: Session, what: str, size: float, slots: Slots) -> Process:
    began = session.sim.now
    yield slots.take()
    session.note(what, Doing.WAIT, began, "for one of the download slots")
    yield from session.tries(what, Doing.DOWNLOAD, size)
    slots.give()


def _unpack(session: Session, layer: Blob, here: Signal, after: Signal, unpackers: Slots) -> Process:
    yield here
    began = session.sim.now
    yield after
    yield unpackers.take()
    chain = session.host.unpackers == 1
    session.note(layer.name, Doing.WAIT, began, "for its parent to be unpacked" if chain else "for a core")
    began = session.sim.now
    yield session.sim.sleep(session.host.unpack_ms(layer))
    session.note(layer.name, Doing.EXTRACT, began)
    unpackers.give()


def push(
    layers: Sequence[Blob], way: Route, *, program: Program = DOCKER, host: Host | None = None,
    server: Server | None = None, there: Collection[str] = (), mounts: Collection[str] = (),
    outages: Sequence[Outage] = (),
) -> Trace:
    """Simulate a push; parameters as in `pull`.

    Parameters
    ----------
    there : collection of str
        Names of the layers that the repository holds already.
    mounts : collection of str
        Names of those that the registry mounts from another repository of its own.
    """
    sim = Simulation()
    session = _session(sim, way, program, host, server, outages)
    sim.run(pushing(session, layers, frozenset(there), frozenset(mounts)))
    return session.trace(sim.now)


def pushing(session: Session, layers: Sequence[Blob], there: Collection[str], mounts: Collection[str]) -> Process:
    """Do a push in a session; a process."""
    sim, program = session.sim, session.program
    yield sim.sleep(session.host.start_ms)
    yield from preface(session)
    slots, cores = Slots(sim, program.uploads), Slots(sim, session.host.cores)
    distinct = list(reversed({layer.name: layer for layer in layers}.values()))
    if program.surveys:
        names = ["config", *(layer.name for layer in reversed(distinct))]
        yield sim.all(*(sim.start(_asked(session, name, slots)) for name in names))
    ways = [_upload(session, layer, slots, cores, layer.name in there, layer.name in mounts) for layer in distinct]
    if program.push_config is Turn.AMONG:
        ways.insert(0, _slotted(session, "config", CONFIG, slots))
    yield sim.all(*map(sim.start, ways))
    if program.push_config is Turn.AFTER:
        yield from _slotted(session, "config", CONFIG, slots)
    yield from session.ask("manifest", Doing.UPLOAD, request=MANIFEST, server_ms=session.server.upload_ms)


def _asked(session: Session, what: str, slots: Slots) -> Process:
    yield slots.take()
    yield from session.ask(what, Doing.ASK)
    slots.give()


def _slotted(session: Session, what: str, size: float, slots: Slots) -> Process:
    yield slots.take()
    yield from _sent(session, what, size)
    slots.give()


def _upload(session: Session, layer: Blob, slots: Slots, cores: Slots, there: bool, mounted: bool) -> Process:
    began, program = session.sim.now, session.program
    if there and program.surveys:
        return
    yield slots.take()
    session.note(layer.name, Doing.WAIT, began, "for one of the upload slots")
    if there:
        yield from session.ask(layer.name, Doing.ASK)
    elif mounted:
        yield from session.ask(layer.name, Doing.ASK, server_ms=session.server.upload_ms)
    else:
        made_at, began = session.host.made_at(layer), session.sim.now
        if made_at < inf:
            # docker compresses while it sends, a core for each layer.
            yield cores.take()
            session.note(layer.name, Doing.WAIT, began, "for a core that compresses it")
        yield from _sent(session, layer.name, layer.size, made_at)
        if made_at < inf:
            cores.give()
    slots.give()


def _sent(session: Session, what: str, size: float, made_at: float = inf) -> Process:
    """HEAD unless all were asked before, POST, PATCH, PUT, and HEAD again where the client makes sure."""
    program = session.program
    for _ in range(0 if program.surveys else program.heads):
        yield from session.ask(what, Doing.ASK)
    yield from session.ask(what, Doing.ASK)
    yield from session.tries(what, Doing.UPLOAD, size, made_at)
    yield from session.ask(what, Doing.ASK, server_ms=session.server.upload_ms)
    if program.verifies:
        yield from session.ask(what, Doing.ASK)


def preface(session: Session) -> Process:
    """Find out which protocol the registry speaks, whether it is there, and fetch a token where it wants one."""
    if session.server.insecure:
        yield from session.try_tls()
    yield from session.ask("ping", Doing.ASK)
    if session.server.tokens:
        yield from session.ask("token", Doing.ASK, answer=TOKEN)


def _session(
    sim: Simulation, way: Route, program: Program, host: Host | None, server: Server | None,
    outages: Sequence[Outage],
) -> Session:
    server = server or Server()
    gate = None if server.at_once is None else Slots(sim, server.at_once)
    return Session(sim, Network(sim), way, program, host or Host(), server, outages=outages, gate=gate)

"""What pulls and pushes of every kind share: connections that are kept, requests, retries, and the notes taken.

A client keeps its connections and takes an idle one before it opens another (HTTP keep-alive), so the first request on
each costs a handshake and later ones do not. A connection that breaks during a download is opened again after docker's
back-off, and the download goes on where it stopped (Range).
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from math import inf
from typing import Any

from ...errors import TransferFailed
from ..retry import DOWNLOAD, UPLOAD, Backoff
from .events import Process, Signal, Simulation, Slots
from .links import BITS, Link, Network
from .parties import Host, Program, Server
from .spans import Doing, Span, Trace, ordered
from .tcp import HEAD, Connection, Cut, Route

SECOND = 1000.0


@dataclass(frozen=True, slots=True)
class Outage:
    """From `at_ms` all connections are cut, and none is accepted before `until_ms`."""

    at_ms: float
    until_ms: float


class Session:
    """One client at one registry, on a simulation that it may share with others."""

    def __init__(
        self, sim: Simulation, network: Network, way: Route, program: Program, host: Host, server: Server, *,
        count: int = 1, outages: Sequence[Outage] = (), gate: Slots | None = None,
    ) -> None:
        self.sim, self.network = sim, network
        self.program, self.host, self.server = program, host, server
        # What hashes and writes the bytes is one more narrow place on their way.
        within = _bounded(Link("host", host.blobs_mb_s * BITS, shared=False))
        self._way = replace(way, up=within + way.up, down=way.down + within)
        self._count, self._outages, self._gate = count, outages, gate
        self._idle: list[Connection] = []
        self._all: list[Connection] = []
        self._spans: list[Span] = []
        for outage in outages:
            sim.at(outage.at_ms, self._cut)

    def _cut(self) -> None:
        for connection in self._all:
            connection.broken.fire()
        self._idle.clear()

    def note(self, what: str, doing: Doing, since: float, words: str = "") -> None:
        """Write down what went on from `since` until now; nothing that took no time."""
        if self.sim.now > since:
            self._spans.append(Span(what, doing, since, self.sim.now, words))

    def trace(self, total_ms: float) -> Trace:
        """Return what was written down."""
        trips = sum(connection.round_trips for connection in self._all)
        return Trace(ordered(self._spans), total_ms, self.network.moved, trips)

    def connection(self, what: str) -> Generator[Signal, Any, Connection]:
        """Take an idle connection, or open one."""
        if self._idle:
            return self._idle.pop()
        began = self.sim.now
        if any(outage.at_ms <= began < outage.until_ms for outage in self._outages):
            raise Cut(0)
        own = _bounded(Link(f"connection {len(self._all)}", self.server.per_connection_mbit_s, shared=False))
        way = replace(self._way, up=self._way.up + own, down=self._way.down + own)
        made = Connection(self.sim, self.network, way, count=self._count)
        self._all.append(made)
        yield from made.open()
        self.note(what, Doing.CONNECT, began)
        return made

    def try_tls(self) -> Process:
        """Greet a registry that does not speak TLS; the connection is of no use after that."""
        began = self.sim.now
        greeted = Connection(self.sim, self.network, self._way, count=self._count)
        self._all.append(greeted)
        yield from greeted.open()
        yield from greeted.exchange(HEAD, HEAD, self.server.answer_ms)
        self.note("ping", Doing.CONNECT, began, "https: the registry answers in http")

    def ask(
        self, what: str, doing: Doing, request: float = 0, answer: float = 0, server_ms: float | None = None,
        made_at: float = inf,
    ) -> Process:
        """Send one request with `request` bytes of body and take `answer` bytes of it, heads apart."""
        began = self.sim.now
        if self._gate is not None:
            yield self._gate.take()
            self.note(what, Doing.WAIT, began, "the registry answers no more at once")
        try:
            connection = yield from self.connection(what)
            began = self.sim.now
            waits = self.server.answer_ms if server_ms is None else server_ms
            yield from connection.exchange(HEAD + request, HEAD + answer, waits, made_at)
            self.note(what, doing, began)
            if self.program.keeps:
                self._idle.append(connection)
        finally:
            if self._gate is not None:
                self._gate.give()

    def tries(self, what: str, doing: Doing, size: float, made_at: float = inf) -> Process:
        """Move a blob as often as docker tries it; a download goes on where it broke off.

        Raises
        ------
        TransferFailed
            It failed more often than the client tries.
        """
        down = doing is Doing.DOWNLOAD
        policy: Backoff = DOWNLOAD if down else UPLOAD
        failures, left = 0, size
        while True:
            try:
                if down:
                    yield from self.ask(what, doing, answer=left)
                else:
                    yield from self.ask(what, doing, left, server_ms=self.server.upload_ms, made_at=made_at)
                return
            except Cut as cut:
                failures += 1
                if down:
                    left -= max(0.0, min(cut.arrived - HEAD, left))
                wait = policy.wait(failures)
                if wait is None:
                    raise TransferFailed(f"{what}: {cut}, for the {failures}th time") from None
                began = self.sim.now
                yield self.sim.sleep(wait * SECOND)
                self.note(what, Doing.BACK_OFF, began, f"Retrying in {wait} seconds")


def _bounded(link: Link) -> tuple[Link, ...]:
    return (link,) if link.mbit_s < inf else ()

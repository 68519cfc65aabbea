"""A TCP connection on a network of links: round trips, slow start, and what a window or losses allow.

    open      SYN, SYN-ACK                          1 round trip
    TLS 1.3   hello, certificate                    1 more, and about 4 kB of certificate
    exchange  request up, time at the server, answer down
    bytes     10 segments, wait for their ACKs,     one round trip a burst, until a burst fills the pipe;
              20, 40, 80 ...                        from there as fast as the links, the window and losses allow

(RFC 6928 for the first 10 segments, RFC 5681 for the doubling, Mathis et al. 1997 for losses: rate <= 1.22 MSS / (RTT
sqrt(p)); Cardwell et al. 2000 for the model as a whole.) A connection that is kept open keeps its window, and small
requests do not open it: it grows to twice what was on the way (Linux, tcp_is_cwnd_limited). Left out are HyStart, which
may leave the doubling early, delayed ACKs, and idle connections that start slowly again.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from math import inf, prod, sqrt
from typing import Any

from .events import Process, Signal, Simulation
from .links import Link, Network

MSS = 1448
"""Bytes of payload of a segment on Ethernet, with time stamps."""
FIRST_WINDOW = 10 * MSS
WINDOW = 3 * 2**20
CERTIFICATE = 4_000
HEAD = 500
"""Bytes of a request's or an answer's head, about."""


class Cut(Exception):
    """The connection broke; `arrived` bytes of the transfer under way had arrived."""

    def __init__(self, arrived: float) -> None:
        super().__init__(f"the connection broke after {arrived:.0f} bytes")
        self.arrived = arrived


@dataclass(frozen=True, slots=True)
class Route:
    """The way between a client and a server.

    Attributes
    ----------
    up, down : tuple of Link
        From the client to the server, and back.
    tls : int
        Round trips of the TLS handshake: 0 without TLS, 1 for TLS 1.3, 2 for 1.2.
    window : float
        Bytes that may be on their way at once: the receiver's window (Linux grows it to 6 MiB at most, of
        which half is for payload).
    """

    up: tuple[Link, ...]
    down: tuple[Link, ...]
    tls: int = 0
    window: float = WINDOW

    @property
    def rtt_ms(self) -> float:
        """Round-trip time of a small packet, in ms."""
        return _delay(self.up) + _delay(self.down)

    def cap(self, links: tuple[Link, ...]) -> float:
        """Return the bytes a ms that window and losses allow on one connection."""
        rtt = self.rtt_ms
        lost = 1 - prod(1 - link.loss for link in links)
        if not rtt:
            return inf
        return min(self.window / rtt, 1.22 * MSS / (rtt * sqrt(lost)) if lost else inf)


def route(
    mbit_s: float, delay_ms: float, *, loss: float = 0.0, tls: int = 0, up_mbit_s: float | None = None,
    shared: bool = True, window: float = WINDOW,
) -> Route:
    """Return a way over one wire.

    Parameters
    ----------
    mbit_s, up_mbit_s : float
        Down and up; the same both ways by default.
    delay_ms : float
        One way.
    """
    down = Link("down", mbit_s, delay_ms, loss, shared)
    up = Link("up", mbit_s if up_mbit_s is None else up_mbit_s, delay_ms, loss, shared)
    return Route((up,), (down,), tls, window)


class Connection:
    """One connection of a client (or of each member of a cohort); `open` it before anything else."""

    def __init__(self, sim: Simulation, network: Network, way: Route, *, count: int = 1) -> None:
        self._sim, self._network, self.way, self._count = sim, network, way, count
        self._windows = {way.up: float(FIRST_WINDOW), way.down: float(FIRST_WINDOW)}
        self.round_trips = 0
        self.broken = Signal()

    def open(self) -> Process:
        """Shake hands, with TLS where the route has it."""
        self.round_trips += 1
        yield self._sim.sleep(self.way.rtt_ms)
        for number in range(self.way.tls):
            yield from self.exchange(answer=CERTIFICATE if not number else HEAD)

    def exchange(
        self, request: float = HEAD, answer: float = HEAD, server_ms: float = 0.0, made_at: float = inf
    ) -> Process:
        """Send a request and take its answer, both in bytes, heads included; `made_at` is as in `send`."""
        self.round_trips += 1
        yield from self.send(request, self.way.up, made_at)
        if server_ms:
            yield self._sim.sleep(server_ms)
        yield from self.send(answer, self.way.down)

    def send(self, size: float, links: tuple[Link, ...], made_at: float = inf) -> Generator[Signal, Any, None]:
        """Send bytes one way and wait until the last has arrived.

        Parameters
        ----------
        size : float
            Bytes.
        links : tuple of Link
        made_at : float
            Bytes a ms at which the sender makes what it sends, where it compresses on the way.

        Raises
        ------
        Cut
            The connection broke meanwhile.
        """
        rtt, cap, left = self.way.rtt_ms, min(self.way.cap(links), made_at), size
        while left > 0:
            window = self._windows[links]
            began, bulk = self._sim.now, not rtt or window >= cap * rtt
            burst = left if bulk else min(left, window)
            flow = self._network.send(burst, links, cap=cap if bulk else made_at, count=self._count)
            if (yield self._sim.first(flow.done, self.broken)) is self.broken:
                raise Cut(size - left + self._network.stop(flow))
            left -= burst
            took = self._sim.now - began
            if bulk:
                break
            # Acknowledged, the window doubles, if it was used; where it fills the pipe, the links decide.
            self._windows[links] = max(window, min(window + burst, 2 * burst)) if took < rtt else inf
            if left and took < rtt:
                yield self._sim.sleep(rtt - took)
        yield self._sim.sleep(_delay(links))


def _delay(links: tuple[Link, ...]) -> float:
    return sum(link.delay_ms for link in links)

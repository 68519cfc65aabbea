"""Links and the flows on them: who gets how much, and when each is through.

    registry ---- uplink 1000 Mbit/s ----+---- host 1   100 Mbit/s        flows of host 1 share its link,
                                         +---- host 2   100 Mbit/s        all flows share the uplink

Flows share as TCP's do in the long run: max-min fairness. Every flow grows alike until a link is full; its flows stop
there, the others go on (progressive filling; Bertsekas and Gallager, Data Networks, 6.5.2). A flow may have a `cap` of
its own, such as its window over the round-trip time. Between two events rates are constant: a fluid model, right where
transfers last longer than a few packets; the first round trips of a connection go in bursts (tcp.py).

Hosts that are connected alike and do the same at the same time need no computing each. They are a *cohort*: a flow with
`count` 50 stands for 50 equal ones. A shared link carries them all; a link that each host has for itself carries one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import inf

from .events import Signal, Simulation

BITS = 8
MBIT_S = 1e6 / BITS / 1e3
"""Bytes a millisecond of one Mbit/s."""


@dataclass(frozen=True, slots=True)
class Link:
    """One direction of a wire.

    Attributes
    ----------
    name : str
    mbit_s : float
        Payload bandwidth in Mbit/s; `math.inf` for none that counts.
    delay_ms : float
        One way, in ms.
    loss : float
        Share of packets lost, from 0 to below 1.
    shared : bool
        Whether all members of a cohort are on it, or each has one like it.
    """

    name: str
    mbit_s: float
    delay_ms: float = 0.0
    loss: float = 0.0
    shared: bool = True

    def __post_init__(self) -> None:
        if not self.mbit_s > 0 or self.delay_ms < 0 or not 0 <= self.loss < 1:
            raise ValueError(f"no such link: {self}")


class Flow:
    """Bytes on their way over some links."""

    __slots__ = ("cap", "count", "done", "left", "links", "rate", "size")

    def __init__(self, size: float, links: tuple[Link, ...], cap: float, count: int) -> None:
        self.size = self.left = float(size)
        self.links, self.cap, self.count = links, cap, count
        self.rate = 0.0
        self.done = Signal()


def fair_rates(flows: Iterable[Flow]) -> dict[Flow, float]:
    """Return each flow's rate in bytes a ms by max-min fairness.

    Examples
    --------
    >>> wide, narrow = Link("wide", 80), Link("narrow", 16)
    >>> a, b = Flow(1, (wide,), inf, 1), Flow(1, (wide, narrow), inf, 1)
    >>> [rate / MBIT_S for rate in fair_rates([a, b]).values()]
    [64.0, 16.0]
    """
    growing = list(flows)
    rates = dict.fromkeys(growing, 0.0)
    room = {link: link.mbit_s * MBIT_S for flow in growing for link in flow.links}
    level = 0.0
    while growing:
        riders: dict[Link, int] = {}
        for flow in growing:
            for link in flow.links:
                riders[link] = riders.get(link, 0) + (flow.count if link.shared else 1)
        step = min(
            min((room[link] / number for link, number in riders.items()), default=inf),
            min(flow.cap for flow in growing) - level,
        )
        level += step
        if step == inf:
            return rates | dict.fromkeys(growing, inf)
        for link, number in riders.items():
            room[link] -= step * number
        full = {link for link in riders if room[link] <= 1e-9 * link.mbit_s}
        for flow in growing:
            rates[flow] = level
        growing = [flow for flow in growing if flow.cap > level and not full.intersection(flow.links)]
    return rates


class Network:
    """All flows of a simulation, moved on from event to event."""

    def __init__(self, sim: Simulation) -> None:
        self._sim = sim
        self._flows: dict[Flow, None] = {}
        self._since = 0.0
        self._plan = 0
        self.moved = 0.0
        """Bytes that have arrived, those of every member of a cohort."""

    def send(self, size: float, links: tuple[Link, ...], *, cap: float = inf, count: int = 1) -> Flow:
        """Put bytes on their way; `flow.done` happens when the last has left the sender.

        Parameters
        ----------
        size : float
            Bytes.
        links : tuple of Link
            The way; its delays are the caller's to wait for.
        cap : float
            Bytes a ms that the flow never exceeds.
        count : int
            Members of the cohort.
        """
        flow = Flow(size, links, cap, count)
        if size <= 0:
            flow.done.fire()
            return flow
        self._move_on()
        self._flows[flow] = None
        self._replan()
        return flow

    def stop(self, flow: Flow) -> float:
        """Break a flow off; return the bytes that had left. Its `done` never happens."""
        if flow in self._flows:
            self._move_on()
            self._flows.pop(flow, None)
            self._replan()
        return flow.size - flow.left

    def _move_on(self) -> None:
        passed, self._since = self._sim.now - self._since, self._sim.now
        if passed:
            for flow in self._flows:
                moved = min(flow.left, flow.rate * passed)
                flow.left -= moved
                self.moved += moved * flow.count

    def _replan(self) -> None:
        # Everything that starts or ends in one instant is planned for once.
        self._plan += 1
        plan = self._plan
        self._sim.at(self._sim.now, lambda: self._allot(plan))

    def _allot(self, plan: int) -> None:
        if plan != self._plan:
            return
        self._move_on()
        for flow, rate in fair_rates(self._flows).items():
            flow.rate = rate
        ends = {flow: flow.left / flow.rate for flow in self._flows}
        if ends:
            first = min(ends.values())
            # Rounding must not part what ends together, nor leave a trace of it.
            through = [flow for flow, end in ends.items() if end <= first * (1 + 1e-9) + 1e-9]
            self._sim.at(self._sim.now + first, lambda: self._finish(plan, through))

    def _finish(self, plan: int, through: list[Flow]) -> None:
        if plan != self._plan:
            return
        self._move_on()
        for flow in through:
            self.moved += flow.left * flow.count
            flow.left = 0.0
            del self._flows[flow]
        self._replan()
        for flow in through:
            flow.done.fire()

"""Discrete events on a virtual clock: processes that wait, and what they wait for.

    def client(sim, slots):                     a process is a generator; it yields what it waits for
        yield slots.take()                        a place among at most n
        yield sim.sleep(20.0)                     20 ms
        slots.give()
        return "done"                             the value of the process, which others may wait for

Time is in milliseconds and moves from event to event. Two events of one instant happen in the order in which they were
made, so a run is a pure function of its inputs. Nothing here reads a clock.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Generator
from functools import partial
from typing import Any

Process = Generator["Signal", Any, Any]


class Signal:
    """Something that happens once, with a value; callbacks run at that instant."""

    __slots__ = ("_waiting", "happened", "value")

    def __init__(self) -> None:
        self.happened = False
        self.value: Any = None
        self._waiting: list[Callable[[Any], None]] = []

    def then(self, callback: Callable[[Any], None]) -> None:
        """Call back when it happens; at once if it has."""
        if self.happened:
            callback(self.value)
        else:
            self._waiting.append(callback)

    def fire(self, value: Any = None) -> None:
        """Let it happen. A second time changes nothing."""
        if self.happened:
            return
        self.happened, self.value = True, value
        waiting, self._waiting = self._waiting, []
        for callback in waiting:
            callback(value)


class Simulation:
    """The virtual clock and what is to happen.

    Examples
    --------
    >>> sim = Simulation()
    >>> def twice():
    ...     yield sim.sleep(2.5)
    ...     yield sim.sleep(2.5)
    ...     return sim.now
    >>> sim.run(twice())
    5.0
    """

    def __init__(self) -> None:
        self.now = 0.0
        self._made = 0
        self._heap: list[tuple[float, int, Callable[[], None]]] = []

    def at(self, when: float, action: Callable[[], None]) -> None:
        """Do something at an instant, in ms; an instant that has passed is now."""
        self._made += 1
        heapq.heappush(self._heap, (max(when, self.now), self._made, action))

    def sleep(self, ms: float) -> Signal:
        """Return what happens `ms` from now."""
        signal = Signal()
        self.at(self.now + ms, signal.fire)
        return signal

    def start(self, process: Process) -> Signal:
        """Run a process; the signal fires with its value when it returns."""
        done = Signal()

        def resume(value: Any) -> None:
            try:
                waits_for = process.send(value)
            except StopIteration as end:
                done.fire(end.value)
            else:
                waits_for.then(resume)

        self.at(self.now, lambda: resume(None))
        return done

    def all(self, *signals: Signal) -> Signal:
        """Return what happens when all of these have; its value is the tuple of theirs."""
        done, left = Signal(), len(signals)

        def one_more(_: Any) -> None:
            nonlocal left
            left -= 1
            if not left:
                done.fire(tuple(signal.value for signal in signals))

        for signal in signals:
            signal.then(one_more)
        if not signals:
            done.fire(())
        return done

    def first(self, *signals: Signal) -> Signal:
        """Return what happens when one of these has; its value is that one."""
        done = Signal()
        for signal in signals:
            signal.then(partial(_tell, done, signal))
        return done

    def run(self, process: Process) -> Any:
        """Run a process and all that it starts until nothing is left to happen; return its value."""
        done = self.start(process)
        while self._heap:
            self.now, _, action = heapq.heappop(self._heap)
            action()
        if not done.happened:
            raise RuntimeError("a process waits for something that nobody does")
        return done.value


def _tell(done: Signal, which: Signal, _: Any) -> None:
    done.fire(which)


class Slots:
    """At most `places` at a time, first come, first served."""

    def __init__(self, sim: Simulation, places: int) -> None:
        self._sim, self._free = sim, places
        self._queue: deque[Signal] = deque()

    def take(self) -> Signal:
        """Return what happens when a place is ours."""
        signal = Signal()
        if self._free:
            self._free -= 1
            signal.fire()
        else:
            self._queue.append(signal)
        return signal

    def give(self) -> None:
        """Leave the place to the next one."""
        if self._queue:
            self._queue.popleft().fire()
        else:
            self._free += 1

"""A few tasks on a few threads, with one answer whatever the timing.

Hashing and inflating release the interpreter lock, so two cores are busy with two layers. Tasks are started
in the order given and RANKED: when several fail, the error of the lowest rank is the one that is raised, as if
they had run in turn. A failure stops the tasks ranked above it and lets those below end.

The standard library's executor would do; importing it takes longer than opening a small image.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock, Thread
from typing import Generic, TypeVar

T = TypeVar("T")


class Stopped(Exception):  # noqa: N818 - no error: it ends a task whose result nobody waits for
    """Raised inside a task by `Stop.check`."""


class Stop:
    """Tells one task whether its result is still wanted."""

    def __init__(self, state: _State, rank: int) -> None:
        self._state = state
        self._rank = rank

    def check(self) -> None:
        """Raise `Stopped` when a task of a lower rank has failed."""
        if self._rank > self._state.failed:
            raise Stopped


@dataclass(frozen=True, slots=True)
class Task(Generic[T]):
    """A function that now and then calls its argument's `check`, and its rank."""

    run: Callable[[Stop], T]
    rank: int


class _State:
    def __init__(self) -> None:
        self.lock = Lock()
        self.next = 0
        self.failed: float = float("inf")
        self.error: BaseException | None = None

    def fail(self, rank: float, error: BaseException) -> None:
        with self.lock:
            if rank < self.failed:
                self.failed, self.error = rank, error


def usable_threads(threads: int | None, tasks: int) -> int:
    """Return how many threads to use: the wish, or one a core up to 4; 1 where there are no threads."""
    import os

    if sys.platform == "emscripten":
        return 1
    return max(1, min(threads or min(os.cpu_count() or 1, 4), tasks))


def run_all(tasks: Sequence[Task[T]], threads: int | None = None) -> list[T]:
    """Run all tasks and return their results in the order given, or raise the lowest-ranked error."""
    state, results = _State(), dict[int, T]()

    def work() -> None:
        while True:
            with state.lock:
                number, state.next = state.next, state.next + 1
            if number >= len(tasks):
                return
            task = tasks[number]
            try:
                stop = Stop(state, task.rank)
                stop.check()
                results[number] = task.run(stop)
            except Stopped:
                continue
            except Exception as error:
                state.fail(task.rank, error)
            except BaseException as error:  # Ctrl-C: nobody waits for anything any more
                state.fail(-1, error)

    helpers = [Thread(target=work, daemon=True) for _ in range(usable_threads(threads, len(tasks)) - 1)]
    for helper in helpers:
        helper.start()
    try:
        work()
        for helper in helpers:
            helper.join()
    except BaseException as error:  # Ctrl-C while waiting: end the others first, they hold files open
        state.fail(-1, error)
        for helper in helpers:
            helper.join()
    if state.error is not None:
        raise state.error
    return [results[number] for number in range(len(tasks))]

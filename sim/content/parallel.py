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
from queue import SimpleQueue
from threading import BoundedSemaphore, Lock, Thread
from typing import Generic, Self, TypeVar

from .digest import new_hasher

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


class HashAhead:
    """SHA-256 on a thread of its own: whoever reads goes on while the last pieces are hashed.

    It is a context, so that the thread ends however the reading ends. At most `PIECES` pieces wait. What hashing
    raises is raised again by `hexdigest`.

    Examples
    --------
    >>> with HashAhead() as hasher:
    ...     hasher.update(b"hello")
    ...     hasher.hexdigest()[:8]
    '2cf24dba'
    """

    PIECES = 4

    def __init__(self) -> None:
        self._hasher = new_hasher()
        self._error: BaseException | None = None
        self._pieces: SimpleQueue[bytes | memoryview | None] = SimpleQueue()
        self._room = BoundedSemaphore(self.PIECES)
        self._thread = Thread(target=self._work, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def update(self, data: bytes | memoryview, /) -> None:
        """Hash a piece soon."""
        self._room.acquire()
        self._pieces.put(data)

    def hexdigest(self) -> str:
        """Wait for the pieces and return the digest; nothing can be added after that."""
        self._end()
        if self._error is not None:
            raise self._error
        return self._hasher.hexdigest()

    def _end(self) -> None:
        if self._thread.is_alive():
            self._pieces.put(None)
            self._thread.join()

    def _work(self) -> None:
        while (piece := self._pieces.get()) is not None:
            try:
                if self._error is None:
                    self._hasher.update(piece)
            except BaseException as error:
                self._error = error
            # Whatever happens: who adds the next piece waits for room.
            self._room.release()

"""Tasks on threads: results in order, and one error whatever the timing."""

from __future__ import annotations

import hashlib
import threading
import time

import pytest

from sim.content import parallel
from sim.content.parallel import HashAhead, Stop, Task, run_all, usable_threads
from tests.conftest import OWN_THREADS


@pytest.mark.parametrize("threads", [1, 2, 5, None])
def test_results_come_in_the_order_given(threads: int | None) -> None:
    def task(number: int) -> Task[int]:
        def run(stop: Stop) -> int:
            time.sleep((7 - number) / 1000)
            return number

        return Task(run, number)

    assert run_all([task(number) for number in range(7)], threads) == list(range(7))


def test_nothing_to_do() -> None:
    assert run_all([]) == []


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_the_error_of_the_lowest_rank_is_raised(threads: int) -> None:
    # Rank 0 fails last in time, and is told all the same.
    def failing(rank: int, delay: float) -> Task[None]:
        def run(stop: Stop) -> None:
            time.sleep(delay)
            raise ValueError(rank)

        return Task(run, rank)

    for _ in range(5):
        with pytest.raises(ValueError, match="^0$"):
            run_all([failing(2, 0), failing(1, 0.001), failing(0, 0.01)], threads)


def test_a_failure_stops_what_is_ranked_above_it() -> None:
    started = threading.Event()
    stopped = []

    def endless(stop: Stop) -> None:
        started.set()
        try:
            while True:
                stop.check()
                time.sleep(0.001)
        finally:
            stopped.append(True)

    def fail(stop: Stop) -> None:
        started.wait(5)
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        run_all([Task(endless, 1), Task(fail, 0)], 2)
    assert stopped == [True] and threading.active_count() == OWN_THREADS


@pytest.mark.parametrize("rank", [0, 2])
def test_an_interrupt_ends_all_whatever_its_rank(rank: int) -> None:
    def interrupt(stop: Stop) -> None:
        raise KeyboardInterrupt

    def endless(stop: Stop) -> None:
        while True:
            stop.check()
            time.sleep(0.001)

    with pytest.raises(KeyboardInterrupt):
        run_all([Task(endless, 1), Task(interrupt, rank)], 2)
    assert threading.active_count() == OWN_THREADS


def test_no_more_threads_than_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 64)
    assert [usable_threads(wish, tasks) for wish, tasks in [(None, 100), (None, 2), (8, 100), (8, 0)]] == [4, 2, 8, 1]
    monkeypatch.setattr("sys.platform", "emscripten")
    assert usable_threads(8, 100) == 1


@pytest.mark.parametrize("pieces", [[], [b"one"], [b"piece %d" % n for n in range(100)]])
def test_a_hasher_on_its_own_thread_gives_the_same_digest(pieces: list[bytes]) -> None:
    with HashAhead() as hasher:
        for piece in pieces:
            hasher.update(piece)
        assert hasher.hexdigest() == hashlib.sha256(b"".join(pieces)).hexdigest()
    assert threading.active_count() == OWN_THREADS


def test_its_thread_ends_with_a_reading_that_fails() -> None:
    with pytest.raises(OSError, match="gone"), HashAhead() as hasher:
        hasher.update(b"one")
        raise OSError("gone")
    assert threading.active_count() == OWN_THREADS


def test_what_its_hasher_raises_is_raised_at_the_end_and_nobody_waits_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Broken:
        def update(self, data: bytes | memoryview, /) -> None:
            raise MemoryError("too much")

        def hexdigest(self) -> str:
            raise AssertionError("not asked for")

    monkeypatch.setattr(parallel, "new_hasher", Broken)
    with HashAhead() as hasher:
        for _ in range(3 * HashAhead.PIECES):
            hasher.update(b"one")
        with pytest.raises(MemoryError, match="too much"):
            hasher.hexdigest()
    assert threading.active_count() == OWN_THREADS

"""A cluster's troubles are sentences. Dask itself, with processes: tests/peers/test_corpus_cluster.py."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from types import SimpleNamespace
from typing import Any

import pytest

from sim.dedup.corpus import cluster
from sim.dedup.corpus.cluster import on_cluster, on_threads, spread_over
from sim.errors import SimError, Unsupported


class KilledWorker(Exception):
    pass


@pytest.fixture
def dask(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Stands in for Dask: a task's result is made when it is asked for."""
    calls: list[str] = []

    class Client:
        def __init__(self, address: str, **_: Any) -> None:
            if address == "tcp://nobody:1":
                raise OSError("timed out\nafter 10 s")
            calls.append(address)

        def map(self, function: Callable[[Any], Any], items: list[Any], pure: bool) -> list[Any]:
            calls.append(f"{len(items)} tasks")
            return [SimpleNamespace(result=lambda item=item: function(item)) for item in items]

        def close(self) -> None:
            calls.append("closed")

    monkeypatch.setitem(
        sys.modules, "distributed", SimpleNamespace(Client=Client, KilledWorker=KilledWorker)  # type: ignore[arg-type]
    )
    yield calls


def test_results_are_in_order_and_the_client_is_closed(dask: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "AHEAD", 4)
    with spread_over("tcp://x:8786") as spread:
        assert list(spread(abs, [-3, 2, -1, 0, -9])) == [3, 2, 1, 0, 9]
    assert dask == ["tcp://x:8786", "4 tasks", "1 tasks", "closed"]


def fails(error: BaseException) -> Callable[[object], object]:
    def task(_: object) -> object:
        raise error

    return task


@pytest.mark.parametrize(("error", "says"), [
    (ModuleNotFoundError("No module named 'numpy'"), "a worker lacks a package.*numpy"),
    (KilledWorker("task 5"), "lost a task"), (CancelledError(), "lost a task"), (OSError("gone"), "lost a task: gone"),
])  # fmt: skip
def test_what_goes_wrong_there_is_a_sentence(dask: list[str], error: BaseException, says: str) -> None:
    with pytest.raises(SimError, match=says), on_cluster("tcp://x:8786") as spread:
        list(spread(fails(error), [1]))
    assert dask[-1] == "closed"


def test_what_a_task_itself_raises_is_raised(dask: list[str]) -> None:
    with pytest.raises(ZeroDivisionError), on_cluster("tcp://x:8786") as spread:
        list(spread(fails(ZeroDivisionError()), [1]))


def test_nobody_there_and_no_dask(dask: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SimError, match=r"answers at tcp://nobody:1: timed out; "), on_cluster("tcp://nobody:1"):
        pass
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(Unsupported, match="extra cluster"), on_cluster("tcp://x:8786"):
        pass


@pytest.mark.parametrize("address", ["", "nonsense", "x:8786", "tcp://x", "tcp://x:many", "tcp://x:1 "])
def test_what_is_no_address(dask: list[str], address: str) -> None:
    with pytest.raises(SimError, match="no address of a Dask scheduler; write it like"), on_cluster(address):
        pass
    assert dask == []


def test_threads_keep_the_order_and_raise_what_fails() -> None:
    with spread_over(None) as spread:
        assert spread is on_threads and list(spread(abs, range(-20, 0))) == list(range(20, 0, -1))
    with pytest.raises(ZeroDivisionError):
        list(on_threads(fails(ZeroDivisionError()), [1, 2, 3]))

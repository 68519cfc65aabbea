"""Where work is done: on this machine's threads, or on a Dask cluster by the address of its scheduler.

    on_threads           default: a few tasks at a time, results in order
    on_cluster(address)  tasks go to whichever worker is free; when one is lost, its tasks are done again by others

A task is a function of its argument, importable by name, so it may be done anywhere, twice, or again: the results and
their order are the same. Workers need this package installed, and numpy where the task does. Dask (extra `cluster`) is
imported when a cluster is used.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

from ...content.parallel import Stop, Task, run_all
from ...errors import SimError, Unsupported

T = TypeVar("T")
R = TypeVar("R")

TOGETHER = 8
"""Tasks whose results are held at once on threads."""
AHEAD = 64
"""Tasks that a cluster is given at once."""
PATIENCE_S = 10
"""How long a scheduler may take to answer."""
_ADDRESS = re.compile(r"[a-z]+://[^/\s]+:[0-9]{1,5}")


class Spread(Protocol):
    """Applies a function to each of some items, and yields the results in the items' order."""

    def __call__(self, function: Callable[[T], R], items: Sequence[T], /) -> Iterator[R]: ...


def on_threads(function: Callable[[T], R], items: Sequence[T], /) -> Iterator[R]:
    """Apply a function on this machine.

    Examples
    --------
    >>> list(on_threads(len, ["a", "bcd"]))
    [1, 3]
    """

    def once(item: T) -> Task[R]:
        def run(stop: Stop) -> R:
            stop.check()
            return function(item)

        return Task(run, 0)

    for start in range(0, len(items), TOGETHER):
        yield from run_all([once(item) for item in items[start : start + TOGETHER]], None)


@contextmanager
def on_cluster(address: str) -> Iterator[Spread]:
    """Connect to a scheduler, such as ``tcp://127.0.0.1:8786``, and disconnect when the block ends.

    Raises
    ------
    Unsupported
        Dask is not installed.
    SimError
        No address, or nobody answers there; in the block, the scheduler is gone, or a task has ended one worker after
        the other.
    """
    # Dask's client of an address that it cannot read waits for 20 s and ends with a traceback.
    if not _ADDRESS.fullmatch(address):
        raise SimError(f"{address!r} is no address of a Dask scheduler", hint="write it like tcp://127.0.0.1:8786")
    try:
        import distributed
    except ImportError:
        raise Unsupported("a cluster needs the packages dask and distributed",
                          hint="install the extra cluster, or leave --scheduler out") from None
    lost = (distributed.KilledWorker, CancelledError, OSError)
    try:
        connect: Any = distributed.Client
        client = connect(address, timeout=PATIENCE_S, set_as_default=False)
    except (OSError, ValueError) as error:
        raise SimError(f"no Dask scheduler answers at {address}: {error}".splitlines()[0],
                       hint="start one with dask scheduler, or leave --scheduler out") from None

    def spread(function: Callable[[T], R], items: Sequence[T], /) -> Iterator[R]:
        for start in range(0, len(items), AHEAD):
            # Not `pure`: the key would be a hash of the function's arguments, taken anew for each.
            for future in client.map(function, items[start : start + AHEAD], pure=False):
                yield _result(future, lost)

    try:
        yield spread
    finally:
        client.close()


def _result(future: Any, lost: tuple[type[BaseException], ...]) -> Any:
    try:
        return future.result()
    except ImportError as error:
        raise Unsupported(f"a worker lacks a package: {error}", hint="install this package and numpy there") from None
    except lost as error:
        raise SimError(f"the cluster has lost a task: {error}".splitlines()[0],
                       hint="see the scheduler's log, or leave --scheduler out") from None


@contextmanager
def spread_over(scheduler: str | None) -> Iterator[Spread]:
    """Return threads, or a cluster by its address."""
    if scheduler is None:
        yield on_threads
    else:
        with on_cluster(scheduler) as spread:
            yield spread

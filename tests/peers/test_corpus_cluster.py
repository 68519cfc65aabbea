"""The corpus on a Dask cluster of two processes: the same result as on threads, also when one of them is killed.

All on loopback; the processes end with the test.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from sim.dedup.chunking import Rule
from sim.dedup.corpus import census, vector
from sim.dedup.corpus.cluster import on_cluster, on_threads, spread_over
from sim.dedup.corpus.fingerprint import read_print
from sim.dedup.corpus.index import open_index
from sim.dedup.corpus.population import HUB_2017
from sim.dedup.subject import Subject
from sim.source import open_subject
from tests import image_builders as make

IMAGES = 300
AT = (10, 100, IMAGES)


@pytest.fixture
def cluster(need: Callable[[object, str], None]) -> Iterator[Any]:
    from importlib.util import find_spec

    need(find_spec("distributed"), "Dask is not installed (extra cluster)")
    need(find_spec("numpy"), "numpy is not installed (extra fast)")
    import distributed

    local: Any = distributed.LocalCluster
    with local(
        n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None, memory_limit=0,
    ) as made:
        yield made


def test_the_census_is_the_same(cluster: Any) -> None:
    with on_cluster(cluster.scheduler_address) as spread:
        assert census(HUB_2017, IMAGES, AT, spread) == census(HUB_2017, IMAGES, AT)


def test_a_worker_killed_midway_loses_nothing(cluster: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vector, "BLOCK", 50)
    expected = census(HUB_2017, IMAGES, AT)
    victim = next(iter(cluster.workers.values())).pid
    seen: list[object] = []

    with on_cluster(cluster.scheduler_address) as spread:

        def killing(function: Callable[[Any], Any], items: Sequence[Any], /) -> Iterator[Any]:
            for number, result in enumerate(spread(function, items)):
                if number == 5:
                    os.kill(victim, signal.SIGKILL)
                seen.append(result)
                yield result

        assert census(HUB_2017, IMAGES, AT, killing) == expected
    assert len(seen) > 20, "the kill was midway"
    assert victim not in {worker.pid for worker in cluster.workers.values() if worker.pid is not None}


def read(argument: str, rule: Rule | None) -> Subject:
    return open_subject(argument, rule=rule, threads=1)


def test_images_are_read_by_workers_into_the_same_index(cluster: Any, tmp_path: Path) -> None:
    paths = [
        str(make.write(tmp_path / f"{number}.tar", make.oci(make.image(["base", f"top {number}"]))))
        for number in range(6)
    ]
    task = partial(read_print, read, None)
    with spread_over(cluster.scheduler_address) as spread, open_index(tmp_path / "there") as index:
        for one in spread(task, paths):
            index.add(one)
        there = index.files()
    with open_index(tmp_path / "here") as index:
        for one in on_threads(task, paths):
            index.add(one)
        assert index.files() == there and len(there) == 6

"""The bodies of `sim bench corpus` under pytest-benchmark, to compare one version with another."""

from __future__ import annotations

from typing import Any

import pytest

from sim.dedup.corpus import synthetic
from sim.dedup.corpus.expected import expected
from sim.dedup.corpus.population import HUB_2017
from sim.dedup.corpus.replay import Policy, replay
from sim.dedup.corpus.traces import trace

REQUESTS = trace(50_000)


@pytest.mark.parametrize("policy", Policy)
def test_a_replay(benchmark: Any, policy: Policy) -> None:
    assert benchmark(replay, REQUESTS, 500, policy).hits > 10_000


def test_a_trace(benchmark: Any) -> None:
    assert len(benchmark(trace, 10_000)) == 10_000


def test_a_census_the_plain_way(benchmark: Any) -> None:
    assert benchmark(synthetic.census, HUB_2017, 20)[-1].images == 20


def test_a_census_by_numpy(benchmark: Any) -> None:
    pytest.importorskip("numpy", reason="numpy is not installed")
    from sim.dedup.corpus import vector

    assert benchmark(vector.census, HUB_2017, 300)[-1].images == 300


def test_what_a_hub_is_expected_to_share(benchmark: Any) -> None:
    assert benchmark(expected, HUB_2017, 1_790_000).ratio > 5

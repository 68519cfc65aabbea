"""The bodies of `sim bench union` under pytest-benchmark, on 8,000 paths over 120 layers."""

from __future__ import annotations

from collections import deque
from typing import Any

import pytest

from sim.bench.stacks import fresh
from sim.bench.union import DEEP, World, world
from sim.union.index import Index


@pytest.fixture(scope="module")
def deep() -> World:
    return world(8_000, DEEP, 4_000)


def test_get_at_any_depth(benchmark: Any, deep: World) -> None:
    get = deep.index.get

    def body(pairs: list[tuple[str, int]]) -> int:
        return sum(get(path, k) is not None for path, k in pairs)

    def prepared() -> tuple[tuple[list[tuple[str, int]]], dict[str, Any]]:
        # A text that was asked for before has its hash at hand.
        return (list(zip(fresh(deep.asked), deep.depths, strict=True)),), {}

    assert 0 < benchmark.pedantic(body, setup=prepared, rounds=20) <= len(deep.asked)


def test_walk(benchmark: Any, deep: World) -> None:
    last = benchmark(lambda: deque(deep.index.walk(), maxlen=1))
    assert last


def test_build(benchmark: Any, deep: World) -> None:
    assert benchmark(Index.of, deep.stack).depth == DEEP

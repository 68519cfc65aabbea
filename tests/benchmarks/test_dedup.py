"""The bodies of `sim bench dedup` under pytest-benchmark, to compare one version with another."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sim.bench.dedup import RULE, digest_all
from sim.bench.images import REAL
from sim.bench.specimens import deflated
from sim.dedup.chunking import cutter, engines
from sim.dedup.copies import copies
from sim.dedup.prints import Printer
from sim.dedup.scores import differences
from sim.source import open_image

NOISE = b"".join(number.to_bytes(3, "big") * 7 + bytes([number * number & 255]) for number in range(200_000))


@pytest.fixture(scope="module")
def ubuntu(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real image where it is at hand, else the sample of its shape."""
    if REAL.exists():
        return REAL
    return deflated(open_image("sample:ubuntu-vim"), tmp_path_factory.mktemp("bench") / "ubuntu")


def test_everything_from_gzip_layers(benchmark: Any, ubuntu: Path) -> None:
    benchmark(digest_all, ubuntu)


@pytest.mark.parametrize("engine", engines(RULE))
def test_cutting(benchmark: Any, engine: str) -> None:
    assert benchmark(cutter(RULE, engine).cuts, NOISE)[-1] == len(NOISE)


def test_cutting_and_hashing(benchmark: Any) -> None:
    def body() -> Printer:
        printer = Printer(RULE)
        printer.update(NOISE)
        return printer

    assert sum(benchmark(body).chunks().sizes) == len(NOISE)


def test_the_fate_of_every_file(benchmark: Any, ubuntu: Path) -> None:
    stack = open_image(ubuntu).stack
    assert benchmark(lambda: differences(stack, copies(stack)))

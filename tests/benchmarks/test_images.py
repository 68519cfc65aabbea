"""The bodies of `sim bench images` under pytest-benchmark, to compare one version with another:

    python -m pytest tests/benchmarks --benchmark-autosave --benchmark-compare
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sim.bench.images import REAL, opened
from sim.bench.specimens import deflated
from sim.source import open_image


@pytest.fixture(scope="module")
def ubuntu(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real image where it is at hand, else the sample of its shape."""
    if REAL.exists():
        return REAL
    return deflated(open_image("sample:ubuntu-vim"), tmp_path_factory.mktemp("bench") / "ubuntu")


def test_open_verify_index_hash(benchmark: Any, ubuntu: Path) -> None:
    index = benchmark(opened, ubuntu)
    assert index.depth == 2 and index.get("etc/os-release") is not None

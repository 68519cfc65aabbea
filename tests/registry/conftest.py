"""A registry in use, in memory and in a folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sim.registry.disk import DiskStorage
from sim.registry.service import Service
from sim.registry.storage import MemoryStorage
from tests.registry.desk import opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a registry's folder will be."""
    return tmp_path / "registry"


@pytest.fixture(params=["memory", "disk"])
def service(request: pytest.FixtureRequest, folder: Path) -> Iterator[Service]:
    """An empty registry."""
    if request.param == "memory":
        yield opened(MemoryStorage())
    else:
        with DiskStorage(folder) as storage:
            yield opened(storage)

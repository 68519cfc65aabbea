"""What most tests of lessons begin with."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.lab.lessons import Lab


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    """A new lab in English, with a record of its own."""
    return Lab(folder=tmp_path)

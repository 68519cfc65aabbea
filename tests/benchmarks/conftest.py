"""Benchmarks run when they are named: `python -m pytest tests/benchmarks`. They prove nothing that a test should."""

from __future__ import annotations

from pathlib import Path

import pytest


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    named = any("benchmarks" in str(argument) for argument in config.invocation_params.args)
    return None if named else True

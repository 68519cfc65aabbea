"""`sim test` shares a folder's tests among processes, and nothing that would gain nothing by it or lose something."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tests import conftest
from tests.conftest import MOST_PROCESSES, ROOT, pytest_xdist_auto_num_workers

FOLDER, FILE = "tests/content", "tests/content/test_sizes.py"


def asked(*words: str, capture: str = "fd", write: bool = False) -> pytest.Config:
    """Return what pytest makes of a command line, as far as it counts here; no words name all tests."""
    paths = [str(ROOT / word) for word in words or ("tests",) if not word.startswith("-")]
    option = SimpleNamespace(capture=capture, write_notebooks=write)
    return cast(Any, SimpleNamespace(args=paths, option=option, invocation_params=SimpleNamespace(args=words)))


@pytest.mark.parametrize(("config", "cores", "processes"), [
    (asked(), 2, 2), (asked(FOLDER), 2, 2), (asked(FILE, FOLDER), 3, 3), (asked(), 64, MOST_PROCESSES),
    (asked(), 1, 0), (asked(FILE), 8, 0), (asked(f"{FILE}::test_one"), 8, 0), (asked("tests/peers"), 8, 0),
    (asked("tests/benchmarks"), 8, 0), (asked(write=True), 8, 0), (asked(capture="no"), 8, 0),
], ids=["all", "a folder", "one of two", "no more than four", "one core", "a file", "a test", "peers", "benchmarks",
        "written back", "shown"])  # fmt: skip
def test_how_many_processes(
    config: pytest.Config, cores: int, processes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    monkeypatch.setattr(conftest, "PEERS_REQUIRED", False)
    assert pytest_xdist_auto_num_workers(config) == processes


def test_peers_that_are_required_run_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conftest, "PEERS_REQUIRED", True)
    assert pytest_xdist_auto_num_workers(asked()) == 0


@pytest.mark.parametrize(("arguments", "shared"), [
    ((), os.cpu_count() != 1), (("-n", "0"), False), (("-p", "no:xdist"), False),
], ids=["as it is", "none", "without the plugin"])  # fmt: skip
def test_what_the_user_asks_for_counts_and_pytests_exit_code_is_kept(arguments: tuple[str, ...], shared: bool) -> None:
    environment = {key: text for key, text in os.environ.items() if not key.startswith(("PYTEST_", "LAYERLAB_"))}
    done = subprocess.run(
        [sys.executable, "-m", "sim", "test", FOLDER, "-v", "-k", "there_is_no_such_test", *arguments],
        cwd=Path(ROOT), env=environment, capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == pytest.ExitCode.NO_TESTS_COLLECTED, done.stdout + done.stderr
    assert ("scheduling tests via WorkStealing" in done.stdout) == shared, done.stdout

"""What every test may ask for, the rule for peers, and how many processes share the tests.

Tests under tests/peers need real tools, and many of them need root. They run when the command line names
tests/peers, or when LAYERLAB_REQUIRE_PEERS=1; then a missing tool is a failure, not a skip.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent
PEERS = ROOT / "tests" / "peers"
OWN_THREADS = threading.active_count()
"""Where several processes share the tests, one thread listens for the next test."""
MOST_PROCESSES = 4
"""A process of the whole suite takes up to 600 MB."""
PEERS_REQUIRED = os.environ.get("LAYERLAB_REQUIRE_PEERS") == "1"

# One seed in CI, so that a red run can be run again; no deadline, since a shared machine stalls.
settings.register_profile("here", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--write-notebooks",
        action="store_true",
        help="execute the notebooks and write them back, cleaned, instead of comparing",
    )


def named(config: pytest.Config, folder: str) -> bool:
    """Whether the command line names a folder of tests that are left out otherwise."""
    return any(folder in str(argument) for argument in config.invocation_params.args)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Return how many processes `-n auto` is, 0 for this one alone.

    A file or a test is not worth another process. Peers have daemons, ports and clocks, and benchmarks a clock; what is
    written back is written in order; and what a test prints under ``-s`` would be lost.
    """
    together = any(Path(argument).is_dir() for argument in config.args)
    peers = PEERS_REQUIRED or named(config, "peers")
    alone = peers or named(config, "benchmarks") or config.option.write_notebooks or config.option.capture == "no"
    if alone or not together:
        return 0
    cores = os.cpu_count() or 1
    return min(cores, MOST_PROCESSES) if cores > 1 else 0


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    peers = [item for item in items if PEERS in item.path.parents]
    for item in peers:
        item.add_marker(pytest.mark.peers)
    if peers and not PEERS_REQUIRED and not named(config, "peers"):
        config.hook.pytest_deselected(items=peers)
        items[:] = [item for item in items if item not in peers]


def missing_peer(reason: str) -> None:
    """Skip for want of a real tool or its data; fail where peers are required."""
    if PEERS_REQUIRED:
        pytest.fail(f"peers are required here, but {reason}", pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def root() -> Path:
    """The clone's root."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of measured truth beside the clone: real images, kernel results, wire captures."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        missing_peer(f"there is no folder {folder}: it holds the real images and results to compare with")
    return folder


@pytest.fixture(scope="session")
def need() -> object:
    """`need(condition, reason)`: skip without a peer, or fail where peers are required."""

    def check(condition: object, reason: str) -> None:
        if not condition:
            missing_peer(reason)

    return check

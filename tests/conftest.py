"""What every test may ask for, and the rule for peers.

Tests under tests/peers need real tools, and many of them need root. They run when the command line names
tests/peers, or when LAYERLAB_REQUIRE_PEERS=1; then a missing tool is a failure, not a skip.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent
PEERS = ROOT / "tests" / "peers"
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


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    peers = [item for item in items if PEERS in item.path.parents]
    for item in peers:
        item.add_marker(pytest.mark.peers)
    named = PEERS_REQUIRED or any("peers" in str(argument) for argument in config.invocation_params.args)
    if peers and not named:
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

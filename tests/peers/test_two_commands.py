"""README's two commands in a clean clone, as a normal user with the system's Python; the second time offline.

The user is `nobody` with a home of its own, an empty environment and Debian's /usr/bin/python3. Without a network
means: in a network namespace that has loopback alone.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.labkit import opened

ROOT = Path(__file__).parents[2]
PYTHON = "/usr/bin/python3"
NOBODY = 65534
CELL = "import sim, os; from sim import open_image; print(sim.__name__, os.getuid())"


class User:
    """A clean clone of the last commit, and the commands that its owner types in it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.clone = folder, folder / "layerlab"

    def command(self, words: str, network: bool) -> list[str]:
        plain = f"env -i HOME={self.folder} PATH=/usr/bin:/bin LANG=C.UTF-8"
        line = f"exec setpriv --reuid={NOBODY} --regid={NOBODY} --clear-groups {plain} {words}"
        return ["sh", "-c", line] if network else ["unshare", "-n", "sh", "-c", f"ip link set lo up; {line}"]

    def run(self, words: str, network: bool = True) -> str:
        done = subprocess.run(
            self.command(words, network), cwd=self.clone, stdin=subprocess.DEVNULL, encoding="utf-8",
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=500, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout[-3000:]
        return done.stdout

    def start(self, words: str, network: bool) -> subprocess.Popen[str]:
        return subprocess.Popen(
            self.command(words, network), cwd=self.clone, stdin=subprocess.DEVNULL, encoding="utf-8",
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip


@pytest.fixture(scope="module")
def user(need: Callable[[object, str], None]) -> Iterator[User]:
    need(hasattr(os, "geteuid") and os.geteuid() == 0, "only root can become another user")
    for tool in ("git", "setpriv", "unshare", "nsenter", "ip"):
        need(shutil.which(tool), f"{tool} is not installed")
    with tempfile.TemporaryDirectory(prefix="layerlab-user-") as name:
        user = User(Path(name))
        subprocess.run(
            ["git", "-c", f"safe.directory={ROOT / '.git'}", "clone", "-q", str(ROOT), str(user.clone)], check=True
        )
        for path in (user.folder, *user.folder.rglob("*")):
            os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
        yield user


def test_the_tests_run_and_run_again_without_a_network(user: User) -> None:
    command = f"{PYTHON} -m sim test tests/test_environment.py -q"
    first = user.run(command)
    assert "Setting up Layer Lab" in first and " passed" in first
    again = user.run(command, network=False)
    assert "Setting up" not in again and " passed" in again


@pytest.mark.parametrize("network", [True, False], ids=["with a network", "without a network"])
def test_the_lab_runs_a_cell(user: User, network: bool) -> None:
    lab = user.start(f"{PYTHON} -m sim lab --no-browser", network)
    try:
        address, token = opened(lab)
        script = [str(user.clone / ".venv/bin/python"), str(ROOT / "tests/labkit.py"), address, token, CELL]
        inside = ["nsenter", "-t", str(lab.pid), "-n", *script]
        seen = subprocess.run(inside, capture_output=True, encoding="utf-8", timeout=120, check=False)
        assert seen.stdout == f"sim {NOBODY}\n", seen.stderr
    finally:
        lab.terminate()
        assert lab.wait(timeout=60) == 0
    assert subprocess.run(
        ["git", "-c", "safe.directory=*", "status", "--porcelain"], cwd=user.clone, capture_output=True, check=True
    ).stdout == b"", "nothing that git tracks has changed, and nothing lies about"  # fmt: skip


def test_the_working_copy_is_the_users(user: User) -> None:
    assert (user.clone / "my-lessons" / "00_tour.ipynb").stat().st_uid == NOBODY

"""Real tools for the tests in this folder: dockerd, skopeo, umoci.

dockerd runs on loopback, in a mount namespace of its own, so that whatever it leaves mounted goes with it.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest


def run(*command: str | Path, check: bool = True, **options: object) -> subprocess.CompletedProcess[str]:
    """Run a tool and show what it said when it fails."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, encoding="utf-8", **options)
    if check and done.returncode:
        pytest.fail(f"{' '.join(map(str, command))}\nexit {done.returncode}\n{done.stdout}{done.stderr}")
    return done


@pytest.fixture(scope="session")
def tool(need: Callable[[object, str], None]) -> Callable[..., subprocess.CompletedProcess[str]]:
    """`tool("skopeo", ...)` runs a real tool, or skips where it is not installed."""

    def call(name: str, *words: str | Path, **options: object) -> subprocess.CompletedProcess[str]:
        need(shutil.which(name), f"{name} is not installed")
        return run(name, *words, **options)

    return call


@dataclass(frozen=True)
class Docker:
    """A running Docker Engine.

    Attributes
    ----------
    host : str
        What DOCKER_HOST is set to.
    root : Path
        Its data root.
    pid : int
        Of dockerd; its mount namespace is ``/proc/PID/ns/mnt``.
    """

    host: str
    root: Path
    pid: int

    def __call__(self, *words: str | Path, check: bool = True, **options: object) -> subprocess.CompletedProcess[str]:
        """Run one docker command."""
        return run("docker", "-H", self.host, *words, check=check, **options)


@pytest.fixture(scope="session")
def docker(
    need: Callable[[object, str], None], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Docker]:
    """A Docker Engine for the whole session; each test cleans up its own images and containers."""
    for name in ("dockerd", "docker", "unshare"):
        need(shutil.which(name), f"{name} is not installed")
    need(os.geteuid() == 0, "dockerd needs root")
    # A socket's path has at most 107 bytes.
    home = tmp_path_factory.mktemp("d")
    socket, log = home / "s", home / "log"
    with open(log, "wb") as out:
        daemon = subprocess.Popen(
            ["unshare", "-m", "--propagation", "private", "dockerd", "--data-root", home / "root",
             "--exec-root", home / "exec", "--pidfile", home / "pid", "-H", f"unix://{socket}",
             "--iptables=false", "--ip6tables=false", "--ip-masq=false", "--ip-forward=false", "--bridge=none",
             "--storage-driver", "overlay2", "--exec-opt", "native.cgroupdriver=cgroupfs",
             "--insecure-registry", "127.0.0.1:5000"],
            stdout=out, stderr=out, start_new_session=True,
        )
    found = Docker(f"unix://{socket}", home / "root", daemon.pid)
    try:
        deadline = time.monotonic() + 60
        while found("version", check=False).returncode:
            if daemon.poll() is not None or time.monotonic() > deadline:
                need(False, "dockerd does not start here: " + log.read_text("utf-8", "replace")[-500:])
            time.sleep(0.2)
        yield found
    finally:
        daemon.terminate()
        try:
            daemon.wait(20)
        except subprocess.TimeoutExpired:
            # Its containerd shares the session that was started for it.
            os.killpg(daemon.pid, signal.SIGKILL)
            daemon.wait()
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The lab of a fresh clone: its address and token."""
    from tests.peers.labpage import lab_of

    with lab_of(tmp_path_factory.mktemp("clone")) as server:
        yield server


@pytest.fixture(scope="module")
def browser(need: Callable[[object, str], None]) -> Iterator[Any]:
    """Debian's Chromium."""
    from tests.peers.labpage import chromium

    with chromium(need) as started:
        yield started

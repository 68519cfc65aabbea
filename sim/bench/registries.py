"""Registries as processes, each on a free port of 127.0.0.1 with an empty folder: docker's own, and ours.

Both write their lines about each request, and nobody keeps them.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .process import environment

REGISTRY = "docker-registry"


@dataclass(frozen=True, slots=True)
class Running:
    """A registry that answers: ``HOST:PORT``, and its process."""

    host: str
    pid: int


@contextmanager
def real_registry(home: Path) -> Iterator[Running]:
    """Run docker's registry (Debian's `docker-registry`)."""
    _empty(home)
    host = _free()
    (home / "config.yml").write_text(
        f"version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: '{home / 'data'}'}}}}\n"
        f"http: {{addr: '{host}'}}\n", encoding="utf-8",
    )
    with _running([REGISTRY, "serve", str(home / "config.yml")], host) as found:
        yield found


@contextmanager
def our_registry(home: Path) -> Iterator[Running]:
    """Run `sim serve`."""
    _empty(home)
    host = _free()
    port = host.partition(":")[2]
    command = [sys.executable, "-m", "sim", "serve", "--root", str(home / "data"), "--port", port]
    with _running(command, host) as found:
        yield found


def _empty(home: Path) -> None:
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir()


def _free() -> str:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return f"127.0.0.1:{probe.getsockname()[1]}"


@contextmanager
def _running(command: list[str], host: str) -> Iterator[Running]:
    server = subprocess.Popen(command, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _await(host)
        yield Running(host, server.pid)
    finally:
        server.terminate()
        server.wait()


def _await(host: str) -> None:
    name, _, port = host.partition(":")
    for _ in range(400):
        try:
            socket.create_connection((name, int(port)), 1).close()
            return
        except OSError:
            time.sleep(0.02)
    raise TimeoutError(f"no registry answers on {host}")

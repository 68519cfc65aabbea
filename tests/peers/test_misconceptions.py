"""The scripts of the misconceptions on a real dockerd: what they show is Docker's doing, not the simulator's.

Lines run in bash as they stand. `docker` is the real client; containers get no network, since the tests' daemon has no
bridge, and those of the image `registry` get the host's, where docker says that a published port means nothing;
BUILDKIT is off, as in 20.10. A real registry listens where a script wants one.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sim.engine.misconceptions import MISCONCEPTIONS, unseen

PORT = 5000
WRAPPER = """#!/bin/sh
network=none
for word in "$@"; do [ "$word" != registry ] || network=host; done
case "$1" in
    run|create) verb=$1; shift; exec {docker} -H {host} "$verb" --network "$network" "$@" ;;
    *) exec {docker} -H {host} "$@" ;;
esac
"""
LEFT = ("/tmp/ctx14", "/tmp/ctx17", "/tmp/host16", "/tmp/one8.tar", "/tmp/f25", "/tmp/o25")
"""What the scripts leave on the machine."""
CONFIG = "version: 0.1\nstorage:\n  filesystem:\n    rootdirectory: {root}\nhttp:\n  addr: 127.0.0.1:{port}\n"
KEPT = ("busybox:latest", "registry:latest")


@pytest.fixture(scope="module")
def tools(docker: Any, need: Callable[[object, str], None], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a `docker` that talks to the tests' daemon, which holds busybox."""
    busybox = shutil.which("busybox")
    need(busybox, "busybox is not installed")
    assert busybox is not None
    home = tmp_path_factory.mktemp("tools")
    wrapper = home / "docker"
    wrapper.write_text(WRAPPER.format(docker=shutil.which("docker"), host=docker.host), encoding="utf-8")
    wrapper.chmod(0o755)
    root = home / "root"
    for folder in ("bin", "etc/network", "tmp", "home"):
        (root / folder).mkdir(parents=True)
    shutil.copy(busybox, root / "bin" / "busybox")
    for name in ("sh", "ls", "cat", "touch", "mkdir", "rm", "dd", "chmod", "echo", "sleep", "true", "mv", "wc"):
        (root / "bin" / name).symlink_to("busybox")
    (root / "etc" / "passwd").write_text("root:x:0:0:root:/root:/bin/sh\n", encoding="utf-8")
    tar = home / "busybox.tar"
    subprocess.run(["tar", "-C", str(root), "-cf", str(tar), "."], check=True)
    docker("import", "-c", 'CMD ["sh"]', tar, "busybox:latest")
    return home


@pytest.fixture(scope="module")
def registry_image(docker: Any, need: Callable[[object, str], None], tmp_path_factory: pytest.TempPathFactory) -> None:
    """The image `registry`: the real registry's program, the libraries that it is linked with, and its settings."""
    program = shutil.which("docker-registry")
    need(program, "docker-registry is not installed")
    assert program is not None
    _free(need)
    home = tmp_path_factory.mktemp("registry-image")
    root = home / "root"
    linked = subprocess.run(["ldd", program], capture_output=True, encoding="utf-8", check=False).stdout
    for path in (program, *re.findall(r"/\S+", linked)):
        copy = root / path.lstrip("/")
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    (root / "etc").mkdir()
    settings = CONFIG.format(root="/var/lib/registry", port=PORT)
    (root / "etc" / "registry.yml").write_text(settings, encoding="utf-8")
    tar = home / "registry.tar"
    subprocess.run(["tar", "-C", str(root), "-cf", str(tar), "."], check=True)
    command = f'CMD ["{program}", "serve", "/etc/registry.yml"]'
    docker("import", "-c", command, "-c", "VOLUME /var/lib/registry", tar, "registry:latest")


@pytest.fixture
def registry(need: Callable[[object, str], None], tmp_path: Path) -> Iterator[None]:
    """A real registry at 127.0.0.1:5000."""
    program = shutil.which("docker-registry") or shutil.which("registry")
    need(program, "docker-registry is not installed")
    assert program is not None
    config = tmp_path / "registry.yml"
    config.write_text(CONFIG.format(root=tmp_path / "data", port=PORT), encoding="utf-8")
    _free(need)
    running = subprocess.Popen([program, "serve", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 20
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", PORT)) == 0:
                    break
            assert time.monotonic() < deadline and running.poll() is None, "the registry does not start"
            time.sleep(0.1)
        yield
    finally:
        running.terminate()
        running.wait(20)


def _free(need: Callable[[object, str], None]) -> None:
    with socket.socket() as probe:
        need(probe.connect_ex(("127.0.0.1", PORT)) != 0, f"something listens at port {PORT} already")


@pytest.mark.parametrize("number", [number for number, one in MISCONCEPTIONS.items() if one.peer])
def test_a_real_docker_shows_the_same(
    number: int, docker: Any, tools: Path, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    made = MISCONCEPTIONS[number]
    if made.registry:
        request.getfixturevalue("registry")
    if any("run" in line.command and line.command.endswith(" registry") for line in made.lines):
        request.getfixturevalue("registry_image")
    environment = os.environ | {"PATH": f"{tools}:{os.environ['PATH']}", "DOCKER_BUILDKIT": "0", "HOME": str(tmp_path)}
    try:
        failed = []
        for line in made.lines:
            done = subprocess.run(
                ["bash", "-c", line.command], capture_output=True, encoding="utf-8", errors="replace", check=False,
                env=environment, cwd=tmp_path, timeout=300,
            )
            failed += unseen(line, done.returncode, done.stdout + done.stderr)
        assert failed == []
    finally:
        _clean(docker)


def _clean(docker: Any) -> None:
    containers = docker("ps", "-aq").stdout.split()
    if containers:
        docker("rm", "-f", "-v", *containers, check=False)
    volumes = docker("volume", "ls", "-q").stdout.split()
    if volumes:
        docker("volume", "rm", *volumes, check=False)
    for name in docker("images", "--format", "{{.Repository}}:{{.Tag}}").stdout.split():
        if name not in KEPT and "<none>" not in name:
            docker("rmi", "-f", name, check=False)
    docker("image", "prune", "-f", check=False)
    for path in map(Path, LEFT):
        if path.is_dir():
            shutil.rmtree(path)
        path.unlink(missing_ok=True)

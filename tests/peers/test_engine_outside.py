"""A simulated docker and a real registry on loopback: what it pushes is there, and what is there it pulls."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from sim.engine.internet import new_world
from sim.engine.outside import open_to
from sim.engine.timeline import History
from sim.engine.world import World
from sim.engine.worldfile import load, save
from sim.errors import BadInput
from tests.worldkit import Typist, with_tiny_shell

shell = pytest.fixture(autouse=True)(with_tiny_shell)


@pytest.fixture
def registry(need: Callable[[object, str], None], tmp_path: Path) -> Iterator[str]:
    need(shutil.which("docker-registry"), "docker-registry is not installed")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    config = tmp_path / "registry.yml"
    config.write_text(f"version: 0.1\nstorage: {{filesystem: {{rootdirectory: {tmp_path}/registry}}}}\n"
                      f"http: {{addr: 127.0.0.1:{port}}}\n", "utf-8")
    with open(tmp_path / "registry.log", "wb") as log:
        server = subprocess.Popen(["docker-registry", "serve", str(config)], stdout=log, stderr=log)
    try:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield f"127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(10)


def test_a_push_reaches_a_real_registry_and_comes_back(registry: str, tmp_path: Path) -> None:
    world = new_world()
    open_to(world, registry)
    typist = Typist(world)
    typist.all("docker pull busybox\ndocker run --name cc busybox sh -c 'echo hi > /f'\n"
               f"docker commit cc {registry}/a/b:1")
    done = typist(f"docker push {registry}/a/b:1")
    assert done.exit == 0 and done.stdout.count(": Pushed") == 2, done.text
    assert done.irreversible is not None and registry in done.irreversible
    history: History[World] = History(world)
    history = history.after("docker push", done.world, irreversible=done.irreversible)
    assert history.outside == done.irreversible
    with urlopen(f"http://{registry}/v2/a/b/tags/list") as answer:
        assert json.load(answer) == {"name": "a/b", "tags": ["1"]}
    again = typist(f"docker push {registry}/a/b:1")
    assert again.stdout.count(": Layer already exists") == 2
    typist.ok(f"docker tag {registry}/a/b:1 {registry}/c/d:1")
    assert typist.ok(f"docker push {registry}/c/d:1").count(": Mounted from a/b") == 2

    other = new_world(seed=5)
    open_to(other, registry)
    second = Typist(other)
    assert "Pull complete" in second.ok(f"docker pull {registry}/a/b:1")
    assert second.ok(f"docker run --rm {registry}/a/b:1 cat /f") == "hi\n"
    assert second.ok("docker images -q") == typist.ok(f"docker images -q {registry}/a/b:1")
    assert "manifest unknown" in second(f"docker pull {registry}/a/b:2").stderr
    save(second.world, tmp_path / "w")
    assert load(tmp_path / "w") == second.world


def test_what_skopeo_pushed_is_pulled(
    registry: str, shared: Path, tool: Callable[..., object], tmp_path: Path
) -> None:
    tool("skopeo", "copy", "--dest-tls-verify=false", f"oci-archive:{shared}/images/bb-union.oci.tar",
         f"docker://{registry}/bb:1")
    world = new_world()
    open_to(world, registry)
    typist = Typist(world)
    assert typist.ok(f"docker pull {registry}/bb:1").count("Pull complete") == 9
    assert "/bin/sh -c chmod 0700 /data" in typist.ok(f"docker history {registry}/bb:1")
    assert typist.ok(f"docker run --rm {registry}/bb:1 cat /data/b") == "b2-overwritten\n"
    save(typist.world, tmp_path / "w")
    back = Typist(load(tmp_path / "w"))
    assert back.world == typist.world and back.ok(f"docker run --rm {registry}/bb:1 cat /data/b") == "b2-overwritten\n"


def test_nothing_but_loopback_can_be_opened() -> None:
    for name in ("docker.io", "10.0.0.1:5000", "example.test"):
        with pytest.raises(BadInput, match="not on this machine"):
            open_to(new_world(), name)

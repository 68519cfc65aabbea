"""The world as a value: undo, files of worlds, and how many commands a minute."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.content.digest import Digest
from sim.engine import lifecycle
from sim.engine.internet import create_namespace, create_repository, new_world, with_account
from sim.engine.timeline import History
from sim.engine.world import World
from sim.engine.worldfile import DOCUMENT, FORMAT, VERSION, _canonical, load, save
from sim.errors import BadInput, SimError, Unsupported
from tests.worldkit import HOST, Typist, with_tiny_shell

shell = pytest.fixture(autouse=True)(with_tiny_shell)

NAMES = st.sampled_from(["one", "two", "web"])
IMAGES = st.sampled_from(["busybox", "alpine", "new:1", "new:2", "127.0.0.1:5000/bb:1"])
COMMANDS = st.one_of(
    st.builds("docker run -d --name {} {} sleep 50".format, NAMES, IMAGES),
    st.builds("docker run --rm -v vol:/data {} sh -c 'echo x > /data/f'".format, IMAGES),
    st.builds("docker exec {} sh -c 'echo {} > /f && chmod 600 /etc/passwd'".format, NAMES, NAMES),
    st.builds("docker exec {} rm /etc/passwd".format, NAMES),
    st.builds("docker {} {}".format, st.sampled_from(["stop", "start", "rm", "rm -f", "diff", "kill"]), NAMES),
    st.builds("docker commit {} {}".format, NAMES, st.sampled_from(["new:1", "new:2", ""])),
    st.builds("docker tag {} {}".format, IMAGES, IMAGES),
    st.builds("docker rmi {} {}".format, st.sampled_from(["", "-f"]), IMAGES),
    st.builds("docker {} {}".format, st.sampled_from(["pull", "push", "history"]), IMAGES),
    st.sampled_from(["docker build -t new:1 ctx", "docker save -o /tmp/s.tar busybox", "docker load -i /tmp/s.tar",
                     "docker cp web:/f /tmp/f", "docker cp /etc/hosts two:/f", "docker update --restart always web"]),
    st.sampled_from(["docker images", "docker ps -a", "docker system df", "docker system prune -f --volumes",
                     "docker run -d -p 5000:5000 --name reg registry", "docker volume ls", "docker rm -f -v reg"]),
)  # fmt: skip


def _begin() -> World:
    world = new_world()
    host = world.hosts[HOST]
    text = b"FROM busybox\nENV A=1\nCOPY . /ctx\nRUN echo hi > /built\n"
    return world.with_host(replace(host, files=host.files.written("/root/ctx/Dockerfile", text, 0)))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(COMMANDS, min_size=4, max_size=14), st.data())
def test_undo_after_any_command_restores_the_world(lines: list[str], data: st.DataObject) -> None:
    history: History[World] = History(_begin())
    begin = _begin()
    typist = Typist(history.state)
    kept: list[World] = [history.state]
    for line in lines:
        done = typist(line)
        assert done.exit in (0, 1, 125, 126, 127, 130, 137), (line, done.text)
        history = history.after(line, done.world)
        kept.append(done.world)
    again = Typist(begin)
    copies = [begin, *(again(line).world for line in lines)]
    for at in range(len(lines), data.draw(st.integers(0, len(lines))), -1):
        assert history.state == copies[at], f"after {lines[at - 1]}"
        history = history.undo()
        assert history.state is kept[at - 1] and history.state == copies[at - 1], f"undo of {lines[at - 1]}"
    while history.ahead:
        history = history.redo()
    assert history.state == copies[-1] and history.commands == tuple(lines)
    assert history.reset().state == _begin()


def test_the_ends_of_a_history_are_sentences() -> None:
    history: History[World] = History(new_world())
    with pytest.raises(SimError, match="nothing to undo"):
        history.undo()
    with pytest.raises(SimError, match="nothing to redo"):
        history.redo()


def _busy() -> World:
    typist = Typist(with_account(new_world(["cyo57", "other"]), "docker.io", "me", "pw"))
    typist.world = create_repository(create_namespace(typist.world, "ns", "me"), "ns/app")
    for line in (
        "docker pull busybox", "docker run -d --name web -v vol:/etc -p 80:80 busybox sleep 50",
        "docker exec web sh -c 'echo hi > /root/x && chmod 600 /etc/passwd'", "docker exec web rm /bin/sh",
        "docker commit -m m web new:1", "docker run -d -p 5000:5000 --name reg registry",
        "docker tag new:1 127.0.0.1:5000/new:1", "docker push 127.0.0.1:5000/new:1", "docker save -o /tmp/s.tar new:1",
        "docker rmi new:1 127.0.0.1:5000/new:1", "docker load -i /tmp/s.tar",
    ):
        typist.ok(line)
    return typist.world


def test_a_world_comes_back_from_its_file(tmp_path: Path) -> None:
    world = _busy()
    save(world, tmp_path / "w")
    back = load(tmp_path / "w")
    assert back == world and back is not world
    typist = Typist(back)
    assert typist.ok("docker diff web") == Typist(world).ok("docker diff web")
    assert typist.ok("docker exec web cat /root/x") == "hi\n"
    typist.ok("docker tag new:1 127.0.0.1:5000/new:1")
    assert "Layer already exists" in typist.ok("docker push 127.0.0.1:5000/new:1")
    assert typist.ok("docker run --rm new:1 cat /root/x") == "hi\n"
    save(typist.world, tmp_path / "w")
    assert load(tmp_path / "w") == typist.world


def _flip(text: str) -> str:
    return text.replace('"drawn":', '"drown":', 1)


def _newer(text: str) -> str:
    return text.replace('"version":1', '"version":2', 1)


@pytest.mark.parametrize(("harm", "words", "kind"), [
    (_flip, "damaged: its digest does not match", BadInput),
    (lambda text: text[:len(text) // 2], "damaged", BadInput),
    (lambda text: "[]", "no world file of ours", BadInput),
    (lambda text: "", "damaged", BadInput),
    (_newer, "written by a newer version", Unsupported),
])  # fmt: skip
def test_a_file_that_is_damaged_or_newer_is_refused_and_left(
    tmp_path: Path, harm: object, words: str, kind: type[BadInput]
) -> None:
    save(new_world(), tmp_path)
    path = tmp_path / DOCUMENT
    path.write_text(harm(path.read_text("ascii")), "ascii")  # type: ignore[operator]
    before = path.read_bytes()
    with pytest.raises(kind, match=words) as raised:
        load(tmp_path)
    assert str(path) in str(raised.value) and path.read_bytes() == before


def test_a_world_whose_bytes_are_gone_is_refused(tmp_path: Path) -> None:
    save(_busy(), tmp_path)
    shutil.rmtree(tmp_path / "bytes" / "blobs")
    with pytest.raises(BadInput):
        load(tmp_path)


def test_contents_of_a_wrong_shape_are_refused(tmp_path: Path) -> None:
    save(new_world(), tmp_path)
    for contents in ({"world": None, "layers": [], "documents": []}, {"world": {"c": "World", "f": {}}}, {},
                     {"world": {"c": "os", "f": {}}, "layers": [], "documents": []}):
        document = {"format": FORMAT, "version": VERSION, "digest": str(Digest.of(_canonical(contents))),
                    "contents": contents}
        (tmp_path / DOCUMENT).write_text(json.dumps(document), "ascii")
        with pytest.raises(BadInput):
            load(tmp_path)


def test_a_restart_stops_the_registry_and_a_reload_does_not() -> None:
    typist = Typist()
    typist.ok("docker run -d -p 5000:5000 --name reg registry")
    typist.ok("docker pull busybox")
    typist.ok("docker tag busybox 172.17.0.1:5000/bb")
    host = typist.world.hosts[HOST]
    raw = b'{"insecure-registries": ["172.17.0.1:5000"]}'
    files = host.files.written("/etc/docker/daemon.json", raw, 0)
    typist.world = typist.world.with_host(replace(host, files=files))
    assert "server gave HTTP response" in typist("docker push 172.17.0.1:5000/bb").stderr, "an edit alone does nothing"
    typist.world, trouble = lifecycle.reload(typist.world, HOST)
    assert trouble == ""
    assert "Pushed" in typist.ok("docker push 172.17.0.1:5000/bb")
    typist.world, trouble = lifecycle.restart(typist.world, HOST)
    assert trouble == "" and "Exited (137)" in typist.ok("docker ps -a")
    assert "dial tcp 172.17.0.1:5000: connect: connection refused" in typist("docker push 172.17.0.1:5000/bb").stderr
    typist.ok("docker start reg")
    assert "Layer already exists" in typist.ok("docker push 172.17.0.1:5000/bb"), "its volume kept what it had"


def test_which_containers_a_daemon_starts_again() -> None:
    typist = Typist()
    for name, policy in (("no", "no"), ("always", "always"), ("unless", "unless-stopped"), ("byhand", "unless-stopped"),
                         ("byhand2", "always")):
        typist.ok(f"docker run -d --name c-{name} --restart {policy} nginx")
    typist.all("docker stop c-byhand\ndocker stop c-byhand2")
    typist.world, _ = lifecycle.restart(typist.world, HOST)
    assert sorted(typist.ok("docker ps --format {{.Names}}").split()) == ["c-always", "c-byhand2", "c-unless"]


def test_a_container_that_ends_and_is_to_be_restarted_says_so() -> None:
    typist = Typist()
    typist.ok("docker run -d --name loop --restart always busybox sleep 1")
    typist.world = lifecycle.tick(typist.world.later(3 * 10**9))
    assert "Restarting (0)" in typist.ok("docker ps")
    assert "cannot remove a restarting container" in typist("docker rm loop").stderr
    typist.ok("docker stop loop")
    typist.ok("docker rm loop")


def test_a_daemon_json_that_cannot_be_read_keeps_the_daemon_down() -> None:
    world = new_world()
    host = world.hosts[HOST]
    bad = world.with_host(replace(host, files=host.files.written("/etc/docker/daemon.json", b"{", 0)))
    reloaded, trouble = lifecycle.reload(bad, HOST)
    assert "unable to configure the Docker daemon with file /etc/docker/daemon.json" in trouble
    assert reloaded.hosts[HOST].daemon.running
    down, trouble = lifecycle.restart(bad, HOST)
    assert not down.hosts[HOST].daemon.running
    assert Typist(down)("docker ps").stderr.startswith("Cannot connect to the Docker daemon")

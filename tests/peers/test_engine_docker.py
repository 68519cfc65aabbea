"""The simulated docker beside a real one: the same lines typed into both, and every word compared.

What cannot be equal is made so on both sides: IDs are numbered in the order in which they appear, spans of time are one
word, columns' widths and the order of `docker diff` do not count. The base is a real image in both.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import socket
import subprocess
import tarfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from difflib import unified_diff
from pathlib import Path

import pytest

from sim.content.data import Extent
from sim.engine import command
from sim.engine.docker import docker as simulated
from sim.engine.internet import new_world
from sim.engine.shell import run_inside
from sim.engine.world import World
from tests.peers.docker_scripts import CONTEXT, SCRIPTS

CLIENT = "/usr/bin/docker"
HOST = "cyo57"
_SPAN = re.compile(
    r"(?:Less than a second|About an? (?:minute|hour)|\d+ (?:second|minute|hour|day|week|month|year)s?)(?: ago)?"
)
_ID = re.compile(r"\b(?:sha256:)?([0-9a-f]{12})([0-9a-f]{52})?\b")
_UNORDERED = ("docker diff", "docker push", "docker pull", "docker images --format", "docker images -a")
"""What several threads print, and images of one second."""
_LINE_OF_CLIENT = re.compile(r'time="[^"]*" level=error msg="error waiting for container: [^\n]*\n')


@dataclass
class Said:
    """What a line printed, made comparable."""

    text: str
    exit: int


class Normal:
    """Numbers IDs as they appear; one for each side."""

    def __init__(self, folder: Path | None = None) -> None:
        self.ids: dict[str, str] = {}
        self.folder = folder

    def __call__(self, text: str, line: str) -> str:
        text = _LINE_OF_CLIENT.sub("", text)
        text = text.replace(str(self.folder), "/root") if self.folder else text
        text = text.replace(" ---> [Warning] IPv4 forwarding is disabled. Networking will not work.\n", "")
        text = re.sub(r"(digest: sha256:\w+) size: \d+", r"\1 size: N", _SPAN.sub("T", text))
        # The builder's digests of copied files take their tar headers in: another hash here, used alike.
        text = re.sub(r"\b(file|dir|multi):[0-9a-f]+", r"\1:HASH", text)
        text = _ID.sub(lambda match: self.ids.setdefault(match[1], f"<{len(self.ids)}>"), text)
        lines = [re.sub(r" {2,}", "  ", one).rstrip() for one in text.replace("\r", "").splitlines()]
        # Whatever came to stdout and stderr: their order between each other is the terminal's business.
        if line.startswith(("docker push", "docker pull")):
            # How far a transfer came when the terminal was told is the machine's business.
            lines = [one for one in lines if not one.endswith((": Waiting", ": Verifying Checksum"))]
        if line.startswith(_UNORDERED):
            lines.sort()
        return "\n".join(lines)


@pytest.fixture(scope="module")
def archive(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    packed = shared / "images" / "bb-union.docker.tar.zst"
    path = tmp_path_factory.mktemp("bb") / "bb.tar"
    subprocess.run(["zstd", "-dqf", str(packed), "-o", str(path)], check=True)
    return path


class Real:
    """A real docker, its client of the same version."""

    def __init__(self, host: str, folder: Path) -> None:
        self.host, self.folder, self.normal = host, folder, Normal(folder)

    def __call__(self, line: str) -> Said:
        words = shlex.split(line)
        done = subprocess.run(
            [CLIENT, *words[1:]], capture_output=True, cwd=self.folder, stdin=subprocess.DEVNULL, check=False,
            env=os.environ | {"DOCKER_HOST": self.host, "DOCKER_CONFIG": str(self.folder / ".docker")}, timeout=120,
        )
        return Said(self.normal((done.stdout + done.stderr).decode("utf-8"), line), done.returncode)


class Ours:
    """The simulated one; the archive lies in its host's folder."""

    def __init__(self, world: World) -> None:
        self.world, self.normal = world, Normal()

    def __call__(self, line: str) -> Said:
        done = simulated(self.world, HOST, shlex.split(line)[1:])
        self.world = done.world
        return Said(self.normal(done.stdout + done.stderr, line), done.exit)


@pytest.fixture
def pair(
    docker: object, archive: Path, need: Callable[[object, str], None], tmp_path: Path
) -> Iterator[tuple[Real, Ours]]:
    need(shutil.which(CLIENT), f"{CLIENT} is not installed")
    version = subprocess.run([CLIENT, "--version"], capture_output=True, text=True, encoding="utf-8", check=True).stdout
    need("20.10" in version, f"the reference is docker 20.10, this is {version}")
    real = Real(docker.host, tmp_path)  # type: ignore[attr-defined]
    shutil.copy(archive, tmp_path / "bb.tar")
    world = new_world()
    host = world.hosts[HOST]
    for name, text in CONTEXT.items():
        path = tmp_path / "ctx" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        host = replace(host, files=host.files.written(f"/root/ctx/{name}", text.encode(), world.clock))
    data = Extent(archive.stat().st_size, lambda: iter([archive.read_bytes()]))
    files = host.files.written("/root/bb.tar", data, world.clock)
    before = list(command._registered)
    command.register_inside(run_inside)
    _clean(real)
    try:
        yield real, Ours(world.with_host(replace(host, files=files)))
    finally:
        command._registered[:] = before
        _clean(real)


def _clean(real: Real) -> None:
    ids = subprocess.run([CLIENT, "-H", real.host, "ps", "-aq"], capture_output=True, text=True, encoding="utf-8",
                         check=True).stdout.split()
    if ids:
        subprocess.run([CLIENT, "-H", real.host, "rm", "-fv", *ids], capture_output=True, check=False)
    subprocess.run([CLIENT, "-H", real.host, "system", "prune", "-af", "--volumes"], capture_output=True, check=False)


def compared(pair: tuple[Real, Ours], script: str) -> None:
    """Type a script into both; every line must print the same and exit the same."""
    real, ours = pair
    differ = []
    for line in map(str.strip, script.replace("\\\n", " ").strip().splitlines()):
        told, said = real(line), ours(line)
        if said != told:
            lines = unified_diff(told.text.splitlines(), said.text.splitlines(), "docker", "ours", lineterm="", n=1)
            differ.append("\n".join([f"$ {line}   exit {told.exit} {said.exit}", *lines]))
    assert not differ, "\n\n".join(differ)


@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS)
def test_the_same_words(pair: tuple[Real, Ours], script: str) -> None:
    compared(pair, script)


@pytest.fixture
def registries(pair: tuple[Real, Ours], need: Callable[[object, str], None], tmp_path: Path) -> Iterator[int]:
    """A real registry and a simulated one, at the same port of 127.0.0.1."""
    need(shutil.which("docker-registry"), "docker-registry is not installed")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    (tmp_path / "registry.yml").write_text(
        f"version: 0.1\nstorage: {{filesystem: {{rootdirectory: {tmp_path}/registry}}}}\n"
        f"http: {{addr: 127.0.0.1:{port}}}\n", "utf-8")
    with open(tmp_path / "registry.log", "wb") as log:
        server = subprocess.Popen(["docker-registry", "serve", str(tmp_path / "registry.yml")], stdout=log, stderr=log)
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        assert pair[1](f"docker run -d -p {port}:5000 --name registry registry").exit == 0
        pair[1].normal.ids.clear()
        yield port
    finally:
        server.terminate()
        server.wait(10)


def test_pushes_and_pulls(pair: tuple[Real, Ours], registries: int) -> None:
    at = f"127.0.0.1:{registries}"
    compared(pair, f"""docker load -i bb.tar
docker tag bb-union:1.0 {at}/cyo/bb:1.0
docker push {at}/cyo/bb:1.0
docker push {at}/cyo/bb:1.0
docker push {at}/cyo/bb
docker push {at}/nosuch
docker push {at}/cyo/bb:nosuch
docker tag bb-union:1.0 {at}/other/bb:1.0
docker push {at}/other/bb:1.0
docker images --digests {at}/other/bb
docker rmi {at}/cyo/bb:1.0
docker rmi {at}/other/bb:1.0 bb-union:1.0
docker pull {at}/cyo/bb:1.0
docker pull {at}/cyo/bb:1.0
docker pull -q {at}/other/bb:1.0
docker pull {at}/other/bb:1.0
docker pull {at}/cyo/bb:nosuch
docker pull {at}/cyo/bb
docker pull {at}/nosuch
docker pull 127.0.0.1:1/x
docker tag {at}/cyo/bb:1.0 127.0.0.1:1/x:1
docker push 127.0.0.1:1/x:1
docker run --network none --name cc {at}/cyo/bb:1.0 sh -c 'echo x > /x'
docker commit cc {at}/cyo/bb:1.0
docker push {at}/cyo/bb:1.0
docker images --digests {at}/cyo/bb
docker rm cc
docker images --digests {at}/cyo/bb
docker login -u me -p pw {at}
docker logout {at}""")
    (volume,) = pair[1].world.hosts[HOST].daemon.volumes.values()
    ours = [path for path, entry in volume.files.upper.entries() if not entry.is_dir]
    told = [str(path.relative_to(pair[0].folder / "registry")) for path in (pair[0].folder / "registry").rglob("*")
            if path.is_file() and "_uploads" not in path.parts]
    assert _layout(ours) == _layout(told), "the same files, but for the digests in their names"


def _layout(paths: list[str]) -> list[str]:
    # The tag that was pushed twice has an index of both its manifests.
    return sorted(re.sub(r"[0-9a-f]{64}", "DIGEST", re.sub(r"/[0-9a-f]{2}/", "/XX/", path)) for path in paths)


def test_what_save_writes_a_real_docker_loads(pair: tuple[Real, Ours], tmp_path: Path) -> None:
    real, ours = pair
    for line in (
        "docker load -i bb.tar", "docker run --network none --name cc bb-union:1.0 sh -c 'rm -r /data && echo 1 > /f'",
        "docker commit -m mine -a me -c 'CMD [\"cat\",\"/f\"]' cc mine:1", "docker save -o /root/mine.tar mine:1",
    ):
        assert ours(line).exit == 0
    data = ours.world.hosts[HOST].files.mount.cat("/root/mine.tar")[1].value
    (tmp_path / "mine.tar").write_bytes(data.read())
    assert real("docker load -i mine.tar").text == "Loaded image: mine:1"
    asked = "docker inspect -f {{.Id}}{{.Size}}{{.RootFS.Layers}}{{.Config.Cmd}}{{.Author}}{{.Comment}} mine:1"
    raw = subprocess.run([CLIENT, "-H", real.host, *shlex.split(asked)[1:]], capture_output=True, encoding="utf-8",
                         check=True).stdout
    assert raw == simulated(ours.world, HOST, shlex.split(asked)[1:]).stdout, "the same ID, size, layers and config"
    assert real("docker run --network none --rm mine:1").text == "1"
    assert real("docker run --network none --rm mine:1 ls /data").exit == 1


def _steps(text: str) -> list[str]:
    """Return what BuildKit's plain output says, without numbers, digests, times and the order of what runs at once."""
    lines = [re.sub(r"^#\d+ ", "", line) for line in text.splitlines()]
    lines = [re.sub(r"^(DONE) \d.*", r"\1", re.sub(r"^\d+\.\d+ ", "", line)) for line in lines]
    # A base that two stages share is shown once, as the first step of either.
    lines = [re.sub(r"^\[\S* ?1/\d+\] FROM", "FROM", line) for line in lines]
    dropped = ("sha256:", "transferring", "<", "exporting layers", "writing image", "DONE", "CACHED")
    return sorted(line for line in lines if line and not line.startswith(dropped))


def _once(text: str) -> str:
    """Leave out what BuildKit repeats where a step takes longer: its name after lines of another, a line as done."""
    lines, kept = text.splitlines(), list[str]()
    for line in lines:
        if not (re.match(r"#\d+ \[", line) and line in kept) and f"{line} done" not in lines:
            kept.append(line)
    return "\n".join(kept)


def test_buildkit(pair: tuple[Real, Ours], monkeypatch: pytest.MonkeyPatch) -> None:
    real, ours = pair
    monkeypatch.setenv("DOCKER_BUILDKIT", "1")
    assert real("docker load -q -i bb.tar").exit == ours("docker load -q -i bb.tar").exit == 0
    host = ours.world.hosts[HOST]
    ours.world = ours.world.with_host(replace(host, env={"DOCKER_BUILDKIT": "1"}))
    for words in ("-t kit", "-t base --target base", "-t kit -f ctx/many", "-t vol -f ctx/volume", "-f ctx/fails",
                  "-f ctx/nofile", "-f ctx/unknown"):
        line = f"docker build --network none {words} ctx"
        told, said = real(line), ours(line)
        assert said.exit == told.exit, line
        assert _steps(said.text) == _steps(_once(told.text)), line
    compared(pair, """docker run --network none --rm vol ls /v
        docker history --no-trunc --format {{.CreatedBy}}:{{.Comment}}:{{.Size}} base
        docker history --no-trunc --format {{.CreatedBy}}:{{.Comment}}:{{.Size}} kit
        docker images -a --format {{.Repository}}:{{.Tag}}
        docker inspect -f {{.Config.Env}}{{.Config.Cmd}}{{.Config.WorkingDir}}{{.Config.ExposedPorts}} base""")


def test_an_export_has_the_same_members(pair: tuple[Real, Ours], tmp_path: Path) -> None:
    """Misconception 33: /dev and /proc are empty but for what docker's own -init layer has there."""
    real, ours = pair
    for line in ("docker load -i bb.tar", "docker create --network none --name cc bb-union:1.0",
                 "docker export -o e.tar cc"):
        assert real(line).exit == 0 and ours(line).exit == 0
    (tmp_path / "ours.tar").write_bytes(ours.world.hosts[HOST].files.mount.cat("/root/e.tar")[1].value.read())

    def members(name: str) -> dict[str, tuple[object, ...]]:
        with tarfile.open(tmp_path / name) as tar:
            # Which of several names of a file comes first is the writer's business.
            return {one.name: (one.isreg() or one.islnk() or one.type, one.mode & 0o7777, one.uid, one.gid)
                    for one in tar.getmembers()}

    told, said = members("e.tar"), members("ours.tar")
    assert said == told
    assert {name for name in said if name.startswith(("proc/", "sys/"))} == set()
    assert {name for name in said if name.startswith("dev/")} == {"dev/console", "dev/pts", "dev/shm"}

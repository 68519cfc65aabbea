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


SCRIPTS = {
    "load and look (1, 8, 12, 24)": """
        docker load -i bb.tar
        docker images
        docker images -q
        docker images --digests --no-trunc
        docker history bb-union:1.0
        docker history --no-trunc --format {{.CreatedBy}} bb-union:1.0
        docker inspect -f {{.Id}}{{.Size}}{{.RootFS.Layers}} bb-union:1.0
        docker images nosuch
        docker images --format {{.Repository}}:{{.Tag}}:{{.Size}}
    """,
    "run, exec, diff, stop, start, rm (15, 26, 27)": """
        docker load -i bb.tar
        docker run --network none --rm bb-union:1.0 echo hello
        docker run -d --network none --name web bb-union:1.0 sleep 1000
        docker exec web sh -c 'echo hi > /root/x && mkdir /newdir && rm /data/a'
        docker exec web cat /root/x
        docker exec web cat /nosuch
        docker exec web nosuch
        docker diff web
        docker stop -t 1 web
        docker ps -a
        docker exec web ls
        docker start web
        docker exec web cat /root/x
        docker rm web
        docker rm -f web
        docker rm web
        docker run --network none --name bad bb-union:1.0 nosuch
        docker run --network none --name code bb-union:1.0 sh -c 'exit 3'
        docker ps -a
        docker start nosuch
        docker stop nosuch
        docker logs nosuch
        docker rm bad code
    """,
    "commit (2, 4, 18, 24)": """
        docker load -i bb.tar
        docker run --network none --name same bb-union:1.0 true
        docker commit same empty:1
        docker history empty:1
        docker run --network none --name wrote bb-union:1.0 sh -c 'echo 12345 > /file'
        docker commit -m msg -a=me wrote new:1
        docker history new:1
        docker inspect -f {{.Author}}{{.Comment}}{{.Config.Cmd}} new:1
        docker run --network none --rm new:1 cat /file
        docker commit -c 'CMD ["/bin/sh","-c","echo changed"]' -c 'ENV A=1' -p=false wrote new:2
        docker inspect -f {{.Config.Cmd}}{{.Config.Env}} new:2
        docker run --network none --rm new:2
        docker commit -c 'RUN x' wrote new:3
        docker commit wrote BAD
        docker commit nosuch x
        docker commit wrote
        docker images --format {{.Repository}}:{{.Tag}}
    """,
    "tags and rmi (9, 10, 11, 29)": """
        docker load -i bb.tar
        docker tag bb-union:1.0 bb-alias:1
        docker images --format {{.ID}}
        docker rmi bb-alias:1
        docker tag nosuch x
        docker tag bb-union:1.0 UPPER
        docker run --network none --name user bb-union:1.0 true
        docker rmi bb-union:1.0
        docker commit user child:1
        docker rmi -f bb-union:1.0
        docker images -a --format {{.Repository}}
        docker rm user
        docker rmi child:1
        docker images -a
        docker load -i bb.tar
        docker tag bb-union:1.0 moved:1
        docker run --network none --name other bb-union:1.0 true
        docker commit other moved:1
        docker rmi nosuch
        docker rmi moved:1
    """,
    "volumes (4, 16)": """
        docker load -i bb.tar
        docker volume create v1
        docker volume ls
        docker run --network none --rm -v v1:/data bb-union:1.0 ls /data
        docker run --network none --rm -v v1:/data bb-union:1.0 sh -c 'echo new > /data/new'
        docker run --network none --rm -v v1:/data bb-union:1.0 cat /data/new
        docker run --network none --name cc -v /vol bb-union:1.0 sh -c 'echo x > /vol/x && echo y > /data/y'
        docker diff cc
        docker commit cc vol:1
        docker run --network none --rm vol:1 ls /vol
        docker run --network none --rm vol:1 cat /data/y
        docker run --network none --name user -v v1:/mnt bb-union:1.0 true
        docker volume rm v1
        docker rm user
        docker volume rm v1
        docker volume rm nosuch
        docker volume inspect nosuch
        docker rm -v cc
        docker volume ls
        docker run --network none -v rel/path:/x bb-union:1.0 true
        docker run --network none -v /x:rel bb-union:1.0 true
    """,
    "save, load, export, import (22)": """
        docker load -i bb.tar
        docker run --network none --name cc bb-union:1.0 sh -c 'echo x > /x'
        docker commit cc mine:1
        docker save -o s.tar mine:1
        docker save nosuch
        docker save -o /nodir/x mine:1
        docker export -o e.tar cc
        docker import -m mm -c 'CMD ["/bin/sh"]' e.tar imp:1
        docker history imp:1
        docker run --network none --rm imp:1 cat /x
        docker rm cc
        docker rmi mine:1
        docker load -i s.tar
        docker history mine:1
        docker run --network none --rm mine:1 cat /x
        docker load -i nosuch.tar
    """,
    "build, its cache and its layers (14, 17)": """
        docker load -i bb.tar
        docker build -t built:1 ctx
        docker build -t built:2 ctx
        docker history built:2
        docker images -f dangling=true
        docker build --target base -t tb ctx
        docker history tb
        docker history --no-trunc --format {{.CreatedBy}} tb
        docker inspect -f {{.Config.Cmd}}{{.Config.Env}}{{.Config.WorkingDir}}{{.Config.Volumes}}{{.Config.User}} tb
        docker run --network none --rm --entrypoint cat tb /app/run.txt
        docker build -f ctx/fails ctx
        docker build -f ctx/nofile ctx
        docker build -f ctx/unknown ctx
        docker build -f ctx/norun ctx
        docker build -q -t vv -f ctx/volume ctx
        docker run --network none --rm vv ls /v
        docker build nosuchdir
        docker build -f ctx/nosuch ctx
        docker build -t many -f ctx/many --build-arg WHO=you ctx
        docker history many
        docker run --network none --rm many
        docker run --network none --rm many ls /sub
        docker ps -a --format {{.Command}}{{.Image}}
    """,
    "secrets and rm stay in the layers (1, 2, 19)": """
        docker load -i bb.tar
        docker build -t grown -f ctx/grown ctx
        docker history grown
        docker inspect -f {{.Size}} grown
        docker history --format {{.Size}} grown
    """,
    "layers are not without limit (25)": """
        docker load -i bb.tar
        docker build -q -f ctx/deep ctx
    """,
    "what docker has, and what goes": """
        docker load -i bb.tar
        docker system df
        docker run --network none --name one bb-union:1.0 sh -c 'echo 12345 > /f'
        docker run -d --network none --name two -v vol:/data bb-union:1.0 sleep 500
        docker volume create loose
        docker ps -s
        docker ps -a -s --filter name=one
        docker commit one new:1
        docker commit -m again one new:1
        docker system df
        docker images -a
        docker image prune -f
        docker container prune -f
        docker ps -aq
        docker system df
        docker volume ls -f dangling=true
        docker volume prune -f
        docker image prune -a -f
        docker system prune -f
        docker rm -f two
        docker system prune -a -f --volumes
        docker images -a
        docker volume ls
    """,
    "cp": """
        docker load -i bb.tar
        docker create --network none --name cc bb-union:1.0 cat /hello.txt /sub2/deep/b
        docker cp ctx/hello.txt cc:/
        docker cp ctx/sub cc:/sub2
        docker cp ctx/hello.txt cc:/nosuch/
        docker cp ctx/nosuch cc:/
        docker cp nosuch:/x .
        docker cp cc:/nosuch .
        docker cp ctx/hello.txt cc:/nosuch/deeper/x
        docker cp cc:/hello.txt /nosuch/x
        docker start -a cc
        docker diff cc
    """,
    "inspect": """
        docker load -i bb.tar
        docker create --network none --name cc -v vol:/data -v /anon -v /srv:/srv:ro -e A=1 -l x=y \\
            --restart on-failure:3 -w /tmp bb-union:1.0 sleep 500
        docker start cc
        docker inspect -f {{.Name}}{{.Path}}{{.Args}}{{.RestartCount}}{{.Driver}} cc
        docker inspect -f {{.State.Status}}{{.State.Running}}{{.State.Paused}}{{.State.ExitCode}}{{.State.Error}} cc
        docker inspect -f {{len .HostConfig.Binds}}{{.HostConfig.NetworkMode}}{{.HostConfig.RestartPolicy.Name}} cc
        docker inspect -f {{.HostConfig.RestartPolicy.MaximumRetryCount}}{{.HostConfig.Privileged}} cc
        docker inspect -f {{.Config.Env}}{{.Config.Cmd}}{{.Config.WorkingDir}} cc
        docker inspect -f {{.Config.Labels}}{{.Config.Entrypoint}} cc
        docker inspect -f '{{range $i, $one := .Mounts}}{{$i}}{{$one.Driver}};{{end}}' bb-union:1.0
        docker inspect -f '{{json .Config.Volumes}} {{len .Mounts}} {{index .Config.Labels "x"}}' cc
        docker inspect -f '{{if .State.Running}}up{{else}}down{{end}}' cc
        docker inspect -f '{{.Nosuch}}' cc
        docker inspect -f '{{.State.Nosuch}}' cc
        docker inspect -f '{{' cc
        docker inspect -f '{{.Config.Cmd}}' bb-union:1.0
        docker image inspect cc
        docker container inspect bb-union:1.0
        docker volume inspect -f {{.Name}}{{.Driver}}{{.Scope}} vol
        docker pause cc
        docker ps
        docker exec cc true
        docker rm cc
        docker unpause cc
        docker kill cc
        docker ps -a
        docker restart cc
        docker exec -w /data cc pwd
        docker exec -e B=2 cc env
        docker exec -d cc sleep 1
        docker images --format {{.Nosuch}}
        docker images --format {{.Tag.X}}
        docker ps --format {{.Nosuch}}
        docker volume ls --format {{.Nosuch}}
        docker history --format {{.Nosuch}} bb-union:1.0
        docker images --format {{
        docker images --format {{json
        docker ps --format '{{.Names | upper}} {{.Image}} {{len .ID}}'
        docker ps --format 'table {{.Names}}\\t{{.Image}}'
        docker inspect -f '{{json .Config.Entrypoint}} {{.Config.Entrypoint}} {{.HostConfig.Binds}}' bb-union:1.0
        docker inspect -f '{{nosuch .Id}}' cc
        docker inspect -f '{{.Id' cc
        docker inspect -f {{.HostConfig.RestartPolicy.Name}} cc
    """,
    "wrong words": """
        docker nosuch
        docker images --nosuch
        docker images -z
        docker images a b
        docker ps --format
        docker run
        docker tag a
        docker commit
        docker rmi
        docker exec x
        docker pull Bad
        docker pull a:b:c
        docker inspect nosuch
        docker run --restart foo x
        docker run -p abc:80 x
        docker run --rm --restart always x
        docker ps -n x
        docker ps --all=maybe
        docker login -u x
        docker cp a b
        docker help nosuch
        docker image nosuch
        docker volume rm
        docker history nosuch
        docker create --name xy 127.0.0.1:1/bb
    """,
    "names and order (5, 6)": """
        docker load -i bb.tar
        docker create --network none --name c1 bb-union:1.0 echo hello
        docker start -a c1
        docker logs c1
        docker rename c1 c2
        docker wait c2
        docker kill c2
        docker pause c2
        docker top c2
        docker attach c2
        docker port c2
        docker create --network none --name c2 bb-union:1.0
        docker create --network none --name bad/name bb-union:1.0
        docker run --network none -e A=1 --entrypoint env bb-union:1.0
        docker run --network none --rm -w /nowhere/x bb-union:1.0 pwd
        docker run --network none --rm -u nosuch bb-union:1.0 true
        docker run --network none --rm bb-union:1.0 /etc
        docker run --network none BB:1
        docker rm c2 nosuch
        docker run -it --network none bb-union:1.0 sh
    """,
}  # fmt: skip


CONTEXT = {
    "hello.txt": "hello\n", "sub/a": "a\n", "sub/deep/b": "bb\n",
    "Dockerfile": """FROM bb-union:1.0 AS base
ARG WHO=me
ENV A=1 B="two words"
LABEL x=y
WORKDIR /app
COPY hello.txt ./
ADD hello.txt /added/
RUN echo hi > /app/run.txt
USER 1000
EXPOSE 80
VOLUME /vol
ENTRYPOINT ["/bin/sh", "-c"]
CMD ["echo cmd"]

FROM bb-union:1.0
COPY --from=base /app/run.txt /run.txt
RUN cat /run.txt
""",
    "fails": "FROM bb-union:1.0\nRUN false\n", "nofile": "FROM bb-union:1.0\nCOPY nofile /\n",
    "unknown": "FROM bb-union:1.0\nFOO x\n", "norun": "RUN x\n",
    "volume": "FROM bb-union:1.0\nVOLUME /v\nRUN mkdir -p /v && echo x > /v/y\n",
    "many": """# a comment
FROM bb-union:1.0
ARG WHO
ENV WHO=${WHO:-nobody} \\
    # in between
    MORE=x
COPY sub /sub/
COPY hello.txt sub/a /both/
WORKDIR /w
WORKDIR x
CMD echo $WHO $MORE && pwd
""",
    "deep": "FROM bb-union:1.0\n" + "".join(f"COPY hello.txt /f{number}\n" for number in range(117)),
    "grown": """FROM bb-union:1.0
RUN echo secret > /secret && echo 0123456789 > /big
RUN rm /secret
RUN chmod 600 /big
""",
}


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
        assert _steps(said.text) == _steps(told.text), line
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

"""The 34 things that people get wrong, each with a script that shows what is true, as data.

    number   lines of a host's shell, each with what it must print      `shown` runs them and says whether it was seen

The words are in `sim.lab.texts.misconceptions`. Most scripts run against a real dockerd as they stand, so that what
they show is Docker's doing: see `Misconception.peer`, and `alone` for why another one does not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ..union.overlay import Open
from .command import Outcome
from .internet import HOST, new_world
from .terminal import Seat, step

REGISTRY = "docker run -d -p 5000:5000 --name registry registry"
Check = Callable[[Seat, Sequence[Outcome]], bool]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a script.

    Attributes
    ----------
    command : str
    has : tuple of str
        Regular expressions, each found in what is printed.
    lacks : tuple of str
        Regular expressions that are not found in it.
    exit : int
    host : str
        On which of the world's hosts, where it is not the first.
    typed : str or None
        What is typed into its editor.
    """

    command: str
    has: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    exit: int = 0
    host: str = HOST
    typed: str | None = None


@dataclass(frozen=True, slots=True)
class Misconception:
    """One of them.

    Attributes
    ----------
    number : int
        As in the list that the course keeps; the most frequent first.
    lines : tuple of Line
    registry : bool
        A private registry listens at 127.0.0.1:5000 before the first line.
    check : callable or None
        What is not to be read off the output.
    alone : str
        Why it is not compared with a real dockerd; empty where it is.
    """

    number: int
    lines: tuple[Line, ...]
    registry: bool = False
    check: Check | None = None
    alone: str = ""

    @property
    def peer(self) -> bool:
        """Whether its lines run against a real dockerd as they stand."""
        return not self.alone


@dataclass(frozen=True, slots=True)
class Shown:
    """A script that was run.

    Attributes
    ----------
    seat : Seat
        After it.
    outcomes : tuple of Outcome
        One a line.
    failed : tuple of str
        What was not seen; empty where all was.
    """

    seat: Seat
    outcomes: tuple[Outcome, ...]
    failed: tuple[str, ...]


def shown(number: int) -> Shown:
    """Run a misconception's script in a fresh world.

    Examples
    --------
    >>> found = shown(29)
    >>> found.failed, found.outcomes[-1].stdout
    ((), 'the same ID\\n')
    """
    made = MISCONCEPTIONS[number]
    hosts = dict.fromkeys((HOST, *(line.host for line in made.lines)))
    seat = Seat(new_world(tuple(hosts)))
    if made.registry:
        seat, _ = step(seat, REGISTRY)
    outcomes, failed = [], []
    for line in made.lines:
        seat, outcome = step(replace(seat, host=line.host), line.command, typed=line.typed)
        outcomes.append(outcome)
        failed += unseen(line, outcome.exit, outcome.text)
    if made.check is not None and not made.check(seat, outcomes):
        failed.append("the state is not as claimed")
    return Shown(seat, tuple(outcomes), tuple(failed))


def unseen(line: Line, code: int, text: str) -> list[str]:
    """Return what a line should have printed and did not."""
    found = [] if code == line.exit else [f"{line.command}: exit {code}, not {line.exit}: {text[:200]}"]
    found += [f"{line.command}: no {one!r} in {text[:400]!r}" for one in line.has if not re.search(one, text, re.M)]
    found += [f"{line.command}: {one!r} in {text[:400]!r}" for one in line.lacks if re.search(one, text, re.M)]
    return found


def _run(name: str, image: str, command: str) -> Line:
    return Line(f"docker run --name {name} {image} {command}")


def _big(tag: str = "big:1") -> tuple[Line, ...]:
    """A layer with one file of 5 MB, on busybox."""
    return (
        _run("made", "busybox", "sh -c 'mkdir /d; dd if=/dev/zero of=/d/big bs=1M count=5'"),
        Line(f"docker commit made {tag}", (r"^sha256:",)),
    )


def _same(what: str, one: str, other: str, says: str, same: bool = True) -> Line:
    """Compare one field of two images."""
    inspect = "$(docker inspect -f '{{%s}}' %s)"
    return Line(f'[ "{inspect % (what, one)}" {"=" if same else "!="} "{inspect % (what, other)}" ] && echo {says}',
                (f"^{says}$",))



def _descriptor(seat: Seat, outcomes: Sequence[Outcome]) -> bool:
    """An open descriptor sees the new bytes after a copy-up; a mapping keeps the old ones (Linux 4.19)."""
    container = next(iter(seat.world.hosts[HOST].daemon.containers.values()))
    mount, opened = container.root.mount.open("/etc/passwd", Open.RDONLY)
    mount, mapped = mount.mmap(opened.value)
    before = mount.mapped(mapped.value)
    mount = mount.put("/etc/passwd", b"new\n")[0]
    return mount.read(opened.value, None, 0)[1].value == b"new\n" and mount.mapped(mapped.value) == before


def _opaque(seat: Seat, outcomes: Sequence[Outcome]) -> bool:
    container = next(iter(seat.world.hosts[HOST].daemon.containers.values()))
    return any("opaque=y" in line for line in container.root.mount.upperdir.dump())


def _download(seat: Seat, outcomes: Sequence[Outcome]) -> bool:
    """What crosses the wire for alpine, as its real layer is listed, is less than half of what it takes on the disk."""
    from ..image.samples import advertised_size, sample

    (layer,) = sample("alpine").layers
    (image,) = seat.world.hosts[HOST].daemon.images.values()
    on_disk = sum(one.size for one in layer.changes.entries.values())
    return layer.diff_id == image.config.diff_ids[0] and advertised_size(layer) * 2 < on_disk


_BUILD = "docker build -q -t {tag} {folder}"
_NETWORK = "it needs a registry of the internet, and a test reaches none"

_ALL = (
    Misconception(1, (
        *_big(), _run("later", "big:1", "rm /d/big"), Line("docker commit later big:2"),
        Line("[ $(docker inspect -f '{{.Size}}' big:2) -ge $(docker inspect -f '{{.Size}}' big:1) ] && echo no smaller",
             ("^no smaller$",)),
        Line("docker history --format '{{.Size}}' big:2", (r"^5\.24MB$", r"^0B$")),
    )),
    Misconception(2, (
        *_big(), _run("later", "big:1", "chmod 600 /d/big"), Line("docker commit later big:2"),
        Line("docker history --format '{{.Size}}' big:2 | grep -c 5.24MB", ("^2$",)),
    )),
    Misconception(3, (
        Line("docker run -d -p 5000:5000 registry", host="server"),
        Line("echo '{\"insecure-registries\": [\"10.0.0.3:5000\"]}' > /etc/docker/daemon.json; systemctl reload docker",
             host="server"),
        Line("docker pull -q busybox"), Line("docker tag busybox 10.0.0.3:5000/b:1"),
        Line("docker push 10.0.0.3:5000/b:1", ("server gave HTTP response to HTTPS client",), exit=1),
        Line("echo '{\"insecure-registries\": [\"10.0.0.3:5000\"]}' > /etc/docker/daemon.json"),
        Line("docker push 10.0.0.3:5000/b:1", ("server gave HTTP response to HTTPS client",), exit=1),
        Line("systemctl reload docker"), Line("docker push 10.0.0.3:5000/b:1", ("^1: digest: sha256:",)),
    ), alone="it takes two machines and systemd"),
    Misconception(4, (
        _run("box", "-v data:/data busybox", "sh -c 'echo kept > /data/f; echo image > /g'"),
        Line("docker diff box", ("^A /g$",), ("/data/f",)), Line("docker commit box v:1"),
        Line("docker run --rm v:1 sh -c 'cat /g; ls /data'", ("^image$",), ("^f$",)),
        Line("docker run --rm -v data:/data busybox cat /data/f", ("^kept$",)),
    )),
    Misconception(5, (
        Line("docker pull busybox || true"), Line("docker tag busybox my:2.0"),
        Line("docker tag my other", ("No such image: my:latest",), exit=1),
        Line("docker tag my:2.0 my"), _same(".Id", "my", "my:2.0", "what was tagged so"),
        _run("box", "busybox", "touch /f"), Line("docker commit box my:3.0"),
        _same(".Id", "my", "my:3.0", "latest did not move", same=False),
    )),
    Misconception(6, (
        Line("docker pull -q busybox"), Line("docker tag busybox myiis"),
        Line("docker push myiis", (r"docker\.io/library/myiis", "denied: requested access to the resource is denied"),
             exit=1),
    ), alone=_NETWORK),
    Misconception(7, (
        Line("docker pull -q ubuntu"), Line("docker run --rm ubuntu ls /boot", lacks=(".",)),
        *(Line(f'[ "$(docker run --rm {image} uname -r)" = "$(uname -r)" ] && echo one kernel', ("^one kernel$",))
          for image in ("ubuntu", "alpine")),
    ), alone="the kernels are compared in the tests of the boot"),
    Misconception(8, (
        Line("docker pull busybox || true"), _run("box", "busybox", "touch /f"), Line("docker commit box one:1"),
        Line("docker save -o /tmp/one8.tar one:1"), Line("docker rm box"), Line("docker rmi one:1"),
        Line("docker load -i /tmp/one8.tar"), Line("docker history one:1", (r"^<missing> ",)),
        Line("docker run --rm one:1 ls /f", ("^/f$",)),
    )),
    Misconception(9, (
        _run("box", "busybox", "touch /f"), Line("docker commit box x:1"),
        Line("docker run -d --name keep x:1 sleep 1000"), Line("sleep 1"), Line("docker commit box x:1"),
        Line("docker images -f dangling=true", ("<none> +<none>",)),
        Line("docker rmi $(docker images -q -f dangling=true)", ("conflict: unable to delete",), exit=1),
        Line("docker rm -f -v keep"),
    )),
    Misconception(10, (
        Line("docker pull busybox || true"), Line("docker tag busybox 127.0.0.1:5000/b:1"),
        Line("docker push 127.0.0.1:5000/b:1", ("^1: digest: sha256:",)),
        Line('[ "$(docker inspect -f \'{{.Id}}\' busybox)" != "$(docker inspect -f \'{{index .RepoDigests 0}}\' '
             '127.0.0.1:5000/b:1 | cut -d@ -f2)" ] && echo two names', ("^two names$",)),
    ), registry=True),
    Misconception(11, (
        Line("docker pull busybox || true"), Line("docker tag busybox b:1"),
        Line("docker rmi b:1", ("^Untagged: b:1$",), ("Deleted",)),
        Line("docker run --rm busybox echo there", ("^there$",)),
    )),
    Misconception(12, (
        _run("box", "busybox", "touch /f"), Line("docker commit box b:1"),
        _same("index .RootFS.Layers 0", "busybox", "b:1", "one layer"),
        Line("docker history --format '{{.Size}}' b:1 | head -n 1", ("^0B$",)),
    )),
    Misconception(13, (Line("docker pull alpine"), Line("docker images alpine", (r"\d(\.\d+)?MB$",))), check=_download,
                  alone="the sizes on the hub are those of its listing"),
    Misconception(14, (
        Line("mkdir -p /tmp/ctx14 && printf 'FROM busybox\\nENV A=1\\nLABEL b=2\\nRUN touch /f\\nCMD [\"sh\"]\\n' "
             "> /tmp/ctx14/Dockerfile"),
        Line(_BUILD.format(tag="e:1", folder="/tmp/ctx14"), ("sha256:",)),
        Line("docker inspect -f '{{len .RootFS.Layers}}' busybox e:1", ("^1\n2$",)),
        Line("docker history --format '{{.Size}} {{.CreatedBy}}' e:1", (r"^0B .*ENV A=1", r"^0B .*LABEL b=2")),
    )),
    Misconception(15, (
        Line("docker run -d --name box busybox sleep 1000"), Line("docker exec box sh -c 'echo here > /f'"),
        Line("docker stop -t 0 box"), Line("docker start box"), Line("docker exec box cat /f", ("^here$",)),
        Line("docker run --rm busybox cat /f", ("No such file",), exit=1), Line("docker rm -f -v box"),
        Line("docker exec box cat /f", ("No such container",), exit=1),
    )),
    Misconception(16, (
        Line("mkdir -p /tmp/host16 && echo host > /tmp/host16/mine"),
        Line("docker run --rm -v /tmp/host16:/etc busybox ls /etc", ("^mine$",), ("passwd",)),
        Line("docker run --rm -v named:/etc busybox ls /etc", ("^passwd$",)),
    )),
    Misconception(17, (
        Line("mkdir -p /tmp/ctx17 && printf 'FROM busybox\\nVOLUME /data\\nRUN echo x > /data/f\\n' "
             "> /tmp/ctx17/Dockerfile"),
        Line(_BUILD.format(tag="lost:1", folder="/tmp/ctx17"), ("sha256:",)),
        Line("docker run --rm lost:1 cat /data/f", ("No such file",), exit=1),
    )),
    Misconception(18, (
        *_big(), _run("later", "big:1", "sh -c 'echo x >> /d/big'"), Line("docker commit later big:2"),
        Line("docker history --format '{{.Size}}' big:2 | head -n 1", (r"^5\.24MB$",)),
    )),
    Misconception(19, (
        _run("box", "busybox", "sh -c 'echo TOPSECRET > /key'"), Line("docker commit box s:1"),
        _run("box2", "s:1", "rm /key"), Line("docker commit box2 s:2"),
        Line("docker run --rm s:2 cat /key", ("No such file",), exit=1),
        Line("docker save s:2 | grep -a -o TOPSECRET | head -n 1", ("^TOPSECRET$",)),
    )),
    Misconception(20, (
        Line("docker pull busybox || true"), Line("docker tag busybox 127.0.0.1:5000/gone:1"),
        Line("docker push 127.0.0.1:5000/gone:1", ("^1: digest: sha256:",)),
        Line("docker rmi 127.0.0.1:5000/gone:1"),
        Line("curl -s http://127.0.0.1:5000/v2/_catalog", ('"gone"',)),
        Line("curl -s -X DELETE http://127.0.0.1:5000/v2/gone/manifests/"
             "sha256:0000000000000000000000000000000000000000000000000000000000000000", ("UNSUPPORTED",)),
    ), registry=True),
    Misconception(21, (
        Line("docker run -d -p 5001:5000 registry"), Line("docker pull -q busybox"),
        Line("docker tag busybox 127.0.0.1:5000/a:1; docker tag busybox 127.0.0.1:5000/b:1; "
             "docker tag busybox 127.0.0.1:5001/a:1"),
        Line("docker push 127.0.0.1:5000/a:1", (": Pushed",)),
        Line("docker push 127.0.0.1:5000/a:1", (": Layer already exists",)),
        Line("docker push 127.0.0.1:5000/b:1", (": Mounted from a",)),
        Line("docker push 127.0.0.1:5001/a:1", (": Pushed",)),
    ), registry=True, alone="it takes two registries; the wire's recordings have each of its answers"),
    Misconception(22, (
        _run("box", "busybox", "touch /f"), Line("docker commit box kept:1"),
        Line("docker export box | docker import - flat:1", ("sha256:",)),
        Line("docker history -q flat:1 | wc -l", (r"^\s*1$",)),
        Line("docker inspect -f '{{.Config.Cmd}}' flat:1", (r"^\[\]$",)),
        Line("docker inspect -f '{{len .RootFS.Layers}}' kept:1", ("^2$",)),
    )),
    Misconception(23, (
        Line("curl -s https://registry.cn-hangzhou.aliyuncs.com/v2/_catalog", ("UNAUTHORIZED",)),
        Line("curl -s http://127.0.0.1:5000/v2/_catalog", ('"repositories":',)),
    ), registry=True, alone=_NETWORK),
    Misconception(24, (
        _run("box", "busybox", "touch /f"), Line("docker commit box one:1"), Line("sleep 1"),
        Line("docker commit box two:1"),
        _same(".RootFS.Layers", "one:1", "two:1", "the same layers"),
        _same(".Id", "one:1", "two:1", "other IDs", same=False),
    )),
    Misconception(25, (
        Line("docker pull busybox || true"), Line("docker tag busybox deep; echo x > /tmp/f25"),
        Line("for i in $(seq 1 130); do docker create --name dd deep > /tmp/o25 && docker cp /tmp/f25 dd:/f$i && "
             "docker commit dd deep > /tmp/o25 || break; docker rm dd > /tmp/o25; done", ("max depth exceeded",)),
        Line("docker inspect -f '{{len .RootFS.Layers}}' deep", ("^12[5-7]$",)),
    )),
    Misconception(26, (
        *_big(), _run("later", "big:1", "mv /d /e"), Line("docker commit later big:2"),
        Line("docker history --format '{{.Size}}' big:2 | head -n 1", (r"^5\.24MB$",)),
    ), alone="Debian's kernel answers EXDEV as the mount's own tests show; another kernel may redirect"),
    Misconception(27, (
        _run("box", "busybox", "sh -c 'rm -r /etc/network && mkdir /etc/network && ls /etc/network | wc -l'"),
    ), check=_opaque, alone="what is marked opaque is compared with the kernel in the tests of the mount"),
    Misconception(28, (Line("docker run -d busybox sleep 1000"),), check=_descriptor,
                  alone="descriptors are compared with the kernel in the tests of the mount"),
    Misconception(29, (
        Line("docker pull busybox || true"), Line("docker tag busybox b:1"),
        _same(".Id", "busybox", "b:1", "the same ID"),
    )),
    Misconception(30, (
        Line("docker run --rm alpine ls /boot", ("No such file",), exit=1),
        Line("docker run --rm alpine cat /proc/sys/kernel/osrelease", (r"^\d+\.\d+",)),
    ), alone="what a boot does is compared with a real machine in the tests of the boot"),
    Misconception(31, (
        Line("echo x > /srv/onhost"), Line("docker run --rm alpine ls /srv", lacks=("onhost",)),
        Line("docker run --rm alpine mount | head -n 1", ("^overlay on / type overlay",)),
    ), alone="the mount's tests compare what a stack shows with the kernel"),
    Misconception(32, (
        Line("docker pull -q busybox"),
        Line("docker save busybox | grep -a -o layer.tar | head -n 1", ("^layer.tar$",)),
        Line("docker run --rm busybox mount | head -n 1", ("^overlay on / type overlay",)),
    ), alone="archives are compared with docker's, skopeo's and umoci's in their own tests"),
    Misconception(33, (
        Line("docker create --name box busybox ls /proc/version"),
        Line("docker export box | grep -a -c proc/version", ("^0$",), exit=1),
        Line("docker start -a box", ("^/proc/version$",)),
    )),
    Misconception(34, (
        Line("docker run -d -p 5000:5000 --name reg registry"),
        Line("docker inspect -f '{{.HostConfig.Privileged}}' reg; sleep 1", ("^false$",)),
        Line("curl -s http://127.0.0.1:5000/v2/_catalog", (r'^\{"repositories":\[\]\}$',)),
    )),
)

MISCONCEPTIONS: dict[int, Misconception] = {one.number: one for one in _ALL}
"""By number."""

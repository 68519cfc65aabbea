"""A container's start against runc and crun: what runs, what it returns, which calls are made, how long they take.

The bundle is one that we export. Times are medians; LAYERLAB_FULL=1 takes them of five starts, where three are usual.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

import pytest

from sim.boot.calls import Step
from sim.boot.container import Engine, start, timeline
from sim.boot.export import write_bundle
from sim.boot.host import Host
from sim.boot.ladder import MEASURED
from sim.fs.sketch import directory, file, sketch, symlink, whiteout
from sim.image.build import append, named, with_config
from sim.image.config import RunConfig
from sim.image.convert import write_archive
from sim.image.layer import Image
from tests.bootkit.guest import BUSYBOX, Parts, image_of, kernel, parts
from tests.bootkit.qemu import QEMU, boot, drive
from tests.bootkit.trace import Traced, groups, step_of, traced

STARTS = 21
"""A start has its fork either short or long; the median of a few is now the one, now the other."""
TRUE = "/bin/true"
RUNTIMES = ("runc", "crun")
#: crun takes one tree of cgroups or the old hierarchies, not both at once.
HYBRID = Path("/sys/fs/cgroup/unified")

Need = Callable[[object, str], None]


def hierarchies() -> tuple[str, ...]:
    """Return this host's hierarchies of cgroup version 1; none where it has version 2."""
    lines = Path("/proc/self/cgroup").read_text(encoding="utf-8").splitlines()
    return tuple(line.split(":")[1].removeprefix("name=") for line in lines if line.split(":")[1])


@pytest.fixture(scope="module")
def host() -> Host:
    """This host, as the model sees it."""
    return Host(release=os.uname().release, hostname=os.uname().nodename, cgroups=hierarchies())


@pytest.fixture(scope="module")
def image(need: Need) -> Image:
    """Two layers around a busybox, with a user of its own."""
    need(BUSYBOX.exists(), "busybox-static is not installed")
    names = ("sh", "true", "id", "hostname", "cat", "ls", "mount", "touch", "stat", "uname")
    base = sketch(
        file("/bin/busybox", BUSYBOX.read_bytes(), 0o755), *(symlink(f"/bin/{name}", "busybox") for name in names),
        file("/etc/passwd", b"root:x:0:0::/:/bin/sh\napp:x:1000:1001::/:/bin/sh\n"), file("/etc/gone", b"x"),
        file("/etc/owned", b"mine", 0o640, 1000, 1001), directory("/srv", 0o1777),
    )
    made = append(image_of(base), sketch(whiteout("/etc/gone"), file("/etc/motd", b"from the upper layer\n")))
    return named(with_config(made, RunConfig(cmd=(TRUE,), env=("COLOUR=blue",), working_dir="/srv")), "bb:1")


class Runtime:
    """A runtime that runs bundles of an image, each in a folder of its own."""

    def __init__(self, name: str, image: Image, host: Host, folder: Path) -> None:
        self.name, self.image, self.host, self.folder = name, image, host, folder
        self.count = 0

    def bundle(self, *args: str, **config: object) -> Path:
        """Export a bundle that runs some words."""
        self.count += 1
        image = with_config(self.image, RunConfig(**config)) if config else self.image  # type: ignore[arg-type]
        made = write_bundle(image, self.folder / str(self.count), args=args or None, host=self.host, hostname="web")
        assert not made.left_out
        return made.path

    def command(self, bundle: Path) -> list[str | Path]:
        """Return the words that start it."""
        words = [self.name, "--root", self.folder / "state", "run", "--bundle", bundle, f"{self.name}-{self.count}"]
        if self.name == "crun" and HYBRID.is_dir():
            return ["unshare", "-m", "sh", "-c", f"umount {HYBRID}; exec {' '.join(map(str, words))}"]
        return words

    def __call__(self, *args: str, **config: object) -> subprocess.CompletedProcess[str]:
        return run(self.command(self.bundle(*args, **config)))


def run(command: list[str | Path]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", stdin=subprocess.DEVNULL)


@pytest.fixture(scope="module", params=RUNTIMES)
def runtime(
    request: pytest.FixtureRequest, need: Need, image: Image, host: Host, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Runtime]:
    """One of the runtimes."""
    need(os.geteuid() == 0, "a runtime's mounts and devices need root")
    need(shutil.which(request.param), f"{request.param} is not installed")
    yield Runtime(request.param, image, host, tmp_path_factory.mktemp(request.param))


# ---- what runs -----------------------------------------------------------------------------------------------

RAN = [
    (["sh", "-c", "exit 7"], {}, 7, "", "its exit code is the program's"),
    (["sh", "-c", "cat /etc/motd; ls /etc"], {}, 0, "from the upper layer\n.*motd\nowned\npasswd\n", "the merged view"),
    (["sh", "-c", "hostname; echo $HOSTNAME $COLOUR; cat /proc/self/comm"], {}, 0, "web\nweb blue\ncat\n",
     "name and env"),
    (["id"], {"user": "app"}, 0, r"uid=1000\(app\) gid=1001 groups=1001\n", "a user by name"),
    (["sh", "-c", "echo $$"], {}, 0, "1\n", "it is process 1"),
    (["sh", "-c", "touch /new && ls /new"], {}, 0, "/new\n", "its root is writable from the first moment"),
    (["sh", "-c", "cat /proc/sys/kernel/ostype; echo x > /proc/sys/kernel/hostname"], {}, 1, "Linux\n",
     "paths of the kernel cannot be written"),
    (["sh", "-c", "stat -c %a:%u:%g /etc/owned /srv"], {}, 0, "640:1000:1001\n1777:0:0\n", "owners and modes"),
    (["sh", "-c", "mount -t tmpfs t /srv || exit 3"], {}, 3, "", "what filter and capabilities refuse"),
    (["cat", "/proc/self/status"], {}, 0, r"(?s).*CapEff:\t00000000a80425fb\n.*NoNewPrivs:\t0\nSeccomp:\t2\n.*",
     "docker's 14 capabilities, its filter, and no_new_privs off"),
]


@pytest.mark.parametrize(("args", "config", "code", "out", "claim"), RAN, ids=[row[-1] for row in RAN])
def test_a_bundle_runs(
    runtime: Runtime, args: list[str], config: dict[str, object], code: int, out: str, claim: str
) -> None:
    done = runtime(*args, **config)
    assert done.returncode == code, done.stderr
    assert re.fullmatch(out, done.stdout), (claim, done.stdout, done.stderr)


def test_the_kernel_is_the_hosts(runtime: Runtime, host: Host) -> None:
    assert runtime("uname", "-snrm").stdout.strip() == start(runtime.image, host=host, hostname="web").uname()


def test_the_mount_table_is_the_models(runtime: Runtime, host: Host) -> None:
    seen = {tuple(line.split()[1:3]) for line in runtime("cat", "/proc/mounts").stdout.splitlines()}
    begun = start(runtime.image, engine=Engine.RUNC, host=host)
    for mount in begun.frames[-1].mounts[1:]:
        # A path that this kernel does not have cannot be hidden, and crun lists a link that names a hierarchy.
        if mount.target.startswith(("/proc/", "/sys/")) and mount.target.count("/") < 4:
            continue
        assert (mount.target, mount.kind) in seen, mount


@pytest.mark.parametrize("name", ["nosuch", "/nosuch", "/etc/owned"])
def test_a_program_that_cannot_be_run_is_refused_by_runc_as_the_model_says(
    name: str, need: Need, image: Image, host: Host, tmp_path: Path
) -> None:
    need(shutil.which("runc"), "runc is not installed")
    done = Runtime("runc", image, host, tmp_path)(name)
    refused = start(image, args=[name], host=host).refused
    assert refused is not None and done.returncode != 0
    words = refused.what.partition("unable to start container process: ")[2].removesuffix(": unknown")
    # It goes to a log line, as a text in quotes.
    assert words in done.stderr.replace('\\"', '"')


# ---- calls ---------------------------------------------------------------------------------------------------


def calls_of(runtime: Runtime, bundle: Path) -> list[Traced]:
    """Return the calls of one start, from the runtime's own beginning to its program's."""
    found, done = traced(runtime.command(bundle), runtime.folder / "trace")
    assert done.returncode == 0, done.stderr
    begins = f'["{runtime.name}", "--root"'
    first = max(at for at, call in enumerate(found) if call.name == "execve" and begins in call.rest)
    last = next(at for at, call in enumerate(found) if call.rest.startswith(f'"{TRUE}"'))
    return found[first : last + 1]


@pytest.fixture(scope="module")
def calls(runtime: Runtime, need: Need) -> list[list[Traced]]:
    """The calls of some starts."""
    need(shutil.which("strace"), "strace is not installed")
    bundle = runtime.bundle()
    return [calls_of(runtime, bundle) for _ in range(STARTS)]


def test_the_groups_of_calls_come_in_the_models_order(runtime: Runtime, calls: list[list[Traced]], host: Host) -> None:
    said = list(dict.fromkeys(call.step for call in start(runtime.image, engine=Engine.RUNC, host=host).calls))
    for made in calls:
        steps, step = [], Step.FORK
        for call in made:
            step = step_of(call, TRUE, step)
            steps.append(step)
        assert list(dict.fromkeys(steps)) == said
        names = [call.name for call in made]
        assert names.count("pivot_root") == 1 and names[-1] == "execve"
        own = [at for at, call in enumerate(made) if "CLONE_NEWNS" in call.rest]
        assert own[0] < names.index("pivot_root") and all(
            namespace in made[own[0]].rest for namespace in ("NEWUTS", "NEWIPC", "NEWPID", "NEWNET")
        )


def test_runcs_calls_are_the_models_one_by_one(runtime: Runtime, calls: list[list[Traced]], host: Host) -> None:
    if runtime.name != "runc":
        pytest.skip("crun hides paths before pivot_root, and asks clone for its namespaces: the model is runc")
    said = start(runtime.image, engine=Engine.RUNC, host=host).calls
    named_ = {"prctl": "seccomp"}
    for made in calls:
        seen = [named_.get(call.name, call.name) for call in made]
        assert [name for at, name in enumerate(seen) if seen[at - 1 : at] != [name]] == [
            call.name for at, call in enumerate(said) if not at or said[at - 1].name != call.name
        ]
        # A second call hides a directory where the first could not; which paths there are is the kernel's.
        for name in ("mknodat", "pivot_root", "unshare", "sethostname", "capset", "seccomp"):
            assert seen.count(name) == sum(call.name == name for call in said), name
        missing = sum("= -1 E" in call.rest for call in made)
        assert abs(seen.count("mount") - sum(call.name == "mount" for call in said)) <= missing


@pytest.mark.timed
def test_each_group_has_the_share_of_the_time_that_the_model_says(
    runtime: Runtime, calls: list[list[Traced]], host: Host
) -> None:
    if runtime.name != "runc":
        pytest.skip("the model's times are runc's")
    found = [groups(made, TRUE) for made in calls]
    shares = {step: median(one[step] / sum(one.values()) for one in found) for step in found[0]}
    said = timeline(start(runtime.image, engine=Engine.RUNC, host=host)).shares()
    off = {str(step): said[step] - share for step, share in shares.items()}
    assert all(abs(points) < 0.10 for points in off.values()), off


# ---- the ladder ----------------------------------------------------------------------------------------------


def ran(command: list[str | Path]) -> None:
    done = run(command)
    assert done.returncode == 0, done.stderr


def typical(action: Callable[[], object], times: int) -> float:
    """Return the median of some times in ms."""
    found = []
    for _ in range(times):
        began = time.perf_counter()
        action()
        found.append((time.perf_counter() - began) * 1000)
    return median(found)


@pytest.fixture(scope="module")
def machine(need: Need, tmp_path_factory: pytest.TempPathFactory) -> Parts:
    """A machine that boots from a disk."""
    need(shutil.which(QEMU), f"{QEMU} is not installed")
    which = kernel()
    need(which, "no kernel with its modules is installed")
    assert which is not None
    return parts(which, tmp_path_factory.mktemp("machine"))


@pytest.mark.timed
def test_the_measured_starts_come_in_the_ladders_order(
    need: Need, image: Image, host: Host, machine: Parts, docker: Callable[..., object], tmp_path: Path
) -> None:
    for name in (*RUNTIMES, "unshare", "chroot"):
        need(shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/sbin"), f"{name} is not installed")
    crun, runc = (Runtime(name, image, host, tmp_path) for name in ("crun", "runc"))
    bundle = crun.bundle()
    apart = ["unshare", "--mount", "--uts", "--ipc", "--net", "--pid", "--fork", "chroot", bundle / "rootfs", TRUE]
    write_archive(image, tmp_path / "bb.tar")
    docker("load", "-i", tmp_path / "bb.tar")
    commands: dict[str, tuple[Callable[[], object], int]] = {
        "chroot": (lambda: ran(["chroot", bundle / "rootfs", TRUE]), 15),
        "unshare, chroot": (lambda: ran(apart), 15),
        "crun": (lambda: ran(crun.command(bundle)), 11),
        "runc": (lambda: ran(runc.command(bundle)), 11),
        "docker run": (lambda: docker("run", "--rm", "--network", "none", "bb:1", TRUE), 5),
        "machine, direct -kernel": (lambda: boot(*machine.direct(), *drive(machine.disk)), 1),
        "machine, BIOS and GRUB": (lambda: boot(*drive(machine.disk)), 1),
    }
    try:
        assert list(commands) == [point.name for point in MEASURED]
        for action in (commands["chroot"], commands["crun"], commands["runc"], commands["docker run"]):
            action[0]()  # What is read for the first time comes from the disk.
        seen = {name: typical(action, times) for name, (action, times) in commands.items()}
    finally:
        docker("image", "rm", "-f", "bb:1")
    assert list(seen.values()) == sorted(seen.values()), seen

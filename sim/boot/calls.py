"""The system calls of a container's start, in order, as a runtime makes them from a `config.json`.

    fork and namespaces        clone, execve "runc init", unshare, clone
    mounts                     / made a slave, the rootfs bound to itself, then each mount of the spec; device nodes
    pivot_root and detach      pivot_root(".", "."), umount2(".", MNT_DETACH): the host's tree is gone
    mounts                     read-only and masked paths of /proc and /sys
    capabilities and seccomp   seccomp, capset
    execve                     the runtime's own process becomes the program

The order is that of runc 1.1 (libcontainer/rootfs_linux.go, standard_init_linux.go), seen by strace; it loads its
filter by prctl(PR_SET_SECCOMP), which does what seccomp(2) does without flags.

A call's time is that until the next one: most of it is the runtime's own work. Times are means of two ways to trace a
start, each the median of twelve: one stops at every call, the other at these alone. A trace slows a start down, so
that all are scaled to what one takes untraced on a host with nine hierarchies of cgroups, 35 ms.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from .host import Host
from .memory import Mount
from .runtime import DEVICES, Spec


class Step(StrEnum):
    """A group of calls."""

    ENGINE = "engine"
    FORK = "fork and namespaces"
    MOUNTS = "mounts"
    PIVOT = "pivot_root and detach"
    LIMITS = "capabilities and seccomp"
    EXEC = "execve"


class Turn(StrEnum):
    """What a call does to the mount table, beyond adding to it."""

    NONE = "nothing"
    OWN = "the process gets a mount table of its own, a copy"
    BIND = "the container's root becomes a mount"
    PIVOT = "the container's root becomes /, the host's tree lies over it"
    DETACH = "the host's tree is taken away"


@dataclass(frozen=True, slots=True)
class Call:
    """One system call.

    Attributes
    ----------
    name, args : str
        As strace shows them.
    step : Step
    ms : float
    effect : str
        In words.
    mount : Mount or None
        What it mounts, by its place in the container.
    turn : Turn
    """

    name: str
    args: str
    step: Step
    ms: float
    effect: str
    mount: Mount | None = None
    turn: Turn = Turn.NONE

    def __str__(self) -> str:
        return f"{self.name}({self.args})"


HOST_DISK = Mount("/dev/vda2", "/", "ext4", ("rw", "relatime"))
"""What the host's own root is."""

UNTRACED = 35.0 / 77.0
"""A start of runc without strace, beside one with it."""

_TRACED = {
    "runc": 20.5, "fifo": 1.1, "clone": 1.9, "init": 2.1, "seal": 0.07, "sealed": 10.9, "fork": 0.77, "unshare": 0.89,
    "pid": 15.5, "mount": 0.343, "node": 0.406, "pivot": 0.17, "slave": 0.06, "detach": 0.31, "name": 0.07,
    "path": 0.168, "seccomp": 3.33, "capset": 2.8, "execve": 0.642,
}
"""Milliseconds until the next call, in a trace; of many alike the mean."""

_FLAGS = {
    "mount": "CLONE_NEWNS", "uts": "CLONE_NEWUTS", "ipc": "CLONE_NEWIPC", "pid": "CLONE_NEWPID",
    "network": "CLONE_NEWNET", "cgroup": "CLONE_NEWCGROUP",
}
_MS = {
    "ro": "MS_RDONLY", "nosuid": "MS_NOSUID", "nodev": "MS_NODEV", "noexec": "MS_NOEXEC",
    "strictatime": "MS_STRICTATIME", "rbind": "MS_BIND|MS_REC", "bind": "MS_BIND",
}
# Of the paths that are masked, those that are directories on most kernels: a file cannot be mounted over them.
_DIRECTORIES = frozenset({"/proc/asound", "/proc/acpi", "/proc/scsi", "/sys/firmware"})


def calls(spec: Spec, host: Host) -> tuple[Call, ...]:
    """Return the calls that start a container.

    Parameters
    ----------
    spec : dict
        Its `config.json`.
    host : Host

    Examples
    --------
    >>> from sim.boot.runtime import runtime_spec
    >>> from sim.image.samples import sample
    >>> made = calls(runtime_spec(sample("alpine")), Host())
    >>> [str(call) for call in made if call.step is Step.PIVOT][0], str(made[-1])
    ('pivot_root(".", ".")', 'execve("/bin/sh", ["/bin/sh"])')
    """
    return (
        *_fork(spec), *_mounts(spec, host), *_pivot(spec), *_paths(spec), *_limits(spec), _execve(spec),
    )


def _call(kind: str, step: Step, name: str, args: str, effect: str, **more: Any) -> Call:
    return Call(name, args, step, _TRACED[kind] * UNTRACED, effect, **more)


def _fork(spec: Spec) -> Iterator[Call]:
    wanted = {entry["type"] for entry in spec["linux"]["namespaces"]}
    flags = "|".join(flag for kind, flag in _FLAGS.items() if kind in wanted)
    step = Step.FORK
    yield _call("runc", step, "execve", '"runc", ["runc", "run"]', "the runtime reads config.json")
    yield _call("fifo", step, "mknodat", '"exec.fifo", S_IFIFO|0622', "a pipe holds the program back until it may run")
    yield _call("clone", step, "clone", "CLONE_VM|CLONE_VFORK|SIGCHLD", "a child is to become the container")
    yield _call("init", step, "execve", '"/proc/self/exe", ["runc", "init"]', "the child runs the runtime as init")
    for args in ('"/proc/self/exe", "runc.copy", MS_BIND', '"", "runc.copy", MS_RDONLY|MS_REMOUNT|MS_BIND'):
        yield _call("seal", step, "mount", args, "no container may write to the runtime's file")
    yield _call("sealed", step, "umount2", '"runc.copy", MNT_DETACH', "its name is gone, the open file stays")
    yield _call("fork", step, "clone", "CLONE_PARENT|SIGCHLD", "a second child, so that the first can report")
    yield _call("unshare", step, "unshare", flags, "what it sees is its own from here on", turn=Turn.OWN)
    yield _call("pid", step, "clone", "CLONE_PARENT|SIGCHLD", "the third child is process 1 of the new PID namespace")


def _mounts(spec: Spec, host: Host) -> Iterator[Call]:
    root, step = spec["root"]["path"], Step.MOUNTS
    yield _call("mount", step, "mount", '"", "/", MS_REC|MS_SLAVE', "no mount of the container gets back to the host")
    yield _call(
        "mount", step, "mount", f'"{root}", "{root}", MS_BIND|MS_REC', "the rootfs becomes a mount, for pivot_root",
        turn=Turn.BIND,
    )
    for entry in spec["mounts"]:
        yield from _mount(entry, host)
    for name, major, minor in DEVICES:
        yield _call(
            "node", step, "mknodat", f'"{root}/dev/{name}", S_IFCHR|0666, makedev({major:#x}, {minor:#x})',
            f"/dev/{name}, in the container's own tmpfs",
        )


def _mount(entry: Spec, host: Host) -> Iterator[Call]:
    place, kind, source, options = entry["destination"], entry["type"], entry["source"], entry["options"]
    if kind == "cgroup":
        yield from _cgroup(place, options, host)
        return
    # A bind mount is shown by the disk that its file lies on.
    shown = HOST_DISK if kind == "bind" else Mount(source, place, kind, tuple(_table(options)))
    args = f'"{source}", "{place}", {_quoted(kind)}, {_flags(options)}'
    data = ",".join(word for word in options if "=" in word or word == "newinstance")
    effect = f"the host's file lies over the image's {place}" if kind == "bind" else f"{place} is filled by the kernel"
    args += f', "{data}"' if data else ""
    yield _call("mount", Step.MOUNTS, "mount", args, effect, mount=replace(shown, target=place))
    if "rprivate" in options:
        yield _call("slave", Step.MOUNTS, "mount", f'"", "{place}", MS_REC|MS_PRIVATE', "and no mount event reaches it")


def _cgroup(place: str, options: list[str], host: Host) -> Iterator[Call]:
    step, flags, table = Step.MOUNTS, _flags(options), tuple(_table(options))
    if not host.cgroups:
        yield _call(
            "mount", step, "mount", f'"cgroup", "{place}", "cgroup2", {flags}', "the container's branch of the tree",
            mount=Mount("cgroup", place, "cgroup2", table),
        )
        return
    yield _call(
        "mount", step, "mount", f'"tmpfs", "{place}", "tmpfs", {flags.removeprefix("MS_RDONLY|")}, "mode=755"',
        "a directory for the hierarchies", mount=Mount("tmpfs", place, "tmpfs", ("rw", *table[1:])),
    )
    for name in host.cgroups:
        yield _call(
            "mount", step, "mount", f'"/sys/fs/cgroup/{name}/c", "{place}/{name}", {flags}|MS_BIND|MS_REC',
            f"the container's branch of {name}", mount=Mount("cgroup", f"{place}/{name}", "cgroup", (*table, name)),
        )
        yield _call(
            "mount", step, "mount", f'"/sys/fs/cgroup/{name}/c", "{place}/{name}", {flags}|MS_REMOUNT|MS_BIND',
            "a bind mount becomes read-only only by a second call",
        )


def _quoted(kind: str) -> str:
    return "NULL" if kind == "bind" else f'"{kind}"'


def _flags(options: list[str]) -> str:
    words = [word for name, word in _MS.items() if name in options]
    return "|".join(words) or "0"


def _table(options: list[str]) -> Iterator[str]:
    yield "ro" if "ro" in options else "rw"
    hidden = ("ro", "rbind", "rprivate", "strictatime", "newinstance")
    yield from (word for word in options if word not in hidden)


def _pivot(spec: Spec) -> Iterator[Call]:
    step = Step.PIVOT
    yield _call(
        "pivot", step, "pivot_root", '".", "."', "the container's root is /, and the old root lies over it",
        turn=Turn.PIVOT,
    )
    yield _call("slave", step, "mount", '"", ".", MS_REC|MS_SLAVE', "so that the next call does not reach the host")
    yield _call(
        "detach", step, "umount2", '".", MNT_DETACH', "the old root is gone: no way leads to the host's files",
        turn=Turn.DETACH,
    )
    name = spec["hostname"]
    yield _call("name", step, "sethostname", f'"{name}", {len(name)}', "the UTS namespace has its own host name")


def _paths(spec: Spec) -> Iterator[Call]:
    step = Step.MOUNTS
    for path in spec["linux"]["readonlyPaths"]:
        yield _call("path", step, "mount", f'"{path}", "{path}", MS_BIND|MS_REC', f"{path} becomes a mount of its own")
        yield _call(
            "path", step, "mount", f'"{path}", "{path}", MS_RDONLY|MS_REMOUNT|MS_BIND', f"{path} cannot be written",
            mount=Mount("proc", path, "proc", ("ro", "nosuid", "nodev", "noexec")),
        )
    for path in spec["linux"]["maskedPaths"]:
        folder = path in _DIRECTORIES
        hidden = f"{path} is hidden"
        if folder:
            yield _call("path", step, "mount", f'"/dev/null", "{path}", MS_BIND', f"ENOTDIR: {path} is a directory")
            yield _call(
                "path", step, "mount", f'"tmpfs", "{path}", "tmpfs", MS_RDONLY', f"{hidden} by an empty directory",
                mount=Mount("tmpfs", path, "tmpfs", ("ro", "relatime")),
            )
        else:
            yield _call(
                "path", step, "mount", f'"/dev/null", "{path}", MS_BIND', f"{hidden} by /dev/null",
                mount=Mount("tmpfs", path, "tmpfs", ("rw", "nosuid", "size=65536k", "mode=755")),
            )


def _limits(spec: Spec) -> Iterator[Call]:
    process = spec["process"]
    if "seccomp" in spec["linux"]:
        yield _call("seccomp", Step.LIMITS, "seccomp", "SECCOMP_SET_MODE_FILTER", "a filter judges each system call")
    kept = process["capabilities"]["effective"]
    yield _call(
        "capset", Step.LIMITS, "capset", f"effective={len(kept)} capabilities",
        f"of root's powers, {len(kept)} are left" if kept else "no user but root has any of root's powers",
    )


def _execve(spec: Spec) -> Call:
    args = spec["process"]["args"]
    words = ", ".join(f'"{word}"' for word in args)
    return _call("execve", Step.EXEC, "execve", f'"{args[0]}", [{words}]', "the runtime's process becomes the program")

"""A container's start as a value: a plan of calls on the host's one kernel, and what each does to what is seen.

    image's layers  --overlay mount-->  merged  --runtime-->  namespaces, mounts, pivot_root, limits, execve
    (read-only)      + a new upper       = /                   the kernel is there already: nothing boots

    machine      a root on a disk, mounted READ-ONLY, then remounted read-write
    container    a read-only rootfs under a writable layer: writable from its first moment

`start` plays it for an image and returns frames, one a call, and the words of docker or of the kernel where it does
not start. Through docker, `docker run` comes first: it creates the container, mounts the overlay and asks
containerd for a task; those times are medians measured once (docker create 40 ms, docker run 299 ms, runc 35 ms).
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import groupby
from typing import Any

from ..errors import StartRefused
from ..image.layer import Image
from ..union.index import Index
from ..union.overlay.options import PAGE, Names
from .calls import HOST_DISK, Call, Step, Turn, calls
from .contents import Made, made_at_start
from .hardware import Kernel
from .host import Host
from .memory import KIB, MIB, Mount
from .program import DEFAULT_PATH, execve, find_program
from .runtime import Spec, runtime_spec
from .timeline import Timeline, in_a_row
from .user import User

DOCKER_CREATE_MS = 40.0
DOCKER_RUN_MS = 299.0
RUNC_MS = 35.0
_OVERLAY_MS = 2.0
DRIVER = "/var/lib/docker/overlay2"

OWN_BYTES = {"program": MIB, "shim": 10 * MIB, "kernel objects": 512 * KIB}
"""What a container adds to its host's memory; modelled: a shell, docker's shim process, namespaces and the like."""


class Engine(StrEnum):
    """Who is asked to start a container."""

    DOCKER = "docker"
    RUNC = "runc"


@dataclass(frozen=True, slots=True)
class ContainerFrame:
    """All that can be seen after a call.

    Attributes
    ----------
    call : Call or None
        None before the first.
    at_ms : float
        When the call was done, since the start.
    mounts : tuple of Mount
        The mount table of the process that will be the container's.
    hosts : int
        How many of them, from the first, are the host's tree: 0 when it is detached.
    namespaces : tuple of str
        Which kinds it has of its own.
    limits : tuple of str
        ``seccomp``, ``capset``, where they hold.
    running : str
        The program that the process is.
    """

    call: Call | None
    at_ms: float
    mounts: tuple[Mount, ...]
    hosts: int
    namespaces: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    running: str = "runc"


@dataclass(frozen=True, slots=True)
class Start:
    """A container's start, as far as it came.

    Attributes
    ----------
    image : str
        The image's name.
    engine : Engine
    host : Host
    spec : dict or None
        Its `config.json`; None where it did not come to one.
    overlay : Names or None
        The mount of its root: lower directories base first, upper, work.
    frames : tuple of ContainerFrame
        One a call; the first is before all.
    made : tuple of Made
        What the image lacks and the start makes: /proc, /dev, /etc/hosts ...
    warnings : tuple of str
        What is printed, and stops nothing.
    refused : StartRefused or None
        Why it does not start, in docker's or the kernel's words.
    """

    image: str
    engine: Engine
    host: Host
    spec: Spec | None = field(hash=False)
    overlay: Names | None
    frames: tuple[ContainerFrame, ...]
    made: tuple[Made, ...] = ()
    warnings: tuple[str, ...] = ()
    refused: StartRefused | None = None

    @property
    def calls(self) -> tuple[Call, ...]:
        """The calls that were made, in order."""
        return tuple(frame.call for frame in self.frames if frame.call is not None)

    @property
    def exit_code(self) -> int:
        """What ``docker run`` returns: 0 where the program was started, else the refusal's code."""
        return 0 if self.refused is None else self.refused.exit_code

    @property
    def screen(self) -> tuple[str, ...]:
        """The lines that are printed."""
        return self.warnings if self.refused is None else (*self.warnings, self.refused.what)

    def uname(self) -> str:
        """Return what ``uname -snrm`` prints in it: the host's kernel, whatever distribution the image is."""
        return self.host.uname(None if self.spec is None else self.spec["hostname"])


def start(
    image: Image, *, args: Sequence[str] | None = None, host: Host = Host(), engine: Engine = Engine.DOCKER,  # noqa: B008
    hostname: str = "",
) -> Start:
    """Start a container of an image.

    Parameters
    ----------
    image : Image
    args : sequence of str, optional
        The command, in place of the image's CMD.
    host : Host
    engine : Engine
    hostname : str, optional
        Twelve digits of the container's id by default, as docker does it.

    Returns
    -------
    Start
        Its `refused` says why it does not start, if so; nothing is raised for that.

    Examples
    --------
    >>> from sim.image.samples import sample
    >>> begun = start(sample("alpine"))
    >>> begun.refused is None, begun.calls[-1].name, begun.frames[-1].mounts[0].kind
    (True, 'execve', 'overlay')
    """
    container = hashlib.sha256(f"{image.config_descriptor.digest}\0{args}".encode()).hexdigest()[:12]
    warning = host.warning(image.config.platform)
    before = ContainerFrame(None, 0.0, (HOST_DISK,), 1, running=str(engine))
    names, merged = overlay_names(image, container), f"{DRIVER}/{container}/merged"
    begun = Start(image.name, engine, host, None, names, (before,), (), () if warning is None else (warning,))
    index = Index.of(image.stack)
    try:
        _check_os(image)
        spec = runtime_spec(
            image, args=args, hostname=hostname or container, root=merged, host=host, index=index,
            etc=f"/var/lib/docker/containers/{container}" if engine is Engine.DOCKER else None,
        )
        process = spec["process"]
        begun = replace(begun, spec=spec, made=made_at_start(index, _directory(index, process["cwd"])))
        *before_exec, exec_call = calls(spec, host)
        begun = _played(begun, (*_engine(engine, names, merged), *before_exec))
        asked = {"cwd": process["cwd"], "user": _user(spec)}
        execve(index, find_program(index, process["args"][0], path=_path(spec), **asked), host, **asked)
        return _played(begun, (exec_call,))
    except StartRefused as error:
        return replace(begun, refused=error)


def _check_os(image: Image) -> None:
    if image.config.os != "linux":
        raise StartRefused(
            f'docker: Error response from daemon: image operating system "{image.config.os}" cannot be used on this '
            "platform", 125,
        )


def _directory(index: Index, cwd: str) -> str:
    entry = index.resolve(cwd, follow_last=True).entry
    if entry is not None and not entry.is_dir:
        raise StartRefused(f"docker: Error response from daemon: Cannot mkdir: {cwd} is not a directory", 125)
    return cwd


def _user(spec: Spec) -> User:
    told = spec["process"]["user"]
    return User(told["uid"], told["gid"], tuple(told["additionalGids"]))


def _path(spec: Spec) -> str:
    for entry in spec["process"]["env"]:
        if entry.startswith("PATH="):
            return str(entry[5:])
    return DEFAULT_PATH


def overlay_names(image: Image, container: str) -> Names:
    """Return the directories of a container's overlay mount, as docker's overlay2 driver lays them out.

    The lower directories are the image's layers, each by a short link, and on top docker's init layer: the
    empty files that /etc/hosts and others are mounted over. Where the text would not fit into the page that
    mount(2) takes, the links are relative.

    Examples
    --------
    >>> from sim.image.samples import sample
    >>> str(overlay_names(sample("alpine"), "c0ffee")).partition(":")[0]
    'lowerdir=/var/lib/docker/overlay2/l/OSFE4WZ5ESK3SSUDI7W7VG2SXN'
    """
    below = [_short(str(layer.chain_id)) for layer in image.layers]
    upper = f"{DRIVER}/{container}"
    links = (*below, _short(f"{container}-init"))
    names = Names(tuple(f"{DRIVER}/l/{link}" for link in links), f"{upper}/diff", f"{upper}/work")
    if len(str(names)) < PAGE:
        return names
    return Names(tuple(f"l/{link}" for link in links), f"{container}/diff", f"{container}/work")


def _short(name: str) -> str:
    # overlay2 draws 26 characters of base 32; here they are computed, so that a run is like the next.
    return base64.b32encode(hashlib.sha256(name.encode()).digest()).decode()[:26]


def _engine(engine: Engine, names: Names, merged: str) -> Iterator[Call]:
    if engine is not Engine.DOCKER:
        return
    yield Call(
        "docker", "create", Step.ENGINE, DOCKER_CREATE_MS, "a name, an id, a config, and a new empty layer to write to"
    )
    yield Call(
        "mount", f'"overlay", "{merged}", "overlay", 0, "{names}"', Step.MOUNTS, _OVERLAY_MS,
        "the image's layers and the new one become one root; the layers are only read",
        mount=Mount("overlay", "/", "overlay", ("rw", "relatime", *str(names).split(","))),
    )
    yield Call(
        "docker", "start", Step.ENGINE, DOCKER_RUN_MS - DOCKER_CREATE_MS - _OVERLAY_MS - RUNC_MS,
        "the daemon prepares network and cgroup, containerd starts a shim, the shim calls the runtime",
    )


def _played(begun: Start, plan: Sequence[Call]) -> Start:
    assert begun.spec is not None
    frames = list(begun.frames)
    for call in plan:
        frames.append(_after(frames[-1], call, begun.spec))
    return replace(begun, frames=tuple(frames))


def _after(now: ContainerFrame, call: Call, spec: Spec) -> ContainerFrame:
    host, own = _mounts(now.mounts[: now.hosts], now.mounts[now.hosts :], call, spec["root"]["path"])
    namespaces, limits, running = now.namespaces, now.limits, now.running
    if call.turn is Turn.OWN:
        namespaces = tuple(entry["type"] for entry in spec["linux"]["namespaces"])
    if call.step is Step.LIMITS:
        limits = (*limits, call.name)
    if call.name == "execve":
        running = spec["process"]["args"][0] if call.step is Step.EXEC else "runc"
    return ContainerFrame(call, now.at_ms + call.ms, (*host, *own), len(host), namespaces, limits, running)


_Table = tuple[Mount, ...]


def _mounts(host: _Table, own: _Table, call: Call, root: str) -> tuple[_Table, _Table]:
    """Return the host's part of the mount table and the container's part after a call.

    Until pivot_root the container's mounts are seen below the directory that is to become its root.
    """
    if call.turn is Turn.BIND:
        return host, (replace(next(mount for mount in reversed(host) if root.startswith(mount.target)), target=root),)
    if call.turn is Turn.PIVOT:
        return host, tuple(replace(mount, target=mount.target.removeprefix(root) or "/") for mount in own)
    if call.turn is Turn.DETACH:
        return (), own
    if call.mount is None:
        return host, own
    if not own:
        return (*host, replace(call.mount, target=root)), own
    below = "" if own[0].target == "/" else root
    return host, (*own, replace(call.mount, target=below + call.mount.target))


def timeline(begun: Start, kernel: Kernel = Kernel()) -> Timeline:  # noqa: B008
    """Return a start as a row of spans, one a run of calls of one group, with what it adds to the host's memory."""
    parts = []
    for step, run in groupby(begun.calls, key=lambda call: call.step):
        made = list(run)
        name, effect = _told(step, made)
        parts.append((name, sum(call.ms for call in made), effect, str(step)))
    refused = begun.refused
    end = ("running", "the program runs, on the host's kernel") if refused is None else ("refused", refused.what)
    spans = in_a_row([*parts, (end[0], 0.0, end[1], "end")])
    return Timeline(f"container ({begun.engine})", spans, memory_account(begun, kernel), {
        "engine": str(begun.engine),
        "kernel": begun.host.release,
        "mounts": [str(mount) for mount in begun.frames[-1].mounts],
        "screen": list(begun.screen),
        "outcome": end[0],
        "exit_code": begun.exit_code,
        "made": [{"path": made.path, "kind": made.kind} for made in begun.made],
    })


def _told(step: Step, made: Sequence[Call]) -> tuple[str, str]:
    """Name a run of calls of one group, and say its effect."""
    mounts = sum(call.mount is not None for call in made)
    nodes = sum(call.name == "mknodat" for call in made)
    if step is Step.ENGINE:
        return f"docker {made[0].args}", made[0].effect
    if step is Step.FORK:
        return str(step), "a process that sees only its own mounts, network, processes and host name"
    if step is Step.PIVOT:
        return str(step), "the container's root is /, and the host's tree is gone from its sight"
    if step is Step.MOUNTS and len(made) > 1:
        if nodes:
            return str(step), f"{mounts} file systems, /proc, /dev and /sys among them, and {nodes} device nodes"
        return "read-only and masked paths", f"{mounts} paths of /proc and /sys cannot be written, or not be seen"
    if step is Step.MOUNTS:
        return "overlay mount", made[0].effect
    return str(step), "; ".join(call.effect for call in made)


def memory_account(begun: Start, kernel: Kernel) -> dict[str, Any]:
    """Return what a container's start adds to its host's memory, as plain data, in bytes."""
    own = {} if begun.refused is not None else dict(OWN_BYTES)
    if begun.engine is not Engine.DOCKER:
        own.pop("shim", None)
    return {
        "used": sum(own.values()),
        "kernel": 0,
        "shared": [{"name": "the host's kernel", "bytes": kernel.stays}],
        "regions": [{"name": name, "bytes": size} for name, size in own.items()],
        "freed": [],
    }

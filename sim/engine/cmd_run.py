"""docker run and docker create: from the command line to a container."""

from __future__ import annotations

import re
from dataclasses import replace

from ..errors import BadInput
from ..image.config import RunConfig
from ..registry.reference import Reference
from . import containers, images, pulls, running
from .containers import Wanted
from .job import Fail, Job, refused
from .network import listening
from .remotes import DELETE_ENABLED
from .volumes import parse_mount, parse_volume
from .world import Container, MountPoint, Port, State, StoredImage

_HELP = "\nSee 'docker {verb} --help'."
_NOT_SIMULATED = ("gpus", "link", "device", "volume-driver", "isolation", "health-cmd", "storage-opt", "userns")
_LIMITS = ("memory", "memory-swap", "memory-reservation", "cpus", "cpu-shares", "cpu-period", "cpu-quota",
           "cpuset-cpus", "cpuset-mems", "pids-limit", "ulimit", "blkio-weight")
_POLICIES = ("no", "always", "unless-stopped", "on-failure")
_PORT = re.compile(
    r"(?:(?P<ip>[0-9]+(?:\.[0-9]+){3}|\[[0-9a-f:]+\]):)?(?:(?P<host>[^:]*):)?(?P<inner>[^:/]+)(?:/(?P<kind>\w+))?"
)


def cmd_create(job: Job) -> None:
    """docker create."""
    job.out(_created(job, "").id)


def cmd_run(job: Job) -> None:
    """docker run."""
    detach = job.parsed.on("detach")
    if job.parsed.on("tty") and job.parsed.on("interactive") and not detach and not job.tty:
        raise Fail("the input device is not a TTY\n")
    container = _created(job, "docker: ")
    if detach:
        job.out(container.id)
    try:
        _publish(job, container)
        stdin = job.stdin if job.parsed.on("interactive") and not job.tty else None
        container = running.start(job, job.daemon.containers[container.id], attach=not detach, stdin=stdin)
    except Fail as error:
        if container.options.get("rm") == "true":
            running.removed(job, job.daemon.containers[container.id], True)
        raise Fail(f"docker: {error.what.rstrip()}.\n", max(error.exit, 125)) from None
    if detach or job.attached is not None:
        return
    container = running.wait(job, container)
    job.exit = container.exit_code
    if container.options.get("rm") == "true":
        running.removed(job, container, True)


def _created(job: Job, lead: str) -> Container:
    verb = job.parsed.words
    name = job.parsed.args[0]
    try:
        ref = Reference.parse(name)
    except BadInput as error:
        if images.by_id(job.daemon, name) is None:
            raise Fail(f"{lead}{error.what}.{_HELP.format(verb=verb)}\n",
                       125 if lead else 1) from None
        ref = None
    options = _options(job, lead)
    ports, mounts = _ports(job, lead), _mounts(job, lead)
    image = images.find(job.daemon, name)
    pull = job.parsed.one("pull", "missing")
    if ref is not None and (pull == "always" or (image is None and pull != "never")):
        image = _pulled(job, ref, lead)
    if image is None:
        raise Fail(f"{lead}Error response from daemon: No such image: {ref or name}.{_HELP.format(verb=verb)}\n",
                   125 if lead else 1)
    wanted = Wanted(
        name, _config(job, image), job.parsed.one("name"), job.parsed.one("hostname"), mounts, ports, options,
    )
    try:
        return containers.create(job, image, wanted)
    except Fail as error:
        if lead:
            raise Fail(f"{lead}{error.what.rstrip()}.{_HELP.format(verb=verb)}\n", 125) from None
        raise


def _pulled(job: Job, ref: Reference, lead: str) -> StoredImage:
    job.err(f"Unable to find image '{ref}' locally")
    try:
        return pulls.pull(job, ref, say=job.err, status=True)
    except Fail as error:
        raise Fail(f"{lead}{error.what.rstrip()}{'.' if lead else ''}" + (_HELP.format(verb="run") if lead else "")
                   + "\n", 125 if lead else 1) from None


def _options(job: Job, lead: str) -> dict[str, str]:
    parsed = job.parsed
    for name in _NOT_SIMULATED:
        if parsed.flags.get(name):
            raise Fail(f"--{name} is not simulated here: leave it out\n", 125)
    policy = parsed.one("restart", "no")
    kind, _, most = policy.partition(":")
    if kind not in _POLICIES or (most and not most.isdecimal()):
        raise Fail(f"{lead}Error response from daemon: invalid restart policy '{policy}'."
                   f"{_HELP.format(verb=parsed.words)}\n", 125 if lead else 1)
    if parsed.on("rm") and kind != "no":
        raise Fail(f"{lead}Conflicting options: --restart and --rm.{_HELP.format(verb=parsed.words)}\n", 125)
    network = parsed.one("network") or parsed.one("net") or "default"
    if network not in ("default", "bridge", "host", "none"):
        raise Fail(f"{lead}Error response from daemon: network {network} not found.\n", 125 if lead else 1)
    if parsed.on("privileged"):
        job.because("--privileged gives the container every capability and all of the host's devices: what breaks out "
                    "of it is root on the host. A registry needs none of it")
    found = {"restart": policy, "network": network}
    for flag in ("rm", "tty", "interactive", "privileged", "publish-all", "read-only"):
        if parsed.on(flag):
            found[flag] = "true"
    return found


def _config(job: Job, image: StoredImage) -> RunConfig:
    parsed, told = job.parsed, image.config.config
    args = parsed.args[1:]
    entrypoint, cmd = told.entrypoint, told.cmd
    if "entrypoint" in parsed.flags:
        value = parsed.one("entrypoint")
        entrypoint, cmd = ((value,) if value else ()), ()
    if args:
        cmd = args
    env = _merged(told.env, _variables(job))
    _unheard(job, image, env)
    labels = dict(told.labels)
    for text in parsed.all("label"):
        key, _, value = text.partition("=")
        labels[key] = value
    exposed = {*told.exposed_ports, *(_with_kind(text) for text in parsed.all("expose"))}
    exposed |= {_with_kind(text.rpartition(":")[2]) for text in parsed.all("publish")}
    anonymous = {point for point in parsed.all("volume") if ":" not in point}
    return replace(
        told, env=env, entrypoint=entrypoint, cmd=cmd, working_dir=parsed.one("workdir") or told.working_dir,
        user=parsed.one("user") or told.user, labels=labels, exposed_ports=tuple(sorted(exposed)),
        volumes=tuple(sorted({*told.volumes, *anonymous})), stop_signal=parsed.one("stop-signal") or told.stop_signal,
    )


def _with_kind(text: str) -> str:
    return text if "/" in text else f"{text}/tcp"


def _unheard(job: Job, image: StoredImage, env: tuple[str, ...]) -> None:
    """Say what is taken and has no effect: a limit that does not limit is a lie, and so is a login that nobody asks."""
    limits = [f"--{name}" for name in _LIMITS if job.parsed.flags.get(name)]
    if limits:
        job.err(f"layerlab: not simulated, so that nothing limits this container: {', '.join(limits)}")
    ignored = [line.partition("=")[0] for line in env if line.startswith("REGISTRY_")
               and line.partition("=")[0] != DELETE_ENABLED]
    if ignored and "/var/lib/registry" in image.config.config.volumes:
        job.err(f"layerlab: the registry's setting {', '.join(ignored)} is not simulated")


def _variables(job: Job) -> list[str]:
    """Return NAME=VALUE of the env files and of ``-e``; a bare NAME takes the value of the caller's shell."""
    told: list[str] = []
    for path in job.parsed.all("env-file"):
        raw = job.host.files.read(path if path.startswith("/") else f"{job.cwd}/{path}")
        if raw is None:
            raise Fail(f"docker: open {path}: no such file or directory.\n", 125)
        lines = raw.decode("utf-8", "surrogateescape").splitlines()
        told += [line for line in lines if line.strip() and not line.startswith("#")]
    told += job.parsed.all("env")
    known = job.env
    found = [text if "=" in text else f"{text}={known[text]}" for text in told if "=" in text or text in known]
    return found


def _merged(base: tuple[str, ...], more: list[str]) -> tuple[str, ...]:
    """Return the command line's variables, then the image's that it does not set."""
    found = {line.partition("=")[0]: line for line in more}
    return (*found.values(), *(line for line in base if line.partition("=")[0] not in found))


def _mounts(job: Job, lead: str) -> tuple[MountPoint, ...]:
    found: list[MountPoint] = []
    try:
        for name in job.parsed.all("volumes-from"):
            found += containers.need(job, name.partition(":")[0]).mounts
        found += [parse_volume(text) for text in job.parsed.all("volume")]
        found += [parse_mount(text) for text in job.parsed.all("mount")]
    except Fail as error:
        if lead:
            raise Fail(f"{lead}{error.what.rstrip()}.{_HELP.format(verb='run')}\n", 125) from None
        raise
    for point in found:
        if point.kind == "bind" and "mount" in job.parsed.flags and not job.host.files.exists(point.source):
            raise Fail(f"{lead}Error response from daemon: invalid mount config for type \"bind\": bind source path "
                       f"does not exist: {point.source}.{_HELP.format(verb='run')}\n", 125)
    return tuple(found)


def _ports(job: Job, lead: str) -> tuple[Port, ...]:
    found = []
    for text in job.parsed.all("publish"):
        match = _PORT.fullmatch(text)
        if match is None:
            raise Fail(f"{lead}Invalid containerPort: {text}.{_HELP.format(verb=job.parsed.words)}\n", 125)
        inner, outer, kind = match["inner"], match["host"] or "", match["kind"] or "tcp"
        if not _is_port(inner):
            raise Fail(f"{lead}Invalid containerPort: {inner}.{_HELP.format(verb=job.parsed.words)}\n", 125)
        if outer and not _is_port(outer):
            raise Fail(f"{lead}Invalid hostPort: {outer}.{_HELP.format(verb=job.parsed.words)}\n", 125)
        if kind not in ("tcp", "udp", "sctp"):
            raise Fail(f"{lead}Invalid proto: {kind}.{_HELP.format(verb=job.parsed.words)}\n", 125)
        found.append(Port(int(inner), kind, (match["ip"] or "0.0.0.0").strip("[]"), int(outer or 0)))
    return tuple(found)


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 6 and 0 <= int(text) < 1 << 16


def _publish(job: Job, container: Container) -> None:
    """Take the host's ports, as a start does; `Fail` where another container has one."""
    ports = list(container.ports)
    if container.options.get("publish-all") == "true":
        have = {one.container for one in ports}
        ports += [Port(int(text.partition("/")[0])) for text in container.config.exposed_ports
                  if int(text.partition("/")[0]) not in have]
    taken = {one.host for other in job.daemon.containers.values() if other.running for one in other.ports}
    free = (number for number in range(49153, 65536) if number not in taken)
    ports = [one if one.host else replace(one, host=next(free)) for one in ports]
    for one in ports:
        holder = listening(job.daemon, one.host, one.host_ip)
        if holder is not None and holder.id != container.id:
            endpoint = job.draw()
            raise refused(
                f"driver failed programming external connectivity on endpoint {container.name} ({endpoint}): Bind for "
                f"{one.host_ip}:{one.host} failed: port is already allocated", 125,
            )
    if tuple(ports) != container.ports:
        job.put_container(replace(container, ports=tuple(ports)))


def start_again(job: Job, container: Container, *, attach: bool = False) -> Container:
    """Start a container that exists, with its ports; one that runs is left alone."""
    if container.state in (State.RUNNING, State.PAUSED):
        return container
    _publish(job, container)
    return running.start(job, job.daemon.containers[container.id], attach=attach)

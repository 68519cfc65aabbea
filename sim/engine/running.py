"""A container's process: how it is started, what it sees, how it ends.

    created --start--> running --its program ends--> exited --start--> running (the same writable layer)
                          |  --stop: SIGTERM, 10 s, SIGKILL--> exited (137 where the program did not listen)

What a process sees is a mount table over several file systems; after it ran, each of them is put back where it belongs:
the root into the container, volumes into the daemon, binds into the host's tree.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from errno import EACCES

from ..errors import FsError
from ..fs.entry import Kind
from ..union.overlay import OverlayMount
from . import programs
from .command import Attached, Call, Ran, Said, Stream, inside
from .disk import Disk
from .job import Job, refused
from .mounts import Mounted, as_readonly
from .network import address_for
from .vfs import Files
from .volumes import users_of
from .world import SECOND, Container, State, drop

OWN_FILES = ("hosts", "hostname", "resolv.conf")
DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
START_NS = 250_000_000


@dataclass(frozen=True, slots=True)
class Exec:
    """A program to run in a container, besides what the container says by itself."""

    argv: tuple[str, ...]
    env: tuple[str, ...] = ()
    cwd: str = ""
    user: str = ""
    stdin: bytes | None = None
    tty: bool = False


def environment(container: Container, more: tuple[str, ...] = (), tty: bool = False) -> dict[str, str]:
    """Return a process's variables, in the order in which runc's shell prints them."""
    found = {"PATH": DEFAULT_PATH, "HOSTNAME": container.hostname}
    if tty:
        found["TERM"] = "xterm"
    for line in (*container.config.env, *more):
        name, equals, value = line.partition("=")
        if equals:
            found[name] = value
    found.setdefault("HOME", "/root" if container.config.user in ("", "root", "0") else "/")
    return found


def view(job: Job, container: Container) -> tuple[tuple[Mounted, ...], dict[str, OverlayMount]]:
    """Return a container's mount table and the file systems behind it."""
    table = [Mounted("/", "overlay")]
    held = {"overlay": container.root.mount, "etc": container.etc.mount, "host": job.host.files.mount}
    hidden = {point.at for point in container.mounts}
    for name in OWN_FILES:
        if container.etc.exists(f"/{name}") and f"/etc/{name}" not in hidden:
            table.append(Mounted(f"/etc/{name}", "etc", f"/{name}", "/dev/sda1", "ext4"))
    for point in container.mounts:
        if point.kind == "volume":
            key, root = f"volume:{point.source}", "/"
            held[key] = job.daemon.volumes[point.source].files.mount
        else:
            key, root = "host", point.source
        line = Mounted(point.at, key, root, "/dev/sda1", "ext4")
        table.append(as_readonly(line) if point.read_only else line)
    return tuple(table), held


def put_back(job: Job, container: Container, held: Mapping[str, OverlayMount]) -> Container:
    """Put file systems back where they belong; return the container, which the caller keeps."""
    if held["host"] is not job.host.files.mount:
        job.world = job.world.with_host(replace(job.host, files=Disk(held["host"])))
    for key, system in held.items():
        kind, _, name = key.partition(":")
        if kind == "volume" and system is not job.daemon.volumes[name].files.mount:
            job.put_volume(replace(job.daemon.volumes[name], files=Disk(system)))
    return replace(container, root=Disk(held["overlay"]), etc=Disk(held["etc"]))


def run_in(job: Job, container: Container, wanted: Exec) -> tuple[Container, Ran]:
    """Run a program in a container, with what it changes put back.

    Raises
    ------
    Fail
        What runc says where there is no such program, user or directory; `exit` is its code.
    """
    table, held = view(job, container)
    env = environment(container, wanted.env, wanted.tty)
    cwd = wanted.cwd or container.config.working_dir or "/"
    user = wanted.user or container.config.user
    call = Call(table, held, wanted.argv, env, cwd, user, container.hostname, wanted.stdin, job.now, job.host.kernel,
                wanted.tty, processes(container))
    _check_user(call)
    check_program(call)
    ran = programs.known(call, container) or inside(call)
    job.passes(ran.took_ns)
    job.events += ran.events
    return put_back(job, container, ran.held), ran


def processes(container: Container) -> tuple[tuple[int, str], ...]:
    """Return what runs in a container: its main process is number 1."""
    return ((1, " ".join(container.process)),) if container.running else ()


class NotRun(Exception):
    """A program that cannot be started: runc's words, and the exit code of ``docker run``."""

    def __init__(self, words: str, exit: int) -> None:
        super().__init__(words)
        self.words, self.exit = words, exit


def _files(call: Call) -> Files:
    return Files(list(call.table), dict(call.held), now=call.now)


def _check_user(call: Call) -> None:
    name = call.user.partition(":")[0]
    if not name or name.isdecimal() or name == "root":
        return
    try:
        lines = _files(call).read("/etc/passwd").splitlines()
        known = {line.split(b":")[0].decode("utf-8", "replace") for line in lines}
    except FsError:
        known = set()
    if name not in known:
        raise NotRun(f"unable to find user {name}: no matching entries in passwd file", 125)


def check_program(call: Call) -> None:
    """Raise `NotRun` where the program is not there or cannot be executed, in the words of runc."""
    name, files = call.argv[0], _files(call)
    if "/" in name:
        path = name if name.startswith("/") else f"{call.cwd.rstrip('/')}/{name}"
        words = _not_runnable(files, path)
        if words is not None:
            gone = words == "no such file or directory"
            detail = f"stat {name}: {words}" if gone else words
            raise NotRun(f"exec: \"{name}\": {detail}", 127 if gone else 126)
        return
    found = [_not_runnable(files, f"{folder or '.'}/{name}") for folder in call.env.get("PATH", "").split(":")]
    if None not in found:
        denied = "permission denied" in found
        words = "permission denied" if denied else "executable file not found in $PATH"
        raise NotRun(f'exec: "{name}": {words}', 126 if denied else 127)


def _not_runnable(files: Files, path: str) -> str | None:
    try:
        found = files.stat(path)
    except FsError as error:
        return "permission denied" if error.errno == EACCES else "no such file or directory"
    if found.kind is Kind.DIRECTORY or not found.mode & 0o111:
        return "permission denied"
    return None


def start(job: Job, container: Container, *, attach: bool = False, stdin: bytes | None = None) -> Container:
    """Start a container's process.

    Parameters
    ----------
    attach : bool
        Print what it says, and wait until it ends.
    stdin : bytes or None
        What its standard input gives; None where it is closed or left open.

    Returns
    -------
    Container
        As it is then: running or exited.

    Raises
    ------
    Fail
        It does not start; the container stays as it was.
    """
    tty = container.options.get("tty") == "true"
    container = _prepared(job, replace(container, options=drop(container.options, "stopped")))
    job.put_container(container)
    argv = container.process
    try:
        after, ran = run_in(job, container, Exec(argv, stdin=stdin, tty=tty))
    except NotRun as error:
        job.put_container(replace(container, exit_code=error.exit, error=error.words, address=""))
        words = error.words if error.exit == 125 else (
            "failed to create shim task: OCI runtime create failed: runc create failed: unable to start container "
            f"process: {error.words}: unknown"
        )
        raise refused(words, error.exit) from None
    job.passes(START_NS)
    lasts = ran.lasts_ns
    if ran.interactive:
        lasts = -1 if container.options.get("interactive") == "true" else None
    after = replace(
        after, state=State.RUNNING, started_ns=job.now, finished_ns=0, exit_code=ran.exit, error="",
        ends_ns=-1 if lasts == -1 else job.now + (lasts or 0), logs=(*after.logs, *ran.output),
        pid=2000 + job.world.drawn * 7 + len(after.logs),
    )
    job.tell("container", after.id, f"{after.name}: {' '.join(argv)} runs", did="start")
    if attach:
        job.say(ran.output)
    if lasts is None:
        after = ended(job, after, ran.exit)
    job.put_container(after)
    if attach and ran.interactive and lasts == -1:
        job.attached = attached(job, after, argv, main=True)
    return after


def _prepared(job: Job, container: Container) -> Container:
    address = address_for(job.daemon, container)
    hosts = "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\n" \
            "ff00::0\tip6-mcastprefix\nff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n"
    if address:
        hosts += f"{address}\t{container.hostname}\n"
    etc = container.etc.written("/hosts", hosts.encode(), job.now)
    etc = etc.written("/hostname", f"{container.hostname}\n".encode(), job.now)
    etc = etc.written("/resolv.conf", job.host.files.read("/etc/resolv.conf") or b"", job.now)
    root = container.root
    for point in container.mounts:
        if point.kind == "bind":
            source = job.host.files
            if not source.exists(point.source):
                job.world = job.world.with_host(replace(job.host, files=source.folder(point.source, job.now)))
            if source.exists(point.source) and not source.is_dir(point.source):
                root = root if root.exists(point.at) else root.written(point.at, b"", job.now)
            else:
                root = root.folder(point.at, job.now)
    if container.config.working_dir and not root.exists(container.config.working_dir):
        root = root.folder(container.config.working_dir, job.now)
    return replace(container, etc=etc, root=root, address=address)


def attached(job: Job, container: Container, argv: tuple[str, ...], main: bool, wanted: Exec | None = None) -> Attached:
    """Return the terminal that is inside a container now."""
    more = () if wanted is None else wanted.env
    user = (wanted.user if wanted is not None else "") or container.config.user
    cwd = (wanted.cwd if wanted is not None else "") or container.config.working_dir or "/"
    env = environment(container, more, True)
    return Attached(job.name, container.id, main, env, cwd, user or "root", container.hostname,
                    argv[0].rpartition("/")[2])


def ended(job: Job, container: Container, code: int) -> Container:
    """Return a container whose process has ended."""
    done = replace(container, state=State.EXITED, finished_ns=job.now, exit_code=code, pid=0, address="", ends_ns=-1)
    job.tell("container", done.id, f"{done.name} has exited ({code}); its writable layer stays", did="exit", code=code)
    return done


def stop(job: Job, container: Container, patience_s: int = 10) -> Container:
    """Stop a container: SIGTERM, and SIGKILL where it does not end within its time."""
    code = programs.on_term(container)
    job.passes(patience_s * SECOND if code is None else 200_000_000)
    done = ended(job, container, 137 if code is None else code)
    job.put_container(done)
    if code is None:
        job.because(f"{container.process[0]} is process 1 and does not listen to SIGTERM: it was killed after "
                    f"{patience_s} seconds, so 128 + 9 = 137")
    return done


def wait(job: Job, container: Container) -> Container:
    """Let time pass until a container's process ends by itself; one that never does is interrupted."""
    if container.state is not State.RUNNING:
        return container
    if container.ends_ns >= 0:
        job.passes(max(0, container.ends_ns - job.now))
        done = ended(job, container, container.exit_code)
    else:
        job.said.append(Said(Stream.ERR, "^C\n"))
        job.because("this program never ends by itself, so the terminal pressed Ctrl-C for you; -d leaves it running "
                    "and gives the prompt back")
        code = programs.on_term(container)
        done = ended(job, container, 130 if code is None else code)
    job.put_container(done)
    return done


def removed(job: Job, container: Container, volumes: bool) -> None:
    """Remove a container, and its anonymous volumes where that is asked."""
    job.drop_container(container)
    job.forget(f"layer:{job.name}:{container.id}")
    job.tell("container", container.id, f"{container.name} and its writable layer are gone", did="remove")
    if not volumes:
        return
    for point in container.mounts:
        if point.kind == "volume" and point.anonymous and point.source in job.daemon.volumes:
            if users_of(job, point.source):
                continue
            job.change(volumes=drop(job.daemon.volumes, point.source))
            job.forget(f"volume:{job.name}:{point.source}")
            job.tell("volume", point.source, f"the anonymous volume {point.source[:12]} went with it", did="remove")


"""The docker command: one line of arguments, one outcome.

    docker(world, "cyo57", ["run", "-d", "ubuntu"])  -->  grammar.parse  -->  the verb, on a Job  -->  Outcome

A verb is a function in a module of its own kind (`cmd_…`); `VERBS` is the whole table. What is in docker and not
here says so in one line.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from ..errors import SimError
from . import (
    cmd_archives,
    cmd_build,
    cmd_containers,
    cmd_cp,
    cmd_df,
    cmd_diff,
    cmd_exec,
    cmd_images,
    cmd_inspect,
    cmd_login,
    cmd_ps,
    cmd_run,
    cmd_system,
    cmd_volume,
    commits,
    pulls,
    pushes,
    removals,
    running,
)
from .command import Attached, Call, Outcome, err, inside, out
from .grammar import Parsed, UsageError, parse
from .job import SOCKET, Fail, Job
from .lifecycle import tick
from .manual import help_text
from .world import World

VERBS: dict[str, Callable[[Job], None]] = {
    "attach": cmd_containers.cmd_attach, "commit": commits.cmd_commit, "create": cmd_run.cmd_create,
    "diff": cmd_diff.cmd_diff, "exec": cmd_exec.cmd_exec, "history": cmd_images.cmd_history,
    "images": cmd_images.cmd_images, "kill": cmd_containers.cmd_kill, "login": cmd_login.cmd_login,
    "logout": cmd_login.cmd_logout, "logs": cmd_containers.cmd_logs, "pause": cmd_containers.cmd_pause,
    "port": cmd_containers.cmd_port, "ps": cmd_ps.cmd_ps, "pull": pulls.cmd_pull, "push": pushes.cmd_push,
    "rename": cmd_containers.cmd_rename, "restart": cmd_containers.cmd_restart, "rm": cmd_containers.cmd_rm,
    "rmi": removals.cmd_rmi, "run": cmd_run.cmd_run, "start": cmd_containers.cmd_start,
    "stats": cmd_containers.cmd_stats, "stop": cmd_containers.cmd_stop, "tag": cmd_images.cmd_tag,
    "top": cmd_containers.cmd_top, "unpause": cmd_containers.cmd_unpause, "update": cmd_containers.cmd_update,
    "wait": cmd_containers.cmd_wait,
    "inspect": cmd_inspect.cmd_inspect, "image inspect": cmd_inspect.cmd_inspect,
    "container inspect": cmd_inspect.cmd_inspect, "volume inspect": cmd_inspect.cmd_inspect,
    "volume create": cmd_volume.cmd_create, "volume ls": cmd_volume.cmd_ls, "volume rm": cmd_volume.cmd_rm,
    "volume prune": cmd_system.cmd_volume_prune, "container prune": cmd_system.cmd_container_prune,
    "image prune": cmd_system.cmd_image_prune, "system prune": cmd_system.cmd_system_prune,
    "builder prune": cmd_system.cmd_builder_prune,
    "system df": cmd_df.cmd_df, "info": cmd_system.cmd_info, "version": cmd_system.cmd_version,
    "save": cmd_archives.cmd_save, "load": cmd_archives.cmd_load, "export": cmd_archives.cmd_export,
    "import": cmd_archives.cmd_import, "cp": cmd_cp.cmd_cp,
    "build": cmd_build.cmd_build, "search": cmd_system.cmd_search, "network ls": cmd_system.cmd_network_ls,
}
_VERSION = "Docker version 20.10.24+dfsg1, build 297e128\n"
_UNSIMULATED = {
    "buildx", "compose", "completion", "config", "context", "manifest", "node", "plugin", "scout", "secret", "service",
    "stack", "swarm", "trust",
}
_COMMAND_NS = 60_000_000
"""What a command takes by itself, besides what it waits for."""


def docker(
    world: World, host: str, argv: Sequence[str], *, stdin: bytes = b"", tty: bool = False, cwd: str = "/root",
    env: Mapping[str, str] | None = None, redirected: bool = False,
) -> Outcome:
    """Run a docker command on a host of the world.

    Parameters
    ----------
    world : World
    host : str
        The host's name.
    argv : sequence of str
        What follows ``docker``.
    stdin : bytes
        At a terminal: what is typed at prompts, a line each.
    tty : bool
        Whether a terminal is at both ends.
    cwd : str
        The folder of the host in which it is run.
    env : mapping of str to str, optional
        Variables of this command; those of the host's shell by default.
    redirected : bool
        Whether stdout leads elsewhere than to the terminal.

    Returns
    -------
    Outcome

    Examples
    --------
    >>> from .newhost import new_host
    >>> world = World({"cyo57": new_host("cyo57")})
    >>> docker(world, "cyo57", ["images"]).stdout
    'REPOSITORY   TAG       IMAGE ID   CREATED   SIZE\\n'
    """
    world = tick(world)
    try:
        parsed = _parsed(list(argv))
    except UsageError as error:
        # A group's help, for a word that it does not know, is the one text that goes to stdout.
        return Outcome(world, error.exit, (err(error.what),))
    if isinstance(parsed, str):
        return Outcome(world, 0, (out(parsed),))
    job = Job(world, host, parsed, stdin, tty, cwd, env=env, redirected=redirected)
    try:
        if not job.daemon.running:
            raise Fail(f"Cannot connect to the Docker daemon at {SOCKET}. Is the docker daemon running?\n")
        VERBS[parsed.verb](job)
    except Fail as error:
        job.exit = error.exit
        job.said.append(err(error.what))
    except SimError as error:
        # What no verb has words for: a limit, a file that cannot be read. Never a traceback.
        job.exit = 1
        job.err(f"Error response from daemon: {error.what}")
    job.passes(_COMMAND_NS)
    return replace(job.outcome(), world=tick(job.world))


def _parsed(argv: list[str]) -> Parsed | str:
    while argv and argv[0].startswith("-"):
        word = argv.pop(0)
        if word in ("-v", "--version"):
            return _VERSION
        if word == "--help":
            return help_text("") or ""
        if word in ("-D", "--debug"):
            continue
        if word.partition("=")[0] in ("-H", "--host", "-c", "--context", "--config", "-l", "--log-level"):
            raise UsageError(f"{word} is not simulated: there is one daemon a host, and docker talks to it\n", 1)
        raise UsageError(f"unknown flag: {word}\nSee 'docker --help'.\n{help_text('')}\n", 125)
    if not argv:
        return help_text("") or ""
    if argv[0] == "help":
        words = " ".join(argv[1:])
        text = help_text(words)
        if text is None:
            raise UsageError(f"unknown help topic: {words}\n", 1)
        return text
    if argv[:2] == ["buildx", "build"]:
        parsed = parse(["build", *argv[2:]])
        return parsed if parsed.verb == "help" else replace(parsed, words="buildx build")
    if argv[0] in _UNSIMULATED:
        raise UsageError(f"docker {argv[0]} is not simulated here\n", 1)
    parsed = parse(argv)
    if parsed.verb == "help":
        return help_text(parsed.words) or ""
    if parsed.verb not in VERBS:
        raise UsageError(f"docker {parsed.words} is not simulated here\n", 1)
    return parsed


def typed(world: World, at: Attached, argv: Sequence[str], *, stdin: bytes | None = None) -> Outcome:
    """Run what was typed into a container's shell.

    Parameters
    ----------
    world : World
    at : Attached
        The terminal, as `Outcome.attached` gave it.
    argv : sequence of str
        A program and its arguments; a whole line as ``("sh", "-c", line)``.

    Returns
    -------
    Outcome
        Its `attached` is the terminal afterwards, with its directory and variables; None where the container is gone.
    """
    world = tick(world)
    job = Job(world, at.host, Parsed("exec", "exec"), stdin or b"", True, "/")
    container = job.daemon.containers.get(at.container)
    if container is None or not container.running:
        return Outcome(world, 137)
    table, held = running.view(job, container)
    ran = inside(Call(
        table, held, tuple(argv), at.env, at.cwd, at.user, at.hostname, stdin, job.now, job.host.kernel, True,
        running.processes(container),
    ))
    job.passes(ran.took_ns + max(0, ran.lasts_ns or 0))
    job.put_container(running.put_back(job, container, ran.held))
    job.say(ran.output)
    job.events += ran.events
    job.exit = ran.exit
    job.attached = replace(at, cwd=ran.cwd or at.cwd, env=at.env if ran.env is None else ran.env)
    return job.outcome()


def leave(world: World, at: Attached, code: int = 0) -> Outcome:
    """Leave a container's shell, as ``exit`` does; where it is the main process, the container stops."""
    job = Job(world, at.host, Parsed("exec", "exec"), b"", True, "/")
    container = job.daemon.containers.get(at.container)
    if container is not None and at.main and container.running:
        done = running.ended(job, container, code)
        job.put_container(done)
        if container.options.get("rm") == "true":
            running.removed(job, done, True)
    job.exit = code
    return job.outcome()


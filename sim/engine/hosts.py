"""A host's shell: the commands of a small system, and those that reach the world: docker, curl, systemctl, vim.

    >>> from sim.engine.internet import new_world
    >>> from sim.engine.hosts import run_line
    >>> done = run_line(new_world(), "cyo57", "cd /tmp && echo hi > f; docker ps -q | wc -l")
    >>> done.text, done.world.hosts["cyo57"].cwd, done.world.hosts["cyo57"].files.read("/tmp/f")
    ('0\\n', '/tmp', b'hi\\n')
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from .command import Attached, Outcome, Said, Stream
from .curl import curl
from .desk import Desk
from .docker import docker
from .editor import EDITORS, edit
from .sh.dialect import Dialect
from .sh.process import CommandFunction, Facts, FileSink, Forever, Process, Terminal
from .sh.run import Shell
from .shell import install
from .systemctl import kill, pidof, service, systemctl
from .tools import table
from .world import Host, World, frozen

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
INTERRUPTED = 130
_HIDDEN = "="
"""Before the name of a variable that is not exported: no variable's name can hold it."""


class _Docker:
    """`docker` in a host's shell: the last one's terminal, if it opened one."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.attached: Attached | None = None

    def __call__(self, p: Process) -> int:
        desk = self.desk
        stdin = p.stdin.all()
        if not stdin and p.stdin.data is None:
            stdin = "".join(line + "\n" for line in desk.answers).encode("utf-8", "surrogateescape")
        tty = p.facts.tty and p.stdin.data is None
        outcome = docker(desk.took(p.shell), desk.name, p.args, stdin=stdin, tty=tty, cwd=p.shell.cwd, env=p.env,
                         redirected=not isinstance(p.stdout, Terminal))
        desk.gave(p.shell, outcome.world)
        for said in outcome.output:
            sink = p.stdout if said.stream is Stream.OUT else p.stderr
            sink.write(said.text.encode("utf-8", "surrogateescape"))
        if isinstance(p.stdout, FileSink) and outcome.data is not None:
            # As it is, whatever its size: an archive of an image is more than a stream may hold.
            p.stdout.flush()
            p.files.write(p.stdout.path, outcome.data, append=True)
        elif outcome.data is not None:
            p.out(outcome.data.read())
        p.shell.shared.events += outcome.events
        desk.why += outcome.why
        desk.irreversible = outcome.irreversible or desk.irreversible
        self.attached = outcome.attached or self.attached
        return outcome.exit


def sudo(p: Process) -> int:
    """`sudo COMMAND…`: whoever is here is root already."""
    args = [*p.args]
    while args and args[0].startswith("-"):
        args.pop(0)
    if not args:
        p.stderr.write(b"usage: sudo command [arg ...]\n")
        return 1
    return p.shell.call(args, p.shell.streams, {})


def dockerd(desk: Desk, p: Process) -> int:
    """`dockerd`: one is running already."""
    p.stderr.write(b"failed to start daemon: pid file found, ensure docker is not running or delete "
                   b"/var/run/docker.pid\n")
    return 1


def commands(desk: Desk) -> tuple[Mapping[str, CommandFunction], _Docker]:
    """Return a host's table of commands, and its docker."""
    own: dict[str, Callable[[Desk, Process], int]] = {
        "curl": curl, "systemctl": systemctl, "service": service, "kill": kill, "pkill": kill, "killall": kill,
        "pidof": pidof, "pgrep": pidof, "dockerd": dockerd,
    }
    runs = _Docker(desk)
    bound: dict[str, CommandFunction] = {name: partial(command, desk) for name, command in own.items()}
    return {**table(), **bound, **dict.fromkeys(EDITORS, edit), "docker": runs, "sudo": sudo}, runs


def run_line(
    world: World, host: str, line: str, *, stdin: bytes | None = None, tty: bool = True, answers: Sequence[str] = ()
) -> Outcome:
    """Run a line, or a script, in a host's shell.

    Parameters
    ----------
    stdin : bytes, optional
        What the line reads; for an editor, the text that is typed.
    tty : bool
        Whether a person sits before it: prompts are shown, docker's -t works.
    answers : sequence of str
        What the person types at prompts.

    Returns
    -------
    Outcome
        `attached` where a container's shell has the terminal now.
    """
    install()
    desk = Desk(world, host, list(answers))
    runs_on = desk.host
    known, runs = commands(desk)
    facts = Facts(runs_on.kernel, runs_on.kernel.hostname, runs_on.user, tty=tty, own_programs=False,
                  processes=((1, "/sbin/init"), (742, "/usr/sbin/dockerd -H fd://")))
    shell = Shell(desk.files(), known, facts, env={}, cwd=runs_on.cwd, stdin=stdin,
                  dialect=Dialect("bash", "bash", True))
    shell.vars, shell.exported = _variables(runs_on)
    status = _run(shell, line)
    world = desk.took(shell)
    after = replace(world.hosts[host], cwd=shell.cwd, env=_kept(shell))
    return Outcome(
        world.with_host(after), status, shell.shared.record.output(), tuple(shell.shared.events), tuple(desk.why),
        desk.irreversible, None, runs.attached,
    )


def _run(shell: Shell, line: str) -> int:
    try:
        return shell.script(line)
    except Forever:
        shell.shared.record.add(Stream.OUT, b"^C\n")
        return INTERRUPTED
    except RecursionError:
        shell.say(shell.dialect.said(shell.line, "maximum nesting level exceeded"), shell.streams)
        return 2


def _variables(host: Host) -> tuple[dict[str, str], set[str]]:
    usual = {"HOME": "/root", "PATH": PATH, "USER": host.user, "SHELL": "/bin/bash", "TERM": "xterm", "PWD": host.cwd}
    plain = {name.removeprefix(_HIDDEN): value for name, value in host.env.items()}
    exported = set(usual) | {name for name in host.env if not name.startswith(_HIDDEN)}
    return {**usual, **plain}, exported


def _kept(shell: Shell) -> Mapping[str, str]:
    usual = {"HOME", "PATH", "USER", "SHELL", "TERM", "PWD"}
    return frozen({
        (name if name in shell.exported else _HIDDEN + name): value for name, value in shell.vars.items()
        if name and (name not in usual or (name == "PATH" and value != PATH))
    })


def said(text: str) -> Said:
    """Return a line that the simulator itself says, on stderr."""
    return Said(Stream.ERR, text)

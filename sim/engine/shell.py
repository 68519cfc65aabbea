"""Programs inside a container: the one runner that docker's run, exec and build call.

    Call (mount table, program, environment)  -->  a shell over these files  -->  Ran (files, output, exit)

A program that is a shell gets its text; anything else is found along PATH in the container's own files. What is
changed is changed in the file systems of the call, at their cost, and every effect is an event.
"""

from __future__ import annotations

from ..errors import FsError, SimError
from ..union.overlay.report import Did
from .command import Call, Event, Ran, register_inside
from .pseudo import OURS, with_pseudo
from .sh.dialect import Dialect
from .sh.nested import dialect_of
from .sh.process import Closed, Facts, Forever
from .sh.programs import run_program
from .sh.run import PIPE, Shell
from .sh.signals import Exit
from .tools import table
from .vfs import Files

SHELLS = {"sh", "bash", "dash", "ash"}


def run_inside(call: Call) -> Ran:
    """Run a program inside a container.

    Parameters
    ----------
    call : Call
        ``("bash", "-i", "-c", line)`` is a line typed at a shell's prompt: the working directory and the variables
        after it come back.

    Returns
    -------
    Ran
    """
    lines, held = with_pseudo(
        call.table, dict(call.held), kernel=call.kernel, processes=call.processes, tty=call.tty, now=call.now,
    )
    uid, gid = _ids(Files(lines, held), call.user)
    files = Files(lines, held, now=call.now, uid=uid, gid=gid)
    facts = Facts(call.kernel, call.hostname, call.user or "root", uid, gid, call.tty, call.processes)
    shell = Shell(files, table(), facts, env=call.env, cwd=call.cwd or "/", stdin=call.stdin)
    name = call.argv[0].rpartition("/")[2] if call.argv else ""
    if name in SHELLS and len(call.argv) == 1 and call.tty and call.stdin is None:
        return Ran(call.held, interactive=True)
    lasts: int | None = None
    typed = name in SHELLS and call.argv[1:3] == ("-i", "-c") and len(call.argv) == 4
    shell.dialect = dialect_of(shell, call.argv[0], typed) if name in SHELLS else Dialect("dash", name)
    try:
        status = shell.script(call.argv[3]) if typed else _run(shell, call.argv)
    except Forever:
        status, lasts = 0, -1
    except RecursionError:
        status = 2
        shell.say(shell.dialect.said(shell.line, "maximum nesting level exceeded"), shell.streams)
    shared = shell.shared
    if lasts is None and shared.slept and shared.clock > shared.said_at:
        lasts = shared.clock - shared.said_at
    took = (shared.said_at if lasts is not None else shared.clock) - call.now
    return Ran(
        {key: fs for key, fs in files.frozen().items() if key not in OURS}, status, shared.record.output(),
        max(0, took), lasts, shell.cwd, shell.env, (*_events(files), *shared.events),
    )


def _run(shell: Shell, argv: tuple[str, ...]) -> int:
    try:
        return run_program(shell, argv, shell.streams, {})
    except Exit as stop:
        return stop.code
    except Closed:
        return PIPE


def _ids(files: Files, user: str) -> tuple[int, int]:
    """Return the numbers of ``user[:group]``; a name that /etc/passwd has not is root (docker refuses it earlier)."""
    name, _, group = user.partition(":")
    uid = gid = 0
    if name.isdecimal():
        uid = int(name[:10])
    for number, word, path in ((2, name or "root", "/etc/passwd"), (2, group, "/etc/group")):
        try:
            lines = files.read(path, 1 << 20).decode("utf-8", "replace").splitlines()
        except (FsError, SimError):
            continue
        for line in lines:
            parts = line.split(":")
            if len(parts) > 3 - (path == "/etc/group") and word in (parts[0], parts[number]) and parts[2].isdecimal():
                if path == "/etc/passwd":
                    uid, gid = int(parts[2][:10]), int(parts[3][:10]) if parts[3].isdecimal() else 0
                else:
                    gid = int(parts[2][:10])
                break
    return uid, int(group[:10]) if group.isdecimal() else gid


_TELLING = {Did.COPY_UP, Did.WHITEOUT, Did.OPAQUE, Did.CREATED, Did.REMOVED, Did.MOVED, Did.WROTE, Did.CHANGED}
MAX_EVENTS = 200
"""Effects of one program that are kept as events; an apt-get has thousands."""


def _events(files: Files) -> tuple[Event, ...]:
    found: list[Event] = []
    for key, effect in files.effects:
        if key in OURS or effect.did not in _TELLING:
            continue
        if len(found) == MAX_EVENTS:
            break
        facts = {"did": str(effect.did), "bytes": effect.bytes, "layer": effect.layer, "system": key}
        found.append(Event("upper", f"/{effect.path}", effect.words, facts))
    return tuple(found)


def install() -> None:
    """Make this the runner of programs inside containers."""
    register_inside(run_inside)


__all__ = ["SHELLS", "install", "run_inside"]

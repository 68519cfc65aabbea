"""A shell that another one starts: ``sh -c TEXT``, ``sh FILE``, ``sh < FILE``; and which shell a program is."""

from __future__ import annotations

from ...errors import FsError
from .dialect import Dialect
from .process import Process, reason
from .programs import find, is_busybox
from .run import Shell


def dialect_of(shell: Shell, name: str, interactive: bool = False) -> Dialect:
    """Return whose words a shell's program speaks: sh is dash on Debian, BusyBox on Alpine."""
    path = find(shell, name)
    label = name if "/" in name else name.rpartition("/")[2]
    if path is None:
        return Dialect("bash" if "bash" in name else "dash", label, interactive)
    if is_busybox(shell, path):
        return Dialect("ash", label.rpartition("/")[2], interactive)
    real = shell.files.real(path).rpartition("/")[2]
    return Dialect("bash" if "bash" in real else "dash", label, interactive)


def nested(p: Process) -> int:
    """Run a shell as a command.

    Returns
    -------
    int
        Its exit code. A shell at a terminal, with nothing to read, ends at once here: whoever attaches a terminal
        asks for it beforehand.
    """
    inner = p.shell.child()
    inner.streams = p.shell.streams
    inner.functions, inner.options = {}, set()
    inner.vars, inner.exported = dict(p.env), set(p.env)
    inner.dialect = dialect_of(p.shell, p.name)
    args = list(p.args)
    text: str | None = None
    while args and args[0][:1] in "-+" and len(args[0]) > 1:
        word = args.pop(0)
        if word.startswith("--"):
            continue
        inner.options |= set(word[1:]) & set("euxf")
        if "c" in word:
            if not args:
                p.err("-c: option requires an argument")
                return 2
            text = args.pop(0)
            inner.args = args[1:]
            args = []
        elif word == "-o" and args:
            inner.options |= {"pipefail": {"pipefail"}}.get(args.pop(0), set())
    if text is None and args:
        try:
            text = p.files.read(p.at(args[0]), 1 << 20).decode("utf-8", "surrogateescape")
        except FsError as error:
            p.shell.say(inner.dialect.said(0, f"{args[0]}: {reason(error)}"), p.shell.streams)
            return 127
        inner.args = args[1:]
    if text is None:
        text = p.stdin.all().decode("utf-8", "surrogateescape")
    return inner.script(text)


def prompt_of(shell: str, user: str, hostname: str, cwd: str) -> str:
    """Return the prompt that a container's shell shows.

    Examples
    --------
    >>> prompt_of("bash", "root", "72613e8ac37a", "/"), prompt_of("sh", "root", "c", "/etc")
    ('root@72613e8ac37a:/# ', '/etc # ')
    """
    home = "~" if cwd == "/root" else cwd
    end = "#" if user in ("root", "0", "") else "$"
    if shell.rpartition("/")[2] == "bash":
        return f"{user or 'root'}@{hostname}:{home}{end} "
    return f"{home} {end} "

"""Programs: where a name leads along PATH, and what becomes of what is found.

    ls            /usr/bin/ls, in the table            runs, in GNU's or BusyBox's words
    vimtutor      /usr/bin/vimtutor, begins with #!    its text is run
    perl          /usr/bin/perl, not in the table      is there, and says that the simulator does not run it
    vim           nothing along PATH                   not found
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ...errors import SimError
from ...fs.entry import Kind
from ..mounts import SEARCH
from .process import COMMAND_NS, Process

if TYPE_CHECKING:
    from .run import Shell
    from .state import Streams

DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
NOT_FOUND, DENIED = 127, 126


def run_program(shell: Shell, argv: Sequence[str], streams: Streams, values: Mapping[str, str]) -> int:
    """Run a program of the files, or say why not.

    Parameters
    ----------
    values : mapping of str to str
        Variables that are set for it alone.

    Returns
    -------
    int
        Its exit code; 127 where it is not there, 126 where it may not be executed or is not simulated.
    """
    name = argv[0]
    path = find(shell, name)
    known = shell.table.get(name.rpartition("/")[2])
    if path is None and (shell.facts.own_programs or known is None):
        shell.say(shell.dialect.not_found(shell.line, name), streams)
        return NOT_FOUND
    gnu = True
    if path is not None:
        if not executable(shell, path):
            shell.say(shell.dialect.denied(shell.line, name), streams)
            return DENIED
        source = script_text(shell, path)
        if source is not None and known is None:
            return _script(shell, source, argv, streams)
        gnu = not is_busybox(shell, path)
        known = known or shell.table.get(shell.files.real(path).rpartition("/")[2])
    shell.shared.clock += COMMAND_NS
    shell.files.at(shell.shared.clock)
    p = Process(
        shell, name.rpartition("/")[2], list(argv[1:]), streams.stdin, streams.out, streams.err, gnu,
        shell.env | dict(values),
    )
    if known is None:
        p.err("this program is in the image, and the simulator does not run it")
        return DENIED
    return shell.guard(p, known, streams)


def find(shell: Shell, name: str) -> str | None:
    """Return the path of a program, by PATH where the name has no slash; None where there is none."""
    if "/" in name:
        path = shell.at(name)
        return path if shell.files.find(path) is not None else None
    denied = None
    for folder in shell.vars.get("PATH", DEFAULT_PATH).split(":"):
        path = f"{shell.at(folder or '.').rstrip('/')}/{name}"
        try:
            found = shell.files.find(path)
        except SimError:
            continue
        if found is not None and found.kind is Kind.FILE:
            if executable(shell, path):
                return path
            denied = denied or path
    return denied


def executable(shell: Shell, path: str) -> bool:
    """Whether a path is a file that the caller may execute."""
    found = shell.files.find(path)
    if found is None or found.kind is not Kind.FILE or not found.mode & 0o111:
        return False
    return shell.files.may(path, SEARCH)


def is_busybox(shell: Shell, path: str) -> bool:
    """Whether a program is BusyBox under another name: a symbolic or a hard link to it."""
    found, busybox = shell.files.find(path), shell.files.find("/bin/busybox")
    return busybox is not None and found is not None and found.ino == busybox.ino


def script_text(shell: Shell, path: str) -> str | None:
    """Return a program's text where it is one for a shell."""
    data = shell.files.data(path)
    head = data.read(0, 64)
    if head[:2] == b"#!":
        return data.read(0, 1 << 20).decode("utf-8", "surrogateescape") if b"sh" in head.splitlines()[0] else None
    if data.size > 1 << 16 or b"\0" in head or head[:4] == b"\x7fELF":
        return None
    return data.read().decode("utf-8", "surrogateescape")


def _script(shell: Shell, source: str, argv: Sequence[str], streams: Streams) -> int:
    inner = shell.child()
    inner.args, inner.functions, inner.options = list(argv[1:]), {}, set()
    inner.vars, inner.exported = shell.env, set(shell.exported)
    inner.dialect = replace(shell.dialect, label=argv[0], interactive=False)
    inner.streams = streams
    return inner.script(source)

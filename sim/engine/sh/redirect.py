"""Redirections: files opened for a command, before it runs, and written when it is done (POSIX, 2.7).

``>`` cuts the file at once, so that a lower layer's file is copied up empty; what the command prints follows at its
end.
"""

from __future__ import annotations

import errno
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ...errors import FsError, SimError
from .expand import text
from .nodes import Redirect
from .process import FileSink, Input, Sink, reason
from .state import Streams

if TYPE_CHECKING:
    from .run import Shell


def redirected(shell: Shell, redirects: Sequence[Redirect], streams: Streams, opened: list[Sink]) -> Streams | None:
    """Open what redirections name; None, and a complaint, where one fails.

    Parameters
    ----------
    opened : list of Sink
        Gets the files that are to be flushed when the command is done.
    """
    made = replace(streams)
    for one in redirects:
        target = text(shell, one.target)
        try:
            _redirect(shell, made, one, target, opened)
        except SimError as error:
            failure = error if isinstance(error, FsError) else FsError(errno.EINVAL, target)
            shell.say(shell.dialect.redirect(shell.line, target, failure, one.op[0] != "<"), streams)
            return None
    return made


def flush(shell: Shell, sink: Sink, streams: Streams) -> None:
    """Write what was printed into the file that was opened for it."""
    try:
        sink.flush()
    except FsError as error:
        shell.say(shell.dialect.said(shell.line, f"write error: {reason(error)}"), streams)


def _redirect(shell: Shell, made: Streams, one: Redirect, target: str, opened: list[Sink]) -> None:
    if one.op == "<<":
        made.stdin = Input(target.encode("utf-8", "surrogateescape"))
    elif one.op == "<":
        made.stdin = Input(shell.files.read(shell.at(target)))
    elif one.op in (">&", "<&") and (target.isdecimal() or target == "-"):
        source = {"1": made.out, "2": made.err}.get(target, Sink())
        made.out, made.err = (source, made.err) if one.fd == 1 else (made.out, source)
    else:
        path = shell.at(target)
        if one.op == ">>":
            _append(shell, path)
        else:
            shell.files.write(path, b"")
        shell.shared.said_at = shell.shared.clock
        sink = FileSink(shell.files, path)
        opened.append(sink)
        both = one.op in ("&>", ">&")
        made.out = sink if one.fd == 1 or both else made.out
        made.err = sink if one.fd == 2 or both else made.err


def _append(shell: Shell, path: str) -> None:
    found = shell.files.find(path)
    # Opening to append makes a missing file, copies up a lower one, and refuses a directory.
    shell.files.write(path, b"", append=found is None or found.kind == "f")

"""The command line: `sim COMMAND …`.

One module a command, `cmd_*.py`, each with `parser()` and `run(args) -> exit code`, loaded when its command
is given and not before: `sim ls` should not pay for what `sim lab` imports. This module chooses it and turns
every error into one line on standard error and an exit code:

    0    ok
    1    the answer is no: a difference, an invalid image, an absent path
    2    bad usage, or input that cannot be read
    130  interrupted          141  the reader of the output went away          (as a shell reports both)

Set LAYERLAB_DEBUG=1 to see where an error comes from.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from importlib import import_module
from io import UnsupportedOperation

from .. import __version__
from ..errors import FsError, SimError
from .text import shown

COMMANDS = {
    "inspect": "layers of an image, what they hold, how much of it is hidden",
    "ls": "list the merged view, with the layer that supplies each entry",
    "cat": "write a file of the merged view to standard output",
    "why": "say which layer supplies a path, or hides it, and by which rule",
    "diff": "compare the merged views of two images",
    "validate": "recompute every digest and size, and name each mismatch",
    "convert": "write an image in another form: docker-save archive, OCI archive, OCI folder",
    "pull": "fetch an image from a registry into a folder or an archive",
    "push": "send an image to a registry",
    "serve": "run a registry that docker and others push to and pull from",
    "gc": "free the space of what no manifest needs in a registry's folder",
    "dedup": "what images store twice: layers, files and chunks in common, and bytes that nobody sees",
    "docker": "one docker command in a simulated world that is kept",
    "play": "replay a terminal transcript in a fresh simulated world",
    "boot": "a machine's boot beside a container's start, stage by stage",
    "lab": "open the lessons in JupyterLab",
    "app": "the widgets alone, a page each, for a projector",
    "site": "the lessons as a static site that runs in the browser",
    "teacher": "a page for the teacher a lesson, and a student's copy without answers",
    "progress": "what was answered in the lessons, to look at or hand in",
    "test": "run the tests of the clone",
    "study": "a published table, computed again and compared",
    "bench": "measure the headline figures, each beside its peer",
}

_HELP = """\
usage: sim COMMAND ...

Layer Lab: real container images, their layers and their merged view, explained.

commands:
{commands}

Where a command says IMAGE, give one of
  app.tar             a docker-save archive or an OCI layout, also .gz or .zst
  app/                an OCI layout in a folder
  app.tar#v2          one of several images in it, by tag or digest
  sample:NAME         a built-in stand-in, such as sample:ubuntu
  HOST:PORT/app:v2    an image of a registry

examples:
  sim inspect sample:ubuntu-vim
  sim ls sample:ubuntu /etc
  sim why sample:ubuntu-vim /usr/bin/vi

`sim COMMAND --help` explains one command. Exit codes: 0 ok, 1 the answer is no, 2 bad usage or input.
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    Parameters
    ----------
    argv : sequence of str, optional
        The arguments after the program's name; the process's own by default.
    """
    _prepare_streams()
    try:
        code = _command(list(sys.argv[1:] if argv is None else argv))
        sys.stdout.flush()
        return code
    except SystemExit as stop:  # argparse, after --help.
        return stop.code if isinstance(stop.code, int) else 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        _drop_output()
        return 141
    except Exception as error:
        if os.environ.get("LAYERLAB_DEBUG"):
            raise
        return _failed(error)


def _command(argv: list[str]) -> int:
    name = argv[0] if argv else ""
    if name in ("-h", "--help"):
        print(_help(), end="")
        return 0
    if name == "--version":
        print(f"sim {__version__}")
        return 0
    if not name:
        print(_help(), end="", file=sys.stderr)
        return 2
    if name not in COMMANDS:
        raise _unknown(name)
    command = import_module(f".cmd_{name}", __name__)
    code: int = command.run(command.parser().parse(argv[1:]))
    return code


def _help() -> str:
    return _HELP.format(commands="\n".join(f"  {name:<10}{does}" for name, does in COMMANDS.items()))


def _unknown(name: str) -> SimError:
    if name.startswith("-"):
        return SimError(
            f"{name[:40]} before the command", hint="options come after it, as in sim inspect IMAGE --json"
        )
    near = get_close_matches(name, COMMANDS, n=1)
    hint = f"did you mean {near[0]}?" if near else "sim --help lists the commands"
    return SimError(f"unknown command {name[:40]!r}", hint=hint)


def _failed(error: Exception) -> int:
    with contextlib.suppress(OSError):
        sys.stdout.flush()
    if isinstance(error, OSError):
        _drop_output()  # A full disk behind standard output would be met again at exit.
    print(f"sim: {shown(_in_words(error))}", file=sys.stderr)
    return 1 if isinstance(error, FsError) else 2


def _in_words(error: Exception) -> str:
    if isinstance(error, SimError):
        return str(error)
    if isinstance(error, OSError):
        reason = error.strerror or str(error)
        return f"{os.fsdecode(error.filename)}: {reason}" if error.filename else reason
    if isinstance(error, MemoryError):
        return "not enough memory; close other programs, or lower --max-bytes"
    what = f"{type(error).__name__}: {error}"
    return f"a fault of the program, not of your input: {what}; please report it (LAYERLAB_DEBUG=1 shows where)"


def _prepare_streams() -> None:
    # Python has None in place of a stream that was closed before it started (`sim … >&-`).
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")
    # A name in Chinese on an ASCII terminal is shown as escapes; it is no reason to stop.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _drop_output() -> None:
    # The interpreter flushes standard output once more at exit: let that go nowhere.
    with contextlib.suppress(UnsupportedOperation, OSError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)

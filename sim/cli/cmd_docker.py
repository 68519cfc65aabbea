"""`sim docker ARGS…`: one docker command in a simulated world that is kept in $SIM_HOME.

A container's shell (`run -it`, `exec -it`) reads the lines of this terminal, or of standard input, until `exit`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from getpass import getpass

from ..content.home import home
from ..engine.command import Outcome, Stream
from ..engine.docker import docker
from ..engine.internet import HOST
from ..engine.shell import install
from ..engine.terminal import Seat, step
from ..errors import LimitExceeded
from .home import keep, locked, world_in
from .text import shown

MAX_STDIN = 512 << 20
_READS = {"load", "import", "build", "cp"}


class _Everything:
    """Takes all arguments: docker reads them itself."""

    def parse(self, argv: Sequence[str]) -> argparse.Namespace:
        return argparse.Namespace(rest=list(argv))


def parser() -> _Everything:
    """Return what takes the command's arguments: all of them are docker's."""
    return _Everything()


def run(args: argparse.Namespace) -> int:
    """Run the command in the kept world, and keep the world after it."""
    argv: list[str] = args.rest
    install()
    tty = sys.stdin.isatty() and sys.stdout.isatty()
    folder = home()
    with locked(folder):
        before = world_in(folder)
        outcome = docker(before, HOST, argv, stdin=_stdin(argv, tty), tty=tty)
        _print(outcome)
        seat = Seat(outcome.world, HOST, () if outcome.attached is None else (outcome.attached,))
        code = outcome.exit
        if seat.inside:
            seat, code = _inside(seat, tty)
        keep(seat.world, folder)
    return code


def _stdin(argv: Sequence[str], tty: bool) -> bytes:
    """Return what the command reads: only a command that reads waits for standard input."""
    words = [word for word in argv if not word.startswith("-")]
    verb = next((word for word in words if word not in ("image", "container", "system", "volume")), "")
    if verb == "login" and tty and not {"-p", "--password", "--password-stdin"} & set(argv):
        return (getpass("Password: ") + "\n").encode("utf-8", "surrogateescape")
    asks = verb == "login" and "--password-stdin" in argv
    piped = verb in ("run", "exec", "start") and _interactive(argv) and not tty
    if not (asks or piped or (verb in _READS and not sys.stdin.isatty() and _from_stdin(verb, argv))):
        return b""
    raw = sys.stdin.buffer.read(MAX_STDIN + 1)
    if len(raw) > MAX_STDIN:
        raise LimitExceeded(f"more than {MAX_STDIN:,} bytes on standard input", hint="give a smaller archive")
    return raw


def _interactive(argv: Sequence[str]) -> bool:
    return any(word == "--interactive" or (word.startswith("-") and not word.startswith("--") and "i" in word)
               for word in argv)


def _from_stdin(verb: str, argv: Sequence[str]) -> bool:
    if verb == "load":
        return not any(word.startswith(("-i", "--input")) for word in argv)
    return "-" in argv


def _print(outcome: Outcome) -> None:
    for said in outcome.output:
        stream = sys.stdout if said.stream is Stream.OUT else sys.stderr
        stream.write("\n".join("\t".join(map(shown, line.split("\t"))) for line in said.text.split("\n")))
        stream.flush()
    if outcome.data is not None:
        for chunk in outcome.data.chunks():
            sys.stdout.buffer.write(chunk)
        sys.stdout.buffer.flush()


def _inside(seat: Seat, tty: bool) -> tuple[Seat, int]:
    """Read lines for a container's shell until it is left."""
    code = 0
    for line in _lines(seat, tty):
        seat, outcome = step(seat, line.rstrip("\n"))
        _print(outcome)
        code = outcome.exit
        if not seat.inside:
            return seat, code
        if tty:
            _prompt(seat)
    while seat.inside:
        seat, _ = step(seat, "exit")
    return seat, code


def _lines(seat: Seat, tty: bool) -> Iterable[str]:
    if tty:
        _prompt(seat)
    yield from sys.stdin


def _prompt(seat: Seat) -> None:
    sys.stdout.write(seat.prompt)
    sys.stdout.flush()

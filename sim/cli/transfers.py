"""What `sim pull` and `sim push` share: options, the lines that docker shows, the document."""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Callable
from time import monotonic
from typing import TextIO

from ..content.descriptor import Descriptor
from ..content.sizes import human_size
from ..errors import SimError
from ..registry.client import Doing
from ..registry.credentials import Login
from ..registry.moves import Move, Stage, bar, docker_words
from ..registry.reference import Reference
from ..registry.settings import Settings
from ..registry.transfer import Action, Direction, Plan, Role
from .documents import Json
from .parser import Parser

PERIOD = 0.1
"""Seconds between two drawings of one layer's bar."""
_WIDE = 110
"""Columns from which docker draws a bar beside the amounts."""


def add_login(parser: Parser) -> None:
    """Add the options that say who we are."""
    parser.add_argument("--user", metavar="NAME", help="log in as NAME instead of with docker's config.json")
    parser.add_argument("--password-stdin", action="store_true", help="read the password from standard input")


def doing_of(args: argparse.Namespace, tell: Callable[[Move], None]) -> Doing:
    """Return how the transfer is made under the options of `args`."""
    return Doing(Settings.read(args.insecure, _login(args)), tell)


def _login(args: argparse.Namespace) -> Login | None:
    if args.user is None:
        if args.password_stdin:
            raise SimError("--password-stdin without --user", hint="say whose password it is")
        return None
    if args.password_stdin:
        return Login(args.user, sys.stdin.readline().rstrip("\r\n"))
    if not sys.stdin.isatty():
        raise SimError("nobody can be asked for the password here", hint="give it with --password-stdin")
    from getpass import getpass

    return Login(args.user, getpass("Password: "))


class LayerLines:
    """Layer by layer, as docker shows it: lines that change in place on a terminal, and plain lines elsewhere.

    Parameters
    ----------
    name : callable
        Returns what a move's layer is called.
    head : str
        Printed before the first line.
    stream : TextIO, optional
        Standard output by default.
    clock : callable, optional
        Seconds, rising.
    """

    def __init__(
        self, name: Callable[[Move], str], head: str = "", stream: TextIO | None = None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._name = name
        self._head = head
        self._stream = sys.stdout if stream is None else stream
        self._clock = clock
        self._live = self._stream.isatty()
        self._rows: dict[str, int] = {}
        self._said: dict[str, str] = {}
        self._drawn: dict[str, float] = {}

    def __call__(self, move: Move) -> None:
        """Show a move; layers alone are shown, as docker does."""
        if self._head:
            self._stream.write(self._head + "\n")
            self._head = ""
        if move.step.role is not Role.LAYER:
            return
        name, words = self._name(move), docker_words(move)
        if not self._live:
            if move.stage is not Stage.MOVING and self._said.get(name) != words:
                self._stream.write(f"{name}: {words}\n")
                self._said[name] = words
            return
        now = self._clock()
        if move.stage is Stage.MOVING:
            if now - self._drawn.get(name, float("-inf")) < PERIOD:
                return
            self._drawn[name] = now
            columns = shutil.get_terminal_size().columns
            words = f"{words} {bar(move.done, move.step.descriptor.size, 50 if columns > _WIDE else 0)}"
            words = words[: max(1, columns - len(name) - 3)]
        self._place(name, f"{name}: {words}")

    def _place(self, name: str, line: str) -> None:
        if name not in self._rows:
            self._rows[name] = len(self._rows)
            self._stream.write(f"{line}\n")
        else:
            up = len(self._rows) - self._rows[name]
            self._stream.write(f"\x1b[{up}A\r\x1b[2K{line}\x1b[{up}B\r")
        self._stream.flush()


def transfer_document(reference: Reference, plan: Plan, descriptor: Descriptor) -> Json:
    """Return the document of a transfer: the plan as it went, layers base first."""
    return {
        "reference": str(reference),
        "direction": str(plan.direction),
        "manifest": {
            "digest": str(descriptor.digest), "size": descriptor.size, "mediaType": descriptor.media_type,
        },
        "plan": [
            {
                "what": str(step.role), "layer": step.number or None, "digest": str(step.descriptor.digest),
                "size": step.descriptor.size, "action": str(step.action), "why": str(step.why), "from": step.origin,
                "words": step.words,
            }
            for step in plan.steps
        ],
        "sent_bytes": plan.sent,
        "saved_bytes": plan.saved,
    }


def sum_in_words(plan: Plan) -> str:
    """Return what a transfer came to, on one line.

    Examples
    --------
    >>> from sim.registry.transfer import Direction
    >>> sum_in_words(Plan(Direction.PUSH, ()))
    '0B sent'
    """
    moved = f"{human_size(plan.sent)} {'sent' if plan.direction is Direction.PUSH else 'fetched'}"
    if not plan.saved:
        return moved
    mounted = any(step.action is Action.MOUNT for step in plan.steps)
    reason = "since it was there already or was mounted" if mounted else "since it was there already"
    return f"{moved}; {human_size(plan.saved)} saved, {reason}"

"""Argument parsing whose complaints are one line, like all others."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from difflib import get_close_matches
from textwrap import fill
from typing import NoReturn

from ..errors import SimError


class Parser(argparse.ArgumentParser):
    """The parser of one command.

    Parameters
    ----------
    command : str
        Its name.
    summary : str
        What it does, for ``--help``.
    examples : str
        Lines shown below.
    passes_on : bool
        Whether arguments that are not its own are kept, in order, as `rest`, for another program.
    """

    def __init__(self, command: str, summary: str, examples: str, *, passes_on: bool = False) -> None:
        super().__init__(
            prog=f"sim {command}", description=fill(summary, 78), epilog=f"examples:\n{examples}", allow_abbrev=False,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        self._passes_on = passes_on

    def parse(self, argv: Sequence[str]) -> argparse.Namespace:
        """Parse a command's arguments; `SimError` says what is wrong with them."""
        if not self._passes_on and argv.count("--") > 1:
            # argparse before Python 3.12 makes an empty list of the second one.
            raise SimError(f"{self.prog} was given '--' twice", hint="write ./-- or /-- for something of that name")
        args, rest = self.parse_known_args(argv)
        if self._passes_on:
            args.rest = rest
        elif rest:
            near = get_close_matches(rest[0], self._option_string_actions, n=1)
            hint = f"did you mean {near[0]}?" if near else f"{self.prog} --help lists its arguments"
            raise SimError(f"{self.prog} does not take {rest[0][:80]!r}", hint=hint)
        return args

    def error(self, message: str) -> NoReturn:
        """Refuse the arguments."""
        raise SimError(message, hint=f"{self.prog} --help explains it")


def add_json(parser: Parser) -> None:
    """Add ``--json``."""
    parser.add_argument("--json", action="store_true", help="print JSON, with exact sizes and full digests")

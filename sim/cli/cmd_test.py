"""`sim test [ARGS]`: the tests of the clone, by pytest."""

from __future__ import annotations

import argparse

from ..__main__ import main as start
from .parser import Parser


def parser() -> Parser:
    """Return the command's parser."""
    found = Parser(
        "test", "Run the tests of this clone; ARGS go to pytest, whose exit code is passed on.",
        "  sim test\n  sim test tests/fs -k whiteout", passes_on=True,
    )
    found.usage = "sim test [ARGS ...]"
    return found


def run(args: argparse.Namespace) -> int:
    """Run pytest in the clone, with what it needs installed first."""
    return start(["test", *args.rest])

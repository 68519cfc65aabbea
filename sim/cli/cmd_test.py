"""`sim test [ARGS]`: the tests of the clone, by pytest."""

from __future__ import annotations

import argparse

from .parser import Parser


def parser() -> Parser:
    """Return the command's parser."""
    found = Parser(
        "test", "Run the tests of this clone; ARGS go to pytest.",
        "  sim test\n  sim test tests/fs -k whiteout", passes_on=True,
    )
    found.usage = "sim test [ARGS ...]"
    return found


def run(args: argparse.Namespace) -> int:
    """Run pytest in the clone, with what it needs installed first; pytest's exit code."""
    # `python3 -m sim` sets the environment up and knows the clone; the installed command asks it.
    from ..__main__ import main

    return main(["test", *args.rest])

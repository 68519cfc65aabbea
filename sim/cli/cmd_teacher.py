"""`sim teacher DEST`: a page for the teacher a lesson, and a copy of the lessons for students, without answers."""

from __future__ import annotations

import argparse
from pathlib import Path

from .parser import Parser
from .text import plural


def parser() -> Parser:
    """Return the command's parser."""
    found = Parser(
        "teacher", "Write, for each lesson, a page for the teacher (aim, time, questions with what is said to each"
        " choice, traps, solutions), and a copy for students without outputs or answers.",
        "  sim teacher handouts\n  sim teacher handouts --lang zh",
    )
    found.add_argument("dest", metavar="DEST", type=Path, help="a new folder, or that of an earlier call")
    found.add_argument("--lang", choices=("en", "zh"), default="en", help="the edition (default: en)")
    return found


def run(args: argparse.Namespace) -> int:
    """Write them."""
    from ..lab.editions import write

    count = write(args.dest, args.lang)
    print(f"{args.dest / 'teacher'}: {plural(count, 'page')} to read or print")
    print(f"{args.dest / 'student'}: {plural(count, 'lesson')} to hand out")
    return 0

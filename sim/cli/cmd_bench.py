"""`sim bench`: every headline figure, each beside its peer in the same run."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from ..bench import run as bench
from ..content.durable import written_aside
from ..errors import SimError
from .parser import Parser, add_json
from .progress import Bar
from .text import plural, print_json, table


def parser() -> Parser:
    """Return the command's parser."""
    found = Parser(
        "bench", "Measure the headline figures, each beside its peer in the same run."
        " Exits 1 when a bar is not reached.",
        "  sim bench --quick\n  sim bench images --json\n  sim bench union --curve FILE",
    )
    found.add_argument(
        "subjects", nargs="*", type=_subject, metavar="SUBJECT",
        help=f"some of {', '.join(bench.subjects())} (default: all)",
    )
    found.add_argument("--quick", action="store_true", help="smaller worlds and fewer runs: under a minute")
    found.add_argument(
        "--curve", metavar="FILE", help="write to FILE what a lesson charts of one subject: union, one lookup against"
        " the number of layers; dedup, one pass over an image, and each of its jobs alone",
    )
    add_json(found)
    return found


def _subject(text: str) -> str:
    if text not in bench.subjects():
        raise SimError(f"there are no figures of {text[:40]!r}", hint=f"choose of {', '.join(bench.subjects())}")
    return text


def run(args: argparse.Namespace) -> int:
    """Measure and print."""
    if args.curve is not None:
        return _record(args.subjects, Path(args.curve), args.quick)
    with Bar(amount=lambda count: plural(count, "figure")) as bar:
        bar(0, None, "measuring")
        found = bench.run(args.subjects or bench.subjects(), quick=args.quick, progress=bar)
    if args.json:
        print_json(bench.document(found))
    else:
        print(table(bench.HEAD, bench.rows(found), right=(1, 3)))
    return 1 if bench.failed(found) else 0


def _record(subjects: list[str], target: Path, quick: bool) -> int:
    if len(subjects) != 1 or subjects[0] not in bench.curves():
        raise SimError("--curve is of one subject that has a curve", hint=f"choose of {', '.join(bench.curves())}")
    with Bar(amount=lambda count: plural(count, "row")) as bar:
        bar(0, None, "measuring")
        record = bench.record(subjects[0], quick=quick, progress=bar)
    with written_aside(target) as file:
        file.write((json.dumps(record, indent=1) + "\n").encode("utf-8"))
    return 0

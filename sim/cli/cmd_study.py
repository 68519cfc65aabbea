"""`sim study`: a table that others published, found again: expected, got, tolerance, met."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

from ..bench.study import ROWS, study
from ..bench.study.check import Check
from ..bench.study.sources import BESIDE, Sources
from .parser import Parser, add_json
from .progress import Bar
from .text import plural, print_json, table


def parser() -> Parser:
    """Return the command's parser."""
    found = Parser(
        "study", "Compute a published table again and compare. Exits 1 when a figure is out of its tolerance.",
        "  sim study 15\n  sim study 12 --data DIR\n  sim study 9 --scheduler tcp://127.0.0.1:8786"
        "\n  sim study 3 --json",
    )
    found.add_argument(
        "row", type=int, metavar="ROW", help=f"one of {', '.join(map(str, ROWS))}:"
        " 1-4 lazy pulls, 5-8 sizes and sharing of layers, 9-10 sharing of files and blocks, 11-13 requests and caches,"
        " 14 chunks, 15 a pull step by step",
    )
    found.add_argument(
        "--data", type=Path, default=BESIDE, metavar="DIR",
        help="the folder with recorded images and requests (default: ../shared/data beside the clone)",
    )
    found.add_argument(
        "--scheduler", metavar="ADDRESS", help="row 9: work on the Dask cluster of this scheduler (default: threads)"
    )
    add_json(found)
    return found


def run(args: argparse.Namespace) -> int:
    """Compute and print."""
    with Bar(amount=lambda count: plural(count, "image")) as bar:
        checks = study(args.row, Sources(args.data, args.scheduler, bar))
    if args.json:
        print_json({"row": args.row, "checks": [asdict(check) | {"met": check.met} for check in checks]})
    else:
        print(table(("figure", "expected", "got", "agrees within", "met"), map(_row, checks), right=(1, 2)))
    return 0 if all(check.met for check in checks) else 1


def _row(check: Check) -> tuple[str, ...]:
    expected, got, low, high = (
        f"{value:{',.0f' if abs(value) >= 1e4 else '.4g'}}{check.unit and ' ' + check.unit}"
        for value in (check.expected, check.got, check.low, check.high)
    )
    return check.name, expected, got, f"{low} .. {high}", "yes" if check.met else "NO"

"""`sim study`: a table that others published, found again: expected, got, tolerance, met."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from ..bench.study import STUDIES, study
from ..bench.study.check import Check
from .parser import Parser, add_json
from .text import print_json, table


def parser() -> Parser:
    """Return the command's parser."""
    found = Parser(
        "study", "Compute a published table again and compare. Exits 1 when a figure is out of its tolerance.",
        "  sim study 15\n  sim study 3 --json",
    )
    found.add_argument("row", type=int, metavar="ROW", help=f"one of {', '.join(map(str, sorted(STUDIES)))}")
    add_json(found)
    return found


def run(args: argparse.Namespace) -> int:
    """Compute and print."""
    checks = study(args.row)
    if args.json:
        print_json({"row": args.row, "checks": [asdict(check) | {"met": check.met} for check in checks]})
    else:
        print(table(("figure", "expected", "got", "agrees within", "met"), map(_row, checks), right=(1, 2)))
    return 0 if all(check.met for check in checks) else 1


def _row(check: Check) -> tuple[str, ...]:
    expected, got, low, high = (
        f"{value:.4g}{check.unit and ' ' + check.unit}" for value in (check.expected, check.got, check.low, check.high)
    )
    return check.name, expected, got, f"{low} .. {high}", "yes" if check.met else "NO"

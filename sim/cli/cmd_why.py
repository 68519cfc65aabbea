"""`sim why IMAGE PATH`: which layer supplies a path of the merged view, or hides it, and by which rule."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from ..errors import errno_name
from ..union.answer import Lookup, Said, Step, as_json
from ..union.lookup import resolve
from .image import add_path, checked, opened
from .options import add_image
from .parser import Parser, add_json
from .text import print_json, shown, symbol, table


def parser() -> Parser:
    """Return the command's parser."""
    found = Parser(
        "why", "Say which layer supplies a path of the merged view, or hides it: each layer asked, from the top"
        " down, and what it said. Exits 1 where nothing is there.",
        "  sim why sample:ubuntu-vim /usr/bin/vi\n  sim why app.tar /etc/motd --json",
    )
    add_image(found)
    add_path(found)
    add_json(found)
    return found


def run(args: argparse.Namespace) -> int:
    """Print the trace."""
    path = checked(args.path)
    found = resolve(opened(args.image, args).stack, path)
    if args.json:
        print_json(as_json(found))
    else:
        print("\n".join(_lines(found)))
    return 0 if found.found else 1


def _lines(found: Lookup) -> Iterator[str]:
    asked = (found.asked or found.path).lstrip("/")
    yield f"/{shown(asked)}"
    if found.trace:
        yield table(("layer", "", "said"), [_row(step, asked) for step in found.trace], right=[0])
    yield f"rule: {shown(found.rule)}"
    if not found.found:
        yield f"nothing there: {errno_name(found.errno)}"
    elif found.layer is None:
        yield "there, and no layer describes it"
    else:
        yield f"there, from layer {found.layer}"


def _row(step: Step, path: str) -> tuple[str, str, str]:
    return str(step.layer), _mark(step.said), shown(step.words(path).removeprefix(f"layer {step.layer} "))


def _mark(said: Said) -> str:
    if said is Said.FOUND:
        return symbol("✓", "+")
    if said in (Said.NOTHING, Said.IMPLIED):
        return symbol("·", ".")
    return symbol("→", ">") if said is Said.SYMLINK else symbol("✗", "x")

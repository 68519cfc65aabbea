"""`sim validate IMAGE`: recompute every digest and size, and name all that does not match.

Errors say that the image is not what it claims to be. Remarks say what is accepted here and refused, or shown
differently, by some engine: they leave the answer "valid".
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from ..image.validate import Finding, Noted, Verdict
from ..source import validate_image
from .documents import Json
from .options import add_image, limits_of
from .parser import Parser, add_json
from .progress import Bar
from .text import plural, print_json, shown

SHOWN_PATHS = 3
"""Paths that the text names for one kind of remark in one layer; the JSON has them all."""


def parser() -> Parser:
    """Return the command's parser."""
    found = Parser(
        "validate", "Recompute every digest and size of an image and name all that does not match; exits 1 if"
        " anything does not. Also tells what some engine would refuse, or show differently.",
        "  sim validate app.tar\n  sim validate app.tar --json",
    )
    add_image(found)
    add_json(found)
    return found


def run(args: argparse.Namespace) -> int:
    """Print the verdict."""
    with Bar() as bar:
        verdict = validate_image(
            args.image, platform=args.platform, limits=limits_of(args), progress=bar, insecure=args.insecure
        )
    if args.json:
        print_json(document(verdict))
    else:
        for line in _lines(args.image, verdict):
            print(line)
    return 0 if verdict.ok else 1


def document(verdict: Verdict) -> Json:
    """Return the document of ``sim validate``."""
    return {"ok": verdict.ok, "errors": [_error(it) for it in verdict.errors],
            "remarks": [_remark(it) for it in verdict.remarks]}


def _error(it: Finding) -> Json:
    return {"what": it.what, "where": it.where, "expected": it.expected, "found": it.found}


def _remark(it: Noted) -> Json:
    said = it.remark
    return {
        "layer": it.layer or None, "code": said.code, "path": said.path, "engines": list(said.engines),
        "words": said.words,
    }


def _lines(image: str, verdict: Verdict) -> Iterator[str]:
    for error in verdict.errors:
        values = "" if error.expected is None else f": expected {error.expected}"
        values += "" if error.found is None else f", found {error.found}"
        yield shown(f"error   {error.where}: {error.what}{values}")
    for (layer, code), notes in _by_kind(verdict.remarks).items():
        said = notes[0].remark
        at = f"layer {layer}" if layer else "image"
        yield shown(f"remark  {at}, {code}: {said.words}{_paths([it.remark.path for it in notes])}")
        if said.engines:
            yield f"        not as the specification says: {', '.join(said.engines)}"
    verdict_words = "valid: every digest and size matches" if verdict.ok else plural(len(verdict.errors), "error")
    more = f"; {plural(len(verdict.remarks), 'remark')}" if verdict.remarks else ""
    yield f"{shown(image)}: {verdict_words}{more}"


def _by_kind(remarks: tuple[Noted, ...]) -> dict[tuple[int, str], list[Noted]]:
    found: dict[tuple[int, str], list[Noted]] = {}
    for it in remarks:
        found.setdefault((it.layer, it.remark.code), []).append(it)
    return found


def _paths(paths: list[str]) -> str:
    named = [f"/{path}" for path in paths[:SHOWN_PATHS] if path]
    if not named:
        return ""
    rest = len(paths) - len(named)
    return f" ({', '.join(named)}{f' and {rest:,} more' if rest else ''})"

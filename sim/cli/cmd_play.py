"""`sim play FILE`: replay a terminal transcript, or the shell blocks of Markdown, in a fresh simulated world."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from ..engine.play import Played, entries, play, screen
from ..engine.preset import notes
from ..engine.transcript import MAX_TEXT
from ..errors import BadInput
from .parser import Parser, add_json
from .text import plural, print_json, shown


def parser() -> Parser:
    """Return the command's parser."""
    found = Parser(
        "play", "Replay a terminal transcript in a fresh simulated world: lines behind a prompt run, or lines of shell "
        "blocks in Markdown. A command is ok when it exits 0, or when the text below it shows an error of the same "
        "kind; other IDs, sizes, times and words are said and are no fault. Exits 1 when a command is not ok.",
        "  sim play notes.md\n  sim play - --json < session.txt",
    )
    found.add_argument("file", metavar="FILE", help="a transcript or Markdown; - for standard input")
    add_json(found)
    return found


def run(args: argparse.Namespace) -> int:
    """Play the file; 0 when every command is ok, 1 when one is not."""
    text = _read(args.file)
    preset = notes()
    entries(text, preset)
    if args.json:
        done = list(play(text, preset))
        print_json(document(done))
    else:
        done = []
        for line in preset.words:
            print(f"# preset: {line}")
        for one in play(text, preset):
            done.append(one)
            print()
            for said in screen(one):
                print("\n".join(_line(line) for line in said.text.split("\n")), end="")
        failed = sum(not one.ok for one in done)
        print(f"\n# {plural(len(done), 'command')}, " + ("all ok" if not failed else f"{failed} not ok"))
    return 0 if all(one.ok for one in done) else 1


def _line(text: str) -> str:
    return "\t".join(map(shown, text.split("\t")))


def document(done: list[Played]) -> dict[str, Any]:
    """Return the document of ``sim play --json``."""
    return {
        "ok": all(one.ok for one in done),
        "commands": [
            {"command": one.command, "exit": one.exit, "output": one.text, "ok": one.ok, "filled": dict(one.filled),
             "differs": one.differs, "line": one.entry.line}
            for one in done
        ],
    }


def _read(name: str) -> str:
    if name == "-":
        raw = sys.stdin.buffer.read(4 * MAX_TEXT + 1)
    else:
        with Path(name).open("rb") as file:
            raw = file.read(4 * MAX_TEXT + 1)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput("the file is no UTF-8 text", where=name, hint="save the transcript as UTF-8") from None

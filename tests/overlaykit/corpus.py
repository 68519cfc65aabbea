"""Recorded answers of a kernel: made by tests/peers/record_overlay.py, replayed without root."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sim.union.overlay import Options

from .answers import Inodes, differ, same_result
from .model import Model, directory_of
from .stacks import Layer, Operation

CORPUS = Path(__file__).resolve().parent.parent / "union" / "corpus"


def replay(stack: list[Layer], steps: list[tuple[Operation, Any]], options: str = "") -> str | None:
    """Do recorded operations on the model; return how the first one differs, or None."""
    directories = [directory_of(layer) for layer in stack]
    model = Model(directories, Options.parse(options))
    skip = "userxattr" in options
    inodes = Inodes(skip)
    for number, (op, theirs) in enumerate(steps, 1):
        found = None
        match op[0]:
            case "tree":
                found = differ(model.merged(), theirs["merged"], inodes) or differ(model.upper(), theirs["upper"],
                    inodes)
            case "remount":
                model.forget()
            case "upper":
                model = Model(directories, Options.parse(options), directory_of(op[1]))
            case "commit":
                directories.append(model.mount.upperdir)
                model, inodes = Model(directories, Options.parse(options)), Inodes(skip)
            case _:
                found = same_result(model.do(op), theirs, op[0], inodes)
        if found:
            return f"step {number} {json.dumps(op)}: {found}"
    return None


def load(name: str) -> Any:
    """Read a recorded file."""
    return json.loads((CORPUS / name).read_text(encoding="utf-8"))

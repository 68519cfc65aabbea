"""The learner's working copy of the lessons.

    notebooks/00_tour.ipynb  --first start-->  my-lessons/00_tour.ipynb
                                               my-lessons/.jupyter/copied.json   fingerprints of what was copied

On a later start, for each file of notebooks/:

    the copy is as it was copied        -> it is refreshed
    the learner changed it, we did not  -> it stays
    both changed                        -> it stays, and ours is put beside it once, as 00_tour.new.ipynb
    the learner removed it              -> it comes back: that is how to begin a lesson again

A notebook's fingerprint covers the kinds and sources of its cells alone: running a lesson does not change it,
and neither does JupyterLab's habit of saving an open notebook in its own layout.
"""

from __future__ import annotations

import hashlib
import json
import os
from itertools import count
from pathlib import Path, PurePosixPath

RECORD = ".jupyter/copied.json"


def refresh(lessons: Path, mine: Path) -> list[str]:
    """Bring the working copy up to date; return one sentence for each new version put beside a changed one.

    Parameters
    ----------
    lessons : Path
        The folder of the lessons as published; only read.
    mine : Path
        The working copy; made when absent.

    Raises
    ------
    OSError
        When the working copy cannot be written.
    """
    record = _read_record(mine)
    said: list[str] = []
    for source in sorted(lessons.rglob("*")):
        name = source.relative_to(lessons)
        if not source.is_file() or any(part.startswith(".") for part in name.parts):
            continue
        new = source.read_bytes()
        mark = fingerprint(source.name, new)
        before = record.get(name.as_posix())
        target = mine / name
        if not target.exists():
            _write(target, new)
        elif (now := fingerprint(target.name, target.read_bytes())) in (before, mark):
            if now != mark:
                _write(target, new)
        elif before != mark:
            beside = _beside(target, mine, record)
            _write(beside, new)
            record[beside.relative_to(mine).as_posix()] = mark
            said.append(f"{name} has a new version; yours is kept, and the new one is {beside.name}")
        record[name.as_posix()] = mark
    _write(mine / RECORD, json.dumps(record, indent=1, sort_keys=True).encode())
    return said


def fingerprint(name: str, data: bytes) -> str:
    """Return a digest of what a learner would change: a notebook's cells, any other file's bytes.

    >>> fingerprint("a.ipynb", b'{"cells": []}') == fingerprint("a.ipynb", b'{"cells": [], "metadata": {}}')
    True
    """
    if PurePosixPath(name).suffix == ".ipynb":
        try:
            cells = [(cell["cell_type"], "".join(cell["source"])) for cell in json.loads(data)["cells"]]
            data = json.dumps(cells).encode()
        except (ValueError, TypeError, KeyError):
            pass  # Not a notebook any more: then every byte counts.
    return hashlib.sha256(data).hexdigest()


def _beside(target: Path, mine: Path, record: dict[str, str]) -> Path:
    """Return the first name of 00_tour.new.ipynb, 00_tour.new2.ipynb ... that holds none of the learner's work."""
    for number in count(1):
        path = target.with_suffix(f".new{number if number > 1 else ''}{target.suffix}")
        ours = record.get(path.relative_to(mine).as_posix())
        if not path.exists() or fingerprint(path.name, path.read_bytes()) == ours:
            break
    return path


def _read_record(mine: Path) -> dict[str, str]:
    try:
        record = json.loads((mine / RECORD).read_bytes())
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(path.name + ".part")
    aside.write_bytes(data)
    os.replace(aside, path)

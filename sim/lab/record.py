"""A learner's record: predictions made and answers seen, in one JSON file that is never half written.

    $SIM_HOME/progress.json     {"version": 1, "predictions": {"01.one-byte": 3}, "seen": ["01.one-byte"],
                                 "exercises": {"02.listing#3": 27}, "solved": ["01.here"]}

A damaged file is refused with the reason and left as it is: somebody's work may still be in it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ..content.durable import make_folder, written_aside
from ..errors import BadInput, SimError

FILE = "progress.json"
VERSION = 1
_HINT = "move it away to begin anew, or restore a copy of it"
_ELSEWHERE = "set SIM_HOME to a folder of yours"


@dataclass(frozen=True, slots=True)
class Record:
    """What a learner has done.

    Attributes
    ----------
    predictions : mapping of question to choice
        Choices count from 1.
    seen : frozenset of str
        Questions whose answer was shown.
    exercises : mapping of variant to misconception
        A variant is an exercise's name, ``#`` and its seed; 0 stands for a right answer at the first try.
    solved : frozenset of str
        Tasks with a right answer, at whichever try.
    """

    predictions: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    seen: frozenset[str] = frozenset()
    exercises: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    solved: frozenset[str] = frozenset()

    def predicted(self, question: str, choice: int) -> Record:
        """Return the record with a prediction; one made after the answer was seen does not count."""
        if question in self.seen:
            return self
        return replace(self, predictions=MappingProxyType({**self.predictions, question: choice}))

    def shown(self, question: str) -> Record:
        """Return the record with an answer seen."""
        return replace(self, seen=self.seen | {question})

    def tried(self, variant: str, misconception: int) -> Record:
        """Return the record with the answer to an exercise's variant; only the first one counts."""
        return replace(self, exercises=MappingProxyType({variant: misconception, **self.exercises}))

    def done(self, task: str) -> Record:
        """Return the record with a task solved."""
        return replace(self, solved=self.solved | {task})

    def joined(self, other: Record) -> Record:
        """Return what is in either record; where both have an answer, the other's."""
        return Record(
            MappingProxyType({**self.predictions, **other.predictions}), self.seen | other.seen,
            MappingProxyType({**self.exercises, **other.exercises}), self.solved | other.solved,
        )


def load(folder: Path) -> Record:
    """Read the record; an empty one where there is no file.

    Raises
    ------
    BadInput
        The file is damaged, or of a later version.
    """
    path = folder / FILE
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return Record()
    except OSError as error:
        raise SimError(f"{path} cannot be read: {error.strerror}", hint=_ELSEWHERE) from None
    return parsed(data, str(path))


def parsed(data: bytes | str, where: str) -> Record:
    """Return the record that a text holds; `BadInput` names `where` it is damaged."""
    try:
        value = json.loads(data)
    except ValueError as error:
        raise BadInput(f"damaged, not JSON: {error}", where=where, hint=_HINT) from None
    if not isinstance(value, dict) or value.get("version") != VERSION:
        raise BadInput(f"not a record of version {VERSION}", where=where, hint=_HINT)
    predictions: Any = value.get("predictions")
    seen: Any = value.get("seen")
    # Records of before there were exercises have none, nor solved tasks.
    exercises: Any = value.get("exercises", {})
    solved: Any = value.get("solved", [])
    good = (
        all(isinstance(one, dict) and all(type(said) is int for said in one.values())
            for one in (predictions, exercises))
        and all(isinstance(one, list) and all(isinstance(name, str) for name in one) for one in (seen, solved))
    )
    if not good:
        raise BadInput("damaged: its parts are not what they should be", where=where, hint=_HINT)
    return Record(MappingProxyType(predictions), frozenset(seen), MappingProxyType(exercises), frozenset(solved))


def text(record: Record) -> str:
    """Return a record as it is written."""
    value = {
        "version": VERSION, "predictions": dict(record.predictions), "seen": sorted(record.seen),
        "exercises": dict(record.exercises), "solved": sorted(record.solved),
    }
    return json.dumps(value, indent=1, sort_keys=True) + "\n"


def save(folder: Path, record: Record) -> None:
    """Write the record, and keep it where a browser keeps things."""
    from .keeping import keep

    write(folder, record)
    keep(record)


def write(folder: Path, record: Record) -> None:
    """Write the record; the old file stays until the new one is whole."""
    try:
        make_folder(folder)
        with written_aside(folder / FILE) as file:
            file.write(text(record).encode("utf-8"))
    except OSError as error:
        raise SimError(f"{folder} cannot be written: {error.strerror}", hint=_ELSEWHERE) from None

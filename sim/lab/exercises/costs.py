"""Exercises on what operations cost: what a container's own layer holds, what an image stores for nothing.

Byte counts come from mounts of the model's own: each operation is done on one, and its upperdir is weighed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce
from random import Random

from ...content.data import Extent
from ...dedup.copies import Copy, Fate, copies
from ...fs.changeset import ChangeSet
from ...fs.entry import Kind
from ...union.overlay import Directory, OverlayMount, directory, mount
from ..plates import listing
from ..text import t
from .kinds import MB, Belief, Family, Row

EMPTY = directory({})


def sized(size: int) -> Extent:
    """Return a file's content of which only the size counts."""
    return Extent(size, lambda: iter((bytes(size),)))


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that is done to a file: `verb` is make, append, chmod or rm; `size` in bytes."""

    verb: str
    path: str
    size: int = 0

    @property
    def line(self) -> str:
        """As it is typed."""
        if self.verb in ("make", "append"):
            place = f"of={self.path}" if self.verb == "make" else f">> {self.path}"
            return f"dd if=/dev/zero bs=1000000 count={self.size // MB} {place}"
        return f"chmod 600 {self.path}" if self.verb == "chmod" else f"rm {self.path}"


Step = tuple[Operation, ...]
"""What one instruction does: one layer."""


def done(box: OverlayMount, operation: Operation) -> OverlayMount:
    """Do an operation on a mount."""
    path, data = operation.path, sized(operation.size)
    match operation.verb:
        case "make":
            return box.put(path, data)[0]
        case "append":
            return box.append(path, data)[0]
        case "chmod":
            return box.chmod(path, 0o600)[0]
        case _:
            return box.unlink(path)[0]


def weight(upper: Directory) -> int:
    """Return the bytes of a layer directory's files."""
    return sum(entry.size for _, entry in upper.entries() if entry.kind is Kind.FILE)


def uppers(steps: Sequence[Step], base: Sequence[Directory] = ()) -> tuple[Directory, ...]:
    """Return the directory that each step adds to those below it."""
    lowers = [*base] or [EMPTY]
    start = len(lowers)
    for step in steps:
        lowers.append(reduce(done, step, mount(lowers)).upperdir)
    return tuple(lowers[start:])


def total(steps: Sequence[Step]) -> int:
    """Return the bytes of all layers that the steps make."""
    return sum(map(weight, uppers(steps)))


def without(steps: Sequence[Step], verb: str) -> tuple[Step, ...]:
    """Leave out what somebody thinks costs nothing."""
    return tuple(tuple(one for one in step if one.verb != verb) for step in steps)


@dataclass(frozen=True, slots=True)
class Box:
    """A container: the files of its image, and what is done in it."""

    files: Step
    does: Step


def _box(lots: Random) -> Box:
    files = tuple(Operation("make", f"/opt-{name}", size * MB)
                  for name, size in zip("abc", lots.sample(range(5, 90), 3), strict=True))
    verbs = ["chmod", *lots.sample(["append", "rm"], lots.randint(1, 2))]
    does = [Operation(verb, one.path, MB * (verb == "append")) for verb, one in zip(verbs, files, strict=False)]
    if lots.random() < 0.5:
        does.append(Operation("make", "/new", lots.randint(2, 9) * MB))
    return Box(files, tuple(lots.sample(does, len(does))))


def held(box: Box, does: Step | None = None) -> int:
    """Return the bytes in the container's own layer."""
    return weight(uppers([box.does if does is None else does], uppers([box.files]))[0])


def _small_edits(box: Box) -> int | None:
    edited = [one for one in box.does if one.verb == "append"]
    small = tuple(Operation("make", f"/edit{one.path[1:]}", one.size) if one in edited else one for one in box.does)
    return held(box, small) if edited else None


def _freed(box: Box) -> int | None:
    sizes = {one.path: one.size for one in box.files}
    gone = sum(sizes[one.path] for one in box.does if one.verb == "rm")
    return max(0, held(box) - gone) if gone else None


def _box_rows(box: Box, lang: str) -> tuple[Row, ...]:
    files = [t("exercise.row.file", lang, path=one.path, size=one.size // MB) for one in box.files]
    given = Row(t("exercise.row.image", lang), listing(files, lang))
    return (given, *(Row(f"{place}.", one.line) for place, one in enumerate(box.does, 1)))


WRITTEN: Family[Box] = Family(
    "03.written", _box, held,
    (
        Belief("chmod", 2, lambda box: held(box, without([box.does], "chmod")[0])),
        Belief("edit", 18, _small_edits),
        Belief("rm", 1, _freed),
    ),
    _box_rows, "bytes",
)


# ---- what is stored and never seen


def steps_drawn(lots: Random, verbs: Sequence[str]) -> tuple[Step, ...]:
    """Draw 2 files that are made, then a layer for each verb, done to one of them."""
    sizes = lots.sample(range(5, 95), 2 + len(verbs))
    made = [Operation("make", f"/{name}", size * MB) for name, size in zip("ab", sizes, strict=False)]
    later = [Operation(verb, one.path, sizes[2] * MB * (verb == "make"))
             for verb, one in zip(verbs, lots.sample(made, 2), strict=False)]
    return *((one,) for one in made), *((one,) for one in later)


def change_sets(steps: Sequence[Step]) -> tuple[ChangeSet, ...]:
    """Return the same layers as they are stored in an image."""
    found = []
    for upper in uppers(steps):
        entries = {path: entry for path, entry in upper.entries() if path and entry.kind is Kind.FILE}
        gone = {path for path, entry in upper.entries() if entry.kind is Kind.CHAR}
        found.append(ChangeSet(entries, gone, set()))
    return tuple(found)


@lru_cache(maxsize=4)
def _copies(steps: tuple[Step, ...]) -> tuple[Copy, ...]:
    return copies(change_sets(steps))


def _fates(steps: Sequence[Step], *counted: Fate) -> int:
    return sum(copy.size for copy in _copies(tuple(steps)) if copy.fate in counted)


def hidden(steps: Sequence[Step]) -> int:
    """Return the bytes that are stored and not seen."""
    return _fates(steps, *(fate for fate in Fate if fate is not Fate.LIVE))


def step_rows(steps: Sequence[Step], lang: str) -> tuple[Row, ...]:
    """Tell steps as layers, top first."""
    found = [Row(t("look.layer", lang, n=number), " && ".join(one.line for one in step), number)
             for number, step in enumerate(steps, 1)]
    return tuple(found[::-1])


def _hides(lots: Random) -> tuple[Step, ...]:
    return steps_drawn(lots, ("rm", lots.choice(("make", "chmod"))))


def _less(steps: Sequence[Step], fate: Fate) -> int | None:
    """Return what is hidden, without one way of hiding; None where nothing is hidden that way."""
    passed_over = _fates(steps, fate)
    return hidden(steps) - passed_over if passed_over else None


HIDDEN: Family[tuple[Step, ...]] = Family(
    "10.hidden", _hides, hidden,
    (
        Belief("gone", 19, lambda steps: _less(steps, Fate.DELETED)),
        Belief("chmod", 2, lambda steps: _less(steps, Fate.ATTRIBUTES)),
        Belief("edit", 18, lambda steps: _less(steps, Fate.OVERWRITTEN)),
    ),
    step_rows, "bytes",
)

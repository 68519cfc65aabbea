"""Exercises on stacks of layers: what is seen of them, what a container's layer holds, what is stored for nothing.

Byte counts come from a mount of the model's own: each operation is done on it, and its upperdir is weighed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from random import Random

from ..content.data import Extent
from ..dedup.copies import Fate, copies
from ..fs.changeset import ChangeSet
from ..fs.entry import Kind
from ..fs.sketch import directory, file, opaque, sketch, whiteout
from ..union.index import Index
from ..union.overlay import Directory, OverlayMount, mount
from ..union.overlay import directory as layer_directory
from .exercise_kinds import MB, Belief, Family, Row
from .plates import listing
from .text import t

NAMES = ("app", "conf", "data", "log", "tmp", "www")
HOST = ("backup", "ftp")
"""What the host has in its own /srv."""
PLACE = "/srv"
EMPTY = layer_directory({})


def sized(size: int) -> Extent:
    """Return a file's content of which only the size counts."""
    return Extent(size, lambda: iter((bytes(size),)))


# ---- what a directory shows


def _stack(lots: Random) -> tuple[ChangeSet, ...]:
    """Return 3 or 4 layers that write, delete and make anew below one directory."""
    count = lots.choice((3, 3, 4))
    renewed = lots.randint(2, count)
    layers = [sketch(directory(PLACE), *(file(f"{PLACE}/{name}", b"1") for name in lots.sample(NAMES, 4)))]
    for number in range(2, count + 1):
        held = lots.sample(NAMES, lots.randint(1, 2))
        there = [name for name in Index.of(layers).readdir(PLACE[1:]) if name not in held]
        gone = lots.sample(there, min(len(there), lots.randint(0, 1))) if number != renewed else []
        layers.append(sketch(
            directory(PLACE), *(file(f"{PLACE}/{name}", b"%d" % number) for name in held),
            *(whiteout(f"{PLACE}/{name}") for name in gone), *(opaque(PLACE),) * (number == renewed),
        ))
    return tuple(layers)


def listed(layers: Sequence[ChangeSet]) -> tuple[str, ...]:
    """Return what the merged view shows in the directory."""
    return tuple(sorted(Index.of(layers).readdir(PLACE[1:])))


def _merged_all(layers: Sequence[ChangeSet]) -> tuple[str, ...]:
    return listed([ChangeSet(layer.entries, layer.whiteouts, frozenset()) for layer in layers])


def _layer_words(layer: ChangeSet, lang: str) -> str:
    held = [f"/{path}" for path, entry in layer.entries.items() if entry.kind is Kind.FILE]
    parts = [t("exercise.row.anew", lang, path=PLACE)] if layer.opaques else []
    parts += [t("exercise.row.holds", lang, what=listing(held, lang))] if held else []
    parts += [t("exercise.row.whiteout", lang, what=listing([f"/{path}" for path in sorted(layer.whiteouts)], lang))
              ] if layer.whiteouts else []
    return ("；" if lang == "zh" else "; ").join(parts)


def _stack_rows(layers: Sequence[ChangeSet], lang: str) -> tuple[Row, ...]:
    found = [
        Row(t("look.layer", lang, n=number), _layer_words(layer, lang), number)
        for number, layer in enumerate(layers, 1)
    ]
    host = Row(t("exercise.row.host", lang), listing([f"{PLACE}/{name}" for name in HOST], lang))
    return (*found[::-1], host)


LISTING: Family[tuple[ChangeSet, ...]] = Family(
    "02.listing", _stack, listed,
    (
        Belief("merge", 27, _merged_all),
        Belief("top", 32, lambda layers: listed(layers[-1:])),
        Belief("host", 31, lambda layers: tuple(sorted({*listed(layers), *HOST}))),
    ),
    _stack_rows, "names",
)


# ---- what operations cost


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


def _fates(steps: Sequence[Step], *counted: Fate) -> int:
    return sum(copy.size for copy in copies(change_sets(steps)) if copy.fate in counted)


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

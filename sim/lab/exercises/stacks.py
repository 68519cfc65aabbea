"""The exercise on stacks of layers: what a directory shows where layers write, delete and make it anew."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from ...fs.changeset import ChangeSet
from ...fs.entry import Kind
from ...fs.sketch import directory, file, opaque, sketch, whiteout
from ...union.index import Index
from ..plates import listing
from ..text import t
from .kinds import Belief, Family, Row

NAMES = ("app", "conf", "data", "log", "tmp", "www")
HOST = ("backup", "ftp")
"""What the host has in its own /srv."""
PLACE = "/srv"


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

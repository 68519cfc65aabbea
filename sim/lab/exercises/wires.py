"""Exercises on transfers: which layers a pull fetches and a push sends, and which of its sizes counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from random import Random

from ...content.sizes import human_size
from ...dedup.sharing import share
from ..text import t
from .kinds import MB, Belief, Family, Row


@dataclass(frozen=True, slots=True)
class Piece:
    """A layer: its blob, its files, and whether the host has it already; bytes."""

    number: int
    blob: int
    files: int
    here: bool


Pieces = tuple[Piece, ...]


def _pull(lots: Random) -> Pieces:
    count = lots.randint(3, 5)
    shared = lots.randint(1, count - 1)
    blobs = lots.sample(range(3, 60), count)
    return tuple(
        Piece(number, blob * MB, (2 * blob + lots.randint(0, blob)) * MB, number <= shared)
        for number, blob in enumerate(blobs, 1)
    )


def fetched(pieces: Pieces) -> int:
    """Return the bytes that a pull fetches: blobs whose digests are not there."""
    here = [(one.number, one.blob) for one in pieces if one.here]
    every = [*here, *((one.number, one.blob) for one in pieces)]
    return share(every).unique_bytes - share(here).unique_bytes


def _pull_rows(pieces: Pieces, lang: str) -> tuple[Row, ...]:
    found = []
    for one in pieces:
        sizes = t("exercise.row.sizes", lang, blob=human_size(one.blob), files=human_size(one.files))
        here = t("exercise.row.here", lang) if one.here else t("exercise.row.away", lang)
        found.append(Row(t("look.layer", lang, n=one.number), f"{sizes}{'；' if lang == 'zh' else '; '}{here}",
                         one.number))
    return tuple(found[::-1])


PULL: Family[Pieces] = Family(
    "01.pull", _pull, fetched,
    (
        Belief("all", 12, lambda pieces: sum(one.blob for one in pieces)),
        Belief("unpacked", 13, lambda pieces: sum(one.files for one in pieces if not one.here)),
    ),
    _pull_rows, "bytes",
)


class Known(StrEnum):
    """Where this host has pushed a layer before."""

    SAME = "same"
    OTHER = "other"
    ELSEWHERE = "elsewhere"
    NOWHERE = "nowhere"

    @property
    def sent(self) -> bool:
        """Whether the layer is sent: another registry does not help, another repository of this one is mounted from."""
        return self in (Known.ELSEWHERE, Known.NOWHERE)


Load = tuple[tuple[int, Known], ...]
"""The layers' blobs in bytes, base first, and where each is known."""


def _push(lots: Random) -> Load:
    places = [Known.ELSEWHERE, *lots.choices(list(Known), k=lots.randint(2, 3))]
    sizes = lots.sample(range(3, 60), len(places))
    return tuple(zip((size * MB for size in sizes), lots.sample(places, len(places)), strict=True))


def _sum(load: Load, places: Iterable[Known]) -> int:
    wanted = set(places)
    return sum(size for size, known in load if known in wanted)


def sent(load: Load) -> int:
    """Return the bytes of layers that a push sends."""
    return _sum(load, (known for known in Known if known.sent))


def _push_rows(load: Load, lang: str) -> tuple[Row, ...]:
    found = [
        Row(t("look.layer", lang, n=number), f"{human_size(size)}{'；' if lang == 'zh' else '; '}"
            + t(f"exercise.known.{known}", lang), number)
        for number, (size, known) in enumerate(load, 1)
    ]
    return tuple(found[::-1])


PUSH: Family[Load] = Family(
    "09.push", _push, sent,
    (
        Belief("known", 21, lambda load: _sum(load, [Known.NOWHERE])),
        Belief("whole", 12, lambda load: _sum(load, Known)),
        Belief("again", 21, lambda load: _sum(load, set(Known) - {Known.SAME})),
    ),
    _push_rows, "bytes",
)

"""Pictures of exercises: of each the variant with the longest words, and one more."""

from __future__ import annotations

from collections.abc import Callable

from sim.lab.exercises import EXERCISES, drawn, given_picture
from sim.lab.svg import Picture

Figure = Callable[[str, bool], Picture]


def _given(name: str, seed: int) -> Figure:
    return lambda lang, big: given_picture(drawn(name, seed), lang=lang, projector=big)


def _longest(name: str) -> int:
    """Return the seed, of 100, with the most words."""
    family = EXERCISES[name]
    return max(range(100), key=lambda seed: sum(len(row.words) for row in family.rows(drawn(name, seed).state, "en")))


EXERCISE_FIGURES: dict[str, Figure] = {
    f"exercise {name} {which}": _given(name, seed)
    for name in EXERCISES for which, seed in (("first", 1), ("longest", _longest(name)))
}

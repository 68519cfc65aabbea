"""Exercises that are drawn, not written: lots give a state, the model the right answer, misconceptions the wrong ones.

    seed --draw--> state --answer--> right                    each wrong choice is what somebody would answer
                         --beliefs-> wrong, wrong ...         who holds one misconception, and says so

A state is drawn again where two choices would be equal, where the misconception that is aimed at gives the right
answer, or where fewer than two wrong choices are left: a variant that is shown tells one belief from another.
The words are in `texts.exercises`, under ``exercise.NAME.``
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any, Generic, TypeVar

from ...content.sizes import human_size
from ...errors import SimError
from ..plates import listing
from ..text import LANGUAGES, t

S = TypeVar("S")
Answer = int | tuple[str, ...]
"""A number of bytes, a count, or names in order."""

MB = 1_000_000
ATTEMPTS = 1000
"""So often a state is drawn again before a seed is given up; the tests see no seed that needs 100."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of what is given.

    Attributes
    ----------
    name : str
        What it is, in one word or two.
    words : str
    layer : int
        The number of the layer that it is, the base 1; 0 where it is none.
    """

    name: str
    words: str
    layer: int = 0


@dataclass(frozen=True, slots=True)
class Belief(Generic[S]):
    """How somebody with a misconception answers.

    Attributes
    ----------
    key : str
        Of its feedback.
    misconception : int
        Its number, 1 to 34.
    answer : callable
        None where it leads to no answer of its own.
    """

    key: str
    misconception: int
    answer: Callable[[S], Answer | None]


@dataclass(frozen=True, slots=True)
class Family(Generic[S]):
    """All variants of one exercise.

    Attributes
    ----------
    name : str
        The number of the lesson that teaches it, a point, a word.
    draw : callable
        Returns a state; lots come from the generator that it is given alone.
    answer : callable
        Computes the right answer.
    beliefs : tuple of Belief
        The first is the one that the exercise aims at.
    rows : callable
        Tells a state in a language; layers top first, commands in their order.
    unit : {"bytes", "count", "names"}
        What an answer is.
    """

    name: str
    draw: Callable[[Random], S]
    answer: Callable[[S], Answer]
    beliefs: tuple[Belief[S], ...]
    rows: Callable[[S, str], tuple[Row, ...]]
    unit: str

    @property
    def aim(self) -> int:
        """The misconception that the exercise tells from the truth."""
        return self.beliefs[0].misconception

    def said(self, answer: Answer, lang: str) -> str:
        """Return an answer in words."""
        if isinstance(answer, tuple):
            return listing(answer, lang) if answer else t("exercise.nothing", lang)
        return human_size(answer) if self.unit == "bytes" else str(answer)


@dataclass(frozen=True, slots=True)
class Option:
    """One choice: `belief` is None for the right one."""

    answer: Answer
    belief: Belief[Any] | None

    @property
    def misconception(self) -> int:
        """The number of the misconception that it shows, 0 for none."""
        return self.belief.misconception if self.belief else 0


@dataclass(frozen=True, slots=True)
class Variant:
    """One exercise as it is shown.

    Attributes
    ----------
    family : Family
    seed : int
    state : object
    options : tuple of Option
        In the order in which they are shown.
    """

    family: Family[Any]
    seed: int
    state: Any
    options: tuple[Option, ...]

    @property
    def right(self) -> int:
        """The place of the right choice, from 1."""
        return next(place for place, option in enumerate(self.options, 1) if option.belief is None)


def options(family: Family[S], state: S) -> tuple[Option, ...]:
    """Return the choices of a state, the right one first; none where the state is no exercise."""
    wrong = (Option(said, belief) for belief in family.beliefs if (said := belief.answer(state)) is not None)
    found = (Option(family.answer(state), None), *wrong)
    aimed = any(option.misconception == family.aim for option in found)
    different = all(
        len({family.said(option.answer, lang) for option in found}) == len(found) for lang in LANGUAGES
    )
    return found if aimed and different and len(found) >= 3 else ()


def variant(family: Family[Any], seed: int) -> Variant:
    """Draw a variant: the same one for the same seed, on every machine.

    Raises
    ------
    SimError
        No state of this seed makes an exercise.
    """
    for attempt in range(ATTEMPTS):
        lots = Random(f"{family.name} {seed} {attempt}")
        state = family.draw(lots)
        found = options(family, state)
        if found:
            return Variant(family, seed, state, tuple(lots.sample(found, len(found))))
    raise SimError(f"the seed {seed} makes no exercise {family.name}", hint="take another seed")

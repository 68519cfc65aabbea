"""The states that sections of lessons start from: what `lab.goto` knows.

    05.1  the host of the notes        05.2  that, and what section 1 of lesson 05 typed        ...

A section's lines are those of its cells in the notebook; a test runs the notebook and compares the worlds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial

from ..engine.internet import CLOUD, HOST, new_world, with_account
from ..engine.preset import ACCOUNT, PASSWORD, notes
from ..engine.terminal import Seat, step
from ..engine.world import World, frozen

Lines = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Beginning:
    """A world to begin with, the host where one sits, and passwords by registry."""

    world: World
    host: str
    passwords: Mapping[str, str]


@cache
def beginning() -> Beginning:
    """Return what a new lab has: a host with an empty docker, and an account at the cloud's registry."""
    return Beginning(with_account(new_world(), CLOUD, ACCOUNT, PASSWORD), HOST, frozen({CLOUD: PASSWORD}))



def after(start: Callable[[], Seat], *sections: Lines) -> list[Callable[[], Seat]]:
    """Return the states that some sections start from: `start`, and after each section but the last."""
    found = [start]
    for lines in sections[:-1]:
        found.append(cache(partial(_typed, found[-1], lines)))
    return found


def _typed(start: Callable[[], Seat], lines: Lines) -> Seat:
    seat = start()
    for line in lines:
        seat, _ = step(seat, line)
    return seat


def _new() -> Seat:
    return Seat(beginning().world)


def _notes() -> Seat:
    return Seat(notes().world)


PLACES: dict[str, Callable[[], Seat]] = {
    "new": _new, "notes": _notes,
}
"""By name: a lesson's number, a point, a section's number; ``new`` and ``notes`` are the two beginnings."""

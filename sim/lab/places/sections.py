"""How the states come about that sections of lessons start from: a beginning, and what was done since.

    start --section 1--> state of section 2 --section 2--> state of section 3 ...

What is done is a line that is typed, or a function from one seat to the next: a text in an editor, a click.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import cache, partial

from ...engine.terminal import Seat, step
from ...engine.world import World

Start = Callable[[], Seat]
Step = str | Callable[[Seat], Seat]
Steps = tuple[Step, ...]


def done(seat: Seat, steps: Iterable[Step]) -> Seat:
    """Return the seat after some steps.

    Examples
    --------
    >>> from sim.engine.internet import new_world
    >>> seat = done(Seat(new_world()), ["docker pull -q busybox", entered("vim /note", typed="hi")])
    >>> seat.world.hosts["cyo57"].files.read("/note")
    b'hi'
    """
    for one in steps:
        seat = step(seat, one)[0] if isinstance(one, str) else one(seat)
    return seat


def entered(line: str, *, typed: str | None = None, answers: Sequence[str] = ()) -> Step:
    """Return the step of a line with what is typed into its editor, or at its prompts."""
    return lambda seat: step(seat, line, typed=typed, answers=answers)[0]


def changed(change: Callable[..., World], *arguments: str) -> Step:
    """Return the step that changes the world otherwise than by a line, such as in a cloud's console."""
    return lambda seat: replace(seat, world=change(seat.world, *arguments))


def begun(start: Start, steps: Steps) -> Start:
    """Return a beginning with some steps done, made when it is first asked for."""
    return cache(partial(_begun, start, steps))


def sections(lesson: str, start: Start, *steps: Steps) -> dict[str, Start]:
    """Return the states of a lesson's sections by name; `steps` are those of each section, the last one's unused."""
    found = [start]
    for some in steps[:-1]:
        found.append(begun(found[-1], some))
    return {f"{lesson}.{number}": place for number, place in enumerate(found, 1)}


def _begun(start: Start, steps: Steps) -> Seat:
    return done(start(), steps)

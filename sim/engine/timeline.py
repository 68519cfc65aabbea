"""Step back and forward: the worlds that a learner went through, and the commands between them.

    begin --pull--> w1 --run--> w2 --commit--> w3          undo: w2 is the present again, w3 waits
                                 `--rm------> w4           a new command from there drops what waited

A world is a value, so undo is to look at an earlier one. Bytes stay in the stock; what reached the outside (a real
push) stays there, and undo says so.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..errors import SimError
from .world import World

MAX_STEPS = 1000
"""Worlds that are kept; older ones are let go, one by one."""


@dataclass(frozen=True, slots=True)
class Step:
    """A command and the world after it.

    Attributes
    ----------
    command : str
        As it was typed.
    world : World
    irreversible : str or None
        What it did that no undo takes back.
    """

    command: str
    world: World
    irreversible: str | None = None


@dataclass(frozen=True, slots=True)
class History:
    """The worlds behind and ahead of the present one.

    Attributes
    ----------
    begin : World
        Before the first command that is kept.
    done : tuple of Step
        Oldest first; the last one's world is the present.
    ahead : tuple of Step
        What was undone, the next first.

    Examples
    --------
    >>> history = History(World({}))
    >>> later = history.after("docker ps", World({}, seed=1))
    >>> later.world.seed, later.undo().world.seed, later.undo().redo().world.seed, later.commands
    (1, 0, 1, ('docker ps',))
    """

    begin: World
    done: tuple[Step, ...] = ()
    ahead: tuple[Step, ...] = ()

    @property
    def world(self) -> World:
        """The present."""
        return self.done[-1].world if self.done else self.begin

    @property
    def commands(self) -> tuple[str, ...]:
        """The commands that led here: typed again from `begin`, they give this world again."""
        return tuple(step.command for step in self.done)

    def after(self, command: str, world: World, irreversible: str | None = None) -> History:
        """Return the history after a command; what was undone before it is dropped."""
        done = (*self.done, Step(command, world, irreversible))
        if len(done) > MAX_STEPS:
            return History(done[0].world, done[1:])
        return History(self.begin, done)

    def undo(self) -> History:
        """Go back one command; `SimError` at the beginning."""
        if not self.done:
            raise SimError("there is nothing to undo", hint="this is the world as it began")
        *left, last = self.done
        return replace(self, done=tuple(left), ahead=(last, *self.ahead))

    def redo(self) -> History:
        """Go forward again; `SimError` where nothing was undone."""
        if not self.ahead:
            raise SimError("there is nothing to redo", hint="a new command drops what was undone before it")
        first, *left = self.ahead
        return replace(self, done=(*self.done, first), ahead=tuple(left))

    def reset(self) -> History:
        """Go back to the beginning; redo leads forward again."""
        return History(self.begin, (), (*self.done, *self.ahead))

    @property
    def outside(self) -> str | None:
        """What the last command did that an undo will not take back, None for nothing."""
        return self.done[-1].irreversible if self.done else None

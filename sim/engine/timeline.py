"""Step back and forward: the states that a learner went through, and the commands between them.

    begin --pull--> s1 --run--> s2 --commit--> s3          undo: s2 is the present again, s3 waits
                                 `--rm------> s4           a new command from there drops what waited

A state is a value, a world or a seat before it, so undo is to look at an earlier one. Bytes stay in the stock; what
reached the outside (a real push) stays there, and undo says so.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from ..errors import SimError

S = TypeVar("S")
MAX_STEPS = 1000
"""States that are kept; older ones are let go, one by one."""


@dataclass(frozen=True, slots=True)
class Step(Generic[S]):
    """A command and the state after it.

    Attributes
    ----------
    command : str
        As it was typed; empty for a change that no command made.
    state : S
    typed : str or None
        What was typed into the editor that it started.
    irreversible : str or None
        What it did that no undo takes back.
    """

    command: str
    state: S
    typed: str | None = None
    irreversible: str | None = None


@dataclass(frozen=True, slots=True)
class History(Generic[S]):
    """The states behind and ahead of the present one.

    Attributes
    ----------
    begin : S
        Before the first command that is kept.
    done : tuple of Step
        Oldest first; the last one's state is the present.
    ahead : tuple of Step
        What was undone, the next first.

    Examples
    --------
    >>> later = History(0).after("docker ps", 1)
    >>> later.state, later.undo().state, later.undo().redo().state, later.commands
    (1, 0, 1, ('docker ps',))
    """

    begin: S
    done: tuple[Step[S], ...] = ()
    ahead: tuple[Step[S], ...] = ()

    @property
    def state(self) -> S:
        """The present."""
        return self.done[-1].state if self.done else self.begin

    @property
    def commands(self) -> tuple[str, ...]:
        """The commands that led here: typed again from `begin`, they give this state again."""
        return tuple(step.command for step in self.done)

    def after(self, command: str, state: S, *, typed: str | None = None, irreversible: str | None = None) -> History[S]:
        """Return the history after a command; what was undone before it is dropped."""
        done = (*self.done, Step(command, state, typed, irreversible))
        if len(done) > MAX_STEPS:
            return History(done[0].state, done[1:])
        return History(self.begin, done)

    def undo(self) -> History[S]:
        """Go back one command; `SimError` at the beginning."""
        if not self.done:
            raise SimError("there is nothing to undo", hint="this is the world as it began")
        *left, last = self.done
        return replace(self, done=tuple(left), ahead=(last, *self.ahead))

    def redo(self) -> History[S]:
        """Go forward again; `SimError` where nothing was undone."""
        if not self.ahead:
            raise SimError("there is nothing to redo", hint="a new command drops what was undone before it")
        first, *left = self.ahead
        return replace(self, done=(*self.done, first), ahead=tuple(left))

    def reset(self) -> History[S]:
        """Go back to the beginning; redo leads forward again."""
        return History(self.begin, (), (*self.done, *self.ahead))

    @property
    def outside(self) -> str | None:
        """What the last command did that an undo will not take back, None for nothing."""
        return self.done[-1].irreversible if self.done else None

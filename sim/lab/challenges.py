"""Goals as a learner meets them: what the world is to be like, hints one by one, and what a wrong state shows.

    lab.goal("private")     goes to the state that it begins with, and says what is wanted
    lab.hint()              the misconception that the world shows, where it shows one, and the next hint
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import BadInput
from .prompts import Words, plain
from .text import t
from .texts.goals import GOAL_STRINGS
from .texts.misconceptions import told

if TYPE_CHECKING:
    from .worlds import Worlds

GOAL_NAMES = tuple(key for key in GOAL_STRINGS if "." not in key)


class Challenge:
    """A goal that is open.

    Parameters
    ----------
    name : str
        Of `sim.engine.goals.GOALS`.
    lab : Worlds
        Whose world is looked at.

    Raises
    ------
    BadInput
        There is no such goal.
    """

    def __init__(self, name: str, lab: Worlds) -> None:
        if name not in GOAL_NAMES:
            raise BadInput(t("goal.unknown", lab.lang, name=name), hint=", ".join(GOAL_NAMES))
        self.name, self.lab, self.hinted = name, lab, 0

    @property
    def place(self) -> str:
        """What `Lab.goto` calls the state that it begins with."""
        return f"goal.{self.name}"

    @property
    def words(self) -> Words:
        """What is wanted, and how to go about it."""
        return plain(f"{self._said(self.name)}\n{t('goal.do', self.lab.lang, name=self.name)}")

    def hint(self) -> Words:
        """Say what the state shows, and give the next hint; the last one stays."""
        from ..engine.goals import GOALS, grade

        goal, seat = GOALS[self.name], self.lab.terminal.seat
        found = grade(goal, seat, self.hinted)
        if found.hint is None:
            return plain(t("goal.met", self.lab.lang))
        self.hinted += 1
        lines = [self._said(found.hint)]
        if found.misconception is not None and seat.world != goal.start().world:
            lines.insert(0, told(found.misconception, self.lab.lang).truth)
        return plain("\n".join(lines))

    def _said(self, key: str) -> str:
        english, chinese = GOAL_STRINGS[key]
        return chinese if self.lab.lang == "zh" else english

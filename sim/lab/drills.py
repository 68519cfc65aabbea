"""The part of `Lab` that sets tasks without end: drawn exercises, and goals in the simulated world.

    lab.exercise("05.size")     a variant of an exercise; lab.answer(2), lab.hint(), lab.another()
    lab.goal("private")         a world, and what it is to be like; lab.shell(), lab.hint(), lab.check(...)
    lab.score()                 what the record says of both
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import BadInput
from .prompts import Words, plain
from .svg import Table
from .text import t
from .worlds import Worlds

if TYPE_CHECKING:
    from .challenges import Challenge
    from .exercises import Exercise


class Drills(Worlds):
    """Exercises and goals, in the language of the lab."""

    folder: Path
    _open: Exercise | Challenge | None = None

    def exercise(self, name: str, seed: int | None = None) -> Exercise:
        """Open an exercise.

        Parameters
        ----------
        name : str
            The number of the lesson that teaches it, a point, a word.
        seed : int, optional
            The same seed draws the same variant; by default the first that was not tried yet.
        """
        from .exercises import Exercise

        self._open = found = Exercise(name, seed, self.folder, self.lang, self.projector)
        return found

    def answer(self, choice: int) -> Words:
        """Answer the open exercise by the number of a choice."""
        return self._exercise().answer(choice)

    def another(self) -> Exercise:
        """Draw the next variant of the open exercise."""
        return self._exercise().another()

    def hint(self) -> Words:
        """Give the next hint to what is open, an exercise or a goal."""
        if self._open is None:
            raise BadInput(t("exercise.none", self.lang))
        return self._open.hint()

    def goal(self, name: str) -> Words:
        """Go to the state that a goal begins with, and say what the world is to be like.

        Raises
        ------
        BadInput
            There is no such goal; the error names those that there are.
        """
        from .challenges import Challenge

        found = Challenge(name, self)
        self.goto(found.place)
        self._open = found
        return found.words

    def score(self) -> Words:
        """Show how many variants of each exercise were right at the first try."""
        from . import record
        from .exercises import EXERCISES

        tried = record.load(self.folder).exercises
        rows = []
        for name in EXERCISES:
            shown = [said for key, said in tried.items() if key.startswith(f"{name}#")]
            if shown:
                rows.append((name, t("exercise.score", self.lang, right=shown.count(0), all=len(shown))))
        if not rows:
            return plain(t("exercise.none", self.lang))
        head = (t("exercise.name", self.lang), t("exercise.result", self.lang))
        table = Table(t("exercise.record", self.lang), head, tuple(rows))
        return Words(table.html(), f"{table.caption}\n\n{table.plain()}")

    def _exercise(self) -> Exercise:
        from .exercises import Exercise

        if not isinstance(self._open, Exercise):
            raise BadInput(t("exercise.none", self.lang))
        return self._open

"""What a learner has done, lesson by lesson, out of the record: what may be handed in.

    01    predictions 3 of 3, right 2    tasks 1 of 2    exercises 4, right 3
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .questions import QUESTIONS
from .record import Record
from .tasks import TASKS


@dataclass(frozen=True, slots=True)
class Lesson:
    """One lesson's part of a record.

    Attributes
    ----------
    number : str
        Of the lesson.
    questions, tasks : tuple of str
        Those that the lesson has.
    predictions : mapping of question to whether it was right
        Those made before the answer was seen.
    solved : tuple of str
        Tasks with a right answer.
    exercises : mapping of variant to misconception
        The first answers; 0 stands for a right one.
    """

    number: str
    questions: tuple[str, ...]
    tasks: tuple[str, ...]
    predictions: Mapping[str, bool]
    solved: tuple[str, ...]
    exercises: Mapping[str, int]

    @property
    def begun(self) -> bool:
        """Whether anything of it was done."""
        return bool(self.predictions or self.solved or self.exercises)


def progress(record: Record) -> tuple[Lesson, ...]:
    """Return a record by lessons; what it names and the lessons no longer have is left out.

    Examples
    --------
    >>> first = progress(Record().predicted("01.one-byte", 3).done("01.here"))[1]
    >>> first.number, dict(first.predictions), first.solved
    ('01', {'01.one-byte': True}, ('01.here',))
    """
    numbers = sorted({key.partition(".")[0] for key in (*QUESTIONS, *TASKS, *record.exercises)})
    return tuple(_lesson(number, record) for number in numbers)


def _lesson(number: str, record: Record) -> Lesson:
    questions, tasks = _of(number, QUESTIONS), _of(number, TASKS)
    return Lesson(
        number, questions, tasks,
        {key: record.predictions[key] == QUESTIONS[key].right for key in questions if key in record.predictions},
        tuple(key for key in tasks if key in record.solved),
        {key: record.exercises[key] for key in _of(number, record.exercises)},
    )


def _of(number: str, keys: Iterable[str]) -> tuple[str, ...]:
    return tuple(key for key in keys if key.partition(".")[0] == number)

"""What a transfer tells while it runs, as values, and docker's words for them.

    8625987404c9: Pulling fs layer       queued          5b6b6499fc2c: Preparing
    8625987404c9: Waiting                waiting         5b6b6499fc2c: Waiting
    8625987404c9: Downloading [==>  ]    moving          5b6b6499fc2c: Pushing [==>  ]
    8625987404c9: Verifying Checksum     verifying
    8625987404c9: Retrying in 5 seconds  retrying        5b6b6499fc2c: Retrying in 5 seconds
    8625987404c9: Download complete      done            5b6b6499fc2c: Pushed
    8625987404c9: Already exists         done            5b6b6499fc2c: Layer already exists, Mounted from cyo57/base

docker names a layer by its blob's digest on a pull and by its DiffID on a push; it shows neither config nor manifest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from threading import Lock

from .transfer import Action, Direction, Plan, Role, Step


class Stage(StrEnum):
    """How far one blob has come."""

    QUEUED = "queued"
    WAITING = "waiting"
    MOVING = "moving"
    VERIFYING = "verifying"
    RETRYING = "retrying"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Move:
    """One thing that happened.

    Attributes
    ----------
    direction : Direction
    step : Step
        As it went so far: a mount that was refused is a step that sends.
    stage : Stage
    done : int
        Bytes that have moved, those of an earlier, interrupted run included.
    words : str
        What `RETRYING` says.
    """

    direction: Direction
    step: Step
    stage: Stage
    done: int = 0
    words: str = ""


Tell = Callable[[Move], None]
"""Told of each move, from any thread, never twice at once."""

@dataclass(frozen=True, slots=True)
class Listener:
    """Who is told of one blob: bytes that are there, that they are being checked, that there is a wait."""

    moved: Callable[[int], None]
    verifying: Callable[[], None]
    retrying: Callable[[str], None]


_WORDS = {
    Direction.PULL: {
        Stage.QUEUED: "Pulling fs layer", Stage.WAITING: "Waiting", Stage.MOVING: "Downloading",
        Stage.VERIFYING: "Verifying Checksum", Stage.DONE: "Download complete",
    },
    Direction.PUSH: {
        Stage.QUEUED: "Preparing", Stage.WAITING: "Waiting", Stage.MOVING: "Pushing", Stage.VERIFYING: "Pushing",
        Stage.DONE: "Pushed",
    },
}
_EXISTS = {Direction.PULL: "Already exists", Direction.PUSH: "Layer already exists"}


def docker_words(move: Move) -> str:
    """Return what docker prints behind a layer's name for a move."""
    if move.stage is Stage.RETRYING:
        return move.words
    if move.stage is Stage.DONE and move.step.action is Action.MOUNT:
        return f"Mounted from {move.step.origin}"
    if move.stage is Stage.DONE and move.step.action is not Action.SEND:
        return _EXISTS[move.direction]
    return _WORDS[move.direction][move.stage]


def bar(done: int, total: int, width: int = 50) -> str:
    """Return docker's bar with the amounts behind it; without the bar where `width` is 0.

    Examples
    --------
    >>> bar(500, 1000)
    '[=========================>                         ]     500B/1kB'
    >>> bar(1_234_567, 43_000_000, 0)
    '1.235MB/43MB'
    """
    amounts = f"{_amount(done):>8}/{_amount(total)}"
    if not width:
        return amounts.lstrip()
    filled = min(width, int(done / total * 100) * width // 100) if total else width
    return f"[{'=' * filled}>{' ' * (width - filled)}] {amounts}"


def _amount(count: float) -> str:
    # Four digits, and no step up where they round to 1000: docker's progress is finer than its tables.
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.4g}{unit}"
        count /= 1000
    return f"{count:.4g}TB"


class Teller:
    """Tells of a plan's steps, one move at a time."""

    def __init__(self, plan: Plan, tell: Tell) -> None:
        self._plan = plan
        self._tell = tell
        self._lock = Lock()

    def announce(self) -> None:
        """Say of each step that it is there already, queued, or waiting for a slot."""
        order = [step for step in self._plan.order if step.role is not Role.MANIFEST]
        for step in order:
            moves = step.action in (Action.SEND, Action.MOUNT)
            self._say(step, Stage.QUEUED if moves else Stage.DONE)
        for step in [step for step in order if step.action in (Action.SEND, Action.MOUNT)][self._plan.slots:]:
            self._say(step, Stage.WAITING)

    def listener(self, step: Step) -> Listener:
        """Return who is told of one step's blob."""
        return Listener(
            lambda done: self._say(step, Stage.MOVING, done),
            lambda: self._say(step, Stage.VERIFYING, step.descriptor.size),
            lambda words: self._say(step, Stage.RETRYING, words=words),
        )

    def done(self, step: Step) -> None:
        """Say that a step is done."""
        self._say(step, Stage.DONE, step.sent)

    def _say(self, step: Step, stage: Stage, done: int = 0, words: str = "") -> None:
        with self._lock:
            self._tell(Move(self._plan.direction, step, stage, done, words))

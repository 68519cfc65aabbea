"""What a shell shares with its subshells, and where streams lead."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..command import Event
from .process import Input, Record, Sink


@dataclass(slots=True)
class Streams:
    """Where a command's streams lead."""

    stdin: Input
    out: Sink
    err: Sink


@dataclass(slots=True)
class Shared:
    """What a shell and its subshells share.

    Attributes
    ----------
    clock : int
        Virtual nanoseconds since 1970.
    said_at : int
        When something was last printed or changed.
    events : list of Event
    record : Record
        What the terminal shows.
    steps, nested : int
        Commands so far; how many are inside one another now.
    slept : bool
    """

    clock: int
    said_at: int
    record: Record = field(default_factory=Record)
    events: list[Event] = field(default_factory=list)
    steps: int = 0
    nested: int = 0
    slept: bool = False

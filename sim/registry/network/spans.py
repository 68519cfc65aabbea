"""What happened in a simulated transfer, as spans on one clock.

    manifest   |==|
    layer 1       |====download====|==extract==|
    layer 2       |==download==|....waits......|==extract==|
    layer 3       |waits|===download===|.......waits.......|=extract=|
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Doing(StrEnum):
    """What a span of time goes into."""

    CONNECT = "connect"
    ASK = "ask"
    WAIT = "wait"
    DOWNLOAD = "download"
    UPLOAD = "upload"
    EXTRACT = "extract"
    BACK_OFF = "back off"
    RUN = "run"


@dataclass(frozen=True, slots=True)
class Span:
    """One stretch of one thing.

    Attributes
    ----------
    what : str
        A layer's name, ``manifest``, ``config``, ...
    doing : Doing
    start_ms, end_ms : float
    words : str
        The reason, where there is one.
    """

    what: str
    doing: Doing
    start_ms: float
    end_ms: float
    words: str = ""

    @property
    def duration_ms(self) -> float:
        """Length, in ms."""
        return self.end_ms - self.start_ms


@dataclass(frozen=True, slots=True)
class Trace:
    """A simulated transfer.

    Attributes
    ----------
    spans : tuple of Span
        By start, then by end.
    total_ms : float
        From the command to its end.
    moved : float
        Bytes over the network, heads included, both ways.
    round_trips : int
    """

    spans: tuple[Span, ...]
    total_ms: float
    moved: float
    round_trips: int

    def busy_ms(self, doing: Doing) -> float:
        """Return how long at least one span of a kind was under way.

        Examples
        --------
        >>> spans = (Span("a", Doing.WAIT, 0, 4), Span("b", Doing.WAIT, 2, 6), Span("c", Doing.RUN, 6, 9))
        >>> Trace(spans, 9, 0, 0).busy_ms(Doing.WAIT)
        6.0
        """
        return covered(span for span in self.spans if span.doing is doing)

    def sketch(self, width: int = 60) -> str:
        """Return the spans as text, a line for each thing, a mark for each `total_ms / width`."""
        scale = width / self.total_ms if self.total_ms else 0.0
        lines: dict[str, list[str]] = {}
        for span in self.spans:
            line = lines.setdefault(span.what, [" "] * width)
            start, end = int(span.start_ms * scale), max(int(span.end_ms * scale), int(span.start_ms * scale) + 1)
            line[start : min(end, width)] = _MARKS[span.doing] * (min(end, width) - start)
        longest = max(map(len, lines), default=0)
        return "\n".join(f"{what:<{longest}} |{''.join(line).rstrip()}" for what, line in lines.items())


_MARKS = {
    Doing.CONNECT: "-", Doing.ASK: "?", Doing.WAIT: ".", Doing.DOWNLOAD: "=", Doing.UPLOAD: "=",
    Doing.EXTRACT: "#", Doing.BACK_OFF: "~", Doing.RUN: ">",
}  # fmt: skip


def covered(spans: Iterable[Span]) -> float:
    """Return how much time the spans cover together, in ms."""
    total, until = 0.0, float("-inf")
    for span in sorted(spans, key=lambda span: span.start_ms):
        total += max(0.0, span.end_ms - max(until, span.start_ms))
        until = max(until, span.end_ms)
    return total


def ordered(spans: Sequence[Span]) -> tuple[Span, ...]:
    """Return spans by start, then by end; of two alike the one that was noted first."""
    return tuple(sorted(spans, key=lambda span: (span.start_ms, span.end_ms)))

"""A start as a row of spans: what a machine's boot and a container's start have in common.

    |firmware|boot sector|........|running        start_ms and duration_ms on one scale, from 0; no gaps
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Span:
    """One stage.

    Attributes
    ----------
    name : str
    start_ms, duration_ms : float
    effect : str
        What it brings about, in words.
    group : str
        Which part of the whole it belongs to, such as "firmware" or "mounts".
    estimated : bool
        Whether its duration was never measured.
    """

    name: str
    start_ms: float
    duration_ms: float
    effect: str
    group: str = ""
    estimated: bool = False


@dataclass(frozen=True, slots=True)
class Timeline:
    """A start from 0 to its end.

    Attributes
    ----------
    title : str
    spans : tuple of Span
        In order, one beginning where the other ends.
    memory : mapping
        What it costs in bytes: see `to_json` of the machine and of the container.
    more : mapping
        Further keys of its document.
    """

    title: str
    spans: tuple[Span, ...]
    memory: Mapping[str, Any] = field(hash=False)
    more: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @property
    def total_ms(self) -> float:
        """Milliseconds from the start of the first span to the end of the last."""
        return self.spans[-1].start_ms + self.spans[-1].duration_ms if self.spans else 0.0

    def groups(self) -> dict[str, float]:
        """Milliseconds of each group, in order of appearance."""
        found: dict[str, float] = {}
        for span in self.spans:
            found[span.group] = found.get(span.group, 0.0) + span.duration_ms
        return found

    def shares(self) -> dict[str, float]:
        """Each group's share of the total, from 0 to 1."""
        whole = self.total_ms or 1.0
        return {name: spent / whole for name, spent in self.groups().items()}

    def to_json(self) -> dict[str, Any]:
        """Return the document of ``sim boot --json``; times are rounded to a thousandth of a millisecond."""
        return {
            "title": self.title,
            "stages": [
                {
                    "name": span.name, "start_ms": round(span.start_ms, 3), "duration_ms": round(span.duration_ms, 3),
                    "effect": span.effect, "group": span.group, "estimated": span.estimated,
                }
                for span in self.spans
            ],
            "total_ms": round(self.total_ms, 3),
            "memory": dict(self.memory),
            **self.more,
        }


def in_a_row(parts: Iterable[tuple[str, float, str, str]]) -> tuple[Span, ...]:
    """Lay parts (name, duration, effect, group) out one after another.

    Examples
    --------
    >>> [(span.name, span.start_ms) for span in in_a_row([("a", 2.0, "", ""), ("b", 3.0, "", "")])]
    [('a', 0.0), ('b', 2.0)]
    """
    spans: list[Span] = []
    at = 0.0
    for name, duration, effect, group in parts:
        spans.append(Span(name, at, duration, effect, group))
        at += duration
    return tuple(spans)

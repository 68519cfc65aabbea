"""The table of a boot's transitions as a picture: a row for each state that something can happen in.

    [ boot device  ]--nothing bootable--> [no boot device]      dashed: what should not happen
           v  boot sector found
    [ boot sector  ]                                            down: the regular course
           v

Everything is read off the table; a state that is added there gets its row here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ..boot.stages import State, Transition, Way, course, diagram, legal
from .plates import MARGIN, answer, heading
from .svg import Drawing, Picture, Table, fit, measure, picture
from .text import sentences, t
from .texts.boot_model import said

ROW, GAP = 52, 12


@dataclass(frozen=True, slots=True)
class Row:
    """A state, the event that leads to the row below, and the transitions that lead elsewhere."""

    state: State
    down: Transition | None
    aside: tuple[Transition, ...]


def rows_of(way: Way) -> tuple[Row, ...]:
    """Return the rows of a way's part of the table: the regular course, then the states beside it.

    Examples
    --------
    >>> rows = rows_of(Way.BIOS)
    >>> rows[0].down.event.value, [line.to.value for line in rows[3].aside]
    ('power pressed', ['no boot device'])
    """
    regular = [State.OFF, *(line.to for line in course(way))]
    beside = [line.state for line in diagram(way).edges if line.state not in regular]
    states = list(dict.fromkeys([*regular, *beside]))
    below = dict(pairwise(states))
    rows = []
    for state in states:
        lines = legal(state, way)
        down = next((line for line in lines if line.to is below.get(state) and not line.failure), None)
        rows.append(Row(state, down, tuple(line for line in lines if line is not down)))
    return tuple(rows)


def transitions_picture(way: Way = Way.BIOS, *, lang: str = "en", projector: bool = False) -> Picture:
    """Draw a way's part of the table."""
    rows, edges = rows_of(way), diagram(way).edges
    failures = sum(line.failure for line in edges)
    title = t("transitions.title", lang, way=t(f"way.{way}", lang))
    words = t("transitions.words", lang, states=len(diagram(way).nodes), edges=len(edges), failures=failures)

    def draw(drawing: Drawing) -> None:
        y = heading(drawing, title, t("transitions.how", lang)) + 4
        half = -(-len(rows) // 2)
        width = (drawing.width - 2 * MARGIN - GAP) / 2
        for column, part in enumerate((rows[:half], rows[half:])):
            _draw_column(drawing, MARGIN + column * (width + GAP), y, width, part, lang)
        answer(drawing, y + ROW * half - 2, words)

    head = tuple(t(f"column.{name}", lang) for name in ("state", "event", "then", "effect"))
    table = Table(title, head, tuple(
        (said(str(line.state), lang), said(str(line.event), lang), said(str(line.to), lang), said(line.effect, lang))
        for line in edges
    ))
    return picture(draw, alt=sentences(lang, title, words), table=table, summary=t("as_table", lang),
                   projector=projector)  # fmt: skip


def _draw_column(drawing: Drawing, x: float, y: float, width: float, rows: Sequence[Row], lang: str) -> None:
    for n, row in enumerate(rows):
        top = y + ROW * n
        # The one box wider than the others has a narrow one beside it.
        box = max(min(150, width * 0.47), min(measure(said(str(row.state), lang)) + 6, width * 0.53))
        drawing.box(x, top, box, 26, "stage" if row.down else "plate", [said(str(row.state), lang)])
        if row.down:
            drawing.line([(x + 16, top + 26), (x + 16, top + ROW)], "fall", arrow=True)
            drawing.text(x + 26, top + 43, fit(said(str(row.down.event), lang), _room(row, box, width)), "muted")
        for place, line in enumerate(row.aside):
            _draw_aside(drawing, x + box, top + 26 * place, width - box, line, lang)


def _room(row: Row, box: float, width: float) -> float:
    return (box + 16 if row.aside else width) - 28


def _draw_aside(drawing: Drawing, x: float, y: float, width: float, line: Transition, lang: str) -> None:
    """Draw a transition that leads to no neighbour: its target as a box, the event below it."""
    target, event = said(str(line.to), lang), said(str(line.event), lang)
    reach = min(width - 14, max(measure(target), measure(event)) + 14)
    drawing.line([(x, y + 13), (x + 14, y + 13)], "fall")
    drawing.box(x + 14, y, reach, 26, "gone" if line.failure else "plate", [target])
    drawing.text(x + 18, y + 43, fit(event, width - 18), "muted")

"""Tables as docker prints them, and ``--format``.

A column is as wide as its widest cell and three spaces, ten characters at least; the last one is not padded
(text/tabwriter, as docker sets it up).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from . import template
from .job import Fail, Job

MIN_WIDTH, PADDING = 10, 3


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, and the name of the row's field."""

    heading: str
    field: str


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return rows as lines.

    Examples
    --------
    >>> aligned([["TAG", "SIZE"], ["1.0", "3.97MB"]])
    ['TAG       SIZE', '1.0       3.97MB']
    """
    if not rows:
        return []
    widths = [
        max([MIN_WIDTH, *(width(row[at]) + PADDING for row in rows)]) for at in range(len(rows[0]) - 1)
    ]
    return [
        "".join(cell + " " * (wide - width(cell)) for cell, wide in zip(row, widths, strict=False)) + row[-1]
        for row in rows
    ]


def width(cell: str) -> int:
    """Return how many characters a cell takes; tabwriter counts each as one."""
    return len(cell)


def show(job: Job, columns: Sequence[Column], rows: Sequence[Mapping[str, Any]], quiet: str = "") -> None:
    """Print a table, or what ``--format`` or ``--quiet`` makes of its rows.

    Parameters
    ----------
    columns : sequence of Column
        The table's own.
    rows : sequence of mapping
        Values by the names that templates use; one that is a callable is asked when it is wanted.
    quiet : str
        The field that ``-q`` prints.
    """
    try:
        _show(job, columns, rows, quiet)
    except Fail as error:
        # A row is a structure of docker's client, and Go has other words for what is not in one than for a map.
        kind = _CONTEXTS.get(job.parsed.verb, "subContext")
        words = re.sub(r'map has no entry for key "(\w*)"', rf"can't evaluate field \1 in type *{kind}", error.what)
        if job.parsed.verb == "ps" and words != error.what:
            words = words.replace("template parsing error: ", "failed to execute template: ")
        raise Fail(words, error.exit) from None


_CONTEXTS = {
    "images": "formatter.imageContext", "ps": "formatter.ContainerContext", "volume ls": "formatter.volumeContext",
    "history": "image.historyContext", "network ls": "formatter.networkContext",
}


def _show(job: Job, columns: Sequence[Column], rows: Sequence[Mapping[str, Any]], quiet: str) -> None:
    wanted = job.parsed.one("format")
    if quiet and job.parsed.on("quiet") and not wanted:
        for row in rows:
            job.out(str(row[quiet]))
    elif not wanted or wanted == "table":
        lines = [[column.heading for column in columns]]
        lines += [[str(row[column.field]) for column in columns] for row in rows]
        for line in aligned(lines):
            job.out(line)
    elif wanted.startswith("table "):
        _as_table(job, wanted[6:], rows, {column.field: column.heading for column in columns})
    else:
        text = '{{json .}}' if wanted == "json" else wanted
        made = template.compiled(unescaped(text))
        for row in rows:
            job.out(template.render(made, row))


def _as_table(job: Job, text: str, rows: Sequence[Mapping[str, Any]], known: Mapping[str, str]) -> None:
    made = template.compiled(unescaped(text))
    heads = {name: known.get(name) or heading(name) for row in rows[:1] for name in row}
    cells = [template.render(made, heads or _AnyHeading(known)).split("\t")]
    cells += [template.render(made, row).split("\t") for row in rows]
    for line in aligned(cells):
        job.out(line)


class _AnyHeading(dict[str, str]):
    """Headings where there is no row to take the fields' names from."""

    def __missing__(self, name: str) -> str:
        return heading(name)

    def __contains__(self, name: object) -> bool:
        return True


_HEADINGS = {
    "CreatedSince": "CREATED", "CreatedAt": "CREATED AT", "RunningFor": "CREATED", "CreatedBy": "CREATED BY",
    "LocalVolumes": "LOCAL VOLUMES", "VirtualSize": "SIZE", "TotalCount": "TOTAL",
}


def heading(name: str) -> str:
    """Return the heading of a field in a ``table`` format.

    Examples
    --------
    >>> heading("CreatedBy"), heading("Tag")
    ('CREATED BY', 'TAG')
    """
    return _HEADINGS.get(name, name.upper())


def unescaped(text: str) -> str:
    """Return a format with its ``\\t`` and ``\\n`` made what they mean."""
    return text.replace("\\t", "\t").replace("\\n", "\n")


def shortened(text: str, most: int) -> str:
    """Cut a text to `most` characters, the last a dot of three.

    Examples
    --------
    >>> shortened("/bin/sh -c echo", 10)
    '/bin/sh -…'
    """
    return text if len(text) <= most else text[: most - 1] + "…"

"""Text for a terminal: tables, and symbols that the terminal can show.

Names in an image may harm a terminal, so they pass through `shown`; exact names are in the JSON.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from typing import TextIO

from ..content.printable import shown

__all__ = ["can_show", "clipped", "plural", "print_json", "shown", "symbol", "table"]

def can_show(text: str, stream: TextIO) -> bool:
    """Whether a stream's encoding has all characters of a text."""
    try:
        text.encode(getattr(stream, "encoding", None) or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def symbol(wanted: str, plain: str) -> str:
    """Return `wanted` where standard output can show it, else the ASCII text `plain`."""
    return wanted if can_show(wanted, sys.stdout) else plain


def clipped(text: str, width: int = 60) -> str:
    """Return a text of any origin as one line of at most `width` characters.

    Examples
    --------
    >>> clipped("RUN  apt-get update", 60)
    'RUN apt-get update'
    """
    text = shown(" ".join(text.split()))
    more = symbol("…", "...")
    return text if len(text) <= width else text[: width - len(more)] + more


def table(head: Sequence[str], rows: Iterable[Sequence[str]], right: Iterable[int] = ()) -> str:
    """Lay out rows in columns two spaces apart; the columns numbered in `right` are right-aligned.

    Examples
    --------
    >>> print(table(("n", "name"), [("1", "base"), ("12", "top")], right=[0]))
     n  name
     1  base
    12  top
    """
    lines = [tuple(head), *map(tuple, rows)]
    widths = [max(map(_width, column)) for column in zip(*lines, strict=True)]
    rights = frozenset(right)

    def cell(at: int, text: str) -> str:
        pad = " " * (widths[at] - _width(text))
        return pad + text if at in rights else text + pad

    return "\n".join("  ".join(cell(at, text) for at, text in enumerate(line)).rstrip() for line in lines)


def _width(text: str) -> int:
    if text.isascii():
        return len(text)
    # Needed for a Chinese name alone, so it is imported for one alone.
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(char) else 2 if east_asian_width(char) in "WF" else 1 for char in text)


def print_json(value: object) -> None:
    """Print a value as JSON in ASCII; a byte of a name that is no UTF-8 is a lone surrogate (``\\udcff``)."""
    json.dump(value, sys.stdout, ensure_ascii=True, indent=1)
    sys.stdout.write("\n")


def plural(count: int, one: str, many: str | None = None) -> str:
    """Return a count with its noun.

    Examples
    --------
    >>> plural(1, "layer"), plural(2, "entry", "entries")
    ('1 layer', '2 entries')
    """
    return f"{count:,} {one if count == 1 else many or one + 's'}"

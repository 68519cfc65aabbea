"""Text for a terminal: tables, symbols that the terminal can show, names that cannot harm it.

Names in an image are any bytes but NUL and `/`: a name may hold a line break, or an escape sequence that
rewrites the screen. What is not printable is shown as an escape (``\\x1b``, ``\\n``; a byte that is
not UTF-8 as ``\\xff``); exact names are in the JSON.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from typing import TextIO

_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def shown(text: str) -> str:
    """Return a text on one line, with what is not printable as escapes.

    Examples
    --------
    >>> print(shown("a\\x1b[2J\\nb\\udcff"))
    a\\x1b[2J\\nb\\xff
    """
    return text if text.isprintable() else "".join(map(_escaped, text))


def _escaped(char: str) -> str:
    if char.isprintable():
        return char
    if "\udc80" <= char <= "\udcff":  # A byte that was not UTF-8 (os.fsdecode).
        return f"\\x{ord(char) - 0xDC00:02x}"
    return _SHORT.get(char) or char.encode("unicode_escape", "surrogatepass").decode("ascii")


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

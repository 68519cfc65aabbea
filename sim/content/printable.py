"""Names on one line that harm nobody: what is not printable becomes an escape.

Names in an image are any bytes but NUL and `/`: a name may hold a line break, an escape sequence that rewrites a
terminal's screen, or a character that XML forbids. They are shown as ``\\x1b``, ``\\n``; a byte that is
not UTF-8 as ``\\xff``.
"""

from __future__ import annotations

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

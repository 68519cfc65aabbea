"""Sizes in words: docker prints decimal units with three significant digits, and so do we.

    0B   999B   1.5kB   77.8MB   2.15GB          1 kB = 1000 B; KiB, MiB and GiB are powers of 1024
"""

from __future__ import annotations

import re

from ..errors import SimError

_UNITS = ("B", "kB", "MB", "GB", "TB", "PB")
_WRITTEN = re.compile(r"(\d{1,20}(?:\.\d{1,20})?)\s*([kmgtp]?)(i?)b?", re.IGNORECASE | re.ASCII)
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4, "p": 5}


def human_size(count: float) -> str:
    """Return a number of bytes as docker prints it.

    Examples
    --------
    >>> [human_size(n) for n in (0, 999, 1000, 77_812_345, 999_999)]
    ['0B', '999B', '1kB', '77.8MB', '1MB']
    """
    for unit in _UNITS:
        # 999.6 has three digits only as 1000, which is one of the next unit.
        if count < 999.5 or unit == _UNITS[-1]:
            return f"{float(f'{count:.3g}'):g}{unit}"
        count /= 1000
    raise AssertionError("the last unit takes all")


def parse_size(text: str) -> int:
    """Read a size or count that a person wrote: ``2000``, ``500k``, ``1.5G``, ``64MiB``.

    K, M, G and T are decimal as in everything that is printed; Ki, Mi, Gi and Ti are powers of 1024.

    Raises
    ------
    SimError
        If it is no such number.

    Examples
    --------
    >>> parse_size("500k"), parse_size("1.5 GB"), parse_size("2Ki")
    (500000, 1500000000, 2048)
    """
    match = _WRITTEN.fullmatch(text.strip())
    if match is None or (match[3] and not match[2]):
        raise SimError(f"{text[:40]!r} is no size", hint="write a number with K, M, G or T where wanted, such as 500M")
    whole, _, fraction = match[1].partition(".")
    factor: int = (1024 if match[3] else 1000) ** _POWERS[match[2].lower()]
    parts: int = 10 ** len(fraction)
    return int(whole) * factor + int(fraction or 0) * factor // parts

"""How commands show modes, owners, times and sizes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from ...errors import FsError
from ...fs.entry import Kind
from ...union.overlay import Stat
from ..vfs import Files

SECOND = 1_000_000_000
BLOCK = 4096
_LETTERS = {Kind.FILE: "-", Kind.DIRECTORY: "d", Kind.SYMLINK: "l", Kind.FIFO: "p", Kind.CHAR: "c", Kind.BLOCK: "b"}
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


def permissions(found: Stat) -> str:
    """Return a mode as ls shows it.

    Examples
    --------
    >>> permissions(Stat(1, Kind.DIRECTORY, 0o1777, 2, 0, 0, 0, 0, None, 1))
    'drwxrwxrwt'
    """
    mode, letters = found.mode, [_LETTERS.get(found.kind, "?")]
    for shift, special, letter in ((6, 0o4000, "s"), (3, 0o2000, "s"), (0, 0o1000, "t")):
        bits = mode >> shift
        letters += ["r" if bits & 4 else "-", "w" if bits & 2 else "-"]
        runs = bool(bits & 1)
        letters.append((letter if runs else letter.upper()) if mode & special else "x" if runs else "-")
    return "".join(letters)


def names(files: Files, path: str) -> dict[int, str]:
    """Return the names of users or groups by number, as /etc/passwd or /etc/group of these files has them."""
    try:
        text = files.read(path, 1 << 20).decode("utf-8", "replace")
    except FsError:
        return {}
    found: dict[int, str] = {}
    for line in text.splitlines():
        parts = line.split(":")
        if len(parts) > 2 and parts[2].isdecimal() and len(parts[2]) < 11:
            found.setdefault(int(parts[2]), parts[0])
    return found


def moment(ns: int) -> datetime:
    """Return a time of the simulated clock, UTC; what no calendar holds is its first or last day."""
    try:
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=ns // 1000)
    except OverflowError:
        return datetime(9999, 12, 31, tzinfo=UTC) if ns > 0 else datetime(1, 1, 1, tzinfo=UTC)


def listed_time(ns: int, now: int) -> str:
    """Return a time as `ls -l` shows it: the clock for the last half year, else the year.

    Examples
    --------
    >>> listed_time(0, 0), listed_time(0, 10**18)
    ('Jan  1 00:00', 'Jan  1  1970')
    """
    at = moment(ns)
    half_year = 31556952 // 2 * SECOND
    recent = now - half_year < ns <= now
    return f"{_MONTHS[at.month - 1]} {at.day:2} " + (f"{at:%H:%M}" if recent else f" {at.year:04}")


def exact_time(ns: int) -> str:
    """Return a time as stat(1) shows it, with nanoseconds."""
    return f"{moment(ns):%Y-%m-%d %H:%M:%S}.{ns % SECOND:09} +0000"


def human(size: int, busybox: bool = False) -> str:
    """Return a size as ``-h`` shows it: rounded up to one digit behind the point below ten.

    Examples
    --------
    >>> human(4096), human(20 << 10), human(41069682), human(500)
    ('4.0K', '20K', '40M', '500')
    """
    units = ["", "K", "M", "G", "T", "P"]
    scale = 0
    while size >= 1024 << (10 * scale) and scale < 5:
        scale += 1
    if scale == 0:
        return str(size)
    unit = 1 << (10 * scale)
    tenths = -(-size * 10 // unit)
    if tenths < 100 or busybox:
        return f"{tenths // 10}.{tenths % 10}{units[scale]}"
    return f"{-(-size // unit)}{units[scale]}"


def shown_size(found: Stat) -> int:
    """Return st_size as ext4 has it: a directory is a block."""
    return BLOCK if found.kind is Kind.DIRECTORY else found.size


def blocks(found: Stat) -> int:
    """Return the bytes that a file takes on the disk; short symlinks lie in their inode."""
    if found.kind is Kind.DIRECTORY:
        return BLOCK
    return -(-found.size // BLOCK) * BLOCK if found.kind is Kind.FILE else 0


def named(number: int, known: Mapping[int, str]) -> str:
    """Return a user's or group's name, the number where it has none."""
    return known.get(number, str(number))


def quoted(path: str, gnu: bool) -> str:
    """Return a path as an error names it: GNU puts it into quotes and escapes what a terminal cannot show."""
    safe = re.sub(r"[\x00-\x1f\x7f\udc80-\udcff]", lambda found: f"\\{ord(found.group()) & 255:03o}", path)
    return f"'{safe}'" if gnu else safe

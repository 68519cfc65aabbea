"""Times as docker writes them: RFC 3339 in documents, "3 seconds ago" in tables."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

SECOND = 1_000_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_RFC3339 = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9})\d*)?(?:[Zz]|([+-])(\d\d):(\d\d))", re.ASCII
)
NEVER = "0001-01-01T00:00:00Z"


def rfc3339(ns: int) -> str:
    """Return a time as documents hold it, with as many digits as it takes.

    Examples
    --------
    >>> rfc3339(1_500_000_000), rfc3339(0)
    ('1970-01-01T00:00:01.5Z', '1970-01-01T00:00:00Z')
    """
    seconds, rest = divmod(ns, SECOND)
    whole = (_EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S")
    fraction = f".{rest:09d}".rstrip("0").rstrip(".")
    return f"{whole}{fraction}Z"


def printed(ns: int) -> str:
    """Return a time as ``{{.CreatedAt}}`` prints it."""
    return (_EPOCH + timedelta(seconds=ns // SECOND)).strftime("%Y-%m-%d %H:%M:%S +0000 UTC")


def parse_rfc3339(text: str | None) -> int:
    """Read a document's time, in nanoseconds since 1970; what is none is the year 1, as in Go.

    Examples
    --------
    >>> parse_rfc3339("1970-01-01T00:00:01.5Z"), parse_rfc3339("1970-01-01T01:00:00+01:00")
    (1500000000, 0)
    """
    match = _RFC3339.fullmatch(text or NEVER) or _RFC3339.fullmatch(NEVER)
    assert match is not None
    try:
        year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
        when = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        when = datetime(1, 1, 1, tzinfo=UTC)
    seconds = int((when - _EPOCH).total_seconds())
    if match[8]:
        shift = int(match[9]) * 3600 + int(match[10]) * 60
        seconds -= shift if match[8] == "+" else -shift
    return seconds * SECOND + int((match[7] or "").ljust(9, "0"))


def human(ns: int) -> str:
    """Return a duration in docker's words (go-units, HumanDuration).

    Examples
    --------
    >>> [human(s * SECOND) for s in (0, 1, 59, 60, 3600, 47 * 3600, 13 * 86400, 40 * 86400, 400 * 86400)]
    ... # doctest: +NORMALIZE_WHITESPACE
    ['Less than a second', '1 second', '59 seconds', 'About a minute', 'About an hour', '47 hours', '13 days',
     '5 weeks', '13 months']
    """
    seconds = max(0, ns) // SECOND
    minutes, hours = seconds // 60, int(seconds / 3600 + 0.5)
    if seconds < 1:
        return "Less than a second"
    if seconds == 1:
        return "1 second"
    if seconds < 60:
        return f"{seconds} seconds"
    if minutes == 1:
        return "About a minute"
    if minutes < 60:
        return f"{minutes} minutes"
    if hours == 1:
        return "About an hour"
    if hours < 48:
        return f"{hours} hours"
    for most, unit, name in ((24 * 14, 24, "days"), (24 * 60, 24 * 7, "weeks"), (24 * 730, 24 * 30, "months")):
        if hours < most:
            return f"{hours // unit} {name}"
    return f"{seconds // 3600 // 24 // 365} years"


def ago(ns: int, now: int) -> str:
    """Return how long ago a time was, as CREATED shows it."""
    return f"{human(now - ns)} ago"

"""What a transcript shows beside what the simulated world prints: the same, or other, and why.

Other IDs, sizes, times and words are expected: the bytes here are made up, the clock is simulated. Each kind is taken
out of both texts in turn until they are the same; the kinds that had to go are the reason.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_KINDS: tuple[tuple[str, str, str], ...] = (
    ("the IDs are computed from other bytes, or drawn", r"sha256:[0-9a-f]{12,64}|\b[0-9a-f]{12}\b|\b[0-9a-f]{64}\b",
     "ID"),
    ("the clock is another", r"(?:About |Less than )?(?:an?|\d+) (?:second|minute|hour|day|week|month|year)s?(?: ago)?",
     "TIME"),
    ("the sizes are those of the synthetic samples", r"\b\d+(?:\.\d+)? ?[kMGT]?B\b", "SIZE"),
)
_ERRORS = (
    "server gave http response to https client", "connection refused", "connection reset", "no such host",
    "could not resolve host", "denied", "unauthorized", "authentication required", "no basic auth", "manifest unknown",
    "not found", "no such", "conflict", "already in use", "is not running", "cannot connect", "permission denied",
    "invalid reference", "invalid", "unknown flag", "requires", "x509", "timeout", "max depth", "failed",
)
_ERROR_LINE = re.compile(r"\b(?:error|curl: \(\d+\)|denied|unauthorized|fatal|failed|refused)\b", re.IGNORECASE)


def is_error(text: str) -> bool:
    """Whether a text shows an error.

    Examples
    --------
    >>> is_error("curl: (7) Failed to connect"), is_error("latest: digest: sha256:ab")
    (True, False)
    """
    return _ERROR_LINE.search(text) is not None


def same_kind(shown: str, printed: str) -> bool:
    """Whether two texts show an error of the same kind.

    Examples
    --------
    >>> same_kind("Error: No such container: x", "Error response from daemon: No such container: y")
    True
    """
    one, other = shown.lower(), printed.lower()
    return is_error(shown) and any(word in one and word in other for word in _ERRORS)


def _words(lines: Sequence[str]) -> list[str]:
    return [" ".join(line.split()) for line in lines if line.strip()]


def why_differs(shown: Sequence[str], printed: str) -> str | None:
    """Say why what was printed is not what the transcript shows; None where it is, or where it shows nothing.

    Parameters
    ----------
    shown : sequence of str
        The lines of the transcript.
    printed : str

    Examples
    --------
    >>> why_differs(["a   3 seconds ago   190MB"], "a   1 second ago   111MB")
    'the clock is another; the sizes are those of the synthetic samples'
    """
    one, other = _words(shown), _words(printed.splitlines())
    if not one or one == other:
        return None
    reasons = []
    for reason, wanted, mark in _KINDS:
        before = (one, other)
        one = [re.sub(wanted, mark, line) for line in one]
        other = [re.sub(wanted, mark, line) for line in other]
        if before[0] != before[1] and set(one) ^ set(other) != set(before[0]) ^ set(before[1]):
            reasons.append(reason)
        if one == other:
            return "; ".join(reasons)
    reasons += _rest(shown, one, other)
    return "; ".join(reasons)


def _rest(shown: Sequence[str], one: list[str], other: list[str]) -> list[str]:
    text = "\n".join(shown)
    if "curl: (56)" in text:
        return ["their resolver gave the host XGET an address, which then reset the connection (56); here, as with any "
                "resolver that tells the truth, there is no such host (6)"]
    if is_error(text):
        return [f"it shows: {shown[0].strip()[:120]}"]
    missing = [line for line in one if line not in other]
    if not missing:
        return ["it shows a part of what is printed"]
    extra = [line for line in other if line not in one]
    if extra:
        return ["it was copied from another machine, at another time: other lines are there"]
    return [f"it has a line that is not printed here: {missing[0][:80]}"]

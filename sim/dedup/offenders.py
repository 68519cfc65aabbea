"""Offenders: which instruction hid which bytes of which other one, most bytes first, and what to write instead.

    layer 2  RUN wget big.tar && make          --.
    layer 3  RUN rm big.tar                    <-' hid 90 MB of layer 2: deleted        advice.delete-where-made

Bytes hidden by a layer are not saved by it: they are stored in the layer that wrote them, and sent with it. So advice
is about the instruction that WROTE them or about joining the two; a key of the catalogue, never a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .copies import Copy, Fate
from .subject import Subject

CACHES = (
    "var/lib/apt/lists", "var/cache/apt", "var/cache/apk", "var/cache/dnf", "var/cache/yum", "root/.cache",
    "root/.npm", "usr/local/share/.cache",
)
"""Where package managers keep what they fetched."""
DATABASES = ("var/lib/dpkg", "var/lib/apt", "var/lib/rpm", "var/lib/sysimage", "lib/apk/db", "usr/lib/apk/db",
             "etc/ld.so.cache", "var/cache/debconf", "var/cache/ldconfig", "var/log")
"""What every installation rewrites."""

_VERB = re.compile(r"(?:/bin/sh -c )?(?:#\(nop\) +)?(ADD|COPY|RUN|WORKDIR)\b")
_SHELL = re.compile(r"(?:/bin/sh|/bin/bash|\|\d+ )")


@dataclass(frozen=True, slots=True)
class Offender:
    """What one layer hid of one other in one way.

    Attributes
    ----------
    layer, by : int
        The layer that stores the bytes, and the one that hid them: places in the image, the base is 1.
    fate : Fate
    bytes, files : int
    copies : tuple of Copy
        The files, the largest first.
    made_by, hidden_by : str
        The instructions, as the history has them.
    advice : str
        A key of the catalogue.
    """

    layer: int
    by: int
    fate: Fate
    bytes: int
    files: int
    copies: tuple[Copy, ...]
    made_by: str
    hidden_by: str
    advice: str


def offenders(subject: Subject, found: Sequence[Copy]) -> tuple[Offender, ...]:
    """Return what hides bytes in an image, most bytes first; layers that hide empty files alone are left out.

    Parameters
    ----------
    subject : Subject
    found : sequence of Copy
        Its copies, as `sharing.usage` has them.
    """
    groups: dict[tuple[int, int, Fate], list[Copy]] = {}
    for copy in found:
        if copy.by is not None:
            groups.setdefault((copy.layer, copy.by, copy.fate), []).append(copy)
    made = [_offender(subject, *key, held) for key, held in groups.items()]
    return tuple(sorted(
        (found for found in made if found.bytes), key=lambda found: (-found.bytes, found.layer, found.by, found.fate)
    ))


def _offender(subject: Subject, layer: int, by: int, fate: Fate, held: list[Copy]) -> Offender:
    lower, upper = subject.parts[layer - 1], subject.parts[by - 1]
    ordered = tuple(sorted(held, key=lambda copy: (-copy.size, copy.path)))
    return Offender(
        lower.number, upper.number, fate, sum(copy.size for copy in held), len(held), ordered,
        lower.created_by, upper.created_by, advice(lower.number, lower.created_by, fate, ordered),
    )


def advice(layer: int, made_by: str, fate: Fate, held: Sequence[Copy]) -> str:
    """Return the key of what to write instead.

    Parameters
    ----------
    layer : int
        The layer that stores the bytes; the base is 1.
    made_by : str
        Its instruction.
    fate : Fate
        What became of them.
    held : sequence of Copy
        The files.

    Examples
    --------
    >>> advice(2, "COPY big.tar / # buildkit", Fate.DELETED, [])
    'advice.copy-less'
    """
    copied = verb(made_by) in ("ADD", "COPY")
    if fate is Fate.ATTRIBUTES:
        return "advice.chmod-copy" if copied else "advice.chmod-base" if layer == 1 else "advice.chmod-run"
    if fate in (Fate.REPEATED, Fate.OVERWRITTEN) and _mostly(held, DATABASES):
        return "advice.database"
    if fate is Fate.REPEATED:
        return "advice.repeated"
    if layer == 1:
        return "advice.base"
    if fate is Fate.OVERWRITTEN:
        return "advice.write-once"
    if _mostly(held, CACHES):
        return "advice.cache"
    return "advice.copy-less" if copied else "advice.delete-where-made"


def _mostly(held: Sequence[Copy], places: Sequence[str]) -> bool:
    inside = sum(copy.size for copy in held if any(f"{copy.path}/".startswith(f"{place}/") for place in places))
    return inside * 2 > sum(copy.size for copy in held)


def verb(instruction: str) -> str:
    """Return the Dockerfile's word for an instruction of the history; empty where it cannot be told.

    Examples
    --------
    >>> verb("/bin/sh -c #(nop) ADD file:ce1a in / "), verb("COPY . /app # buildkit"), verb("/bin/sh -c rm x")
    ('ADD', 'COPY', 'RUN')
    """
    found = _VERB.match(instruction)
    if found is not None:
        return found[1]
    return "RUN" if _SHELL.match(instruction) else ""

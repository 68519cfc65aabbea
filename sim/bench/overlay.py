"""Figures of the writable mount: random operations a second, and one very large directory.

Every operation is a call that returns a new mount and its report, as a lesson makes it. Operations are chosen before,
on a mount of their own, so that most of them find what they ask for and choosing is not measured.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from statistics import median
from time import perf_counter
from typing import Any

from ..fs.changeset import ChangeSet
from ..fs.sketch import Mark, directory, file, opaque, sketch, symlink, whiteout
from ..union.overlay import OverlayMount
from ..union.upperdir import mounted
from .figure import Figure, absolute

NAMES = "abcdefgh"
LAYERS = 10
FILES = 100_000
SEED = 3

Call = tuple[str, tuple[Any, ...]]

_WEIGHTS = {
    "stat": 10, "cat": 8, "readdir": 4, "readlink": 1, "put": 10, "append": 8, "create": 5, "mkdir": 8, "symlink": 3,
    "link": 5, "unlink": 12, "rmdir": 5, "rename": 12, "chmod": 6, "chown": 3, "utime": 4, "truncate": 4, "setxattr": 2,
}


def figures(quick: bool = False) -> Iterator[Figure]:
    """Measure the mount; `quick` does fewer operations."""
    operations = 20_000 if quick else 100_000
    rng = random.Random(SEED)
    start = mounted([_layer(rng) for _ in range(LAYERS)], now=10**18)
    calls, succeed = chosen(rng, start, operations)
    rates = [operations / _timed(start, calls) for _ in range(3)]
    name = f"overlay: random operations on {LAYERS} layers, {round(100 * succeed / operations)} % succeed"
    yield absolute(name, median(rates), unit="operations/s", at_least=50_000)
    creates = [("create", (f"/a/file{number}",)) for number in range(FILES)]
    empty = mounted([sketch(directory("/a"))])
    seconds = median(_timed(empty, creates) for _ in range(3))
    yield absolute(f"overlay: {FILES:,} files created in one directory", seconds, unit="s", at_most=3)
    yield _stepping_back(start, calls[:10_000])


def _layer(rng: random.Random) -> ChangeSet:
    marks: dict[str, Mark] = {}
    for _ in range(60):
        path = "/".join(rng.choices(NAMES, k=rng.randint(1, 4)))
        if any(known.startswith(path + "/") or path.startswith(known + "/") for known in marks) or path in marks:
            continue
        make = rng.choices((file, directory, symlink, whiteout), (60, 25, 5, 10))[0]
        if make is file:
            marks[path] = file(path, b"x" * rng.randrange(100))
        elif make is symlink:
            marks[path] = symlink(path, "/" + rng.choice(NAMES))
        elif make is directory:
            marks[path] = directory(path)
        else:
            marks[path] = whiteout(path)
    hidden = [opaque(path) for path in list(marks) if rng.random() < 0.02]
    return sketch(*marks.values(), *hidden)


def chosen(rng: random.Random, start: OverlayMount, operations: int) -> tuple[list[Call], int]:
    """Choose random operations for a mount; return them, and how many succeed when done in turn."""
    m, calls, succeed = start, list[Call](), 0
    known: list[str] = []
    words, weights = list(_WEIGHTS), list(_WEIGHTS.values())
    for number in range(operations):
        if number % 200 == 0:
            known = ["/" + path for path, _ in m.walk() if path]
        name = rng.choices(words, weights)[0]
        call = name, _arguments(rng, name, known)
        m, report = getattr(m, name)(*call[1])
        succeed += report.ok
        calls.append(call)
    return calls, succeed


def _arguments(rng: random.Random, name: str, known: list[str]) -> tuple[Any, ...]:
    there = rng.choice(known) if known and rng.random() < 0.9 else "/" + rng.choice(NAMES)
    beside = f"{there.rpartition('/')[0]}/{rng.choice(NAMES)}"
    match name:
        case "put" | "append":
            return there, b"y" * rng.randrange(50)
        case "create" | "mkdir":
            return (f"{there}/{rng.choice(NAMES)}" if rng.random() < 0.5 else beside,)
        case "symlink":
            return rng.choice(NAMES), beside
        case "link" | "rename":
            return there, beside
        case "chmod":
            return there, rng.choice((0o600, 0o644, 0o755))
        case "chown":
            return there, 7, 7
        case "truncate":
            return there, rng.randrange(50)
        case "setxattr":
            return there, "user.k", b"v"
    return (there,)


def _timed(m: OverlayMount, calls: list[Call]) -> float:
    start = perf_counter()
    for name, arguments in calls:
        m, _ = getattr(m, name)(*arguments)
    return perf_counter() - start


def _stepping_back(start: OverlayMount, calls: list[Call]) -> Figure:
    m = start
    for name, arguments in calls:
        m, _ = getattr(m, name)(*arguments)
    samples = []
    for _ in range(3):
        m.stat("/")
        began = perf_counter()
        start.stat("/")
        samples.append((perf_counter() - began) * 1000)
    return absolute(f"overlay: stepping back over {len(calls):,} operations at once", median(samples), unit="ms")

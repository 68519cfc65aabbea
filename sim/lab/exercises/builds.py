"""Exercises on builds and commits: which instruction makes a layer, what an image weighs, what a commit takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from ...engine.dockerfile import parse
from ..plates import listing
from ..text import t
from .costs import Operation, Step, total, without
from .kinds import MB, Belief, Family, Row

LAYERED = ("RUN", "COPY", "ADD")
"""The instructions that change files; the others write into the config."""
INSTRUCTIONS = (
    "ENV LANG=C.UTF-8", "LABEL maker=cyo57", "EXPOSE 80", "STOPSIGNAL SIGINT", 'CMD ["cat", "/hello"]',
    "RUN echo hello > /hello", "RUN mkdir -p /srv/www", "COPY note /note", "RUN date > /built", "COPY note /srv/",
)


# ---- which instruction makes a layer


def _dockerfile(lots: Random) -> str:
    some = lots.sample(INSTRUCTIONS, lots.randint(4, 7))
    # As people write them: the default command comes last.
    return "\n".join(["FROM busybox", *sorted(some, key=lambda one: one.startswith("CMD"))])


def layers(text: str) -> int:
    """Return how many layers the image of a Dockerfile has: the one of busybox, and those of its instructions."""
    (stage,) = parse(text).stages
    return 1 + sum(step.word in LAYERED for step in stage.steps)


def _lines(text: str, lang: str) -> tuple[Row, ...]:
    return tuple(Row(f"{place}.", line) for place, line in enumerate(text.splitlines(), 1))


LAYERS: Family[str] = Family(
    "05.layers", _dockerfile, layers,
    (
        Belief("every", 14, lambda text: len(text.splitlines())),
        Belief("flat", 22, lambda text: 1),
    ),
    _lines, "count",
)


# ---- what an image weighs


def _steps(lots: Random) -> tuple[Step, ...]:
    """Draw RUNs: files made, one deleted in a later RUN, one changed in its mode, at times one deleted at once."""
    sizes = lots.sample(range(5, 95), 3)
    made = [Operation("make", f"/{name}", size * MB) for name, size in zip("abc", sizes, strict=True)]
    gone, changed, brief = lots.sample(made, 3)
    first: list[Step] = [(one, Operation("rm", one.path)) if one is brief else (one,) for one in made]
    later: list[Step] = [(Operation("rm", gone.path),), (Operation("chmod", changed.path),)]
    return *first, *lots.sample(later, 2)


def _freed(steps: Sequence[Step]) -> int:
    """Return what somebody counts who takes each deletion off the sum."""
    made = {step[0].path: step[0].size for step in steps if step[0].verb == "make"}
    return total(steps) - sum(made[step[0].path] for step in steps if step[0].verb == "rm")


def _runs(steps: Sequence[Step], lang: str) -> tuple[Row, ...]:
    text = ["FROM busybox", *("RUN " + " && ".join(one.line for one in step) for step in steps)]
    return _lines("\n".join(text), lang)


SIZE: Family[tuple[Step, ...]] = Family(
    "05.size", _steps, total,
    (
        Belief("rm", 1, _freed),
        Belief("chmod", 2, lambda steps: total(without(steps, "chmod"))),
    ),
    _runs, "bytes",
)


# ---- what a commit takes


@dataclass(frozen=True, slots=True)
class Written:
    """Files that a container wrote, before it was stopped and committed; /data is a volume."""

    paths: tuple[str, ...]

    @property
    def lines(self) -> tuple[str, ...]:
        """The commands."""
        touched = " ".join(self.paths)
        return (f"docker run --name box -v notes:/data busybox touch {touched}", "docker commit box new:1")


def _writes(lots: Random) -> Written:
    inside = [f"/data/{name}" for name in lots.sample("abcd", lots.randint(1, 3))]
    outside = [f"/{name}" for name in lots.sample(("hello", "note", "home/key", "tmp/x"), lots.randint(1, 3))]
    return Written(tuple(lots.sample([*inside, *outside], len(inside) + len(outside))))


def committed(written: Written) -> tuple[str, ...]:
    """Return the files that the new image has."""
    return tuple(path for path in written.paths if not path.startswith("/data/"))


VOLUME: Family[Written] = Family(
    "05.volume", _writes, committed,
    (
        Belief("all", 4, lambda written: written.paths),
        Belief("stopped", 15, lambda written: ()),
    ),
    lambda written, lang: tuple(Row(f"{place}.", line) for place, line in enumerate(written.lines, 1)), "names",
)


# ---- what a mount shows


@dataclass(frozen=True, slots=True)
class Mounted:
    """Files in a directory of the image, and in what is mounted on it: a folder of the host, or a volume in use."""

    image: tuple[str, ...]
    other: tuple[str, ...]
    folder: bool

    @property
    def source(self) -> str:
        """What stands before the colon of -v."""
        return "/site" if self.folder else "notes"


def _mounts(lots: Random) -> Mounted:
    names = lots.sample(("app", "conf", "data", "log", "tmp", "www"), 5)
    cut = lots.randint(2, 3)
    return Mounted(tuple(sorted(names[:cut])), tuple(sorted(names[cut:])), lots.random() < 0.5)


def _mount_rows(mounted: Mounted, lang: str) -> tuple[Row, ...]:
    where = t("exercise.row.folder", lang) if mounted.folder else t("exercise.row.volume", lang)
    return (
        Row(t("exercise.row.image", lang), listing([f"/srv/{name}" for name in mounted.image], lang)),
        Row(where, listing(mounted.other, lang)),
        Row("1.", f"docker run --rm -v {mounted.source}:/srv web:1 ls /srv"),
    )


MOUNT: Family[Mounted] = Family(
    "03.mount", _mounts, lambda mounted: mounted.other,
    (
        Belief("merge", 16, lambda mounted: tuple(sorted({*mounted.image, *mounted.other}))),
        Belief("image", 16, lambda mounted: mounted.image),
    ),
    _mount_rows, "names",
)

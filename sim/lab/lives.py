"""A container's life: what each docker command does to its process, to its writable layer, and to a volume.

                 run         exec       stop        start       rm
    process    [ runs ]    [ runs ]    - - - -    [ runs ]    - - - -      a container is three things,
    own layer  [      ]    [A /a  ]    [A /a  ]   [A /a  ]    - - - -      and each ends at another moment
    image      [ read-only, as ever                              ]
    volume     [      ]    [ /b   ]    [ /b   ]   [ /b   ]    [ /b   ]

The commands are run in a fresh simulated world; what is drawn is read off that world.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from ..engine.docker import docker
from ..engine.internet import HOST, new_world
from ..engine.shell import install
from ..engine.world import Container, Host, State, Volume
from ..errors import BadInput
from ..union.upperdir import changes_of
from .plates import MARGIN, answer, heading, listing
from .svg import Drawing, Picture, Table, fit, picture
from .text import says, sentences, t

SHOWN = 4
"""Paths of a layer or a volume that are drawn, and lines that docker printed."""
MOST = 3
"""Containers that are drawn side by side, the first ones of a story."""


@dataclass(frozen=True, slots=True)
class Moment:
    """The host after a command, and what docker printed; the first moment has no command."""

    command: str
    host: Host
    said: tuple[str, ...] = ()


def lived(commands: Sequence[str]) -> tuple[Moment, ...]:
    """Run docker commands in a fresh world; return the moments, the one before them first.

    Raises
    ------
    BadInput
        A line is no docker command.

    Examples
    --------
    >>> moments = lived(["docker run --name box hello-world"])
    >>> [one.name for one in moments[-1].host.daemon.containers.values()]
    ['box']
    """
    install()
    world = new_world()
    moments = [Moment("", world.hosts[HOST])]
    for line in commands:
        try:
            words = shlex.split(line)
        except ValueError as error:
            raise BadInput(f"{line!r} cannot be read: {error}") from None
        if words[:1] != ["docker"]:
            raise BadInput(f"{line!r} is no docker command", hint='write it as in a terminal: "docker run ubuntu"')
        done = docker(world, HOST, words[1:])
        world = done.world
        moments.append(Moment(line, world.hosts[HOST], tuple(done.text.splitlines())))
    return tuple(moments)


def life_picture(moments: Sequence[Moment], k: int, *, lang: str = "en", projector: bool = False) -> Picture:
    """Draw moment k of a story."""
    now, cast = moments[k], _Cast.of(moments)
    title = t("life.after", lang, command=now.command) if now.command else t("life.before", lang)
    words = _words(now, cast, lang)

    def draw(drawing: Drawing) -> None:
        y = heading(drawing, title, t("life.how", lang)) + 4
        y = _draw_printed(drawing, y, now, lang)
        width = (drawing.width - 2 * MARGIN + 10) / max(1, len(cast.containers))
        bottoms = [
            _draw_container(drawing, MARGIN + width * n, y, width - 10, now, one, lang)
            for n, one in enumerate(cast.containers)
        ]
        y = _draw_images(drawing, max([y, *bottoms]) + 6, width, cast, lang) + 14
        for name in cast.volumes:
            y = _draw_volume(drawing, y, name, now, lang)
        answer(drawing, y - 10, words)

    head = tuple(t(f"column.{name}", lang) for name in ("what", "where", "holds"))
    return picture(draw, alt=sentences(lang, title, words), table=Table(title, head, tuple(_rows(now, cast, lang))),
                   summary=t("as_table", lang), projector=projector)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Cast:
    """Who appears in a story, in order: containers and names of volumes."""

    containers: tuple[Container, ...]
    volumes: tuple[str, ...]

    @classmethod
    def of(cls, moments: Sequence[Moment]) -> _Cast:
        found: dict[str, Container] = {}
        volumes: dict[str, None] = {}
        for moment in moments:
            for one in moment.host.daemon.containers.values():
                found.setdefault(one.id, one)
            volumes.update(dict.fromkeys(moment.host.daemon.volumes))
        return cls(tuple(found.values())[:MOST], tuple(volumes))


def _process(now: Container | None, lang: str) -> str:
    if now is None:
        return t("life.absent", lang)
    if now.running:
        return t("life.runs", lang, what=" ".join(now.process))
    return t("life.created" if now.state is State.CREATED else "life.exited", lang, code=now.exit_code)


def _changes(one: Container | None) -> list[str]:
    return [] if one is None else [str(change) for change in changes_of(one.root.mount)]


def _held(volume: Volume | None) -> list[str]:
    if volume is None:
        return []
    report = volume.files.mount.readdir("/")[1]
    return [f"/{name}" for name in report.value]


def _name(volume: str) -> str:
    """Return a volume's name; of one that docker drew, the twelve digits that it shows elsewhere."""
    return volume if len(volume) < 64 else volume[:12]


def _listed(found: Sequence[str], lang: str) -> list[str]:
    """Return the first of some lines, and how many more there are."""
    more = len(found) - SHOWN
    return list(found) if more <= 0 else [*found[: SHOWN - 1], t("life.more", lang, n=more + 1)]


def _draw_printed(drawing: Drawing, y: float, now: Moment, lang: str) -> float:
    title = t("life.printed", lang)
    drawing.text(MARGIN, y + 14, title, size=15, bold=True)
    width = drawing.width - 2 * MARGIN
    drawing.rect(MARGIN, y + 22, width, 14 + 20 * SHOWN, "plate", word=title, rounded=6)
    for n, line in enumerate(now.said[-SHOWN:]):
        drawing.text(MARGIN + 10, y + 42 + 20 * n, fit(line, width - 20))
    return y + 44 + 20 * SHOWN


def _draw_container(
    drawing: Drawing, x: float, y: float, width: float, moment: Moment, one: Container, lang: str
) -> float:
    """Draw a container's own parts, its process and its layer."""
    now = moment.host.daemon.containers.get(one.id)
    drawing.text(x, y + 16, fit(one.name, width, 15, True), size=15, bold=True)
    process = _process(now, lang)
    drawing.box(x, y + 24, width, 32, "stage" if now and now.running else "gone", [process])
    own = t("life.layer", lang)
    drawing.rect(x, y + 62, width, 34 + 20 * SHOWN, "plate dash" if now else "gone", word=own, rounded=6)
    drawing.text(x + 10, y + 83, fit(own, width - 20), "ink" if now else "muted", bold=now is not None)
    lines = _listed(_changes(now), lang) or [t("life.empty" if now else "life.absent", lang)]
    for n, line in enumerate(lines):
        drawing.text(x + 10, y + 105 + 20 * n, fit(line, width - 20), "ink" if now else "muted")
    return y + 96 + 20 * SHOWN


def _draw_images(drawing: Drawing, y: float, width: float, cast: _Cast, lang: str) -> float:
    """Draw what the containers stand on, an image that several share once."""
    x = float(MARGIN)
    for _, run in groupby(cast.containers, key=lambda one: one.image):
        own = list(run)
        name = own[0].image_name
        drawing.box(x, y, width * len(own) - 10, 32, "l1", [t("life.image", lang, name=name), name])
        x += width * len(own)
    return y + 32


def _draw_volume(drawing: Drawing, y: float, name: str, now: Moment, lang: str) -> float:
    volume = now.host.daemon.volumes.get(name)
    title = t("life.volume", lang, name=_name(name))
    drawing.text(MARGIN, y + 20, fit(title, 140, 15, True), size=15, bold=True)
    x = MARGIN + 150
    held = listing(_listed(_held(volume), lang), lang) or t("life.empty" if volume else "life.absent", lang)
    drawing.box(x, y, drawing.width - MARGIN - x, 32, "blank" if volume else "gone", [held])
    return y + 40


def _words(now: Moment, cast: _Cast, lang: str) -> str:
    parts = []
    for one in cast.containers:
        there = now.host.daemon.containers.get(one.id)
        count = t("life.count", lang, n=len(_changes(there))) if there else ""
        parts.append(says(one.name, listing([part for part in (_process(there, lang), count) if part], lang), lang))
    for name in cast.volumes:
        volume = now.host.daemon.volumes.get(name)
        held = listing(_listed(_held(volume), lang), lang) or t("life.empty" if volume else "life.absent", lang)
        parts.append(says(t("life.volume", lang, name=_name(name)), held, lang))
    return sentences(lang, *parts) or t("life.nobody", lang)


def _rows(now: Moment, cast: _Cast, lang: str) -> list[tuple[str, str, str]]:
    rows = []
    for one in cast.containers:
        there = now.host.daemon.containers.get(one.id)
        rows.append((one.name, t("life.process", lang), _process(there, lang)))
        rows += [(one.name, t("life.layer", lang), change) for change in _changes(there)]
    rows += [
        (t("life.volume", lang, name=_name(name)), "/", listing(_held(now.host.daemon.volumes.get(name)), lang) or "-")
        for name in cast.volumes
    ]
    return rows or [("-", "-", "-")]

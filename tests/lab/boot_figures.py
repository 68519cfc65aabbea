"""The figures of machines and containers that start, as `test_pictures` wants them: called with language and size."""

from __future__ import annotations

from collections.abc import Callable

from sim.boot.container import Start, start
from sim.boot.container import timeline as container_timeline
from sim.boot.fleet import fleet
from sim.boot.hardware import Failure, Machine
from sim.boot.machine import play
from sim.boot.machine import timeline as machine_timeline
from sim.boot.stages import Way
from sim.image.samples import sample
from sim.lab.fleets import fleet_picture, ladder_picture
from sim.lab.joining import joining_picture, moments
from sim.lab.moments import moment_picture
from sim.lab.parts import parts_picture
from sim.lab.startups import starts_picture
from sim.lab.svg import Picture
from sim.lab.transitions import transitions_picture

Figure = Callable[[str, bool], Picture]


def _both(machine: Machine, begun: Start) -> Figure:
    booted, started = machine_timeline(play(machine)), container_timeline(begun)
    return lambda lang, big: starts_picture(booted, started, lang=lang, projector=big)


def _moment(machine: Machine, k: int) -> Figure:
    boot = play(machine)
    at = k % len(boot.frames)
    return lambda lang, big: moment_picture(boot, at, lang=lang, projector=big)


def _joining(begun: Start, n: int) -> Figure:
    at = moments(begun)[n]
    return lambda lang, big: joining_picture(begun, at, lang=lang, projector=big)


def _fleet(*names: str) -> Figure:
    images = [sample(name) for name in names]
    both = fleet(images)
    return lambda lang, big: fleet_picture(images, both, lang=lang, projector=big)


_BEGUN = start(sample("ubuntu"))

BOOT_FIGURES: dict[str, Figure] = {
    "both starts": _both(Machine(), _BEGUN),
    "both starts, UEFI": _both(Machine(Way.UEFI), _BEGUN),
    "a machine that waits, a container that is refused": _both(
        Machine(failure=Failure.WRONG_ROOT), start(sample("hello-world"), args=["/bin/sh"])
    ),
    "machine off": _moment(Machine(), 0),
    "machine, kernel unpacked": _moment(Machine(), 10),
    "machine, root read-only": _moment(Machine(), 19),
    "machine up": _moment(Machine(), -1),
    "machine up, direct": _moment(Machine(Way.DIRECT), -1),
    "machine up from an image": _moment(
        Machine(Way.INITRAMFS, 1 << 30, initrd=80_000_000, initrd_files=80_000_000), -1
    ),
    **{f"machine, {fail}": _moment(Machine(failure=fail), -1) for fail in Failure},
    "container, nothing yet": _joining(_BEGUN, 0),
    "container, two trees": _joining(_BEGUN, 8),
    "container runs": _joining(_BEGUN, -1),
    "container refused": _joining(start(sample("hello-world"), args=["/bin/sh"]), -1),
    "parts of ubuntu": lambda lang, big: parts_picture(sample("ubuntu"), lang=lang, projector=big),
    "parts of hello-world": lambda lang, big: parts_picture(sample("hello-world"), lang=lang, projector=big),
    **{f"table, {way}": lambda lang, big, way=way: transitions_picture(way, lang=lang, projector=big) for way in Way},
    "fleet": _fleet("ubuntu", "debian", "alpine", "nginx"),
    "fleet of many": _fleet(*["alpine"] * 10),
    "fleet of one": _fleet("hello-world"),
    "ladder": lambda lang, big: ladder_picture(lang=lang, projector=big),
}

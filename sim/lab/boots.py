"""The part of `Lab` that shows starts: what the cells on machines and containers call.

    lab.parts(image)             what the image has of a machine's disk
    lab.boot_story()             a machine's boot, stage by stage; lab.boot_story(fail="wrong-root"), (way="uefi")
    lab.boot(image)              a machine and a container of the image on one scale
    lab.start_story(image)       the container's start, moment by moment
    lab.uname(image, other)      which kernel answers in a container of each
    lab.fleet(images)            many containers beside as many machines;  lab.ladder(): how long starts take
    lab.stages()                 the table of a boot's transitions
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from ..boot.container import Start, start
from ..boot.container import timeline as container_timeline
from ..boot.contents import contents, made_at_start
from ..boot.fleet import fleet
from ..boot.hardware import Failure, Machine, failures
from ..boot.machine import play
from ..boot.machine import timeline as machine_timeline
from ..boot.stages import Way
from ..errors import BadInput
from ..fs.sketch import file, sketch
from ..image.build import append, named, scratch, with_config
from ..image.config import RunConfig
from ..image.layer import Image
from ..union.index import Index
from .figures import Source
from .fleets import fleet_picture, ladder_picture
from .joining import joining_picture, moments
from .moments import moment_picture
from .parts import parts_picture
from .prompts import Words
from .startups import starts_picture
from .svg import Picture, Table
from .text import t
from .texts.boot_model import said
from .transitions import transitions_picture
from .widgets import Choose, Stepper

_X86_64 = (62).to_bytes(2, "little")
_Name = TypeVar("_Name", Way, Failure)


class Boots:
    """Views of machines and containers that start, in the language of the lab."""

    lang: str
    projector: bool
    _index: Callable[[Source], Index]

    def parts(self, image: Image) -> Picture:
        """Draw which parts of a machine's disk an image has."""
        return parts_picture(image, self._index(image), lang=self.lang, projector=self.projector)

    def boot(self, image: Image, machine: Machine = Machine()) -> Picture:  # noqa: B008
        """Draw a machine's boot and the start of a container of an image, on one scale."""
        booted, begun = machine_timeline(play(machine)), container_timeline(start(image))
        return starts_picture(booted, begun, lang=self.lang, projector=self.projector)

    def boot_story(self, fail: str | None = None, *, way: str = "bios", at: int = 1) -> Stepper:
        """Step through a machine's boot, forward and back.

        Parameters
        ----------
        fail : str, optional
            What is broken in it, such as ``"wrong-root"``; see `Failure`.
        way : {"bios", "uefi", "direct"}
        at : int
            The stage to begin with; negative ones count from the end.
        """
        boot = play(Machine(_named(Way, way), failure=None if fail is None else _named(Failure, fail)))
        last = len(boot.frames) - 1
        return Stepper(
            lambda k: [moment_picture(boot, k, lang=self.lang, projector=self.projector)], last,
            at=at % (last + 1), label=t("moment.label", self.lang), lang=self.lang,
            words=lambda k: t("moment.at", self.lang, k=k, n=last, state=said(str(boot.frames[k].state), self.lang)),
        )

    def ways(self) -> Choose:
        """Step through the boot of a machine with BIOS, one with UEFI, and one that is handed its kernel."""
        stories = {t(f"way.{way}", self.lang): self.boot_story(way=way) for way in (Way.BIOS, Way.UEFI, Way.DIRECT)}
        return Choose(stories, label=t("moment.way", self.lang))

    def breakdowns(self) -> Choose:
        """Step through boots in which something is broken, one for each thing that can be."""
        stories = {t(f"failure.{fail}", self.lang): self.boot_story(fail, at=-1) for fail in failures(Way.BIOS)}
        return Choose(stories, label=t("moment.broken", self.lang))

    def start_story(self, image: Image | Start, *args: str, at: int = 0) -> Stepper:
        """Step through the start of a container, forward and back.

        Parameters
        ----------
        image : Image or Start
        *args : str
            The command, in place of the image's own.
        at : int
            The moment to begin with; negative ones count from the end.
        """
        begun = image if isinstance(image, Start) else start(image, args=args or None)
        frames = moments(begun)
        last = len(frames) - 1
        return Stepper(
            lambda k: [joining_picture(begun, frames[k], lang=self.lang, projector=self.projector)], last,
            at=at % (last + 1), label=t("joining.label", self.lang), lang=self.lang,
            words=lambda k: t("joining.at", self.lang, k=k, n=last),
        )

    def stages(self, way: str = "bios") -> Picture:
        """Draw the table of a boot's transitions, those of one way to boot."""
        return transitions_picture(_named(Way, way), lang=self.lang, projector=self.projector)

    def uname(self, *images: Image) -> Words:
        """Show what ``uname`` answers in a container of each image."""
        rows = []
        for image in images:
            begun = start(image)
            answer = begun.uname() if begun.refused is None else begun.refused.what
            rows.append((image.name, contents(image, self._index(image)).distribution or "-", answer))
        head = (t("column.image", self.lang), t("column.distribution", self.lang), "uname -snrm")
        return _words(t("lab.uname", self.lang), head, rows)

    def stand_in(self, distribution: str) -> Image:
        """Return a stand-in for an image of some distribution: its release file and a program's header, no more."""
        shell = b"\x7fELF\x02\x01" + bytes(12) + _X86_64 + bytes(44)
        release = f'PRETTY_NAME="{distribution}"\n'.encode()
        layer = sketch(file("/etc/os-release", release), file("/bin/sh", shell, 0o755))
        image = append(scratch(), layer, created_by=f"a stand-in for {distribution}")
        return named(with_config(image, RunConfig(cmd=("/bin/sh",))), distribution.split()[0].lower())

    def made(self, image: Image) -> Words:
        """Show what an image lacks and the start of a container of it makes."""
        rows = [(made.path, said(made.kind, self.lang)) for made in made_at_start(self._index(image))]
        head = (t("column.path", self.lang), t("column.kind", self.lang))
        return _words(t("lab.made", self.lang, name=image.name), head, rows)

    def fleet(self, images: Sequence[Image]) -> Picture:
        """Draw containers of some images beside as many machines."""
        return fleet_picture(images, fleet(images), lang=self.lang, projector=self.projector)

    def ladder(self) -> Picture:
        """Draw how long starts take, measured and published."""
        return ladder_picture(lang=self.lang, projector=self.projector)


def _words(caption: str, head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Words:
    table = Table(caption, head, tuple(rows) or (("-",) * len(head),))
    return Words(table.html(), f"{caption}\n\n{table.plain()}")


def _named(kind: type[_Name], text: str) -> _Name:
    try:
        return kind(text)
    except ValueError:
        raise BadInput(f"{text!r} is none of them", hint="choose one of " + ", ".join(kind)) from None

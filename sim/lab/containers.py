"""The part of `Lab` that works with mounts: what the cells on containers call.

    box = lab.mount(image)                              the image's layers and an empty writable one
    lab.story(box, [("chmod", "/usr/bin/perl", 0o700)])         pictures to step through
    lab.explore(box, paths=["/usr/bin/perl"])           the same with menus: what shall be done next?
    box, report = box.unlink("/etc/motd")               operations are the mount's own
    lab.after(report)                                   the picture of one of them
    lab.life("docker run -d --name box ubuntu", "docker stop box")      a container's life, command by command
    lab.diff(box)                                       A, C and D, as docker diff prints them
"""

from __future__ import annotations

from collections.abc import Sequence

from ..union.overlay import Directory, OverlayMount, Report
from ..union.upperdir import mounted
from .explorer import Explorer
from .figures import Source
from .mounts import Step, columns, diff_table, mount_picture, run
from .plates import Plate, plates_of
from .prompts import Words
from .svg import Picture, Table
from .text import t
from .widgets import Stepper

KEPT = 8
"""Mounts whose plates' names are remembered."""


class Containers:
    """Views of mounts, in the language of the lab."""

    lang: str
    projector: bool
    _mounts: list[tuple[tuple[Directory, ...], tuple[Plate, ...]]]

    def mount(self, image: Source) -> OverlayMount:
        """Mount the layers of an image with an empty writable layer on top: a container's file system."""
        plates = plates_of(image)
        made = mounted([plate.changes for plate in plates])
        self._mounts = [*self._mounts[1 - KEPT :], (made.lowerdirs, plates)]
        return made

    def _plates(self, container: OverlayMount) -> tuple[Plate, ...]:
        # All versions of a mount share one tuple of lower directories.
        return next((plates for lowers, plates in self._mounts if lowers is container.lowerdirs), ())

    def container(self, container: OverlayMount, paths: Sequence[str]) -> Picture:
        """Draw a container as it stands: its own layer on those of its image."""
        return mount_picture(
            container, None, paths, image=self._plates(container), lang=self.lang, projector=self.projector
        )

    def after(self, report: Report, paths: Sequence[str] = ()) -> Picture:
        """Draw what one operation did."""
        return mount_picture(
            report.after, report, paths, image=self._plates(report.after), lang=self.lang, projector=self.projector
        )

    def story(self, container: OverlayMount, steps: Sequence[Step], paths: Sequence[str] = (), at: int = 1) -> Stepper:
        """Do operations one after the other, and step through them, forward and back.

        Parameters
        ----------
        steps : sequence of tuple
            The name of an operation of `OverlayMount` and its arguments.
        at : int
            After how many operations to begin.
        """
        reports = run(container, steps)
        shown = list(paths) or columns(reports)

        def frame(k: int) -> list[Picture]:
            return [self.after(reports[k - 1], shown) if k else self.container(container, shown)]

        return Stepper(
            frame, len(reports), at=min(at, len(reports)), label=t("mount.label", self.lang),
            words=lambda k: t("mount.at", self.lang, k=k, n=len(reports)), lang=self.lang,
        )

    def explore(
        self, container: OverlayMount, steps: Sequence[Step] = (), paths: Sequence[str] = (), at: int = 1
    ) -> Explorer:
        """Do operations as `story` does, with menus to choose the next one.

        Parameters
        ----------
        steps : sequence of tuple
            The name of an operation of `OverlayMount` and its arguments.
        paths : sequence of str
            What the menu offers; by default what the steps are about.
        at : int
            After how many operations to begin.
        """
        def draw(now: OverlayMount, report: Report | None, shown: Sequence[str]) -> Picture:
            return self.container(now, shown) if report is None else self.after(report, shown)

        return Explorer(container, draw, steps, paths, at=at, lang=self.lang)

    def life(self, *commands: str, at: int = 0) -> Stepper:
        """Run docker commands in a fresh world and step through what they do to processes, layers and volumes.

        Parameters
        ----------
        *commands : str
            As typed: ``"docker run -d --name box ubuntu sleep 1000"``.
        at : int
            After how many commands to begin; negative ones count from the end.
        """
        # The simulated docker is large: who never asks for it does not wait for it.
        from .lives import life_picture, lived

        moments = lived(commands)
        last = len(moments) - 1
        return Stepper(
            lambda k: [life_picture(moments, k, lang=self.lang, projector=self.projector)], last,
            at=at % (last + 1), label=t("life.label", self.lang), lang=self.lang,
            words=lambda k: t("life.at", self.lang, k=k, n=last),
        )

    def diff(self, container: OverlayMount) -> Words:
        """Show what ``docker diff`` prints of a container."""
        table = diff_table(container, self.lang)
        return Words(table.html(), f"{table.caption}\n\n{table.plain()}")

    def facts(self, **values: object) -> Words:
        """Show some values, each with a name."""
        head = (t("column.what", self.lang), t("column.holds", self.lang))
        rows = tuple((name.replace("_", " "), str(value)) for name, value in values.items())
        table = Table(t("facts.caption", self.lang), head, rows)
        return Words(table.html(), f"{table.caption}\n\n{table.plain()}")

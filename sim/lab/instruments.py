"""The part of `Lab` that explores: instruments whose next picture the learner chooses.

    lab.registry()                          the repositories of all registries: tags, manifests, blobs
    lab.registry("172.17.0.1:5000")         beginning with one registry, or with one repository
    lab.build_story("hello:1")              the build of an image of the world, instruction by instruction
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import BadInput
from .text import t
from .widgets import Choose, Stepper
from .worlds import Worlds

if TYPE_CHECKING:
    from .shelves import Shelf


class Instruments(Worlds):
    """Instruments, in the language of the lab."""

    def registry(self, name: str = "") -> Choose:
        """Browse the registries of the world that answer: choose a repository, then follow tag after tag.

        A registry that runs as a container is there while it runs. "Read again" takes in what was pushed, deleted or
        collected since.

        Parameters
        ----------
        name : str
            What to begin with: the start of a name as docker writes it, such as ``172.17.0.1:5000`` or
            ``docker.io/library/nginx``; by default a private registry, or else the cloud's.

        Raises
        ------
        BadInput
            No registry that answers has such a repository.
        """
        found = Choose(self._shelves, label=t("shelf.repository", self.lang), lang=self.lang)
        first = next((one for one in found.steppers if one.startswith(name)), None)
        if first is None:
            raise BadInput(t("shelf.unknown", self.lang, name=name), hint=", ".join(found.steppers))
        return found.choose(first)

    def build_story(self, name: str, at: int = -1) -> Stepper:
        """Step through the instructions that made an image of the host where one sits, forward and back.

        Parameters
        ----------
        name : str
            Name or ID, as docker takes it.
        at : int
            After how many instructions to begin; negative ones count from the end.

        Raises
        ------
        BadInput
            The host has no such image.
        """
        from .buildsteps import build_picture, build_steps

        steps = build_steps(self.world.stock, self._image_here(name))
        last = len(steps)
        return Stepper(
            lambda k: [build_picture(steps, k, lang=self.lang, projector=self.projector)], last,
            at=at % (last + 1), label=t("build.label", self.lang), lang=self.lang,
            words=lambda k: t("build.at", self.lang, k=k, n=last),
        )

    def _shelves(self) -> dict[str, Stepper]:
        from .shelves import shelves

        found = shelves(self.terminal.world, self.terminal.seat.host)
        return {name: self._shelf(shelf) for name, shelf in found.items()}

    def _shelf(self, shelf: Shelf) -> Stepper:
        from .shelfpicture import shelf_picture

        ways = shelf.ways

        def words(k: int) -> str:
            if not k:
                return t("shelf.at", self.lang)
            tag, sheet = ways[k - 1]
            return t("shelf.at_tag" if tag else "shelf.at_index" if sheet.index else "shelf.at_digest", self.lang,
                     k=k, n=len(ways), tag=tag, digest=sheet.digest.short)  # fmt: skip

        return Stepper(
            lambda k: [shelf_picture(shelf, k, lang=self.lang, projector=self.projector)], len(ways),
            label=t("shelf.label", self.lang), words=words, lang=self.lang,
        )

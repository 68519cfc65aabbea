"""The part of `Lab` that shows what is stored twice: what the cells on deduplication call.

    lab.image("tool:1")                 an image of the world, as the pictures take it
    lab.treemap(image)                  every stored byte as area, seen or hidden; walk in it by two menus
    lab.waste(image)                    seen / stored, beside dive's score and slim's waste, and why they differ
    lab.advice(image)                   which instruction stores what nobody sees, and what to write instead
    lab.sharing(image, other)           what is kept when equal layers, files or chunks are kept once
    lab.squeezed(image, other)          how much of a layer is in chunks of another, as tar and as gzip
    lab.edit("insert", 0)               a file edited: blocks and chunks of both versions
    lab.growth()  lab.caches()          many images; many requests
"""

from __future__ import annotations

from collections.abc import Sequence

from ..content.sizes import human_size
from ..dedup.offenders import offenders
from ..dedup.sharing import Usage, usage
from ..dedup.subject import Subject
from ..errors import BadInput
from ..image.layer import Image
from .chunkstrips import Edit, Edits
from .plates import instruction
from .prompts import Words
from .sharings import UNITS, gzip_rows, sharing_picture
from .svg import Picture, Table
from .text import t
from .treemap import Treemap
from .wastes import waste_picture
from .worlds import Worlds


class Dedups(Worlds):
    """Views of what is stored twice, in the language of the lab."""

    def image(self, name: str) -> Image:
        """Return an image of the host where one sits.

        Parameters
        ----------
        name : str
            Name or ID, as docker takes it.

        Raises
        ------
        BadInput
            The host has no such image.
        """
        from ..engine.cmd_archives import image_value

        return image_value(self.world.stock, self._image_here(name), name)

    def treemap(self, image: Image, directory: str = "/", layer: int | None = None) -> Treemap:
        """Draw every byte that an image stores, to walk in by two menus: a directory, and all layers or one."""
        return Treemap(_usage(image), directory, layer, lang=self.lang, projector=self.projector)

    def waste(self, image: Image) -> Picture:
        """Draw what nobody sees of an image beside what dive and slim call wasted, and say why they differ."""
        return waste_picture(_usage(image), lang=self.lang, projector=self.projector)

    def advice(self, image: Image, most: int = 5) -> Words:
        """List which instructions store bytes that nobody sees, most bytes first, and what to write instead."""
        found = _usage(image)
        rows = [
            (t("advice.layer", self.lang, n=one.layer, made=instruction(one.made_by) or "-"), human_size(one.bytes),
             t("advice.layer", self.lang, n=one.by, made=instruction(one.hidden_by) or "-"),
             t(one.advice, self.lang))
            for one in offenders(found.subject, found.copies)[:most]
        ]  # fmt: skip
        head = tuple(t(f"column.{name}", self.lang) for name in ("made_by", "hidden", "hidden_by", "advice"))
        table = Table(t("advice.title", self.lang, name=image.name), head, tuple(rows) or (("-",) * len(head),))
        return Words(table.html(), f"{table.caption}\n\n{table.plain()}")

    def sharing(self, *images: Image, units: Sequence[str] = tuple(UNITS)) -> Picture:
        """Draw what is kept of some images when equal layers, files or chunks are kept once.

        Parameters
        ----------
        *images : Image
        units : sequence of str
            Of "layers", "files" and "chunks"; chunks take time, since all bytes are read.

        Raises
        ------
        BadInput
            There is no such unit.
        """
        unknown = next((unit for unit in units if unit not in UNITS), None)
        if unknown is not None:
            raise BadInput(t("share.unknown", self.lang, unit=unknown), hint=", ".join(UNITS))
        return sharing_picture(images, units, lang=self.lang, projector=self.projector)

    def squeezed(self, one: Image, other: Image) -> Words:
        """Show how much of what `other` has of its own is in chunks of `one`: as tar, and compressed."""
        caption = t("share.gzip_title", self.lang, one=one.name, other=other.name)
        head = (t("share.form", self.lang), t("share.size", self.lang), t("column.same", self.lang))
        table = Table(caption, head, tuple(gzip_rows(one, other, self.lang)))
        return Words(table.html(), f"{table.caption}\n\n{table.plain()}")

    def edit(self, action: str = "insert", offset: int = 0, length: int = 1) -> Edits:
        """Edit a file of 64 KiB, and see which blocks and which chunks of it are new.

        Parameters
        ----------
        action : {"insert", "overwrite", "delete"}
        offset, length : int
            In bytes.
        """
        return Edits(Edit(), lang=self.lang, projector=self.projector).do(action, offset, length)

    def growth(self) -> Picture | Words:
        """Chart what a growing collection shares; without matplotlib, as a table."""
        from .growths import growth_picture

        return growth_picture(self.lang)

    def caches(self) -> Picture | Words:
        """Chart what caches of several sizes and kinds hit; without matplotlib, as a table."""
        from .growths import cache_picture

        return cache_picture(self.lang)


def _usage(image: Image) -> Usage:
    return usage(Subject.of(image))

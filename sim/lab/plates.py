"""Plates: layers as the pictures show them, and the parts that all pictures share.

    (3)  apt-get install vim        a plate: the layer's number in its colour, what made it,
         read-only, 41.1MB          whether it can be written, how many bytes of files it holds

`Plate` is the one form in which a figure takes a layer, so that figures need neither an image nor a mount.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

from ..content.sizes import human_size
from ..fs.changeset import ChangeSet
from ..image.layer import Image, Layer
from ..union.totals import layer_bytes
from .style import layer_class
from .svg import Drawing, fit, wrap
from .text import t

MARGIN = 24
DENSE_ABOVE = 8
"""More plates than this become rows of 18 px."""

_SHELL = re.compile(r"^(/bin/sh -c |RUN (/bin/sh -c )?)?(#\(nop\)\s*)?(set -[eux]+;?\s*)?|\s*# buildkit$")
_HEX = re.compile(r"\b([0-9a-f]{7})[0-9a-f]{25,}")


@dataclass(frozen=True, slots=True)
class Plate:
    """One layer for the eye.

    Attributes
    ----------
    number : int
        The base is 1.
    name : str
        What made it, short; "" where nobody wrote it down.
    changes : ChangeSet
    size : int
        Bytes of its files, each inode once.
    layer : Layer or None
        The layer of an image that it stands for.
    writable : bool
        Whether it is a container's own, on top.
    """

    number: int
    name: str
    changes: ChangeSet
    size: int
    layer: Layer | None = None
    writable: bool = False

    def title(self, lang: str) -> str:
        """Return its name, or words for want of one."""
        if self.name:
            return self.name
        return t("plate.container" if self.writable else "plate.base" if self.number == 1 else "plate.unnamed", lang)

    def note(self, lang: str) -> str:
        """Return the quiet second line: can it be written, how many bytes of files."""
        return t("plate.writable" if self.writable else "plate.readonly", lang, size=human_size(self.size))


def plates_of(source: Image | Sequence[ChangeSet] | Sequence[Plate], names: Sequence[str] = ()) -> tuple[Plate, ...]:
    """Return the plates of an image or of a stack of change sets, base first.

    Parameters
    ----------
    source : Image or sequence of ChangeSet
        Plates pass through unchanged.
    names : sequence of str
        Names to use instead of what the history says, base first.
    """
    if isinstance(source, Image):
        found = [_plate(n, created_by(layer), layer.changes, layer) for n, layer in enumerate(source.layers, 1)]
    else:
        found = [
            item if isinstance(item, Plate) else _plate(n, "", cast(ChangeSet, item), None)
            for n, item in enumerate(source, 1)
        ]
    return tuple(replace(plate, name=name) for plate, name in zip(found, names, strict=False)) + tuple(
        found[len(names) :]
    )


def _plate(number: int, name: str, changes: ChangeSet, layer: Layer | None) -> Plate:
    return Plate(number, name, changes, layer_bytes(changes), layer)


def created_by(layer: Layer) -> str:
    """Return the instruction that made a layer, without what the builder wraps around each."""
    return instruction(layer.created_by)


def instruction(made_by: str) -> str:
    """Return an entry of a history without what the builder wraps around it.

    Examples
    --------
    >>> instruction("/bin/sh -c #(nop) ADD file:1 in / ")
    'ADD file:1 in /'
    """
    return _HEX.sub(r"\1", " ".join(_SHELL.sub("", made_by).split()))


def chip(drawing: Drawing, x: float, y: float, number: int, height: float = 30, coloured: bool = True) -> None:
    """Draw a layer's number in its colour."""
    drawing.box(
        x, y, 26, height, layer_class(number) if coloured else "plate", [str(number)],
        size=15 if height > 20 else 14, bold=True,
    )


def heading(drawing: Drawing, title: str, how: str, free: float = 0.4) -> float:
    """Write the title and how to read the picture; return the y below them.

    Parameters
    ----------
    free : float
        Share of the drawing's air that is left below.
    """
    width = drawing.width - 2 * MARGIN
    y = drawing.lines(MARGIN, 36, title, width, size=20, bold=True)
    return drawing.lines(MARGIN, y - 6, how, width, "muted") - 8 + free * drawing.air


def answer(drawing: Drawing, y: float, words: str, cost: str = "", free: float = 0.3) -> None:
    """Write the answer below a picture, and what it costs; a share of the air is left free above."""
    width = drawing.width - 2 * MARGIN
    y = drawing.lines(MARGIN, y + 26 + free * drawing.air, words, width, size=15)
    if cost:
        drawing.lines(MARGIN, y + 1, cost, width, "cost", size=15, bold=True)


def two_lines(text: str, width: float, size: float = 14, bold: bool = False, lines: int = 2) -> list[str]:
    """Return a text in at most `lines` lines, the last cut where there is more."""
    found = wrap(text, width, size, bold)
    if len(found) <= lines:
        return found
    return [*found[: lines - 1], fit(" ".join(found[lines - 1 :]), width, size, bold)]


def listing(words: Sequence[str], lang: str) -> str:
    """Join words with the language's comma."""
    return ("、" if lang == "zh" else ", ").join(words)

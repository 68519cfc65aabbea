"""The stack: layers as plates, the base lowest, with what made them and how large they are.

    (2)  apt-get install vim        [####-----    ]   the outline is the tar, the filled part the blob,
    (1)  ADD rootfs.tar.gz          [######--------]  on one scale for all plates

Made from model values alone; what is written on it is computed, and so is the alt text.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..content.sizes import human_size
from ..fs.changeset import ChangeSet
from ..image.layer import Image
from ..image.samples import advertised_size
from .plates import DENSE_ABOVE, MARGIN, Plate, answer, chip, heading, plates_of
from .style import layer_class
from .svg import Drawing, Picture, Table, fit, measure, picture
from .text import sentences, t

Source = Image | Sequence[ChangeSet] | Sequence[Plate]


def stack_picture(
    source: Source, *, k: int | None = None, title: str = "", lang: str = "en", projector: bool = False
) -> Picture:
    """Draw the layers of an image as plates with their sizes.

    Parameters
    ----------
    source : Image, or sequence of ChangeSet
        Base first.
    k : int, optional
        How many layers are there yet, from 0; the others are outlines.
    title : str
        A sentence to stand above instead of the usual one.
    """
    plates = plates_of(source)
    there = len(plates) if k is None else k
    total = human_size(sum(plate.size for plate in plates[:there]))
    words = t("stack.words", lang, n=there, size=total)
    if any(plate.layer and advertised_size(plate.layer) != plate.layer.descriptor.size for plate in plates):
        words += " " * (lang == "en") + t("stack.synthetic", lang)
    title = title or t("stack.title", lang, n=len(plates))

    def draw(drawing: Drawing) -> None:
        y = heading(drawing, title, t("stack.how_blob" if any(map(_blob, plates)) else "stack.how_files", lang))
        row = 26 if len(plates) > DENSE_ABOVE else 62
        largest = max([1, *(_tar(plate) for plate in plates)])
        for plate in reversed(plates):
            (_dense_row if len(plates) > DENSE_ABOVE else _plate_row)(drawing, y, plate, there, largest, lang)
            y += row
        answer(drawing, y, words)

    rows = tuple(_stack_row(plate, lang) for plate in reversed(plates))
    head = tuple(t(f"column.{name}", lang) for name in ("layer", "made_by", "files", "blob", "tar", "diff_id"))
    named = [
        t("stack.alt_layer", lang, n=plate.number, name=plate.title(lang), size=human_size(plate.size))
        for plate in plates[:DENSE_ABOVE]
    ]
    return picture(
        draw, alt=sentences(lang, title, words, *named), table=Table(title, head, rows),
        summary=t("as_table", lang), projector=projector,
    )


def _tar(plate: Plate) -> int:
    return plate.layer.tar_size if plate.layer else plate.size


def _blob(plate: Plate) -> int | None:
    return advertised_size(plate.layer) if plate.layer else None


def _stack_row(plate: Plate, lang: str) -> tuple[str, ...]:
    layer = plate.layer
    sizes = ("-", "-", "-") if layer is None else (
        human_size(advertised_size(layer)), human_size(layer.tar_size), layer.diff_id.short
    )
    return (str(plate.number), plate.title(lang), human_size(plate.size), *sizes)


def _facts(plate: Plate, lang: str) -> list[str]:
    """Return the second line of a plate, longest form first."""
    if plate.layer is None:
        return [plate.note(lang)]
    fields = {
        "blob": human_size(advertised_size(plate.layer)), "tar": human_size(plate.layer.tar_size),
        "members": f"{plate.layer.members:,}", "digest": plate.layer.descriptor.digest.short,
    }
    same = "same" if advertised_size(plate.layer) == plate.layer.tar_size else "both"
    return [t(f"stack.facts_{same}", lang, **fields), t(f"stack.facts_{same}_short", lang, **fields)]


def _plate_row(drawing: Drawing, y: float, plate: Plate, there: int, largest: int, lang: str) -> None:
    width, gone = drawing.width, plate.number > there
    drawing.rect(
        MARGIN, y, width - 2 * MARGIN, 52, "gone" if gone else "plate dash" if plate.writable else "plate",
        word=str(plate.number), rounded=6,
    )
    chip(drawing, MARGIN + 10, y + 11, plate.number, coloured=not gone)
    x, bar = MARGIN + 48, width * 0.27
    room = width - MARGIN - x - bar - 28
    style = "muted" if gone else "ink"
    drawing.text(x, y + 22, fit(plate.title(lang), room, 15, True), style, 15, bold=True)
    if gone:
        drawing.text(x, y + 42, t("stack.not_yet", lang), "muted")
        return
    facts = _facts(plate, lang)
    drawing.text(x, y + 42, next((f for f in facts if measure(f) <= room), fit(facts[-1], room)), "muted")
    _bar(drawing, width - MARGIN - 12 - bar, y + 12, bar, 28, plate, largest)


def _bar(drawing: Drawing, x: float, y: float, width: float, height: float, plate: Plate, largest: int) -> None:
    """Draw the tar as an outline and the blob in it as a filled part, on one scale for all plates."""
    blob, tar, size = _blob(plate), _tar(plate), human_size(_tar(plate))
    full = width * tar / largest
    if not tar:
        return
    drawing.rect(x, y, full, height, "blank", word=str(plate.number), rounded=2)
    drawing.rect(
        x, y, width * (tar if blob is None else min(blob, tar)) / largest, height, layer_class(plate.number),
        word=str(plate.number), rounded=2,
    )
    if height > 20 and full < width - measure(size) - 8:
        drawing.text(x + full + 6, y + height / 2 + 5, size, "muted")


def _dense_row(drawing: Drawing, y: float, plate: Plate, there: int, largest: int, lang: str) -> None:
    width, gone = drawing.width, plate.number > there
    chip(drawing, MARGIN, y, plate.number, 20, coloured=not gone)
    bar = width * 0.24
    room = width - 2 * MARGIN - 36 - bar - 90
    drawing.text(MARGIN + 36, y + 15, fit(plate.title(lang), room), "muted" if gone else "ink")
    drawing.text(
        width - MARGIN - bar - 10, y + 15, t("stack.not_yet", lang) if gone else human_size(_tar(plate)), "muted",
        anchor="end",
    )
    if not gone:
        _bar(drawing, width - MARGIN - bar, y + 2, bar, 16, plate, largest)


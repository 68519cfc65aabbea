"""Sharing among images: what has to be kept when equal layers, equal files or equal chunks are kept once.

    apart     [##########################] 14.3MB          the outline is what the images need one by one,
    layers    [################----------] 9.2MB  1.55x    the filled part what is kept
    files     [##############------------] 8.6MB  1.66x
    chunks    [############--------------] 7.2MB  1.99x

A file is counted without its tar's headers and padding, so the three outlines differ a little.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence

from ..content.compression import decompressed
from ..content.sizes import human_size
from ..dedup.chunking import Rule
from ..dedup.pipeline import scan_image
from ..dedup.prints import Chunks, Printer
from ..dedup.sharing import Share, chunks, files, layers
from ..dedup.subject import Subject
from ..image.layer import Image, Layer
from .plates import MARGIN, answer, heading, listing
from .svg import Drawing, Picture, Table, picture
from .text import sentences, t

RULE = Rule.of("fastcdc", 8192)
BAR = 24
LEVEL = 6
"""What docker and gzip compress with by default."""


UNITS: dict[str, Callable[[Iterable[Subject]], Share]] = {"layers": layers, "files": files, "chunks": chunks}


def sharing_picture(
    images: Sequence[Image], units: Sequence[str] = tuple(UNITS), *, lang: str = "en", projector: bool = False
) -> Picture:
    """Draw what some images need apart, and what is kept when layers, files or chunks are shared.

    Parameters
    ----------
    images : sequence of Image
    units : sequence of str
        Of `UNITS`; without chunks nothing is cut, which is what takes time.
    """
    subjects = [scan_image(image, RULE) if "chunks" in units else Subject.of(image) for image in images]
    shares = {unit: UNITS[unit](subjects) for unit in units}
    largest = max([1, *(share.total_bytes for share in shares.values())])
    title = t("share.title", lang, names=listing([image.name for image in images], lang))
    rows = tuple(_row(name, share, lang) for name, share in shares.items())
    words = [t("share.row", lang, name=row[0], kept=row[3], total=row[2], ratio=row[4]) for row in rows]

    def draw(drawing: Drawing) -> None:
        y = heading(drawing, title, t("share.how", lang)) + 4
        for row, share in zip(rows, shares.values(), strict=True):
            y = _draw(drawing, y, row, share, largest, lang)
        answer(drawing, y - 18, " ".join(words) if lang == "en" else "".join(words))

    head = tuple(t(f"column.{name}", lang) for name in ("unit", "count", "apart", "kept", "ratio"))
    return picture(
        draw, alt=sentences(lang, title, *words), table=Table(title, head, rows), summary=t("as_table", lang),
        projector=projector,
    )


def _row(name: str, share: Share, lang: str) -> tuple[str, str, str, str, str]:
    counted = t("share.count", lang, n=f"{share.unique_count:,}", m=f"{share.total_count:,}")
    sizes = human_size(share.total_bytes), human_size(share.unique_bytes)
    return (t(f"share.{name}", lang), counted, *sizes, f"{share.ratio:.2f}x")


def _draw(drawing: Drawing, y: float, row: Sequence[str], share: Share, largest: int, lang: str) -> float:
    unit = (drawing.width - 2 * MARGIN) / largest
    drawing.text(MARGIN, y + 14, row[0], size=15, bold=True)
    drawing.text(drawing.width - MARGIN, y + 14, row[1], "muted", anchor="end")
    drawing.rect(MARGIN, y + 22, share.total_bytes * unit, BAR, "blank", word=row[0], rounded=2)
    drawing.box(MARGIN, y + 22, share.unique_bytes * unit, BAR, "stage",
                [t("share.kept", lang, size=row[3], ratio=row[4]), row[3]])  # fmt: skip
    return y + 22 + BAR + 16


def gzip_rows(one: Image, other: Image, lang: str) -> list[tuple[str, str, str]]:
    """Return how much of the layers of `other` that `one` has not is in chunks of `one`: as tar, and as gzip blobs.

    Parameters
    ----------
    one, other : Image

    Returns
    -------
    list of (str, str, str)
        The form, the bytes that are new in `other`, and how many percent of them are in chunks that `one` has, too.
        The second is "-" for gzip: it depends on the deflate at hand, as the percentage does not.
    """
    known = {layer.diff_id for layer in one.layers}
    held = list(one.layers)
    new = [layer for layer in other.layers if layer.diff_id not in known]
    found = []
    for form in ("tar", "gzip"):
        there = {name for layer in held for name, _ in _cut(one, layer, form)}
        cut = [chunk for layer in new for chunk in _cut(other, layer, form)]
        total = sum(size for _, size in cut)
        same = sum(size for name, size in cut if name in there)
        size = human_size(total) if form == "tar" else "-"
        found.append((t(f"share.{form}", lang), size, f"{round(100 * same / total) if total else 100} %"))
    return found


def _cut(image: Image, layer: Layer, form: str) -> Chunks:
    printer = Printer(RULE)
    pieces = decompressed(image.blobs.chunks(layer.descriptor.digest), image.name)
    for piece in _deflated(pieces) if form == "gzip" else pieces:
        printer.update(piece)
    return printer.chunks()


def _deflated(pieces: Iterator[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, 31)
    for piece in pieces:
        yield packer.compress(piece)
    yield packer.flush()

"""What an image has of the parts of a machine's disk: most of a boot is not there, and the rest is made at each start.

    kernel      [- not there -]     the host's kernel serves every container ...
    /proc       [   empty     ]     the kernel's view of processes is mounted here ...
    shell       [   128kB     ]     ...
"""

from __future__ import annotations

from ..boot.contents import CLOUD_KERNEL_PACKAGE, GRUB_PACKAGE, KERNEL_PACKAGE, Finding, contents
from ..content.sizes import human_size
from ..image.layer import Image
from ..union.index import Index
from .plates import MARGIN, answer, heading, listing
from .svg import Drawing, Picture, Table, measure, picture, wrap
from .text import sentences, t
from .texts.boot_model import said


def parts_picture(image: Image, index: Index | None = None, *, lang: str = "en", projector: bool = False) -> Picture:
    """Draw which parts of a machine's disk an image has.

    Parameters
    ----------
    index : Index, optional
        Its merged view, where it is at hand.
    """
    found = contents(image, index)
    title = t("parts.title", lang)
    fields = {
        "name": found.distribution or image.name, "n": found.files, "size": human_size(found.size),
        "kernel": human_size(KERNEL_PACKAGE), "cloud": human_size(CLOUD_KERNEL_PACKAGE),
        "grub": human_size(GRUB_PACKAGE),
    }
    words, cost = t("parts.words", lang, **fields), t("parts.packages", lang, **fields)

    def draw(drawing: Drawing) -> None:
        y = heading(drawing, title, t("parts.how", lang)) + 4
        names = max(measure(said(finding.name, lang), 14, True) for finding in found.findings)
        for finding in found.findings:
            y = _draw(drawing, y, finding, MARGIN + names + 8, lang)
        answer(drawing, y - 4, sentences(lang, words, cost))

    head = tuple(t(f"column.{name}", lang) for name in ("part", "image", "why"))
    rows = tuple((said(f.name, lang), _there(f, lang), said(f.words, lang)) for f in found.findings)
    absent = [said(f.name, lang) for f in found.findings if not f.there]
    missing = t("parts.absent", lang, what=listing(absent, lang)) if absent else ""
    return picture(draw, alt=sentences(lang, title, words, missing), table=Table(title, head, rows),
                   summary=t("as_table", lang), projector=projector)  # fmt: skip


def _draw(drawing: Drawing, y: float, finding: Finding, x: float, lang: str) -> float:
    drawing.text(MARGIN, y + 19, said(finding.name, lang), bold=True)
    style = "gone" if not finding.there else "plate" if finding.entries else "blank"
    box = 150 if drawing.roomy else 124
    drawing.box(x, y, box, 28, style, [_there(finding, lang), t("parts.there", lang)])
    left, room = x + box + 12, drawing.width - MARGIN - x - box - 12
    lines = wrap(said(finding.words, lang), room)
    for n, line in enumerate(lines):
        drawing.text(left, y + 19 + 20 * n, line, "muted")
    return y + max(36, 20 * len(lines) + 12)


def _there(finding: Finding, lang: str) -> str:
    if not finding.there:
        return t("look.absent", lang)
    if not finding.entries:
        return t("parts.empty", lang)
    return t("parts.holds" if finding.size else "parts.bare", lang, n=finding.entries, size=human_size(finding.size))

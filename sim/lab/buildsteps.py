"""A build as its image remembers it: instruction after instruction, which made a layer and which only wrote a line.

    [ - ] CMD ["cat", "/hello"]       only the config: no layer         the last instruction on top
    [(2)] RUN echo hello > /hello     layer 2, 6B: /hello
    [(1)] ADD rootfs                  layer 1, 70MB: ...                not reached yet: dashed
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..content.sizes import human_size
from ..engine.images import history_rows
from ..engine.stock import Stock, StockLayer
from ..engine.world import StoredImage
from .plates import DENSE_ABOVE, MARGIN, answer, chip, heading, instruction, listing
from .svg import Drawing, Picture, Table, fit, picture
from .text import sentences, t

NAMED = 3
"""Paths of a layer that are named."""


@dataclass(frozen=True, slots=True)
class BuildStep:
    """One instruction of a history.

    Attributes
    ----------
    words : str
        Without what the builder wraps around it.
    number : int
        Of the layer that it made, the base 1; 0 for none.
    layer : StockLayer or None
    """

    words: str
    number: int
    layer: StockLayer | None


def build_steps(stock: Stock, image: StoredImage) -> tuple[BuildStep, ...]:
    """Return the instructions that made an image, the first one first."""
    found, number = [], 0
    for entry, layer in reversed(history_rows(stock, image)):
        number += layer is not None
        found.append(BuildStep(instruction(entry.created_by or ""), number if layer else 0, layer))
    return tuple(found)


def build_picture(steps: Sequence[BuildStep], k: int, *, lang: str = "en", projector: bool = False) -> Picture:
    """Draw a build after its first `k` instructions."""
    now = steps[k - 1] if k else None
    title = t("build.after", lang, k=k, n=len(steps), what=_name(now, lang)) if now else t("build.before", lang)
    words = sentences(lang, _made(now, lang) if now else "", _so_far(steps[:k], lang))
    row = 28 if len(steps) > DENSE_ABOVE else 56

    def draw(drawing: Drawing) -> None:
        y = heading(drawing, title, t("build.how", lang)) + 6
        for n in range(len(steps), 0, -1):
            _row(drawing, y, row - 6, steps[n - 1], "gone" if n > k else "plate fresh" if n == k else "plate", lang)
            y += row
        answer(drawing, y - 6, words)

    head = tuple(t(f"column.{name}", lang) for name in ("layer", "made_by", "holds"))
    rows = tuple(
        (str(step.number or "-"), _name(step, lang), _made(step, lang) if n <= k else t("stack.not_yet", lang))
        for n, step in enumerate(steps, 1)
    )
    return picture(draw, alt=sentences(lang, title, words), table=Table(title, head, rows[::-1] or (("-",) * 3,)),
                   summary=t("as_table", lang), projector=projector)  # fmt: skip


def _name(step: BuildStep, lang: str) -> str:
    words = step.words or t("plate.base" if step.number == 1 else "plate.unnamed", lang)
    return words if len(words) <= 90 else words[:89] + "…"


def _made(step: BuildStep, lang: str) -> str:
    if step.layer is None:
        return t("build.config", lang)
    size, held = human_size(step.layer.size), _held(step.layer, lang)
    return t("build.layer", lang, n=step.number, size=size, what=held) if held else t(
        "build.layer_bare", lang, n=step.number, size=size)


def _held(layer: StockLayer, lang: str) -> str:
    changes = layer.changes
    files = [(-entry.size, path) for path, entry in changes.entries.items() if path and not entry.is_dir]
    paths = [f"/{path}" for _, path in sorted(files)]
    gone = sorted(t("build.whiteout", lang, path=f"/{path}") for path in changes.whiteouts)
    found = [*gone, *paths]
    more = len(found) - NAMED
    return listing(found if more <= 0 else [*found[:NAMED], t("life.more", lang, n=more)], lang)


def _so_far(steps: Sequence[BuildStep], lang: str) -> str:
    layers = [step.layer for step in steps if step.layer is not None]
    return t("build.sum", lang, steps=len(steps), layers=len(layers), size=human_size(sum(one.size for one in layers)))


def _row(drawing: Drawing, y: float, height: float, step: BuildStep, style: str, lang: str) -> None:
    gone, room = style == "gone", drawing.width - 2 * MARGIN
    name = _name(step, lang)
    drawing.rect(MARGIN, y, room, height, style, word=name)
    ink, bold = "muted" if gone else "ink", "fresh" in style
    if step.number:
        tall = min(height - 2, 30)
        chip(drawing, MARGIN + 8, y + (height - tall) / 2, step.number, tall, coloured=not gone)
    x, base = MARGIN + 44, y + (20 if height > 30 else 16)
    made = t("stack.not_yet", lang) if gone else _made(step, lang)
    side = 0.0 if height > 30 or step.layer is None or gone else 86
    drawing.text(x, base, fit(name, room - 56 - side, bold=bold), ink, bold=bold)
    if height > 30:
        drawing.text(x, base + 21, fit(made, room - 56), "muted")
    elif side and step.layer is not None:
        drawing.text(MARGIN + room - 12, base, human_size(step.layer.size), "muted", anchor="end")

"""The world as a picture: names on images, images and containers on shared layers; volumes and registries beside them.

    host cyo57
    [ubuntu:latest]  [+ u:1     ]
    [ 89a9268040a7]  [+ 0341...2]      thick outline and +: new      dashed and -: gone
                     [(2) + 61MB]
    [(1) 70.1MB                 ]      a layer that several use is drawn once, as wide as all of them
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from ..content.sizes import human_size
from .groves import Node, grove
from .plates import MARGIN, answer, chip, heading, instruction, listing
from .svg import Drawing, Picture, Table, fit, measure, picture, wrap
from .text import says, sentences, t
from .worldthings import Card, ContainerCard, HostFacts, ImageCard, Kept, Mark, Name, WorldFacts
from .worldwords import SIGN, rows, state_of, words_of

COLUMNS = (5, 4)
"""How many columns the wide and the narrow layout have room for."""
SLAB, CARD, GAP = 50, 50, 6
WIDEST = 230
"""A column is never wider, in pixels."""
MOST_PLACES = 8
MOST_NAMES, NAME_LINES = 5, 4
SPREAD = 0.8
"""Share of a drawing's air that lies between its parts; the rest is below the last words."""

_Part = Callable[[Drawing, float], float]
"""Draws a part of the picture below a y, and returns the y below it."""


def world_picture(
    found: WorldFacts, *, command: str = "", moves: Sequence[str] = (), lang: str = "en", projector: bool = False
) -> Picture:
    """Draw a world, and what became of it.

    Parameters
    ----------
    found : WorldFacts
    command : str
        What was done last; "" for a picture of the present alone.
    moves : sequence of str
        What docker said of each layer that it moved, in the end: ``Pull complete``.
    """
    line = " ".join(command.split())
    title = t("world.after", lang, command=line if len(line) <= 90 else line[:89] + "…") if line else t(
        "world.now", lang)
    words = words_of(found, bool(line), moves, lang)

    def draw(drawing: Drawing) -> None:
        parts = _parts(found, lang)
        # The first part stands right below the heading, where the eye looks for it; the air is between the others.
        gap = SPREAD * drawing.air / max(1, len(parts))
        y = heading(drawing, title, t("world.how", lang), free=0) + 2
        for part in parts:
            y = part(drawing, y) + gap
        answer(drawing, y - 14, words, free=0)

    head = tuple(t(f"column.{name}", lang) for name in ("what", "where", "holds", "change"))
    return picture(draw, alt=sentences(lang, title, words), table=Table(title, head, tuple(rows(found, lang))),
                   summary=t("as_table", lang), projector=projector)  # fmt: skip


def _parts(found: WorldFacts, lang: str) -> list[_Part]:
    parts: list[_Part] = []
    for host in found.hosts:
        parts.append(partial(_draw_host, host=host, lang=lang))
        for title, held, said in (("volumes", host.volumes, _volume), ("insecure", host.insecure, _setting)):
            if held:
                parts.append(partial(_draw_places, title=t(f"world.{title}", lang), found=held, said=said, lang=lang))
    for name, repositories in found.registries:
        held = repositories or (Kept("", (), Mark.KEPT),)
        parts.append(partial(_draw_places, title=t("world.registry", lang, name=name), found=held, said=_repository,
                             lang=lang))  # fmt: skip
    return parts


def _draw_host(drawing: Drawing, y: float, *, host: HostFacts, lang: str) -> float:
    room = drawing.width - 2 * MARGIN
    drawing.text(MARGIN, y + 16, t("world.host", lang, name=host.name), size=15, bold=True)
    y += 28
    if not host.cards:
        drawing.box(MARGIN, y, min(room, 360), 36, "gone", [t("world.empty", lang)])
        y += 48
    trees, left_out = grove(host, COLUMNS[0] if drawing.roomy else COLUMNS[1])
    columns = max((sum(tree.columns for tree in row) for row in trees), default=1)
    cell = min((room + GAP) / columns, WIDEST)
    for row in trees:
        heads = _Heads(cell - GAP, lang)
        bottom = y + max(_height(tree, heads) for tree in row)
        x = float(MARGIN)
        for tree in row:
            _draw_tree(drawing, x, bottom, cell, tree, heads)
            x += cell * tree.columns
        y = bottom + 18
    if left_out:
        y = drawing.lines(MARGIN, y + 6, t("world.more", lang, n=left_out), room, "muted") + 2
    return y


@dataclass(frozen=True, slots=True)
class _Heads:
    """Columns of a width: what a card needs of height, and how it is drawn."""

    width: float
    lang: str

    def height(self, card: Card) -> float:
        if isinstance(card, ContainerCard):
            return 2 * CARD + GAP + 20 * len(card.ports)
        return CARD + sum(20 * len(self.name(name)) + 8 + GAP for name in self.names(card))

    def names(self, card: ImageCard) -> list[Name]:
        """The names that are drawn: those that changed first, and how many more there are."""
        more = len(card.names) - MOST_NAMES
        if more <= 0:
            return list(card.names)
        kept = sorted(card.names, key=lambda one: one.mark is Mark.KEPT)[: MOST_NAMES - 1]
        rest = Name(t("world.more_places", self.lang, n=more + 1), Mark.KEPT)
        return [rest, *(one for one in card.names if one in kept)]

    def name(self, name: Name) -> list[str]:
        return _lines(SIGN[name.mark] + name.text, self.width - 14)

    def draw(self, drawing: Drawing, x: float, bottom: float, card: Card) -> None:
        if isinstance(card, ContainerCard):
            self._container(drawing, x, bottom, card)
        else:
            self._image(drawing, x, bottom, card)

    def _image(self, drawing: Drawing, x: float, bottom: float, card: ImageCard) -> None:
        y = bottom - CARD
        drawing.rect(x, y, self.width, CARD, _style("blank", card.mark), word=card.id, rounded=10)
        self._two(drawing, x, y, card.id, human_size(card.size), card.mark)
        for name in reversed(self.names(card)):
            lines = self.name(name)
            y -= 20 * len(lines) + 8 + GAP
            drawing.rect(x, y, self.width, 20 * len(lines) + 8, _style("plate", name.mark), word=name.text, rounded=13)
            for n, line in enumerate(lines):
                drawing.text(x + self.width / 2, y + 19 + 20 * n, line, _ink(name.mark), anchor="middle",
                             bold=name.mark is Mark.NEW)

    def _container(self, drawing: Drawing, x: float, bottom: float, card: ContainerCard) -> None:
        y = bottom - CARD
        count = t("world.own", self.lang, n=card.changes)
        own = SIGN[card.mark] + count
        drawing.rect(x, y, self.width, CARD, _style("plate dash", card.mark), word=own, rounded=6)
        chip(drawing, x + 7, y + 7, card.number, 22, card.mark is not Mark.GONE)
        drawing.text(x + 40, y + 23, _best([own, count, str(card.changes)], self.width - 44), _ink(card.mark))
        drawing.text(x + 8, y + 43, human_size(card.size), _ink(card.mark), bold=True)
        y -= CARD + GAP + 20 * len(card.ports)
        style = "stage" if card.state == "running" else "blank"
        drawing.rect(x, y, self.width, CARD + 20 * len(card.ports), _style(style, card.mark), word=card.name, rounded=3)
        self._two(drawing, x, y, card.name, state_of(card, self.lang), card.mark)
        for n, port in enumerate(card.ports):
            words = _best([t("world.port", self.lang, port=port), port], self.width - 10)
            drawing.text(x + self.width / 2, y + 62 + 20 * n, words, _ink(card.mark), anchor="middle")

    def _two(self, drawing: Drawing, x: float, y: float, first: str, second: str, mark: Mark) -> None:
        middle, room = x + self.width / 2, self.width - 8
        first = _best([SIGN[mark] + first, first], room, bold=True)
        drawing.text(middle, y + 21, first, _ink(mark), anchor="middle", bold=True)
        drawing.text(middle, y + 42, fit(second, room), _ink(mark), anchor="middle")


def _best(words: Sequence[str], width: float, bold: bool = False) -> str:
    """Return the first of some words that fits, or the last, cut."""
    return next((word for word in words if measure(word, bold=bold) <= width), fit(words[-1], width, bold=bold))


def _style(style: str, mark: Mark) -> str:
    return "gone" if mark is Mark.GONE else style if mark is Mark.KEPT else f"{style} fresh"


def _ink(mark: Mark) -> str:
    return "muted" if mark is Mark.GONE else "ink"


def _lines(text: str, width: float) -> list[str]:
    """Break a name where its parts meet: behind slashes, before colons, before the dots of a host's name."""
    lines = [""]
    for part in re.split(r"(?<=/)|(?=:)|(?=\.[a-z])", text):
        if lines[-1] and measure(lines[-1] + part, bold=True) > width:
            lines.append("")
        lines[-1] += part
    found = [piece for line in lines for piece in wrap(line, width, bold=True)]
    return found if len(found) <= NAME_LINES else [*found[: NAME_LINES - 1], fit("".join(found[3:]), width, bold=True)]


def _height(node: Node, heads: _Heads) -> float:
    own = SLAB + GAP if node.run else 0
    return own + max((*(heads.height(card) for card in node.cards), *(_height(one, heads) for one in node.above)))


def _draw_tree(drawing: Drawing, x: float, bottom: float, cell: float, node: Node, heads: _Heads) -> None:
    if node.run:
        _draw_slab(drawing, x, bottom - SLAB, cell * node.columns - GAP, node, heads.lang)
        bottom -= SLAB + GAP
    for card in node.cards:
        heads.draw(drawing, x, bottom, card)
        x += cell
    for one in node.above:
        _draw_tree(drawing, x, bottom, cell, one, heads)
        x += cell * one.columns


def _draw_slab(drawing: Drawing, x: float, y: float, width: float, node: Node, lang: str) -> None:
    first, last = node.run[0], node.run[-1]
    mark = first.mark
    name = instruction(first.made_by) or t("plate.base" if first.number == 1 else "plate.unnamed", lang)
    left, size = x + (40 if last is first else 76), SIGN[mark] + human_size(sum(slab.size for slab in node.run))
    beside = measure(size, bold=True) <= x + width - left - 2
    drawing.rect(x, y, width, SLAB, _style("plate", mark), word=name if beside else size, rounded=6)
    chip(drawing, x + 7, y + 7, first.number, 22, mark is not Mark.GONE)
    if last is not first:
        drawing.text(x + 38, y + 23, "–", "muted", anchor="middle")
        chip(drawing, x + 43, y + 7, last.number, 22, mark is not Mark.GONE)
    drawing.text(left if beside else x + 8, y + 23 if beside else y + 43, size, _ink(mark), bold=True)
    if beside:
        drawing.text(x + 8, y + 43, fit(name, width - 14), "muted")


def _draw_places(
    drawing: Drawing, y: float, *, title: str, found: Sequence[Kept], said: Callable[[Kept, str], str], lang: str
) -> float:
    """Draw what is beside the layers, a box each, two in a row where there is room."""
    drawing.text(MARGIN, y + 16, fit(title, drawing.width - 2 * MARGIN, 15, True), size=15, bold=True)
    across = 2 if drawing.roomy else 1
    width = (drawing.width - 2 * MARGIN + GAP) / across
    shown = sorted(found, key=lambda one: one.mark is Mark.KEPT)[:MOST_PLACES]
    for n, one in enumerate(shown):
        words = SIGN[one.mark] + said(one, lang)
        drawing.box(MARGIN + width * (n % across), y + 28 + 40 * (n // across), width - GAP, 34,
                    _style("blank", one.mark), [words], bold=one.mark is Mark.NEW)
    y += 28 + 40 * -(-len(shown) // across)
    if len(found) > len(shown):
        drawing.text(MARGIN, y + 12, t("world.more_places", lang, n=len(found) - len(shown)), "muted")
        y += 20
    return y + 8


def _volume(one: Kept, lang: str) -> str:
    name = one.name if len(one.name) < 64 else one.name[:12]
    name = t("world.anonymous", lang, name=name) if one.anonymous else name
    held = list(one.holds[:3]) + (["…"] if len(one.holds) > 3 else [])
    return says(name, " ".join(held) or t("life.empty", lang), lang)


def _setting(one: Kept, lang: str) -> str:
    return one.name


def _repository(one: Kept, lang: str) -> str:
    tags = t("world.tags", lang, tags=listing(one.holds, lang)) if one.holds else t("world.no_tags", lang)
    said = listing([tags, *([t("world.blobs", lang, n=one.blobs)] if one.blobs else [])], lang)
    return says(one.name, said, lang) if one.name else said

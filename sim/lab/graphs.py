"""Images over shared layers: which image stands on which layers, and what a pull need not fetch.

          [ubuntu-vim]          an image stands on its top layer,
    [ubuntu]   (2) vim          a layer on the one that it was made on;
         \\    /                 a run of layers that nothing branches from is one box;
        (1) base                what two images have in common stands here once.

The boxes are ChainIDs: the same layer on other parents is another stack, and another box.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..content.digest import Digest
from ..content.sizes import human_size
from ..image.ids import ChainID
from ..image.layer import Image, Layer
from ..image.samples import advertised_size
from .layout import Layout, layered
from .plates import MARGIN, answer, chip, created_by, heading, listing, two_lines
from .style import layer_class
from .svg import Drawing, Picture, Table, fit, picture
from .text import sentences, t


@dataclass(frozen=True, slots=True)
class Run:
    """Layers on top of each other that nothing branches from, base first, and the number of the first."""

    first: int
    layers: tuple[Layer, ...]

    @property
    def size(self) -> int:
        """Bytes of the blobs."""
        return sum(map(advertised_size, self.layers))

    @property
    def last(self) -> int:
        """The number of the top one."""
        return self.first + len(self.layers) - 1


def inheritance(images: Sequence[Image]) -> Any:
    """Return the graph of images over shared layers, as a networkx DiGraph.

    Its nodes are the ChainIDs of runs, with the `Run` as attribute `run`, and ("image", number, name); an edge
    goes from what stands to what it stands on.
    """
    import networkx

    graph = networkx.DiGraph()
    ends = {image.layers[-1].chain_id for image in images if image.layers}
    above: dict[ChainID, set[ChainID]] = {}
    for image in images:
        for lower, upper in zip(image.layers, image.layers[1:], strict=False):
            above.setdefault(lower.chain_id, set()).add(upper.chain_id)
    for number, image in enumerate(images):
        graph.add_node(("image", number, image.name))
    for number, image in enumerate(images):
        below: Any = None
        for run in _runs(image, ends, above):
            top = run.layers[-1].chain_id
            graph.add_node(top, run=run)
            if below is not None:
                graph.add_edge(top, below)
            below = top
        if below is not None:
            graph.add_edge(("image", number, image.name), below)
    return graph


def _runs(image: Image, ends: Collection[ChainID], above: dict[ChainID, set[ChainID]]) -> list[Run]:
    runs: list[Run] = []
    held: list[Layer] = []
    for number, layer in enumerate(image.layers, 1):
        held.append(layer)
        # A box ends where an image stands, or where several stacks go on.
        if layer.chain_id in ends or len(above.get(layer.chain_id, ())) > 1:
            runs.append(Run(number - len(held) + 1, tuple(held)))
            held = []
    return runs


def inheritance_picture(images: Sequence[Image], *, lang: str = "en", projector: bool = False) -> Picture:
    """Draw images over the layers that they share."""
    graph = inheritance(images)
    layout = layered(graph)
    runs: dict[ChainID, Run] = {node: run for node, run in graph.nodes(data="run") if run is not None}
    named = [layer for image in images for layer in image.layers]
    stored = {layer.descriptor.digest: layer for layer in named}
    title = t("graph.title", lang)
    words = t(
        "graph.words", lang, images=len(images), named=len(named), stored=len(stored),
        named_size=human_size(sum(map(advertised_size, named))),
        stored_size=human_size(sum(map(advertised_size, stored.values()))),
    )

    def draw(drawing: Drawing) -> None:
        y = heading(drawing, title, t("graph.how", lang))
        bottom = _draw_graph(drawing, y - 6, layout, runs, lang)
        answer(drawing, bottom, words)

    rows = tuple(_graph_row(node, graph, runs, lang) for node in graph.nodes)
    head = tuple(t(f"column.{name}", lang) for name in ("image", "layer", "parent", "size"))
    return picture(
        draw, alt=sentences(lang, title, words), table=Table(title, head, rows), summary=t("as_table", lang),
        projector=projector,
    )


def _run_name(run: Run, lang: str) -> str:
    if len(run.layers) == 1:
        return t("look.layer", lang, n=run.first)
    return t("graph.run", lang, first=run.first, last=run.last)


def _graph_row(node: Any, graph: Any, runs: Mapping[ChainID, Run], lang: str) -> tuple[str, ...]:
    def words(chain: ChainID) -> str:
        return listing([_run_name(runs[chain], lang), chain.short], lang)

    on = next((words(below) for below in graph.successors(node)), "-")
    return ("", words(node), on, human_size(runs[node].size)) if node in runs else (node[2], "", on, "")


def _draw_graph(
    drawing: Drawing, top: float, layout: Layout, runs: Mapping[ChainID, Run], lang: str
) -> float:
    room = drawing.width - 2 * MARGIN
    cell = min(room / layout.width, 200)
    left = MARGIN + (room - cell * layout.width) / 2
    ranks = 1 + max((rank for _, rank in layout.places.values()), default=0)
    height, gap = 80, 30

    def at(place: tuple[float, int]) -> tuple[float, float]:
        return left + (place[0] + 0.5) * cell, top + (ranks - 1 - place[1]) * (height + gap)

    for _, _, places in layout.lines:
        points = [at(place) for place in places]
        bends = [(x, y + height / 2) for x, y in points[1:-1]]
        drawing.line([(points[0][0], points[0][1] + height), *bends, points[-1]])
    for node, place in layout.places.items():
        x, y = at(place)
        box = min(cell - 12, 176)
        if isinstance(node, ChainID):
            _draw_run(drawing, x - box / 2, y, box, height, runs[node], lang)
        else:
            _draw_image(drawing, x - box / 2, y, box, height, node)
    return top + ranks * (height + gap) - gap


def _draw_image(drawing: Drawing, x: float, y: float, width: float, height: float, node: Any) -> None:
    name = node[2].removeprefix("sample:")
    drawing.rect(x, y + 22, width, height - 22, "blank", word=name, rounded=10)
    lines = two_lines(name, width - 12, 14, True)
    for n, line in enumerate(lines):
        drawing.text(
            x + width / 2, y + height / 2 + 16 + 18 * (n - (len(lines) - 1) / 2), line, "ink", 14, "middle", True
        )


def _draw_run(drawing: Drawing, x: float, y: float, width: float, height: float, run: Run, lang: str) -> None:
    drawing.rect(x, y, width, height, "plate", word=_run_name(run, lang), rounded=6)
    chip(drawing, x + 6, y + 7, run.first, 22)
    if len(run.layers) > 1:
        drawing.text(x + 37, y + 23, "–", "muted", anchor="middle")
        chip(drawing, x + 42, y + 7, run.last, 22)
    drawing.text(x + 7, y + 49, human_size(run.size), "ink", bold=True)
    name = created_by(run.layers[0]) or t("plate.base" if run.first == 1 else "plate.unnamed", lang)
    drawing.text(x + 7, y + 69, fit(name, width - 12), "muted")


def pull_picture(
    image: Image, here: Collection[Digest], *, lang: str = "en", projector: bool = False
) -> Picture:
    """Draw which layers a pull would fetch, and which it would skip because their digests are known.

    Parameters
    ----------
    image : Image
        What is pulled.
    here : collection of Digest
        Digests of the layer blobs that are already stored.
    """
    fetch = [layer for layer in image.layers if layer.descriptor.digest not in here]
    title = t("pull.title", lang)
    words = t(
        "pull.words", lang, name=image.name.removeprefix("sample:"), fetch=human_size(sum(map(advertised_size, fetch))),
        all=human_size(sum(map(advertised_size, image.layers))), skip=len(image.layers) - len(fetch),
        layers=len(image.layers),
    )

    def status(layer: Layer) -> str:
        if layer.descriptor.digest in here:
            return t("pull.have", lang)
        return t("pull.fetch", lang, size=human_size(advertised_size(layer)))

    def draw(drawing: Drawing) -> None:
        y = heading(drawing, title, t("pull.how", lang)) + 4
        largest = max([1, *map(advertised_size, image.layers)])
        left = MARGIN + (260 if drawing.roomy else 150)
        room = drawing.width - MARGIN - left - 150
        for number, layer in reversed(list(enumerate(image.layers, 1))):
            chip(drawing, MARGIN, y, number)
            name = created_by(layer) or t("plate.base" if number == 1 else "plate.unnamed", lang)
            drawing.text(MARGIN + 38, y + 20, fit(name, left - MARGIN - 48))
            known = layer.descriptor.digest in here
            style = layer_class(number) if known else layer_class(number).replace("l", "s")
            part = max(4.0, room * advertised_size(layer) / largest)
            drawing.rect(left, y, part, 30, style, word=str(number), rounded=3)
            drawing.text(left + part + 8, y + 20, status(layer), "ink")
            y += 40
        answer(drawing, y - 12, words)

    head = tuple(t(f"column.{name}", lang) for name in ("layer", "blob", "status"))
    rows = tuple(
        (str(number), layer.descriptor.digest.short, status(layer)) for number, layer in enumerate(image.layers, 1)
    )
    return picture(
        draw, alt=sentences(lang, title, words), table=Table(title, head, rows[::-1]), summary=t("as_table", lang),
        projector=projector,
    )

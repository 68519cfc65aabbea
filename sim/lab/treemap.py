"""The treemap: every byte that an image stores as area, seen or hidden, and how to walk in it.

    +- usr 109MB -----------------+- var 24MB --+        colour and number: the layer that stores it
    | 1 libc.so | 2 vim.basic     | ////////////|        grey hatch: stored and sent, and nobody sees it
    |-----+-----+-----------------| // 2 lists /|
    |  1  | ... | 2               | ////////////|
    +-----+-----+-----------------+-------------+

`Treemap` is plain Python: `zoom` and `only` do what its two menus do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from ..content.sizes import human_size
from ..dedup.sharing import Usage
from ..errors import BadInput
from .plates import MARGIN, answer, chip, heading, listing
from .squares import Box
from .style import layer_class
from .svg import Drawing, Picture, Table, fit, measure, on, picture
from .text import sentences, t
from .tiles import Folder, Head, Kind, Tile, tiles, tree
from .widgets import boxed, bundle

HEIGHT = 400
MENU = 30
"""Directories that the menu offers, the largest."""


def treemap_picture(
    found: Usage, directory: str = "", *, layer: int | None = None, root: Folder | None = None, lang: str = "en",
    projector: bool = False,
) -> Picture:
    """Draw what an image stores below a directory.

    Parameters
    ----------
    found : Usage
    directory : str
        The root by default.
    layer : int, optional
        Draw the bytes of this layer in colour and the others pale.
    root : Folder, optional
        The tree of its copies, if it is at hand.

    Raises
    ------
    BadInput
        The image stores nothing there.
    """
    folder = (root or tree(found.copies)).find(directory)
    if folder is None or not folder.size and directory:
        raise BadInput(t("area.nothing", lang, path=f"/{directory.strip('/')}"))
    title = t("area.title", lang, name=found.subject.name, path=f"/{directory.strip('/')}")
    words, cost = _words(found, folder, directory, lang)

    def draw(drawing: Drawing) -> None:
        y = heading(drawing, title, t("area.how", lang))
        y = _legend(drawing, y + 4, folder, layer, lang)
        box = Box(MARGIN, y, drawing.width - 2 * MARGIN, HEIGHT)
        for one in tiles(folder, box):
            _draw(drawing, one, layer, lang)
        answer(drawing, y + HEIGHT, words, cost)

    head = tuple(t(f"column.{name}", lang) for name in ("path", "layer", "hidden", "size"))
    return picture(
        draw, alt=sentences(lang, title, words, cost), table=Table(title, head, _rows(folder, lang)),
        summary=t("as_table", lang), projector=projector,
    )  # fmt: skip


def _words(found: Usage, folder: Folder, directory: str, lang: str) -> tuple[str, str]:
    size, hidden = folder.size, folder.hidden
    words = t("area.words", lang, stored=human_size(size), seen=human_size(size - hidden),
              part=round(100 * (size - hidden) / size) if size else 100)
    above = directory.strip("/") + "/" if directory.strip("/") else ""
    ways = Counter[tuple[int, int, str]]()
    for copy in found.copies:
        if copy.by is not None and copy.path.startswith(above):
            ways[copy.layer, copy.by, copy.fate] += copy.size
    named = [
        t("area.way", lang, layer=layer, by=by, size=human_size(size), fate=t(f"fate.{fate}", lang))
        for (layer, by, fate), size in ways.most_common(2) if size
    ]
    return words, t("area.cost", lang, size=human_size(hidden), ways=listing(named, lang)) if hidden else ""


def _legend(drawing: Drawing, y: float, folder: Folder, layer: int | None, lang: str) -> float:
    """Say which number is which layer and what it stores here, in as many rows as that needs."""
    numbers = sorted({number for number, _ in folder.sums})
    most = sorted(numbers, key=lambda number: -folder.sums[number, False])[:8]
    items = [(number, t("area.seen", lang, size=human_size(folder.sums[number, False]))) for number in sorted(most)]
    if folder.hidden:
        items.append((0, t("area.hidden", lang, size=human_size(folder.hidden))))
    x = float(MARGIN)
    for number, words in items:
        room = 32 + measure(words) + 18
        if x + room > drawing.width - MARGIN + 18:
            x, y = float(MARGIN), y + 28
        if number:
            chip(drawing, x, y, number, 22, layer in (None, number))
        else:
            drawing.rect(x, y, 26, 22, "hidden", word=t("cell.hidden", lang))
        drawing.text(x + 32, y + 16, words, "muted")
        x += room
    return y + 32


def _draw(drawing: Drawing, one: Tile | Head, layer: int | None, lang: str) -> None:
    box = one.box
    if isinstance(one, Head):
        words = f"{one.name}/"
        sized = f"{words} {human_size(one.size)}"
        said = sized if measure(sized, bold=True) <= box.width - 8 else fit(words, box.width - 8, bold=True)
        drawing.text(box.x + 2, box.y + 16, said, bold=True)
        return
    number, hidden = one.kind
    if min(box.width, box.height) < 1.5:
        return
    style = "plate" if layer not in (None, number) else "hidden" if hidden else layer_class(number)
    drawing.rect(box.x, box.y, box.width, box.height, style, rounded=1,
                 word=t("cell.hidden", lang) if hidden else str(number))  # fmt: skip
    named = one.name or t("area.rest", lang, n=one.count)
    if layer in (None, number) and box.height >= 20:
        said = next((word for word in (f"{number} {named}", str(number)) if measure(word) <= box.width - 6), "")
        if said:
            drawing.text(box.x + box.width / 2, box.y + box.height / 2 + 5, said, on(style), anchor="middle")


def _rows(folder: Folder, lang: str) -> tuple[tuple[str, ...], ...]:
    found: list[tuple[int, tuple[str, ...]]] = [
        (inner.size, (f"{inner.name}/", _layers(inner.sums, lang), human_size(inner.hidden), human_size(inner.size)))
        for inner in folder.folders.values()
    ]
    for copy in folder.files:
        hidden = human_size(0 if copy.by is None else copy.size)
        layers = _layers(Counter({(copy.layer, copy.by is not None): copy.size}), lang)
        found.append((copy.size, (copy.path.rpartition("/")[2], layers, hidden, human_size(copy.size))))
    found.sort(key=lambda item: -item[0])
    return tuple(row for _, row in found[:MENU]) or (("-",) * 4,)


def _layers(sums: Counter[Kind], lang: str) -> str:
    by_layer = Counter[int]()
    for (number, _), size in sums.items():
        by_layer[number] += size
    return listing([t("tree.one", lang, n=n, size=human_size(size)) for n, size in sorted(by_layer.items())], lang)


class Treemap:
    """An image's treemap to walk in: into a directory and out again, all layers or one.

    Parameters
    ----------
    found : Usage
    directory : str
        Where to begin.
    layer : int, optional
        The one layer in colour.
    lang : str
    projector : bool
    """

    def __init__(
        self, found: Usage, directory: str = "", layer: int | None = None, *, lang: str = "en", projector: bool = False
    ) -> None:
        self._found, self._root, self.lang, self._projector = found, tree(found.copies), lang, projector
        self._made: dict[tuple[str, int | None], Picture] = {}
        self.zoom(directory).only(layer)

    @property
    def picture(self) -> Picture:
        """The picture of the directory and the layers that are shown."""
        shown = self.directory, self.layer
        if shown not in self._made:
            self._made[shown] = treemap_picture(
                self._found, self.directory, layer=self.layer, root=self._root, lang=self.lang,
                projector=self._projector,
            )
        return self._made[shown]

    def zoom(self, directory: str) -> Treemap:
        """Show a directory; `BadInput` where the image stores nothing in it."""
        path = directory.strip("/")
        if path and self._root.find(path) is None:
            raise BadInput(t("area.nothing", self.lang, path=f"/{path}"))
        self.directory = path
        return self

    def only(self, layer: int | None) -> Treemap:
        """Colour one layer, or with None all; `BadInput` where there is no such layer."""
        if layer is not None and not 1 <= layer <= len(self._found.layers):
            raise BadInput(t("area.no_layer", self.lang, n=layer), hint=f"1 - {len(self._found.layers)}")
        self.layer = layer
        return self

    def places(self) -> list[tuple[str, str]]:
        """Return what the menu offers: label and path of this directory, the one above, those in it."""
        here = self._root.find(self.directory) or self._root
        inner = sorted(here.folders.values(), key=lambda folder: -folder.size)[:MENU]
        above = self.directory.rpartition("/")[0]
        prefix = f"{self.directory}/" if self.directory else ""
        return [
            (f"/{self.directory}", self.directory), *([(t("area.up", self.lang), above)] * bool(self.directory)),
            *((f"/{prefix}{folder.name}  {human_size(folder.size)}", prefix + folder.name) for folder in inner),
        ]

    def widget(self) -> Any:
        """Return the ipywidgets box; `ModuleNotFoundError` without ipywidgets."""
        import ipywidgets

        def menu(label: str, options: Sequence[Any], value: Any) -> Any:
            return ipywidgets.Dropdown(
                options=options, value=value, description=label, style={"description_width": "initial"},
                layout={"width": "max-content", "max_width": "100%"},
            )

        layers = [(t("area.all", self.lang), 0), *((t("look.layer", self.lang, n=n), n)
                                                  for n in range(1, len(self._found.layers) + 1))]
        places = menu(t("area.place", self.lang), self.places(), self.directory)
        layer = menu(t("area.layer", self.lang), layers, self.layer or 0)
        view = ipywidgets.HTML(self.picture.html())
        said = ipywidgets.HTML()

        def show() -> None:
            shown = self.picture
            view.value = shown.html()
            said.value = f'<p role="status" style="margin:4px 0">{self.places()[0][0]}</p>'

        def walk(event: Any) -> None:
            # Giving the menu new options chooses the first of them: this directory itself.
            if event["new"] is not None and event["new"] != self.directory:
                self.zoom(event["new"])
                places.options = self.places()
                show()

        def choose(event: Any) -> None:
            self.only(event["new"] or None)
            show()

        places.observe(walk, "value")
        layer.observe(choose, "value")
        show()
        row = ipywidgets.HBox([places, layer], layout={"flex_flow": "row wrap", "align_items": "center"})
        return boxed(row, said, view, lang=self.lang)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return bundle([self.picture], self.widget)

    def __repr__(self) -> str:
        return self.picture.text

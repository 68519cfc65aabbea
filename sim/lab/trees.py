"""The merged tree, coloured by the layer that supplies each part of it.

    usr/   [###1######|==2===]  109MB         a bar for each name: the bytes below it, layer by layer
    etc/   [1]                  0.5MB         on one scale, with the layer's number wherever it fits

    matrix   layer 1  layer 2                 for large trees: at most 40 directories by the layers, each
    usr/lib  [#####]  [##   ]                 cell filled by the bytes that are visible there
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..content.sizes import human_size
from ..errors import FsError
from ..fs.entry import Entry, Kind
from ..union.index import Index
from ..union.totals import file_bytes, layer_bytes
from .figures import Source
from .plates import MARGIN, answer, chip, heading, listing, plates_of
from .style import layer_class
from .svg import Drawing, Picture, Table, fit, measure, picture
from .text import says, sentences, t

MAX_NAMES = 22
MAX_DIRECTORIES = 40
MAX_LAYERS = 12
"""Columns of the matrix; the layers with the most visible bytes are shown."""


@dataclass(frozen=True, slots=True)
class Branch:
    """One name of the merged view: its entry, who supplies it, and the bytes below it layer by layer."""

    name: str
    layer: int | None
    entry: Entry | None
    sizes: Mapping[int, int] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Visible bytes at and below the name."""
        return sum(self.sizes.values())

    @property
    def label(self) -> str:
        """The name as a listing writes it."""
        if self.entry is None:
            return self.name
        return self.name + ("/" if self.entry.is_dir else f" -> {self.entry.target}" if self.entry.target else "")


def branches(index: Index, directory: str = "", k: int | None = None) -> list[Branch]:
    """Return the names in a directory of the merged view, with the bytes that each layer shows below them.

    Examples
    --------
    >>> from sim.fs.sketch import sketch, file
    >>> index = Index.of([sketch(file("/a/x", b"12"), file("/b")), sketch(file("/a/y", b"123"))])
    >>> [(branch.label, dict(branch.sizes)) for branch in branches(index)]
    [('a/', {1: 2, 2: 3}), ('b', {})]
    """
    held: dict[str, dict[int, list[Entry]]] = {}
    tops: dict[str, tuple[int, Entry]] = {}
    start = len(directory) + 1 if directory else 0
    for path, layer, entry in index.walk(k, directory):
        name, slash, _ = path[start:].partition("/")
        if not name:
            continue
        if not slash:
            tops[name] = (layer, entry)
        if entry.kind is Kind.FILE:
            held.setdefault(name, defaultdict(list))[layer].append(entry)
    sizes = {
        name: {layer: size for layer, entries in sorted(by_layer.items()) if (size := file_bytes(entries))}
        for name, by_layer in held.items()
    }
    return [Branch(name, *tops[name], sizes.get(name, {})) for name in sorted(tops)]


def tree_picture(
    source: Source, directory: str = "", *, k: int | None = None, index: Index | None = None, lang: str = "en",
    projector: bool = False,
) -> Picture:
    """Draw a directory of the merged view, each name with the bytes below it in the colours of the layers.

    Parameters
    ----------
    source : Image, or sequence of ChangeSet or Plate
        Base first.
    directory : str
        The root by default.
    k : int, optional
        How many layers are stacked; names that come with later ones keep their place, empty.
    index : Index, optional
        Of the same stack, where there is one already.

    Raises
    ------
    FsError
        The directory is not in the merged view, or is not one.
    """
    plates = plates_of(source)
    index = Index.of([plate.changes for plate in plates]) if index is None else index
    directory = _directory(index, directory)
    depth = len(plates) if k is None else k
    names = {name for n in range(index.depth + 1) for name in _names(index, directory, n)} if k is not None else None
    found = branches(index, directory, depth) if _names(index, directory, depth) else []
    shown, rest = _shown(found, names)
    title = t("tree.title", lang, path=f"/{directory}")
    words, cost = _tree_words(index, directory, depth, lang)

    def draw(drawing: Drawing) -> None:
        y = heading(drawing, title, t("tree.how", lang)) + 4
        largest = max([1, *(branch.size for branch in shown)])
        for branch in shown:
            _branch_row(drawing, y, branch, largest, lang)
            y += 26
        if rest:
            drawing.text(MARGIN + 36, y + 15, _rest_words(rest, lang), "muted")
            y += 26
        if not found:
            drawing.text(MARGIN, y + 15, t("tree.empty", lang), "muted")
            y += 26
        answer(drawing, y - 6, words, cost)

    head = tuple(t(f"column.{name}", lang) for name in ("path", "layer", "size"))
    rows = tuple(
        (branch.label, _layers_words(branch, lang), human_size(branch.size)) for branch in found
    ) or (("-", "-", "-"),)
    biggest = sorted(found, key=lambda branch: -branch.size)[:3]
    named = [says(branch.label, _layers_words(branch, lang), lang) for branch in biggest]
    return picture(
        draw, alt=sentences(lang, title, *named, words, cost), table=Table(title, head, rows),
        summary=t("as_table", lang), projector=projector,
    )


def _directory(index: Index, path: str) -> str:
    found = index.resolve(path or "/", follow_last=True)
    if found.errno:
        raise FsError(found.errno, path)
    index.readdir(found.path)
    return found.path


def _names(index: Index, directory: str, k: int) -> tuple[str, ...]:
    entry = index.get(directory, k)
    return index.readdir(directory, k) if entry is not None and entry.is_dir else ()


def _shown(found: Sequence[Branch], names: set[str] | None) -> tuple[list[Branch], list[Branch]]:
    """Return the rows to draw and the branches that are left for one line; with `names`, the rows never change."""
    here = {branch.name: branch for branch in found}
    every = [here.get(name, Branch(name, None, None)) for name in sorted(names if names is not None else here)]
    if len(every) <= MAX_NAMES:
        return every, []
    largest = sorted(every, key=lambda branch: (-branch.size, branch.name))[: MAX_NAMES - 1]
    return [branch for branch in every if branch in largest], [branch for branch in every if branch not in largest]


def _rest_words(rest: Sequence[Branch], lang: str) -> str:
    return listing([t("tree.rest", lang, n=len(rest)), human_size(sum(branch.size for branch in rest))], lang)


def _tree_words(index: Index, directory: str, k: int, lang: str) -> tuple[str, str]:
    merged = [(path, entry) for path, _, entry in index.walk(k, directory)] if index.get(directory, k) else []
    live = file_bytes(entry for _, entry in merged)
    if directory:
        below = [
            entry for layer in index.layers[:k] for path, entry in layer.entries.items()
            if path.startswith(directory + "/")
        ]
        stored = file_bytes(below)
    else:
        stored = sum(map(layer_bytes, index.layers[:k]))
    words = t(
        "tree.words", lang, paths=len([path for path, _ in merged if path != directory]), live=human_size(live),
        stored=human_size(stored),
    )
    return words, t("tree.hidden", lang, size=human_size(stored - live)) if stored > live else ""


def _layers_words(branch: Branch, lang: str) -> str:
    if branch.sizes:
        return listing([t("tree.one", lang, n=n, size=human_size(size)) for n, size in branch.sizes.items()], lang)
    return "-" if branch.layer is None else t("look.layer", lang, n=branch.layer)


def _branch_row(drawing: Drawing, y: float, branch: Branch, largest: int, lang: str) -> None:
    width, there = drawing.width, branch.entry is not None
    if branch.layer is not None:
        chip(drawing, MARGIN, y, branch.layer, 20)
    left = MARGIN + (200 if drawing.roomy else 168)
    drawing.text(MARGIN + 36, y + 15, fit(branch.label, left - MARGIN - 44), "ink" if there else "muted")
    right = width - MARGIN - 74
    if not there:
        drawing.text(left, y + 15, t("look.absent", lang), "muted")
        return
    x: float = left
    for number, size in branch.sizes.items():
        part = (right - left) * size / largest
        if part > 24:
            drawing.box(x, y, part, 20, layer_class(number), [_part_words(number, size, part, lang), str(number)])
        else:
            drawing.rect(x, y, part, 20, layer_class(number), word=str(number), rounded=1)
        x += max(part, 1.5)
    if branch.entry is not None and branch.entry.kind in (Kind.FILE, Kind.DIRECTORY):
        drawing.text(width - MARGIN, y + 15, human_size(branch.size), "muted", anchor="end")


def _part_words(number: int, size: int, width: float, lang: str) -> str:
    words = t("tree.one", lang, n=number, size=human_size(size))
    return words if measure(words) <= width - 8 else str(number)


def matrix_picture(
    source: Source, *, index: Index | None = None, lang: str = "en", projector: bool = False
) -> Picture:
    """Draw at most `MAX_DIRECTORIES` directories by the layers that supply their visible bytes."""
    plates = plates_of(source)
    index = Index.of([plate.changes for plate in plates]) if index is None else index
    rows = _split(index)
    sums: dict[int, int] = defaultdict(int)
    for branch in rows:
        for number, size in branch.sizes.items():
            sums[number] += size
    columns = sorted(sorted(sums, key=lambda number: -sums[number])[:MAX_LAYERS])
    title = t("matrix.title", lang)
    words = t("matrix.words", lang, rows=len(rows), n=len(plates), size=human_size(sum(sums.values())))

    def draw(drawing: Drawing) -> None:
        y = heading(drawing, title, t("matrix.how", lang)) + 6
        left = MARGIN + (230 if drawing.roomy else 180)
        cell = min(150, (drawing.width - MARGIN - left) / max(1, len(columns)))
        largest = max([1, *(size for branch in rows for size in branch.sizes.values())])
        for n, number in enumerate(columns):
            chip(drawing, left + n * cell, y, number, 20)
        y += 28
        for branch in rows:
            drawing.text(MARGIN, y + 14, fit(branch.label, left - MARGIN - 8, keep_end=True))
            for n, number in enumerate(columns):
                _shade(drawing, left + n * cell, y, cell - 8, branch.sizes.get(number, 0), largest, number)
            y += 22
        answer(drawing, y - 8, words)

    head = (t("column.path", lang), *(t("look.layer", lang, n=number) for number in columns))
    table = tuple((branch.label, *(human_size(branch.sizes.get(n, 0)) for n in columns)) for branch in rows)
    top = max(rows, key=lambda branch: branch.size, default=None)
    alt = sentences(lang, title, words, says(top.label, _layers_words(top, lang), lang) if top else "")
    return picture(
        draw, alt=alt, table=Table(title, head, table), summary=t("as_table", lang), projector=projector
    )


def _shade(drawing: Drawing, x: float, y: float, width: float, size: int, largest: int, number: int) -> None:
    if not size:
        return
    words = human_size(size)
    roomy = measure(words) + 30 < width
    full = width - (64 if roomy else 0)
    # A cell is filled by the square root: a file of a kilobyte beside one of a hundred megabytes stays visible.
    part = max(3.0, full * (size / largest) ** 0.5)
    drawing.rect(x, y, part, 17, layer_class(number), word=str(number), rounded=2)
    if roomy:
        drawing.text(x + part + 6, y + 14, words, "muted")


def _split(index: Index) -> list[Branch]:
    """Return the root's directories, the largest split into their own while there is room and they matter."""
    rows = [branch for branch in branches(index) if branch.sizes]
    closed: set[str] = set()
    least = sum(branch.size for branch in rows) / 50
    while True:
        open_ = [b for b in rows if b.entry is not None and b.entry.is_dir and b.name not in closed]
        largest = max(open_, key=lambda branch: branch.size, default=None)
        if largest is None or largest.size < least:
            break
        inside = [
            Branch(f"{largest.name}/{branch.name}", branch.layer, branch.entry, branch.sizes)
            for branch in branches(index, largest.name) if branch.sizes
        ]
        files = [branch for branch in inside if branch.entry is not None and not branch.entry.is_dir]
        if len(rows) - 1 + len(inside) > MAX_DIRECTORIES or len(files) > 3 or largest.name.count("/") > 2:
            closed.add(largest.name)
            continue
        rows = [branch for branch in rows if branch is not largest] + inside
    return sorted(rows, key=lambda branch: branch.name)[:MAX_DIRECTORIES]



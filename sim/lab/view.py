"""What the looking-down picture says, before anything is drawn.

    cell(stack, 1, found)     what layer 1 holds at the path, and whether it is seen     hidden
    hidden_by(stack, found)   bytes that the end of the lookup hides further down        {1: 9200000}
    View                      columns, the lookup after so many steps, its words, the same as a table
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..content.sizes import human_size
from ..fs.changeset import ChangeSet
from ..fs.entry import Entry, Kind, canonical
from ..union.answer import Lookup, Said, Step
from ..union.lookup import ask, lookup, resolve
from ..union.totals import file_bytes
from .plates import Plate, listing
from .style import layer_class
from .svg import Table
from .text import lookup_words, says, sentences, t

MAX_COLUMNS = 6
_KINDS = {
    Kind.FILE: "file", Kind.DIRECTORY: "dir", Kind.SYMLINK: "link", Kind.HARDLINK: "hardlink", Kind.FIFO: "fifo",
    Kind.CHAR: "device", Kind.BLOCK: "device",
}


@dataclass(frozen=True, slots=True)
class Cell:
    """What one layer holds at one path: the mark's class and its word's key."""

    style: str
    word: str
    opaque: bool = False


def cell(stack: Sequence[ChangeSet], number: int, found: Lookup) -> Cell | None:
    """Return what layer `number` holds at the path of a lookup, and whether it is seen; None for nothing.

    Examples
    --------
    >>> from sim.fs.sketch import sketch, file, whiteout
    >>> stack = [sketch(file("/a")), sketch(whiteout("/a"))]
    >>> cell(stack, 1, resolve(stack, "/a")).word, cell(stack, 2, resolve(stack, "/a")).word
    ('hidden', 'whiteout')
    """
    layer, path = stack[number - 1], found.path
    entry = layer.get(path)
    if entry is None:
        return Cell("whiteout", "whiteout") if path in layer.whiteouts else None
    opaque = path in layer.opaques
    if found.layer == number:
        return Cell(layer_class(number), "implied" if path in layer.implied else _KINDS[entry.kind], opaque)
    if entry.is_dir and found.entry is not None and found.entry.is_dir and not _cut(stack[number:], path):
        return Cell("plate", "merges", opaque)
    return Cell("hidden", "hidden")


def _cut(above: Sequence[ChangeSet], path: str) -> bool:
    """Whether a layer above hides what a directory holds further down."""
    return any(
        layer.hides(path) is not None or path in layer.opaques or ask(layer, path)[0] is Said.BLOCKED
        or ((entry := layer.entries.get(path)) is not None and not entry.is_dir)
        for layer in above
    )


def hidden_by(stack: Sequence[ChangeSet], found: Lookup) -> dict[int, int]:
    """Return the bytes of files, layer by layer, that the end of a lookup hides in the layers below it."""
    last = found.trace[-1] if found.trace else None
    if last is None or not last.stops or (found.entry is not None and found.entry.is_dir):
        return {}
    itself = last.said in (Said.FOUND, Said.WHITEOUT)
    lost: dict[int, int] = {}
    for number, layer in enumerate(stack[: last.layer - 1], 1):
        held = [
            entry for path, entry in layer.entries.items()
            if (path.startswith(last.at + "/") or (itself and path == last.at)) and _only_name(layer, entry)
        ]
        if size := file_bytes(held):
            lost[number] = size
    return lost


def _only_name(layer: ChangeSet, entry: Entry) -> bool:
    # Bytes that have a second name may well be seen through it.
    return layer.nlink(entry) == 1


def cost_words(stack: Sequence[ChangeSet], found: Lookup, lang: str) -> str:
    """Say what the layers below still store though nobody can see it; "" for nothing."""
    lost = hidden_by(stack, found)
    if not lost:
        return ""
    key = "look.cost_one" if len(lost) == 1 else "look.cost_many"
    return t(key, lang, layers=listing([str(n) for n in lost], lang), size=human_size(sum(lost.values())))


def _look(stack: Sequence[ChangeSet], path: str) -> Lookup:
    """Look a path up under its own name; only where symlinks lead elsewhere, at the place where they lead."""
    found = resolve(stack, path)
    return found if any(step.said is Said.SYMLINK for step in found.trace) else lookup(stack, canonical(path))


def asked_layers(stack: Sequence[ChangeSet], path: str) -> list[Step]:
    """Return the answers of the layers that are asked for a path, in order: the steps of its picture."""
    return _asked(_look(stack, path))


def _asked(found: Lookup) -> list[Step]:
    return [step for step in found.trace if step.said is not Said.SYMLINK]


class View:
    """What the picture says, before it is drawn."""

    def __init__(
        self, plates: Sequence[Plate], paths: Sequence[str], asked: str | None, steps: int | None, lang: str
    ) -> None:
        self.plates, self.lang = plates, lang
        self.stack = [plate.changes for plate in plates]
        wanted = list(dict.fromkeys(path.strip("/") for path in (*paths, *([] if asked is None else [asked]))))
        shown = wanted[:MAX_COLUMNS]
        if asked is not None and asked.strip("/") not in shown:
            shown[-1] = asked.strip("/")
        self.left_out = len(wanted) - len(shown)
        self.found = [_look(self.stack, path) for path in shown]
        self.asked = None if asked is None else shown.index(asked.strip("/"))
        self.trace = [] if self.asked is None else _asked(self.found[self.asked])
        self.steps = len(self.trace) if steps is None else min(steps, len(self.trace))
        self.done = self.steps == len(self.trace)

    @property
    def falling(self) -> Lookup | None:
        """The lookup that is shown step by step."""
        return None if self.asked is None else self.found[self.asked]

    @property
    def words(self) -> str:
        """The answer so far."""
        more = t("look.more", self.lang, n=self.left_out) if self.left_out else ""
        if self.falling is None:
            seen = [says(f"/{found.path}", self.merged_word(n)[1], self.lang) for n, found in enumerate(self.found)]
            return sentences(self.lang, listing(seen, self.lang), more)
        if self.done:
            return sentences(self.lang, lookup_words(self.falling, self.lang), more)
        said = [t("say.layer", self.lang, n=s.layer) + t(f"dot.{s.said}", self.lang) for s in self.trace[: self.steps]]
        so_far = listing([*said, t("look.goes_on" if said else "look.nobody", self.lang)], self.lang)
        return sentences(self.lang, says(f"/{self.falling.path}", so_far, self.lang), more)

    @property
    def cost(self) -> str:
        """What the answer leaves stored unseen."""
        return "" if self.falling is None or not self.done else cost_words(self.stack, self.falling, self.lang)

    def merged_word(self, column: int) -> tuple[str, str]:
        """Return class and word of a cell of the merged strip."""
        found = self.found[column]
        if column == self.asked and not self.done:
            return "gone", "?"
        if found.entry is None or found.layer is None:
            return "gone", t("look.absent", self.lang)
        return layer_class(found.layer), t("look.layer", self.lang, n=found.layer)

    @property
    def suppliers(self) -> set[int | None]:
        """The layers that supply what is shown so far."""
        return {found.layer for n, found in enumerate(self.found) if self.done or n != self.asked}

    def said_by(self, number: int) -> list[Step]:
        """Return what a layer has answered so far in the lookup that is shown."""
        return [step for step in self.trace[: self.steps] if step.layer == number]

    def silent(self, number: int) -> bool:
        """Whether a layer holds nothing at any of the paths and says nothing to the one that is asked."""
        layer = self.stack[number - 1]
        quiet = self.falling is None or ask(layer, self.falling.path)[0] is Said.NOTHING
        return quiet and all(cell(self.stack, number, found) is None for found in self.found)

    def table(self, caption: str) -> Table:
        """Return the picture as rows, top first."""
        head = (t("column.layer", self.lang), t("column.made_by", self.lang), *(f"/{f.path}" for f in self.found))
        merged = ("", t("look.merged", self.lang), *(self.merged_word(n)[1] for n in range(len(self.found))))
        rows = [
            (str(plate.number), plate.title(self.lang), *(self._cell_word(plate.number, f) for f in self.found))
            for plate in reversed(self.plates)
        ]
        return Table(caption, head, (merged, *rows))

    def _cell_word(self, number: int, found: Lookup) -> str:
        held = cell(self.stack, number, found)
        if held is None:
            return "-"
        words = [held.word, "opaque"] if held.opaque else [held.word]
        return listing([t(f"cell.{word}", self.lang) for word in words], self.lang)

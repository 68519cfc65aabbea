"""Looking down: what each layer holds at some paths, what the merged view makes of it, and one lookup.

    the eye        merged   [layer 2] [not there]     each cell in the colour of the layer that supplies it
       |           2        [ file  ] [whiteout ]     plates, the base lowest, a container's own on top
       v           1        [hidden ] [ hidden  ]     a lookup is a line that falls and stops

A picture shows at most `MAX_COLUMNS` paths, and says how many more there are. With one path there is room to say
what each layer answers. Above `DENSE_ABOVE` layers the plates become rows, runs that say nothing are folded, and
only the answering layer, the base and the writable layer keep their colours.
"""

from __future__ import annotations

from collections.abc import Sequence

from .figures import Source
from .plates import DENSE_ABOVE, MARGIN, Plate, answer, chip, heading, plates_of
from .svg import Drawing, Picture, fit, measure, picture
from .text import sentences, t
from .view import Cell, View, cell


def looking_down(
    source: Source, paths: Sequence[str] = (), asked: str | None = None, *, steps: int | None = None,
    title: str = "", lang: str = "en", projector: bool = False,
) -> Picture:
    """Draw the plates, the merged view of some paths, and the lookup of one of them.

    Parameters
    ----------
    source : Image, or sequence of ChangeSet or Plate
        Base first.
    paths : sequence of str
        One column each; symlinks on the way are followed.
    asked : str, optional
        The path whose lookup falls through the layers; added to `paths` where it is not among them.
    steps : int, optional
        Show the lookup after so many layers have answered; all by default.
    title : str
        A sentence to stand above instead of the usual one.
    """
    plates = plates_of(source)
    view = View(plates, paths, asked, steps, lang)
    title = title or t("look.title", lang)

    def draw(drawing: Drawing) -> None:
        y = heading(drawing, title, t("look.how", lang))
        Sheet(drawing, view, y).draw()

    alt = sentences(lang, t("look.alt", lang, n=len(plates), m=len(view.found)), view.words, view.cost)
    return picture(draw, alt=alt, table=view.table(title), summary=t("as_table", lang), projector=projector)


class Sheet:
    """One layout of the picture."""

    def __init__(self, drawing: Drawing, view: View, y: float) -> None:
        self.drawing, self.view, self.y = drawing, view, y
        self.dense = len(view.plates) > DENSE_ABOVE
        self.roomy = drawing.roomy
        # In the narrow layout a plate carries its label above its cells.
        self.beside = self.roomy or self.dense
        self.left = MARGIN + (0 if not self.beside else 178 if self.roomy else 150)
        count = max(1, len(view.found))
        room = drawing.width - MARGIN - self.left - 16
        self.column = min(room / count, 150)
        self.one = count == 1 and view.falling is not None

    def x(self, column: int) -> float:
        """Return the left edge of a column's cells."""
        return self.left + 12 + column * self.column

    def middle(self, column: int) -> float:
        """Return the middle of a column's cells."""
        return self.x(column) + (self.column - 10) / 2

    def draw(self) -> None:
        """Draw everything from the headings down."""
        view, drawing, lang = self.view, self.drawing, self.view.lang
        self.y = self._headings(self.y)
        if self.beside:
            drawing.text(MARGIN, self.y + 16, t("look.merged", lang), size=15, bold=True)
            if self.roomy:
                drawing.text(MARGIN, self.y + 35, t("look.sees", lang), "muted")
        for n in range(len(view.found)):
            style, word = view.merged_word(n)
            drawing.box(self.x(n), self.y, self.column - 10, 38, style, [word, word.rpartition(" ")[2]])
        top, self.y = self.y + 38, self.y + (54 if self.dense else 64)
        stops: list[tuple[float, Plate]] = []
        for run in self._rows():
            stops.append((self.y, run[-1]))
            self._row(run)
        if view.falling is not None:
            self._fall(top, stops)
        for y, plate in stops:
            self._label(y, plate, stops)
        answer(drawing, self.y - 6, view.words, view.cost)

    def _headings(self, y: float) -> float:
        """Write the paths above their columns, in as many rows as they need; return the y of the cells."""
        view, drawing = self.view, self.drawing
        labels = []
        for n, found in enumerate(view.found):
            # No label reaches the middle of the next column, where that one's leader may stand.
            reach, bold = 0.95 * self.column, n == view.asked
            low, high = max(MARGIN, self.middle(n) - reach), min(drawing.width - MARGIN, self.middle(n) + reach)
            text = fit(f"/{found.path}", high - low - 8, bold=bold, keep_end=True)
            width = measure(text, bold=bold) + 8
            start = min(max(self.middle(n) - width / 2, low), high - width)
            labels.append((start, start + width, self.middle(n), text))
        rows = _stagger([label[:2] for label in labels])
        bottom = y + 20 + 20 * max(rows, default=0)
        for n, (start, end, middle, text) in enumerate(labels):
            base = bottom - 20 * rows[n]
            style = "ink" if n == view.asked else "muted"
            drawing.text((start + end) / 2, base, text, style, anchor="middle", bold=n == view.asked)
            if rows[n]:
                drawing.line([(middle, base + 5), (middle, bottom + 9)])
        return bottom + 10

    def _rows(self) -> list[list[Plate]]:
        """Return the plates from the top down, silent runs in one row where they are many."""
        plates, view = list(reversed(self.view.plates)), self.view
        rows: list[list[Plate]] = []
        fold = False
        for plate in plates:
            ends = plate.number in (1, len(plates)) or plate.writable
            quiet = self.dense and not ends and view.silent(plate.number)
            if quiet and fold:
                rows[-1].append(plate)
            else:
                rows.append([plate])
            fold = quiet
        return rows

    @property
    def height(self) -> float:
        """The height of a plate."""
        return 20 if self.dense else 48 if self.beside else 62

    def _row(self, run: list[Plate]) -> None:
        drawing, view, plate = self.drawing, self.view, run[-1]
        style = "plate dash" if plate.writable else "plate"
        silent = t("look.silent_run", view.lang, first=plate.number, last=run[0].number, n=len(run))
        word = silent if len(run) > 1 else str(plate.number)
        drawing.rect(
            self.left, self.y, drawing.width - MARGIN - self.left, self.height, style, word=word,
            rounded=4 if self.dense else 6,
        )
        if len(run) > 1:
            drawing.text(MARGIN, self.y + 15, fit(silent, self.left - MARGIN - 8), "muted")
        else:
            for n, found in enumerate(view.found):
                self._cell(n, plate, cell(view.stack, plate.number, found))
        self.y += self.height + (4 if self.dense else 12 if self.beside else 8)

    def _cell(self, column: int, plate: Plate, held: Cell | None) -> None:
        if held is None:
            return
        lang, x, width = self.view.lang, self.x(column), self.column - 10
        y, height = (self.y + 1, 18) if self.dense else self._cell_box(self.y)
        words = [t(f"cell.{held.word}", lang)]
        if held.word == "whiteout":
            words = [f"✕ {words[0]}", words[0], "✕"]
        bold = held.word == "whiteout"
        if held.opaque:
            words = [t("cell.opaque", lang), *words]
        style = held.style
        if column == self.view.asked and not self.view.done and style.startswith("l"):
            style = "blank"  # Its colour is the answer, which is not there yet.
        self.drawing.box(x, y, width, height, style, words, bold=bold)
        if held.opaque:
            top, across, high = (y, 6, height) if self.dense else (y + height - 5, width, 5)
            self.drawing.rect(x, top, across, high, "bar", word=t("cell.opaque", lang), rounded=1)

    def _cell_box(self, y: float) -> tuple[float, float]:
        """Return top and height of the cells of the plate at y."""
        return (y + 8, 32) if self.beside else (y + self.height - 33, 28)

    def _label(self, y: float, plate: Plate, stops: list[tuple[float, Plate]]) -> None:
        drawing, view = self.drawing, self.view
        if self.dense and view.silent(plate.number) and self._folded(plate, stops):
            return
        coloured = not self.dense or plate.number in view.suppliers or plate.writable or plate.number == 1
        if self.dense:
            chip(drawing, MARGIN, y, plate.number, 20, coloured)
            drawing.text(MARGIN + 34, y + 15, fit(plate.title(view.lang), self.left - MARGIN - 40))
        elif self.beside:
            chip(drawing, MARGIN, y + 9, plate.number)
            room = self.left - MARGIN - 40
            drawing.text(MARGIN + 34, y + 21, fit(plate.title(view.lang), room, 15, True), size=15, bold=True)
            drawing.text(MARGIN + 34, y + 40, fit(plate.note(view.lang), room), "muted")
        else:
            x = self.x(0) + self.column + 6 if self.one else MARGIN + 12
            chip(drawing, x, y + 4, plate.number, 21)
            note = plate.note(view.lang)
            name = fit(plate.title(view.lang), drawing.width - MARGIN - x - 60 - measure(note), 14, True)
            drawing.text(x + 34, y + 20, name, "ink halo", bold=True)
            drawing.text(x + 46 + measure(name, 14, True), y + 20, note, "muted halo")

    def _folded(self, plate: Plate, stops: list[tuple[float, Plate]]) -> bool:
        shown = [p.number for _, p in stops]
        at = shown.index(plate.number)
        return at > 0 and shown[at - 1] - plate.number > 1

    def _fall(self, top: float, stops: list[tuple[float, Plate]]) -> None:
        """Draw the lookup: a line from the merged view down to where it ends, a dot at each layer asked."""
        view, drawing = self.view, self.drawing
        assert view.asked is not None and view.falling is not None
        x, end, dots = self.middle(view.asked), top, []
        for y, plate in stops:
            said = view.said_by(plate.number)
            if not said:
                if self.one and view.done:
                    self._say(y, t("row.unasked", view.lang), "muted")
                continue
            held = cell(view.stack, plate.number, view.falling) is not None
            cell_top = y + 1 if self.dense else self._cell_box(y)[0]
            middle = y + self.height / 2 if self.beside else cell_top + 15
            end = cell_top - 1 if held and said[-1].stops else middle - 5 if said[-1].stops else middle
            if not held:
                dots.append((middle, said[-1]))
            if self.one:
                self._say(y, t(f"row.{said[-1].said}", view.lang, at=said[-1].at), "ink")
        if view.steps:
            drawing.line([(x, top + 2), (x, end - 10 if self._stopped else end)], "fall")
            if self._stopped:
                drawing.line([(x, end - 1), (x, end)], "fall", arrow=True)
        for middle, step in dots:
            word = t("dot.stop" if step.stops else f"dot.{step.said}", view.lang)
            drawing.dot(x, middle, t(f"row.{step.said}", view.lang, at=step.at) if self.one else word)
            if not self.one:
                drawing.text(x + 9, middle + 5, word, "ink halo", bold=step.stops)

    @property
    def _stopped(self) -> bool:
        return self.view.done and bool(self.view.trace) and self.view.trace[-1].stops

    def _say(self, y: float, words: str, style: str) -> None:
        x = self.x(0) + self.column + 6
        base = y + self.height / 2 + 5 if self.beside else y + self.height - 13
        self.drawing.text(x, base, fit(words, self.drawing.width - MARGIN - 8 - x), style)


def _stagger(labels: Sequence[tuple[float, float]]) -> list[int]:
    """Give each label (start, end) a row, 0 the lowest, so that no two texts of a row touch."""
    placed: list[tuple[float, float, int]] = []
    for start, end in labels:
        row = 0
        while any(r == row and start < e and s < end for s, e, r in placed):
            row += 1
        placed.append((start, end, row))
    return [row for *_, row in placed]

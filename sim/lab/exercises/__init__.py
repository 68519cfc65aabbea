"""Drawn exercises as a learner meets them: a picture of what is given, choices, hints, and another one.

    lab.exercise("02.listing", seed=3)     the question; in a notebook with buttons
    lab.answer(2)   lab.hint()             without them
    lab.another()                          the next seed

The first answer to each variant goes into the learner's record: ``"02.listing#3": 27`` for the misconception that it
showed, 0 for a right one.
"""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

from ...errors import BadInput
from .. import record
from ..plates import MARGIN, chip, heading
from ..prompts import Words, plain
from ..svg import Drawing, Picture, Table, measure, picture, wrap
from ..text import says, sentences, t
from ..texts.misconceptions import told
from ..widgets import boxed, bundle
from .builds import LAYERS, MOUNT, SIZE, VOLUME
from .costs import HIDDEN, WRITTEN
from .kinds import Family, Row, Variant, variant
from .names import FREED, IDS, STORED
from .stacks import LISTING
from .wires import PULL, PUSH

EXERCISES: dict[str, Family[Any]] = {family.name: family for family in (
    PULL, LISTING, WRITTEN, MOUNT, LAYERS, SIZE, VOLUME, IDS, FREED, STORED, PUSH, HIDDEN,
)}
"""By name, in the order of the lessons."""

HINTS = 2
"""How many hints each exercise has."""
LINE = 20


def drawn(name: str, seed: int, lang: str = "en") -> Variant:
    """Draw a variant of an exercise by its name.

    Raises
    ------
    BadInput
        There is none of this name, or the seed is no number.
    """
    if name not in EXERCISES:
        raise BadInput(t("exercise.unknown", lang, name=name), hint=", ".join(EXERCISES))
    if type(seed) is not int:
        raise BadInput(t("exercise.seed", lang, seed=seed))
    return variant(EXERCISES[name], seed)


def given_picture(shown: Variant, *, lang: str = "en", projector: bool = False) -> Picture:
    """Draw what is given: a plate a row, layers with their numbers and colours."""
    rows = shown.family.rows(shown.state, lang)
    title = t(f"exercise.{shown.family.name}.ask", lang)
    how = t("exercise.how", lang, name=shown.family.name, seed=shown.seed)

    def draw(drawing: Drawing) -> None:
        y = heading(drawing, title, how) + 4
        names = max((measure(row.name, bold=True) for row in rows if not row.layer), default=0)
        left = MARGIN + 20 + max(26, names)
        for row in rows:
            y = _row(drawing, y, row, left)

    alt = sentences(lang, title, *(says(row.name.rstrip("."), row.words, lang) for row in rows))
    table = Table(title, (t("exercise.given", lang), ""), tuple((row.name, row.words) for row in rows))
    return picture(draw, alt=alt, table=table, summary=t("as_table", lang), projector=projector)


def _row(drawing: Drawing, y: float, row: Row, left: float) -> float:
    lines = wrap(row.words, drawing.width - MARGIN - left - 12)
    height = LINE * len(lines) + 14
    drawing.rect(MARGIN, y, drawing.width - 2 * MARGIN, height, "plate", word=row.name, rounded=6)
    if row.layer:
        chip(drawing, MARGIN + 10, y + 6, row.layer, height=22)
    else:
        drawing.text(MARGIN + 10, y + 21, row.name, bold=True)
    for place, line in enumerate(lines):
        drawing.text(left, y + 21 + LINE * place, line)
    return y + height + 6


class Exercise:
    """One exercise that is open.

    Parameters
    ----------
    name : str
        Of `EXERCISES`.
    seed : int, optional
        Which variant; the first that the record does not know by default.
    folder : path
        Where the record lies.
    """

    def __init__(self, name: str, seed: int | None, folder: Path, lang: str, projector: bool = False) -> None:
        self.folder, self.lang, self.projector = folder, lang, projector
        self.shown = drawn(name, self._next(name, 1) if seed is None else seed, lang)
        self.hinted, self.chosen = 0, 0

    def _next(self, name: str, seed: int) -> int:
        tried = record.load(self.folder).exercises
        while f"{name}#{seed}" in tried:
            seed += 1
        return seed

    @property
    def key(self) -> str:
        """The name and the seed, as the record has them."""
        return f"{self.shown.family.name}#{self.shown.seed}"

    def _said(self, what: str) -> str:
        return t(f"exercise.{self.shown.family.name}.{what}", self.lang)

    @property
    def choices(self) -> list[str]:
        """The choices in words."""
        return [self.shown.family.said(option.answer, self.lang) for option in self.shown.options]

    @property
    def picture(self) -> Picture:
        """What is given."""
        return given_picture(self.shown, lang=self.lang, projector=self.projector)

    @property
    def words(self) -> Words:
        """The question and its choices."""
        asked, then = self._said("ask"), t("exercise.do", self.lang)
        items = "".join(f"<li>{escape(choice)}</li>" for choice in self.choices)
        lines = [asked, *(f"  {n}. {choice}" for n, choice in enumerate(self.choices, 1)), then]
        # The picture has the question for its title.
        return Words(f"<ol>{items}</ol><p>{escape(then)}</p>", "\n".join(lines))

    def answer(self, choice: int) -> Words:
        """Say what a choice is worth and why; the first one is recorded.

        Raises
        ------
        BadInput
            It is no choice.
        """
        if type(choice) is not int or not 1 <= choice <= len(self.shown.options):
            raise BadInput(t("lab.no_choice", self.lang, choice=choice, n=len(self.shown.options)))
        option, self.chosen = self.shown.options[choice - 1], choice
        record.save(self.folder, record.load(self.folder).tried(self.key, option.misconception))
        said, right = self.choices[choice - 1], self.choices[self.shown.right - 1]
        if option.belief is None:
            return plain(t("lab.right", self.lang, said=said) + "\n" + self._said("right"))
        claim = told(option.misconception, self.lang).claim
        return plain("\n".join((
            t("lab.wrong", self.lang, said=said, right=right), self._said(option.belief.key), self._said("right"),
            t("exercise.shows", self.lang, n=option.misconception, said=claim),
        )))

    def hint(self) -> Words:
        """Give the next hint; the last one stays."""
        self.hinted = min(self.hinted + 1, HINTS)
        return plain(self._said(f"hint{self.hinted}"))

    def another(self) -> Exercise:
        """Draw the next variant that was not tried yet, in the place of this one."""
        name, seed = self.shown.family.name, self.shown.seed
        self.shown = drawn(name, self._next(name, seed + 1), self.lang)
        self.hinted = self.chosen = 0
        return self

    def widget(self) -> Any:
        """Return the picture, the choices as radio buttons, and buttons for a hint and for another one."""
        import ipywidgets

        view, said, box = ipywidgets.HTML(), ipywidgets.HTML(), ipywidgets.VBox()
        hint, more = (
            ipywidgets.Button(description=t(f"exercise.{name}", self.lang), layout={"width": "auto"})
            for name in ("hint", "another")
        )

        def say(words: Words) -> None:
            said.value = f'<div role="status">{words.html}</div>'

        def show() -> None:
            view.value = self.picture.html()
            pairs = [(f"{n}. {choice}", n) for n, choice in enumerate(self.choices, 1)]
            buttons = ipywidgets.RadioButtons(options=pairs, value=None, layout={"width": "max-content"})
            buttons.observe(lambda change: say(self.answer(change["new"])), "value")
            box.children = (buttons,)
            said.value = ""

        def renew() -> None:
            self.another()
            show()

        hint.on_click(lambda _: say(self.hint()))
        more.on_click(lambda _: renew())
        show()
        return boxed(view, box, ipywidgets.HBox([hint, more]), said, lang=self.lang)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return bundle([self.picture, self.words], self.widget)

    def __repr__(self) -> str:
        return f"{self.picture.text}\n\n{self.words.plain}"

"""Predict, then reveal: a question stands there until it is answered, and only then its answer.

    lab.predict("01.one-byte")        the question with its choices; one click, or lab.predict("01.one-byte", 3)
    lab.reveal("01.one-byte", ...)    without a prediction: the question again, and "Show me"
                                      with one: what was predicted, what is true and why, and the picture

A reveal cell is committed without output, so that the page does not give the answer away. The environment variable
LAYERLAB_REVEAL=1 reveals unasked: for teachers, and for a machine that executes the lessons.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

from ..errors import BadInput
from . import record
from .questions import QUESTIONS, RECALL
from .questions.question import Question
from .text import LANGUAGES, t
from .widgets import boxed, bundle

UNASKED = "LAYERLAB_REVEAL"
Evidence = Callable[[], Any]


def question(key: str, lang: str) -> Question:
    """Return a question; `BadInput` when there is none of this name."""
    if key not in QUESTIONS:
        raise BadInput(t("lab.no_question", lang, key=key), hint=", ".join(QUESTIONS))
    return QUESTIONS[key]


class Words:
    """Text that shows itself, as HTML and plain."""

    def __init__(self, html: str, plain: str) -> None:
        self.html, self.plain = html, plain

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/html": self.html, "text/plain": self.plain}

    def __repr__(self) -> str:
        return self.plain


def plain(text: str) -> Words:
    """Return lines of text, a paragraph each."""
    return Words("".join(f"<p>{escape(line)}</p>" for line in text.split("\n")), text)


class Predict:
    """A question that waits for a prediction.

    Parameters
    ----------
    key : str
        Of `QUESTIONS`.
    choice : int, optional
        The prediction, from 1: recorded at once.
    """

    def __init__(self, key: str, choice: int | None, folder: Path, lang: str) -> None:
        self.key, self.folder, self.lang = key, folder, lang
        self.question = question(key, lang)
        if choice is not None:
            self.choose(choice)

    def choose(self, choice: int) -> None:
        """Record a prediction; `BadInput` when it is no choice."""
        count = len(self.question.choices)
        if type(choice) is not int or not 1 <= choice <= count:
            raise BadInput(t("lab.no_choice", self.lang, choice=choice, n=count))
        record.save(self.folder, record.load(self.folder).predicted(self.key, choice))

    @property
    def words(self) -> Words:
        """The question, its choices, and how to answer where there are no buttons, or what was answered."""
        options = self.question.options(self.lang)
        chosen = record.load(self.folder).predictions.get(self.key)
        asked, then = self.question.asked(self.lang), self._then(chosen, t("lab.write", self.lang, key=self.key))
        lines = [asked, *(f"  {n}. {option}" for n, option in enumerate(options, 1)), then]
        items = "".join(f"<li>{escape(option)}</li>" for option in options)
        return Words(f"<p><b>{escape(asked)}</b></p><ol>{items}</ol><p>{escape(then)}</p>", "\n".join(lines))

    def _then(self, chosen: int | None, how: str) -> str:
        if chosen is None:
            return how
        return t("lab.recorded", self.lang, n=chosen, choice=self.question.options(self.lang)[chosen - 1])

    def widget(self) -> Any:
        """Return the choices as radio buttons."""
        import ipywidgets

        asked, options = self.question.asked(self.lang), self.question.options(self.lang)
        chosen = record.load(self.folder).predictions.get(self.key)
        buttons = ipywidgets.RadioButtons(
            options=[(f"{n}. {option}", n) for n, option in enumerate(options, 1)], value=chosen,
            layout={"width": "max-content"},
        )
        how = t("lab.record", self.lang, key=self.key)
        said = ipywidgets.HTML(f'<p role="status">{escape(self._then(chosen, how))}</p>')

        def choose(change: Any) -> None:
            self.choose(change["new"])
            said.value = f'<p role="status">{escape(self._then(change["new"], how))}</p>'

        buttons.observe(choose, "value")
        return boxed(ipywidgets.HTML(f"<p><b>{escape(asked)}</b></p>"), buttons, said, lang=self.lang)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return bundle([self.words], self.widget)

    def __repr__(self) -> str:
        return self.words.plain


class Reveal:
    """The answer to a question, for whoever has predicted it.

    Parameters
    ----------
    evidence : callable, optional
        Returns what shows that the answer is true; called only when the answer is shown.
    show : bool
        Show it without a prediction.
    """

    def __init__(self, key: str, evidence: Evidence | None, show: bool, folder: Path, lang: str) -> None:
        self.key, self.evidence, self.folder, self.lang = key, evidence, folder, lang
        self.question = question(key, lang)
        self.open = show or os.environ.get(UNASKED) == "1" or key in record.load(folder).predictions

    def answer(self) -> list[Any]:
        """Return what is shown, and note that it was seen."""
        held = record.load(self.folder)
        record.save(self.folder, held.shown(self.key))
        said, right = held.predictions.get(self.key), self.question.right
        options = self.question.options(self.lang)
        if said is None:
            lines = [t("lab.answer", self.lang, right=options[right - 1]), self.question.why(right, self.lang)]
        elif said == right:
            lines = [t("lab.right", self.lang, said=options[said - 1]), self.question.why(right, self.lang)]
        else:
            lines = [
                t("lab.wrong", self.lang, said=options[said - 1], right=options[right - 1]),
                self.question.why(said, self.lang), self.question.why(right, self.lang),
            ]
        words = Words("".join(f"<p>{escape(line)}</p>" for line in lines), "\n".join(lines))
        return [words] if self.evidence is None else [words, self.evidence()]

    def _first(self) -> Words:
        asked, first = self.question.asked(self.lang), t("lab.first", self.lang, key=self.key)
        return Words(f"<p><b>{escape(asked)}</b></p><p>{escape(first)}</p>", f"{asked}\n{first}")

    def widget(self) -> Any:
        """Return the question again, with a button that shows the answer."""
        import ipywidgets

        asked = ipywidgets.HTML(self._first().html)
        button = ipywidgets.Button(description=t("lab.show_me", self.lang))
        place = ipywidgets.VBox([asked, button])

        def show(_: Any) -> None:
            shown = "".join(part._repr_mimebundle_()["text/html"] for part in self.answer())
            place.children = (ipywidgets.HTML(shown),)

        button.on_click(show)
        return boxed(place, lang=self.lang)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        if not self.open:
            return bundle([self._first()], self.widget)
        parts = [part._repr_mimebundle_() for part in self.answer()]
        return {
            "text/html": "".join(part["text/html"] for part in parts),
            "text/plain": "\n\n".join(part["text/plain"] for part in parts),
        }

    def __repr__(self) -> str:
        return "\n\n".join(map(repr, self.answer())) if self.open else self._first().plain


def recall(lesson: str, lang: str, answers: bool = False) -> Words:
    """Return the questions with which a lesson opens; each answer is folded under its question."""
    if lesson not in RECALL:
        raise BadInput(t("lab.no_question", lang, key=lesson), hint=", ".join(RECALL))
    at = LANGUAGES.index(lang)
    html, plain = [], []
    for n, (asked, answered) in enumerate(RECALL[lesson], 1):
        html.append(f"<details><summary>{n}. {escape(asked[at])}</summary><p>{escape(answered[at])}</p></details>")
        plain.append(f"{n}. {asked[at]}" + (f"\n   {answered[at]}" if answers else ""))
    return Words("".join(html), "\n".join(plain))



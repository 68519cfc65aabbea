"""What a question is: what is asked, what can be answered, and what is said to each answer."""

from __future__ import annotations

from dataclasses import dataclass

from ..text import LANGUAGES

Both = tuple[str, str]
"""English and Chinese."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer, and what is said to whoever gave it."""

    text: Both
    why: Both


@dataclass(frozen=True, slots=True)
class Question:
    """A question with its choices; `right` counts from 1."""

    ask: Both
    choices: tuple[Choice, ...]
    right: int

    def asked(self, lang: str) -> str:
        """Return the question in a language."""
        return self.ask[LANGUAGES.index(lang)]

    def options(self, lang: str) -> list[str]:
        """Return the choices in a language."""
        return [choice.text[LANGUAGES.index(lang)] for choice in self.choices]

    def why(self, choice: int, lang: str) -> str:
        """Return what is said about a choice, from 1."""
        return self.choices[choice - 1].why[LANGUAGES.index(lang)]


def choice(en: str, zh: str, why_en: str, why_zh: str) -> Choice:
    """Return a choice from its four texts."""
    return Choice((en, zh), (why_en, why_zh))

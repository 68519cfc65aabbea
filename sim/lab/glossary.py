"""The glossary as pages, and the links that lead from a lesson to it.

    the table (terms.py)  --page-->     glossary.ipynb, zh/glossary.ipynb: a cell for each term
    a lesson's Markdown   --linked-->   the same, the first use of each term a link to its cell

A link is ``glossary.ipynb#cell-id=layer-digest``: a term has a cell of its own, whose id is its anchor. JupyterLab
scrolls to a cell as it opens a notebook, and to a heading only once it has drawn it. Other readers open the glossary at
its top. Headings, code and links that are there already stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from .course import LESSONS
from .terms import GROUPS, TERMS, Term
from .text import LANGUAGES

PAGE = "glossary.ipynb"

_KEPT = re.compile(r"^#[^\n]*|^ {4}[^\n]*|```.*?```|`[^`\n]*`|!?\[[^\]]*\]\([^)]*\)|<[^>]+>|https?://\S+", re.M | re.S)
_LED = re.compile(r"glossary\.ipynb#cell-id=([\w-]+)")
_HEADS = (
    ("# Glossary", "[中文版](zh/glossary.ipynb)",
     "The words of the course, each with the lesson that teaches it. Lessons lead here from the first use of a word."),
    ("# 术语表", "[English](../glossary.ipynb)",
     "本课程的用语，以及讲到它的那一课。各课里每个用语第一次出现时，都有链接指到这里。标题用英文，因为命令和文档里见到的就是英文。"),
)


def page(lang: str) -> tuple[tuple[str, str], ...]:
    """Return the glossary's cells: an id, and Markdown.

    Examples
    --------
    >>> page("en")[2][1].splitlines()[0]
    '### image'
    """
    at = LANGUAGES.index(lang)
    cells = [("glossary-title", "\n\n".join(_HEADS[at]))]
    for number, (title, terms) in enumerate(GROUPS, 1):
        cells.append((f"glossary-{number}", f"## {title[at]}"))
        cells.extend((term.anchor, _entry(term, lang)) for term in terms)
    return tuple(cells)


def _entry(term: Term, lang: str) -> str:
    at = LANGUAGES.index(lang)
    where = f"[{term.lesson}]({LESSONS[term.lesson]})"
    other = f"{term.name[1]} · " if term.name[0] != term.name[1] else ""
    bold = f"**{term.name[1]}** · " if other else ""
    tail = f"见 {where}。" if lang == "zh" else f"Lesson {where}."
    return f"### {term.name[0]}\n\n{bold if lang == 'zh' else other}{term.says[at]}{'' if lang == 'zh' else ' '}{tail}"


def linked(cells: Sequence[str], lang: str) -> list[str]:
    """Return a lesson's Markdown cells with the first use of each term a link to the glossary.

    Examples
    --------
    >>> linked(["# A layer", "A `layer` is a **layer**, and layers are layers."], "en")[1]
    'A `layer` is a [**layer**](glossary.ipynb#cell-id=layer), and layers are layers.'
    """
    left = {term.anchor: term for term in TERMS}
    return ["".join(_cell(cell, left, lang)) for cell in cells]


def _cell(cell: str, left: dict[str, Term], lang: str) -> Iterator[str]:
    at = 0
    for kept in _KEPT.finditer(cell):
        yield _links(cell[at : kept.start()], left, lang)
        yield kept[0]
        for anchor in _LED.findall(kept[0]):
            left.pop(anchor, None)
        at = kept.end()
    yield _links(cell[at:], left, lang)


def _links(text: str, left: dict[str, Term], lang: str) -> str:
    done = ""
    while found := _first(text, left, lang):
        term, match = found
        start, end = match.span()
        # A link inside of emphasis would not be emphasised next to a Chinese character.
        mark = next((m for m in ("**", "*") if text[:start].endswith(m) and text[end:].startswith(m)), "")
        start, end = start - len(mark), end + len(mark)
        done += f"{text[:start]}[{text[start:end]}]({PAGE}#cell-id={term.anchor})"
        text = text[end:]
        del left[term.anchor]
    return done + text


def _first(text: str, left: dict[str, Term], lang: str) -> tuple[Term, re.Match[str]] | None:
    """Return the first term in a text; of two that begin there, the longer."""
    found = [(match.start(), -match.end(), anchor, match) for anchor, term in left.items()
             if (match := _uses(term, lang).search(text))]  # fmt: skip
    # A term inside of a longer one, such as the layer in a layer digest, waits for a use of its own.
    if not found:
        return None
    _, _, anchor, match = min(found, key=lambda one: one[:3])
    return left[anchor], match


@cache
def _uses(term: Term, lang: str) -> re.Pattern[str]:
    return re.compile(term.forms(lang), re.I if lang == "en" else 0)

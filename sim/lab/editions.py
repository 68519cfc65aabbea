"""Two editions made from the lessons: a page for the teacher a lesson, and a copy for students without answers.

    DEST/teacher/05.html                            aim, sections, questions with what is said to each choice,
                                                    traps, tasks with solutions
        /student/05_commit_build_history.ipynb      no outputs, and blanks where the lesson says what is true

Nothing is written twice: the pages hold what the questions, the misconceptions, the tasks and the notebooks say.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from html import escape
from pathlib import Path
from typing import Any

from ..content.durable import make_folder
from ..errors import SimError
from .course import LESSONS, SECTIONS
from .coursemap import MISTAKES
from .places import PLACES
from .questions import QUESTIONS, RECALL
from .serving import ROOT
from .solutions import SOLUTIONS
from .tasks import TASKS
from .text import LANGUAGES, t
from .texts.misconceptions import told

MARK = ".layerlab-editions"
_STYLE = (
    "body{font:16px/1.5 'Segoe UI','Helvetica Neue',Arial,'Noto Sans','PingFang SC','Microsoft YaHei',sans-serif;"
    "max-width:46rem;margin:2rem auto;padding:0 1rem;color:#1b1f24;background:#fff}"
    "pre{background:#f1f3f6;padding:.6rem;white-space:pre-wrap}li{margin:.3rem 0}.right{font-weight:650}"
    "@media print{h3{break-after:avoid}}"
)
_Notebook = dict[str, Any]


def write(dest: Path, lang: str = "en") -> int:
    """Write both editions of all lessons into a folder, and return how many lessons there are.

    Raises
    ------
    SimError
        There are no lessons here, or the folder holds something else.
    """
    source = ROOT / "notebooks" if lang == "en" else ROOT / "notebooks" / lang
    if not source.is_dir():
        raise SimError("the installed package has no lessons", hint="clone the repository and run it there")
    if dest.exists() and not (dest.is_dir() and ((dest / MARK).exists() or not any(dest.iterdir()))):
        raise SimError(f"{dest} is there already and holds something else", hint="name another folder")
    for name in ("teacher", "student"):
        make_folder(dest / name)
    (dest / MARK).write_text("sim teacher\n", encoding="utf-8")
    lessons = {number: source / name for number, name in LESSONS.items() if (source / name).is_file()}
    for number, path in lessons.items():
        notebook = json.loads(path.read_bytes())
        (dest / "teacher" / f"{number}.html").write_text(teacher_page(number, notebook, lang), encoding="utf-8")
        copy = json.dumps(student_copy(notebook, lang), ensure_ascii=False, indent=1)
        (dest / "student" / path.name).write_text(copy + "\n", encoding="utf-8")
    return len(lessons)


def student_copy(notebook: _Notebook, lang: str) -> _Notebook:
    """Return a lesson without outputs, and with blanks where it says what is true."""
    return {**notebook, "cells": [_blank(cell, lang) for cell in notebook["cells"]]}


def _blank(cell: dict[str, Any], lang: str) -> dict[str, Any]:
    if cell["cell_type"] == "code":
        return {**cell, "outputs": [], "execution_count": None}
    text, blank = "".join(cell["source"]), f"*{t('student.blank', lang)}*"
    if cell["id"].endswith("-end") or text.startswith("## ") and cell["id"].endswith("-true"):
        return {**cell, "source": re.sub(r"^- .*(?:\n- .*)*", blank, text, flags=re.MULTILINE)}
    return {**cell, "source": blank} if cell["id"].endswith("-true") else cell


def teacher_page(number: str, notebook: _Notebook, lang: str) -> str:
    """Return the page of a lesson, as HTML that can be printed.

    Parameters
    ----------
    number : str
        Of the lesson, as in `LESSONS`.
    notebook : dict
        The lesson.
    lang : {"en", "zh"}
    """
    title, *opening = _paragraphs(notebook["cells"][0])
    parts = [f"<h1>{_inline(title.lstrip('# '))}</h1>"]
    parts += [f"<p>{_inline(text)}</p>" for text in opening if not text.startswith("[")]
    for name, made in (
        ("sections", _sections(number, lang)), ("recall", _recall(number, lang)),
        ("questions", _questions(number, lang)), ("traps", _traps(number, lang)),
        ("tasks", _tasks(number, lang)), ("true", _true(notebook)),
    ):
        body = "".join(made)
        parts += [f"<h2>{escape(t(f'teacher.{name}', lang))}</h2>{body}"] if body else []
    tag = {"zh": "zh-CN"}.get(lang, lang)
    return (
        f'<!DOCTYPE html>\n<html lang="{tag}"><head><meta charset="utf-8"><title>{_inline(title.lstrip("# "))}</title>'
        f"<style>{_STYLE}</style></head><body><main>{''.join(parts)}</main></body></html>\n"
    )


def _sections(number: str, lang: str) -> Iterator[str]:
    for section in SECTIONS.values():
        if section.lesson == number:
            goto = f' <code>lab.goto("{section.number}")</code>' if section.number in PLACES else ""
            yield f"<p>{escape(section.named(lang))}{goto}</p>"


def _recall(number: str, lang: str) -> Iterator[str]:
    at = LANGUAGES.index(lang)
    for asked, answer in RECALL.get(number, ()):
        yield f"<p><b>{escape(asked[at])}</b> {escape(answer[at])}</p>"


def _questions(number: str, lang: str) -> Iterator[str]:
    for key in _of(number, QUESTIONS):
        question = QUESTIONS[key]
        choices = "".join(
            f"<li{' class=right' if n == question.right else ''}>{escape(option)}"
            f"{escape(t('teacher.right', lang)) if n == question.right else ''}<br>{escape(question.why(n, lang))}</li>"
            for n, option in enumerate(question.options(lang), 1)
        )
        yield f"<h3>{escape(question.asked(lang))}</h3><ol>{choices}</ol>"


def _traps(number: str, lang: str) -> Iterator[str]:
    for mistake, places in MISTAKES.items():
        if any(section.partition(".")[0] == number for section, _ in places):
            words = told(mistake, lang)
            yield f"<p><b>{escape(words.claim)}</b> {escape(words.truth)}</p>"


def _tasks(number: str, lang: str) -> Iterator[str]:
    for key in _of(number, TASKS):
        yield f"<h3>{escape(TASKS[key].ask[LANGUAGES.index(lang)])}</h3><pre>{escape(SOLUTIONS[key])}</pre>"


def _true(notebook: _Notebook) -> Iterator[str]:
    for line in "".join(notebook["cells"][-1]["source"]).splitlines():
        if line.startswith("- "):
            yield f"<p>{_inline(line[2:])}</p>"


def _of(number: str, keys: Iterable[str]) -> list[str]:
    return [key for key in keys if key.partition(".")[0] == number]


def _paragraphs(cell: dict[str, Any]) -> list[str]:
    return [text for text in "".join(cell["source"]).split("\n\n") if text.strip()]


def _inline(text: str) -> str:
    """Return a line of Markdown as HTML: links are their texts, since the page lies elsewhere."""
    plain = escape(re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text), quote=False)
    return re.sub(r"\*(.+?)\*", r"<i>\1</i>", re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>",
                                                    re.sub(r"`([^`]*)`", r"<code>\1</code>", plain)))

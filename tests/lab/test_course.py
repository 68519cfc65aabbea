"""The course as a whole: two editions that match, links that lead somewhere, and a map without an empty row."""

from __future__ import annotations

import json
import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from sim.errors import BadInput
from sim.lab.course import LESSONS, SECTIONS
from sim.lab.coursemap import MISTAKES, NOTES
from sim.lab.glossary import PAGE
from sim.lab.lessons import Lab
from sim.lab.texts.misconceptions import MISCONCEPTIONS

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
FOLDERS = {"en": NOTEBOOKS, "zh": NOTEBOOKS / "zh"}
EVERY = sorted(path for folder in FOLDERS.values() for path in folder.glob("*.ipynb"))
CHINESE = sorted(FOLDERS["zh"].glob("*.ipynb"))
HAN = re.compile("[一-鿿]")
LINK = re.compile(r"\]\(([^)\s]+)\)")

each = pytest.mark.parametrize("path", EVERY, ids=lambda path: path.relative_to(NOTEBOOKS).as_posix())
each_chinese = pytest.mark.parametrize("path", CHINESE, ids=lambda path: path.name)


@cache
def cells(path: Path) -> tuple[tuple[str, str, str], ...]:
    """Return a notebook's cells: id, kind, source."""
    found = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return tuple((cell["id"], cell["cell_type"], "".join(cell["source"])) for cell in found)


def sections(path: Path) -> list[tuple[str, str, str]]:
    """Return a lesson's sections: the cell that begins one, its title, and all its sources."""
    found: list[list[str]] = []
    for name, kind, source in cells(path):
        for part in re.split("(?m)^(?=## )", source) if kind == "markdown" else [source]:
            if part.startswith("## "):
                found.append([name, re.sub(r"^## (?:\d )?", "", part.partition("\n")[0]), ""])
            if found:
                found[-1][2] += part + "\n"
    return [(name, title, text) for name, title, text in found[:-1]]


# ---- the two editions


def test_every_notebook_has_a_twin_and_a_place_in_the_course() -> None:
    names = {lang: {path.name for path in folder.glob("*.ipynb")} for lang, folder in FOLDERS.items()}
    assert names["en"] == names["zh"] == {*LESSONS.values(), PAGE, "map.ipynb"}


@each_chinese
def test_the_editions_differ_in_words_alone(path: Path) -> None:
    twin, same = cells(NOTEBOOKS / path.name), cells(path)
    assert [(name, kind) for name, kind, _ in same] == [(name, kind) for name, kind, _ in twin]
    for (name, kind, source), (_, _, english) in zip(same, twin, strict=True):
        if kind == "markdown":
            assert HAN.search(source), f"{name} is not in Chinese"
        elif name.endswith("-setup"):
            told = re.compile(r"sys\.exit\(.*?\)$", re.M | re.S)
            assert told.sub("", source) == told.sub("", english).replace('lang="en"', 'lang="zh"'), name
            assert HAN.search(source)
        else:
            assert source == english, name


@each
def test_what_is_drawn_in_letters_fits_in_a_narrow_window(path: Path) -> None:
    # At 768 pixels JupyterLab breaks such a line behind 61 letters.
    long = [line for _, kind, source in cells(path) if kind == "markdown"
            for line in source.splitlines() if line.startswith("    ") and len(line) > 61]
    assert long == []


PAGES = {PAGE: ("Glossary", "术语表"), "map.ipynb": ("Map", "课程地图")}


@each
def test_a_notebook_leads_to_its_twin_the_glossary_and_the_map(path: Path) -> None:
    title = cells(path)[0][2]
    assert (f"[English](../{path.name})" if path in CHINESE else f"[中文版](zh/{path.name})") in title
    for page in {PAGE, "map.ipynb"} - {path.name} if path.name != PAGE else ():
        assert f" · [{PAGES[page][path in CHINESE]}]({page})" in title


def _punctuation(char: str) -> bool:
    return unicodedata.category(char)[0] in "PSZC"


@each_chinese
def test_emphasis_is_recognised_in_chinese(path: Path) -> None:
    """Markdown takes no mark that stands between a Chinese character outside and punctuation inside."""
    for name, kind, source in cells(path):
        plain = re.sub(r"`[^`]*`", "`x`", re.sub("(?m)^ {4}.*$", "", f"\n{source}\n"))
        marks = list(re.finditer(r"\*+", plain)) if kind == "markdown" else []
        assert len(marks) % 2 == 0, name
        for number, mark in enumerate(marks):
            outside, inside = plain[mark.start() - 1], plain[mark.end()]
            if number % 2:
                outside, inside = inside, outside
            assert not inside.isspace(), name
            assert not _punctuation(inside) or _punctuation(outside), f"{name}: {plain[mark.start() - 9 :][:30]}"


# ---- links


@each
def test_links_lead_somewhere(path: Path) -> None:
    for name, kind, source in cells(path):
        for link in LINK.findall(source) if kind == "markdown" else []:
            file, _, place = link.partition("#")
            target = path.parent / file
            assert target.is_file(), f"{name}: {link}"
            if place:
                assert place.removeprefix("cell-id=") in {one for one, _, _ in cells(target)}, f"{name}: {link}"


@pytest.mark.parametrize("lang", FOLDERS)
def test_a_lesson_leads_to_the_next(lang: str) -> None:
    order = [name for number, name in LESSONS.items() if number.isdigit()]
    for name, following in zip(order, order[1:], strict=False):
        assert f"]({following})" in cells(FOLDERS[lang] / name)[-1][2], name


# ---- the map


@pytest.mark.parametrize("lang", FOLDERS)
def test_the_sections_are_those_of_the_lessons(lang: str) -> None:
    at = list(FOLDERS).index(lang)
    for lesson, name in LESSONS.items():
        listed = [(one.cell, one.title[at]) for one in SECTIONS.values() if one.lesson == lesson]
        assert listed == [(cell, title) for cell, title, _ in sections(FOLDERS[lang] / name)], name


def test_each_point_of_the_notes_and_each_misconception_has_its_place() -> None:
    assert list(NOTES) == list(range(1, 18)) and tuple(MISTAKES) == MISCONCEPTIONS
    for places in (*(places for _, places in NOTES.values()), *MISTAKES.values()):
        assert places
        for section, witness in places:
            lesson, _, number = section.partition(".")
            text = sections(NOTEBOOKS / LESSONS[lesson])[int(number) - 1][2]
            assert witness in text, f"{section} does not say {witness!r}"


@pytest.mark.parametrize("lang", FOLDERS)
def test_the_map_shows_every_row_and_its_links_lead_to_cells(lang: str, tmp_path: Path) -> None:
    page: dict[str, Any] = Lab(lang, folder=tmp_path).map()._repr_mimebundle_()
    links = re.findall(r'href="([^"#]+)(?:#cell-id=([\w-]+))?"', page["text/html"])
    assert len(links) == page["text/html"].count("<a ") > 17 + 34
    for file, cell in links:
        assert not cell or cell in {name for name, _, _ in cells(FOLDERS[lang] / file)}
    rows = re.findall("(?m)^(\\d+|A) .*[^\\s\\d]", page["text/plain"])
    assert len(rows) == len(LESSONS) + 17 + 34
    assert (HAN.search(page["text/plain"]) is not None) == (lang == "zh")


def test_a_misconception_is_shown_and_put_right(tmp_path: Path) -> None:
    said = repr(Lab(folder=tmp_path).mistake(29))
    claim, *_ = said.splitlines()
    assert claim == "29. docker tag copies the image, like a clone."
    assert "\nthe same ID\n" in said and said.endswith("True is: It adds a name: one ID, nothing stored twice.")
    assert repr(Lab("zh", folder=tmp_path).mistake(29)).startswith("29. docker tag 相当于克隆")
    with pytest.raises(BadInput, match="numbered from 1 to 34"):
        Lab(folder=tmp_path).mistake(35)

"""The glossary: its pages are its table, and every lesson leads to it from the first use of each term."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from sim.lab.course import LESSONS
from sim.lab.glossary import PAGE, linked, page
from sim.lab.terms import TERMS, Term
from tests.test_notebooks import read, written

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
FOLDERS = {"en": NOTEBOOKS, "zh": NOTEBOOKS / "zh"}
HAN = re.compile("[一-鿿]")
READ = [(lang, path) for lang, folder in FOLDERS.items() for path in sorted(folder.glob("*.ipynb"))
        if path.name not in (PAGE, "map.ipynb")]  # fmt: skip


def markdown(path: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    notebook = read(path)
    return notebook, [cell for cell in notebook["cells"] if cell["cell_type"] == "markdown"]


def write(path: Path, notebook: dict[str, Any]) -> None:
    path.write_text(written(notebook), encoding="utf-8", newline="\n")


@pytest.mark.parametrize("lang", FOLDERS)
def test_the_page_is_the_table(lang: str, request: pytest.FixtureRequest) -> None:
    path = FOLDERS[lang] / PAGE
    if request.config.getoption("--write-notebooks"):
        cells = [{"cell_type": "markdown", "id": name, "metadata": {}, "source": text} for name, text in page(lang)]
        kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
        metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
        write(path, {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5})
    notebook, cells = markdown(path)
    assert [(cell["id"], "".join(cell["source"])) for cell in cells] == list(page(lang))
    assert len(cells) == len(notebook["cells"]), "it needs no kernel"


def test_terms_have_a_cell_that_an_address_can_name() -> None:
    anchors = [term.anchor for term in TERMS]
    assert len(set(anchors)) == len(anchors) > 40
    assert [name for name, text in page("zh") if text.startswith("### ")] == anchors
    assert all(re.fullmatch("[A-Za-z0-9-]{1,64}", anchor) for anchor in anchors), "a cell's id has no other characters"


@pytest.mark.parametrize("term", TERMS, ids=lambda term: term.anchor)
def test_a_term_is_told_in_both_languages_and_used_where_it_is_taught(term: Term) -> None:
    assert HAN.search(term.says[1]) and not HAN.search(term.says[0])
    assert all(len(says) < 140 and "\n" not in says for says in term.says)
    for lang, folder in FOLDERS.items():
        _, cells = markdown(folder / LESSONS[term.lesson])
        text = "\n".join("".join(cell["source"]) for cell in cells)
        assert re.search(term.forms(lang), text, re.I), f"{LESSONS[term.lesson]} ({lang}) does not speak of it"


@pytest.mark.parametrize(("lang", "path"), READ, ids=[f"{lang}-{path.stem}" for lang, path in READ])
def test_the_first_use_of_a_term_leads_to_the_glossary(lang: str, path: Path, request: pytest.FixtureRequest) -> None:
    notebook, cells = markdown(path)
    given = ["".join(cell["source"]) for cell in cells]
    wanted = linked(given, lang)
    if request.config.getoption("--write-notebooks") and wanted != given:
        for cell, text in zip(cells, wanted, strict=True):
            cell["source"] = text
        write(path, notebook)
        given = wanted
    assert given == wanted, "--write-notebooks writes the links"
    anchors = set(re.findall(r"glossary\.ipynb#cell-id=([\w-]+)", "\n".join(given)))
    assert anchors and anchors <= {term.anchor for term in TERMS}


@pytest.mark.parametrize(
    ("lang", "given", "wanted"),
    [
        ("en", "A `layer`, a layer digest, two layers.",
         "A `layer`, a [layer digest](glossary.ipynb#cell-id=layer-digest), two "
         "[layers](glossary.ipynb#cell-id=layer)."),
        ("en", "# Layers\n\n    layer\n\n[layer](x.ipynb) layers",
         "# Layers\n\n    layer\n\n[layer](x.ipynb) [layers](glossary.ipynb#cell-id=layer)"),
        ("en", "players, relayer", "players, relayer"),
        ("zh", "一层一层下载**镜像**，镜像的层",
         "一层一层下载[**镜像**](glossary.ipynb#cell-id=image)，镜像的[层](glossary.ipynb#cell-id=layer)"),
        ("zh", "先找镜像站", "先找[镜像站](glossary.ipynb#cell-id=mirror)"),
    ],
    ids=["the longer term first", "headings, code and links stay", "whole words", "Chinese", "a mirror is no image"],
)  # fmt: skip
def test_links_are_put_at_whole_terms_outside_of_code(lang: str, given: str, wanted: str) -> None:
    assert linked([given], lang) == [wanted]
    assert linked(linked([given], lang), lang) == [wanted]


def test_a_use_before_the_link_is_found() -> None:
    early, late = "a layer", "a [layer](glossary.ipynb#cell-id=layer)"
    assert linked([late, early], "en") == [late, early]
    assert linked([early, late], "en") != [early, late]

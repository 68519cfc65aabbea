"""The lessons in notebooks/: thin, clean, and showing what they show when they are executed again.

    python3 -m sim test tests/test_notebooks.py                     compare
    python3 -m sim test tests/test_notebooks.py --write-notebooks   execute and write back
"""

from __future__ import annotations

import ast
import copy
import difflib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from sim.lab.glossary import PAGE as GLOSSARY
from sim.lab.lessons import IMAGE
from sim.lab.normalise import REVEAL, clean, content

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
LESSONS = sorted(path for path in NOTEBOOKS.rglob("*.ipynb") if not path.parent.name.startswith("."))
SECONDS_A_CELL = 120

each_lesson = pytest.mark.parametrize("lesson", LESSONS, ids=[p.relative_to(NOTEBOOKS).as_posix() for p in LESSONS])


def read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8"))


def written(notebook: dict[str, Any]) -> str:
    """Return the text of a notebook's file, in nbformat's own layout."""
    return nbformat.writes(nbformat.from_dict(notebook)) + "\n"


def sources(notebook: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            yield cell["id"], "".join(cell["source"])


@pytest.fixture(scope="session")
def fonts_known() -> None:
    """Let matplotlib look through the fonts of a new machine before a lesson does, which would say so."""
    subprocess.run([sys.executable, "-c", "import matplotlib.font_manager"], capture_output=True, check=True)


@pytest.fixture
def executed(fonts_known: None, lesson: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The lesson, executed by this Python in a copy of its folder, with its answers revealed."""
    monkeypatch.setenv("PYTHONPATH", str(NOTEBOOKS.parent))
    monkeypatch.setenv("LAYERLAB_REVEAL", "1")
    # No kernel, start-up file or setting of whoever runs this takes part.
    for name in ("JUPYTER_DATA_DIR", "JUPYTER_CONFIG_DIR", "IPYTHONDIR", "SIM_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    for name in ("JUPYTER_PATH", "PYTHONWARNDEFAULTENCODING", IMAGE):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "my-lessons"
    shutil.copytree(NOTEBOOKS, folder)
    notebook = nbformat.read(lesson, as_version=4)
    where = folder / lesson.relative_to(NOTEBOOKS).parent
    NotebookClient(
        notebook, timeout=SECONDS_A_CELL, kernel_name="python3", resources={"metadata": {"path": str(where)}}
    ).execute()
    return json.loads(nbformat.writes(notebook))


def test_the_tour_is_there() -> None:
    assert NOTEBOOKS / "00_tour.ipynb" in LESSONS


@each_lesson
def test_a_lesson_shows_what_it_showed(lesson: Path, executed: dict[str, Any], request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--write-notebooks"):
        lesson.write_text(written(clean(executed)), encoding="utf-8", newline="\n")
    difference = difflib.unified_diff(
        content(read(lesson)), content(executed), "committed", "executed now", lineterm="", n=1
    )
    stale = "\n".join(line[:300] for line in difference)
    assert not stale, f"{lesson.name} is stale; --write-notebooks writes it anew:\n{stale}"


@each_lesson
def test_a_lesson_is_committed_clean(lesson: Path) -> None:
    notebook = read(lesson)
    assert lesson.read_text(encoding="utf-8") == written(clean(notebook)), "--write-notebooks writes it anew"
    ids = [cell["id"] for cell in notebook["cells"]]
    assert len(ids) == len(set(ids))
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code" and REVEAL not in cell["metadata"].get("tags", []):
            assert cell["execution_count"], f"cell {cell['id']} was never executed"


@each_lesson
def test_a_lesson_holds_nothing_of_the_machine_that_ran_it(lesson: Path) -> None:
    outputs = json.dumps([cell.get("outputs") for cell in read(lesson)["cells"]])
    for machine in (r"0x[0-9a-f]{9,}", r"\bPython 3\.\d+\.\d+", r"site-packages", r"ipykernel_\d"):
        assert not re.search(machine, outputs), machine


@each_lesson
def test_a_lesson_is_thin(lesson: Path) -> None:
    notebook = read(lesson)
    assert len(notebook["cells"]) <= 30 or lesson.name == GLOSSARY, "it has a cell for each word"
    for cell, source in sources(notebook):
        assert len(source.splitlines()) <= 12, cell
        plain = "\n".join("pass" if line.lstrip().startswith(("%", "!")) else line for line in source.splitlines())
        if not source.startswith("%%"):
            assert not any(isinstance(node, ast.ClassDef) for node in ast.walk(ast.parse(plain))), cell


@each_lesson
def test_a_lesson_runs_by_the_kernel_that_every_machine_has(lesson: Path) -> None:
    assert read(lesson)["metadata"]["kernelspec"]["name"] == "python3"


# ---- the comparison itself: it passes over what may differ, and nothing else


def notebook(html: str = "", text: str = "", **cell: Any) -> dict[str, Any]:
    data = {"text/html": html, "text/plain": text}
    shown = {"output_type": "execute_result", "data": data, "metadata": {}, "execution_count": 7}
    code = {"cell_type": "code", "id": "a1", "metadata": {}, "source": "x", "execution_count": 7, "outputs": [shown]}
    return {"cells": [code | cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def picture(svg: str, alt: str = "two plates") -> str:
    import base64

    body = base64.b64encode(f'<svg xmlns="http://www.w3.org/2000/svg">{svg}</svg>'.encode()).decode()
    return f'<img alt="{alt}" src="data:image/svg+xml;base64,{body}">'


PLATES = '<rect x="1" fill="#E69F00"/><text x="3">base</text><rect x="1" fill="#56B4E9"/><text>vim</text>'


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (picture(PLATES.replace('x="1"', 'x="2.5"')), True),
        (picture("<defs><path d='M0'/></defs>" + PLATES), True),
        (picture(PLATES.replace("base", "basis")), False),
        (picture(PLATES.replace("#56B4E9", "#000000")), False),
        (picture(PLATES + '<rect fill="#E69F00"/>'), False),
        (picture(PLATES, alt="three plates"), False),
        (picture(PLATES) + "<p>and a word</p>", False),
        (picture(PLATES) + "<style>p { color: red }</style>", True),
    ],
    ids=["moved", "other glyphs", "a word", "a fill", "one mark more", "alt text", "text beside it", "style sheet"],
)
def test_pictures_are_compared_by_what_they_say(other: str, same: bool) -> None:
    assert (content(notebook(picture(PLATES))) == content(notebook(other))) is same


def test_addresses_and_numbers_of_executions_are_passed_over() -> None:
    one, two = notebook(text="<Layer at 0x7f0012345678>"), notebook(text="<Layer at 0x7fffffff0000>")
    two["cells"][0]["execution_count"] = 9
    assert content(one) == content(two)
    assert content(one) != content(notebook(text="<Image at 0x7f0012345678>"))


def test_a_reveal_cell_keeps_its_secret() -> None:
    revealed = notebook(text="the answer", metadata={"tags": [REVEAL]})
    assert clean(revealed)["cells"][0]["outputs"] == []
    assert "the answer" not in "\n".join(content(revealed))


def test_cleaning_twice_is_cleaning_once_and_leaves_the_original() -> None:
    given = notebook(picture(PLATES), metadata={"trusted": True, "execution": {"iopub.status.busy": "now"}})
    before = copy.deepcopy(given)
    assert clean(clean(given)) == clean(given)
    assert given == before
    assert "trusted" not in json.dumps(clean(given)) and "iopub" not in json.dumps(clean(given))


def test_a_widget_leaves_its_static_picture_alone() -> None:
    given = notebook(picture(PLATES))
    given["cells"][0]["outputs"][0]["data"]["application/vnd.jupyter.widget-view+json"] = {"model_id": "f00"}
    assert "f00" not in json.dumps(clean(given))
    assert content(given) == content(notebook(picture(PLATES)))

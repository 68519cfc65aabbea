"""The comparison of executed lessons: two executions are equal, and none of ten edits gets past it."""

from __future__ import annotations

import base64
import copy
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest

from sim.lab.normalise import clean, content, without_widgets
from sim.lab.style import LAYER_COLOURS

ROOT = Path(__file__).parents[2]
Notebook = dict[str, Any]
SOURCES = (
    "from sim import Lab\nlab = Lab()\nimage = lab.open('sample:ubuntu-vim')",
    "lab.names(image)",
    "lab.stack(image)",
    "print(lab.why(image, '/usr/bin/vi'))",
    "lab.slide(image)",
)


def execute(folder: Path) -> Notebook:
    """Execute a small lesson by this Python."""
    nbclient = pytest.importorskip("nbclient")
    cells = [nbformat.v4.new_code_cell(source, id=f"cell-{n}") for n, source in enumerate(SOURCES)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    place = {"metadata": {"path": str(folder)}}
    nbclient.NotebookClient(notebook, timeout=120, kernel_name="python3", resources=place).execute()
    return json.loads(nbformat.writes(notebook))


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> tuple[Notebook, Notebook]:
    """The lesson, executed two times, each in a kernel and a folder of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))
        patch.setenv("SIM_HOME", str(tmp_path_factory.mktemp("home")))
        one, two = (execute(tmp_path_factory.mktemp("lesson")) for _ in range(2))
    return one, two


def test_two_executions_are_equal(twice: tuple[Notebook, Notebook]) -> None:
    one, two = twice
    assert one != two, "times and widgets' ids differ"
    assert content(one) == content(two)
    assert any("picture" in line for line in content(one)) and len(content(one)) > 30


def outputs(notebook: Notebook, cell: int) -> list[dict[str, Any]]:
    return notebook["cells"][cell]["outputs"]


def html(notebook: Notebook, cell: int, change: Callable[[str], str]) -> None:
    data = outputs(notebook, cell)[0]["data"]
    before = "".join(data["text/html"])
    data["text/html"] = change(before)
    assert data["text/html"] != before


def drawing(notebook: Notebook, change: Callable[[str], str]) -> None:
    """Change the SVG of the stack; its text and alt text stay."""

    def changed(found: re.Match[str]) -> str:
        svg = base64.b64decode(found[1]).decode()
        assert change(svg) != svg
        return "base64," + base64.b64encode(change(svg).encode()).decode()

    html(notebook, 2, lambda text: re.sub(r"base64,([A-Za-z0-9+/=]+)", changed, text))


def printed(notebook: Notebook, change: Callable[[list[str]], list[str]]) -> None:
    stream = outputs(notebook, 3)[0]
    lines = "".join(stream["text"]).splitlines(keepends=True)
    stream["text"] = "".join(change(lines))
    assert stream["text"] != "".join(lines)


def digit(text: str) -> str:
    """Change the last digit of the first short digest."""
    return re.sub(r"(?<=\b[0-9a-f]{11})[0-9a-f]\b", lambda d: "0" if d[0] != "0" else "1", text, count=1)


def swapped(svg: str) -> str:
    """Give layer 1's mark the colour of layer 2."""
    return svg.replace('class="l1"', 'class="l2"', 1)


def painted(svg: str) -> str:
    """Write a colour on a mark, as an attribute."""
    return svg.replace('class="l1"', f'class="l1" fill="{LAYER_COLOURS[3]}"', 1)


def without_top(svg: str) -> str:
    """Take the marks of layer 2 out of both layouts."""
    return re.sub(r'<rect [^>]*class="l2"[^>]*/>', "", svg)


def erred(notebook: Notebook) -> None:
    outputs(notebook, 3).append(
        {"output_type": "error", "ename": "BadInput", "evalue": "no such path", "traceback": []})


def sourced(notebook: Notebook) -> None:
    notebook["cells"][2]["source"] = "lab.stack(image) "
    notebook["cells"][1]["source"] = "lab.names( image)"


EDITS: dict[str, Callable[[Notebook], Any]] = {
    "a digest's digit": lambda nb: html(nb, 1, digit),
    "a size": lambda nb: drawing(nb, lambda svg: re.sub(r">(\d+)(\.\d)?MB<", ">9\\1MB<", svg, count=1)),
    "a missing layer": lambda nb: drawing(nb, without_top),
    "a swapped colour": lambda nb: drawing(nb, swapped),
    "a colour written on a mark": lambda nb: drawing(nb, painted),
    "an alt text": lambda nb: html(nb, 2, lambda text: text.replace('alt="An', 'alt="No', 1)),
    "a dropped output": lambda nb: outputs(nb, 3).clear(),
    "a reordered trace line": lambda nb: printed(nb, lambda lines: [*lines[:-2], lines[-1], lines[-2]]),
    "a removed picture": lambda nb: html(nb, 2, lambda text: re.sub("<img [^>]*>", "", text)),
    "an error output": erred,
    "a changed source": sourced,
    "a slider's picture": lambda nb: html(nb, 4, lambda text: re.sub("<img [^>]*>", "", text, count=1)),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_an_edit_is_caught(edit: Callable[[Notebook], Any], twice: tuple[Notebook, Notebook]) -> None:
    edited = copy.deepcopy(twice[0])
    edit(edited)
    assert content(edited) != content(twice[1])
    assert content(clean(edited)) != content(clean(twice[1])), "and in the form that is committed"


def test_a_lesson_is_saved_without_its_widgets_and_with_their_pictures(twice: tuple[Notebook, Notebook]) -> None:
    saved = copy.deepcopy(twice[0])
    view = "application/vnd.jupyter.widget-view+json"
    assert view in json.dumps(saved)
    without_widgets({"type": "notebook", "content": saved}, path="lesson.ipynb")
    assert view not in json.dumps(saved) and content(saved) == content(twice[0])


def test_a_widget_without_a_picture_and_a_file_that_is_no_notebook_are_saved_as_they_are() -> None:
    bare = {"output_type": "display_data", "data": {"application/vnd.jupyter.widget-view+json": {}, "text/plain": "x"}}
    model = {"type": "notebook", "content": {"cells": [{"cell_type": "code", "outputs": [bare]}, {"source": "#"}]}}
    before = copy.deepcopy(model)
    without_widgets(model)
    without_widgets(text := {"type": "file", "content": "text"})
    assert model == before and text["content"] == "text"

"""Bad use of a lesson: whatever is wrong, one sentence says what to do, and no traceback stands in its way."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sim.errors import SimError
from sim.lab.lessons import Lab
from sim.lab.tasks import TASKS

ROOT = Path(__file__).parents[2]
LESSON = json.loads((ROOT / "notebooks" / "05_commit_build_history.ipynb").read_text("utf-8"))["cells"]
SETUP = "".join(LESSON[1]["source"])


@pytest.fixture
def cell(tmp_path: Path) -> Iterator[Any]:
    """Run the cells of a notebook one after the other; return what each says when it fails."""
    testing = pytest.importorskip("IPython.testing.globalipapp")
    shell = testing.get_ipython() or testing.start_ipython()
    shell.set_custom_exc((), None)
    said: list[list[str]] = []
    usual, shell._showtraceback = shell._showtraceback, lambda kind, error, lines: said.append(list(lines))
    shell.run_cell(f"from sim import Lab\nlab = Lab(folder={str(tmp_path)!r})")

    def run(source: str) -> list[str]:
        said.clear()
        shell.run_cell(source)
        return said[0] if said else []

    yield run
    shell._showtraceback = usual
    shell.set_custom_exc((), None)
    shell.reset(new_session=False)


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("lab.stack(image)", "NameError: image is not there yet. Run the cells above this one first"),
        ("lab.reveal('00.passwd', lambda: lab.why(image, '/a'), show=True).answer()", "NameError: image is not there"),
        ("lab.goto('05.99')", "SimError: "),
        ("lab.goto(5)", "TypeError: lab.goto cannot work with this: "),
        ("lab.open(['ubuntu'])", "TypeError: lab.open cannot work with this: "),
        ("lab.predict('01.one-byte', 'three')", "BadInput: "),
        ("lab.predict(['01.one-byte'])", "TypeError: lab.predict cannot work with this: "),
        ("lab.check('no-task', 1)", "BadInput: "),
        ("lab.what_if(5)", "TypeError: lab.what_if cannot work with this: "),
        ("lab.explore(lab.mount(lab.open('sample:alpine')), [('burn', '/a')])", "BadInput: 'burn' is no operation"),
        ("Lab(lang='fr')", "BadInput: the lab does not speak 'fr'"),
    ],
)
def test_a_cell_says_what_to_do(cell: Any, source: str, sentence: str) -> None:
    lines = cell(source)
    assert len(lines) == 1 and lines[0].startswith(sentence), lines


def test_the_sentence_is_chinese_in_the_chinese_edition(cell: Any, tmp_path: Path) -> None:
    cell(f"lab = Lab('zh', folder={str(tmp_path)!r})")
    assert cell("lab.stack(image)")[0].startswith("NameError: 还没有 image。请先运行上面的单元格")
    assert cell("lab.goto(5)")[0].startswith("TypeError: lab.goto 用不了这个值：")


@pytest.mark.parametrize("source", ["1 / 0", "def f():\n    return [][1]\nf()", "import nothing_so_named", "int('x')"])
def test_a_mistake_of_ones_own_keeps_its_traceback(cell: Any, source: str) -> None:
    assert len("\n".join(cell(source)).splitlines()) > 3


def test_a_lesson_run_twice_says_the_same_twice(cell: Any, capsys: pytest.CaptureFixture[str]) -> None:
    sources = ["".join(one["source"]) for one in LESSON if one["cell_type"] == "code"][1:]
    for source in [one for one in sources[:12] for _ in range(2)]:
        assert len(cell(source)) <= 1, source
    capsys.readouterr()


# ---- answers of every kind


ODD = (
    0, -1, 3.5, math.nan, 10**400, "", "x", "\udcff", b"x", True, [1], ["a", None], {}, {"a": 1}, {1}, (1, 2), [[]],
    [("chmod",)], [("put", 1, 2)], [("x",)], object(), print,
)


@pytest.mark.parametrize("task", TASKS)
def test_an_answer_of_any_type_is_answered(task: str, tmp_path: Path) -> None:
    lab = Lab(folder=tmp_path)
    for answer in ODD:
        try:
            assert lab.check(task, answer).plain
        except SimError as error:
            assert str(error)


@pytest.mark.parametrize("choice", [0, 5, -1, 1.0, True, "1", [1], print])
def test_a_prediction_that_is_no_choice_is_refused(choice: Any, tmp_path: Path) -> None:
    with pytest.raises(SimError):
        Lab(folder=tmp_path).predict("01.one-byte", choice)
    assert not (tmp_path / "progress.json").exists()


# ---- a place that cannot be written, a package or an interpreter that is not the right one


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder", encoding="utf-8")
    with pytest.raises(SimError, match="set SIM_HOME to a folder of yours"):
        Lab(folder=blocked / "home").predict("01.one-byte", 2)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="leaves root's rights, so it needs them")
def test_a_read_only_folder_is_said() -> None:
    # Not below pytest's folder, which another user may not enter.
    with tempfile.TemporaryDirectory() as above:
        os.chmod(above, 0o755)
        folder = Path(above, "home")
        folder.mkdir(mode=0o555)
        code = (
            f"import os, sys\nsys.path.insert(0, {str(ROOT)!r})\nfrom sim import Lab\n"
            f"lab = Lab(folder={str(folder)!r})\n"
            "lab.predict('01.one-byte')\nos.setuid(65534)\nlab.predict('01.one-byte', 2)"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", cwd="/", check=False)
    assert "cannot be written: Permission denied; set SIM_HOME to a folder of yours" in done.stderr.splitlines()[-1]


def _without(packages: tuple[str, ...], code: str, folder: Path) -> str:
    hidden = "import sys\n" + "".join(f"sys.modules[{name!r}] = None\n" for name in packages)
    done = subprocess.run(
        [sys.executable, "-c", hidden + code], cwd=ROOT, capture_output=True, encoding="utf-8", check=False,
        env=os.environ | {"SIM_HOME": str(folder), "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_without_widgets_every_instrument_has_its_text(tmp_path: Path) -> None:
    from tests.peers.instrument_page import INSTRUMENTS, SETUP

    code = SETUP + "".join(
        f"shown = ({line})._repr_mimebundle_()\nassert set(shown) == {{'text/html', 'text/plain'}}, shown\n"
        "assert len(shown['text/plain']) > 20\n" for line in INSTRUMENTS.values()
    )
    assert "pushed" in _without(("ipywidgets", "anywidget", "IPython"), code + "print('pushed')", tmp_path)


def test_without_matplotlib_a_chart_is_a_table_or_another_picture(tmp_path: Path) -> None:
    code = """
from sim import Lab
lab = Lab()
print(lab.sizes(lab.open("sample:alpine")).text)
print(lab.costs().plain)
print(lab.reading().plain)
"""
    said = _without(("matplotlib",), code, tmp_path)
    assert "An image of 1 layer" in said and "every layer asked" in said and "two threads, processes" in said


def test_a_missing_package_is_named_with_what_brings_it(cell: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "networkx", None)
    [line] = cell("lab.family([lab.open('sample:alpine')])")
    assert line == ("ModuleNotFoundError: this needs networkx, which is not installed. "
                    "Start the lessons with: python3 -m sim lab")  # fmt: skip


def test_a_wrong_interpreter_is_named_by_the_set_up_cell(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", SETUP], cwd=tmp_path, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 1 and done.stdout == ""
    [line] = done.stderr.splitlines()
    assert line.startswith(sys.executable) and line.endswith("Start with: python3 -m sim lab")

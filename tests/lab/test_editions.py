"""The teacher's pages and the student's copy: what is in them, and that the solutions solve."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path
from xml.etree import ElementTree

import pytest

from sim.cli import main
from sim.lab.course import LESSONS
from sim.lab.coursemap import MISTAKES
from sim.lab.lessons import Lab
from sim.lab.questions import QUESTIONS, RECALL
from sim.lab.solutions import SOLUTIONS
from sim.lab.tasks import TASKS
from sim.lab.texts.misconceptions import told

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


@pytest.fixture(scope="module", params=["en", "zh"])
def written(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """A language, and the folder with both editions in it."""
    dest = tmp_path_factory.mktemp("editions") / "new"
    assert main(["teacher", str(dest), "--lang", request.param]) == 0
    return request.param, dest


def test_a_page_and_a_copy_a_lesson(written: tuple[str, Path]) -> None:
    lang, dest = written
    source = NOTEBOOKS if lang == "en" else NOTEBOOKS / lang
    there = {number: name for number, name in LESSONS.items() if (source / name).is_file()}
    assert sorted(path.name for path in (dest / "student").iterdir()) == sorted(there.values())
    assert sorted(path.stem for path in (dest / "teacher").iterdir()) == sorted(there)


def test_the_pages_have_every_question_trap_and_solution(written: tuple[str, Path]) -> None:
    lang, dest = written
    pages = {path.stem: unescape(path.read_text("utf-8")) for path in (dest / "teacher").iterdir()}
    for key, question in QUESTIONS.items():
        page = pages[key.partition(".")[0]]
        assert question.asked(lang) in page
        for number, option in enumerate(question.options(lang), 1):
            assert option in page and question.why(number, lang) in page
    for key, solution in SOLUTIONS.items():
        assert solution in pages[key.partition(".")[0]]
    for mistake, places in MISTAKES.items():
        for section, _ in places:
            assert told(mistake, lang).truth in pages[section.partition(".")[0]]
    for number, recall in RECALL.items():
        assert all(answer[lang == "zh"] in pages[number] for _, answer in recall if number in pages)


def test_the_pages_are_well_formed_and_mark_one_choice_a_question(written: tuple[str, Path]) -> None:
    _, dest = written
    for path in (dest / "teacher").iterdir():
        text = path.read_text("utf-8")
        marked = re.sub(r"<meta[^>]*>", "", text.replace("<br>", "<br/>").replace("class=right", 'class="right"'))
        page = ElementTree.fromstring(marked.partition("\n")[2])
        assert not re.search(r"\]\(|\*\*", unescape(re.sub(r"<pre>.*?</pre>", "", text, flags=re.DOTALL)))
        for choices in page.iter("ol"):
            assert [item.get("class") for item in choices].count("right") == 1


def test_the_copy_for_students_says_nothing_before_they_do(written: tuple[str, Path]) -> None:
    lang, dest = written
    source = NOTEBOOKS if lang == "en" else NOTEBOOKS / lang
    for path in (dest / "student").iterdir():
        mine, whole = (json.loads(file.read_bytes())["cells"] for file in (path, source / path.name))
        assert [cell["id"] for cell in mine] == [cell["id"] for cell in whole]
        assert all(cell["outputs"] == [] for cell in mine if cell["cell_type"] == "code")
        ends = [cell["source"] for cell in mine if cell["id"].endswith(("-end", "-true"))]
        assert ends and not any(line.startswith("- ") for text in ends for line in text.splitlines())
        links = [re.findall(r"\]\(\d\d_\w+\.ipynb\)", "".join(cells[-1]["source"])) for cells in (mine, whole)]
        assert links[0] == links[1][: len(links[0])] and (links[0] or not links[1])


def test_a_folder_with_something_else_in_it_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "thesis.txt").write_text("mine", encoding="utf-8")
    assert main(["teacher", str(tmp_path)]) == 2
    assert "name another folder" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_writing_again_replaces(tmp_path: Path) -> None:
    assert main(["teacher", str(tmp_path / "new")]) == main(["teacher", str(tmp_path / "new")]) == 0



def test_every_task_has_a_solution() -> None:
    assert set(SOLUTIONS) == set(TASKS)


@pytest.mark.parametrize("task", SOLUTIONS)
def test_a_solution_solves_its_task(task: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SIM_HOME", str(tmp_path))
    lines = SOLUTIONS[task].splitlines()
    scope = {"lab": Lab(folder=tmp_path)}
    exec("\n".join(lines[:-1]), scope)
    assert eval(lines[-1], scope).plain == "Right."

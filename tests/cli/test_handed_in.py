"""`sim progress`: the record of a learner, lesson by lesson, and the file that is handed in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sim.cli import main
from sim.lab.lessons import Lab
from sim.lab.progress import progress
from sim.lab.questions import QUESTIONS
from sim.lab.record import FILE, Record, save


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SIM_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def lessons(text: str) -> dict[str, dict[str, object]]:
    return {lesson["lesson"]: lesson for lesson in json.loads(text)["lessons"]}


def test_what_was_answered_in_a_lesson_is_shown(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lab = Lab(folder=home)
    right = QUESTIONS["01.one-byte"].right
    lab.predict("01.one-byte", right)
    lab.predict("01.recompress", 1 + QUESTIONS["01.recompress"].right % 3)
    assert "right" not in repr(lab.check("01.here", None)).lower()
    assert lessons_of(capsys)["01"]["tasks"] == {"of": 2, "solved": []}
    lab.check("01.here", lab.open("sample:nginx"))
    found = lessons_of(capsys)["01"]
    assert found["predictions"] == {"of": 3, "right": {"01.one-byte": True, "01.recompress": False}}
    assert found["tasks"] == {"of": 2, "solved": ["01.here"]}
    assert main(["progress"]) == 0
    row = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("01 "))
    assert row.split() == ["01", "2", "of", "3", "1", "1", "of", "2", "0", "0"]


def lessons_of(capsys: pytest.CaptureFixture[str]) -> dict[str, dict[str, object]]:
    assert main(["progress", "--json"]) == 0
    return lessons(capsys.readouterr().out)


def test_a_file_to_hand_in(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save(home, Record().predicted("02.host", QUESTIONS["02.host"].right).tried("02.listing#3", 27))
    target = tmp_path / "李.json"
    assert main(["progress", "--export", str(target)]) == 0
    assert "1 lesson" in capsys.readouterr().out
    found = lessons(target.read_text("utf-8"))["02"]
    assert found["predictions"]["right"] == {"02.host": True}
    assert found["exercises"] == {"misconceptions": {"02.listing#3": 27}}


def test_nothing_done_is_no_fault(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["progress"]) == 0
    assert "0 of 3" in capsys.readouterr().out
    assert not home.exists()


@pytest.mark.parametrize("text", ["{", "[]", '{"version": 1, "predictions": {}, "seen": [], "solved": [1]}'])
def test_a_damaged_record_is_a_sentence(home: Path, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    home.mkdir()
    (home / FILE).write_text(text, encoding="utf-8")
    assert main(["progress"]) == 2
    said = capsys.readouterr()
    assert said.out == "" and said.err.count("\n") == 1 and "begin anew" in said.err
    assert (home / FILE).read_text("utf-8") == text


def test_a_folder_that_is_not_there_is_a_sentence(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["progress", "--export", str(home / "no" / "file.json")]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_what_lessons_no_longer_have_is_left_out() -> None:
    gone = Record().predicted("01.gone", 1).done("99.gone")
    assert not any(lesson.begun for lesson in progress(gone))
    assert "99" not in {lesson.number for lesson in progress(gone)}

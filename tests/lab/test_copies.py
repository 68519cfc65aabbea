"""The working copy: the learner's changes survive every update, and unchanged files follow it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sim.lab.copies import RECORD, refresh


def lesson(*sources: str, outputs: str = "") -> bytes:
    cells = [{"cell_type": "code", "id": str(n), "source": s, "outputs": [outputs]} for n, s in enumerate(sources)]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    lessons, mine = tmp_path / "notebooks", tmp_path / "my-lessons"
    (lessons / "img").mkdir(parents=True)
    (lessons / "00_tour.ipynb").write_bytes(lesson("one"))
    (lessons / "img" / "tour.svg").write_bytes(b"<svg/>")
    assert refresh(lessons, mine) == []
    return lessons, mine


def test_the_first_start_copies_everything(folders: tuple[Path, Path]) -> None:
    lessons, mine = folders
    for name in ("00_tour.ipynb", "img/tour.svg"):
        assert (mine / name).read_bytes() == (lessons / name).read_bytes()


def test_hidden_files_are_not_lessons(folders: tuple[Path, Path]) -> None:
    lessons, mine = folders
    (lessons / ".ipynb_checkpoints").mkdir()
    (lessons / ".ipynb_checkpoints" / "x.ipynb").write_bytes(b"{}")
    refresh(lessons, mine)
    assert not (mine / ".ipynb_checkpoints").exists()


def test_an_unchanged_copy_follows_an_update(folders: tuple[Path, Path]) -> None:
    lessons, mine = folders
    (lessons / "00_tour.ipynb").write_bytes(lesson("two"))
    assert refresh(lessons, mine) == []
    assert (mine / "00_tour.ipynb").read_bytes() == lesson("two")


def test_running_a_lesson_is_no_change(folders: tuple[Path, Path]) -> None:
    lessons, mine = folders
    ran = json.dumps(json.loads(lesson("one", outputs="shown")), indent=4).encode()
    (mine / "00_tour.ipynb").write_bytes(ran)
    assert refresh(lessons, mine) == []
    assert (mine / "00_tour.ipynb").read_bytes() == ran, "what it showed stays until there is an update"
    (lessons / "00_tour.ipynb").write_bytes(lesson("two"))
    assert refresh(lessons, mine) == []
    assert (mine / "00_tour.ipynb").read_bytes() == lesson("two")


def test_a_changed_copy_stays_and_the_new_lesson_stands_beside_it_once(folders: tuple[Path, Path]) -> None:
    lessons, mine = folders
    (mine / "00_tour.ipynb").write_bytes(lesson("my own"))
    assert refresh(lessons, mine) == [], "nothing is new"
    (lessons / "00_tour.ipynb").write_bytes(lesson("two"))
    (said,) = refresh(lessons, mine)
    assert "00_tour.ipynb has a new version; yours is kept" in said and "00_tour.new.ipynb" in said
    assert (mine / "00_tour.ipynb").read_bytes() == lesson("my own")
    assert (mine / "00_tour.new.ipynb").read_bytes() == lesson("two")
    assert refresh(lessons, mine) == [], "said once"


def test_a_new_lesson_that_the_learner_went_on_with_is_kept_too(folders: tuple[Path, Path]) -> None:
    lessons, mine = folders
    (mine / "00_tour.ipynb").write_bytes(lesson("my own"))
    (lessons / "00_tour.ipynb").write_bytes(lesson("two"))
    refresh(lessons, mine)
    (mine / "00_tour.new.ipynb").write_bytes(lesson("two", "and mine"))
    (lessons / "00_tour.ipynb").write_bytes(lesson("three"))
    (said,) = refresh(lessons, mine)
    assert "00_tour.new2.ipynb" in said
    assert (mine / "00_tour.new.ipynb").read_bytes() == lesson("two", "and mine")
    assert (mine / "00_tour.new2.ipynb").read_bytes() == lesson("three")


def test_a_removed_copy_comes_back(folders: tuple[Path, Path]) -> None:
    lessons, mine = folders
    (mine / "00_tour.ipynb").unlink()
    refresh(lessons, mine)
    assert (mine / "00_tour.ipynb").read_bytes() == lesson("one")


@pytest.mark.parametrize("record", [b"", b"[1]", b'{"00_tour'], ids=["empty", "a list", "half"])
def test_a_lost_record_costs_no_work(folders: tuple[Path, Path], record: bytes) -> None:
    lessons, mine = folders
    (mine / "00_tour.ipynb").write_bytes(lesson("my own"))
    (mine / RECORD).write_bytes(record)
    (said,) = refresh(lessons, mine)
    assert "yours is kept" in said
    assert (mine / "00_tour.ipynb").read_bytes() == lesson("my own")


def test_a_notebook_that_is_none_is_compared_by_its_bytes(folders: tuple[Path, Path]) -> None:
    lessons, mine = folders
    (mine / "00_tour.ipynb").write_bytes(b"not json")
    (lessons / "00_tour.ipynb").write_bytes(lesson("two"))
    assert len(refresh(lessons, mine)) == 1
    assert (mine / "00_tour.ipynb").read_bytes() == b"not json"

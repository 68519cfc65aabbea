"""Lesson 12: goals as a learner meets them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from sim.engine.goals import GOALS
from sim.engine.preset import PASSWORD
from sim.errors import BadInput
from sim.lab.challenges import GOAL_NAMES
from sim.lab.exercises import EXERCISES
from sim.lab.lessons import Lab
from sim.lab.places import PLACES
from sim.lab.texts.goals import GOAL_STRINGS
from sim.lab.texts.misconceptions import told

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "12_challenges.ipynb"


def test_there_is_a_task_and_a_place_for_each_goal(lab: Lab) -> None:
    assert set(GOAL_NAMES) == set(GOALS) and len(GOALS) == 10
    for name in GOAL_NAMES:
        assert PLACES[f"goal.{name}"] is GOALS[name].start
        assert repr(lab.check(f"12.{name}", None)) == GOAL_STRINGS[name][0]


@pytest.mark.parametrize("name", GOAL_NAMES)
def test_a_goal_begins_with_its_world_and_ends_with_right(lab: Lab, name: str) -> None:
    lab.run("docker pull busybox")
    assert repr(lab.goal(name)).startswith(GOAL_STRINGS[name][0])
    assert lab.world == GOALS[name].start().world
    assert repr(lab.check(f"12.{name}", lab.world)) != "Right."
    for line in GOALS[name].solution:
        lab.run(line.replace("{password}", PASSWORD))
    assert repr(lab.check(f"12.{name}", lab.world)) == "Right."
    assert repr(lab.hint()) == "It is reached."


def test_hints_come_one_by_one_and_a_wrong_state_is_told_what_it_shows(lab: Lab) -> None:
    lab.goal("secret")
    first, second = repr(lab.hint()), repr(lab.hint())
    assert [first, second] == [GOAL_STRINGS["secret.layers"][0], GOAL_STRINGS["secret.anew"][0]]
    lab.run("docker run --name box leaky:1 rm /app/key")
    lab.run("docker commit box clean:1")
    assert repr(lab.hint()) == f"{told(19, 'en').truth}\n{second}"
    assert repr(lab.check("12.secret", lab.world)) == told(19, "en").truth


def test_hints_are_in_the_language_of_the_lab(tmp_path: Path) -> None:
    lab = Lab(lang="zh", folder=tmp_path)
    assert repr(lab.goal("resume")).startswith(GOAL_STRINGS["resume"][1])
    assert repr(lab.hint()) == GOAL_STRINGS["resume.ps-a"][1]


def test_a_goal_and_an_exercise_take_turns(lab: Lab) -> None:
    lab.goal("resume")
    with pytest.raises(BadInput, match="no exercise is open"):
        lab.answer(1)
    lab.exercise("06.ids", seed=1)
    assert "docker tag" in repr(lab.hint())
    lab.goal("resume")
    assert repr(lab.hint()) == GOAL_STRINGS["resume.ps-a"][0]


def test_an_unknown_goal_is_a_sentence(lab: Lab) -> None:
    before = lab.world
    with pytest.raises(BadInput, match=r"no goal 'privat'.*private"):
        lab.goal("privat")
    assert lab.world == before


def test_the_lesson_has_all_goals_and_names_all_exercises() -> None:
    text = "\n".join("".join(cell["source"]) for cell in json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"])
    assert set(re.findall(r'lab\.goal\("(\w+)"\)', text)) == set(GOALS)
    assert set(re.findall(r'lab\.check\("12\.(\w+)", lab\.world\)', text)) == set(GOALS)
    assert set(re.findall(r"`(\d\d\.\w+)`", text)) == set(EXERCISES)
    assert re.findall(r'lab\.goto\("(12\.\d)"\)\n(?:display\()?lab\.(?:goal|exercise)', text) == [
        f"12.{section}" for section in range(1, 6)]

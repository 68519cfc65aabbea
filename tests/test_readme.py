"""README names what is there, and all of it."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_link_and_every_test_that_it_names_exists() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    named = re.findall(r"`((?:tests|sim|notebooks)/[\w/.]+)`", README)
    assert links and named
    missing = [path for path in links + named if not (ROOT / path).exists()]
    assert missing == ["notebooks/NN_name.ipynb"], "the name that stands for a new lesson"


def test_the_table_lists_every_lesson_and_no_other() -> None:
    listed = set(re.findall(r"\]\(notebooks/([\w.]+\.ipynb)\)", README))
    assert listed == {path.name for path in (ROOT / "notebooks").glob("*.ipynb")}


def test_the_house_is_drawn_as_it_stands() -> None:
    rooms = {path for path in (ROOT / "sim").iterdir() if path.is_dir() and list(path.glob("*.py"))}
    assert {room.name for room in rooms} == set(re.findall(r"sim/(\w+)/  ", README))


def test_the_commands_that_it_shows_are_understood() -> None:
    from sim.cli import COMMANDS

    shown = set(re.findall(r"-m sim (\w+)", README))
    assert {"lab", "test", "inspect", "why", "bench"} <= shown <= set(COMMANDS)

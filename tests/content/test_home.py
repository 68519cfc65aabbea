"""Where things are kept from one command to the next."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sim.content import home as module
from sim.content.home import home

CLONE = Path(module.__file__).parents[2]


def test_it_is_given_or_the_clones_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SIM_HOME", str(tmp_path))
    assert home() == tmp_path
    monkeypatch.delenv("SIM_HOME")
    assert home() == CLONE / ".sim"


@pytest.mark.parametrize(("system", "variable", "ends"), [
    ("linux", "XDG_DATA_HOME", ("data", "layerlab")),
    ("win32", "LOCALAPPDATA", ("data", "layerlab")),
    ("darwin", "HOME", ("data", "Library", "Application Support", "layerlab")),
])
def test_a_clone_that_cannot_be_written_to_has_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, system: str, variable: str, ends: tuple[str, ...]
) -> None:
    monkeypatch.delenv("SIM_HOME", raising=False)
    monkeypatch.setenv(variable, str(tmp_path / "data"))
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    monkeypatch.setattr("sim.content.home.sys.platform", system)
    assert home() == tmp_path.joinpath(*ends)

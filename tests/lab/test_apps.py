"""The pages of the widgets: each shows one, in both languages, and the port and root are minded as in the lab."""

from __future__ import annotations

import socket
from pathlib import Path

import nbformat
import pytest

from sim.cli import main
from sim.lab import serving
from sim.lab.apps import PAGES, notebooks
from sim.lab.lessons import Lab


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_notebooks_are_sound_and_the_index_leads_to_each(lang: str) -> None:
    made = notebooks(lang)
    for notebook in made.values():
        nbformat.validate(nbformat.from_dict(notebook))
    index = made.pop("index.ipynb")["cells"][0]["source"]
    assert all(f"({name})" in index for name in made)
    assert all("(index.ipynb)" in notebook["cells"][0]["source"] for notebook in made.values())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_page_shows_a_widget(page: object, lang: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIM_HOME", str(tmp_path))
    *before, last = notebooks(lang)[f"{page.name}.ipynb"]["cells"][1]["source"].splitlines()
    scope: dict[str, object] = {}
    exec("\n".join(before), scope)
    lab = scope["lab"]
    assert isinstance(lab, Lab) and (lab.lang, lab.projector) == (lang, True)
    assert eval(last, scope).widget() is not None


def test_a_taken_port_names_a_free_one(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("CI", "true")
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        assert main(["app", "--no-browser", "--port", str(port)]) == 2
    said = capsys.readouterr().err
    assert f"port {port} is taken" in said and "is free" in said and said.count("\n") == 1


def test_root_gets_a_sentence(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(serving.os, "geteuid", lambda: 0, raising=False)
    monkeypatch.setattr(serving, "_contained", lambda: False)
    assert main(["app", "--no-browser"]) == 2
    assert "does not start as root" in capsys.readouterr().err

"""`sim lab`: a real JupyterLab on loopback, a cell through its kernel, and an orderly end."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from sim.errors import SimError
from sim.lab import launch
from tests.labkit import ask, opened, run_cell

ROOT = Path(__file__).parents[2]
LESSON = {
    "cells": [{"cell_type": "code", "id": "a", "metadata": {}, "source": "1", "outputs": [], "execution_count": None}],
    "metadata": {}, "nbformat": 4, "nbformat_minor": 5,
}  # fmt: skip


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """The package with one lesson of the test's own."""
    shutil.copytree(ROOT / "sim", tmp_path / "sim", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "00_tour.ipynb").write_text(json.dumps(LESSON), encoding="utf-8")
    return tmp_path


@pytest.fixture
def lab(clone: Path, request: pytest.FixtureRequest) -> Iterator[tuple[subprocess.Popen[str], str, str]]:
    """A running lab: its process, its address and its token."""
    # A broken kernel of the same name on JUPYTER_PATH, as other courses leave behind.
    kernel = clone / "other" / "kernels" / "python3"
    kernel.mkdir(parents=True)
    spec = {"argv": ["no-such-python", "{connection_file}"], "display_name": "Python 3", "language": "python"}
    (kernel / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
    environment = os.environ | {"CI": "true", "JUPYTER_PATH": str(clone / "other"), "PYTHONIOENCODING": "utf-8"}
    process = subprocess.Popen(
        [sys.executable, "-m", "sim", "lab", "--no-browser"], cwd=clone, env=environment, encoding="utf-8",
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    yield process, *opened(process)
    if process.poll() is None:
        process.terminate()
        process.wait(timeout=40)
    process.communicate(timeout=20)


Lab = tuple[subprocess.Popen[str], str, str]


def test_the_lab_runs_a_cell_of_this_python_with_the_clones_package(lab: Lab, clone: Path) -> None:
    _, base, token = lab
    code = "import sys, sim, os; print(sys.executable); print(sim.__file__); print(os.getcwd())"
    executable, package, folder = run_cell(base, token, code).splitlines()
    assert Path(executable).samefile(sys.executable)
    assert Path(package) == clone / "sim" / "__init__.py"
    assert Path(folder).samefile(clone / "my-lessons")
    assert [file["name"] for file in ask(f"{base}api/contents", token)["content"]] == ["00_tour.ipynb"]


@pytest.mark.skipif(os.name == "nt", reason="Windows ends a process without telling it")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_the_lab_ends_cleanly_with_a_kernel_open(lab: Lab, number: signal.Signals) -> None:
    process, base, token = lab
    assert run_cell(base, token, "print(6 * 7)") == "42\n"
    process.send_signal(number)
    assert process.wait(timeout=40) == 0
    port = int(base.rsplit(":", 1)[1].strip("/"))
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0, "the server still listens"


def test_it_asks_nothing_of_the_internet(lab: Lab) -> None:
    _, base, token = lab
    with urllib.request.urlopen(f"{base}lab?token={token}", timeout=30) as page:
        config = json.loads(re.search(r'id="jupyter-config-data"[^>]*>(.*?)</script>', page.read().decode(), re.S)[1])
    assert config["news"] == {"disabled": True}
    assert "@jupyterlab/apputils-extension:announcements" in config["disabledExtensions"]
    notices = ask(f"{base}lab/api/settings/@jupyterlab/apputils-extension:notification", token)
    assert notices["schema"]["properties"]["fetchNews"]["default"] == "false"


def test_a_taken_port_names_a_free_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        with pytest.raises(SimError, match=rf"port {port} is taken .*; port (\d+) is free") as caught:
            launch.launch(port=port, browser=False)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("port", [-1, 0, 65536])
def test_no_port_is_said(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(SimError, match="is no port"):
        launch.launch(port=port, browser=False)


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="this system has no root")
def test_root_gets_a_sentence_unless_this_is_ci_or_a_container(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(os.path, "exists", lambda path: False)
    for name in ("CI", "container", "KUBERNETES_SERVICE_HOST"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(SimError, match="does not start as root; run it as an ordinary user"):
        launch.launch()


@pytest.mark.parametrize(
    ("lang", "system", "opened"),
    [("zh", "en_GB.UTF-8", "zh/00_tour.ipynb"), (None, "zh_CN.UTF-8", "zh/00_tour.ipynb"),
     ("en", "zh_CN.UTF-8", "00_tour.ipynb"), (None, "C.UTF-8", "00_tour.ipynb")],
)  # fmt: skip
def test_the_edition_is_the_one_asked_for_or_the_systems(
    lang: str | None, system: str, opened: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Ended:
        def wait(self) -> int:
            return 0

    monkeypatch.setenv("LC_ALL", system)
    monkeypatch.setenv("CI", "true")
    monkeypatch.setattr(launch, "end_in_order", lambda: None)
    monkeypatch.setattr(launch, "refresh", lambda *_: [])
    monkeypatch.setattr(launch, "_start", lambda *_, **__: Ended())
    monkeypatch.setattr(launch, "_address", lambda *_: "http://127.0.0.1:1/")
    monkeypatch.setattr(launch, "stop", lambda *_: None)
    assert launch.launch(browser=False, lang=lang) == 0
    assert f"http://127.0.0.1:1/doc/tree/{opened}?token=" in capsys.readouterr().out

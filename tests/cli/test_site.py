"""`sim site`: what it refuses, and the wheels that it packs; the site itself is tried in `tests/peers`."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from sim.cli import main
from sim.errors import SimError
from sim.lab import website
from sim.lab.website import pyodide, wheels
from sim.lab.website.page import start_page

ROOT = Path(__file__).parents[2]


@pytest.fixture
def ready(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let JupyterLite be installed, as far as anybody looks."""
    monkeypatch.setattr(website, "find_spec", lambda name: name)


def refused(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    assert main(["site", *argv]) == 2
    said = capsys.readouterr()
    assert said.out == "" and said.err.count("\n") == 1
    return said.err


def unpacked(folder: Path, version: str = pyodide.VERSION) -> Path:
    """Lay out what looks like Pyodide's folder."""
    folder.mkdir(parents=True)
    for name in pyodide.CORE:
        (folder / name).write_bytes(name.encode())
    (folder / pyodide.LOCK).write_text('{"info": {"python": "3.14.2"}, "packages": {"numpy": {}}}', encoding="utf-8")
    (folder / "package.json").write_text(json.dumps({"version": version}), encoding="utf-8")
    return folder


def test_without_jupyterlite(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(website, "find_spec", lambda name: None)
    assert "jupyterlite-core is not installed" in refused(capsys, str(tmp_path / "new"))


@pytest.mark.usefixtures("ready")
def test_a_folder_of_somebody_elses_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "thesis.txt").write_text("mine", encoding="utf-8")
    assert "is no site that sim site made" in refused(capsys, str(tmp_path))
    assert "is no site" in refused(capsys, str(tmp_path / "thesis.txt"))
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.usefixtures("ready")
def test_without_npm_the_command_to_run_elsewhere_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    said = refused(capsys, str(tmp_path / "new"))
    assert f"npm install --prefix pyodide pyodide@{pyodide.VERSION}" in said and "--pyodide" in said
    assert not (tmp_path / "new").exists() and list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("ready")
def test_a_folder_without_pyodide_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for given in (tmp_path, tmp_path / "absent"):
        assert "no folder of Pyodide: pyodide.mjs is missing" in refused(
            capsys, str(tmp_path / "new"), "--pyodide", str(given))


@pytest.mark.usefixtures("ready")
def test_another_pyodide_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old = unpacked(tmp_path / "old", "0.27.1")
    assert "Pyodide 0.27.1, and 314.0.6 is needed" in refused(capsys, str(tmp_path / "new"), "--pyodide", str(old))
    (old / "package.json").write_text("{}", encoding="utf-8")
    assert "names no version" in refused(capsys, str(tmp_path / "new"), "--pyodide", str(old))


def test_npm_that_fails_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pyodide.shutil, "which", lambda name: sys.executable)
    with pytest.raises(SimError, match="npm could not fetch pyodide"):
        pyodide.found(None, tmp_path)


def test_the_folder_that_npm_filled_is_found(tmp_path: Path) -> None:
    inner = unpacked(tmp_path / "node_modules" / "pyodide")
    assert pyodide.found(tmp_path, tmp_path) == inner == pyodide.found(inner, tmp_path)


def test_the_list_of_packages_names_what_lies_beside_it_and_nothing_else(tmp_path: Path) -> None:
    made = unpacked(tmp_path / "pyodide")
    (tmp_path / "out").mkdir()
    packed = wheels.pack(tmp_path / "out", ROOT, "1.2")
    pyodide.place(made, packed, tmp_path / "out")
    packages = json.loads((tmp_path / "out" / pyodide.LOCK).read_text("utf-8"))["packages"]
    assert {"layerlab", "ipywidgets", "anywidget", "ipython", "networkx", "micropip"} <= set(packages)
    assert "numpy" not in packages
    for entry in packages.values():
        assert (tmp_path / "out" / entry["file_name"]).is_file()


def test_our_wheel_holds_the_package_and_is_the_same_each_time(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        wheels.pack(tmp_path / name, ROOT, "1.2")
    one, two = (sorted((tmp_path / name).iterdir()) for name in ("one", "two"))
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two]
    names = zipfile.ZipFile(tmp_path / "one" / "layerlab-1.2-py3-none-any.whl").namelist()
    assert {"sim/__init__.py", "sim/lab/curve.json", "layerlab-1.2.dist-info/RECORD"} <= set(names)
    assert not any("__pycache__" in name or name.startswith("tests") for name in names)
    everything = {name for path in one for name in zipfile.ZipFile(path).namelist()}
    assert not any(name.endswith((".so", ".pyd")) for name in everything)


def test_a_wheel_is_one_that_pip_installs(tmp_path: Path) -> None:
    wheels.pack(tmp_path, ROOT, "1.2")
    done = subprocess.run(
        [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--target", str(tmp_path / "target"),
         str(tmp_path / "layerlab-1.2-py3-none-any.whl"), *map(str, tmp_path.glob("networkx-*.whl"))],
        capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "target" / "sim" / "lab" / "website" / "wheels.py").is_file()


@pytest.mark.parametrize(("lang", "first"), [("en", "Lessons in English"), ("zh", "中文课程")])
def test_the_start_page_lists_every_notebook_in_both_languages(lang: str, first: str) -> None:
    page = start_page(ROOT / "notebooks", lang)
    for path in (ROOT / "notebooks").rglob("*.ipynb"):
        if not path.parent.name.startswith("."):
            assert f"path={path.relative_to(ROOT / 'notebooks').as_posix()}\"" in page
    assert page.index(first) == min(page.index("Lessons in English"), page.index("中文课程"))

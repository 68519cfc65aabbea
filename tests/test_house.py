"""The house and its floors, read off the imports: who may import whom, and which packages, and what a model never does.

    9  cli                              5  dedup | boot
    8  lab | bench                      4  union | registry
    7  source                           3  image
    6  engine                           2  fs    1  content    0  errors

A floor imports only floors below it and itself; `|` stands between siblings that do not import each other.
"""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SIM = ROOT / "sim"
MODULES = sorted(SIM.rglob("*.py"))

FLOORS = {
    "errors": 0, "content": 1, "fs": 2, "image": 3, "union": 4, "registry": 4, "dedup": 5, "boot": 5,
    "engine": 6, "source": 7, "lab": 8, "bench": 8, "cli": 9,
}  # fmt: skip
#: Floors that may not use one that lies below them.
FORBIDDEN = {("boot", "registry"), ("dedup", "registry")}
#: The way in stands beside the house: it runs before there is anything to import.
DOORS = {"": {"*"}, "__main__": {"bootstrap", "cli"}, "bootstrap": set()}
DOOR_USERS = {("cli", "__main__"), ("cli", ""), ("bench", "")}

MODEL = ("errors", "content", "fs", "image", "union", "boot", "engine", "dedup", "source")
DRAWING = {
    "IPython", "anywidget", "ipywidgets", "matplotlib", "nbformat", "networkx", "numpy", "pyodide", "traitlets", "zmq",
}
#: The named edges, and what each may import of others' packages.
EDGES = {
    "bootstrap/__init__.py": {"packaging"},
    "content/compression.py": {"backports", "isal"},
    "dedup/chunking/native.py": {"pyfastcdc"},
    "dedup/chunking/vector.py": {"numpy"},
    "dedup/corpus/cluster.py": {"distributed"},
    "dedup/corpus/vector.py": {"numpy"},
    "registry/passwords.py": {"bcrypt"},
}


def floor(path: Path) -> str:
    """Return a module's floor: the first part of its name, empty for sim/__init__.py."""
    first = path.relative_to(SIM).parts[0].removesuffix(".py")
    return "" if first == "__init__" else first


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """Yield every module that a file imports, wherever in it, with its line; our own ones as sim.…"""
    package = ("sim", *path.relative_to(SIM).parent.parts)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            name = ".".join(filter(None, (base, node.module)))
            if name == "sim":  # from .. import errors, __version__
                yield from ((f"sim.{alias.name}", node.lineno) for alias in node.names)
            else:
                yield name, node.lineno


def ours(path: Path) -> Iterator[tuple[str, int]]:
    for name, line in imports(path):
        if name.split(".")[0] == "sim":
            part = (name.split(".") + [""])[1]
            yield ("" if part.startswith("__version") else part), line


each_module = pytest.mark.parametrize("path", MODULES, ids=[p.relative_to(SIM).as_posix() for p in MODULES])


@each_module
def test_a_floor_imports_only_floors_below_it(path: Path) -> None:
    here = floor(path)
    for there, line in ours(path):
        where = f"{path.name}:{line} imports sim.{there}"
        if there == here or (here, there) in DOOR_USERS:
            continue
        if here in DOORS:
            assert there in DOORS[here], where
            continue
        assert here in FLOORS and there in FLOORS, f"{where}: neither is a door, so both need a floor"
        assert FLOORS[there] < FLOORS[here], where
        assert (here, there) not in FORBIDDEN, where


@each_module
def test_packages_of_others_stay_at_the_edges(path: Path) -> None:
    name = path.relative_to(SIM).as_posix()
    allowed = DRAWING if floor(path) == "lab" else EDGES.get(name, set())
    foreign = {part.split(".")[0] for part, _ in imports(path)} - set(sys.stdlib_module_names) - {"sim", "compression"}
    assert foreign <= allowed


@each_module
def test_no_module_has_the_name_of_one_of_the_standard_library(path: Path) -> None:
    names = {part.removesuffix(".py") for part in path.relative_to(SIM).parts}
    assert not names & set(sys.stdlib_module_names) - {"__init__", "__main__"}


@pytest.mark.parametrize(
    "path", [path for path in MODULES if floor(path) in MODEL], ids=lambda path: path.relative_to(SIM).as_posix()
)
def test_the_model_never_prints_sleeps_draws_lots_or_reads_the_clock(path: Path) -> None:
    banned = {"time", "random", "secrets", "uuid", "logging"}
    assert not {name.split(".")[0] for name, _ in imports(path)} & banned
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            assert called not in ("print", "input"), f"line {node.lineno}"
            assert not called.endswith((".now", ".utcnow", ".today")), f"line {node.lineno}"


def test_import_sim_loads_the_standard_library_alone() -> None:
    code = "import sys; before = set(sys.modules); import sim; print(*sorted(set(sys.modules) - before))"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); {code}"],
        capture_output=True, encoding="utf-8", check=True,
    )  # fmt: skip
    foreign = {name.split(".")[0] for name in done.stdout.split()} - set(sys.stdlib_module_names)
    assert foreign == {"sim"}


def test_a_name_that_a_lesson_needs_comes_when_it_is_asked_for() -> None:
    import sim
    from sim.source import open_image

    assert sim.open_image is open_image
    assert {"Lab", "lookup", "open_image"} <= set(dir(sim))
    with pytest.raises(AttributeError, match="no attribute 'lokup'"):
        _ = sim.lokup


def test_a_missing_package_is_a_sentence() -> None:
    code = """
import importlib, sim
def without(name):
    raise ModuleNotFoundError("No module named 'ipywidgets'", name="ipywidgets")
importlib.import_module = without
try:
    sim.Lab
except ModuleNotFoundError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, encoding="utf-8", check=True
    )
    assert "sim.Lab needs the package 'ipywidgets'" in done.stdout and "sim lab" in done.stdout


def _portable(*without: str) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, str(ROOT / "tests" / "portable.py"), str(ROOT), *without],
        capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)


def test_the_floors_work_without_the_names_of_one_system() -> None:
    with_all, without = _portable(), _portable("without")
    assert without == with_all
    results = without["results"]
    assert isinstance(results, dict)
    assert results["same"] and results["valid"] and results["why"] == [True, 1]
    assert results["archive"] == results["again"], "docker-save, to OCI, and back: the same bytes"


@pytest.mark.parametrize("encoding", ["gbk", "ascii"])
def test_a_terminal_of_another_encoding_is_no_reason_to_stop(encoding: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sim", "why", "sample:busybox", "/bin/容器"],
        cwd=ROOT, env=os.environ | {"PYTHONIOENCODING": encoding}, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert b"Traceback" not in done.stderr and done.stdout

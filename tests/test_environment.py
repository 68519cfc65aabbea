"""The files that list packages agree: pyproject.toml, constraints.txt, environment.yml."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from sim.bootstrap import NEEDS, requirements

ROOT = Path(__file__).parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CONSTRAINTS = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
EXTRAS = PYPROJECT["optional-dependencies"]

#: What conda calls differently.
CONDA_NAMES = {"python-isal": "isal"}
#: conda's package for Project Jupyter at large: what of it the extra `lab` asks for by name.
JUPYTER = {"jupyter": {"jupyterlab", "ipykernel"}}


def canonical(name: str) -> str:
    """Return a distribution's name as PyPA compares them."""
    return re.sub(r"[-_.]+", "-", name).lower()


def names(lines: list[str]) -> set[str]:
    return {canonical(re.split(r"[<>=!~;\[ ]", line)[0]) for line in lines}


def conda() -> tuple[list[str], list[str]]:
    """Return environment.yml's packages: conda's own, and those it leaves to pip."""
    lines = (ROOT / "environment.yml").read_text(encoding="utf-8").splitlines()
    own = [line[4:] for line in lines if re.match(r"  - [^:]+$", line) and line != "  - conda-forge"]
    return own, [line.strip()[2:] for line in lines if line.startswith("      - ")]


def test_conda_and_binder_get_what_the_extra_lab_lists() -> None:
    own, by_pip = conda()
    listed = {CONDA_NAMES.get(name, name) for name in names(own)} - {"python", "pip"}
    packages = [line for line in by_pip if line != "-e ."]
    given = set().union(*(JUPYTER.get(name, {name}) for name in listed)) | names(packages)
    wanted = names(requirements(str(ROOT), ("lab",)))
    assert given == wanted


def test_conda_lists_by_name_what_learners_look_for_and_the_clone_itself() -> None:
    own, by_pip = conda()
    assert {"jupyter", "matplotlib", "networkx", "ipywidgets"} <= set(own)
    assert "-e ." in by_pip


def test_binder_can_read_the_python_version() -> None:
    # repo2docker looks for `python=` and falls back to an old Python at anything else.
    version = next(line for line in conda()[0] if line.startswith("python"))
    assert re.fullmatch(r"python=3\.1[1-4]", version)


@pytest.mark.parametrize("extra", sorted(EXTRAS))
def test_every_requirement_is_pinned(extra: str) -> None:
    pinned = names([line for line in CONSTRAINTS if not line.startswith("#")])
    assert names(requirements(str(ROOT), (extra,))) <= pinned


def test_pins_are_names_versions_and_markers_alone() -> None:
    pin = re.compile(r"[a-z0-9-]+==[0-9][0-9a-z.+!]*( ; [a-z_]+ (==|!=|<|>=) '[^']+'.*)?")
    stray = [line for line in CONSTRAINTS if not line.startswith("#") and not pin.fullmatch(line)]
    assert not stray
    assert not re.search(r"https?://|--hash|--index", "\n".join(CONSTRAINTS))


def test_a_name_pinned_twice_is_told_apart_by_its_markers() -> None:
    pins = [line.split("==", 1) for line in CONSTRAINTS if not line.startswith("#")]
    for name in {name for name, _ in pins}:
        several = [rest for other, rest in pins if other == name]
        assert len(several) == 1 or all(" ; " in rest for rest in several), name


def test_the_extra_all_holds_every_extra_that_installs_everywhere() -> None:
    everywhere = tuple(name for name in EXTRAS if name not in ("all", "browser"))
    assert requirements(str(ROOT), ("all",)) == requirements(str(ROOT), everywhere)


def test_commands_need_extras_that_exist() -> None:
    assert {name for extras in NEEDS.values() for name in extras} <= set(EXTRAS)


def test_the_version_is_written_once() -> None:
    import sim

    assert re.fullmatch(r"\d+\.\d+\.\d+", sim.__version__)
    assert "version" in PYPROJECT["dynamic"] and "version" not in PYPROJECT


def test_the_base_needs_one_package_and_only_before_python_3_14() -> None:
    assert PYPROJECT["dependencies"] == ["backports.zstd>=1.0; python_version < '3.14'"]

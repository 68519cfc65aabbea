"""`python3 -m sim` in a bare clone: real virtual environments, a real pip, tiny wheels, no network.

Each test works on a small clone: the real sim/__init__.py, sim/__main__.py and sim/bootstrap, a command line that
only says which Python runs it, and three packages of one file each, made here.
"""

from __future__ import annotations

import ast
import base64
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import pytest

from sim.bootstrap import reasons, requirements, stamp

ROOT = Path(__file__).parents[1]
#: A Python outside any virtual environment, as a learner has.
BASE = getattr(sys, "_base_executable", sys.executable)
posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals and modes")

PYPROJECT = """\
[project]
name = "layerlab"
dependencies = []
[project.optional-dependencies]
lab = ["tinylab>=1", "layerlab[serve]"]
serve = ["tinyserve"]
fast = ["tinyfast"]
test = []
site = []
"""
CONSTRAINTS = "tinylab==1.0\ntinyserve==1.0\ntinyfast==1.0\n"
CLI = """\
import json, sys
from importlib.util import find_spec
def main(argv):
    has = [name for name in ("tinylab", "tinyserve", "tinyfast") if find_spec(name)]
    version = __import__("tinylab").VERSION if "tinylab" in has else None
    print(json.dumps({"prefix": sys.prefix, "argv": argv, "has": has, "tinylab": version}))
    return 7 if "--fail" in argv else 0
"""


def wheel(folder: Path, name: str, version: str = "1.0", modules: int = 0) -> None:
    """Write a wheel of one module, and of `modules` further ones to make its installation slow."""
    info = f"{name}-{version}.dist-info"
    files = {f"{name}/__init__.py": f"VERSION = {version!r}\n"}
    files |= {f"{name}/m{number}.py": "" for number in range(modules)}
    files[f"{info}/METADATA"] = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    files[f"{info}/WHEEL"] = "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    record = "".join(f"{path},sha256={_hash(text)},{len(text)}\n" for path, text in files.items())
    files[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n"
    folder.mkdir(exist_ok=True)
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)


def _hash(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


class Clone:
    """A small clone with its own wheels, and what a start of it said."""

    def __init__(self, root: Path, wheels: Path) -> None:
        self.root, self.wheels, self.venv = root, wheels, root / ".venv"

    def write(self) -> Clone:
        (self.root / "sim").mkdir(parents=True)
        for name in ("__init__.py", "__main__.py"):
            shutil.copy(ROOT / "sim" / name, self.root / "sim" / name)
        skip = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / "sim" / "bootstrap", self.root / "sim" / "bootstrap", ignore=skip)
        (self.root / "sim" / "cli.py").write_text(CLI, encoding="utf-8")
        (self.root / "pyproject.toml").write_text(PYPROJECT, encoding="utf-8")
        (self.root / "constraints.txt").write_text(CONSTRAINTS, encoding="utf-8")
        for name in ("tinylab", "tinyserve", "tinyfast"):
            wheel(self.wheels, name)
        return self

    def environment(self, **more: str) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("PIP_", "PYTHON"))}
        return kept | {
            "PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": self.wheels.as_uri(),
            "PYTHONIOENCODING": "utf-8",
        } | more  # fmt: skip

    def popen(self, *argv: str, python: str = BASE, **more: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [python, "-m", "sim", *argv], cwd=self.root, env=self.environment(**more), encoding="utf-8",
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=os.name != "nt",
        )  # fmt: skip

    def start(self, *argv: str, python: str = BASE, **more: str) -> Start:
        return Start(self.popen(*argv, python=python, **more))

    def offline(self, *argv: str, **more: str) -> Start:
        """Start where pip finds no package at all."""
        return self.start(*argv, PIP_FIND_LINKS="", **more)


class Start:
    """How one start ended."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.out, self.err = process.communicate(timeout=120)
        self.code = process.returncode
        assert "Traceback" not in self.err, self.err

    @property
    def ran(self) -> dict[str, object]:
        """What the command line said; it must have run."""
        assert self.out, self.err
        return json.loads(self.out)

    def in_venv(self, clone: Clone) -> bool:
        return Path(str(self.ran["prefix"])).resolve() == clone.venv.resolve()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """A clone whose first start, `lab`, went well; its folder's name is not ASCII and has a space."""
    folder = tmp_path_factory.mktemp("made")
    clone = Clone(folder / "容器 lab", folder / "wheels").write()
    first = clone.start("lab")
    assert first.code == 0, first.err
    assert first.in_venv(clone) and first.ran["has"] == ["tinylab", "tinyserve"]
    assert "Setting up Layer Lab" in first.err and "Ready." in first.err
    return clone


@pytest.fixture
def bare(tmp_path: Path) -> Clone:
    return Clone(tmp_path / "bare", tmp_path / "wheels").write()


@pytest.fixture
def copied(made: Clone, tmp_path: Path) -> Clone:
    """The made clone, copied elsewhere with its .venv: also what a moved folder looks like."""
    shutil.copytree(made.root, tmp_path / "moved", symlinks=True)
    shutil.copytree(made.wheels, tmp_path / "wheels")
    return Clone(tmp_path / "moved", tmp_path / "wheels")


def test_a_second_start_touches_nothing_and_says_nothing(made: Clone) -> None:
    before = (made.venv / stamp.STAMP).stat().st_mtime_ns
    second = made.offline("lab", "--port", "9")
    assert (second.code, second.err) == (0, "")
    assert second.in_venv(made) and second.ran["argv"] == ["lab", "--port", "9"]
    assert (made.venv / stamp.STAMP).stat().st_mtime_ns == before


def test_the_exit_code_is_the_commands(made: Clone) -> None:
    assert made.start("lab", "--fail").code == 7


def test_the_clone_is_importable_from_anywhere(made: Clone, tmp_path: Path) -> None:
    command = [stamp.python(str(made.venv)), "-c", "import sim; print(sim.__file__)"]
    done = subprocess.run(
        command, cwd=tmp_path, env=made.environment(), capture_output=True, encoding="utf-8", check=True
    )
    assert Path(done.stdout.strip()).parent == made.root.resolve() / "sim"


def test_a_command_without_needs_uses_the_environment_when_there_is_one(made: Clone) -> None:
    assert made.start("inspect", "x").in_venv(made)


def test_a_command_without_needs_runs_at_once_in_a_bare_clone(bare: Clone) -> None:
    start = bare.start("inspect", "x")
    assert (start.code, start.err, start.ran["has"]) == (0, "", [])
    assert not bare.venv.exists()


def test_help_installs_nothing(bare: Clone) -> None:
    assert bare.start("lab", "--help").err == ""
    assert not bare.venv.exists()


def test_a_moved_folder_is_put_right_without_a_network(copied: Clone, tmp_path: Path) -> None:
    assert not copied.start("inspect").in_venv(copied), "the stamp names another folder"
    start = copied.offline("lab")
    assert start.code == 0, start.err
    assert start.in_venv(copied) and "up to date" in start.err
    assert str(copied.root.resolve()) == json.loads((copied.venv / stamp.STAMP).read_bytes())["path"]
    assert copied.offline("lab").err == ""


def test_a_later_command_adds_its_own_needs_and_keeps_the_rest(copied: Clone) -> None:
    start = copied.start("bench")
    assert start.code == 0, start.err
    assert start.ran["has"] == ["tinylab", "tinyserve", "tinyfast"]
    assert copied.offline("lab").err == ""


def test_changed_constraints_bring_the_new_versions(copied: Clone) -> None:
    wheel(copied.wheels, "tinylab", "2.0")
    constraints = copied.root / "constraints.txt"
    constraints.write_text(CONSTRAINTS.replace("tinylab==1.0", "tinylab==2.0"), encoding="utf-8")
    assert copied.start("lab").ran["tinylab"] == "2.0"


def test_changed_constraints_that_cannot_be_had_leave_the_environment_whole(copied: Clone) -> None:
    assert copied.start("lab").code == 0
    constraints = copied.root / "constraints.txt"
    constraints.write_text(CONSTRAINTS.replace("tinylab==1.0", "tinylab==3.0"), encoding="utf-8")
    start = copied.start("lab")
    assert start.code == 2 and start.out == ""
    assert "no wheel of tinylab" in start.err
    constraints.write_text(CONSTRAINTS, encoding="utf-8")
    again = copied.offline("lab")
    assert (again.code, again.err, again.ran["tinylab"]) == (0, "", "1.0")


def test_line_ends_of_a_zip_are_no_change(copied: Clone) -> None:
    assert copied.start("lab").code == 0
    (copied.root / "constraints.txt").write_bytes(CONSTRAINTS.replace("\n", "\r\n").encode())
    assert copied.offline("lab").err == ""


@pytest.mark.parametrize("damage", ["no interpreter", "half a stamp", "a stamp of another kind", "a package gone"])
def test_a_damaged_environment_is_built_anew(copied: Clone, damage: str) -> None:
    if damage == "no interpreter":
        os.remove(stamp.python(str(copied.venv)))
    elif damage == "half a stamp":
        text = (copied.venv / stamp.STAMP).read_text(encoding="utf-8")
        (copied.venv / stamp.STAMP).write_text(text[: len(text) // 2], encoding="utf-8")
    elif damage == "a stamp of another kind":
        (copied.venv / stamp.STAMP).write_text("[]", encoding="utf-8")
    else:
        shutil.rmtree(Path(stamp.site_packages(str(copied.venv))) / "tinylab")
    start = copied.start("lab")
    assert start.code == 0, start.err
    assert "Setting up" in start.err and start.ran["tinylab"] == "1.0"


def test_an_environment_of_another_python_is_built_anew(copied: Clone) -> None:
    path = copied.venv / stamp.STAMP
    path.write_text(json.dumps(json.loads(path.read_bytes()) | {"python": "cpython-310-linux"}), encoding="utf-8")
    start = copied.start("lab")
    assert "Setting up" in start.err and start.in_venv(copied)


@pytest.mark.parametrize("kind", ["folder", "file"])
def test_what_someone_else_put_there_is_not_touched(bare: Clone, kind: str) -> None:
    if kind == "folder":
        bare.venv.mkdir()
        (bare.venv / "mine").write_text("precious", encoding="utf-8")
    else:
        bare.venv.write_text("precious", encoding="utf-8")
    start = bare.start("lab")
    assert start.code == 2 and "was not made by Layer Lab" in start.err and start.err.count("\n") == 1
    kept = bare.venv / "mine" if kind == "folder" else bare.venv
    assert kept.read_text(encoding="utf-8") == "precious"


def _until(process: subprocess.Popen[str], word: str) -> None:
    assert process.stderr is not None
    for line in process.stderr:
        if word in line:
            return
    pytest.fail(f"the start ended before it said {word!r}")


@posix
@pytest.mark.parametrize(
    ("word", "group"),
    [("Setting up", True), ("installing", True), ("installing", False)],
    ids=["while .venv is made", "among packages, with its pip", "among packages, its pip lives on"],
)
def test_killed_midway_the_next_start_repairs(bare: Clone, word: str, group: bool) -> None:
    wheel(bare.wheels, "tinylab", modules=1200)
    process = bare.popen("lab")
    _until(process, word)
    (os.killpg if group else os.kill)(process.pid, signal.SIGKILL)
    process.wait()
    assert not (bare.venv / stamp.STAMP).exists()
    assert bare.start("inspect").code == 0, "a command without needs runs meanwhile"
    again = bare.start("lab")
    assert again.code == 0, again.err
    assert again.in_venv(bare) and again.ran["has"] == ["tinylab", "tinyserve"]
    assert (Path(stamp.site_packages(str(bare.venv))) / "tinylab" / "m1199.py").exists()
    assert bare.offline("lab").err == ""


@posix
def test_ctrl_c_is_one_sentence(bare: Clone) -> None:
    wheel(bare.wheels, "tinylab", modules=1200)
    process = bare.popen("lab")
    _until(process, "installing")
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "stopped" in err and "Traceback" not in err
    assert bare.start("lab").code == 0


def test_of_two_starts_at_once_one_waits(bare: Clone) -> None:
    wheel(bare.wheels, "tinylab", modules=600)
    both = [Start(process) for process in [bare.popen("lab"), bare.popen("lab")]]
    assert [start.code for start in both] == [0, 0], [start.err for start in both]
    assert sorted("Setting up Layer Lab" in start.err for start in both) == [False, True]
    assert all(start.in_venv(bare) for start in both)


def test_an_environment_that_has_all_is_used_as_it_is(bare: Clone) -> None:
    pyproject = bare.root / "pyproject.toml"
    pyproject.write_text(PYPROJECT.replace("tinylab>=1", "pytest>=7"), encoding="utf-8")
    start = bare.start("lab", python=sys.executable)
    assert (start.code, start.err) == (0, "")
    assert Path(str(start.ran["prefix"])) == Path(sys.prefix)
    assert not bare.venv.exists()


def test_an_environment_that_lacks_something_is_left_alone(bare: Clone) -> None:
    start = bare.start("lab", python=sys.executable)
    assert start.code == 0, start.err
    assert start.in_venv(bare)


def test_an_installed_package_makes_no_environment(bare: Clone) -> None:
    (bare.root / "pyproject.toml").unlink()
    start = bare.start("lab")
    assert (start.code, start.err) == (0, "")
    assert not bare.venv.exists()


def test_no_network_is_said(bare: Clone) -> None:
    # Nothing listens on port 9 (discard) of this machine.
    more = {"PIP_NO_INDEX": "0", "PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "1"}
    start = bare.start("lab", PIP_FIND_LINKS="", **more)
    assert start.code == 2 and start.err.endswith(f"sim: {reasons.NO_NETWORK}\n")
    assert bare.start("lab").code == 0, "and with a network it goes on"


def test_no_venv_module_is_said(bare: Clone, tmp_path: Path) -> None:
    stub = tmp_path / "stub"
    stub.mkdir()
    (stub / "venv.py").write_text("import no_such_ensurepip as ensurepip", encoding="utf-8")
    start = bare.start("lab", PYTHONPATH=str(stub))
    assert start.code == 2 and start.err.endswith(f"sim: {reasons.NO_VENV}\n")


@posix
def test_a_folder_that_cannot_be_written_is_said() -> None:
    with tempfile.TemporaryDirectory() as folder:
        clone = Clone(Path(folder, "clone"), Path(folder, "wheels")).write()
        for path in (Path(folder), *clone.root.rglob("*"), clone.root):
            path.chmod(0o755 if path.is_dir() else 0o644)
        clone.root.chmod(0o555)
        as_user = {"user": 65534} if os.geteuid() == 0 else {}
        python = "/usr/bin/python3" if as_user else BASE  # root's own Python may be out of a user's reach
        done = subprocess.run(
            [python, "-m", "sim", "lab"],
            cwd=clone.root, env=clone.environment(), capture_output=True, encoding="utf-8", check=False, **as_user,
        )  # fmt: skip
        clone.root.chmod(0o755)
    assert done.returncode == 2 and "cannot be written to: copy the folder" in done.stderr
    assert done.stderr.count("\n") == 1


OLD = """\
import sys, runpy
sys.version_info = {}
sys.argv = ["sim", "lab"]
runpy.run_module("sim", run_name="__main__")
"""


@pytest.mark.parametrize("version", [(3, 6, 9), (3, 9, 2), (3, 10, 14)], ids=str)
def test_an_old_python_gets_one_sentence(bare: Clone, tmp_path: Path, version: tuple[int, ...]) -> None:
    done = subprocess.run(
        [BASE, "-c", OLD.format(version)],
        cwd=bare.root, env=bare.environment(PATH=str(tmp_path)), capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 2 and done.stdout == ""
    assert f"this is Python {version[0]}.{version[1]} " in done.stderr and "Install a newer one" in done.stderr
    assert done.stderr.count("\n") == 1
    assert not bare.venv.exists()


@posix
def test_an_old_python_names_a_newer_one_that_is_there(bare: Clone, tmp_path: Path) -> None:
    newer = tmp_path / "python3.13"
    newer.write_text("#!/bin/sh\n", encoding="utf-8")
    newer.chmod(0o755)
    done = subprocess.run(
        [BASE, "-c", OLD.format((3, 8, 1))],
        cwd=bare.root, env=bare.environment(PATH=str(tmp_path)), capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert "use python3.13 in its place" in done.stderr


@pytest.mark.parametrize("name", ["__init__.py", "__main__.py"])
def test_an_old_python_can_read_the_way_in(name: str) -> None:
    tree = ast.parse((ROOT / "sim" / name).read_text(encoding="utf-8"), feature_version=(3, 6))
    futures = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module == "__future__"]
    assert not futures, "annotations cannot be imported from __future__ before 3.7"


DEBIAN = """\
The virtual environment was not created successfully because ensurepip is not
available.  On Debian/Ubuntu systems, you need to install the python3-venv
package using the following command."""
FULL = "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device"
OFFLINE = "WARNING: Retrying (Retry(total=4, connect=None)) after connection broken by 'NewConnectionError'"
NO_WHEEL = "ERROR: No matching distribution found for isal==1.9.1"


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (DEBIAN, reasons.NO_VENV),
        ("/usr/bin/python3: No module named venv", reasons.NO_VENV),
        (FULL, reasons.FULL),
        (f"{OFFLINE}\n{NO_WHEEL}", reasons.NO_NETWORK),
        (NO_WHEEL, "no wheel of isal==1.9.1"),
        ("noise\nERROR: something else\n", "pip failed: ERROR: something else"),
        ("", "pip failed: it said nothing"),
    ],
    ids=["Debian without python3-venv", "no venv", "disk full", "offline", "no wheel", "another error", "silence"],
)
def test_what_tools_said_becomes_a_sentence(said: str, sentence: str) -> None:
    assert sentence in reasons.of_output(said.splitlines(), "pip failed")


def test_extras_are_followed_to_their_requirements() -> None:
    found = requirements(str(ROOT), ("lab",))
    names = {line.split(">=")[0] for line in found}
    assert {"jupyterlab", "networkx", "bcrypt", "isal", "backports.zstd"} <= names
    assert not any(line.startswith("layerlab") for line in found)
    direct = {line.split(">=")[0] for line in requirements(str(ROOT), ("lab",), follow=False)}
    assert "isal" not in direct and "jupyterlab" in direct

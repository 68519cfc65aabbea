"""`sim docker` and `sim play`: a world that is kept from one call to the next, and transcripts from files."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sim.cli import home as kept
from sim.content.lock import try_lock

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SIM_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(kept, "PATIENCE_S", 0.2)
    return tmp_path / "home"


def test_the_world_is_kept_from_one_call_to_the_next(sim: Any) -> None:
    code, out, err = sim("docker", "pull", "busybox")
    assert (code, err) == (0, "") and "Status: Downloaded newer image for busybox:latest" in out
    code, out, _ = sim("docker", "run", "-d", "--name", "web", "busybox", "sleep", "1000")
    assert code == 0 and len(out.strip()) == 64
    assert sim("docker", "exec", "web", "sh", "-c", "echo hi > /f")[0] == 0
    assert sim("docker", "diff", "web")[1] == "A /f\n"
    assert sim("docker", "nosuch")[0] == 1


def test_words_and_exit_codes_are_dockers(sim: Any) -> None:
    assert sim("docker", "rmi", "nosuch") == (1, "", "Error: No such image: nosuch\n")
    code, out, _ = sim("docker", "--help")
    assert code == 0 and "docker" in out
    assert sim("docker", "login", "--username=x")[2].startswith("Error: Cannot perform an interactive login from a non")


def test_lines_of_standard_input_go_into_a_container(sim: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sim", "docker", "run", "-i", "alpine", "sh"], cwd=ROOT, env=dict(os.environ),
        input="echo in $(hostname | wc -c)\nexit 4\n", capture_output=True, text=True, encoding="utf-8", check=False,
    )
    assert (done.returncode, done.stdout) == (4, "in 13\n"), done.stderr


def test_two_terminals_do_not_overwrite_each_other(sim: Any, folder: Path) -> None:
    sim("docker", "images")
    before = (folder / "world.json").read_bytes()
    lock = try_lock(folder / "lock")
    assert lock is not None
    try:
        said = sim.refused("docker", "pull", "busybox")
        assert "another terminal is at work" in said and "SIM_HOME" in said
    finally:
        os.close(lock)
    assert (folder / "world.json").read_bytes() == before


@pytest.mark.parametrize("damage", ["cut", "newer", "other"])
def test_a_world_that_cannot_be_read_is_left_untouched(sim: Any, folder: Path, damage: str) -> None:
    sim("docker", "images")
    file = folder / "world.json"
    raw = file.read_bytes()
    changed = {
        "cut": raw[:-20], "other": b"[]", "newer": json.dumps({**json.loads(raw), "version": 99}).encode(),
    }[damage]
    file.write_bytes(changed)
    said = sim.refused("docker", "images")
    assert "world.json" in said and file.read_bytes() == changed
    assert damage != "newer" or "newer version" in said


def test_play_reads_a_file(sim: Any, tmp_path: Path) -> None:
    text = tmp_path / "session.txt"
    text.write_text("$ docker tag <image_id> a:1\n$ docker rmi nosuch\nUntagged: nosuch\n", encoding="utf-8")
    found = sim.json("play", str(text), code=1)
    first, second = found["commands"]
    assert (found["ok"], first["ok"], second["ok"], second["exit"]) == (False, True, False, 1)
    assert list(first["filled"]) == ["<image_id>"] and set(first) >= {"command", "exit", "output", "ok", "differs"}
    code, out, _ = sim("play", str(text))
    assert code == 1 and "# <image_id> is " in out and "# 2 commands, 1 not ok" in out


def test_play_reads_standard_input(sim: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO("$ echo 容器\n".encode()), encoding="utf-8"))
    found = sim.json("play", "-")
    assert found["commands"][0]["output"] == "容器\n"


@pytest.mark.parametrize("raw", [b"", b"no command\n", b"\xff\xfe$ ls\n"])
def test_play_refuses_what_holds_no_command(sim: Any, tmp_path: Path, raw: bytes) -> None:
    file = tmp_path / "t.md"
    file.write_bytes(raw)
    sim.refused("play", str(file))
    sim.refused("play", str(tmp_path / "absent"))


def test_the_notes_are_played(sim: Any, shared: Path) -> None:
    found = sim.json("play", str(shared / "notes.zh.md"))
    assert found["ok"] and len(found["commands"]) == 13

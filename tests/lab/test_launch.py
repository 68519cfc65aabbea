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
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import websocket

from sim.errors import SimError
from sim.lab import launch

ROOT = Path(__file__).parents[2]
LESSON = {
    "cells": [{"cell_type": "code", "id": "a", "metadata": {}, "source": "1", "outputs": [], "execution_count": None}],
    "metadata": {}, "nbformat": 4, "nbformat_minor": 5,
}  # fmt: skip


def ask(url: str, token: str, body: object = None) -> object:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, headers={"Authorization": f"token {token}"})
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30) as answer:
        return json.loads(answer.read())


def run_cell(base: str, token: str, code: str) -> str:
    """Run one cell in a new kernel as JupyterLab's page does; return what it printed."""
    kernel = ask(f"{base}api/kernels", token, {"name": "python3"})["id"]
    address = f"{base.replace('http', 'ws', 1)}api/kernels/{kernel}/channels"
    channel = websocket.create_connection(address, header=[f"Authorization: token {token}"], timeout=60)
    header = {"msg_id": uuid.uuid4().hex, "msg_type": "execute_request", "session": "s", "username": "u"}
    content = {"code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False}
    message = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell"}
    channel.send(json.dumps(message))
    printed = ""
    while True:
        reply = json.loads(channel.recv())
        if reply["parent_header"].get("msg_id") != header["msg_id"]:
            continue
        if reply["msg_type"] == "stream":
            printed += reply["content"]["text"]
        elif reply["msg_type"] == "error":
            printed += f"{reply['content']['ename']}: {reply['content']['evalue']}"
        elif reply["msg_type"] == "status" and reply["content"]["execution_state"] == "idle":
            channel.close()
            return printed


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
    said = ""
    assert process.stdout is not None
    for line in process.stdout:
        said += line
        if found := re.search(r"(http://127\.0\.0\.1:\d+/)doc/tree/00_tour\.ipynb\?token=(\w+)", line):
            break
    else:
        pytest.fail(f"the lab did not start: {said}")
    yield process, found[1], found[2]
    if process.poll() is None:
        process.terminate()
        process.wait(timeout=40)
    process.stdout.close()


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

"""Start JupyterLab on a working copy of the lessons, and end it cleanly.

JupyterLab runs as a child on 127.0.0.1, on its own settings, runtime and data folders under
my-lessons/.jupyter: a learner's other Jupyter is neither read nor changed. JUPYTER_PATH is dropped, since a
kernel `python3` found there would stand in for this Python. Nothing is asked of the internet: news, update
checks and the extension manager are off. The address printed is the one the server wrote down, since it moves
to another port when its own is taken.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import webbrowser
from collections.abc import Callable, Mapping
from pathlib import Path

from ..errors import SimError
from .copies import refresh

ROOT = Path(__file__).parents[2]
FIRST_PORT = 8888
FIRST_LESSON = {"en": "00_tour.ipynb", "zh": "zh/00_tour.ipynb"}
START_SECONDS = 90

_DEFAULTS = {
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/extensionmanager-extension:plugin": {"enabled": False},
}
_PAGE = {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}


def launch(port: int | None = None, browser: bool = True, lang: str | None = None) -> int:
    """Open the lessons and stay until Ctrl-C, SIGTERM or JupyterLab's own Shut Down.

    Parameters
    ----------
    port : int, optional
        The port to use; without it, the first free one from 8888.
    browser : bool
        Whether to open a browser; the address is printed in any case.
    lang : {"en", "zh"}, optional
        The edition to open; without it, the one of the system's language.

    Returns
    -------
    int
        0 after an orderly end, else JupyterLab's exit code.

    Raises
    ------
    SimError
        When there are no lessons, the port is taken, or this is root on an ordinary machine.
    """
    _not_as_root()
    chosen = _port(port)
    lessons, mine = ROOT / "notebooks", ROOT / "my-lessons"
    if not lessons.is_dir():
        raise SimError("the installed package has no lessons", hint="clone the repository and run it there")
    for sentence in refresh(lessons, mine):
        print(sentence)
    for name in ("SIGTERM", "SIGHUP"):  # The second: the terminal's window was closed.
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), _interrupt)
    with tempfile.TemporaryDirectory(prefix="layerlab-", ignore_cleanup_errors=True) as runtime:
        token = secrets.token_hex(24)
        server = _start(mine, Path(runtime), chosen, token, exact=port is not None)
        address = ""
        try:
            address = _address(server, Path(runtime))
            first = FIRST_LESSON[lang or spoken(os.environ)]
            _announce(f"{address}doc/tree/{first}?token={token}", mine, browser)
            code = server.wait()
        except KeyboardInterrupt:
            print("\nClosing the lab.", flush=True)
            code = 0
        finally:
            _stop(server, address, token)
    return code


def spoken(environment: Mapping[str, str]) -> str:
    """Return the edition for a system's language, as the first of the variables that is set names it.

    >>> spoken({"LANG": "zh_CN.UTF-8"}), spoken({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"})
    ('zh', 'en')
    """
    named = next(filter(None, map(environment.get, ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    return "zh" if named.startswith("zh") else "en"


def _not_as_root() -> None:
    if not hasattr(os, "geteuid") or os.geteuid() != 0 or _contained():
        return
    raise SimError(
        "the lab runs whatever its pages tell it to, so it does not start as root",
        hint="run it as an ordinary user, in a folder of that user's own",
    )


def _contained() -> bool:
    """Whether this is a machine made for one job, where root is the only user: CI or a container."""
    marks = ("/.dockerenv", "/run/.containerenv")
    return any(os.environ.get(name) for name in ("CI", "container", "KUBERNETES_SERVICE_HOST")) or any(
        os.path.exists(path) for path in marks
    )


def _port(wanted: int | None) -> int:
    if wanted is not None and not 0 < wanted < 65536:
        raise SimError(f"--port {wanted} is no port", hint="give a number from 1024 to 65535")
    if wanted is not None and _free(wanted):
        return wanted
    near = range(FIRST_PORT if wanted is None else wanted + 1, 65536)
    free = next((port for port in near if _free(port)), None)
    if free is None:
        raise SimError("no port is free on 127.0.0.1", hint="close other programs and run this again")
    if wanted is not None:
        raise SimError(f"port {wanted} is taken or not yours to use", hint=f"port {max(free, 1024)} is free")
    return free


def _free(port: int) -> bool:
    with socket.socket() as probe:
        if os.name != "nt":  # Windows would let two programs share the port.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _start(mine: Path, runtime: Path, port: int, token: str, exact: bool) -> subprocess.Popen[bytes]:
    import zmq

    own = mine / ".jupyter"
    config = own / "labconfig"
    config.mkdir(parents=True, exist_ok=True)
    for name, value in (("default_setting_overrides", _DEFAULTS), ("page_config", _PAGE)):
        (config / f"{name}.json").write_text(json.dumps(value, indent=1), encoding="utf-8")
    # Without its caches each kernel would take seconds longer to import what the lessons use.
    dropped = ("JUPYTER_PATH", "JUPYTER_CONFIG_PATH", "PYTHONDONTWRITEBYTECODE")
    environment = {key: value for key, value in os.environ.items() if key not in dropped}
    environment.update(
        JUPYTER_CONFIG_DIR=str(own),
        JUPYTER_DATA_DIR=str(own / "data"),
        JUPYTER_RUNTIME_DIR=str(runtime),
        JUPYTER_PREFER_ENV_PATH="1",
        JUPYTER_TOKEN=token,
        IPYTHONDIR=str(own / "ipython"),
        PYTHONPATH=os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH")))),
    )
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--ServerApp.ip=127.0.0.1"]
    command += [f"--ServerApp.port={port}", f"--ServerApp.port_retries={0 if exact else 50}"]
    command += [f"--ServerApp.root_dir={mine}", "--LabApp.news_url=None"]
    command += ["--LabApp.extension_manager=readonly", "--ServerApp.allow_root=True", "--Application.log_level=ERROR"]
    if zmq.has("curve"):
        # On a machine that others use, they cannot read along between the server and a kernel.
        command.append("--KernelManager.transport_encryption=auto")
    # In a group of its own, Ctrl-C reaches this process alone, which ends the server in good order.
    group = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
    return subprocess.Popen(
        command,
        env=environment,
        cwd=mine,
        stdin=subprocess.DEVNULL,
        start_new_session=os.name != "nt",
        creationflags=group,
    )


def _address(server: subprocess.Popen[bytes], runtime: Path) -> str:
    """Wait for the server and return its address, as it wrote it down."""
    print("Starting JupyterLab ...", flush=True)
    give_up = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up:
        if server.poll() is not None:
            raise SimError(f"JupyterLab ended as it started, with exit code {server.returncode}")
        for path in runtime.glob("jpserver-*.json"):
            try:
                address = str(json.loads(path.read_bytes())["url"])
                _ask(address + "api", "")
                return address
            except (ValueError, KeyError, OSError):
                pass  # Half written, or not listening yet.
        time.sleep(0.1)
    raise SimError(f"JupyterLab did not answer within {START_SECONDS} seconds", hint="run this again")


def _announce(url: str, mine: Path, browser: bool) -> None:
    print(f"The lessons are open at\n\n    {url}\n")
    print(f"You work on copies in {mine}. Ctrl-C in this window ends the lab.", flush=True)
    # Without a display the call would start a text browser in this terminal.
    displays = sys.platform in ("win32", "darwin") or any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY")))
    if browser and displays:
        webbrowser.open(url)


def _stop(server: subprocess.Popen[bytes], address: str, token: str) -> None:
    """End the server and its kernels: ask, then tell, which it may ignore with kernels open, then kill."""

    def ask() -> None:
        _ask(f"{address}api/shutdown", token, "POST")

    steps: tuple[Callable[[], None], ...] = (ask, server.terminate, server.kill)
    for step in steps[0 if address else 1 :]:
        if server.poll() is None:
            try:
                step()
                server.wait(timeout=8)
            except (OSError, subprocess.TimeoutExpired):
                continue
            except KeyboardInterrupt:
                server.kill()


def _ask(url: str, token: str, method: str = "GET") -> None:
    headers = {"Authorization": f"token {token}"} if token else {}
    request = urllib.request.Request(url, method=method, headers=headers)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=10):
        return


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt

"""What the servers of pages have in common: a child on 127.0.0.1 with folders of its own, and its end in good order.

A learner's other Jupyter is neither read nor changed. JUPYTER_PATH is dropped, since a kernel `python3` found there
would stand in for this Python.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.request
import webbrowser
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

from ..errors import SimError

ROOT = Path(__file__).parents[2]
FIRST_PORT = 8888


def not_as_root() -> None:
    """Refuse root on an ordinary machine."""
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


def free_port(wanted: int | None) -> int:
    """Return the wanted port, or the first free one from 8888; `SimError` where the wanted one cannot be had."""
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


def end_in_order() -> None:
    """Let SIGTERM, and the end of the terminal's window, do what Ctrl-C does."""
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), _interrupt)


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


def environment(own: Path, runtime: Path, token: str) -> dict[str, str]:
    """Return a server's environment: its settings and data lie in `own`, and its kernels find this package."""
    # Without its caches each kernel would take seconds longer to import what the lessons use; and what others' packages
    # leave out in opening files is no matter for a lesson.
    dropped = ("JUPYTER_PATH", "JUPYTER_CONFIG_PATH", "PYTHONDONTWRITEBYTECODE", "PYTHONWARNDEFAULTENCODING")
    return {key: value for key, value in os.environ.items() if key not in dropped} | {
        "JUPYTER_CONFIG_DIR": str(own),
        "JUPYTER_DATA_DIR": str(own / "data"),
        "JUPYTER_RUNTIME_DIR": str(runtime),
        "JUPYTER_PREFER_ENV_PATH": "1",
        "JUPYTER_TOKEN": token,
        "IPYTHONDIR": str(own / "ipython"),
        "PYTHONPATH": os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH")))),
    }


def encrypted() -> list[str]:
    """Return the options with which others on a shared machine cannot read along between a server and a kernel."""
    import zmq

    return ["--KernelManager.transport_encryption=auto"] if zmq.has("curve") else []


def child(
    command: Sequence[str], variables: dict[str, str], folder: Path, log: IO[bytes] | None = None
) -> subprocess.Popen[bytes]:
    """Start a server in a group of its own: Ctrl-C reaches this process alone, which ends it in good order.

    What it says goes to `log`, where that is given.
    """
    group = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
    return subprocess.Popen(
        command, env=variables, cwd=folder, stdin=subprocess.DEVNULL, start_new_session=os.name != "nt",
        creationflags=group, stdout=log, stderr=log,
    )


def show(url: str) -> None:
    """Open a page in the browser; without a display that would be a text browser in this terminal."""
    if sys.platform in ("win32", "darwin") or any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY"))):
        webbrowser.open(url)


def stop(server: subprocess.Popen[bytes], shutdown: str = "", token: str = "") -> None:
    """End a server and its kernels: ask it at `shutdown` if that is given, then tell it, then kill it."""

    def please() -> None:
        ask(shutdown, token, "POST")

    steps: tuple[Callable[[], None], ...] = (please, server.terminate, server.kill)
    for step in steps[0 if shutdown else 1 :]:
        if server.poll() is None:
            try:
                step()
                server.wait(timeout=8)
            except (OSError, subprocess.TimeoutExpired):
                continue
            except KeyboardInterrupt:
                server.kill()


def ask(url: str, token: str, method: str = "GET") -> None:
    """Send a request to a server of ours, past any proxy; `OSError` where it does not answer well."""
    headers = {"Authorization": f"token {token}"} if token else {}
    request = urllib.request.Request(url, method=method, headers=headers)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=10):
        return

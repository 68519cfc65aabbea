"""pip, run as a child: wheels only, under the pins, with its long talk turned into one line of progress."""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterable

from . import stamp

LOG = "layerlab.log"

#: Settings of a user's own pip that would put packages elsewhere, or hide what it does.
_NOT_HERE = {"PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_QUIET", "PIP_VERBOSE", "PIP_LOG", "PYTHONHOME"}


def install(venv: str, constraints: str, requirements: list[str], lock: int) -> tuple[int, list[str]]:
    """Install `requirements` into .venv; return pip's exit code and what it said (kept in layerlab.log).

    Where packages come from is pip's own configuration (PIP_INDEX_URL and the like).
    """
    environment = {key: value for key, value in os.environ.items() if key not in _NOT_HERE}
    environment.update(PIP_USER="0", PYTHONUNBUFFERED="1", PYTHONIOENCODING="utf-8:replace")
    command = [stamp.python(venv), "-m", "pip", "install", "--only-binary", ":all:", "--no-input"]
    command += ["--disable-pip-version-check", "--progress-bar", "off", "--no-warn-script-location"]
    pip = subprocess.Popen(
        [*command, "-c", constraints, *requirements],
        cwd=venv,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        # pip keeps the lock when this process is killed and pip is not.
        pass_fds=() if os.name == "nt" else (lock,),
    )
    try:
        log = _follow(pip, venv)
        code = pip.wait()
    except BaseException:
        pip.kill()
        pip.wait()
        raise
    with open(os.path.join(venv, LOG), "w", encoding="utf-8") as file:
        file.write("\n".join(log) + "\n")
    return code, log


def _follow(pip: subprocess.Popen[str], venv: str) -> list[str]:
    """Show pip's progress until it ends; return all that it said."""
    lines: queue.Queue[str | None] = queue.Queue()
    threading.Thread(target=_read, args=(pip.stdout or (), lines), daemon=True).start()
    log: list[str] = []
    show = Progress()
    fetched = before = total = 0
    while True:
        try:
            line = lines.get(timeout=0.5)
        except queue.Empty:
            if total:
                show(f"installed {_packages(venv) - before} of {total} packages")
            continue
        if line is None:
            show.end()
            return log
        log.append(line)
        if line.startswith("Collecting "):
            fetched += 1
            show(f"fetching package {fetched}: {line.split()[1]}")
        elif "Retrying (" in line:
            show("the package index does not answer, trying again")
        elif line.startswith("Installing collected packages:"):
            # A kill from here on leaves half a package, which only a new .venv cures.
            stamp.take_away(venv)
            before, total = _packages(venv), line.count(",") + 1
            show(f"installing {total} packages")


def _read(source: Iterable[str], lines: queue.Queue[str | None]) -> None:
    for line in source:
        lines.put(line.rstrip())
    lines.put(None)


def _packages(venv: str) -> int:
    return sum(name.endswith(".dist-info") for name in stamp.holdings(venv))


class Progress:
    """One line that changes, on a terminal; elsewhere a line every few seconds."""

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()
        self._last = -60.0

    def __call__(self, text: str) -> None:
        if self._live:
            sys.stderr.write("\r\x1b[K  " + text[:70])
        elif time.monotonic() - self._last > 5:
            sys.stderr.write(f"  {text}\n")
            self._last = time.monotonic()
        sys.stderr.flush()

    def end(self) -> None:
        """Leave a clean line behind."""
        if self._live:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

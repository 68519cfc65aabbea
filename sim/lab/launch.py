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
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from ..errors import SimError
from .copies import refresh
from .serving import ask, child, encrypted, end_in_order, environment, free_port, not_as_root, show, stop

ROOT = Path(__file__).parents[2]
FIRST_LESSON = {"en": "00_tour.ipynb", "zh": "zh/00_tour.ipynb"}
START_SECONDS = 90

_DEFAULTS = {
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/extensionmanager-extension:plugin": {"enabled": False},
}
# A lesson's set-up cell does the same: this is for whoever runs another cell before it.
_LISTEN = "from sim.lab.cells import listen\nlisten(get_ipython(), {lang!r})\ndel listen\n"
# Jupyter sets the hook more than once, and warns of it.
_CONFIG = (
    "import warnings\nfrom sim.lab.normalise import without_widgets\n"
    "warnings.filterwarnings('ignore', 'Overriding existing pre_save_hook')\n"
    "c.ContentsManager.pre_save_hook = without_widgets\n"
)
# The second and third come with the extras for pages and the site, and have no place here.
_PAGE = {"disabledExtensions": {
    "@jupyterlab/apputils-extension:announcements": True, "@voila-dashboards/jupyterlab-preview": True,
    "@jupyterlite/pyodide-kernel-extension": True,
}}


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
    not_as_root()
    chosen = free_port(port)
    lessons, mine = ROOT / "notebooks", ROOT / "my-lessons"
    if not lessons.is_dir():
        raise SimError("the installed package has no lessons", hint="clone the repository and run it there")
    for sentence in refresh(lessons, mine):
        print(sentence)
    end_in_order()
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
            # JupyterLab may ignore SIGTERM while kernels are open; asked, it ends them.
            stop(server, *((f"{address}api/shutdown", token) if address else ()))
    return code


def spoken(environment: Mapping[str, str]) -> str:
    """Return the edition for a system's language, as the first of the variables that is set names it.

    >>> spoken({"LANG": "zh_CN.UTF-8"}), spoken({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"})
    ('zh', 'en')
    """
    named = next(filter(None, map(environment.get, ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    return "zh" if named.startswith("zh") else "en"


def _start(mine: Path, runtime: Path, port: int, token: str, exact: bool) -> subprocess.Popen[bytes]:
    own = mine / ".jupyter"
    config = own / "labconfig"
    config.mkdir(parents=True, exist_ok=True)
    for name, value in (("default_setting_overrides", _DEFAULTS), ("page_config", _PAGE)):
        (config / f"{name}.json").write_text(json.dumps(value, indent=1), encoding="utf-8")
    (own / "jupyter_server_config.py").write_text(_CONFIG, encoding="utf-8")
    startup = own / "ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True, exist_ok=True)
    (startup / "00-layerlab.py").write_text(_LISTEN.format(lang=spoken(os.environ)), encoding="utf-8")
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--ServerApp.ip=127.0.0.1"]
    command += [f"--ServerApp.port={port}", f"--ServerApp.port_retries={0 if exact else 50}"]
    command += [f"--ServerApp.root_dir={mine}", "--LabApp.news_url=None"]
    # What Voila adds to JupyterLab is not used here, and warns of a setting that it reads.
    command += ["--ServerApp.jpserver_extensions={'voila.server_extension': False}"]
    command += ["--LabApp.extension_manager=readonly", "--ServerApp.allow_root=True", "--Application.log_level=ERROR"]
    return child([*command, *encrypted()], environment(own, runtime, token), mine)


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
                ask(address + "api", "")
                return address
            except (ValueError, KeyError, OSError):
                pass  # Half written, or not listening yet.
        time.sleep(0.1)
    raise SimError(f"JupyterLab did not answer within {START_SECONDS} seconds", hint="run this again")


def _announce(url: str, mine: Path, browser: bool) -> None:
    print(f"The lessons are open at\n\n    {url}\n")
    print(f"You work on copies in {mine}. Ctrl-C in this window ends the lab.", flush=True)
    if browser:
        show(url)

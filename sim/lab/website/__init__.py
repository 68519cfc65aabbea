"""The lessons as a static site: JupyterLite and Pyodide, all files local, served by anything that serves files.

    DEST/index.html            the start page: lessons and pages of the course, in both languages
         lab/                  JupyterLab in the browser
         files/                the notebooks; their kernel is called `python` there
         static/pyodide/       CPython for browsers, and the wheels of the lessons
         layerlab-site.json    says that this folder is ours, so that the next build may replace it

Nothing is asked of another server, no service worker is needed and no kernel reads a file, so that plain http on a
school's network will do. JupyterLite's own builder runs as a child; the site appears under its name when it is whole.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ...content.durable import make_folder
from ...errors import SimError
from ..serving import ROOT
from .page import start_page
from .pyodide import found, key, place
from .wheels import Wheel, pack, wheel_of

MARK = "layerlab-site.json"
_EXTENSIONS = ("@jupyterlite/pyodide-kernel-extension", "@jupyter-widgets/jupyterlab-manager", "anywidget")
_KERNEL = "@jupyterlite/pyodide-kernel-extension:kernel"
_OFF = ("@jupyterlab/apputils-extension:announcements", "@jupyterlite/application-extension:service-worker-manager")
_QUIET = {
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/application-extension:shell": {"startMode": "single"},
}


def build(dest: Path, version: str, pyodide: Path | None = None, lang: str = "en") -> None:
    """Build the site.

    Parameters
    ----------
    dest : Path
        Its folder: a new one, an empty one, or that of an earlier site, which is replaced.
    version : str
        Of the clone.
    pyodide : Path, optional
        The folder of the npm package `pyodide`; otherwise npm fetches it.
    lang : {"en", "zh"}
        The language of the start page.

    Raises
    ------
    SimError
        The folder holds something else, Pyodide or a package is not there, or JupyterLite fails.
    """
    _refuse(dest)
    make_folder(dest.parent)
    with tempfile.TemporaryDirectory(prefix=f".{dest.name}.", dir=dest.parent) as folder:
        aside = Path(folder)
        _prepare(aside / "lite", version, found(pyodide, aside))
        _run(aside)
        (aside / "site" / "index.html").write_text(start_page(ROOT / "notebooks", lang), encoding="utf-8")
        (aside / "site" / MARK).write_text('{"made by": "sim site"}\n', encoding="utf-8")
        if dest.exists():
            dest.rename(aside / "old")
        (aside / "site").rename(dest)


def _refuse(dest: Path) -> None:
    if find_spec("jupyterlite_core") is None:
        raise SimError(
            "the package jupyterlite-core is not installed", hint="python3 -m sim site in a clone sets up what it"
            " needs, or install layerlab[site]"
        )
    if not (ROOT / "notebooks").is_dir():
        raise SimError("the installed package has no lessons", hint="clone the repository and run it there")
    if dest.is_dir() and ((dest / MARK).is_file() or not any(dest.iterdir())):
        return
    if os.path.lexists(dest):
        raise SimError(f"{dest} is there already and is no site that sim site made", hint="name another folder")


def _prepare(lite: Path, version: str, pyodide: Path) -> None:
    """Lay out what JupyterLite's builder reads: the notebooks, the settings, Pyodide and the wheels."""
    held = lite / "static" / "pyodide"
    held.mkdir(parents=True)
    wheels = pack(held, ROOT, version)
    for path in sorted((_extension(_EXTENSIONS[0]) / "static" / "pypi").glob("*.whl")):
        if not path.name.startswith("widgetsnbextension"):  # The classic notebook's: nothing here imports it.
            shutil.copyfile(path, held / path.name)
            wheels.append(wheel_of(held / path.name))
    place(pyodide, wheels, held)
    _notebooks(lite / "contents")
    _write(lite / "jupyter-lite.json", _settings(wheels))
    _write(lite / "overrides.json", _QUIET)
    _write(lite / "jupyter_lite_config.json", {"LiteBuildConfig": {
        "apps": ["lab"], "contents": ["contents"], "no_sourcemaps": True, "no_libarchive": True,
        "ignore_sys_prefix": ["federated_extensions"],
        "federated_extensions": [str(_extension(name)) for name in _EXTENSIONS],
    }})


def _extension(name: str) -> Path:
    return Path(sys.prefix) / "share" / "jupyter" / "labextensions" / name


def _settings(wheels: list[Wheel]) -> dict[str, Any]:
    kernel = {
        "pyodideUrl": "./static/pyodide/pyodide.mjs", "disablePyPIFallback": True,
        "loadPyodideOptions": {"packages": sorted(key(wheel.name) for wheel in wheels)},
    }
    return {
        "jupyter-lite-schema-version": 0,
        "jupyter-config-data": {
            "appName": "Layer Lab", "disabledExtensions": list(_OFF), "exposeAppInBrowser": False,
            "litePluginSettings": {_KERNEL: kernel},
        },
    }


def _notebooks(folder: Path) -> None:
    """Copy the notebooks; JupyterLite finds a kernel by its name alone, and its own is called `python`."""
    shutil.copytree(ROOT / "notebooks", folder, ignore=shutil.ignore_patterns(".*"))
    for path in folder.rglob("*.ipynb"):
        notebook = json.loads(path.read_bytes())
        notebook["metadata"]["kernelspec"] = {"display_name": "Python", "language": "python", "name": "python"}
        path.write_text(json.dumps(notebook, ensure_ascii=False, indent=1), encoding="utf-8")


def _run(aside: Path) -> None:
    dropped = ("JUPYTER_PATH", "JUPYTER_CONFIG_PATH", "JUPYTER_CONFIG_DIR")
    environment = {name: value for name, value in os.environ.items() if name not in dropped}
    command = [sys.executable, "-m", "jupyterlite_core", "build", "--lite-dir", "lite", "--output-dir", "site"]
    done = subprocess.run(
        command, cwd=aside, env=environment | {"PYTHONIOENCODING": "utf-8"}, capture_output=True, check=False,
        encoding="utf-8", errors="replace", stdin=subprocess.DEVNULL,
    )
    if done.returncode:
        said = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
        raise SimError(f"JupyterLite could not build the site: {said[-1] if said else 'it said nothing'}")


def _write(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=1), encoding="utf-8")

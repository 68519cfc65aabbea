"""Pyodide, a CPython for browsers: where it is found, the four files that are needed of it, and its list of packages.

    pyodide.mjs  pyodide.asm.mjs  pyodide.asm.wasm  python_stdlib.zip        CPython itself
    pyodide-lock.json                                                        which packages there are, and in which file

The list that comes with Pyodide names packages on a server of its own; ours names the wheels beside it and nothing
else, so that a browser asks nobody else.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ...errors import BadInput, SimError
from .wheels import Wheel

VERSION = "314.0.6"
"""The version that the kernel of the extra `site` is made for."""
CORE = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip")
LOCK = "pyodide-lock.json"
_FETCH = f"npm install --prefix pyodide pyodide@{VERSION}"


def found(given: Path | None, aside: Path) -> Path:
    """Return a folder with Pyodide's files.

    Parameters
    ----------
    given : Path, optional
        Where it is, or the folder that ``npm install --prefix`` put it in. Otherwise npm fetches it.
    aside : Path
        Where npm may put it.

    Raises
    ------
    SimError
        It is not there, is of another version, or cannot be fetched.
    """
    if given is not None:
        return _checked(next((path for path in (given / "node_modules" / "pyodide", given) if path.is_dir()), given))
    npm = shutil.which("npm")
    if npm is None:
        raise SimError(
            "Pyodide, the Python of a browser, is needed, and npm, which fetches it, is not on the PATH",
            hint=f"where npm is, run {_FETCH} and give the folder: sim site DEST --pyodide pyodide",
        )
    quiet = ["--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--no-update-notifier"]
    done = subprocess.run(
        [npm, "install", *quiet, "--prefix", str(aside), f"pyodide@{VERSION}"], capture_output=True, check=False,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode:
        raise SimError(
            f"npm could not fetch pyodide@{VERSION}", hint=f"where there is a network, run {_FETCH} and give the"
            " folder: sim site DEST --pyodide pyodide",
        )
    return _checked(aside / "node_modules" / "pyodide")


def _checked(folder: Path) -> Path:
    missing = [name for name in (*CORE, LOCK, "package.json") if not (folder / name).is_file()]
    if missing:
        raise BadInput(f"no folder of Pyodide: {missing[0]} is missing", where=str(folder), hint=f"{_FETCH} makes one")
    try:
        version = json.loads((folder / "package.json").read_bytes())["version"]
    except (ValueError, KeyError, TypeError):
        raise BadInput("its package.json names no version", where=str(folder), hint=f"{_FETCH} makes one") from None
    if version != VERSION:
        raise BadInput(f"Pyodide {version}, and {VERSION} is needed", where=str(folder), hint=_FETCH)
    return folder


def place(pyodide: Path, wheels: Sequence[Wheel], folder: Path) -> None:
    """Copy Pyodide's own files into the folder that the wheels lie in, and write the list of packages."""
    for name in CORE:
        shutil.copyfile(pyodide / name, folder / name)
    held = json.loads((pyodide / LOCK).read_bytes())
    (folder / LOCK).write_text(json.dumps(_lock(held["info"], wheels), indent=1, sort_keys=True), encoding="utf-8")


def _lock(info: Any, wheels: Sequence[Wheel]) -> dict[str, Any]:
    packages = {
        key(wheel.name): {
            "name": key(wheel.name), "version": wheel.version, "file_name": wheel.file, "sha256": wheel.sha256,
            "imports": list(wheel.imports), "depends": [], "install_dir": "site", "package_type": "package",
            "unvendored_tests": False,
        }
        for wheel in wheels
    }
    return {"info": info, "packages": packages}


def key(name: str) -> str:
    """Return a package's name as indexes compare it.

    Examples
    --------
    >>> key("pyodide_kernel")
    'pyodide-kernel'
    """
    return name.lower().replace("_", "-").replace(".", "-")

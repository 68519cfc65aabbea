"""What a sound .venv is: a stamp that matches this clone and this Python, and the packages that it lists.

    .venv/layerlab.json   written last, taken away before the first package is touched
        files         hash of pyproject.toml and constraints.txt
        python        which Python made it, and for which system
        path          where the clone was
        requirements  what has been asked for so far
        holds         the names in site-packages when it was written
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from enum import Enum

STAMP = "layerlab.json"


class State(Enum):
    """How a .venv stands against its stamp."""

    SOUND = "used as it is"
    MOVED = "the clone or its requirements changed: pip puts it right"
    BROKEN = "no stamp, another Python, or packages gone: built anew"


def identity(root: str) -> dict[str, str]:
    """Return what a stamp must say to match this clone under this Python."""
    digest = hashlib.sha256()
    for name in ("pyproject.toml", "constraints.txt"):
        with open(os.path.join(root, name), "rb") as file:
            # Line ends are git's affair: a zip may have others than a clone.
            digest.update(file.read().replace(b"\r\n", b"\n") + b"\0")
    tag = f"{sys.implementation.cache_tag}-{sys.platform}"
    return {"files": digest.hexdigest(), "python": tag, "path": root}


def read(venv: str) -> dict[str, object]:
    """Return the stamp, empty when there is none that can be read."""
    try:
        with open(os.path.join(venv, STAMP), encoding="utf-8") as file:
            stamp = json.load(file)
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def write(root: str, venv: str, requirements: list[str]) -> None:
    """Say that .venv is complete; nothing may be changed in it after this."""
    stamp = {**identity(root), "requirements": requirements, "holds": holdings(venv)}
    path = os.path.join(venv, STAMP)
    with open(path + ".new", "w", encoding="utf-8") as file:
        json.dump(stamp, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(path + ".new", path)


def take_away(venv: str) -> None:
    """From here on .venv counts as broken until it is stamped again."""
    if os.path.exists(os.path.join(venv, STAMP)):
        os.remove(os.path.join(venv, STAMP))


def state(root: str, venv: str) -> State:
    """Compare .venv with its stamp; reads two small files and one folder listing."""
    stamp, now = read(venv), identity(root)
    if stamp.get("python") != now["python"] or not os.path.exists(python(venv)):
        return State.BROKEN
    holds = stamp.get("holds")
    if not isinstance(holds, list) or not set(holds) <= set(holdings(venv)):
        return State.BROKEN
    return State.SOUND if all(stamp.get(key) == value for key, value in now.items()) else State.MOVED


def ready(root: str, venv: str, wanted: list[str]) -> bool:
    """Whether .venv is sound and holds all that is wanted."""
    return state(root, venv) is State.SOUND and set(wanted) <= set(asked_for(venv))


def asked_for(venv: str) -> list[str]:
    """Return the requirements that earlier commands had installed."""
    asked = read(venv).get("requirements")
    return [str(item) for item in asked] if isinstance(asked, list) else []


def python(venv: str) -> str:
    """Return the path of the environment's interpreter."""
    parts = ("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")
    return os.path.join(venv, *parts)


def site_packages(venv: str) -> str:
    """Return the folder that holds the environment's packages."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    parts = ("Lib",) if os.name == "nt" else ("lib", version)
    return os.path.join(venv, *parts, "site-packages")


def holdings(venv: str) -> list[str]:
    """Return the names in site-packages, but for the installers, which come and go without harm."""
    try:
        names = os.listdir(site_packages(venv))
    except OSError:
        return []
    passing = ("pip", "setuptools", "_distutils_hack", "distutils-precedence", "pkg_resources", "__pycache__")
    return sorted(name for name in names if not name.startswith((*passing, "~")))

"""Make or mend the clone's .venv, on the standard library, without building anything.

    take the lock -> a broken .venv is emptied and made -> pip installs wheels under constraints.txt
                  -> the clone becomes one line in layerlab.pth -> the stamp is written, last

A start whose stamp matches does none of this and needs no network. A stamp that no longer matches is repaired
by pip, which adds what is missing; a set-up that was killed among packages has no stamp and begins anew. A
.venv that someone else made is never touched.

Imports that a start of a sound clone does not need stand inside functions: they would double its time.
"""

from __future__ import annotations

import os
import sys

from . import stamp
from .stamp import State

#: The extras a command needs. All other commands need the standard library alone.
NEEDS = {"lab": ("lab",), "app": ("lab",), "site": ("lab", "site"), "test": ("lab", "test"), "bench": ("fast",)}


class SetupError(Exception):
    """The environment cannot be made; the message says why and what to do."""


def python_for(root: str, argv: list[str]) -> str | None:
    """Return the Python to hand the command over to, or None to run it in this one.

    Parameters
    ----------
    root : str
        The clone.
    argv : list of str
        The command and its arguments.

    Raises
    ------
    SetupError
        When the command needs packages and they cannot be had.
    """
    venv = os.path.join(root, ".venv")
    inside = os.path.isdir(venv) and os.path.samefile(sys.prefix, venv)
    extras = NEEDS.get(argv[0], ()) if argv and not {"-h", "--help"} & set(argv[1:2]) else ()
    if not extras:
        at_home = inside or in_environment() or stamp.state(root, venv) is not State.SOUND
        return None if at_home else stamp.python(venv)
    if not inside and in_environment() and has(root, extras):
        return None
    wanted = requirements(root, extras)
    if not stamp.ready(root, venv, wanted):
        from .make import make

        make(root, venv, wanted, inside)
    return None if inside else stamp.python(venv)


def in_environment() -> bool:
    """Whether this Python is a virtual or a conda environment, which its owner fills."""
    return sys.prefix != sys.base_prefix or os.path.isdir(os.path.join(sys.prefix, "conda-meta"))


def has(root: str, extras: tuple[str, ...]) -> bool:
    """Whether this Python has every package that the extras name themselves."""
    try:
        from packaging.requirements import Requirement
    except ImportError:
        return False
    from importlib.metadata import PackageNotFoundError, version

    for text in requirements(root, extras, follow=False):
        wanted = Requirement(text)
        try:
            if not wanted.specifier.contains(version(wanted.name), prereleases=True):
                return False
        except PackageNotFoundError:
            return False
    return True


def requirements(root: str, extras: tuple[str, ...], follow: bool = True) -> list[str]:
    """Return what the extras list; with `follow`, also the base and what the extras that they name list."""
    import tomllib

    with open(os.path.join(root, "pyproject.toml"), "rb") as file:
        project = tomllib.load(file)["project"]
    own = project["name"] + "["
    found: set[str] = set(project["dependencies"]) if follow else set()
    pending = list(extras)
    while pending:
        for line in project["optional-dependencies"][pending.pop()]:
            if not line.startswith(own):
                found.add(line)
            elif follow:
                pending.extend(name.strip() for name in line[len(own) : -1].split(","))
    return sorted(found)

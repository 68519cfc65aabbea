"""The steps that make or mend a .venv, each with its reason when it fails."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from . import NEEDS, SetupError, lock, pip, reasons, requirements, stamp
from .stamp import State


def make(root: str, venv: str, wanted: list[str], inside: bool = False) -> None:
    """Return when .venv is sound and holds `wanted`; `inside` says that it runs this very process."""
    try:
        _claim(venv)
        held = lock.take(venv, lambda: _say(f"Another start is setting up {venv}: waiting for it"))
        try:
            if not stamp.ready(root, venv, wanted):
                _set_up(root, venv, wanted, inside, held)
        finally:
            os.close(held)
    except OSError as error:
        raise SetupError(reasons.of_error(error, root)) from None


def _claim(venv: str) -> None:
    """Refuse a .venv that is not ours: it would be emptied."""
    ours = os.path.exists(os.path.join(venv, lock.LOCK))
    if os.path.lexists(venv) and not ours and not (os.path.isdir(venv) and not os.listdir(venv)):
        raise SetupError(
            f"{venv} is there already and was not made by Layer Lab: rename it and run this again, "
            "or install layerlab[lab,test] into it and use its Python"
        )
    os.makedirs(venv, exist_ok=True)


def _set_up(root: str, venv: str, wanted: list[str], inside: bool, held: int) -> None:
    if stamp.state(root, venv) is State.BROKEN:
        if inside:
            raise SetupError(f"{venv} is incomplete and in use: leave it (deactivate) and run this again")
        _say(f"Setting up Layer Lab in {venv}; this happens once, and later starts need no network")
        _create(venv)
    else:
        _say(f"Bringing {venv} up to date")
        # What an earlier command needed stays; a requirement that pyproject.toml no longer has does not.
        listed = requirements(root, tuple({name for extras in NEEDS.values() for name in extras}))
        wanted = sorted({*wanted, *(set(stamp.asked_for(venv)) & set(listed))})
    code, log = pip.install(venv, os.path.join(root, "constraints.txt"), wanted, held)
    if code != 0:
        said = os.path.join(venv, pip.LOG)
        raise SetupError(reasons.of_output(log, f"pip failed (its words are in {said})"))
    with open(os.path.join(stamp.site_packages(venv), "layerlab.pth"), "w", encoding="ascii") as file:
        # An import line, all ASCII, since a plain path would be read in the locale's encoding.
        file.write(f"import sys; sys.path.append({ascii(root)})\n")
    stamp.write(root, venv, wanted)
    _say("Ready.")


def _create(venv: str) -> None:
    """Make an empty environment in .venv, around the lock that is held."""
    for entry in os.scandir(venv):
        if entry.is_dir(follow_symlinks=False):
            shutil.rmtree(entry.path)
        elif entry.name != lock.LOCK:
            os.remove(entry.path)
    made = subprocess.run(
        [sys.executable, "-m", "venv", "--prompt", "layerlab", venv],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if made.returncode != 0:
        raise SetupError(reasons.of_output(made.stdout.splitlines(), "making .venv failed"))


def _say(text: str) -> None:
    """Talk on stderr: stdout belongs to the command."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()

"""Where a learner's things are kept from one command, or kernel, to the next.

    $SIM_HOME, else .sim at the clone's root, else the user's data folder
        progress.json       what was answered           `sim.lab.record`
        world.json, bytes/  the simulated world         `sim.engine.worldfile`
        registry/           what `sim serve` holds
"""

from __future__ import annotations

import os
import sys
from pathlib import Path


def home() -> Path:
    """Return the folder; it need not be there yet.

    A clone that cannot be written to (a shared, read-only one) has none.
    """
    told = os.environ.get("SIM_HOME")
    if told:
        return Path(told)
    clone = Path(__file__).resolve().parents[2]
    if (clone / "pyproject.toml").is_file() and os.access(clone, os.W_OK):
        return clone / ".sim"
    return _user_data() / "layerlab"


def _user_data() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")

"""The folder in which the commands keep a simulated world from one call to the next, and the lock on it.

    content.home.home()
        world.json  bytes/         see `sim.engine.worldfile`
        lock                       one command at a time
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..content.durable import make_folder
from ..content.lock import try_lock
from ..engine.internet import new_world
from ..engine.world import World
from ..engine.worldfile import DOCUMENT, load, save
from ..errors import SimError

PATIENCE_S = 5.0
"""A command waits so long for another one to end: most take a moment."""


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep a folder to oneself.

    Raises
    ------
    SimError
        Another command is at work in it.
    """
    make_folder(folder)
    until = time.monotonic() + PATIENCE_S
    while (lock := try_lock(folder / "lock")) is None:
        if time.monotonic() > until:
            raise SimError(
                f"another terminal is at work in {folder}", hint="wait until it is done, or set SIM_HOME to a folder "
                "of your own",
            )
        time.sleep(0.1)
    try:
        yield
    finally:
        os.close(lock)


def world_in(folder: Path) -> World:
    """Return the world that a folder holds, a new one where it holds none."""
    return load(folder) if (folder / DOCUMENT).exists() else new_world()


def keep(world: World, folder: Path) -> None:
    """Keep a world in a folder."""
    save(world, folder)

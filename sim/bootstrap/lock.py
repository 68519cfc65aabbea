"""One set-up of a .venv at a time, on the systems' own file locks.

Such a lock ends with the last process that holds it, so a set-up that is killed leaves none behind. The pip
that it started inherits the lock and keeps it while it is still at work.
"""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Callable

LOCK = "layerlab.lock"
_BUSY = (errno.EACCES, errno.EAGAIN, errno.EDEADLK)


def take(venv: str, told: Callable[[], None]) -> int:
    """Return the lock of .venv as a file descriptor, to be closed; `told` is called once if it is taken."""
    lock = os.open(os.path.join(venv, LOCK), os.O_RDWR | os.O_CREAT, 0o644)
    waiting = False
    while not _try(lock):
        if not waiting:
            told()
            waiting = True
        time.sleep(0.2)
    return lock


def _try(lock: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(lock, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        # A file system without locks (some network homes) is no reason to refuse a lone learner.
        return error.errno not in _BUSY
    return True

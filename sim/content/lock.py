"""One process at a time: a lock that the system keeps, on a file.

It ends with the process that holds it, so one that is killed leaves none behind; the file itself stays.
"""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

_BUSY = (errno.EACCES, errno.EAGAIN, errno.EDEADLK)


def try_lock(path: Path, *, wait: bool = False) -> int | None:
    """Take the lock on a file, made where it is not there.

    Parameters
    ----------
    path : Path
    wait : bool
        For whoever holds it: for what takes a moment. Windows waits ten seconds, others without end.

    Returns
    -------
    int or None
        A file descriptor: closing it gives the lock back. None where another process holds it.
    """
    lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(lock, msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
        else:
            # A browser's Python has no fcntl, and no second process either.
            try:
                import fcntl
            except ImportError:
                return lock
            fcntl.flock(lock, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError as error:
        # A file system without locks (some network homes) is no reason to refuse one who is alone.
        if error.errno in _BUSY:
            os.close(lock)
            return None
    return lock

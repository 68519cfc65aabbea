"""A file on its way to the disk while more of it still arrives.

    arrives    |#### #### #### ####|
    written         |#### #### #### |##|    what is left for the last sync, which an answer waits for

Without this all of it waits in memory for that last sync. A failed sync is told once (fsync(2)): whoever hears of it
here has to pass it on, or the last one would say that all is well.
"""

from __future__ import annotations

import os
import threading

EVERY = 4 << 20


class Writeback:
    """Syncs an open file in a thread, after each `EVERY` bytes, one sync at a time.

    Parameters
    ----------
    descriptor : int
        Of the file; it stays open until `end` has returned.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._waiting = 0
        self._thread: threading.Thread | None = None
        self._error: OSError | None = None

    def wrote(self, count: int) -> None:
        """Take note of bytes that were written to the file."""
        self._waiting += count
        if self._waiting >= EVERY and (self._thread is None or not self._thread.is_alive()):
            self._waiting = 0
            self._thread = threading.Thread(target=self._sync, name="writeback", daemon=True)
            self._thread.start()

    def end(self) -> None:
        """Wait for the sync under way; `OSError` where one has failed."""
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        if self._error is not None:
            raise self._error

    def _sync(self) -> None:
        try:
            getattr(os, "fdatasync", os.fsync)(self._descriptor)
        except OSError as error:
            self._error = error

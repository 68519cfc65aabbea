"""One line on the terminal for work that takes over a second.

    [#########.............]  41%  6 s left  17.6MB of 43MB  app.tar, layer 2

The model calls back ``progress(done, total, what)``; this draws it on standard error, if that is a terminal,
once the work has taken `PATIENCE`, and wipes it at the end, so that neither a pipe nor a log holds any of it.
"""

from __future__ import annotations

import shutil
import sys
import threading
from collections.abc import Callable
from time import monotonic
from types import TracebackType
from typing import Self, TextIO

from ..content.sizes import human_size
from .text import shown

PATIENCE = 0.7
"""Seconds of work before anything is drawn: what is over sooner needs no line."""
PERIOD = 0.1
"""Seconds between two drawings."""
WIDTH = 24


class Bar:
    """A progress line; call it as the model does, and close it (or use it as a context manager).

    Parameters
    ----------
    stream : TextIO, optional
        Standard error by default; nothing is drawn unless it is a terminal.
    clock : callable, optional
        Seconds, rising.
    amount : callable, optional
        How a count is written; bytes by default.
    """

    def __init__(
        self, stream: TextIO | None = None, clock: Callable[[], float] = monotonic,
        amount: Callable[[int], str] = human_size,
    ) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._clock = clock
        self._amount = amount
        self._lock = threading.Lock()
        self._started = self._stage_started = clock()
        self._drawn_at = float("-inf")
        self._drawn = False
        self._what = ""
        self._visible = self._stream.isatty()

    def __call__(self, done: int, total: int | None, what: str) -> None:
        """Report that `done` of `total` is done (None: nobody knows the total) and what is being done."""
        if not self._visible:
            return
        with self._lock:  # Layers may be read by several threads.
            now = self._clock()
            if what != self._what:
                self._what, self._stage_started = what, now
            if now - self._started >= PATIENCE and now - self._drawn_at >= PERIOD:
                self._draw(line(done, total, what, now - self._stage_started, self._amount))
                self._drawn_at = now

    def close(self) -> None:
        """Wipe the line."""
        if self._drawn:
            self._draw("")
            self._drawn = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _draw(self, text: str) -> None:
        # The last column stays free: some terminals wrap when it is written.
        room = shutil.get_terminal_size().columns - 1
        self._stream.write(f"\r{text[:room].ljust(room)}\r")
        self._stream.flush()
        self._drawn = True


def line(
    done: int, total: int | None, what: str, elapsed: float, amount: Callable[[int], str] = human_size
) -> str:
    """Return the line's text.

    Examples
    --------
    >>> line(25, 100, "reading", 2.0)
    '[######..................]  25%  6 s left  25B of 100B  reading'
    >>> line(25, None, "reading", 2.0)
    '25B  reading'
    """
    if not total:
        return f"{amount(done)}  {shown(what)}"
    share = min(1.0, done / total)
    bar = ("#" * int(share * WIDTH)).ljust(WIDTH, ".")
    left = f"  {_time(elapsed * (1 - share) / share)} left" if done and elapsed >= 1 else ""
    # What it is comes last: on a narrow terminal that is what can be cut.
    return f"[{bar}]  {share:.0%}{left}  {amount(done)} of {amount(total)}  {shown(what)}"


def _time(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"

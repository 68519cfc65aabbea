"""The log of a server: one line a request, written by a thread of its own.

Whoever reads standard output may stop reading: a pipe holds 64 KB, and then a write waits. A request never does. Lines
wait in a queue of bounded length; what does not fit is dropped, and the log says how many lines that were. Where the
reader has gone for good, the server goes on without a log.
"""

from __future__ import annotations

import sys
import threading
import time
from collections import deque
from typing import TYPE_CHECKING

from ..content.sizes import human_size
from .text import shown

if TYPE_CHECKING:
    from ..registry.exchange import Exchange

WAITING = 10_000
_END_S = 2.0


class RequestLog:
    """Takes exchanges from many threads and writes them to standard output."""

    def __init__(self) -> None:
        self._lines: deque[str] = deque()
        self._ready = threading.Condition()
        self._dropped = 0
        self._ended = False
        self._writer = threading.Thread(target=self._write, name="log", daemon=True)
        self._writer.start()

    def __call__(self, exchange: Exchange) -> None:
        """Log an exchange."""
        self.say(line_of(exchange, clock_time(exchange.began)))

    def say(self, line: str) -> None:
        """Log a line."""
        with self._ready:
            if len(self._lines) < WAITING:
                self._lines.append(line)
                self._ready.notify()
            else:
                self._dropped += 1

    def end(self) -> None:
        """Write what waits, unless nobody reads it."""
        with self._ready:
            self._ended = True
            self._ready.notify()
        self._writer.join(_END_S)

    def _write(self) -> None:
        while True:
            with self._ready:
                while not self._lines and not self._ended:
                    self._ready.wait()
                if not self._lines:
                    return
                lines, dropped = list(self._lines), self._dropped
                self._lines.clear()
                self._dropped = 0
            if dropped:
                lines.append(f"({dropped} lines more were dropped: nobody was reading)")
            try:
                print("\n".join(lines), flush=True)
            except (OSError, ValueError):
                sys.stdout = None  # print() is silent from now on.


def clock_time(at: float) -> str:
    """Return a time of day, to the millisecond, by this machine's clock and zone."""
    return f"{time.strftime('%H:%M:%S', time.localtime(at))}.{int(at % 1 * 1000):03d}"


def line_of(exchange: Exchange, at: str) -> str:
    """Return an exchange as a line of the log.

    Examples
    --------
    >>> from sim.registry.exchange import Exchange
    >>> words = "mounted from b: 0 bytes sent"
    >>> seen = Exchange("127.0.0.1", "POST /v2/a/blobs/uploads/", 201, seconds=0.00123, reason=words)
    >>> line_of(seen, "10:02:33.017")
    '10:02:33.017 127.0.0.1 POST /v2/a/blobs/uploads/ 201 in 0B out 0B 1.2 ms: mounted from b: 0 bytes sent'
    """
    moved = f"in {human_size(exchange.received)} out {human_size(exchange.sent)} {exchange.seconds * 1e3:.1f} ms"
    status = exchange.status or "---"
    return shown(f"{at} {exchange.client} {exchange.request[:300]} {status} {moved}: {exchange.reason[:300]}")

"""Trying again: how often, after how long, and for which failures, as docker does it.

    download   6 attempts   waits of 5, 10, 15, 20, 25 s      Retrying in 5 seconds
    upload     5 attempts   waits of 5, 10, 15, 20 s

A refusal is not tried again: who may not, may not a second later either. What breaks on the way is: a connection
refused or reset, a body that ends early, an answer of 5xx. Bytes that hash to something else are not, for they
were sent whole, and would be again. Waiting is handed in, so that nobody waits in a test or in the simulated world.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..content.parallel import Stop
from ..errors import TransferFailed

_STEP_S = 5


@dataclass(frozen=True, slots=True)
class Backoff:
    """How often something is tried.

    Attributes
    ----------
    attempts : int
    """

    attempts: int

    def wait(self, failures: int) -> int | None:
        """Return the seconds to wait after so many failures; None where there is no further attempt.

        Examples
        --------
        >>> [DOWNLOAD.wait(failures) for failures in range(1, 7)]
        [5, 10, 15, 20, 25, None]
        """
        return _STEP_S * failures if failures < self.attempts else None


DOWNLOAD = Backoff(6)
UPLOAD = Backoff(5)

Sleep = Callable[[float], None]
"""Waits some seconds, or ends the wait by raising."""


def countdown(seconds: int, sleep: Sleep, tell: Callable[[str], None]) -> None:
    """Wait, and tell each second how many are left, in docker's words.

    Examples
    --------
    >>> countdown(2, lambda _: None, print)
    Retrying in 2 seconds
    Retrying in 1 second
    """
    for left in range(seconds, 0, -1):
        tell(f"Retrying in {left} second{'' if left == 1 else 's'}")
        sleep(1)


@dataclass(frozen=True, slots=True)
class Patience:
    """How failures are met: how often one tries, how one waits."""

    backoff: Backoff
    sleep: Sleep

    def again(self, failures: int, error: TransferFailed, tell: Callable[[str], None], stop: Stop) -> None:
        """Wait before the next attempt, or raise `error` where there is none."""
        wait = self.backoff.wait(failures) if error.again else None
        if wait is None:
            raise error

        def sleep(seconds: float) -> None:
            stop.check()
            self.sleep(seconds)

        countdown(wait, sleep, tell)

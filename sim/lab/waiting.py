"""A bar in the notebook for what takes longer than a second, such as opening a large image.

It appears only after `PATIENCE` seconds and is taken away at the end, so that a quick cell, and the notebook that is
kept, show nothing of it. Where there is no notebook, or no ipywidgets, it does nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from time import monotonic
from typing import Any

from ..content.sizes import human_size
from .text import t

PATIENCE = 1.0
PERIOD = 0.1
"""Seconds before it appears, and between two of its changes."""


class Waiting:
    """A callback ``(done, total, what)`` and a context.

    Parameters
    ----------
    lang : str
    clock : callable, optional
        Seconds, rising.

    Examples
    --------
    >>> with Waiting("en") as bar:
    ...     bar(1, 2, "layer 1")
    """

    def __init__(self, lang: str, clock: Callable[[], float] = monotonic) -> None:
        self._lang = lang
        self._clock = clock
        self._next = clock() + PATIENCE
        self._bar: Any = None
        self._words: Any = None
        self._box: Any = None

    def __call__(self, done: int, total: int | None, what: str) -> None:
        """Report that `done` of `total` bytes are read."""
        now = self._clock()
        if now < self._next:
            return
        self._next = now + PERIOD
        if self._box is None and not self._show():
            self._next = float("inf")
            return
        self._bar.value = done / total if total else 0
        self._words.value = t("waiting", self._lang, done=human_size(done), total=human_size(total or done))

    def __enter__(self) -> Waiting:
        return self

    def __exit__(self, *_: object) -> None:
        if self._box is not None:
            self._box.close()

    def _show(self) -> bool:
        if "ipykernel" not in sys.modules:
            return False
        try:
            from IPython.display import display
            from ipywidgets import FloatProgress, HBox, Label
        except ImportError:
            return False
        self._bar = FloatProgress(min=0, max=1, tooltip=t("waiting.bar", self._lang))
        self._words = Label()
        self._box = HBox([self._bar, self._words])
        display(self._box)  # type: ignore[no-untyped-call]
        return True

"""FastCDC by pyfastcdc, compiled; it releases the interpreter lock while it looks for a cut."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .rule import Cutter, Rule


def native(rule: Rule) -> Cutter:
    """Return the compiled engine for a FastCDC rule; `ImportError` where it is not installed."""
    return _Compiled(rule)


class _Compiled(Cutter):
    def __init__(self, rule: Rule) -> None:
        from pyfastcdc import FastCDC

        super().__init__(rule)
        level: Any = rule.level  # It is one of the literals that the package declares; a rule is checked.
        self._engine = FastCDC(
            rule.avg_size, min_size=rule.min_size, max_size=rule.max_size, normalized_chunking=level
        )

    def cuts(self, data: bytes | memoryview, final: bool) -> Iterator[int]:
        if not len(data):
            return
        # A chunk that starts beyond this is not decided.
        at, last = 0, len(data) if final else len(data) - self.rule.max_size
        found = iter(self._engine.cut_buf(data))
        while at <= last and at < len(data):
            at += next(found).length
            yield at

"""FastCDC by pyfastcdc, compiled; it releases the interpreter lock while it looks for a cut."""

from __future__ import annotations

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

    def split(self, data: memoryview, last: int) -> list[memoryview]:
        found: list[memoryview] = []
        at = 0
        # Few steps a chunk: the lock that is held here is what another thread's chunks wait for.
        for chunk in self._engine.cut_buf(data) if last >= 0 else ():
            found.append(chunk.data)
            at += chunk.length
            if at > last:
                break
        return found

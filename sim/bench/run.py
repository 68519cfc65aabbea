"""Runs the figures and reports them, as a table for people and as one JSON document.

    figure                        ours    peer              ratio  to reach        met
    import sim                    23 ms   -                 -      at most 100 ms  yes
    open and index ubuntu-cyo57   0.31 s  tar tzf: 0.75 s   0.41x  at most 0.5x    yes
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules
from typing import Any

from .figure import Figure


def subjects() -> tuple[str, ...]:
    """Return the names of this package's modules that have `figures(quick)`, in the order they are run.

    Examples
    --------
    >>> "images" in subjects()
    True
    """
    return _with("figures")


def curves() -> tuple[str, ...]:
    """Return the names of those that have `curve(quick)` and its `CURVE_UNIT`, for a lesson to show.

    Examples
    --------
    >>> curves()
    ('dedup', 'union')
    """
    return _with("curve")


def _with(name: str) -> tuple[str, ...]:
    home = import_module(__package__)
    modules = sorted(module.name for module in iter_modules(home.__path__))
    return tuple(module for module in modules if hasattr(import_module(f".{module}", __package__), name))


def measure(chosen: Sequence[str], *, quick: bool = False) -> Iterator[Figure]:
    """Measure the figures of some subjects, one at a time as the iterator is asked.

    Parameters
    ----------
    chosen : sequence of str
        Some of `subjects()`.
    quick : bool
        Smaller worlds and fewer runs: under a minute for all.
    """
    for subject in chosen:
        yield from import_module(f".{subject}", __package__).figures(quick)


def document(found: Sequence[Figure]) -> dict[str, Any]:
    """Return the JSON document of a run."""
    return {"figures": [asdict(figure) for figure in found], "machine": machine()}


def machine() -> dict[str, Any]:
    """Return what of this machine decides its figures, and nothing that names it."""
    return {
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "system": platform.system(),
        "kernel": platform.release().partition("-")[0],  # What follows often names the maker of the machine.
        "architecture": platform.machine(),
        "cpus": os.cpu_count(),
        "cpu": _cpu(),
        "memory_MB": _memory(),
        "accelerators": [name for name in ("isal", "numpy", "pyfastcdc") if find_spec(name) is not None],
    }


def _cpu() -> str | None:
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as lines:
            named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
            return next(named, None)
    except OSError:
        return platform.processor() or None


def _memory() -> int | None:
    if sys.platform == "win32" or "SC_PHYS_PAGES" not in os.sysconf_names:
        return None
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 10**6


def failed(found: Sequence[Figure]) -> list[Figure]:
    """Return the figures whose bar was not reached."""
    return [figure for figure in found if figure.met is False]


HEAD = ("figure", "ours", "peer", "ratio", "to reach", "met")


def rows(found: Sequence[Figure]) -> list[tuple[str, ...]]:
    """Return the table's rows, below `HEAD`.

    Examples
    --------
    >>> rows([Figure("get", 0.9, 0.5, "dict.get", "us", 1.8, "at most 2x", True)])
    [('get', '0.9 us', 'dict.get: 0.5 us', '1.8x', 'at most 2x', 'yes')]
    """
    return [
        (
            figure.name, _value(figure.ours, figure.unit), _peer(figure),
            "-" if figure.ratio is None else f"{figure.ratio:.3g}x", figure.to_reach or "-", _met(figure),
        )
        for figure in found
    ]


def _value(value: float | None, unit: str) -> str:
    return "-" if value is None else f"{value:.3g} {unit}" if value < 1000 else f"{value:,.0f} {unit}"


def _peer(figure: Figure) -> str:
    if figure.peer_name is None:
        return "-"
    return f"{figure.peer_name}: {'absent' if figure.peer is None else _value(figure.peer, figure.unit)}"


def _met(figure: Figure) -> str:
    if figure.skipped is not None:
        return f"skipped: {figure.skipped}"
    return "-" if figure.met is None else "yes" if figure.met else "NO"


Report = Callable[[int, int | None, str], None]
"""Called with (figures done, None, what was just measured)."""


def run(chosen: Sequence[str], *, quick: bool = False, progress: Report | None = None) -> list[Figure]:
    """Measure all figures of some subjects, telling `progress` after each."""
    found: list[Figure] = []
    for figure in measure(chosen, quick=quick):
        found.append(figure)
        if progress is not None:
            progress(len(found), None, f"measured {figure.name}")
    return found


def record(subject: str, *, quick: bool = False, progress: Report | None = None) -> dict[str, Any]:
    """Measure the curve of one of `curves()`; return it as a lesson keeps it: ``machine``, ``unit`` and ``rows``."""
    module, found = import_module(f".{subject}", __package__), list[dict[str, Any]]()
    for row in module.curve(quick):
        found.append(row)
        if progress is not None:
            progress(len(found), None, "measuring")
    return {"machine": machine(), "unit": module.CURVE_UNIT, "rows": found}

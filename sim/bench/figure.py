"""One figure of the benchmark: what we took, what the peer took, and what was to be reached.

    name                              ours     peer   ratio   to reach
    open and index ubuntu             0.31 s   0.75 s  0.41   at most 0.5x tar        against a peer
    import sim                        41 ms     -       -     at most 100 ms          an absolute bar

A figure whose peer is named but absent is not judged: `peer`, `ratio` and `met` are None, `skipped` says why.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured figure.

    Attributes
    ----------
    name : str
        What was measured, with the sizes that matter.
    ours : float or None
        Our value in `unit`; None where it could not be measured (`skipped` says why).
    peer : float or None
        The peer's value in the same unit and run.
    peer_name : str or None
        Who the peer is, such as ``dict.get``; None for a figure with an absolute bar.
    unit : str
        ``s``, ``ms``, ``us``, ``MB``, ``1/s`` ...
    ratio : float or None
        ``ours / peer``.
    to_reach : str
        The bar in words, such as ``at most 2x``.
    met : bool or None
        Whether the bar was reached; None where there was nothing to judge.
    skipped : str or None
        Why it was not measured or judged.
    """

    name: str
    ours: float | None
    peer: float | None = None
    peer_name: str | None = None
    unit: str = "s"
    ratio: float | None = None
    to_reach: str = ""
    met: bool | None = None
    skipped: str | None = None


def against(
    name: str, ours: float, peer: float, peer_name: str, *, unit: str = "s",
    at_most: float | None = None, at_least: float | None = None, to_reach: str | None = None,
) -> Figure:
    """Judge a figure by its ratio to a peer measured in the same run.

    Parameters
    ----------
    at_most, at_least : float, optional
        The bar of ``ours / peer``; give one of them, or neither for a figure that is only reported.
    to_reach : str, optional
        The bar in words, where the plain ones do not fit.

    Examples
    --------
    >>> figure = against("get", 0.9, 0.5, "dict.get", unit="us", at_most=2)
    >>> figure.ratio, figure.to_reach, figure.met
    (1.8, 'at most 2x', True)
    """
    ratio = ours / peer if peer else float("inf")
    words, met = _judge(ratio, at_most, at_least, "x")
    return Figure(name, ours, peer, peer_name, unit, ratio, to_reach or words, met)


def absolute(
    name: str, ours: float, *, unit: str, at_most: float | None = None, at_least: float | None = None,
) -> Figure:
    """Judge a figure by an absolute bar in its own unit; with neither bar it is only reported.

    Examples
    --------
    >>> absolute("import sim", 120.0, unit="ms", at_most=100).met
    False
    """
    words, met = _judge(ours, at_most, at_least, f" {unit}")
    return Figure(name, ours, unit=unit, to_reach=words, met=met)


def skipped(
    name: str, why: str, *, peer_name: str | None = None, ours: float | None = None, unit: str = "s",
    to_reach: str = "",
) -> Figure:
    """Report a figure that cannot be judged here, and why; with our own value where it was measured."""
    return Figure(name, ours, None, peer_name, unit, to_reach=to_reach, skipped=why)


def _judge(value: float, at_most: float | None, at_least: float | None, unit: str) -> tuple[str, bool | None]:
    if at_most is not None:
        return f"at most {at_most:g}{unit}", value <= at_most
    if at_least is not None:
        return f"at least {at_least:g}{unit}", value >= at_least
    return "reported", None


def interleaved(runs: int, *bodies: Callable[[], object]) -> tuple[float, ...]:
    """Time bodies in turn, `runs` times over, and return each one's median in seconds.

    Taking turns spreads what else the machine does over all of them. Each body runs once before, unmeasured.

    Examples
    --------
    >>> ours, peer = interleaved(3, lambda: sum(range(10)), lambda: None)
    >>> ours >= 0 and peer >= 0
    True
    """
    samples: list[list[float]] = [[] for _ in bodies]
    for body in bodies:
        body()
    for _ in range(runs):
        for body, taken in zip(bodies, samples, strict=True):
            start = perf_counter()
            body()
            taken.append(perf_counter() - start)
    return tuple(median(taken) for taken in samples)


def is_root() -> bool:
    """Whether peers that need root, such as a kernel mount, can be asked (never on a system without root)."""
    return hasattr(os, "geteuid") and os.geteuid() == 0

"""One figure that others published or measured, beside what is found here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """What was expected and what was found.

    Attributes
    ----------
    name : str
        What is counted, over which population.
    expected : float
    got : float
    low, high : float
        The range in which `got` agrees with what was published.
    unit : str
    source : str
        Where `expected` was published, and how far it was recomputed.
    """

    name: str
    expected: float
    got: float
    low: float
    high: float
    unit: str = ""
    source: str = ""

    @property
    def met(self) -> bool:
        """Whether it agrees."""
        return self.low <= self.got <= self.high


def within(name: str, expected: float, got: float, by: float, *, unit: str = "", source: str = "") -> Check:
    """Return a check that agrees within `by`, in the unit of the figure.

    Examples
    --------
    >>> within("layers of an image, median", 6, 7, 1).met
    True
    """
    return Check(name, expected, got, expected - by, expected + by, unit, source)


def times(name: str, expected: float, got: float, by: float, *, unit: str = "x", source: str = "") -> Check:
    """Return a check that agrees within a factor of `by`.

    Examples
    --------
    >>> times("lazy pull", 5, 3.4, 1.5).met, times("lazy pull", 5, 3.3, 1.5).met
    (True, False)
    """
    return Check(name, expected, got, expected / by, expected * by, unit, source)


Study = Callable[[], list[Check]]

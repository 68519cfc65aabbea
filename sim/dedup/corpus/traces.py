"""Requests made up: a trace in which few objects get most requests, and what was asked for lately is asked for again.

    popular    one of a few hundred objects that everybody pulls all the time, the layers of common bases: by rank
    new        nobody has asked for the object before
    lately     what was asked for some requests ago, the longer ago the less likely: the machines of one deployment

The shares are fitted to the blobs of IBM's registry in 2017 (Anwar et al., FAST '18), where 31.4 % of 259,274 requests
were the first for their object. A fitted trace shows how caches work; what caches did there, the study of the recorded
trace shows.
"""

from __future__ import annotations

from dataclasses import dataclass

from .draws import Table, draw, mix, pick, table, zipf


@dataclass(frozen=True, slots=True)
class Habit:
    """How requests choose.

    Attributes
    ----------
    popular, new : float
        Shares of the requests; the others repeat a late one.
    objects : int
        How many popular objects there are.
    exponent : float
        How fast their popularity falls with the rank.
    window : int
        How many requests ago the longest repetition is.
    """

    popular: float = 0.24
    new: float = 0.31
    objects: int = 1200
    exponent: float = 0.6
    window: int = 250_000


BLOBS_2017 = Habit()


def trace(requests: int, seed: int = 1, habit: Habit = BLOBS_2017) -> tuple[int, ...]:
    """Return requests, each the number of an object; the popular ones have the lowest numbers.

    Examples
    --------
    >>> found = trace(1000)
    >>> found == trace(1000), 500 < len(set(found)) < 700
    (True, True)
    """
    key = mix(seed)
    popular, new = int(habit.popular * 2**32), int((habit.popular + habit.new) * 2**32)
    ranks = zipf(habit.objects, habit.exponent)
    ages = _ages(habit.window)
    found: list[int] = []
    objects = habit.objects
    for place in range(requests):
        kind, bits = draw(key, 2 * place) >> 32, draw(key, 2 * place + 1)
        if kind < popular:
            found.append(pick(ranks, bits))
        elif kind < new or not found:
            found.append(objects)
            objects += 1
        else:
            found.append(found[-min(place, pick(ages, bits))])
    return tuple(found)


def _ages(window: int) -> Table:
    """Return how many requests ago one is repeated: each tenfold of time with the same weight."""
    return table(lambda share: 1 + window**share, window)

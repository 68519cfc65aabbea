"""Figures of the network model: what computing a fleet costs.

    10,000 containers on 1,000 hosts, in 10 waves of 100: eager, lazy, and from one another; together under 10 s
"""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter

from ..registry.network.fleet import Fleet, bring_up, bring_up_by_peers
from ..registry.network.parties import Blob
from ..registry.network.strategies import Strategy, Work
from .figure import Figure, absolute

IMAGE = [Blob(f"layer {number}", size * 10**6, int(size * 2.6e6)) for number, size in enumerate((50, 30, 25, 8, 4), 1)]


def figures(quick: bool) -> Iterator[Figure]:
    """Measure, one figure at a time; `quick` changes nothing, for it is quick."""
    fleet, work = Fleet(), Work()
    began = perf_counter()
    for strategy in (Strategy.EAGER, Strategy.LAZY):
        bring_up(fleet, strategy, IMAGE, work)
    bring_up_by_peers(fleet, IMAGE, work)
    took = perf_counter() - began
    name = f"{fleet.containers:,} containers on {fleet.hosts:,} hosts, eager, lazy and by peers"
    yield absolute(name, took, unit="s", at_most=10)

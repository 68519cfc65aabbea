"""Studies: tables that others published, found again with what is here.

    row    what                                              from
    1-4    the pull in a container's start, lazy pulls       the network model
    15     downloads, extraction                             the network model

A study returns checks: expected, got, and the range in which the two agree. What a row's figures were counted over is
in its checks' names: all of a hub, its official images, or what was requested of one registry.
"""

from __future__ import annotations

from ...errors import BadInput
from . import transfers
from .check import Check, Study

STUDIES: dict[int, Study] = {
    1: transfers.pull_share,
    2: transfers.read_share,
    3: transfers.speed_up,
    4: transfers.density,
    15: transfers.pipeline,
}


def study(row: int) -> list[Check]:
    """Do a row's study.

    Raises
    ------
    BadInput
        There is no such row.
    """
    if row not in STUDIES:
        raise BadInput(f"there is no study {row}", hint=f"choose of {', '.join(map(str, sorted(STUDIES)))}")
    return STUDIES[row]()

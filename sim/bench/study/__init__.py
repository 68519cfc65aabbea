"""Studies: tables that others published, found again with what is here.

    row    what                                              from
    1-4    the pull in a container's start, lazy pulls       the network model
    5-8    sizes, counts and sharing of layers               recorded images, a synthetic population
    9, 10  sharing of files, against other units             synthetic populations
    11-13  what registries are asked for, caches             recorded requests
    14     chunks by content, against blocks                 the chunkers
    15     downloads, extraction                             the network model

A study returns checks: expected, got, and the range in which the two agree. What a row's figures were counted over is
in its checks' names: all of a hub, its official images, or what was requested of one registry.
"""

from __future__ import annotations

from ...errors import BadInput
from . import chunks, files, layers, traces, transfers
from .check import Check, Study
from .sources import Recount, Sources

STUDIES: dict[int, Study] = {
    1: transfers.pull_share,
    2: transfers.read_share,
    3: transfers.speed_up,
    4: transfers.density,
    15: transfers.pipeline,
}
"""Of models alone."""
RECOUNTS: dict[int, Recount] = {
    5: layers.sizes,
    6: layers.depths,
    7: layers.compression,
    8: layers.sharing,
    9: files.growth,
    10: files.units,
    11: traces.sent,
    12: traces.blobs,
    13: traces.manifests,
    14: chunks.cutting,
}
"""Of collections and requests."""
ROWS = tuple(sorted(STUDIES | RECOUNTS))


def study(row: int, sources: Sources | None = None) -> list[Check]:
    """Do a row's study.

    Parameters
    ----------
    row : int
        One of `ROWS`.
    sources : Sources, optional
        Where recorded data and a cluster are, for the rows that use them.

    Raises
    ------
    BadInput
        There is no such row, or no such data.
    """
    if row in STUDIES:
        return STUDIES[row]()
    if row in RECOUNTS:
        return RECOUNTS[row](sources or Sources())
    raise BadInput(f"there is no study {row}", hint=f"choose of {', '.join(map(str, ROWS))}")

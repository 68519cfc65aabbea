"""Many images: how sharing grows with a collection, what a cache in front of it saves, and collections made up.

    growth.py       the same bytes kept once, image after image: the curve, and its mean over many orders
    replay.py       requests in their order against a cache: LRU, FIFO, LFU, and the best that is possible
    fingerprint.py  what is kept of an image when its bytes are gone
    index.py        fingerprints of many images in one file
    counts.py       what they share, counted as images come
    names.py        a set of names in a database
    draws.py        numbers that look drawn by lot, the same on every machine
    population.py   the published shapes of collections
    synthetic.py    images of such a collection without bytes: layers and runs of files
    vector.py       the same by numpy, for a hundred million files
    cluster.py      on threads, or on a Dask cluster by address
    expected.py     what as many layers as a whole hub has are expected to share
    traces.py       requests with the published popularity

`census` and `layer_share` count a population by numpy where that is installed and pays, else the plain way: slower,
with the same result.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib.util import find_spec

from ...image.outer import Progress
from ..sharing import Share
from . import synthetic
from .cluster import Spread, on_threads
from .population import Population
from .synthetic import Census

__all__ = ["Census", "census", "layer_share"]

FEW = 150
"""Images that are counted the plain way in less time than numpy needs for a table of all packages."""


def census(
    population: Population, images: int, at: Iterable[int] | None = None, spread: Spread = on_threads,
    progress: Progress | None = None,
) -> tuple[Census, ...]:
    """Return what the first images of a population share as one after the other is added.

    Parameters
    ----------
    population : Population
    images : int
        How many.
    at : iterable of int, optional
        Numbers of images to stop at, at most `images`; that number alone by default.
    spread : callable
        Where numpy's blocks of layers are made (cluster.py); the plain way works on one thread.
    progress : callable, optional
        Told how many images are done, of how many, and what is done.

    Examples
    --------
    >>> from sim.dedup.corpus.population import HUB_2017
    >>> few, many = census(HUB_2017, 40, at=(10, 40))
    >>> 1 < few.files.ratio < many.files.ratio
    True
    """
    if images < FEW or find_spec("numpy") is None:
        return synthetic.census(population, images, at, progress)
    from . import vector

    return vector.census(population, images, at, spread, progress)


def layer_share(population: Population, images: int, progress: Progress | None = None) -> Share:
    """Return what the layers of the first images share, compressed: `Census.layers` without making files.

    The plain way tells of its progress as `census` does; numpy's takes seconds for a whole hub, in one piece.
    """
    if images < FEW or find_spec("numpy") is None:
        return synthetic.layer_share(population, images, progress)
    from . import vector

    return vector.layer_share(population, images)

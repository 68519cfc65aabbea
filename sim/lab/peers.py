"""Hosts that hand an image's pieces on, drawn beside the same hosts when each asks the registry.

    1 host     [=====] 2.0 s            the tree: the registry feeds one host, each host two below it
    2 hosts    [======] 2.6 s
    4 hosts    [======-] 2.8 s
    by itself  [===========] 4.9 s      the registry feeds all
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..content.sizes import human_size
from ..registry.network.fleet import Arrival, Fleet, bring_up, bring_up_by_peers
from ..registry.network.parties import Blob
from ..registry.network.strategies import Strategy, Work
from .plates import MARGIN, answer, heading
from .startups import axis, seconds
from .svg import Drawing, Picture, Table, picture
from .text import sentences, t

HOSTS = 31
"""5 depths, each host with 2 below it."""


@dataclass(frozen=True, slots=True)
class Tree:
    """A tree of hosts that hand pieces on, and the same hosts when each asks the registry.

    Attributes
    ----------
    arrivals : tuple of Arrival
        By depth, the host nearest to the registry first.
    from_registry : float
        Bytes that the registry sends.
    alone_ms, alone_bytes : float
        Until the last serves, and what the registry sends, when each asks it.
    """

    arrivals: tuple[Arrival, ...]
    from_registry: float
    alone_ms: float
    alone_bytes: float


def handed_on(mbit_s: float, delay_ms: float, layers: Sequence[Blob]) -> Tree:
    """Simulate `HOSTS` hosts, one container each; every host and the registry are connected by `mbit_s`."""
    fleet = Fleet(HOSTS, HOSTS, mbit_s, mbit_s, delay_ms, waves=1)
    tree, alone = bring_up_by_peers(fleet, layers, Work()), bring_up(fleet, Strategy.LAZY, layers, Work())
    return Tree(tree.arrivals, tree.from_registry, alone.ready_ms, alone.from_registry)


def peers_picture(tree: Tree, k: int, *, lang: str = "en", projector: bool = False) -> Picture:
    """Draw when the hosts of a tree serve, down to depth `k`."""
    title, n = t("peers.title", lang, n=HOSTS), len(tree.arrivals)
    last = max(arrival.ready_ms for arrival in tree.arrivals)
    words = t("peers.words", lang, tree=seconds(last, 1), sent=human_size(int(tree.from_registry)),
              alone=seconds(tree.alone_ms, 1), alone_sent=human_size(int(tree.alone_bytes)))
    rows = [(t("peers.depth", lang, n=arrival.hosts), arrival.ready_ms) for arrival in tree.arrivals]
    rows.append((t("peers.alone", lang), tree.alone_ms))

    def draw(drawing: Drawing) -> None:
        y = heading(drawing, title, t("peers.how", lang)) + 12
        left, whole = MARGIN + 130, max(last, tree.alone_ms)
        width = drawing.width - left - 86
        axis(drawing, left, y, width, whole, y + 14 + 42 * len(rows))
        y += 18
        for number, (name, ready) in enumerate(rows):
            drawing.text(MARGIN, y + 21, name, "muted" if number < n else "ink")
            if number < k or number == n and k == n:
                word = seconds(ready, 1)
                drawing.rect(left, y, width * ready / whole, 32, "stage" if number < n else "blank", word=word)
                drawing.text(left + width * ready / whole + 8, y + 21, word)
            y += 42
        answer(drawing, y - 12, words)

    head = tuple(t(f"column.{name}", lang) for name in ("who", "takes"))
    table = Table(title, head, tuple((name, seconds(ready, 2)) for name, ready in rows))
    return picture(draw, alt=sentences(lang, title, words), table=table, summary=t("as_table", lang),
                   projector=projector)  # fmt: skip

"""Where things of a host stand: images and containers as columns, a layer as wide as all that stands on it.

                      [ u:1  ]
    [ubuntu] [ box ]  [ 0341 ]      columns: what stands on the layers
                      [ (2)  ]      a run of layers that nothing branches from is one slab
    [ (1)                    ]      the base, lowest; it is drawn once, however many share it

A host is a grove of such trees, in rows of as many columns as there is room for. Places only; nothing is drawn here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..image.ids import ChainID
from .worldthings import Card, HostFacts, Slab

MOST_TREES = 6


@dataclass(frozen=True, slots=True)
class Node:
    """A run of layers, base first, with what stands on its top; without layers, what stands on nothing."""

    run: tuple[Slab, ...]
    cards: tuple[Card, ...]
    above: tuple[Node, ...]

    @property
    def columns(self) -> int:
        """How many columns stand on it."""
        return max(1, len(self.cards) + sum(node.columns for node in self.above))


def grove(host: HostFacts, columns: int) -> tuple[list[list[Node]], int]:
    """Return a host's trees in rows of at most `columns` columns, and how many cards found no room.

    What changed is kept first, then what came last.
    """
    trees: dict[object, list[Card]] = {}
    for card in host.cards:
        trees.setdefault(card.stack[0] if card.stack else card.id, []).append(card)
    chosen = [_first(cards, columns) for cards in trees.values()]
    weights = {id(cards): (any(one.touched for one in cards), n) for n, cards in enumerate(chosen)}
    best = sorted(chosen, key=lambda cards: weights[id(cards)], reverse=True)[:MOST_TREES]
    kept = [cards for cards in chosen if any(cards is one for one in best)]
    left_out = len(host.cards) - sum(map(len, kept))
    return _rows([_tree(cards, host.slabs) for cards in kept], columns), left_out


def _first(cards: Sequence[Card], most: int) -> list[Card]:
    ranked = sorted(enumerate(cards), key=lambda one: (one[1].touched, one[0]), reverse=True)[:most]
    return [card for _, card in sorted(ranked, key=lambda one: one[0])]


def _rows(trees: Iterable[Node], columns: int) -> list[list[Node]]:
    rows: list[list[Node]] = []
    for tree in trees:
        if rows and sum(one.columns for one in rows[-1]) + tree.columns <= columns:
            rows[-1].append(tree)
        else:
            rows.append([tree])
    return rows


def _tree(cards: Sequence[Card], slabs: Mapping[ChainID, Slab]) -> Node:
    above: dict[ChainID, list[ChainID]] = {}
    standing: dict[ChainID, list[Card]] = {}
    for card in cards:
        for lower, upper in zip(card.stack, card.stack[1:], strict=False):
            if upper not in above.setdefault(lower, []):
                above[lower].append(upper)
        if card.stack:
            standing.setdefault(card.stack[-1], []).append(card)
    if not standing:
        return Node((), tuple(cards), ())
    return _node(cards[0].stack[0], above, standing, slabs)


def _node(
    chain: ChainID, above: Mapping[ChainID, list[ChainID]], standing: Mapping[ChainID, list[Card]],
    slabs: Mapping[ChainID, Slab],
) -> Node:
    run = [slabs[chain]]
    while chain not in standing and len(up := above.get(chain, [])) == 1 and slabs[up[0]].mark is run[-1].mark:
        chain = up[0]
        run.append(slabs[chain])
    nodes = tuple(_node(one, above, standing, slabs) for one in above.get(chain, []))
    return Node(tuple(run), tuple(standing.get(chain, ())), nodes)

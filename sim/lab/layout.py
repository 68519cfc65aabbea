"""A small layered layout: where the boxes of a directed acyclic graph stand so that few lines cross.

    rank 2      a    b            1. a node's rank is one above the highest of what it stands on
                 \\  / \\           2. a line over several ranks gets a bend in each
    rank 1        c   d           3. each rank is sorted by the mean place of its neighbours, up and down in
                   \\ /               turn, and the order with the fewest crossings is kept
    rank 0          e             4. places: as near as possible to the neighbours, never too near each other

After Sugiyama, Tagawa and Toda (1981). Nodes keep the order in which they were added wherever nothing speaks
against it, so that equal graphs give equal pictures.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

Node = Hashable
SWEEPS = 8


@dataclass(frozen=True, slots=True)
class Layout:
    """Places of nodes and lines.

    Attributes
    ----------
    places : mapping of node to (x, rank)
        x in units of one box, from 0.
    lines : tuple of (node, node, ((x, rank), ...))
        From the upper node to the lower one, with the bends between.
    crossings : int
    """

    places: Mapping[Node, tuple[float, int]]
    lines: tuple[tuple[Node, Node, tuple[tuple[float, int], ...]], ...]
    crossings: int

    @property
    def width(self) -> float:
        """Boxes side by side."""
        return 1 + max((x for x, _ in self.places.values()), default=0.0)


def layered(graph: Any) -> Layout:
    """Lay out a networkx DiGraph whose edges go from a node to what it stands on.

    Examples
    --------
    >>> import networkx
    >>> found = layered(networkx.DiGraph([("a", "base"), ("b", "base")]))
    >>> found.places["base"], found.places["a"], found.crossings
    ((0.5, 0), (0.0, 1), 0)
    """
    ranks = _ranks(graph)
    chains = {edge: _chain(edge, ranks) for edge in graph.edges}
    rows: list[list[Node]] = [[] for _ in range(1 + max(ranks.values(), default=0))]
    for node in graph.nodes:
        rows[ranks[node]].append(node)
    for chain in chains.values():
        for bend in chain[1:-1]:
            rows[bend[2]].append(bend)
    links = [pair for chain in chains.values() for pair in pairwise(chain)]
    rows = _ordered(rows, links)
    where = _placed(rows, links)
    rank_of = {node: rank for rank, row in enumerate(rows) for node in row}
    lines = tuple(
        (upper, lower, tuple((where[node], rank_of[node]) for node in chain))
        for (upper, lower), chain in chains.items()
    )
    return Layout({node: (where[node], ranks[node]) for node in graph.nodes}, lines, _crossings(rows, links))


def _ranks(graph: Any) -> dict[Node, int]:
    import networkx

    ranks: dict[Node, int] = {}
    for node in reversed(list(networkx.topological_sort(graph))):
        ranks[node] = 1 + max((ranks[below] for below in graph.successors(node)), default=-1)
    return ranks


def _chain(edge: tuple[Node, Node], ranks: Mapping[Node, int]) -> list[Any]:
    upper, lower = edge
    return [upper, *((upper, lower, rank) for rank in range(ranks[upper] - 1, ranks[lower], -1)), lower]


def _ordered(rows: list[list[Node]], links: Sequence[tuple[Node, Node]]) -> list[list[Node]]:
    best, fewest = rows, _crossings(rows, links)
    for sweep in range(SWEEPS):
        rows = [list(row) for row in rows]
        upward = sweep % 2 == 0
        order = range(1, len(rows)) if upward else range(len(rows) - 2, -1, -1)
        for rank in order:
            beside = rows[rank - 1 if upward else rank + 1]
            at = {node: place for place, node in enumerate(beside)}
            mean = {node: _mean(node, at, links, place) for place, node in enumerate(rows[rank])}
            rows[rank].sort(key=mean.__getitem__)
        if (found := _crossings(rows, links)) < fewest:
            best, fewest = rows, found
    return best


def _mean(node: Node, at: Mapping[Node, float], links: Sequence[tuple[Node, Node]], otherwise: float) -> float:
    beside = [at[b] for a, b in links if a == node and b in at] + [at[a] for a, b in links if b == node and a in at]
    return sum(beside) / len(beside) if beside else otherwise


def _crossings(rows: Sequence[Sequence[Node]], links: Sequence[tuple[Node, Node]]) -> int:
    at = {node: place for row in rows for place, node in enumerate(row)}
    rank = {node: number for number, row in enumerate(rows) for node in row}
    return sum(
        1
        for n, (a, b) in enumerate(links) for c, d in links[n + 1 :]
        if rank[a] == rank[c] and (at[a] - at[c]) * (at[b] - at[d]) < 0
    )


def _placed(rows: Sequence[Sequence[Node]], links: Sequence[tuple[Node, Node]]) -> dict[Node, float]:
    """Return x for each node: the widest row stands evenly, the others above and below follow it."""
    where: dict[Node, float] = {node: float(place) for row in rows for place, node in enumerate(row)}
    widest = max(range(len(rows)), key=lambda rank: len(rows[rank]), default=0)
    for rank in [*range(widest - 1, -1, -1), *range(widest + 1, len(rows))]:
        beside = rows[rank + 1 if rank < widest else rank - 1]
        at = {node: where[node] for node in beside}
        _spread(rows[rank], [_mean(node, at, links, where[node]) for node in rows[rank]], where)
    low = min(where.values(), default=0.0)
    return {node: x - low for node, x in where.items()}


def _spread(row: Sequence[Node], wanted: Sequence[float], where: dict[Node, float]) -> None:
    """Put the nodes of a row at the wanted places, at least one apart, the shifts shared evenly."""
    groups: list[list[float]] = []  # [sum of wanted first places, number of nodes] of runs that touch
    for place in wanted:
        groups.append([place, 1])
        while len(groups) > 1 and _start(groups[-2]) + groups[-2][1] > _start(groups[-1]):
            total, count = groups.pop()
            # Each later node stands one further for every node before it.
            groups[-1] = [groups[-1][0] + total - count * groups[-1][1], groups[-1][1] + count]
    nodes = iter(row)
    for group in groups:
        for n in range(int(group[1])):
            where[next(nodes)] = _start(group) + n


def _start(group: Sequence[float]) -> float:
    return group[0] / group[1]

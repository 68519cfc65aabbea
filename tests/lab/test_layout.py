"""The layered layout: ranks, no needless crossings, room between boxes."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.lab.layout import layered

networkx = pytest.importorskip("networkx")


def graph(*edges: tuple[str, str]) -> object:
    return networkx.DiGraph(edges)


def test_a_tree_has_no_crossing_even_when_its_edges_come_mixed_up() -> None:
    found = layered(graph(("a", "p"), ("c", "q"), ("b", "p"), ("d", "q"), ("q", "root"), ("p", "root")))
    assert found.crossings == 0
    assert {node: rank for node, (_, rank) in found.places.items()} == {
        "root": 0, "p": 1, "q": 1, "a": 2, "b": 2, "c": 2, "d": 2,
    }  # fmt: skip


def test_two_bases_that_are_crossed_are_uncrossed() -> None:
    found = layered(graph(("a", "y"), ("b", "x"), ("c", "y"), ("d", "x")))
    assert found.crossings == 0


def test_a_crossing_that_must_be_is_counted() -> None:
    assert layered(graph(*((a, b) for a in "abc" for b in "xyz"))).crossings == 9


def test_a_long_line_bends_in_each_rank() -> None:
    found = layered(graph(("top", "mid"), ("mid", "base"), ("top", "base")))
    bends = {(upper, lower): points for upper, lower, points in found.lines}
    assert [rank for _, rank in bends["top", "base"]] == [2, 1, 0]


def test_nothing_is_laid_out_as_nothing() -> None:
    assert layered(graph()).places == {} and layered(graph()).width == 1


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=30))
def test_boxes_of_a_rank_never_touch_and_lines_go_down(pairs: list[tuple[int, int]]) -> None:
    found = layered(networkx.DiGraph([(max(pair), min(pair)) for pair in pairs if pair[0] != pair[1]]))
    for one, two in combinations(found.places.values(), 2):
        assert one[1] != two[1] or abs(one[0] - two[0]) >= 1 - 1e-9
    for upper, lower, points in found.lines:
        assert found.places[upper][1] > found.places[lower][1]
        assert [points[0], points[-1]] == [found.places[upper], found.places[lower]]
    assert all(x >= 0 for x, _ in found.places.values())

"""Growth and replays against definitions that are slow and plain, and traces made up."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.dedup.corpus.draws import PARTS, below, draw, lognormal, middles, pick, shuffled, zipf
from sim.dedup.corpus.growth import growth, mean_growth
from sim.dedup.corpus.replay import SHARES, Policy, capacities, popularity, replay, replays
from sim.dedup.corpus.traces import trace
from sim.dedup.sharing import share

NAMES = st.lists(st.integers(0, 8), max_size=60)


def lru(names: Sequence[int], room: int) -> int:
    """Hits by the definition: asked for again, with fewer than `room` other names since."""
    hits = 0
    for place, name in enumerate(names):
        before = [at for at in range(place) if names[at] == name]
        hits += bool(before) and len(set(names[before[-1] + 1 : place])) < room
    return hits


def fifo(names: Sequence[int], room: int) -> int:
    queue: list[int] = []
    hits = 0
    for name in names:
        hits += name in queue
        if name not in queue:
            queue = [*queue, name][-room:]
    return hits


def best(names: Sequence[int], room: int) -> int:
    """Hits by trying everything that could be dropped."""

    def after(place: int, held: frozenset[int]) -> int:
        if place == len(names):
            return 0
        name = names[place]
        if name in held:
            return 1 + after(place + 1, held)
        if len(held) < room:
            return after(place + 1, held | {name})
        return max(after(place + 1, held - {one} | {name}) for one in held)

    return after(0, frozenset())


@given(NAMES, st.integers(1, 9))
def test_lru_and_fifo_by_their_definitions(names: list[int], room: int) -> None:
    assert replay(names, room, Policy.LRU).hits == lru(names, room)
    assert replay(names, room, Policy.FIFO).hits == fifo(names, room)


@given(st.lists(st.integers(0, 4), max_size=11), st.integers(1, 3))
def test_nothing_hits_more_than_the_best(names: list[int], room: int) -> None:
    assert replay(names, room, Policy.BEST).hits == best(names, room)


@given(NAMES, st.integers(1, 9))
def test_no_policy_beats_the_best_and_all_are_alike_with_room_for_all(names: list[int], room: int) -> None:
    hits = {policy: replay(names, room, policy).hits for policy in Policy}
    assert max(hits.values()) == hits[Policy.BEST]
    assert {replay(names, 9, policy).hits for policy in Policy} == {len(names) - len(set(names))}


@pytest.mark.parametrize(("names", "hits", "claim"), [
    ("aabca", 2, "the name with one request goes first, so a stays"),
    ("aabbcab", 3, "c drops a, the older one of two with two requests, which then drops c"),
    ("aaabcbcbcc", 3, "b and c drop each other: a's old fame keeps it"),
])  # fmt: skip
def test_lfu(names: str, hits: int, claim: str) -> None:
    assert replay(names, 2, Policy.LFU).hits == hits, claim


def test_a_cache_holds_one_object_at_least() -> None:
    with pytest.raises(ValueError, match="one object at least"):
        replay("abc", 0)
    assert capacities(81_335) == (813, 4066, 8133, 16_267, 81_335)
    assert capacities(3) == (1, 1, 1, 1, 3)
    assert replay("", 1).hit_ratio == 0 and popularity("").top(0.5) == 0


@given(st.lists(st.lists(st.tuples(st.integers(0, 5), st.just(7)), max_size=5), max_size=8))
def test_growth_is_what_each_first_part_shares(images: list[list[tuple[int, int]]]) -> None:
    found = growth(images)
    assert [point.share for point in found] == [
        share(item for image in images[:count] for item in image) for count in range(1, len(images) + 1)
    ]
    assert growth(images, at=(2, 99)) == tuple(point for point in found if point.images == 2)


def test_the_mean_of_all_orders_of_two_images() -> None:
    images = [[("a", 1)], [("a", 1), ("b", 2)]]
    first, last = mean_growth(images, (1, 2), orders=50)
    assert first == 1 and last == pytest.approx(4 / 3)


def test_draws_are_those_of_splitmix64() -> None:
    # The reference implementation's first numbers with the seed 1234567.
    assert [draw(1234567, place) for place in (1, 2, 3)] == [
        6457827717110365317, 3203168211198807973, 9817491932198370423
    ]
    assert shuffled(range(20), 1) != shuffled(range(20), 2) != sorted(shuffled(range(20), 2))


def test_tables_have_the_shapes_that_they_are_named_for() -> None:
    sizes = lognormal(1000, 1, 10**6)
    assert sizes[PARTS // 2] == 1000 and sizes[-1] == 10**6
    assert sizes[int(0.8413 * PARTS)] == pytest.approx(2718, rel=0.01), "one sigma above the median"
    ranks = zipf(1000, 1.5)
    weights = [number**-1.5 for number in range(1, 1001)]
    drawn = [pick(ranks, draw(3, place)) for place in range(20_000)]
    assert sum(rank < 10 for rank in drawn) / 20_000 == pytest.approx(sum(weights[:10]) / sum(weights), abs=0.08)
    assert 0 <= min(drawn) and max(drawn) < 1000
    assert sum(pick(sizes, draw(4, place)) for place in range(20_000)) / 20_000 == pytest.approx(
        sum(middles(sizes)) / PARTS, rel=0.1
    )
    assert {below(draw(5, place), 3) for place in range(100)} == {0, 1, 2}


def test_a_trace_made_up_is_like_the_recorded_one() -> None:
    made = trace(259_274)
    counted = popularity(made)
    assert len(counted.counts) == pytest.approx(81_335, rel=0.02)
    assert counted.top(0.01) == pytest.approx(0.440, abs=0.04) and counted.top(0.1) == pytest.approx(0.624, abs=0.04)
    hits = [one.hit_ratio for one in replays(made, SHARES)]
    assert hits == pytest.approx([0.419, 0.571, 0.624, 0.654, 0.686], abs=0.04)
    assert trace(2000, seed=1)[:1000] == trace(1000, seed=1) != trace(1000, seed=2)

"""The virtual clock, and who gets how much of a link."""

from __future__ import annotations

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.registry.network.events import Process, Simulation, Slots
from sim.registry.network.links import MBIT_S, Flow, Link, Network, fair_rates


def test_events_of_one_instant_happen_in_the_order_in_which_they_were_made() -> None:
    sim, seen = Simulation(), list[str]()

    def says(word: str, ms: float) -> Process:
        yield sim.sleep(ms)
        seen.append(word)

    def both() -> Process:
        yield sim.all(*(sim.start(says(word, 5.0)) for word in "abc"), sim.start(says("first", 4.0)))

    sim.run(both())
    assert seen == ["first", "a", "b", "c"] and sim.now == 5.0


def test_slots_serve_who_came_first() -> None:
    sim, taken = Simulation(), list[tuple[str, float]]()
    slots = Slots(sim, 2)

    def user(name: str) -> Process:
        yield slots.take()
        taken.append((name, sim.now))
        yield sim.sleep(10)
        slots.give()

    def all_of_them() -> Process:
        yield sim.all(*(sim.start(user(name)) for name in "abcde"))

    sim.run(all_of_them())
    assert taken == [("a", 0), ("b", 0), ("c", 10), ("d", 10), ("e", 20)]


def test_a_process_that_waits_for_nothing_that_happens_is_reported() -> None:
    sim = Simulation()
    slots = Slots(sim, 0)

    def waits() -> Process:
        yield slots.take()

    with pytest.raises(RuntimeError, match="nobody"):
        sim.run(waits())


WIDE, NARROW, OTHER = Link("wide", 100), Link("narrow", 10), Link("other", 30)
ALONE = Link("alone", 40, shared=False)


@pytest.mark.parametrize(
    ("claim", "flows", "mbit_s"),
    [
        ("one has all", [((WIDE,), inf, 1)], [100]),
        ("two share alike", [((WIDE,), inf, 1), ((WIDE,), inf, 1)], [50, 50]),
        ("what one cannot use the other gets", [((WIDE, NARROW), inf, 1), ((WIDE,), inf, 1)], [10, 90]),
        ("a cap is as good as a link", [((WIDE,), 20 * MBIT_S, 1), ((WIDE,), inf, 1)], [20, 80]),
        ("three on two links", [((WIDE, OTHER), inf, 1), ((OTHER,), inf, 1), ((WIDE,), inf, 1)], [15, 15, 85]),
        ("a cohort of four counts four times", [((WIDE,), inf, 4), ((WIDE,), inf, 1)], [20, 20]),
        ("what each has for itself is not shared", [((WIDE, ALONE), inf, 2)], [40]),
        ("nothing limits", [((), inf, 1)], [inf]),
    ],
)
def test_fairness(claim: str, flows: list[tuple[tuple[Link, ...], float, int]], mbit_s: list[float]) -> None:
    made = [Flow(1, links, cap, count) for links, cap, count in flows]
    assert [rate / MBIT_S for rate in fair_rates(made).values()] == pytest.approx(mbit_s), claim


LINKS = [Link(f"link {number}", speed) for number, speed in enumerate((1, 10, 25, 100))]


@given(st.lists(st.tuples(st.sets(st.sampled_from(LINKS), min_size=1), st.sampled_from([inf, 0.5, 3.0])), min_size=1))
def test_no_link_carries_more_than_it_can_and_nobody_could_have_more(flows: list[tuple[set[Link], float]]) -> None:
    """Max-min: each flow is at its cap, or on a full link on which nobody has more."""
    made = [Flow(1, tuple(links), cap * MBIT_S, 1) for links, cap in flows]
    rates = fair_rates(made)
    load = {link: sum(rate for flow, rate in rates.items() if link in flow.links) for link in LINKS}
    assert all(load[link] <= link.mbit_s * MBIT_S * (1 + 1e-6) for link in LINKS)
    for flow, rate in rates.items():
        full = [link for link in flow.links if load[link] >= link.mbit_s * MBIT_S * (1 - 1e-6)]
        most = [max(other for one, other in rates.items() if link in one.links) for link in full]
        assert rate == pytest.approx(flow.cap) or any(rate >= high * (1 - 1e-6) for high in most)


@given(st.lists(st.tuples(st.floats(0, 100), st.integers(1, 10**9)), min_size=1, max_size=8))
def test_what_is_sent_arrives_in_full_however_it_is_shared(sends: list[tuple[float, int]]) -> None:
    sim = Simulation()
    network, link = Network(sim), Link("one", 80)

    def sender(begin: float, size: int) -> Process:
        yield sim.sleep(begin)
        yield network.send(size, (link,)).done

    def everybody() -> Process:
        yield sim.all(*(sim.start(sender(*each)) for each in sends))

    sim.run(everybody())
    total = sum(size for _, size in sends)
    assert network.moved == pytest.approx(total)
    # 80 Mbit/s are 10,000 bytes a ms; the link is never idle while something is to be sent.
    assert total / 10_000 - 1e-6 <= sim.now <= total / 10_000 + max(begin for begin, _ in sends) + 1e-6


def test_a_flow_that_is_stopped_tells_what_had_left() -> None:
    sim = Simulation()
    network, link = Network(sim), Link("one", 80)

    def breaks() -> Process:
        flow = network.send(1_000_000, (link,))
        yield sim.sleep(30)
        return network.stop(flow)

    assert sim.run(breaks()) == pytest.approx(300_000)


@pytest.mark.parametrize(
    "wrong", [{"mbit_s": 0}, {"mbit_s": -1}, {"mbit_s": 1, "delay_ms": -1}, {"mbit_s": 1, "loss": 1}]
)
def test_a_link_that_cannot_be_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="no such link"):
        Link("wrong", **wrong)

"""Transfers in time: connections, pulls, pushes, outages, strategies, fleets."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sim.content.compression import Compression
from sim.errors import TransferFailed
from sim.registry.network.events import Process, Simulation
from sim.registry.network.fleet import Fleet, bring_up, bring_up_by_peers
from sim.registry.network.links import Network
from sim.registry.network.parties import LAYERLAB, SKOPEO, Blob, Host, Server
from sim.registry.network.pulls import Outage, pull, push
from sim.registry.network.spans import Doing, Span, Trace
from sim.registry.network.strategies import Snapshotter, Strategy, Work, start
from sim.registry.network.tcp import FIRST_WINDOW, Connection, Route, route

MB = 10**6


def image(*sizes_mb: float) -> list[Blob]:
    """Layers of so many MB, base first, 2.6 times that unpacked."""
    return [Blob(f"layer {n}", int(size * MB), int(2.6 * size * MB)) for n, size in enumerate(sizes_mb, 1)]


def spans(trace: Trace, doing: Doing) -> dict[str, Span]:
    return {span.what: span for span in trace.spans if span.doing is doing}


def sending(way: Route, size: float) -> float:
    sim = Simulation()
    connection = Connection(sim, Network(sim), way)

    def sends() -> Process:
        yield from connection.send(size, way.down)

    sim.run(sends())
    return sim.now


@pytest.mark.parametrize(
    ("claim", "size", "delay_ms", "expected_ms"),
    [
        ("what fits into the first window takes one way", FIRST_WINDOW, 50, 50),
        ("one byte more takes a round trip more", FIRST_WINDOW + 1, 50, 150),
        ("three windows: 1 + 2", 3 * FIRST_WINDOW, 50, 150),
        ("seven windows: 1 + 2 + 4", 7 * FIRST_WINDOW, 50, 250),
        ("without a delay there is no slow start", 100 * MB, 0, 0),
    ],
)
def test_slow_start(claim: str, size: float, delay_ms: float, expected_ms: float) -> None:
    assert sending(route(1e9, delay_ms), size) == pytest.approx(expected_ms, abs=0.1), claim


def test_a_long_transfer_is_as_fast_as_its_link() -> None:
    assert sending(route(100, 5), 100 * MB) == pytest.approx(8000, rel=0.02)


@pytest.mark.parametrize(
    ("claim", "before", "opened"),
    [
        ("small requests leave the window as it is", [500] * 20, 1.0),
        ("what was on the way comes back doubled", [FIRST_WINDOW * 3 // 4], 1.5),
        ("a full window doubles", [FIRST_WINDOW], 2.0),
    ],
)
def test_a_window_opens_by_use(claim: str, before: list[float], opened: float) -> None:
    sim, way = Simulation(), route(1e9, 50)
    connection = Connection(sim, Network(sim), way)

    def sends() -> Process:
        for size in before:
            yield from connection.send(size, way.up)
        began = sim.now
        yield from connection.send(FIRST_WINDOW * opened, way.up)
        assert sim.now - began == pytest.approx(50, abs=0.1), claim
        began = sim.now
        yield from connection.send(FIRST_WINDOW * opened * 2 + 1, way.up)
        assert sim.now - began == pytest.approx(150, abs=0.1), claim

    sim.run(sends())


@pytest.mark.parametrize("act", [pull, push])
def test_a_registry_without_tls_costs_two_round_trips_more(act: Callable[..., Trace]) -> None:
    secure, insecure = (
        act(image(1), route(100, 40), server=Server(insecure=insecure)) for insecure in (False, True)
    )
    assert insecure.total_ms - secure.total_ms == pytest.approx(160, abs=2)
    assert insecure.spans[0].words == "https: the registry answers in http"


def test_a_window_limits_a_long_fat_wire() -> None:
    assert sending(route(10_000, 50, window=MB), 100 * MB) == pytest.approx(100 * 100, rel=0.1)


def test_losses_limit_by_the_square_root() -> None:
    few, many = (sending(route(10_000, 50, loss=loss), 10 * MB) for loss in (0.0001, 0.01))
    assert many / few == pytest.approx(10, rel=0.1)


def test_a_pull_has_three_slots_and_unpacks_base_to_top() -> None:
    """papers.md, row 15: the schedule."""
    trace = pull(image(30, 5, 12, 0.1, 40), route(100, 10))
    downloads, extracts = spans(trace, Doing.DOWNLOAD), spans(trace, Doing.EXTRACT)
    layers = [f"layer {n}" for n in range(1, 6)]
    edges = sorted({at for span in downloads.values() for at in (span.start_ms, span.end_ms)})
    for at in ((a + b) / 2 for a, b in zip(edges, edges[1:], strict=False)):
        assert sum(downloads[layer].start_ms < at < downloads[layer].end_ms for layer in layers) <= 3
    begins = [downloads[layer].start_ms for layer in layers]
    assert begins == sorted(begins)
    for below, above in zip(layers, layers[1:], strict=False):
        assert extracts[above].start_ms == max(extracts[below].end_ms, downloads[above].end_ms)


def test_a_layer_that_is_here_is_not_fetched_and_one_named_twice_is_fetched_once() -> None:
    layers = image(10, 20, 5)
    again = pull([*layers, layers[2]], route(100, 10), have={"layer 1"})
    assert set(spans(again, Doing.DOWNLOAD)) == {"config", "layer 2", "layer 3"}
    assert again.moved == pytest.approx(25 * MB, rel=0.01)


def test_a_warm_pull_asks_for_the_manifest_and_nothing_else() -> None:
    trace = pull([], route(100, 10))
    assert trace.total_ms < 200 and trace.moved < 20_000


def test_extraction_decides_on_a_fast_link() -> None:
    """papers.md, row 15: at 1 Gb/s extraction is at least 65 to 70 % of the time."""
    layers, way = image(300, 500, 400, 300), route(1500, 0.2)
    trace, parallel = pull(layers, way), pull(layers, way, host=Host(unpackers=4))
    assert trace.busy_ms(Doing.EXTRACT) / trace.total_ms >= 0.65
    assert 1.8 <= trace.total_ms / parallel.total_ms <= 3.6


def test_zstd_unpacks_faster_than_gzip() -> None:
    gzip, zstd = ([Blob("a", 50 * MB, 130 * MB, kind)] for kind in (Compression.GZIP, Compression.ZSTD))
    assert pull(zstd, route(1000, 1)).total_ms < pull(gzip, route(1000, 1)).total_ms


def test_a_client_that_only_stores_does_not_unpack() -> None:
    trace = pull(image(10), route(1000, 1), program=SKOPEO)
    assert not spans(trace, Doing.EXTRACT)


def test_a_push_sends_what_is_not_there_and_asks_for_the_rest() -> None:
    layers = image(10, 20, 30)
    trace = push(layers, route(100, 10), there={"layer 1"}, mounts={"layer 2"})
    assert set(spans(trace, Doing.UPLOAD)) == {"layer 3", "config", "manifest"}
    assert trace.moved == pytest.approx(30 * MB, rel=0.01)
    last = max(trace.spans, key=lambda span: span.end_ms)
    assert last.what == "manifest"


def test_a_push_that_compresses_is_as_fast_as_its_cores() -> None:
    slow = push(image(100), route(10_000, 0.1), host=Host(gzip_mb_s=19))
    assert slow.total_ms == pytest.approx(260 / 19 * 1000, rel=0.02)


def test_an_outage_costs_a_wait_and_only_the_rest_is_fetched_again() -> None:
    layers, way = image(50), route(100, 10)
    whole, broken = pull(layers, way), pull(layers, way, outages=[Outage(2000, 3000)])
    wait = spans(broken, Doing.BACK_OFF)["layer 1"]
    assert wait.duration_ms == 5000 and wait.words == "Retrying in 5 seconds"
    assert broken.total_ms == pytest.approx(whole.total_ms + 5000, rel=0.02)
    assert broken.moved == pytest.approx(whole.moved, rel=0.01)


def test_a_registry_that_stays_away_is_given_up_after_six_tries() -> None:
    with pytest.raises(TransferFailed, match="6th time"):
        pull(image(50), route(100, 10), outages=[Outage(2000, 10**9)])


def test_limits_of_a_registry() -> None:
    layers, way = image(10, 10, 10), route(1000, 1)
    free = pull(layers, way, program=LAYERLAB).total_ms
    assert pull(layers, way, program=LAYERLAB, server=Server(per_connection_mbit_s=80)).total_ms > 1000 > free
    one_by_one = pull(layers, way, program=LAYERLAB, server=Server(at_once=1))
    assert one_by_one.round_trips < pull(layers, way, program=LAYERLAB).round_trips


def test_lazy_wins_where_little_is_read_and_loses_where_all_is() -> None:
    layers, way = image(50, 30, 25, 8, 4), route(1000, 0.2)

    def total(strategy: Strategy, share: float) -> float:
        return start(strategy, layers, way, Work(share=share)).total_ms

    assert total(Strategy.LAZY, 0.064) < total(Strategy.EAGER, 0.064) / 2
    assert total(Strategy.LAZY, 1.0) > 1.3 * total(Strategy.EAGER, 1.0)
    assert total(Strategy.PREFETCH, 0.3) < total(Strategy.LAZY, 0.3)


def test_a_long_way_makes_each_miss_dear() -> None:
    layers, work = image(100), Work(share=0.1)
    near, far = (start(Strategy.LAZY, layers, route(1000, delay), work).total_ms for delay in (0.2, 50))
    misses = 10 * MB / Snapshotter().chunk
    assert far - near == pytest.approx(misses * 100, rel=0.4)


def test_a_fleet_shares_the_registry_and_peers_do_not_need_it() -> None:
    layers, fleet = image(50, 30, 20), Fleet(hosts=100, containers=100, registry_mbit_s=1000)
    eager = bring_up(fleet, Strategy.EAGER, layers, Work())
    assert eager.from_registry == pytest.approx(100 * 100 * MB, rel=0.01)
    # 10 GB over 1 Gbit/s.
    assert eager.ready_ms > 80_000
    peers = bring_up_by_peers(fleet, layers, Work())
    assert peers.from_registry == pytest.approx(6.4 * MB, rel=0.02)
    assert peers.ready_ms < eager.ready_ms / 10


def test_a_cohort_is_as_its_members_one_by_one() -> None:
    """Fifty hosts computed once, or each for itself, begin and end alike."""
    layers = image(20, 10)
    one_by_one = Fleet(hosts=12, containers=12, waves=12, spread_ms=0, registry_mbit_s=500)
    together = Fleet(hosts=12, containers=12, waves=1, spread_ms=0, registry_mbit_s=500)
    many, one = (bring_up(fleet, Strategy.EAGER, layers, Work()) for fleet in (one_by_one, together))
    assert many.ready_ms == pytest.approx(one.ready_ms) and many.from_registry == pytest.approx(one.from_registry)


def test_two_runs_are_equal() -> None:
    way = route(100, 10, loss=0.001)
    assert pull(image(5, 10, 3), way) == pull(image(5, 10, 3), way)


def test_a_sketch_names_each_thing_once() -> None:
    named = [line.split("|")[0].strip() for line in pull(image(30, 5), route(100, 10)).sketch(40).splitlines()]
    assert sorted(named) == ["config", "layer 1", "layer 2", "manifest", "ping"]

"""Synthetic populations: numpy's counts are the plain ones, and what is computed is what is drawn."""

from __future__ import annotations

import sys
from dataclasses import replace
from importlib import import_module
from itertools import pairwise

import pytest

from sim.dedup import corpus
from sim.dedup.corpus import synthetic
from sim.dedup.corpus.expected import expected
from sim.dedup.corpus.growth import growth
from sim.dedup.corpus.population import HUB_2017, OFFICIAL_2023, Population
from sim.dedup.corpus.synthetic import BASES_AT, image, layer, package, places, popularity, runs

SMALL = replace(HUB_2017, packages=1 << 14, seed=7)
each_population = pytest.mark.parametrize(
    "population", [SMALL, replace(OFFICIAL_2023, packages=1 << 15), replace(SMALL, large=1.0, own=0.0, seed=3)],
    ids=["hub", "official", "all large, nothing own"],
)


@each_population
def test_numpy_counts_what_the_plain_way_counts(population: Population) -> None:
    vector = pytest.importorskip("sim.dedup.corpus.vector")
    pytest.importorskip("numpy", reason="numpy is not installed")
    at = (1, 2, 9, 40)
    assert vector.census(population, 40, at) == synthetic.census(population, 40, at)
    assert vector.layer_share(population, 500) == synthetic.layer_share(population, 500)


def test_small_blocks_and_small_slices_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("numpy", reason="numpy is not installed")
    from sim.dedup.corpus import vector

    whole = vector.census(SMALL, 30)
    monkeypatch.setattr(vector, "BLOCK", 7)
    monkeypatch.setattr(vector, "FILES", 1000)
    assert vector.census(SMALL, 30) == whole


@pytest.mark.parametrize("way", ["synthetic", "vector"])
def test_a_census_tells_how_far_it_is_and_ends_when_told_to(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if way == "vector":
        pytest.importorskip("numpy", reason="numpy is not installed")
        monkeypatch.setattr("sim.dedup.corpus.vector.BLOCK", 30)
    module = import_module(f"sim.dedup.corpus.{way}")
    told: list[int] = []

    def note(done: int, total: int, what: str) -> None:
        told.append(done)
        assert (total, what) == (60, "counting files")

    def stop(done: int, total: int, what: str) -> None:
        if done > 0:
            raise KeyboardInterrupt

    assert module.census(SMALL, 60, progress=note) == module.census(SMALL, 60)
    assert len(told) >= 4 and told == sorted(told) and told[-1] in range(40, 61)
    with pytest.raises(KeyboardInterrupt):
        module.census(SMALL, 60, progress=stop)


def test_without_numpy_the_plain_way_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corpus, "find_spec", lambda name: None)
    monkeypatch.setitem(sys.modules, "numpy", None)
    monkeypatch.setattr(corpus, "FEW", 1)
    assert corpus.census(SMALL, 5) == synthetic.census(SMALL, 5)
    assert corpus.layer_share(SMALL, 5) == synthetic.layer_share(SMALL, 5)


def test_all_chances_of_packages_are_one() -> None:
    chances = popularity(HUB_2017)
    assert sum(count * chance for count, chance in chances) == pytest.approx(1)
    assert sum(count for count, _ in chances) == pytest.approx(HUB_2017.packages, rel=0.01)
    assert chances[0][1] == max(chance for _, chance in chances)


def test_a_census_is_the_growth_of_its_items() -> None:
    images = [image(SMALL, number) for number in range(25)]
    (counted,) = synthetic.census(SMALL, 25)
    assert counted.layers == growth([[(one.place, one.size) for one in layers] for layers in images])[-1].share
    distinct = {one.place: one for layers in images for one in layers}.values()
    held = [run for one in distinct for run in runs(SMALL, one)]
    files = [((run.name, number), run.size) for run in held for number in range(run.files)]
    assert counted.files == growth([files])[-1].share


def test_images_are_made_alone_and_share_their_bases() -> None:
    made = [places(SMALL, number) for number in range(300)]
    assert made[17] == places(SMALL, 17)
    bases = [[place for place in one if place >= BASES_AT] for one in made]
    assert all(one[: len(base)] == tuple(base) for one, base in zip(made, bases, strict=True)), "a base is below"
    own = [place for one in made for place in one if place < BASES_AT]
    assert len(own) == len(set(own)) and len({base[0] for base in bases if base}) < 150


def test_versions_of_a_package_share_what_does_not_change() -> None:
    (stays, old), (same, new) = package(SMALL, 5, 0), package(SMALL, 5, 1)
    assert stays == same and old.name != new.name and old.bytes == new.bytes


def test_a_layers_files_come_to_about_its_size() -> None:
    large = [one for one in (layer(HUB_2017, place) for place in range(1500)) if one.large]
    held = sum(run.bytes for one in large for run in runs(HUB_2017, one))
    assert held / sum(one.tar for one in large) == pytest.approx(1, abs=0.25)


def test_what_is_expected_is_what_is_drawn() -> None:
    drawn = corpus.census(SMALL, 400, (50, 400))
    for one in drawn:
        thought = expected(SMALL, one.layers.unique_count)
        assert one.files.ratio == pytest.approx(thought.ratio, rel=0.2)
        assert one.files.unique_count / one.files.total_count == pytest.approx(thought.unique, rel=0.2)


def test_sharing_grows_with_the_collection() -> None:
    ratios = [expected(HUB_2017, 10**power).ratio for power in range(7)]
    assert ratios[0] == pytest.approx(1, abs=0.01) and all(early < late for early, late in pairwise(ratios))

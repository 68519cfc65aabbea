"""Bugs put into the model one at a time: a recorded case must notice each (mutations.json says which)."""

from __future__ import annotations

import json

import pytest

from tests.overlaykit.corpus import load, replay
from tests.union.mutations import MUTATIONS, TABLE, kills, mutated

KILLERS = json.loads(TABLE.read_text(encoding="utf-8"))
RUNS = {run["name"]: run for file in ("cases.json", "random.json") for run in load(file)["runs"]}


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_recorded_case_notices_the_bug(name: str) -> None:
    killer = RUNS[KILLERS[name]]
    with mutated(*MUTATIONS[name]) as mutant:
        assert kills(mutant, killer), f"{killer['name']!r} no longer notices: run python3 -m tests.union.mutations"
    assert not kills(replay, killer)


def test_there_are_enough_bugs_and_each_has_its_killer() -> None:
    assert len(MUTATIONS) >= 25
    assert set(KILLERS) == set(MUTATIONS)

"""The model against recorded answers of a kernel: no root is needed here (tests/peers/record_overlay.py records)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.overlaykit.cases import CASES, OPTION_CASES
from tests.overlaykit.corpus import load, replay

NAMED, RANDOM = load("cases.json"), load("random.json")
RUNS = [*NAMED["runs"], *RANDOM["runs"]]


@pytest.mark.parametrize("run", RUNS, ids=[run["name"] for run in RUNS])
def test_the_model_answers_as_the_kernel_did(run: dict[str, Any]) -> None:
    found = replay(run["stack"], run["steps"], run["options"])
    assert found is None, f"recorded on Linux {NAMED['kernel']}: {found}"


def test_the_recording_holds_every_named_case() -> None:
    named = [name for cases in (CASES, *OPTION_CASES.values()) for name, _, _ in cases]
    assert [run["name"] for run in NAMED["runs"]] == named
    assert sum(len(run["steps"]) for run in RANDOM["runs"]) > 4000

"""Published tables, found again: those that need no data set."""

from __future__ import annotations

import json

import pytest

from sim.bench.study import study
from sim.bench.study.check import times, within
from sim.cli import main
from sim.errors import BadInput


@pytest.mark.parametrize("row", [1, 2, 3, 4, 15])
def test_the_network_model_agrees_with_what_was_published(row: int) -> None:
    assert not [check for check in study(row) if not check.met]


def test_tolerances() -> None:
    assert [within("x", 10, got, 2).met for got in (7.9, 8, 12, 12.1)] == [False, True, True, False]
    assert [times("x", 10, got, 2).met for got in (4.9, 5, 20, 20.1)] == [False, True, True, False]


def test_no_such_row() -> None:
    with pytest.raises(BadInput, match="no study 99.*1, 2, 3"):
        study(99)


def test_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["study", "15", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["row"] == 15 and all(check["met"] for check in found["checks"])
    assert main(["study", "1"]) == 0
    assert "HelloBench" in capsys.readouterr().out

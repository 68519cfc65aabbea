"""The figures of transfers where there is nothing to transfer to or nobody to compare with; no clock decides here."""

from __future__ import annotations

import pytest

from sim.bench import transfer


def test_without_the_registry_every_figure_is_named_and_none_is_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfer, "REGISTRY", "no-such-registry")
    found = list(transfer.figures(quick=True))
    assert len(found) == len({figure.name for figure in found}) == 6
    for figure in found:
        assert figure.met is None and figure.ours is None and figure.skipped == "no-such-registry is not installed"


def test_without_skopeo_ours_is_reported_and_not_judged() -> None:
    found = list(transfer._cold("pull", {"call": [3.0, 1.0, 2.0], "process": [4.0], "peer": []}))
    assert [(figure.ours, figure.peer, figure.met) for figure in found] == [(2.0, None, None), (4.0, None, None)]
    assert {figure.skipped for figure in found} == {"skopeo is not installed"}


def test_the_bars_are_those_of_a_call_and_of_a_process() -> None:
    call, process = transfer._cold("push", {"call": [1.0], "process": [1.9], "peer": [0.9, 1.0, 1.0]})
    assert (call.to_reach, call.met) == ("at most 1x", True) and (process.to_reach, process.met) == ("at most 2x", True)
    assert not next(transfer._cold("push", {"call": [1.1], "process": [1.0], "peer": [1.0]})).met

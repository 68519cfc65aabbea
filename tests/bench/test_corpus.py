"""The benchmark's bodies for collections, on little: they measure what they say."""

from __future__ import annotations

import pytest

from sim.bench import corpus as bench
from sim.bench.study.traces import keys
from sim.errors import BadInput


def test_requests_are_recorded_or_made_up_and_as_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "requests", lambda sources: ["v2", "v2/app/blobs/1"])
    assert bench.recorded_or_made() == ("recorded", ["v2", "v2/app/blobs/1"])

    def absent(sources: object) -> list[str]:
        raise BadInput("not there")

    monkeypatch.setattr(bench, "requests", absent)
    named, uris = bench.recorded_or_made()
    blobs, manifests = keys(uris)
    assert (named, len(uris), len(blobs), len(manifests)) == ("made up", bench.REQUESTS, 259_274, 132_610)


def test_a_replay_is_timed() -> None:
    figure = bench.replay_time("few", ["v2/a/blobs/1", "v2/a/manifests/x", "v2"] * 5, 2)
    assert figure.ours is not None and 0 < figure.ours < 1 and figure.met
    assert figure.name == "replay of 15 few requests, LRU at five sizes"


def test_a_corpus_is_made_in_a_process_of_its_own() -> None:
    pytest.importorskip("numpy", reason="numpy is not installed")
    took, memory = bench.corpus(10)
    assert took.ours and took.unit == "s" and "10 synthetic images" in took.name
    assert memory.ours and 10 < memory.ours < 2000 and memory.met


def test_without_numpy_it_is_skipped_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "find_spec", lambda name: None)
    (figure,) = bench.corpus(10)
    assert figure.met is None and "numpy" in (figure.skipped or "")

"""The figures of the mount: what they do, not how fast this machine is."""

from __future__ import annotations

import random

import pytest

from sim.bench import overlay
from sim.fs.sketch import directory, file, sketch
from sim.union.upperdir import mounted


def test_the_same_seed_chooses_the_same_operations() -> None:
    start = mounted([sketch(file("/a/b", b"x"), directory("/c"))])
    first = overlay.chosen(random.Random(1), start, 500)
    assert first == overlay.chosen(random.Random(1), start, 500)
    calls, succeed = first
    assert len(calls) == 500 and 100 < succeed < 500
    assert len({name for name, _ in calls}) > 10


def test_every_figure_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overlay, "FILES", 300)
    found = list(overlay.figures(True))
    assert len(found) == 3 and all(figure.ours for figure in found)
    assert [figure.to_reach for figure in found] == ["at least 50000 operations/s", "at most 3 s", "reported"]

"""The bar in a notebook: it waits, shows how far things are, and goes away."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from sim.lab.waiting import Waiting


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[object]]:
    pytest.importorskip("ipywidgets")
    display = pytest.importorskip("IPython.display")
    found: list[object] = []
    pytest.importorskip("ipykernel")
    monkeypatch.setattr(display, "display", found.append)
    yield found


def run(*at: float) -> Waiting:
    times = iter([0.0, *at])
    bar = Waiting("en", lambda: next(times))
    for number in range(1, len(at) + 1):
        bar(number * 1000, 4000, "layer 1")
    return bar


def test_quick_work_shows_nothing(shown: list[object]) -> None:
    with run(0.1, 0.5, 0.99):
        pass
    assert shown == []


def test_long_work_shows_one_bar_that_goes_away(shown: list) -> None:
    with run(0.5, 1.5, 1.55, 1.7):
        box, = shown
        bar, words = box.children
        assert (bar.value, words.value) == (1.0, "4kB of 4kB read"), "the third report came too soon after the second"
        assert bar.tooltip == "Reading the image"
        closed: list[bool] = []
        box.close = lambda: closed.append(True)
    assert closed == [True]


def test_it_goes_away_with_an_error_too(shown: list) -> None:
    closed: list[bool] = []
    with pytest.raises(KeyboardInterrupt), run(2.0):
        shown[0].close = lambda: closed.append(True)
        raise KeyboardInterrupt
    assert closed == [True]


def test_outside_a_notebook_nothing_is_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "ipykernel", raising=False)
    with run(2.0, 3.0) as bar:
        assert bar._box is None

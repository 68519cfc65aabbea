"""Each of the 34 misconceptions is shown by its script, and told in both languages."""

from __future__ import annotations

import re

import pytest

from sim.engine.misconceptions import MISCONCEPTIONS, Line, shown, unseen
from sim.lab.texts.misconceptions import MISCONCEPTIONS as TOLD
from sim.lab.texts.misconceptions import told

WITH_A_PEER = {1, 2, 4, 5, *range(8, 13), *range(14, 18), 18, 19, 20, 22, 24, 25, 29, 33, 34}
"""Those that are to be checked against a real dockerd."""


@pytest.mark.parametrize("number", MISCONCEPTIONS)
def test_the_script_shows_what_is_true(number: int) -> None:
    assert shown(number).failed == ()


def test_there_are_34_and_each_says_whether_it_has_a_peer() -> None:
    assert list(MISCONCEPTIONS) == list(TOLD) == list(range(1, 35))
    alone = {number for number, one in MISCONCEPTIONS.items() if not one.peer}
    assert not alone & WITH_A_PEER
    assert all(len(MISCONCEPTIONS[number].alone) > 20 for number in alone)


@pytest.mark.parametrize("number", TOLD)
def test_it_is_told_in_both_languages(number: int) -> None:
    english, chinese = told(number, "en"), told(number, "zh")
    han = re.compile("[一-鿿]")
    assert english.claim.endswith(".") and english.truth.endswith(".") and not han.search(english.claim + english.truth)
    assert chinese.claim.endswith("。") and chinese.truth.endswith("。")
    assert han.search(chinese.claim) and han.search(chinese.truth)


def test_a_line_that_does_not_print_what_it_should_is_named() -> None:
    line = Line("docker ps", ("^CONTAINER",), ("<none>",))
    assert unseen(line, 0, "CONTAINER ID\n") == []
    assert len(unseen(line, 1, "<none>\n")) == 3

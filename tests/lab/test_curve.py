"""The recorded cost of a lookup, and its picture."""

from __future__ import annotations

import re

import pytest

from sim.lab.curve import LINES, cost_curve, cost_table, record


def test_the_record_says_what_the_lesson_says() -> None:
    rows = record()["rows"]
    assert [row["layers"] for row in rows] == [1, 8, 32, 64, 120, 500]
    first, last = rows[0], rows[-1]
    assert last["index"] < 2 * first["index"], "the index does not depend on the number of layers"
    assert last["lookup"] > 20 * first["lookup"], "asking every layer does"
    assert last["kernel_cold"] > 2 * first["kernel_cold"] and last["kernel_warm"] < 2 * first["kernel_warm"]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_number_of_the_picture_is_in_its_words(lang: str) -> None:
    pytest.importorskip("matplotlib")
    picture, table = cost_curve(lang=lang), cost_table(lang=lang)
    assert picture.table == table
    assert [len(row) for row in table.rows] == [1 + len(LINES)] * len(record()["rows"])
    ends = {row[column] for row in (table.rows[0], table.rows[-1]) for column in range(len(row))}
    assert ends <= set(re.findall(r"[\d.e+]+", picture.alt)) | {text.rstrip(".") for text in picture.alt.split()}


def test_a_machine_without_a_kernel_mount_has_fewer_lines() -> None:
    pytest.importorskip("matplotlib")
    there = record()
    rows = [row | {"kernel_warm": None, "kernel_cold": None} for row in there["rows"]]
    assert len(cost_table(there | {"rows": rows}).head) == len(cost_table(there).head) - 2

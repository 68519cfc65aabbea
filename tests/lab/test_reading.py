"""The recorded cost of one pass over an image, and its picture."""

from __future__ import annotations

import re

import pytest

from sim.lab.reading import COLOURS, JOBS, WAYS, reading_chart, reading_table, recorded
from tests.lab.test_pictures import layouts


def test_the_record_says_what_the_lesson_says() -> None:
    row = recorded()
    total = sum(row[job] for job in JOBS)
    assert max(JOBS, key=row.__getitem__) == "inflate"
    assert total < row["one_thread"], "no job is missing that would take longer than all of them"
    assert row["two_threads"] > 0.6 * row["one_thread"], "two threads are not twice as fast"
    assert total / 2 < row["workers"] < 0.9 * row["two_threads"], "processes are faster, and some time is lost"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_number_of_the_picture_is_in_its_words(lang: str) -> None:
    pytest.importorskip("matplotlib")
    picture, table = reading_chart(lang=lang), reading_table(lang=lang)
    assert picture.table == table and len(table.rows) == len(WAYS) + len(JOBS) + 2
    for what, took in table.rows:
        assert what in picture.alt and took in picture.alt
        assert f">{what}<" in picture.svg and f">{took}<" in picture.svg


def test_jobs_stand_end_to_end_and_their_sum_is_drawn_for_one_core_and_two() -> None:
    pytest.importorskip("matplotlib")
    row = dict.fromkeys(WAYS, 3.0) | dict.fromkeys(JOBS, 1.0) | {"image": "x", "stored": 1, "tar": 2}
    for layout in layouts(reading_chart(row)):
        bars: dict[str, list[tuple[float, float]]] = {colour.lower(): [] for colour in COLOURS.values()}
        for mark in layout.iter():
            fill = re.search("fill: (#[0-9a-f]{6}); stroke", mark.get("style", ""))
            if fill and fill[1] in bars:
                xs = [float(x) for x in re.findall(r"[ML] ([\d.]+)", mark.get("d", ""))]
                bars[fill[1]].append((min(xs), max(xs)))
        unit = None
        for place, (alone, one, two) in enumerate(bars.values()):
            assert alone == one, "on one core a job has the place that it has alone"
            unit = unit or alone[1] - alone[0]
            left = alone[0] - place * unit
            assert two == pytest.approx((left + place * unit / 2, left + (place + 1) * unit / 2), abs=0.01)

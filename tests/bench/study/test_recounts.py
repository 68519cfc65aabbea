"""Published tables, found again in recorded data and in synthetic populations."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sim.bench.study import ROWS, study
from sim.bench.study import files as units
from sim.bench.study.layers import sharing
from sim.bench.study.sources import Sources, images
from sim.bench.study.traces import keys, methods
from sim.cli import main

OF_MODELS = (7, 10, 14)
OF_DATA = (5, 6, 8, 11, 12, 13)


def test_rows_5_to_14_are_there() -> None:
    assert set(range(5, 15)) <= set(ROWS)


@pytest.mark.parametrize("row", OF_MODELS)
def test_what_needs_no_data_agrees_with_what_was_published(row: int) -> None:
    assert not [check for check in study(row) if not check.met]


def test_row_9_agrees(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(units, "MADE", (20, 50, 100))
    assert not [check for check in study(9) if not check.met]


@pytest.mark.parametrize("row", OF_DATA)
def test_what_is_counted_in_the_recorded_data_is_what_was_published(row: int, shared: Path) -> None:
    found = study(row, Sources(shared / "data"))
    assert len(found) > 4 and not [check for check in found if not check.met]


def test_every_figure_names_its_population() -> None:
    named = ("Docker Hub", "official images", "IBM", "synthetic images", "random data", "archive", "8 MiB", "two")
    for row in OF_MODELS:
        assert all(any(one in check.name for one in named) for check in study(row))


@pytest.mark.parametrize("row", OF_DATA)
def test_without_the_data_it_is_a_sentence(row: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["study", str(row), "--data", str(tmp_path)]) == 2
    told = capsys.readouterr().err
    assert "--data DIR" in told and told.count("\n") == 1


@pytest.mark.parametrize(("name", "row"), [
    ("top150.json", 8), ("ibm725k.csv.zst", 12), ("dal09_blobs_sample.csv", 11),
])  # fmt: skip
@pytest.mark.parametrize("raw", [b"", b"\xff\xfe not it", b"[1, 2]", b'[{"layers": [{}]}]'])
def test_other_data_is_a_sentence(
    name: str, row: int, raw: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / name).write_bytes(raw)
    assert main(["study", str(row), "--data", str(tmp_path)]) == 2
    told = capsys.readouterr().err
    assert name in told and "Traceback" not in told and told.count("\n") == 1


def test_a_small_record_is_counted_right(tmp_path: Path) -> None:
    layers = [[("a", 1), (f"own {number}", 3)] for number in range(10)]
    records: list[object] = [{"layers": [{"digest": name, "size": size} for name, size in one]} for one in layers]
    (tmp_path / "top150.json").write_text(json.dumps([*records, {"layers": None}, {}]), encoding="utf-8")
    assert images(Sources(tmp_path)) == [[(name, size << 20) for name, size in one] for one in layers]
    found = sharing(Sources(tmp_path))
    assert [check.got for check in found[:4]] == [20, 11, pytest.approx(1000 / 11), 40 / 31]
    assert [check.got for check in found if "10 official" in check.name] == [pytest.approx(40 / 31)]


def test_blobs_are_told_by_digest_and_manifests_by_path() -> None:
    assert keys(["v2", "v2/a/blobs/1", "v2/b/blobs/1", "v2/a/manifests/x", "v2/a/b/manifests/x", "v2/a/tags/list"]) == (
        ["1", "1"], ["v2/a/manifests/x", "v2/a/b/manifests/x"]
    )
    assert sum(methods(5.5).values()) == pytest.approx(100)


def test_a_scheduler_that_is_not_there_is_a_sentence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim.dedup.corpus.cluster.PATIENCE_S", 1)
    assert main(["study", "9", "--scheduler", "tcp://127.0.0.1:9"]) == 2
    told = capsys.readouterr().err
    assert "leave --scheduler out" in told and told.count("\n") == 1


def test_row_9_shows_how_far_it_is_and_ends_quietly_when_interrupted(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []

    def interrupted(self: object, done: int, total: int, what: str) -> None:
        told.append(what)
        raise KeyboardInterrupt

    monkeypatch.setattr("sim.cli.cmd_study.Bar.__call__", interrupted)
    assert main(["study", "9"]) == 130
    assert told == ["counting files"] and capsys.readouterr() == ("", "")

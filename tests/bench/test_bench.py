"""The benchmark's frame: how a figure is judged, shown and reported; the images it measures with."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from importlib import import_module
from inspect import signature
from pathlib import Path
from types import ModuleType

import pytest

from sim.bench import run as bench
from sim.bench.figure import Figure, absolute, against, interleaved, skipped
from sim.bench.specimens import big_layer, deflated
from sim.cli import main
from sim.content.data import CHUNK
from sim.lab import curve
from sim.source import open_image
from sim.union.index import Index

KEYS = ["name", "ours", "peer", "peer_name", "unit", "ratio", "to_reach", "met", "skipped"]

JUDGED = [
    # figure, ratio, to reach, met, claim
    (against("f", 1.0, 2.0, "peer", at_most=0.5), 0.5, "at most 0.5x", True, "the bar itself is reached"),
    (against("f", 1.1, 2.0, "peer", at_most=0.5), 0.55, "at most 0.5x", False, "above it is not"),
    (against("f", 200.0, 2.0, "peer", at_least=100), 100.0, "at least 100x", True, "more may be better"),
    (against("f", 1.0, 2.0, "peer"), 0.5, "reported", None, "without a bar it is only reported"),
    (against("f", 1.0, 0.0, "peer", at_most=9), float("inf"), "at most 9x", False, "a peer that took no time"),
    (absolute("f", 99.0, unit="ms", at_most=100), None, "at most 100 ms", True, "an absolute bar"),
    (absolute("f", 99.0, unit="1/s", at_least=100), None, "at least 100 1/s", False, "an absolute bar from below"),
    (skipped("f", "no tar", peer_name="tar"), None, "", None, "an absent peer judges nothing"),
]


@pytest.mark.parametrize(("figure", "ratio", "to_reach", "met", "claim"), JUDGED, ids=[row[-1] for row in JUDGED])
def test_judged(figure: Figure, ratio: float | None, to_reach: str, met: bool | None, claim: str) -> None:
    assert (figure.ratio, figure.to_reach, figure.met) == (ratio, to_reach, met)


def test_bodies_take_turns_after_one_unmeasured_run() -> None:
    order: list[str] = []
    times = interleaved(2, lambda: order.append("ours"), lambda: order.append("peer"))
    assert order == ["ours", "peer"] * 3 and len(times) == 2


def test_rows_say_what_is_missing() -> None:
    assert bench.rows([skipped("f", "no tar on the PATH", peer_name="tar", to_reach="at most 1x")]) == [
        ("f", "-", "tar: absent", "-", "at most 1x", "skipped: no tar on the PATH"),
    ]
    assert bench.rows([absolute("f", 123456.0, unit="1/s", at_least=200000)]) == [
        ("f", "123,456 1/s", "-", "-", "at least 200000 1/s", "NO"),
    ]


def fake(monkeypatch: pytest.MonkeyPatch, *found: Figure) -> None:
    def figures(quick: bool) -> Iterator[Figure]:
        assert quick
        yield from found

    module = ModuleType("fake")
    module.figures = figures  # type: ignore[attr-defined]
    monkeypatch.setattr(bench, "import_module", lambda name, package: module)
    monkeypatch.setattr(bench, "subjects", lambda: ("images",))


@pytest.mark.parametrize(("met", "code"), [(True, 0), (None, 0), (False, 1)])
def test_the_exit_code_says_whether_all_bars_are_reached(
    met: bool | None, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fake(monkeypatch, Figure("good", 1.0, met=True), Figure("f", 1.0, 2.0, "peer", "s", 0.5, "at most 1x", met))
    assert main(["bench", "images", "--quick"]) == code
    assert "good" in capsys.readouterr().out
    assert main(["bench", "images", "--quick", "--json"]) == code
    document = json.loads(capsys.readouterr().out)
    assert [list(figure) for figure in document["figures"]] == [KEYS, KEYS]
    assert document["figures"][1]["met"] is met


def test_a_subject_is_a_module_with_figures(capsys: pytest.CaptureFixture[str]) -> None:
    found = bench.subjects()
    assert "images" in found and not {"figure", "process", "run", "specimens"} & set(found)
    for name in found:
        assert list(signature(import_module(f"sim.bench.{name}").figures).parameters) == ["quick"]
    assert main(["bench", "--help"]) == 0
    assert ", ".join(found) in " ".join(capsys.readouterr().out.split())


def test_a_curve_is_written_as_a_lesson_reads_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("sim.bench.dedup.curve", lambda quick: iter([{"image": "x", "cut": 1.5, "quick": quick}]))
    target = tmp_path / "record.json"
    assert main(["bench", "dedup", "--quick", "--curve", str(target)]) == 0
    record = json.loads(target.read_text(encoding="utf-8"))
    assert list(record) == list(curve.record()) == list(curve.record("reading.json"))
    assert record["unit"] == "s" and record["rows"] == [{"image": "x", "cut": 1.5, "quick": True}]


def test_the_machine_is_described_and_not_named() -> None:
    facts = bench.machine()
    assert facts["cpus"] and facts["python"]
    # As a word: a host may be called "x", and a processor x86_64.
    assert socket.gethostname() not in re.findall(r"[\w.-]+", json.dumps(facts))


def test_progress_names_what_was_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    fake(monkeypatch, Figure("one", 1.0), Figure("two", 2.0))
    said: list[tuple[int, int | None, str]] = []
    bench.run(["images"], quick=True, progress=lambda *report: said.append(report))
    assert said == [(1, None, "measured one"), (2, None, "measured two")]


def test_a_big_layer_is_small_on_disk_and_whole_when_read(tmp_path: Path) -> None:
    size = 128 << 20
    folder = big_layer(tmp_path / "big", size)
    assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) < size / 500
    entry = Index.of(open_image(folder).stack).get("zeros")
    assert entry is not None and entry.data is not None and entry.size == size
    assert len(next(entry.data.chunks())) <= 16 * CHUNK


def test_deflating_a_sample_changes_its_blobs_and_not_its_layers(tmp_path: Path) -> None:
    sample = open_image("sample:hello-world")
    again = open_image(deflated(sample, tmp_path / "again"))
    assert [layer.diff_id for layer in again.layers] == [layer.diff_id for layer in sample.layers]
    assert again.stack == sample.stack

"""The benchmark's bodies for deduplication, on little: they measure what they say."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sim.bench import dedup as bench
from sim.dedup import sharing
from sim.image.samples import sample
from sim.source import open_subject


def test_large_layers_have_large_files_and_every_third_is_a_twin(tmp_path: Path) -> None:
    path = bench.plain_layers(tmp_path / "large", [bench.large_layer(which, 12) for which in range(2)])
    found = open_subject(path)
    sizes = [entry.size for part in found.parts for entry in part.changes.entries.values()]
    assert min(sizes) >= 256 << 10 and sum(sizes) >= 24 << 20
    shared = sharing.files([found])
    assert 0.25 <= (shared.total_count - shared.unique_count) / (shared.total_count / 2) <= 0.4


def test_figures_on_little_data(tmp_path: Path) -> None:
    large = bench.plain_layers(tmp_path / "large", [bench.large_layer(which, 2) for which in range(2)])
    twins = bench.twins(large, "two small layers", 1, 0.9)
    assert twins.ours and twins.peer and twins.unit == "GB/s"
    streams = [[os.urandom(1 << 20)] for _ in range(2)]
    pytest.importorskip("pyfastcdc", reason="pyfastcdc is not installed")
    figure = bench.chunk_level(streams, 1)
    assert figure.ratio and figure.to_reach == "at least 0.86x"
    assert bench.chunker("plain", "the standard library", 1, 0.001).met


def test_what_is_not_installed_is_skipped_with_the_reason(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(bench, "find_spec", lambda name: None)
    monkeypatch.setattr("shutil.which", lambda name: None)
    found = [
        bench.chunk_level([], 1), bench.beside_borg([[b""]], tmp_path, 1), bench.chunker("numpy", "numpy", 1, 60),
    ]
    assert all(figure.met is None and figure.skipped and figure.to_reach for figure in found)


def test_plain_layers_are_the_same_image(tmp_path: Path) -> None:
    from sim.bench.specimens import deflated

    packed = deflated(sample("hello-world"), tmp_path / "packed")
    plain = open_subject(bench.unpacked(packed, tmp_path / "plain"))
    assert [part.diff_id for part in plain.parts] == [layer.diff_id for layer in sample("hello-world").layers]
    assert [part.size for part in plain.parts] == [part.tar_size for part in plain.parts]


def test_everything_is_done_in_a_child_that_tells_its_memory(tmp_path: Path) -> None:
    figure = bench.memory(tmp_path, 64 << 20)
    assert figure.ours and 10 < figure.ours < 300 and figure.met

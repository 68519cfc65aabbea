"""The benchmark's bodies for deduplication, on little: they measure what they say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from sim.bench import dedup as bench
from sim.dedup import sharing
from sim.dedup.copies import inodes
from sim.dedup.prints import Printer
from sim.image.samples import sample
from sim.source import open_image, open_subject


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
    pytest.importorskip("pyfastcdc", reason="pyfastcdc is not installed")
    layers = [bench.large_layer(which, 1) for which in range(2)]
    figure = bench.chunk_level(bench.plain_layers(tmp_path / "little", layers), layers, 1)
    assert figure.ratio and figure.to_reach == "at least 0.86x"
    assert bench.chunker("plain", "the standard library", 1, 0.001).met


def test_work_that_fails_on_a_thread_is_no_figure() -> None:
    def refuse(part: Sequence[bytes]) -> None:
        raise OSError(part[0])

    with pytest.raises(OSError):
        bench.on_two_threads([[b"one"], [b"two"]], refuse)


def test_what_is_not_installed_is_skipped_with_the_reason(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(bench, "find_spec", lambda name: None)
    monkeypatch.setattr("shutil.which", lambda name: None)
    image = bench.plain_layers(tmp_path / "image", [bench.large_layer(0, 1)])
    found = [
        bench.chunk_level(image, [], 1), bench.beside_borg(image, "one", tmp_path / "borg", 1),
        bench.chunker("numpy", "numpy", 1, 60),
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


def test_the_jobs_of_a_curve_have_the_bytes_that_they_tell_of(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from sim.bench.specimens import deflated

    image = sample("busybox")
    path = deflated(image, tmp_path / "packed")
    hashed: dict[str, int] = {}
    for name, job in bench.jobs(path).items():
        sizes: list[int] = []
        monkeypatch.setattr(bench.hashlib, "sha256", lambda data=b"", sizes=sizes: Counting(sizes, data))
        job()
        hashed[name] = sum(sizes)
    tar = sum(layer.tar_size for layer in image.layers)
    stored = sum(layer.descriptor.size for layer in open_image(path).layers)
    data = sum(part.changes.entries[name].size for part in open_subject(path).parts
               for name in inodes(part.changes).values())  # fmt: skip
    assert hashed == {
        "inflate": 0, "blob": stored, "headers": 0, "diff_id": tar, "files": data, "cut": 0, "chunks": tar,
    }


class Counting:
    """Counts what it is to hash."""

    def __init__(self, sizes: list[int], data: bytes) -> None:
        self._sizes = sizes
        self.update(data)

    def update(self, data: bytes | memoryview, /) -> None:
        self._sizes.append(len(data))

    def digest(self) -> bytes:
        return bytes(32)

    def hexdigest(self) -> str:
        return "0" * 64


def test_a_curve_is_measured_with_workers_and_without(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from sim.bench.specimens import deflated

    path = deflated(sample("busybox"), tmp_path / "packed")
    monkeypatch.setattr(bench, "packed", lambda scratch: (path, "little"))
    monkeypatch.setattr(bench.pipeline, "WORTH_A_PROCESS", 1)
    started: list[bool] = []
    monkeypatch.setattr(bench.pipeline, "Elsewhere", lambda *how: started.append(True) or Printer(*how))
    monkeypatch.setattr(bench, "interleaved", lambda runs, *bodies: tuple(ran(body, started) for body in bodies))
    (row,) = bench.curve(quick=True)
    assert (row["one_thread"], row["two_threads"], row["workers"]) == (0, 0, 1)
    assert bench.pipeline.WORTH_A_PROCESS == 1
    assert row["image"] == "little" and row["tar"] == sample("busybox").layers[0].tar_size > row["stored"]


def ran(body: Callable[[], object], started: list[bool]) -> int:
    """Return how many workers a body wanted."""
    started.clear()
    body()
    return len(started)

"""Segments: the result of one `Printer`, from several processes that cut one file."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from threading import BoundedSemaphore

import pytest

from sim.content.parallel import Task, run_all
from sim.dedup import pipeline, segments, worker
from sim.dedup.chunking import Rule
from sim.dedup.pipeline import scan, scan_image
from sim.dedup.prints import Chunks, Printer
from sim.dedup.segments import Segments
from sim.dedup.worker import Part, Worker
from sim.errors import ArchiveInvalid, SimError
from sim.image.outer import FileSource, Span
from sim.source import open_image
from tests import image_builders as make
from tests.dedup.test_pipeline import EXPECTED, LAYERS, RULE, noise, outline

pytestmark = pytest.mark.skipif(os.name != "posix", reason="workers are started on POSIX systems only")

STEP = 1 << 16
MIXED = noise(5 * STEP, 1) + bytes(4 * STEP) + noise(100, 2) * 3000 + bytes(777) + noise(3 * STEP + 1, 3)


@pytest.fixture(autouse=True)
def short_segments(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(segments, "SEGMENT", STEP)
    yield
    worker._close_idle()


def whole(rule: Rule, data: bytes) -> Chunks:
    printer = Printer(rule)
    printer.update(data)
    return printer.chunks()


def spanned(folder: Path, data: bytes, before: int = 5000) -> Span:
    """Write bytes into the middle of a file."""
    path = folder / "file"
    path.write_bytes(noise(before, 9) + data + b"what follows is no part of it")
    span = FileSource(path).span(before, len(data))
    assert span is not None
    return span


@pytest.mark.parametrize("data", [
    MIXED, noise(9 * STEP, 4), bytes(9 * STEP + 5), noise(4 * STEP, 5), b"short", b"",
], ids=["mixed", "noise", "zeros", "whole steps", "short", "empty"])
@pytest.mark.parametrize("rule", [
    Rule.of("fastcdc", 1024), Rule.of("fixed", 1000), Rule.of("gear", 512), Rule.of("rabin", 1024),
], ids=str)
def test_the_result_is_a_printers(rule: Rule, data: bytes, tmp_path: Path) -> None:
    with Segments(spanned(tmp_path, data), rule, BoundedSemaphore(3)) as there:
        assert there.chunks() == whole(rule, data)


def test_a_reader_goes_ahead_and_the_digest_is_taken(tmp_path: Path) -> None:
    with Segments(spanned(tmp_path, MIXED), RULE, BoundedSemaphore(2), digest=True) as there:
        for at in range(0, len(MIXED), 10_007):
            there.update(MIXED[at : at + 10_007])
        assert there.hexdigest() == hashlib.sha256(MIXED).hexdigest()
    assert there.chunks() == whole(RULE, MIXED)


def test_steps_tell_of_every_byte_once(tmp_path: Path) -> None:
    with Segments(spanned(tmp_path, MIXED), RULE, BoundedSemaphore(2)) as there:
        found = list(there.steps())
        assert (sum(found), max(found)) == (len(MIXED), STEP) and len(found) > 5
        assert there.chunks() == whole(RULE, MIXED)


def test_streams_that_share_room_for_one_segment_all_end(tmp_path: Path) -> None:
    room, data = BoundedSemaphore(1), [noise(7 * STEP, seed) for seed in range(3)]

    def run(number: int, *_: object) -> Chunks:
        (tmp_path / str(number)).mkdir()
        with Segments(spanned(tmp_path / str(number), data[number]), RULE, room) as there:
            return there.chunks()

    found = run_all([Task(partial(run, number), number) for number in range(3)], threads=3)
    assert found == [whole(RULE, one) for one in data]
    assert room.acquire(blocking=False), "what was taken is given back"


@pytest.mark.parametrize("change", [
    lambda path: os.truncate(path, 6000), lambda path: path.write_bytes(noise(20 * STEP, 8)), os.unlink,
], ids=["shortened", "rewritten", "removed"])
def test_a_file_that_changes_is_refused(change: Callable[[Path], object], tmp_path: Path) -> None:
    span = spanned(tmp_path, MIXED)
    with Segments(span, RULE, BoundedSemaphore(2)) as there:
        there.update(MIXED[: 2 * STEP])
        change(span.path)
        with pytest.raises(ArchiveInvalid, match="changed while it was in use") as told:
            there.chunks()
    assert str(span.path) in str(told.value)


def test_a_worker_that_is_killed_is_told_of_and_the_rest_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ask, asked = Worker.ask, list[Worker]()

    def killed(self: Worker, part: Part) -> None:
        asked.append(self)
        self._process.send_signal(signal.SIGSTOP)
        ask(self, part)
        self._process.kill()

    monkeypatch.setattr(Worker, "ask", killed)
    room = BoundedSemaphore(2)
    message = "a helper process ended before its work, with exit code -9"
    with pytest.raises(SimError, match=message), Segments(spanned(tmp_path, MIXED), RULE, room) as there:
        there.chunks()
    assert len(asked) == 2 and not any(one.alive for one in asked)
    assert room.acquire(blocking=False) and room.acquire(blocking=False)


def test_an_interrupt_leaves_no_process_and_no_room_taken(tmp_path: Path) -> None:
    room = BoundedSemaphore(2)
    with pytest.raises(KeyboardInterrupt), Segments(spanned(tmp_path, MIXED), RULE, room) as there:
        there.update(MIXED[: 2 * STEP])
        processes = [one._process for one, _ in there._due]
        raise KeyboardInterrupt
    assert len(processes) == 2 and all(process.poll() is not None for process in processes)
    assert room.acquire(blocking=False) and room.acquire(blocking=False)


@pytest.mark.parametrize("folder", [True, False])
@pytest.mark.parametrize("form", ["none", "gzip"])
def test_plain_layers_in_files_are_cut_by_segments(
    form: str, folder: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "WORTH_A_PROCESS", 1)
    used: list[Part] = []
    ask = Worker.ask
    monkeypatch.setattr(Worker, "ask", lambda self, part: used.append(part) or ask(self, part))
    path = make.write(tmp_path / "image.tar", make.oci(make.image(LAYERS), compression=form))
    if folder:
        shutil.unpack_archive(path, tmp_path / "folder")
        path = tmp_path / "folder"
    found = scan(outline(path), "image", rule=RULE, threads=2)
    assert [list(part.chunks or ()) for part in found.parts] == EXPECTED
    once = len(used)
    assert once > 2 * len(LAYERS) if form == "none" else not used
    assert scan_image(open_image(path), RULE, threads=2).parts == found.parts
    assert len(used) == 2 * once


def test_a_damaged_layer_is_not_cut_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "WORTH_A_PROCESS", 1)
    files = make.oci(make.image(LAYERS), compression="none")
    used: list[Part] = []
    ask = Worker.ask
    monkeypatch.setattr(Worker, "ask", lambda self, part: used.append(part) or ask(self, part))
    largest = max(files, key=lambda name: len(files[name]))
    files[largest] = files[largest][:-50_000]  # inside a file's data
    found = scan(outline(make.write(tmp_path / "image.tar", files)), "image", rule=RULE, threads=2)
    assert [one.number for one in found.damaged] and len(found.parts) == len(LAYERS) - 1
    assert all(one.alive for one in worker._idle)
    assert sum(part.stop == part.end for part in used) == 1, "the last segment of the layer that is whole alone"

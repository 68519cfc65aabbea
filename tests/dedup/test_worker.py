"""Workers: the result of a `Printer`, from another process, whatever becomes of that process."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sim.dedup import pipeline, worker
from sim.dedup.chunking import Rule
from sim.dedup.pipeline import scan, scan_image
from sim.dedup.prints import Printer
from sim.dedup.worker import FRAME, FRAMES, Elsewhere
from sim.errors import SimError
from sim.fs.tar import LARGE
from sim.source import open_image
from tests import image_builders as make
from tests.dedup.test_pipeline import EXPECTED, LAYERS, RULE, noise, outline

pytestmark = pytest.mark.skipif(os.name != "posix", reason="workers are started on POSIX systems only")

DATA = noise(2 * FRAMES * FRAME + 12_345, 7)


@pytest.fixture(autouse=True)
def end_workers() -> Iterator[None]:
    yield
    worker._close_idle()


def pieces(size: int) -> list[memoryview]:
    return [memoryview(DATA)[at : at + size] for at in range(0, len(DATA), size)]


@pytest.mark.parametrize("size", [100_003, 1 << 18, FRAME, 3 * FRAME + 1, len(DATA)])
@pytest.mark.parametrize("rule", [
    Rule.of("fastcdc", 8192), Rule.of("fixed", 4096), Rule.of("fastcdc", 4 << 20),
], ids=str)
def test_the_result_is_a_printers(rule: Rule, size: int) -> None:
    here = Printer(rule, digest=True)
    with Elsewhere(rule, digest=True) as there:
        for piece in pieces(size):
            here.update(piece)
            there.update(piece)
        assert there.hexdigest() == here.hexdigest() == hashlib.sha256(DATA).hexdigest()
        assert there.chunks() == here.chunks()


def test_without_a_byte_there_is_no_chunk() -> None:
    with Elsewhere(RULE) as there:
        assert (len(there.chunks()), there.hexdigest()) == (0, "")


def test_files_of_the_stream_are_hashed_as_they_pass() -> None:
    spans = [(0, 5), (5, 300), (400, FRAME), (FRAME + 7, 3 * FRAME), (3 * FRAME, len(DATA))]
    found: dict[int, str] = {}
    with Elsewhere(RULE) as there:
        waiting = list(spans)
        for number, piece in enumerate(pieces(1 << 18)):
            there.update(piece)
            # As a reader does: it has the piece, and tells of the files that begin in it.
            while waiting and waiting[0][0] < (number + 1) << 18:
                start, stop = waiting.pop(0)
                assert there.file(start, stop - start, lambda name, start=start: found.__setitem__(start, name))
        assert not there.file(0, 5, print), "these bytes are past"
        there.hexdigest()
    assert found == {start: hashlib.sha256(DATA[start:stop]).hexdigest() for start, stop in spans}


def test_one_process_serves_one_stream_after_the_other() -> None:
    processes = set()
    for _ in range(3):
        with Elsewhere(RULE) as there:
            there.update(DATA[:1000])
            there.chunks()
        processes.add(id(worker._idle[-1]))
    assert len(processes) == len(worker._idle) == 1
    assert os.getsid(worker._idle[0]._process.pid) != os.getsid(0), "Ctrl-C would end it with a traceback"


def test_a_forked_process_has_workers_of_its_own() -> None:
    with Elsewhere(RULE) as there:
        there.chunks()
    mine = worker._idle[0]._process.pid
    if not (child := os.fork()):
        with Elsewhere(RULE) as there:
            right = there._worker is not None and there._worker._process.pid != mine
            there.update(DATA)
            right = right and there.chunks() == whole(DATA)
        worker._close_idle()
        os._exit(0 if right else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    with Elsewhere(RULE) as there:
        assert there._worker is not None and there._worker._process.pid == mine
        there.update(DATA)
        assert there.chunks() == whole(DATA)


def test_a_stream_that_nobody_wants_any_more_ends_its_worker() -> None:
    with pytest.raises(KeyboardInterrupt), Elsewhere(RULE) as there:
        there.update(DATA)
        process = there._worker and there._worker._process
        raise KeyboardInterrupt
    assert process is not None and process.poll() is not None
    assert not worker._idle


def test_a_worker_that_is_killed_is_told_of() -> None:
    with Elsewhere(RULE) as there:
        there.update(DATA)
        assert there._worker is not None
        there._worker._process.kill()
        with pytest.raises(SimError, match="a helper process ended before its work, with exit code -9"):
            for piece in pieces(FRAME):
                there.update(piece)
    assert not worker._idle


def test_an_idle_worker_that_was_killed_is_replaced() -> None:
    with Elsewhere(RULE) as there:
        there.chunks()
    worker._idle[0]._process.kill()
    worker._idle[0]._process.wait()
    with Elsewhere(RULE) as there:
        there.update(DATA[:FRAME])
        assert there.chunks() == whole(DATA[:FRAME])


def whole(data: bytes) -> object:
    printer = Printer(RULE)
    printer.update(data)
    return printer.chunks()


@pytest.fixture(params=["none", "gzip"])
def archive(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return make.write(tmp_path / "image.tar", make.oci(make.image(LAYERS), compression=request.param))


@pytest.mark.parametrize("threads", [1, 2])
def test_large_layers_are_cut_by_workers(archive: Path, threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "WORTH_A_PROCESS", 1)
    plain = [part.changes for part in scan(outline(archive), "image", threads=1).parts]
    found = scan(outline(archive), "image", rule=RULE, threads=threads)
    assert [list(part.chunks or ()) for part in found.parts] == EXPECTED
    assert [part.changes for part in found.parts] == plain
    assert max(entry.size for entry in plain[0].entries.values()) > LARGE, "or no file was hashed by a worker"
    assert bool(worker._idle) == (threads == 2)
    assert scan_image(open_image(archive), RULE, threads=threads).parts == found.parts


def test_where_no_process_can_be_started_this_one_does_it(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "WORTH_A_PROCESS", 1)

    def refuse(*_: object, **__: object) -> None:
        raise BlockingIOError("no more processes")

    monkeypatch.setattr(subprocess, "Popen", refuse)
    found = scan(outline(archive), "image", rule=RULE, threads=2)
    assert [list(part.chunks or ()) for part in found.parts] == EXPECTED
    assert not worker._idle


def test_nothing_is_left_when_python_ends() -> None:
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from sim.dedup.chunking import Rule\n"
        "from sim.dedup.worker import Elsewhere, _idle\n"
        "with Elsewhere(Rule.of()) as there: there.update(bytes(10)); there.chunks()\n"
        "print(_idle[0]._process.pid)\n"
    )
    home = str(Path(worker.__file__).parents[2])
    ended = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, home], capture_output=True, text=True, check=True
    )
    assert not ended.stderr
    with pytest.raises(ProcessLookupError):
        os.kill(int(ended.stdout), 0)

"""One contract, every store: each test runs on the store in memory and on the folder."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import sim
from sim.content import durable
from sim.content.data import CHUNK
from sim.content.descriptor import MAX_DOCUMENT
from sim.content.digest import Digest
from sim.content.store import LayoutStore, MemoryStore, Store, verified
from sim.errors import (
    ArchiveInvalid,
    BlobMissing,
    DigestMismatch,
    DocumentInvalid,
    LimitExceeded,
    SizeMismatch,
)

Factory = Callable[[], Store]


@pytest.fixture(params=["memory", "layout"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Factory:
    """A fresh, empty store each time it is called."""
    count = iter(range(1000))
    return MemoryStore if request.param == "memory" else lambda: LayoutStore(tmp_path / str(next(count)))


@pytest.fixture
def store(make: Factory) -> Store:
    return make()


def leftovers(root: Path) -> list[str]:
    return [name for name in os.listdir(root) if name.startswith(durable.ASIDE)]


def test_what_goes_in_comes_out(store: Store) -> None:
    digest = Digest.of(b"hello")
    assert store.stat(digest) is None
    store.ingest(digest, [b"he", b"", b"llo"], 5)
    assert store.stat(digest) == 5
    assert b"".join(store.chunks(digest)) == store.read(digest) == b"hello"
    assert list(store.digests()) == [digest]


@pytest.mark.parametrize(("offset", "length", "expected"), [
    (0, None, b"0123456789"), (3, None, b"3456789"), (3, 2, b"34"), (8, 100, b"89"), (10, 1, b""),
    (99, None, b""), (0, 0, b""),
])
def test_ranges(store: Store, offset: int, length: int | None, expected: bytes) -> None:
    digest = store.add(b"0123456789")
    assert b"".join(store.chunks(digest, offset, length)) == expected


def test_large_blobs_come_in_bounded_pieces(store: Store) -> None:
    raw = random.Random(1).randbytes(2 * CHUNK + 17)
    pieces = list(store.chunks(store.add(raw)))
    assert b"".join(pieces) == raw and max(map(len, pieces)) <= CHUNK


def test_the_empty_blob_is_a_blob(store: Store) -> None:
    digest = store.add(b"")
    assert store.stat(digest) == 0 and store.read(digest) == b""


def test_sha512_is_a_second_algorithm(store: Store) -> None:
    digest = Digest.of(b"hello", "sha512")
    store.ingest(digest, [b"hello"])
    assert store.read(digest) == b"hello" and list(store.digests()) == [digest]


@pytest.mark.parametrize(("chunks", "size", "error"), [
    ([b"hellO"], 5, DigestMismatch),
    ([b"hell"], None, DigestMismatch),
    ([b"hell"], 5, SizeMismatch),
    ([b"hello", b"!"], 5, SizeMismatch),
    ([], 5, SizeMismatch),
])
def test_wrong_bytes_store_nothing(store: Store, chunks: list[bytes], size: int | None, error: type) -> None:
    digest = Digest.of(b"hello")
    with pytest.raises(error):
        store.ingest(digest, chunks, size)
    assert store.stat(digest) is None and list(store.digests()) == []
    if isinstance(store, LayoutStore):
        assert leftovers(store.root) == []


def test_too_many_bytes_are_noticed_at_once() -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield b"x" * 1000

    with pytest.raises(SizeMismatch):
        list(verified(endless(), Digest.of(b"x"), size=5))


def test_a_failing_source_stores_nothing(store: Store) -> None:
    def broken() -> Iterator[bytes]:
        yield b"hel"
        raise OSError("the cable is out")

    with pytest.raises(OSError, match="cable"):
        store.ingest(Digest.of(b"hello"), broken())
    assert list(store.digests()) == []


def test_ingest_is_idempotent(store: Store) -> None:
    digest = store.add(b"hello")
    store.ingest(digest, iter(()), 5)  # it is there: nothing needs to be read
    assert store.read(digest) == b"hello"


def test_absent_blobs(store: Store) -> None:
    digest = Digest.of(b"absent")
    with pytest.raises(BlobMissing):
        list(store.chunks(digest))
    with pytest.raises(BlobMissing):
        store.read(digest)
    assert store.delete(digest) is False


def test_delete(store: Store) -> None:
    one, two = store.add(b"one"), store.add(b"two")
    assert store.delete(one) is True
    assert list(store.digests()) == [two] and store.stat(one) is None


def test_a_document_has_a_bound(store: Store) -> None:
    digest = store.add(b"x" * (MAX_DOCUMENT + 1))
    with pytest.raises(LimitExceeded):
        store.read(digest)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(steps=st.lists(st.tuples(st.sampled_from(["add", "delete", "wrong"]), st.binary(max_size=3))))
def test_a_store_is_a_map_from_digests(make: Factory, steps: list[tuple[str, bytes]]) -> None:
    store, model = make(), dict[Digest, bytes]()
    for verb, raw in steps:
        digest = Digest.of(raw)
        if verb == "add":
            store.add(raw)
            model[digest] = raw
        elif verb == "delete":
            assert store.delete(digest) == (model.pop(digest, None) is not None)
        elif digest not in model:
            with pytest.raises(DigestMismatch):
                store.ingest(digest, [raw, b"!"])
    assert {digest: store.read(digest) for digest in store.digests()} == model


# --- the folder ---------------------------------------------------------------------------------------------

def test_a_new_folder_is_an_image_layout(tmp_path: Path) -> None:
    store = LayoutStore(tmp_path / "a" / "b")
    assert (store.root / "oci-layout").read_bytes() == b'{"imageLayoutVersion":"1.0.0"}'
    assert store.read_index() == b'{"manifests":[],"schemaVersion":2}'
    digest = store.add(b"hello")
    assert store.path(digest).read_bytes() == b"hello"
    assert LayoutStore(store.root).read(digest) == b"hello"


@pytest.mark.parametrize(("marker", "error"), [
    (b'{"imageLayoutVersion":"2.0.0"}', ArchiveInvalid), (b"{}", DocumentInvalid), (b"\xff", DocumentInvalid),
])
def test_another_layout_is_refused(tmp_path: Path, marker: bytes, error: type) -> None:
    (tmp_path / "oci-layout").write_bytes(marker)
    with pytest.raises(error):
        LayoutStore(tmp_path)


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work", encoding="utf-8")
    with pytest.raises(ArchiveInvalid, match="not empty"):
        LayoutStore(tmp_path)
    assert os.listdir(tmp_path) == ["thesis.txt"]
    with pytest.raises(ArchiveInvalid, match="a file"):
        LayoutStore(tmp_path / "thesis.txt")


def test_a_layout_begun_and_not_finished_is_taken_over(tmp_path: Path) -> None:
    (tmp_path / "blobs").mkdir()
    (tmp_path / f"{durable.ASIDE}0").touch()
    assert list(LayoutStore(tmp_path).digests()) == []


def test_stray_files_are_no_blobs(tmp_path: Path) -> None:
    store = LayoutStore(tmp_path)
    digest = store.add(b"hello")
    (tmp_path / "blobs" / "sha256" / "README").touch()
    (tmp_path / "blobs" / "sha256" / ("0" * 64)).mkdir()
    assert digest in store.digests() and store.stat(Digest("sha256", "0" * 64)) is None


def test_old_leftovers_are_swept_and_young_ones_are_not(tmp_path: Path) -> None:
    store = LayoutStore(tmp_path)
    old, young = tmp_path / f"{durable.ASIDE}old", tmp_path / f"{durable.ASIDE}young"
    old.touch()
    young.touch()
    past = young.stat().st_mtime - durable.IDLE_S - 1
    os.utime(old, (past, past))
    store.add(b"hello")  # the first write of a process sweeps
    assert leftovers(tmp_path) == [young.name]
    assert store.sweep(idle_s=0) == 1 and leftovers(tmp_path) == []


WRITER = """
import random, sys
from sim.content.digest import Digest
from sim.content.store import LayoutStore
store, seed = LayoutStore(sys.argv[1]), int(sys.argv[2])
print("ready", flush=True)
for number in range(int(sys.argv[3])):
    raw = random.Random(seed + number).randbytes(200_000)
    store.ingest(Digest.of(raw), (raw[at:at + 1000] for at in range(0, len(raw), 1000)), len(raw))
    store.write_index(b'{"manifests":[],"schemaVersion":2,"annotations":{"n":"%d"}}' % number)
"""


def start_writer(folder: Path, seed: int, count: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", WRITER, str(folder), str(seed), str(count)]
    writer = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(sim.__file__).parent.parent)
    assert writer.stdout is not None and writer.stdout.readline().strip() == b"ready"
    return writer


def test_killed_at_any_moment_no_half_blob_is_visible(tmp_path: Path) -> None:
    moments = random.Random(7)
    for attempt in range(12):
        writer = start_writer(tmp_path, 0, 10_000)
        time.sleep(moments.uniform(0, 0.08))
        writer.kill()
        writer.communicate()
        store = LayoutStore(tmp_path)
        for digest in store.digests():
            assert Digest.of(store.chunks(digest)) == digest, f"half a blob after kill {attempt}"
        assert store.read_index().endswith(b"}")
    assert list(store.digests()), "the writers never got as far as one blob"
    store.sweep(idle_s=0)
    assert leftovers(tmp_path) == []


def test_two_processes_at_once(tmp_path: Path) -> None:
    LayoutStore(tmp_path)
    writers = [start_writer(tmp_path, 0, 20), start_writer(tmp_path, 10, 20)]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    for writer in writers:
        writer.communicate()
    store = LayoutStore(tmp_path)
    expected = {Digest.of(random.Random(seed).randbytes(200_000)) for seed in range(30)}
    assert set(store.digests()) == expected and leftovers(tmp_path) == []
    assert all(Digest.of(store.chunks(digest)) == digest for digest in expected)

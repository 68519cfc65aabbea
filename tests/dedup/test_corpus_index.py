"""The index of fingerprints: the shares of the images themselves, each image once, nothing lost."""

from __future__ import annotations

import hashlib
import pickle
import sqlite3
import subprocess
import sys
import tempfile
from array import array
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.dedup import sharing
from sim.dedup.chunking import Rule
from sim.dedup.corpus import counts, names
from sim.dedup.corpus.fingerprint import LayerPrint, Print, fingerprint, read_print
from sim.dedup.corpus.growth import Point, growth
from sim.dedup.corpus.index import open_index
from sim.dedup.prints import Chunks
from sim.dedup.subject import Damaged, Subject
from sim.errors import BadInput, Unsupported
from sim.source import open_subject
from tests import image_builders as make

COUNTS = [f"{unit}_{table}" for unit in ("file", "chunk") for table in ("growth", "layer", "names")]
ROOT = Path(__file__).parents[2]
RULE = Rule.of("fastcdc", 256)
BASE = make.tar({"a": b"one" * 500, "b": b"two" * 400, "empty": b""})
PICTURES = {
    "first": make.image((BASE, make.tar({"c": b"three" * 100, "copy": b"one" * 500}))),
    "second": make.image((BASE, make.tar({"d": b"four" * 300}))),
}


@pytest.fixture
def archives(tmp_path: Path) -> dict[str, Path]:
    return {name: make.write(tmp_path / f"{name}.tar", make.oci(one)) for name, one in PICTURES.items()}


def read(argument: str, rule: Rule | None) -> Subject:
    return open_subject(argument, rule=rule)


def prints(archives: dict[str, Path]) -> list[Print]:
    return [read_print(read, RULE, str(path)) for path in archives.values()]


def test_the_index_has_what_the_images_share(tmp_path: Path, archives: dict[str, Path]) -> None:
    subjects = [open_subject(path, rule=RULE) for path in archives.values()]
    with open_index(tmp_path / "index", RULE) as index:
        for one in subjects:
            index.add(fingerprint(one))
    with open_index(tmp_path / "index", RULE) as index:
        assert index.blobs()[-1].share == sharing.blobs(subjects)
        assert index.layers()[-1].share == sharing.layers(subjects)
        assert index.chunks()[-1].share == sharing.chunks(subjects)
        assert index.files()[-1].share == sharing.files(subjects)
        assert [one.image_id for one in index.images()] == [str(one.image_id) for one in subjects]


def test_a_known_image_is_known_and_a_shared_layer_is_stored_once(tmp_path: Path, archives: dict[str, Path]) -> None:
    first, second = prints(archives)
    path = tmp_path / "index"
    with open_index(path, RULE) as index:
        index.add(first)
        assert first.image_id in index and second.image_id not in index
        index.add(second)
        index.add(first)
        assert [one.number for one in index.images()] == [1, 2]
    with sqlite3.connect(path) as database:
        assert database.execute("select count(*) from layer").fetchone() == (3,)
    database.close()


def test_an_image_enters_whole_or_not_at_all(tmp_path: Path, archives: dict[str, Path]) -> None:
    first, second = prints(archives)

    class Stop(Exception):
        pass

    class Broken:
        @property
        def diff_id(self) -> str:
            raise Stop

    with open_index(tmp_path / "index", RULE) as index:
        index.add(first)
        before = index.files()
        with pytest.raises(Stop):
            index.add(Print(second.name, second.image_id, (*second.layers[:1], Broken())))  # type: ignore[arg-type]
        assert index.files() == before and len(index.images()) == 1


def test_damaged_layers_are_told_of_and_the_image_is_read_again(tmp_path: Path) -> None:
    files = make.oci(PICTURES["first"])
    victim = make.blob(make.sha256(make.compressed(BASE, "gzip")[0]))
    whole = make.write(tmp_path / "whole.tar", files)
    files[victim] = files[victim][:-9]
    damaged = read_print(read, RULE, str(make.write(tmp_path / "damaged.tar", files)))
    assert len(damaged.damaged) == 1
    with open_index(tmp_path / "index", RULE) as index:
        index.add(damaged)
        (told,) = index.images()
        assert told.damaged == (Damaged(damaged.damaged[0].number, damaged.damaged[0].why),)
        assert damaged.image_id not in index
        index.add(read_print(read, RULE, str(whole)))
        assert index.images()[0].damaged == () and damaged.image_id in index
        assert index.layers()[-1].share.total_count == 2


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-5000])


def _foreign(path: Path) -> None:
    path.write_bytes(b"something else, and long enough to be told from a database\n" * 20)


def _flipped(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    raw[raw.index(b"SQLite format 3") + 5000 :] = bytes(len(raw) - 5000)
    path.write_bytes(raw)


@pytest.mark.parametrize("harm", [_cut, _foreign, _flipped])
def test_a_damaged_index_is_refused_and_left_alone(
    tmp_path: Path, archives: dict[str, Path], harm: Callable[[Path], None]
) -> None:
    path = tmp_path / "index"
    with open_index(path, RULE) as index:
        for one in prints(archives):
            index.add(one)
    harm(path)
    before = path.read_bytes()
    with pytest.raises(BadInput, match=r"index.*move it away"), open_index(path, RULE):
        pass
    assert path.read_bytes() == before


@pytest.fixture
def large(tmp_path: Path, archives: dict[str, Path]) -> Path:
    """An index of many pages, closed."""
    path = tmp_path / "index"
    first, _ = prints(archives)
    with open_index(path, RULE) as index:
        index.add(first)
        for n in range(40):
            layer = replace(first.layers[0], diff_id=f"sha256:{n:064x}", files=(bytes([n]) * 16 + bytes(8)) * 500)
            index.add(Print(f"made{n}", f"sha256:{n:064x}", (layer,)))
    return path


def _spoil(path: Path) -> bytes:
    """Write zeros over pages in the middle, where layers are, and return what the file holds then."""
    raw = bytearray(path.read_bytes())
    middle = len(raw) // 2 // 4096 * 4096
    raw[middle : middle + 8192] = bytes(8192)
    path.write_bytes(raw)
    return bytes(raw)


def test_opening_does_not_read_all_of_it_and_damage_is_found_on_reading(large: Path) -> None:
    before = _spoil(large)
    with open_index(large, RULE) as index:
        assert len(index.images()) == 41
    with pytest.raises(BadInput, match=r"damaged.*move it away"), open_index(large, RULE) as index:
        index.files()
    with pytest.raises(BadInput, match="damaged"), open_index(large, RULE, check=True):
        pass
    assert large.read_bytes() == before


def _rows(path: Path, table: str) -> int:
    database = sqlite3.connect(path)
    try:
        return int(database.execute(f"select count(*) from {table}").fetchone()[0])
    finally:
        database.close()


def test_after_a_writer_that_did_not_close_all_of_it_is_checked(large: Path, archives: dict[str, Path]) -> None:
    script = (
        "import os, pickle, sys; from pathlib import Path; from sim.dedup.corpus.index import open_index\n"
        "image, rule = pickle.loads(sys.stdin.buffer.read())\n"
        f"with open_index(Path({str(large)!r}), rule) as index:\n    index.add(image)\n    os._exit(9)\n"
    )
    added = pickle.dumps((prints(archives)[1], RULE))
    assert subprocess.run([sys.executable, "-c", script], input=added, check=False, cwd=ROOT).returncode == 9
    assert _rows(large, "writing") == 1
    killed = large.read_bytes()
    before = _spoil(large)
    with pytest.raises(BadInput, match=r"the index is damaged.*move it away"), open_index(large, RULE):
        pass
    assert large.read_bytes() == before
    large.write_bytes(killed)
    with open_index(large, RULE) as index:
        assert len(index.images()) == 42, "what was added before the end is there"
    assert _rows(large, "writing") == 0


def test_an_index_that_does_not_tell_of_its_writers_is_checked_once(large: Path) -> None:
    database = sqlite3.connect(large)
    for table in ("writing", *COUNTS):
        database.execute(f"drop table {table}")
    database.execute("pragma user_version = 1")
    database.close()
    whole = large.read_bytes()
    _spoil(large)
    with pytest.raises(BadInput, match="the index is damaged"), open_index(large, RULE):
        pass
    large.write_bytes(whole)
    with open_index(large, RULE) as index:
        assert index.files()[-1].images == 41, "and counted, which it was not"
    assert _rows(large, "writing") == 0


def test_two_who_write_at_once_both_count_until_they_close(large: Path, archives: dict[str, Path]) -> None:
    first, second = prints(archives)
    with open_index(large, RULE) as one:
        one.add(first)
        with open_index(large, RULE) as other:
            other.add(second)
            one.add(first)
            assert _rows(large, "writing") == 2
        assert _rows(large, "writing") == 1
    assert _rows(large, "writing") == 0


def test_changed_bytes_of_a_layer_are_found(tmp_path: Path, archives: dict[str, Path]) -> None:
    path = tmp_path / "index"
    with open_index(path, RULE) as index:
        index.add(prints(archives)[0])
    database = sqlite3.connect(path)
    database.execute("update layer set files = zeroblob(length(files)) where number = 2")
    database.commit()
    database.close()
    with open_index(path, RULE) as index, pytest.raises(BadInput, match="damaged: layer sha256:"):
        index.files()
    with pytest.raises(BadInput, match="damaged: layer sha256:"), open_index(path, RULE, check=True):
        pass


def test_another_version_other_chunks_and_other_databases_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "index"
    with open_index(path, RULE):
        pass
    with pytest.raises(BadInput, match=r"chunks by fastcdc.*not for no chunks"), open_index(path):
        pass
    database = sqlite3.connect(path)
    database.execute("pragma user_version = 99")
    database.close()
    with pytest.raises(Unsupported, match="version 99"), open_index(path, RULE):
        pass
    other = sqlite3.connect(tmp_path / "other")
    other.execute("create table x (y)")
    other.close()
    with pytest.raises(BadInput, match="no index of fingerprints"), open_index(tmp_path / "other"):
        pass
    with pytest.raises(BadInput, match="cannot be used"), open_index(tmp_path / "no folder" / "index"):
        pass


def made(number: int, layers: Iterable[int], damaged: Iterable[int] = ()) -> Print:
    """Return an image of some layers; a layer's number says which files and chunks are in it, some of them twice."""
    held, broken = list(layers), set(damaged)
    return Print(f"made{number}", f"sha256:{number:064x}", tuple(
        LayerPrint(f"sha256:{layer:064x}", f"sha256:b{layer:063x}", layer, 2 * layer, files, chunks)
        for layer in held if layer not in broken for files, chunks in [_contents(layer)]
    ), tuple(Damaged(place, "broken") for place, layer in enumerate(held, start=1) if layer in broken))


def _contents(layer: int) -> tuple[bytes, Chunks]:
    kinds = [layer * step % 23 for step in range(1, 3 + layer % 5)]
    names = [hashlib.sha256(bytes([kind])).digest()[:16] for kind in kinds]
    files = b"".join(name + kind.to_bytes(8, "little") for name, kind in zip(names, kinds, strict=True))
    return files, Chunks(b"".join(names), array("I", kinds).tobytes())


def anew(images: Iterable[Print]) -> tuple[tuple[Point, ...], tuple[Point, ...]]:
    """Return the curves of files and of chunks by their definition."""
    held = list(images)
    return (
        growth([item for layer in image.layers for item in layer.named_files()] for image in held),
        growth([item for layer in image.layers for item in layer.chunks or ()] for image in held),
    )


LAYERS = st.lists(st.integers(0, 30), max_size=5)


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 5), st.sets(st.integers(0, 30)), st.booleans()), max_size=12),
    st.lists(LAYERS, min_size=6, max_size=6), st.sampled_from([1, 7, 1000]),
)
def test_the_curves_are_those_counted_anew_whatever_comes_when(
    comes: list[tuple[int, set[int], bool]], holds: list[list[int]], at_once: int
) -> None:
    images: dict[int, Print] = {}
    with (
        tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch,
        open_index(Path(folder) / "index", RULE) as index,
    ):
        patch.setattr(counts, "AT_ONCE", at_once)
        patch.setattr(names, "PAGE", 1)
        patch.setattr(names, "_LEAST_BITS", 1)
        for number, damaged, asked in comes:
            images[number] = made(number, holds[number], damaged)
            index.add(images[number])
            if asked:
                assert (index.files(), index.chunks()) == anew(images.values())
        assert (index.files(), index.chunks()) == anew(images.values())
        index.check()


def test_adding_an_image_reads_its_own_new_layers_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    images = [made(number, [number, number + 1]) for number in range(9)]
    with open_index(tmp_path / "index", RULE) as index:
        for image in images[:-1]:
            index.add(image)
        index.files()
        index.chunks()
        read: list[str] = []
        real = index.layer

        def counted(number: int) -> LayerPrint:
            read.append(real(number).diff_id)
            return real(number)

        monkeypatch.setattr(index, "layer", counted)
        index.files()
        assert read == []
        index.add(images[-1])
        assert (index.files(), read) == (anew(images)[0], [images[-1].layers[-1].diff_id])


def test_counting_tells_how_far_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counts, "AT_ONCE", 1)
    told: list[tuple[int, int, str]] = []
    with open_index(tmp_path / "index", RULE) as index:
        for number in range(3):
            index.add(made(number, [number]))
        index.files(lambda *how_far: told.append(how_far))
        index.files(lambda *how_far: told.append(how_far))
    assert told == [(0, 3, "counting files"), (1, 3, "counting files"), (2, 3, "counting files")]


def test_what_was_counted_is_there_after_the_end_of_the_process_and_only_then(tmp_path: Path) -> None:
    path = tmp_path / "index"
    images = [made(number, range(number, number + 3)) for number in range(5)]
    with open_index(path, RULE) as index:
        for image in images:
            index.add(image)
    script = (
        "import os; from pathlib import Path\n"
        "from sim.dedup.chunking import Rule; from sim.dedup.corpus import counts\n"
        "from sim.dedup.corpus.index import open_index\n"
        "counts.AT_ONCE, real, done = 1, counts.Counts.take, []\n"
        "def take(self, images, items):\n"
        "    real(self, images, items)\n"
        "    done.append(1)\n"
        "    len(done) == 3 and os._exit(9)\n"
        "counts.Counts.take = take\n"
        f"with open_index(Path({str(path)!r}), Rule.of('fastcdc', 256)) as index:\n    index.files()\n"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False, cwd=ROOT).returncode == 9
    assert (_rows(path, "file_growth"), _rows(path, "writing")) == (2, 1)
    with open_index(path, RULE) as index:
        assert (index.files(), index.chunks()) == anew(images)


@pytest.mark.parametrize(("harm", "found_on_reading"), [
    ("update file_names set names = zeroblob(length(names))", True),
    ("delete from file_names where page = (select max(page) from file_names)", False),
    ("update chunk_names set checksum = checksum + 1", False),
])  # fmt: skip
def test_damaged_counts_are_found(tmp_path: Path, harm: str, found_on_reading: bool) -> None:
    path = tmp_path / "index"
    with open_index(path, RULE) as index:
        index.add(made(1, range(9)))
        index.files()
        index.chunks()
    database = sqlite3.connect(path)
    database.execute(harm)
    database.commit()
    database.close()
    with pytest.raises(BadInput, match=r"the index is damaged: .*_names.*move it away"), open_index(path, RULE, True):
        pass
    if found_on_reading:
        with pytest.raises(BadInput, match="the index is damaged: page"), open_index(path, RULE) as index:
            index.add(made(2, range(31)))
            index.files()

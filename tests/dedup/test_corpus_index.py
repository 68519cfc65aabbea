"""The index of fingerprints: the shares of the images themselves, each image once, nothing lost."""

from __future__ import annotations

import pickle
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from sim.dedup import sharing
from sim.dedup.chunking import Rule
from sim.dedup.corpus.fingerprint import Print, fingerprint, read_print
from sim.dedup.corpus.growth import growth
from sim.dedup.corpus.index import open_index
from sim.dedup.subject import Damaged, Subject
from sim.errors import BadInput, Unsupported
from sim.source import open_subject
from tests import image_builders as make

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
        assert growth(index.blobs())[-1].share == sharing.blobs(subjects)
        assert growth(index.layers())[-1].share == sharing.layers(subjects)
        assert growth(index.chunks())[-1].share == sharing.chunks(subjects)
        files, told = growth(index.files())[-1].share, sharing.files(subjects)
        assert files == told
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
        before = list(map(list, index.files()))
        with pytest.raises(Stop):
            index.add(Print(second.name, second.image_id, (*second.layers[:1], Broken())))  # type: ignore[arg-type]
        assert list(map(list, index.files())) == before and len(index.images()) == 1


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
        assert growth(index.layers())[-1].share.total_count == 2


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
            layer = replace(first.layers[0], diff_id=f"sha256:{n:064x}", files=bytes([n]) * 24 * 500)
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
        list(map(list, index.files()))
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
    database.execute("drop table writing")
    database.close()
    whole = large.read_bytes()
    _spoil(large)
    with pytest.raises(BadInput, match="the index is damaged"), open_index(large, RULE):
        pass
    large.write_bytes(whole)
    with open_index(large, RULE):
        pass
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
        list(map(list, index.files()))
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

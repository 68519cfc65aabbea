"""The pipeline: the same answers as from images opened whole, in one pass, with what is damaged left out."""

from __future__ import annotations

import gzip
import hashlib
import pickle
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from sim.content.limits import Limits
from sim.dedup import sharing
from sim.dedup.chunking import Rule, chunks, cutter
from sim.dedup.pipeline import chunk_files, patient, scan, scan_image, settle
from sim.dedup.prints import NAME_BYTES
from sim.dedup.subject import Subject
from sim.errors import LimitExceeded
from sim.fs.sketch import file, hardlink, sketch
from sim.image.archive import open_archive
from sim.image.outline import Outline
from sim.source import open_image
from tests import image_builders as make
from tests.conftest import OWN_THREADS

RULE = Rule.of("fastcdc", 1024)


def noise(size: int, seed: int) -> bytes:
    return hashlib.shake_128(seed.to_bytes(4, "big")).digest(size)


LAYERS = (
    make.tar({"big": noise(1_500_000, 1), "a": b"one", "b": b"two", "twin": noise(5000, 2)}),
    make.tar({"big2": noise(1_200_000, 1), "twin2": noise(5000, 2), "a": b"1"}),
)
#: Chunks of the pipeline are those of the whole tar.
EXPECTED = [[
    (hashlib.sha256(chunk).digest()[:NAME_BYTES], len(chunk)) for chunk in chunks([layer], cutter(RULE, "plain"))
] for layer in LAYERS]


def outline(path: Path) -> Outline:
    archive = open_archive(path)
    return archive.outline(archive.choices[0], patient)


@pytest.fixture(scope="module", params=["none", "gzip", "zstd", "docker"])
def archive(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    picture = make.image(LAYERS)
    files = make.docker(picture) if request.param == "docker" else make.oci(picture, compression=request.param)
    return make.write(tmp_path_factory.mktemp("archive") / "image.tar", files)


@pytest.mark.parametrize("threads", [1, 2])
def test_one_pass_gives_what_opening_the_image_gives(archive: Path, threads: int) -> None:
    found, image = scan(outline(archive), "1.0", rule=RULE, threads=threads), open_image(archive)
    assert [list(part.chunks or ()) for part in found.parts] == EXPECTED
    bare = Subject(found.name, found.image_id, tuple(replace(part, chunks=None) for part in found.parts))
    assert bare == replace(Subject.of(image), name="1.0")
    assert scan_image(image, RULE, threads=threads).parts == found.parts
    assert threading.active_count() == OWN_THREADS


def test_without_a_rule_nothing_is_cut(archive: Path) -> None:
    found = scan(outline(archive), "image")
    assert [part.chunks for part in found.parts] == [None, None]
    with pytest.raises(ValueError, match="chunks of layer 1 were not cut"):
        sharing.chunks([found])


def test_files_without_a_twin_in_size_are_not_read(tmp_path: Path) -> None:
    path = make.write(tmp_path / "plain.tar", make.oci(make.image(LAYERS), compression="none"))
    found = scan(outline(path), "image")
    settle([found])
    hashed = {
        name for part in found.parts for name, entry in part.changes.entries.items() if "sha256" in vars(entry.data)
    }
    # "a" has 3 bytes as "b" has; the other "a" has 1 and no twin, as the big ones have none.
    assert hashed == {"a", "b", "twin", "twin2"}
    assert sharing.files([found]) == sharing.files([Subject.of(open_image(path))])


def test_a_blob_that_occurs_twice_is_cut_once_and_counted_twice(tmp_path: Path) -> None:
    path = make.write(tmp_path / "twice.tar", make.oci(make.image([LAYERS[0], "x", LAYERS[0]])))
    found = scan(outline(path), "image", rule=RULE)
    assert [list(found.parts[place].chunks or ()) for place in (0, 2)] == [EXPECTED[0], EXPECTED[0]]
    assert sharing.chunks([found]).total_bytes == sum(part.tar_size for part in found.parts)


def damage(files: make.Files, digest: str, how: Callable[[bytes], bytes | None]) -> make.Files:
    name = make.blob(digest)
    raw = how(files[name])
    return {**{key: value for key, value in files.items() if key != name}, **({} if raw is None else {name: raw})}


DAMAGE = [
    # what happens to the middle layer's blob, what is said of it
    (lambda raw: None, "is missing"),
    (lambda raw: raw[:-20], "size does not match"),
    (lambda raw: raw[:20] + bytes(20) + raw[40:], "digest does not match"),
    (lambda raw: gzip.compress(b"no tar at all", mtime=0), "does not match"),
]


@pytest.mark.parametrize(("how", "says"), DAMAGE, ids=["missing", "cut short", "flipped", "another"])
def test_a_damaged_layer_is_left_out_and_told_of(
    how: Callable[[bytes], bytes | None], says: str, tmp_path: Path
) -> None:
    picture = make.image(["base", LAYERS[0], "top"])
    files = make.oci(picture)
    digest = make.sha256(make.compressed(LAYERS[0], "gzip")[0])
    found = scan(outline(make.write(tmp_path / "image.tar", damage(files, digest, how))), "image", rule=RULE)
    assert [part.number for part in found.parts] == [1, 3]
    assert [one.number for one in found.damaged] == [2] and says in found.damaged[0].why
    used = sharing.usage(found)
    assert [use.number for use in used.layers] == [1, 3] and used.totals.paths == 2
    assert threading.active_count() == OWN_THREADS


def test_a_tar_that_is_not_the_one_the_config_names_is_damaged(tmp_path: Path) -> None:
    picture = make.image(["base", "top"], rootfs={
        "type": "layers", "diff_ids": [make.sha256(make.layer("base")), make.sha256(b"other")],
    })
    found = scan(outline(make.write(tmp_path / "image.tar", make.oci(picture))), "image")
    assert [one.number for one in found.damaged] == [2] and "DiffID" in found.damaged[0].why


def test_limits_hold(tmp_path: Path) -> None:
    path = make.write(tmp_path / "image.tar", make.oci(make.image(LAYERS)))
    with pytest.raises(LimitExceeded):
        scan(outline(path), "image", rule=RULE, limits=Limits(max_bytes=1_000_000))
    assert threading.active_count() == OWN_THREADS


def test_progress_comes_to_the_end_and_an_interrupt_ends_all(tmp_path: Path) -> None:
    path = make.write(tmp_path / "image.tar", make.oci(make.image(LAYERS), compression="none"))
    said: list[tuple[int, int]] = []
    found = scan(outline(path), "image", rule=RULE, progress=lambda done, total, what: said.append((done, total)))
    assert said[-1][0] == said[-1][1] == sum(part.size for part in found.parts)
    said.clear()
    settle([found], progress=lambda done, total, what: said.append((done, total)))
    assert said[-1] == (10_006, 10_006)

    def interrupt(done: int, total: int, what: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        scan(outline(path), "image", rule=RULE, progress=interrupt)
    with pytest.raises(KeyboardInterrupt):
        scan_image(open_image(path), RULE, progress=interrupt)
    assert threading.active_count() == OWN_THREADS


def test_files_cut_by_themselves_share_what_headers_and_neighbours_hide() -> None:
    rule = Rule.of("fastcdc", 256)
    one = sketch(file("/a", noise(3000, 3)), hardlink("/b", "/a"), file("/c", noise(2000, 4)))
    two = sketch(file("/new", b"new"), file("/c", noise(2000, 4), mtime=7), file("/a", noise(3000, 3)))
    first, second = chunk_files(one, rule), chunk_files(two, rule)
    assert sum(first.sizes) == 5000
    assert set(second) - set(first) == {(hashlib.sha256(b"new").digest()[:NAME_BYTES], 3)}


def test_prints_can_be_sent_to_another_process() -> None:
    found = chunk_files(sketch(file("/a", noise(3000, 3))), Rule.of("fastcdc", 256))
    assert pickle.loads(pickle.dumps(found)) == found and len(found) == len(list(found))

"""Writing images: whole or not at all, the same bytes each time, read back as the same image."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sim.content import durable
from sim.content.descriptor import OCI_LAYER_ZSTD
from sim.content.digest import Digest
from sim.content.store import LayoutStore
from sim.errors import ArchiveInvalid, BadInput, DigestMismatch
from sim.image.convert import FORMS, write_archive
from sim.image.layer import Image
from sim.source import open_image, validate_image
from tests import image_builders as make

TWO = make.image(["base", make.tar({"top": b"top", "dir/file": b"x" * 3000}, {"link": "top"})])


@pytest.fixture(params=["oci", "zstd", "docker"])
def image(request: pytest.FixtureRequest, tmp_path: Path) -> Image:
    files = make.docker(TWO) if request.param == "docker" else make.oci(
        TWO, compression="zstd" if request.param == "zstd" else "gzip"
    )
    return open_image(make.write(tmp_path / "box.tar", files))


def same(one: Image, two: Image) -> bool:
    return (one.stack, one.config.raw, [x.diff_id for x in one.layers]) == (
        two.stack, two.config.raw, [x.diff_id for x in two.layers])


def content(path: Path) -> dict[str, bytes]:
    if path.is_file():
        return {"": path.read_bytes()}
    return {str(each.relative_to(path)): each.read_bytes() for each in sorted(path.rglob("*")) if each.is_file()}


@pytest.mark.parametrize("to", FORMS)
def test_written_and_read_it_is_the_same_image(tmp_path: Path, image: Image, to: str) -> None:
    write_archive(image, tmp_path / "out", to)
    found = open_image(tmp_path / "out")
    assert same(found, image) and found.name == image.name
    assert validate_image(tmp_path / "out").ok


@pytest.mark.parametrize("to", FORMS)
def test_a_second_run_gives_identical_bytes(tmp_path: Path, image: Image, to: str) -> None:
    for _ in range(2):
        write_archive(image, tmp_path / "one", to)
    write_archive(image, tmp_path / "two", to)
    assert content(tmp_path / "one") == content(tmp_path / "two")


@pytest.mark.parametrize("compression", ["none", "gzip", "zstd"])
@pytest.mark.parametrize("to", ["oci", "oci-dir"])
def test_compression(tmp_path: Path, image: Image, to: str, compression: str) -> None:
    write_archive(image, tmp_path / "out", to, compression)
    found = open_image(tmp_path / "out")
    assert same(found, image) and validate_image(tmp_path / "out").remarks == ()
    ends = {"none": ".tar", "gzip": "+gzip", "zstd": "+zstd"}
    assert all(layer.descriptor.media_type.endswith(ends[compression]) for layer in found.layers)


def test_blobs_that_are_there_are_kept_byte_for_byte(tmp_path: Path) -> None:
    files = make.oci(TWO)
    image = open_image(make.write(tmp_path / "box.tar", files))
    write_archive(image, tmp_path / "out", "oci-dir", "gzip")
    blobs = {name: raw for name, raw in content(tmp_path / "out").items() if name.startswith("blobs")}
    assert {name.replace(os.sep, "/"): raw for name, raw in blobs.items()} == {
        name: raw for name, raw in files.items() if name.startswith("blobs")}


def test_a_manifest_made_anew_keeps_what_was_said(tmp_path: Path) -> None:
    files: make.Files = {}
    raw = make.manifest_of(files, TWO, annotations={"vendor": "us"})
    path = make.write(tmp_path / "x.tar", make.layout(files, [make.descriptor(raw, make.MANIFEST)]))
    write_archive(open_image(path), tmp_path / "out", "oci", "zstd")
    manifest = open_image(tmp_path / "out").manifest
    assert manifest is not None and manifest.annotations == {"vendor": "us"}
    assert {layer.media_type for layer in manifest.layers} == {OCI_LAYER_ZSTD}


def test_the_way_there_and_back(tmp_path: Path) -> None:
    start = open_image(make.write(tmp_path / "box.tar", make.docker(TWO)))
    write_archive(start, tmp_path / "first.tar", "docker")
    write_archive(open_image(tmp_path / "first.tar"), tmp_path / "layout", "oci-dir")
    write_archive(open_image(tmp_path / "layout"), tmp_path / "second.tar", "docker")
    assert content(tmp_path / "first.tar") == content(tmp_path / "second.tar")


def test_what_docker_save_holds(tmp_path: Path) -> None:
    image = open_image(make.write(tmp_path / "box.tar", make.docker(make.image(["same", "same", "other"]))))
    write_archive(image, tmp_path / "out.tar", "docker")
    with tarfile.open(tmp_path / "out.tar") as tar:
        members = {member.name: member for member in tar}
        (entry,) = json.load(tar.extractfile("manifest.json"))  # type: ignore[arg-type]
        repositories = json.load(tar.extractfile("repositories"))  # type: ignore[arg-type]
        assert all((m.mtime, m.uid, m.gid, m.uname) == (0, 0, 0, "") for m in members.values())
        assert list(members) == sorted(members)
    assert entry["Config"] == image.config.digest.hex + ".json" and entry["RepoTags"] == ["box:1.0"]
    base, again, top = (members[name] for name in entry["Layers"])
    assert repositories == {"box": {"1.0": top.name.partition("/")[0]}}
    # As docker 20.10 does: what is there already is linked.
    assert (base.isreg(), again.issym(), top.isreg()) == (True, True, True)
    assert again.linkname == f"../{base.name}"


@pytest.mark.parametrize(("name", "tags"), [
    ("box:1.0", ["box:1.0"]), ("127.0.0.1:5000/ns/box:1", ["127.0.0.1:5000/ns/box:1"]), ("box", []), ("Box:1", []),
    ("a b:1", []), ("box:-1", []),
])
def test_only_names_that_docker_takes_are_written(tmp_path: Path, name: str, tags: list[str]) -> None:
    image = open_image(make.write(tmp_path / "box.tar", make.docker(TWO)))
    write_archive(replace(image, name=name), tmp_path / "out.tar")
    with tarfile.open(tmp_path / "out.tar") as tar:
        assert json.load(tar.extractfile("manifest.json"))[0]["RepoTags"] == tags  # type: ignore[arg-type]
        assert ("repositories" in tar.getnames()) == bool(tags)


def test_a_layout_keeps_its_other_images(tmp_path: Path) -> None:
    old, new, other = (open_image(make.write(tmp_path / f"{names}.tar", make.oci(make.image([names], tag=tag))))
                       for names, tag in (("old", "1"), ("new", "1"), ("other", "2")))
    for image in (old, other, new):
        write_archive(image, tmp_path / "box", "oci-dir")
    assert same(open_image(f"{tmp_path / 'box'}#2"), other)
    assert same(open_image(f"{tmp_path / 'box'}#1"), new)  # the tag has moved


def test_samples_and_edited_images_are_written_too(tmp_path: Path) -> None:
    sample = open_image("sample:hello-world")
    for to in FORMS:
        write_archive(sample, tmp_path / to, to)
        assert same(open_image(tmp_path / to), sample)


# --- whole or not at all --------------------------------------------------------------------------------------

@pytest.mark.parametrize(("to", "compression", "words"), [
    ("tar", None, "docker, oci, oci-dir"), ("oci", "xz", "none, gzip, zstd"), ("docker", "gzip", "plain layers"),
])
def test_bad_wishes(tmp_path: Path, image: Image, to: str, compression: str | None, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        write_archive(image, tmp_path / "out", to, compression)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("to", FORMS)
def test_something_else_is_left_alone(tmp_path: Path, image: Image, to: str) -> None:
    thesis = tmp_path / "thesis"
    if to == "oci-dir":
        thesis.mkdir()
        (thesis / "chapter").write_bytes(b"years of work")
    else:
        thesis.write_bytes(b"years of work")
    before = content(thesis)
    with pytest.raises(ArchiveInvalid):
        write_archive(image, thesis, to)
    assert content(thesis) == before and sorted(os.listdir(tmp_path)) == ["box.tar", "thesis"]


@pytest.mark.parametrize("to", ["docker", "oci"])
def test_places_where_no_file_can_be(tmp_path: Path, image: Image, to: str) -> None:
    with pytest.raises(BadInput, match="a folder"):
        write_archive(image, tmp_path, to)
    with pytest.raises(BadInput, match="no such folder"):
        write_archive(image, tmp_path / "absent" / "out", to)


def test_an_archive_is_replaced_even_by_itself(tmp_path: Path) -> None:
    path = make.write(tmp_path / "box.tar", make.oci(TWO))
    image = open_image(path)
    write_archive(image, path, "docker")
    found = open_image(path)
    assert found.manifest is None and [x.diff_id for x in found.layers] == [x.diff_id for x in image.layers]


class Torn:
    """Blobs of which the last goes wrong half way."""

    def __init__(self, image: Image, error: Exception | None) -> None:
        self.image, self.error = image, error

    def chunks(self, digest: Digest) -> Iterator[bytes]:
        raw = b"".join(self.image.blobs.chunks(digest))
        if digest == self.image.layers[-1].descriptor.digest:
            if self.error is not None:
                yield raw[:10]
                raise self.error
            raw = raw[:-30] + b"!" + raw[-29:]
        yield raw


@pytest.mark.parametrize("to", FORMS)
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt(), None])
def test_a_failure_leaves_nothing(tmp_path: Path, to: str, error: Exception | None) -> None:
    image = open_image(make.write(tmp_path / "box.tar", make.oci(TWO, compression="none")))
    with pytest.raises(type(error) if error is not None else DigestMismatch):
        write_archive(replace(image, blobs=Torn(image, error)), tmp_path / "out", to)
    assert os.listdir(tmp_path) == ["box.tar"]


@pytest.mark.parametrize("to", FORMS)
def test_killed_at_any_moment_the_destination_is_whole_or_absent(tmp_path: Path, root: Path, to: str) -> None:
    source = make.write(tmp_path / "box.tar", make.oci(make.image(
        [make.tar({"a": os.urandom(3_000_000)}), make.tar({"b": os.urandom(3_000_000)})]), compression="none"))
    script = ("import sys; from sim.source import open_image; from sim.image.convert import write_archive\n"
              "image = open_image(sys.argv[1]); print('ready', flush=True)\n"
              "write_archive(image, sys.argv[2], sys.argv[3])")
    expected = open_image(source)
    for attempt in range(6):
        dest = tmp_path / f"out{attempt}"
        command = [sys.executable, "-c", script, str(source), str(dest), to]
        writer = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=root)
        assert writer.stdout is not None and writer.stdout.readline().strip() == b"ready"
        time.sleep(attempt * 0.01)
        writer.kill()
        writer.communicate()
        if dest.exists():
            assert same(open_image(dest), expected)
    write_archive(expected, tmp_path / "out0", to)
    assert same(open_image(tmp_path / "out0"), expected)


@pytest.mark.parametrize("to", FORMS)
def test_what_a_killed_run_left_behind_is_swept(tmp_path: Path, image: Image, to: str) -> None:
    left = [tmp_path / f"{durable.ASIDE}file", tmp_path / f"{durable.ASIDE}folder"]
    left[0].touch()
    left[1].mkdir()
    past = left[0].stat().st_mtime - durable.IDLE_S - 1
    for each in left:
        os.utime(each, (past, past))
    write_archive(image, tmp_path / "out", to)
    assert sorted(os.listdir(tmp_path)) == ["box.tar", "out"]


@pytest.mark.parametrize("to", FORMS)
def test_progress(tmp_path: Path, image: Image, to: str) -> None:
    seen: list[tuple[int, int]] = []
    write_archive(image, tmp_path / to, to, progress=lambda done, total, what: seen.append((done, total)))
    assert seen == sorted(seen) and seen[-1][0] == seen[-1][1] > 0


def test_two_processes_that_name_images_lose_none(tmp_path: Path, root: Path) -> None:
    folder = tmp_path / "layout"
    LayoutStore(folder)
    naming = (
        "import sys\nfrom dataclasses import replace\nfrom sim.content.store import LayoutStore\n"
        "from sim.image.convert import name_image\nfrom sim.image.oci_layout import REF_NAME\n"
        "from sim.source import open_image\nstore, pointer = LayoutStore(sys.argv[1]), "
        "open_image('sample:busybox').manifest_descriptor\n"
        "for n in range(40): name_image(store, replace(pointer, annotations={REF_NAME: sys.argv[2] + str(n)}))"
    )
    writers = [
        subprocess.Popen([sys.executable, "-c", naming, str(folder), name], cwd=root) for name in ("one-", "two-")
    ]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    assert len(json.loads(LayoutStore(folder).read_index())["manifests"]) == 80

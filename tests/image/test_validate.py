"""Validation tells ALL that does not match, and goes on."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from sim.content.limits import Limits
from sim.errors import ArchiveInvalid, LimitExceeded
from sim.image.validate import Finding, Verdict
from sim.source import validate_image
from tests import image_builders as make

FOUR = make.image(["a", "b", "c", "d"])


def blob_of(layer: bytes) -> str:
    return make.blob(make.sha256(gzip.compress(layer, mtime=0)))


def codes(verdict: Verdict) -> list[tuple[int, str]]:
    return [(noted.layer, noted.remark.code) for noted in verdict.remarks]


@pytest.mark.parametrize("files", [
    make.oci(FOUR), make.oci(FOUR, compression="zstd"), make.oci(FOUR, compression="none"), make.docker(FOUR),
    make.nested(FOUR),
])
def test_nothing_to_say(tmp_path: Path, files: make.Files) -> None:
    verdict = validate_image(make.write(tmp_path / "box.tar", files))
    assert verdict == Verdict((), ()) and verdict.ok


def test_everything_at_once(tmp_path: Path) -> None:
    lies = FOUR.config["rootfs"]["diff_ids"][:3] + [make.sha256(b"another tar")]
    files = make.oci(make.Picture(FOUR.layers, FOUR.config | {"rootfs": {"type": "layers", "diff_ids": lies}}))
    one, two, three = map(blob_of, FOUR.layers[:3])
    del files[one]
    files[two] += b"\0"
    files[three] = files[three][:-8] + b"\0\0\0\0" + files[three][-4:]  # its CRC
    path = make.write(tmp_path / "box.tar", files)
    verdict = validate_image(path, threads=4)
    assert not verdict.ok
    told = [f"{found.where.partition('layer ')[2][:1]} {found.what}" for found in verdict.errors]
    expected = ["1 blob is missing", "2 size does not match", "2 digest does not match", "2 bytes that are no gzip",
                "3 digest does not match", "3 corrupt gzip", "4 digest does not match"]
    assert [words.startswith(start) for words, start in zip(told, expected, strict=True)] == [True] * 7, told
    size, last = verdict.errors[1], verdict.errors[-1]
    assert (size.expected, size.found) == (str(len(files[two]) - 1), str(len(files[two])))
    assert (last.expected, last.found) == (make.sha256(b"another tar"), make.sha256(FOUR.layers[3]))
    assert all(str(path) in found.where for found in verdict.errors)


def test_documents_that_do_not_match_are_read_on(tmp_path: Path) -> None:
    files = make.oci(FOUR)
    for name in (make.blob(json.loads(files["index.json"])["manifests"][0]["digest"]),
                 make.blob(make.sha256(FOUR.raw_config))):
        files[name] = b" " + files[name]
    verdict = validate_image(make.write(tmp_path / "box.tar", files))
    assert [found.what for found in verdict.errors] == ["size does not match", "digest does not match"] * 2


def test_a_document_that_cannot_be_read_ends_it(tmp_path: Path) -> None:
    files = make.oci(FOUR)
    files[make.blob(make.sha256(FOUR.raw_config))] = b"{"
    verdict = validate_image(make.write(tmp_path / "box.tar", files))
    assert [found.what for found in verdict.errors][:2] == ["size does not match", "digest does not match"]
    assert verdict.errors[-1].what.startswith("not JSON") and len(verdict.errors) == 3


@pytest.mark.parametrize("damage", ["missing", "flipped"])
def test_docker_archives(tmp_path: Path, damage: str) -> None:
    files = make.docker(FOUR)
    second = [name for name in files if name.startswith("01-")][0]
    if damage == "missing":
        del files[second]
    else:
        files[second] = files[second].replace(b"b", b"B")
    verdict = validate_image(make.write(tmp_path / "box.tar", files))
    assert len(verdict.errors) == 1 and "layer 2" in verdict.errors[0].where


def test_wrong_counts(tmp_path: Path) -> None:
    config = FOUR.config | {"rootfs": {"type": "layers", "diff_ids": FOUR.config["rootfs"]["diff_ids"][:2]}}
    verdict = validate_image(make.write(tmp_path / "box.tar", make.oci(make.Picture(FOUR.layers, config))))
    assert [found.what for found in verdict.errors] == [
        "config.rootfs.diff_ids: 2 DiffIDs, but the image has 4 layers"
    ]


def test_no_verdict_beyond_the_limits(tmp_path: Path) -> None:
    path = make.write(tmp_path / "box.tar", make.oci(FOUR))
    with pytest.raises(LimitExceeded):
        validate_image(path, limits=Limits(max_bytes=20_000))


def test_no_archive_is_no_verdict(tmp_path: Path) -> None:
    with pytest.raises(ArchiveInvalid):
        validate_image(make.write(tmp_path / "box.tar", {"readme": b""}))


# --- remarks: accepted, and an engine would not --------------------------------------------------------------

def noted(tmp_path: Path, *layers: bytes, **rest: object) -> list[tuple[int, str]]:
    verdict = validate_image(make.write(tmp_path / "box.tar", make.oci(make.image(layers), **rest)))  # type: ignore[arg-type]
    assert verdict.ok
    return codes(verdict)


@pytest.mark.parametrize(("names", "code"), [
    (["../escape"], "dotdot"), (["/etc/motd"], "absolute"), (["a", "./a"], "duplicate"), (["\udcff"], "not-utf8"),
    (["x" * 252], "long-name"),
])
def test_names_that_some_engine_refuses(tmp_path: Path, names: list[str], code: str) -> None:
    assert noted(tmp_path, make.layer("base"), make.tar(dict.fromkeys(names, b""))) == [(2, code)]


def test_a_hard_link_to_a_lower_layer(tmp_path: Path) -> None:
    import tarfile

    link = make.tar({}, {"second": "base"}, tarfile.LNKTYPE)
    assert noted(tmp_path, make.layer("base"), link) == [(2, "link-to-lower")]


@pytest.mark.parametrize(("count", "expected"), [(125, []), (126, [(0, "layers")]), (130, [(0, "layers")])])
def test_more_layers_than_docker_takes(tmp_path: Path, count: int, expected: list[tuple[int, str]]) -> None:
    assert noted(tmp_path, *(make.layer(f"f{number}") for number in range(count))) == expected


@pytest.mark.parametrize(("lines", "engines"), [(5, 2), (3, 0)])
def test_a_history_of_another_number_of_layers(tmp_path: Path, lines: int, engines: int) -> None:
    picture = make.Picture(FOUR.layers, FOUR.config | {"history": [{"created_by": "x"}] * lines})
    verdict = validate_image(make.write(tmp_path / "box.tar", make.oci(picture)))
    (found,) = verdict.remarks
    assert verdict.ok and found.remark.code == "history" and len(found.remark.engines) == engines


def test_a_media_type_that_the_bytes_are_not(tmp_path: Path) -> None:
    files: make.Files = {}
    manifest = json.loads(make.manifest_of(files, FOUR, "gzip"))
    for layer in manifest["layers"][:2]:
        layer["mediaType"] = make.LAYER + "+zstd"
    raw = make.js(manifest)
    make.store(files, raw)
    path = make.write(tmp_path / "x.tar", make.layout(files, [make.descriptor(raw, make.MANIFEST)]))
    assert codes(validate_image(path)) == [(1, "media-type"), (2, "media-type")]


def test_an_index_that_says_another_platform(tmp_path: Path) -> None:
    files: make.Files = {}
    raw = make.manifest_of(files, FOUR)
    told = make.descriptor(raw, make.MANIFEST, platform={"os": "linux", "architecture": "s390x"})
    assert codes(validate_image(make.write(tmp_path / "x.tar", make.layout(files, [told])))) == [(0, "platform")]


def test_a_finding_is_data() -> None:
    assert Finding.of(ArchiveInvalid("is broken", where="x.tar")) == Finding("is broken", "x.tar")


def test_a_sample_is_validated_as_it_would_be_written() -> None:
    assert validate_image("sample:hello-world").ok

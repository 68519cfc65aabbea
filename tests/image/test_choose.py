"""Choosing one image among several, by words alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sim.errors import Ambiguous, ArchiveInvalid, BadInput, BlobMissing, DocumentInvalid
from sim.source import open_image
from tests import image_builders as make

OLD, NEW = make.image(["old"], tag="1.0"), make.image(["new"], tag="2.0")
AMD, ARM = make.image(["amd"]), make.image(["arm"], architecture="arm64")


def opened(path: Path, ref: str = "", platform: str | None = None) -> str:
    """The name of the one file in the image that is chosen."""
    image = open_image(f"{path}{ref}", platform=platform)
    return next(iter(image.layers[0].changes.entries))


@pytest.fixture(params=["oci", "docker", "folder"])
def two_tags(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    if request.param == "folder":
        return make.unpack(tmp_path / "box", make.oci(OLD, NEW))
    return make.write(tmp_path / "box", make.oci(OLD, NEW) if request.param == "oci" else make.docker(OLD, NEW))


def test_by_tag(two_tags: Path) -> None:
    assert opened(two_tags, "#1.0") == "old" and opened(two_tags, "#2.0") == "new"


def test_without_a_tag_it_is_ambiguous(two_tags: Path) -> None:
    with pytest.raises(Ambiguous) as caught:
        opened(two_tags)
    tags = ("#1.0", "#2.0") if caught.value.choices[0] == "#1.0" else ("#box:1.0", "#box:2.0")
    assert caught.value.choices == tags and all(choice in str(caught.value) for choice in tags)
    # What is listed can be typed.
    assert [opened(two_tags, choice) for choice in caught.value.choices] == ["old", "new"]


@pytest.mark.parametrize("ref", ["#3.0", "#1", "#sha256:" + "0" * 64])
def test_an_absent_tag_says_what_is_there(two_tags: Path, ref: str) -> None:
    with pytest.raises(ArchiveInvalid, match=r"1\.0.*2\.0"):
        opened(two_tags, ref)


def test_by_image_id(tmp_path: Path) -> None:
    path = make.write(tmp_path / "box", make.docker(OLD, NEW))
    assert opened(path, "#" + make.sha256(NEW.raw_config)) == "new"
    assert opened(path, "#box:2.0") == "new"


def test_by_manifest_digest(tmp_path: Path) -> None:
    files = make.oci(OLD, NEW)
    digests = [one["digest"] for one in json.loads(files["index.json"])["manifests"]]
    path = make.write(tmp_path / "box", files)
    assert [opened(path, "#" + digest) for digest in digests] == ["old", "new"]


def test_by_platform(tmp_path: Path) -> None:
    path = make.write(tmp_path / "box", make.nested(AMD, ARM))
    assert opened(path, platform="linux/arm64") == "arm" and opened(path, "#1.0", "linux/amd64") == "amd"
    assert opened(path, platform="linux/arm64/v8") == "arm"  # arm64 means v8
    with pytest.raises(Ambiguous) as caught:
        opened(path)
    assert caught.value.choices == ("--platform linux/amd64", "--platform linux/arm64")
    for absent in ("linux/s390x", "windows/amd64", "linux/arm64/v9"):
        with pytest.raises(ArchiveInvalid, match="holds no image"):
            opened(path, platform=absent)


def test_by_the_digest_of_an_index_above(tmp_path: Path) -> None:
    files = make.nested(AMD, ARM)
    above = json.loads(files["index.json"])["manifests"][0]["digest"]
    assert opened(make.write(tmp_path / "box", files), f"#{above}", "linux/amd64") == "amd"


@pytest.mark.parametrize("make_files", [make.oci, make.docker])
def test_a_platform_that_only_the_config_states(tmp_path: Path, make_files: object) -> None:
    path = make.write(tmp_path / "box", make_files(AMD))  # type: ignore[operator]
    assert opened(path, platform="linux/amd64") == "amd"
    with pytest.raises(ArchiveInvalid):
        opened(path, platform="linux/arm64")


def test_no_platform(tmp_path: Path) -> None:
    with pytest.raises(DocumentInvalid, match="OS/ARCH"):
        opened(make.write(tmp_path / "box", make.oci(AMD)), platform="arm64")


def test_two_names_of_one_image_are_one_image(tmp_path: Path) -> None:
    files: make.Files = {}
    raw = make.manifest_of(files, OLD)
    tags = [make.descriptor(raw, make.MANIFEST, annotations={make.REF_NAME: tag}) for tag in ("a", "b")]
    path = make.write(tmp_path / "box", make.layout(files, tags))
    assert opened(path) == opened(path, "#a") == opened(path, "#b") == "old"


def test_signatures_and_attestations_are_no_images(tmp_path: Path) -> None:
    files: make.Files = {}
    image = make.manifest_of(files, OLD)
    other = make.manifest_of(files, NEW)
    beside = make.descriptor(other, make.MANIFEST, annotations={"vnd.docker.reference.type": "attestation-manifest"},
                             platform={"os": "unknown", "architecture": "unknown"})
    path = make.write(tmp_path / "box", make.layout(files, [make.descriptor(image, make.MANIFEST), beside]))
    assert opened(path) == "old"
    assert opened(path, "#" + beside["digest"]) == "new"  # who names it gets it


def test_an_index_kept_in_part(tmp_path: Path) -> None:
    files = make.nested(AMD, ARM)
    manifests = json.loads(files[make.blob(json.loads(files["index.json"])["manifests"][0]["digest"])])["manifests"]
    del files[make.blob(manifests[1]["digest"])]
    path = make.write(tmp_path / "box", files)
    assert opened(path) == "amd"  # the only one there
    with pytest.raises(BlobMissing):
        opened(path, platform="linux/arm64")


def test_artifacts_have_no_platform(tmp_path: Path) -> None:
    files: make.Files = {}
    image, chart = make.manifest_of(files, OLD), json.loads(make.manifest_of(files, NEW))
    chart["config"]["mediaType"] = "application/vnd.cncf.helm.config.v1+json"
    make.store(files, make.js(chart))
    both = [make.descriptor(raw, make.MANIFEST) for raw in (make.js(chart), image)]
    assert opened(make.write(tmp_path / "box", make.layout(files, both)), platform="linux/amd64") == "old"


def test_tags_and_platforms_at_once(tmp_path: Path) -> None:
    files: make.Files = {}
    manifests = []
    for tag in ("1.0", "2.0"):
        for architecture in ("amd64", "arm64"):
            raw = make.manifest_of(files, make.image([tag + architecture], architecture=architecture))
            platform = {"os": "linux", "architecture": architecture}
            manifests.append(make.descriptor(raw, make.MANIFEST, annotations={make.REF_NAME: tag}, platform=platform))
    path = make.write(tmp_path / "box", make.layout(files, manifests))
    with pytest.raises(Ambiguous) as caught:
        opened(path)
    assert caught.value.choices[1] == "#1.0 --platform linux/arm64" and len(caught.value.choices) == 4
    assert opened(path, "#2.0", "linux/arm64") == "2.0arm64"


def test_the_name_asked_for_is_the_images_name(tmp_path: Path) -> None:
    files = make.docker(OLD)
    entry = json.loads(files["manifest.json"])[0] | {"RepoTags": ["a:1", "b:2"]}
    path = make.write(tmp_path / "box", files | {"manifest.json": make.js([entry])})
    assert [open_image(f"{path}{ref}").name for ref in ("", "#b:2", "#2", "#1")] == ["a:1", "b:2", "b:2", "a:1"]


def test_a_file_name_with_a_hash_sign(tmp_path: Path) -> None:
    path = make.write(tmp_path / "box#1.tar", make.oci(OLD, NEW))
    assert opened(path, "#1.0") == "old"
    with pytest.raises(Ambiguous):
        opened(path)
    with pytest.raises(BadInput, match="after '#'"):
        opened(path, "#")

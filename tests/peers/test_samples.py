"""Samples among real tools: skopeo and umoci read an OCI folder of their bytes, dockerd loads them."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from sim.content.descriptor import canonical_json
from sim.content.store import LayoutStore
from sim.fs.entry import Kind
from sim.image.convert import write_archive
from sim.image.layer import Image
from sim.image.samples import sample

Need = Callable[[object, str], None]
Docker = Callable[..., subprocess.CompletedProcess[str]]


def run(*words: str | Path) -> str:
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    return done.stdout


def write_folder(image: Image, folder: Path, tag: str) -> None:
    """Copy an image's own bytes into an OCI layout."""
    store = LayoutStore(folder)
    assert image.manifest is not None and image.manifest_descriptor is not None
    for descriptor in (*image.manifest.layers, image.manifest.config, image.manifest_descriptor):
        store.ingest(descriptor.digest, image.blobs.chunks(descriptor.digest), descriptor.size)
    pointer = image.manifest_descriptor.to_json() | {"annotations": {"org.opencontainers.image.ref.name": tag}}
    store.write_index(canonical_json({"schemaVersion": 2, "manifests": [pointer]}))


@pytest.mark.parametrize("name", ["hello-world", "alpine", "registry"])
def test_skopeo_sees_the_image_that_we_see(name: str, tmp_path: Path, need: Need) -> None:
    need(shutil.which("skopeo"), "skopeo is not installed")
    image = sample(name)
    write_folder(image, tmp_path / "oci", "1.0")
    seen = json.loads(run("skopeo", "inspect", f"oci:{tmp_path / 'oci'}:1.0"))
    assert seen["Digest"] == str(image.manifest_descriptor.digest if image.manifest_descriptor else None)
    assert seen["Layers"] == [str(layer.descriptor.digest) for layer in image.layers]
    assert seen["Labels"] == dict(image.config.config.labels)
    assert seen["Env"] == list(image.config.config.env)


@pytest.mark.parametrize("name", ["busybox", "alpine", "ubuntu-vim"])
def test_umoci_unpacks_what_the_layers_say(name: str, tmp_path: Path, need: Need) -> None:
    need(shutil.which("umoci"), "umoci is not installed")
    image = sample(name)
    write_folder(image, tmp_path / "oci", "1.0")
    run("umoci", "unpack", "--rootless", "--image", f"{tmp_path / 'oci'}:1.0", tmp_path / "bundle")
    rootfs = tmp_path / "bundle" / "rootfs"
    top = image.stack[-1]
    for path, entry in top.entries.items():
        there = rootfs / path
        assert there.is_symlink() if entry.kind is Kind.SYMLINK else there.exists(), path
        if entry.kind is Kind.FILE:
            assert there.stat().st_size == entry.size, path
    assert not any((rootfs / path).exists() for path in top.whiteouts)
    some = next(entry for entry in top.entries.values() if entry.kind is Kind.FILE and entry.size > 100_000)
    path = next(path for path, entry in top.entries.items() if entry is some)
    assert some.data is not None and (rootfs / path).read_bytes() == some.data.read()


@pytest.mark.parametrize("name", ["hello-world", "busybox", "alpine", "registry"])
def test_umoci_finds_the_history_that_we_wrote(name: str, tmp_path: Path, need: Need) -> None:
    need(shutil.which("umoci"), "umoci is not installed")
    image = sample(name)
    write_folder(image, tmp_path / "oci", "1.0")
    seen = json.loads(run("umoci", "stat", "--json", "--image", f"{tmp_path / 'oci'}:1.0"))
    assert [line["created_by"] for line in seen["history"]] == [line.created_by for line in image.config.history]
    assert [line["diff_id"] for line in seen["history"] if line["layer"]] == [
        str(diff_id) for diff_id in image.config.diff_ids]


def test_docker_loads_a_sample_under_our_image_id(docker: Docker, tmp_path: Path) -> None:
    image = sample("busybox")
    write_archive(image, tmp_path / "busybox.tar")
    image_id = str(image.config_descriptor.digest)
    docker("load", "-i", tmp_path / "busybox.tar")
    try:
        seen = json.loads(docker("image", "inspect", image_id).stdout)[0]
        assert seen["Id"] == image_id
        assert seen["RootFS"]["Layers"] == [str(layer.diff_id) for layer in image.layers]
    finally:
        docker("image", "rm", "-f", image_id)

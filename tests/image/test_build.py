"""Functional edits: real digests, nothing shared by accident, nothing in memory."""

from __future__ import annotations

import gzip
import hashlib
import tracemalloc

import pytest

from sim.content.compression import Compression, decompressed
from sim.content.data import Extent
from sim.content.descriptor import (
    DOCKER_CONFIG,
    DOCKER_LAYER_GZIP,
    DOCKER_MANIFEST,
    OCI_CONFIG,
    OCI_LAYER,
    OCI_LAYER_GZIP,
    OCI_LAYER_ZSTD,
)
from sim.content.digest import Digest
from sim.errors import BlobMissing
from sim.fs.sketch import directory, file, hardlink, opaque, sketch, symlink, whiteout
from sim.fs.tar import read_layer
from sim.image.build import EMPTY, append, measure, named, scratch, with_config
from sim.image.config import ImageConfig, RunConfig
from sim.image.ids import chain_ids
from sim.image.layer import Image
from sim.image.manifest import Manifest

BASE = sketch(directory("etc"), file("etc/motd", b"hi\n"), file("bin/a", b"#!", 0o755), hardlink("bin/b", "bin/a"))
TOP = sketch(whiteout("etc/motd"), opaque("bin"), symlink("bin/c", "a"))


def stack(compression: Compression = Compression.GZIP) -> Image:
    base = append(EMPTY, BASE, created_by="base", created="2020-01-01T00:00:00Z", compression=compression)
    return append(base, TOP, created_by="top", author="me", comment="why", compression=compression)


def test_scratch_is_a_whole_image_without_layers() -> None:
    assert EMPTY.layers == () and EMPTY.config.diff_ids == ()
    assert EMPTY.manifest_descriptor is not None
    raw = b"".join(EMPTY.blobs.chunks(EMPTY.manifest_descriptor.digest))
    assert Manifest.parse(raw, where="scratch") == EMPTY.manifest
    assert str(scratch("arm64").config.platform) == "linux/arm64"


@pytest.mark.parametrize(
    ("compression", "media_type"),
    [(Compression.NONE, OCI_LAYER), (Compression.GZIP, OCI_LAYER_GZIP), (Compression.ZSTD, OCI_LAYER_ZSTD)],
)
def test_every_name_is_that_of_the_bytes(compression: Compression, media_type: str) -> None:
    image = stack(compression)
    assert image.manifest is not None and image.manifest_descriptor is not None
    for descriptor in (image.manifest_descriptor, image.config_descriptor, *image.manifest.layers):
        raw = b"".join(image.blobs.chunks(descriptor.digest))
        assert (Digest.of(raw), len(raw)) == (descriptor.digest, descriptor.size)
    for layer, changes in zip(image.layers, (BASE, TOP), strict=True):
        assert layer.descriptor.media_type == media_type
        tar = b"".join(decompressed(image.blobs.chunks(layer.descriptor.digest), "blob"))
        assert (hashlib.sha256(tar).hexdigest(), len(tar)) == (layer.diff_id.hex, layer.tar_size)
        read = read_layer([tar], where="blob")
        assert read.changes == changes == layer.changes
        assert read.members == layer.members
    assert tuple(layer.chain_id for layer in image.layers) == chain_ids(image.config.diff_ids)
    assert [layer.created_by for layer in image.layers] == ["base", "top"]


def test_the_documents_agree_with_each_other() -> None:
    image = stack()
    assert image.manifest is not None and image.manifest_descriptor is not None
    config = ImageConfig.parse(b"".join(image.blobs.chunks(image.manifest.config.digest)), where="config")
    assert config == image.config and image.manifest.config.media_type == OCI_CONFIG
    assert config.diff_ids == tuple(layer.diff_id for layer in image.layers)
    assert [line.created_by for line in config.history] == ["base", "top"]
    assert (config.history[1].author, config.history[1].comment, config.author) == ("me", "why", "me")
    assert config.created == "2020-01-01T00:00:00Z"


def test_an_edit_leaves_the_image_before_it_alone() -> None:
    base = append(EMPTY, BASE)
    before = base.manifest_descriptor
    append(base, TOP)
    with_config(base, RunConfig(cmd=("sh",)))
    assert base.manifest_descriptor == before and len(base.layers) == 1 and EMPTY.layers == ()


def test_a_shared_base_is_the_same_layer() -> None:
    base = append(EMPTY, BASE)
    one, two = append(base, TOP), append(base, sketch(file("x", b"x")))
    assert one.layers[0] is two.layers[0]
    assert one.layers[1].diff_id != two.layers[1].diff_id
    assert one.layers[1].chain_id != two.layers[1].chain_id


def test_a_config_edit_changes_the_image_and_no_layer() -> None:
    image = stack()
    edited = with_config(image, RunConfig(cmd=("sh",)), created_by='CMD ["sh"]', created="2021-01-01T00:00:00Z")
    assert edited.layers == image.layers
    assert edited.config_descriptor != image.config_descriptor
    assert edited.manifest_descriptor != image.manifest_descriptor
    assert edited.config.history[-1].empty_layer and edited.config.created == "2021-01-01T00:00:00Z"
    assert [line and line.created_by for line in edited.config.layer_histories] == ["base", "top"]


def test_a_name_is_no_part_of_the_bytes() -> None:
    image = stack()
    renamed = named(image, "mine:1.0")
    assert renamed.name == "mine:1.0" and renamed.manifest_descriptor == image.manifest_descriptor


def test_dockers_media_types_stay_dockers() -> None:
    start = scratch()
    assert start.manifest is not None
    docker = Image("d", Manifest(start.config_descriptor, media_type=DOCKER_MANIFEST), None, start.config,
                   start.config_descriptor, (), start.blobs)
    image = append(docker, BASE)
    assert image.manifest is not None and image.manifest_descriptor is not None
    assert image.manifest_descriptor.media_type == DOCKER_MANIFEST
    assert image.manifest.config.media_type == DOCKER_CONFIG
    assert image.manifest.layers[0].media_type == DOCKER_LAYER_GZIP


def test_other_decoders_read_the_blob() -> None:
    image = stack()
    raw = b"".join(image.blobs.chunks(image.layers[0].descriptor.digest))
    assert hashlib.sha256(gzip.decompress(raw)).hexdigest() == image.layers[0].diff_id.hex


def test_a_blob_that_is_not_there_is_said_to_be_missing() -> None:
    with pytest.raises(BlobMissing):
        list(stack().blobs.chunks(Digest.of(b"elsewhere")))


def test_an_edited_foreign_image_still_reads_its_blobs() -> None:
    class Elsewhere:
        def chunks(self, digest: Digest) -> object:
            return stack().blobs.chunks(digest)

    base = stack()
    foreign = Image(base.name, base.manifest, base.manifest_descriptor, base.config, base.config_descriptor,
                    base.layers, Elsewhere())  # type: ignore[arg-type]
    image = append(foreign, sketch(file("y", b"y")))
    for layer in image.layers:
        assert Digest.of(image.blobs.chunks(layer.descriptor.digest)) == layer.descriptor.digest


def test_a_hundred_and_twenty_seven_layers_read_as_one() -> None:
    image = EMPTY
    for number in range(127):
        image = append(image, sketch(file(f"f{number}", b"x")))
    assert Digest.of(image.blobs.chunks(image.layers[0].descriptor.digest)) == image.layers[0].descriptor.digest


def test_a_large_layer_is_never_in_memory() -> None:
    piece = bytes(1 << 18)
    huge = Extent(256 << 20, lambda: (piece for _ in range(1 << 10)))
    changes = sketch(file("huge", huge))
    tracemalloc.start()
    try:
        facts = measure(changes)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert facts.tar_size > 256 << 20
    assert peak < 4 << 20

"""Manifests and indexes: what is not what it says is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from sim.content.descriptor import (
    DOCKER_INDEX,
    DOCKER_MANIFEST,
    OCI_CONFIG,
    OCI_INDEX,
    OCI_LAYER_GZIP,
    OCI_MANIFEST,
    Descriptor,
    Platform,
)
from sim.errors import DocumentInvalid, LimitExceeded, Unsupported
from sim.image.manifest import MAX_DESCRIPTORS, Index, Manifest, parse_document

CONFIG = Descriptor.of(b"{}", OCI_CONFIG)
LAYER = Descriptor.of(b"layer", OCI_LAYER_GZIP)
MANIFEST = Manifest(CONFIG, (LAYER,))
INDEX = Index((MANIFEST.describe(OCI_MANIFEST, platform=Platform("linux", "arm64", "v8")),))
SCHEMA1 = "application/vnd.docker.distribution.manifest.v1+prettyjws"


def raw(document: Manifest | Index, **change: Any) -> bytes:
    value = json.loads(document.raw) | change
    return json.dumps({key: item for key, item in value.items() if item is not ...}).encode("utf-8")


@pytest.mark.parametrize("document", [
    MANIFEST, INDEX, Manifest(CONFIG), Index(), replace(MANIFEST, media_type=DOCKER_MANIFEST),
    replace(INDEX, media_type=DOCKER_INDEX),
    replace(MANIFEST, annotations={"a": "b"}, subject=LAYER, artifact_type="x/y", extra={"more": [1]}),
    replace(INDEX, annotations={"a": "b"}, subject=LAYER, artifact_type="x/y"),
])
def test_what_is_written_is_read(document: Manifest | Index) -> None:
    found = parse_document(document.raw, where="x", media_type=document.media_type)
    assert found == document and found.raw == document.raw


def test_the_bytes_are_kept() -> None:
    spaced = json.dumps(json.loads(MANIFEST.raw), indent=4).encode("utf-8")
    found = Manifest.parse(spaced, where="x")
    assert found.raw == spaced and found.digest != MANIFEST.digest
    assert replace(found, media_type=OCI_MANIFEST).raw == MANIFEST.raw


@pytest.mark.parametrize(("claim", "text", "told", "kind"), [
    ("the field is optional in OCI", raw(MANIFEST, mediaType=...), None, OCI_MANIFEST),
    ("then the descriptor says it", raw(MANIFEST, mediaType=...), DOCKER_MANIFEST, DOCKER_MANIFEST),
    ("an index without the field", raw(INDEX, mediaType=...), None, OCI_INDEX),
])
def test_the_type(claim: str, text: bytes, told: str | None, kind: str) -> None:
    assert parse_document(text, where="x", media_type=told).media_type == kind


@pytest.mark.parametrize(("claim", "text", "told", "error"), [
    ("field against descriptor", MANIFEST.raw, DOCKER_MANIFEST, DocumentInvalid),
    ("an index where a manifest was promised", INDEX.raw, OCI_MANIFEST, DocumentInvalid),
    ("a manifest's fields under an index's type", raw(MANIFEST, mediaType=OCI_INDEX), None, DocumentInvalid),
    ("no field, an index's shape, a manifest's descriptor", raw(INDEX, mediaType=...), OCI_MANIFEST, DocumentInvalid),
    ("both at once (CVE-2021-41190)", raw(MANIFEST, manifests=[]), None, DocumentInvalid),
    ("neither", b'{"schemaVersion":2}', None, DocumentInvalid),
    ("a type of something else", raw(MANIFEST, mediaType="text/plain"), None, DocumentInvalid),
    ("no version", raw(MANIFEST, schemaVersion=...), None, DocumentInvalid),
    ("a later version", raw(MANIFEST, schemaVersion=3), None, DocumentInvalid),
    ("schema 1", b'{"schemaVersion":1,"name":"x","fsLayers":[]}', None, Unsupported),
    ("schema 1 by its type", raw(MANIFEST, mediaType=SCHEMA1), None, Unsupported),
    ("schema 1 by its descriptor", MANIFEST.raw, SCHEMA1, Unsupported),
    ("no config", raw(MANIFEST, config=None), None, DocumentInvalid),
    ("layers no list", raw(MANIFEST, layers={}), None, DocumentInvalid),
    ("too many layers", raw(MANIFEST, layers=[LAYER.to_json()] * (MAX_DESCRIPTORS + 1)), None, LimitExceeded),
])
def test_refused(claim: str, text: bytes, told: str | None, error: type) -> None:
    with pytest.raises(error):
        parse_document(text, where="x", media_type=told)


@pytest.mark.parametrize(("change", "field"), [
    ({"digest": "sha256:00"}, "manifest.layers[1].digest"), ({"digest": 5}, "manifest.layers[1].digest"),
    ({"size": -1}, "manifest.layers[1].size"), ({"size": 1 << 63}, "manifest.layers[1].size"),
    ({"size": True}, "manifest.layers[1].size"), ({"mediaType": None}, "manifest.layers[1].mediaType"),
    ({"annotations": {"a": 1}}, "manifest.layers[1].annotations"), ({"urls": [1]}, "manifest.layers[1].urls"),
    ({"data": "*"}, "manifest.layers[1].data"), ({"platform": {"os": 1}}, "manifest.layers[1].platform.os"),
])
def test_errors_name_the_field(change: dict[str, Any], field: str) -> None:
    with pytest.raises(DocumentInvalid) as caught:
        parse_document(raw(MANIFEST, layers=[LAYER.to_json(), LAYER.to_json() | change]), where="x")
    assert caught.value.field == field


def test_one_kind_where_the_other_is_wanted() -> None:
    with pytest.raises(DocumentInvalid, match="index"):
        Manifest.parse(INDEX.raw, where="x")
    with pytest.raises(DocumentInvalid, match="manifest"):
        Index.parse(MANIFEST.raw, where="x")

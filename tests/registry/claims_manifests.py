"""Claims on storing and deleting (distribution-spec 1.1, "Pushing Manifests", "Content Management")."""

from __future__ import annotations

import json

from sim.content.descriptor import (
    DOCKER_CONFIG,
    DOCKER_INDEX,
    DOCKER_LAYER_GZIP,
    DOCKER_MANIFEST,
    OCI_CONFIG,
    OCI_INDEX,
    OCI_LAYER,
    OCI_MANIFEST,
    OCI_NONDISTRIBUTABLE,
)
from sim.content.digest import Digest
from tests.registry.kit import (
    SBOM,
    Client,
    artifact,
    claim,
    compact,
    described,
    document,
    index,
    manifest,
    noise,
    ok,
    refused,
)

PUSH, SUBJECT, DELETE = "Pushing Manifests", "Pushing a manifest with a subject field", "Content Management"
CONFIG, LAYER = b'{"os":"linux","architecture":"amd64"}', noise("layer")


def ready(client: Client) -> Client:
    """Push the blobs that the manifests here need."""
    for raw in (CONFIG, LAYER, b"{}"):
        client.blob(raw)
    return client


@claim("MUST", PUSH, "a manifest is 201 with its digest and a location that can be pulled")
def manifests_are_stored(client: Client) -> None:
    raw = manifest(CONFIG, LAYER)
    for reference in ("v1", str(Digest.of(raw))):
        found = ok(ready(client).put(raw, reference), 201, "Location", "Docker-Content-Digest")
        assert found["Docker-Content-Digest"] == str(Digest.of(raw))
        assert client("GET", found["Location"]).body == raw


@claim("MUST", PUSH, "bytes are kept as they came: spaces, order of keys, fields that nobody knows")
def bytes_are_kept(client: Client) -> None:
    ready(client)
    raw = json.dumps(json.loads(manifest(CONFIG, LAYER)) | {"org.example.odd": {"z": [1.50, None]}}, indent=3).encode()
    client.manifest(raw, "odd")
    assert client("GET", "manifests/odd").body == raw


@claim("MUST", PUSH, "bytes that do not have the digest of the target are refused")
def wrong_manifest_digest_is_refused(client: Client) -> None:
    raw = manifest(CONFIG, LAYER)
    refused(ready(client).put(raw + b"  ", str(Digest.of(raw))), 400, "DIGEST_INVALID")
    refused(client.put(raw, "sha256:baddigeststring"), 400, "DIGEST_INVALID")
    ok(client("HEAD", f"manifests/{Digest.of(raw)}"), 404)


@claim("MUST", PUSH, "a tag moves; what it pointed to stays under its digest")
def tags_move(client: Client) -> None:
    first, second = client.image("latest", seed=1), client.image("latest", seed=2)
    assert client("GET", "manifests/latest").body == second
    assert client("GET", f"manifests/{Digest.of(first)}").body == first


@claim("MUST", PUSH, "what is needed and not there is refused with MANIFEST_BLOB_UNKNOWN, each of it")
def missing_blobs_are_named(client: Client) -> None:
    client.blob(CONFIG)
    raw = manifest(CONFIG, LAYER, b"another")
    response = client.put(raw, "v1")
    refused(response, 400, "MANIFEST_BLOB_UNKNOWN")
    found = {error["detail"] for error in document(response)["errors"]}
    assert found == {str(Digest.of(LAYER)), str(Digest.of(b"another"))}
    ok(client("HEAD", "manifests/v1"), 404)
    refused(client.put(index(raw), "v1"), 400, "MANIFEST_BLOB_UNKNOWN")


@claim("SHOULD", PUSH, "manifests of 4 MiB are taken; larger ones are 413")
def manifests_have_a_size(client: Client) -> None:
    ready(client)
    plain = manifest(CONFIG, LAYER, annotations={"a": ""})
    most = manifest(CONFIG, LAYER, annotations={"a": "A" * ((4 << 20) - len(plain))})
    assert len(most) == 4 << 20
    client.manifest(most, "large")
    assert client("GET", "manifests/large").body == most
    refused(client.put(most + b" ", "larger"), 413, "SIZE_INVALID")


@claim("SHOULD", PUSH, "parameters of Content-Type are ignored, and not given back")
def parameters_are_ignored(client: Client) -> None:
    raw = manifest(CONFIG, LAYER)
    ok(ready(client).put(raw, "v1", f"{OCI_MANIFEST}; charset=utf-8"), 201)
    assert client("GET", "manifests/v1").header("Content-Type") == OCI_MANIFEST


@claim("MUST", PUSH, "what is no manifest, or not what it says, is refused with MANIFEST_INVALID")
def odd_manifests_are_refused(client: Client) -> None:
    ready(client)
    good = json.loads(manifest(CONFIG, LAYER))
    odd: list[tuple[bytes, str]] = [
        (b"", OCI_MANIFEST), (b"{", OCI_MANIFEST), (b"[]", OCI_MANIFEST), (b"\xff", OCI_MANIFEST),
        (b"[" * 100_000, OCI_MANIFEST), (b'{"schemaVersion":2}', OCI_MANIFEST),
        (compact(good), OCI_INDEX), (compact(good), "application/json"),
        (compact(good | {"manifests": []}), OCI_MANIFEST),
        (compact(good | {"config": {"digest": "sha256:../../x", "size": 1, "mediaType": "a"}}), OCI_MANIFEST),
        (compact(good | {"layers": [{"mediaType": "a", "digest": str(Digest.of(b"")), "size": -1}]}), OCI_MANIFEST),
        (b'{"schemaVersion":2,' + compact(good)[1:], OCI_MANIFEST),
    ]  # fmt: skip
    for raw, kind in odd:
        refused(client.put(raw, "odd", kind), 400, "MANIFEST_INVALID")
    ok(client("HEAD", "manifests/odd"), 404)


@claim("docker", PUSH, "docker's schema 1 is refused, and said")
def schema_1_is_refused(client: Client) -> None:
    raw = compact({"schemaVersion": 1, "name": "a", "tag": "1", "fsLayers": [], "history": []})
    kinds = [f"application/vnd.docker.distribution.manifest.v1+{kind}" for kind in ("json", "prettyjws")]
    for kind in (*kinds, "application/json"):
        error = refused(client.put(raw, "old", kind), 400, "MANIFEST_INVALID")
        assert "schema 1" in error["detail"]


@claim("docker", PUSH, "docker's own manifests and lists are stored with their types")
def docker_types(client: Client) -> None:
    ready(client)
    image = compact({
        "schemaVersion": 2, "mediaType": DOCKER_MANIFEST, "config": described(CONFIG, DOCKER_CONFIG),
        "layers": [described(LAYER, DOCKER_LAYER_GZIP)],
    })
    several = compact({
        "schemaVersion": 2, "mediaType": DOCKER_INDEX,
        "manifests": [described(image, DOCKER_MANIFEST, platform={"os": "linux", "architecture": "amd64"})],
    })
    for raw, kind in ((image, DOCKER_MANIFEST), (several, DOCKER_INDEX)):
        client.manifest(raw, "d")
        response = client("GET", "manifests/d")
        assert response.body == raw and response.header("Content-Type") == kind


@claim("MUST", PUSH, "without a mediaType field the header says what it is")
def the_header_says_the_type(client: Client) -> None:
    ready(client)
    for raw, kind in ((manifest(CONFIG, LAYER), OCI_MANIFEST), (index(), OCI_INDEX)):
        bare = json.loads(raw)
        del bare["mediaType"]
        ok(client.put(compact(bare), "bare", kind), 201)
        assert client("GET", "manifests/bare").header("Content-Type") == kind


@claim("MAY", PUSH, "the list of layers or manifests may be empty")
def empty_lists(client: Client) -> None:
    ready(client)
    client.manifest(manifest(CONFIG), "no-layers")
    client.manifest(index(), "no-manifests")


@claim("MAY", PUSH, "embedded data, artifacts and layers from elsewhere are taken")
def odd_descriptors_are_taken(client: Client) -> None:
    ready(client)
    client.manifest(artifact(SBOM, LAYER), "artifact")
    client.manifest(index(artifact(SBOM, LAYER), artifactType=SBOM), "artifacts")
    config = described(CONFIG, OCI_CONFIG, data="eyJvcyI6ImxpbnV4IiwiYXJjaGl0ZWN0dXJlIjoiYW1kNjQifQ==")
    elsewhere = described(b"foreign", OCI_NONDISTRIBUTABLE, urls=["https://store.example.com/blobs/1"])
    raw = manifest(CONFIG, config=config, layers=[elsewhere, described(LAYER, OCI_LAYER)])
    client.manifest(raw, "elsewhere")


@claim("MAY", "Pushing a manifest by digest with tags", "PUT by digest with ?tag= sets tags, and says OCI-Tag")
def tag_parameters(client: Client) -> None:
    raw = manifest(CONFIG, LAYER)
    response = ready(client)("PUT", f"manifests/{Digest.of(raw)}?tag=a&tag=b", raw, Content_Type=OCI_MANIFEST)
    assert ok(response, 201, "OCI-Tag") == {"OCI-Tag": "a, b"}
    assert client("GET", "manifests/a").body == client("GET", "manifests/b").body == raw
    refused(client("PUT", f"manifests/{Digest.of(raw)}?tag=-", raw, Content_Type=OCI_MANIFEST), 400, "MANIFEST_INVALID")


@claim("MUST", SUBJECT, "a subject may be absent; OCI-Subject says that it was understood")
def subjects_may_come_later(client: Client) -> None:
    ready(client)
    subject = described(b"nothing yet", OCI_MANIFEST)
    for raw in (artifact(SBOM, LAYER, subject=subject), index(subject=subject)):
        assert ok(client.put(raw, str(Digest.of(raw))), 201, "OCI-Subject")["OCI-Subject"] == subject["digest"]
    assert client.put(manifest(CONFIG, LAYER), "plain").header("OCI-Subject") is None


@claim("MUST", DELETE, "deleting a tag is 202; the tag is 404 after it, its manifest stays")
def deleting_a_tag(client: Client) -> None:
    raw = client.image("1.0")
    ok(client("DELETE", "manifests/1.0"), 202)
    refused(client("GET", "manifests/1.0"), 404, "MANIFEST_UNKNOWN")
    refused(client("DELETE", "manifests/1.0"), 404, "MANIFEST_UNKNOWN")
    assert client("GET", f"manifests/{Digest.of(raw)}").body == raw
    assert document(client("GET", "tags/list"))["tags"] == []


@claim("MUST", DELETE, "deleting a manifest is 202; it is 404 after it, and so is every tag of it")
def deleting_a_manifest(client: Client) -> None:
    raw = client.image("1.0")
    client.manifest(raw, "1.1")
    client.image("other", seed=2)
    ok(client("DELETE", f"manifests/{Digest.of(raw)}"), 202)
    for reference in ("1.0", "1.1", str(Digest.of(raw))):
        refused(client("GET", f"manifests/{reference}"), 404, "MANIFEST_UNKNOWN")
    refused(client("DELETE", f"manifests/{Digest.of(raw)}"), 404, "MANIFEST_UNKNOWN")
    refused(client.at("absent")("DELETE", f"manifests/{Digest.of(raw)}"), 404, "NAME_UNKNOWN")
    ok(client("GET", "manifests/other"), 200)
    client.manifest(raw, "1.0")
    ok(client("GET", "manifests/1.0"), 200)


@claim("MUST", DELETE, "deleting a blob is 202; it is 404 after it, in this repository only")
def deleting_a_blob(client: Client) -> None:
    other, digest = client.at("other"), client.blob(LAYER)
    other.blob(LAYER)
    ok(client("DELETE", f"blobs/{digest}"), 202)
    refused(client("GET", f"blobs/{digest}"), 404, "BLOB_UNKNOWN")
    refused(client("DELETE", f"blobs/{digest}"), 404, "BLOB_UNKNOWN")
    assert other("GET", f"blobs/{digest}").body == LAYER

"""Claims on pulling: manifests, blobs, ranges, what exists (distribution-spec 1.1, "Pull")."""

from __future__ import annotations

import json

from sim.content.descriptor import OCI_INDEX, OCI_MANIFEST
from sim.content.digest import Digest
from tests.registry.kit import Client, claim, document, index, manifest, noise, ok, refused

MANIFESTS, BLOBS, RANGES, EXISTS = "Pulling manifests", "Pulling blobs", "Range request support", "HEAD requests"


@claim("MUST", "Determining Support", "GET /v2/ answers 200")
def base_answers_200(client: Client) -> None:
    response = client("GET", "/v2/")
    ok(response, 200)
    assert response.header("Docker-Distribution-Api-Version") == "registry/2.0"


@claim("MUST", MANIFESTS, "a manifest is sent byte for byte, with its type, length and digest, by tag and by digest")
def manifests_by_tag_and_digest(client: Client) -> None:
    raw = client.image("1.0")
    for reference in ("1.0", str(Digest.of(raw))):
        response = client("GET", f"manifests/{reference}")
        found = ok(response, 200, "Content-Type", "Content-Length", "Docker-Content-Digest")
        assert response.body == raw
        assert found == {
            "Content-Type": OCI_MANIFEST, "Content-Length": str(len(raw)),
            "Docker-Content-Digest": str(Digest.of(raw)),
        }


@claim("MUST", MANIFESTS, "an index is sent like a manifest, with its own type")
def indexes_are_manifests(client: Client) -> None:
    inner = index(client.image(seed=1), client.image(seed=2))
    client.manifest(inner)
    outer = index(inner)
    client.manifest(outer, "nested")
    response = client("GET", "manifests/nested")
    assert response.body == outer and response.header("Content-Type") == OCI_INDEX


@claim("MUST", MANIFESTS, "a manifest that is not there is 404, with docker's words")
def unknown_manifest_is_404(client: Client) -> None:
    client.image("1.0")
    error = refused(client("GET", "manifests/9.9"), 404, "MANIFEST_UNKNOWN")
    assert error == {"code": "MANIFEST_UNKNOWN", "message": "manifest unknown", "detail": {"Tag": "9.9"}}
    refused(client("GET", f"manifests/{Digest.of(b'nothing')}"), 404, "MANIFEST_UNKNOWN")
    refused(client.at("absent")("GET", "manifests/1.0"), 404, "MANIFEST_UNKNOWN")


@claim("MUST", MANIFESTS, "a reference is a tag or a digest, and nothing else")
def odd_references_are_refused(client: Client) -> None:
    client.image("1.0")
    refused(client("GET", "manifests/sha256:baddigeststring"), 400, "DIGEST_INVALID")
    refused(client("GET", f"manifests/md5:{'a' * 32}"), 400, "DIGEST_INVALID")
    refused(client("GET", "manifests/-dash"), 400, "MANIFEST_INVALID")
    refused(client("GET", f"manifests/{'t' * 129}"), 400, "MANIFEST_INVALID")
    ok(client("GET", f"manifests/{'t' * 128}"), 404)


@claim("MUST", MANIFESTS, "the name of a repository has its grammar")
def odd_names_are_refused(client: Client) -> None:
    for name in ("UP/per", "a___b", "a//b", "-a", "a/../b", "a/%2e%2e/b", "a/b%00", "x" * 256, "ü"):
        refused(client("GET", f"/v2/{name}/tags/list"), 400, "NAME_INVALID")
    for name in ("a__b", "a.b-c--d_e", "0/1/2/3", "x" * 255):
        refused(client("GET", f"/v2/{name}/tags/list"), 404, "NAME_UNKNOWN")


@claim("MUST", MANIFESTS, "SHA-512 names manifests and blobs as SHA-256 does")
def sha512_is_a_digest_too(client: Client) -> None:
    config, layer = b'{"os":"linux"}', noise("512")
    for raw in (config, layer):
        digest = client.blob(raw, "sha512")
        response = client("GET", f"blobs/{digest}")
        assert response.body == raw and response.header("Docker-Content-Digest") == str(digest)
    raw = manifest(config, layer, algorithm="sha512")
    digest = client.manifest(raw, algorithm="sha512")
    response = client("GET", f"manifests/{digest}")
    assert response.body == raw and response.header("Docker-Content-Digest") == str(digest)
    whole = index(raw, algorithm="sha512")
    assert client("GET", f"manifests/{client.manifest(whole, algorithm='sha512')}").body == whole


@claim("MUST", BLOBS, "a blob is sent whole, with its length and digest; one that is not there is 404")
def blobs_by_digest(client: Client) -> None:
    digest = client.blob(noise("blob"))
    response = client("GET", f"blobs/{digest}")
    found = ok(response, 200, "Docker-Content-Digest", "Content-Length")
    assert response.body == noise("blob") and found["Docker-Content-Digest"] == str(digest)
    assert found["Content-Length"] == "512"
    refused(client("GET", f"blobs/{Digest.of(b'nothing')}"), 404, "BLOB_UNKNOWN")
    refused(client.at("other")("GET", f"blobs/{digest}"), 404, "BLOB_UNKNOWN")
    refused(client("GET", "blobs/sha256:baddigeststring"), 400, "DIGEST_INVALID")


@claim("MUST", BLOBS, "the empty blob is a blob")
def the_empty_blob_is_a_blob(client: Client) -> None:
    digest = client.blob(b"")
    response = client("GET", f"blobs/{digest}")
    assert ok(response, 200, "Content-Length") == {"Content-Length": "0"} and response.body == b""
    assert client("HEAD", f"blobs/{digest}").header("Content-Length") == "0"


@claim("SHOULD", RANGES, "one range of a blob is sent as 206 (RFC 9110, section 14)")
def ranges_are_sent(client: Client) -> None:
    raw = noise("ranges", 2048)
    target = f"blobs/{client.blob(raw)}"
    for told, first, last in (
        ("bytes=500-1499", 500, 1499), ("bytes=500-", 500, 2047), ("bytes=-500", 1548, 2047),
        ("bytes=2000-5000", 2000, 2047), ("bytes=0-0", 0, 0), ("bytes=-9999", 0, 2047),
    ):
        response = client("GET", target, Range=told)
        found = ok(response, 206, "Content-Range", "Content-Length", "Docker-Content-Digest")
        assert response.body == raw[first : last + 1], told
        assert found["Content-Range"] == f"bytes {first}-{last}/2048"
        assert found["Content-Length"] == str(last - first + 1)


@claim("SHOULD", RANGES, "a range that is not there is a clean 416")
def ranges_past_the_end_are_416(client: Client) -> None:
    target = f"blobs/{client.blob(noise('ranges', 2048))}"
    for told in ("bytes=5000-10000", "bytes=500-0", "bytes=2048-", "bytes=-0", "bytes=x-y", "bytes=-"):
        response = client("GET", target, Range=told)
        assert ok(response, 416, "Content-Range") == {"Content-Range": "bytes */2048"}, told
        assert response.header("Content-Length") == str(response.length)
    ok(client("GET", f"blobs/{client.blob(b'')}", Range="bytes=0-0"), 416)


@claim("MAY", RANGES, "several ranges, another unit or an old version are answered with the whole (RFC 9110, 14.2)")
def odd_ranges_are_the_whole(client: Client) -> None:
    raw = noise("ranges", 2048)
    digest = client.blob(raw)
    for headers in (
        {"Range": "bytes=0-1,4-5"}, {"Range": "lines=1-2"}, {"Range": "bytes=0-1", "If_Range": '"sha256:old"'},
    ):
        response = client("GET", f"blobs/{digest}", **headers)
        ok(response, 200)
        assert response.body == raw
    ok(client("GET", f"blobs/{digest}", Range="bytes=0-1", If_Range=f'"{digest}"'), 206)


@claim("MUST", EXISTS, "HEAD answers as GET, without the body: 200 with digest and length, or 404")
def head_is_get_without_a_body(client: Client) -> None:
    raw = client.image("1.0")
    blob = json.loads(raw)["layers"][0]
    there = [("manifests/1.0", len(raw)), (f"manifests/{Digest.of(raw)}", len(raw)), (f"blobs/{blob['digest']}", 512)]
    for target, size in there:
        response = client("HEAD", target)
        found = ok(response, 200, "Content-Length", "Docker-Content-Digest")
        assert response.body == b"" and found["Content-Length"] == str(size)
        assert found["Docker-Content-Digest"] == client("GET", target).header("Docker-Content-Digest")
    for target in ("manifests/9.9", f"manifests/{Digest.of(b'0')}", f"blobs/{Digest.of(b'0')}"):
        response = client("HEAD", target)
        ok(response, 404)
        assert response.body == b""


@claim("SHOULD", "RFC 9110, 13.1.2", "what the caller has already is not sent again")
def unchanged_content_is_304(client: Client) -> None:
    digest = Digest.of(client.image("1.0"))
    for target in ("manifests/1.0", f"manifests/{digest}"):
        tag = ok(client("GET", target), 200, "ETag")["ETag"]
        assert tag == f'"{digest}"'
        response = client("GET", target, If_None_Match=tag)
        ok(response, 304)
        assert response.body == b""
        ok(client("GET", target, If_None_Match='"sha256:other"'), 200)


@claim("MUST", "Error Codes", "the body of a refusal has code, message and detail")
def refusals_have_a_body(client: Client) -> None:
    response = client("GET", f"blobs/{Digest.of(b'nothing')}")
    assert response.header("Content-Type") == "application/json; charset=utf-8"
    assert document(response) == {"errors": [{
        "code": "BLOB_UNKNOWN", "message": "blob unknown to registry", "detail": str(Digest.of(b"nothing")),
    }]}  # fmt: skip


@claim("MUST", "Endpoints", "a target or a method that is none is refused, never a fault")
def odd_targets_are_refused(client: Client) -> None:
    for target in ("/v2/x", "/v1/_ping", f"/v2/{client.repo}/nothing/1"):
        assert client("GET", target).status == 404, target
    for target in ("/v2/a/tags/list?n=%zz", "/v2/a%2/tags/list", "/v2/a/tags/list?last=%ff", "/v2/%ff/tags/list"):
        assert client("GET", target).status == 400, target
    assert client("GET", "/v2/" + "a/" * 5000 + "tags/list").status in (400, 414)
    for method, target in (
        ("POST", "manifests/1"), ("PUT", "tags/list"), ("PATCH", f"blobs/{Digest.of(b'')}"),
        ("GET", "blobs/uploads/"), ("DELETE", "tags/list"), ("PUT", f"referrers/{Digest.of(b'')}"),
    ):
        assert client(method, target, b"").status in (404, 405), (method, target)

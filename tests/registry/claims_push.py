"""Claims on pushing blobs: in one piece, in chunks, streamed, mounted, resumed (distribution-spec 1.1, "Push")."""

from __future__ import annotations

from sim.content.digest import Digest
from tests.registry.kit import Client, claim, noise, ok, refused

MONOLITHIC, CHUNKS, CANCEL, MOUNT = (
    "Pushing a blob monolithically", "Pushing a blob in chunks", "Cancel a blob upload",
    "Mounting a blob from another repository",
)
BLOB = noise("pushed", 3000)
NAME = Digest.of(BLOB)


def stored(client: Client, raw: bytes = BLOB) -> None:
    """Assert that a blob is there, whole."""
    assert client("GET", f"blobs/{Digest.of(raw)}").body == raw


def absent(client: Client, digest: Digest = NAME) -> None:
    """Assert that a blob is not there."""
    ok(client("HEAD", f"blobs/{digest}"), 404)


@claim("MUST", MONOLITHIC, "POST is 202 with a location that has a UUID")
def sessions_have_a_location(client: Client) -> None:
    first, second = client.start(), client.start()
    assert first != second
    assert len(first.partition("?")[0].rpartition("/")[2].replace("-", "")) == 32
    assert client("POST", "blobs/uploads/").header("Range") == "0-0"


@claim("MUST", MONOLITHIC, "POST, then PUT with the body: 201, and the location can be pulled")
def post_then_put(client: Client) -> None:
    response = client.close(client.start(), NAME, BLOB, Content_Type="application/octet-stream")
    found = ok(response, 201, "Location", "Docker-Content-Digest")
    assert found["Docker-Content-Digest"] == str(NAME)
    assert client("GET", found["Location"]).body == BLOB


@claim("MUST", MONOLITHIC, "one POST with digest and body: 201, and the location can be pulled")
def single_post(client: Client) -> None:
    found = ok(client("POST", f"blobs/uploads/?digest={NAME}", BLOB), 201, "Location", "Docker-Content-Digest")
    assert client("GET", found["Location"]).body == BLOB
    big = Digest.of(BLOB, "sha512")
    assert ok(client("POST", f"blobs/uploads/?digest={big}", BLOB), 201, "Docker-Content-Digest") == {
        "Docker-Content-Digest": str(big)
    }


@claim("MUST", MONOLITHIC, "bytes that do not have the digest are 400, and are not stored")
def wrong_digest_is_refused(client: Client) -> None:
    wrong = BLOB + b"oh no"
    refused(client("POST", f"blobs/uploads/?digest={NAME}", wrong), 400, "DIGEST_INVALID")
    refused(client.close(client.start(), NAME, wrong), 400, "DIGEST_INVALID")
    location = client.start()
    location = ok(client("PATCH", location, wrong), 202, "Location")["Location"]
    refused(client.close(location, NAME), 400, "DIGEST_INVALID")
    absent(client)
    absent(client, Digest.of(wrong))
    refused(client.close(location, Digest.of(wrong)), 404, "BLOB_UPLOAD_UNKNOWN")


@claim("MUST", MONOLITHIC, "a closing PUT without a digest, or with none that can be checked, is refused")
def put_needs_a_digest(client: Client) -> None:
    location = client.start()
    refused(client("PUT", location, BLOB), 400, "DIGEST_INVALID")
    refused(client("PUT", location + "?digest=sha256:zz", BLOB), 400, "DIGEST_INVALID")
    refused(client("POST", "blobs/uploads/?digest=md5:00", BLOB), 400, "DIGEST_INVALID")
    refused(client("POST", "blobs/uploads/?mount=nothing&from=a"), 400, "DIGEST_INVALID")


@claim("MUST", MONOLITHIC, "pushing what is there already is 201 again")
def pushing_twice_is_no_fault(client: Client) -> None:
    for _ in range(2):
        assert client.blob(BLOB) == NAME
        ok(client("POST", f"blobs/uploads/?digest={NAME}", BLOB), 201)
    stored(client)


def in_chunks(client: Client, sizes: list[int], last_by_put: bool) -> None:
    """Push BLOB in chunks of these sizes, with Content-Range."""
    location, at = client.start(), 0
    for number, size in enumerate(sizes):
        chunk = BLOB[at : at + size]
        span = f"{at}-{at + len(chunk) - 1}"
        if last_by_put and number == len(sizes) - 1:
            ok(client.close(location, NAME, chunk, Content_Range=span), 201, "Location")
            return
        found = ok(client("PATCH", location, chunk, Content_Range=span), 202, "Location", "Range")
        assert found["Range"] == f"0-{at + len(chunk) - 1}"
        location, at = found["Location"], at + len(chunk)
    ok(client.close(location, NAME), 201, "Location")


@claim("MUST", CHUNKS, "each chunk is 202 with the location and the range so far; the closing PUT is 201")
def chunks_in_order(client: Client) -> None:
    in_chunks(client, [1024, 1024, 952], last_by_put=False)
    stored(client)


@claim("MUST", CHUNKS, "the last chunk may come with the closing PUT")
def last_chunk_by_put(client: Client) -> None:
    in_chunks(client, [1024, 1024, 952], last_by_put=True)
    stored(client)


@claim("MUST", CHUNKS, "a chunk out of order is 416; the status tells where to go on")
def out_of_order_chunks_are_416(client: Client) -> None:
    location, at = client.start(), 0
    for size in (1024, 1024, 952):
        for wrong in {0, at + 100, at + size} - {at}:
            span = f"{wrong}-{wrong + 9}"
            ok(client("PATCH", location, b"x" * 10, Content_Range=span), 416, "Location", "Range")
            ok(client.close(location, NAME, b"x" * 10, Content_Range=span), 416)
        told = ok(client("GET", location), 204, "Location", "Range")
        assert told["Range"] == f"0-{max(0, at - 1)}"
        ok(client("PATCH", told["Location"], BLOB[at : at + size], Content_Range=f"{at}-{at + size - 1}"), 202)
        at += size
    ok(client.close(location, NAME), 201)
    stored(client)


@claim("MUST", CHUNKS, "a Content-Range that does not fit the body, or is none, is refused")
def odd_content_ranges_are_refused(client: Client) -> None:
    location = client.start()
    for span in ("0-5", "9-0", "x-y", "0", "-9", "0-99999999999999999999999"):
        ok(client("PATCH", location, b"0123456789", Content_Range=span), 416)
    assert client("GET", location).header("Range") == "0-0"
    ok(client("PATCH", location, b"0123456789", Content_Range="bytes 0-9/*"), 202)  # RFC 9110 writes it so


@claim("MUST", CHUNKS, "chunks without Content-Range are appended: a streamed upload")
def streamed_upload(client: Client) -> None:
    location = client.start()
    for part in (BLOB[:1000], BLOB[1000:]):
        location = ok(client("PATCH", location, part), 202, "Location", "Range")["Location"]
    ok(client.close(location, NAME), 201, "Location")
    stored(client)


@claim("MUST", CHUNKS, "the digest of the closing PUT may be of another algorithm than was counted on")
def chunks_with_sha512(client: Client) -> None:
    big, location = Digest.of(BLOB, "sha512"), client.start()
    for part in (BLOB[:1000], BLOB[1000:]):
        location = ok(client("PATCH", location, part), 202, "Location")["Location"]
    assert ok(client.close(location, big), 201, "Docker-Content-Digest")["Docker-Content-Digest"] == str(big)
    assert client("GET", f"blobs/{big}").body == BLOB


@claim("MUST", CHUNKS, "the status of a session is 204 with location and range; of none it is 404")
def status_of_a_session(client: Client) -> None:
    location = client.start()
    ok(client("PATCH", location, BLOB[:700]), 202)
    assert ok(client("GET", location), 204, "Location", "Range")["Range"] == "0-699"
    ok(client.close(location, NAME, BLOB[700:]), 201)
    for method in ("GET", "PATCH", "PUT", "DELETE"):
        refused(client(method, f"{location}?digest={NAME}"), 404, "BLOB_UPLOAD_UNKNOWN")
    session = client.start().partition("?")[0].rpartition("/")[2]
    refused(client.at("other")("GET", f"blobs/uploads/{session}"), 404, "BLOB_UPLOAD_UNKNOWN")
    for name in ("nothing", "..", "%2e%2e", "a" * 300):
        refused(client("GET", f"blobs/uploads/{name}"), 404, "BLOB_UPLOAD_UNKNOWN")


@claim("SHOULD", CANCEL, "DELETE on a session is 204, and the session is gone")
def cancel_is_204(client: Client) -> None:
    location = client.start()
    ok(client("PATCH", location, BLOB), 202)
    ok(client("DELETE", location), 204)
    for method in ("GET", "PATCH", "DELETE"):
        refused(client(method, location), 404, "BLOB_UPLOAD_UNKNOWN")
    refused(client.close(location, NAME), 404, "BLOB_UPLOAD_UNKNOWN")
    absent(client)


@claim("MUST", MOUNT, "a mount is 201 with a location, and nothing is sent")
def mounting_a_blob(client: Client) -> None:
    other = client.at("source")
    other.blob(BLOB)
    absent(client)
    found = ok(client("POST", f"blobs/uploads/?mount={NAME}&from={other.repo.replace('/', '%2F')}"), 201, "Location")
    assert client("GET", found["Location"]).body == BLOB
    ok(other("DELETE", f"blobs/{NAME}"), 202)
    stored(client)


@claim("MAY", MOUNT, "without `from` any repository will do")
def mounting_from_anywhere(client: Client) -> None:
    raw = noise("anywhere")
    client.at("source").blob(raw)
    found = ok(client("POST", f"blobs/uploads/?mount={Digest.of(raw)}"), 201, "Location")
    assert client("GET", found["Location"]).body == raw


@claim("SHOULD", MOUNT, "a mount that cannot be is 202 with a session, which takes the blob")
def impossible_mounts_open_a_session(client: Client) -> None:
    raw = noise("unmounted")
    digest = Digest.of(raw)
    client.at("source").blob(noise("something else"))
    for source in (f"&from={client.at('source').repo}", f"&from={client.at('absent').repo}", "&from=..%2F..", ""):
        response = client("POST", f"blobs/uploads/?mount={digest}{source}")
        location = ok(response, 202, "Location", "Range", "Docker-Upload-UUID")["Location"]
        absent(client, digest)
    ok(client.close(location, digest, raw), 201)


@claim("MUST", "RFC 9110, 8.6", "a body that ends before its announced length is not taken for whole")
def short_bodies_keep_the_session(client: Client) -> None:
    location = client.start()
    ok(client("PATCH", location, BLOB[:1000], Content_Range="0-999"), 202)
    assert client("GET", location).header("Range") == "0-999"
    ok(client.close(location, NAME, BLOB[1000:], Content_Range="1000-2999"), 201)
    stored(client)

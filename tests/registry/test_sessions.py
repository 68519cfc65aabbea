"""Upload sessions: broken connections, two requests at once, limits; what a policy forbids."""

from __future__ import annotations

import os

from sim.content.digest import Digest
from sim.registry.changes import Upload, UploadStarted
from sim.registry.disk import DiskStorage
from sim.registry.messages import Head, Response
from sim.registry.plan import Append, Into, Received, Take, Trouble
from sim.registry.server import finish
from sim.registry.service import Service
from sim.registry.state import Policy, Registry, apply
from tests.registry.desk import BLOB, NAME, SEEDS, client_of, intake, opened
from tests.registry.kit import Client, ok, refused


def test_a_broken_connection_keeps_what_has_arrived(service: Service) -> None:
    user = client_of(service)
    location = user.start()
    body = intake(service, "PATCH", location, Content_Length="2000")
    body.write(BLOB[:700])
    assert service.finish(body.close(complete=False)).status == 400
    assert user("GET", location).header("Range") == "0-699"
    body = intake(service, "PATCH", location)
    body.write(BLOB[700:1000])
    ok(service.finish(body.close()), 202)
    ok(user.close(location, NAME, BLOB[1000:]), 201)
    assert user("GET", f"blobs/{NAME}").body == BLOB


def test_a_body_shorter_than_announced_is_not_whole(service: Service) -> None:
    user = client_of(service)
    location = user.start()
    body = intake(service, "PUT", f"{location}?digest={NAME}", Content_Length="2000")
    body.write(BLOB[:1999])
    refused(service.finish(body.close()), 400, "SIZE_INVALID")
    assert user("GET", location).header("Range") == "0-1998"
    body = intake(service, "PUT", "/v2/a/b/manifests/1", Content_Length="10", Content_Type="a/b")
    body.write(b"{}")
    refused(service.finish(body.close(complete=False)), 400, "SIZE_INVALID")


def test_a_second_request_on_a_busy_session_is_refused(service: Service) -> None:
    user = client_of(service)
    location = user.start()
    body = intake(service, "PATCH", location)
    body.write(BLOB[:100])
    for method, target in (("PATCH", location), ("PUT", f"{location}?digest={NAME}")):
        response = user(method, target, b"other")
        refused(response, 409, "BLOB_UPLOAD_INVALID")
        assert response.header("Location") == location
    ok(user("GET", location), 204)
    ok(service.finish(body.close()), 202)
    ok(user.close(location, NAME, BLOB[100:]), 201)


def test_a_plan_that_is_old_is_refused(service: Service) -> None:
    user = client_of(service)
    location = user.start()
    plan = service.begin(Head("PATCH", location))
    assert isinstance(plan, Take)
    ok(user("PATCH", location, b"first"), 202)
    stale = service.open(plan)
    assert isinstance(stale, Response) and stale.status == 409


def test_finish_looks_at_the_offset_again() -> None:
    upload = Upload("00000000-0000-0000-0000-000000000000", "a/b", 1.0, 100)
    state = apply(Registry(), [UploadStarted(upload)])
    late = Received(Take(Append(upload, NAME), Into.UPLOAD, upload.id, 50), 10, None, NAME)
    after, response = finish(state, late)
    assert response.status == 416 and after == state


def test_a_hash_of_another_algorithm_is_not_gone_on_with(service: Service) -> None:
    user = client_of(service)
    location = user.start()
    body = intake(service, "PUT", f"{location}?digest={Digest.of(BLOB, 'sha512')}", Content_Length="2000")
    body.write(BLOB[:900])
    refused(service.finish(body.close(complete=False)), 400, "SIZE_INVALID")
    ok(user.close(location, NAME, BLOB[900:]), 201)


def test_a_session_that_is_cancelled_while_its_body_arrives_stays_cancelled(service: Service) -> None:
    user = client_of(service)
    location = user.start()
    body = intake(service, "PUT", f"{location}?digest={NAME}")
    body.write(BLOB)
    ok(user("DELETE", location), 204)
    refused(service.finish(body.close()), 404, "BLOB_UPLOAD_UNKNOWN")
    ok(user("HEAD", f"blobs/{NAME}"), 404)
    if isinstance(service.storage, DiskStorage):
        assert os.listdir(service.storage.root / "uploads") == []


def test_a_body_beyond_the_limit_is_413_and_leaves_nothing(service: Service) -> None:
    small = Service(service.storage, Policy(max_blob=1000), clock=lambda: 1.0, seeds=lambda: str(next(SEEDS)))
    user = client_of(small)
    refused(user("POST", f"blobs/uploads/?digest={NAME}", BLOB), 413, "SIZE_INVALID")
    location = user.start()
    body = intake(small, "PATCH", location)
    for at in range(0, 2000, 100):
        body.write(BLOB[at : at + 100])
    received = body.close()
    assert received.trouble is Trouble.TOO_LARGE and received.size == 1000
    refused(small.finish(received), 413, "SIZE_INVALID")
    refused(user("GET", location), 404, "BLOB_UPLOAD_UNKNOWN")


def test_too_many_sessions_are_429(service: Service) -> None:
    user = client_of(Service(service.storage, Policy(max_uploads=2), clock=lambda: 1.0, seeds=lambda: str(next(SEEDS))))
    first, _ = user.start(), user.start()
    for target in ("blobs/uploads/", f"blobs/uploads/?mount={NAME}&from=c"):
        refused(user("POST", target), 429, "TOOMANYREQUESTS")
    ok(user("POST", f"blobs/uploads/?digest={NAME}", BLOB), 201)
    ok(user("DELETE", first), 204)
    user.start()


def test_read_only_and_no_deletion(service: Service) -> None:
    client_of(service).image("1.0")
    whole = client_of(service)("GET", "manifests/1.0").body
    assert isinstance(whole, bytes)

    def facing(policy: Policy) -> Client:
        found = opened(service.storage)
        found.state = found._ahead = type(service.state)(policy, service.state.repositories)
        return client_of(found)

    frozen, lasting = facing(Policy(read_only=True)), facing(Policy(delete=False))
    ok(frozen("GET", "manifests/1.0"), 200)
    for method, target in (("POST", "blobs/uploads/"), ("PUT", "manifests/1.1"), ("DELETE", "manifests/1.0")):
        refused(frozen(method, target, whole), 405, "UNSUPPORTED")
    for target in ("manifests/1.0", f"manifests/{Digest.of(whole)}", f"blobs/{NAME}"):
        refused(lasting("DELETE", target), 405, "UNSUPPORTED")
    ok(lasting("DELETE", lasting.start()), 204)

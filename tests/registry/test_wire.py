"""The registry over sockets, as clients that mean well use it."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import re
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from sim.content.digest import Digest
from sim.registry.auth import Passwords
from sim.registry.disk import DiskStorage
from sim.registry.gate import BasicGate
from sim.registry.state import Policy
from sim.registry.storage import MemoryStorage, Storage
from sim.registry.tls import kept_certificate, server_context
from sim.registry.wire import WireServer, listen, service_of, serving
from tests.registry.conformance import CLAIMS, Claim
from tests.registry.wirekit import Kept, dial, logged, opening, say, sending, soon

STORAGES: dict[str, Callable[[Path], Storage]] = {
    "memory": lambda folder: MemoryStorage(), "disk": lambda folder: DiskStorage(folder / "root"),
}


@pytest.fixture(params=STORAGES)
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    return STORAGES[request.param](tmp_path)


@pytest.fixture(scope="module", params=STORAGES)
def face(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory):  # type: ignore[no-untyped-def]
    """What the table of claims speaks to: one server for all of it."""
    with serving(STORAGES[request.param](tmp_path_factory.mktemp("face"))) as server:
        yield sending(server.port)


def test_a_blob_goes_in_in_chunks_and_comes_out_whole_and_in_parts(storage: Storage) -> None:
    data = os.urandom(3_000_001)
    digest = Digest.of(data)
    with logged(storage) as at:
        client = Kept(at.server.port)
        status, headers, _ = client("POST", "/v2/a/b/blobs/uploads/", Content_Length="0")
        assert status == 202
        pieces = (data[i : i + 32_768] for i in range(0, len(data), 32_768))
        status, headers, _ = client("PATCH", headers["Location"], pieces, Transfer_Encoding="chunked")
        assert (status, headers["Range"]) == (202, f"0-{len(data) - 1}")
        assert client("PUT", f"{headers['Location']}?digest={digest}")[0] == 201
        assert client("GET", f"/v2/a/b/blobs/{digest}")[2] == data
        status, headers, part = client("GET", f"/v2/a/b/blobs/{digest}", Range="bytes=1000000-1999999")
        assert status == 206 and part == data[1_000_000:2_000_000]
        assert client("GET", f"/v2/a/b/blobs/{digest}", Range="bytes=2999999-")[2] == data[2_999_999:]
        status, headers, body = client("HEAD", f"/v2/a/b/blobs/{digest}")
        assert status == 200 and headers["Content-Length"] == str(len(data)) and not body
        assert client("GET", "/v2/")[0] == 200, "and all of it on one connection"
        log = at.wait_for(8)
    assert [one.status for one in log] == [202, 202, 201, 200, 206, 206, 200, 200]
    assert log[1].received == len(data) and log[3].sent == len(data) and log[6].sent == 0
    assert log[2].reason == f"stored: {len(data)} bytes"


def test_requests_that_come_together_are_answered_one_after_the_other() -> None:
    one = b"GET /v2/ HTTP/1.1\r\nHost: here\r\n\r\n"
    put = opening(f"/v2/a/blobs/uploads/?digest={Digest.of(b'hi')}", 2) + b"hi"
    with serving() as server:
        raw = say(server, one + b"\r\n" + put + one[:-2] + b"Connection: close\r\n\r\n")
    assert re.findall(rb"HTTP/1.1 (\d+)", raw) == [b"200", b"201", b"200"]


def test_a_client_that_waits_to_be_told_is_told() -> None:
    head = opening(f"/v2/a/blobs/uploads/?digest={Digest.of(b'hello')}", 5, "Expect: 100-continue")
    with serving() as server, dial(server) as sock:
        sock.sendall(head)
        assert sock.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        sock.sendall(b"hello")
        assert sock.recv(1000).startswith(b"HTTP/1.1 201 ")


def test_a_client_that_waits_is_not_told_where_the_body_is_not_wanted() -> None:
    with serving(policy=Policy(read_only=True)) as server:
        raw = say(server, opening("/v2/a/manifests/1.0", 5, "Expect: 100-continue", method="PUT"))
    assert raw.startswith(b"HTTP/1.1 405 ") and b"Connection: close" in raw


@pytest.mark.parametrize("chunks", [False, True])
def test_an_early_refusal_is_read_although_the_body_is_not(chunks: bool) -> None:
    body, head = bytes(8 << 20), opening("/v2/a/blobs/uploads/1", 50_000_000, method="PATCH")
    if chunks:
        body = b"%x\r\n" % len(body) + body
        head = head.replace(b"Content-Length: 50000000", b"Transfer-Encoding: chunked")
    with logged() as at:
        raw = say(at.server, head, body)
        assert raw.startswith(b"HTTP/1.1 404 ") and b"BLOB_UPLOAD_UNKNOWN" in raw
        assert at.wait_for(1)[0].received == 0


def test_a_short_body_that_nobody_wants_does_not_cost_the_connection() -> None:
    with serving() as server:
        client = Kept(server.port)
        assert client("PATCH", "/v2/a/blobs/uploads/1", b"x" * 1000)[0] == 404
        assert client("POST", "/v2/a/blobs/uploads/", b"not wanted")[0] == 202
        sock = client.http.sock
        assert client("GET", "/v2/")[0] == 200 and client.http.sock is sock


def test_stopping_lets_a_request_end_and_frees_the_port(tmp_path: Path) -> None:
    digest = Digest.of(b"hello")
    with DiskStorage(tmp_path / "root") as storage:
        server = WireServer(service_of(storage), listen())
        server.start()
        idle, sock = dial(server), dial(server)
        sock.sendall(opening(f"/v2/a/blobs/uploads/?digest={digest}", 5) + b"he")
        soon(lambda: any(client.waiting is None for client in server._clients))
        stopper = threading.Thread(target=server.stop)
        stopper.start()
        assert idle.recv(1) == b"", "who waits for nothing is let go at once"
        sock.sendall(b"llo")
        raw = sock.recv(4096)
        assert raw.startswith(b"HTTP/1.1 201 ") and b"Connection: close" in raw
        stopper.join(10)
        assert not stopper.is_alive()
        with pytest.raises(OSError):
            dial(server)
        for one in (idle, sock):
            one.close()
    with DiskStorage(tmp_path / "root") as storage, serving(storage, port=server.port) as again:
        assert Kept(again.port)("GET", f"/v2/a/blobs/{digest}")[2] == b"hello"


def test_stopping_cuts_off_who_does_not_end() -> None:
    server = WireServer(service_of(MemoryStorage()), listen())
    server.start()
    with dial(server) as sock:
        sock.sendall(opening(f"/v2/a/blobs/uploads/?digest={Digest.of(b'')}", 5) + b"h")
        soon(lambda: any(client.waiting is None for client in server._clients))
        began = time.monotonic()
        server.stop(grace_s=0.2)
        assert time.monotonic() - began < 4


def test_tls_and_both_mistakes_about_it(tmp_path: Path) -> None:
    pair = kept_certificate(tmp_path, [], now=time.time())
    with logged(tls=server_context(*pair)) as at:
        context = ssl.create_default_context(cafile=str(pair[0]))
        client = Kept(at.server.port)
        client.http = http.client.HTTPSConnection("127.0.0.1", at.server.port, context=context, timeout=20)
        data = os.urandom(1_000_000)
        digest = client.put_blob(data)
        assert client("GET", f"/v2/a/blobs/{digest}")[2] == data
        raw = say(at.server, b"GET /v2/ HTTP/1.1\r\n\r\n")
        assert raw.endswith(b"Client sent an HTTP request to an HTTPS server.\n")
        with pytest.raises(ssl.SSLError):
            http.client.HTTPSConnection("127.0.0.1", at.server.port, timeout=20).request("GET", "/v2/")
        reasons = [one.reason for one in at.wait_for(4)[2:]]
    assert "without TLS" in reasons[0] and "came to nothing" in reasons[1]


def test_a_challenge_goes_out_and_a_password_comes_in() -> None:
    gate = BasicGate(Passwords({"me": "secret"}, lambda password, hashed: password == hashed))
    with serving(gate=gate, policy=Policy(challenge=gate.challenge)) as server:
        client = Kept(server.port)
        status, headers, body = client("GET", "/v2/")
        assert status == 401 and headers["WWW-Authenticate"] == 'Basic realm="Layer Lab registry"'
        assert json.loads(body)["errors"][0]["code"] == "UNAUTHORIZED"
        assert client("GET", "/v2/", Authorization="Basic bWU6c2VjcmV0")[0] == 200


_SERVER = """
import sys
from sim.registry.disk import DiskStorage
from sim.registry.wire import serving
with DiskStorage(sys.argv[1]) as storage, serving(storage) as server:
    print(server.port, flush=True)
    sys.stdin.read()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak memory from /proc")
def test_a_large_blob_goes_through_in_flat_memory(tmp_path: Path, root: Path) -> None:
    from sim.bench.process import PEAK

    size, piece = 256 << 20, bytes(1 << 20)
    digest = "sha256:" + hashlib.sha256(bytes(size)).hexdigest()
    with subprocess.Popen(
        [sys.executable, "-c", _SERVER + PEAK, tmp_path / "root"], cwd=root, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, encoding="utf-8",
    ) as server:  # fmt: skip
        assert server.stdout is not None
        client = Kept(int(server.stdout.readline()), timeout=60)
        pieces = (piece for _ in range(size >> 20))
        assert client("POST", f"/v2/a/blobs/uploads/?digest={digest}", pieces, Content_Length=str(size))[0] == 201
        client.http.request("GET", f"/v2/a/blobs/{digest}")
        response, seen = client.http.getresponse(), 0
        while chunk := response.read(1 << 20):
            seen += len(chunk)
        assert seen == size
        peak, _ = server.communicate("")
    assert int(peak) < 100e6


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.name)
def test_the_claims_hold_over_http(face, claim: Claim) -> None:  # type: ignore[no-untyped-def]
    claim.hold(face)

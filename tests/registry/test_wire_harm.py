"""The registry over sockets, against clients that are slow, broken or mean harm, and files that were changed."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from sim.content.digest import Digest
from sim.registry.connection import Patience
from sim.registry.disk import DiskStorage
from sim.registry.storage import MemoryStorage, Storage
from sim.registry.wire import WireServer, listen, service_of
from tests.registry.wirekit import Kept, dial, logged, opening, say, soon

HASTY = Patience(idle_s=0.6, head_s=0.3, stall_s=0.3)
LAST = b" HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
MANIFEST = "/v2/a/manifests/1"
DEEP, LARGE = 50_000, 9_000_000

HARM = [
    # bytes, status, words, what they are
    (b"\x16\x03\x01\x02\x00\x01", 400, b"TLS client", "a TLS client"),
    (b"\x00" * 50, 400, b"no HTTP", "zeros"),
    (b"GET / HTTP/1.1\r\nHost: h\r\nX: " + b"a" * 40_000, 431, b"more than", "an endless head"),
    (b"GET /v2/ HTTP/1.1\r\n\r\n", 400, b"Host", "no Host"),
    (opening(MANIFEST, 1, "Transfer-Encoding: chunked"), 400, b"two ends", "two lengths"),
    (opening(MANIFEST, 1, method="PUT").replace(b"Content-Length: 1", b"Transfer-Encoding: chunked") + b"zz\r\n",
     400, b"chunk", "no chunk"),
    (b"GET /v2/../../etc/passwd" + LAST, 404, b"NAME_UNKNOWN", "a path upwards"),
    (b"GET /v2/a/../../../etc/passwd/tags/list" + LAST, 400, b"NAME_INVALID", "a name with dots"),
    (b"GET /v2/a/blobs/..%2f..%2fetc" + LAST, 404, b"NAME_UNKNOWN", "a coded path"),
    (b"GET /v2/a/blobs/sha256:..%2f..%2fetc" + LAST, 404, b"NAME_UNKNOWN", "a coded path in a digest"),
    (b"GET /v2/%zz/tags/list" + LAST, 400, b"NAME_INVALID", "bad percent-encoding"),
    (b"GET /v2/%ff/tags/list" + LAST, 400, b"NAME_INVALID", "bytes that are no UTF-8"),
    (b"GET /v2/a%00b/tags/list" + LAST, 400, b"NAME_INVALID", "a NUL"),
    (opening(MANIFEST, DEEP, "Connection: close", method="PUT") + b"[" * DEEP, 400, b"MANIFEST_INVALID", "deep JSON"),
    (opening(MANIFEST, 4, "Connection: close", method="PUT") + b"{\xff:}", 400, b"MANIFEST_INVALID", "no JSON"),
    (opening(MANIFEST, LARGE, "Connection: close", method="PUT") + bytes(LARGE), 413, b"errors", "a huge manifest"),
]


@pytest.mark.parametrize(("raw", "status", "words"), [row[:-1] for row in HARM], ids=[row[-1] for row in HARM])
def test_harm_is_answered_in_words_and_harms_nobody(raw: bytes, status: int, words: bytes) -> None:
    with logged() as at:
        found = say(at.server, raw)
        assert found.startswith(b"HTTP/1.1 %d " % status), found[:300]
        assert words in found and b"Traceback" not in found and b'File "' not in found
        assert Kept(at.server.port)("GET", "/v2/")[0] == 200
        assert at.wait_for(2)[0].status == status


def test_a_slow_head_is_given_up_and_an_idle_connection_ends() -> None:
    drip = [bytes((byte,)) for byte in b"GET /v2/ HTTP/1.1\r\nHost: here\r\n"]
    with logged(patience=HASTY) as at:
        assert say(at.server, *drip, pause=0.05).startswith(b"HTTP/1.1 408 "), "a byte now and then does not help"
        assert say(at.server) == b"", "who says nothing is told nothing"
        assert [one.status for one in at.wait_for(1)] == [408]


@pytest.mark.parametrize("make", [lambda folder: MemoryStorage(), DiskStorage], ids=["memory", "disk"])
def test_what_arrived_before_a_client_stalled_or_left_is_kept(make: Callable[[Path], Storage], tmp_path: Path) -> None:
    data = os.urandom(100_000)
    with logged(make(tmp_path / "root"), patience=HASTY) as at:
        where = Kept(at.server.port)("POST", "/v2/a/blobs/uploads/")[1]["Location"]
        assert say(at.server, opening(where, 100_000, method="PATCH") + data[:30_000]) == b"", "it stalled"
        with dial(at.server) as sock:
            sock.sendall(opening(where, 70_000, method="PATCH") + data[30_000:60_000])
        log = at.wait_for(3)
        client = Kept(at.server.port)
        status, headers, _ = client("GET", where)
        assert (status, headers["Range"]) == (204, "0-59999")
        digest = Digest.of(data)
        assert client("PUT", f"{where}?digest={digest}", data[60_000:])[0] == 201
        assert client("GET", f"/v2/a/blobs/{digest}")[2] == data
    assert [one.status for one in log[1:]] == [0, 0] and "too little" in log[1].reason and "ended" in log[2].reason


def test_a_reader_that_reads_nothing_is_given_up() -> None:
    with logged(MemoryStorage(), patience=HASTY) as at:
        digest = Kept(at.server.port).put_blob(bytes(64 << 20))
        with dial(at.server) as sock:
            sock.sendall(f"GET /v2/a/blobs/{digest} HTTP/1.1\r\nHost: h\r\n\r\n".encode())
            assert "does not take" in at.wait_for(2)[1].reason


def test_when_all_connections_are_taken_the_idle_make_room() -> None:
    server = WireServer(service_of(MemoryStorage()), listen(), most=8)
    server.start()
    try:
        idle = [dial(server) for _ in range(30)]
        assert Kept(server.port)("GET", "/v2/")[0] == 200
        assert len(server._clients) < 30
        for sock in idle:
            sock.close()
    finally:
        server.stop()


def test_when_all_are_busy_a_newcomer_is_turned_away() -> None:
    server = WireServer(service_of(MemoryStorage()), listen(), most=2)
    server.start()
    try:
        busy = [dial(server), dial(server)]
        for sock in busy:
            sock.sendall(opening(f"/v2/a/blobs/uploads/?digest={Digest.of(b'')}", 9) + b"x")
        soon(lambda: [client.waiting for client in list(server._clients)] == [None, None])
        raw = say(server, b"")
        assert raw.startswith(b"HTTP/1.1 503 ") and b"Retry-After: 1" in raw
        for sock in busy:
            sock.close()
    finally:
        server.stop()


DAMAGE: dict[str, Callable[[Path], object]] = {
    "cut": lambda path: os.truncate(path, 700),
    "longer": lambda path: path.write_bytes(path.read_bytes() + b"x"),
    "changed": lambda path: path.write_bytes(b"X" + path.read_bytes()[1:]),
    "gone": lambda path: path.unlink(),
}


@pytest.mark.parametrize("asked_before", [True, False])
@pytest.mark.parametrize("size", [1000, 200_000])
@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_file_is_never_served(damage: str, size: int, asked_before: bool, tmp_path: Path) -> None:
    with DiskStorage(tmp_path / "root") as storage, logged(storage) as at:
        client = Kept(at.server.port)
        data = b"x" + os.urandom(size)
        digest = client.put_blob(data)
        if asked_before:
            assert client("GET", f"/v2/a/blobs/{digest}")[2] == data
        DAMAGE[damage](storage.path(digest))
        assert client("HEAD", f"/v2/a/blobs/{digest}")[0] == (404 if damage == "gone" else 200)
        for headers in ({}, {"Range": "bytes=500-599"}):
            status, _, body = client("GET", f"/v2/a/blobs/{digest}", **headers)
            assert status == (404 if damage == "gone" else 500)
            assert json.loads(body)["errors"] and data[500:600] not in body
        assert damage == "gone" or "cannot be sent" in at.exchanges[-1].reason
        if damage == "gone":
            client.put_blob(data)
            assert client("GET", f"/v2/a/blobs/{digest}")[2] == data


def test_a_fault_of_ours_is_an_error_body(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LAYERLAB_DEBUG", raising=False)
    with logged() as at:
        monkeypatch.setattr(at.server.service, "begin", lambda head, caller: 1 // 0)
        status, _, body = Kept(at.server.port)("GET", "/v2/")
        assert status == 500 and json.loads(body)["errors"][0]["code"] == "UNKNOWN"
        assert b"ZeroDivision" not in body and b"Traceback" not in body
        assert at.wait_for(1)[0].reason.startswith("a fault of the program: ZeroDivisionError")

"""`sim serve` when things go wrong: many at once, kills, cut connections, a full disk, slow clients, nonsense.

What was answered 201 is there, whatever happens afterwards; what is there is whole; nobody else notices.

A short run is part of CI; LAYERLAB_FULL=1 makes the whole one (about ten minutes), and -s shows its counts.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import random
import re
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from sim.cli import main
from tests.registry.kit import compact, described
from tests.registry.wirekit import Kept, Served, opening, served

FULL = os.environ.get("LAYERLAB_FULL") == "1"
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_CONFIG = "application/vnd.oci.image.config.v1+json"
BROKEN = (OSError, http.client.HTTPException)

pytestmark = pytest.mark.skipif(os.name == "nt", reason="kills, tmpfs and /proc are Linux's")


def much(short: int, full: int) -> int:
    return full if FULL else short


def digest_of(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


def image_of(*blobs: bytes) -> bytes:
    """Return a manifest whose config is the first blob."""
    first, *rest = blobs
    return compact({
        "schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": described(first, OCI_CONFIG),
        "layers": [described(blob, "application/vnd.oci.image.layer.v1.tar") for blob in rest],
    })


@dataclass
class Acknowledged:
    """What the registry has said that it has: tags with their manifests, blobs."""

    repository: str
    tags: dict[str, bytes] = field(default_factory=dict)
    blobs: dict[str, int] = field(default_factory=dict)
    count: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def push(self, client: Kept, tag: str, *blobs: bytes) -> None:
        """Push an image, and remember each 201 when it has come."""
        for blob in blobs:
            status, headers, body = client("POST", f"/v2/{self.repository}/blobs/uploads/")
            assert status == 202, body
            status, _, body = client("PUT", f"{headers['Location']}?digest={digest_of(blob)}", blob)
            assert status == 201, body
            with self.lock:
                self.count += 1
                self.blobs[digest_of(blob)] = len(blob)
        raw = image_of(*blobs)
        status, _, body = client("PUT", f"/v2/{self.repository}/manifests/{tag}", raw, Content_Type=OCI_MANIFEST)
        assert status == 201, body
        with self.lock:
            self.count += 1
            self.tags[tag] = raw

    def check(self, port: int) -> None:
        """Hold the registry to it: all of it is there, and whatever is there is whole."""
        client = Kept(port)
        for tag, raw in self.tags.items():
            status, headers, found = client("GET", f"/v2/{self.repository}/manifests/{tag}", Accept=OCI_MANIFEST)
            assert (status, found) == (200, raw), tag
            assert headers["Docker-Content-Digest"] == digest_of(raw)
        for digest, size in self.blobs.items():
            status, _, found = client("GET", f"/v2/{self.repository}/blobs/{digest}")
            assert status == 200 and len(found) == size and digest_of(found) == digest
        for tag in listed(client, self.repository):
            status, _, raw = client("GET", f"/v2/{self.repository}/manifests/{tag}", Accept=OCI_MANIFEST)
            assert status == 200, "a tag that is listed can be had"
            document = json.loads(raw)
            for one in (document["config"], *document["layers"]):
                status, _, _ = client("HEAD", f"/v2/{self.repository}/blobs/{one['digest']}")
                assert status == 200, "with all that it needs"
        assert set(self.tags) <= set(listed(client, self.repository))


def listed(client: Kept, repository: str) -> list[str]:
    """Return all tags, page by page."""
    found: list[str] = []
    target: str | None = f"/v2/{repository}/tags/list?n=500"
    while target is not None:
        status, headers, body = client("GET", target)
        if status == 404:
            return []
        found += json.loads(body)["tags"]
        link = re.match(r"<([^>]+)>", headers.get("Link", ""))
        target = link[1] if link else None
    return found


def peak_mb(at: Served) -> float:
    """Return the most memory that the server has held."""
    status = Path(f"/proc/{at.process.pid}/status").read_text("ascii", "replace")
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found is not None
    return int(found[1]) / 1e3


def test_eight_clients_at_once_lose_nothing(tmp_path: Path) -> None:
    answers, clients = much(800, 10_000), 8
    known = Acknowledged("many/clients")
    began = time.monotonic()

    def work(number: int, port: int) -> None:
        client, draw, step = Kept(port), random.Random(number), 0
        while known.count < answers:
            step += 1
            blob = draw.randbytes(draw.choice((10, 1000, 100_000)))
            known.push(client, f"t{number}-{step}", blob, f"{number} {step}".encode())

    with served(tmp_path / "data", "--quiet") as at:
        with ThreadPoolExecutor(clients) as pool:
            list(pool.map(work, range(clients), [at.port] * clients))
        took = time.monotonic() - began
        known.check(at.port)
        memory = peak_mb(at)
        at.end(signal.SIGKILL)
    began = time.monotonic()
    with served(tmp_path / "data", "--quiet") as at:
        restart = time.monotonic() - began
        known.check(at.port)
    print(f"\n{known.count} answers of 201 to {clients} clients, {took:.1f} s; {memory:.0f} MB, up in {restart:.1f} s")
    assert known.count >= answers and memory < 150


def test_kills_at_random_instants_lose_nothing(tmp_path: Path) -> None:
    kills, draw = much(6, 200), random.Random(5)
    known, rounds = Acknowledged("killed/often"), 0
    stop = threading.Event()

    def work(number: int, port: int, round_: int) -> None:
        client, own, step = Kept(port), random.Random(f"{number} {round_}"), 0
        with suppress(*BROKEN):  # The kill.
            while not stop.is_set():
                step += 1
                known.push(client, f"r{round_}-{number}-{step}", own.randbytes(own.choice((100, 300_000))))

    for round_ in range(kills):
        with served(tmp_path / "data", "--quiet") as at:
            stop.clear()
            threads = [threading.Thread(target=work, args=(number, at.port, round_)) for number in range(4)]
            for thread in threads:
                thread.start()
            time.sleep(draw.uniform(0.0, 0.4))
            at.end(signal.SIGKILL)
            stop.set()
            for thread in threads:
                thread.join()
        rounds += 1
        if round_ % 10 == 9 or round_ == kills - 1:
            with served(tmp_path / "data", "--quiet") as at:
                known.check(at.port)
    print(f"\n{rounds} kills among {known.count} answers of 201, none lost")
    assert known.count > kills


def test_connections_cut_at_random_bytes_are_gone_on_with(tmp_path: Path) -> None:
    cuts, draw = much(30, 400), random.Random(6)
    with served(tmp_path / "data", "--quiet") as at:
        client = Kept(at.port)
        for _ in range(cuts):
            blob = draw.randbytes(draw.choice((50, 5_000, 700_000)))
            where = client("POST", "/v2/cut/off/blobs/uploads/")[1]["Location"]
            come, attempts = 0, 0
            while come < len(blob):
                head = opening(where, len(blob) - come, f"Content-Range: {come}-{len(blob) - 1}", method="PATCH")
                # The first ones are cut anywhere, in the head too; then it gets through.
                end = draw.randrange(len(head) + len(blob) - come) if attempts < 3 else len(head) + len(blob)
                if end == len(head) + 1:
                    end -= 1  # A session says 0-0 when it has one byte, and when it has none.
                cut_off(at.port, (head + blob[come:])[:end])
                come, attempts = settled(client, where, min(len(blob), come + max(0, end - len(head)))), attempts + 1
            status, _, body = client("PUT", f"{where}?digest={digest_of(blob)}", b"")
            assert status == 201, body
            assert client("GET", f"/v2/cut/off/blobs/{digest_of(blob)}")[2] == blob
            read_a_little(at.port, f"/v2/cut/off/blobs/{digest_of(blob)}", draw.randrange(1, len(blob) + 100))
        memory = peak_mb(at)
    print(f"\n{cuts} uploads, each cut at 3 random bytes, all resumed; {memory:.0f} MB")


def cut_off(port: int, raw: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as sock:
        sock.sendall(raw)


def settled(client: Kept, where: str, expected: int) -> int:
    """Wait until the server has noticed a cut; all bytes that were sent are to have come. Return how many they are."""
    until = time.monotonic() + 10
    while True:
        status, headers, _ = client("GET", where)
        assert status == 204
        last = int(headers["Range"].partition("-")[2])
        come = last + 1 if last else 0
        if come == expected:
            return come
        assert come < expected and time.monotonic() < until, (come, expected)
        time.sleep(0.005)


def read_a_little(port: int, target: str, count: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as sock:
        sock.sendall(f"GET {target} HTTP/1.1\r\nHost: h\r\n\r\n".encode())
        while count > 0 and (piece := sock.recv(min(count, 1 << 16))):
            count -= len(piece)


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[None]:
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "none", folder], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", folder], check=True)


def test_a_full_disk_refuses_and_harms_nothing(tmp_path: Path, need: Callable[[object, str], None]) -> None:
    need(os.geteuid() == 0, "a small disk needs root")
    disk, draw, known, refused = tmp_path / "disk", random.Random(7), Acknowledged("full/disk"), 0
    with small_disk(disk, 6):
        with served(disk / "data", "--quiet") as at:
            client = Kept(at.port)
            for number in range(much(60, 600)):
                blob = draw.randbytes(draw.choice((1_000, 50_000, 900_000)))
                try:
                    known.push(client, f"t{number}", blob)
                except AssertionError as error:
                    assert "no space left" in str(error), error
                    refused += 1
                    client = Kept(at.port)
            assert refused > 10 and known.tags
            known.check(at.port)
            at.end(signal.SIGKILL)
        with served(disk / "data", "--quiet") as at:
            known.check(at.port)
            assert Kept(at.port)("POST", "/v2/full/disk/blobs/uploads/?digest=" + digest_of(bytes(5_000_000)),
                                 bytes(5_000_000))[0] == 507  # fmt: skip
            subprocess.run(["mount", "-o", "remount,size=64m", disk], check=True)
            known.push(Kept(at.port), "after", draw.randbytes(5_000_000))
            known.check(at.port)
    print(f"\n{refused} pushes refused for want of space, {len(known.tags)} images kept")


def test_two_hundred_clients_at_once_and_as_many_slow_ones(tmp_path: Path) -> None:
    clients, known = 200, Acknowledged("two/hundred")
    blob = os.urandom(200_000)
    with served(tmp_path / "data", "--quiet") as at:
        slow = [socket.create_connection(("127.0.0.1", at.port)) for _ in range(clients)]
        for number, sock in enumerate(slow):
            # Half of them never end their head, the others never their body.
            sock.sendall(b"GET /v2/ HTTP/1.1\r\nX: " if number % 2 else opening(
                f"/v2/slow/blobs/uploads/?digest={digest_of(b'')}", 1000) + b"x")
        ready = threading.Barrier(clients)

        def work(number: int) -> float:
            client = Kept(at.port, timeout=60)
            ready.wait()
            began = time.monotonic()
            known.push(client, f"t{number}", blob, str(number).encode())
            assert client("GET", f"/v2/two/hundred/blobs/{digest_of(blob)}")[2] == blob
            return time.monotonic() - began

        with ThreadPoolExecutor(clients) as pool:
            took = sorted(pool.map(work, range(clients)))
        for sock in slow:
            with suppress(OSError):
                sock.sendall(b"x")
            sock.close()
        known.check(at.port)
        memory = peak_mb(at)
    print(f"\n{clients} clients beside {clients} slow ones: the last had all after {took[-1]:.1f} s; {memory:.0f} MB")
    assert len(known.tags) == clients and memory < 200


SEEDS = [
    b"GET /v2/%s/manifests/1 HTTP/1.1\r\nHost: h\r\nAccept: */*\r\n\r\n",
    b"POST /v2/%s/blobs/uploads/?mount=sha256:00&from=a/b HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n",
    b"PUT /v2/%s/manifests/1 HTTP/1.1\r\nHost: h\r\nContent-Length: 20\r\nContent-Type: x/y\r\n\r\n"
    b'{"schemaVersion": 2}',
    b"PATCH /v2/%s/blobs/uploads/../../x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"5\r\nhello\r\n0\r\n\r\n",
    b"GET /v2/%s/blobs/sha256:%%2e%%2e/ HTTP/1.1\r\nHost: h\r\nRange: bytes=0-18446744073709551616\r\n\r\n",
    b"GET /v2/%s/tags/list?n=99999999999999999999&last=%%00 HTTP/1.1\r\nHost: h\r\n\r\n",
    b"DELETE /v2/%s/manifests/sha256:zz HTTP/1.1\r\nHost: h\r\nAuthorization: Basic ====\r\n\r\n",
]
PIECES = (
    b"..", b"/", b"%2f", b"%00", b"%", b"\0", b"\r\n", b"\n", b" ", b"\xff", b"{", b"[" * 500, b"A" * 5000, b":", b"-1",
    b"99999999999999999999", b"sha256:", b"chunked", b"Content-Length: 5\r\n", b"Expect: 100-continue\r\n",
    b"\xe5\xae\xb9",
)  # fmt: skip


def mutated(draw: random.Random) -> bytes:
    """Return a request in which something was cut out, put in or turned over."""
    raw = bytearray(draw.choice(SEEDS).replace(b"%s", draw.choice((b"good/image", b"..", b"a//b", b"%2e%2e"))))
    for _ in range(draw.randint(0, 3)):
        at = draw.randrange(len(raw))
        match draw.randrange(3):
            case 0:
                raw[at:at] = draw.choice(PIECES)
            case 1:
                del raw[at : at + draw.randint(1, 20)]
            case _:
                raw[at] = draw.randrange(256)
    return bytes(raw)


def tree_of(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if "data" not in path.relative_to(folder).parts}


def test_nonsense_is_answered_and_changes_nothing(tmp_path: Path) -> None:
    requests, draw, known = much(1_500, 20_000), random.Random(8), Acknowledged("good/image")
    (tmp_path / "beside").write_bytes(b"not yours")
    outside, statuses = tree_of(tmp_path), {}
    with served(tmp_path / "data", "--quiet") as at:
        known.push(Kept(at.port), "1.0", b"config", b"layer")
        for _ in range(requests):
            with socket.create_connection(("127.0.0.1", at.port), timeout=20) as sock:
                found = b""
                with suppress(ConnectionError):
                    sock.sendall(mutated(draw))
                    sock.shutdown(socket.SHUT_WR)
                    while piece := sock.recv(1 << 16):
                        found += piece
            assert not found or found.startswith(b"HTTP/1."), found[:200]
            assert b"Traceback" not in found and b".py" not in found and b"not yours" not in found
            status = found[9:12].decode("ascii", "replace")
            statuses[status] = statuses.get(status, 0) + 1
        known.check(at.port)
        memory = peak_mb(at)
        code, out = at.end()
    assert code == 0 and "Traceback" not in out and "500" not in statuses, statuses
    assert tree_of(tmp_path) == outside and memory < 150
    print(f"\n{requests} mutated requests: {dict(sorted(statuses.items()))}; {memory:.0f} MB")


def test_wrong_bytes_are_refused_and_leave_nothing(tmp_path: Path) -> None:
    rounds, draw = much(60, 1_000), random.Random(9)
    with served(tmp_path / "data", "--quiet") as at:
        client = Kept(at.port)
        for _ in range(rounds):
            blob = draw.randbytes(draw.choice((1, 300, 80_000)))
            digest, at_byte = digest_of(blob), draw.randrange(len(blob))
            wrong = draw.choice((
                blob[:at_byte], blob + b"x", blob[:at_byte] + bytes((blob[at_byte] ^ 1,)) + blob[at_byte + 1 :], b"",
            ))
            where = client("POST", "/v2/wrong/blobs/uploads/")[1]["Location"]
            status, _, body = client("PUT", f"{where}?digest={digest}", wrong)
            assert status == 400 and json.loads(body)["errors"][0]["code"] == "DIGEST_INVALID"
            assert client("HEAD", f"/v2/wrong/blobs/{digest}")[0] == 404
            assert client("GET", where)[0] == 404, "the session is over"
        raw = image_of(b"absent")
        status, _, body = client("PUT", "/v2/wrong/manifests/1.0", raw, Content_Type=OCI_MANIFEST)
        assert status == 400 and json.loads(body)["errors"][0]["code"] == "MANIFEST_BLOB_UNKNOWN"
        for junk in (b"{", b"[]", b"\xff", b'{"schemaVersion": 3}', b"null", raw[:-1], b'{"a":' * 1000):
            assert client("PUT", "/v2/wrong/manifests/1.0", junk, Content_Type=OCI_MANIFEST)[0] == 400
        assert listed(client, "wrong") == []
    for path in (tmp_path / "data" / "content" / "blobs").rglob("*"):
        assert path.is_dir() or digest_of(path.read_bytes()) == f"sha256:{path.name}"
    assert not list((tmp_path / "data" / "uploads").iterdir())
    # The bytes of a manifest that was refused for what it needs are garbage, and freed like any other.
    assert main(["gc", str(tmp_path / "data")]) == 0
    assert all(path.is_dir() for path in (tmp_path / "data" / "content" / "blobs").rglob("*"))
    print(f"\n{rounds} wrong uploads refused, nothing left behind")

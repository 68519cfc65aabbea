"""Figures of the registry: `sim serve` beside docker's own, with the same client, in turns.

    skopeo push, pull    whole process, the 43 MB image; each push into a registry that was started for it, since
                         skopeo remembers which repository of a registry has a blob, and would mount it
    GET of a blob        32 MB, one client and 32 at once, connections kept
    GET of a manifest    the same, a small one
    memory               the most that the server held while a large blob went in and came out

The GET client is a bare socket, so that it is the servers that are compared.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter

from ..content.descriptor import OCI_CONFIG, OCI_LAYER, OCI_MANIFEST
from ..source import open_image
from .figure import Figure, absolute, against, interleaved, skipped
from .images import REAL
from .registries import REGISTRY, Running, our_registry, real_registry
from .specimens import deflated

MB = 1 << 20
BLOB = 32 * MB
MANY = 32
_NAME = "bench/app"
_COPIES = {verb: f"skopeo {verb} of the 43 MB image, whole process" for verb in ("push", "pull")}
_GETS = {
    (what, clients): f"GET of {words}, {'one client' if clients == 1 else f'{clients} clients'}"
    for what, words in (("blob", "a 32 MB blob"), ("manifest", "a small manifest")) for clients in (1, MANY)
}
_BARS = {"blob": 0.8, "manifest": 0.5}
Registry = Callable[[Path], AbstractContextManager[Running]]


def figures(quick: bool) -> Iterator[Figure]:
    """Measure, one figure at a time."""
    with tempfile.TemporaryDirectory(prefix="layerlab-bench-") as folder:
        scratch = Path(folder)
        if shutil.which(REGISTRY) is None:
            yield from _without_peer(f"{REGISTRY} is not installed")
        else:
            yield from _copies(scratch, 3 if quick else 9)
            yield from _gets(scratch, 3 if quick else 7)
        yield memory(scratch, 256 * MB if quick else 2048 * MB)


def _without_peer(why: str) -> Iterator[Figure]:
    for name in _COPIES.values():
        yield skipped(name, why, peer_name=REGISTRY, to_reach="at most 1x")
    for (what, _), name in _GETS.items():
        yield skipped(name, why, peer_name=REGISTRY, to_reach=f"at least {_BARS[what]:g}x")


def _copies(scratch: Path, runs: int) -> Iterator[Figure]:
    if shutil.which("skopeo") is None:
        for name in _COPIES.values():
            yield skipped(name, "skopeo is not installed", peer_name=REGISTRY, to_reach="at most 1x")
        return
    image = REAL if REAL.exists() else deflated(open_image("sample:ubuntu-vim"), scratch / "image")
    source = ("oci-archive:" if image.is_file() else "oci:") + str(image)
    pushes: dict[Registry, list[float]] = {our_registry: [], real_registry: []}
    for _ in range(runs + 1):
        for run, taken in pushes.items():
            with run(scratch / "pushes") as at:
                taken.append(_copy(source, f"docker://{at.host}/{_NAME}:1"))
    yield _compared("push", *(taken[1:] for taken in pushes.values()))
    with our_registry(scratch / "ours") as ours, real_registry(scratch / "real") as real:
        pulls: dict[str, list[float]] = {ours.host: [], real.host: []}
        for host in pulls:
            _copy(source, f"docker://{host}/{_NAME}:1")
        for _ in range(runs + 1):
            for host, taken in pulls.items():
                shutil.rmtree(scratch / "dest", ignore_errors=True)
                taken.append(_copy(f"docker://{host}/{_NAME}:1", f"oci:{scratch / 'dest'}:1"))
    yield _compared("pull", *(taken[1:] for taken in pulls.values()))


def _copy(source: str, dest: str) -> float:
    began = perf_counter()
    insecure = ("--src-tls-verify=false", "--dest-tls-verify=false")
    subprocess.run(["skopeo", "copy", "-q", *insecure, source, dest], stdout=subprocess.DEVNULL, check=True)
    return perf_counter() - began


def _compared(verb: str, ours: list[float], real: list[float]) -> Figure:
    return against(_COPIES[verb], median(ours), median(real), REGISTRY, at_most=1.0)


def _gets(scratch: Path, runs: int) -> Iterator[Figure]:
    with our_registry(scratch / "ours") as ours, real_registry(scratch / "real") as real:
        blob = os.urandom(BLOB)
        for at in (ours, real):
            _stocked(at.host, blob)
        digest = f"sha256:{hashlib.sha256(blob).hexdigest()}"
        amounts = {("blob", 1): 8, ("blob", MANY): 1, ("manifest", 1): 400, ("manifest", MANY): 25}
        for (what, clients), name in _GETS.items():
            target = f"/v2/{_NAME}/blobs/{digest}" if what == "blob" else f"/v2/{_NAME}/manifests/1"
            each = amounts[what, clients]
            taken = interleaved(runs, *(partial(fetch, at.host, target, clients, each) for at in (ours, real)))
            amount = clients * each * (BLOB / 1e6 if what == "blob" else 1)
            mine, theirs = (amount / seconds for seconds in taken)
            unit = "MB/s" if what == "blob" else "1/s"
            yield against(name, mine, theirs, REGISTRY, unit=unit, at_least=_BARS[what])


def _stocked(host: str, blob: bytes) -> None:
    """Put a blob and a small manifest into a registry."""
    config = b"{}"
    for data in (blob, config):
        put_blob(host, [data], len(data), hashlib.sha256(data).hexdigest())
    document = {"schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": _described(config, OCI_CONFIG),
                "layers": [_described(blob, OCI_LAYER)]}  # fmt: skip
    _send(host, "PUT", f"/v2/{_NAME}/manifests/1", json.dumps(document).encode("ascii"), {"Content-Type": OCI_MANIFEST})


def _described(data: bytes, kind: str) -> dict[str, object]:
    return {"mediaType": kind, "digest": f"sha256:{hashlib.sha256(data).hexdigest()}", "size": len(data)}


def put_blob(host: str, pieces: list[bytes] | Iterator[bytes], size: int, sha256: str) -> None:
    """Push a blob: POST, then PUT."""
    where = _send(host, "POST", f"/v2/{_NAME}/blobs/uploads/", b"", {})
    where = re.sub(r"^https?://[^/]*", "", where)
    mark = "&" if "?" in where else "?"
    _send(host, "PUT", f"{where}{mark}digest=sha256:{sha256}", pieces, {
        "Content-Length": str(size), "Content-Type": "application/octet-stream",
    })  # fmt: skip


def _send(host: str, method: str, target: str, body: object, headers: dict[str, str]) -> str:
    client = http.client.HTTPConnection(host, timeout=300)
    client.request(method, target, body, headers)  # type: ignore[arg-type]
    with client.getresponse() as response:
        said = response.read(1000)
        if response.status not in (201, 202):
            raise RuntimeError(f"{method} {target}: {response.status} {said!r}")
        return response.headers.get("Location", "")


def fetch(host: str, target: str, clients: int, each: int) -> int:
    """GET a target `each` times on each of so many connections at once; return how many bytes of bodies came."""
    if clients == 1:
        return _fetch(host, target, each)
    with ThreadPoolExecutor(clients) as pool:
        return sum(pool.map(lambda _: _fetch(host, target, each), range(clients)))


def _fetch(host: str, target: str, times: int) -> int:
    name, _, port = host.partition(":")
    request = f"GET {target} HTTP/1.1\r\nHost: {host}\r\nAccept: {OCI_MANIFEST}\r\n\r\n".encode("ascii")
    buffer, total = bytearray(MB), 0
    with socket.create_connection((name, int(port)), timeout=60) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for _ in range(times):
            sock.sendall(request)
            total += _answer(sock, buffer)
    return total


def _answer(sock: socket.socket, buffer: bytearray) -> int:
    head = b""
    while b"\r\n\r\n" not in head:
        piece = sock.recv(4096)
        if not piece:
            raise RuntimeError(f"the server ended the connection after {head[:200]!r}")
        head += piece
    head, _, body = head.partition(b"\r\n\r\n")
    found = re.search(rb"\r\ncontent-length: (\d+)", head.lower())
    if not head.startswith(b"HTTP/1.1 200 ") or found is None:
        raise RuntimeError(f"not the answer that was expected: {head[:200]!r}")
    size, have = int(found[1]), len(body)
    while have < size:
        count = sock.recv_into(buffer)
        if not count:
            raise RuntimeError(f"the body ended after {have} of {size} bytes")
        have += count
    return size


def memory(scratch: Path, size: int) -> Figure:
    """Measure the peak memory of `sim serve` while a blob of `size` bytes goes in and comes out."""
    name = f"peak memory of the server, a blob of {size // MB} MiB in and out"
    if sys.platform != "linux":
        return skipped(name, "read from Linux's /proc", unit="MB", to_reach="at most 150 MB")
    piece, hasher = bytes(MB), hashlib.sha256()
    for _ in range(size // MB):
        hasher.update(piece)
    with our_registry(scratch / "large") as at:
        put_blob(at.host, (piece for _ in range(size // MB)), size, hasher.hexdigest())
        fetch(at.host, f"/v2/{_NAME}/blobs/sha256:{hasher.hexdigest()}", 1, 1)
        status = Path(f"/proc/{at.pid}/status").read_text("ascii", "replace")
    peak = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:"))
    return absolute(name, peak / 1e3, unit="MB", at_most=150)

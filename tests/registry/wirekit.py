"""What tests of the wire share: a server that remembers its exchanges, clients that say what they are told."""

from __future__ import annotations

import base64
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sim.content.digest import Digest
from sim.registry.exchange import Exchange
from sim.registry.messages import Request, Response
from sim.registry.storage import Storage
from sim.registry.wire import WireServer, serving
from tests.registry.kit import Send


class Logged:
    """A server with the exchanges that it had."""

    def __init__(self, server: WireServer, exchanges: list[Exchange]) -> None:
        self.server, self.exchanges = server, exchanges

    def wait_for(self, count: int) -> list[Exchange]:
        """Return the exchanges, of which there are to be `count`."""
        soon(lambda: len(self.exchanges) >= count)
        assert len(self.exchanges) == count, self.exchanges
        return list(self.exchanges)


@contextmanager
def logged(storage: Storage | None = None, **options: Any) -> Iterator[Logged]:
    exchanges: list[Exchange] = []
    with serving(storage, log=exchanges.append, **options) as server:
        yield Logged(server, exchanges)


def soon(holds: Callable[[], object], seconds: float = 10) -> None:
    """Wait until something holds."""
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, "it never came to be"
        time.sleep(0.01)


class Kept:
    """One kept connection."""

    def __init__(self, port: int, timeout: float = 20) -> None:
        self.http = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)

    def __call__(
        self, method: str, target: str, body: Any = None, **headers: str
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        self.http.request(method, target, body, told, encode_chunked=told.get("Transfer-Encoding") == "chunked")
        response = self.http.getresponse()
        return response.status, response.headers, response.read()

    def put_blob(self, data: bytes, repository: str = "a") -> Digest:
        """Push a blob in one request."""
        digest = Digest.of(data)
        status, _, body = self("POST", f"/v2/{repository}/blobs/uploads/?digest={digest}", data)
        assert status == 201, body
        return digest


def sending(port: int) -> Send:
    """Return the function that the table of claims drives a registry through, over HTTP: each request as it is."""

    def send(request: Request) -> Response:
        lines = [f"{request.method} {request.target} HTTP/1.1", "Host: here"]
        lines += [f"{name}: {value}" for name, value in request.headers]
        body = request.body
        if request.header("Transfer-Encoding") is not None:
            body = (b"%x\r\n%b\r\n" % (len(body), body) if body else b"") + b"0\r\n\r\n"
        with socket.create_connection(("127.0.0.1", port), timeout=20) as sock:
            sock.sendall("\r\n".join((*lines, "", "")).encode() + body)
            response = http.client.HTTPResponse(sock, method=request.method)
            response.begin()
            return Response(response.status, tuple(response.getheaders()), response.read())

    return send


def opening(target: str, length: int, *fields: str, method: str = "POST") -> bytes:
    """Return the head of a request with a body."""
    lines = (f"{method} {target} HTTP/1.1", "Host: here", f"Content-Length: {length}", *fields)
    return "\r\n".join((*lines, "", "")).encode()


def dial(server: WireServer) -> socket.socket:
    """Connect."""
    return socket.create_connection((server.host, server.port), timeout=20)


def say(server: WireServer, *pieces: bytes, pause: float = 0.0) -> bytes:
    """Send bytes as they are and return all that comes back until the server ends the connection."""
    with dial(server) as sock:
        found = bytearray()
        try:
            for piece in pieces:
                sock.sendall(piece)
                time.sleep(pause)
        except OSError:
            pass  # It has answered already, and reads no more.
        try:
            while piece := sock.recv(1 << 16):
                found += piece
        except ConnectionError:
            pass
        return bytes(found)


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


# `htpasswd -nbB -C 4 cyo57 secret`, made by Apache's.
USERS = "cyo57:$2y$04$dZBjOy4oPxRVnxALhUd4KuZWecMFpyK96jGBdJqxBan8VBuo893Uq\n"


class Served:
    """A running `sim serve`."""

    def __init__(self, process: subprocess.Popen[str], said: list[str]) -> None:
        self.process, self.said = process, said
        found = re.search(r"(https?)://[\d.]+:(\d+)", said[0])
        assert found is not None, said
        self.scheme, self.port = found[1], int(found[2])

    def end(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """Send a signal; return the exit code and what it said after it had begun."""
        self.process.send_signal(number)
        out, _ = self.process.communicate(timeout=20)
        return self.process.returncode, out


@contextmanager
def served(root: Path, *options: str, lines: int = 2) -> Iterator[Served]:
    home = Path(__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, "-m", "sim", "serve", "--root", str(root), "--port", "0", *options], cwd=home,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", env=os.environ | {"PYTHONUTF8": "1"},
    ) as process:  # fmt: skip
        try:
            assert process.stdout is not None
            yield Served(process, [process.stdout.readline() for _ in range(lines)])
        finally:
            process.kill()

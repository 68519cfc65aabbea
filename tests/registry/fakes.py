"""Servers for the client's tests: one that answers as a test says, and a proxy that cuts connections."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Asked:
    """A request as it arrived."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


Reply = tuple[int, Mapping[str, str], bytes]


@dataclass
class Fake:
    """A server in a thread, whose every answer a test decides."""

    answer: Callable[[Asked], Reply]
    host: str = ""
    asked: list[Asked] = field(default_factory=list)


@contextmanager
def answering(answer: Callable[[Asked], Reply]) -> Iterator[Fake]:
    """Serve `answer` on a free port for the length of a block. A body goes out as it is, whatever its length header."""
    fake = Fake(answer)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            asked = Asked(self.command, self.path, dict(self.headers), self.rfile.read(length))
            fake.asked.append(asked)
            status, headers, body = fake.answer(asked)
            self.send_response(status)
            for name, value in ({"Content-Length": str(len(body))} | dict(headers)).items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                with suppress(OSError):
                    self.wfile.write(body)
            if int(dict(headers).get("Content-Length", len(body))) != len(body):
                self.close_connection = True

        do_GET = do_HEAD = do_POST = do_PATCH = do_PUT = do  # noqa: N815 - the names are the library's

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    fake.host = f"127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def raw_bytes(reply: bytes) -> Iterator[str]:
    """Answer every connection with the same bytes, whatever it asks, and end it."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                peer, _ = listener.accept()
            except OSError:
                return
            with peer, suppress(OSError):
                peer.settimeout(2)
                peer.recv(1 << 16)
                peer.sendall(reply)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.close()


class Cutter:
    """A TCP proxy that cuts connections.

    Parameters
    ----------
    target : str
        ``HOST:PORT``.
    down, up : sequence of int
        After how many bytes of answers (requests) a connection is cut, one number a cut; with the list used up,
        nothing is cut any more.

    Attributes
    ----------
    host : str
        Where it listens.
    passed_down, passed_up : int
        Bytes that went through.
    cuts : int
        Connections that were cut.
    """

    def __init__(self, target: str, down: list[int] | None = None, up: list[int] | None = None) -> None:
        name, _, port = target.rpartition(":")
        self._target = (name, int(port))
        self._plans = {"down": list(down or []), "up": list(up or [])}
        self.passed_down = self.passed_up = self.cuts = 0
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.host = f"127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Cutter:
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    def heal(self) -> None:
        """Cut nothing any more."""
        with self._lock:
            self._plans = {"down": [], "up": []}

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            with suppress(OSError):
                far = socket.create_connection(self._target)
                for way, source, sink in (("up", near, far), ("down", far, near)):
                    threading.Thread(target=self._carry, args=(way, source, sink), daemon=True).start()

    def _carry(self, way: str, source: socket.socket, sink: socket.socket) -> None:
        seen = 0
        with suppress(OSError):
            while piece := source.recv(1 << 14):
                seen += len(piece)
                with self._lock:
                    plan = self._plans[way]
                    cut = bool(plan) and seen > plan[0]
                    if cut:
                        plan.pop(0)
                        self.cuts += 1
                    elif way == "down":
                        self.passed_down += len(piece)
                    else:
                        self.passed_up += len(piece)
                if cut:
                    break
                sink.sendall(piece)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

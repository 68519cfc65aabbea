"""The registry on the wire: HTTP/1.1 over TCP or TLS, for real clients.

    accept --> a thread for each connection --> TLS, where it is wanted --> one request after another (`exchange`)

A thread for each connection, and no framework: a blob goes from the page cache to the socket by `os.sendfile`, a body
from the socket through one buffer to the file and the hash, and both leave the other threads running. On two cores this
gave 20 times as many small answers a second as an ASGI server in Python, and twice the bytes; and it needs no package,
so that a bare clone can serve.

When there are as many connections as there may be, the one that has waited longest without a request makes room; where
all are busy, the newcomer is turned away.
"""

from __future__ import annotations

import itertools
import secrets
import selectors
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from .codes import Code, refuse
from .connection import Connection, Gone, Patience
from .exchange import Exchange, Exchanges, Log, fault
from .gate import OpenGate
from .http1 import response_head
from .service import Service
from .state import Policy
from .storage import MemoryStorage, Storage

MAX_CONNECTIONS = 400
_BACKLOG = 512
_GRACE_S = 5.0
_TLS_HELLO = b"\x16"
_HTTP_ON_TLS = b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n"
"""What Go's servers say; docker repeats it."""


def _no_log(exchange: Exchange) -> None:
    pass


class _Client:
    """A connection as the server sees it: where from, and since when it waits for a request (None: it has one)."""

    def __init__(self, sock: socket.socket, name: str) -> None:
        self.sock, self.name = sock, name
        self.waiting: float | None = time.monotonic()

    def hang_up(self) -> None:
        # Not close(), for the thread that reads from it owns the descriptor; nor TLS's own shutdown, for the same.
        with suppress(OSError):
            socket.socket.shutdown(self.sock, socket.SHUT_RDWR)


def listen(host: str = "127.0.0.1", port: int = 0) -> socket.socket:
    """Take a port; 0 is a free one. `OSError` where it is in use, or the address is not this machine's."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), backlog=_BACKLOG, family=family)


class WireServer:
    """A registry that listens.

    Parameters
    ----------
    service : Service
    listener : socket
        From `listen`; it is closed when the server stops.
    gate : OpenGate
        Decides who asks; the service's policy has the same challenge.
    tls : ssl.SSLContext, optional
    log : callable, optional
        Called with each `Exchange`, from many threads.
    patience : Patience
    most : int
        Connections at one time.
    """

    def __init__(
        self, service: Service, listener: socket.socket, *, gate: OpenGate | None = None,
        tls: ssl.SSLContext | None = None, log: Log | None = None, patience: Patience | None = None,
        most: int = MAX_CONNECTIONS,
    ) -> None:
        self.service, self._listener = service, listener
        self._tls, self._log, self._patience, self._most = tls, log or _no_log, patience or Patience(), most
        self.host: str = listener.getsockname()[0]
        self.port: int = listener.getsockname()[1]
        self._exchanges = Exchanges(service, gate or OpenGate(), self.scheme, self.address, self._log)
        self._wake, self._woken = socket.socketpair()
        self._clients: dict[_Client, threading.Thread] = {}
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._acceptor = threading.Thread(target=self._accept, name="registry", daemon=True)

    @property
    def scheme(self) -> str:
        """``http`` or ``https``."""
        return "http" if self._tls is None else "https"

    @property
    def address(self) -> str:
        """``HOST:PORT``, as the first part of an image's name."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def url(self) -> str:
        """Where it is, such as ``http://127.0.0.1:5055``."""
        return f"{self.scheme}://{self.address}"

    def start(self) -> None:
        """Begin to answer, in threads of its own."""
        self._acceptor.start()

    def stop(self, grace_s: float = _GRACE_S) -> None:
        """Stop: no new connections; requests under way have `grace_s` seconds to end, then they are cut off."""
        self._stopping.set()
        self._wake.send(b"x")
        self._acceptor.join()
        with self._lock:
            left = dict(self._clients)
        for client in left:
            if client.waiting is not None:
                client.hang_up()
        until = time.monotonic() + grace_s
        for client, thread in left.items():
            thread.join(max(0.0, until - time.monotonic()))
            if thread.is_alive():
                client.hang_up()
                thread.join(1.0)
        for sock in (self._listener, self._wake, self._woken):
            sock.close()

    def _accept(self) -> None:
        with selectors.DefaultSelector() as ready:
            ready.register(self._listener, selectors.EVENT_READ)
            ready.register(self._woken, selectors.EVENT_READ)
            while True:
                ready.select()
                if self._stopping.is_set():
                    return
                try:
                    sock, address = self._listener.accept()
                except OSError:
                    # The client has gone already, or this process has no descriptor left: others will end.
                    self._stopping.wait(0.05)
                    continue
                self._welcome(_Client(sock, str(address[0])))

    def _welcome(self, client: _Client) -> None:
        thread = threading.Thread(target=self._serve, args=(client,), name=f"registry {client.name}", daemon=True)
        with self._lock:
            room = len(self._clients) < self._most or self._evict()
            if room:
                self._clients[client] = thread
        try:
            if room:
                thread.start()
                return
        except RuntimeError:  # The system gives no thread.
            self._forget(client)
        self._turn_away(client)

    def _evict(self) -> bool:
        """Hang up on the connection that has waited longest; False where all are busy."""
        waiting = [(client.waiting, id(client), client) for client in self._clients if client.waiting is not None]
        if not waiting:
            return False
        client = min(waiting)[2]
        client.waiting = None
        client.hang_up()
        return True

    def _forget(self, client: _Client) -> None:
        with self._lock:
            self._clients.pop(client, None)

    def _turn_away(self, client: _Client) -> None:
        refused = refuse(Code.TOOMANYREQUESTS, "too many connections", ("Retry-After", "1"), status=503)
        with suppress(OSError):
            client.sock.setblocking(False)
            if self._tls is None and isinstance(refused.body, bytes):
                client.sock.send(response_head(refused, now=time.time(), keep=False) + refused.body)
        client.sock.close()
        self._log_end(client, refused.status, refused.reason)

    def _serve(self, client: _Client) -> None:
        try:
            connection = self._connected(client)
            try:
                while connection is not None and self._next(client, connection):
                    pass
            finally:
                if connection is not None:
                    connection.close()
        except Exception as error:  # The last line: one connection ends, the server does not.
            self._log_end(client, 500, fault(error))
        finally:
            client.sock.close()
            self._forget(client)

    def _connected(self, client: _Client) -> Connection | None:
        sock = client.sock
        try:
            # Two packets of an answer, a head and a file, would wait 40 ms for each other.
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._tls is not None:
                sock.settimeout(self._patience.head_s)
                if sock.recv(1, socket.MSG_PEEK) not in (b"", _TLS_HELLO):
                    self._answer_without_tls(client)
                    return None
                client.sock = self._tls.wrap_socket(sock, server_side=True)
        except OSError as error:
            reason = getattr(error, "reason", None) or error
            self._log_end(client, 0, f"the connection came to nothing: {reason}")
            return None
        return Connection(client.sock, self._patience)

    def _answer_without_tls(self, client: _Client) -> None:
        connection = Connection(client.sock, self._patience)
        with suppress(Gone):
            connection.send(_HTTP_ON_TLS)
        connection.close()
        self._log_end(client, 400, "a client without TLS, on a port with TLS")

    def _log_end(self, client: _Client, status: int, reason: str) -> None:
        """Log a connection that ended without a request."""
        self._log(Exchange(client.name, "-", status, began=time.time(), reason=reason))

    def _next(self, client: _Client, connection: Connection) -> bool:
        def begun() -> None:
            client.waiting = None

        client.waiting = time.monotonic()
        if self._stopping.is_set():
            return False
        return self._exchanges.next(client.name, connection, begun=begun, last=self._stopping.is_set)


def seeds() -> Iterator[str]:
    """Yield texts of which no two are equal, and that nobody guesses."""
    secret = secrets.token_hex(16)
    return (f"{secret}-{number}" for number in itertools.count())


def service_of(storage: Storage, policy: Policy | None = None) -> Service:
    """Return a registry in use, by this machine's clock and chance."""
    texts = seeds()
    return Service(storage, policy or Policy(), clock=time.time, seeds=lambda: next(texts))


@contextmanager
def serving(
    storage: Storage | None = None, policy: Policy | None = None, *, host: str = "127.0.0.1", port: int = 0,
    gate: OpenGate | None = None, tls: ssl.SSLContext | None = None, log: Log | None = None,
    patience: Patience | None = None,
) -> Iterator[WireServer]:
    """Serve a registry for the length of a block, in threads of its own; for tests and notebooks.

    Parameters
    ----------
    storage : Storage, optional
        In memory, and forgotten afterwards, by default.
    policy : Policy, optional
    host, port, gate, tls, log, patience
        As for `listen` and `WireServer`.

    Yields
    ------
    WireServer
        Its `url` and `address` say where it is.

    Examples
    --------
    >>> from urllib.request import urlopen
    >>> with serving() as server, urlopen(f"{server.url}/v2/") as response:
    ...     response.status, response.read()
    (200, b'{}')
    """
    service = service_of(MemoryStorage() if storage is None else storage, policy)
    server = WireServer(service, listen(host, port), gate=gate, tls=tls, log=log, patience=patience)
    server.start()
    try:
        yield server
    finally:
        server.stop()

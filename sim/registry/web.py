"""HTTP as a client: connections that are kept, answers that are streamed, failures in words.

    Web.send("GET", url) -> Answer         status and headers; the body waits on the connection
        answer.read(limit)                 a document, bounded
        answer.readinto(buffer)            a blob, piece by piece, into the same memory again and again
                                           -> at the end of the body the connection goes back for the next request

The standard library's client is used: it starts in a third of the time that the usual package takes, copies less, and
a bare clone can pull and push with it. Requests come from several threads; each has a connection of its own.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection, IncompleteRead, RemoteDisconnected
from selectors import EVENT_READ, DefaultSelector
from threading import Lock
from urllib.parse import urljoin, urlsplit
from weakref import WeakSet

from ..errors import LimitExceeded, TransferFailed
from .faults import NETWORK_ERRORS, broken

TIMEOUT_S = 30.0
"""Seconds that docker waits for a connection; here also for the next bytes."""
MAX_REDIRECTS = 10
AGENT = "layerlab"
_MOVED = frozenset({301, 302, 303, 307, 308})
_DRAIN = 64 << 10
_PORTS = {"http": 80, "https": 443}

Body = Callable[[], Iterable[bytes]]
"""Makes a request's body, again where the request is sent again."""
Tls = Callable[[str], ssl.SSLContext]
"""Returns the TLS context for ``HOST:PORT``."""


class Answer:
    """An answer whose body was not read yet.

    Attributes
    ----------
    status : int
    url : str
        Where it came from, after redirects.
    """

    def __init__(self, method: str, url: str, raw: HTTPResponse, release: Callable[[bool], None]) -> None:
        self.method = method
        self.url = url
        self.status = raw.status
        self._raw = raw
        self._release = release
        self._host = dialled(url)
        self._left = raw.length
        if raw.isclosed():
            self._end(keep=True)

    def header(self, name: str) -> str | None:
        """Return a header's value, several joined by commas; None where it is not there."""
        found = self._raw.headers.get_all(name)
        return ", ".join(found) if found else None

    def readinto(self, buffer: memoryview) -> int:
        """Read the next bytes of the body and return how many; 0 at its end.

        Raises
        ------
        TransferFailed
            The connection broke before the end; `again` is set.
        """
        try:
            count = self._raw.readinto(buffer)
            if count == 0 and self._left:
                raise IncompleteRead(b"", self._left)
        except NETWORK_ERRORS as error:
            self._end(keep=False)
            raise broken(self.method, self.url, error, self._host) from None
        if self._left is not None:
            self._left -= count
        if count == 0 or self._raw.isclosed():
            self._end(keep=True)
        return count

    def read(self, limit: int) -> bytes:
        """Return the whole body, and close.

        Raises
        ------
        LimitExceeded
            It has more than `limit` bytes.
        """
        buffer, parts, total = memoryview(bytearray(min(limit + 1, _DRAIN))), [], 0
        while count := self.readinto(buffer):
            total += count
            if total > limit:
                self.close()
                raise LimitExceeded(f"more than {limit} bytes in an answer", where=self.url)
            parts.append(bytes(buffer[:count]))
        return b"".join(parts)

    def close(self) -> None:
        """Give the connection back where little of the body is left, else end it."""
        if self._left is not None and self._left <= _DRAIN:
            buffer = memoryview(bytearray(_DRAIN))
            try:
                while not self._raw.isclosed() and self.readinto(buffer):
                    pass
            except TransferFailed:
                return
        self._end(keep=self._raw.isclosed())

    def _end(self, keep: bool) -> None:
        release, self._release = self._release, lambda _: None
        if not keep:
            self._raw.close()
        release(keep)


class Web:
    """Sends requests to any host.

    Parameters
    ----------
    tls : callable
        Gives the TLS context for a host; asked once a host.
    timeout_s : float
    """

    def __init__(self, tls: Tls, timeout_s: float = TIMEOUT_S) -> None:
        self._tls = tls
        self._timeout_s = timeout_s
        self._idle: dict[tuple[str, str], list[HTTPConnection]] = {}
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._made = WeakSet[HTTPConnection]()
        self._aborted = False
        self._lock = Lock()

    def send(
        self, method: str, url: str, headers: Mapping[str, str], body: Body | None = None, length: int = 0
    ) -> Answer:
        """Send a request and return its answer, whatever its status, redirects followed where there is no body.

        Parameters
        ----------
        method, url : str
        headers : mapping of str to str
            ``Authorization`` is left out where a redirect leads to another host.
        body : callable, optional
        length : int
            Bytes of the body.

        Raises
        ------
        TransferFailed
            There was no answer.
        """
        sent = dict(headers)
        for _ in range(MAX_REDIRECTS):
            answer = self._send(method, url, sent, body, length)
            place = answer.header("Location")
            if answer.status not in _MOVED or place is None or body is not None or method not in ("GET", "HEAD"):
                return answer
            answer.close()
            target = joined(url, place)
            if dialled(target) != dialled(url):
                sent.pop("Authorization", None)
            url = target
        raise TransferFailed(f'{method.capitalize()} "{url}": stopped after {MAX_REDIRECTS} redirects')

    def _send(self, method: str, url: str, headers: Mapping[str, str], body: Body | None, length: int) -> Answer:
        try:
            split = urlsplit(url)
            scheme, host = split.scheme, dialled(url)
        except ValueError:
            raise TransferFailed(f"{url[:200]!r} is no address") from None
        target = (split.path or "/") + (f"?{split.query}" if split.query else "")
        fields = {"Host": split.netloc.rpartition("@")[2], "User-Agent": AGENT} | dict(headers)
        if body is not None or method in ("POST", "PUT", "PATCH"):
            fields["Content-Length"] = str(length)
        while True:
            connection, kept = self._connection(scheme, host)
            try:
                raw = _exchange(connection, method, target, fields, body() if body is not None else None)
            except NETWORK_ERRORS as error:
                connection.close()
                # A kept connection may have ended while nobody looked; a fresh one tells what is really wrong.
                # A body may have gone out in part: whether it is sent again is for others to decide.
                if kept and body is None and isinstance(error, ConnectionError | HTTPException):
                    continue
                raise broken(method, url, error, host) from None
            except _SourceFailed as failure:
                connection.close()
                raise failure.error from None
            except BaseException:
                connection.close()
                raise
            return Answer(method, url, raw, partial(self._release, scheme, host, connection))

    def _connection(self, scheme: str, host: str) -> tuple[HTTPConnection, bool]:
        with self._lock:
            held = self._idle.get((scheme, host), [])
            while held:
                connection = held.pop()
                if not _ended(connection):
                    return connection, True
                connection.close()
        name, _, port = host.rpartition(":")
        name = name.strip("[]")
        made = (
            HTTPConnection(name, int(port), timeout=self._timeout_s) if scheme == "http" else
            HTTPSConnection(name, int(port), timeout=self._timeout_s, context=self._context(host))
        )
        with self._lock:
            if self._aborted:
                raise TransferFailed(f"{host}: the transfer was given up")
            self._made.add(made)
        return made, False

    def _context(self, host: str) -> ssl.SSLContext:
        with self._lock:
            if host not in self._contexts:
                self._contexts[host] = self._tls(host)
            return self._contexts[host]

    def _release(self, scheme: str, host: str, connection: HTTPConnection, keep: bool) -> None:
        if not keep or connection.sock is None:
            connection.close()
            return
        with self._lock:
            self._idle.setdefault((scheme, host), []).append(connection)

    def abort(self) -> None:
        """End every connection under the feet of the threads that wait for it: nobody waits any more."""
        with self._lock:
            self._aborted = True
            for connection in self._made:
                sock = connection.sock
                if sock is not None:
                    with suppress(OSError):
                        # Not close(), for the thread that reads from it owns the descriptor.
                        socket.socket.shutdown(sock, socket.SHUT_RDWR)

    def close(self) -> None:
        """End the connections that wait for a request."""
        with self._lock:
            for held in self._idle.values():
                for connection in held:
                    connection.close()
            self._idle.clear()


def _ended(connection: HTTPConnection) -> bool:
    """Whether the other side has ended a connection that waits: nothing else can be read from it."""
    if connection.sock is None:
        return True
    with DefaultSelector() as selector:
        selector.register(connection.sock, EVENT_READ)
        return bool(selector.select(0))


def dialled(url: str) -> str:
    """Return ``HOST:PORT`` of an address.

    Examples
    --------
    >>> dialled("https://registry.test/v2/"), dialled("http://[::1]:5000/v2/")
    ('registry.test:443', '[::1]:5000')
    """
    split = urlsplit(url)
    name = split.hostname or ""
    return f"{f'[{name}]' if ':' in name else name}:{split.port or _PORTS.get(split.scheme, 0)}"


class _SourceFailed(Exception):  # noqa: N818 - carries one out of the reach of NETWORK_ERRORS
    """The body could not be read on this side."""

    def __init__(self, error: OSError) -> None:
        self.error = error


def _from_source(body: Iterable[bytes]) -> Iterator[bytes]:
    try:
        yield from body
    except OSError as error:
        raise _SourceFailed(error) from None


def joined(url: str, place: str) -> str:
    """Return where a Location in the answer from `url` leads.

    Raises
    ------
    TransferFailed
        To no address of HTTP.

    Examples
    --------
    >>> joined("http://a:1/v2/x/blobs/uploads/", "/v2/x/blobs/uploads/7")
    'http://a:1/v2/x/blobs/uploads/7'
    """
    try:
        target = urljoin(url, place)
        sound = target.partition(":")[0] in _PORTS and bool(dialled(target)) and target.isascii()
    except ValueError:
        sound = False
    # urljoin drops what it does not like of the two; here it is a reason to stop.
    if not sound or any(char <= " " or char == "\x7f" for char in place):
        raise TransferFailed(f"unsupported protocol scheme or address in {place[:80]!r}, where {url} leads to")
    return target


def _exchange(
    connection: HTTPConnection, method: str, target: str, headers: Mapping[str, str], body: Iterable[bytes] | None
) -> HTTPResponse:
    connection.putrequest(method, target, skip_host=True)
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders()
    failed: OSError | None = None
    for piece in _from_source(body or ()):
        try:
            connection.send(piece)
        except (BrokenPipeError, ConnectionResetError) as error:
            # Who refuses a body often answers and closes before it has come; the answer says more than the break.
            failed = error
            break
    try:
        return connection.getresponse()
    except (RemoteDisconnected, ConnectionError, HTTPException):
        if failed is not None:
            raise failed from None
        raise

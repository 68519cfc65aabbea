"""HTTP messages as plain values: what the registry is asked and what it answers.

    Head      method, target, headers            before a body has arrived
    Request   a head and its whole body          small bodies, tests, the simulated world
    Response  status, headers, body or `Part`    a part of a blob is named here, and sent by storage

Nothing here knows a socket, and no type is anybody else's. Header names compare without case and keep the case they
are written in (RFC 9110, section 5.1); a header given several times reads as one list (section 5.3).
"""

from __future__ import annotations

from dataclasses import dataclass

from ..content.digest import Digest

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Head:
    """A request before its body.

    Attributes
    ----------
    method : str
        Upper case.
    target : str
        Path and query as they stand on the wire, such as ``/v2/a/tags/list?n=2``.
    headers : tuple of (str, str)

    Examples
    --------
    >>> Head("GET", "/v2/", (("accept", "a"), ("Accept", "b"))).header("ACCEPT")
    'a, b'
    """

    method: str
    target: str
    headers: Headers = ()

    def header(self, name: str) -> str | None:
        """Return a header's value, several joined by commas; None where it is not there."""
        return find_header(self.headers, name)


@dataclass(frozen=True, slots=True)
class Request(Head):
    """A request with its whole body."""

    body: bytes = b""

    @property
    def head(self) -> Head:
        """The request without its body."""
        return Head(self.method, self.target, self.headers)


@dataclass(frozen=True, slots=True)
class Part:
    """A run of a blob's bytes: `length` bytes from `offset`."""

    digest: Digest
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Response:
    """An answer.

    Attributes
    ----------
    status : int
    headers : tuple of (str, str)
        ``Content-Length`` included, always: for HEAD it is the length of what GET would send.
    body : bytes or Part
        What is sent, or which part of which blob. Empty in an answer to HEAD.
    reason : str
        Why this answer, in words for a log line and a lesson.
    """

    status: int
    headers: Headers = ()
    body: bytes | Part = b""
    reason: str = ""

    def header(self, name: str) -> str | None:
        """Return a header's value, several joined by commas; None where it is not there."""
        return find_header(self.headers, name)

    @property
    def length(self) -> int:
        """Bytes of the body."""
        return self.body.length if isinstance(self.body, Part) else len(self.body)


def find_header(headers: Headers, name: str) -> str | None:
    """Return the value of a header, several joined by commas."""
    wanted = name.lower()
    found = [value for key, value in headers if key.lower() == wanted]
    return ", ".join(found) if found else None


def answer(
    status: int, reason: str, *headers: tuple[str, str], body: bytes | Part = b"", length: int | None = None
) -> Response:
    """Make a response with the headers that all have.

    Parameters
    ----------
    length : int, optional
        What ``Content-Length`` says where it is not the body's own, in an answer to HEAD.
    """
    size = (body.length if isinstance(body, Part) else len(body)) if length is None else length
    common = (("Content-Length", str(size)),) if status not in (204, 304) else ()
    return Response(status, (*common, ("Docker-Distribution-Api-Version", "registry/2.0"), *headers), body, reason)


def without_body(response: Response) -> Response:
    """Return the answer to HEAD where `response` answers GET."""
    return Response(response.status, response.headers, b"", response.reason)

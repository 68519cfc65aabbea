"""HTTP/1.1 as bytes, without a socket: a request's head, the framing of its body, an answer's head.

    PATCH /v2/a/blobs/uploads/1 HTTP/1.1     request line
    Host: 127.0.0.1:5055                     fields
    Transfer-Encoding: chunked
                                             an empty line ends the head
    8000 CRLF <32768 bytes> CRLF  0 CRLF CRLF     the body, in chunks (RFC 9112, section 7.1)

A head is hostile until it is read. Two programs that find the end of one message in two places can be played against
each other, so whatever leaves that end in doubt is refused (RFC 9112, sections 6.3 and 11.2): two lengths, a length
beside chunks, a folded line, a space before the colon, a line that ends without CR. Sizes are bounded before anything
is kept.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.utils import formatdate
from enum import Enum, auto
from http import HTTPStatus

from .messages import Head, Response

MAX_HEAD = 32 << 10
MAX_LINE = 16 << 10
MAX_FIELDS = 100
END_OF_HEAD = b"\r\n\r\n"

_LINE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]{1,32}) ([!-~\x80-\xff]+) HTTP/(\d)\.(\d)")
_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(rb"[\t !-~\x80-\xff]*")
_ABSOLUTE = re.compile(r"https?://[^/?#]*", re.IGNORECASE)
_LENGTH = re.compile(r"[0-9]{1,18}", re.ASCII)
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,12})[ \t]*(?:;[\t -~\x80-\xff]*)?\r\n")
_MAX_CHUNK_LINE = 512
_MAX_TRAILER = 8 << 10


class HttpRefused(Exception):
    """A request that cannot be read: the connection ends with this `status`, in these `words`."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status
        self.words = words


@dataclass(frozen=True, slots=True)
class Message:
    """A request's head, and how what follows it is to be read.

    Attributes
    ----------
    head : Head
    length : int or None
        Bytes of the body; None where it comes in chunks.
    keep : bool
        Whether the connection stays open after the answer.
    expects : bool
        Whether the client sends the body only when it is told to continue.
    modern : bool
        Whether the client speaks HTTP/1.1.
    """

    head: Head
    length: int | None
    keep: bool
    expects: bool = False
    modern: bool = True


def parse_head(raw: bytes) -> Message:
    """Read a head, without the empty line that ends it; `HttpRefused` says what is wrong with it.

    Examples
    --------
    >>> message = parse_head(b"GET /v2/ HTTP/1.1\\r\\nHost: here")
    >>> message.head.target, message.length, message.keep
    ('/v2/', 0, True)
    """
    first, *rest = raw.split(b"\r\n")
    if len(first) > MAX_LINE:
        raise HttpRefused(414, "the request line is too long")
    line = _LINE.fullmatch(first)
    if line is None:
        raise HttpRefused(400, "this is no HTTP request")
    if line[3] != b"1":
        raise HttpRefused(505, "this is a server of HTTP/1.1")
    modern = line[4] != b"0"
    if len(rest) > MAX_FIELDS:
        raise HttpRefused(431, "too many header fields")
    # What is not ASCII should have been encoded; whoever reads the target refuses it in better words.
    target = _origin(line[2].decode("utf-8", "replace"))
    head = Head(line[1].decode("ascii"), target, tuple(map(_field, rest)))
    return _framed(head, modern)


def _origin(target: str) -> str:
    # A proxy's form, which a server has to take as well (RFC 9112, section 3.2.2).
    if target.startswith("/") or target == "*":
        return target
    absolute = _ABSOLUTE.match(target)
    if absolute is None:
        raise HttpRefused(400, "the target is no path")
    rest = target[absolute.end() :]
    return rest if rest.startswith("/") else f"/{rest}"


def _field(line: bytes) -> tuple[str, str]:
    # Two plain patterns, for one of both would try every way to share out a long run of spaces.
    name, colon, value = line.partition(b":")
    if not colon or _NAME.fullmatch(name) is None or _VALUE.fullmatch(value) is None:
        raise HttpRefused(400, "a header field is malformed")
    return name.decode("ascii"), value.strip(b" \t").decode("latin-1")


def _framed(head: Head, modern: bool) -> Message:
    # One pass: a dictionary is asked several times faster than the fields are searched.
    fields: dict[str, list[str]] = {}
    for name, value in head.headers:
        fields.setdefault(name.lower(), []).append(value)
    hosts = fields.get("host", ())
    if len(hosts) > 1 or (modern and not hosts):
        raise HttpRefused(400, "a request names one Host")
    tokens = {token.strip().lower() for value in fields.get("connection", ()) for token in value.split(",")}
    keep = "close" not in tokens and (modern or "keep-alive" in tokens)
    expectation = ", ".join(fields.get("expect", ())).lower()
    if expectation not in ("", "100-continue"):
        raise HttpRefused(417, "only 100-continue can be expected")
    length = _length(fields.get("content-length", []), fields.get("transfer-encoding", []), modern)
    return Message(head, length, keep, bool(expectation) and modern, modern)


def _length(lengths: list[str], codings: list[str], modern: bool) -> int | None:
    if codings:
        if lengths or not modern:
            raise HttpRefused(400, "the body has two ends: a length, or a version without chunks, beside its coding")
        if [coding.lower() for coding in codings] != ["chunked"]:
            raise HttpRefused(501, "the only transfer coding here is chunked")
        return None
    if not lengths:
        return 0
    if len(lengths) > 1 or _LENGTH.fullmatch(lengths[0]) is None:
        raise HttpRefused(400, "Content-Length is one decimal number")
    return int(lengths[0])


class _Wants(Enum):
    SIZE = auto()
    DATA = auto()
    END_OF_DATA = auto()
    TRAILER = auto()
    NOTHING = auto()


class ChunkReader:
    """Finds the data in a body that comes in chunks. Data is not copied; what frames it, is.

    Examples
    --------
    >>> reader = ChunkReader()
    >>> [bytes(part) for part in reader.feed(memoryview(b"5\\r\\nhel"))], reader.done
    ([b'hel'], False)
    >>> [bytes(part) for part in reader.feed(memoryview(b"lo\\r\\n0\\r\\n\\r\\nGET"))], reader.done, reader.rest
    ([b'lo'], True, b'GET')
    """

    def __init__(self) -> None:
        self._wants = _Wants.SIZE
        self._left = 0
        self._line = b""
        self._trailer = 0
        #: Bytes after the body's end: the next request.
        self.rest = b""

    @property
    def done(self) -> bool:
        """Whether the body is complete."""
        return self._wants is _Wants.NOTHING

    def feed(self, view: memoryview) -> list[memoryview]:
        """Take bytes as they arrived and return the runs of data in them; `HttpRefused` at a malformed frame."""
        found, at = [], 0
        while at < len(view) and not self.done:
            if self._wants is _Wants.DATA:
                part = view[at : at + self._left]
                found.append(part)
                at += len(part)
                self._left -= len(part)
                if not self._left:
                    self._wants = _Wants.END_OF_DATA
            else:
                at = self._frame(view, at)
        self.rest = bytes(view[at:])
        return found

    def _frame(self, view: memoryview, at: int) -> int:
        # At most what can still belong to this line is looked at, so that a chunk's data is not copied.
        window = self._line + bytes(view[at : at + _MAX_CHUNK_LINE - len(self._line)])
        end = window.find(b"\n") + 1
        if not end:
            if len(window) >= _MAX_CHUNK_LINE:
                raise HttpRefused(400, "a chunk's frame is too long")
            self._line = window
            return len(view)
        used = end - len(self._line)
        self._line = b""
        self._take(window[:end])
        return at + used

    def _take(self, line: bytes) -> None:
        if self._wants is _Wants.SIZE:
            size = _CHUNK_SIZE.fullmatch(line)
            if size is None:
                raise HttpRefused(400, "a chunk's size is malformed")
            self._left = int(size[1], 16)
            self._wants = _Wants.DATA if self._left else _Wants.TRAILER
        elif self._wants is _Wants.END_OF_DATA:
            if line != b"\r\n":
                raise HttpRefused(400, "a chunk is longer than its size")
            self._wants = _Wants.SIZE
        elif line == b"\r\n":
            self._wants = _Wants.NOTHING
        else:
            self._trailer += len(line)
            if self._trailer > _MAX_TRAILER or not line.endswith(b"\r\n"):
                raise HttpRefused(400, "a trailer is malformed or too long")
            _field(line[:-2])


CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


def response_head(response: Response, *, now: float, keep: bool) -> bytes:
    """Return the bytes before an answer's body.

    Parameters
    ----------
    response : Response
    now : float
        Seconds since 1970, for ``Date``.
    keep : bool
        Whether the connection stays open.

    Examples
    --------
    >>> response_head(Response(404, (("Content-Length", "0"),)), now=0, keep=False).split(b"\\r\\n")[:2]
    [b'HTTP/1.1 404 Not Found', b'Date: Thu, 01 Jan 1970 00:00:00 GMT']
    """
    lines = [f"HTTP/1.1 {response.status} {_phrase(response.status)}", f"Date: {formatdate(now, usegmt=True)}"]
    lines += [f"{name}: {_one_line(value)}" for name, value in response.headers]
    lines.append(f"Connection: {'keep-alive' if keep else 'close'}")
    return "\r\n".join((*lines, "", "")).encode("latin-1", "replace")


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _one_line(value: str) -> str:
    # What a client sent may be repeated to it; it never starts a line of its own.
    return value if value.isprintable() else "".join(char for char in value if char.isprintable())

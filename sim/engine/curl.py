"""curl against the registries of the world, in curl 7.88's words.

    curl XGET http://172.17.0.1:5000/v2/_catalog
        curl: (6) Could not resolve host: XGET        the first address, on stderr
        {"repositories":[]}                           the second one; the exit code is the last transfer's: 0
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass

from ..errors import SimError
from ..registry.messages import Request, Response
from .desk import Desk
from .network import Place, place_of
from .remotes import ask, body_of, state_of
from .sh.flags import Options, options
from .sh.process import Process
from .tools.shown import moment

_URL = re.compile(r"(?:(?P<scheme>[a-zA-Z][a-zA-Z0-9+.-]*)://)?(?:(?P<user>[^/@]*)@)?(?P<host>[^/?#]*)(?P<rest>[^#]*)")
_STATUS = {
    200: "OK", 201: "Created", 202: "Accepted", 204: "No Content", 206: "Partial Content", 301: "Moved Permanently",
    304: "Not Modified", 307: "Temporary Redirect", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden",
    404: "Not Found", 405: "Method Not Allowed", 409: "Conflict", 413: "Request Entity Too Large",
    415: "Unsupported Media Type", 416: "Requested Range Not Satisfiable", 429: "Too Many Requests",
    500: "Internal Server Error", 503: "Service Unavailable",
}
_PAGE = b"<!DOCTYPE html>\n<html>\n<head>\n<title>Welcome to nginx!</title>\n</head>\n</html>\n"
_LONG = ("request=|X", "head|I", "silent|s", "show-error|S", "user=|u", "verbose|v", "include|i", "header=|H",
         "output=|o", "data=|d", "fail|f", "location|L", "insecure|k", "get|G", "max-time=|m", "version|V",
         "data-binary=|d", "cacert=")


@dataclass(frozen=True, slots=True)
class _Trouble(Exception):
    """A transfer that fails: curl's number and words."""

    code: int
    words: str


def curl(desk: Desk, p: Process) -> int:
    """`curl [-X METHOD] [-I] [-i] [-s] [-S] [-f] [-k] [-L] [-u USER:PASSWORD] [-H …] [-d …] [-o FILE] [-v] URL…`."""
    found = options(p, "X:IsSu:viH:o:d:fLkGm:V#", _LONG)
    if "V" in found:
        p.line("curl 7.88.1 (simulated) libcurl/7.88.1\nProtocols: http https")
        return 0
    if not found.operands:
        p.stderr.write(b"curl: try 'curl --help' for more information\n")
        return 2
    status = 0
    for url in found.operands:
        try:
            status = _transfer(desk, p, url, found)
        except _Trouble as trouble:
            status = trouble.code
            if "s" not in found or "S" in found:
                p.stderr.write(f"curl: ({trouble.code}) {trouble.words}\n".encode("utf-8", "surrogateescape"))
    return status


def _transfer(desk: Desk, p: Process, url: str, found: Options) -> int:
    parts = _URL.fullmatch(url)
    if parts is None or not parts["host"] or any(char in url for char in "\r\n\0 "):
        raise _Trouble(3, "URL using bad/illegal format or missing URL")
    scheme = (parts["scheme"] or "http").lower()
    if scheme not in ("http", "https"):
        raise _Trouble(1, f"Protocol \"{scheme}\" not supported or disabled in libcurl")
    port = parts["host"].rpartition(":")[2] if ":" in parts["host"] else ""
    if port and not (port.isdecimal() and len(port) < 6 and int(port) < 65536):
        raise _Trouble(3, "URL using bad/illegal format or missing URL")
    place = place_of(desk.world, desk.name, parts["host"], 443 if scheme == "https" else 80)
    if place.curl:
        number, _, words = place.curl.partition(" ")
        raise _Trouble(int(number), words)
    if scheme == "https" and not place.tls:
        raise _Trouble(35, "OpenSSL/3.0.11: error:0A00010B:SSL routines::wrong version number")
    request = _request(p, parts, found)
    response, body = _answered(desk, p, place, request, scheme)
    return _shown(p, found, parts["host"], request, response, body)


def _request(p: Process, parts: re.Match[str], found: Options) -> Request:
    body, headers = b"", [("Host", parts["host"]), ("User-Agent", "curl/7.88.1"), ("Accept", "*/*")]
    if "d" in found:
        data = "&".join(found.given["d"])
        body = p.files.read(p.at(data[1:])) if data.startswith("@") and data != "@-" else (
            p.input() if data == "@-" else data.encode("utf-8", "surrogateescape"))
        headers += [("Content-Length", str(len(body))), ("Content-Type", "application/x-www-form-urlencoded")]
    user = found.value("u") or (parts["user"] or "")
    if user:
        shown = base64.b64encode(user.encode("utf-8", "surrogateescape")).decode()
        headers.append(("Authorization", f"Basic {shown}"))
    for line in found.given.get("H", []):
        name, colon, value = line.partition(":")
        if colon and name.strip():
            headers = [one for one in headers if one[0].lower() != name.strip().lower()]
            headers.append((name.strip(), value.strip()))
    method = found.value("X", default="HEAD" if "I" in found else "POST" if "d" in found else "GET")
    rest = parts["rest"] or "/"
    return Request(method, rest if rest.startswith("/") else f"/{rest}", tuple(headers), body)


def _answered(desk: Desk, p: Process, place: Place, request: Request, scheme: str) -> tuple[Response, bytes]:
    if place.tls and scheme == "http":
        text = b"Client sent an HTTP request to an HTTPS server.\n"
        return Response(400, (("Content-Type", "text/plain; charset=utf-8"),), text), text
    if state_of(desk.world, place) is None:
        return _other(desk, place)
    world = desk.took(p.shell)
    try:
        world, response = ask(world, place, request)
    except SimError as error:
        raise _Trouble(52, f"Empty reply from server ({error.what})") from None
    body = b"" if request.method == "HEAD" else body_of(world, response)
    desk.gave(p.shell, world)
    return response, body


def _other(desk: Desk, place: Place) -> tuple[Response, bytes]:
    container = desk.world.hosts[place.host].daemon.containers[place.container]
    if "nginx" in " ".join(container.process):
        return Response(200, (("Server", "nginx/1.25.1"), ("Content-Type", "text/html"),
                              ("Content-Length", str(len(_PAGE)))), _PAGE), _PAGE
    raise _Trouble(56, "Recv failure: Connection reset by peer")


def _shown(p: Process, found: Options, host: str, request: Request, response: Response, body: bytes) -> int:
    head = [f"HTTP/1.1 {response.status} {_STATUS.get(response.status, '')}".rstrip(),
            *(f"{name}: {value}" for name, value in response.headers),
            f"Date: {moment(p.files.now):%a, %d %b %Y %H:%M:%S GMT}", ""]
    if "v" in found:
        lines = [f"*   Trying {host}...", f"* Connected to {host}",
                 f"> {request.method} {request.target} HTTP/1.1",
                 *(f"> {name}: {value}" for name, value in request.headers), "> ", *(f"< {line}" for line in head)]
        p.stderr.write(("\n".join(lines) + "\n").encode("utf-8", "surrogateescape"))
    if "f" in found and response.status >= 400:
        raise _Trouble(22, f"The requested URL returned error: {response.status}")
    shown = ("\r\n".join(head) + "\r\n").encode("utf-8", "surrogateescape") if found.any("I", "i") else b""
    data = shown + body
    if "o" in found and found.value("o") != "-":
        p.files.write(p.at(found.value("o")), data)
    else:
        p.out(data)
    return 0

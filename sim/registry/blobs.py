"""Blobs: fetching, asking for and deleting them (distribution-spec, "Pulling blobs", "Deleting Blobs").

A blob never changes, so it may be cached for ever, and any run of its bytes can be asked for (RFC 9110, section 14):

    Range: bytes=500-999   206, Content-Range: bytes 500-999/2048
    Range: bytes=500-      206, to the end          bytes=-500   206, the last 500
    Range: bytes=5000-     416, Content-Range: bytes */2048
    several ranges, or another unit: 200 with the whole

Where a blob's file is gone, both GET and HEAD answer 404, as docker's registry (2.8) does: a client that pushes sends
it anew. HEAD does not look into the file: where that was damaged, HEAD answers 200 and GET 500, since what is sent is
checked (`shelf`); docker's registry answers 200 to both then, and sends the damaged bytes.
"""

from __future__ import annotations

import re

from ..content.digest import Digest
from ..errors import DigestInvalid
from .changes import BlobUnlinked, Changes
from .codes import Code, refuse
from .messages import Head, Part, Response, answer, without_body
from .plan import Answer, Asked, Delete, Plan, Received, Take, not_this_method
from .state import Registry

_ONE_RANGE = re.compile(r"(\d{0,19})-(\d{0,19})", re.ASCII)
_FOR_EVER = ("Cache-Control", "max-age=31536000")


def begin_blob(asked: Asked) -> Plan:
    """Plan a request about one blob."""
    digest = parse_digest(asked.route.last)
    if isinstance(digest, Response):
        return Answer(digest)
    match asked.head.method:
        case "GET" | "HEAD":
            response = _get(asked, digest)
            return Answer(response, digest if asked.head.method == "HEAD" and response.status == 200 else None)
        case "DELETE":
            return Take(Delete(asked.route.name, digest, blob=True))
        case _:
            return Answer(not_this_method("GET", "HEAD", "DELETE"))


def finish_delete(state: Registry, received: Received, action: Delete) -> tuple[Changes, Response]:
    """Unlink a blob from its repository; its bytes stay until they are collected."""
    assert isinstance(action.what, Digest)
    repository = state.repositories.get(action.repository)
    if repository is None or action.what not in repository.blobs:
        return (), unknown_blob(action.what)
    reason = "unlinked here; sim gc frees the space where nobody else holds it"
    return (BlobUnlinked(action.repository, action.what),), answer(202, reason)


def parse_digest(text: str) -> Digest | Response:
    """Read a digest out of a target, or refuse it."""
    try:
        return Digest.parse(text)
    except DigestInvalid as error:
        return refuse(Code.DIGEST_INVALID, "no digest", detail=str(error))


def unknown_blob(digest: Digest) -> Response:
    """Refuse a blob that the repository does not hold."""
    return refuse(Code.BLOB_UNKNOWN, "not in this repository", detail=str(digest))


def _get(asked: Asked, digest: Digest) -> Response:
    repository = asked.state.repositories.get(asked.route.name)
    held = None if repository is None else repository.blobs.get(digest)
    if held is None:
        refused = unknown_blob(digest)
        return without_body(refused) if asked.head.method == "HEAD" else refused
    named = (("Docker-Content-Digest", str(digest)), etag(digest), _FOR_EVER, ("Accept-Ranges", "bytes"))
    if unchanged(asked.head, digest):
        return answer(304, "the caller has it already", *named)
    kind = ("Content-Type", "application/octet-stream")
    if asked.head.method == "HEAD":
        return answer(200, "it is here", kind, *named, length=held.size)
    span = wanted_span(asked.head, digest, held.size)
    if span is None:
        return answer(200, "sent", kind, *named, body=Part(digest, 0, held.size))
    if not span:
        return refuse(
            Code.SIZE_INVALID, f"no such range in {held.size} bytes", ("Content-Range", f"bytes */{held.size}"),
            *named, detail=asked.head.header("Range"), status=416,
        )
    said = ("Content-Range", f"bytes {span[0]}-{span[-1]}/{held.size}")
    return answer(206, f"sent from byte {span[0]} on", kind, said, *named, body=Part(digest, span[0], len(span)))


def etag(digest: Digest) -> tuple[str, str]:
    """Return the header that names a version; content named by its digest has only one."""
    return "ETag", f'"{digest}"'


def unchanged(head: Head, digest: Digest) -> bool:
    """Tell whether ``If-None-Match`` names what would be sent (RFC 9110, section 13.1.2)."""
    known = [tag.strip().removeprefix("W/") for tag in (head.header("If-None-Match") or "").split(",")]
    return f'"{digest}"' in known or known == ["*"]


def wanted_span(head: Head, digest: Digest, size: int) -> range | None:
    """Return the bytes that a ``Range`` header asks for: None for all, an empty range where there are none."""
    unit, _, told = (head.header("Range") or "").partition("=")
    version = head.header("If-Range")
    if unit.strip().lower() != "bytes" or "," in told or version not in (None, f'"{digest}"'):
        return None
    match = _ONE_RANGE.fullmatch(told.strip())
    if match is None:
        return range(0)
    first, last = match.groups()
    if first:
        return range(int(first), min(size, int(last) + 1) if last else size)
    return range(max(0, size - int(last)), size) if last else range(0)

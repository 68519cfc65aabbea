"""What a request is about, read off its target.

    /v2/                                 BASE
    /v2/_catalog                         CATALOG
    /v2/<name>/tags/list                 TAGS
    /v2/<name>/manifests/<reference>     MANIFEST
    /v2/<name>/blobs/<digest>            BLOB
    /v2/<name>/blobs/uploads/            UPLOADS
    /v2/<name>/blobs/uploads/<id>        UPLOAD
    /v2/<name>/referrers/<digest>        REFERRERS

(distribution-spec, "Endpoints".) A name may have slashes, and parts called ``tags`` or ``blobs``, so a target is read
from its end. A target is hostile: it is bounded, decoded once and strictly, and every part is held against its
grammar, in which neither ``..`` nor a slash can hide.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from urllib.parse import unquote_to_bytes

from .codes import Code, refuse
from .messages import Response
from .reference import is_repository

MAX_TARGET = 8 << 10
MAX_FIELDS = 64
_ESCAPES = re.compile(r"(?:[^%]|%[0-9A-Fa-f]{2})*")


class Kind(Enum):
    """What a target names."""

    BASE = auto()
    CATALOG = auto()
    TAGS = auto()
    MANIFEST = auto()
    BLOB = auto()
    UPLOADS = auto()
    UPLOAD = auto()
    REFERRERS = auto()


@dataclass(frozen=True, slots=True)
class Route:
    """A target that was understood.

    Attributes
    ----------
    kind : Kind
    name : str
        The repository; empty for BASE and CATALOG.
    last : str
        The part after it: a reference, a digest, an upload's id. Not yet checked.
    query : mapping of str to tuple of str
        Every value that a field was given.
    """

    kind: Kind
    name: str = ""
    last: str = ""
    query: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)

    def one(self, key: str) -> str | None:
        """Return a query field's first value; None where it is not given."""
        return self.query.get(key, (None,))[0]


def parse_target(target: str) -> Route | Response:
    """Read a target, or refuse it.

    Examples
    --------
    >>> route = parse_target("/v2/a/blobs/manifests/1.0")
    >>> route.kind.name, route.name, route.last
    ('MANIFEST', 'a/blobs', '1.0')
    >>> parse_target("/v2/a/../b/tags/list").status
    400
    """
    if len(target) > MAX_TARGET:
        return refuse(Code.NAME_INVALID, "the target is too long", status=414)
    path, _, query = target.partition("?")
    plain, fields = _decoded(path), _fields(query)
    if plain is None or fields is None:
        return refuse(Code.NAME_INVALID, "the target is not well encoded", detail="percent-encoding or UTF-8")
    if plain in ("/v2", "/v2/"):
        return Route(Kind.BASE, query=fields)
    if plain == "/v2/_catalog":
        return Route(Kind.CATALOG, query=fields)
    parts = plain.split("/")
    if parts[:2] != ["", "v2"]:
        return refuse(Code.NAME_UNKNOWN, "no such page", detail="the API begins at /v2/")
    return _in_repository(parts[2:], fields)


def _in_repository(parts: list[str], fields: Mapping[str, tuple[str, ...]]) -> Route | Response:
    match parts:
        case [*name, "blobs", "uploads"]:
            found = Route(Kind.UPLOADS, "/".join(name), query=fields)
        case [*name, "blobs", "uploads", last]:
            found = Route(Kind.UPLOAD if last else Kind.UPLOADS, "/".join(name), last, fields)
        case [*name, "tags", "list"]:
            found = Route(Kind.TAGS, "/".join(name), query=fields)
        case [*name, "manifests", last]:
            found = Route(Kind.MANIFEST, "/".join(name), last, fields)
        case [*name, "blobs", last]:
            found = Route(Kind.BLOB, "/".join(name), last, fields)
        case [*name, "referrers", last]:
            found = Route(Kind.REFERRERS, "/".join(name), last, fields)
        case _:
            return refuse(Code.NAME_UNKNOWN, "no such page")
    if not is_repository(found.name):
        return refuse(Code.NAME_INVALID, "no name of a repository", detail={"name": found.name[:300]})
    return found


def _decoded(text: str) -> str | None:
    if _ESCAPES.fullmatch(text) is None:
        return None
    try:
        return unquote_to_bytes(text).decode("utf-8")
    except UnicodeError:
        return None


def _fields(query: str) -> dict[str, tuple[str, ...]] | None:
    found: dict[str, tuple[str, ...]] = {}
    pairs = [pair for pair in query.split("&") if pair]
    if len(pairs) > MAX_FIELDS:
        return None
    for pair in pairs:
        key, _, value = (_decoded(part.replace("+", " ")) if part else part for part in pair.partition("="))
        if key is None or value is None:
            return None
        found[key] = (*found.get(key, ()), value)
    return found

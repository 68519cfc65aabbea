"""Manifests: storing, fetching and deleting them (distribution-spec, "Pulling manifests", "Pushing Manifests").

A manifest is stored byte for byte, for its digest names the bytes. It is read all the same: what is no manifest is
refused, what it needs must be in the repository already, and what it is about (`subject`) need not be. docker's
schema 1 is refused, since it names no config.
"""

from __future__ import annotations

from dataclasses import replace

from ..content.descriptor import MANIFEST_TYPES, OCI_NONDISTRIBUTABLE, Descriptor
from ..content.digest import Digest
from ..errors import BadInput, DigestInvalid, Unsupported
from ..image.manifest import Index, Manifest, parse_document
from .blobs import etag, unchanged
from .changes import Changes, ManifestRecord, ManifestRemoved, ManifestStored, TagRemoved, TagSet
from .codes import Code, refuse, refuse_all
from .messages import Part, Response, answer, without_body
from .plan import Answer, Asked, Delete, Into, Plan, PutManifest, Received, Take, Trouble, not_this_method
from .reference import is_tag
from .state import Registry, Repository
from .uploads import declared_length, no_space, too_large

_FOREIGN = (OCI_NONDISTRIBUTABLE, "application/vnd.docker.image.rootfs.foreign.diff.tar")
_MAX_TAGS = 32


def begin_manifest(asked: Asked) -> Plan:
    """Plan a request about one manifest."""
    reference = parse_reference(asked.route.last)
    if isinstance(reference, Response):
        return Answer(reference)
    match asked.head.method:
        case "GET" | "HEAD":
            return Answer(_get(asked, reference))
        case "PUT":
            return _put(asked, reference)
        case "DELETE":
            return Take(Delete(asked.route.name, reference))
        case _:
            return Answer(not_this_method("GET", "HEAD", "PUT", "DELETE"))


def parse_reference(text: str) -> str | Digest | Response:
    """Read a tag or a digest out of a target, or refuse it."""
    if ":" in text:
        try:
            return Digest.parse(text)
        except DigestInvalid as error:
            return refuse(Code.DIGEST_INVALID, "no digest", detail=str(error))
    if not is_tag(text):
        return refuse(Code.MANIFEST_INVALID, "no tag", detail=f"{text[:140]!r} is no tag and no digest")
    return text


def _get(asked: Asked, reference: str | Digest) -> Response:
    repository = asked.state.repositories.get(asked.route.name, Repository())
    record = repository.find(reference)
    if record is None:
        refused = unknown_manifest(asked.route.name, reference)
        return without_body(refused) if asked.head.method == "HEAD" else refused
    digest, size = record.digest, record.descriptor.size
    named = (("Content-Type", record.descriptor.media_type), ("Docker-Content-Digest", str(digest)), etag(digest))
    if unchanged(asked.head, digest):
        return answer(304, "the caller has it already", *named)
    if asked.head.method == "HEAD":
        return answer(200, "it is here", *named, length=size)
    return answer(200, "sent", *named, body=Part(digest, 0, size))


def _put(asked: Asked, reference: str | Digest) -> Plan:
    limit, length = asked.state.policy.max_manifest, declared_length(asked.head)
    if length is not None and length > limit:
        return Answer(too_large(limit))
    tags = asked.route.query.get("tag", ()) if isinstance(reference, Digest) else ()
    if len(tags) > _MAX_TAGS or not all(map(is_tag, tags)):
        return Answer(refuse(Code.MANIFEST_INVALID, "a tag is no tag", detail=[tag[:140] for tag in tags[:_MAX_TAGS]]))
    kind = asked.head.header("Content-Type")
    told = kind.partition(";")[0].strip() if kind else None
    algorithm = reference.algorithm if isinstance(reference, Digest) else "sha256"
    action = PutManifest(asked.route.name, reference, told or None, tags)
    return Take(action, Into.MEMORY, limit=limit, expected=length, algorithm=algorithm)


def examine(received: Received, action: PutManifest) -> Received | Response:
    """Read a manifest that has arrived: its record, or why it is refused. Needs no state, so no lock."""
    if received.trouble is Trouble.TOO_LARGE:
        return too_large(received.take.limit)
    if received.trouble in (Trouble.NO_SPACE, Trouble.FAILED):
        return no_space(received.trouble)
    if received.trouble is Trouble.CUT_SHORT:
        return refuse(Code.SIZE_INVALID, "cut short")
    assert received.digest is not None
    if isinstance(action.reference, Digest) and received.digest != action.reference:
        detail = {"expected": str(action.reference), "found": str(received.digest)}
        return refuse(Code.DIGEST_INVALID, "the bytes have another digest", detail=detail)
    try:
        document = parse_document(received.body, where="manifest", media_type=action.media_type)
    except Unsupported as error:
        return refuse(Code.MANIFEST_INVALID, "docker's schema 1", detail=str(error))
    except BadInput as error:
        return refuse(Code.MANIFEST_INVALID, "no manifest", detail=str(error))
    links = document.manifests if isinstance(document, Index) else (document.config, *document.layers)
    # Layers that may not be distributed are fetched from their own addresses; here they may be all the same.
    needed = tuple(dict.fromkeys(link.digest for link in links if not _is_elsewhere(link)))
    record = _record(document, links, received.digest, len(received.body))
    return replace(received, record=record, needed=needed)


def _record(
    document: Manifest | Index, links: tuple[Descriptor, ...], digest: Digest, size: int
) -> ManifestRecord:
    kind = document.artifact_type
    if isinstance(document, Manifest):
        kind = kind or document.config.media_type
    described = Descriptor(document.media_type, digest, size, artifact_type=kind or None)
    if document.subject is not None:
        described = replace(described, annotations=document.annotations)
    named = tuple(dict.fromkeys(link.digest for link in links))
    return ManifestRecord(described, named, document.subject.digest if document.subject else None)


def _is_elsewhere(link: Descriptor) -> bool:
    return bool(link.urls) or link.media_type.startswith(_FOREIGN)


def finish_put(state: Registry, received: Received, action: PutManifest) -> tuple[Changes, Response]:
    """Store a manifest whose bytes are in storage and whose record was read."""
    record, name = received.record, action.repository
    assert record is not None
    repository = state.repositories.get(name, Repository())
    absent = [link for link in received.needed if link not in repository.blobs and link not in repository.manifests]
    if absent:
        faults: list[tuple[Code, object]] = [(Code.MANIFEST_BLOB_UNKNOWN, str(link)) for link in absent[:100]]
        return (), refuse_all(faults, f"{len(absent)} of what it needs is not here")
    tags = action.tags if isinstance(action.reference, Digest) else (action.reference,)
    headers = [("Location", f"/v2/{name}/manifests/{record.digest}"), ("Docker-Content-Digest", str(record.digest))]
    if record.subject is not None:
        headers.append(("OCI-Subject", str(record.subject)))
    headers.extend(("OCI-Tag", tag) for tag in action.tags)
    kind = "manifest" if record.descriptor.media_type in MANIFEST_TYPES else "index"
    reason = f"{kind} stored" + (f" as {', '.join(tags)}" if tags else "")
    stored: Changes = (ManifestStored(name, record), *(TagSet(name, tag, record.digest) for tag in tags))
    return stored, answer(201, reason, *headers)


def finish_delete(state: Registry, received: Received, action: Delete) -> tuple[Changes, Response]:
    """Take a tag away, or a manifest with all the tags that point to it; blobs stay until they are collected."""
    name, what = action.repository, action.what
    repository = state.repositories.get(name)
    if repository is None:
        return (), refuse(Code.NAME_UNKNOWN, "no such repository", detail={"name": name})
    if repository.find(what) is None:
        return (), unknown_manifest(name, what)
    if isinstance(what, Digest):
        return (ManifestRemoved(name, what),), answer(202, "removed; its blobs stay until sim gc")
    return (TagRemoved(name, what),), answer(202, "tag removed; the manifest stays")


def unknown_manifest(name: str, reference: str | Digest) -> Response:
    """Refuse a manifest that the repository does not hold, in the words that docker shows."""
    by_tag = isinstance(reference, str)
    detail = {"Tag": reference} if by_tag else {"Name": name, "Revision": str(reference)}
    return refuse(Code.MANIFEST_UNKNOWN, "not in this repository", detail=detail)

"""Uploads: sessions that a blob arrives in (distribution-spec, "Pushing blobs").

    POST   uploads/                        202  a session, at offset 0
    POST   uploads/?digest=D  + body       201  all in one request
    POST   uploads/?mount=D&from=REPO      201  nothing is sent: another repository holds it; else 202, a session
    PATCH  <location>         + body       202  Range: 0-<last byte>; 416 where the chunk does not begin at the offset
    PUT    <location>?digest=D (+ body)    201  the bytes have that digest; else 400, and the session is over
    GET    <location>                      204  how far it came, to go on after a connection was lost
    DELETE <location>                      204  given up

What a session has survives the connection: bytes that arrived before it broke count. Two requests cannot write to one
session at a time; storage lets the second not in, and `finish` looks at the session and its offset once more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from ..content.digest import Digest
from ..errors import DigestInvalid
from .auth import pull
from .changes import BlobLinked, Changes, Upload, UploadEnded, UploadMoved, UploadStarted
from .codes import Code, refuse
from .messages import Head, Response, answer
from .plan import (
    Answer,
    Append,
    Asked,
    CancelUpload,
    Into,
    MountBlob,
    Plan,
    Received,
    StartUpload,
    Take,
    Trouble,
    not_this_method,
    session_id,
)
from .state import Registry

_CHUNK = re.compile(r"(?:bytes[ =])?(\d{1,19})-(\d{1,19})(?:/(?:\d{1,19}|\*))?", re.ASCII)
_LENGTH = re.compile(r"\d{1,19}", re.ASCII)


def begin_uploads(asked: Asked) -> Plan:
    """Plan a request that opens a session, mounts a blob, or brings it along."""
    if asked.head.method != "POST":
        return Answer(not_this_method("POST"))
    upload = Upload(session_id(asked.moment.seed), asked.route.name, asked.moment.now)
    mount, brought = asked.route.one("mount"), asked.route.one("digest")
    if mount is None and brought is None:
        return Take(StartUpload(upload))
    try:
        digest = Digest.parse(mount or brought)
    except DigestInvalid as error:
        return Answer(refuse(Code.DIGEST_INVALID, "no digest", detail=str(error)))
    if mount is not None:
        return Take(MountBlob(asked.route.name, digest, asked.route.one("from") or None, asked.caller, upload))
    return _append(asked, Append(upload, digest, created=True))


def begin_upload(asked: Asked) -> Plan:
    """Plan a request about an open session."""
    upload = asked.state.uploads.get(asked.route.last)
    if upload is None or upload.repository != asked.route.name:
        return Answer(unknown_upload(asked.route.last))
    match asked.head.method:
        case "GET" | "HEAD":
            return Answer(answer(204, f"{upload.offset} bytes have arrived", *_progress(upload)))
        case "PATCH":
            return _append(asked, Append(upload))
        case "PUT":
            told = asked.route.one("digest")
            try:
                return _append(asked, Append(upload, Digest.parse(told)))
            except DigestInvalid as error:
                return Answer(refuse(Code.DIGEST_INVALID, "no digest", detail=str(error)))
        case "DELETE":
            return Take(CancelUpload(upload))
        case _:
            return Answer(not_this_method("GET", "PATCH", "PUT", "DELETE"))


def _append(asked: Asked, action: Append) -> Plan:
    upload, limit = action.upload, asked.state.policy.max_blob
    length = declared_length(asked.head)
    told = asked.head.header("Content-Range")
    if told is not None:
        chunk = _chunk(told)
        if chunk is None or length not in (None, len(chunk)):
            return Answer(_bad_range(upload, f"Content-Range {told[:60]!r} does not fit the body"))
        if chunk.start != upload.offset:
            return Answer(_bad_range(upload, f"the chunk begins at {chunk.start}, not at {upload.offset}"))
        length = len(chunk)
    room = limit - upload.offset
    if length is not None and length > room:
        return Answer(too_large(limit))
    algorithm = action.digest.algorithm if action.digest else "sha256"
    return Take(action, Into.UPLOAD, upload.id, upload.offset, room if length is None else length, length, algorithm)


def _chunk(told: str) -> range | None:
    match = _CHUNK.fullmatch(told.strip())
    found = range(int(match[1]), int(match[2]) + 1) if match else range(0)
    return found if len(found) else None


def finish_start(state: Registry, received: Received, action: StartUpload) -> tuple[Changes, Response]:
    """Open a session, unless too many are open."""
    if len(state.uploads) >= state.policy.max_uploads:
        return (), refuse(Code.TOOMANYREQUESTS, "too many unfinished uploads", detail="finish or cancel some")
    return (UploadStarted(action.upload),), _opened(action.upload, "a session is open")


def finish_mount(state: Registry, received: Received, action: MountBlob) -> tuple[Changes, Response]:
    """Mount a blob, or open a session. The refusal does not tell a blob that is hidden from one that is absent."""
    name, digest = action.repository, action.digest
    source = next(_holders(state, action), None)
    if source is None:
        return finish_start(state, received, StartUpload(action.otherwise))
    held = state.repositories[source].blobs[digest]
    linked = BlobLinked(name, digest, held.size, action.otherwise.started)
    return (linked,), _created(name, digest, f"mounted from {source}: 0 bytes sent")


def _holders(state: Registry, action: MountBlob) -> Iterator[str]:
    named = state.repositories if action.source is None else [action.source]
    for name in named:
        repository = state.repositories.get(name)
        if repository is not None and action.digest in repository.blobs and action.caller.may(pull(name)):
            yield name


def finish_append(state: Registry, received: Received, action: Append) -> tuple[Changes, Response]:
    """Count the bytes that arrived; with a digest, make them a blob of the repository."""
    upload = state.uploads.get(action.upload.id, action.upload if action.created else None)
    if upload is None or upload.repository != action.upload.repository:
        return (), unknown_upload(action.upload.id)
    if upload.offset != received.take.offset:
        return (), _bad_range(upload, "another request has written meanwhile")
    moved = replace(upload, offset=upload.offset + received.size)
    ended: Changes = () if action.created else (UploadEnded(upload.id),)
    kept: Changes = () if action.created else (UploadMoved(upload.id, moved.offset),)
    match received.trouble:
        case Trouble.TOO_LARGE:
            return ended, too_large(received.take.limit)
        case Trouble.NO_SPACE | Trouble.FAILED:
            return ended, no_space(received.trouble)
        case Trouble.CUT_SHORT:
            return kept, refuse(Code.SIZE_INVALID, f"cut short after {received.size} bytes, which are kept")
    if action.digest is None:
        reason = f"{received.size} bytes, {moved.offset} in all"
        return kept, answer(202, reason, *_progress(moved))
    if received.digest != action.digest:
        detail = {"expected": str(action.digest), "found": str(received.digest)}
        return ended, refuse(Code.DIGEST_INVALID, "the bytes have another digest", detail=detail)
    linked = BlobLinked(upload.repository, action.digest, moved.offset, upload.started)
    return (linked, *ended), _created(upload.repository, action.digest, f"stored: {moved.offset} bytes")


def finish_cancel(state: Registry, received: Received, action: CancelUpload) -> tuple[Changes, Response]:
    """Give a session up."""
    if action.upload.id not in state.uploads:
        return (), unknown_upload(action.upload.id)
    return (UploadEnded(action.upload.id),), answer(204, "given up")


def busy(take: Take) -> Response:
    """Refuse a request on a session that another request writes to."""
    action = take.action
    assert isinstance(action, Append)
    return refuse(
        Code.BLOB_UPLOAD_INVALID, "another request writes to this session", *_progress(action.upload),
        detail="ask for its status with GET, then go on from there", status=409,
    )


def declared_length(head: Head) -> int | None:
    """Return what ``Content-Length`` says, None where it says nothing sound."""
    told = head.header("Content-Length")
    return int(told) if told is not None and _LENGTH.fullmatch(told.strip()) else None


def too_large(limit: int) -> Response:
    """Refuse a body beyond the limit."""
    return refuse(Code.SIZE_INVALID, f"more than {limit} bytes", detail=f"at most {limit} bytes", status=413)


def no_space(trouble: Trouble) -> Response:
    """Say that storage could not take the bytes."""
    full = trouble is Trouble.NO_SPACE
    reason = "no space left on the device" if full else "storage failed"
    return refuse(Code.UNKNOWN, reason, detail=reason, status=507 if full else 500)


def unknown_upload(id: str) -> Response:
    """Refuse a session that is not open."""
    return refuse(Code.BLOB_UPLOAD_UNKNOWN, "no such session", detail=id[:80])


def upload_path(upload: Upload) -> str:
    """Return the path of a session."""
    return f"/v2/{upload.repository}/blobs/uploads/{upload.id}"


def _opened(upload: Upload, reason: str) -> Response:
    return answer(202, reason, *_progress(upload))


def _created(name: str, digest: Digest, reason: str) -> Response:
    return answer(
        201, reason, ("Location", f"/v2/{name}/blobs/{digest}"), ("Docker-Content-Digest", str(digest)),
    )


def _progress(upload: Upload) -> tuple[tuple[str, str], ...]:
    return (
        ("Location", upload_path(upload)), ("Range", f"0-{max(0, upload.offset - 1)}"),
        ("Docker-Upload-UUID", upload.id),
    )


def _bad_range(upload: Upload, reason: str) -> Response:
    return refuse(Code.BLOB_UPLOAD_INVALID, reason, *_progress(upload), detail=reason, status=416)

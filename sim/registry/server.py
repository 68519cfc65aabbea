"""The registry: two pure functions around bytes that move elsewhere.

                       state                                            state of THAT moment
                         |                                                    |
    head, caller --> begin --> Answer(response)                               v
                           \\-> Take(...) --> storage moves the body --> finish --> state', response
                                             Received(size, digest, …)

`begin` reads, decides and changes nothing. Between the two the bytes move, as long as they take, and nobody waits.
`finish` runs alone, on the state as it is then, and looks again at what `begin` has looked at: a session may have
ended meanwhile, a blob have been deleted. `settle` is its inside: the changes, as values, which a journal writes down
before anyone is told (see `service`).

`handle` is both at once, for small bodies, tests and the simulated world. The names are those of the OCI distribution
specification 1.1; docker's own additions (`_catalog`, its headers and error texts) stand beside it.
"""

from __future__ import annotations

from dataclasses import replace

from . import blobs, listing, manifests, referrers, uploads
from .auth import CATALOG, Access, Caller, delete, pull, push
from .changes import Changes, UploadEnded, UploadStarted
from .codes import JSON, Code, refuse
from .messages import Head, Request, Response, answer, without_body
from .plan import (
    Answer,
    Append,
    Asked,
    CancelUpload,
    Delete,
    Moment,
    MountBlob,
    Plan,
    PutManifest,
    Received,
    StartUpload,
    Take,
)
from .reference import is_repository
from .route import Kind, Route, parse_target
from .state import Registry, apply
from .storage import Storage

_READING = ("GET", "HEAD")


def begin(state: Registry, head: Head, caller: Caller, moment: Moment) -> Plan:
    """Decide what is to be done about a request whose body has not arrived.

    Parameters
    ----------
    state : Registry
    head : Head
    caller : Caller
        Who asks, and what they may do.
    moment : Moment
        The time, and a text that no other request gets.

    Returns
    -------
    Answer or Take
    """
    route = parse_target(head.target)
    if isinstance(route, Response):
        return Answer(_for_method(head, route))
    refused = _refused(state, head, route, caller)
    if refused is not None:
        return Answer(_for_method(head, refused))
    plan = _begin(Asked(state, head, route, caller, moment))
    return replace(plan, response=_for_method(head, plan.response)) if isinstance(plan, Answer) else plan


def _begin(asked: Asked) -> Plan:
    match asked.route.kind:
        case Kind.BASE:
            return Answer(answer(200, "this is a registry", ("Content-Type", JSON), body=b"{}"))
        case Kind.CATALOG:
            return listing.begin_catalog(asked)
        case Kind.TAGS:
            return listing.begin_tags(asked)
        case Kind.MANIFEST:
            return manifests.begin_manifest(asked)
        case Kind.BLOB:
            return blobs.begin_blob(asked)
        case Kind.UPLOADS:
            return uploads.begin_uploads(asked)
        case Kind.UPLOAD:
            return uploads.begin_upload(asked)
        case Kind.REFERRERS:
            return referrers.begin_referrers(asked)


def settle(state: Registry, received: Received) -> tuple[Changes, Response]:
    """Decide, on the state of this moment, what a request whose body has arrived changes and is told.

    Parameters
    ----------
    state : Registry
    received : Received
        What storage reports; for a manifest, what `examine` made of it.
    """
    match received.take.action:
        case StartUpload() as action:
            return uploads.finish_start(state, received, action)
        case Append() as action:
            return uploads.finish_append(state, received, action)
        case CancelUpload() as action:
            return uploads.finish_cancel(state, received, action)
        case MountBlob() as action:
            return uploads.finish_mount(state, received, action)
        case PutManifest() as action:
            return manifests.finish_put(state, received, action)
        case Delete(blob=True) as action:
            return blobs.finish_delete(state, received, action)
        case Delete() as action:
            return manifests.finish_delete(state, received, action)


def finish(state: Registry, received: Received) -> tuple[Registry, Response]:
    """Return the registry after a request, and the answer; parameters as in `settle`."""
    changes, response = settle(state, received)
    return apply(state, changes), response


def examine(received: Received) -> Received | Response:
    """Read what has arrived, outside any lock: a manifest becomes a record, or is refused."""
    action = received.take.action
    return manifests.examine(received, action) if isinstance(action, PutManifest) else received


def busy(take: Take) -> Response:
    """Return the answer to a request on a session that another request writes to, or has moved."""
    return uploads.busy(take)


def handle(
    state: Registry, request: Request, storage: Storage, caller: Caller, moment: Moment
) -> tuple[Registry, Response]:
    """Do a whole request: begin, move the body, finish.

    Parameters
    ----------
    state : Registry
    request : Request
    storage : Storage
        Keeps the bytes; nothing is ever taken out of it here but unfinished uploads.
    caller : Caller
    moment : Moment

    Returns
    -------
    Registry, Response
        The body of a response may be a `Part`: ``storage.provide(part)`` yields its bytes.
    """
    plan = begin(state, request.head, caller, moment)
    if isinstance(plan, Answer):
        return state, plan.response
    intake = storage.open(plan)
    if intake is None:
        return state, busy(plan)
    intake.write(request.body)
    received = examine(intake.close())
    if isinstance(received, Response):
        return state, received
    storage.keep(received)
    changes, response = settle(state, received)
    perform(storage, changes)
    storage.unpin(received)
    return apply(state, changes), response


def perform(storage: Storage, changes: Changes) -> None:
    """Open and remove the files of sessions, as the changes say."""
    for change in changes:
        if isinstance(change, UploadStarted):
            storage.start(change.upload)
        elif isinstance(change, UploadEnded):
            storage.discard(change.id)


def needs(head: Head, route: Route) -> tuple[Access, ...]:
    """Return the rights that a request needs.

    A mount needs none on its source: who may not pull there is given an upload session. But the challenge names it,
    so that a client asks for both at once.
    """
    if route.kind is Kind.BASE:
        return ()
    if route.kind is Kind.CATALOG:
        return (CATALOG,)
    if head.method in _READING and route.kind is not Kind.UPLOAD:
        return (pull(route.name),)
    if head.method == "DELETE" and route.kind is not Kind.UPLOAD:
        return (delete(route.name),)
    return (push(route.name),)


def _refused(state: Registry, head: Head, route: Route, caller: Caller) -> Response | None:
    policy, wanted = state.policy, needs(head, route)
    known = caller.grants is None or caller.name is not None or caller.bearer
    if policy.challenge is not None and not (known and all(map(caller.may, wanted))):
        asked = (*wanted, *_source(route))
        detail = [
            {"Type": access.kind, "Class": "", "Name": access.name, "Action": action}
            for access in asked for action in access.actions
        ]
        challenge = policy.challenge.header(asked, insufficient=known)
        return refuse(Code.UNAUTHORIZED, "the caller may not", challenge, detail=detail or None)
    if policy.read_only and head.method not in _READING:
        return refuse(Code.UNSUPPORTED, "the registry is read-only")
    if not policy.delete and head.method == "DELETE" and route.kind is not Kind.UPLOAD:
        return refuse(Code.UNSUPPORTED, "deletion is switched off")
    return None


def _source(route: Route) -> tuple[Access, ...]:
    # A challenge is a header: what a caller wrote goes into it only where it is a name.
    source = route.one("from") if route.kind is Kind.UPLOADS and route.one("mount") else None
    return (pull(source),) if source is not None and is_repository(source) else ()


def _for_method(head: Head, response: Response) -> Response:
    return without_body(response) if head.method == "HEAD" else response

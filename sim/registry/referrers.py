"""Referrers: the manifests that are about another one: signatures, lists of contents (distribution-spec, "Listing
Referrers").

    manifest of a signature --subject--> manifest of an image <--GET referrers/<digest of the image>

The answer is an index, made when it is asked for: what each manifest's descriptor needs was kept when the manifest
came. An index that clients keep themselves under the tag ``sha256-<hex>`` is a manifest like others, and all that it
lists with a sound subject is in the answer already.
"""

from __future__ import annotations

from urllib.parse import quote

from ..content.descriptor import MAX_DOCUMENT, OCI_INDEX, Descriptor, canonical_json
from ..content.digest import Digest
from .blobs import parse_digest
from .codes import json_answer
from .messages import Response, without_body
from .plan import Answer, Asked, Plan, not_this_method
from .state import Repository


def begin_referrers(asked: Asked) -> Plan:
    """Answer who is about a manifest; nobody, for one that does not exist, since it may come later."""
    if asked.head.method not in ("GET", "HEAD"):
        return Answer(not_this_method("GET"))
    subject = parse_digest(asked.route.last)
    if isinstance(subject, Response):
        return Answer(subject)
    repository = asked.state.repositories.get(asked.route.name, Repository())
    wanted, last = asked.route.one("artifactType"), asked.route.one("last")
    found = [one for one in repository.about(subject) if wanted in (None, one.artifact_type)]
    page, more = _page([one for one in found if last is None or str(one.digest) > last])
    headers = [("OCI-Filters-Applied", "artifactType")] if wanted is not None else []
    if more:
        headers.append(("Link", _next(asked.route.name, subject, page[-1], wanted)))
    index = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [one.to_json() for one in page]}
    response = json_answer(200, f"{len(page)} referrers", index, *headers, kind=OCI_INDEX)
    return Answer(without_body(response) if asked.head.method == "HEAD" else response)


def _page(found: list[Descriptor]) -> tuple[list[Descriptor], bool]:
    # An index is a document, and readers take documents of 4 MiB.
    room = MAX_DOCUMENT - 1024
    page: list[Descriptor] = []
    for one in found:
        room -= 6 * len(canonical_json(one.to_json()))  # ASCII escapes take up to six times the room
        if room < 0 and page:
            return page, True
        page.append(one)
    return page, False


def _next(name: str, subject: Digest, last: Descriptor, wanted: str | None) -> str:
    only = "" if wanted is None else f"&artifactType={quote(wanted, safe='')}"
    return f'</v2/{name}/referrers/{subject}?last={quote(str(last.digest), safe="")}{only}>; rel="next"'

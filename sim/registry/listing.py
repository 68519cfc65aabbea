"""Lists in pages: the tags of a repository, the repositories of a registry.

    GET tags/list?n=2           {"name": "a", "tags": ["1.0", "1.1"]}   Link: </v2/a/tags/list?last=1.1&n=2>; rel="next"
    GET tags/list?n=2&last=1.1  {"name": "a", "tags": ["latest"]}

Names are in the order of their bytes, as Go sorts strings (distribution-spec, "Listing Tags"). ``_catalog`` is
Docker's API; the specification only leaves the name to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote

from .auth import pull
from .codes import Code, json_answer, refuse
from .messages import Response, without_body
from .plan import Answer, Asked, Plan, not_this_method

CATALOG_PAGE = 100
"""Repositories of one page where the caller does not say, as docker's registry has it."""
_COUNT = re.compile(r"\d{1,18}", re.ASCII)


def begin_tags(asked: Asked) -> Plan:
    """Answer with the tags of a repository."""
    name = asked.route.name
    repository = asked.state.repositories.get(name)
    if repository is None:
        return Answer(refuse(Code.NAME_UNKNOWN, "no such repository", detail={"name": name}))
    return Answer(_listed(asked, f"/v2/{name}/tags/list", repository.tags, {"name": name}, "tags", None))


def begin_catalog(asked: Asked) -> Plan:
    """Answer with the names of the repositories that the caller may pull from."""
    names = [name for name in asked.state.repositories if asked.caller.grants is None or asked.caller.may(pull(name))]
    return Answer(_listed(asked, "/v2/_catalog", names, {}, "repositories", CATALOG_PAGE))


def _listed(
    asked: Asked, path: str, names: Iterable[str], start: dict[str, object], key: str, usual: int | None
) -> Response:
    if asked.head.method not in ("GET", "HEAD"):
        return not_this_method("GET")
    told, last = asked.route.one("n"), asked.route.one("last")
    if told is not None and _COUNT.fullmatch(told) is None:
        return refuse(Code.UNSUPPORTED, "n is no number", detail={"n": told[:40]}, status=400)
    count = usual if told is None else int(told)
    found = sorted(name for name in names if last is None or name > last)
    page = found if count is None else found[:count]
    links = []
    if page and len(page) < len(found):
        links.append(("Link", f'<{path}?last={quote(page[-1], safe="")}&n={count}>; rel="next"'))
    response = json_answer(200, f"{len(page)} of {len(found)} {key}", start | {key: page}, *links)
    return without_body(response) if asked.head.method == "HEAD" else response

"""Refusals: the error codes, in one table, and the body that carries them.

    {"errors": [{"code": "BLOB_UNKNOWN", "message": "blob unknown to registry", "detail": "sha256:…"}]}

Codes, messages and statuses are those of the distribution specification ("Error Codes") and of the registry that
docker's words come from; the detail is for people, and says what would help.
"""

from __future__ import annotations

import json
from enum import Enum, unique

from .messages import Response, answer

JSON = "application/json; charset=utf-8"


@unique
class Code(Enum):
    """An error code: its number in the specification's table (0 for none), its usual status, its message."""

    BLOB_UNKNOWN = (1, 404, "blob unknown to registry")
    BLOB_UPLOAD_INVALID = (2, 400, "blob upload invalid")
    BLOB_UPLOAD_UNKNOWN = (3, 404, "blob upload unknown to registry")
    DIGEST_INVALID = (4, 400, "provided digest did not match uploaded content")
    MANIFEST_BLOB_UNKNOWN = (5, 400, "blob unknown to registry")
    MANIFEST_INVALID = (6, 400, "manifest invalid")
    MANIFEST_UNKNOWN = (7, 404, "manifest unknown")
    NAME_INVALID = (8, 400, "invalid repository name")
    NAME_UNKNOWN = (9, 404, "repository name not known to registry")
    SIZE_INVALID = (10, 400, "provided length did not match content length")
    UNAUTHORIZED = (11, 401, "authentication required")
    DENIED = (12, 403, "requested access to the resource is denied")
    UNSUPPORTED = (13, 405, "The operation is unsupported.")
    TOOMANYREQUESTS = (14, 429, "too many requests")
    UNKNOWN = (0, 500, "unknown error")

    @property
    def status(self) -> int:
        """The HTTP status that usually goes with it."""
        return self.value[1]

    @property
    def message(self) -> str:
        """What it says."""
        return self.value[2]


def refuse(
    code: Code, reason: str, *headers: tuple[str, str], detail: object = None, status: int | None = None
) -> Response:
    """Make the answer that refuses something.

    Parameters
    ----------
    code : Code
    reason : str
        Words for the log.
    headers : tuple of (str, str)
        Beside the usual ones.
    detail : JSON value, optional
        What would help to resolve it.
    status : int, optional
        Where it is not the code's usual one.
    """
    return refuse_all([(code, detail)], reason, *headers, status=status)


def refuse_all(
    faults: list[tuple[Code, object]], reason: str, *headers: tuple[str, str], status: int | None = None
) -> Response:
    """Make an answer with several errors; its status is the first one's."""
    errors = [{"code": code.name, "message": code.message, "detail": detail} for code, detail in faults]
    return json_answer(status or faults[0][0].status, reason, {"errors": errors}, *headers)


def json_answer(status: int, reason: str, document: object, *headers: tuple[str, str], kind: str = JSON) -> Response:
    """Make an answer whose body is a JSON document, in ASCII and with a newline, as Go's encoder writes it."""
    body = json.dumps(document, separators=(",", ":")).encode("ascii") + b"\n"
    return answer(status, reason, ("Content-Type", kind), *headers, body=body)

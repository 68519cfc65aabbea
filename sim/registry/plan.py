"""Plans: what is to be done about a request, before its body has arrived; and what has arrived.

    begin(state, head, caller, moment) -> Answer(response)          the body, if any, is not wanted
                                       -> Take(action, into, …)     collect the body, then `finish`

    Take.into    NOTHING   the request needs no body: what arrives is dropped
                 MEMORY    a small body, kept whole: a manifest
                 UPLOAD    appended to an upload session from `offset` on

Storage moves the bytes and reports a `Received`; `finish` then decides on the state of that moment.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import Enum, auto

from ..content.digest import Digest
from .auth import Caller
from .changes import ManifestRecord, Upload
from .codes import Code, refuse
from .messages import Head, Response
from .route import Route
from .state import Registry


@dataclass(frozen=True, slots=True)
class Moment:
    """What a pure function cannot know by itself.

    Attributes
    ----------
    now : float
        Seconds since 1970.
    seed : str
        A text that no other request gets; a new session's id comes of it.
    """

    now: float
    seed: str


@dataclass(frozen=True, slots=True)
class StartUpload:
    """Open a session."""

    upload: Upload


@dataclass(frozen=True, slots=True)
class Append:
    """Add bytes to a session; with a digest, finish it as that blob.

    `created` says that the session was made for this one request.
    """

    upload: Upload
    digest: Digest | None = None
    created: bool = False


@dataclass(frozen=True, slots=True)
class CancelUpload:
    """Give a session up."""

    upload: Upload


@dataclass(frozen=True, slots=True)
class MountBlob:
    """Make a blob that another repository holds this one's too; open a session where that cannot be."""

    repository: str
    digest: Digest
    source: str | None
    caller: Caller
    otherwise: Upload


@dataclass(frozen=True, slots=True)
class PutManifest:
    """Store a manifest under a tag or its digest, and under further tags."""

    repository: str
    reference: str | Digest
    media_type: str | None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Delete:
    """Take a tag (str), a manifest or a blob (Digest) out of a repository."""

    repository: str
    what: str | Digest
    blob: bool = False


Action = StartUpload | Append | CancelUpload | MountBlob | PutManifest | Delete


class Into(Enum):
    """Where a body goes."""

    NOTHING = auto()
    MEMORY = auto()
    UPLOAD = auto()


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer is known; the body, if there is one, is not wanted.

    Attributes
    ----------
    response : Response
    if_held : Digest or None
        A blob that the answer calls present though it does not send it: its bytes must be there for that to be true.
    """

    response: Response
    if_held: Digest | None = None


@dataclass(frozen=True, slots=True)
class Take:
    """Collect the body, then finish.

    Attributes
    ----------
    action : Action
    into : Into
    session : str
        The upload session's id, for UPLOAD.
    offset : int
        Where in the session the body begins.
    limit : int
        Bytes of the body at most.
    expected : int or None
        Bytes that the request says it has.
    algorithm : str
        Of the digest that is wanted.
    """

    action: Action
    into: Into = Into.NOTHING
    session: str = ""
    offset: int = 0
    limit: int = 0
    expected: int | None = None
    algorithm: str = "sha256"


Plan = Answer | Take


class Trouble(Enum):
    """Why a body did not arrive as it should."""

    TOO_LARGE = auto()
    CUT_SHORT = auto()
    NO_SPACE = auto()
    FAILED = auto()


@dataclass(frozen=True, slots=True)
class Received:
    """What storage reports.

    Attributes
    ----------
    take : Take
    size : int
        Bytes that arrived; for UPLOAD they are in the session's file.
    trouble : Trouble or None
    digest : Digest or None
        Of the body (MEMORY) or of the whole session (UPLOAD, where the action names a digest).
    body : bytes
        For MEMORY.
    record : ManifestRecord or None
        What the body says, once `examine` has read it.
    needed : tuple of Digest
        Of its links, those that must be in the repository.
    """

    take: Take
    size: int = 0
    trouble: Trouble | None = None
    digest: Digest | None = None
    body: bytes = b""
    record: ManifestRecord | None = None
    needed: tuple[Digest, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that was understood and allowed."""

    state: Registry
    head: Head
    route: Route
    caller: Caller
    moment: Moment


def session_id(seed: str) -> str:
    """Return a UUID (RFC 9562, version 8) that is a pure function of `seed`.

    Examples
    --------
    >>> session_id("a")
    'ca978112-ca1b-8dca-bac2-31b39a23dc4d'
    """
    hexes = hashlib.sha256(seed.encode("utf-8", "surrogatepass")).hexdigest()
    variant = "89ab"[int(hexes[16], 16) % 4]
    return f"{hexes[:8]}-{hexes[8:12]}-8{hexes[13:16]}-{variant}{hexes[17:20]}-{hexes[20:32]}"


def not_this_method(*allowed: str) -> Response:
    """Refuse a method that a target does not have."""
    return refuse(Code.UNSUPPORTED, "no such method here", ("Allow", ", ".join(allowed)), detail={"allowed": allowed})

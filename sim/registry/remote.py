"""One repository of a registry: the requests of the distribution specification, each a method.

    HEAD, GET  manifests/TAG-or-DIGEST                       head, manifest
    HEAD, GET  blobs/DIGEST           Range: bytes=N-        has, blob
    POST       blobs/uploads/         ?mount=DIGEST&from=R   begin           -> 201 mounted, 202 Location
    PATCH      LOCATION                                      append          -> 202 Location
    GET        LOCATION                                      received        -> 204 Range: 0-N
    PUT        LOCATION?digest=DIGEST                        finish          -> 201
    PUT        manifests/TAG                                 put_manifest    -> 201

A Location may be relative or absolute, and its query is the registry's own business: the digest is added to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

from ..content.descriptor import INDEX_TYPES, MANIFEST_TYPES, MAX_DOCUMENT, Descriptor
from ..content.digest import Digest
from ..errors import DigestInvalid, DigestMismatch, TransferFailed
from .auth import Access, pull, push
from .reference import Reference
from .session import Session, refused
from .web import Answer, Body, joined

ACCEPT = ", ".join(sorted(MANIFEST_TYPES | INDEX_TYPES))
_RANGE = re.compile(r"(?:bytes=)?0-(\d{1,18})")
_CONTENT_RANGE = re.compile(r"bytes (\d{1,18})-\d{1,18}/(?:\d{1,18}|\*)")


@dataclass(frozen=True, slots=True)
class Remote:
    """A repository, through a session."""

    session: Session
    reference: Reference

    @property
    def name(self) -> str:
        """Its name in the registry."""
        return self.reference.repository

    def _url(self, rest: str) -> str:
        return self.session.url(f"{self.name}/{rest}")

    def head(self, target: str) -> Descriptor | None:
        """Ask what a tag or digest names: type, digest and size of the manifest.

        Returns
        -------
        Descriptor or None
            None where the registry does not say enough; then `manifest` tells.

        Raises
        ------
        TransferFailed
            There is no such manifest, or we may not know.
        """
        answer = self.session.send("HEAD", self._url(f"manifests/{target}"), [pull(self.name)], {"Accept": ACCEPT})
        answer.close()
        if answer.status == 404:
            raise self._unknown()
        if answer.status != 200:
            return None
        said, size = answer.header("Docker-Content-Digest"), answer.header("Content-Length")
        kind = _media_type(answer)
        try:
            digest = Digest.parse(said)
        except DigestInvalid:
            return None
        # The size is believed where it can be one; the digest decides.
        known = size is not None and size.isascii() and size.isdigit() and len(size) < 9
        return Descriptor(kind, digest, int(size or 0)) if known else None

    def manifest(self, target: str | Digest, expected: Digest | None = None) -> tuple[bytes, Descriptor]:
        """Fetch a manifest or an index and return its bytes and what they are.

        Raises
        ------
        DigestMismatch
            The bytes are not those that `target`, `expected` or the registry itself names.
        """
        answer = self.session.send("GET", self._url(f"manifests/{target}"), [pull(self.name)], {"Accept": ACCEPT})
        if answer.status == 404:
            answer.close()
            raise self._unknown()
        if answer.status != 200:
            raise refused(answer, f"manifest {target}")
        raw = answer.read(MAX_DOCUMENT)
        wanted = target if isinstance(target, Digest) else expected
        wanted = wanted or _digest(answer.header("Docker-Content-Digest"))
        found = Digest.of(raw, wanted.algorithm if wanted is not None else "sha256")
        if wanted not in (None, found):
            raise DigestMismatch(wanted, found, where=f"manifest {target} of {self.reference.familiar}")
        return raw, Descriptor(_media_type(answer), found, len(raw))

    def _unknown(self) -> TransferFailed:
        return TransferFailed(
            f"manifest for {self.reference} not found: manifest unknown: manifest unknown",
            hint="the registry has no image of that name and tag, or does not show it to strangers", status=404,
            code="MANIFEST_UNKNOWN",
        )

    def has(self, digest: Digest, access: Access | None = None) -> bool:
        """Ask whether the repository has a blob; `access` is what the request may need, to pull by default."""
        answer = self.session.send("HEAD", self._url(f"blobs/{digest}"), [access or pull(self.name)])
        answer.close()
        if answer.status in (200, 404):
            return answer.status == 200
        raise refused(answer, f"blob {digest}")

    def blob(self, digest: Digest, offset: int = 0) -> tuple[Answer, int]:
        """Begin to fetch a blob from `offset`; return the answer and the offset that its body starts at.

        A registry that knows no ranges answers with the whole, and one that has less than that with nothing of it:
        both are offset 0.
        """
        headers = {"Range": f"bytes={offset}-"} if offset else {}
        answer = self.session.send("GET", self._url(f"blobs/{digest}"), [pull(self.name)], headers)
        if answer.status == 206:
            match = _CONTENT_RANGE.fullmatch(answer.header("Content-Range") or "")
            if match is not None and int(match[1]) == offset:
                return answer, offset
        if answer.status == 200:
            return answer, 0
        if offset and answer.status in (206, 416):
            answer.close()
            return self.blob(digest)
        raise refused(answer, f"blob {digest}")

    def begin(self, mount: Digest | None = None, origin: str | None = None) -> str | None:
        """Open an upload and return its location; None where the blob was mounted from `origin` instead."""
        query, access = "", [push(self.name)]
        if mount is not None and origin is not None:
            query = f"?mount={quote(str(mount), safe='')}&from={quote(origin, safe='')}"
            access.append(pull(origin))
        answer = self.session.send("POST", self._url(f"blobs/uploads/{query}"), access)
        if query and answer.status == 201:
            answer.close()
            return None
        if answer.status != 202:
            raise refused(answer, "upload")
        return self._location(answer)

    def append(self, location: str, body: Body, length: int, offset: int = 0) -> str:
        """Send bytes to an upload and return its next location; `offset` is how many it has."""
        headers = {"Content-Type": "application/octet-stream"}
        if offset:
            headers["Content-Range"] = f"{offset}-{offset + length - 1}"
        answer = self.session.send("PATCH", location, [push(self.name)], headers, body, length)
        if answer.status not in (202, 204):
            raise refused(answer, "upload")
        return self._location(answer)

    def received(self, location: str) -> tuple[str, int] | None:
        """Ask how many bytes an upload has; its location and their count, None where it is gone or has none.

        ``0-0`` is what registries say of one byte and of none, and is taken for none.
        """
        answer = self.session.send("GET", location, [push(self.name)])
        answer.close()
        match = _RANGE.fullmatch(answer.header("Range") or "")
        if answer.status not in (202, 204) or match is None:
            return None
        last = int(match[1])
        return (self._location(answer), last + 1) if last else None

    def finish(self, location: str, digest: Digest) -> None:
        """End an upload: its bytes are the blob of that digest.

        Raises
        ------
        TransferFailed
            With the code ``DIGEST_INVALID`` where they are not.
        """
        url = f"{location}{'&' if '?' in location else '?'}digest={quote(str(digest), safe='')}"
        headers = {"Content-Type": "application/octet-stream"}
        answer = self.session.send("PUT", url, [push(self.name)], headers)
        if answer.status not in (201, 204):
            raise refused(answer, "upload")
        answer.close()

    def put_manifest(self, target: str, raw: bytes, media_type: str) -> Digest | None:
        """Put a manifest under a tag or its digest; return the digest that the registry says it has."""
        body: Iterable[bytes] = (raw,)
        answer = self.session.send(
            "PUT", self._url(f"manifests/{target}"), [push(self.name)], {"Content-Type": media_type}, lambda: body,
            len(raw),
        )
        if answer.status not in (201, 202):
            raise refused(answer, f"manifest {target}")
        answer.close()
        return _digest(answer.header("Docker-Content-Digest"))

    def _location(self, answer: Answer) -> str:
        answer.close()
        place = answer.header("Location")
        if not place:
            raise TransferFailed("upload: the registry does not say where it goes on", status=answer.status)
        return joined(answer.url, place)


def _media_type(answer: Answer) -> str:
    return (answer.header("Content-Type") or "").partition(";")[0].strip().lower()


def _digest(text: str | None) -> Digest | None:
    try:
        return Digest.parse(text) if text else None
    except DigestInvalid:
        return None

"""Builders for tests of the registry: a client that speaks in whole requests, small images, and the table of claims.

A claim is a sentence of a specification with a function that holds a registry to it. It takes a `Client` over any
`send(Request) -> Response`, so the same table runs through `handle` and through HTTP.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sim.content.descriptor import (
    INDEX_TYPES,
    MANIFEST_TYPES,
    OCI_CONFIG,
    OCI_EMPTY,
    OCI_INDEX,
    OCI_LAYER,
    OCI_LAYER_GZIP,
    OCI_MANIFEST,
)
from sim.content.digest import Digest
from sim.registry.messages import Request, Response

Send = Callable[[Request], Response]
SBOM = "application/vnd.example.sbom.v1"


def noise(seed: object, size: int = 512) -> bytes:
    """Return bytes that are a pure function of `seed`."""
    return random.Random(repr(seed)).randbytes(size)


def described(raw: bytes, media_type: str, algorithm: str = "sha256", **rest: Any) -> dict[str, Any]:
    """Return the descriptor of bytes as JSON."""
    return {"mediaType": media_type, "digest": str(Digest.of(raw, algorithm)), "size": len(raw)} | rest


def compact(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()


def manifest(raw_config: bytes, /, *layers: bytes, algorithm: str = "sha256", **rest: Any) -> bytes:
    """Return an image's manifest; `rest` are further fields."""
    return compact({
        "schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": described(raw_config, OCI_CONFIG, algorithm),
        "layers": [described(layer, OCI_LAYER_GZIP, algorithm) for layer in layers],
    } | rest)


def artifact(kind: str | None, payload: bytes, **rest: Any) -> bytes:
    """Return the manifest of something that is no image."""
    return compact({
        "schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": described(b"{}", OCI_EMPTY),
        "layers": [described(payload, OCI_LAYER)],
    } | ({"artifactType": kind} if kind else {}) | rest)


def index(*manifests: bytes, algorithm: str = "sha256", **rest: Any) -> bytes:
    """Return an index of manifests."""
    return compact({
        "schemaVersion": 2, "mediaType": OCI_INDEX,
        "manifests": [described(one, json.loads(one)["mediaType"], algorithm) for one in manifests],
    } | rest)


@dataclass(frozen=True, slots=True)
class Client:
    """A client with a repository of its own.

    Attributes
    ----------
    send : callable
    repo : str
    """

    send: Send
    repo: str

    def __call__(self, method: str, target: str, body: bytes = b"", **headers: str) -> Response:
        """Send a request; a target without a slash before it is below the repository, an address loses its host."""
        target = re.sub(r"^https?://[^/]*", "", target)
        target = target if target.startswith("/") else f"/v2/{self.repo}/{target}"
        if method in ("GET", "HEAD") and "/manifests/" in target:
            headers.setdefault("Accept", ", ".join(sorted(MANIFEST_TYPES | INDEX_TYPES)))
        named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
        if body or method in ("POST", "PUT", "PATCH"):
            named = (*named, ("Content-Length", str(len(body)))) if "Transfer_Encoding" not in headers else named
        return self.send(Request(method, target, named, body))

    def at(self, suffix: str) -> Client:
        """Return a client of a sibling repository."""
        return Client(self.send, f"{self.repo}-{suffix}")

    def start(self) -> str:
        """Open an upload session; return its location."""
        return ok(self("POST", "blobs/uploads/"), 202, "Location")["Location"]

    def close(self, location: str, digest: Digest, body: bytes = b"", **headers: str) -> Response:
        """Close an upload session."""
        mark = "&" if "?" in location else "?"
        return self("PUT", f"{location}{mark}digest={digest}", body, **headers)

    def blob(self, raw: bytes, algorithm: str = "sha256") -> Digest:
        """Push a blob by POST and PUT."""
        digest = Digest.of(raw, algorithm)
        ok(self.close(self.start(), digest, raw), 201)
        return digest

    def manifest(self, raw: bytes, reference: str | None = None, algorithm: str = "sha256") -> Digest:
        """Push a manifest under a tag, or its digest; what it needs is there."""
        digest = Digest.of(raw, algorithm)
        ok(self.put(raw, reference or str(digest)), 201)
        return digest

    def put(self, raw: bytes, reference: str, kind: str | None = None) -> Response:
        """Ask for a manifest to be stored."""
        return self("PUT", f"manifests/{reference}", raw, Content_Type=kind or json.loads(raw)["mediaType"])

    def image(self, tag: str | None = None, seed: object = 0, layers: int = 2, **rest: Any) -> bytes:
        """Push an image; return its manifest."""
        config = compact({"architecture": "amd64", "os": "linux", "seed": str(seed)})
        parts = [noise((seed, number)) for number in range(layers)]
        for raw in (config, *parts):
            self.blob(raw)
        raw = manifest(config, *parts, **rest)
        self.manifest(raw, tag)
        return raw

    def about(self, subject: bytes, kind: str | None = SBOM, seed: object = 0, **rest: Any) -> bytes:
        """Push an artifact about another manifest; return its manifest."""
        payload = noise(("about", seed))
        self.blob(b"{}")
        self.blob(payload)
        raw = artifact(kind, payload, subject=described(subject, OCI_MANIFEST), **rest)
        self.manifest(raw)
        return raw


def ok(response: Response, status: int, *headers: str) -> dict[str, str]:
    """Assert a status and the headers that must be there; return those."""
    assert response.status == status, (response.status, response.headers, response.body)
    found = {name: response.header(name) for name in headers}
    assert all(value is not None for value in found.values()), found
    return {name: value or "" for name, value in found.items()}


def refused(response: Response, status: int, code: str) -> dict[str, Any]:
    """Assert a refusal with its code; return its first error."""
    assert response.status == status, (response.status, response.body)
    assert isinstance(response.body, bytes)
    errors = json.loads(response.body)["errors"]
    assert errors[0]["code"] == code
    assert all(set(error) <= {"code", "message", "detail"} for error in errors)
    first: dict[str, Any] = errors[0]
    return first


def document(response: Response) -> Any:
    """Return a response's JSON."""
    assert isinstance(response.body, bytes)
    return json.loads(response.body)


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence that a registry is held to.

    Attributes
    ----------
    level : str
        MUST, SHOULD or MAY of the distribution specification 1.1; ``docker`` for what its API adds.
    section : str
    says : str
    test : callable
    """

    level: str
    section: str
    says: str
    test: Callable[[Client], None]

    @property
    def name(self) -> str:
        """The test's name."""
        return self.test.__name__

    def hold(self, send: Send) -> None:
        """Hold a registry to it."""
        self.test(Client(send, f"claims/{self.name.replace('_', '-')}"))


CLAIMS: list[Claim] = []


def claim(level: str, section: str, says: str) -> Callable[[Callable[[Client], None]], Callable[[Client], None]]:
    """Put a function into the table."""

    def put(test: Callable[[Client], None]) -> Callable[[Client], None]:
        assert test.__name__ not in {one.name for one in CLAIMS}
        CLAIMS.append(Claim(level, section, says, test))
        return test

    return put

"""Descriptors, media types and canonical JSON.

A descriptor points at content: what it is, what its bytes hash to, how many there are (image-spec,
descriptor.md). Documents are JSON whose BYTES are named, so they are written in one canonical form
(no spaces, keys in code-point order, UTF-8) and read with limits, because what comes from outside is hostile
until parsed.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from ..errors import DocumentInvalid, LimitExceeded
from .digest import Digest

OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_CONFIG = "application/vnd.oci.image.config.v1+json"
OCI_LAYER = "application/vnd.oci.image.layer.v1.tar"
OCI_LAYER_GZIP = OCI_LAYER + "+gzip"
OCI_LAYER_ZSTD = OCI_LAYER + "+zstd"
OCI_NONDISTRIBUTABLE = "application/vnd.oci.image.layer.nondistributable.v1.tar"
OCI_EMPTY = "application/vnd.oci.empty.v1+json"
DOCKER_INDEX = "application/vnd.docker.distribution.manifest.list.v2+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json"
DOCKER_LAYER = "application/vnd.docker.image.rootfs.diff.tar"
DOCKER_LAYER_GZIP = DOCKER_LAYER + ".gzip"

INDEX_TYPES = frozenset({OCI_INDEX, DOCKER_INDEX})
MANIFEST_TYPES = frozenset({OCI_MANIFEST, DOCKER_MANIFEST})

MAX_DOCUMENT = 4 << 20
"""Bytes of a manifest, index or config that are read at most; registries refuse more than 4 MiB too."""
MAX_NESTING = 64
MAX_SIZE = (1 << 63) - 1


def canonical_json(value: object) -> bytes:
    """Return the one JSON form that we write: sorted keys, no spaces, UTF-8.

    Examples
    --------
    >>> canonical_json({"b": 1, "a": "ü"})
    b'{"a":"\\xc3\\xbc","b":1}'
    """
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", "surrogatepass")


def parse_json(raw: bytes, *, where: str, max_bytes: int = MAX_DOCUMENT) -> Any:
    """Parse a JSON document from outside.

    Raises
    ------
    LimitExceeded
        More than `max_bytes` bytes, or nested deeper than `MAX_NESTING`.
    DocumentInvalid
        Not UTF-8, not JSON, a key given twice, NaN or Infinity.
    """
    if len(raw) > max_bytes:
        raise LimitExceeded(f"a JSON document of {len(raw)} bytes, {max_bytes} are allowed", where=where)
    _check_nesting(raw, where)
    try:
        return json.loads(raw.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_refuse)
    except UnicodeDecodeError as error:
        raise DocumentInvalid(f"not UTF-8 at byte {error.start}", where=where) from None
    except RecursionError:
        raise LimitExceeded("JSON nested too deeply", where=where) from None
    except ValueError as error:
        raise DocumentInvalid(f"not JSON: {error}", where=where) from None


def _check_nesting(raw: bytes, where: str) -> None:
    # Only nesting beyond the bound costs a scan: below it, the brackets in the whole text are few.
    if raw.count(b"[") + raw.count(b"{") <= MAX_NESTING:
        return
    depth = 0
    in_string = escaped = False
    for byte in raw:
        if in_string:
            if escaped:
                escaped = False
            elif byte == 0x5C:
                escaped = True
            elif byte == 0x22:
                in_string = False
        elif byte == 0x22:
            in_string = True
        elif byte in b"[{":
            depth += 1
            if depth > MAX_NESTING:
                raise LimitExceeded(f"JSON nested deeper than {MAX_NESTING}", where=where)
        elif byte in b"]}":
            depth -= 1


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key {twice[:80]!r} is given twice")
    return result


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


_NO_ANNOTATIONS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Platform:
    """``os/architecture[/variant]`` (image-spec, image-index.md)."""

    os: str
    architecture: str
    variant: str | None = None
    os_version: str | None = None

    @classmethod
    def parse(cls, text: str) -> Platform:
        """Read ``linux/arm64/v8``; `DocumentInvalid` otherwise."""
        parts = text.split("/")
        if not 2 <= len(parts) <= 3 or not all(parts):
            raise DocumentInvalid(f"{text[:80]!r} is no platform", hint="write OS/ARCH or OS/ARCH/VARIANT")
        return cls(*parts)

    def __str__(self) -> str:
        return "/".join(part for part in (self.os, self.architecture, self.variant) if part)


@dataclass(frozen=True, slots=True)
class Descriptor:
    """Points at content by media type, digest and size in bytes (image-spec, descriptor.md)."""

    media_type: str
    digest: Digest
    size: int
    annotations: Mapping[str, str] = field(default_factory=lambda: _NO_ANNOTATIONS, hash=False)
    platform: Platform | None = None
    artifact_type: str | None = None
    data: bytes | None = None
    urls: tuple[str, ...] = ()

    @classmethod
    def of(cls, raw: bytes, media_type: str, **rest: Any) -> Descriptor:
        """Describe bytes at hand."""
        return cls(media_type, Digest.of(raw), len(raw), **rest)

    @classmethod
    def from_json(cls, value: object, *, where: str, name: str = "descriptor") -> Descriptor:
        """Read a descriptor out of a document; `DocumentInvalid` names the field at fault."""
        at = Fields(value, where, name)
        size = at.integer("size")
        return cls(
            at.text("mediaType"), Digest.parse(at.text("digest")), size,
            MappingProxyType(at.texts("annotations")) if at.has("annotations") else _NO_ANNOTATIONS,
            _platform(at.below("platform")) if at.has("platform") else None,
            at.text("artifactType") if at.has("artifactType") else None,
            _embedded(at) if at.has("data") else None,
            tuple(at.strings("urls")) if at.has("urls") else (),
        )

    def to_json(self) -> dict[str, Any]:
        """Return the document's form; absent fields are left out."""
        out: dict[str, Any] = {"mediaType": self.media_type, "digest": str(self.digest), "size": self.size}
        if self.annotations:
            out["annotations"] = dict(self.annotations)
        if self.platform is not None:
            out["platform"] = platform_json(self.platform)
        if self.artifact_type is not None:
            out["artifactType"] = self.artifact_type
        if self.data is not None:
            out["data"] = base64.b64encode(self.data).decode("ascii")
        if self.urls:
            out["urls"] = list(self.urls)
        return out


def platform_json(platform: Platform) -> dict[str, str]:
    """Return the document's form of a platform."""
    out = {"os": platform.os, "architecture": platform.architecture}
    if platform.variant:
        out["variant"] = platform.variant
    if platform.os_version:
        out["os.version"] = platform.os_version
    return out


def _platform(at: Fields) -> Platform:
    return Platform(
        at.text("os"), at.text("architecture"),
        at.text("variant") if at.has("variant") else None,
        at.text("os.version") if at.has("os.version") else None,
    )


def _embedded(at: Fields) -> bytes:
    try:
        return base64.b64decode(at.text("data"), validate=True)
    except (binascii.Error, ValueError):
        raise at.wrong("data", "not base64") from None


class Fields:
    """Typed access to a parsed JSON object; each error names the document and the field.

    Parameters
    ----------
    value : object
        What the document holds at this place; must be an object.
    where : str
        The document, for messages.
    name : str
        The dotted path of this place inside the document.
    """

    def __init__(self, value: object, where: str, name: str) -> None:
        self._where = where
        self._name = name
        if not isinstance(value, dict):
            raise DocumentInvalid("should be an object", where=where, field=name)
        self.value: dict[str, Any] = value

    def wrong(self, key: str, what: str) -> DocumentInvalid:
        """Return the error that says `what` is wrong with the field `key`."""
        return DocumentInvalid(what, where=self._where, field=f"{self._name}.{key}")

    def has(self, key: str) -> bool:
        """Tell whether the field is there and not null (Go writers print null for empty)."""
        return self.value.get(key) is not None

    def text(self, key: str) -> str:
        """Return a string field."""
        found = self.value.get(key)
        if not isinstance(found, str):
            raise self.wrong(key, "should be a string" if key in self.value else "is missing")
        return found

    def integer(self, key: str) -> int:
        """Return a field that is a whole number from 0 to 2^63 - 1."""
        found = self.value.get(key)
        if not isinstance(found, int) or isinstance(found, bool) or not 0 <= found <= MAX_SIZE:
            raise self.wrong(key, "should be a whole number from 0" if key in self.value else "is missing")
        return found

    def items(self, key: str) -> list[Any]:
        """Return a list field; absent or null is empty."""
        found = self.value.get(key)
        if found is None:
            return []
        if not isinstance(found, list):
            raise self.wrong(key, "should be a list")
        return found

    def strings(self, key: str) -> list[str]:
        """Return a list of strings; absent or null is empty."""
        found = self.items(key)
        if not all(isinstance(item, str) for item in found):
            raise self.wrong(key, "should be a list of strings")
        return found

    def texts(self, key: str) -> dict[str, str]:
        """Return a map of strings to strings; absent or null is empty."""
        found = self.value.get(key) or {}
        if not isinstance(found, dict) or not all(isinstance(item, str) for item in found.values()):
            raise self.wrong(key, "should be a map of strings")
        return found

    def below(self, key: str) -> Fields:
        """Return the object at `key` with the same care."""
        return Fields(self.value.get(key), self._where, f"{self._name}.{key}")

    def path(self, key: str) -> str:
        """Return the dotted path of a field, for messages."""
        return f"{self._name}.{key}"

"""Manifests and indexes: which blobs make an image, which images make a set (image-spec, manifest.md,
image-index.md; docker's schema 2 is the same under older names).

    index --manifests--> manifest (linux/amd64) --config--> config
                     |                          --layers--> layer, layer, ...     base first
                     +-> manifest (linux/arm64) ...
                     +-> another index ...

What a document is, is said two or three times: by the descriptor that led to it, by its `mediaType` field,
by its shape. Where these differ two readers may see two different images in the same bytes (CVE-2021-41190),
so a document that is not what it says is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from ..content.descriptor import (
    INDEX_TYPES,
    MANIFEST_TYPES,
    OCI_INDEX,
    OCI_MANIFEST,
    Descriptor,
    Fields,
    parse_json,
)
from ..errors import DigestInvalid, DocumentInvalid, LimitExceeded, Unsupported
from .document import NOTHING, Document, present, unknown

MAX_DESCRIPTORS = 10_000
"""Layers of a manifest or manifests of an index that are read at most."""

_SCHEMA1 = "application/vnd.docker.distribution.manifest.v1"
_COMMON = ("schemaVersion", "mediaType", "annotations", "subject", "artifactType")


@dataclass(frozen=True, slots=True)
class Manifest(Document):
    """One image: its config and its layers.

    Attributes
    ----------
    config : Descriptor
    layers : tuple of Descriptor
        Base first.
    annotations : mapping of str to str
    subject : Descriptor or None
        The manifest that this one is about (a signature, an SBOM).
    artifact_type : str or None
    media_type : str
    extra : mapping
        Further fields as they were read.
    """

    config: Descriptor
    layers: tuple[Descriptor, ...] = ()
    annotations: Mapping[str, str] = field(default_factory=lambda: NOTHING, hash=False)
    subject: Descriptor | None = None
    artifact_type: str | None = None
    media_type: str = OCI_MANIFEST
    extra: Mapping[str, Any] = field(default_factory=lambda: NOTHING, hash=False)

    @classmethod
    def parse(cls, raw: bytes, *, where: str, media_type: str | None = None) -> Manifest:
        """Read a manifest and keep its bytes.

        Parameters
        ----------
        raw : bytes
        where : str
            What is read, for messages.
        media_type : str, optional
            What the descriptor or the HTTP header says that it is.

        Raises
        ------
        DocumentInvalid
            Not a manifest, or not what it says it is.
        LimitExceeded
            More bytes, nesting or layers than allowed.
        Unsupported
            Docker's schema 1.
        """
        found = parse_document(raw, where=where, media_type=media_type)
        if not isinstance(found, Manifest):
            raise DocumentInvalid("this is an index, where a manifest is wanted", where=where)
        return found

    def to_json(self) -> dict[str, Any]:
        """Return the document's form; absent fields are left out."""
        return dict(self.extra) | {
            "schemaVersion": 2, "mediaType": self.media_type, "config": self.config.to_json(),
            "layers": [layer.to_json() for layer in self.layers],
        } | _common_json(self)


@dataclass(frozen=True, slots=True)
class Index(Document):
    """Several images, usually one a platform.

    Attributes
    ----------
    manifests : tuple of Descriptor
        Of manifests, or of further indexes, with their platforms.
    annotations, subject, artifact_type, media_type, extra
        As in `Manifest`.
    """

    manifests: tuple[Descriptor, ...] = ()
    annotations: Mapping[str, str] = field(default_factory=lambda: NOTHING, hash=False)
    subject: Descriptor | None = None
    artifact_type: str | None = None
    media_type: str = OCI_INDEX
    extra: Mapping[str, Any] = field(default_factory=lambda: NOTHING, hash=False)

    @classmethod
    def parse(cls, raw: bytes, *, where: str, media_type: str | None = None) -> Index:
        """Read an index and keep its bytes; errors as in `Manifest.parse`."""
        found = parse_document(raw, where=where, media_type=media_type)
        if not isinstance(found, Index):
            raise DocumentInvalid("this is a manifest, where an index is wanted", where=where)
        return found

    def to_json(self) -> dict[str, Any]:
        """Return the document's form; absent fields are left out."""
        return dict(self.extra) | {
            "schemaVersion": 2, "mediaType": self.media_type,
            "manifests": [manifest.to_json() for manifest in self.manifests],
        } | _common_json(self)


def parse_document(raw: bytes, *, where: str, media_type: str | None = None) -> Manifest | Index:
    """Read a manifest or an index, whichever it is; parameters and errors as in `Manifest.parse`."""
    at = Fields(parse_json(raw, where=where), where, "manifest")
    kind = _kind(at, where, media_type)
    found = _index(at, where, kind) if kind in INDEX_TYPES else _manifest(at, where, kind)
    found._keep(raw)
    return found


def _kind(at: Fields, where: str, told: str | None) -> str:
    """Decide what the document is: field, descriptor and shape must agree."""
    said = at.text("mediaType") if at.has("mediaType") else None
    if at.value.get("schemaVersion") == 1 or any((kind or "").startswith(_SCHEMA1) for kind in (said, told)):
        raise Unsupported(
            "a manifest of docker's schema 1, which has no DiffIDs", where=where,
            hint="pull and push the image again with any docker since 1.10",
        )
    if at.integer("schemaVersion") != 2:
        raise at.wrong("schemaVersion", "should be 2")
    if said is not None and told is not None and said != told:
        raise DocumentInvalid(f"not what it says: the field says {said[:80]}, its descriptor {told[:80]}",
                              where=where, field=at.path("mediaType"))
    shape = _shape(at, where)
    kind = said or told or (OCI_INDEX if shape == "index" else OCI_MANIFEST)
    if kind not in MANIFEST_TYPES | INDEX_TYPES:
        raise DocumentInvalid(f"{kind[:80]!r} is no media type of a manifest or an index", where=where)
    if (kind in INDEX_TYPES) != (shape == "index"):
        raise DocumentInvalid(f"not what it says: its type is {kind}, its fields are another's", where=where)
    return kind


def _shape(at: Fields, where: str) -> str:
    # "manifests" beside "config" or "layers" reads as an index to one client and as an image to another.
    as_index, as_manifest = "manifests" in at.value, "config" in at.value or "layers" in at.value
    if as_index and as_manifest:
        raise DocumentInvalid("not what it says: it is a manifest and an index at once", where=where)
    if not as_index and not as_manifest:
        raise DocumentInvalid("neither a manifest (no config) nor an index (no manifests)", where=where)
    return "index" if as_index else "manifest"


def _manifest(at: Fields, where: str, kind: str) -> Manifest:
    config = _descriptor(at.value.get("config"), where, at.path("config"))
    return Manifest(
        config, _descriptors(at, where, "layers"), MappingProxyType(at.texts("annotations")),
        _subject(at, where), at.text("artifactType") if at.has("artifactType") else None, kind,
        unknown(at.value, (*_COMMON, "config", "layers")),
    )


def _index(at: Fields, where: str, kind: str) -> Index:
    return Index(
        _descriptors(at, where, "manifests"), MappingProxyType(at.texts("annotations")), _subject(at, where),
        at.text("artifactType") if at.has("artifactType") else None, kind,
        unknown(at.value, (*_COMMON, "manifests")),
    )


def _subject(at: Fields, where: str) -> Descriptor | None:
    return _descriptor(at.value["subject"], where, at.path("subject")) if at.has("subject") else None


def _descriptors(at: Fields, where: str, key: str) -> tuple[Descriptor, ...]:
    found = at.items(key)
    if len(found) > MAX_DESCRIPTORS:
        raise LimitExceeded(f"{len(found)} {key}, {MAX_DESCRIPTORS} are allowed", where=where)
    return tuple(_descriptor(item, where, f"{at.path(key)}[{i}]") for i, item in enumerate(found))


def _descriptor(value: object, where: str, name: str) -> Descriptor:
    try:
        return Descriptor.from_json(value, where=where, name=name)
    except DigestInvalid as error:
        raise DocumentInvalid(error.what, where=where, field=f"{name}.digest", hint=error.hint) from None


def _common_json(document: Manifest | Index) -> dict[str, Any]:
    return present(
        annotations=dict(document.annotations), artifactType=document.artifact_type,
        subject=document.subject and document.subject.to_json(),
    )

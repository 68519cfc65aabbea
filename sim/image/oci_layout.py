"""OCI image layouts, in a folder or a tar (image-spec, image-layout.md); docker save writes one since 25.

    oci-layout                      the version
    index.json                      -> manifests and indexes, with tags and platforms
    blobs/sha256/<hex>              manifests, configs, layers alike
"""

from __future__ import annotations

from collections.abc import Iterator

from ..content.descriptor import (
    DOCKER_CONFIG,
    INDEX_TYPES,
    MANIFEST_TYPES,
    OCI_CONFIG,
    Descriptor,
    Platform,
)
from ..content.digest import Digest
from ..content.store import INDEX_FILE, LAYOUT_FILE, blob_name, check_layout
from ..errors import BlobMissing, LimitExceeded, Unsupported
from .choose import Choice
from .config import ImageConfig
from .manifest import MAX_DESCRIPTORS, Index, Manifest
from .outer import Outer
from .outline import Outline, Report, Stored, check_counts, fail, verified_document

REF_NAME = "org.opencontainers.image.ref.name"
CONTAINERD_NAME = "io.containerd.image.name"
ATTESTATION = "vnd.docker.reference.type"
MAX_DEPTH = 8
"""Indexes within indexes; one is usual, two occur."""


class OciLayout:
    """An image layout.

    Attributes
    ----------
    outer : Outer
    choices : tuple of Choice
        All manifests that the index leads to.
    """

    def __init__(self, outer: Outer) -> None:
        self.outer = outer
        check_layout(outer.read(LAYOUT_FILE), where=outer.at(LAYOUT_FILE))
        index = Index.parse(outer.read(INDEX_FILE), where=outer.at(INDEX_FILE))
        self._manifests: list[Descriptor] = []
        self.choices = tuple(self._walk(index, (), (), 0))

    def _walk(
        self, index: Index, names: tuple[str, ...], above: tuple[Digest, ...], depth: int
    ) -> Iterator[Choice]:
        for descriptor in index.manifests:
            own = _names(descriptor) or names
            member = blob_name(descriptor.digest)
            if descriptor.media_type in INDEX_TYPES and self.outer.size(member) is not None:
                if depth == MAX_DEPTH:
                    raise LimitExceeded(f"indexes nested deeper than {MAX_DEPTH}", where=self.outer.where)
                raw = verified_document(self.outer, member, descriptor, fail)
                below = Index.parse(raw, where=self.outer.at(member), media_type=descriptor.media_type)
                yield from self._walk(below, own, (*above, descriptor.digest), depth + 1)
            elif descriptor.media_type in MANIFEST_TYPES | INDEX_TYPES:
                yield self._choice(descriptor, own, above)

    def _choice(self, descriptor: Descriptor, names: tuple[str, ...], above: tuple[Digest, ...]) -> Choice:
        # Nested indexes that share their children would multiply them.
        if len(self._manifests) == MAX_DESCRIPTORS:
            raise LimitExceeded(f"more than {MAX_DESCRIPTORS} manifests", where=self.outer.where)
        self._manifests.append(descriptor)
        return Choice(
            len(self._manifests) - 1, descriptor.digest, names, descriptor.platform, above,
            self.outer.size(blob_name(descriptor.digest)) is not None,
            descriptor.artifact_type is None and ATTESTATION not in descriptor.annotations,
        )

    def platform_of(self, choice: Choice) -> Platform | None:
        """Read the platform that an image's config states; None for an artifact, which has none."""
        try:
            return self.outline(choice).config.platform
        except Unsupported:
            return None

    def outline(self, choice: Choice, report: Report = fail) -> Outline:
        """Read an image's documents; what does not match its descriptor goes to `report`.

        Raises
        ------
        BadInput
            What cannot be read at all.
        """
        descriptor = self._manifests[choice.number]
        member = blob_name(descriptor.digest)
        raw = verified_document(self.outer, member, descriptor, report)
        manifest = Manifest.parse(raw, where=self.outer.at(member), media_type=descriptor.media_type)
        if manifest.config.media_type not in (OCI_CONFIG, DOCKER_CONFIG):
            raise Unsupported(
                f"no image: an artifact, {(manifest.artifact_type or manifest.config.media_type)[:80]}",
                where=self.outer.at(member),
            )
        member = blob_name(manifest.config.digest)
        config = ImageConfig.parse(
            verified_document(self.outer, member, manifest.config, report), where=self.outer.at(member)
        )
        check_counts(config, len(manifest.layers), self.outer.at(member), report)
        layers = tuple(self._stored(i, layer, report) for i, layer in enumerate(manifest.layers, 1))
        name = choice.names[0] if choice.names else ""
        return Outline(name, manifest, descriptor, config, manifest.config, layers, self.outer)

    def _stored(self, number: int, layer: Descriptor, report: Report) -> Stored:
        where = f"{self.outer.where}, layer {number} ({layer.digest.algorithm}:{layer.digest.short})"
        if self.outer.size(blob_name(layer.digest)) is None:
            report(BlobMissing(layer.digest, where=where))
        return Stored(blob_name(layer.digest), layer, where)


def _names(descriptor: Descriptor) -> tuple[str, ...]:
    # docker writes both, the full name and the tag; the full name is listed first.
    found = (descriptor.annotations.get(key) for key in (CONTAINERD_NAME, REF_NAME))
    return tuple(name for name in found if name)

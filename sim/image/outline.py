"""Outlines: an image whose documents were read and checked, and whose layers were not yet.

Both kinds of archives lead here; from here on there is one way to read an image.

    docker save   manifest.json -> config, layer tars          \\
    OCI layout    index.json -> manifest -> config, layer blobs  >  Outline  -- read -->  Image
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from ..content.descriptor import Descriptor, Platform
from ..content.digest import Digest
from ..errors import BlobMissing, DigestMismatch, DocumentInvalid, SimError, SizeMismatch
from .choose import Choice
from .config import ImageConfig
from .manifest import Manifest
from .outer import Outer, Span

Report = Callable[[SimError], None]
"""Told of each mismatch. `fail` stops at the first; `validate` notes it and goes on."""


def fail(error: SimError) -> None:
    """Raise: the report of those who want a whole image or none."""
    raise error


@dataclass(frozen=True, slots=True)
class Stored:
    """A layer's blob where it is stored.

    Attributes
    ----------
    member : str
        The file's name in the archive.
    descriptor : Descriptor or None
        What the manifest says of it; None where there is no manifest.
    where : str
        The layer, for messages.
    """

    member: str
    descriptor: Descriptor | None
    where: str


@dataclass(frozen=True, slots=True)
class Outline:
    """An image before its layers are read; attributes as in `Image`, layers base first."""

    name: str
    manifest: Manifest | None
    manifest_descriptor: Descriptor | None
    config: ImageConfig
    config_descriptor: Descriptor
    layers: tuple[Stored, ...]
    outer: Outer


class Archive(Protocol):
    """An archive of either kind."""

    outer: Outer
    choices: tuple[Choice, ...]

    def platform_of(self, choice: Choice) -> Platform | None:
        """Read the platform that an image's config states; None for what is no image."""

    def outline(self, choice: Choice, report: Report = fail) -> Outline:
        """Read an image's documents."""


@dataclass(frozen=True, slots=True)
class ArchiveBlobs:
    """Reads an archive's blobs again, by digest."""

    outer: Outer
    members: Mapping[Digest, str]

    def chunks(self, digest: Digest) -> Iterator[bytes]:
        """Yield a blob's stored bytes; `BlobMissing` where the image has none of that digest."""
        return self.outer.chunks(self._member(digest))

    def span(self, digest: Digest) -> Span | None:
        """Return where a blob's stored bytes lie (see `Outer.span`); errors as in `chunks`."""
        return self.outer.span(self._member(digest))

    def _member(self, digest: Digest) -> str:
        member = self.members.get(digest)
        if member is None:
            raise BlobMissing(digest, where=self.outer.where)
        return member


def verified_document(outer: Outer, member: str, descriptor: Descriptor, report: Report) -> bytes:
    """Return a document that a descriptor points at; size and digest are checked."""
    where = outer.at(member)
    if outer.size(member) is None:
        raise BlobMissing(descriptor.digest, where=outer.where)
    raw = outer.read(member)
    if len(raw) != descriptor.size:
        report(SizeMismatch(descriptor.size, len(raw), where=where))
    found = Digest.of(raw, descriptor.digest.algorithm)
    if found != descriptor.digest:
        report(DigestMismatch(descriptor.digest, found, where=where))
    return raw


def check_counts(config: ImageConfig, layers: int, where: str, report: Report) -> None:
    """Report where the config tells of more or fewer layers than there are."""
    if len(config.diff_ids) != layers:
        report(DocumentInvalid(
            f"{len(config.diff_ids)} DiffIDs, but the image has {layers} layers",
            where=where, field="config.rootfs.diff_ids", hint="export the image again",
        ))

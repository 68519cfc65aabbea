"""Changes: what happens to a registry, as values. `state.apply` performs them, `journal` writes them down.

    UploadStarted  UploadMoved  UploadEnded       sessions; a restart finds them by the files of their bytes
    RepositoryMade                                a repository exists; any change inside it makes it too
    BlobLinked     BlobUnlinked                   a repository holds a blob, or no more
    ManifestStored ManifestRemoved                a removal takes the tags that point to it along
    TagSet         TagRemoved
"""

from __future__ import annotations

from dataclasses import dataclass

from ..content.descriptor import Descriptor
from ..content.digest import Digest


@dataclass(frozen=True, slots=True)
class Held:
    """A blob in a repository: its size in bytes, and since when (seconds since 1970) it is there."""

    size: int
    since: float


@dataclass(frozen=True, slots=True)
class ManifestRecord:
    """A manifest or an index in a repository.

    Attributes
    ----------
    descriptor : Descriptor
        Media type, digest, size; the annotations of one with a subject, which a list of referrers repeats.
    links : tuple of Digest
        What it names: config and layers, or manifests.
    subject : Digest or None
        The manifest that it is about.
    """

    descriptor: Descriptor
    links: tuple[Digest, ...] = ()
    subject: Digest | None = None

    @property
    def digest(self) -> Digest:
        """The digest of its bytes."""
        return self.descriptor.digest


@dataclass(frozen=True, slots=True)
class Upload:
    """An upload session.

    Attributes
    ----------
    id : str
        A UUID.
    repository : str
    started : float
        Seconds since 1970.
    offset : int
        Bytes that have arrived.
    """

    id: str
    repository: str
    started: float
    offset: int = 0


@dataclass(frozen=True, slots=True)
class UploadStarted:
    """A session begins."""

    upload: Upload


@dataclass(frozen=True, slots=True)
class UploadMoved:
    """A session has `offset` bytes now."""

    id: str
    offset: int


@dataclass(frozen=True, slots=True)
class UploadEnded:
    """A session is finished or given up."""

    id: str


@dataclass(frozen=True, slots=True)
class RepositoryMade:
    """A repository exists, if it did not."""

    repository: str


@dataclass(frozen=True, slots=True)
class BlobLinked:
    """A repository holds a blob."""

    repository: str
    digest: Digest
    size: int
    since: float


@dataclass(frozen=True, slots=True)
class BlobUnlinked:
    """A repository holds a blob no more."""

    repository: str
    digest: Digest


@dataclass(frozen=True, slots=True)
class ManifestStored:
    """A repository holds a manifest."""

    repository: str
    record: ManifestRecord


@dataclass(frozen=True, slots=True)
class ManifestRemoved:
    """A repository holds a manifest no more, nor a tag that points to it."""

    repository: str
    digest: Digest


@dataclass(frozen=True, slots=True)
class TagSet:
    """A tag points to a manifest."""

    repository: str
    tag: str
    digest: Digest


@dataclass(frozen=True, slots=True)
class TagRemoved:
    """A tag is gone."""

    repository: str
    tag: str


Change = (
    UploadStarted | UploadMoved | UploadEnded | RepositoryMade | BlobLinked | BlobUnlinked | ManifestStored
    | ManifestRemoved | TagSet | TagRemoved
)
Changes = tuple[Change, ...]

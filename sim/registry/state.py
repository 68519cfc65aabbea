"""What a registry knows, as one frozen value; the bytes lie beside it.

    Registry
    +- policy                       what is allowed
    +- repositories  name ->  Repository
    |                         +- manifests  digest -> ManifestRecord (media type, size, links, subject)
    |                         +- tags       tag -> digest
    |                         +- blobs      digest -> Held (size, since when)
    |                         +- referrers  subject -> digests of the manifests about it
    +- uploads       id ->    Upload (repository, offset)

A blob is stored once however many repositories hold it, and can be fetched only through one that does: that is what
makes a cross-repository mount a change of names and no transfer. A change is a value too (`changes`), and a change
copies the maps of the one repository that it touches.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, TypeVar

from ..content.descriptor import MAX_DOCUMENT, Descriptor
from ..content.digest import Digest
from .auth import Challenge
from .changes import (
    BlobLinked,
    BlobUnlinked,
    Change,
    Changes,
    Held,
    ManifestRecord,
    ManifestRemoved,
    ManifestStored,
    RepositoryMade,
    TagRemoved,
    TagSet,
    Upload,
    UploadEnded,
    UploadMoved,
    UploadStarted,
)

_NONE: Mapping[Any, Any] = MappingProxyType({})
K = TypeVar("K")
V = TypeVar("V")


def _none() -> Mapping[Any, Any]:
    return _NONE


@dataclass(frozen=True, slots=True)
class Policy:
    """What a registry allows.

    Attributes
    ----------
    delete : bool
        Whether tags, manifests and blobs may be deleted.
    read_only : bool
        Whether nothing may be changed at all.
    challenge : Challenge or None
        How a caller without the rights is asked to prove them; None where everybody may do everything.
    max_blob : int
        Bytes of one blob.
    max_manifest : int
        Bytes of one manifest; the specification wants at least 4 MiB.
    max_uploads : int
        Unfinished upload sessions at one time.
    """

    delete: bool = True
    read_only: bool = False
    challenge: Challenge | None = None
    max_blob: int = 64 << 30
    max_manifest: int = MAX_DOCUMENT
    max_uploads: int = 10_000


@dataclass(frozen=True, slots=True)
class Repository:
    """A collection of manifests, tags and blobs under one name. Its maps are never changed."""

    manifests: Mapping[Digest, ManifestRecord] = field(default_factory=_none, hash=False)
    tags: Mapping[str, Digest] = field(default_factory=_none, hash=False)
    blobs: Mapping[Digest, Held] = field(default_factory=_none, hash=False)
    referrers: Mapping[Digest, tuple[Digest, ...]] = field(default_factory=_none, hash=False)  # sorted

    def find(self, reference: str | Digest) -> ManifestRecord | None:
        """Return the manifest that a tag or a digest names."""
        digest = reference if isinstance(reference, Digest) else self.tags.get(reference)
        return None if digest is None else self.manifests.get(digest)

    def about(self, subject: Digest) -> tuple[Descriptor, ...]:
        """Return the descriptors of the manifests about `subject`, in the order of their digests."""
        return tuple(self.manifests[digest].descriptor for digest in self.referrers.get(subject, ()))


@dataclass(frozen=True, slots=True)
class Registry:
    """All that a registry knows. Its maps are never changed."""

    policy: Policy = Policy()
    repositories: Mapping[str, Repository] = field(default_factory=_none, hash=False)
    uploads: Mapping[str, Upload] = field(default_factory=_none, hash=False)


def apply(state: Registry, changes: Iterable[Change]) -> Registry:
    """Return the registry after the changes, in their order.

    Examples
    --------
    >>> blob = Digest.of(b"hello")
    >>> after = apply(Registry(), [BlobLinked("library/hello", blob, 5, 0.0)])
    >>> after.repositories["library/hello"].blobs[blob].size
    5
    """
    draft = _Draft(state)
    for change in changes:
        draft.apply(change)
    return draft.frozen()


def snapshot(state: Registry) -> Changes:
    """Return changes that make the same repositories of an empty registry.

    Examples
    --------
    >>> made = apply(Registry(), [BlobLinked("a", Digest.of(b"x"), 1, 0.0), BlobLinked("b", Digest.of(b"y"), 1, 0.0)])
    >>> apply(Registry(), snapshot(made)) == made
    True
    """
    found: list[Change] = []
    for name, repository in state.repositories.items():
        found.append(RepositoryMade(name))
        found.extend(BlobLinked(name, digest, held.size, held.since) for digest, held in repository.blobs.items())
        found.extend(ManifestStored(name, record) for record in repository.manifests.values())
        found.extend(TagSet(name, tag, digest) for tag, digest in repository.tags.items())
    return tuple(found)


class _Draft:
    """A registry in the making: it copies a map the first time that it is changed, and owns the copy."""

    def __init__(self, state: Registry) -> None:
        self._state = state
        self._uploads: dict[str, Upload] | None = None
        self._repositories: dict[str, _Maps] = {}

    def frozen(self) -> Registry:
        made = {name: maps.frozen() for name, maps in self._repositories.items()}
        return replace(
            self._state,
            repositories={**self._state.repositories, **made} if made else self._state.repositories,
            uploads=self._state.uploads if self._uploads is None else self._uploads,
        )

    def apply(self, change: Change) -> None:
        match change:
            case UploadStarted() | UploadMoved() | UploadEnded():
                self._upload(change)
            case RepositoryMade(name):
                self._maps(name)
            case TagSet(name, tag, digest):
                self._maps(name).tags[tag] = digest
            case TagRemoved(name, tag):
                self._maps(name).tags.pop(tag, None)
            case BlobLinked(name, digest, size, since):
                # Pushed once more, a blob is young again, and safe from a collection.
                self._maps(name).blobs[digest] = Held(size, since)
            case BlobUnlinked(name, digest):
                self._maps(name).blobs.pop(digest, None)
            case ManifestStored(name, record):
                self._maps(name).store(record)
            case ManifestRemoved(name, digest):
                self._maps(name).remove(digest)

    def _upload(self, change: UploadStarted | UploadMoved | UploadEnded) -> None:
        if self._uploads is None:
            self._uploads = dict(self._state.uploads)
        match change:
            case UploadStarted(upload):
                self._uploads[upload.id] = upload
            case UploadMoved(id, offset):
                self._uploads[id] = replace(self._uploads[id], offset=offset)
            case UploadEnded(id):
                self._uploads.pop(id, None)

    def _maps(self, name: str) -> _Maps:
        if name not in self._repositories:
            self._repositories[name] = _Maps(self._state.repositories.get(name, Repository()))
        return self._repositories[name]


class _Maps:
    """One repository's maps, each copied when it is first asked for."""

    def __init__(self, repository: Repository) -> None:
        self._from = repository
        self._owned: dict[str, dict[Any, Any]] = {}

    def frozen(self) -> Repository:
        return replace(self._from, **self._owned)

    def _own(self, field: str, held: Mapping[K, V]) -> dict[K, V]:
        if field not in self._owned:
            self._owned[field] = dict(held)
        return self._owned[field]

    @property
    def manifests(self) -> dict[Digest, ManifestRecord]:
        return self._own("manifests", self._from.manifests)

    @property
    def tags(self) -> dict[str, Digest]:
        return self._own("tags", self._from.tags)

    @property
    def blobs(self) -> dict[Digest, Held]:
        return self._own("blobs", self._from.blobs)

    @property
    def referrers(self) -> dict[Digest, tuple[Digest, ...]]:
        return self._own("referrers", self._from.referrers)

    def store(self, record: ManifestRecord) -> None:
        """Put a manifest; what it is about is found again by its subject."""
        self.manifests[record.digest] = record
        if record.subject is not None:
            known = self.referrers.get(record.subject, ())
            if record.digest not in known:
                self.referrers[record.subject] = tuple(sorted((*known, record.digest)))

    def remove(self, digest: Digest) -> None:
        """Take a manifest out, with the tags that point to it."""
        record = self.manifests.pop(digest, None)
        for tag in [tag for tag, target in self.tags.items() if target == digest]:
            del self.tags[tag]
        if record is not None and record.subject is not None:
            left = tuple(other for other in self.referrers[record.subject] if other != digest)
            if left:
                self.referrers[record.subject] = left
            else:
                del self.referrers[record.subject]

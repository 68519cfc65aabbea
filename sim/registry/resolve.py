"""From a tag to one manifest, by way of indexes.

    HEAD manifests/1.0  ->  its digest; where the store has that already, nothing is fetched
    GET manifests/DIGEST  ->  a manifest: done
                          ->  an index: choose by platform, and again with what was chosen

The choice depends on the words alone, never on this machine: of several platforms one must be named.
"""

from __future__ import annotations

from ..content.descriptor import INDEX_TYPES, MANIFEST_TYPES, MAX_DOCUMENT, Descriptor, Platform
from ..content.digest import Digest
from ..content.store import LayoutStore
from ..errors import LimitExceeded
from ..image.choose import Choice, pick
from ..image.config import ImageConfig
from ..image.manifest import Index, Manifest, parse_document
from ..image.oci_layout import ATTESTATION, MAX_DEPTH
from .remote import Remote


def resolve(
    remote: Remote, store: LayoutStore, platform: Platform | None
) -> tuple[Manifest, Descriptor, bytes]:
    """Return the one manifest that is meant, its descriptor and its bytes, from the store where that has it.

    Raises
    ------
    TransferFailed
        The registry has no such manifest, or does not give it.
    Ambiguous
        There are several platforms and none is named.
    """
    target: str | Digest = remote.reference.digest or remote.reference.target
    descriptor = remote.head(str(target))
    wanted = remote.reference.digest or (descriptor.digest if descriptor is not None else None)
    for _ in range(MAX_DEPTH):
        if descriptor is not None and store.stat(descriptor.digest) == descriptor.size:
            raw = store.read(descriptor.digest)
        else:
            raw, descriptor = remote.manifest(wanted or target)
        document = _parse(raw, descriptor, remote)
        if isinstance(document, Manifest):
            if platform is not None and descriptor.platform is None:
                _check_platform(document, descriptor, platform, remote, store)
            return document, descriptor, raw
        descriptor = _choose(document, platform, str(remote.reference))
        wanted = descriptor.digest
    raise LimitExceeded(f"indexes nested deeper than {MAX_DEPTH}", where=str(remote.reference))


def _parse(raw: bytes, descriptor: Descriptor, remote: Remote) -> Manifest | Index:
    known = descriptor.media_type if descriptor.media_type in MANIFEST_TYPES | INDEX_TYPES else None
    return parse_document(raw, where=f"manifest {descriptor.digest.short} of {remote.reference}", media_type=known)


def _choose(index: Index, platform: Platform | None, where: str) -> Descriptor:
    choices = tuple(
        Choice(
            number, one.digest, platform=one.platform,
            image=one.artifact_type is None and ATTESTATION not in one.annotations,
        )
        for number, one in enumerate(index.manifests)
    )
    return index.manifests[pick(choices, None, platform, where=where, platform_of=lambda _: None).number]


def _check_platform(
    manifest: Manifest, descriptor: Descriptor, wanted: Platform, remote: Remote, store: LayoutStore
) -> None:
    choices = (Choice(0, descriptor.digest, platform=_platform(manifest, remote, store)),)
    pick(choices, None, wanted, where=str(remote.reference), platform_of=lambda _: None)


def _platform(manifest: Manifest, remote: Remote, store: LayoutStore) -> Platform | None:
    """Read an image's platform off its config, which is fetched for it."""
    told = manifest.config
    if told.size > MAX_DOCUMENT:
        raise LimitExceeded(f"a config of {told.size} bytes, {MAX_DOCUMENT} are allowed", where=str(told.digest))
    if store.stat(told.digest) is None:
        answer, _ = remote.blob(told.digest)
        store.ingest(told.digest, (answer.read(told.size),), told.size)
    return ImageConfig.parse(store.read(told.digest), where=f"config {told.digest.short}").platform

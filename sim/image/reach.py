"""What is reachable from given roots, and removing the rest.

    root --> index --> manifest --> config
                  |            +--> layer, layer
                  |            +--> subject --> ...
                  +--> manifest ...

The mark walks documents only, each once. A document that should be one and cannot be read stops the whole
collection: what cannot be seen might be needed. A blob that is named and not there is no reason to stop, for
indexes of several platforms are often kept in part.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..content.descriptor import INDEX_TYPES, MANIFEST_TYPES, Descriptor
from ..content.digest import Digest
from ..content.store import Store
from .manifest import Index, Manifest, parse_document


def reachable(store: Store, roots: Iterable[Descriptor]) -> frozenset[Digest]:
    """Return the digests that the roots lead to, the roots' own included.

    Raises
    ------
    BadInput
        A manifest or an index on the way cannot be read.
    """
    found: set[Digest] = set()
    walked: set[tuple[Digest, str]] = set()
    waiting = list(roots)
    while waiting:
        descriptor = waiting.pop()
        found.add(descriptor.digest)
        # Two descriptors may give one digest two media types; only one of them may lead on.
        seen = (descriptor.digest, descriptor.media_type)
        if descriptor.media_type not in INDEX_TYPES | MANIFEST_TYPES or seen in walked:
            continue
        walked.add(seen)
        if store.stat(descriptor.digest) is not None:
            raw, where = store.read(descriptor.digest), str(descriptor.digest)
            waiting.extend(links(parse_document(raw, where=where, media_type=descriptor.media_type)))
    return frozenset(found)


def links(document: Manifest | Index) -> Iterator[Descriptor]:
    """Yield what a document points at: all that a copy of it needs, and its subject."""
    if isinstance(document, Index):
        yield from document.manifests
    else:
        yield document.config
        yield from document.layers
    if document.subject is not None:
        yield document.subject


def collect(store: Store, roots: Iterable[Descriptor], *, dry_run: bool = False) -> tuple[Digest, ...]:
    """Remove the blobs that no root leads to; return their digests, sorted.

    Nobody may write meanwhile: a blob that was just stored is not reachable before its manifest is.
    """
    keep = reachable(store, roots)
    gone = tuple(digest for digest in store.digests() if digest not in keep)
    for digest in () if dry_run else gone:
        store.delete(digest)
    return gone

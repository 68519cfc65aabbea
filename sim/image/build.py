"""Images by functional edits: each takes an image and returns a new one, the old one stays as it was.

    EMPTY --append(base)--> image of 1 layer --append(top)--> image of 2 layers --with_config(cmd)--> ...
                            (FROM scratch)

What comes out is a real image: a manifest, a config and layer blobs whose digests are those of their bytes. The
bytes themselves are never held: a digest is computed while the tar is written past it, and whoever reads the
blob later has the tar written again (`blobs.chunks`), equal because the writer is deterministic.

    changes --write_layer--> tar --+--> SHA-256 = DiffID
                                   +--compress--> blob --> SHA-256 = digest
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from types import MappingProxyType
from typing import Any

from ..content.compression import Compression, compress
from ..content.descriptor import (
    DOCKER_CONFIG,
    DOCKER_LAYER,
    DOCKER_LAYER_GZIP,
    DOCKER_MANIFEST,
    OCI_CONFIG,
    OCI_LAYER,
    OCI_LAYER_GZIP,
    OCI_LAYER_ZSTD,
    OCI_MANIFEST,
    Descriptor,
)
from ..content.digest import Digest, new_hasher
from ..errors import BlobMissing
from ..fs.changeset import ChangeSet
from ..fs.tar_write import write_layer
from .config import History, ImageConfig, RunConfig
from .ids import ChainID, DiffID, chain_ids
from .layer import Blobs, Image, Layer
from .manifest import Manifest

_NO_TEXTS: Mapping[str, str] = MappingProxyType({})
_LAYER_TYPES = {
    (OCI_MANIFEST, Compression.NONE): OCI_LAYER,
    (OCI_MANIFEST, Compression.GZIP): OCI_LAYER_GZIP,
    (OCI_MANIFEST, Compression.ZSTD): OCI_LAYER_ZSTD,
    (DOCKER_MANIFEST, Compression.NONE): DOCKER_LAYER,
    (DOCKER_MANIFEST, Compression.GZIP): DOCKER_LAYER_GZIP,
    # Docker's own types have no zstd; its engine takes the OCI type in their place.
    (DOCKER_MANIFEST, Compression.ZSTD): OCI_LAYER_ZSTD,
}


@dataclass(frozen=True, slots=True)
class LayerFacts:
    """What a layer's bytes amount to.

    Attributes
    ----------
    digest : Digest
        Of the blob.
    size : int
        Bytes of the blob.
    diff_id : DiffID
        Digest of the uncompressed tar.
    tar_size : int
        Bytes of the uncompressed tar.
    """

    digest: Digest
    size: int
    diff_id: DiffID
    tar_size: int


@dataclass(frozen=True)
class _Built:
    """Blobs that are written again when asked for, over those of the image that was edited."""

    below: Blobs | None
    layers: Mapping[Digest, Callable[[], Iterator[bytes]]] = field(default_factory=dict)
    documents: Mapping[Digest, bytes] = field(default_factory=dict)

    def chunks(self, digest: Digest) -> Iterator[bytes]:
        """Yield a blob's bytes in order; `BlobMissing` where it is not there."""
        if digest in self.documents:
            return iter((self.documents[digest],))
        if digest in self.layers:
            return self.layers[digest]()
        if self.below is None:
            raise BlobMissing(digest)
        return self.below.chunks(digest)


def blob(changes: ChangeSet, compression: Compression = Compression.GZIP) -> Iterator[bytes]:
    """Yield the bytes of a layer's blob, the same on every machine.

    Gzip and zstd are written without making anything smaller: see `sim.content.compression`.
    """
    return compress(write_layer(changes), compression)


def measure(changes: ChangeSet, compression: Compression = Compression.GZIP) -> LayerFacts:
    """Compute a layer's digest, DiffID and sizes, holding a piece of it at a time.

    Examples
    --------
    >>> from sim.fs.sketch import file, sketch
    >>> plain = measure(sketch(file("/hi", b"hello")), Compression.NONE)
    >>> plain.digest.hex == plain.diff_id.hex, plain.size == plain.tar_size
    (True, True)
    """
    tar, stored = new_hasher(), new_hasher()
    tar_size = size = 0

    def counted() -> Iterator[bytes]:
        nonlocal tar_size
        for piece in write_layer(changes):
            tar.update(piece)
            tar_size += len(piece)
            yield piece

    for piece in compress(counted(), compression):
        stored.update(piece)
        size += len(piece)
    return LayerFacts(
        Digest("sha256", stored.hexdigest()), size, DiffID("sha256", tar.hexdigest()), tar_size,
    )


def append(
    image: Image, changes: ChangeSet, *, created_by: str = "", created: str | None = None, author: str | None = None,
    comment: str | None = None, compression: Compression = Compression.GZIP,
    annotations: Mapping[str, str] = _NO_TEXTS, facts: LayerFacts | None = None,
) -> Image:
    """Put a layer on top of an image.

    Parameters
    ----------
    image : Image
        Left as it is; `EMPTY` to begin from scratch.
    changes : ChangeSet
        What the layer says.
    created_by, created, author, comment : str, optional
        The history's words for it; `created` is RFC 3339, and becomes the image's as well.
    compression : Compression
        How the blob is written.
    annotations : mapping of str to str
        For the layer's descriptor.
    facts : LayerFacts, optional
        What `measure` would find, where it is known already; nothing is read then.

    Returns
    -------
    Image

    Examples
    --------
    >>> from sim.fs.sketch import file, sketch, whiteout
    >>> base = append(EMPTY, sketch(file("/etc/motd", b"hi")), created_by="COPY motd /etc/")
    >>> top = append(base, sketch(whiteout("/etc/motd")), created_by="RUN rm /etc/motd")
    >>> [layer.created_by for layer in top.layers], len(base.layers)
    (['COPY motd /etc/', 'RUN rm /etc/motd'], 1)
    """
    facts = facts or measure(changes, compression)
    kind = _LAYER_TYPES[_media_type(image), compression]
    descriptor = Descriptor(kind, facts.digest, facts.size, annotations)
    layer = Layer(
        descriptor, facts.diff_id, _chain(image, facts.diff_id), facts.tar_size, len(changes), changes, created_by,
    )
    config = replace(
        image.config, diff_ids=(*image.config.diff_ids, facts.diff_id), created=created or image.config.created,
        author=author or image.config.author,
        history=(*image.config.history, History(created, created_by or None, author, comment)),
    )
    written = {facts.digest: partial(blob, changes, compression)}
    return _assembled(image, config, (*image.layers, layer), written)


def with_config(
    image: Image, run: RunConfig, *, created_by: str = "", created: str | None = None, author: str | None = None,
) -> Image:
    """Change what a container of an image runs; the layers stay.

    With `created_by` the history gets an entry that made no layer, as ``ENV`` and ``CMD`` of a build do.

    Examples
    --------
    >>> image = with_config(EMPTY, RunConfig(cmd=("sh",)), created_by='CMD ["sh"]')
    >>> image.config.config.cmd, image.config.history[0].empty_layer
    (('sh',), True)
    """
    history = image.config.history
    if created_by:
        history = (*history, History(created, created_by, author, empty_layer=True))
    config = replace(
        image.config, config=run, history=history, created=created or image.config.created,
        author=author or image.config.author,
    )
    return _assembled(image, config, image.layers, {})


def named(image: Image, name: str) -> Image:
    """Call an image something else; no byte of it changes."""
    return replace(image, name=name)


def _media_type(image: Image) -> str:
    return OCI_MANIFEST if image.manifest is None else image.manifest.media_type


def _chain(image: Image, diff_id: DiffID) -> ChainID:
    return chain_ids((*image.config.diff_ids, diff_id))[-1]


def _assembled(
    image: Image, config: ImageConfig, layers: tuple[Layer, ...],
    written: Mapping[Digest, Callable[[], Iterator[bytes]]],
) -> Image:
    """Write config and manifest anew over the layers."""
    kind = _media_type(image)
    described = config.describe(DOCKER_CONFIG if kind == DOCKER_MANIFEST else OCI_CONFIG)
    fields: dict[str, Any] = {"config": described, "layers": tuple(layer.descriptor for layer in layers)}
    manifest = Manifest(**fields) if image.manifest is None else replace(image.manifest, **fields)
    pointer = manifest.describe(kind)
    documents = {described.digest: config.raw, pointer.digest: manifest.raw}
    below = image.blobs
    # One map however many edits: chains of a hundred views would recurse as deep.
    blobs = (
        _Built(below.below, {**below.layers, **written}, documents) if isinstance(below, _Built)
        else _Built(below, written, documents)
    )
    return replace(
        image, manifest=manifest, manifest_descriptor=pointer, config=config, config_descriptor=described,
        layers=layers, blobs=blobs,
    )


def scratch(architecture: str = "amd64", system: str = "linux") -> Image:
    """Return an image without layers for a platform: what ``FROM scratch`` begins with."""
    config = ImageConfig(architecture, system)
    described = config.describe(OCI_CONFIG)
    manifest = Manifest(described)
    pointer = manifest.describe(OCI_MANIFEST)
    documents = {described.digest: config.raw, pointer.digest: manifest.raw}
    return Image("scratch", manifest, pointer, config, described, (), _Built(None, {}, documents))


EMPTY = scratch()
"""``FROM scratch`` on linux/amd64."""

"""An image's blobs as they are stored, to be sent on: no layer is read for it.

    OCI layout     manifest, config and layers as they are        the copy has the same digests
    docker save    config as it is, layers as they are (plain tars, as a rule), and a manifest made for them

What a layer's bytes hash to is believed here: whoever takes them, a registry or a store, computes it again.
"""

from __future__ import annotations

from functools import partial

from ..content.compression import Compression, sniff
from ..content.descriptor import OCI_CONFIG, Descriptor
from ..content.digest import Digest
from ..errors import BlobMissing
from .ids import DiffID
from .manifest import Manifest
from .outline import Outline, Stored
from .trees import LAYER_TYPES, Blob, Laid, whole


def laid_as_stored(outline: Outline) -> Laid:
    """Return the blobs of an image whose documents were read.

    Raises
    ------
    BlobMissing
        The archive does not hold one of the layers.
    """
    layers = tuple(
        _layer(outline, stored, diff_id)
        for stored, diff_id in zip(outline.layers, outline.config.diff_ids, strict=True)
    )
    config = outline.config.raw
    if outline.manifest is not None and outline.manifest_descriptor is not None:
        raw, described, about = outline.manifest.raw, outline.manifest_descriptor, outline.manifest.config
    else:
        about = Descriptor.of(config, OCI_CONFIG)
        manifest = Manifest(about, tuple(blob.descriptor for blob in layers))
        raw, described = manifest.raw, manifest.describe(manifest.media_type)
    return Laid((*layers, Blob(about, partial(whole, config)), Blob(described, partial(whole, raw))), described)


def _layer(outline: Outline, stored: Stored, diff_id: DiffID) -> Blob:
    outer = outline.outer
    size = outer.size(stored.member)
    if size is None:
        raise BlobMissing(diff_id if stored.descriptor is None else stored.descriptor.digest, where=stored.where)
    chunks = partial(outer.chunks, stored.member)
    if stored.descriptor is not None:
        return Blob(stored.descriptor, chunks)
    form = sniff(b"".join(outer.chunks(stored.member, 0, 8)))
    # A plain tar's digest is its DiffID.
    digest = Digest(diff_id.algorithm, diff_id.hex) if form is Compression.NONE else Digest.of(chunks())
    return Blob(Descriptor(LAYER_TYPES[form], digest, size), chunks)

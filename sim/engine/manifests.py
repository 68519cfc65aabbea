"""The manifest that this docker writes for an image that it pushes: schema 2, layers as the one encoder writes them."""

from __future__ import annotations

from ..content.descriptor import DOCKER_CONFIG, DOCKER_LAYER_GZIP, DOCKER_MANIFEST, Descriptor
from ..image.config import ImageConfig
from ..image.manifest import Manifest
from .stock import Stock


def docker_manifest(stock: Stock, config: ImageConfig) -> Manifest:
    """Return, and keep, the manifest that a push of an image writes.

    The layers' blobs are those that the daemon knows: as they were pulled, or as the encoder writes them. docker
    compresses a layer again with its own gzip, so a real one's digests differ; the DiffIDs never do.
    """
    layers = tuple(
        Descriptor(DOCKER_LAYER_GZIP, held.digest, held.blob_size)
        for held in (stock.layers[diff_id] for diff_id in config.diff_ids)
    )
    made = Manifest(config.describe(DOCKER_CONFIG), layers, media_type=DOCKER_MANIFEST)
    stock.document(config.raw)
    stock.document(made.raw)
    return made

"""The manifest that this docker writes for an image that it pushes: schema 2, layers as the one encoder writes them."""

from __future__ import annotations

import json

from ..content.descriptor import DOCKER_CONFIG, DOCKER_LAYER_GZIP, DOCKER_MANIFEST
from ..image.config import ImageConfig
from ..image.manifest import Manifest
from .stock import Stock


def docker_manifest(stock: Stock, config: ImageConfig) -> Manifest:
    """Return, and keep, the manifest that a push of an image writes.

    The layers' blobs are those that the daemon knows: as they were pulled, or as the encoder writes them. docker
    compresses a layer again with its own gzip, so a real one's digests differ; the DiffIDs never do. The bytes are laid
    out as docker lays them out, three spaces deep.
    """
    held = [stock.layers[diff_id] for diff_id in config.diff_ids]
    digest = stock.document(config.raw)
    raw = json.dumps({
        "schemaVersion": 2, "mediaType": DOCKER_MANIFEST,
        "config": {"mediaType": DOCKER_CONFIG, "size": len(config.raw), "digest": str(digest)},
        "layers": [{"mediaType": DOCKER_LAYER_GZIP, "size": one.blob_size, "digest": str(one.digest)} for one in held],
    }, indent=3).encode("ascii")
    stock.document(raw)
    return Manifest.parse(raw, where="docker push")

"""The JSON shapes of the commands, as plain dictionaries.

Sizes are bytes; layers are numbered from 1, base first; paths are relative; times are whole seconds (`mtime`)
and exact nanoseconds (`mtime_ns`). A byte of a name that is not UTF-8 is a lone surrogate. The shapes are
stable: keys are added, never changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..fs.entry import Entry, Kind
from ..image.layer import Image, Layer
from ..union.totals import Totals

if TYPE_CHECKING:
    from ..dedup.sharing import Share

Json = dict[str, Any]

NANO = 10**9


def inspection(image: Image, totals: Totals) -> Json:
    """Return the document of ``sim inspect``."""
    manifest = image.manifest_descriptor
    return {
        "name": image.name,
        "platform": platform(image),
        "manifest": manifest and {
            "digest": str(manifest.digest), "size": manifest.size, "mediaType": manifest.media_type,
        },
        "config": {"digest": str(image.config_descriptor.digest), "size": image.config_descriptor.size},
        "layers": [_layer(layer) for layer in image.layers],
        "history": [item.to_json() for item in image.config.history],
        "totals": {
            "paths": totals.paths, "live_bytes": totals.live_bytes, "stored_bytes": totals.stored_bytes,
        },
    }


def _layer(layer: Layer) -> Json:
    return {
        "digest": str(layer.descriptor.digest),
        "size": layer.descriptor.size,
        "mediaType": layer.descriptor.media_type,
        "diffID": str(layer.diff_id),
        "chainID": str(layer.chain_id),
        "tar": layer.tar_size,
        "entries": layer.members,
        "created_by": layer.created_by,
    } | _advertised(layer)


def _advertised(layer: Layer) -> Json:
    told = stand_in_size(layer)
    return {} if told is None else {"advertised_size": told}


def stand_in_size(layer: Layer) -> int | None:
    """Return the size of the real compressed layer that a sample's layer stands for; None for any other layer."""
    if not layer.descriptor.annotations:
        return None
    from ..image.samples import advertised_size

    told = advertised_size(layer)
    return None if told == layer.descriptor.size else told


def platform(image: Image) -> str:
    """Return an image's platform as ``OS/ARCHITECTURE[/VARIANT]``."""
    config = image.config
    return "/".join(part for part in (config.os, config.architecture, config.variant) if part)


def row(entry: Entry, layer: int, nlink: int) -> Json:
    """Return one entry of ``sim ls``, with the number of the layer that supplies it."""
    found: Json = {
        "t": entry.kind.value, "mode": oct(entry.mode), "uid": entry.uid, "gid": entry.gid,
        "mtime": entry.mtime_ns // NANO, "mtime_ns": entry.mtime_ns, "layer": layer,
    }
    if entry.kind is Kind.FILE and entry.data is not None:
        found |= {"size": entry.size, "nlink": nlink, "sha256": entry.data.sha256}
    if entry.kind is Kind.SYMLINK:
        found["link"] = entry.target
    if entry.rdev is not None:
        found["rdev"] = list(entry.rdev)
    if entry.xattrs:
        found["xattr"] = {name: value.hex() for name, value in entry.xattrs}
    return found


def share_document(share: Share) -> Json:
    """Return what a unit of sharing keeps, as ``sim dedup`` tells it."""
    return {
        "total_bytes": share.total_bytes, "unique_bytes": share.unique_bytes, "ratio": share.ratio,
        "total_count": share.total_count, "unique_count": share.unique_count,
    }

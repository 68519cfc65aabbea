"""Images to measure with, written for the occasion.

    big_layer      an OCI folder whose one layer holds one file of zeros, of any size: a few MB on disk, since
                   its gzip blob repeats one small member (RFC 1952 allows many)
    deflated       any image as an OCI folder whose layers are deflated as a real image's are; the encoder that
                   names blobs stores them (it must be the same everywhere), and a stored blob is no work to read
"""

from __future__ import annotations

import gzip
import hashlib
import json
import tarfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from ..content.compression import decompressed
from ..content.descriptor import OCI_CONFIG, OCI_INDEX, OCI_LAYER_GZIP, OCI_MANIFEST
from ..image.layer import Image, Layer

_BLOCK = 64 << 20
_RECORD = 512


def big_layer(folder: Path, size: int) -> Path:
    """Write an OCI folder with one layer of one file of zeros; `size` in bytes, a multiple of 64 MiB."""
    header = tarfile.TarInfo("zeros")
    header.size = size
    end = bytes(2 * _RECORD)
    block = bytes(_BLOCK)
    packed = gzip.compress(block, 9, mtime=0)
    parts = [(header.tobuf(tarfile.GNU_FORMAT), None), *[(block, packed)] * (size // _BLOCK), (end, None)]
    return layout(folder, [((plain, ready or gzip.compress(plain, mtime=0)) for plain, ready in parts)])


def deflated(image: Image, folder: Path) -> Path:
    """Write an image as an OCI folder with layers deflated by zlib at its usual level."""

    def pieces(layer: Layer) -> Iterator[tuple[bytes, bytes]]:
        packer = zlib.compressobj(6, zlib.DEFLATED, 31)
        for plain in decompressed(image.blobs.chunks(layer.descriptor.digest), where=str(layer.diff_id)):
            yield plain, packer.compress(plain)
        yield b"", packer.flush()

    return layout(folder, map(pieces, image.layers))


def layout(folder: Path, layers: Iterable[Iterable[tuple[bytes, bytes]]]) -> Path:
    """Write an OCI folder of layers, base first, each given as pairs: a piece of its tar, and of its blob."""
    blobs = folder / "blobs" / "sha256"
    blobs.mkdir(parents=True)
    described, diff_ids = [], []
    for pieces in layers:
        diff_id, digest, size = hashlib.sha256(), hashlib.sha256(), 0
        with open(blobs / "new", "wb") as out:
            for plain, packed in pieces:
                diff_id.update(plain)
                digest.update(packed)
                size += out.write(packed)
        (blobs / "new").rename(blobs / digest.hexdigest())
        described.append(_descriptor(OCI_LAYER_GZIP, digest.hexdigest(), size))
        diff_ids.append(f"sha256:{diff_id.hexdigest()}")

    def blob(media_type: str, value: object) -> dict[str, object]:
        raw = json.dumps(value).encode("ascii")
        name = hashlib.sha256(raw).hexdigest()
        (blobs / name).write_bytes(raw)
        return _descriptor(media_type, name, len(raw))

    config = blob(OCI_CONFIG, {
        "architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": diff_ids},
    })
    manifest = blob(OCI_MANIFEST, {
        "schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": config, "layers": described,
    })
    index = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [manifest]}
    (folder / "index.json").write_text(json.dumps(index), encoding="ascii")
    (folder / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}', encoding="ascii")
    return folder


def _descriptor(media_type: str, name: str, size: int) -> dict[str, object]:
    return {"mediaType": media_type, "digest": f"sha256:{name}", "size": size}

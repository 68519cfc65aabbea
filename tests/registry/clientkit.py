"""What the client's tests share: an image that does not compress, a registry that holds it, waits that are noted."""

from __future__ import annotations

import hashlib
from pathlib import Path

from sim.content.descriptor import OCI_MANIFEST
from sim.image.stored import laid_as_stored
from sim.image.trees import Laid
from sim.registry.client import Doing
from sim.registry.reference import Reference
from sim.source import open_outline
from tests import image_builders as make
from tests.registry.fakes import Asked, Reply

NOISE = b"".join(hashlib.sha256(bytes([n & 255, n >> 8])).digest() for n in range(60_000))
BIG = make.image([make.tar({"noise": NOISE})])


def big(folder: Path) -> Laid:
    """Return an image of one layer of noise, about 2 MB."""
    return laid_as_stored(open_outline(make.write(folder / "big.tar", make.oci(BIG))))


def ref(host: str, name: str = "a:1") -> Reference:
    return Reference.parse(f"{host}/{name}")


class Waits:
    """Notes how long one would have waited."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.doing = Doing(sleep=self.seconds.append)

    @property
    def in_all(self) -> float:
        return sum(self.seconds)


def from_store(laid: Laid, asked: Asked) -> Reply:
    """Answer as a registry that holds one image under every tag."""
    name = asked.path.rpartition("/")[2]
    for blob in laid.blobs:
        if str(blob.descriptor.digest) == name:
            raw = b"".join(blob.chunks())
            start = int(asked.headers.get("Range", "bytes=0-")[6:-1])
            headers = {"Content-Type": blob.descriptor.media_type, "Docker-Content-Digest": name}
            if start:
                headers["Content-Range"] = f"bytes {start}-{len(raw) - 1}/{len(raw)}"
            return (206 if start else 200), headers, raw[start:]
    if "/manifests/" in asked.path:
        raw = b"".join(laid.blobs[-1].chunks())
        return 200, {"Content-Type": OCI_MANIFEST, "Docker-Content-Digest": str(laid.manifest.digest)}, raw
    return (200 if asked.path == "/v2/" else 404), {}, b""

"""Who takes part in a transfer, and how fast each is: clients, hosts, a registry, an image's blobs.

Constants are measured or published, and say which. A rate of a host is for one core of the 2-core machine on which
docker 20.10 was watched; give your own where yours differs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from math import inf
from types import MappingProxyType

from ...content.compression import Compression
from ..transfer import DOWNLOADS, UPLOADS

MB = 1e6 / 1e3
"""Bytes a ms of one MB/s."""


@dataclass(frozen=True, slots=True)
class Blob:
    """A layer as it lies in the registry.

    Attributes
    ----------
    name : str
    size : int
        Bytes as stored.
    unpacked : int
        Bytes of its tar.
    compression : Compression
    """

    name: str
    size: int
    unpacked: int
    compression: Compression = Compression.GZIP


class Turn(StrEnum):
    """When a client sends or fetches the config: beside the layers, in one of their slots, or after them."""

    BESIDE = "beside"
    AMONG = "among"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Program:
    """How a client goes about it.

    Attributes
    ----------
    name : str
    downloads, uploads : int
        Blobs under way at once.
    keeps : bool
        Whether it uses a connection for more than one request.
    head : bool
        Whether a pull asks HEAD for the manifest before it GETs it.
    heads : int
        How often a push asks HEAD for a blob before it sends it.
    surveys : bool
        Whether a push asks for all blobs before it sends the first.
    verifies : bool
        Whether a push asks HEAD for a blob once more when it is there.
    extracts : bool
        Whether a pull unpacks the layers; else it only stores the blobs.
    pull_config, push_config : Turn
    """

    name: str
    downloads: int = DOWNLOADS
    uploads: int = UPLOADS
    keeps: bool = True
    head: bool = True
    heads: int = 1
    surveys: bool = False
    verifies: bool = False
    extracts: bool = False
    pull_config: Turn = Turn.AMONG
    push_config: Turn = Turn.AFTER


DOCKER = Program("docker", verifies=True, extracts=True, pull_config=Turn.BESIDE)
SKOPEO = Program("skopeo", downloads=6, uploads=1, keeps=False, head=False, heads=2, pull_config=Turn.AFTER)
"""skopeo 1.9 (containers/image 5.22), from an archive, which it reads from one place at a time: seen on the wire."""
LAYERLAB = Program("layerlab", surveys=True, push_config=Turn.AMONG)


UNPACK_MB_S: Mapping[Compression, float] = MappingProxyType(
    {Compression.NONE: 330.0, Compression.GZIP: 104.0, Compression.ZSTD: 190.0}
)
"""gzip: 1.5 GB of image in 35 to 40 s, 2.6 times that as tar (published); the others by the cost of inflating alone
(zlib 0.18 and zstd 0.47 GB/s a core, measured)."""


@dataclass(frozen=True, slots=True)
class Host:
    """How fast a host works on bytes.

    Attributes
    ----------
    unpack_mb_s : mapping of Compression to float
        MB of tar that are inflated, checked and written a second, in one chain.
    gzip_mb_s : float
        MB of tar that a core compresses a second while it pushes; `inf` where the blobs are at hand.
    cores : int
    blobs_mb_s : float
        MB of blob that the client hashes and writes, or reads and sends, a second, all connections together.
    unpackers : int
        Layers unpacked at once: docker has 1, for a layer is written upon its parent.
    start_ms : float
        From the command to the first packet, and from the last one to the prompt.
    """

    unpack_mb_s: Mapping[Compression, float] = field(default_factory=lambda: UNPACK_MB_S)
    gzip_mb_s: float = inf
    cores: int = 2
    blobs_mb_s: float = inf
    unpackers: int = 1
    start_ms: float = 0.0

    def unpack_ms(self, blob: Blob) -> float:
        """Return how long it takes to unpack a layer."""
        return blob.unpacked / (self.unpack_mb_s[blob.compression] * MB)

    def made_at(self, blob: Blob) -> float:
        """Return the bytes of blob a ms that one core makes of a layer's tar."""
        return self.gzip_mb_s * MB * blob.size / blob.unpacked if blob.unpacked else inf


@dataclass(frozen=True, slots=True)
class Server:
    """How a registry answers.

    Attributes
    ----------
    answer_ms : float
        From a request to the first byte of its answer.
    upload_ms : float
        The same where a blob was written and is made durable.
    at_once : int or None
        How many requests it serves at once; further ones wait.
    per_connection_mbit_s : float
        What it gives one connection.
    tokens : bool
        Whether a client fetches a Bearer token first (one exchange on a connection of its own).
    insecure : bool
        Whether it speaks http where clients, told to put up with that (insecure-registries, --tls-verify=false), try
        https first: a handshake and a ClientHello are lost, seen on the wire from docker, skopeo and ours.
    """

    answer_ms: float = 1.0
    upload_ms: float = 3.0
    at_once: int | None = None
    per_connection_mbit_s: float = inf
    tokens: bool = False
    insecure: bool = False


def total(blobs: Iterable[Blob]) -> int:
    """Return the bytes of blobs as stored."""
    return sum(blob.size for blob in blobs)

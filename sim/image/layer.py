"""Layers and images: what is named, in the order in which it is stacked.

    Image "ubuntu-cyo57:1.0"
      manifest (the blobs)        config (what to run, history, DiffIDs)
      layers, base first:   1 Layer   2 Layer   ...
                              blob: descriptor (digest, size as stored: compressed or not)
                              tar:  DiffID, size, members, and the ChangeSet that it says
                              stack: ChainID

Everything here was recomputed from the bytes when the image was opened; nothing is believed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from ..content.descriptor import Descriptor
from ..content.digest import Digest
from ..fs.changeset import ChangeSet
from .config import ImageConfig
from .ids import ChainID, DiffID
from .manifest import Manifest


@dataclass(frozen=True, slots=True)
class Layer:
    """One read-only layer.

    Attributes
    ----------
    descriptor : Descriptor
        The blob as it is stored; in a docker-save archive that is the plain tar.
    diff_id : DiffID
    chain_id : ChainID
    tar_size : int
        Bytes of the uncompressed tar.
    members : int
        Members of the tar, whiteouts included.
    changes : ChangeSet
    created_by : str
        The history's words for the instruction that made it, or "".
    """

    descriptor: Descriptor
    diff_id: DiffID
    chain_id: ChainID
    tar_size: int
    members: int
    changes: ChangeSet
    created_by: str = ""


class Blobs(Protocol):
    """Where an image's blobs are read from."""

    def chunks(self, digest: Digest) -> Iterator[bytes]:
        """Yield a blob's bytes in order; `BlobMissing` where it is not there."""


@dataclass(frozen=True, slots=True)
class Image:
    """An image whose every byte was read and checked.

    Attributes
    ----------
    name : str
        What it is called where it was found: a tag, else its archive's name.
    manifest : Manifest or None
        None for a docker-save archive, which has none.
    manifest_descriptor : Descriptor or None
    config : ImageConfig
    config_descriptor : Descriptor
    layers : tuple of Layer
        Base first.
    blobs : Blobs
        Reads the stored bytes again, by digest.
    """

    name: str
    manifest: Manifest | None
    manifest_descriptor: Descriptor | None
    config: ImageConfig
    config_descriptor: Descriptor
    layers: tuple[Layer, ...]
    blobs: Blobs

    @property
    def stack(self) -> tuple[ChangeSet, ...]:
        """The layers' change sets, base first: what `lookup` and `Index` take."""
        return tuple(layer.changes for layer in self.layers)

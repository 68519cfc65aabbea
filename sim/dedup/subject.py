"""Subjects: what deduplication looks at, one image each, whichever way it was read.

    Image, opened and checked          Subject.of(image)            layers and files
    archive, damaged layers and all    pipeline.scan(...)           layers, files, and chunks if wanted
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from ..content.digest import Digest
from ..fs.changeset import ChangeSet
from ..image.ids import ChainID, DiffID
from ..image.layer import Image
from .prints import Chunks


@dataclass(frozen=True, slots=True)
class Part:
    """A layer of a subject.

    Attributes
    ----------
    number : int
        Its place in the image; the base is 1.
    digest : Digest
        Of the blob.
    size : int
        Bytes of the blob: what is sent.
    diff_id : DiffID
    chain_id : ChainID
    tar_size : int
        Bytes of the uncompressed tar.
    changes : ChangeSet
    created_by : str
    chunks : Chunks or None
        Of the uncompressed tar; None where nobody asked for them.
    """

    number: int
    digest: Digest
    size: int
    diff_id: DiffID
    chain_id: ChainID
    tar_size: int
    changes: ChangeSet
    created_by: str = ""
    chunks: Chunks | None = None


@dataclass(frozen=True, slots=True)
class Damaged:
    """A layer that cannot be read, or is not what the image says: its place in the image, and why."""

    number: int
    why: str


@dataclass(frozen=True, slots=True)
class Subject:
    """An image to look at.

    Attributes
    ----------
    name : str
    image_id : Digest
        Of its config: what docker calls the image's ID.
    parts : tuple of Part
        The layers, base first; without the damaged ones.
    damaged : tuple of Damaged
        They are left out of all sums, and what they hid is shown.
    """

    name: str
    image_id: Digest
    parts: tuple[Part, ...]
    damaged: tuple[Damaged, ...] = ()

    @classmethod
    def of(cls, image: Image) -> Self:
        """Return an opened image as a subject, without chunks."""
        return cls(image.name, image.config_descriptor.digest, tuple(
            Part(
                number, layer.descriptor.digest, layer.descriptor.size, layer.diff_id, layer.chain_id,
                layer.tar_size, layer.changes, layer.created_by,
            )
            for number, layer in enumerate(image.layers, start=1)
        ))

    @property
    def stack(self) -> tuple[ChangeSet, ...]:
        """The layers' change sets, base first."""
        return tuple(part.changes for part in self.parts)

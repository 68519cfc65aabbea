"""Fingerprints: what is kept of an image when its bytes are gone, some 24 bytes a file and 20 a chunk.

    Print      name, image ID, damaged layers
      LayerPrint   DiffID, digest, sizes      files  NNNNNNNNNNNNNNNN SSSSSSSS | ...      chunks, if they were cut

A fingerprint is plain values, so it travels to and from other machines and lies in an index.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from struct import iter_unpack, pack
from typing import cast

from ...content.data import Data
from ..chunking import Rule
from ..copies import file_data, inodes
from ..pipeline import hash_files
from ..prints import NAME_BYTES, Chunks
from ..subject import Damaged, Part, Subject

_FILE = f"<{NAME_BYTES}sQ"
"""A file: the first bytes of its content's SHA-256, and its size."""


@dataclass(frozen=True, slots=True)
class LayerPrint:
    """What is kept of a layer.

    Attributes
    ----------
    diff_id, digest : str
    size, tar_size : int
        Bytes of the blob and of the uncompressed tar.
    files : bytes
        Packed: its regular files, an inode once.
    chunks : Chunks or None
        Of the uncompressed tar; None where nobody asked for them.
    """

    diff_id: str
    digest: str
    size: int
    tar_size: int
    files: bytes
    chunks: Chunks | None = None

    def named_files(self) -> Iterator[tuple[bytes, int]]:
        """Yield (name, bytes) of each file."""
        return cast(Iterator[tuple[bytes, int]], iter_unpack(_FILE, self.files))


@dataclass(frozen=True, slots=True)
class Print:
    """What is kept of an image: its layers, base first, without the damaged ones."""

    name: str
    image_id: str
    layers: tuple[LayerPrint, ...]
    damaged: tuple[Damaged, ...] = ()


def fingerprint(subject: Subject) -> Print:
    """Return an image's fingerprint; files that have no digest yet are read.

    Examples
    --------
    >>> from sim.source import open_image
    >>> found = fingerprint(Subject.of(open_image("sample:busybox")))
    >>> len(found.layers), sum(size for _, size in found.layers[0].named_files()) > 4_000_000
    (1, True)
    """
    hash_files(data for part in subject.parts for data in _files(part))
    return Print(subject.name, str(subject.image_id), tuple(map(_layer, subject.parts)), subject.damaged)


def _files(part: Part) -> Iterator[Data]:
    return (file_data(part.changes, path) for path in inodes(part.changes).values())


def _layer(part: Part) -> LayerPrint:
    named = ((bytes.fromhex(data.sha256)[:NAME_BYTES], data.size) for data in _files(part))
    files = b"".join(pack(_FILE, *one) for one in named)
    return LayerPrint(str(part.diff_id), str(part.digest), part.size, part.tar_size, files, part.chunks)


def read_print(read: Callable[[str, Rule | None], Subject], rule: Rule | None, argument: str) -> Print:
    """Read an image and return its fingerprint: a task that any worker can do that sees the image."""
    return fingerprint(read(argument, rule))

"""Sharing: what of an image is seen, what it shares with others, and what each unit of sharing saves.

    stored     bytes of files in all layers, uncompressed       = live + shadowed
    live       those that the merged view shows
    shadowed   overwritten or deleted by a later layer: stored and sent all the same
    sent       bytes of the blobs, compressed as they are

Between images the same bytes may be kept once by LAYER (what registries and engines do), by FILE, or by CHUNK. A
ratio is all bytes, counted wherever they are used, over the bytes that are kept; so those of the three units compare.

docker counts by CHAIN: a layer is one only on the same layers below it, and what it takes on a disk includes the
targets of symlinks. `docker system df -v` words it so:

    SIZE           all of an image            = SHARED SIZE + UNIQUE SIZE
    SHARED SIZE    what another image has too (their common layers)
    UNIQUE SIZE    what no other image has: what removing it would free
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..fs.changeset import ChangeSet
from ..fs.entry import Kind
from ..image.ids import ChainID, DiffID
from ..union.index import Index
from ..union.totals import Totals, layer_bytes, totals
from .copies import Copy, Fate, contents, copies, file_data, inodes
from .subject import Part, Subject


@dataclass(frozen=True, slots=True)
class LayerUse:
    """What a layer holds.

    Attributes
    ----------
    number : int
        Its place in the image; the base is 1.
    stored, live : int
        Bytes of its files, and of those that are seen.
    sent : int
        Bytes of its blob.
    """

    number: int
    stored: int
    live: int
    sent: int

    @property
    def shadowed(self) -> int:
        """Bytes that a later layer hides."""
        return self.stored - self.live


@dataclass(frozen=True, slots=True)
class Usage:
    """What an image holds.

    Attributes
    ----------
    subject : Subject
    totals : Totals
        As `sim inspect` shows them.
    layers : tuple of LayerUse
        Base first.
    copies : tuple of Copy
        Every stored file and its fate: what a treemap is drawn from.
    """

    subject: Subject
    totals: Totals
    layers: tuple[LayerUse, ...]
    copies: tuple[Copy, ...]

    @property
    def sent(self) -> int:
        """Bytes of the image's blobs, each counted once."""
        return sum({part.digest: part.size for part in self.subject.parts}.values())

    @property
    def efficiency(self) -> float:
        """Live bytes / stored bytes, uncompressed: the true figure; 1 for an image without files."""
        return self.totals.live_bytes / self.totals.stored_bytes if self.totals.stored_bytes else 1.0


def usage(subject: Subject) -> Usage:
    """Count one image.

    Examples
    --------
    >>> from sim.source import open_image
    >>> found = usage(Subject.of(open_image("sample:busybox")))
    >>> found.efficiency, [layer.shadowed for layer in found.layers]
    (1.0, [0])
    """
    index = Index.of(subject.stack)
    found = copies(subject.stack, index)
    live: Counter[int] = Counter()
    for copy in found:
        if copy.fate is Fate.LIVE:
            live[copy.layer] += copy.size
    layers = tuple(
        LayerUse(part.number, layer_bytes(part.changes), live[place], part.size)
        for place, part in enumerate(subject.parts, start=1)
    )
    counted = totals(subject.stack, ((path, entry) for path, _, entry in index.walk()))
    return Usage(subject, counted, layers, found)


@dataclass(frozen=True, slots=True)
class Share:
    """What one unit of sharing keeps.

    Attributes
    ----------
    total_bytes, total_count : int
        Wherever they are used.
    unique_bytes, unique_count : int
        Each kept once.
    """

    total_bytes: int
    unique_bytes: int
    total_count: int
    unique_count: int

    @property
    def ratio(self) -> float:
        """Bytes used over bytes kept; 1 where there are none."""
        return self.total_bytes / self.unique_bytes if self.unique_bytes else 1.0


def share(items: Iterable[tuple[Hashable, int]]) -> Share:
    """Count named items, each a name and its bytes.

    Examples
    --------
    >>> share([("a", 10), ("b", 5), ("a", 10)])
    Share(total_bytes=25, unique_bytes=15, total_count=3, unique_count=2)
    """
    kept: set[Hashable] = set()
    total = unique = count = 0
    for name, size in items:
        total += size
        count += 1
        if name not in kept:
            kept.add(name)
            unique += size
    return Share(total, unique, count, len(kept))


def blobs(subjects: Iterable[Subject]) -> Share:
    """Count compressed layers: what a registry stores and sends, each digest once."""
    return share((part.digest, part.size) for part in _parts(subjects))


def layers(subjects: Iterable[Subject]) -> Share:
    """Count the layers' uncompressed tars, each DiffID once."""
    return share((part.diff_id, part.tar_size) for part in _parts(subjects))


def files(subjects: Iterable[Subject]) -> Share:
    """Count the layers' files, an inode once a layer, each content once."""
    changes = (part.changes for part in _parts(subjects))
    named = contents(file_data(layer, path) for layer in changes for path in inodes(layer).values())
    return share((name, name[0]) for name in named)


def chunks(subjects: Iterable[Subject]) -> Share:
    """Count the chunks of the layers' tars, each once.

    Raises
    ------
    ValueError
        A layer's chunks were not cut.
    """
    return share(item for part in _parts(subjects) for item in _chunks(part))


def _chunks(part: Part) -> Iterable[tuple[bytes, int]]:
    if part.chunks is None:
        raise ValueError(f"the chunks of layer {part.number} were not cut")
    return part.chunks


def _parts(subjects: Iterable[Subject]) -> Iterable[Part]:
    return (part for subject in subjects for part in subject.parts)


def owners(subjects: Iterable[Subject]) -> Mapping[DiffID, tuple[str, ...]]:
    """Return the names of the images that have each layer, in the order given."""
    found: dict[DiffID, list[str]] = {}
    for subject in subjects:
        for diff_id in {part.diff_id: None for part in subject.parts}:
            found.setdefault(diff_id, []).append(subject.name)
    return {diff_id: tuple(names) for diff_id, names in found.items()}


@dataclass(frozen=True, slots=True)
class DockerSize:
    """An image's line of ``docker system df -v``, in bytes."""

    name: str
    size: int
    shared: int
    unique: int


def docker_sizes(subjects: Sequence[Subject]) -> tuple[DockerSize, ...]:
    """Return what docker says of images that it holds together; names of one image ID are one image to it.

    Examples
    --------
    >>> from sim.source import open_image
    >>> both = [Subject.of(open_image(f"sample:{name}")) for name in ("ubuntu", "ubuntu-vim")]
    >>> [found.unique for found in docker_sizes(both)][0]
    0
    """
    chains = {subject.image_id: _chains(subject) for subject in subjects}
    uses = Counter(chain for held in chains.values() for chain in held)
    found = []
    for subject in subjects:
        held = chains[subject.image_id]
        common = sum(size for chain, size in held.items() if uses[chain] > 1)
        size = sum(held.values())
        found.append(DockerSize(subject.name, size, common, size - common))
    return tuple(found)


def _chains(subject: Subject) -> dict[ChainID, int]:
    return {part.chain_id: docker_layer_size(part.changes) for part in subject.parts}


def docker_layer_size(changes: ChangeSet) -> int:
    """Return what a layer takes on overlay2's disk as docker counts it: files, an inode once, and symlinks' targets."""
    targets = {
        entry.inode or path: len((entry.target or "").encode("utf-8", "surrogateescape"))
        for path, entry in changes.entries.items() if entry.kind is Kind.SYMLINK
    }
    return layer_bytes(changes) + sum(targets.values())

"""All bytes of a world, beside it: append-only, never compared, never undone.

The world holds names and digests; here is what they name:

    documents    digest of a config, a manifest          -> its bytes
    layers       DiffID                                  -> what the layer says, its tar's size, docker's SIZE of it
    blobs        digest of a compressed layer            -> the layer it is, and its size
    directories  DiffIDs of a stack, base first          -> the lower directory of the topmost, made when first mounted

What an undone command put here stays, and costs nothing but memory: the same digest always names the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from ..content.compression import Compression, compress
from ..content.descriptor import Descriptor
from ..content.digest import Digest, new_hasher
from ..content.store import Store, verified
from ..errors import BlobMissing
from ..fs.changeset import ChangeSet
from ..fs.entry import Kind
from ..fs.tar_write import write_layer
from ..image.build import LayerFacts, blob, measure
from ..image.ids import DiffID
from ..image.layer import Image, Layer
from ..image.samples import advertised_size
from ..registry.storage import MemoryStorage
from ..union.overlay import Directory
from ..union.upperdir import to_directory


@dataclass(frozen=True, slots=True, eq=False)
class StockLayer:
    """One layer, whatever image it is in.

    Attributes
    ----------
    diff_id : DiffID
    digest : Digest
        Of its blob: gzip by the one deterministic encoder, unless it came from elsewhere.
    blob_size : int
        Bytes of the blob.
    advertised : int
        Bytes that a picture of its transfer shows; the real layer's for a sample.
    tar_size : int
    size : int
        What docker prints as SIZE: bytes of files, each inode once, and of symlinks' targets.
    changes : ChangeSet
    media_type : str
    sample : str
        The sample that it comes from, "" for others.
    """

    diff_id: DiffID
    digest: Digest
    blob_size: int
    advertised: int
    tar_size: int
    size: int
    changes: ChangeSet
    media_type: str
    sample: str = ""


class Stock:
    """The bytes of a world and of all worlds that came of it.

    Attributes
    ----------
    storage : MemoryStorage
        The same bytes as registries see them; unfinished uploads are there alone.
    outside : set of str
        Names that are real registries of this machine: see `outside.py`.
    came : set of DiffID
        Layers whose blobs somebody else compressed.
    """

    def __init__(self) -> None:
        self.storage = MemoryStorage(_Shelf(self))
        self.outside: set[str] = set()
        self.came: set[DiffID] = set()
        self.documents: dict[Digest, bytes] = {}
        self.layers: dict[DiffID, StockLayer] = {}
        self.by_blob: dict[Digest, DiffID] = {}
        self._readers: dict[Digest, Callable[[], Iterator[bytes]]] = {}
        self._tars: dict[DiffID, Callable[[], Iterator[bytes]]] = {}
        self._directories: dict[tuple[DiffID, ...], Directory] = {}
        self._derived: dict[Hashable, object] = {}

    # -- taking in

    def document(self, raw: bytes) -> Digest:
        """Keep a document; return its digest."""
        digest = Digest.of(raw)
        self.documents.setdefault(digest, raw)
        return digest

    def layer_of(self, changes: ChangeSet, media_type: str) -> StockLayer:
        """Keep a layer that was made here, written by the one deterministic encoder."""
        facts = measure(changes)
        return self.layer(changes, facts, media_type)

    def layer(
        self, changes: ChangeSet, facts: LayerFacts, media_type: str, *, advertised: int | None = None,
        sample: str = "", reader: Callable[[], Iterator[bytes]] | None = None,
    ) -> StockLayer:
        """Keep a layer whose digests are known; the first one of a DiffID stays."""
        held = self.layers.get(facts.diff_id)
        if held is None:
            held = StockLayer(
                facts.diff_id, facts.digest, facts.size, facts.size if advertised is None else advertised,
                facts.tar_size, docker_size(changes), changes, media_type, sample,
            )
            self.layers[facts.diff_id] = held
        if facts.digest not in self._readers:
            self.by_blob[facts.digest] = facts.diff_id
            self._readers[facts.digest] = reader or partial(blob, changes)
        return held

    def image(self, image: Image, sample: str = "") -> tuple[StockLayer, ...]:
        """Keep an image's documents and layers; return the layers, base first."""
        self.document(image.config.raw)
        if image.manifest is not None:
            self.document(image.manifest.raw)
        return tuple(self._taken(image, layer, sample) for layer in image.layers)

    def _taken(self, image: Image, layer: Layer, sample: str) -> StockLayer:
        facts = LayerFacts(layer.descriptor.digest, layer.descriptor.size, layer.diff_id, layer.tar_size)
        return self.layer(
            layer.changes, facts, layer.descriptor.media_type, advertised=advertised_size(layer), sample=sample,
            reader=partial(image.blobs.chunks, layer.descriptor.digest),
        )

    # -- giving out

    def size(self, digest: Digest) -> int | None:
        """Return a blob's or document's size in bytes, None where it is not here."""
        if digest in self.documents:
            return len(self.documents[digest])
        diff_id = self.by_blob.get(digest)
        return None if diff_id is None else self.layers[diff_id].blob_size

    def chunks(self, digest: Digest) -> Iterator[bytes]:
        """Yield a blob's or document's bytes; `BlobMissing` where it is not here."""
        if digest in self.documents:
            return iter((self.documents[digest],))
        if digest not in self._readers:
            raise BlobMissing(digest)
        return self._readers[digest]()

    def foreign(
        self, changes: ChangeSet, diff_id: DiffID, tar_size: int, tar: Callable[[], Iterator[bytes]], media_type: str
    ) -> StockLayer:
        """Keep a layer whose tar was written by somebody else, byte for byte.

        The blob that a push would send is that tar in the one encoder's gzip.
        """
        if diff_id in self.layers:
            return self.layers[diff_id]
        hasher, size = new_hasher(), 0
        for chunk in compress(tar(), Compression.GZIP):
            hasher.update(chunk)
            size += len(chunk)
        self._tars[diff_id] = tar
        facts = LayerFacts(Digest("sha256", hasher.hexdigest()), size, diff_id, tar_size)
        return self.layer(changes, facts, media_type, reader=lambda: compress(tar(), Compression.GZIP))

    def arrived(
        self, changes: ChangeSet, diff_id: DiffID, tar_size: int, descriptor: Descriptor,
        blob: Callable[[], Iterator[bytes]], tar: Callable[[], Iterator[bytes]],
    ) -> StockLayer:
        """Keep a layer that came from a real registry: its blob as it was compressed there, and its tar."""
        facts = LayerFacts(descriptor.digest, descriptor.size, diff_id, tar_size)
        if diff_id not in self.layers:
            self._tars[diff_id] = tar
            self.came.add(diff_id)
        return self.layer(changes, facts, descriptor.media_type, reader=blob)

    def tar(self, diff_id: DiffID) -> Iterator[bytes]:
        """Yield the bytes of a layer's plain tar."""
        own = self._tars.get(diff_id)
        return write_layer(self.layers[diff_id].changes) if own is None else own()

    def descriptor(self, diff_id: DiffID) -> Descriptor:
        """Return the descriptor of a layer's blob."""
        held = self.layers[diff_id]
        return Descriptor(held.media_type, held.digest, held.blob_size)

    def stack(self, diff_ids: Sequence[DiffID]) -> tuple[ChangeSet, ...]:
        """Return what the layers of a stack say, base first."""
        return tuple(self.layers[diff_id].changes for diff_id in diff_ids)

    def once(self, key: Hashable, make: Callable[[], object]) -> object:
        """Return what a pure function of the stock's contents makes, made once."""
        if key not in self._derived:
            self._derived[key] = make()
        return self._derived[key]

    def directories(self, diff_ids: Sequence[DiffID]) -> tuple[Directory, ...]:
        """Return the lower directories of a stack, base first; equal stacks share them."""
        found = []
        for number in range(1, len(diff_ids) + 1):
            key = tuple(diff_ids[:number])
            held = self._directories.get(key)
            if held is None:
                stack = self.stack(key)
                held = self._directories[key] = to_directory(stack[-1], stack[:-1])
            found.append(held)
        return tuple(found)


class _Shelf(Store):
    """The stock as a content store, for registries."""

    def __init__(self, stock: Stock) -> None:
        self._stock = stock

    def stat(self, digest: Digest) -> int | None:
        return self._stock.size(digest)

    def chunks(self, digest: Digest, offset: int = 0, length: int | None = None) -> Iterator[bytes]:
        if not offset and length in (None, self._stock.size(digest)):
            return self._stock.chunks(digest)
        raw = b"".join(self._stock.chunks(digest))
        return iter((raw[offset:] if length is None else raw[offset:offset + length],))

    def ingest(self, digest: Digest, chunks: Iterable[bytes], size: int | None = None) -> None:
        if self._stock.size(digest) is None:
            raw = b"".join(verified(chunks, digest, size=size, where=str(digest)))
            self._stock.documents[digest] = raw

    def delete(self, digest: Digest) -> bool:
        return False

    def digests(self) -> Iterator[Digest]:
        return iter(sorted({*self._stock.documents, *self._stock.by_blob}))


def docker_size(changes: ChangeSet) -> int:
    """Return the size that docker prints for a layer: files, each inode once, and the targets of symlinks.

    Examples
    --------
    >>> from sim.fs.sketch import file, sketch
    >>> docker_size(sketch(file("/a", b"12345")))
    5
    """
    seen: set[int] = set()
    total = 0
    for entry in changes.entries.values():
        if entry.kind is Kind.SYMLINK:
            total += len((entry.target or "").encode("utf-8", "surrogateescape"))
        elif entry.kind is Kind.FILE and (not entry.inode or entry.inode not in seen):
            seen.add(entry.inode)
            total += entry.size
    return total

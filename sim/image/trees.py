"""What an archive holds, as a tree of files: the same value whether it becomes a tar or a folder.

    docker_tree                               layout_tree
      <v1 id>/VERSION                           blobs/sha256/<config>
      <v1 id>/json                              blobs/sha256/<layer> ...
      <v1 id>/layer.tar     -> its DiffID       blobs/sha256/<manifest>
      <image id>.json       = the config        index.json
      manifest.json                             oci-layout
      repositories

All times are 1970 and all owners root, so an archive's bytes depend on the image alone. Files are read from the
image's blobs while they are written, and verified on the way.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from ..content.compression import Compression, compress, decompressed, sniff
from ..content.data import Data, Extent, Inline
from ..content.descriptor import (
    OCI_CONFIG,
    OCI_LAYER,
    OCI_LAYER_GZIP,
    OCI_LAYER_ZSTD,
    Descriptor,
    canonical_json,
)
from ..content.digest import Digest, new_hasher
from ..content.store import INDEX_FILE, LAYOUT_DOCUMENT, LAYOUT_FILE, blob_name, verified
from ..errors import ArchiveInvalid
from ..fs.changeset import ChangeSet
from ..fs.entry import Entry, Kind
from .docker_save import MANIFEST_FILE
from .layer import Image, Layer
from .manifest import Index, Manifest
from .oci_layout import CONTAINERD_NAME, REF_NAME
from .outer import Outer

REPOSITORIES_FILE = "repositories"
_V1_VERSION = b"1.0"
_EPOCH = "1970-01-01T00:00:00Z"
LAYER_TYPES = {
    Compression.NONE: OCI_LAYER, Compression.GZIP: OCI_LAYER_GZIP, Compression.ZSTD: OCI_LAYER_ZSTD,
}
# distribution/reference, "Grammar"; a name that is not one is left out, since docker would refuse the whole.
_PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_NAME = re.compile(rf"(?:[A-Za-z0-9.-]+(?::[0-9]+)?/)?{_PART}(?:/{_PART})*:[A-Za-z0-9_][A-Za-z0-9._-]{{0,127}}")


def docker_tree(image: Image) -> ChangeSet:
    """Return the files of a docker-save archive, as docker 20.10 writes it."""
    files: dict[str, Data] = {}
    links: dict[str, str] = {}
    ids, seen = v1_ids(image), dict[str, str]()
    for layer, v1_id, above in zip(image.layers, ids, (None, *ids), strict=False):
        files[f"{v1_id}/VERSION"] = Inline(_V1_VERSION)
        files[f"{v1_id}/json"] = Inline(_v1_json(image, v1_id, above, top=v1_id == ids[-1]))
        first = seen.setdefault(layer.diff_id.hex, v1_id)
        if first == v1_id:
            files[f"{v1_id}/layer.tar"] = Extent(layer.tar_size, partial(_tar, image, layer), layer.diff_id.hex)
        else:
            links[f"{v1_id}/layer.tar"] = f"../{first}/layer.tar"
    name, config = f"{image.config_descriptor.digest.hex}.json", image.config.raw
    tags = [image.name] if _NAME.fullmatch(image.name) else []
    files[name] = Inline(config)
    files[MANIFEST_FILE] = Inline(canonical_json([
        {"Config": name, "RepoTags": tags, "Layers": [f"{v1_id}/layer.tar" for v1_id in ids]}
    ]))
    if tags and ids:
        repository, _, tag = tags[0].rpartition(":")
        files[REPOSITORIES_FILE] = Inline(canonical_json({repository: {tag: ids[-1]}}))
    return _tree(files, links)


def v1_ids(image: Image) -> tuple[str, ...]:
    """Return a name for each layer's folder, base first: of its content, its parents and, on top, the config.

    Docker hashes a longer text; that the names are unique is all that readers ask for.
    """
    found: list[str] = []
    for number, layer in enumerate(image.layers, 1):
        top = str(image.config_descriptor.digest) if number == len(image.layers) else ""
        found.append(Digest.of(f"{layer.chain_id} {found[-1] if found else ''} {top}".encode("ascii")).hex)
    return tuple(found)


def _v1_json(image: Image, v1_id: str, above: str | None, top: bool) -> bytes:
    # docker before 1.10 read these; since then only the names matter.
    described = {"id": v1_id, "created": (top and image.config.created) or _EPOCH, "os": image.config.os}
    if above is not None:
        described["parent"] = above
    return canonical_json(described)


def _tar(image: Image, layer: Layer) -> Iterator[bytes]:
    where = f"{image.name}, layer {layer.descriptor.digest.short}"
    plain = decompressed(image.blobs.chunks(layer.descriptor.digest), where)
    return verified(plain, layer.diff_id, size=layer.tar_size, where=where)


@dataclass(frozen=True, slots=True)
class Blob:
    """A blob to be written: what it is, and its bytes."""

    descriptor: Descriptor
    chunks: Callable[[], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class Laid:
    """An image as an OCI layout holds it.

    Attributes
    ----------
    blobs : tuple of Blob
        Layers base first, config, manifest.
    manifest : Descriptor
        With the image's name among its annotations.
    """

    blobs: tuple[Blob, ...]
    manifest: Descriptor


def laid_out(image: Image, compression: Compression | None = None) -> Laid:
    """Return an image's blobs for an OCI layout.

    What is there already is kept byte for byte, the manifest too, unless a layer is stored in another form than
    `compression` wants: that one is encoded anew, and the manifest made anew.
    """
    layers = tuple(_layer_blob(image, layer, compression) for layer in image.layers)
    config = replace(image.config_descriptor, media_type=OCI_CONFIG, digest=image.config.digest)
    manifest = Manifest(config, tuple(blob.descriptor for blob in layers))
    if image.manifest is not None:
        old = image.manifest
        kept = [blob.descriptor.digest for blob in layers] == [layer.digest for layer in old.layers]
        manifest = old if kept else replace(manifest, annotations=old.annotations)
    raw = manifest.raw
    described = Descriptor.of(raw, manifest.media_type, annotations=names_of(image.name))
    documents = (Blob(manifest.config, partial(whole, image.config.raw)), Blob(described, partial(whole, raw)))
    return Laid((*layers, *documents), described)


def layout_tree(image: Image, compression: Compression | None = None) -> ChangeSet:
    """Return the files of an OCI layout that holds one image; `compression` as in `laid_out`."""
    return laid_tree(laid_out(image, compression))


def laid_tree(laid: Laid) -> ChangeSet:
    """Return the files of an OCI layout that holds what is laid out."""
    files: dict[str, Data] = {
        blob_name(blob.descriptor.digest): Extent(blob.descriptor.size, blob.chunks) for blob in laid.blobs
    }
    files[INDEX_FILE] = Inline(Index((laid.manifest,)).raw)
    files[LAYOUT_FILE] = Inline(LAYOUT_DOCUMENT)
    return _tree(files, {})


def whole(raw: bytes) -> Iterator[bytes]:
    """Yield bytes at hand: a document as a blob's chunks."""
    yield raw


def names_of(name: str) -> dict[str, str]:
    """Return the annotations that name an image in an index.

    Examples
    --------
    >>> names_of("bb:1.0")
    {'org.opencontainers.image.ref.name': '1.0', 'io.containerd.image.name': 'bb:1.0'}
    """
    # containerd and docker look for the full name, skopeo and umoci for the tag alone.
    base, colon, tag = name.rpartition(":")
    if not colon or "/" in tag:
        return {REF_NAME: "latest"}
    return {REF_NAME: tag, CONTAINERD_NAME: name} if base else {REF_NAME: tag}


def _layer_blob(image: Image, layer: Layer, wanted: Compression | None) -> Blob:
    stored = partial(image.blobs.chunks, layer.descriptor.digest)
    form = _form(stored())
    if wanted is None or wanted is form:
        kept = Descriptor(LAYER_TYPES[form], layer.descriptor.digest, layer.descriptor.size)
        return Blob(kept, partial(_checked, stored, kept))
    # The name comes before the bytes, and memory holds neither: they are made twice.
    encoded = partial(_encoded, image, layer, wanted)
    hasher, size = new_hasher(), 0
    for chunk in encoded():
        hasher.update(chunk)
        size += len(chunk)
    made = Descriptor(LAYER_TYPES[wanted], Digest("sha256", hasher.hexdigest()), size)
    return Blob(made, partial(_checked, encoded, made))


def _checked(chunks: Callable[[], Iterator[bytes]], descriptor: Descriptor) -> Iterator[bytes]:
    return verified(chunks(), descriptor.digest, size=descriptor.size, where=str(descriptor.digest))


def _encoded(image: Image, layer: Layer, form: Compression) -> Iterator[bytes]:
    return compress(_tar(image, layer), form)


def _form(chunks: Iterator[bytes]) -> Compression:
    head = b""
    for chunk in chunks:
        head += chunk
        if len(head) >= 8:
            break
    return sniff(head)


class TreeOuter(Outer):
    """A tree as an archive that is open: what was made here, read as if it came from outside."""

    def __init__(self, tree: ChangeSet, where: str) -> None:
        self.where = where
        self._tree = tree

    def size(self, name: str) -> int | None:
        data = self._data(name)
        return None if data is None else data.size

    def _data(self, name: str) -> Data | None:
        entry = self._tree.entries.get(name)
        return None if entry is None else entry.data

    def chunks(self, name: str, offset: int = 0, length: int | None = None) -> Iterator[bytes]:
        data = self._data(name)
        if data is None:
            raise ArchiveInvalid(f"{name} is missing", where=self.where)
        if not offset and length is None:
            return data.chunks()
        return iter((data.read(offset, length),))


def _tree(files: dict[str, Data], links: dict[str, str]) -> ChangeSet:
    entries = {name: Entry(Kind.FILE, 0o644, data=data) for name, data in files.items()}
    entries |= {name: Entry(Kind.SYMLINK, 0o777, target=target) for name, target in links.items()}
    folders = {name[:at] for name in entries for at in range(len(name)) if name[at] == "/"}
    return ChangeSet(entries | {name: Entry(Kind.DIRECTORY, 0o755) for name in folders})

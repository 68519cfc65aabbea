"""A world in a folder: one JSON document, and the bytes beside it.

    FOLDER/world.json      the world, its version, the digest of the whole: replaced in one step
    FOLDER/bytes/          a content store: documents, layers' tars, files' bytes; only ever added to

A document that is damaged, or was written by a newer version, is refused with the reason and left untouched. Samples'
layers are not stored: their names are enough to make them again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from ..content.data import Data, Extent
from ..content.descriptor import Descriptor, parse_json
from ..content.digest import Digest
from ..content.durable import make_folder, written_aside
from ..content.store import LayoutStore
from ..errors import BadInput, BlobMissing, Unsupported
from ..fs.entry import Entry
from ..fs.tar import read_layer
from ..image.ids import DiffID
from ..image.samples import NAMES, sample
from .codec import Damaged, Decoder, Encoder
from .containers import root_of
from .disk import Disk
from .stock import Stock, StockLayer
from .world import World

VERSION = 1
FORMAT = "layerlab-world"
DOCUMENT, BYTES = "world.json", "bytes"
MAX_DOCUMENT = 64 << 20


def save(world: World, folder: Path) -> None:
    """Write a world into a folder, made where it is missing; what was there before is replaced in one step.

    Raises
    ------
    ArchiveInvalid
        The folder's store is something else's.
    OSError
        The disk is full, or the folder cannot be written; the world that was there stays.
    """
    make_folder(folder)
    store = LayoutStore(folder / BYTES)
    encoder = Encoder(partial(_keep, store))
    body = encoder.value(world)
    for raw in (*world.stock.documents.values(), *encoder.configs.values()):
        store.ingest(Digest.of(raw), (raw,), len(raw))
    layers = [_layer(store, world.stock, one) for one in world.stock.layers.values()]
    documents = sorted(str(digest) for digest in world.stock.documents)
    inner = {"world": body, "layers": layers, "documents": documents}
    text = _canonical(inner)
    with written_aside(folder / DOCUMENT) as file:
        file.write(_canonical({
            "format": FORMAT, "version": VERSION, "digest": str(Digest.of(text)), "contents": inner,
        }))


def _canonical(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=True).encode("ascii")


def _keep(store: LayoutStore, data: Data) -> None:
    store.ingest(Digest("sha256", data.sha256), data.chunks(), data.size)


def _layer(store: LayoutStore, stock: Stock, one: StockLayer) -> dict[str, Any]:
    told = {"diffID": str(one.diff_id), "media": one.media_type, "tar": one.tar_size, "sample": one.sample}
    if not one.sample:
        store.ingest(Digest(one.diff_id.algorithm, one.diff_id.hex), stock.tar(one.diff_id), one.tar_size)
    if one.diff_id in stock.came:
        store.ingest(one.digest, stock.chunks(one.digest), one.blob_size)
        told |= {"blob": str(one.digest), "size": one.blob_size}
    return told


def load(folder: Path) -> World:
    """Read a world from a folder; nothing in it is changed.

    Raises
    ------
    BadInput
        There is none, it is damaged, or (`Unsupported`) of a newer version; the reason is said.
    """
    where = str(folder / DOCUMENT)
    contents = _checked(folder / DOCUMENT, where)
    try:
        store = LayoutStore(folder / BYTES)
        stock = _stock(store, contents, where)
        decoder = Decoder(partial(_data, store), partial(_document, stock, store), partial(_root, stock))
        return decoder.world(contents["world"], stock)
    except Damaged as error:
        raise Damaged(error.what, where=where, hint=_HINT) from None
    except (BlobMissing, KeyError, TypeError, ValueError) as error:
        raise Damaged(f"does not hold together: {error}"[:200], where=where, hint=_HINT) from None


_HINT = "keep the folder to look at, or remove it to begin a new world"


def _checked(path: Path, where: str) -> dict[str, Any]:
    try:
        with open(path, "rb") as file:
            raw = file.read(MAX_DOCUMENT + 1)
    except FileNotFoundError:
        raise BadInput("there is no world here", where=where) from None
    if len(raw) > MAX_DOCUMENT:
        raise Damaged("larger than a world can be", where=where, hint=_HINT)
    try:
        found = parse_json(raw, where=where, max_bytes=MAX_DOCUMENT)
    except BadInput as error:
        raise Damaged(f"damaged: {error.what}", hint=_HINT) from None
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise Damaged("no world file of ours", where=where, hint=_HINT)
    version = found.get("version")
    if not isinstance(version, int) or version > VERSION:
        raise Unsupported(f"written by a newer version ({version!r}, this one reads {VERSION})", where=where,
                          hint="use the newer layerlab, or another folder")
    contents = found.get("contents")
    if not isinstance(contents, dict) or str(Digest.of(_canonical(contents))) != found.get("digest"):
        raise Damaged("damaged: its digest does not match", where=where, hint=_HINT)
    return contents


def _stock(store: LayoutStore, contents: dict[str, Any], where: str) -> Stock:
    stock = Stock()
    for name in sorted({layer["sample"] for layer in contents["layers"] if layer["sample"]}):
        if name not in NAMES:
            raise Damaged(f"a sample that is not here: {name[:40]!r}", where=where)
        stock.image(sample(name), name)
    for layer in contents["layers"]:
        diff_id = DiffID.parse(layer["diffID"])
        if diff_id not in stock.layers:
            tar = partial(_whole, store, Digest(diff_id.algorithm, diff_id.hex))
            found = read_layer(tar(), where=where, reopen=tar, hash_files=False)
            if "blob" in layer:
                told = Descriptor(layer["media"], Digest.parse(layer["blob"]), layer["size"])
                stock.arrived(found.changes, diff_id, found.size, told, partial(_whole, store, told.digest), tar)
            else:
                stock.foreign(found.changes, diff_id, found.size, tar, layer["media"])
    for text in contents["documents"]:
        stock.document(store.read(Digest.parse(text)))
    return stock


def _whole(store: LayoutStore, digest: Digest) -> Iterator[bytes]:
    return store.chunks(digest)


def _data(store: LayoutStore, size: int, sha256: str) -> Data:
    digest = Digest("sha256", sha256)
    if store.stat(digest) != size:
        raise BlobMissing(digest)
    return Extent(size, partial(_whole, store, digest), sha256)


def _document(stock: Stock, store: LayoutStore, digest: Digest) -> bytes:
    held = stock.documents.get(digest)
    return store.read(digest) if held is None else held


def _root(stock: Stock, layers: tuple[DiffID, ...], upper: dict[str, Entry]) -> Disk:
    return root_of(stock, layers, upper)

"""Images of a daemon: how they are found, what they are called, what their size is.

    tags      docker.io/library/ubuntu:latest        -> image ID     what `docker tag` and `pull` set
    digests   docker.io/library/ubuntu@sha256:...    -> image ID     what a pull or a push leaves (RepoDigests)

A name leads to an image by its tag, else by its digest, else as the beginning of an ID (moby, daemon/images/image.go).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from ..content.descriptor import DOCKER_LAYER_GZIP
from ..content.digest import Digest
from ..errors import BadInput
from ..image.config import History
from ..image.ids import ChainID, chain_ids
from ..registry.reference import Reference, ReferenceInvalid
from ..union.upperdir import commit as changes_of_upper
from .job import Fail, Job, refused
from .manifests import docker_manifest
from .stock import Stock, StockLayer, docker_size
from .world import Container, Daemon, Storage, StoredImage, put

HEX = re.compile(r"(?:sha256:)?([0-9a-f]{1,64})", re.ASCII)
SHORT = 12
LAYER_TYPE = DOCKER_LAYER_GZIP


def short(name: object) -> str:
    """Return the twelve digits of an ID that tables show.

    Examples
    --------
    >>> short("sha256:50ad302ec18bb366fcf9"), short("50ad302ec18bb366fcf9")
    ('50ad302ec18b', '50ad302ec18b')
    """
    return str(name).rpartition(":")[2][:SHORT]


def reference(text: str, lead: str = "") -> Reference:
    """Read a reference; `Fail` in docker's words, after `lead`."""
    try:
        return Reference.parse(text)
    except ReferenceInvalid as error:
        raise Fail(f"{lead}{error.what}\n") from None


def find(daemon: Daemon, text: str) -> StoredImage | None:
    """Return the image that a name, a digest or the beginning of an ID leads to."""
    try:
        ref: Reference | None = Reference.parse(text)
    except BadInput:
        ref = None
    if ref is not None:
        if ref.digest is None:
            held = daemon.tags.get(ref.full)
        else:
            held = daemon.digests.get(f"{ref.name}@{ref.digest}")
        if held is not None:
            return daemon.images[held]
    return by_id(daemon, text)


def by_id(daemon: Daemon, text: str) -> StoredImage | None:
    """Return the image whose ID begins so, None for none or several."""
    match = HEX.fullmatch(text)
    if match is None:
        return None
    found = [image for image in daemon.images.values() if any(
        one.hex.startswith(match[1]) for one in ids_of(daemon, image))]
    return found[0] if len(found) == 1 else None


def ids_of(daemon: Daemon, image: StoredImage) -> tuple[Digest, ...]:
    """Return the digests that an image is found under: its ID, and in the containerd store its manifest's."""
    if daemon.settings.storage is Storage.CONTAINERD and image.manifest is not None:
        return (image.manifest, image.id)
    return (image.id,)


def shown_id(daemon: Daemon, image: StoredImage) -> Digest:
    """Return the ID that docker shows: the config's digest, or the manifest's in the containerd store."""
    if daemon.settings.storage is Storage.CONTAINERD and image.manifest is not None:
        return image.manifest
    return image.id


def need(job: Job, text: str) -> StoredImage:
    """Return an image; `Fail` with ``No such image``, or what is wrong with the name."""
    found = find(job.daemon, text)
    if found is not None:
        return found
    if HEX.fullmatch(text) and text.startswith("sha256:"):
        raise refused(f"No such image: {text}")
    try:
        ref = Reference.parse(text)
    except ReferenceInvalid as error:
        raise refused(error.what) from None
    raise refused(f"No such image: {ref}")


def layers_of(stock: Stock, image: StoredImage) -> tuple[StockLayer, ...]:
    """Return an image's layers, base first."""
    return tuple(stock.layers[diff_id] for diff_id in image.config.diff_ids)


def chains_of(image: StoredImage) -> tuple[ChainID, ...]:
    """Return the names of an image's layers in the layer store, base first."""
    return chain_ids(image.config.diff_ids)


def size_of(stock: Stock, daemon: Daemon, image: StoredImage) -> int:
    """Return the bytes that docker prints as SIZE."""
    layers = layers_of(stock, image)
    unpacked = sum(layer.size for layer in layers)
    if daemon.settings.storage is Storage.CONTAINERD:
        return unpacked + sum(layer.advertised for layer in layers)
    return unpacked


def content_size(stock: Stock, image: StoredImage) -> int:
    """Return the bytes of an image's compressed layers and documents (CONTENT SIZE of Engine 29)."""
    documents = len(image.config.raw)
    return documents + sum(layer.advertised for layer in layers_of(stock, image))


def tags_of(daemon: Daemon, image: StoredImage) -> tuple[Reference, ...]:
    """Return the names with a tag, sorted."""
    return tuple(Reference.parse(name) for name, held in sorted(daemon.tags.items()) if held == image.id)


def digests_of(daemon: Daemon, image: StoredImage) -> tuple[Reference, ...]:
    """Return the names with a digest, sorted."""
    return tuple(Reference.parse(name) for name, held in sorted(daemon.digests.items()) if held == image.id)


def children(daemon: Daemon, image: StoredImage) -> tuple[StoredImage, ...]:
    """Return the images that were committed or built from one here."""
    return tuple(one for one in daemon.images.values() if one.parent == image.id)


def is_dangling(daemon: Daemon, image: StoredImage) -> bool:
    """Whether nothing names an image and nothing was made from it."""
    named = image.id in daemon.tags.values() or image.id in daemon.digests.values()
    return not named and not children(daemon, image)


def add(job: Job, image: StoredImage) -> StoredImage:
    """Keep an image; one that is there already keeps its parent, and its manifest unless it gets one."""
    held = job.daemon.images.get(image.id)
    if held is not None:
        image = replace(held, manifest=image.manifest or held.manifest)
    if image.manifest is None:
        image = replace(image, manifest=docker_manifest(job.world.stock, image.config).digest)
    job.world.stock.document(image.config.raw)
    job.change(images=put(job.daemon.images, image.id, image))
    if held is None:
        job.tell("image", image.id, f"image {short(image.id)} is in the store, {len(image.config.diff_ids)} layers")
    return image


def tag(job: Job, ref: Reference, image: StoredImage) -> None:
    """Let a name lead to an image."""
    before = job.daemon.tags.get(ref.full)
    images = job.daemon.images
    job.change(
        tags=put(job.daemon.tags, ref.full, image.id),
        images=put(images, image.id, replace(images[image.id], tagged_ns=job.now)),
    )
    if before is None or before == image.id:
        words = f"{ref} is a name of {short(image.id)}"
    else:
        words = f"{ref} is a name of {short(image.id)} now, and no more of {short(before)}"
    job.tell("tag", ref, words, image=str(image.id), before=None if before is None else str(before))


def history_rows(
    stock: Stock, image: StoredImage
) -> tuple[tuple[History, StockLayer | None], ...]:
    """Return an image's history with the layer that each entry made, newest first."""
    layers = iter(layers_of(stock, image))
    rows: list[tuple[History, StockLayer | None]] = []
    for entry in image.config.history:
        rows.append((entry, None if entry.empty_layer else next(layers, None)))
    rows += [(History(), layer) for layer in layers]
    return tuple(reversed(rows))


def container_sizes(stock: Stock, container: Container) -> tuple[int, int]:
    """Return what ``docker ps -s`` shows: bytes of the writable layer, and of it with the image's layers."""
    written = docker_size(changes_of_upper(container.root.mount))
    return written, written + sum(stock.layers[diff_id].size for diff_id in container.layers)


def used_layers(daemon: Daemon, without: Iterable[Digest] = ()) -> frozenset[ChainID]:
    """Return the names of all layers that images and containers hold, some images left out of account."""
    left = set(without)
    stacks = {image.config.diff_ids for image in daemon.images.values() if image.id not in left}
    stacks |= {container.layers for container in daemon.containers.values()}
    return frozenset(chain for stack in stacks for chain in chain_ids(stack))

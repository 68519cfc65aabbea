"""docker save, load, export, import: images and file systems as tars, between the world and the host's folders.

    save     an image: its config, its layers one by one, its names     -> load gives the same image ID
    export   a container's merged tree, flat: no layers, no history     -> import makes an image of one layer

What save writes a real docker loads, and load takes what a real one saved.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from ..content.compression import decompressed
from ..content.data import Data, Extent, Inline
from ..content.descriptor import canonical_json
from ..content.digest import Digest
from ..content.limits import DEFAULT
from ..errors import BadInput
from ..fs.changeset import ChangeSet
from ..fs.entry import Entry, Kind
from ..fs.tar import read_layer
from ..fs.tar_write import write_layer
from ..image.config import History, ImageConfig, RunConfig
from ..image.docker_save import MANIFEST_FILE, DockerSave
from ..image.ids import DiffID, chain_ids
from ..image.layer import Image, Layer
from ..image.outer import SpoolSource, Tar
from ..image.read import read_image
from ..image.trees import REPOSITORIES_FILE, docker_tree
from ..registry.reference import Reference
from . import images
from .changes import changed
from .commits import VERSION, run_fields
from .containers import find as find_container
from .job import Fail, Job, refused
from .stock import Stock
from .times import rfc3339
from .world import StoredImage, put

_BOUNDS = replace(DEFAULT, max_bytes=2 << 30)


def cmd_save(job: Job) -> None:
    """docker save."""
    wanted: dict[Digest, list[Reference]] = {}
    for text in job.parsed.args:
        _chosen(job, text, wanted)
    tree = save_tree(job.world.stock, [(job.daemon.images[id], names) for id, names in wanted.items()])
    _written(job, tree, "save image")
    job.because("save writes layers, config and names, so load brings back the same image ID; volumes are not in it")


def _chosen(job: Job, text: str, wanted: dict[Digest, list[Reference]]) -> None:
    try:
        plain: Reference | None = Reference.parse_plain(text)
    except BadInput:
        plain = None
    if plain is not None and plain.tag is None and plain.digest is None:
        # A name alone stands for all of its tags.
        tags = [ref for ref in map(Reference.parse, sorted(job.daemon.tags)) if ref.name == plain.name]
        for ref in tags:
            wanted.setdefault(job.daemon.tags[ref.full], []).append(ref)
        if tags:
            return
    image = images.find(job.daemon, text)
    if image is None:
        raise refused(f"No such image: {text}")
    names = wanted.setdefault(image.id, [])
    if plain is not None and plain.full in job.daemon.tags and plain not in names:
        names.append(plain)


def image_value(stock: Stock, image: StoredImage, name: str) -> Image:
    """Return an image as the floors below know it: what `sim inspect` and the pictures take."""
    config = image.config
    layers = tuple(
        Layer(stock.descriptor(diff_id), diff_id, chain, held.tar_size, len(held.changes), held.changes,
              (line.created_by if line is not None else None) or "")
        for diff_id, chain, line in zip(
            config.diff_ids, chain_ids(config.diff_ids), config.layer_histories, strict=True)
        for held in (stock.layers[diff_id],)
    )
    return Image(name, None, None, config, config.describe("application/vnd.docker.container.image.v1+json"),
                 layers, stock)


def save_tree(stock: Stock, chosen: list[tuple[StoredImage, list[Reference]]]) -> ChangeSet:
    """Return the files of an archive that holds several images, as docker 20.10 writes it."""
    entries: dict[str, Entry] = {}
    manifest: list[dict[str, Any]] = []
    repositories: dict[str, dict[str, str]] = {}
    for image, names in chosen:
        value = image_value(stock, image, "")
        tree = docker_tree(value)
        told = json.loads(_data(tree, MANIFEST_FILE).read())[0]
        row = {**told, "RepoTags": [str(ref) for ref in names] or None}
        if any(other.id == image.parent for other, _ in chosen):
            row["Parent"] = str(image.parent)
        manifest.append(row)
        for ref in names:
            if told["Layers"]:
                repositories.setdefault(ref.familiar, {})[ref.tag or ""] = told["Layers"][-1].partition("/")[0]
        entries |= tree.entries
        for layer, path in zip(value.layers, told["Layers"], strict=True):
            # As it is in the stock, which knows the tar itself and need not unpack a blob.
            if entries[path].data is not None:
                data = Extent(layer.tar_size, partial(stock.tar, layer.diff_id), layer.diff_id.hex)
                entries[path] = replace(entries[path], data=data)
    entries[MANIFEST_FILE] = Entry(Kind.FILE, 0o644, data=Inline(canonical_json(manifest)))
    if repositories:
        entries[REPOSITORIES_FILE] = Entry(Kind.FILE, 0o644, data=Inline(canonical_json(repositories)))
    return ChangeSet(entries)


def _data(tree: ChangeSet, name: str) -> Data:
    found = tree.entries[name].data
    assert found is not None
    return found


def tar_data(tree: ChangeSet) -> Data:
    """Return a tree's tar as a file's bytes: written when they are read."""
    size = sum(len(chunk) for chunk in write_layer(tree))
    return Extent(size, partial(write_layer, tree))


def _written(job: Job, tree: ChangeSet, verb: str) -> None:
    """Write a tar to the file of ``-o``, or to stdout."""
    data = tar_data(tree)
    path = job.parsed.one("output")
    if not path:
        if job.screen:
            raise Fail("cowardly refusing to save to a terminal. Use the -o flag or redirect\n")
        job.data = data
        return
    where = on_host(job, path)
    folder = where.rpartition("/")[0] or "/"
    if not job.host.files.is_dir(folder):
        raise Fail(f'failed to {verb}: invalid output path: directory "{folder}" does not exist\n')
    if job.host.files.is_dir(where):
        raise Fail(f'failed to {verb}: invalid output path: "{path}" is a directory\n')
    job.world = job.world.with_host(replace(job.host, files=job.host.files.written(where, data, job.now, 0o600)))
    job.passes(data.size // 3)


def on_host(job: Job, path: str) -> str:
    """Return a path of the host, made absolute."""
    return path if path.startswith("/") else f"{job.cwd.rstrip('/')}/{path}"


def _read(job: Job, path: str) -> Data:
    mount = job.host.files.mount
    report = mount.cat(on_host(job, path))[1]
    if report.errno:
        raise Fail(f"open {path}: {report.message.lower()}\n")
    found: Data = report.value
    return found


def cmd_load(job: Job) -> None:
    """docker load."""
    path = job.parsed.one("input")
    if not path and job.tty and not job.stdin:
        raise Fail("requested load from stdin, but stdin is empty\n")
    data = _read(job, path) if path else Inline(job.stdin)
    try:
        names = load(job, data, path or "stdin")
    except BadInput as error:
        raise Fail(f"Error processing tar file(exit status 1): {_tar_words(error)}\n") from None
    if not job.parsed.on("quiet") or names:
        for line in names:
            job.out(line)


def _tar_words(error: BadInput) -> str:
    return "unexpected EOF" if type(error).__name__ in ("TarInvalid", "StreamInvalid", "ArchiveInvalid") else error.what


def load(job: Job, data: Data, where: str) -> list[str]:
    """Take an archive of ``docker save`` in; return docker's lines. `BadInput` for what is none."""
    spool = SpoolSource(decompressed(data.chunks(), where))
    outer = Tar(spool, where, _BOUNDS)
    if outer.size(MANIFEST_FILE) is None:
        missing = REPOSITORIES_FILE if outer.size("oci-layout") is None else "blobs/json"
        raise Fail(f"open /var/lib/docker/tmp/docker-import-{job.draw()[:9]}/{missing}: no such file or directory\n")
    archive = DockerSave(outer)
    parents = [row.get("Parent") for row in json.loads(outer.read(MANIFEST_FILE))]
    said = []
    for choice, parent in zip(archive.choices, parents, strict=True):
        outline = archive.outline(choice)
        value = read_image(outline, "", limits=_BOUNDS, threads=1)
        for layer in value.layers:
            tar = partial(_plain, value, layer)
            job.world.stock.foreign(layer.changes, layer.diff_id, layer.tar_size, tar, images.LAYER_TYPE)
        job.world.stock.document(value.config.raw)
        image = images.add(job, StoredImage(Digest.of(value.config.raw), value.config))
        above = images.by_id(job.daemon, parent) if isinstance(parent, str) else None
        if above is not None and above.config.diff_ids == image.config.diff_ids[:len(above.config.diff_ids)]:
            image = replace(image, parent=above.id)
            job.change(images=put(job.daemon.images, image.id, image))
        for name in choice.names:
            ref = images.reference(name)
            images.tag(job, ref, job.daemon.images[image.id])
            said.append(f"Loaded image: {ref}")
        if not choice.names:
            said.append(f"Loaded image ID: {image.id}")
        job.passes(sum(layer.tar_size for layer in value.layers) // 2)
    return said


def _plain(value: Image, layer: Layer) -> Iterator[bytes]:
    return decompressed(value.blobs.chunks(layer.descriptor.digest), str(layer.diff_id))


def cmd_export(job: Job) -> None:
    """docker export."""
    container = find_container(job.daemon, job.parsed.args[0])
    if container is None:
        raise Fail(f"Error: No such container: {job.parsed.args[0]}\n")
    entries = {path: entry for path, entry in container.root.mount.walk("/") if path}
    _written(job, ChangeSet(entries), "export container")
    job.because("export writes the merged tree alone: no layers, no history, no CMD, and nothing of volumes")


def cmd_import(job: Job) -> None:
    """docker import."""
    source = job.parsed.args[0]
    ref = images.reference(job.parsed.args[1]) if len(job.parsed.args) > 1 else None
    if source.startswith(("http://", "https://")):
        raise Fail("docker import of a URL is not simulated: fetch it first\n")
    data = Inline(job.stdin) if source == "-" else _read(job, source)
    try:
        spool = SpoolSource(decompressed(data.chunks(), source))
        found = read_layer(spool.chunks(), where=source, limits=_BOUNDS, reopen=spool.chunks)
    except BadInput as error:
        raise Fail(f"Error processing tar file(exit status 1): {_tar_words(error)}\n") from None
    diff_id = DiffID("sha256", found.diff_hex)
    job.world.stock.foreign(found.changes, diff_id, found.size, spool.chunks, images.LAYER_TYPE)
    comment, created = job.parsed.one("message") or "Imported from -", rfc3339(job.now)
    config = ImageConfig(
        "amd64", "linux", (diff_id,), (History(created, None, None, comment),),
        changed(RunConfig(), job.parsed.all("change")), created,
        extra={"docker_version": VERSION, "container_config": run_fields(RunConfig())},
    )
    image = images.add(job, StoredImage(Digest.of(config.raw), config))
    if ref is not None:
        images.tag(job, ref, image)
    job.out(str(images.shown_id(job.daemon, image)))
    job.because("one layer, whatever the container had: an import knows nothing of what it was made of")


"""Writing an image in another form: docker-save archive, OCI layout in a tar, OCI layout in a folder.

    docker    what `docker load` of every version takes; layers are plain tars, there is no manifest
    oci       what skopeo, podman and newer dockers take
    oci-dir   what umoci takes, too; an existing layout keeps its other images

A destination appears whole or not at all. What stood in its place is replaced only when it was an archive as
well; a thesis of the same name is left alone.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from ..content.compression import Compression
from ..content.descriptor import Descriptor
from ..content.durable import folder_aside, sweep, written_aside
from ..content.limits import DEFAULT
from ..content.store import INDEX_FILE, LayoutStore
from ..errors import ArchiveInvalid, BadInput
from ..fs.changeset import ChangeSet
from ..fs.tar_write import write_layer
from .archive import open_archive
from .layer import Image
from .manifest import Index
from .oci_layout import REF_NAME
from .outer import Progress
from .trees import Laid, docker_tree, laid_out, laid_tree, layout_tree

FORMS = ("docker", "oci", "oci-dir")


def write_archive(
    image: Image, dest: str | os.PathLike[str], to: str = "docker", compression: str | None = None,
    progress: Progress | None = None,
) -> None:
    """Write an image as a file or a folder; equal images give equal bytes.

    Parameters
    ----------
    image : Image
    dest : path
    to : {"docker", "oci", "oci-dir"}
    compression : {"none", "gzip", "zstd"}, optional
        How layers are stored. Those that are not stored so are encoded anew, by an encoder whose bytes are the
        same everywhere and that does not make them smaller. All are kept as they are by default; in a docker
        archive they are plain in any case.
    progress : callable, optional
        ``progress(done_bytes, total_bytes, what)``.

    Raises
    ------
    BadInput
        An unknown form or compression; `dest` is something else; the image's own archive has changed.
    OSError
        The disk is full, or `dest` is not writable; nothing is left behind.
    """
    path = Path(dest)
    form = _compression(compression)
    if to == "docker":
        if form not in (None, Compression.NONE):
            raise BadInput("a docker archive holds plain layers", hint="write --to oci, or leave out --compression")
        _write_tar(docker_tree(image), path, progress)
    elif to == "oci":
        _write_tar(layout_tree(image, form), path, progress)
    elif to == "oci-dir":
        _write_folder(laid_out(image, form), path, progress)
    else:
        raise BadInput(f"{to[:40]!r} is no form of an archive", hint="choose one of: " + ", ".join(FORMS))


def _compression(text: str | None) -> Compression | None:
    if text is None:
        return None
    try:
        return Compression(text)
    except ValueError:
        raise BadInput(
            f"{text[:40]!r} is no compression of layers", hint="choose one of: " + ", ".join(Compression)
        ) from None


def write_layout_tar(laid: Laid, path: Path, progress: Progress | None = None) -> None:
    """Write what is laid out as an OCI layout in a tar; errors as in `write_archive`."""
    _write_tar(laid_tree(laid), path, progress)


def _write_tar(tree: ChangeSet, path: Path, progress: Progress | None) -> None:
    may_replace(path)
    total = sum(entry.size for entry in tree.entries.values())
    done = 0
    sweep(path.parent)
    with written_aside(path) as file:
        for chunk in write_layer(tree):
            file.write(chunk)
            done += len(chunk)
            if progress is not None:
                progress(min(done, total), total, str(path))


def may_replace(path: Path) -> None:
    """Refuse a file that cannot be written, or that is in the place of something else than an archive.

    Raises
    ------
    BadInput
        There is no folder for it; a folder is in its place; a file that is no image archive is.
    """
    if not path.parent.is_dir():
        raise BadInput("there is no such folder", where=str(path.parent), hint="make it first")
    if not path.exists():
        return
    if path.is_dir():
        raise BadInput("a folder is in the place of the file", where=str(path), hint="name a file")
    if path.stat().st_size:
        try:
            open_archive(path, limits=DEFAULT)
        except BadInput:
            raise ArchiveInvalid(
                "exists and is no image archive, so it is not replaced", where=str(path),
                hint="remove it, or name another file",
            ) from None


def _write_folder(laid: Laid, path: Path, progress: Progress | None) -> None:
    if path.exists():
        _fill(LayoutStore(path), laid, progress)
        return
    # A new folder is filled aside, so that a failure leaves nothing.
    with folder_aside(path) as aside:
        _fill(LayoutStore(aside), laid, progress)


def _fill(store: LayoutStore, laid: Laid, progress: Progress | None) -> None:
    total = sum(blob.descriptor.size for blob in laid.blobs)
    done = 0

    def counted(chunks: Iterator[bytes]) -> Iterator[bytes]:
        nonlocal done
        for chunk in chunks:
            done += len(chunk)
            if progress is not None:
                progress(done, total, str(store.root))
            yield chunk

    for blob in laid.blobs:
        store.ingest(blob.descriptor.digest, counted(blob.chunks()), blob.descriptor.size)
    name_image(store, laid.manifest)


def name_image(store: LayoutStore, manifest: Descriptor) -> bool:
    """List an image in a layout's index, under the tag among its annotations; tell whether that changed anything.

    As a tag moves: the new image takes the name, the other images stay.
    """
    with store.alone():
        raw = store.read_index()
        old = Index.parse(raw, where=str(store.root / INDEX_FILE))
        tag = manifest.annotations.get(REF_NAME)
        others = tuple(
            one for one in old.manifests
            if one != manifest and (tag is None or one.annotations.get(REF_NAME) != tag)
        )
        made = replace(old, manifests=(*others, manifest)).raw
        if made == raw:
            return False
        store.write_index(made)
        return True

"""Where a pull lands: a folder or a file that appears whole, and a place beside it that outlives an interruption.

    sim pull REF app/        app/ is a layout already   -> its blobs come into it, its index last
                             app/ is not there yet      -> .layerlab-aside-pull-<hash>/  --replace-->  app/
    sim pull REF app.tar     the same place aside       -> app.tar is written from it, and it is removed

The place aside is found again by the same command, so that only what is missing is fetched. Nobody cleans up after a
learner who gives up, except every later write into the same folder: what was left for an hour is swept.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from ..content.descriptor import Descriptor, Platform
from ..content.digest import Digest
from ..content.durable import ASIDE, make_folder, sweep, sync_folder
from ..content.limits import DEFAULT, Limits
from ..content.store import LAYOUT_FILE, LayoutStore
from ..errors import BadInput
from ..image.archive import open_archive
from ..image.convert import FORMS, may_replace, name_image, write_archive, write_layout_tar
from ..image.outer import Progress
from ..image.read import read_image
from ..image.trees import Blob, Laid, names_of
from .client import Doing, Pulled, pull
from .moves import Move, Stage
from .reference import Reference
from .settings import Settings
from .transfer import Action

_ALIVE_S = 60.0


@dataclass(frozen=True, slots=True)
class Landed:
    """A pull whose image is at its place; `changed` tells whether anything there is new."""

    pulled: Pulled
    changed: bool


def form_of(dest: Path, wanted: str | None = None) -> str:
    """Return which form a destination gets: what is wanted, else an archive for ``.tar`` and a folder otherwise.

    Examples
    --------
    >>> form_of(Path("app")), form_of(Path("app.tar")), form_of(Path("app.tar"), "docker")
    ('oci-dir', 'oci', 'docker')
    """
    if wanted is not None and wanted not in FORMS:
        raise BadInput(f"{wanted[:40]!r} is no form of an archive", hint="choose one of: " + ", ".join(FORMS))
    return wanted or ("oci" if dest.name.lower().endswith(".tar") and not dest.is_dir() else "oci-dir")


def pull_to(
    reference: Reference, dest: Path, doing: Doing | None = None, *, form: str | None = None,
    platform: Platform | None = None, limits: Limits = DEFAULT, progress: Progress | None = None,
) -> Landed:
    """Pull an image to a destination.

    Parameters
    ----------
    reference : Reference
    dest : Path
    doing, platform, limits
        As in `pull`.
    form : {"oci-dir", "oci", "docker"}, optional
        As in `form_of`.
    progress : callable, optional
        Told while an archive is written.

    Raises
    ------
    TransferFailed, BadInput, OSError
        As in `pull` and `write_archive`; the destination is as it was.
    """
    doing = doing or Doing()
    form = form_of(dest, form)
    if form != "oci-dir":
        may_replace(dest)
    elif (dest / LAYOUT_FILE).exists() or _is_empty(dest):
        return _into(LayoutStore(dest), reference, doing, platform, limits)
    elif dest.exists():
        LayoutStore(dest)  # raises what is wrong with it
    make_folder(dest.parent)
    sweep(dest.parent)
    with _aside(dest, reference) as place:
        landed = _into(LayoutStore(place), reference, _kept_alive(doing, place), platform, limits)
        if form == "oci-dir":
            LayoutStore(place).sweep(0)
            os.replace(place, dest)
            sync_folder(dest.parent)
            return landed
        _write(place, landed.pulled, reference, dest, form, limits, progress)
    return replace(landed, changed=True)


def pull_counted(
    reference: Reference, folder: Path, settings: Settings, platform: Platform | None, limits: Limits,
    progress: Progress | None,
) -> None:
    """Pull an image into an empty folder and report its bytes as the readers of archives do; errors as in `pull`."""
    done, sizes = dict[Digest, int](), dict[Digest, int]()

    def tell(move: Move) -> None:
        if move.step.action is Action.SEND:
            done[move.step.descriptor.digest] = max(move.done, done.get(move.step.descriptor.digest, 0))
            sizes[move.step.descriptor.digest] = move.step.descriptor.size
        if progress is not None and move.stage is Stage.MOVING:
            progress(sum(done.values()), sum(sizes.values()), f"fetching {reference}")

    _into(LayoutStore(folder), reference, Doing(settings, tell), platform, limits)


def _into(
    store: LayoutStore, reference: Reference, doing: Doing, platform: Platform | None, limits: Limits
) -> Landed:
    pulled = pull(reference, store, doing, platform=platform, limits=limits)
    named = name_image(store, _named(pulled.descriptor, reference))
    return Landed(pulled, named or bool(pulled.plan.sent))


def _named(descriptor: Descriptor, reference: Reference) -> Descriptor:
    names = names_of(str(reference)) if reference.tag is not None and reference.digest is None else {}
    return Descriptor(descriptor.media_type, descriptor.digest, descriptor.size, names, descriptor.platform)


def _write(
    place: Path, pulled: Pulled, reference: Reference, dest: Path, form: str, limits: Limits,
    progress: Progress | None,
) -> None:
    if form == "oci":
        store = LayoutStore(place)
        named = _named(pulled.descriptor, reference)
        blobs = {blob.digest: blob for blob in (*pulled.manifest.layers, pulled.manifest.config, named)}
        held = [blob for blob in blobs.values() if store.stat(blob.digest) is not None]
        laid = Laid(tuple(Blob(blob, partial(store.chunks, blob.digest)) for blob in held), named)
        write_layout_tar(laid, dest, progress)
        return
    archive = open_archive(place, limits=limits)
    choice = next(one for one in archive.choices if one.digest == pulled.descriptor.digest)
    outline = archive.outline(choice)
    image = read_image(outline, str(reference), limits=limits, progress=progress)
    write_archive(image, dest, form, progress=progress)


@contextmanager
def _aside(dest: Path, reference: Reference) -> Iterator[Path]:
    """Name the place for one destination and reference; it goes when the work is done or nothing is in it."""
    name = Digest.of(f"{dest.name} {reference.full}".encode()).short
    place = dest.parent / f"{ASIDE}pull-{name}"
    done = False
    try:
        yield place
        done = True
    finally:
        if place.is_dir() and (done or not _holds_bytes(place)):
            from shutil import rmtree

            rmtree(place, ignore_errors=True)


def _holds_bytes(place: Path) -> bool:
    blobs = place / "blobs" / "sha256"
    return any(name.startswith(f"{ASIDE}part-") for name in os.listdir(place)) or \
        (blobs.is_dir() and bool(os.listdir(blobs)))


def _is_empty(folder: Path) -> bool:
    return folder.is_dir() and not os.listdir(folder)


def _kept_alive(doing: Doing, place: Path) -> Doing:
    """Touch the place now and then, so that another process does not sweep what is still being filled."""
    touched = doing.clock()

    def tell(move: Move) -> None:
        nonlocal touched
        if doing.clock() - touched >= _ALIVE_S:
            touched = doing.clock()
            os.utime(place)
        doing.tell(move)

    return replace(doing, tell=tell)

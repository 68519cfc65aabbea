"""docker rmi: a name goes; the image goes with its last name; a layer with its last image.

    rmi NAME   Untagged: NAME                      other names are left: that was all
               Untagged: NAME@sha256:...           the digest goes with the last tag of its repository
               Deleted: sha256:<image>             nothing names it any more, and nothing was made from it
               Deleted: sha256:<layer's chain>     for each layer that no other image and no container holds, top first
               Deleted: sha256:<parent>            parents without names go too

The rules and their order are those of moby, daemon/images/image_delete.go.
"""

from __future__ import annotations

from ..registry.reference import Reference
from . import images
from .job import Fail, Job, refused
from .world import StoredImage, drop

Say = tuple[str, str]
"""(``Untagged`` or ``Deleted``, what)."""


def cmd_rmi(job: Job) -> None:
    """docker rmi."""
    failed: list[str] = []
    missing = False
    for text in job.parsed.args:
        try:
            for word, what in remove(job, text, job.parsed.on("force"), not job.parsed.on("no-prune")):
                job.out(f"{word}: {what}")
        except Fail as error:
            failed.append(error.what.rstrip("\n"))
            missing = missing or error.what.startswith("Error: No such image")
    for line in failed:
        job.err(line)
    if failed and not (job.parsed.on("force") and missing and len(failed) == len(job.parsed.args)):
        job.exit = 1


def remove(job: Job, text: str, force: bool = False, prune: bool = True) -> list[Say]:
    """Remove a name, or an image by its ID; return what docker says. `Fail` in docker's words."""
    image = images.find(job.daemon, text)
    if image is None:
        try:
            images.need(job, text)
        except Fail as error:
            if "No such image" not in error.what:
                raise
        raise Fail(f"Error: No such image: {text}\n")
    said: list[Say] = []
    by_name = not _is_id(job, image, text)
    if by_name:
        if not force and _single(job, image):
            holder = _holder(job, image)
            if holder is not None:
                raise refused(
                    f'conflict: unable to remove repository reference "{text}" (must force) - container '
                    f"{images.short(holder)} is using its referenced image {images.short(image.id)}"
                )
        said += _untag(job, Reference.parse(text), image)
        if _references(job, image):
            return said
    elif _single(job, image):
        _check(job, image, force, ("child", "running", "stopped"))
        said += [one for ref in _references(job, image) for one in _drop(job, ref)]
    said += _delete(job, image, force, prune, quiet=by_name)
    return said


def _is_id(job: Job, image: StoredImage, text: str) -> bool:
    match = images.HEX.fullmatch(text)
    named = {ref.familiar for ref in _references(job, image)}
    return match is not None and text not in named and any(
        one.hex.startswith(match[1]) for one in images.ids_of(job.daemon, image)
    )


def _references(job: Job, image: StoredImage) -> list[Reference]:
    return [*images.tags_of(job.daemon, image), *images.digests_of(job.daemon, image)]


def _single(job: Job, image: StoredImage) -> bool:
    """Whether all names of an image are one tag, and digests of the same repository."""
    tags, digests = images.tags_of(job.daemon, image), images.digests_of(job.daemon, image)
    return len(tags) <= 1 and len({ref.name for ref in (*tags, *digests)}) <= 1


def _holder(job: Job, image: StoredImage, running: bool | None = None) -> str | None:
    """Return the ID of a container of an image, the newest first."""
    found = [one for one in job.daemon.containers.values()
             if one.image == image.id and running in (None, one.running)]
    return max(found, key=lambda one: one.created_ns).id if found else None


def _untag(job: Job, ref: Reference, image: StoredImage) -> list[Say]:
    said = _drop(job, ref)
    left = _references(job, image)
    if ref.digest is None and not any(one.name == ref.name and one.tag for one in left):
        said += [one for other in left if other.name == ref.name for one in _drop(job, other)]
    return said


def _drop(job: Job, ref: Reference) -> list[Say]:
    if ref.digest is not None:
        job.change(digests=drop(job.daemon.digests, f"{ref.name}@{ref.digest}"))
        shown = f"{ref.familiar}@{ref.digest}"
    else:
        job.change(tags=drop(job.daemon.tags, ref.full))
        shown = str(ref)
    job.tell("untag", shown, f"{shown} is no name any more")
    return [("Untagged", shown)]


def _check(job: Job, image: StoredImage, force: bool, about: tuple[str, ...]) -> None:
    """Raise where something stands against removing an image; `about` names what is looked at."""
    short = images.short(image.id)
    hard, soft = f"conflict: unable to delete {short} (cannot be forced) - ", (
        f"conflict: unable to delete {short} (must be forced) - ")
    if "child" in about and images.children(job.daemon, image):
        raise refused(hard + "image has dependent child images")
    running = _holder(job, image, True)
    if "running" in about and running is not None:
        raise refused(f"{hard}image is being used by running container {images.short(running)}")
    if force:
        return
    if "names" in about and _references(job, image):
        raise refused(soft + "image is referenced in multiple repositories")
    stopped = _holder(job, image, False)
    if "stopped" in about and stopped is not None:
        raise refused(f"{soft}image is being used by stopped container {images.short(stopped)}")


def _delete(job: Job, image: StoredImage, force: bool, prune: bool, quiet: bool) -> list[Say]:
    try:
        _check(job, image, force, ("child", "running", "names", "stopped"))
    except Fail:
        if quiet:
            return []
        raise
    said = [one for ref in _references(job, image) for one in _drop(job, ref)]
    gone = images.used_layers(job.daemon) - images.used_layers(job.daemon, [image.id])
    said.append(("Deleted", str(image.id)))
    said += [("Deleted", str(chain)) for chain in reversed(images.chains_of(image)) if chain in gone]
    job.change(images=drop(job.daemon.images, image.id))
    job.tell("image", image.id, f"image {images.short(image.id)} is gone, with {len(said) - 1} layers", did="remove")
    parent = job.daemon.images.get(image.parent) if image.parent is not None else None
    if prune and parent is not None and not _references(job, parent):
        said += _delete(job, parent, False, True, quiet=True)
    return said

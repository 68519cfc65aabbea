"""docker commit: a container's writable layer becomes a layer of a new image.

    image: layers 1..n        container: layers 1..n + -init + upper
                                                               |  tar, by the one encoder
    new image: layers 1..n, n+1  <-----------------------------+      an empty upper makes no layer

What lies in volumes, in bind mounts, and in docker's own /etc/hosts is not in the upper, so it is not committed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ..content.digest import Digest
from ..fs.changeset import ChangeSet
from ..image.config import History, ImageConfig, RunConfig
from ..registry.reference import Reference
from ..union.snapshot import MAX_IMAGE_LAYERS
from ..union.upperdir import commit as changes_of_upper
from . import images
from .changes import changed
from .containers import find
from .job import Fail, Job, refused
from .times import rfc3339
from .world import Container, StoredImage

VERSION = "20.10.24+dfsg1"


def cmd_commit(job: Job) -> None:
    """docker commit."""
    name = job.parsed.args[0]
    ref: Reference | None = None
    if len(job.parsed.args) > 1:
        ref = images.reference(job.parsed.args[1])
        if ref.digest is not None:
            raise Fail("repository name must be canonical\n")
    container = find(job.daemon, name)
    if container is None:
        raise refused(f"No such container: {name}")
    image = commit(
        job, container, comment=job.parsed.one("message"), author=job.parsed.one("author"),
        lines=job.parsed.all("change"),
    )
    if ref is not None:
        images.tag(job, ref, image)
    job.out(str(images.shown_id(job.daemon, image)))
    outside = [point.at for point in container.mounts]
    if outside:
        job.because(f"{', '.join(outside)}: mounted, so what lies there is not in the image")


def commit(
    job: Job, container: Container, *, comment: str = "", author: str = "", lines: Sequence[str] = (),
) -> StoredImage:
    """Make an image of a container; `Fail` in docker's words."""
    base = job.daemon.images.get(container.image)
    if base is None:
        raise refused(f"No such image: {container.image}")
    changes = changes_of_upper(container.root.mount)
    run = changed(container.config, lines)
    words = " ".join(container.config.cmd)
    job.passes(20_000_000 + sum(entry.size for entry in changes.entries.values()) // 4)
    config = derived(
        job, base.config, changes, run, created_by=words, comment=comment, author=author,
        container=container.id, ran=container_config(container),
    )
    image = StoredImage(Digest.of(config.raw), config, base.id, container=container.id)
    if not len(changes):
        job.because("the container's writable layer is empty: one entry more in the history, and no new layer")
    else:
        size = job.world.stock.layers[config.diff_ids[-1]].size
        job.because(f"the writable layer holds {len(changes)} names, {size} bytes of files: that is the new layer")
    return images.add(job, image)


def derived(
    job: Job, base: ImageConfig, changes: ChangeSet, run: RunConfig, *, created_by: str, comment: str = "",
    author: str = "", container: str = "", ran: dict[str, Any] | None = None,
) -> ImageConfig:
    """Return the config of an image that lies on another: one history entry more, and a layer where there is one."""
    diff_ids = base.diff_ids
    if len(changes):
        if len(diff_ids) >= MAX_IMAGE_LAYERS:
            raise refused("max depth exceeded")
        diff_ids = (*diff_ids, job.world.stock.layer_of(changes, images.LAYER_TYPE).diff_id)
    created = rfc3339(job.now)
    entry = History(created, created_by or None, author or None, comment or None, not len(changes))
    extra: dict[str, Any] = {**base.extra, "docker_version": VERSION}
    if container:
        extra["container"] = container
    if ran is not None:
        extra["container_config"] = ran
    return replace(
        base, diff_ids=diff_ids, history=(*base.history, entry), config=run, created=created,
        author=author or None, extra=extra,
    )


def container_config(container: Container) -> dict[str, Any]:
    """Return what a container ran, as docker's config document holds it."""
    return run_fields(container.config, container.hostname, container.image_name,
                      container.options.get("tty") == "true", container.options.get("interactive") == "true")


def run_fields(
    run: RunConfig, hostname: str = "", image: str = "", tty: bool = False, interactive: bool = False
) -> dict[str, Any]:
    """Return a run config with all of docker's fields, in its order."""
    found: dict[str, Any] = {
        "Hostname": hostname, "Domainname": "", "User": run.user, "AttachStdin": False, "AttachStdout": False,
        "AttachStderr": False,
    }
    if run.exposed_ports:
        found["ExposedPorts"] = {port: {} for port in run.exposed_ports}
    found |= {
        "Tty": tty, "OpenStdin": interactive, "StdinOnce": False, "Env": list(run.env) or None,
        "Cmd": list(run.cmd) or None, "Image": image, "Volumes": {path: {} for path in run.volumes} or None,
        "WorkingDir": run.working_dir, "Entrypoint": list(run.entrypoint) or None, "OnBuild": None,
        "Labels": dict(run.labels) or None,
    }
    return found

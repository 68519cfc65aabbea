"""docker system df: how much of the disk docker takes, and how much of it nobody needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..image.ids import ChainID
from . import images
from .cmd_ps import status_of
from .cmd_volume import size_of as volume_size
from .containers import newest_first
from .job import Job
from .tables import Column, aligned, show
from .times import ago, parse_rfc3339
from .volumes import users_of
from .world import StoredImage


def layer_bytes(job: Job, found: Iterable[StoredImage]) -> dict[ChainID, int]:
    """Return the bytes of the layers of some images, each once."""
    return {chain: layer.size for image in found for chain, layer in
            zip(images.chains_of(image), images.layers_of(job.world.stock, image), strict=True)}


def _counts(job: Job) -> dict[ChainID, int]:
    """Return how many images have each layer."""
    counts: dict[ChainID, int] = {}
    for image in job.daemon.images.values():
        for chain in images.chains_of(image):
            counts[chain] = counts.get(chain, 0) + 1
    return counts


def _own(job: Job, image: StoredImage, counts: Mapping[ChainID, int]) -> int:
    """Return the bytes of the layers that one image alone has."""
    return sum(layer.size for chain, layer in zip(
        images.chains_of(image), images.layers_of(job.world.stock, image), strict=True) if counts[chain] == 1)


def cmd_df(job: Job) -> None:
    """docker system df."""
    if job.parsed.on("verbose"):
        _verbose(job)
        return
    daemon = job.daemon
    everything = list(daemon.images.values())
    used = {one.image for one in daemon.containers.values()}
    parents = {image.parent for image in everything}
    shown = [image for image in everything if image.id not in parents or images.tags_of(daemon, image)]
    total = layer_bytes(job, everything)
    counts = _counts(job)
    # docker counts as needed only what an image in use has for itself, so shared layers look reclaimable.
    kept = sum(_own(job, image, counts) for image in everything if image.id in used)
    written = {one.id: images.container_sizes(job.world.stock, one)[0] for one in daemon.containers.values()}
    stopped = sum(size for id, size in written.items() if not daemon.containers[id].running)
    volumes = {name: volume_size(one) for name, one in daemon.volumes.items()}
    mounted = {name for name in volumes if users_of(job, name)}
    loose = sum(size for name, size in volumes.items() if name not in mounted)
    running = sum(one.running for one in daemon.containers.values())
    rows = [
        _row("Images", len(shown), sum(image.id in used for image in shown), sum(total.values()),
             sum(total.values()) - kept),
        _row("Containers", len(written), running, sum(written.values()), stopped),
        _row("Local Volumes", len(volumes), len(mounted), sum(volumes.values()), loose),
        _row("Build Cache", len(daemon.cache), 0, 0, 0) | {"Reclaimable": "0B"},
    ]
    columns = [Column("TYPE", "Type"), Column("TOTAL", "TotalCount"), Column("ACTIVE", "Active"),
               Column("SIZE", "Size"), Column("RECLAIMABLE", "Reclaimable")]
    show(job, columns, rows)


def _row(kind: str, total: int, active: int, size: int, free: int) -> dict[str, Any]:
    share = f" ({free * 100 // size}%)" if size else ""
    return {"Type": kind, "TotalCount": str(total), "Active": str(active), "Size": precise(size),
            "Reclaimable": precise(free) + share}


def precise(count: int) -> str:
    """Return a size with four digits, as df prints it.

    Examples
    --------
    >>> precise(3966611), precise(0), precise(496)
    ('3.967MB', '0B', '496B')
    """
    value, unit = float(count), 0
    units = ("B", "kB", "MB", "GB", "TB")
    while value >= 1000 and unit < len(units) - 1:
        value /= 1000
        unit += 1
    return f"{float(f'{value:.4g}'):g}{units[unit]}"


def _verbose(job: Job) -> None:
    daemon, stock = job.daemon, job.world.stock
    counts = _counts(job)
    rows = [["REPOSITORY", "TAG", "IMAGE ID", "CREATED", "SIZE", "SHARED SIZE", "UNIQUE SIZE", "CONTAINERS"]]
    parents = {image.parent for image in daemon.images.values()}
    for image in sorted(daemon.images.values(), key=lambda one: -parse_rfc3339(one.config.created)):
        tags = images.tags_of(daemon, image)
        if not tags and image.id in parents:
            continue
        own = _own(job, image, counts)
        size = images.size_of(stock, daemon, image)
        name, tag = (tags[0].familiar, tags[0].tag or "") if tags else ("<none>", "<none>")
        users = sum(one.image == image.id for one in daemon.containers.values())
        rows.append([name, tag, images.short(image.id), ago(parse_rfc3339(image.config.created), job.now),
                     precise(size), precise(size - own), precise(own), str(users)])
    _section(job, "Images space usage:", rows)
    rows = [["CONTAINER ID", "IMAGE", "COMMAND", "LOCAL VOLUMES", "SIZE", "CREATED", "STATUS", "NAMES"]]
    for one in newest_first(daemon.containers.values()):
        written = images.container_sizes(stock, one)[0]
        rows.append([images.short(one.id), one.image_name, f'"{" ".join(one.process)[:20]}"',
                     str(sum(point.kind == "volume" for point in one.mounts)), precise(written),
                     ago(one.created_ns, job.now), status_of(one, job.now), one.name])
    _section(job, "Containers space usage:", rows)
    rows = [["VOLUME NAME", "LINKS", "SIZE"]]
    rows += [[name, str(len(users_of(job, name))), precise(volume_size(one))]
             for name, one in sorted(daemon.volumes.items())]
    _section(job, "Local Volumes space usage:", rows)
    job.out("Build cache usage: 0B\n")
    job.out("CACHE ID   CACHE TYPE   SIZE      CREATED   LAST USED   USAGE     SHARED")


def _section(job: Job, title: str, rows: Sequence[Sequence[str]]) -> None:
    job.out(f"{title}\n")
    for line in aligned(rows):
        job.out(line)
    job.out("")

"""docker volume: create, ls, rm, prune (inspect: cmd_inspect)."""

from __future__ import annotations

from typing import Any

from ..fs.changeset import ChangeSet
from .cmd_inspect import volume_folder
from .job import Fail, Job, refused
from .stock import docker_size
from .tables import Column, show
from .volumes import new_volume, users_of
from .world import Volume, drop

_FILTERS = {"dangling", "driver", "label", "name"}


def cmd_create(job: Job) -> None:
    """docker volume create."""
    labels = dict((text.split("=", 1) + [""])[:2] for text in job.parsed.all("label"))
    if job.parsed.one("driver", "local") != "local":
        raise refused(f"create : plugin \"{job.parsed.one('driver')}\" not found")
    name = job.parsed.one("name") or (job.parsed.args[0] if job.parsed.args else "")
    job.out(new_volume(job, name, labels).name)


def cmd_ls(job: Job) -> None:
    """docker volume ls."""
    found = [job.daemon.volumes[name] for name in sorted(job.daemon.volumes)]
    for text in job.parsed.all("filter"):
        name, equals, value = text.partition("=")
        if not equals:
            raise Fail("bad format of filter (expected name=value)\n", 125)
        if name not in _FILTERS:
            raise refused(f"Invalid filter '{name}'")
        found = [one for one in found if _fits(job, one, name, value)]
    rows: list[dict[str, Any]] = [{
        "Driver": "local", "Name": one.name, "Scope": "local", "Mountpoint": volume_folder(one.name),
        "Labels": ",".join(f"{key}={value}" for key, value in sorted(one.labels.items())), "Links": "N/A",
        "Size": "N/A",
    } for one in found]
    show(job, [Column("DRIVER", "Driver"), Column("VOLUME NAME", "Name")], rows, quiet="Name")


def _fits(job: Job, one: Volume, name: str, value: str) -> bool:
    match name:
        case "dangling":
            return bool(users_of(job, one.name)) != (value in ("true", "1"))
        case "driver":
            return value == "local"
        case "name":
            return value in one.name
        case _:
            key, equals, text = value.partition("=")
            return key in one.labels and (not equals or one.labels[key] == text)


def removed(job: Job, one: Volume) -> None:
    """Remove a volume, and what a registry kept in it."""
    job.change(volumes=drop(job.daemon.volumes, one.name))
    job.forget(f"volume:{job.name}:{one.name}")
    job.tell("volume", one.name, f"volume {one.name[:12]} is gone, with {size_of(one)} bytes", did="remove")


def cmd_rm(job: Job) -> None:
    """docker volume rm."""
    for name in job.parsed.args:
        one = job.daemon.volumes.get(name)
        if one is None:
            if not job.parsed.on("force"):
                job.err(f"Error: No such volume: {name}")
                job.exit = 1
                continue
        else:
            users = users_of(job, name)
            if users:
                ids = ", ".join(user.id for user in users)
                job.err(f"Error response from daemon: remove {name}: volume is in use - [{ids}]")
                job.exit = 1
                continue
            removed(job, one)
        job.out(name)


def size_of(one: Volume) -> int:
    """Return the bytes of a volume's files, as docker counts them."""
    return docker_size(ChangeSet(dict(one.files.upper.entries())))

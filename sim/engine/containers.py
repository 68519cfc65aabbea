"""Containers of a daemon: how they are found, and how one is made.

    create   the image's layers + an -init layer (mount points that the image may lack) + an empty writable layer
             volumes are made, and filled from the image where they are empty
    start    see running.py
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from ..fs.entry import Entry
from ..image.config import RunConfig
from ..image.ids import DiffID
from ..union.overlay import Directory, directory, mount
from ..union.snapshot import init_layer, short_names
from ..union.upperdir import to_directory
from . import images
from .disk import Disk, blank
from .job import Job, refused
from .names import check_name, drawn_name
from .stock import Stock
from .volumes import made_volumes
from .world import Container, Daemon, MountPoint, Port, StoredImage, frozen

DEFAULT_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a command line asks of a new container.

    Attributes
    ----------
    image_name : str
    name, hostname : str
        "" where docker chooses.
    config : RunConfig
        The image's, as changed.
    mounts : tuple of MountPoint
        A volume without a name is anonymous.
    ports : tuple of Port
        A host's port of 0 is any free one.
    options : dict of str to str
    """

    image_name: str
    config: RunConfig
    name: str = ""
    hostname: str = ""
    mounts: tuple[MountPoint, ...] = ()
    ports: tuple[Port, ...] = ()
    options: dict[str, str] = field(default_factory=dict)


def find(daemon: Daemon, text: str) -> Container | None:
    """Return the container that an ID, a name or the beginning of an ID leads to; `Fail` for several."""
    if text in daemon.containers:
        return daemon.containers[text]
    for container in daemon.containers.values():
        if container.name == text.removeprefix("/"):
            return container
    found = [one for id, one in daemon.containers.items() if text and id.startswith(text)]
    if len(found) > 1:
        raise refused(f"Multiple IDs found with provided prefix: {text}")
    return found[0] if found else None


def need(job: Job, text: str) -> Container:
    """Return a container; `Fail` with ``No such container``."""
    found = find(job.daemon, text)
    if found is None:
        raise refused(f"No such container: {text}")
    return found


def newest_first(containers: Iterable[Container]) -> list[Container]:
    """Return containers as ``docker ps`` lists them."""
    return sorted(containers, key=lambda one: (-one.created_ns, one.id))


def command_of(config: RunConfig) -> tuple[str, ...]:
    """Return the process: the entrypoint followed by the command."""
    return (*config.entrypoint, *config.cmd)


def create(job: Job, image: StoredImage, wanted: Wanted) -> Container:
    """Make a container.

    Raises
    ------
    Fail
        The name is taken or no name, there is nothing to run, a volume cannot be.
    """
    daemon = job.daemon
    if not command_of(wanted.config):
        raise refused("No command specified")
    name = _free_name(daemon, wanted.name) if wanted.name else ""
    id = job.draw()
    name = name or drawn_name(id, {one.name for one in daemon.containers.values()})
    hostname = wanted.hostname or images.short(id)
    root = new_root(job, image)
    made = Container(
        id, name, image.id, wanted.image_name, wanted.config, hostname, image.config.diff_ids, root,
        blank(now=job.now), created_ns=job.now, ports=wanted.ports, options=frozen(wanted.options),
        process=command_of(wanted.config),
    )
    made = made_volumes(job, made, wanted.mounts)
    job.put_container(made)
    job.tell("container", id, f"container {images.short(id)} ({name}) has a writable layer over "
             f"{len(image.config.diff_ids)} layers", did="create", image=str(image.id))
    return made


def _free_name(daemon: Daemon, text: str) -> str:
    name = check_name(text)
    for other in daemon.containers.values():
        if other.name == name:
            raise refused(
                f'Conflict. The container name "/{name}" is already in use by container "{other.id}". You have to '
                "remove (or rename) that container to be able to reuse that name."
            )
    return name


def new_root(job: Job, image: StoredImage) -> Disk:
    """Return a new writable layer over an image's layers and docker's -init layer."""
    return root_of(job.world.stock, image.config.diff_ids, None, job.now)


def root_of(stock: Stock, layers: tuple[DiffID, ...], upper: dict[str, Entry] | None, now: int = 0) -> Disk:
    """Return a root over layers, base first, with what was written to it; None for a new one."""
    lowers = stock.directories(layers)
    init = stock.once(("init", layers), lambda: _init(stock, layers))
    assert isinstance(init, Directory)
    if upper is None:
        upper = {"": lowers[-1].root.entry()} if lowers else {}
    return Disk(mount((*lowers, init), directory(upper), names=short_names(len(lowers) + 1), now=now))


def _init(stock: Stock, layers: tuple[DiffID, ...]) -> Directory:
    stack = stock.stack(layers)
    return to_directory(init_layer(stack, 0), stack)


def renamed(job: Job, container: Container, name: str) -> None:
    """Give a container another name."""
    if not name.strip("/"):
        raise refused("Neither old nor new names may be empty")
    job.put_container(replace(container, name=_free_name(job.daemon, name)))

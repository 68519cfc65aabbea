"""What a daemon keeps: images, containers with their mounts and ports, volumes. All are values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TypeVar

from ..content.digest import Digest
from ..image.config import ImageConfig, RunConfig
from ..image.ids import DiffID
from .command import Said
from .disk import Disk

K = TypeVar("K")
V = TypeVar("V")


def frozen(found: Mapping[K, V] | None = None) -> Mapping[K, V]:
    """Return a read-only copy of a mapping."""
    return MappingProxyType(dict(found or {}))


def put(found: Mapping[K, V], key: K, value: V) -> Mapping[K, V]:
    """Return a mapping with a key set."""
    return MappingProxyType({**found, key: value})


def drop(found: Mapping[K, V], *keys: K) -> Mapping[K, V]:
    """Return a mapping without some keys."""
    return MappingProxyType({key: value for key, value in found.items() if key not in keys})


@dataclass(frozen=True, slots=True)
class StoredImage:
    """An image that a daemon holds.

    Attributes
    ----------
    id : Digest
        Of its config.
    config : ImageConfig
        With `diff_ids`, base first; the bytes of the layers are in the stock.
    parent : Digest or None
        The image that it was committed or built from HERE; a pulled one has none.
    manifest : Digest or None
        The manifest that it came with, or was pushed with.
    container : str
        ID of the container that it was committed from.
    tagged_ns : int
        When a tag was last put on it.
    """

    id: Digest
    config: ImageConfig
    parent: Digest | None = None
    manifest: Digest | None = None
    container: str = ""
    tagged_ns: int = 0


class State(StrEnum):
    """What a container is doing."""

    CREATED = "created"
    RUNNING = "running"
    PAUSED = "paused"
    RESTARTING = "restarting"
    EXITED = "exited"


@dataclass(frozen=True, slots=True)
class Port:
    """A port of a container that is published on its host."""

    container: int
    protocol: str = "tcp"
    host_ip: str = "0.0.0.0"
    host: int = 0


@dataclass(frozen=True, slots=True)
class MountPoint:
    """What is mounted in a container besides its root.

    Attributes
    ----------
    kind : str
        ``volume`` or ``bind``.
    source : str
        The volume's name, or the host's path.
    at : str
        Path in the container.
    read_only : bool
    anonymous : bool
        A volume that nobody named.
    """

    kind: str
    source: str
    at: str
    read_only: bool = False
    anonymous: bool = False


@dataclass(frozen=True, slots=True)
class Container:
    """A container: an image, a writable layer over it, and a process or none.

    Attributes
    ----------
    id, name : str
    image : Digest
        The image's ID.
    image_name : str
        As it was asked for; ``docker ps`` shows it.
    config : RunConfig
        What it runs: the image's, with what the command line changed. `cmd` and `entrypoint` are kept apart.
    hostname : str
    root : Disk
        The overlay mount: layers, -init, the writable layer. It exists from `create` on and survives `stop`.
    etc : Disk
        /hosts, /hostname, /resolv.conf, which docker keeps for it and mounts over its own.
    state : State
    created_ns, started_ns, finished_ns : int
        0 for never.
    exit_code : int
    ends_ns : int
        When its process ends by itself; -1 for never.
    error : str
        Why it did not start.
    mounts : tuple of MountPoint
    ports : tuple of Port
    options : mapping of str to str
        Further options as they were given: ``restart``, ``network``, ``privileged``, ``tty``, ``interactive``,
        ``rm``.
    logs : tuple of Said
        What its main process printed.
    process : tuple of str
        Its main process: entrypoint and arguments.
    pid : int
    restarts : int
    address : str
        On the bridge, while it runs.
    """

    id: str
    name: str
    image: Digest
    image_name: str
    config: RunConfig
    hostname: str
    layers: tuple[DiffID, ...]
    root: Disk
    etc: Disk
    state: State = State.CREATED
    created_ns: int = 0
    started_ns: int = 0
    finished_ns: int = 0
    exit_code: int = 0
    ends_ns: int = -1
    error: str = ""
    mounts: tuple[MountPoint, ...] = ()
    ports: tuple[Port, ...] = ()
    options: Mapping[str, str] = field(default_factory=frozen)
    logs: tuple[Said, ...] = ()
    process: tuple[str, ...] = ()
    pid: int = 0
    restarts: int = 0
    address: str = ""

    @property
    def running(self) -> bool:
        """Whether its process is there."""
        return self.state in (State.RUNNING, State.PAUSED)


@dataclass(frozen=True, slots=True)
class Volume:
    """A volume: a folder that docker keeps, whatever becomes of the containers."""

    name: str
    files: Disk
    created_ns: int
    anonymous: bool = False
    labels: Mapping[str, str] = field(default_factory=frozen)

"""The whole world as one frozen value.

    World
      clock, seed, drawn              virtual time; what IDs are computed from
      hosts      "cyo57"              files (/etc/docker/daemon.json, folders), kernel, shell's directory
                   daemon             images, tags, containers, volumes; the configuration as it was LAST loaded
      registries "docker.io" ...      what each holds and lets whom do; a private one is there while its container runs
      stock                           the bytes beside it: not compared, never undone

A command is a function from a world to a world. Equality is by value, so "undo restored it" can be asked with ``==``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any, TypeVar

from ..boot.host import Host as Kernel
from ..content.digest import Digest
from ..image.config import ImageConfig, RunConfig
from ..image.ids import DiffID
from .command import Said
from .disk import Disk, blank
from .stock import Stock

K = TypeVar("K")
V = TypeVar("V")
SECOND = 1_000_000_000
_FOLDERS = ("/etc/docker/certs.d", "/root", "/home", "/tmp", "/var/lib/docker", "/usr/bin", "/opt", "/srv", "/mnt")


def frozen(found: Mapping[K, V] | None = None) -> Mapping[K, V]:
    """Return a read-only copy of a mapping."""
    return MappingProxyType(dict(found or {}))


def put(found: Mapping[K, V], key: K, value: V) -> Mapping[K, V]:
    """Return a mapping with a key set."""
    return MappingProxyType({**found, key: value})


def drop(found: Mapping[K, V], *keys: K) -> Mapping[K, V]:
    """Return a mapping without some keys."""
    return MappingProxyType({key: value for key, value in found.items() if key not in keys})


class Storage(StrEnum):
    """Which store a daemon keeps images in."""

    GRAPHDRIVER = "graphdriver"
    """overlay2: an image's ID is its config's digest, SIZE counts unpacked files (before Engine 29)."""
    CONTAINERD = "containerd"
    """The ID is the manifest's digest, SIZE counts compressed and unpacked (default of a fresh Engine 29)."""


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


@dataclass(frozen=True, slots=True)
class Settings:
    """A daemon's configuration as it was last loaded from /etc/docker/daemon.json.

    Attributes
    ----------
    insecure : tuple of str
        ``insecure-registries``.
    mirrors : tuple of str
        ``registry-mirrors``.
    live_restore : bool
    storage : Storage
        ``features: {"containerd-snapshotter": true}``.
    """

    insecure: tuple[str, ...] = ()
    mirrors: tuple[str, ...] = ()
    live_restore: bool = False
    storage: Storage = Storage.GRAPHDRIVER


@dataclass(frozen=True, slots=True)
class Daemon:
    """A docker daemon.

    Attributes
    ----------
    images : mapping of Digest to StoredImage
    tags : mapping of str to Digest
        Full names, ``docker.io/library/ubuntu:latest``, to image IDs.
    digests : mapping of str to Digest
        ``docker.io/library/ubuntu@sha256:...`` (RepoDigests) to image IDs.
    containers : mapping of str to Container
        By full ID.
    volumes : mapping of str to Volume
    known : frozenset of (str, str, str)
        (DiffID, blob digest, full repository): where a layer is known to lie, from pulls and pushes.
    settings : Settings
    running : bool
        Whether the daemon is up.
    error : str
        Why it is not.
    """

    images: Mapping[Digest, StoredImage] = field(default_factory=frozen)
    tags: Mapping[str, Digest] = field(default_factory=frozen)
    digests: Mapping[str, Digest] = field(default_factory=frozen)
    containers: Mapping[str, Container] = field(default_factory=frozen)
    volumes: Mapping[str, Volume] = field(default_factory=frozen)
    known: frozenset[tuple[str, str, str]] = frozenset()
    settings: Settings = Settings()
    running: bool = True
    error: str = ""


@dataclass(frozen=True, slots=True)
class Host:
    """A machine of the world.

    Attributes
    ----------
    name : str
    files : Disk
        Its tree.
    daemon : Daemon
    kernel : sim.boot.host.Host
    addresses : tuple of str
        IP addresses besides 127.0.0.1; docker0's among them.
    cwd : str
        Where its shell is.
    env : mapping of str to str
        Variables of its shell.
    user : str
    """

    name: str
    files: Disk
    daemon: Daemon = Daemon()
    kernel: Kernel = Kernel()
    addresses: tuple[str, ...] = ("172.17.0.1",)
    cwd: str = "/root"
    env: Mapping[str, str] = field(default_factory=frozen)
    user: str = "root"


@dataclass(frozen=True, slots=True)
class Remote:
    """A registry of the world that is no container: docker.io, a cloud's.

    Attributes
    ----------
    name : str
        ``docker.io``, ``registry.cn-hangzhou.aliyuncs.com``.
    state : object
        What it holds: a `sim.registry.state` value.
    accounts : mapping of str to str
        Passwords by account.
    namespaces : mapping of str to str
        Owner's account by namespace; whoever does not own one may not push there.
    repositories : frozenset of str
        ``namespace/name`` that were created in the console, where `created_first`.
    created_first : bool
        Whether a push may only go to a repository that was created first.
    private : frozenset of str
        Repositories that only their owner pulls.
    """

    name: str
    state: Any
    accounts: Mapping[str, str] = field(default_factory=frozen)
    namespaces: Mapping[str, str] = field(default_factory=frozen)
    repositories: frozenset[str] = frozenset()
    created_first: bool = False
    private: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class World:
    """All there is.

    Attributes
    ----------
    hosts : mapping of str to Host
    remotes : mapping of str to Remote
        Registries that run somewhere on the internet, by name.
    stores : mapping of str to object
        Registry states that lie in volumes, folders or writable layers of hosts: see `private`.
    clock : int
        Nanoseconds since 1970.
    seed, drawn : int
        IDs are computed from the seed and how many were drawn before.
    stock : Stock
        The bytes; not compared.
    """

    hosts: Mapping[str, Host]
    remotes: Mapping[str, Remote] = field(default_factory=frozen)
    stores: Mapping[str, Any] = field(default_factory=frozen)
    clock: int = 1_795_505_060 * SECOND
    seed: int = 0
    drawn: int = 0
    stock: Stock = field(default_factory=Stock, compare=False, repr=False)

    def host(self, name: str) -> Host:
        """Return a host by name."""
        return self.hosts[name]

    def with_host(self, host: Host) -> World:
        """Return the world with a host changed."""
        return replace(self, hosts=put(self.hosts, host.name, host))

    def with_daemon(self, host: str, daemon: Daemon) -> World:
        """Return the world with a host's daemon changed."""
        return self.with_host(replace(self.hosts[host], daemon=daemon))

    def later(self, ns: int) -> World:
        """Return the world some time later; nothing else happens, see `sim.engine.lifecycle.tick`."""
        return replace(self, clock=self.clock + ns)

    def draw(self) -> tuple[World, str]:
        """Draw an ID: 64 hexadecimal digits, the same for the same seed and number.

        Examples
        --------
        >>> world, one = World({}).draw()
        >>> world.drawn, len(one), one == World({}).draw()[1], one == world.draw()[1]
        (1, 64, True, False)
        """
        made = hashlib.sha256(f"layerlab {self.seed} {self.drawn}".encode()).hexdigest()
        return replace(self, drawn=self.drawn + 1), made


def new_host(name: str, *, addresses: tuple[str, ...] = ("172.17.0.1",), now: int = 0) -> Host:
    """Return a host with an empty docker and the files that commands look for.

    Examples
    --------
    >>> host = new_host("cyo57")
    >>> host.files.read("/etc/hostname"), host.files.is_dir("/etc/docker")
    (b'cyo57\\n', True)
    """
    files = blank(now=now)
    for folder in _FOLDERS:
        files = files.folder(folder, now)
    texts = {
        "/etc/hostname": f"{name}\n",
        "/etc/hosts": f"127.0.0.1\tlocalhost\n127.0.1.1\t{name}\n",
        "/etc/os-release": 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\n'
                           'VERSION="12 (bookworm)"\nVERSION_CODENAME=bookworm\nID=debian\n',
        "/etc/resolv.conf": "nameserver 192.168.0.1\n",
        "/etc/passwd": "root:x:0:0:root:/root:/bin/bash\n",
        "/etc/group": "root:x:0:\n",
    }
    for path, text in texts.items():
        files = files.written(path, text.encode(), now)
    files = Disk(files.mount.chmod("/tmp", 0o1777)[0].chmod("/root", 0o700)[0])
    return Host(name, files, kernel=Kernel(hostname=name), addresses=addresses)

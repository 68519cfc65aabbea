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
from typing import Any

from ..boot.host import Host as Kernel
from ..content.digest import Digest
from ..image.ids import DiffID
from .disk import Disk
from .stock import Stock
from .things import Container, MountPoint, Port, State, StoredImage, Volume, drop, frozen, put

__all__ = [
    "SECOND", "Container", "Daemon", "Host", "MountPoint", "Port", "Remote", "Settings", "State", "Storage",
    "StoredImage", "Volume", "World", "drop", "frozen", "put",
]

SECOND = 1_000_000_000


class Storage(StrEnum):
    """Which store a daemon keeps images in."""

    GRAPHDRIVER = "graphdriver"
    """overlay2: an image's ID is its config's digest, SIZE counts unpacked files (before Engine 29)."""
    CONTAINERD = "containerd"
    """The ID is the manifest's digest, SIZE counts compressed and unpacked (default of a fresh Engine 29)."""


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
    cache : mapping of str to (str, tuple of DiffID)
        BuildKit's: when a step was done and the layers that it gave, by what it was done to and with.
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
    cache: Mapping[str, tuple[str, tuple[DiffID, ...]]] = field(default_factory=frozen)
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

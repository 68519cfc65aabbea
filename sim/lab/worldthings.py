"""What a world holds, for a picture of it: images, containers, layers, volumes, registries, each with its mark.

    name     ubuntu:latest   u:1            a name leads to an image
    image    89a9268040a7    0341e69c1443   an image stands on layers, and so does a container
    layers   (1)             (1) (2)        a layer is stored once, whoever stands on it
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from ..image.ids import ChainID


class Mark(StrEnum):
    """What a command did to something."""

    KEPT = "kept"
    NEW = "new"
    GONE = "gone"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Slab:
    """One stored layer; `number` counts from the base, 1."""

    chain: ChainID
    number: int
    size: int
    made_by: str
    mark: Mark


@dataclass(frozen=True, slots=True)
class Name:
    """A name of an image, as docker prints it."""

    text: str
    mark: Mark


@dataclass(frozen=True, slots=True)
class ImageCard:
    """An image of a host.

    Attributes
    ----------
    id : str
        Twelve digits.
    names : tuple of Name
        Those that a command took away too.
    size : int
        What `docker images` prints.
    stack : tuple of ChainID
        Base first.
    mark : Mark
    """

    id: str
    names: tuple[Name, ...]
    size: int
    stack: tuple[ChainID, ...]
    mark: Mark

    @property
    def touched(self) -> bool:
        """Whether the command did something to it, or to one of its names."""
        return any(mark is not Mark.KEPT for mark in (self.mark, *(name.mark for name in self.names)))


@dataclass(frozen=True, slots=True)
class ContainerCard:
    """A container of a host: `changes` and `size` are those of its own layer, which has the number `number`."""

    id: str
    name: str
    state: str
    exit_code: int
    process: str
    ports: tuple[str, ...]
    number: int
    changes: int
    size: int
    stack: tuple[ChainID, ...]
    mark: Mark

    @property
    def touched(self) -> bool:
        """Whether the command did something to it."""
        return self.mark is not Mark.KEPT


Card = ImageCard | ContainerCard


@dataclass(frozen=True, slots=True)
class Kept:
    """Something beside the layers: a volume with its paths, a repository with its tags, a setting.

    Attributes
    ----------
    name : str
    holds : tuple of str
    mark : Mark
    anonymous : bool
        A volume that nobody named.
    blobs : int
        What a repository holds besides its manifests: configs and layers.
    """

    name: str
    holds: tuple[str, ...]
    mark: Mark
    anonymous: bool = False
    blobs: int = 0


@dataclass(frozen=True, slots=True)
class HostFacts:
    """One host.

    Attributes
    ----------
    name : str
    cards : tuple of ImageCard or ContainerCard
    slabs : mapping of ChainID to Slab
        Every layer that one of the cards stands on.
    volumes : tuple of Kept
    insecure : tuple of Kept
        Registries that the daemon speaks plain HTTP with, as it was last told.
    stored : int
        Bytes of the layers that are there after the command.
    """

    name: str
    cards: tuple[Card, ...]
    slabs: Mapping[ChainID, Slab]
    volumes: tuple[Kept, ...]
    insecure: tuple[Kept, ...]
    stored: int


@dataclass(frozen=True, slots=True)
class WorldFacts:
    """Hosts, and registries with their repositories."""

    hosts: tuple[HostFacts, ...]
    registries: tuple[tuple[str, tuple[Kept, ...]], ...]

"""What a registry of the world holds, repository by repository: tags, manifests and blobs, and who needs which.

    tag 1.0  ->  manifest 5b5e…  ->  config 2e47…   layer 1 3523…   layer 2 a31f…
    tag 1    ->  the same            ^ a name          ^ bytes, stored once for all repositories of the registry
    tag 2.0  ->  index 91f0…     ->  manifest 77c1…, manifest 08be…, each with a config and layers

`shelves` reads it off a world; nothing is drawn here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..content.descriptor import INDEX_TYPES
from ..content.digest import Digest
from ..engine.network import GATEWAY, Place
from ..engine.remotes import state_of
from ..engine.world import World
from ..registry.state import Registry, Repository
from .worldfacts import published


@dataclass(frozen=True, slots=True)
class Held:
    """A blob of a repository.

    Attributes
    ----------
    digest : Digest
    size : int
        Bytes.
    also : tuple of str
        Other repositories of the same registry that hold it.
    needed : bool
        Whether a manifest of the repository names it.
    """

    digest: Digest
    size: int
    also: tuple[str, ...]
    needed: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """A manifest or an index of a repository.

    Attributes
    ----------
    digest : Digest
    size : int
        Bytes.
    links : tuple of Digest
        What it names: a config and then layers, base first; or an index's manifests.
    tags : tuple of str
    index : bool
        Whether it is an index.
    part : bool
        Whether an index of the repository names it.
    about : bool
        Whether it is about another manifest, as a signature is.
    """

    digest: Digest
    size: int
    links: tuple[Digest, ...]
    tags: tuple[str, ...]
    index: bool = False
    part: bool = False
    about: bool = False


@dataclass(frozen=True, slots=True)
class Shelf:
    """One repository.

    Attributes
    ----------
    name : str
        As docker names it: ``172.17.0.1:5000/cyo_ubuntu``; of a registry without any, its address alone.
    sheets : tuple of Sheet
        Manifests and indexes, those with tags first; what an index names is below it.
    blobs : tuple of Held
        In the order in which the manifests name them, those that none names last.
    """

    name: str
    sheets: tuple[Sheet, ...] = ()
    blobs: tuple[Held, ...] = ()

    @property
    def ways(self) -> tuple[tuple[str, Sheet], ...]:
        """What leads into it: each tag with its manifest, then the manifests that only a digest names, with ""."""
        tagged = [(tag, sheet) for sheet in self.sheets for tag in sheet.tags]
        return (*sorted(tagged, key=lambda way: way[0]), *(("", sheet) for sheet in self.sheets if not sheet.tags))

    @property
    def images(self) -> tuple[Sheet, ...]:
        """What people call images: an index with all that it names is one, and what is about an image is none."""
        return tuple(sheet for sheet in self.sheets if not sheet.part and not sheet.about)

    def parts(self, sheet: Sheet) -> tuple[Sheet, ...]:
        """Return what an index names and the repository has; nothing of a manifest."""
        return tuple(one for one in self.sheets if sheet.index and one.digest in sheet.links)

    def blobs_of(self, sheet: Sheet) -> tuple[Held, ...]:
        """Return the blobs that a manifest needs, or all that an index's manifests need."""
        wanted = {link for one in (sheet, *self.parts(sheet)) for link in one.links}
        return tuple(held for held in self.blobs if held.digest in wanted)


def shelves(world: World, here: str) -> dict[str, Shelf]:
    """Return the repositories of all registries that answer, private ones first.

    Parameters
    ----------
    here : str
        The host where one sits: registries are named as from there.

    Examples
    --------
    >>> from sim.engine.internet import new_world
    >>> found = shelves(new_world(), "cyo57")["docker.io/library/hello-world"]
    >>> [sheet.tags for sheet in found.sheets], len(found.blobs)
    ([('latest',)], 2)
    """
    found: dict[str, Shelf] = {}
    for address, state in _registries(world, here):
        # A cloud's repository is there from the click in its console on.
        made = world.remotes[address].repositories if address in world.remotes else frozenset()
        names = sorted({*state.repositories, *made})
        for name in names:
            full = f"{address}/{name}"
            found[full] = _shelf(full, name, state)
        if not names:
            found[address] = Shelf(address)
    return found


def _registries(world: World, here: str) -> Iterator[tuple[str, Registry]]:
    for host, container, port in published(world):
        state = state_of(world, Place(host=host, container=container.id))
        if state is not None:
            yield f"{_address(world, host, here)}:{port}", state
    for name in sorted(world.remotes, key=lambda name: name == "docker.io"):
        state = state_of(world, Place(remote=name))
        if state is not None:
            yield name, state


def _address(world: World, host: str, here: str) -> str:
    if host == here:
        return GATEWAY
    return next((one for one in world.hosts[host].addresses if one != GATEWAY), host)


def _shelf(full: str, name: str, state: Registry) -> Shelf:
    repository = state.repositories.get(name, Repository())
    sheets = _sheets(repository)
    needed = dict.fromkeys(link for sheet in sheets for link in sheet.links)
    order: Sequence[Digest] = [link for link in needed if link in repository.blobs]
    rest = [digest for digest in repository.blobs if digest not in needed]
    blobs = tuple(
        Held(digest, repository.blobs[digest].size, _also(state, name, digest), digest in needed)
        for digest in (*order, *rest)
    )
    return Shelf(full, tuple(sheets), blobs)


def _sheets(repository: Repository) -> list[Sheet]:
    indexes = {
        digest: record for digest, record in repository.manifests.items() if record.descriptor.media_type in INDEX_TYPES
    }
    parts = {link for record in indexes.values() for link in record.links}
    sheets = [
        Sheet(
            digest, record.descriptor.size, record.links,
            tuple(sorted(tag for tag, target in repository.tags.items() if target == digest)),
            digest in indexes, digest in parts, record.subject is not None,
        )
        for digest, record in repository.manifests.items()
    ]
    sheets.sort(key=lambda sheet: (not sheet.tags, sheet.tags))
    below = {digest: [sheet for sheet in sheets if sheet.digest in record.links] for digest, record in indexes.items()}
    # What two indexes name stands below the first one, and what an index of indexes names is found at the end.
    order = dict.fromkeys(
        one for sheet in sheets if not sheet.part for one in (sheet, *below.get(sheet.digest, ()))
    )
    return list(order | dict.fromkeys(sheets))


def _also(state: Registry, name: str, digest: Digest) -> tuple[str, ...]:
    return tuple(sorted(
        other for other, repository in state.repositories.items() if other != name and digest in repository.blobs
    ))

"""A picture's things, read off two worlds: the one before a command, and the one after it.

Whatever is in either of them is a thing, with the mark of what became of it: kept, new, gone or changed. Nothing is
drawn here.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from ..engine.images import SHORT, children, history_rows, short, size_of, tags_of
from ..engine.network import Place, is_registry
from ..engine.remotes import state_of
from ..engine.stock import docker_size
from ..engine.world import Container, Daemon, Host, StoredImage, Volume, World
from ..image.ids import ChainID, chain_ids
from ..registry.state import Registry, Repository
from ..union.overlay import OverlayMount
from ..union.upperdir import changes_of, commit
from .worldthings import Card, ContainerCard, HostFacts, ImageCard, Kept, Mark, Name, Slab, WorldFacts

DOCKER_IO = "docker.io"


def facts(before: World, after: World, here: str) -> WorldFacts:
    """Return what two worlds hold, each thing with what became of it.

    Parameters
    ----------
    here : str
        The host that is always among them; others are where they hold something.

    Examples
    --------
    >>> from sim.engine.terminal import Terminal
    >>> seat = Terminal()
    >>> old = seat.world
    >>> done = seat.run("docker pull alpine")
    >>> card = facts(old, seat.world, "cyo57").hosts[0].cards[0]
    >>> card.names[0].text, card.mark.value, len(card.stack)
    ('alpine:latest', 'new', 1)
    """
    hosts = tuple(
        found for name in after.hosts if (found := _host(before, after, name)).cards or found.volumes or name == here
    )
    return WorldFacts(hosts, tuple(_registries(before, after)))


def marked(was: object, now: object) -> Mark:
    """Return what became of something; None where it is not there."""
    if was is None or now is None:
        return Mark.NEW if was is None else Mark.GONE
    return Mark.KEPT if was == now else Mark.CHANGED


def _host(before: World, after: World, name: str) -> HostFacts:
    was, now = before.hosts.get(name, Host(name, after.hosts[name].files)).daemon, after.hosts[name].daemon
    cards: tuple[Card, ...] = (*_images(before, was, after, now), *_containers(after, was, now))
    stood = {chain for card in cards if card.mark is not Mark.GONE for chain in card.stack}
    slabs = _slabs(after, was, now)
    drawn = {chain: slabs[chain] for card in cards for chain in card.stack}
    insecure = dict.fromkeys((*was.settings.insecure, *now.settings.insecure))
    return HostFacts(
        name, cards, drawn, tuple(_volumes(was, now)),
        tuple(Kept(one, (), _among(one, was.settings.insecure, now.settings.insecure)) for one in insecure),
        sum(slabs[chain].size for chain in stood),
    )


def _among(one: object, was: tuple[str, ...], now: tuple[str, ...]) -> Mark:
    return marked(one if one in was else None, one if one in now else None)


def _listed(daemon: Daemon) -> dict[str, StoredImage]:
    """Return the images that `docker images` lists."""
    named = set(daemon.tags.values())
    return {
        str(key): image for key, image in daemon.images.items() if key in named or not children(daemon, image)
    }


def _images(before: World, was: Daemon, after: World, now: Daemon) -> Iterator[ImageCard]:
    old, new = _listed(was), _listed(now)
    for key in dict.fromkeys((*old, *new)):
        held, lost = new.get(key), old.get(key)
        image = held or lost
        assert image is not None
        daemon, world = (now, after) if held else (was, before)
        had = [str(ref) for ref in tags_of(was, image)]
        has = [str(ref) for ref in tags_of(now, image)]
        names = tuple(Name(one, _among(one, tuple(had), tuple(has))) for one in dict.fromkeys((*had, *has)))
        mark = marked(was.images.get(image.id) and 1, now.images.get(image.id) and 1)
        yield ImageCard(short(image.id), names, size_of(world.stock, daemon, image),
                        chain_ids(image.config.diff_ids), mark)


def _containers(world: World, was: Daemon, now: Daemon) -> Iterator[ContainerCard]:
    for key in dict.fromkeys((*was.containers, *now.containers)):
        old, new = was.containers.get(key), now.containers.get(key)
        one = new or old
        assert one is not None
        mark = marked(old and _told(old), new and _told(new))
        yield ContainerCard(
            one.id[:SHORT], one.name, str(one.state), one.exit_code, " ".join(one.process),
            tuple(f"{port.host}->{port.container}" for port in one.ports if one.running), len(one.layers) + 1,
            *_own(one.root.mount), chain_ids(one.layers), mark,
        )


@lru_cache(maxsize=64)
def _own(mount: OverlayMount) -> tuple[int, int]:
    """Return how many changes a container's own layer holds, and of how many bytes.

    A mount is a value, and most commands leave most containers as they are: what does not change is not walked again.
    """
    return len(changes_of(mount)), docker_size(commit(mount))


def _told(one: Container) -> tuple[object, ...]:
    """What of a container is worth a mark: not that a second has passed."""
    return one.state, one.exit_code, one.root, one.name, one.started_ns


def _slabs(world: World, *daemons: Daemon) -> dict[ChainID, Slab]:
    was, now = daemons
    stacks = [[one.config.diff_ids for one in daemon.images.values()] +
              [one.layers for one in daemon.containers.values()] for daemon in daemons]
    there = [{chain for stack in some for chain in chain_ids(stack)} for some in stacks]
    words: dict[ChainID, str] = {}
    for image in (*was.images.values(), *now.images.values()):
        made = [entry.created_by or "" for entry, layer in history_rows(world.stock, image) if layer is not None]
        words.update(zip(chain_ids(image.config.diff_ids), reversed(made), strict=True))
    found: dict[ChainID, Slab] = {}
    for stack in (stack for some in stacks for stack in some):
        for number, (chain, diff_id) in enumerate(zip(chain_ids(stack), stack, strict=True), 1):
            mark = marked(chain in there[0] or None, chain in there[1] or None)
            found[chain] = Slab(chain, number, world.stock.layers[diff_id].size, words.get(chain, ""), mark)
    return found


def _volumes(was: Daemon, now: Daemon) -> Iterator[Kept]:
    for name in dict.fromkeys((*was.volumes, *now.volumes)):
        old, new = was.volumes.get(name), now.volumes.get(name)
        volume = new or old
        assert volume is not None
        yield Kept(name, _names(volume), marked(old and old.files, new and new.files), volume.anonymous)


def _names(volume: Volume) -> tuple[str, ...]:
    report = volume.files.mount.readdir("/")[1]
    return tuple(f"/{name}" for name in report.value)


def _registries(before: World, after: World) -> Iterator[tuple[str, tuple[Kept, ...]]]:
    for name, remote in after.remotes.items():
        old = before.remotes.get(name, remote)
        idle = old.state is remote.state and old.repositories == remote.repositories
        # docker.io is full, and what was only prepared at a cloud is not there yet for who works on a host.
        if idle and (name == DOCKER_IO or not remote.state.repositories):
            continue
        if rows := tuple(_repositories(old.state, remote.state, old.repositories, remote.repositories)):
            yield name, rows
    for key, container, port in published(after):
        place = Place(host=key, container=container.id)
        state = state_of(after, place)
        was = state_of(before, place) if key in before.hosts else None
        if state is not None:
            yield f"{container.name}, {key}:{port}", tuple(_repositories(was or Registry(), state))


def published(world: World) -> Iterator[tuple[str, Container, int]]:
    """Yield the registries that are containers of hosts and answer: host, container, port."""
    for name, host in world.hosts.items():
        for one in host.daemon.containers.values():
            for port in one.ports if one.running else ():
                if is_registry(one, port.host):
                    yield name, one, port.host


def _kept(one: Repository | None) -> object:
    """What of a repository is worth a mark: not when a blob was last pushed."""
    return None if one is None else (one.tags, set(one.blobs), set(one.manifests))


def _repositories(
    was: Registry, now: Registry, made_was: frozenset[str] = frozenset(), made_now: frozenset[str] = frozenset()
) -> Iterator[Kept]:
    names = dict.fromkeys((*sorted(made_was | made_now), *was.repositories, *now.repositories))
    for name in names:
        old, new = was.repositories.get(name), now.repositories.get(name)
        held = new or old
        there = [(name in made or None) and (_kept(one) or True) for one, made in (
            (old, made_was | set(was.repositories)), (new, made_now | set(now.repositories)))]
        tags, blobs = ((), 0) if held is None else (tuple(sorted(held.tags)), len(held.blobs))
        yield Kept(name, tags, marked(*there), blobs=blobs)

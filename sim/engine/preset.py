"""The world in which the notes' commands are run: what their author had before the first line.

    a running container of ubuntu, 72613e8ac37a…, with vim installed     what the notes commit
    the image cyo_ubuntu:1.0                                              what they tag for the private registry
    an account ACCOUNT at the cloud's registry, namespace cyo57, repository ubuntu-cyo57-1.0
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from ..errors import SimError
from .internet import CLOUD, HOST, create_namespace, create_repository, new_world, with_account
from .terminal import Seat, step
from .world import SECOND, Container, World, frozen

ACCOUNT, PASSWORD = "ACCOUNT", "cyo57-password"
CONTAINER = "72613e8ac37a"
IMAGE = "cyo_ubuntu:1.0"
NAMESPACE, REPOSITORY = "cyo57", "cyo57/ubuntu-cyo57-1.0"


@dataclass(frozen=True, slots=True)
class Preset:
    """A world to begin with, and what is to be known of it.

    Attributes
    ----------
    world : World
    host : str
    passwords : mapping of str to str
        By registry.
    words : tuple of str
        What is there, a line each.
    """

    world: World
    host: str
    passwords: Mapping[str, str]
    words: tuple[str, ...]


def _done(world: World, *lines: str) -> World:
    seat = Seat(world)
    for line in lines:
        seat, outcome = step(seat, line)
        if outcome.exit:
            raise SimError(f"the preset cannot be made: {line}: {outcome.stderr.strip()}")
    return seat.world


def _named(world: World, name: str, wanted: str) -> World:
    """Give a container an ID that begins as is wanted; the rest is drawn."""
    daemon = world.hosts[HOST].daemon
    old = next(one for one in daemon.containers.values() if one.name == name)
    made = wanted + old.id[len(wanted):]
    container: Container = replace(old, id=made, hostname=wanted[:12])
    etc = old.etc.written("/hostname", f"{wanted[:12]}\n".encode(), world.clock)
    raw = (old.etc.read("/hosts") or b"").replace(old.hostname.encode(), wanted[:12].encode())
    container = replace(container, etc=etc.written("/hosts", raw, world.clock))
    held = {made if key == old.id else key: container if key == old.id else one
            for key, one in daemon.containers.items()}
    return world.with_daemon(HOST, replace(daemon, containers=frozen(held)))


@lru_cache(maxsize=1)
def notes() -> Preset:
    """Return the preset of the notes.

    Examples
    --------
    >>> made = notes()
    >>> [one.id[:12] for one in made.world.hosts[made.host].daemon.containers.values()]
    ['72613e8ac37a']
    """
    world = with_account(new_world(), CLOUD, ACCOUNT, PASSWORD)
    world = create_repository(create_namespace(world, NAMESPACE, ACCOUNT), REPOSITORY)
    vim = "sh -c 'apt-get update && apt-get install -y vim'"
    world = _done(
        world, "docker pull -q ubuntu", f"docker run --name maker ubuntu {vim}",
        f"docker commit -a cyo57 maker {IMAGE}", "docker rm maker",
    )
    world = replace(world, clock=world.clock + 300 * SECOND)
    world = _named(_done(world, "docker run -dit --name ubuntu-vim ubuntu"), "ubuntu-vim", CONTAINER)
    world = _done(world, f"docker exec ubuntu-vim {vim}")
    return Preset(world, HOST, frozen({CLOUD: PASSWORD}), (
        f"a running container of ubuntu with vim installed, {CONTAINER}",
        f"an image {IMAGE}",
        f"an account {ACCOUNT} at {CLOUD}, with a password, the namespace {NAMESPACE} "
        f"and in it the repository {REPOSITORY.partition('/')[2]}",
    ))

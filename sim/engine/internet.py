"""The world outside a learner's machine: docker.io with the samples, a cloud's registry, and a world to begin with.

    docker.io                                anybody pulls; pushing wants a login and a namespace of one's own
    registry.cn-hangzhou.aliyuncs.com        a login, a namespace, and a repository that was created in the console
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..errors import SimError
from ..image.samples import sample
from ..registry.reference import is_repository
from ..registry.state import Registry
from .newhost import new_host
from .remotes import bearer, stocked
from .stock import Stock
from .world import Remote, World, frozen, put

CLOUD = "registry.cn-hangzhou.aliyuncs.com"
DOCKER_IO = "docker.io"
HOST = "cyo57"
OFFICIAL: Mapping[str, tuple[str, ...]] = {
    "hello-world": ("latest",), "busybox": ("latest", "1.36"), "alpine": ("latest", "3.18"),
    "debian": ("latest", "12", "bookworm"), "ubuntu": ("latest", "24.04", "noble"),
    "nginx": ("latest", "1.25"), "redis": ("latest", "7.0"), "registry": ("latest", "2", "2.8.2"),
}
"""The samples that docker.io has under library/, with their tags."""


def docker_io(stock: Stock, now: int) -> Remote:
    """Return docker.io: the samples under ``library/``."""
    state = Registry(bearer("docker.io"))
    for name, tags in OFFICIAL.items():
        state = stocked(state, stock, sample(name), f"library/{name}", tags, now)
    return Remote(DOCKER_IO, state, namespaces=frozen({"library": "docker"}))


def cloud(name: str = CLOUD) -> Remote:
    """Return a cloud's registry with nothing in it: whoever pushes must have created namespace and repository."""
    return Remote(name, Registry(bearer(name)), created_first=True)


def new_world(hosts: Sequence[str] = (HOST,), *, seed: int = 0) -> World:
    """Return a world: hosts with an empty docker, docker.io, a cloud's registry.

    Examples
    --------
    >>> world = new_world(["one", "two"])
    >>> list(world.hosts), list(world.remotes), world.hosts["two"].addresses
    (['one', 'two'], ['docker.io', 'registry.cn-hangzhou.aliyuncs.com'], ('172.17.0.1', '10.0.0.3'))
    """
    stock = Stock()
    world = World({}, seed=seed, stock=stock)
    made = {
        name: new_host(name, addresses=("172.17.0.1", f"10.0.0.{2 + number}"), now=world.clock)
        for number, name in enumerate(hosts)
    }
    remotes = {DOCKER_IO: docker_io(stock, world.clock), CLOUD: cloud()}
    return replace(world, hosts=frozen(made), remotes=frozen(remotes))


def with_account(world: World, registry: str, name: str, password: str) -> World:
    """Open an account at a registry; at docker.io it has the namespace of its name at once."""
    remote = world.remotes[registry]
    namespaces = put(remote.namespaces, name, name) if registry == DOCKER_IO else remote.namespaces
    return _with(world, replace(remote, accounts=put(remote.accounts, name, password), namespaces=namespaces))


def create_namespace(world: World, name: str, owner: str, registry: str = CLOUD) -> World:
    """Create a namespace in a cloud's console; `SimError` for a name that is taken or cannot be."""
    remote = world.remotes[registry]
    if not is_repository(name) or "/" in name:
        raise SimError(f"{name[:60]!r} cannot be a namespace", hint="take 2 to 30 lower-case letters, digits or dashes")
    if remote.namespaces.get(name, owner) != owner:
        raise SimError(f"the namespace {name} is somebody else's", hint="choose another name")
    return _with(world, replace(remote, namespaces=put(remote.namespaces, name, owner)))


def create_repository(world: World, repository: str, *, private: bool = True, registry: str = CLOUD) -> World:
    """Create ``namespace/name`` in a cloud's console; `SimError` where there is no such namespace."""
    remote = world.remotes[registry]
    namespace = repository.partition("/")[0]
    if not is_repository(repository) or repository.count("/") != 1:
        raise SimError(f"{repository[:80]!r} cannot be a repository", hint="write NAMESPACE/NAME in lower case")
    if namespace not in remote.namespaces:
        raise SimError(f"there is no namespace {namespace}", hint="create it first")
    hidden = remote.private | {repository} if private else remote.private - {repository}
    return _with(world, replace(remote, repositories=remote.repositories | {repository}, private=hidden))


def delete_repository(world: World, repository: str, registry: str = CLOUD) -> World:
    """Delete a repository in a cloud's console, with what it holds."""
    remote = world.remotes[registry]
    state: Registry = remote.state
    held = {name: one for name, one in state.repositories.items() if name != repository}
    return _with(world, replace(
        remote, repositories=remote.repositories - {repository}, private=remote.private - {repository},
        state=replace(state, repositories=held),
    ))


def _with(world: World, remote: Remote) -> World:
    return replace(world, remotes=put(world.remotes, remote.name, remote))

"""Registries of the world: what is asked of them, by docker and by curl, and who may.

A registry of the internet is a `Remote`; a private one is a container that runs, and what it holds lies where its
/var/lib/registry is: in a volume, in a folder of the host, or in its writable layer. Its state is kept under that
place, so it survives or goes with it.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from ..image.layer import Image
from ..registry.auth import EVERYBODY, STRANGER, Access, Caller, Challenge, basic
from ..registry.changes import BlobLinked, Change, ManifestRecord, ManifestStored, TagSet
from ..registry.messages import Part, Request, Response
from ..registry.plan import Answer, Moment, Received, Take
from ..registry.route import Route, parse_target
from ..registry.server import begin, finish, handle, needs
from ..registry.state import Policy, Registry, apply
from .network import Place, is_registry
from .registry_files import written
from .stock import Stock
from .world import SECOND, Container, Remote, World, put

DATA = "/var/lib/registry"
DELETE_ENABLED = "REGISTRY_STORAGE_DELETE_ENABLED"
"""The one setting of a registry's container that is simulated; deletion is off without it."""


def place_key(host: str, container: Container) -> str:
    """Return where a registry's data lies: ``volume:``, ``bind:`` or ``layer:`` with what it is."""
    best = ""
    found = f"layer:{host}:{container.id}"
    for point in container.mounts:
        covers = DATA == point.at or DATA.startswith(point.at + "/")
        if covers and len(point.at) > len(best):
            best, rest = point.at, DATA[len(point.at):]
            found = f"{point.kind}:{host}:{point.source}{rest}"
    return found


def state_of(world: World, place: Place) -> Registry | None:
    """Return what the registry at a place holds, None where something else listens there."""
    if place.remote:
        state = world.remotes[place.remote].state
        return state if isinstance(state, Registry) else None
    container = world.hosts[place.host].daemon.containers.get(place.container) if place.host else None
    if container is None or not any(is_registry(container, port.host) for port in container.ports):
        return None
    held = world.stores.get(place_key(place.host, container), Registry())
    # What is allowed is the running registry's; what it holds is its volume's.
    policy = Policy(delete=f"{DELETE_ENABLED}=true" in container.config.env)
    return replace(held, policy=policy) if isinstance(held, Registry) else None


def with_state(world: World, place: Place, state: Registry) -> World:
    """Return the world with what a registry holds changed."""
    if place.remote:
        remote = replace(world.remotes[place.remote], state=state)
        return replace(world, remotes=put(world.remotes, remote.name, remote))
    before = state_of(world, place) or Registry()
    host = world.hosts[place.host]
    container = host.daemon.containers[place.container]
    key = place_key(place.host, container)
    world = replace(world, stores=put(world.stores, key, state))
    kind, _, source = key.split(":", 2)
    show = partial(written, before=before, after=state, stock=world.stock, now=world.clock)
    if kind == "bind":
        return world.with_host(replace(host, files=show(host.files, source)))
    if kind == "layer":
        changed = replace(container, root=show(container.root, DATA))
        daemon = replace(host.daemon, containers=put(host.daemon.containers, container.id, changed))
        return world.with_daemon(host.name, daemon)
    name, _, rest = source.partition("/")
    volume = host.daemon.volumes[name]
    changed_volume = replace(volume, files=show(volume.files, f"/{rest}"))
    return world.with_daemon(host.name, replace(host.daemon, volumes=put(host.daemon.volumes, name, changed_volume)))


def moment(world: World) -> Moment:
    """Return the time and a text that no other request gets."""
    return Moment(world.clock / SECOND, f"{world.seed} {world.drawn} {world.clock}")


def ask(
    world: World, place: Place, request: Request, login: tuple[str, str] | None = None
) -> tuple[World, Response]:
    """Send a request to a registry.

    Parameters
    ----------
    place : Place
        Where there is a registry: see `state_of`.
    login : (name, password), optional
        What docker would show, where it is asked for; curl sends a header instead.

    Returns
    -------
    World, Response
        The body of a response may be a `Part`: see `body_of`.
    """
    state = state_of(world, place)
    assert state is not None
    world, _ = world.draw()
    caller = _caller(world, place, request, login)
    after, response = handle(state, request, world.stock.storage, caller, moment(world))
    return (world if after is state else with_state(world, place, after)), response


def body_of(world: World, response: Response) -> bytes:
    """Return a response's body."""
    if isinstance(response.body, Part):
        raw = b"".join(world.stock.chunks(response.body.digest))
        return raw[response.body.offset:response.body.offset + response.body.length]
    return response.body


def give(
    world: World, place: Place, request: Request, login: tuple[str, str] | None, size: int
) -> tuple[World, Response]:
    """Send so many bytes that are in the stock already to an upload, or end one: the last PUT names their digest.

    Nothing is hashed or copied again: the digest is that of a layer which the one encoder wrote.
    """
    state = state_of(world, place)
    assert state is not None
    world, _ = world.draw()
    plan = begin(state, request.head, _caller(world, place, request, login), moment(world))
    if isinstance(plan, Answer):
        return world, plan.response
    assert isinstance(plan, Take)
    digest = getattr(plan.action, "digest", None)
    after, response = finish(state, Received(plan, size, None, digest))
    return with_state(world, place, after), response


def _caller(world: World, place: Place, request: Request, login: tuple[str, str] | None) -> Caller:
    if not place.remote:
        return EVERYBODY
    remote = world.remotes[place.remote]
    route = parse_target(request.target)
    shown = login or basic(request.head)
    name = shown[0] if shown is not None and known(remote, *shown) else None
    if isinstance(route, Response):
        return STRANGER
    return Caller(name, _granted(remote, name, needs(request.head, route), route), bearer=True)


def known(remote: Remote, name: str, password: str) -> bool:
    """Whether an account has this password."""
    return remote.accounts.get(name) == password


def _granted(remote: Remote, name: str | None, wanted: tuple[Access, ...], route: Route) -> tuple[Access, ...]:
    """Return the rights that the token service would grant."""
    source = route.one("from")
    asked = (*wanted, *((Access("repository", source, ("pull",)),) if source else ()))
    return tuple(
        Access(one.kind, one.name, kept) for one in asked
        if (kept := tuple(action for action in one.actions if _may(remote, name, one, action)))
    )


def _may(remote: Remote, name: str | None, wanted: Access, action: str) -> bool:
    if wanted.kind != "repository":
        return False
    owner = remote.namespaces.get(wanted.name.partition("/")[0])
    own = owner is not None and owner == name
    exists = not remote.created_first or wanted.name in remote.repositories
    if action == "pull":
        # Of a repository that is not there nobody is told so: it is denied like a private one.
        return own or (exists and wanted.name in remote.state.repositories and wanted.name not in remote.private)
    return own and exists


def stocked(state: Registry, stock: Stock, image: Image, name: str, tags: tuple[str, ...], now: int) -> Registry:
    """Put an image into a registry, as if it had been pushed long ago."""
    assert image.manifest is not None and image.manifest_descriptor is not None
    stock.image(image, image.name.removeprefix("sample:"))
    since = now / SECOND
    config = image.config_descriptor
    changes: list[Change] = [BlobLinked(name, config.digest, config.size, since)]
    changes += [BlobLinked(name, layer.descriptor.digest, layer.descriptor.size, since) for layer in image.layers]
    links = (config.digest, *(layer.descriptor.digest for layer in image.layers))
    changes.append(ManifestStored(name, ManifestRecord(image.manifest_descriptor, links)))
    changes += [TagSet(name, one, image.manifest_descriptor.digest) for one in tags]
    return apply(state, changes)


def bearer(name: str) -> Policy:
    """Return the policy of a registry that asks for a token."""
    return Policy(delete=False, challenge=Challenge("Bearer", f"https://auth.{name}/token", name))


"""The states that the lessons on registries start from: the notes' host with the cloud's registry, with a private one.

    07   host cyo57 with ubuntu-cyo57:1.0     host office, empty     an account in the cloud and nothing in it
    08   host cyo57 with cyo_ubuntu:1.0       no registry until somebody runs one
"""

from __future__ import annotations

from dataclasses import replace

from ...engine.goals import GOALS
from ...engine.internet import CLOUD, cloud, create_namespace, create_repository, with_account
from ...engine.newhost import new_host
from ...engine.preset import ACCOUNT, CONTAINER, IMAGE, NAMESPACE, PASSWORD, REPOSITORY, notes
from ...engine.terminal import Seat
from ...engine.world import put
from .sections import Start, Step, Steps, begun, changed, entered, sections

OFFICE = "office"
REMOTE = f"{CLOUD}/{REPOSITORY}"
PRIVATE = "172.17.0.1:5000"
DAEMON = "/etc/docker/daemon.json"
INSECURE = f'{{\n  "insecure-registries": ["{PRIVATE}"]\n}}\n'
RUN = "docker run -d -p 5000:5000 -v /cyo57/myregistry/:/tmp/registry --privileged=true registry"


def _cloud_start() -> Seat:
    """An image to publish, a second host, and a cloud in which nothing was created yet."""
    world = notes().world
    world = with_account(replace(world, remotes=put(world.remotes, CLOUD, cloud())), CLOUD, ACCOUNT, PASSWORD)
    office = new_host(OFFICE, addresses=("172.17.0.1", "10.0.0.3"), now=world.clock)
    return Seat(replace(world, hosts=put(world.hosts, OFFICE, office)))


def _at_office(seat: Seat) -> Seat:
    return replace(seat, host=OFFICE)


def made(repository: str) -> Step:
    """Return the step that creates a repository in the console."""
    return changed(create_repository, repository)


SPACE = changed(create_namespace, NAMESPACE, ACCOUNT)
LOGIN = entered(f"docker login --username={ACCOUNT} {CLOUD}", answers=[PASSWORD])

_COMMITTED: Steps = (
    f'docker commit -m "Vim Ubuntu" -a="cyo57" {CONTAINER} ubuntu-cyo57:1.0', f"docker rmi {IMAGE}",
    "docker rm -f ubuntu-vim",
)
_NAMED: Steps = (f"docker tag ubuntu-cyo57:1.0 {REMOTE}:1.0",)
_OPENED: Steps = (SPACE, made(REPOSITORY), LOGIN)
_PUSHED: Steps = (
    f"docker push {REMOTE}:1.0", made("cyo57/tools"),
    "docker run --name edit ubuntu-cyo57:1.0 sh -c 'echo hi > /etc/motd'",
    f"docker commit edit {REMOTE}:1.1", "docker rm edit", f"docker push {REMOTE}:1.1", _at_office,
)
_FED: Steps = (f"docker tag {IMAGE} {PRIVATE}/{IMAGE}", entered(f"vim {DAEMON}", typed=INSECURE),
               "systemctl reload docker", f"docker push {PRIVATE}/{IMAGE}")
_AGAIN: Steps = ("systemctl restart docker", "docker start $(docker ps -aq)")

_CLOUD_PLACES = sections(
    "07", begun(_cloud_start, _COMMITTED), _NAMED, _OPENED, (), _PUSHED, (),
)
_PRIVATE_PLACES = sections(
    "08", begun(lambda: Seat(notes().world), ("docker rm -f ubuntu-vim",)), (RUN,), _FED, _AGAIN, (), (),
)

REGISTRY_PLACES: dict[str, Start] = {
    **_CLOUD_PLACES,
    "07.app": begun(_CLOUD_PLACES["07.4"], (f"docker tag ubuntu-cyo57:1.0 {CLOUD}/cyo57/app:1",)),
    "07.publish": GOALS["publish"].start,
    **_PRIVATE_PLACES,
    "08.kept": _PRIVATE_PLACES["08.1"],
    "08.private": GOALS["private"].start,
}
"""Taken in by `places.PLACES`."""

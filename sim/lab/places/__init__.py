"""The states that sections of lessons start from: what `lab.goto` knows.

    05.1  the host of the notes        05.2  that, and what section 1 of lesson 05 typed        ...

A section's lines are those of its cells in the notebook; a test runs the notebook and compares the worlds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from ...engine.internet import CLOUD, HOST, new_world, with_account
from ...engine.preset import ACCOUNT, PASSWORD, notes
from ...engine.terminal import Seat
from ...engine.world import World, frozen
from .challenges import CHALLENGE_PLACES
from .dedup import dedup_places
from .registries import REGISTRY_PLACES
from .sections import Start, begun, sections
from .transfers import transfer_places


@dataclass(frozen=True, slots=True)
class Beginning:
    """A world to begin with, the host where one sits, and passwords by registry."""

    world: World
    host: str
    passwords: Mapping[str, str]


@cache
def beginning() -> Beginning:
    """Return what a new lab has: a host with an empty docker, and an account at the cloud's registry."""
    return Beginning(with_account(new_world(), CLOUD, ACCOUNT, PASSWORD), HOST, frozen({CLOUD: PASSWORD}))


def _new() -> Seat:
    return Seat(beginning().world)


def _notes() -> Seat:
    return Seat(notes().world)


DOCKERFILE = """FROM ubuntu
ENV LANG=C.UTF-8
RUN echo hello > /hello
COPY note /src/
CMD ["cat", "/hello"]
"""

_COMMITTED = (
    'docker commit -m "Vim Ubuntu" -a="cyo57" 72613e8ac37a ubuntu-cyo57:1.0', "docker images",
)
_SLIM = (
    "docker run --rm ubuntu-cyo57:1.0 du -sh /var/lib/apt/lists /usr/share/vim",
    "docker run --name slim ubuntu sh -c 'apt-get update && apt-get install -y vim "
    "&& rm -rf /var/lib/apt/lists/*' > /dev/null 2>&1",
    "docker commit slim slim:1", "docker rm slim", "docker images",
)
_BUILD = (
    "mkdir app && cd app", "echo a note > note", f"cat > Dockerfile <<END\n{DOCKERFILE}END",
)
_HISTORY = ("docker history ubuntu-cyo57:1.0",)
_KEY = (
    "docker pull -q ubuntu", "docker run -d --name one ubuntu sleep 1000",
    "docker exec one sh -c 'echo the-tide-is-high > /root/key'", "docker commit one leaky:1",
    "docker run --name two leaky:1 rm /root/key", "docker commit two clean:1", "docker rm -f one two",
    "docker rmi leaky:1",
)
_TAGGED = ("docker tag cyo_ubuntu:1.0 172.17.0.1:5000/cyo_ubuntu:1.0", "docker images")
_TWICE = (
    "docker rmi cyo_ubuntu:1.0 172.17.0.1:5000/cyo_ubuntu:1.0 one:1", "docker commit 7261 one:1",
    "docker commit 7261 two:1",
)
_HELD = (*_TAGGED, "docker create --name forgotten cyo_ubuntu:1.0")

PLACES: dict[str, Start] = {
    "new": _new, "notes": _notes,
    **sections("05", begun(_notes, ("docker rmi cyo_ubuntu:1.0",)),
               _COMMITTED, _SLIM, (*_HISTORY, *_BUILD), ("docker build -t hello:1 .",), ()),
    "05.key": begun(_new, _KEY),
    **sections("06", _notes, _TAGGED, (), ("docker commit 7261 one:1",), _TWICE, ()),
    "06.gone": begun(_notes, _HELD),
    **REGISTRY_PLACES,
    **CHALLENGE_PLACES,
    **dedup_places(_new),
    **transfer_places(_new),
}
"""By name: a lesson's number, a point, a section's number; ``new`` and ``notes`` are the two beginnings."""

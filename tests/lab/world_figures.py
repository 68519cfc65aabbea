"""Pictures of worlds: few things, many things, long names, and everything that a command can do to them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from sim.engine.internet import new_world
from sim.engine.terminal import Seat, step
from sim.engine.world import World
from sim.lab.svg import Picture
from sim.lab.worldfacts import facts
from sim.lab.worldpicture import world_picture

Figure = Callable[[str, bool], Picture]
LONG = "registry.cn-hangzhou.aliyuncs.com/cyo57/ubuntu-cyo57-1.0:1.0"
SHARED = (
    "docker pull -q nginx", "docker run --name maker ubuntu touch /a", "docker commit maker one:1",
    "docker run -d --name box -v notes:/data -v /anonymous one:1 sleep 999", f"docker tag one:1 {LONG}",
    "docker tag one:1 172.17.0.1:5000/one:1", "docker run -d -p 5000:5000 --name reg registry",
    "echo '{\"insecure-registries\": [\"172.17.0.1:5000\", \"10.0.0.9:5000\"]}' > /etc/docker/daemon.json",
)
MANY = tuple(line for n in range(12) for line in (
    f"docker create --name a-container-with-a-long-name-{n} -v volume{n}:/v alpine", f"docker tag alpine many:{n}"))


@cache
def worlds(*lines: str) -> tuple[World, World]:
    """The worlds before and after the last of some lines."""
    seat = Seat(new_world(["cyo57", "other"]))
    before = seat.world
    for line in lines:
        before = seat.world
        seat, _ = step(seat, line)
    return before, seat.world


def _world(*lines: str, moves: tuple[str, ...] = ()) -> Figure:
    def make(lang: str, big: bool) -> Picture:
        command = lines[-1] if lines else ""
        found = facts(*worlds(*lines), "cyo57")
        return world_picture(found, command=command, moves=moves, lang=lang, projector=big)

    return make


WORLD_FIGURES: dict[str, Figure] = {
    "an empty world": _world(),
    "a pull": _world("docker pull nginx", moves=("Pull complete",) * 7),
    "layers that are shared": _world(*SHARED),
    "a daemon reads its settings": _world(*SHARED, "systemctl reload docker"),
    "a push": _world(*SHARED, "systemctl reload docker", "docker push 172.17.0.1:5000/one:1", moves=("Pushed",) * 2),
    "a name is gone": _world(*SHARED, f"docker rmi {LONG}"),
    "a container is gone": _world(*SHARED, "docker rm -f -v box"),
    "a daemon restarts": _world(*SHARED, "systemctl restart docker"),
    "an image without layers": _world("touch x.tar && tar cf x.tar x.tar; docker import x.tar nothing:1"),
    "more than there is room for": _world(*MANY),
    "many images": _world(*(f"docker pull -q {name}" for name in (
        "hello-world", "busybox", "alpine", "debian", "ubuntu", "nginx", "redis", "registry"))),
}

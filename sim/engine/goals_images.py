"""Goals about what images and containers hold: states to begin from, and what a wrong state shows.

Each is a function of a seat; `goals.GOALS` puts them together.
"""

from __future__ import annotations

from functools import lru_cache

from .goals_seats import asked, changes_of, daemon, layers_of, seat_after, size_of, tag_of, works
from .terminal import Seat, step

TOOL = 40_000_000
"""Bytes of /opt/tool."""
ORDERS = b"17 books\n"


# ---- a secret that is in no layer


@lru_cache(maxsize=1)
def leaky() -> Seat:
    """An image leaky:1 with a program and a key in one layer."""
    return seat_after(
        "docker run --name maker busybox sh -c 'mkdir /app; echo serve > /app/run; echo tide > /app/key'",
        "docker commit maker leaky:1", "docker rm maker",
    )


def clean(seat: Seat) -> bool:
    """Whether clean:1 has the program, and no layer of it the key."""
    return not keeps_key(seat) and asked(seat, "docker run --rm clean:1 cat /app/run") == ["serve"]


def keeps_key(seat: Seat) -> bool:
    """Whether a layer of clean:1 still has the key."""
    return any("app/key" in layer.entries for layer in changes_of(seat, "clean:1"))


# ---- a mode that does not cost the file again


@lru_cache(maxsize=1)
def tool() -> Seat:
    """An image tool:1 with a program of 40 MB that nobody may execute; the program lies on the host too."""
    return seat_after(
        f"docker run --name maker busybox sh -c 'mkdir /opt; dd if=/dev/zero of=/opt/tool bs=1000000 "
        f"count={TOOL // 1_000_000}'", "docker commit maker tool:1", "docker cp maker:/opt/tool tool",
        "docker rm maker",
    )


def executable(seat: Seat) -> bool:
    """Whether tool:2 has the program, executable, once."""
    return 0 < size_of(seat, "tool:2") < 2 * TOOL and works(seat, "docker run --rm tool:2 test -x /opt/tool")


def stored_twice(seat: Seat) -> bool:
    """Whether tool:2 stands on the layer that holds the program without the mode."""
    below = layers_of(seat, "tool:1")
    return tag_of(seat, "tool:2") is not None and layers_of(seat, "tool:2")[: len(below)] == below


# ---- data that a commit takes along


@lru_cache(maxsize=1)
def volume() -> Seat:
    """A container whose data lie in a volume."""
    return seat_after(
        "docker run -d --name shop -v orders:/data busybox sleep 100000",
        "docker exec shop sh -c 'echo 17 books > /data/orders'",
    )


def packed(seat: Seat) -> bool:
    """Whether a layer of backup:1 holds the data, in a file of whatever name."""
    return any(
        entry.data is not None and entry.size == len(ORDERS) and entry.data.read() == ORDERS
        for layer in changes_of(seat, "backup:1") for entry in layer.entries.values()
    )


def packed_nothing(seat: Seat) -> bool:
    """Whether backup:1 is there and holds none of the data."""
    return tag_of(seat, "backup:1") is not None and not packed(seat)


# ---- two sets of files in one directory


@lru_cache(maxsize=1)
def settings() -> Seat:
    """An image web:1 with /conf/default, and the host's folder /site with a file of its own."""
    return seat_after(
        "docker run --name maker busybox sh -c 'mkdir /conf; echo default > /conf/default'",
        "docker commit maker web:1", "docker rm maker", "mkdir /site", "echo ours > /site/ours",
    )


def _shown(seat: Seat) -> list[set[str]]:
    """Return what each running container shows in /conf."""
    running = (one.name for one in daemon(seat).containers.values() if one.running)
    return [set(asked(seat, f"docker exec {name} ls /conf")) for name in running]


def both(seat: Seat) -> bool:
    """Whether a running container shows the host's file and the image's beside it."""
    return any({"default", "ours"} <= found for found in _shown(seat))


def hides(seat: Seat) -> bool:
    """Whether a running container shows the host's files alone."""
    return any("ours" in found and "default" not in found for found in _shown(seat))


# ---- a name that moves


@lru_cache(maxsize=1)
def versions() -> Seat:
    """Images app:latest and app:2, each of which prints its version."""
    lines = [
        line for number, name in ((1, "app"), (2, "app:2")) for line in (
            f"docker run --name v{number} busybox sh -c 'echo version {number} > /version'",
            f"docker commit -c 'CMD [\"cat\", \"/version\"]' v{number} {name}", f"docker rm v{number}")
    ]
    return seat_after(*lines)


def newest(seat: Seat) -> bool:
    """Whether app without a tag is version 2."""
    return asked(seat, "docker run --rm app") == ["version", "2"]


def not_moved(seat: Seat) -> bool:
    """Whether latest is gone, or still leads to version 1."""
    return not newest(seat)


# ---- an archive that gives the image back


@lru_cache(maxsize=1)
def to_move() -> Seat:
    """A container, and the image app:1 that was committed from it, with a command of its own."""
    return seat_after(
        "docker run --name work busybox sh -c 'echo version 1 > /version'",
        "docker commit -c 'CMD [\"cat\", \"/version\"]' work app:1",
    )


def restored(seat: Seat) -> bool:
    """Whether docker load brings app:1 back from /backup.tar, with the same ID."""
    wanted = tag_of(to_move(), "app:1")
    for line in ("docker rm -f $(docker ps -aq)", "docker rmi -f $(docker images -q)"):
        seat, _ = step(seat, line)
    seat, outcome = step(seat, "docker load -i /backup.tar")
    return outcome.exit == 0 and tag_of(seat, "app:1") == wanted


def exported(seat: Seat) -> bool:
    """Whether /backup.tar is there and no image comes of it."""
    return seat.world.hosts[seat.host].files.exists("/backup.tar") and not restored(seat)

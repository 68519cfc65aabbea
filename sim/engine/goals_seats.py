"""What goals ask of a seat; nothing that is asked stays in its world."""

from __future__ import annotations

from ..fs.changeset import ChangeSet
from .internet import new_world
from .terminal import Seat, step
from .world import Daemon


def seat_after(*lines: str) -> Seat:
    """Return a new host's seat after some lines.

    Examples
    --------
    >>> layers_of(seat_after("docker pull -q busybox", "docker tag busybox one"), "one:latest") != ()
    True
    """
    seat = Seat(new_world())
    for line in lines:
        seat, _ = step(seat, line)
    return seat


def daemon(seat: Seat) -> Daemon:
    """Return the docker of the host where one sits."""
    return seat.world.hosts[seat.host].daemon


def tag_of(seat: Seat, name: str) -> str | None:
    """Return the ID that a name leads to, as ``sha256:…``; None where there is no such name."""
    found = daemon(seat).tags.get(name if "/" in name else f"docker.io/library/{name}")
    return None if found is None else str(found)


def layers_of(seat: Seat, name: str) -> tuple[str, ...]:
    """Return the DiffIDs of an image, base first; none where there is no such name."""
    image = next((one for one in daemon(seat).images.values() if str(one.id) == tag_of(seat, name)), None)
    return () if image is None else tuple(map(str, image.config.diff_ids))


def changes_of(seat: Seat, name: str) -> tuple[ChangeSet, ...]:
    """Return what each layer of an image holds, base first."""
    held = {str(diff_id): layer.changes for diff_id, layer in seat.world.stock.layers.items()}
    return tuple(held[layer] for layer in layers_of(seat, name))


def size_of(seat: Seat, name: str) -> int:
    """Return the bytes of an image as docker counts them; 0 where there is no such name."""
    return sum(int(line) for line in asked(seat, f"docker inspect -f '{{{{.Size}}}}' {name}"))


def asked(seat: Seat, line: str) -> list[str]:
    """Return the words that a line prints, none where it fails."""
    outcome = step(Seat(seat.world, seat.host), line)[1]
    return outcome.stdout.split() if outcome.exit == 0 else []


def works(seat: Seat, line: str) -> bool:
    """Whether a line ends with exit code 0."""
    return step(Seat(seat.world, seat.host), line)[1].exit == 0

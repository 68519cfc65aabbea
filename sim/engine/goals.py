"""Goals for exercises: a state to begin from, and what the world is to be like, whatever way led there.

    start --lines typed--> seat      met(seat)?   yes: done
                                     no: which misconception does this state show? else: the next hint

A lesson grades a state, never a string. Words are the lesson's: a goal names the keys of its hints.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from . import goals_images as images
from .goals_seats import asked, daemon, layers_of, seat_after, size_of, tag_of
from .internet import CLOUD
from .preset import CONTAINER, IMAGE, REPOSITORY, notes
from .remotes import state_of
from .terminal import Seat, step
from .world import State

Predicate = Callable[[Seat], bool]


@dataclass(frozen=True, slots=True)
class Goal:
    """One exercise.

    Attributes
    ----------
    name : str
    start : callable
        Returns the seat to begin from.
    met : callable
        Whether a seat is where one should get to.
    hints : tuple of str
        Names of hints, the gentlest first; at least one.
    shows : tuple of (callable, int)
        States that go wrong, and the number of the misconception that each shows; the first that holds counts.
    solution : tuple of str
        Lines that meet it: the test runs them, a lesson can show them.
    """

    name: str
    start: Callable[[], Seat]
    met: Predicate
    hints: tuple[str, ...]
    shows: tuple[tuple[Predicate, int], ...]
    solution: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Grade:
    """What a state is worth.

    Attributes
    ----------
    met : bool
    misconception : int or None
        The number of the one that the state shows.
    hint : str or None
        None where the goal is met. The next hint's key: the goal's name, a point, the hint's name.
    """

    met: bool
    misconception: int | None = None
    hint: str | None = None


def grade(goal: Goal, seat: Seat, asked: int = 0) -> Grade:
    """Grade a state.

    Parameters
    ----------
    asked : int
        How many hints were given already.

    Examples
    --------
    >>> goal = GOALS["smaller"]
    >>> grade(goal, goal.start()).hint
    'smaller.see'
    """
    if goal.met(seat):
        return Grade(True)
    wrong = next((number for holds, number in goal.shows if holds(seat)), None)
    return Grade(False, wrong, f"{goal.name}.{goal.hints[min(asked, len(goal.hints) - 1)]}")


@lru_cache(maxsize=1)
def _lists() -> Seat:
    """ubuntu with package lists of 19 MB in a layer of its own, as image fat:1."""
    return seat_after("docker run --name fat ubuntu apt-get update", "docker commit fat fat:1", "docker rm fat")


def _slim(seat: Seat) -> bool:
    return tag_of(seat, "slim:1") is not None and size_of(seat, "slim:1") < 72_000_000 and bool(
        asked(seat, "docker run --rm slim:1 ls -d /etc/apt"))


def _smaller_by_rm(seat: Seat) -> bool:
    below = layers_of(seat, "fat:1")
    return tag_of(seat, "slim:1") is not None and layers_of(seat, "slim:1")[: len(below)] == below


def _copied(seat: Seat) -> bool:
    return any(one.running and one.root.exists("/note") for one in daemon(seat).containers.values())


def _lost(seat: Seat) -> bool:
    return not any(one.root.exists("/note") for one in daemon(seat).containers.values())


@lru_cache(maxsize=1)
def _stopped() -> Seat:
    """A stopped container of busybox that holds /note."""
    return seat_after("docker run -d --name pad busybox sleep 100000",
                      "docker exec pad sh -c 'echo remember > /note'", "docker stop -t 0 pad")


def _another(seat: Seat) -> bool:
    return sum(one.state is not State.CREATED for one in daemon(seat).containers.values()) > 1 and not _copied(seat)


def _in_private(seat: Seat) -> bool:
    return "cyo_ubuntu" in "".join(asked(seat, "curl -s http://172.17.0.1:5000/v2/_catalog"))


def _edited_only(seat: Seat) -> bool:
    text = seat.world.hosts[seat.host].files.read("/etc/docker/daemon.json") or b""
    return b"insecure-registries" in text and not daemon(seat).settings.insecure


@lru_cache(maxsize=1)
def _registry() -> Seat:
    """The notes' preset with the private registry running and the image tagged for it."""
    seat = Seat(notes().world)
    for line in ("docker run -d -p 5000:5000 registry", f"docker tag {IMAGE} 172.17.0.1:5000/{IMAGE}"):
        seat, _ = step(seat, line)
    return seat


def _in_cloud(seat: Seat) -> bool:
    from .network import place_of

    state = state_of(seat.world, place_of(seat.world, seat.host, CLOUD))
    held = None if state is None else state.repositories.get(REPOSITORY)
    return held is not None and bool(held.tags)


def _wrong_name(seat: Seat) -> bool:
    return not any(name.startswith(CLOUD) for name in daemon(seat).tags)


GOALS: dict[str, Goal] = {goal.name: goal for goal in (
    Goal("smaller", _lists, _slim, ("see", "same-layer"), ((_smaller_by_rm, 1),),
         ("docker run --name tidy ubuntu sh -c 'apt-get update && rm -rf /var/lib/apt/lists/*'",
          "docker commit tidy slim:1")),
    Goal("resume", _stopped, _copied, ("ps-a", "start"), ((_lost, 15), (_another, 15)), ("docker start pad",)),
    Goal("private", _registry, _in_private, ("read", "reload"), ((_edited_only, 3),),
         ("echo '{\"insecure-registries\": [\"172.17.0.1:5000\"]}' > /etc/docker/daemon.json",
          "systemctl reload docker", f"docker push 172.17.0.1:5000/{IMAGE}")),
    Goal("publish", lambda: Seat(notes().world), _in_cloud, ("name", "login"), ((_wrong_name, 6),),
         (f"docker commit {CONTAINER} ubuntu-cyo57:1.0", f"echo {{password}} | docker login --username=ACCOUNT "
          f"--password-stdin {CLOUD}", f"docker tag ubuntu-cyo57:1.0 {CLOUD}/{REPOSITORY}:1.0",
          f"docker push {CLOUD}/{REPOSITORY}:1.0")),
    Goal("secret", images.leaky, images.clean, ("layers", "anew"), ((images.keeps_key, 19),),
         ("docker run --name tidy busybox sh -c 'mkdir /app; echo serve > /app/run'", "docker commit tidy clean:1")),
    Goal("executable", images.tool, images.executable, ("history", "before"), ((images.stored_twice, 2),),
         ("chmod 755 tool", "printf 'FROM busybox\\nCOPY tool /opt/tool\\n' > Dockerfile",
          "docker build -t tool:2 .")),
    Goal("backup", images.volume, images.packed, ("where", "copy"), ((images.packed_nothing, 4),),
         ("docker run --name copy -v orders:/data busybox cp /data/orders /orders", "docker commit copy backup:1")),
    Goal("both", images.settings, images.both, ("hides", "file"), ((images.hides, 16),),
         ("docker run -d -v /site/ours:/conf/ours web:1 sleep 100000",)),
    Goal("latest", images.versions, images.newest, ("look", "tag"), ((images.not_moved, 5),),
         ("docker tag app:2 app:latest",)),
    Goal("archive", images.to_move, images.restored, ("what", "save"), ((images.exported, 22),),
         ("docker save -o /backup.tar app:1",)),
)}
"""By name."""

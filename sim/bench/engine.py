"""Figures of the simulated world: how many commands a minute, and what a world with many of them behind it costs.

    the mix   30 % run, exec with a write, stop, start, rm; 10 % commit; 20 % tag, rmi; 20 % images, ps, history, diff;
              10 % pull, push; 10 % undo, redo; on the samples busybox and alpine
"""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter

from ..engine.internet import new_world
from ..engine.terminal import Seat, step
from ..engine.timeline import History
from .figure import Figure, absolute

BEFORE = ("docker pull busybox", "docker pull alpine", "docker run -d -p 5000:5000 --name reg registry")
PUSHED = "127.0.0.1:5000/im"
UNDO_EVERY = 18
"""A round types 90 lines; an undo and a redo after each 18 make a hundred of them."""


def a_round() -> list[str]:
    """Return the 90 lines of a round; it leaves no container behind."""
    boxes, images, five = [f"w{n}" for n in range(6)], range(10), range(5)
    return [
        *(f"docker run -d --name {box} busybox sleep 500" for box in boxes),
        *(f"docker exec {box} sh -c 'echo hi > /f'" for box in boxes),
        *(f"docker commit {boxes[n % 6]} im:{n}" for n in images),
        *(f"docker tag im:{n} {PUSHED}:{n}" for n in images),
        *(line for n in five for line in (f"docker history im:{n}", f"docker diff w{n}", "docker images", "docker ps")),
        *(line for n in five for line in (f"docker push {PUSHED}:{n}", "docker pull alpine")),
        *(f"docker stop {box}" for box in boxes),
        *(f"docker start {box}" for box in boxes),
        *(f"docker rmi im:{n}" for n in images),
        *(f"docker rm -f {box}" for box in boxes),
    ]


def figures(quick: bool) -> Iterator[Figure]:
    """Measure, one figure at a time."""
    seat = Seat(new_world())
    for line in BEFORE:
        seat, _ = step(seat, line)
    rounds, lines, done, failed = 2 if quick else 20, a_round(), 0, 0
    began = perf_counter()
    for _ in range(rounds):
        history: History[Seat] = History(seat)
        for number, line in enumerate(lines, 1):
            after, outcome = step(history.state, line)
            history, failed = history.after(line, after), failed + bool(outcome.exit)
            if number % UNDO_EVERY == 0:
                history = history.undo().redo()
        done += len(lines) + 2 * (len(lines) // UNDO_EVERY)
        seat = history.state
    took = perf_counter() - began
    if failed:
        raise AssertionError(f"{failed} commands of the benchmark failed")
    yield absolute("docker commands in a simulated world, the usual mix", done / took * 60, unit="a minute",
                   at_least=10_000)

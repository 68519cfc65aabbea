"""Pictures of instruments: repositories whole, followed, empty and overfull; builds short and long."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from sim.content.digest import Digest
from sim.engine.images import find
from sim.engine.internet import new_world
from sim.engine.terminal import Seat, step
from sim.lab.buildsteps import BuildStep, build_picture, build_steps
from sim.lab.shelfpicture import shelf_picture
from sim.lab.shelves import Held, Sheet, Shelf, shelves
from sim.lab.svg import Picture

Figure = Callable[[str, bool], Picture]
PUSHES = (
    "docker run -d -p 5000:5000 --name reg registry", "docker run --name maker ubuntu touch /a",
    "docker commit maker localhost:5000/a/one:1", "docker tag localhost:5000/a/one:1 localhost:5000/b:2",
    "docker tag ubuntu localhost:5000/b:3", "docker push -q localhost:5000/a/one:1",
    "docker push -q localhost:5000/b:2", "docker push -q localhost:5000/b:3",
)


@cache
def pushed() -> dict[str, Shelf]:
    """The registries of a world after some pushes."""
    seat = Seat(new_world())
    for line in PUSHES:
        seat, _ = step(seat, line)
    return shelves(seat.world, "cyo57")


@cache
def full() -> Shelf:
    """A repository with long names, a manifest of many layers, blobs that nobody names, and a manifest without tag."""
    named = [Digest.of(b"%d" % n) for n in range(30)]
    blobs = tuple(Held(one, 10 ** (n % 9), ("team/" + "long" * 20,) if n % 3 else (), n < 20)
                  for n, one in enumerate(named))  # fmt: skip
    tags = tuple(f"2026-11-24-nightly-{n}" for n in range(20))
    first = Sheet(Digest.of(b"m"), 4_711, tuple(named[:18]), tags)
    sheets = (first, Sheet(Digest.of(b"n"), 512, tuple(named[18:20]), ()))
    return Shelf("registry.cn-hangzhou.aliyuncs.com/cyo57/" + "name" * 12, sheets, blobs)


@cache
def several() -> Shelf:
    """A repository with an index of three platforms, a signature of it, and an image beside it."""
    named = [Digest.of(b"%d" % n) for n in range(9)]
    parts = tuple(Sheet(Digest.of(b"part%d" % n), 527, tuple(named[2 * n : 2 * n + 2]), (), part=True)
                  for n in range(3))  # fmt: skip
    index = Sheet(Digest.of(b"index"), 1_610, tuple(one.digest for one in parts), ("1.0", "latest"), index=True)
    signature = Sheet(Digest.of(b"signature"), 700, (named[7],), (), about=True)
    sheets = (index, *parts, Sheet(Digest.of(b"alone"), 527, (named[6], named[8], named[0]), ("0.9",)), signature)
    return Shelf("172.17.0.1:5000/several", sheets, tuple(Held(one, 10_000, (), True) for one in named))


def _shelf(name: str, k: int) -> Figure:
    return lambda lang, big: shelf_picture(pushed()[name], k, lang=lang, projector=big)


@cache
def built() -> tuple[BuildStep, ...]:
    """A build on ubuntu: ten instructions, one of them long, one that deletes."""
    seat = Seat(new_world())
    text = "FROM ubuntu\nENV A=1\nRUN touch /a /b /c /d\nRUN rm /a\nRUN echo " + "long " * 40 + "> /e\nCMD ls\n"
    for line in ("mkdir app", "cd app", f"cat > Dockerfile <<END\n{text}END", "docker build -q -t built:1 ."):
        seat, _ = step(seat, line)
    image = find(seat.world.hosts["cyo57"].daemon, "built:1")
    assert image is not None
    return build_steps(seat.world.stock, image)


def _build(k: int, first: int = 0) -> Figure:
    return lambda lang, big: build_picture(built()[first:], k, lang=lang, projector=big)


INSTRUMENT_FIGURES: dict[str, Figure] = {
    "a repository": _shelf("172.17.0.1:5000/b", 0),
    "a tag followed": _shelf("172.17.0.1:5000/b", 2),
    "a large image's tag": _shelf("docker.io/library/nginx", 1),
    "an empty registry": _shelf("registry.cn-hangzhou.aliyuncs.com", 0),
    "a full repository": lambda lang, big: shelf_picture(full(), 0, lang=lang, projector=big),
    "a tag of a full repository": lambda lang, big: shelf_picture(full(), 20, lang=lang, projector=big),
    "a manifest without tag": lambda lang, big: shelf_picture(full(), 21, lang=lang, projector=big),
    "an index": lambda lang, big: shelf_picture(several(), 0, lang=lang, projector=big),
    "an index followed": lambda lang, big: shelf_picture(several(), 2, lang=lang, projector=big),
    "an index's manifest": lambda lang, big: shelf_picture(several(), 4, lang=lang, projector=big),
    "a build before it begins": _build(0),
    "a build that deletes": _build(8),
    "a short build": _build(5, 5),
    "a build of nothing": lambda lang, big: build_picture((), 0, lang=lang, projector=big),
}

"""Exercises on names and shared layers: how many IDs there are, what rmi frees, what is stored."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from random import Random

from ...content.sizes import human_size
from ...dedup.sharing import share
from ..text import t
from .kinds import MB, Belief, Family, Row

# ---- IDs


def _commands(lots: Random) -> tuple[str, ...]:
    names = [f"{name}:{tag}" for name in ("app", "copy", "mine") for tag in (1, 2, 3)]
    lots.shuffle(names)
    held = [names.pop()]
    lines = [f"docker commit box {held[0]}"]
    for commits in lots.sample([True, True, False, False, False], lots.randint(2, 4)):
        name = names.pop()
        lines.append(f"docker commit box {name}" if commits else f"docker tag {lots.choice(held)} {name}")
        held.append(name)
    return tuple(lines)


def ids(lines: Iterable[str]) -> int:
    """Return how many image IDs commits and tags make: one a commit, for its time is in the config."""
    return sum(line.startswith("docker commit") for line in lines)


IDS: Family[tuple[str, ...]] = Family(
    "06.ids", _commands, ids,
    (
        Belief("content", 24, lambda lines: 1),
        Belief("tag", 29, len),
    ),
    lambda lines, lang: tuple(Row(f"{place}.", line) for place, line in enumerate(lines, 1)), "count",
)


# ---- shared layers


@dataclass(frozen=True, slots=True)
class Shelf:
    """What a host holds.

    Attributes
    ----------
    layers : tuple of (int, int)
        Of each layer its number and its bytes.
    images : tuple of tuple of int
        The layers of each image, base first.
    names : tuple of (str, int)
        Each with the place of its image, from 0.
    removed : int
        The place, from 0, of the name that rmi is given.
    """

    layers: tuple[tuple[int, int], ...]
    images: tuple[tuple[int, ...], ...]
    names: tuple[tuple[str, int], ...]
    removed: int

    def size(self, image: int) -> int:
        """Return the bytes of an image as docker prints them: those of all its layers."""
        return self.stored([image])

    def stored(self, images: Iterable[int]) -> int:
        """Return the bytes that some images take together, each layer once."""
        sizes = dict(self.layers)
        return share((layer, sizes[layer]) for image in images for layer in self.images[image]).unique_bytes


def _shelf(lots: Random) -> Shelf:
    """Draw 2 or 3 images on one base, one of them at times with a second name."""
    count = lots.randint(2, 3)
    sizes = lots.sample(range(4, 80), 2 + count)
    layers = tuple((number, size * MB) for number, size in enumerate(sizes, 1))
    middle = (1, 2) if lots.random() < 0.5 else (1,)
    images = tuple((*(middle if place else (1,)), 3 + place) for place in range(count))
    names = [(f"{name}:1", place) for place, name in enumerate(lots.sample(("app", "site", "tool", "web"), count))]
    if lots.random() < 0.6:
        names.append(("copy:1", lots.randrange(count)))
    used = {layer for image in images for layer in image}
    return Shelf(tuple(one for one in layers if one[0] in used), images, tuple(names), lots.randrange(len(names)))


def _others(shelf: Shelf, name: int) -> list[int]:
    """Return the images that have a name when one name is gone."""
    return [image for place, (_, image) in enumerate(shelf.names) if place != name]


def freed(shelf: Shelf) -> int:
    """Return the bytes that ``docker rmi`` of the name frees."""
    every = range(len(shelf.images))
    return shelf.stored(every) - shelf.stored(_others(shelf, shelf.removed))


def _alone(shelf: Shelf) -> int | None:
    """Return what the image has for itself, where another name still holds it."""
    image = shelf.names[shelf.removed][1]
    if image not in _others(shelf, shelf.removed):
        return None
    every = range(len(shelf.images))
    return shelf.stored(every) - shelf.stored(one for one in every if one != image)


def _never(shelf: Shelf) -> int | None:
    return None if _alone(shelf) is not None else 0


def _shelf_rows(shelf: Shelf, lang: str) -> tuple[Row, ...]:
    sizes = dict(shelf.layers)
    rows = []
    for place, image in enumerate(shelf.images):
        names = ", ".join(name for name, at in shelf.names if at == place)
        layers = " + ".join(t("exercise.row.sized", lang, n=layer, size=human_size(sizes[layer])) for layer in image)
        rows.append(Row(names, layers))
    return tuple(rows)


def _rmi_rows(shelf: Shelf, lang: str) -> tuple[Row, ...]:
    return (*_shelf_rows(shelf, lang), Row("1.", f"docker rmi {shelf.names[shelf.removed][0]}"))


FREED: Family[Shelf] = Family(
    "06.freed", _shelf, freed,
    (
        Belief("data", 11, _alone),
        Belief("whole", 12, lambda shelf: shelf.size(shelf.names[shelf.removed][1])),
        Belief("never", 11, _never),
    ),
    _rmi_rows, "bytes",
)


def stored(shelf: Shelf) -> int:
    """Return the bytes on the host's disk."""
    return shelf.stored(range(len(shelf.images)))


def _copied(shelf: Shelf) -> int | None:
    copies = [image for name, image in shelf.names if name == "copy:1"]
    return stored(shelf) + sum(map(shelf.size, copies)) if copies else None


STORED: Family[Shelf] = Family(
    "06.stored", _shelf, stored,
    (
        Belief("sum", 12, lambda shelf: sum(map(shelf.size, range(len(shelf.images))))),
        Belief("clone", 29, _copied),
    ),
    _shelf_rows, "bytes",
)

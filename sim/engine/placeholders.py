"""Placeholders of written notes, filled from the world: <CONTAINER_ID>, [ImageId], [镜像版本号] and the like.

A placeholder is a word in `<…>` or `[…]` whose name is known here; any other bracket stays as it is (a test, a glob, an
address). A name for a new image is a fresh one, in lower case, that no later line uses.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .world import World

_MARK = re.compile(r"<([^<>\s|&;]{1,60})>|\[([^\[\]\s|&;]{1,60})\]")
_CONTAINER = {"containerid", "container", "containername", "cid", "容器id", "容器", "容器名", "容器名称"}
_IMAGE_ID = {"imageid", "image", "镜像id", "镜像"}
_NEW_IMAGE = {"newimagename", "newiamgename", "newimage", "imagename", "newname", "repository", "镜像名", "镜像名称",
              "新镜像名", "新镜像名称", "目标镜像名"}
_TAG = {"tag", "version", "imagetag", "镜像版本号", "版本号", "版本", "标签"}
VERSION = "1.0"


@dataclass(frozen=True, slots=True)
class Filled:
    """A command whose placeholders were filled.

    Attributes
    ----------
    command : str
    values : mapping of str to str
        By placeholder, as it was written.
    """

    command: str
    values: Mapping[str, str]


def fill(command: str, world: World, host: str, *, later: Iterable[str] = (), committed: str | None = None) -> Filled:
    """Fill a command's placeholders.

    Parameters
    ----------
    later : iterable of str
        The commands that follow: a fresh name is none of theirs.
    committed : str, optional
        ID of the image that was committed last; it is the image meant.

    Examples
    --------
    >>> from sim.engine.internet import new_world
    >>> found = fill("docker tag x <New_IAMGE_NAME>:[TAG]", new_world(), "cyo57")
    >>> found.command, dict(found.values)
    ('docker tag x my-image:1.0', {'<New_IAMGE_NAME>': 'my-image', '[TAG]': '1.0'})
    """
    values: dict[str, str] = {}
    text = " ".join(later)

    def one(found: re.Match[str]) -> str:
        value = _value(found.group(1) or found.group(2), world, host, text, committed)
        if value is None:
            return found.group()
        values[found.group()] = value
        return value

    return Filled(_MARK.sub(one, command), values)


def _value(name: str, world: World, host: str, later: str, committed: str | None) -> str | None:
    plain = re.sub(r"[\s_-]", "", name).lower()
    if plain in _CONTAINER:
        return _container(world, host)
    if plain in _IMAGE_ID:
        return committed or _image(world, host)
    if plain in _TAG:
        return VERSION
    if plain in _NEW_IMAGE:
        return _fresh(world, host, later)
    return None


def _container(world: World, host: str) -> str | None:
    found = sorted(world.hosts[host].daemon.containers.values(), key=lambda one: (one.running, one.created_ns))
    return found[-1].id[:12] if found else None


def _image(world: World, host: str) -> str | None:
    images = world.hosts[host].daemon.images
    newest = max(images.values(), key=lambda one: one.config.created or "", default=None)
    return None if newest is None else newest.id.hex[:12]


def _fresh(world: World, host: str, later: str) -> str:
    taken = " ".join(world.hosts[host].daemon.tags) + " " + later
    names = ["my-image", *(f"my-image-{number}" for number in range(2, 1000))]
    return next(name for name in names if not re.search(rf"(?<![\w-]){name}(?![\w-])", taken))

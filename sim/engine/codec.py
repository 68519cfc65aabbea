"""A world as plain JSON, and back: every value by its kind, classes by a list of names that may occur.

    {"c": "Port", "f": {...}}     a value of a class          {"t": [...]}   a tuple       {"s": [...]}  a set
    {"m": [[key, value], ...]}    a mapping                   {"d": "DiffID sha256:..."}   a digest
    {"e": "State running"}        a member of an enumeration  {"disk": [...]}              what was written to a disk
    {"config": "sha256:..."}      an image's config, by its bytes

Bytes of files are not in the JSON: they are named by their SHA-256 and lie in the store beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

from ..boot.host import Host as Kernel
from ..content.data import EMPTY, Data
from ..content.descriptor import Descriptor, Platform
from ..content.digest import Digest
from ..errors import BadInput, SimError
from ..fs.entry import Entry, Kind
from ..image.config import ImageConfig, RunConfig
from ..image.ids import ChainID, DiffID
from ..registry import auth, changes, state
from . import command, world
from .disk import Disk, blank

_CLASSES: dict[str, type] = {one.__name__: one for one in (
    world.World, world.Daemon, world.StoredImage, world.Container, world.Volume, world.Settings, world.Port,
    world.MountPoint, world.Remote, RunConfig, Descriptor, Platform, auth.Access, auth.Challenge, changes.Held,
    changes.ManifestRecord, changes.Upload, state.Policy, state.Repository, state.Registry, command.Said,
)}
_CLASSES |= {"Host": world.Host, "Kernel": Kernel}
_NAMES = {one: name for name, one in _CLASSES.items()}
_ENUMS: dict[str, type[Enum]] = {one.__name__: one for one in (world.State, world.Storage, command.Stream)}
_DIGESTS: dict[str, type[Digest]] = {"Digest": Digest, "DiffID": DiffID, "ChainID": ChainID}
_LEFT_OUT = {"stock"}


class Damaged(BadInput):
    """A world file that does not hold together."""


class Encoder:
    """Turns values into JSON.

    Parameters
    ----------
    keep : callable
        Stores a file's bytes; called with each `Data` once it is met.
    """

    def __init__(self, keep: Callable[[Data], None]) -> None:
        self._keep = keep
        self.configs: dict[Digest, bytes] = {}

    def value(self, found: Any) -> Any:
        """Return a value's JSON."""
        if found is None or type(found) in (bool, int, float, str):
            return found
        if isinstance(found, Enum):
            return {"e": f"{type(found).__name__} {found.value}"}
        if isinstance(found, Digest):
            return {"d": f"{type(found).__name__} {found}"}
        if isinstance(found, ImageConfig):
            digest = Digest.of(found.raw)
            self.configs[digest] = found.raw
            return {"config": str(digest)}
        if isinstance(found, Disk):
            return {"disk": [self._entry(path, entry) for path, entry in found.upper.entries()]}
        if isinstance(found, tuple | list):
            return {"t": [self.value(one) for one in found]}
        if isinstance(found, frozenset):
            return {"s": [self.value(one) for one in sorted(found)]}
        if isinstance(found, Mapping):
            return {"m": [[self.value(key), self.value(one)] for key, one in found.items()]}
        name = _NAMES.get(type(found))
        if name is None or not is_dataclass(found):
            raise SimError(f"a world with a {type(found).__name__} in it cannot be saved")
        inner = {one.name: self.value(getattr(found, one.name)) for one in fields(found)
                 if one.init and one.name not in _LEFT_OUT}
        return {"c": name, "f": inner}

    def _entry(self, path: str, entry: Entry) -> list[Any]:
        data = None
        if entry.data is not None:
            data = [entry.data.size, entry.data.sha256]
            if entry.data.size:
                self._keep(entry.data)
        xattrs = [[name, value.hex()] for name, value in entry.xattrs]
        rdev = None if entry.rdev is None else list(entry.rdev)
        return [path, str(entry.kind), entry.mode, entry.uid, entry.gid, entry.mtime_ns, data, entry.target, rdev,
                xattrs, entry.inode]


class Decoder:
    """Turns JSON back into values; anything that is not as an `Encoder` wrote it is `Damaged`.

    Parameters
    ----------
    data : callable
        Returns a file's bytes by size and SHA-256.
    config : callable
        Returns a config's bytes by its digest.
    root : callable
        Returns a container's root by its layers and what was written to it.
    """

    def __init__(
        self, data: Callable[[int, str], Data], config: Callable[[Digest], bytes],
        root: Callable[[tuple[DiffID, ...], dict[str, Entry]], Disk],
    ) -> None:
        self._data, self._config, self._root = data, config, root

    def world(self, found: Any, stock: Any) -> world.World:
        """Return a world."""
        try:
            made = self.value(found)
            if not isinstance(made, world.World):
                raise Damaged("no world in it")
            return world.World(made.hosts, made.remotes, made.stores, made.clock, made.seed, made.drawn, stock)
        except (KeyError, TypeError, ValueError, IndexError, AttributeError, RecursionError) as error:
            raise Damaged(f"does not hold together: {type(error).__name__} {error}"[:200]) from None

    def value(self, found: Any) -> Any:
        """Return a value."""
        if found is None or type(found) in (bool, int, float, str):
            return found
        if type(found) is not dict:
            raise Damaged(f"a {type(found).__name__} where a value is wanted")
        match found:
            case {"e": str(text)}:
                name, _, value = text.partition(" ")
                return _ENUMS[name](value)
            case {"d": str(text)}:
                name, _, value = text.partition(" ")
                return _DIGESTS[name].parse(value)
            case {"config": str(text)}:
                return ImageConfig.parse(self._config(Digest.parse(text)), where="world")
            case {"disk": list(lines)}:
                return blank(self._entries(lines))
            case {"t": list(items)}:
                return tuple(self.value(one) for one in items)
            case {"s": list(items)}:
                return frozenset(self.value(one) for one in items)
            case {"m": list(pairs)}:
                return world.frozen({self.value(key): self.value(one) for key, one in pairs})
            case {"c": str(name), "f": dict(inner)}:
                return self._made(name, inner)
        raise Damaged(f"a value of no known kind: {sorted(found)[:3]}")

    def _made(self, name: str, inner: dict[str, Any]) -> Any:
        made = dict(inner)
        if name == "Container":
            # Its root lies on its image's layers, which are in the stock.
            lines = made.pop("root")["disk"]
            made = {key: self.value(one) for key, one in made.items()}
            return world.Container(root=self._root(made["layers"], self._entries(lines)), **made)
        return _CLASSES[name](**{key: self.value(one) for key, one in made.items()})

    def _entries(self, lines: list[Any]) -> dict[str, Entry]:
        found = {}
        for path, kind, mode, uid, gid, mtime_ns, data, target, rdev, xattrs, inode in lines:
            held = None
            if data is not None:
                held = self._data(data[0], data[1]) if data[0] else EMPTY
            found[path] = Entry(
                Kind(kind), mode, uid, gid, mtime_ns, held, target, None if rdev is None else (rdev[0], rdev[1]),
                tuple((name, bytes.fromhex(value)) for name, value in xattrs), inode,
            )
        return found


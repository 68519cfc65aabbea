"""Snapshots: an image's layers, and the writable layer of each container on them, by name.

The words are containerd's (Snapshotter): a snapshot is *committed* (read-only, a layer), *active* (writable, made by
`prepare`) or a *view* (read-only look at a committed one). Committed ones are named by ChainID, so that images
which start with the same layers share them.

    commit   sha256:aaa  (base)                       layer 1
    commit   sha256:bbb  on sha256:aaa                layer 2
    prepare  c1-init     on sha256:bbb                docker's -init layer: /etc/hosts, /dev, ...
    commit   c1-init
    prepare  c1          on c1-init                   the container's writable layer

The store is a value: every function returns a new one.
"""

from __future__ import annotations

import errno
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType

from ..content.data import EMPTY
from ..errors import FsError, SimError
from ..fs.changeset import ChangeSet
from ..fs.entry import IMPLIED, Entry, Kind
from ..image.ids import ChainID, DiffID, chain_ids
from .lookup import lookup
from .overlay import Directory, Names, Options, OverlayMount, directory, mount
from .upperdir import commit as changes_of_upper
from .upperdir import to_directory

MAX_DEPTH = 127
"""Layers of docker's store: 125 of an image, the -init layer and the writable one (moby, layer/layer_store.go)."""
MAX_IMAGE_LAYERS = 125

LINK_LENGTH = 26
"""Characters of overlay2's short names, so that 128 of them fit into a page less 512 bytes of labels."""


class State(StrEnum):
    """What a snapshot is."""

    COMMITTED = "committed"
    ACTIVE = "active"
    VIEW = "view"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One snapshot.

    Attributes
    ----------
    key : str
        A ChainID for a layer of an image; any name for others.
    parent : str or None
    state : State
    changes : ChangeSet
        What the layer says; empty for a view, and for an active one what it started with.
    directory : Directory
        The same in the kernel's form.
    """

    key: str
    parent: str | None
    state: State
    changes: ChangeSet
    directory: Directory


class SnapshotError(SimError):
    """A snapshot is missing, in use, in the wrong state, or there already."""


@dataclass(frozen=True, slots=True)
class Snapshots:
    """All snapshots of one host."""

    held: Mapping[str, Snapshot] = field(default_factory=lambda: MappingProxyType({}))

    def __getitem__(self, key: object) -> Snapshot:
        try:
            return self.held[str(key)]
        except KeyError:
            raise SnapshotError(f"snapshot {key} does not exist", hint="prepare or commit it first") from None

    def __contains__(self, key: object) -> bool:
        return str(key) in self.held

    def chain(self, key: object) -> tuple[Snapshot, ...]:
        """Return a snapshot and its parents, base first."""
        found = []
        at: str | None = str(key)
        while at is not None:
            snapshot = self[at]
            found.append(snapshot)
            at = snapshot.parent
        return tuple(reversed(found))


def _with(store: Snapshots, snapshot: Snapshot) -> Snapshots:
    if snapshot.key in store:
        raise SnapshotError(f"snapshot {snapshot.key} is there already", hint="remove it, or choose another name")
    return Snapshots(MappingProxyType({**store.held, snapshot.key: snapshot}))


def _committed(store: Snapshots, parent: object | None) -> tuple[Snapshot, ...]:
    chain = () if parent is None else store.chain(parent)
    if chain and chain[-1].state is not State.COMMITTED:
        raise SnapshotError(f"snapshot {parent} is {chain[-1].state}", hint="commit it before something lies on it")
    if len(chain) >= MAX_DEPTH:
        raise SnapshotError("max depth exceeded", hint=f"{MAX_IMAGE_LAYERS} image layers are allowed: join some steps")
    return chain


def _next(store: Snapshots, key: object, parent: object | None, state: State) -> Snapshots:
    chain = _committed(store, parent)
    root = chain[-1].directory.root.entry() if chain else IMPLIED
    empty = directory({"": root})
    return _with(store, Snapshot(str(key), None if parent is None else str(parent), state, ChangeSet(), empty))


def prepare(store: Snapshots, key: object, parent: object | None) -> Snapshots:
    """Make a writable snapshot on a committed one."""
    return _next(store, key, parent, State.ACTIVE)


def view(store: Snapshots, key: object, parent: object | None) -> Snapshots:
    """Make a read-only look at a committed snapshot."""
    return _next(store, key, parent, State.VIEW)


def commit(store: Snapshots, name: object, key: object, changes: ChangeSet) -> Snapshots:
    """Turn an active snapshot into a committed one of another name, with what was written to it.

    Raises
    ------
    SnapshotError
        The snapshot is missing or not active, or the name is taken.
    """
    active = store[key]
    if active.state is not State.ACTIVE:
        raise SnapshotError(f"snapshot {key} is {active.state}, not active", hint="prepare one to commit it")
    below = [one.changes for one in store.chain(key)[:-1]]
    rest = Snapshots(MappingProxyType({one: held for one, held in store.held.items() if one != active.key}))
    done = replace(
        active, key=str(name), state=State.COMMITTED, changes=changes, directory=to_directory(changes, below)
    )
    return _with(rest, done)


def commit_mount(store: Snapshots, name: object, key: object, container: OverlayMount) -> Snapshots:
    """Commit an active snapshot with what its mount's upperdir holds."""
    return commit(store, name, key, changes_of_upper(container))


def remove(store: Snapshots, key: object) -> Snapshots:
    """Remove a snapshot; `SnapshotError` while another one lies on it."""
    gone = store[key]
    children = sorted(one.key for one in store.held.values() if one.parent == gone.key)
    if children:
        raise SnapshotError(f"snapshot {key} has children", hint=f"remove first: {', '.join(children)}")
    return Snapshots(MappingProxyType({one: held for one, held in store.held.items() if one != gone.key}))


def unpack(store: Snapshots, layers: Sequence[tuple[DiffID, ChangeSet]]) -> tuple[Snapshots, ChainID | None]:
    """Commit an image's layers, base first; those that are there already are shared.

    Returns
    -------
    store : Snapshots
    top : ChainID or None
        The name of the topmost layer's snapshot.

    Raises
    ------
    SnapshotError
        ``max depth exceeded``: docker's store takes 125 layers of an image.
    """
    if len(layers) > MAX_IMAGE_LAYERS:
        raise SnapshotError("max depth exceeded", hint=f"{MAX_IMAGE_LAYERS} image layers are allowed: join some steps")
    top: ChainID | None = None
    for chain_id, (_, changes) in zip(chain_ids(diff_id for diff_id, _ in layers), layers, strict=True):
        if chain_id not in store:
            store = prepare(store, f"extract {chain_id}", top)
            store = commit(store, chain_id, f"extract {chain_id}", changes)
        top = chain_id
    return store, top


def mounted(
    store: Snapshots, key: object, *, options: Options = Options(), size: int | None = None, now: int = 0  # noqa: B008
) -> OverlayMount:
    """Mount a snapshot: an active one writable, others read-only.

    Raises
    ------
    FsError
        EINVAL for a single read-only layer, which containerd binds instead of mounting an overlay.
    """
    chain = store.chain(key)
    lowers = [one.directory for one in chain if one.state is State.COMMITTED]
    if chain[-1].state is State.ACTIVE:
        if not lowers:
            raise FsError(errno.EINVAL, "", f"snapshot {key} has no parent: containerd binds its directory instead")
        return mount(lowers, chain[-1].directory, names=short_names(len(lowers), options), size=size, now=now)
    return mount(lowers, None, options=options, now=now)


def short_names(lowers: int, options: Options = Options()) -> Names:  # noqa: B008
    """Return overlay2's names: links of 26 characters under ``l/``, so that 127 of them fit into mount(2)'s page."""
    links = tuple("l/" + f"{number:0{LINK_LENGTH}d}" for number in range(1, lowers + 1))
    return Names(links, "diff", "work", options)


_INIT_FILES = (".dockerenv", "dev/console", "etc/hostname", "etc/hosts", "etc/resolv.conf")
_INIT_DIRECTORIES = ("dev/pts", "dev/shm", "proc", "sys")


def init_layer(layers: Sequence[ChangeSet], mtime_ns: int = 0) -> ChangeSet:
    """Return docker's ``-init`` layer for a stack: mount points that a container needs and the image may lack.

    What the image has is left as it is (moby, daemon/initlayer/setup_unix.go). /etc/hosts, /etc/hostname and
    /etc/resolv.conf are empty here, since docker mounts its own over them: what a program writes there is in no layer.
    """
    entries: dict[str, Entry] = {}

    def missing(path: str) -> bool:
        return lookup(layers, path).entry is None

    for path in _INIT_DIRECTORIES:
        if missing(path):
            entries[path] = Entry(Kind.DIRECTORY, 0o755, mtime_ns=mtime_ns)
    for path in _INIT_FILES:
        if missing(path):
            entries[path] = Entry(Kind.FILE, 0o755, mtime_ns=mtime_ns, data=EMPTY)
    if missing("etc/mtab"):
        entries["etc/mtab"] = Entry(Kind.SYMLINK, 0o777, mtime_ns=mtime_ns, target="/proc/mounts")
    for path in ("dev", "etc"):
        if missing(path) and any(entry.startswith(path + "/") for entry in entries):
            entries[path] = Entry(Kind.DIRECTORY, 0o755, mtime_ns=mtime_ns)
    return ChangeSet(dict(sorted(entries.items())))


def container(
    store: Snapshots, name: str, image: object, *, options: Options = Options(), size: int | None = None, now: int = 0  # noqa: B008
) -> tuple[Snapshots, OverlayMount]:
    """Make what docker makes for a container: its ``-init`` layer, its writable layer, and the mount of all."""
    init = f"{name}-init"
    store = prepare(store, init, image)
    store = commit(store, f"{init} committed", init, init_layer([one.changes for one in store.chain(image)], now))
    store = prepare(store, name, f"{init} committed")
    return store, mounted(store, name, options=options, size=size, now=now)

"""Change sets and layer directories: the same layer in two forms.

    in a layer tar (image-spec, layer.md)        in a layer directory (the kernel)
    -------------------------------------        ---------------------------------
    etc/.wh.motd                                 etc/motd          character device 0/0
    etc/ and etc/.wh..wh..opq                    etc/              trusted.overlay.opaque=y
    .wh.d and d/x       (only x is left of d)    d/ opaque, d/x    both in one directory cannot be
    .wh..wh..opq at the root                     a whiteout for every name that layers below show at the root,
                                                 because an opaque mark on a layer's root means nothing
    usr/bin/x without usr and usr/bin            usr/ usr/bin/     copies of what the layers below show
    a hard link to a file of a lower layer       a copy of that file: a directory cannot link into another

A change set speaks about the layers below it, so a whole stack is converted, base first. After it both rule
sets show the same tree; a test holds that. One thing has no second form: a tar can hold a device 0/0, which on disk IS
a whiteout.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..fs.changeset import ChangeSet
from ..fs.entry import IMPLIED, Entry, Kind
from .lookup import lookup
from .overlay import WHITEOUT, Directory, Options, OverlayMount, directory, mount
from .overlay.attrs import CAPABILITY
from .overlay.core import Core
from .overlay.dentry import Dentry
from .overlay.disk import NO_DEVICE, TRUSTED, USER, Node
from .overlay.views import names_in, size_of, walk

OPAQUE = (TRUSTED + "opaque", b"y")


def to_lowerdirs(layers: Sequence[ChangeSet]) -> tuple[Directory, ...]:
    """Turn a stack of change sets, base first, into layer directories that show the same merged tree."""
    return tuple(to_directory(layer, layers[:at]) for at, layer in enumerate(layers))


def to_directory(layer: ChangeSet, below: Sequence[ChangeSet]) -> Directory:
    """Turn one change set into a layer directory that can lie on the layers `below` it.

    Examples
    --------
    >>> from sim.fs.sketch import sketch, file, whiteout
    >>> to_directory(sketch(whiteout("/d"), file("/d/x")), [sketch(file("/d/old"))]).dump()
    ('d/  opaque=y', 'd/x  0 bytes')
    """
    found: dict[str, Entry] = {"": _root(layer, below)}
    for path in sorted(layer.implied - {""}):
        found[path] = _implied(layer, below, path)
    hardlinks = _Links(layer)
    for path, entry in layer.entries.items():
        if path:
            found[path] = unmarked(hardlinks.resolved(below, entry) if entry.kind is Kind.HARDLINK else entry)
    for path in _hidden_names(layer, below):
        held = found.get(path)
        if held is None:
            _whiteout(found, layer, below, path)
        elif held.is_dir:
            found[path] = marked_opaque(held)
    for path in layer.opaques:
        if path and path in found and found[path].is_dir:
            found[path] = marked_opaque(found[path])
    return directory(found)


def _root(layer: ChangeSet, below: Sequence[ChangeSet]) -> Entry:
    return layer.entries.get("") or (lookup(below, "").entry if below else None) or IMPLIED


def _implied(layer: ChangeSet, below: Sequence[ChangeSet], path: str) -> Entry:
    """Attributes of a directory that the layer needs and does not describe: those of the layers below."""
    shown = None if layer.hides(path) is not None else lookup(below, path).entry
    return replace(shown, inode=0) if shown is not None and shown.is_dir else IMPLIED


def _hidden_names(layer: ChangeSet, below: Sequence[ChangeSet]) -> list[str]:
    names = sorted(layer.whiteouts - {""})
    if "" in layer.opaques or "" in layer.whiteouts:
        names += sorted({path.split("/")[0] for under in below for path in (*under.entries, *under.implied) if path})
    return list(dict.fromkeys(names))


def _whiteout(found: dict[str, Entry], layer: ChangeSet, below: Sequence[ChangeSet], path: str) -> None:
    # Only what is below something that this layer makes no directory, or below a whiteout, needs none.
    at = path.rpartition("/")[0]
    missing = []
    while at and at not in found:
        missing.append(at)
        if layer.hides(at) is not None:
            return
        at = at.rpartition("/")[0]
    if not found[at].is_dir:
        return
    for directory_path in missing:
        shown = lookup(below, directory_path).entry
        if shown is None or not shown.is_dir:
            return
    for directory_path in missing:
        found[directory_path] = _implied(layer, below, directory_path)
    found[path] = WHITEOUT


def unmarked(entry: Entry) -> Entry:
    """Return an entry without overlay's own attributes: a layer tar has no say in them."""
    if not any(name.startswith((TRUSTED, USER)) for name, _ in entry.xattrs):
        return entry
    return replace(entry, xattrs=tuple(pair for pair in entry.xattrs if not pair[0].startswith((TRUSTED, USER))))


def marked_opaque(entry: Entry) -> Entry:
    """Return a directory with the mark that hides what lies below."""
    kept = [pair for pair in entry.xattrs if pair[0] != OPAQUE[0]]
    return replace(entry, xattrs=tuple(sorted([*kept, OPAQUE])))


class _Links:
    """Names that a layer gives to files of lower layers: those of one target are names of one copy."""

    def __init__(self, layer: ChangeSet) -> None:
        self.next = 1 + max((entry.inode for entry in layer.entries.values()), default=0)
        self.made: dict[str, Entry] = {}

    def resolved(self, below: Sequence[ChangeSet], entry: Entry) -> Entry:
        target = entry.target or ""
        if target not in self.made:
            shown = lookup(below, target).entry
            self.made[target] = WHITEOUT if shown is None or shown.is_dir else replace(shown, inode=self.next)
            self.next += 1
        return self.made[target]


def to_changes(upper: Directory, *, userxattr: bool = False) -> ChangeSet:
    """Turn a layer directory into the change set that a layer tar holds.

    Parameters
    ----------
    upper : Directory
    userxattr : bool
        Marks are ``user.overlay.*``.
    """
    prefix = USER if userxattr else TRUSTED
    entries: dict[str, Entry] = {}
    whiteouts: list[str] = []
    opaques: list[str] = []
    for path, entry in upper.entries():
        if entry.rdev == NO_DEVICE and entry.kind is Kind.CHAR:
            whiteouts.append(path)
            continue
        marks = dict(entry.xattrs)
        if path and marks.get(prefix + "opaque") == b"y":
            opaques.append(path)
        entries[path] = unmarked(entry)
    return ChangeSet(entries, whiteouts, opaques)


def commit(container: OverlayMount) -> ChangeSet:
    """Return what the container's upperdir says, as the change set of a new layer.

    The root directory is part of it only when its mode, owner or attributes are not those of the layers below.
    """
    changes = to_changes(container.upperdir, userxattr=container.names.options.userxattr)
    entries = dict(changes.entries)
    root, below = entries.pop(""), container.lowerdirs[-1].root.entry()
    if (root.mode, root.uid, root.gid, root.xattrs) != (below.mode, below.uid, below.gid, below.xattrs):
        entries = {"": root, **entries}
    return ChangeSet(entries, changes.whiteouts, changes.opaques)


def mounted(
    layers: Sequence[ChangeSet], *, options: Options = Options(), size: int | None = None, now: int = 0  # noqa: B008
) -> OverlayMount:
    """Mount a stack of change sets, base first, with an empty upperdir over it.

    The merged view shows the root of the upperdir, so that gets the attributes of the topmost layer's root, as
    containers/storage does it.
    """
    lowers = to_lowerdirs(layers)
    return mount(lowers, directory({"": lowers[-1].root.entry()}), options=options, size=size, now=now)


@dataclass(frozen=True, slots=True, order=True)
class Change:
    """One line of ``docker diff``: ``A`` added, ``C`` changed, ``D`` deleted."""

    path: str
    kind: str

    def __str__(self) -> str:
        return f"{self.kind} /{self.path}"


def changes_of(container: OverlayMount) -> tuple[Change, ...]:
    """Return the lines of ``docker diff``, sorted by path (docker's own order changes from run to run).

    docker compares the container's tree with its image's (pkg/archive, `addChanges` and `statDifferent`). A file is
    changed when mode, owner, size, time or capabilities differ, not merely because it was copied up; a directory when
    mode or owner do, or something in it did. What is in a deleted directory is not listed, what is in a new one is.
    """
    core = container.core
    image = Core(container.lowerdirs, None, container.names.options, None)
    found: list[Change] = []
    _compare(core, image, core.root, image.root, "", found)
    return tuple(sorted(found))


def _compare(core: Core, image: Core, now: Dentry, was: Dentry | None, at: str, found: list[Change]) -> None:
    names = names_in(core, now) if now.is_dir else ()
    for name in names:
        dentry = core.child(now, name)
        if dentry is None or dentry.upper is None:
            continue
        path = f"{at}/{name}" if at else name
        old = image.child(was, name) if was is not None and was.is_dir else None
        before = len(found)
        if dentry.is_dir or (old is not None and old.is_dir):
            _compare(core, image, dentry, old, path, found)
        if old is None or _differs(dentry.node, old.node) or len(found) > before:
            found.append(Change(path, "A" if old is None else "C"))
    if was is not None and was.is_dir:
        for name in names_in(image, was):
            gone = not now.is_dir or core.child(now, name) is None
            if gone and image.child(was, name) is not None:
                found.append(Change(f"{at}/{name}" if at else name, "D"))


def _differs(new: Node, old: Node) -> bool:
    if (new.kind, new.mode, new.uid, new.gid, new.rdev) != (old.kind, old.mode, old.uid, old.gid, old.rdev):
        return True
    if new.names is not None:
        return False
    size = size_of(new) != size_of(old)
    return size or new.mtime_ns != old.mtime_ns or new.xattrs.get(CAPABILITY) != old.xattrs.get(CAPABILITY)


def sizes(container: OverlayMount) -> tuple[int, int]:
    """Return (bytes in the upperdir, bytes of the merged view): what ``docker ps -s`` shows as size and virtual."""
    core = container.core
    seen: set[int] = set()
    virtual = 0
    for _, dentry in walk(core, "/"):
        if dentry.node.kind is Kind.FILE and id(dentry.node) not in seen:
            seen.add(id(dentry.node))
            virtual += dentry.node.data.size
    return core.used, virtual

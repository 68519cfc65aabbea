"""How real engines differ on layers that the image specification decides, as data.

    engine                        stores   .wh.d and d/     opaque   directories that   link to a     below a lower
                                           in one layer     root     are not described  lower file    symlink
    umoci, docker vfs             one tree only the new     obeyed   kept               made          written through
    dockerd overlay2              layers   old REAPPEARS    ignored  reset to 0755      refused       a directory
    containerd overlayfs          layers   old REAPPEARS    ignored  kept               refused       a directory

We follow the specification (`sim.union.upperdir.to_lowerdirs`); `lowerdirs_of` builds what an engine with a layer
store would build instead, so that a lesson can show both. Observed on dockerd 20.10 (overlay2, vfs), containerd,
containers/storage (overlay, vfs) and umoci. What depends on the order inside a tar is a remark of the reader
(`sim.fs.remarks`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..errors import SimError
from ..fs.changeset import ChangeSet
from ..fs.entry import IMPLIED, Entry, Kind, ancestors
from .lookup import lookup
from .overlay import WHITEOUT, Directory, directory
from .upperdir import marked_opaque, unmarked


@dataclass(frozen=True, slots=True)
class Engine:
    """What an engine does with a layer.

    Attributes
    ----------
    name : str
    layered : bool
        It keeps every layer in a directory of its own, and mounts them; otherwise it unpacks all into one tree.
    renews : bool
        A whiteout and a directory of one name in one layer: only the new contents are seen.
    opaque_root : bool
        An opaque mark at the root of the image is obeyed.
    keeps_parents : bool
        A directory that a layer does not describe keeps the lower one's mode and owner.
    links_below : bool
        A hard link to a file of a lower layer is made; otherwise the layer is refused.
    follows_links : bool
        What lies below a symlink of a lower layer is written through it; otherwise a directory replaces the link.
    obeys_marks : bool
        An attribute trusted.overlay.opaque in a tar makes an opaque directory.
    """

    name: str
    layered: bool
    renews: bool
    opaque_root: bool
    keeps_parents: bool
    links_below: bool
    follows_links: bool
    obeys_marks: bool


ENGINES: tuple[Engine, ...] = (
    Engine("umoci", False, True, True, True, True, True, False),
    Engine("dockerd overlay2", True, False, False, False, False, False, True),
    Engine("dockerd vfs", False, True, True, True, True, True, False),
    Engine("containerd", True, False, False, True, False, False, False),
    Engine("containers/storage overlay", True, False, False, False, False, False, True),
    Engine("containers/storage vfs", False, True, True, True, True, True, False),
)


def engine(name: str) -> Engine:
    """Return an engine by its name; `SimError` for one that is not known.

    Examples
    --------
    >>> engine("containerd").opaque_root
    False
    """
    for found in ENGINES:
        if found.name == name:
            return found
    raise SimError(f"no engine {name[:60]!r} is known", hint="choose one of: " + ", ".join(one.name for one in ENGINES))


def lowerdirs_of(which: Engine, layers: Sequence[ChangeSet]) -> tuple[Directory, ...]:
    """Build the layer directories that an engine with a layer store builds of a stack, base first.

    Raises
    ------
    SimError
        The engine keeps no layers, or refuses one of these.

    Examples
    --------
    >>> from sim.fs.sketch import sketch, file, whiteout
    >>> stack = [sketch(file("/d/old")), sketch(whiteout("/d"), file("/d/x"))]
    >>> lowerdirs_of(engine("containerd"), stack)[1].dump()        # not opaque: d/old is seen again
    ('d/', 'd/x  0 bytes')
    """
    if not which.layered:
        raise SimError(f"{which.name} keeps no layers apart", hint="ask one that does, such as containerd")
    return tuple(_built(which, layer, layers[:at]) for at, layer in enumerate(layers))


def _built(which: Engine, layer: ChangeSet, below: Sequence[ChangeSet]) -> Directory:
    found: dict[str, Entry] = {"": lookup(below, "").entry or IMPLIED}
    for path, entry in layer.entries.items():
        if entry.kind is Kind.HARDLINK:
            raise SimError(f"{which.name} refuses the layer: link /{entry.target} /{path}: no such file or directory")
        found[path] = entry if which.obeys_marks else unmarked(entry)
    needed = {above for path in (*found, *layer.whiteouts, *layer.opaques) for above in ancestors(path)}
    for path in sorted((needed | layer.opaques) - found.keys()):
        shown = lookup(below, path).entry
        keeps = which.keeps_parents and shown is not None and shown.is_dir
        found[path] = replace(shown, inode=0) if keeps and shown is not None else IMPLIED
    for path in sorted(layer.whiteouts - {""}):
        if path not in found and all(found[above].is_dir for above in ancestors(path)):
            found[path] = WHITEOUT
    for path in layer.opaques - {""}:
        if found[path].is_dir:
            found[path] = marked_opaque(found[path])
    return directory(found)

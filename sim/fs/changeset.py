"""Change sets: what ONE layer says, in the terms of the image specification.

A layer says three kinds of things (image-spec, layer.md):

    entry      "here is etc/motd"                                         a tar member
    whiteout   "hide what lower layers have at etc/motd"                  a member etc/.wh.motd
    opaque     "hide what lower layers have BELOW etc"                    a member etc/.wh..wh..opq

Whiteouts and opaque marks speak about LOWER layers only, whatever their place in the tar: a layer that
holds both `.wh.d` and `d/x` shows `d` with `x` alone.

A layer may hold `a/b/c` without saying anything of `a` or `a/b`. These are *implied* directories: where a lower
layer has the directory it keeps its attributes (containerd, umoci; dockerd's overlay2 resets them),
else they are `IMPLIED`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from itertools import chain
from types import MappingProxyType

from .entry import IMPLIED, Entry, ancestors, parent

WHITEOUT_PREFIX = ".wh."
OPAQUE_MARKER = ".wh..wh..opq"


class ChangeSet:
    """What one layer says. A value: equal when entries, whiteouts and opaque marks are.

    Parameters
    ----------
    entries : mapping of path to Entry
        In the tar's order.
    whiteouts : iterable of str
        Paths whose lower entries (and all below them) are hidden.
    opaques : iterable of str
        Directories whose lower contents are hidden; the directory itself is not.

    Attributes
    ----------
    implied : frozenset of str
        Directories that this layer needs and does not describe (parents of entries and opaque marks).
    """

    def __init__(
        self, entries: Mapping[str, Entry] = MappingProxyType({}),
        whiteouts: Iterable[str] = (), opaques: Iterable[str] = (),
    ) -> None:
        self.entries: Mapping[str, Entry] = MappingProxyType(dict(entries))
        self.whiteouts = frozenset(whiteouts)
        self.opaques = frozenset(opaques)
        self.implied = _implied(self.entries, self.opaques)

    @cached_property
    def children(self) -> Mapping[str, Sequence[str]]:
        """Names in each directory: entries in the tar's order, then implied directories in alphabetical order."""
        found: dict[str, list[str]] = {}
        for path in chain(self.entries, sorted(self.implied)):
            directory, _, name = path.rpartition("/")
            if directory in found:
                found[directory].append(name)
            else:
                found[directory] = [name]
        if "" in found:
            # The root itself is in no directory.
            found[""] = [name for name in found[""] if name]
        return MappingProxyType(found)

    @cached_property
    def _names_of(self) -> Mapping[int, int]:
        counts: dict[int, int] = {}
        for entry in self.entries.values():
            if entry.inode:
                counts[entry.inode] = counts.get(entry.inode, 0) + 1
        return counts

    def nlink(self, entry: Entry) -> int:
        """Count the names that an entry of this layer has IN THIS LAYER, as the kernel's stat shows it."""
        return self._names_of.get(entry.inode, 1) if entry.inode else 1

    def get(self, path: str) -> Entry | None:
        """Return the entry that this layer itself has at a path, `IMPLIED` for an implied directory."""
        found = self.entries.get(path)
        return IMPLIED if found is None and path in self.implied else found

    def hides(self, path: str) -> str | None:
        """Return the path whose whiteout or opaque mark hides lower layers' `path`, nearest first, or None."""
        if path in self.whiteouts:
            return path
        for above in ancestors(path):
            if above in self.opaques or above in self.whiteouts:
                return above
        return None

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ChangeSet):
            return NotImplemented
        return (
            self.whiteouts == other.whiteouts and self.opaques == other.opaques
            and dict(self.entries) == dict(other.entries)
        )

    __hash__ = None  # type: ignore[assignment]

    def __len__(self) -> int:
        return len(self.entries) + len(self.whiteouts) + len(self.opaques)

    def __repr__(self) -> str:
        return f"<ChangeSet: {len(self.entries)} entries, {len(self.whiteouts)} whiteouts, {len(self.opaques)} opaque>"


def _implied(entries: Mapping[str, Entry], opaques: Iterable[str]) -> frozenset[str]:
    # Few steps an entry, since there are many: each parent is looked up once.
    found: set[str] = set()
    above = {path[: path.rfind("/") + 1] for path in entries}
    for path in (*(path[:-1] for path in above), *opaques):
        while path not in entries and path not in found:
            found.add(path)
            path = parent(path)
    return frozenset(found)

"""Hypothesis strategies for the whole suite: names, entries, change sets, stacks of them.

Few names and little depth, so that layers collide: files over directories, whiteouts over links, opaque marks over
nothing. Every change set is one that a tar can say.
"""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from sim.content.data import EMPTY, Inline
from sim.fs.changeset import ChangeSet
from sim.fs.entry import Entry, Kind, Xattrs, ancestors
from sim.fs.links import renumbered

NAMES = ("a", "b", "c", "-d")
"""One name sorts before ``.wh.``, so that order in a directory matters."""

ODD_NAMES = ("ü", "n\udcffo", "sp ace", "x" * 101, "long-" + "y" * 200)

DEPTH = 4


def names(odd: bool = False) -> st.SearchStrategy[str]:
    """One part of a path; `odd` adds long ones and bytes that are not UTF-8."""
    return st.sampled_from((*NAMES, *ODD_NAMES) if odd else NAMES)


def paths(odd: bool = False, depth: int = DEPTH) -> st.SearchStrategy[str]:
    """Canonical paths, never the root."""
    return st.lists(names(odd), min_size=1, max_size=depth).map("/".join)


def xattrs() -> st.SearchStrategy[Xattrs]:
    """Sorted extended attributes with binary values."""
    keys = st.sampled_from(("user.a", "user.b", "security.capability"))
    return st.dictionaries(keys, st.binary(max_size=6), max_size=2).map(lambda found: tuple(sorted(found.items())))


_KINDS = tuple(kind for kind in Kind if kind is not Kind.HARDLINK)
_MODES = st.sampled_from((0o644, 0o755, 0o4755, 0o1777, 0))
_OWNERS = st.sampled_from((0, 5, 1000, 2**21, 2**32 - 2))
_TIMES = st.sampled_from((0, 10**9, 1_700_000_000_123_456_789, -1, -1_500_000_000, 2**33 * 10**9))


@st.composite
def entries(draw: st.DrawFn, kinds: tuple[Kind, ...] = _KINDS) -> Entry:
    """One entry, without a second name."""
    kind = draw(st.sampled_from(kinds))
    entry = Entry(kind, draw(_MODES), draw(_OWNERS), draw(_OWNERS), draw(_TIMES), xattrs=draw(xattrs()))
    if kind is Kind.FILE:
        raw = draw(st.binary(max_size=5))
        return replace(entry, data=Inline(raw) if raw else EMPTY)
    if kind is Kind.SYMLINK:
        return replace(entry, mode=0o777, target=draw(st.one_of(paths(), link_targets())))
    if kind in (Kind.CHAR, Kind.BLOCK):
        return replace(entry, rdev=draw(st.sampled_from(((1, 3), (0, 1), (4095, 2**20 - 1)))))
    return entry


@st.composite
def changesets(
    draw: st.DrawFn, odd: bool = False, links_to_lower: bool = False, symlinks: bool = True, size: int = 8
) -> ChangeSet:
    """What one layer says.

    Parameters
    ----------
    odd : bool
        Long and non-UTF-8 names too.
    links_to_lower : bool
        Hard links to files of lower layers too, which engines differ on.
    symlinks : bool
        Symlinks too; flat tools write through a lower one, overlays replace it.
    size : int
        Entries, whiteouts and opaque marks, at most so many of each.
    """
    kinds = tuple(kind for kind in _KINDS if symlinks or kind is not Kind.SYMLINK)
    found: dict[str, Entry] = {}
    for path in draw(st.lists(paths(odd), max_size=size, unique=True)):
        entry = draw(entries(kinds))
        if _fits(path, found, entry.is_dir):
            found[path] = entry
    if draw(st.booleans()):
        found[""] = draw(entries((Kind.DIRECTORY,)))
    _link(draw, found, odd)
    if links_to_lower:
        for path in draw(st.lists(paths(odd), max_size=2)):
            target = draw(paths(odd))
            if _fits(path, found) and _can_be_named(target, path, found):
                found[path] = Entry(Kind.HARDLINK, 0o644, target=target)
    whiteouts = {
        path for path in draw(st.sets(paths(odd), max_size=size // 2)) if not _below_symlink(path, found)
    }
    opaques = draw(st.sets(st.one_of(paths(odd), st.just("")), max_size=size // 4))
    in_order = {path: found[path] for path in sorted(found, key=_tar_order)}
    return ChangeSet(
        renumbered(in_order), whiteouts, (path for path in opaques if _is_directory(path, found))
    )


def _tar_order(path: str) -> list[bytes]:
    return path.encode("utf-8", "surrogateescape").split(b"/") if path else []


def _is_directory(path: str, found: dict[str, Entry]) -> bool:
    return all(found[one].is_dir for one in (path, *ancestors(path)) if one in found)


def _fits(path: str, found: dict[str, Entry], is_dir: bool = False) -> bool:
    """Whether a new name contradicts none that is there: only directories have something below them."""
    below = not is_dir and any(known.startswith(path + "/") for known in found)
    return path not in found and not below and all(found[one].is_dir for one in ancestors(path) if one in found)


def _can_be_named(target: str, path: str, found: dict[str, Entry]) -> bool:
    """Whether a link may name a target: no directory of its own layer, and no link that names it back."""
    targets = (target, *(entry.target for entry in found.values() if entry.kind is Kind.HARDLINK))
    if any(known.startswith(f"{one}/") for known in (*found, path) for one in targets):
        return False
    return target not in found or not (found[target].is_dir or found[target].target == path)


def _below_symlink(path: str, found: dict[str, Entry]) -> bool:
    """Whether this layer has a symlink on the way: engines would follow it, and delete elsewhere."""
    return any(above in found and found[above].kind is Kind.SYMLINK for above in ancestors(path))


def _link(draw: st.DrawFn, found: dict[str, Entry], odd: bool) -> None:
    linkable = sorted(path for path, entry in found.items() if not entry.is_dir)
    for path in draw(st.lists(paths(odd), max_size=2)) if linkable else ():
        first = draw(st.sampled_from(linkable))
        if _fits(path, found):
            number = found[first].inode or 1 + max(entry.inode for entry in found.values())
            found[first] = found[path] = replace(found[first], inode=number)


def stacks(
    most: int = 4, odd: bool = False, links_to_lower: bool = False, symlinks: bool = True
) -> st.SearchStrategy[list[ChangeSet]]:
    """Layers, base first."""
    return st.lists(changesets(odd, links_to_lower, symlinks), min_size=1, max_size=most)


def asked_paths() -> st.SearchStrategy[str]:
    """Paths as programs ask for them: with ``..``, ``.``, doubled and trailing slashes, and names too long."""
    part = st.sampled_from((*NAMES, *NAMES, *NAMES, "..", ".", "", "x" * 256))
    parts = st.lists(part, min_size=1, max_size=6).map("/".join)
    return st.tuples(st.sampled_from(("", "/")), parts).map("".join)


def link_targets() -> st.SearchStrategy[str]:
    """What a symlink says: relative and absolute, through parents and other links."""
    part = st.sampled_from((*NAMES, *NAMES, "..", "..", ".", ""))
    parts = st.lists(part, min_size=1, max_size=4).map("/".join)
    return st.tuples(st.sampled_from(("", "", "/")), parts).map("".join).map(lambda text: text or ".")

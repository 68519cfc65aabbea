"""The definition of the merged view: one path, asked of each layer, from the top down.

    asked for etc/motd                 what a layer can say                     and then
    ------------------                 --------------------                     --------
    4  (nothing)          |  eye       found       it has the entry             stop: this is the answer
    3  (nothing)          |  looks     implied     it has something below       go on for the attributes
    2  etc/.wh.motd       v  down      whiteout    it hides the path            stop: not there
    1  etc/motd  hidden                opaque      it hides all below an        stop: not there
                                                   ancestor (or the ancestor)
                                       blocked     an ancestor is no directory  stop: not there
                                       nothing     it does not say anything     go on below

Layers are read by the rules of the image specification (layer.md, "Applying Changesets", "Whiteouts"). They
are listed base first everywhere and numbered from 1, so the base is layer 1. This module is written to be
read; `index.py` is the fast one, and a test holds the two equal.

Where engines differ, this is chosen: whiteouts and opaque marks speak of lower layers only, whatever their
place in the tar; an implied directory keeps the attributes that it has below; an opaque root counts; a hard
link may name a file of a lower layer; an entry below a lower layer's symlink replaces the link by a
directory. Whiteouts imply no parents: where nothing is, there is nothing to hide.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ..errors import FsError
from ..fs.changeset import ChangeSet
from ..fs.entry import IMPLIED, Entry, Kind, ancestors, parent
from .answer import Lookup, Said, Step
from .paths import MAX_SYMLINKS, PATH_MAX, name_too_long, path_bytes

__all__ = ["Lookup", "Said", "Stack", "Step", "ask", "hidden", "lookup", "merged", "names", "parts", "resolve"]

Stack = Sequence[ChangeSet]
"""Layers, base first."""


def ask(layer: ChangeSet, path: str) -> tuple[Said, str]:
    """Ask ONE layer for a path: what it says, and at which path."""
    if path in layer.entries:
        return Said.FOUND, path
    if path in layer.implied:
        return Said.IMPLIED, path
    return hidden(layer, path) or (Said.NOTHING, path)


def hidden(layer: ChangeSet, path: str) -> tuple[Said, str] | None:
    """Ask ONE layer how it hides lower layers' `path`, and at which path (the nearest decides)."""
    if path in layer.whiteouts:
        return Said.WHITEOUT, path
    for above in ancestors(path):
        entry = layer.entries.get(above)
        if entry is not None and not entry.is_dir:
            return Said.BLOCKED, above
        if above in layer.opaques:
            return Said.OPAQUE, above
        if above in layer.whiteouts:
            return Said.WHITEOUT, above
    return None


def lookup(layers: Stack, path: str) -> Lookup:
    """Find what the merged view of a stack of layers shows at a path, and why.

    The path is canonical: its parents are not followed through symlinks (`resolve` does that).

    Parameters
    ----------
    layers : sequence of ChangeSet
        Base first.
    path : str
        Without a leading slash; the root is the empty text.

    Examples
    --------
    >>> from sim.fs.sketch import sketch, file
    >>> lookup([sketch(file("/etc/motd", b"old")), sketch(file("/etc/motd", b"new"))], "etc/motd").layer
    2
    """
    trace: list[Step] = []
    implied_by: int | None = None
    for number in range(len(layers), 0, -1):
        layer = layers[number - 1]
        said, at = ask(layer, path)
        trace.append(Step(number, said, at))
        if said is Said.FOUND:
            entry = layer.entries[path]
            if implied_by is None or entry.is_dir:
                return _found(layers, path, entry, number, trace)
        if said is Said.IMPLIED:
            # The lowest layer that implies it made it; those above found it there.
            implied_by = number
            # A layer that also hides what lower layers have here starts the directory anew.
            if (how := hidden(layer, path)) is not None:
                trace.append(Step(number, *how))
        if trace[-1].stops:
            break
    if not path:
        return Lookup(path, IMPLIED, None, tuple(trace))
    if implied_by is not None:
        return Lookup(path, IMPLIED, implied_by, tuple(trace))
    return Lookup(path, None, None, tuple(trace), _errno(layers, path))


def _found(layers: Stack, path: str, entry: Entry, number: int, trace: list[Step]) -> Lookup:
    if entry.kind is Kind.HARDLINK:
        # umoci links to what the layers below show; overlay engines refuse such a layer.
        below = lookup(layers[: number - 1], entry.target or "").entry
        if below is None or below.is_dir:
            return Lookup(path, None, None, tuple(trace), _errno(layers, path))
        entry = replace(below, inode=0)
    return Lookup(path, entry, number, tuple(trace))


def _errno(layers: Stack, path: str) -> int:
    # The nearest ancestor that the merged view has decides: below a directory a name is
    # missing, below anything else there is no directory to be missing from.
    for above in ancestors(path):
        entry = lookup(layers, above).entry
        if entry is not None:
            return errno.ENOENT if entry.is_dir else errno.ENOTDIR
    return errno.ENOENT


def names(layers: Stack, directory: str) -> tuple[str, ...]:
    """List a directory of the merged view, in the kernel's order.

    The LOWEST layer that has a part in the directory comes first with all its names, then the layers from the
    top down with what is left (fs/overlayfs/readdir.c, `ovl_dir_read_merged`). Inside one layer: the order of
    its tar.

    Raises
    ------
    FsError
        ENOENT or ENOTDIR.

    Examples
    --------
    >>> from sim.fs.sketch import sketch, file
    >>> names([sketch(file("/b")), sketch(file("/x")), sketch(file("/a"), file("/b"))], "")
    ('b', 'a', 'x')
    """
    found = lookup(layers, directory)
    if found.entry is None or not found.entry.is_dir:
        raise FsError(found.errno or errno.ENOTDIR, directory)
    brought = [layer.children.get(directory, ()) for layer in parts(layers, directory)]
    ordered = dict.fromkeys(name for part in brought[-1:] + brought[:-1] for name in part)
    return tuple(name for name in ordered if lookup(layers, join(directory, name)).found)


def parts(layers: Stack, directory: str) -> Iterator[ChangeSet]:
    """Yield the layers whose contents a directory merges, top first."""
    for layer in reversed(layers):
        said, _ = ask(layer, directory)
        if said is Said.FOUND and not layer.entries[directory].is_dir:
            return
        if said in (Said.FOUND, Said.IMPLIED):
            yield layer
        if said not in (Said.FOUND, Said.IMPLIED, Said.NOTHING):
            return
        if directory in layer.opaques or hidden(layer, directory) is not None:
            return


def merged(layers: Stack, directory: str = "") -> Iterator[Lookup]:
    """Walk everything below a directory of the merged view, a directory before what is in it."""
    for name in names(layers, directory):
        found = lookup(layers, join(directory, name))
        yield found
        if found.entry is not None and found.entry.is_dir:
            yield from merged(layers, found.path)


def join(directory: str, name: str) -> str:
    """Return the canonical path of a name in a directory."""
    return f"{directory}/{name}" if directory else name


def resolve(layers: Stack, path: str, follow_last: bool = False) -> Lookup:
    """Find what a program gets that asks for a path, symlinks and ``..`` included, and why.

    The way is walked part by part as the kernel does (path_resolution(7)), so what lies before a ``..`` must
    exist. A symlink on the way is followed in the merged view; ``..`` at the root is the root; a trailing
    slash asks for a directory, like a trailing ``/.``. Nothing is checked that depends on who asks.

    Parameters
    ----------
    layers : sequence of ChangeSet
        Base first.
    path : str
        With or without a leading slash: there is no other directory to start from than the root.
    follow_last : bool
        Whether a symlink in the last place is followed too (stat(2)), or is the answer (lstat(2)).

    Returns
    -------
    Lookup
        Its `errno` is 0, ENOENT, ENOTDIR, ELOOP (more than 40 symlinks) or ENAMETOOLONG (a name of more than
        255 bytes, a path of more than 4,095).

    Raises
    ------
    BadInput
        A path with a NUL: the kernel cannot be asked for it.

    Examples
    --------
    >>> from sim.fs.sketch import sketch, file, symlink
    >>> stack = [sketch(symlink("/bin", "usr/bin"), file("/usr/bin/sh"))]
    >>> resolve(stack, "/bin/sh").path
    'usr/bin/sh'
    >>> resolve(stack, "/bin/sh").words.partition("; ")[0]
    '/bin/sh: layer 1 has the symlink /bin -> usr/bin'
    """
    if len(path_bytes(path)) >= PATH_MAX:
        return Lookup(path.lstrip("/"), None, None, (), errno.ENAMETOOLONG, asked=path)
    here = lookup(layers, "")
    links: list[Step] = []
    todo = path.split("/")[::-1]
    while todo:
        part = todo.pop()
        if part in ("", ".", ".."):
            if not _is_dir(here):
                return _answer(replace(here, entry=None, layer=None, errno=errno.ENOTDIR), links, path)
            here = lookup(layers, parent(here.path)) if part == ".." else here
            continue
        there = lookup(layers, join(here.path, part))
        if _is_dir(here) and name_too_long(part):
            return _answer(Lookup(there.path, None, None, (), errno.ENAMETOOLONG), links, path)
        if there.entry is None or there.layer is None:
            return _answer(there, links, path)
        if there.entry.kind is Kind.SYMLINK and (todo or follow_last):
            target = there.entry.target or ""
            links.append(Step(there.layer, Said.SYMLINK, there.path, target))
            if len(links) > MAX_SYMLINKS or not target:
                code = errno.ELOOP if target else errno.ENOENT
                return _answer(Lookup(there.path, None, None, (), code), links, path)
            if target.startswith("/"):
                here = lookup(layers, "")
            todo.extend(target.split("/")[::-1])
        else:
            here = there
    return _answer(here, links, path)


def _is_dir(found: Lookup) -> bool:
    return found.entry is not None and found.entry.is_dir


def _answer(found: Lookup, links: list[Step], asked: str) -> Lookup:
    return replace(found, trace=(*links, *found.trace), asked=None if asked == found.path else asked)

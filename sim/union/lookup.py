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

Layers are read by the rules of the image specification (layer.md, "Applying Changesets", "Whiteouts"); layers
are listed base first everywhere and numbered from 1, so the base is layer 1. This module is written to be read;
`index.py` is the fast one, and a test holds the two equal.
"""

from __future__ import annotations

import errno
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from ..fs.changeset import ChangeSet
from ..fs.entry import IMPLIED, Entry, Kind, ancestors

Stack = Sequence[ChangeSet]
"""Layers, base first."""


class Said(StrEnum):
    """What a layer says when it is asked for a path."""

    FOUND = "found"
    IMPLIED = "implied"
    WHITEOUT = "whiteout"
    OPAQUE = "opaque"
    BLOCKED = "blocked"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Step:
    """One layer's answer.

    Attributes
    ----------
    layer : int
        The layer's number, the base is 1.
    said : Said
    at : str
        The path that the answer is about: the asked one, or the ancestor that ends the search.
    """

    layer: int
    said: Said
    at: str

    @property
    def stops(self) -> bool:
        """Whether the search ends here."""
        return self.said not in (Said.NOTHING, Said.IMPLIED)

    @property
    def rule(self) -> str:
        """The rule that was applied, in words."""
        return {
            Said.FOUND: "the topmost layer that has the path supplies it",
            Said.IMPLIED: "a layer that holds something below a directory implies it; its attributes are sought below",
            Said.WHITEOUT: f"a whiteout of /{self.at} hides it and everything below it in lower layers",
            Said.OPAQUE: f"the opaque directory /{self.at} hides what lower layers have in it",
            Said.BLOCKED: f"/{self.at} is not a directory in this layer, which hides everything below it in lower layers",
            Said.NOTHING: "a layer that says nothing of the path or of what hides it is passed over",
        }[self.said]


@dataclass(frozen=True, slots=True)
class Lookup:
    """The answer for one path, with its reason.

    Attributes
    ----------
    path : str
    entry : Entry or None
        What the merged view shows; None where there is nothing.
    layer : int or None
        The number of the layer that supplies the entry.
    trace : tuple of Step
        The layers asked, in the order of asking (top first).
    errno : int
        0, `errno.ENOENT`, or `errno.ENOTDIR` where the merged view has a non-directory on the way.
    """

    path: str
    entry: Entry | None
    layer: int | None
    trace: tuple[Step, ...]
    errno: int = 0

    @property
    def found(self) -> bool:
        """Whether the merged view has the path."""
        return self.entry is not None

    @property
    def rule(self) -> str:
        """The rule that decided, in words."""
        if self.trace and self.trace[-1].stops:
            return self.trace[-1].rule
        if self.found:
            return next(step for step in self.trace if step.layer == self.layer).rule
        return "no layer has the path"

    @property
    def words(self) -> str:
        """The trace in one sentence.

        Examples
        --------
        >>> from sim.fs.sketch import sketch, file, whiteout
        >>> base, top = sketch(file("/opt/tool/bin")), sketch(whiteout("/opt/tool"))
        >>> lookup([base, top], "opt/tool/bin").words
        '/opt/tool/bin: layer 2 has a whiteout on /opt/tool: ENOENT'
        """
        parts = [_say(step, self.path) for step in self.trace]
        end = f"it comes from layer {self.layer}" if self.found else errno.errorcode[self.errno]
        return f"/{self.path}: {', '.join(parts)}: {end}" if parts else f"/{self.path}: {end}"


def _say(step: Step, path: str) -> str:
    return f"layer {step.layer} " + {
        Said.FOUND: "has it",
        Said.IMPLIED: "only implies it",
        Said.WHITEOUT: "has a whiteout" + ("" if step.at == path else f" on /{step.at}"),
        Said.OPAQUE: f"has the opaque directory /{step.at}",
        Said.BLOCKED: f"has no directory at /{step.at}",
        Said.NOTHING: "no",
    }[step.said]


def ask(layer: ChangeSet, path: str) -> tuple[Said, str]:
    """Ask ONE layer for a path: what it says, and at which path (the nearest ancestor decides)."""
    if path in layer.entries:
        return Said.FOUND, path
    if path in layer.implied:
        return Said.IMPLIED, path
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
    return Said.NOTHING, path


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
        step = Step(number, said, at)
        trace.append(step)
        if said is Said.FOUND:
            entry = layer.entries[path]
            if implied_by is None or entry.is_dir:
                return _found(layers, path, entry, number, trace)
        if said is Said.IMPLIED:
            implied_by = number
            # A layer that also hides what lies below it starts the directory anew.
            if layer.hides(path) is not None:
                break
        if step.stops:
            break
    if implied_by is not None or not path:
        return Lookup(path, IMPLIED, implied_by or 1, tuple(trace))
    return Lookup(path, None, None, tuple(trace), _errno(layers, path))


def _found(layers: Stack, path: str, entry: Entry, number: int, trace: list[Step]) -> Lookup:
    if entry.kind is Kind.HARDLINK:
        # umoci links to what the layers below show; overlay engines refuse such a layer.
        below = lookup(layers[: number - 1], entry.target or "")
        if below.entry is None:
            return Lookup(path, None, None, tuple(trace), errno.ENOENT)
        entry = replace(below.entry, inode=0)
    return Lookup(path, entry, number, tuple(trace))


def _errno(layers: Stack, path: str) -> int:
    # The nearest ancestor that the merged view has decides: below a directory a name is
    # missing, below anything else there is no directory to be missing from.
    for above in ancestors(path):
        entry = lookup(layers, above).entry
        if entry is not None:
            return errno.ENOENT if entry.is_dir else errno.ENOTDIR
    return errno.ENOENT

"""An answer with its reason: what each layer said, which rule decided, in words and as data.

    /bin/sh                                     asked
      layer 1  symlink   bin -> usr/bin         followed, because it is on the way
      layer 3  nothing                          passed over
      layer 2  found     usr/bin/sh             the answer
    rule   the topmost layer that has the path supplies it
    words  /bin/sh: layer 1 has the symlink /bin -> usr/bin; /usr/bin/sh: layer 3 no, layer 2 has it: ...
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import Any

from ..errors import errno_name
from ..fs.entry import Entry
from .paths import MAX_SYMLINKS, NAME_MAX, PATH_MAX


class Said(StrEnum):
    """What a layer says when it is asked for a path."""

    FOUND = "found"
    IMPLIED = "implied"
    WHITEOUT = "whiteout"
    OPAQUE = "opaque"
    BLOCKED = "blocked"
    NOTHING = "nothing"
    SYMLINK = "symlink"
    """It has a symbolic link on the way to the path, which is followed."""


_GO_ON = frozenset({Said.NOTHING, Said.IMPLIED, Said.SYMLINK})


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
    to : str
        Where a followed symlink points, as it is written.
    """

    layer: int
    said: Said
    at: str
    to: str = ""

    @property
    def stops(self) -> bool:
        """Whether the search ends here."""
        return self.said not in _GO_ON

    @property
    def rule(self) -> str:
        """The rule that was applied, in words."""
        return {
            Said.FOUND: "the topmost layer that has the path supplies it",
            Said.IMPLIED: "holding something below a directory implies it; attributes are sought below",
            Said.WHITEOUT: f"a whiteout of /{self.at} hides it and everything below it in lower layers",
            Said.OPAQUE: f"the opaque directory /{self.at} hides what lower layers have in it",
            Said.BLOCKED: f"/{self.at} is no directory in this layer: all below it in lower layers is hidden",
            Said.NOTHING: "a layer that says nothing of the path or of what hides it is passed over",
            Said.SYMLINK: f"the symlink /{self.at} -> {self.to} is on the way and is followed",
        }[self.said]

    def words(self, path: str) -> str:
        """Say the answer in words, as part of an answer for `path`."""
        return f"layer {self.layer} " + {
            Said.FOUND: "has it",
            Said.IMPLIED: "only implies it",
            Said.WHITEOUT: "has a whiteout" + ("" if self.at == path else f" on /{self.at}"),
            Said.OPAQUE: f"has the opaque directory /{self.at}",
            Said.BLOCKED: f"has no directory at /{self.at}",
            Said.NOTHING: "no",
            Said.SYMLINK: f"has the symlink /{self.at} -> {self.to}",
        }[self.said]


@dataclass(frozen=True, slots=True)
class Lookup:
    """The answer for one path, with its reason.

    Attributes
    ----------
    path : str
        The canonical path that was looked up: where symlinks led, or where the way ended.
    entry : Entry or None
        What the merged view shows; None where there is nothing.
    layer : int or None
        The number of the layer that supplies the entry. None where nothing is found, and for a root that
        no layer describes: it is the directory that the layers are stacked on.
    trace : tuple of Step
        The symlinks followed, in order, then the layers asked for `path`, in the order of asking (top first).
    errno : int
        0, or the kernel's answer: ENOENT, ENOTDIR, ELOOP, ENAMETOOLONG.
    asked : str or None
        The path as it was asked for, where that is another than `path`.
    """

    path: str
    entry: Entry | None
    layer: int | None
    trace: tuple[Step, ...]
    errno: int = 0
    asked: str | None = None

    @property
    def found(self) -> bool:
        """Whether the merged view has the path."""
        return self.entry is not None

    @property
    def decided_by(self) -> int | None:
        """The layer that supplies the path, or the one whose word ended the search; None where none did."""
        if self.found or not self.trace:
            return self.layer
        last = self.trace[-1]
        return last.layer if last.stops or (last.said is Said.SYMLINK and self.errno == errno.ELOOP) else None

    @property
    def rule(self) -> str:
        """The rule that decided, in words."""
        if self.found:
            return self._supplied()
        if self.errno in _LIMITS:
            return _LIMITS[self.errno]
        if not self.trace or not self.trace[-1].stops:
            return "no layer has the path"
        if self.trace[-1].said is not Said.FOUND:
            return self.trace[-1].rule
        if self.errno == errno.ENOTDIR:
            return f"/{self.path} is not a directory, so nothing can be reached through it"
        return "a hard link shows nothing when no lower layer has the file that it names"

    def _supplied(self) -> str:
        if self.layer is None:
            return "no layer describes the root: it is the empty directory on which the layers are stacked"
        for step in reversed(self.trace):
            if step.layer == self.layer and step.said is Said.FOUND:
                return step.rule
        return "a directory that layers imply and none describes is made, with mode 0755, owner root, time 0"

    @property
    def words(self) -> str:
        """The whole answer in one sentence.

        Examples
        --------
        >>> from sim.union.lookup import lookup
        >>> from sim.fs.sketch import sketch, file, whiteout
        >>> base, top = sketch(file("/opt/tool/bin")), sketch(whiteout("/opt/tool"))
        >>> lookup([base, top], "opt/tool/bin").words
        '/opt/tool/bin: layer 2 has a whiteout on /opt/tool: ENOENT'
        """
        asked = self.path if self.asked is None else self.asked.lstrip("/")
        links = [step.words(self.path) for step in self.trace if step.said is Said.SYMLINK]
        steps = list(_grouped([step for step in self.trace if step.said is not Said.SYMLINK], self.path))
        parts = [f"/{asked}: " + ", ".join(links or steps)]
        if links and steps:
            parts.append(f"/{self.path}: " + ", ".join(steps))
        return "; ".join(parts).removesuffix(": ") + f": {self._end()}"

    def _end(self) -> str:
        if not self.found:
            name = errno_name(self.errno)
            return f"{name} ({self.rule})" if self.errno in _LIMITS else name
        return "no layer describes it" if self.layer is None else f"it comes from layer {self.layer}"


_LIMITS = {
    errno.ELOOP: f"at most {MAX_SYMLINKS} symlinks are followed on the way to a path",
    errno.ENAMETOOLONG: f"a name has at most {NAME_MAX} bytes and a path at most {PATH_MAX - 1:,}",
}


def _grouped(steps: list[Step], path: str) -> Iterator[str]:
    # A hundred layers that say nothing are one remark, not a hundred.
    for said, run in groupby(steps, key=lambda step: step.said):
        alike = list(run)
        if said is Said.NOTHING and len(alike) > 1:
            yield f"layers {alike[0].layer} to {alike[-1].layer} no"
        else:
            yield from (step.words(path) for step in alike)


def as_json(answer: Lookup) -> dict[str, Any]:
    """Return an answer as the document that ``sim why --json`` prints.

    `layer` is the one that decided: the supplier of what was found, else the layer that ended the search.

    Examples
    --------
    >>> from sim.union.lookup import lookup
    >>> from sim.fs.sketch import sketch, whiteout
    >>> document = as_json(lookup([sketch(whiteout("/a"))], "a"))
    >>> document["found"], document["errno"], document["layer"], document["trace"][0]["said"]
    (False, 'ENOENT', 1, 'whiteout')
    """
    return {
        "path": answer.path if answer.asked is None else answer.asked.lstrip("/"),
        "resolved": answer.path,
        "found": answer.found,
        "errno": errno_name(answer.errno) if answer.errno else None,
        "layer": answer.decided_by,
        "rule": answer.rule,
        "trace": [
            {"layer": step.layer, "said": str(step.said), "rule": step.rule, "at": step.at}
            | ({"to": step.to} if step.said is Said.SYMLINK else {})
            for step in answer.trace
        ],
        "words": answer.words,
    }

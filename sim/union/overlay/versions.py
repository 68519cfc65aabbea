"""Versions: many values, one mutable core.

A mount is a value, and a value that is copied at each change would make 100,000 creates in one directory
quadratic. So only the version that was used last holds the core; every other one holds the way to it
(H. Baker, "Shallow Binding Makes Functional Arrays Fast", 1991):

    v0 --undo--> v1 --undo--> v2 [core]          v2 = v1 after an operation, v0 costs nothing to keep
    asked for v0:
    v0 [core] <--undo-- v1 <--undo-- v2          the ways turn round; v2 is still there

Keeping a version is free, going back costs the changes in between, and going on from an old one works as well.
One thread at a time.
"""

from __future__ import annotations

from typing import Any, Generic, Protocol, TypeVar

Change = tuple[Any, Any, Any]
"""(dictionary, key, what it held) or (object, attribute's name, what it was)."""

GONE: Any = type("Gone", (), {"__repr__": lambda self: "GONE"})()
"""What a dictionary held at a key that it did not have."""


class Forgetful(Protocol):
    """A core that may cache things derived from what changes."""

    def forget(self) -> None:
        """Drop what is derived: an undo changed what it was derived from."""


C = TypeVar("C", bound=Forgetful)


def undo(changes: list[Change]) -> list[Change]:
    """Take changes back, last first; return the changes that bring them again."""
    redo: list[Change] = []
    for where, key, old in reversed(changes):
        if type(where) is dict:
            redo.append((where, key, where.get(key, GONE)))
            if old is GONE:
                del where[key]
            else:
                where[key] = old
        else:
            redo.append((where, key, getattr(where, key)))
            setattr(where, key, old)
    return redo


class Version(Generic[C]):
    """One version of a core: it holds the core, or the way to the version that does."""

    __slots__ = ("_core", "_next", "_way")

    def __init__(self, core: C) -> None:
        self._core: C | None = core
        self._next: Version[C] | None = None
        self._way: list[Change] = []

    def core(self) -> C:
        """Return the core in the state of this version. It stays so until another version is asked."""
        if self._core is None:
            self._fetch()
        assert self._core is not None
        return self._core

    def after(self, changes: list[Change]) -> Version[C]:
        """Return the version that the core is in now; `changes` led to it from this one."""
        assert self._core is not None
        new = Version(self._core)
        self._core, self._next, self._way = None, new, changes
        return new

    def _fetch(self) -> None:
        chain: list[Version[C]] = []
        holder: Version[C] = self
        while holder._core is None:
            chain.append(holder)
            assert holder._next is not None
            holder = holder._next
        core = holder._core
        for older in reversed(chain):
            holder._way, holder._next, holder._core = undo(older._way), older, None
            older._core, older._next, older._way = core, None, []
            holder = older
        core.forget()

"""Collection of garbage: freeing what nobody can reach, while others push and pull.

    repository --> manifest, tagged or not --> config, layers, manifests of an index      kept
               --> blob that no manifest names, younger than the grace                     kept: a push may be under way
               --> blob that no manifest names, older                                      unlinked
    content    --> bytes that no repository links                                          deleted, unless just brought

A tag or a manifest that is deleted frees nothing by itself, for others may need the blobs. So the collection has two
steps, and both ask the state of the moment: first repositories let go of blobs that no manifest of theirs names, by
changes like any other, durable before anything is removed; then each file that no repository links is deleted, one by
one under the lock, so that a request can link a blob before or after, and never in between. What a request has just
brought and not linked yet is pinned in storage. Sessions that nobody has gone on with for long are given up.

Untagged manifests stay: who pulls by digest needs them. (distribution's ``garbage-collect`` does the same, but wants
the registry stopped or read-only meanwhile.)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..content.digest import Digest
from .changes import BlobUnlinked, Changes, UploadEnded
from .state import Registry, Repository

GRACE_S = 3600.0
"""How old a blob is, at least, that no manifest names and that a running registry lets go."""
SESSION_S = 7 * 86400.0
"""How old an upload session is, at least, that is given up."""


@dataclass(frozen=True, slots=True)
class Collected:
    """What a collection has freed, or would.

    Attributes
    ----------
    freed : tuple of (Digest, int)
        Blobs and manifests whose bytes are gone, with their sizes.
    unlinked : tuple of BlobUnlinked
        Blobs that a repository let go.
    sessions : tuple of str
        Upload sessions that were given up.
    missing : tuple of (str, Digest)
        Repository and digest of what is linked and has no bytes: damage from outside.
    """

    freed: tuple[tuple[Digest, int], ...] = ()
    unlinked: tuple[BlobUnlinked, ...] = ()
    sessions: tuple[str, ...] = ()
    missing: tuple[tuple[str, Digest], ...] = ()

    @property
    def bytes(self) -> int:
        """Bytes freed."""
        return sum(size for _, size in self.freed)


def let_go(state: Registry, now: float, grace_s: float = GRACE_S, session_s: float = SESSION_S) -> Changes:
    """Return the changes by which repositories let go of what no manifest of theirs names.

    Parameters
    ----------
    now : float
        Seconds since 1970.
    grace_s : float
        A blob linked less than this many seconds ago stays: its manifest may be on its way.
    session_s : float
        A session begun less than this many seconds ago stays.
    """
    unlinked = (
        BlobUnlinked(name, digest)
        for name, repository in state.repositories.items() for digest in _unnamed(repository)
        if repository.blobs[digest].since <= now - grace_s
    )
    return (*unlinked, *stale(state, now, session_s))


def stale(state: Registry, now: float, session_s: float = SESSION_S) -> Changes:
    """Return the ends of the sessions that began `session_s` seconds ago or earlier."""
    return tuple(UploadEnded(upload.id) for upload in state.uploads.values() if upload.started <= now - session_s)


def _unnamed(repository: Repository) -> Iterator[Digest]:
    named = {link for record in repository.manifests.values() for link in record.links}
    return (digest for digest in repository.blobs if digest not in named)


def is_linked(state: Registry, digest: Digest) -> bool:
    """Tell whether any repository holds a blob or a manifest."""
    return any(digest in one.blobs or digest in one.manifests for one in state.repositories.values())


def linked(state: Registry) -> set[Digest]:
    """Return all that any repository holds."""
    return {digest for one in state.repositories.values() for digest in (*one.blobs, *one.manifests)}


def collected(
    state: Registry, changes: Changes, freed: tuple[tuple[Digest, int], ...], there: set[Digest]
) -> Collected:
    """Return the account of a collection; `there` are the digests whose bytes storage had."""
    return Collected(
        freed,
        tuple(one for one in changes if isinstance(one, BlobUnlinked)),
        tuple(one.id for one in changes if isinstance(one, UploadEnded)),
        tuple(
            (name, digest) for name, one in state.repositories.items() for digest in (*one.blobs, *one.manifests)
            if digest not in there
        ),
    )

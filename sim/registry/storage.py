"""Storage: where the registry's bytes are, behind five small roles.

    stat(digest)     provide(part)           what is there, and its bytes
    open(take)  ->   Intake: write, close    a body arrives: into a session, into memory, or nowhere
    keep(received), unpin(received)          a manifest's bytes are made durable before it is stored
    start, discard                           the files of upload sessions
    write_down(changes), recover()           what happened, durable; and all of it again after a restart
    delete, digests                          for the collection of garbage

An intake hashes while it writes. Closing one whose request names a digest puts the bytes in their place, durable,
where they have that digest: content that nobody links yet harms nobody, and what is linked is there.
"""

from __future__ import annotations

import errno
import threading
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from ..content.digest import Digest
from ..content.store import MemoryStore, Store
from .changes import Changes, Upload
from .messages import Part
from .plan import Append, Into, PutManifest, Received, Take, Trouble


class Intake(ABC):
    """A body on its way in. `write` never raises: what went wrong is in the report that `close` returns."""

    def __init__(self, take: Take) -> None:
        self.take = take
        self.size = 0
        self.trouble: Trouble | None = None

    def write(self, chunk: bytes | memoryview) -> None:
        """Take bytes; after trouble they are dropped."""
        if self.trouble is not None or not chunk:
            return
        if self.size + len(chunk) > self.take.limit:
            # A request that needs no body may bring one all the same.
            self.trouble = None if self.take.into is Into.NOTHING else Trouble.TOO_LARGE
            return
        try:
            self._write(chunk)
            self.size += len(chunk)
        except OSError as error:
            self.trouble = trouble_of(error)

    def close(self, complete: bool = True) -> Received:
        """Report what has arrived; `complete` is False where the connection broke."""
        short = self.take.expected is not None and self.size < self.take.expected
        if self.trouble is None and (not complete or short):
            self.trouble = Trouble.CUT_SHORT
        try:
            return self._close()
        except OSError as error:
            self.trouble = trouble_of(error)
            return Received(self.take, self.size, self.trouble)

    @abstractmethod
    def _write(self, chunk: bytes | memoryview) -> None: ...

    @abstractmethod
    def _close(self) -> Received: ...


class MemoryIntake(Intake):
    """A small body, kept whole; or one that is not wanted."""

    def __init__(self, take: Take) -> None:
        super().__init__(take)
        self._body = bytearray()

    def _write(self, chunk: bytes | memoryview) -> None:
        self._body += chunk

    def _close(self) -> Received:
        body = bytes(self._body)
        digest = Digest.of(body, self.take.algorithm) if self.take.into is Into.MEMORY else None
        return Received(self.take, self.size, self.trouble, digest, body)


class Storage(ABC):
    """The contract; see the module's text."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._busy: set[str] = set()
        self._doomed: set[str] = set()
        self._pinned: Counter[Digest] = Counter()
        self._lock = threading.Lock()

    def stat(self, digest: Digest) -> int | None:
        """Return a blob's size in bytes, None where it is not there."""
        return self.store.stat(digest)

    def provide(self, part: Part) -> Iterator[bytes]:
        """Yield the bytes of a part of a blob; `BlobMissing` where it is not there."""
        return self.store.chunks(part.digest, part.offset, part.length)

    def open(self, take: Take) -> Intake | None:
        """Make ready for a body; None where its session is busy, gone, or not at the plan's offset any more."""
        if take.into is not Into.UPLOAD:
            return MemoryIntake(take)
        with self._lock:
            if take.session in self._busy:
                return None
            self._busy.add(take.session)
        action = take.action
        assert isinstance(action, Append)
        intake: Intake | None
        try:
            intake = self._intake(take, action)
        except OSError as error:
            intake = MemoryIntake(take)
            intake.trouble = trouble_of(error)
            self.release(take.session)
        if intake is None:
            self.release(take.session)
        return intake

    def release(self, session: str) -> None:
        """Let the next request in on a session."""
        with self._lock:
            self._busy.discard(session)
            doomed = session in self._doomed
            self._doomed.discard(session)
        if doomed:
            self.discard(session)

    def keep(self, received: Received) -> None:
        """Make a manifest's bytes durable; nothing for other requests."""
        if isinstance(received.take.action, PutManifest):
            assert received.digest is not None
            self.pin(received.digest)
            self.store.ingest(received.digest, (received.body,), len(received.body))

    def pin(self, digest: Digest) -> None:
        """Hold a blob's bytes that are there and not linked yet, until `unpin`."""
        with self._lock:
            self._pinned[digest] += 1

    def unpin(self, received: Received) -> None:
        """Let go what a request has brought: it is linked now, or never will be."""
        brought = _brought(received)
        if brought is not None:
            self._let_go(brought)

    def _let_go(self, digest: Digest) -> None:
        with self._lock:
            self._pinned[digest] -= 1
            self._pinned += Counter()  # what is at zero goes

    def delete(self, digest: Digest) -> bool:
        """Remove a blob's bytes, unless a request has just brought them; tell whether they are gone."""
        with self._lock:
            return digest not in self._pinned and self.store.delete(digest)

    def path(self, digest: Digest) -> Path | None:
        """Return the file of a blob, None where blobs are not files."""
        return None

    def digests(self) -> Iterator[Digest]:
        """Yield the digests of all bytes, sorted."""
        return self.store.digests()

    @abstractmethod
    def write_down(self, changes: Changes) -> None:
        """Make changes durable; `OSError` where that cannot be, and then none of them is."""

    @abstractmethod
    def recover(self) -> Changes:
        """Return all that was written down, and the sessions that are open."""

    @abstractmethod
    def start(self, upload: Upload) -> None:
        """Make room for a session."""

    @abstractmethod
    def discard(self, id: str) -> None:
        """Drop a session's bytes."""

    @abstractmethod
    def _intake(self, take: Take, action: Append) -> Intake | None: ...


class MemoryStorage(Storage):
    """Storage in memory, or over any content store; for tests and the simulated world.

    Parameters
    ----------
    store : Store, optional
        Where finished blobs and manifests go; a new `MemoryStore` by default.
    """

    def __init__(self, store: Store | None = None) -> None:
        super().__init__(MemoryStore() if store is None else store)
        self._sessions: dict[str, bytearray] = {}

    def write_down(self, changes: Changes) -> None:
        pass

    def recover(self) -> Changes:
        return ()

    def start(self, upload: Upload) -> None:
        self._sessions[upload.id] = bytearray()

    def discard(self, id: str) -> None:
        self._sessions.pop(id, None)

    def _intake(self, take: Take, action: Append) -> Intake | None:
        held = bytearray() if action.created else self._sessions.get(take.session)
        return None if held is None or len(held) != take.offset else _SessionIntake(take, action, self, held)


class _SessionIntake(Intake):
    """A body on its way into a session in memory."""

    def __init__(self, take: Take, action: Append, storage: MemoryStorage, held: bytearray) -> None:
        super().__init__(take)
        self._action, self._storage, self._held = action, storage, held

    def _write(self, chunk: bytes | memoryview) -> None:
        self._held += chunk

    def _close(self) -> Received:
        try:
            wanted = self._action.digest
            if wanted is None or self.trouble is not None:
                return Received(self.take, self.size, self.trouble)
            whole = bytes(self._held)
            found = Digest.of(whole, wanted.algorithm)
            if found == wanted:
                self._storage.pin(found)
                self._storage.store.ingest(found, (whole,), len(whole))
            return Received(self.take, self.size, None, found)
        finally:
            self._storage.release(self.take.session)


def _brought(received: Received) -> Digest | None:
    """Return the digest that an intake or `keep` has pinned for this request."""
    match received.take.action:
        case PutManifest():
            return received.digest if received.record is not None else None
        case Append(digest=wanted):
            return wanted if received.digest == wanted else None
        case _:
            return None


def trouble_of(error: OSError) -> Trouble:
    """Tell a full disk from other failures."""
    return Trouble.NO_SPACE if error.errno in (errno.ENOSPC, errno.EDQUOT) else Trouble.FAILED

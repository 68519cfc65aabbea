"""Storage in a folder, which a kill at any instant leaves sound.

    ROOT/lock                          held by the one process that uses the folder
    ROOT/journal                       which repository holds what (see `journal`)
    ROOT/content/blobs/sha256/<hex>    blobs and manifests, each complete or absent: an OCI image layout
    ROOT/uploads/<id>.data             the bytes of an open upload session (see `sessions`)

    bytes arrive in `.data` --sync, rename--> content/blobs --sync of the folder--> a line in the journal --> answer

Bytes come first and the name that links them last, so that whatever is linked is there. A blob that was renamed and
never linked is garbage, which `collect` finds. A session's bytes are not synced before they are a blob: a kill loses
none of them, and a power cut costs an unfinished upload at worst, whose digest would tell.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from ..content.data import CHUNK
from ..content.digest import ALGORITHMS, Digest, Hasher, new_hasher
from ..content.durable import make_folder, sync_folder
from ..content.lock import try_lock
from ..content.store import LayoutStore
from ..errors import BadInput
from .changes import Changes, Upload, UploadStarted
from .journal import Journal
from .plan import Append, PutManifest, Received, Take, Trouble
from .sessions import SessionFiles
from .state import Registry, apply, snapshot
from .storage import Intake, Storage
from .writeback import Writeback

_PARTS = ("content", "journal", "lock", "lost+found", "uploads")
_USUAL = "sha256"
LONG = 2000
"""Changes below which a journal is never written anew."""


class DiskStorage(Storage):
    """Storage in a folder.

    Parameters
    ----------
    root : path
        Made where it is not there.

    Raises
    ------
    BadInput
        Another process uses the folder, it holds something else, or its journal is damaged.
    """

    store: LayoutStore

    def __init__(self, root: str | os.PathLike[str]) -> None:
        self.root = Path(root)
        self._check_folder()
        make_folder(self.root / "uploads")
        lock = try_lock(self.root / "lock")
        if lock is None:
            raise BadInput(
                "another process uses this registry's folder", where=str(self.root),
                hint="stop it first, or name another folder",
            )
        self._descriptor: int | None = lock
        try:
            super().__init__(LayoutStore(self.root / "content"))
            self._journal = Journal(self.root / "journal")
        except BaseException:
            os.close(lock)
            raise
        self._hashers: dict[str, tuple[int, Hasher]] = {}
        # What a killed process renamed last may not be durable yet.
        self._unsynced = {self.store.path(Digest.of(b"", algorithm)).parent for algorithm in ALGORITHMS}
        self._sessions = SessionFiles(self.root / "uploads")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Give the folder back."""
        if self._descriptor is not None:
            self._journal.close()
            os.close(self._descriptor)
            self._descriptor = None

    def path(self, digest: Digest) -> Path:
        """Return the file of a blob, whether it is there or not."""
        return self.store.path(digest)

    def write_down(self, changes: Changes) -> None:
        with self._lock:
            folders, self._unsynced = self._unsynced, set()
        try:
            for folder in filter(os.path.isdir, folders):
                sync_folder(folder)
        except OSError:
            with self._lock:
                self._unsynced |= folders
            raise
        self._journal.append(changes)

    def recover(self) -> Changes:
        said = self._journal.read()
        amounts_to = snapshot(apply(Registry(), said))
        if len(said) > max(LONG, 2 * len(amounts_to)):
            self._journal.replace(amounts_to)
        return (*amounts_to, *map(UploadStarted, self._sessions.found()))

    def start(self, upload: Upload) -> None:
        self._sessions.start(upload)

    def discard(self, id: str) -> None:
        with self._lock:
            self._hashers.pop(id, None)
            if id in self._busy:
                # Its files are open; whoever writes to them removes them at the end.
                self._doomed.add(id)
                return
        self._sessions.remove(id)

    def _check_folder(self) -> None:
        if self.root.is_dir():
            others = [name for name in os.listdir(self.root) if name not in _PARTS and not name.startswith(".")]
            if others:
                raise BadInput(
                    f"the folder holds something else ({others[0]!r})", where=str(self.root),
                    hint="name an empty folder, or one that sim serve has made",
                )
        elif self.root.exists():
            raise BadInput("a file is in the place of the folder", where=str(self.root))

    def _intake(self, take: Take, action: Append) -> Intake | None:
        name = self._sessions.data(take.session)
        if action.created:
            return _FileIntake(take, action, self, open(name, "x+b", buffering=0))
        try:
            file = open(name, "r+b", buffering=0)
        except FileNotFoundError:
            return None
        if file.seek(0, os.SEEK_END) != take.offset:
            file.close()
            return None
        return _FileIntake(take, action, self, file)

    def keep(self, received: Received) -> None:
        if not isinstance(received.take.action, PutManifest):
            return
        digest = received.digest
        assert digest is not None
        name = self._sessions.data(f"{digest.hex}-{os.urandom(8).hex()}")
        self.pin(digest)
        if self.store.stat(digest) is None:
            try:
                with open(name, "xb", buffering=0) as file:
                    write_all(file, received.body)
                    os.fsync(file.fileno())
                self._put(name, digest)
            except BaseException:
                with suppress(FileNotFoundError):
                    os.unlink(name)
                raise

    def hasher(self, take: Take) -> Hasher | None:
        """Return the hasher that has seen a session's bytes up to the plan's offset, where there is one."""
        if take.offset == 0:
            return new_hasher(take.algorithm)
        with self._lock:
            offset, hasher = self._hashers.pop(take.session, (-1, None))
        return hasher if offset == take.offset and take.algorithm == _USUAL else None

    def remember(self, take: Take, offset: int, hasher: Hasher | None) -> None:
        """Keep the hasher of a session that goes on."""
        if hasher is not None and take.algorithm == _USUAL:
            with self._lock:
                self._hashers[take.session] = (offset, hasher)

    def seal(self, session: str, digest: Digest, file: BinaryIO) -> None:
        """Put a session's bytes in a blob's place, unless that is there already; `file` is theirs, and is closed."""
        self.pin(digest)
        if self.store.stat(digest) is not None:
            return
        try:
            os.fsync(file.fileno())
            file.close()
            self._put(self._sessions.data(session), digest)
        except OSError:
            self._let_go(digest)  # nobody will hear of it, so nobody will unpin it
            raise

    def _put(self, name: str, digest: Digest) -> None:
        target = self.store.path(digest)
        make_folder(target.parent)
        try:
            os.replace(name, target)
        except PermissionError:
            # Windows does not replace a file that a reader has open; then another request stored it.
            if self.store.stat(digest) is None:
                raise
        with self._lock:
            self._unsynced.add(target.parent)


def write_all(file: BinaryIO, raw: bytes | memoryview) -> None:
    """Write all bytes to an unbuffered file, which may take them in parts."""
    view = memoryview(raw)
    while view:
        view = view[file.write(view) :]


class _FileIntake(Intake):
    """A body on its way into a session's file."""

    def __init__(self, take: Take, action: Append, storage: DiskStorage, file: BinaryIO) -> None:
        super().__init__(take)
        self._action, self._storage, self._file = action, storage, file
        self._hasher = storage.hasher(take)
        self._writeback = Writeback(file.fileno())

    def _write(self, chunk: bytes | memoryview) -> None:
        write_all(self._file, chunk)
        self._writeback.wrote(len(chunk))
        if self._hasher is not None:
            self._hasher.update(chunk)

    def _close(self) -> Received:
        try:
            self._writeback.end()
            report = self._sealed()
            if report.digest is None and report.trouble in (None, Trouble.CUT_SHORT):
                self._storage.remember(self.take, self.take.offset + self.size, self._hasher)
            return report
        finally:
            self._file.close()
            self._storage.release(self.take.session)
            if self._action.created:
                self._storage.discard(self.take.session)

    def _sealed(self) -> Received:
        wanted = self._action.digest
        if wanted is None or self.trouble is not None:
            return Received(self.take, self.size, self.trouble)
        hasher = self._hasher or self._read_again(wanted.algorithm)
        found = replace(wanted, hex=hasher.hexdigest())
        if found == wanted:
            self._storage.seal(self.take.session, found, self._file)
        return Received(self.take, self.size, None, found)

    def _read_again(self, algorithm: str) -> Hasher:
        # After a restart, or where the algorithm is not the one that was kept.
        hasher = new_hasher(algorithm)
        self._file.seek(0)
        while chunk := self._file.read(CHUNK):
            hasher.update(chunk)
        return hasher

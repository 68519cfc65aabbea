"""One blob from a registry into a store: whole and right, or not there.

    GET blobs/DIGEST --> STORE/.layerlab-aside-part-<hex>  (hashed on the way)  -- fsync, replace --> blobs/sha256/<hex>
         X breaks at byte N
    GET, Range: bytes=N- -> the same file goes on                also in the next run, where the first was killed

A part that was left behind is taken up again: its bytes are hashed once more, since nobody vouches for them. It is
locked while somebody writes to it; a second process that wants the same blob at the same time fetches into a part of
its own. Parts that nobody touches for an hour are swept, as all files aside (content/durable.py).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from ..content.descriptor import Descriptor
from ..content.digest import new_hasher
from ..content.durable import ASIDE, make_folder, sync_folder
from ..content.parallel import Stop
from ..content.store import LayoutStore
from ..errors import DigestMismatch, SizeMismatch, TransferFailed
from .moves import Listener
from .remote import Remote
from .retry import Patience

_PIECE = 1 << 18


def download(
    remote: Remote, blob: Descriptor, store: LayoutStore, patience: Patience, listener: Listener, stop: Stop
) -> None:
    """Fetch a blob into a store.

    Raises
    ------
    DigestMismatch, SizeMismatch
        What was sent is not the blob; nothing of it is kept.
    TransferFailed
        It could not be had; what came is kept for the next time.
    OSError
        The disk is full, or not writable.
    """
    target = store.path(blob.digest)
    make_folder(target.parent)
    with _part(store.root, blob) as (path, file):
        _Download(remote, blob, patience, listener, stop, file).run()
        file.flush()
        os.fsync(file.fileno())
        if os.name == "nt":
            file.close()  # An open file is not renamed there.
        os.replace(path, target)
        sync_folder(target.parent)


class _Download:
    """The part of one blob, and how much of it is there."""

    def __init__(
        self, remote: Remote, blob: Descriptor, patience: Patience, listener: Listener, stop: Stop, file: BinaryIO
    ) -> None:
        self._remote = remote
        self._blob = blob
        self._patience = patience
        self._listener = listener
        self._stop = stop
        self._file = file
        self._hasher = new_hasher(blob.digest.algorithm)
        self._have = 0

    def run(self) -> None:
        """Fetch what is missing, as often as it takes, and check the whole."""
        try:
            self._take_up()
            failures = 0
            while self._have < self._blob.size:
                try:
                    self._fetch()
                except TransferFailed as error:
                    failures += 1
                    self._patience.again(failures, error, self._listener.retrying, self._stop)
            self._check()
        except (DigestMismatch, SizeMismatch):
            self._restart()
            raise

    def _take_up(self) -> None:
        buffer = memoryview(bytearray(_PIECE))
        while count := self._file.readinto(buffer):  # type: ignore[attr-defined]
            self._took(buffer[:count])
        if self._have > self._blob.size:
            self._restart()
        if self._have:
            self._listener.moved(self._have)

    def _fetch(self) -> None:
        answer, start = self._remote.blob(self._blob.digest, self._have)
        try:
            if start != self._have:
                self._restart()
            buffer = memoryview(bytearray(_PIECE))
            while count := answer.readinto(buffer):
                self._stop.check()
                self._took(buffer[:count])
                if self._have > self._blob.size:
                    raise SizeMismatch(self._blob.size, self._have, where=f"blob {self._blob.digest}")
                self._file.write(buffer[:count])
                self._listener.moved(self._have)
        finally:
            answer.close()
        if self._have < self._blob.size:
            # The answer was whole, and too short: another one would be, too.
            raise SizeMismatch(self._blob.size, self._have, where=f"blob {self._blob.digest}")

    def _took(self, piece: memoryview) -> None:
        self._hasher.update(piece)
        self._have += len(piece)

    def _check(self) -> None:
        self._listener.verifying()
        found = f"{self._blob.digest.algorithm}:{self._hasher.hexdigest()}"
        if found != str(self._blob.digest):
            raise DigestMismatch(
                self._blob.digest, found,
                where=f"filesystem layer verification failed for digest {self._blob.digest}",
            )

    def _restart(self) -> None:
        self._file.seek(0)
        self._file.truncate()
        self._hasher = new_hasher(self._blob.digest.algorithm)
        self._have = 0


@contextmanager
def _part(folder: Path, blob: Descriptor) -> Iterator[tuple[Path, BinaryIO]]:
    """Open the part of a blob, positioned at its start; what is left of it after a failure stays, where it can be
    taken up again."""
    shared = folder / f"{ASIDE}part-{blob.digest.algorithm}-{blob.digest.hex}"
    path, file = shared, _claimed(shared)
    if file is None:
        path = folder / f"{ASIDE}{os.urandom(8).hex()}"
        file = open(path, "x+b")
    with file:
        try:
            yield path, file
        except BaseException:
            with suppress(OSError):
                file.flush()
                if path != shared or not os.fstat(file.fileno()).st_size:
                    path.unlink()
            raise


def _claimed(path: Path) -> BinaryIO | None:
    """Open and lock a part that others may know; None while another process writes to it."""
    if sys.platform == "win32":
        return None  # An open file is not renamed there, so it could not be locked up to the end.
    import fcntl

    while True:
        file = open(path, "a+b")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            held, named = os.fstat(file.fileno()), os.stat(path)
        except FileNotFoundError:
            file.close()  # Its last owner had finished with it between the two calls.
            continue
        except OSError:
            file.close()
            return None
        if (held.st_dev, held.st_ino) != (named.st_dev, named.st_ino):
            file.close()
            continue
        file.seek(0)
        return file

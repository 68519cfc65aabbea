"""One blob into a registry: mounted where that is possible, else sent, and sent on where the connection broke.

    POST ?mount=DIGEST&from=R   201 -> mounted, no byte sent        202 -> its Location takes the bytes
    PATCH LOCATION              breaks at byte N
    GET LOCATION                204 Range: 0-M  -> PATCH from M+1   404 -> POST, from the start
    PUT LOCATION?digest=DIGEST  201

docker begins again from the start in any case, and so do registries make it that forget an upload whose connection
broke (distribution before 3). The registry hashes what it gets; where it refuses the digest, the blob is hashed here
too, to say on which side the fault lies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from ..content.descriptor import Descriptor
from ..content.parallel import Stop
from ..content.store import verified
from ..errors import SizeMismatch, TransferFailed
from .moves import Listener
from .remote import Remote
from .retry import Patience

_GONE = frozenset({"BLOB_UPLOAD_UNKNOWN", "BLOB_UPLOAD_INVALID", "RANGE_INVALID"})
_NOT_YOURS = frozenset({400, 401, 403, 404, 405})

Chunks = Callable[[], Iterator[bytes]]
"""Reads a blob's bytes, each time from the start."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A blob on its way to a repository."""

    remote: Remote
    blob: Descriptor
    chunks: Chunks
    patience: Patience
    listener: Listener
    stop: Stop

    def mount(self, origin: str) -> tuple[bool, str | None]:
        """Ask for the blob of another repository; whether it is there now, else the upload that was opened for it."""
        try:
            location = self.remote.begin(self.blob.digest, origin)
        except TransferFailed as error:
            # Whoever may not pull from there may still push the bytes here.
            if error.status in _NOT_YOURS:
                return False, None
            raise
        return location is None, location

    def send(self, location: str | None = None) -> None:
        """Send the blob, as often as it takes; `location` is an upload that is open already.

        Raises
        ------
        TransferFailed
            It could not be sent.
        DigestMismatch, SizeMismatch
            The bytes on this side are not the blob.
        """
        failures, offset = 0, 0
        while True:
            try:
                if location is None:
                    location, offset = self.remote.begin(), 0
                elif failures:
                    location, offset = self.remote.received(location) or (self.remote.begin(), 0)
                assert location is not None  # only a mount opens none
                left = self.blob.size - offset
                location = self.remote.append(location, partial(self._from, offset), left, offset)
                self.listener.verifying()
                self.remote.finish(location, self.blob.digest)
                return
            except TransferFailed as error:
                self._check_own(error)
                failures += 1
                if error.code in _GONE:
                    location, error.again = None, True
                self.patience.again(failures, error, self.listener.retrying, self.stop)

    def _from(self, start: int) -> Iterator[bytes]:
        seen = 0
        for chunk in self.chunks():
            self.stop.check()
            piece = chunk[max(0, start - seen):] if seen < start else chunk
            seen += len(chunk)
            if seen > self.blob.size:
                break
            if piece:
                yield piece
                self.listener.moved(seen)
        if seen != self.blob.size:
            raise SizeMismatch(self.blob.size, seen, where=f"blob {self.blob.digest}")

    def _check_own(self, error: TransferFailed) -> None:
        if error.code == "DIGEST_INVALID":
            for _ in verified(self.chunks(), self.blob.digest, size=self.blob.size, where=f"blob {self.blob.digest}"):
                self.stop.check()

"""One tree of exceptions.

Every error a user can cause is a `SimError`. It says in one line what is wrong and where, and, where
there is one, what to do; the fields keep the same facts as data, so that a caller never parses words.

    SimError
    +- BadInput            what was read is not what it claims to be         (exit 2)
    |  +- DigestInvalid       a text that is no digest
    |  +- DigestMismatch      the bytes do not hash to their name
    |  +- SizeMismatch        the bytes are more or fewer than announced
    |  +- BlobMissing         a document names a blob that is not there
    |  +- StreamInvalid       gzip or zstd data that cannot be read
    |  +- TarInvalid          a tar that cannot be read
    |  +- ArchiveInvalid      no image archive, or a broken one
    |  +- DocumentInvalid     JSON that is no manifest, index, config ...
    |  +- LimitExceeded       more bytes, entries or nesting than allowed
    |  +- Ambiguous           several images or platforms fit; choose one
    |  +- Unsupported         a format or feature that is not there (zstd, an algorithm)
    +- TransferFailed      a registry cannot be reached, refuses, or answers what it should not
    +- FsError             a file-system operation failed, as the kernel says it: has `errno`
    +- IllegalEvent        a state machine was given an event that its state does not know
    +- StartRefused        a container does not start, in the engine's words: has `exit_code`
"""

from __future__ import annotations

import errno as _errno
import os


class SimError(Exception):
    """Base of all errors of the simulator.

    Parameters
    ----------
    what : str
        What is wrong and where, one line.
    hint : str, optional
        What a person would do about it.
    """

    def __init__(self, what: str, *, hint: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint

    def __str__(self) -> str:
        return self.what if self.hint is None else f"{self.what}; {self.hint}"


class BadInput(SimError):
    """What was read is not what it claims to be. `where` names the file, blob, member or field."""

    def __init__(self, what: str, *, where: str | None = None, hint: str | None = None) -> None:
        super().__init__(what if where is None else f"{where}: {what}", hint=hint)
        self.where = where


class DigestInvalid(BadInput):
    """A text is no digest (image-spec, descriptor.md, "Digests")."""


class DigestMismatch(BadInput):
    """The bytes do not hash to the digest that names them."""

    def __init__(self, expected: object, found: object, *, where: str | None = None) -> None:
        super().__init__(
            f"digest does not match: expected {expected}, the bytes are {found}",
            where=where, hint="the file is damaged or was changed; fetch or export it again",
        )
        self.expected = expected
        self.found = found


class SizeMismatch(BadInput):
    """There are more or fewer bytes than the descriptor announces."""

    def __init__(self, expected: int, found: int, *, where: str | None = None) -> None:
        super().__init__(
            f"size does not match: expected {expected} bytes, found {found}",
            where=where, hint="the file is cut short or was changed; fetch or export it again",
        )
        self.expected = expected
        self.found = found


class BlobMissing(BadInput):
    """A document names a blob that its archive or store does not hold."""

    def __init__(self, digest: object, *, where: str | None = None) -> None:
        super().__init__(f"blob {digest} is missing", where=where, hint="export the image again, with all its blobs")
        self.digest = digest


class StreamInvalid(BadInput):
    """Compressed data is cut short, corrupt, or followed by something else."""

    def __init__(self, what: str, *, where: str | None = None) -> None:
        super().__init__(what, where=where, hint="the file is damaged or was changed; fetch or export it again")


class TarInvalid(BadInput):
    """A tar archive cannot be read. `offset` is the byte position of the bad record, where known."""

    def __init__(self, what: str, *, where: str | None = None, offset: int | None = None) -> None:
        at = "" if offset is None else f" (at byte {offset} of the tar)"
        super().__init__(what + at, where=where, hint="the archive is damaged; export it again")
        self.offset = offset


class ArchiveInvalid(BadInput):
    """A file is no image archive that we know, or a broken one."""


class DocumentInvalid(BadInput):
    """A JSON document is not the manifest, index or config it should be. `field` is a dotted path."""

    def __init__(
        self, what: str, *, where: str | None = None, field: str | None = None, hint: str | None = None
    ) -> None:
        super().__init__(what if field is None else f"{field}: {what}", where=where, hint=hint)
        self.field = field


class LimitExceeded(BadInput):
    """More bytes, entries or nesting than the limits allow."""


class Ambiguous(BadInput):
    """Several images or platforms fit the request. `choices` lists them."""

    def __init__(self, what: str, choices: tuple[str, ...], *, where: str | None = None) -> None:
        super().__init__(what, where=where, hint="choose one of: " + ", ".join(choices))
        self.choices = choices


class Unsupported(BadInput):
    """A format or feature that this installation cannot read."""


class TransferFailed(SimError):
    """A transfer from or to a registry failed.

    Parameters
    ----------
    what : str
        The reason, in docker's words where docker meets the same.
    status : int, optional
        The HTTP status, where there was an answer.
    code : str, optional
        The registry's error code, such as ``MANIFEST_UNKNOWN``.
    again : bool
        Whether the same may go well a moment later: what broke on the way, not what was refused.
    """

    def __init__(
        self, what: str, *, hint: str | None = None, status: int | None = None, code: str | None = None,
        again: bool = False,
    ) -> None:
        super().__init__(what, hint=hint)
        self.status = status
        self.code = code
        self.again = again


class FsError(SimError):
    """A file-system operation failed, in the kernel's terms.

    Parameters
    ----------
    errno : int
        An `errno` constant.
    path : str
        The path that was asked for.
    what : str, optional
        The reason in words; the C library's message otherwise.
    """

    def __init__(self, errno: int, path: str, what: str | None = None, *, hint: str | None = None) -> None:
        super().__init__(f"{path}: {os.strerror(errno)}" if what is None else what, hint=hint)
        self.errno = errno
        self.path = path

    @property
    def name(self) -> str:
        """The constant's name, such as ``ENOENT``."""
        return errno_name(self.errno)


class IllegalEvent(SimError):
    """A state machine was given an event that its state does not know; nothing has changed.

    `state` and `event` are the machine's own values, `legal` the events that the state does know.
    """

    def __init__(self, state: object, event: object, legal: tuple[object, ...]) -> None:
        known = ", ".join(map(str, legal)) or "nothing: it is an end"
        super().__init__(f"{event} cannot happen in the state {state}", hint=f"what can happen there is {known}")
        self.state = state
        self.event = event
        self.legal = legal


class StartRefused(SimError):
    """A container does not start. `what` is what the engine prints, `exit_code` what its command returns."""

    def __init__(self, what: str, exit_code: int, *, hint: str | None = None) -> None:
        super().__init__(what, hint=hint)
        self.exit_code = exit_code


def errno_name(code: int) -> str:
    """Return the name of an `errno` value, such as ``ENOENT``.

    Examples
    --------
    >>> errno_name(_errno.ELOOP)
    'ELOOP'
    """
    # Windows knows some of them by their socket names alone: WSAELOOP.
    return _errno.errorcode.get(code, str(code)).removeprefix("WSA")

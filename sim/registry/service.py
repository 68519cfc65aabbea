"""One registry that many requests use at once: the state of now, its storage, and a journal before every answer.

    begin(head, caller)   on the last durable state, without a lock
    open(take)            the body arrives, as long as it takes
    finish(received)      settle, under one short lock, on the state AHEAD  -->  journal, durable  -->  answer

Two states: `ahead` has all that was settled, and what is settled next builds on it; `state` has what is durable, and
only that is shown. Requests that settle while the journal is being synced wait together and are written by one sync
(group commit): with eight clients one sync carries about eight answers. When the journal cannot be written, `ahead`
falls back to `state`, and all who waited are told that nothing happened.

Sessions are in neither journal: they are files, and a restart counts their bytes.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

from ..content.digest import Digest
from ..errors import BlobMissing
from .auth import EVERYBODY, Caller
from .blobs import unknown_blob
from .changes import Changes, UploadEnded, UploadMoved, UploadStarted
from .collect import GRACE_S, SESSION_S, Collected, collected, is_linked, let_go, linked, stale
from .messages import Head, Part, Request, Response, without_body
from .plan import Answer, Moment, Plan, Received, Take, Trouble
from .server import begin, busy, examine, perform, settle
from .state import Policy, Registry, apply
from .storage import Intake, Storage, trouble_of
from .uploads import no_space

_OF_SESSIONS = (UploadStarted, UploadMoved, UploadEnded)


class _Ticket:
    """One request's changes on their way into the journal."""

    def __init__(self, changes: Changes) -> None:
        self.changes = changes
        self.done = False
        self.trouble: Trouble | None = None


class Service:
    """A registry in use.

    Parameters
    ----------
    storage : Storage
        What it holds already is read back; upload sessions that are a week old are given up.
    policy : Policy
    clock : callable
        Returns seconds since 1970.
    seeds : callable
        Returns a text that it never returned before.

    Attributes
    ----------
    state : Registry
        What is durable now.
    """

    def __init__(
        self, storage: Storage, policy: Policy, *, clock: Callable[[], float], seeds: Callable[[], str]
    ) -> None:
        self.storage = storage
        found = apply(Registry(policy), storage.recover())
        old = stale(found, clock())
        perform(storage, old)
        self.state = self._ahead = apply(found, old)
        self._clock, self._seeds = clock, seeds
        self._lock = threading.Lock()
        self._journal = threading.Lock()
        self._waiting: list[_Ticket] = []

    def begin(self, head: Head, caller: Caller = EVERYBODY) -> Plan:
        """Decide what is to be done about a request whose body has not arrived."""
        plan = begin(self.state, head, caller, Moment(self._clock(), self._seeds()))
        if isinstance(plan, Answer) and plan.if_held is not None and self.storage.stat(plan.if_held) is None:
            return Answer(without_body(lost(plan.if_held)))
        return plan

    def open(self, take: Take) -> Intake | Response:
        """Make ready for a body; a response where its session is in use."""
        return self.storage.open(take) or busy(take)

    def finish(self, received: Received) -> Response:
        """Settle a request whose body has arrived; what it changed is durable when this returns."""
        examined = examine(received)
        if isinstance(examined, Response):
            return examined
        try:
            self.storage.keep(examined)
            return self._settled(examined)
        except OSError as error:
            return no_space(trouble_of(error))
        finally:
            self.storage.unpin(examined)

    def collect(
        self, *, grace_s: float = GRACE_S, session_s: float = SESSION_S, dry_run: bool = False
    ) -> Collected:
        """Free what nobody can reach, while requests go on; `OSError` where the journal cannot be written.

        Parameters
        ----------
        grace_s : float
            Seconds for which a blob without a manifest stays.
        session_s : float
            Seconds after which an upload session is given up.
        dry_run : bool
            Only say what would go.
        """
        with self._lock:
            changes = let_go(self._ahead, self._clock(), grace_s, session_s)
            after, ticket = apply(self._ahead, changes), None
            if not dry_run:
                self._ahead = after
                ticket = self._registered(changes)
        if ticket is not None and self._written(ticket) is not None:
            raise OSError("the journal could not be written, so nothing was removed")
        if not dry_run:
            perform(self.storage, changes)
        # Bytes come before the name that links them, so all that is linked in `after` is in this list.
        there = tuple((digest, self.storage.stat(digest) or 0) for digest in self.storage.digests())
        held = linked(after)
        freed = tuple(one for one in there if one[0] not in held and (dry_run or self._deleted(one[0])))
        return collected(after, changes, freed, {digest for digest, _ in there})

    def _deleted(self, digest: Digest) -> bool:
        with self._lock:
            return not is_linked(self._ahead, digest) and self.storage.delete(digest)

    def _settled(self, received: Received) -> Response:
        with self._lock:
            changes, response = settle(self._ahead, received)
            self._ahead = apply(self._ahead, changes)
            ticket = self._registered(changes)
        if ticket is not None and self._written(ticket) is not None:
            return no_space(ticket.trouble or Trouble.FAILED)
        try:
            perform(self.storage, changes)
        except OSError:
            # A session without a file is none.
            self._forget(tuple(UploadEnded(one.upload.id) for one in changes if isinstance(one, UploadStarted)))
            raise
        return response

    def _forget(self, changes: Changes) -> None:
        with self._lock:
            self._ahead, self.state = apply(self._ahead, changes), apply(self.state, changes)

    def handle(self, request: Request, caller: Caller = EVERYBODY) -> Response:
        """Do a whole request whose body is at hand."""
        plan = self.begin(request.head, caller)
        if isinstance(plan, Answer):
            return plan.response
        intake = self.open(plan)
        if isinstance(intake, Response):
            return intake
        intake.write(request.body)
        return self.finish(intake.close())

    def body(self, response: Response) -> bytes:
        """Return a response's whole body."""
        part = response.body
        return b"".join(self.storage.provide(part)) if isinstance(part, Part) else part

    def _registered(self, changes: Changes) -> _Ticket | None:
        # Sessions and repositories are different maps, so that a change of sessions may overtake.
        of_sessions = tuple(change for change in changes if isinstance(change, _OF_SESSIONS))
        lasting = tuple(change for change in changes if not isinstance(change, _OF_SESSIONS))
        if not lasting:
            self.state = apply(self.state, of_sessions)
            return None
        ticket = _Ticket(changes)
        self._waiting.append(ticket)
        return ticket

    def _written(self, ticket: _Ticket) -> Trouble | None:
        """Wait until a ticket's changes are durable; the first who comes writes for all who wait."""
        with self._journal:
            if ticket.done:
                return ticket.trouble
            with self._lock:
                batch, self._waiting = self._waiting, []
            changes = tuple(change for one in batch for change in one.changes)
            trouble = None
            try:
                self.storage.write_down(tuple(one for one in changes if not isinstance(one, _OF_SESSIONS)))
            except OSError as error:
                trouble = trouble_of(error)
            with self._lock:
                self._conclude(batch, changes, trouble)
            return trouble

    def _conclude(self, batch: list[_Ticket], changes: Changes, trouble: Trouble | None) -> None:
        if trouble is None:
            # With nobody waiting both states hold the same.
            self.state = apply(self.state, changes) if self._waiting else self._ahead
        else:
            # What settled since then was built on changes that never came to be.
            batch, self._waiting = batch + self._waiting, []
            self._ahead = self.state
        for one in batch:
            one.done, one.trouble = True, trouble


def lost(digest: Digest) -> Response:
    """Return the answer where a blob's bytes are gone from under the registry."""
    return replace(unknown_blob(digest), reason=str(BlobMissing(digest)))

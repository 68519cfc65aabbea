"""Real transfers: pull an image from a registry into a store, push one from wherever its blobs are.

    pull   HEAD, GET manifest -> choose a platform -> plan -> config and layers, 3 at once, the base first -> manifest
    push   HEAD each blob     ->                      plan -> layers, 5 at once, the top first -> config -> manifest

The plan is the value that `transfer` makes; what is done follows it, and the plan as it went is returned. Nothing is
half done when either is interrupted: a store gets whole blobs and its manifest last, a registry gets blobs, which
name nothing, and then the manifest. The same call again goes on where the first one stopped.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import partial
from threading import Lock

from ..content.descriptor import Descriptor, Platform
from ..content.limits import DEFAULT, Limits
from ..content.parallel import Stop, Task, run_all
from ..content.store import LayoutStore
from ..errors import BadInput, LimitExceeded, TransferFailed
from ..image.manifest import Manifest
from ..image.trees import Blob, Laid
from .auth import push as push_access
from .download import download
from .moves import Tell, Teller
from .reference import Reference
from .remote import Remote
from .resolve import resolve
from .retry import DOWNLOAD, UPLOAD, Patience, Sleep
from .session import Session, connect
from .settings import Settings
from .transfer import UPLOADS, Action, Parts, Plan, Role, Step, Why, is_foreign, plan_pull, plan_push
from .upload import Upload


@dataclass(frozen=True, slots=True)
class Doing:
    """How a transfer is made: who is told, and how one waits.

    Attributes
    ----------
    settings : Settings
    tell : callable
    sleep : callable
        Waits between attempts; a test hands in one that does not.
    clock : callable
        Seconds, rising.
    """

    settings: Settings = field(default_factory=Settings)
    tell: Tell = lambda move: None
    sleep: Sleep = time.sleep
    clock: Callable[[], float] = time.monotonic


@dataclass(frozen=True, slots=True)
class Pulled:
    """A pull that is done: the plan as it went, and the manifest, which is in the store with all it names."""

    plan: Plan
    manifest: Manifest
    descriptor: Descriptor


@dataclass(frozen=True, slots=True)
class Pushed:
    """A push that is done: the plan as it went, and the manifest's descriptor."""

    plan: Plan
    descriptor: Descriptor


def pull(
    reference: Reference, store: LayoutStore, doing: Doing | None = None, *, platform: Platform | None = None,
    limits: Limits = DEFAULT,
) -> Pulled:
    """Fetch an image's blobs into a store; its index is left to the caller.

    Parameters
    ----------
    reference : Reference
    store : LayoutStore
    doing : Doing, optional
    platform : Platform, optional
        Chooses among several.
    limits : Limits
        `max_bytes` holds for the blobs together, before one is fetched.

    Raises
    ------
    TransferFailed
        The registry cannot be reached, refuses, or broke off too often.
    Ambiguous
        There are several platforms and none was named.
    BadInput
        What came is not what it should be; nothing of that is kept.
    """
    doing = doing or Doing()
    session = connect(reference.registry, doing.settings, clock=doing.clock)
    try:
        remote = Remote(session, reference)
        manifest, descriptor, raw = resolve(remote, store, platform)
        parts = Parts.of(manifest, descriptor)
        _check_sizes(parts, limits, str(reference))
        held = {blob.digest for blob in _blobs(parts) if store.stat(blob.digest) == blob.size}
        plan = plan_pull(parts, held)
        teller = Teller(plan, doing.tell)
        patience = Patience(DOWNLOAD, doing.sleep)

        def fetch(step: Step, stop: Stop) -> None:
            download(remote, step.descriptor, store, patience, teller.listener(step), stop)
            teller.done(step)

        teller.announce()
        _move(session, plan, fetch)
        store.ingest(descriptor.digest, (raw,), descriptor.size)
        return Pulled(plan, manifest, descriptor)
    finally:
        session.close()


def _move(session: Session, plan: Plan, work: Callable[[Step, Stop], None]) -> None:
    """Do all steps that move something but the manifest's, in their order, as many at once as docker does."""
    def one(step: Step, stop: Stop) -> None:
        try:
            work(step, stop)
        except KeyboardInterrupt:
            # The other threads wait for a network that may have stopped; nobody should wait for them.
            session.abort()
            raise

    moving = [
        step for step in plan.order
        if step.action in (Action.SEND, Action.MOUNT) and step.role is not Role.MANIFEST
    ]
    run_all([Task(partial(one, step), rank) for rank, step in enumerate(moving)], plan.slots)


def _blobs(parts: Parts) -> tuple[Descriptor, ...]:
    return (parts.manifest, parts.config, *parts.layers)


def _check_sizes(parts: Parts, limits: Limits, where: str) -> None:
    total = sum(blob.size for blob in _blobs(parts))
    if total > limits.max_bytes:
        raise LimitExceeded(
            f"its blobs have {total} bytes, {limits.max_bytes} are allowed", where=where,
            hint="if you trust it, allow more with --max-bytes",
        )


def push(laid: Laid, reference: Reference, doing: Doing | None = None, *, mount_from: Iterable[str] = ()) -> Pushed:
    """Send an image to a registry.

    Parameters
    ----------
    laid : Laid
        The image's blobs (image/trees.py, image/stored.py).
    reference : Reference
        With a tag.
    doing : Doing, optional
    mount_from : iterable of str
        Repositories of the same registry that may hold some of the blobs.

    Raises
    ------
    TransferFailed
        The registry cannot be reached, refuses, or broke off too often.
    BadInput
        The bytes on this side are not what they should be.
    """
    doing = doing or Doing()
    if reference.digest is not None or reference.tag is None:
        raise BadInput("cannot push a digest reference", where=str(reference), hint="push to a tag")
    parts, origins = _parts(laid), tuple(one for one in mount_from if one != reference.repository)
    session = connect(reference.registry, doing.settings, clock=doing.clock)
    try:
        remote = Remote(session, reference)
        wanted = list({blob.digest: blob for blob in (*parts.layers, parts.config) if not is_foreign(blob)}.values())
        access = push_access(remote.name)

        def has(blob: Descriptor, stop: Stop) -> bool:
            stop.check()
            return remote.has(blob.digest, access)

        there = run_all([Task(partial(has, blob), rank) for rank, blob in enumerate(wanted)], UPLOADS)
        held = {blob.digest for blob, has in zip(wanted, there, strict=True) if has}
        plan = plan_push(parts, held, {blob.digest: origins for blob in wanted})
        plan = _Push(remote, laid, plan, doing).run()
        descriptor = parts.manifest
        told = remote.put_manifest(reference.tag, _raw(laid.blobs[-1]), descriptor.media_type)
        if told not in (None, descriptor.digest):
            raise TransferFailed(f"manifest {reference.tag}: the registry calls it {told}, it is {descriptor.digest}")
        return Pushed(plan, descriptor)
    finally:
        session.close()


def _parts(laid: Laid) -> Parts:
    *layers, config, manifest = (blob.descriptor for blob in laid.blobs)
    return Parts(manifest, config, tuple(layers))


def _raw(blob: Blob) -> bytes:
    return b"".join(blob.chunks())


class _Push:
    """The blobs of one push; the plan changes where the registry will not mount."""

    def __init__(self, remote: Remote, laid: Laid, plan: Plan, doing: Doing) -> None:
        self._remote = remote
        self._chunks = {blob.descriptor.digest: blob.chunks for blob in laid.blobs}
        self._plan = plan
        self._patience = Patience(UPLOAD, doing.sleep)
        self._teller = Teller(plan, doing.tell)
        self._lock = Lock()

    def run(self) -> Plan:
        """Move all but the manifest, and return the plan as it went."""
        self._teller.announce()
        _move(self._remote.session, self._plan, self._step)
        return self._plan

    def _step(self, step: Step, stop: Stop) -> None:
        location = None
        if step.action is Action.MOUNT:
            step, location = self._mounted(step, stop)
        if step.action is Action.SEND:
            self._upload(step, stop).send(location)
        self._teller.done(step)

    def _mounted(self, step: Step, stop: Stop) -> tuple[Step, str | None]:
        assert step.origin is not None
        mounted, location = self._upload(step, stop).mount(step.origin)
        if mounted:
            return step, None
        with self._lock:
            self._plan = self._plan.changed(step, Action.SEND, Why.REFUSED, step.origin)
        return replace(step, action=Action.SEND, why=Why.REFUSED), location

    def _upload(self, step: Step, stop: Stop) -> Upload:
        blob = step.descriptor
        return Upload(
            self._remote, blob, self._chunks[blob.digest], self._patience, self._teller.listener(step), stop
        )

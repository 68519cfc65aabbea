"""Transfer plans: what a push or a pull would do, blob by blob, and why, before a byte moves.

    push of 3 layers to cyo57/app                      pull of the same, elsewhere
      layer 1  mount   from cyo57/base: 0 bytes sent     layer 1  exists  here already: 0 bytes sent
      layer 2  exists  there already                     layer 2  send
      layer 3  send                                      layer 3  send
      config   send                                      config   send
      manifest send    always: it is what moves the tag  manifest send

A plan is a value, made by a pure function of what the image names, what the other side has and what could be mounted
from where. The real client performs it, the simulated docker performs it in its world, a picture draws it. What the
registry then answers may differ (a mount is refused, somebody pushed the blob meanwhile): `Plan.changed` returns
the plan as it went.

Order is a registry's rule and docker's habit. A manifest comes last on a push, for it may name only blobs that are
there (distribution-spec, "Pushing Manifests"), and first on a pull, for it names the others. docker pushes 5 blobs
at once, the top layer first, and pulls 3 at once, the base first.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from ..content.descriptor import DOCKER_LAYER, OCI_NONDISTRIBUTABLE, Descriptor
from ..content.digest import Digest
from ..content.sizes import human_size
from ..image.manifest import Manifest

DOWNLOADS = 3
"""Blobs that docker pulls at once (dockerd, `--max-concurrent-downloads`)."""
UPLOADS = 5
"""Blobs that docker pushes at once (dockerd, `--max-concurrent-uploads`)."""

DOCKER_FOREIGN = DOCKER_LAYER.replace(".diff.", ".foreign.diff.")


class Direction(StrEnum):
    """Which way the bytes go."""

    PUSH = "push"
    PULL = "pull"


class Role(StrEnum):
    """What a blob is to its image."""

    LAYER = "layer"
    CONFIG = "config"
    MANIFEST = "manifest"


class Action(StrEnum):
    """What is done about a blob. Only `SEND` moves its bytes."""

    SEND = "send"
    MOUNT = "mount"
    EXISTS = "exists"
    SKIP = "skip"


class Why(StrEnum):
    """The reason for an action."""

    ABSENT = "absent"
    PRESENT = "present"
    ELSEWHERE = "elsewhere"
    REFUSED = "refused"
    REPEATED = "repeated"
    FOREIGN = "foreign"
    NAMES = "names"


@dataclass(frozen=True, slots=True)
class Parts:
    """The descriptors of one image, layers base first."""

    manifest: Descriptor
    config: Descriptor
    layers: tuple[Descriptor, ...] = ()

    @classmethod
    def of(cls, manifest: Manifest, descriptor: Descriptor | None = None) -> Parts:
        """Return what a manifest names, and itself under the descriptor that led to it."""
        return cls(descriptor or manifest.describe(manifest.media_type), manifest.config, manifest.layers)


@dataclass(frozen=True, slots=True)
class Step:
    """What is done about one blob.

    Attributes
    ----------
    role : Role
    number : int
        The layer's number, the base being 1; 0 for the config and the manifest.
    descriptor : Descriptor
        Its `size` is in bytes as stored, compressed or not.
    action : Action
    why : Why
    origin : str or None
        The repository of the same registry that a mount takes the blob from, or that refused it.
    """

    role: Role
    number: int
    descriptor: Descriptor
    action: Action
    why: Why
    origin: str | None = None

    @property
    def sent(self) -> int:
        """Bytes of the blob that move."""
        return self.descriptor.size if self.action is Action.SEND else 0

    @property
    def saved(self) -> int:
        """Bytes of the blob that need not move."""
        return self.descriptor.size - self.sent

    @property
    def name(self) -> str:
        """``layer 3``, ``config`` or ``manifest``."""
        return f"{self.role} {self.number}" if self.number else str(self.role)

    @property
    def words(self) -> str:
        """The reason as a person says it."""
        return _WORDS[self.why].format(origin=self.origin, size=human_size(self.descriptor.size))


_WORDS = {
    Why.ABSENT: "{size}: not there yet",
    Why.PRESENT: "there already: 0 bytes sent",
    Why.ELSEWHERE: "mounted from {origin}: 0 bytes sent",
    Why.REFUSED: "{size}: the registry did not mount it from {origin}",
    Why.REPEATED: "the same blob as a layer below: 0 bytes sent",
    Why.FOREIGN: "not to be distributed: its manifest names the URLs where it lies",
    Why.NAMES: "{size}: sent every time, since it is what moves the tag",
}


@dataclass(frozen=True, slots=True)
class Plan:
    """All steps of a transfer.

    Attributes
    ----------
    direction : Direction
    steps : tuple of Step
        Layers base first, then the config, then the manifest.
    """

    direction: Direction
    steps: tuple[Step, ...]

    @property
    def order(self) -> tuple[Step, ...]:
        """The steps as they are begun: on a push layers top first and the manifest last, on a pull the reverse."""
        layers = [step for step in self.steps if step.role is Role.LAYER]
        config, manifest = self.steps[len(layers):]
        if self.direction is Direction.PUSH:
            return (*reversed(layers), config, manifest)
        return (manifest, config, *layers)

    @property
    def slots(self) -> int:
        """How many blobs move at once."""
        return UPLOADS if self.direction is Direction.PUSH else DOWNLOADS

    @property
    def sent(self) -> int:
        """Bytes that move."""
        return sum(step.sent for step in self.steps)

    @property
    def saved(self) -> int:
        """Bytes that need not move."""
        return sum(step.saved for step in self.steps)

    def counts(self) -> dict[Action, int]:
        """Return how many steps there are of each action."""
        return {action: sum(step.action is action for step in self.steps) for action in Action}

    def changed(self, step: Step, action: Action, why: Why, origin: str | None = None) -> Plan:
        """Return the plan in which `step` went another way; `step` is one of `steps`."""
        made = replace(step, action=action, why=why, origin=origin)
        return replace(self, steps=tuple(made if one == step else one for one in self.steps))

    def sketch(self) -> str:
        """Return the plan as text, one line a step, and the sum.

        Examples
        --------
        >>> base, config, manifest = (Descriptor.of(raw, "x/y") for raw in (b"base", b"{}", b"{ }"))
        >>> parts = Parts(manifest, config, (base,))
        >>> print(plan_push(parts, {config.digest}, {base.digest: ["cyo57/base"]}).sketch())
        layer 1   mount   mounted from cyo57/base: 0 bytes sent
        config    exists  there already: 0 bytes sent
        manifest  send    3B: sent every time, since it is what moves the tag
        3B sent, 6B saved
        """
        lines = [f"{step.name:<9} {step.action:<7} {step.words}" for step in self.steps]
        return "\n".join((*lines, f"{human_size(self.sent)} sent, {human_size(self.saved)} saved"))


Mountable = Mapping[Digest, Sequence[str]]
"""Repositories of the same registry that are known to hold a blob, the most likely first."""


def plan_push(parts: Parts, held: Container[Digest], mountable: Mountable | None = None) -> Plan:
    """Plan a push.

    Parameters
    ----------
    parts : Parts
    held : container of Digest
        What the repository has, as it answers HEAD for each blob.
    mountable : mapping, optional
        From where the registry could link a blob without its bytes being sent.

    Returns
    -------
    Plan
        The manifest is always sent: putting it is what makes or moves the tag.
    """
    sources = mountable or {}
    layers = _layers(parts, lambda blob: _pushed(blob, held, sources))
    config = Step(Role.CONFIG, 0, parts.config, *_pushed(parts.config, held, sources))
    manifest = Step(Role.MANIFEST, 0, parts.manifest, Action.SEND, Why.NAMES)
    return Plan(Direction.PUSH, (*layers, config, manifest))


def plan_pull(parts: Parts, held: Container[Digest]) -> Plan:
    """Plan a pull; `held` is what is here already, the manifest and the config included."""
    def fetched(blob: Descriptor) -> _Decision:
        return (Action.EXISTS, Why.PRESENT, None) if blob.digest in held else (Action.SEND, Why.ABSENT, None)

    layers = _layers(parts, fetched)
    config = Step(Role.CONFIG, 0, parts.config, *fetched(parts.config))
    return Plan(Direction.PULL, (*layers, config, Step(Role.MANIFEST, 0, parts.manifest, *fetched(parts.manifest))))


_Decision = tuple[Action, Why, str | None]


def _pushed(blob: Descriptor, held: Container[Digest], sources: Mountable) -> _Decision:
    if blob.digest in held:
        return Action.EXISTS, Why.PRESENT, None
    for origin in sources.get(blob.digest, ()):
        return Action.MOUNT, Why.ELSEWHERE, origin
    return Action.SEND, Why.ABSENT, None


def _layers(parts: Parts, decide: Callable[[Descriptor], _Decision]) -> Iterator[Step]:
    seen: set[Digest] = set()
    for number, blob in enumerate(parts.layers, 1):
        if is_foreign(blob):
            decision: _Decision = (Action.SKIP, Why.FOREIGN, None)
        elif blob.digest in seen:
            decision = (Action.SKIP, Why.REPEATED, None)
        else:
            decision = decide(blob)
        seen.add(blob.digest)
        yield Step(Role.LAYER, number, blob, *decision)


def is_foreign(blob: Descriptor) -> bool:
    """Whether a layer is one that registries do not hold (image-spec, layer.md, "Non-Distributable Layers")."""
    return bool(blob.urls) and blob.media_type.startswith((OCI_NONDISTRIBUTABLE, DOCKER_FOREIGN))

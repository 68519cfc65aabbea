"""Plans: what a push or a pull would do, blob by blob, and why."""

from __future__ import annotations

import pytest

from sim.content.descriptor import DOCKER_CONFIG, DOCKER_LAYER_GZIP, DOCKER_MANIFEST, OCI_NONDISTRIBUTABLE, Descriptor
from sim.registry.transfer import (
    DOCKER_FOREIGN,
    Action,
    Parts,
    Plan,
    Role,
    Why,
    is_foreign,
    plan_pull,
    plan_push,
)

BASE, MIDDLE, TOP = (Descriptor.of(bytes(n), DOCKER_LAYER_GZIP) for n in (1000, 200, 30))
CONFIG = Descriptor.of(b"{}", DOCKER_CONFIG)
MANIFEST = Descriptor.of(b"{ }", DOCKER_MANIFEST)
PARTS = Parts(MANIFEST, CONFIG, (BASE, MIDDLE, TOP))
REPO = "cyo57/base"


def actions(plan: Plan) -> str:
    """Return the actions' first letters: layers base first, config, manifest."""
    return "".join({Action.SKIP: "k"}.get(step.action, step.action[0]) for step in plan.steps)


@pytest.mark.parametrize(
    ("held", "mountable", "expected", "sent", "claim"),
    [
        ((), {}, "sssss", 1235, "an empty repository needs all of it"),
        ((BASE, MIDDLE, TOP, CONFIG), {}, "eeees", 3, "where all is there the manifest is put anyway: a tag moves"),
        ((MANIFEST,), {}, "sssss", 1235, "also where the very manifest is there"),
        ((BASE,), {}, "essss", 235, "a layer that exists is not sent"),
        ((), {BASE: [REPO], CONFIG: [REPO]}, "mssms", 233, "what another repository holds is mounted"),
        ((BASE,), {BASE: [REPO]}, "essss", 235, "a blob that is there is not mounted again"),
        ((), {BASE: []}, "sssss", 1235, "no repository to mount from is none"),
    ],
    ids=lambda value: value.replace(" ", "-") if isinstance(value, str) and " " in value else None,
)
def test_push(
    held: tuple[Descriptor, ...], mountable: dict[Descriptor, list[str]], expected: str, sent: int, claim: str
) -> None:
    plan = plan_push(PARTS, {blob.digest for blob in held}, {blob.digest: at for blob, at in mountable.items()})
    assert actions(plan) == expected, claim
    assert plan.sent == sent and plan.sent + plan.saved == 1235


@pytest.mark.parametrize(
    ("held", "expected", "sent"),
    [((), "sssss", 1235), ((BASE, CONFIG), "esses", 233), ((BASE, MIDDLE, TOP, CONFIG, MANIFEST), "eeeee", 0)],
)
def test_pull_fetches_what_is_not_here(held: tuple[Descriptor, ...], expected: str, sent: int) -> None:
    plan = plan_pull(PARTS, {blob.digest for blob in held})
    assert actions(plan) == expected and plan.sent == sent


def test_a_push_begins_at_the_top_and_ends_with_the_manifest() -> None:
    plan = plan_push(PARTS, ())
    assert [step.name for step in plan.order] == ["layer 3", "layer 2", "layer 1", "config", "manifest"]
    assert plan.slots == 5


def test_a_pull_begins_with_the_manifest_and_the_base() -> None:
    plan = plan_pull(PARTS, ())
    assert [step.name for step in plan.order] == ["manifest", "config", "layer 1", "layer 2", "layer 3"]
    assert plan.slots == 3


def test_a_blob_that_occurs_twice_moves_once() -> None:
    plan = plan_push(Parts(MANIFEST, CONFIG, (BASE, TOP, BASE)), ())
    assert actions(plan) == "sskss" and plan.steps[2].why is Why.REPEATED
    assert plan.sent == 1035


def test_a_layer_that_may_not_be_distributed_is_left_out() -> None:
    foreign = Descriptor(DOCKER_FOREIGN + ".gzip", BASE.digest, BASE.size, urls=("https://example.com/base",))
    parts = Parts(MANIFEST, CONFIG, (foreign,))
    for plan in (plan_push(parts, ()), plan_pull(parts, ())):
        assert plan.steps[0].action is Action.SKIP and plan.steps[0].why is Why.FOREIGN
    assert is_foreign(Descriptor(OCI_NONDISTRIBUTABLE + "+gzip", BASE.digest, 1, urls=("https://x.y/z",)))
    assert not is_foreign(Descriptor(OCI_NONDISTRIBUTABLE, BASE.digest, 1)), "without URLs it could not be had"
    assert DOCKER_FOREIGN == "application/vnd.docker.image.rootfs.foreign.diff.tar"


def test_a_refused_mount_is_sent() -> None:
    plan = plan_push(PARTS, (), {BASE.digest: [REPO]})
    base = plan.steps[0]
    assert base.words == "mounted from cyo57/base: 0 bytes sent" and base.saved == 1000
    after = plan.changed(base, Action.SEND, Why.REFUSED, REPO)
    assert after.sent == plan.sent + 1000 and after.steps[1:] == plan.steps[1:]
    assert after.steps[0].words == "1kB: the registry did not mount it from cyo57/base"


def test_counts_and_roles() -> None:
    plan = plan_push(PARTS, {BASE.digest}, {TOP.digest: [REPO]})
    assert plan.counts() == {Action.SEND: 3, Action.MOUNT: 1, Action.EXISTS: 1, Action.SKIP: 0}
    assert [step.role for step in plan.steps] == [Role.LAYER] * 3 + [Role.CONFIG, Role.MANIFEST]
    assert plan.sketch().splitlines()[-1] == "205B sent, 1.03kB saved"

"""Figures of transfers: long and short ones, layers that were here, every way an image can come, plans, talks."""

from __future__ import annotations

from collections.abc import Callable

from sim.image.samples import sample
from sim.lab.lessons import Lab
from sim.lab.svg import Picture
from sim.lab.talks import parts_of
from sim.lab.transfers import real_parts
from sim.lab.wires import Way
from sim.registry.transfer import plan_pull, plan_push

Figure = Callable[[str, bool], Picture]


def _lab(lang: str, big: bool) -> Lab:
    return Lab(lang, projector=big)


def _wire(k: int = -1, name: str = "nginx", **controls: object) -> Figure:
    def make(lang: str, big: bool) -> Picture:
        wire = _lab(lang, big).wire(sample(name), **controls)
        return wire.goto(k % (wire.last + 1)).pictures[0]

    return make


def _pull(name: str, *here: str, **controls: object) -> Figure:
    return lambda lang, big: _lab(lang, big).timeline(sample(name), map(sample, here), **controls)


def _plan(lang: str, big: bool) -> Picture:
    parts = real_parts(sample("nginx"))
    held = [layer.digest for layer in parts.layers[2:5]]
    return _lab(lang, big).plan(plan_push(parts, held, {parts.layers[0].digest: ["web/redis-with-a-long-name"]}))


def _talk(lang: str, big: bool) -> Picture:
    lab = _lab(lang, big)
    base, app = lab.small()
    return lab.pushes(lab.talk((base, "web/base:1")), app, "web/app:1")


def _pulled(lang: str, big: bool) -> Picture:
    lab = _lab(lang, big)
    base, app = lab.small()
    return lab.pulls(lab.talk((app, "web/app:1")), "web/app:1", [base])


def _stored(lang: str, big: bool) -> Picture:
    lab = _lab(lang, big)
    base, app = lab.small()
    pushed, digest = ((base, "web/base:1"), (app, "web/app:1")), parts_of(app).manifest.digest
    return lab.stored(pushed, "DELETE /v2/web/app/manifests/1", f"DELETE /v2/web/app/manifests/{digest}",
                      "GET /v2/web/app/manifests/1")


TRANSFER_FIGURES: dict[str, Figure] = {
    "a pull in time": _pull("redis"),
    "a pull of one layer": _pull("hello-world"),
    "a pull with a layer here": _pull("nginx", "redis"),
    "a pull of what is here": _pull("nginx", "nginx"),
    "a very slow pull": _pull("nginx", mbit_s=10, delay_ms=100, loss=0.01, compression="none"),
    "the wire before it begins": _wire(0),
    "the wire half way": _wire(9, mbit_s=10_000, delay_ms=0.2),
    **{f"the wire, {way}": _wire(way=way, mbit_s=1000) for way in Way},
    **{f"the wire half way, {way}": _wire(3, way=way, compression="zstd") for way in Way},
    "a plan of a push": _plan,
    "a plan of a pull": lambda lang, big: _lab(lang, big).plan(plan_pull(real_parts(sample("registry")), ())),
    "a push on the wire": _talk,
    "a pull on the wire": _pulled,
    "what deleting frees": _stored,
}

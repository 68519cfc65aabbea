"""`sim dedup --index FILE`: fingerprints of many images are kept, and what all of them share is counted.

An image whose ID is in the index is not read again, unless layers of it were damaged. An image that cannot be read is
told of and skipped, as a damaged layer is.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..content.limits import Limits
from ..content.sizes import human_size
from ..dedup.chunking import Rule
from ..dedup.corpus.cluster import Spread, spread_over
from ..dedup.corpus.fingerprint import Print, fingerprint
from ..dedup.corpus.growth import Point
from ..dedup.corpus.index import FingerprintIndex, Indexed, open_index
from ..errors import SimError
from ..image.outer import Progress
from ..source import image_id, open_subject
from .documents import Json, share_document
from .options import limits_of
from .progress import Bar
from .text import plural, print_json, shown, table

STEPS = 6
"""Numbers of images that the text shows, the last one with all of them."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How images are read: plain values, so that workers elsewhere read them so."""

    rule: Rule | None
    platform: str | None
    limits: Limits
    insecure: tuple[str, ...]

    def name(self, argument: str) -> tuple[str, str | None]:
        """Return an image's ID, empty where it cannot be told, and why."""
        try:
            return str(image_id(
                argument, platform=self.platform, limits=self.limits, insecure=self.insecure
            )), None  # fmt: skip
        except SimError as error:
            return "", str(error)

    def read(self, argument: str) -> Print | str:
        """Return an image's fingerprint, or in words why there is none."""
        try:
            return fingerprint(open_subject(
                argument, rule=self.rule, platform=self.platform, limits=self.limits, insecure=self.insecure
            ))  # fmt: skip
        except SimError as error:
            return str(error)


@dataclass(frozen=True, slots=True)
class Skipped:
    """An image that could not be read, and why."""

    argument: str
    why: str


def run(args: argparse.Namespace, rule: Rule | None) -> int:
    """Add images to an index and print what all of it shares."""
    reading = Reading(rule, args.platform, limits_of(args), tuple(args.insecure))
    with open_index(Path(args.index), rule, args.check) as index:
        with spread_over(args.scheduler) as spread, Bar(amount=lambda count: plural(count, "image")) as bar:
            new, skipped = added(index, args.images, reading, spread, bar)
            images, curves = index.images(), _curves(index, bar)
    damaged = sum(len(one.damaged) for one in images)
    if args.json:
        print_json(_document(images, curves, new, skipped))
    else:
        print("\n".join(_text(images, curves, new, skipped)))
    return 1 if damaged or skipped else 0


def added(
    index: FingerprintIndex, arguments: Sequence[str], reading: Reading, spread: Spread, progress: Progress
) -> tuple[int, list[Skipped]]:
    """Read the images that are not in an index yet; return how many came, and those that cannot be read."""
    wanted: dict[str, list[str]] = {}
    skipped = []
    for argument in arguments:
        name, why = reading.name(argument)
        if why is not None:
            skipped.append(Skipped(argument, why))
        elif name not in index:
            wanted.setdefault(name, []).append(argument)
    new: set[str] = set()
    while wanted:
        turn = {name: places.pop(0) for name, places in wanted.items()}
        read = spread(reading.read, list(turn.values()))
        for done, ((name, argument), found) in enumerate(zip(turn.items(), read, strict=True), start=1):
            if isinstance(found, str):
                skipped.append(Skipped(argument, found))
            else:
                index.add(found)
                new.add(name)
            progress(done, len(turn), "reading images")
        # Of one image given more than once the next is read where this one was damaged.
        wanted = {name: places for name, places in wanted.items() if places and name not in index}
    return len(new), skipped


def _curves(index: FingerprintIndex, progress: Progress) -> dict[str, tuple[Point, ...]]:
    curves = {"blob": index.blobs(), "layer": index.layers(), "file": index.files(progress)}
    return curves if index.rule is None else {**curves, "chunk": index.chunks(progress)}


def _document(
    images: Sequence[Indexed], curves: dict[str, tuple[Point, ...]], new: int, skipped: Sequence[Skipped]
) -> Json:
    return {
        "images": [
            {"name": one.name, "image_id": one.image_id,
             "damaged": [{"layer": layer.number, "why": layer.why} for layer in one.damaged]}
            for one in images
        ],
        "new_images": new,
        "skipped": [{"image": one.argument, "why": one.why} for one in skipped],
        "damaged_layers": sum(len(one.damaged) for one in images),
        "growth": {
            unit: [{"images": point.images, **share_document(point.share)} for point in curve]
            for unit, curve in curves.items()
        },
    }  # fmt: skip


def _text(
    images: Sequence[Indexed], curves: dict[str, tuple[Point, ...]], new: int, skipped: Sequence[Skipped]
) -> Iterator[str]:
    damaged = [(one, layer) for one in images for layer in one.damaged]
    yield f"{plural(len(images), 'image')} in the index, {new:,} of them new"
    for one in skipped:
        yield f"{shown(one.argument)} is skipped: {shown(one.why)}"
    for image, layer in damaged:
        yield f"layer {layer.number} of {shown(image.name)} is damaged and left out: {shown(layer.why)}"
    if damaged or skipped:
        yield f"left out: {plural(len(skipped), 'image')}, {plural(len(damaged), 'damaged layer')}"
    stops = sorted({max(1, round(len(images) * step / STEPS)) for step in range(1, STEPS + 1)}) if images else []
    rows = [
        (unit, str(stop), human_size(share.total_bytes), human_size(share.unique_bytes), f"{share.ratio:.3g}x")
        for unit, curve in curves.items() for stop in stops for share in [curve[stop - 1].share]
    ]
    yield table(("unit", "images", "used", "kept once", "ratio"), rows, right=range(1, 5))

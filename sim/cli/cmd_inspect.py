"""`sim inspect IMAGE`: the layers, the totals of the merged view, and what of the layers is hidden."""

from __future__ import annotations

import argparse

from ..content.sizes import human_size
from ..image.layer import Image, Layer
from ..union.index import Index
from ..union.totals import Totals, totals
from .documents import inspection, platform, stand_in_size
from .image import opened
from .options import add_image
from .parser import Parser, add_json
from .text import clipped, plural, print_json, shown, table


def parser() -> Parser:
    """Return the command's parser."""
    found = Parser(
        "inspect", "Show an image's layers, base first, and how much of them the merged view still shows.",
        "  sim inspect app.tar\n  sim inspect sample:ubuntu-vim --json",
    )
    add_image(found)
    add_json(found)
    return found


def run(args: argparse.Namespace) -> int:
    """Print the image."""
    image = opened(args.image, args)
    counted = totals(image.stack, ((path, entry) for path, _, entry in Index.of(image.stack).walk()))
    if args.json:
        print_json(inspection(image, counted))
    else:
        print(_text(image, counted))
    return 0


def _text(image: Image, counted: Totals) -> str:
    return "\n".join((
        f"{shown(image.name)}  {shown(platform(image))}", *_names(image), "", _layers(image.layers), "",
        *totals_in_words(counted, len(image.layers)),
    ))


def _names(image: Image) -> list[str]:
    manifest = image.manifest_descriptor
    lines = [
        f"manifest  {manifest.digest}" if manifest else "manifest  none: a docker-save archive has none",
        f"config    {image.config_descriptor.digest}",
    ]
    if any(stand_in_size(layer) is not None for layer in image.layers):
        lines.append("synthetic: a stand-in with made-up bytes; `real` is the size of the layer it stands for")
    return lines


def _layers(layers: tuple[Layer, ...]) -> str:
    real = list(map(stand_in_size, layers))
    synthetic = any(size is not None for size in real)
    head = ("layer", "digest", "size", *(["real"] if synthetic else ()), "tar", "entries", "created by")
    rows = [
        (
            str(number), layer.descriptor.digest.short, human_size(layer.descriptor.size),
            *([human_size(size or layer.descriptor.size)] if synthetic else ()),
            human_size(layer.tar_size), f"{layer.members:,}",
            clipped(layer.created_by),  # The full words are in the JSON; here one line a layer is worth more.
        )
        for number, (layer, size) in enumerate(zip(layers, real, strict=True), start=1)
    ]
    return table(head, rows, right=(0, *range(2, len(head) - 1)))


def totals_in_words(counted: Totals, layers: int) -> list[str]:
    """Return the totals as two lines of text."""
    lines = [
        f"merged view: {plural(counted.paths, 'path')}, {human_size(counted.live_bytes)} in files",
        f"stored: {human_size(counted.stored_bytes)} in the files of {plural(layers, 'layer')}",
    ]
    if counted.hidden_bytes:
        share = counted.hidden_bytes / counted.stored_bytes
        percent = f"{share:.1%}" if share >= 0.0005 else "under 0.1%"
        lines[1] += f"; {human_size(counted.hidden_bytes)} of it ({percent}) is wasted: hidden by layers above"
    else:
        lines[1] += "; nothing of it is hidden"
    return lines

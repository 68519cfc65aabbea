"""`sim convert IMAGE DEST`: the same image in another form."""

from __future__ import annotations

import argparse

from ..content.compression import Compression
from ..image.convert import FORMS, write_archive
from .image import opened
from .options import add_image
from .parser import Parser
from .progress import Bar
from .text import plural, shown

_IN_WORDS = {"docker": "docker-save archive", "oci": "OCI archive", "oci-dir": "OCI folder"}


def parser() -> Parser:
    """Return the command's parser."""
    found = Parser(
        "convert", "Write an image in another form. Every digest is checked on the way; DEST appears whole or not"
        " at all; a second run gives identical bytes.",
        "  sim convert app.tar app.oci.tar --to oci\n  sim convert sample:alpine alpine.tar     (for docker load)",
    )
    add_image(found)
    found.add_argument("dest", metavar="DEST", help="the file or folder to write")
    found.add_argument(
        "--to", choices=FORMS, default=FORMS[0], metavar="FORM",
        help=f"one of {', '.join(FORMS)} (default: {FORMS[0]}, what docker load takes)",
    )
    found.add_argument(
        "--compression", choices=list(map(str, Compression)), metavar="HOW",
        help=f"store the layers as one of {', '.join(Compression)} (default: as they are; plain for docker)",
    )
    return found


def run(args: argparse.Namespace) -> int:
    """Write the image and say what was written."""
    image = opened(args.image, args)
    with Bar() as bar:
        write_archive(image, args.dest, args.to, args.compression, progress=bar)
    layers = plural(len(image.layers), "layer")
    print(f"{shown(image.name)}, {layers}, written to {shown(args.dest)} as {_IN_WORDS[args.to]}")
    return 0

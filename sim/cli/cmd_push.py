"""`sim push IMAGE REFERENCE`: an image into a registry."""

from __future__ import annotations

import argparse

from ..image.stored import laid_as_stored
from ..registry.client import push
from ..registry.moves import Move
from ..registry.reference import Reference
from ..source import open_outline
from .options import add_image, limits_of
from .parser import Parser, add_json
from .progress import Bar
from .text import print_json
from .transfers import LayerLines, add_login, doing_of, sum_in_words, transfer_document


def parser() -> Parser:
    """Return the command's parser."""
    found = Parser(
        "push", "Send an image to a registry, its blobs as they are stored. What the registry has already is not sent,"
        " what another repository there has is mounted, and the manifest comes last.",
        "  sim push app.tar 127.0.0.1:5055/cyo57/app:1.0\n  sim push sample:alpine 127.0.0.1:5055/alpine"
        " --mount-from cyo57/base",
    )
    add_image(found)
    found.add_argument("reference", metavar="REFERENCE", help="REGISTRY/REPOSITORY:TAG")
    found.add_argument(
        "--mount-from", action="append", default=[], metavar="REPOSITORY",
        help="a repository of the same registry that may hold some of the layers; may be given several times",
    )
    add_login(found)
    add_json(found)
    return found


def run(args: argparse.Namespace) -> int:
    """Push the image and say what was sent."""
    reference = Reference.parse(args.reference)
    with Bar() as bar:
        outline = open_outline(
            args.image, platform=args.platform, limits=limits_of(args), progress=bar, insecure=args.insecure
        )
    laid = laid_as_stored(outline)
    diff_ids = outline.config.diff_ids

    def name(move: Move) -> str:
        # docker names a layer by its DiffID when it pushes, by its blob when it pulls.
        return diff_ids[move.step.number - 1].short

    doing = doing_of(args, (lambda move: None) if args.json else LayerLines(name))
    if not args.json:
        # As docker does: before it knows whether anybody listens there.
        print(f"The push refers to repository [{reference.name}]", flush=True)
    done = push(laid, reference, doing, mount_from=args.mount_from)
    if args.json:
        print_json(transfer_document(reference, done.plan, done.descriptor))
        return 0
    print(f"{reference.tag}: digest: {done.descriptor.digest} size: {done.descriptor.size}")
    print(sum_in_words(done.plan))
    return 0

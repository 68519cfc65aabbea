"""`sim pull REFERENCE DEST`: an image from a registry into a folder or a file."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..content.descriptor import Platform
from ..image.convert import FORMS
from ..registry.landing import form_of, pull_to
from ..registry.moves import Move
from ..registry.reference import Reference
from .options import add_insecure, add_limits, limits_of
from .parser import Parser, add_json
from .progress import Bar
from .text import print_json, shown
from .transfers import LayerLines, add_login, doing_of, sum_in_words, transfer_document

_IN_WORDS = {"docker": "docker-save archive", "oci": "OCI archive", "oci-dir": "OCI folder"}


def parser() -> Parser:
    """Return the command's parser."""
    found = Parser(
        "pull", "Fetch an image from a registry. Every digest is checked on the way, what is there already is not"
        " fetched, and DEST appears whole or not at all; interrupted, the same command goes on where it stopped.",
        "  sim pull 127.0.0.1:5055/cyo57/app:1.0 app\n  sim pull registry.test:5000/app app.tar --to docker"
        " --insecure registry.test:5000",
    )
    found.add_argument("reference", metavar="REFERENCE", help="REGISTRY/REPOSITORY:TAG, or with @DIGEST")
    found.add_argument("dest", metavar="DEST", help="the folder or file to write")
    found.add_argument(
        "--to", choices=FORMS, default=None, metavar="FORM",
        help=f"one of {', '.join(FORMS)} (default: oci for a DEST that ends in .tar, else oci-dir)",
    )
    add_limits(found)
    add_insecure(found)
    add_login(found)
    add_json(found)
    return found


def run(args: argparse.Namespace) -> int:
    """Pull the image and say what came."""
    reference, dest = Reference.parse(args.reference), Path(args.dest)
    form = form_of(dest, args.to)
    lines = LayerLines(_name, f"{reference.target}: Pulling from {reference.repository}")
    doing = doing_of(args, (lambda move: None) if args.json else lines)
    platform = Platform.parse(args.platform) if args.platform is not None else None
    with Bar() as progress:
        landed = pull_to(
            reference, dest, doing, form=form, platform=platform, limits=limits_of(args), progress=progress
        )
    plan, descriptor = landed.pulled.plan, landed.pulled.descriptor
    if args.json:
        print_json(transfer_document(reference, plan, descriptor) | {"changed": landed.changed, "form": form})
        return 0
    news = "Downloaded newer image" if landed.changed else "Image is up to date"
    print(f"Digest: {descriptor.digest}\nStatus: {news} for {reference}")
    print(f"{sum_in_words(plan)}. {shown(args.dest)} is an {_IN_WORDS[form]}".replace(" an d", " a d"))
    return 0


def _name(move: Move) -> str:
    return move.step.descriptor.digest.short

"""What the commands that read an IMAGE share: their options, and opening it."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from ..content.limits import DEFAULT, Limits
from ..content.sizes import parse_size
from ..image.layer import Image
from ..source import open_image
from .parser import Parser
from .progress import Bar


def add_image(parser: Parser, *names: str) -> None:
    """Add IMAGE arguments (one called `image` by default) and the options that every reader of images takes."""
    for name in names or ("image",):
        parser.add_argument(name, metavar="IMAGE", help="a docker-save archive, an OCI layout, or sample:NAME")
    parser.add_argument("--platform", metavar="OS/ARCH", help="which of several platforms, such as linux/arm64")
    parser.add_argument(
        "--max-bytes", type=_count, metavar="N", default=DEFAULT.max_bytes,
        help=f"refuse an archive or layer that unpacks to more; K, M, G, T are understood (default: {_short(DEFAULT.max_bytes)})",
    )
    parser.add_argument(
        "--max-entries", type=_count, metavar="N", default=DEFAULT.max_entries,
        help=f"refuse one with more tar members (default: {_short(DEFAULT.max_entries)})",
    )


# argparse names a type's function in its own complaint; parse_size complains better, and passes through.
_count: Callable[[str], int] = parse_size


def _short(count: int) -> str:
    for unit, size in (("Gi", 1 << 30), ("G", 10**9), ("M", 10**6), ("K", 10**3)):
        if count % size == 0:
            return f"{count // size}{unit}"
    return f"{count:,}"


def opened(argument: str, args: argparse.Namespace) -> Image:
    """Open an IMAGE argument under the options of `args`, with a progress line if it takes long."""
    with Bar() as bar:
        return open_image(
            argument, platform=args.platform, limits=Limits(args.max_bytes, args.max_entries), progress=bar
        )

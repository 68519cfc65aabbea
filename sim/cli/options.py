"""The options of commands that read images: which of several, how much at most, from which registries.

Apart from `image`, so that a pull does not import what only a look into the layers needs.
"""

from __future__ import annotations

import argparse

from ..content.limits import DEFAULT, Limits
from ..content.sizes import parse_size
from ..errors import SimError
from .parser import Parser

_IMAGE_HELP = "docker-save archive, OCI layout, sample:NAME, or REGISTRY/REPOSITORY:TAG"


def add_image(parser: Parser, *names: str) -> None:
    """Add IMAGE arguments, one called `image` by default, and the options of every reader of images."""
    for name in names or ("image",):
        parser.add_argument(name, metavar="IMAGE", help=_IMAGE_HELP)
    add_limits(parser)
    add_insecure(parser)


def add_insecure(parser: Parser) -> None:
    """Add the option that declares registries insecure."""
    parser.add_argument(
        "--insecure", action="append", default=[], metavar="HOST:PORT",
        help="speak plain HTTP to this registry, or TLS with any certificate, as insecure-registries in daemon.json"
        " does; 127.0.0.0/8 needs no declaration",
    )


def add_limits(parser: Parser) -> None:
    """Add the options that choose among several images and bound what is read."""
    parser.add_argument("--platform", metavar="OS/ARCH", help="one of several platforms, as linux/arm64")
    parser.add_argument(
        "--max-bytes", type=_count, metavar="N", default=DEFAULT.max_bytes,
        help="refuse an archive or a layer that unpacks to more bytes, as 500M or 2G"
        f" (default: {_short(DEFAULT.max_bytes)})",
    )
    parser.add_argument(
        "--max-entries", type=_count, metavar="N", default=DEFAULT.max_entries,
        help=f"refuse one with more tar members (default: {_short(DEFAULT.max_entries)})",
    )


def _count(text: str) -> int:
    try:
        return parse_size(text)
    except SimError as error:
        raise argparse.ArgumentTypeError(str(error)) from None  # argparse adds which option it was.


def _short(count: int) -> str:
    for unit, size in (("Gi", 1 << 30), ("G", 10**9), ("M", 10**6), ("K", 10**3)):
        if count % size == 0:
            return f"{count // size}{unit}"
    return f"{count:,}"


def limits_of(args: argparse.Namespace) -> Limits:
    """Return the limits that the options say."""
    return Limits(args.max_bytes, args.max_entries)

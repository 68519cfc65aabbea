"""What the commands that read an IMAGE share: opening it, and a PATH in it."""

from __future__ import annotations

import argparse

from ..errors import FsError
from ..fs.entry import Entry
from ..image.layer import Image
from ..source import open_image
from ..union.index import Index
from ..union.paths import path_bytes
from .options import limits_of
from .parser import Parser
from .progress import Bar


def opened(argument: str, args: argparse.Namespace) -> Image:
    """Open an IMAGE argument under the options of `args`, with a progress line if it takes long."""
    with Bar() as bar:
        return open_image(
            argument, platform=args.platform, limits=limits_of(args), progress=bar, insecure=args.insecure
        )


def add_path(parser: Parser, default: str | None = None) -> None:
    """Add a PATH argument; with a default it may be left out."""
    words = "a path in the image, with or without a leading slash"
    if default is None:
        parser.add_argument("path", metavar="PATH", help=words)
    else:
        parser.add_argument("path", metavar="PATH", help=f"{words} (default: {default})", nargs="?", default=default)


def checked(path: str) -> str:
    """Return a path that can be asked for, before an image is read in vain; `BadInput` otherwise."""
    path_bytes(path)
    return path


def found_at(index: Index, path: str, *, follow: bool = False) -> tuple[str, int, Entry]:
    """Return the canonical path, the layer and the entry that the merged view has at a path.

    The layer of a root that no layer describes is 1: the base implies it.

    Raises
    ------
    FsError
        There is nothing, in the kernel's terms.
    """
    found = index.resolve(path, follow_last=follow)
    if found.entry is None:
        raise FsError(found.errno, path, hint="sim why tells which layer decides that")
    return found.path, found.layer or 1, found.entry

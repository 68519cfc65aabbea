"""`sim cat IMAGE PATH`: the bytes of a file of the merged view."""

from __future__ import annotations

import argparse
import errno
import sys

from ..content.data import Data
from ..errors import FsError
from ..fs.entry import Entry, Kind
from ..union.index import Index
from .image import add_path, checked, found_at, opened
from .options import add_image
from .parser import Parser

_NO_BYTES = {Kind.FIFO: "a named pipe", Kind.CHAR: "a character device", Kind.BLOCK: "a block device"}


def parser() -> Parser:
    """Return the command's parser."""
    found = Parser(
        "cat", "Write a file of the merged view to standard output, byte for byte; links are followed.",
        "  sim cat sample:ubuntu /etc/os-release",
    )
    add_image(found)
    add_path(found)
    return found


def run(args: argparse.Namespace) -> int:
    """Write the bytes."""
    path = checked(args.path)
    _, _, entry = found_at(Index.of(opened(args.image, args).stack), path, follow=True)
    data = _bytes_of(entry, path)
    sys.stdout.flush()
    for chunk in data.chunks():
        sys.stdout.buffer.write(chunk)
    sys.stdout.buffer.flush()
    return 0


def _bytes_of(entry: Entry, path: str) -> Data:
    if entry.is_dir:
        raise FsError(errno.EISDIR, path)
    if entry.data is None:
        raise FsError(errno.EINVAL, path, f"{path}: {_NO_BYTES[entry.kind]} holds no bytes in an image")
    return entry.data

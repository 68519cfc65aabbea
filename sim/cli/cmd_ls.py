"""`sim ls IMAGE [PATH]`: the merged view as `ls -l` shows a folder, and the layer that supplies each entry."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from datetime import UTC, datetime

from ..fs.changeset import ChangeSet
from ..fs.entry import Entry, Kind
from ..union.index import Index
from .documents import NANO, row
from .image import add_image, checked_path, opened
from .parser import Parser, add_json
from .text import print_json, shown, table

Listed = tuple[str, Entry, int]
"""A path, its entry, and the number of the layer that supplies it."""


def parser() -> Parser:
    """Return the command's parser."""
    found = Parser(
        "ls", "List the merged view: what a container of the image would see, and which layer each entry comes from.",
        "  sim ls sample:ubuntu /etc\n  sim ls app.tar /bin/        (a trailing slash follows a link, as with ls -l)\n"
        "  sim ls -R app.tar --json",
    )
    add_image(found)
    found.add_argument("path", nargs="?", default="/", metavar="PATH", help="a path in the image (default: /)")
    found.add_argument("-R", "--recursive", action="store_true", help="and everything below")
    found.add_argument("-l", action="store_true", help="the long form, which is the only one")
    add_json(found)
    return found


def run(args: argparse.Namespace) -> int:
    """Print the listing."""
    asked = checked_path(args.path)
    image = opened(args.image, args)
    index = Index(image.stack)
    listed = list(_listed(index, index.resolve(asked, follow=asked.endswith("/")), args.recursive))
    if args.json:
        print_json({path: row(entry, layer, nlink(image.stack, entry, layer)) for path, entry, layer in listed})
    elif listed:
        print(_text(image.stack, listed, args.recursive))
    return 0


def _listed(index: Index, path: str, recursive: bool) -> Iterable[Listed]:
    raise NotImplementedError


def nlink(stack: tuple[ChangeSet, ...], entry: Entry, layer: int) -> int:
    """Return the link count as stat shows it: names in the supplying layer, be they hidden above or not."""
    return stack[layer - 1].nlink(entry)


def _text(stack: tuple[ChangeSet, ...], listed: list[Listed], recursive: bool) -> str:
    rows = [
        (
            str(layer), permissions(entry), str(nlink(stack, entry, layer)), f"{entry.uid}:{entry.gid}", _size(entry),
            _time(entry), shown(path if recursive else path.rpartition("/")[2]) + _arrow(entry),
        )
        for path, entry, layer in listed
    ]
    return table(("layer", "mode", "links", "owner", "size", "modified (UTC)", "name"), rows, right=(0, 2, 4))


def _size(entry: Entry) -> str:
    if entry.rdev is not None:
        return "{}, {}".format(*entry.rdev)
    return str(entry.size) if entry.kind is Kind.FILE else "-"


def _arrow(entry: Entry) -> str:
    return f" -> {shown(entry.target or '')}" if entry.kind is Kind.SYMLINK else ""


def _time(entry: Entry) -> str:
    try:
        return datetime.fromtimestamp(entry.mtime_ns // NANO, UTC).strftime("%Y-%m-%d %H:%M")
    except (ValueError, OverflowError, OSError):  # A hostile tar may hold the year 300000.
        return f"@{entry.mtime_ns // NANO}"


def permissions(entry: Entry) -> str:
    """Return the ten characters of ``ls -l``.

    Examples
    --------
    >>> permissions(Entry(Kind.FILE, 0o4755)), permissions(Entry(Kind.DIRECTORY, 0o1777))
    ('-rwsr-xr-x', 'drwxrwxrwt')
    """
    bits = [letter if entry.mode >> (8 - at) & 1 else "-" for at, letter in enumerate("rwxrwxrwx")]
    for at, special, letter in ((2, 0o4000, "s"), (5, 0o2000, "s"), (8, 0o1000, "t")):
        if entry.mode & special:
            bits[at] = letter if bits[at] == "x" else letter.upper()
    return ("-" if entry.kind is Kind.FILE else entry.kind.value) + "".join(bits)

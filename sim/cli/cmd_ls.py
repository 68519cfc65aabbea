"""`sim ls IMAGE [PATH]`: the merged view as `ls -l` shows it, and the layer that supplies each entry."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime

from ..fs.entry import Entry, Kind
from ..union.index import Index
from ..union.lookup import Stack, join
from .documents import NANO, Json, row
from .image import add_path, checked, found_at, opened
from .options import add_image
from .parser import Parser, add_json
from .progress import Bar
from .text import print_json, shown, table

Listed = tuple[str, int, Entry]
"""A path, the number of the layer that supplies it, and its entry."""


def parser() -> Parser:
    """Return the command's parser."""
    found = Parser(
        "ls", "List the merged view: what a container of the image sees, and which layer each entry comes from."
        " A link is shown as a link; a slash at its end follows it, as with ls -l.",
        "  sim ls sample:ubuntu /etc\n  sim ls app.tar /bin/\n  sim ls -R app.tar --json",
    )
    add_image(found)
    add_path(found, default="/")
    found.add_argument("-R", "--recursive", action="store_true", help="and everything below")
    found.add_argument("-l", action="store_true", help="the long form, which is the only one")
    add_json(found)
    return found


def run(args: argparse.Namespace) -> int:
    """Print the listing."""
    path = checked(args.path)
    stack = opened(args.image, args).stack
    listed = listing(Index.of(stack), path, args.recursive)
    if args.json:
        print_json(_document(stack, listed))
    elif listed:
        print(_text(stack, listed, args.recursive))
    return 0


def _document(stack: Stack, listed: list[Listed]) -> Json:
    # A file of an archive was hashed when it was read; one of a sample is made and hashed here.
    rows: Json = {}
    done, total = 0, sum(entry.size for _, _, entry in listed)
    with Bar() as bar:
        for path, layer, entry in listed:
            rows[path] = row(entry, layer, nlink(stack, layer, entry))
            done += entry.size
            bar(done, total, f"hashing {path}")
    return rows


def listing(index: Index, path: str, recursive: bool) -> list[Listed]:
    """List what a directory of the merged view holds, in the order of names; anything else lists itself.

    Raises
    ------
    FsError
        There is nothing at the path.
    """
    at, layer, entry = found_at(index, path)
    if not entry.is_dir:
        return [(at, layer, entry)]
    if recursive:
        return sorted(index.walk(directory=at), key=lambda listed: listed[0].split("/"))
    return [found_at(index, join(at, name)) for name in sorted(index.readdir(at))]


def nlink(stack: Stack, layer: int, entry: Entry) -> int:
    """Return the link count as stat shows it: names in the supplying layer, be they hidden above or not."""
    return stack[layer - 1].nlink(entry)


def _text(stack: Stack, listed: list[Listed], recursive: bool) -> str:
    rows = [
        (
            str(layer), permissions(entry), str(nlink(stack, layer, entry)), f"{entry.uid}:{entry.gid}",
            _size(entry), _time(entry), shown(path if recursive else path.rpartition("/")[2]) + _arrow(entry),
        )
        for path, layer, entry in listed
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

"""What a stack stores and what of it the merged view still shows.

    layer 2   etc/motd  5 B    bin/tool  20 B     stored 25 B  --+
    layer 1   etc/motd  7 B    bin/sh    10 B     stored 17 B  --+-- stored 42 B
    merged    etc/motd  5 B    bin/sh 10, bin/tool 20            -- live   35 B      hidden 7 B

Bytes are those of regular files, uncompressed, and an inode with several names counts once: that is what a
layer adds to a disk. (docker's SIZE of a layer is the same plus the lengths of its symlinks' targets.) Directories
and tar headers are not counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..fs.changeset import ChangeSet
from ..fs.entry import Entry, Kind


@dataclass(frozen=True, slots=True)
class Totals:
    """Totals of an image.

    Attributes
    ----------
    paths : int
        Entries of the merged view, the root not counted.
    live_bytes : int
        Bytes of the regular files that the merged view shows.
    stored_bytes : int
        Bytes of the regular files in all layers, layer by layer.
    """

    paths: int
    live_bytes: int
    stored_bytes: int

    @property
    def hidden_bytes(self) -> int:
        """Bytes that are stored and sent, and that nobody sees: replaced or deleted by a layer above."""
        return self.stored_bytes - self.live_bytes


def totals(stack: Sequence[ChangeSet], merged: Iterable[tuple[str, Entry]]) -> Totals:
    """Count a stack of layers and its merged view.

    Parameters
    ----------
    stack : sequence of ChangeSet
        Base first.
    merged : iterable of (path, Entry)
        The merged view, with or without the root.

    Examples
    --------
    >>> from sim.fs.sketch import sketch, file
    >>> base, top = sketch(file("/etc/motd", b"hello!\\n")), sketch(file("/etc/motd", b"hi!\\n"))
    >>> totals([base, top], top.entries.items())
    Totals(paths=1, live_bytes=4, stored_bytes=11)
    """
    shown = [(path, entry) for path, entry in merged if path]
    return Totals(len(shown), file_bytes(entry for _, entry in shown), sum(map(layer_bytes, stack)))


def layer_bytes(layer: ChangeSet) -> int:
    """Return the bytes of the regular files of one layer, an inode once."""
    return file_bytes(layer.entries.values())


def file_bytes(entries: Iterable[Entry]) -> int:
    """Return the bytes of the regular files among entries; names of one inode count once.

    Examples
    --------
    >>> from sim.fs.sketch import sketch, file, hardlink
    >>> file_bytes(sketch(file("/a", b"123"), hardlink("/b", "a")).entries.values())
    3
    """
    # The names of one inode hold one `Data` object, wherever they come from; equal CONTENT of two files is two objects.
    held = {id(entry.data): entry.size for entry in entries if entry.kind is Kind.FILE and entry.data is not None}
    return sum(held.values())

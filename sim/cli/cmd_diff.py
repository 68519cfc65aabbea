"""`sim diff IMAGE IMAGE`: what of the merged view differs, whatever layers it comes from."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..fs.entry import Entry
from ..image.layer import Image
from ..union.index import Index
from .image import opened
from .options import add_image
from .parser import Parser, add_json
from .progress import Bar
from .text import plural, print_json, shown

Tree = Mapping[str, tuple[Entry, int]]
"""A merged view: path to entry and link count."""


@dataclass(frozen=True, slots=True)
class Difference:
    """How one merged view becomes another; paths are sorted.

    Attributes
    ----------
    added, deleted : tuple of str
    changed : mapping of str to tuple of str
        Path to what of it differs.
    """

    added: tuple[str, ...]
    changed: Mapping[str, tuple[str, ...]]
    deleted: tuple[str, ...]

    @property
    def none(self) -> bool:
        """Whether nothing differs."""
        return not (self.added or self.changed or self.deleted)


def parser() -> Parser:
    """Return the command's parser."""
    found = Parser(
        "diff", "Compare the merged views of two images: A added, C changed, D deleted in the second."
        " Exits 1 where they differ.",
        "  sim diff sample:ubuntu sample:ubuntu-vim\n  sim diff app.tar#v1 app.tar#v2 --json",
    )
    add_image(found, "old", "new")
    add_json(found)
    return found


def run(args: argparse.Namespace) -> int:
    """Print the difference."""
    old, new = _tree(opened(args.old, args)), _tree(opened(args.new, args))
    with Bar(amount=lambda count: plural(count, "path")) as bar:
        found = difference(old, new, bar)
    if args.json:
        print_json({
            "added": found.added, "changed": list(found.changed), "deleted": found.deleted,
            "fields": dict(found.changed),
        })
    else:
        for line in _lines(found):
            print(line)
    return 0 if found.none else 1


def _tree(image: Image) -> Tree:
    stack = image.stack
    return {path: (entry, stack[layer - 1].nlink(entry)) for path, layer, entry in Index.of(stack).walk()}


def difference(old: Tree, new: Tree, progress: Callable[[int, int, str], None] | None = None) -> Difference:
    """Compare two merged views, telling `progress` the paths done.

    Examples
    --------
    >>> from sim.fs.sketch import sketch, file
    >>> def tree(*marks): return {path: (entry, 1) for path, entry in sketch(*marks).entries.items()}
    >>> difference(tree(file("/a", b"1"), file("/b")), tree(file("/a", b"2"), file("/c")))
    Difference(added=('c',), changed={'a': ('content',)}, deleted=('b',))
    """
    both = sorted(old.keys() & new.keys())
    changed = {}
    for done, path in enumerate(both):
        if progress is not None:
            progress(done, len(both), f"comparing {path}")
        names = changed_fields(*old[path], *new[path])
        if names:
            changed[path] = names
    return Difference(
        tuple(sorted(new.keys() - old.keys())), changed, tuple(sorted(old.keys() - new.keys())),
    )


def changed_fields(old: Entry, old_links: int, new: Entry, new_links: int) -> tuple[str, ...]:
    """Return the names of what differs between two entries of one path; the inode number is no part of it."""
    if old.kind is not new.kind:
        return ("type",)
    pairs = {
        "mode": (old.mode, new.mode),
        "owner": ((old.uid, old.gid), (new.uid, new.gid)),
        "time": (old.mtime_ns, new.mtime_ns),
        "content": (old.data, new.data),
        "target": (old.target, new.target),
        "device": (old.rdev, new.rdev),
        "xattrs": (old.xattrs, new.xattrs),
        "links": (old_links, new_links),
    }
    return tuple(name for name, (before, after) in pairs.items() if before != after)


def _lines(found: Difference) -> list[str]:
    notes = {path: f"   ({', '.join(names)})" for path, names in found.changed.items()}
    letters = dict.fromkeys(found.added, "A") | dict.fromkeys(found.deleted, "D") | dict.fromkeys(notes, "C")
    return [f"{letter} /{shown(path)}{notes.get(path, '')}" for path, letter in sorted(letters.items())]

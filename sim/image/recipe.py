"""Recipes: a layer of a sample, written as rules and well-known names instead of a listing.

A recipe is a text of lines; a line that starts with blanks continues the one above. `{a,b}` stands for each of
its words in turn, `{@name}` for the words of a list, `{1..9}` for numbers; `{0}` in a link's target
repeats the word that the first braces of its path had.

    layer NAME                             a new layer begins
    seed NAME                              which build the bytes of the files below belong to
    stamp SECONDS                          mtime of the entries below
    list NAME WORD ...                     names a list
    include NAME                           the lines of another recipe
    dir PATH [MODE] [UID:GID]
    file PATH SIZE [MODE] [UID:GID]        SIZE: 1200 exactly, or ~20K: near that, drawn from the path
    text PATH [MODE] [UID:GID]             a short real text follows, each line behind "|"
    soname PATH NAME SIZE                  a shared library and, beside it, the link NAME to it
    link PATH -> TARGET
    hard PATH -> EXISTING                  a second name for a file of the layer
    char PATH MAJOR:MINOR MODE
    gone PATH | opaque PATH                a whiteout | an opaque directory
    want files=N dirs=N symlinks=N bytes=N shape that was measured: the rules below fill up to it
    more file|dir|link PATH SIZE|TARGET    PATH has {n}: 001, 002 ... as many as are wanted
    less PATTERN                           leave out what was said above at such paths (a * matches anything)

Directories above an entry need no line. Of a layer with `bytes=`, the sizes written with `~` are scaled so
that the sum is exact.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from itertools import product

from ..content.data import Inline
from ..errors import SimError
from ..fs.changeset import ChangeSet
from ..fs.entry import Entry, Kind, ancestors
from .synthetic import Synthetic, looks

_BRACES = re.compile(r"\{([^{}]*)\}")
_UNITS = {"K": 1 << 10, "M": 1 << 20}


class RecipeWrong(SimError):
    """A recipe cannot be followed; the text says which line and why."""


@dataclass(frozen=True, slots=True)
class _Node:
    """One path of a layer in the making: an entry, and of a file the size that is still to be settled.

    Attributes
    ----------
    entry : Entry
    size : int
        Of a file without data; a typical size where `loose`.
    loose : bool
    seed : str
    """

    entry: Entry
    size: int = 0
    loose: bool = False
    seed: str = ""


@dataclass(slots=True)
class _Draft:
    """The private builder of one layer."""

    nodes: dict[str, _Node] = field(default_factory=dict)
    hard: list[tuple[str, str]] = field(default_factory=list)
    whiteouts: list[str] = field(default_factory=list)
    opaques: list[str] = field(default_factory=list)
    want: dict[str, int] = field(default_factory=dict)
    seed: str = ""
    stamp: int = 0
    lists: dict[str, Sequence[str]] = field(default_factory=dict)


def layers(text: str, include: Callable[[str], str]) -> dict[str, ChangeSet]:
    """Follow a recipe.

    Parameters
    ----------
    text : str
        The recipe.
    include : callable
        Returns the text of another recipe by name.

    Returns
    -------
    dict of str to ChangeSet
        By the layers' names, in order.

    Raises
    ------
    RecipeWrong
        A line that is not understood, or a shape that cannot be reached.

    Examples
    --------
    >>> made = layers("layer base\\nfile etc/{a,b} 10\\nlink c -> etc/a", lambda name: "")
    >>> list(made["base"].entries)
    ['c', 'etc', 'etc/a', 'etc/b']
    """
    drafts: dict[str, _Draft] = {}
    draft = _Draft()
    for number, words, body in _statements(text, include):
        try:
            if words[0] == "layer":
                draft = drafts[words[1]] = _Draft(seed=draft.seed, stamp=draft.stamp, lists=draft.lists)
            else:
                _VERBS[words[0]](draft, words[1:], body)
        except (KeyError, ValueError, IndexError) as error:
            raise RecipeWrong(f"line {number}: {' '.join(words)[:80]!r} is not understood ({error!r})") from None
    return {name: _finish(name, each) for name, each in drafts.items()}


def _statements(text: str, include: Callable[[str], str]) -> Iterator[tuple[int, list[str], list[str]]]:
    words: list[str] = []
    body: list[str] = []
    start = 0
    for number, line in enumerate(text.splitlines(), 1):
        if line[:1] == "|":
            body.append(line[2:])
        elif line[:1] == " ":
            words += line.split()
        elif line and line[0] != "#":
            if words:
                yield start, words, body
            start, words, body = number, line.split(), []
            if words[0] == "include":
                yield from _statements(include(words[1]), include)
                words = []
    if words:
        yield start, words, body


def spread(pattern: str, lists: Mapping[str, Sequence[str]]) -> list[tuple[str, tuple[str, ...]]]:
    """Expand braces; returns each text with the words that were chosen.

    Examples
    --------
    >>> spread("{a,b}.so.{1..2}", {})[1:3]
    [('a.so.2', ('a', '2')), ('b.so.1', ('b', '1'))]
    """
    parts = _BRACES.split(pattern)
    if len(parts) == 1:
        return [(pattern, ())]
    found = []
    for chosen in product(*(_choices(part, lists) for part in parts[1::2])):
        parts[1::2] = chosen
        found.append(("".join(parts), chosen))
    return found


def _choices(inside: str, lists: Mapping[str, Sequence[str]]) -> Sequence[str]:
    if inside[:1] == "@":
        return lists[inside[1:]]
    first, dots, last = inside.partition("..")
    if dots:
        return [str(n).zfill(len(first)) for n in range(int(first), int(last) + 1)]
    return inside.split(",")


def _attributes(words: Sequence[str], mode: int) -> tuple[int, int, int]:
    uid = gid = 0
    for word in words:
        left, colon, right = word.partition(":")
        if colon:
            uid, gid = int(left), int(right)
        else:
            mode = int(word, 8)
    return mode, uid, gid


def _size(word: str) -> tuple[int, bool]:
    loose = word[0] == "~"
    number = word[1:] if loose else word
    unit = _UNITS.get(number[-1], 1)
    return int(float(number.rstrip("KM")) * unit), loose


def _dir(draft: _Draft, words: list[str], body: list[str]) -> None:
    mode, uid, gid = _attributes(words[1:], 0o755)
    for path, _ in spread(words[0], draft.lists):
        draft.nodes[path] = _Node(Entry(Kind.DIRECTORY, mode, uid, gid, draft.stamp))


def _file(draft: _Draft, words: list[str], body: list[str]) -> None:
    size, loose = _size(words[1])
    mode, uid, gid = _attributes(words[2:], 0o644)
    entry = Entry(Kind.FILE, mode, uid, gid, draft.stamp)
    for path, _ in spread(words[0], draft.lists):
        draft.nodes[path] = _Node(entry, size, loose, draft.seed)


def _text(draft: _Draft, words: list[str], body: list[str]) -> None:
    mode, uid, gid = _attributes(words[1:], 0o644)
    raw = "".join(line + "\n" for line in body).encode("utf-8")
    for path, _ in spread(words[0], draft.lists):
        # A data of its own for each: files that share one are names of one inode.
        draft.nodes[path] = _Node(Entry(Kind.FILE, mode, uid, gid, draft.stamp, Inline(raw)))


def _soname(draft: _Draft, words: list[str], body: list[str]) -> None:
    path, name, size = words
    directory, _, real = path.rpartition("/")
    _file(draft, [path, size], body)
    _link(draft, [f"{directory}/{name}", "->", real], body)


def _link(draft: _Draft, words: list[str], body: list[str]) -> None:
    for path, chosen in spread(words[0], draft.lists):
        target = words[2].replace("{0}", chosen[0]) if chosen else words[2]
        draft.nodes[path] = _Node(Entry(Kind.SYMLINK, 0o777, mtime_ns=draft.stamp, target=target))


def _hard(draft: _Draft, words: list[str], body: list[str]) -> None:
    draft.hard += [(path, words[2]) for path, _ in spread(words[0], draft.lists)]


def _char(draft: _Draft, words: list[str], body: list[str]) -> None:
    major, minor = map(int, words[1].split(":"))
    draft.nodes[words[0]] = _Node(
        Entry(Kind.CHAR, int(words[2], 8), mtime_ns=draft.stamp, rdev=(major, minor))
    )


def _more(draft: _Draft, words: list[str], body: list[str]) -> None:
    kind, pattern, *rest = words
    held = _count(draft)
    missing = draft.want[_COUNTED[kind]] - held[_COUNTED[kind]]
    if missing < 0:
        raise ValueError(f"{-missing} {_COUNTED[kind]} too many")
    for n in range(1, missing + 1):
        path = pattern.replace("{n}", f"{n:03}")
        _VERBS[kind](draft, [path, *(word.replace("{n}", f"{n:03}") for word in rest)], body)


def _less(draft: _Draft, words: list[str], body: list[str]) -> None:
    for path in [path for path in draft.nodes if any(fnmatchcase(path, word) for word in words)]:
        del draft.nodes[path]


def _seed(draft: _Draft, words: list[str], body: list[str]) -> None:
    draft.seed = words[0]


def _stamp(draft: _Draft, words: list[str], body: list[str]) -> None:
    draft.stamp = int(words[0]) * 10**9


def _list(draft: _Draft, words: list[str], body: list[str]) -> None:
    # One word may itself have braces: {php,cpp}complete.
    draft.lists[words[0]] = [path for word in words[1:] for path, _ in spread(word, draft.lists)]


def _want(draft: _Draft, words: list[str], body: list[str]) -> None:
    draft.want = {key: int(value) for key, _, value in (word.partition("=") for word in words)}


def _gone(draft: _Draft, words: list[str], body: list[str]) -> None:
    draft.whiteouts += [path for path, _ in spread(words[0], draft.lists)]


def _opaque(draft: _Draft, words: list[str], body: list[str]) -> None:
    draft.opaques += [path for path, _ in spread(words[0], draft.lists)]


_VERBS: Mapping[str, Callable[[_Draft, list[str], list[str]], None]] = {
    "dir": _dir, "file": _file, "text": _text, "soname": _soname, "link": _link, "hard": _hard, "char": _char,
    "more": _more, "less": _less, "seed": _seed, "stamp": _stamp, "list": _list, "want": _want, "gone": _gone,
    "opaque": _opaque,
}
_COUNTED = {"file": "files", "dir": "dirs", "link": "symlinks"}
_KINDS = {Kind.FILE: "files", Kind.DIRECTORY: "dirs", Kind.SYMLINK: "symlinks"}


def _above(draft: _Draft) -> set[str]:
    named = (*draft.nodes, *(path for path, _ in draft.hard), *(path + "/" for path in draft.opaques),
             *draft.whiteouts)
    return {above for path in named for above in ancestors(path) if above and above not in draft.nodes}


def _count(draft: _Draft) -> dict[str, int]:
    counts = {"files": 0, "dirs": len(_above(draft)), "symlinks": 0}
    for node in draft.nodes.values():
        if node.entry.kind in _KINDS:
            counts[_KINDS[node.entry.kind]] += 1
    return counts


def _finish(name: str, draft: _Draft) -> ChangeSet:
    for path in _above(draft):
        draft.nodes[path] = _Node(Entry(Kind.DIRECTORY, 0o755, mtime_ns=draft.stamp))
    _settle(name, draft)
    entries = {path: node.entry for path, node in draft.nodes.items()}
    # Numbered in the order of the tar, as a reader of the tar would number them.
    for inode, existing in enumerate(sorted({existing for _, existing in draft.hard}, key=_order), 1):
        entries[existing] = replace(entries[existing], inode=inode)
    for path, existing in draft.hard:
        entries[path] = entries[existing]
    return ChangeSet({path: entries[path] for path in sorted(entries, key=_order)}, draft.whiteouts, draft.opaques)


def _order(path: str) -> list[str]:
    return path.split("/")


def _settle(name: str, draft: _Draft) -> None:
    """Give every file its bytes, and so the layer its sum."""
    files = {path: node for path, node in draft.nodes.items() if node.entry.kind is Kind.FILE}
    sizes = {path: _near(path, node) for path, node in files.items()}
    if "bytes" in draft.want:
        _scale(name, sizes, [path for path, node in files.items() if node.loose], draft.want["bytes"])
    for path, node in files.items():
        if node.entry.data is None:
            data = Synthetic(node.seed, path, sizes[path], looks(path, node.entry.mode))
            draft.nodes[path] = _Node(replace(node.entry, data=data))
    held = _count(draft)
    for key, wanted in draft.want.items():
        if key in held and held[key] != wanted:
            raise RecipeWrong(f"layer {name}: {held[key]} {key}, {wanted} are wanted")


def _near(path: str, node: _Node) -> int:
    """Draw a size near the typical one: 0.5 to 2 times it, a pure function of the path."""
    if node.entry.data is not None:
        return node.entry.data.size
    if not node.loose:
        return node.size
    # Only whole numbers: the last digit of a float power differs between C libraries.
    drawn = int.from_bytes(hashlib.sha256(path.encode("utf-8", "surrogateescape")).digest()[:2], "big")
    return node.size // 2 + (node.size * 3 * drawn * drawn >> 33)


def _scale(name: str, sizes: dict[str, int], loose: Sequence[str], wanted: int) -> None:
    fixed = sum(sizes.values()) - sum(sizes[path] for path in loose)
    rest, total = wanted - fixed, sum(sizes[path] for path in loose)
    if rest <= 0 or not total:
        raise RecipeWrong(f"layer {name}: {fixed} bytes are said exactly, {wanted} are wanted in all")
    for path in loose:
        sizes[path] = sizes[path] * rest // total
    largest = max(loose, key=lambda path: (sizes[path], path))
    sizes[largest] += rest - sum(sizes[path] for path in loose)

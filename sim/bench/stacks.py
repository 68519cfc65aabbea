"""A stack of a given number of layers with a given number of paths, for measuring.

    40,000 paths of mean depth 6, a tenth of them directories, spread evenly over the layers
    each layer   its share of the files, with all their parent directories, in the order of a tar
                 rewrites a few files of the layers below
                 leaves a package list behind, and deletes that of the layer below by a whiteout
    base         /bin is a symlink to usr/bin
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from ..content.data import EMPTY
from ..fs.changeset import ChangeSet
from ..fs.entry import Entry, Kind, ancestors

_WORDS = ("share", "lib", "doc", "locale", "python3", "perl5", "include", "man", "icons", "modules", "site", "data")
REWRITTEN = 20
"""Files of lower layers that each layer rewrites."""


def spread(paths: int, layers: int, seed: int = 1) -> list[ChangeSet]:
    """Return a stack whose merged view has about `paths` paths, base first."""
    random = Random(seed)
    directories, files = _tree(paths, random)
    shares = [files[number::layers] for number in range(layers)]
    stack, known = [], list[str]()
    for number, share in enumerate(shares, 1):
        written = [*share, *random.sample(known, min(REWRITTEN, len(known))), f"var/lib/apt/lists/list-{number}"]
        found = {path: Entry(Kind.FILE, 0o644, mtime_ns=number * 10**9, data=EMPTY) for path in written}
        parents = {above for path in written for above in ancestors(path)} - {""}
        if number == 1:
            parents.update(directories)
            found["bin"] = Entry(Kind.SYMLINK, 0o777, target="usr/bin")
        found.update((path, Entry(Kind.DIRECTORY, 0o755, mtime_ns=10**9)) for path in parents)
        order = sorted(found, key=lambda path: path.split("/"))
        gone = [f"var/lib/apt/lists/list-{number - 1}"] if number > 1 else []
        stack.append(ChangeSet({path: found[path] for path in order}, gone))
        known.extend(share)
    return stack


def _tree(paths: int, random: Random) -> tuple[list[str], list[str]]:
    directories = ["usr", "usr/bin", "usr/share", "usr/lib", "etc", "var"]
    while len(directories) < paths // 10:
        above = random.choice(directories)
        # Few grow deep: the mean depth of a file comes to 6.
        if above.count("/") < 5:
            directories.append(f"{above}/{random.choice(_WORDS)}-{len(directories)}")
    deep = [path for path in directories if path.count("/") >= 3] or directories
    files = [f"{random.choice(deep)}/{random.choice(_WORDS)}-{number}.dat" for number in range(paths * 9 // 10)]
    files += [f"usr/bin/tool-{number}" for number in range(paths // 100)]
    return directories, files


def fresh(paths: Sequence[str]) -> list[str]:
    """Return equal texts that were never hashed: a cached hash would flatter a dictionary."""
    return ["".join((path[:1], path[1:])) for path in paths]

"""Random stacks of layer directories and random operations, as plain data that JSON can hold.

A layer is {path: facts}; facts are {"t": f|d|l|p|c|b|w, "mode", "uid", "gid", "mtime", "data", "link", "rdev",
"xattr", "ino"}. `w` is a whiteout. Few names and little depth, so that layers collide.

An operation is a list: its name, then arguments. Descriptors are slots, 0 to 2.
"""

from __future__ import annotations

import random
from typing import Any

Layer = dict[str, dict[str, Any]]
Operation = list[Any]

NAMES = "abcd"
EPOCH = 1_000_000_000
"""Times of what lies on disk, and of utime: seconds in 2001. What is changed gets a time after 2015."""

MODES = (0o644, 0o600, 0o755, 0o4755, 0o2755, 0o6711, 0o1755, 0o444, 0o2644)
# No directory is sticky and open to all: there the fs.protected_* sysctls rule, which are no part of overlayfs.
TARGETS = ("a", "b", "../a", "/b", "/a/b", "c/d", "..", ".", "nowhere", "/", "b/../c", "../../d", "./a/")
CAPABILITY = "0100000200200000000000000000000000000000"


def random_stack(rng: random.Random, layers: int) -> list[Layer]:
    """Return layers, base first."""
    clock = [EPOCH]
    return [_random_layer(rng, clock) for _ in range(layers)]


def _random_layer(rng: random.Random, clock: list[int]) -> Layer:
    layer: Layer = {"": _facts(rng, "d", clock)}
    _fill(rng, layer, "", 0, clock, rng.choice((0.3, 0.5, 0.7)))
    files = [path for path, facts in layer.items() if facts["t"] == "f"]
    if files and rng.random() < 0.4:
        directories = [path for path, facts in layer.items() if facts["t"] == "d"]
        target = rng.choice(files)
        for _ in range(rng.randint(1, 2)):
            path = (rng.choice(directories) + "/" + rng.choice(NAMES)).lstrip("/")
            if path not in layer:
                layer[target]["ino"] = layer[target].get("ino") or len(layer)
                layer[path] = layer[target]
    return layer


def _fill(rng: random.Random, layer: Layer, path: str, depth: int, clock: list[int], density: float) -> None:
    for name in NAMES:
        if rng.random() > density:
            continue
        below = f"{path}/{name}" if path else name
        kind = rng.choices("dflwpcb", (45 if depth < 3 else 0, 32, 9, 9, 1, 1, 1))[0]
        layer[below] = _facts(rng, kind, clock)
        if kind == "d":
            _fill(rng, layer, below, depth + 1, clock, density)


def _facts(rng: random.Random, kind: str, clock: list[int]) -> dict[str, Any]:
    clock[0] += 1
    facts: dict[str, Any] = {"t": kind, "mtime": clock[0]}
    if kind == "w":
        return facts
    facts["mode"] = 0o777 if kind == "l" else rng.choice(MODES)
    facts["uid"], facts["gid"] = rng.choice((0, 0, 0, 7)), rng.choice((0, 0, 5))
    xattr: dict[str, str] = {}
    if kind == "d":
        facts["mode"] = rng.choice((0o755, 0o700, 0o711, 0o2775, 0o1755))
        if rng.random() < 0.12:
            xattr["trusted.overlay.opaque"] = rng.choice("yyyyyn").encode().hex()
    if kind == "f":
        facts["data"] = "".join(rng.choices("xyz", k=rng.choice((0, 1, 5, 9))))
        if rng.random() < 0.05:
            xattr["security.capability"] = CAPABILITY
    if kind in "fd" and rng.random() < 0.15:
        xattr["user.k"] = b"v".hex()
    if xattr:
        facts["xattr"] = xattr
    if kind == "l":
        facts["link"] = rng.choice(TARGETS)
    if kind in "cb":
        facts["rdev"] = [1, 3] if kind == "c" else [7, rng.randint(0, 3)]
    return facts


FLAGS = ("RDONLY", "WRONLY", "RDWR", "WRONLY|APPEND", "RDWR|APPEND", "WRONLY|TRUNC", "RDONLY|TRUNC", "RDWR|CREAT",
         "WRONLY|CREAT|TRUNC", "RDONLY|CREAT", "WRONLY|CREAT|EXCL", "RDONLY|DIRECTORY", "RDONLY|NOFOLLOW",
         "WRONLY|CREAT|NOFOLLOW", "WRONLY|APPEND|CREAT", "RDWR|CREAT|EXCL")
WEIGHTS: dict[str, int] = {
    "open": 14, "close": 4, "read": 3, "pread": 3, "write": 4, "pwrite": 3, "seek": 2, "ftruncate": 2, "fstat": 3,
    "mmap": 2, "mapped": 3, "cat": 4, "put": 6, "append": 5, "create": 5, "mkdir": 9, "mknod": 3, "symlink": 5,
    "link": 7, "unlink": 10, "rmdir": 9, "rename": 16, "chmod": 4, "chown": 3, "utime": 4, "truncate": 4,
    "setxattr": 4, "removexattr": 3, "getxattr": 2, "listxattr": 2, "stat": 4, "lstat": 4, "readlink": 2, "readdir": 5,
}


class Operations:
    """A stream of random operations on paths that mostly exist."""

    def __init__(self, rng: random.Random, stack: list[Layer]) -> None:
        self.rng = rng
        self.known = sorted({path for layer in stack for path in layer if path})
        """Paths to choose from: set it anew from time to time to what exists."""
        self.names = list(WEIGHTS)
        self.weights = list(WEIGHTS.values())

    def path(self) -> str:
        """Return a path: one of those known to exist, a new one beside it, or any."""
        rng = self.rng
        roll = rng.random()
        if self.known and roll < 0.6:
            path = rng.choice(self.known)
        elif self.known and roll < 0.85:
            path = f"{rng.choice(self.known)}/{rng.choice(NAMES)}"
        else:
            path = "/".join(rng.choices(NAMES, k=rng.choice((1, 1, 2, 2, 3, 4))))
        roll = rng.random()
        if roll < 0.06:
            path += rng.choice(("/", "/.", "/..", "//", "/../a", "/./b"))
        elif roll < 0.065:
            path += "/" + rng.choice("xy") * rng.choice((255, 256))
        elif roll < 0.07:
            path = rng.choice(("", "/", "..", ".", "//a"))
            return path
        return path if roll > 0.9 else "/" + path

    def __next__(self) -> Operation:
        rng = self.rng
        name = rng.choices(self.names, self.weights)[0]
        path = self.path()
        slot = rng.randrange(3)
        text = "".join(rng.choices("pqr", k=rng.choice((0, 1, 3, 12))))
        match name:
            case "open":
                return [name, slot, path, rng.choice(FLAGS), rng.choice((0o666, 0o600, 0o4755))]
            case "close" | "fstat" | "mmap" | "mapped":
                return [name, slot]
            case "read":
                return [name, slot, rng.randrange(8)]
            case "pread":
                return [name, slot, rng.randrange(8), rng.randrange(12)]
            case "write":
                return [name, slot, text]
            case "pwrite":
                return [name, slot, text, rng.randrange(20)]
            case "seek" | "ftruncate":
                return [name, slot, rng.randrange(15)]
            case "put" | "append":
                return [name, path, text]
            case "create" | "mkdir" | "chmod":
                return [name, path, rng.choice(MODES)]
            case "mknod":
                return [name, path, *rng.choice((["p"], ["c", 0, 0], ["c", 1, 3], ["b", 0, 0]))]
            case "symlink":
                return [name, rng.choice((*TARGETS, "")), path]
            case "link":
                return [name, path, self.path()]
            case "rename":
                return [name, path, self.path(), rng.choice(("", "", "", "", "noreplace", "exchange", "exchange"))]
            case "chown":
                return [name, path, rng.choice((0, 7, -1)), rng.choice((0, 5, -1)), rng.random() < 0.5]
            case "utime":
                return [name, path, EPOCH - rng.randrange(9) if rng.random() < 0.8 else None, rng.random() < 0.5]
            case "truncate":
                return [name, path, rng.choice((-1, 0, 0, 1, 5, 20))]
            case "setxattr":
                return [name, path, *rng.choice((("user.k", b"w".hex()), ("user.m", ""), ("trusted.t", b"t".hex()),
                                                 ("trusted.overlay.opaque", b"y".hex()), ("nonsense", b"n".hex()),
                                                 ("security.capability", CAPABILITY))),
                        rng.choice(("", "", "create", "replace")), rng.random() < 0.7]
            case "removexattr" | "getxattr":
                return [name, path, rng.choice(("user.k", "user.m", "trusted.t", "trusted.overlay.opaque",
                                                "security.capability")), rng.random() < 0.7]
            case "listxattr":
                return [name, path, rng.random() < 0.7]
        return [name, path]

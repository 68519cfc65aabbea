"""Named cases: a stack, operations, and what they are about. The kernel's answers are recorded beside them.

Besides operations a case can hold ["tree"] (compare everything), ["remount"], ["commit"] (the upperdir becomes
the topmost lower layer, under a fresh one), and first of all ["upper", LAYER] (what the upperdir holds already).
"""

from __future__ import annotations

from typing import Any

from .stacks import CAPABILITY, EPOCH, Layer, Operation

_OPAQUE = b"y".hex()


def d(mode: int = 0o755, opaque: str = "", **facts: Any) -> dict[str, Any]:
    """A directory; `opaque` is the value of the mark."""
    if opaque:
        facts["xattr"] = {"trusted.overlay.opaque": opaque.encode().hex()}
    return {"t": "d", "mode": mode, "uid": 0, "gid": 0, "mtime": EPOCH + 1, **facts}


def f(data: str = "low", mode: int = 0o644, **facts: Any) -> dict[str, Any]:
    """A file."""
    return {"t": "f", "mode": mode, "uid": 0, "gid": 0, "mtime": EPOCH + 2, "data": data, **facts}


def w() -> dict[str, Any]:
    """A whiteout."""
    return {"t": "w", "mtime": EPOCH + 3}


def l(link: str) -> dict[str, Any]:  # noqa: E743
    """A symlink."""
    return {"t": "l", "mode": 0o777, "uid": 0, "gid": 0, "mtime": EPOCH + 4, "link": link}


def dev(kind: str, *rdev: int) -> dict[str, Any]:
    """A pipe or a device."""
    facts = {"t": kind, "mode": 0o600, "uid": 0, "gid": 0, "mtime": EPOCH + 5}
    return {**facts, "rdev": list(rdev)} if rdev else facts


def layer(**entries: dict[str, Any]) -> Layer:
    """A layer: ``a__b=f()`` is the path a/b."""
    found: Layer = {"": d()}
    for name, facts in entries.items():
        parts = name.split("__")
        for end in range(1, len(parts)):
            found.setdefault("/".join(parts[:end]), d())
        found["/".join(parts)] = facts
    return found


Case = tuple[str, list[Layer], list[Operation]]
SAME = f("same", ino=9)
TREE: Operation = ["tree"]
STEM: Layer = layer(a=d(0o750, mtime=EPOCH + 11, uid=7), a__b=d(0o710, mtime=EPOCH + 12, gid=5),
                    a__b__c=d(0o701, mtime=EPOCH + 13, xattr={"user.q": "31"}),
                    a__b__c__f=f("deep", 0o4751, mtime=EPOCH + 14, uid=7, gid=5, xattr={"user.k": "76"}))

CASES: list[Case] = [
    ("the topmost layer that has a file supplies it", [layer(f=f("1")), layer(f=f("2")), layer(f=f("3"))],
     [["cat", "f"], ["stat", "f"], TREE]),
    ("a whiteout in a middle layer hides a file and a directory",
     [layer(f=f(), g__x=f()), layer(f=w(), g=w()), layer(k=f())],
     [["lstat", "f"], ["lstat", "g/x"], ["readdir", "/"], TREE]),
    ("a file that is there again above a whiteout is seen, and removing it makes a whiteout",
     [layer(f=f("old")), layer(f=w()), layer(f=f("new"))], [["cat", "f"], ["unlink", "f"], ["cat", "f"], TREE]),
    ("a whiteout, a file, or an opaque mark stops the merge of a directory",
     [layer(d__b=f(), e__b=f(), g__b=f()), layer(d=w(), e=f(), g=d(opaque="y"), g__m=f()),
      layer(d__t=f(), e__t=f(), g__t=f())],
     [["readdir", "d"], ["readdir", "e"], ["readdir", "g"], TREE]),
    ("only the value y makes a directory opaque",
     [layer(a__x=f(), b__x=f(), c__x=f()), layer(a=d(opaque="y"), b=d(opaque="n"), c=d(opaque="Y"))],
     [["readdir", "a"], ["readdir", "b"], ["readdir", "c"], TREE]),
    ("an opaque mark on a layer's root means nothing",
     [layer(x=f()), {"": d(opaque="y"), "t": f()}], [["readdir", "/"], TREE]),
    ("names with .wh. are ordinary in a layer directory",
     [layer(f=f()), {"": d(), ".wh.f": f(""), ".wh..wh..opq": f("")}], [["readdir", "/"], ["cat", "f"], TREE]),
    ("a file over a directory and a directory over a file do not merge",
     [layer(a__x=f(), b=f()), layer(a=f("file"), b__y=f())],
     [["stat", "a/x"], ["readdir", "b"], ["unlink", "a"], ["unlink", "b/y"], ["rmdir", "b"], TREE]),
    ("a symlink over a directory and a directory over a symlink do not merge",
     [layer(real__r=f(), d__x=f(), s=l("real")), layer(d=l("real"), s__u=f())],
     [["readdir", "d"], ["lstat", "d"], ["readdir", "s"], ["lstat", "d/x"], TREE]),
    ("a symlink leads through the merged view", [layer(t__low=f()), layer(t__up=f(), l=l("t"), gone=l("nowhere"))],
     [["readdir", "l"], ["stat", "gone"], ["lstat", "gone"], ["readlink", "gone"], ["readlink", "t"]]),
    ("attributes of a merged directory come from the topmost layer, and it has one link",
     [layer(d=d(0o700, mtime=EPOCH + 50), d__s=d()), layer(d=d(0o711, mtime=EPOCH + 60), d__t=d())],
     [["stat", "d"], ["stat", "d/s"], ["stat", "/"], TREE]),
    ("a whiteout in a directory that is not merged is listed and not found",
     [layer(only__w=w(), only__q=f())], [["readdir", "only"], ["lstat", "only/w"], ["unlink", "only/q"],
      ["readdir", "only"],
                                        ["rmdir", "only"], TREE]),
    ("names of the lowest layer come first, then those of the others from the top",
     [layer(b1=f(), b2=f(), both=f()), layer(m=f(), both=f()), layer(t1=f(), t2=f(), both=f())],
     [["put", "u", "x"], ["unlink", "b2"], ["readdir", "/"]]),
    ("reading copies nothing up", [STEM],
     [["cat", "a/b/c/f"], ["stat", "a/b/c/f"], ["open", 0, "a/b/c/f", "RDONLY", 0], ["read", 0, 9], ["close", 0],
      ["listxattr", "a/b/c/f", True], ["open", 0, "a/b/c/f", "RDWR|CREAT|EXCL", 0],
       ["removexattr", "a/b/c/f", "user.no", True], TREE]),
    ("opening for writing copies up, without a write", [STEM],
     [["open", 0, "a/b/c/f", "WRONLY", 0], ["fstat", 0], TREE, ["close", 0], ["stat", "a/b/c/f"], ["remount"], TREE]),
    ("O_APPEND and O_RDWR copy up, O_CREAT for reading does not", [layer(a=f(), b=f(), c=f())],
     [["open", 0, "a", "WRONLY|APPEND", 0], ["open", 1, "b", "RDWR", 0], ["open", 2, "c", "RDONLY|CREAT", 0], TREE]),
    ("O_TRUNC empties, even when it opens for reading", [layer(a=f("data"), b=f("data"))],
     [["open", 0, "a", "WRONLY|TRUNC", 0], ["open", 1, "b", "RDONLY|TRUNC", 0], TREE]),
    ("chmod to the same mode copies up, and keeps data, owner, times, attributes and capabilities",
     [{**STEM, "cap": f("x", 0o755, xattr={"security.capability": CAPABILITY})}],
     [["chmod", "a/b/c/f", 0o4751], ["chmod", "cap", 0o755], ["stat", "a/b/c/f"], TREE, ["remount"], TREE]),
    ("utime and setxattr copy up", [STEM],
     [["utime", "a/b/c/f", EPOCH, True], ["setxattr", "a/b/c", "user.n", "6e", "", True], TREE]),
    ("chown copies up, and takes setuid and capabilities away",
     [layer(s=f("x", 0o6755, xattr={"security.capability": CAPABILITY}), g=f("x", 0o2644), d=d(0o2755))],
     [["chown", "s", 3, 4, True], ["chown", "g", 3, -1, True], ["chown", "d", 3, 4, True], TREE]),
    ("a write takes capabilities away and leaves setuid",
     [layer(s=f("x", 0o4755, xattr={"security.capability": CAPABILITY}),
      t=f("x", 0o755, xattr={"security.capability": CAPABILITY}))],
     [["append", "s", "y"], ["truncate", "t", 1], TREE]),
    ("truncate keeps what it does not cut, and gives a new time", [layer(a=f("12345"), b=f("12345"), c=f(""))],
     [["truncate", "a", 2], ["truncate", "b", 8], ["truncate", "c", 0], ["cat", "b"], TREE]),
    ("parents are copied up with the lower's mode, owner and time", [STEM],
     [["append", "a/b/c/f", "+"], ["stat", "a"], ["stat", "a/b"], ["stat", "a/b/c"], TREE, ["remount"], TREE]),
    ("making something changes the time of its directory, and of no other", [STEM],
     [["mkdir", "a/b/new", 0o755], ["stat", "a"], ["stat", "a/b"], TREE]),
    ("copying a directory up copies nothing in it", [STEM],
     [["chmod", "a", 0o700], ["readdir", "a"], ["cat", "a/b/c/f"], TREE]),
    ("a write through a symlink copies its target up, lchown the link", [layer(t=f("T"), l=l("t"), m=l("t"))],
     [["append", "l", "+"], ["chown", "l", 3, 3, False], ["rename", "m", "n", ""], TREE]),
    ("names of one lower file part when one is written", [layer(a=SAME, b=SAME, c=f())],
     [["stat", "a"], ["append", "a", "+"], ["append", "c", "+"], ["cat", "b"], ["stat", "a"], ["stat", "b"], TREE,
      ["remount"], TREE]),
    ("moving one name of a lower file onto another", [layer(a=SAME, b=SAME)],
     [["rename", "a", "b", ""], ["lstat", "a"], ["stat", "b"], TREE]),
    ("link copies up once, and both names are one file", [layer(x=f("x"))],
     [["link", "x", "y"], ["append", "y", "+"], ["cat", "x"], ["stat", "x"], ["stat", "y"], ["rename", "x", "y", ""],
      TREE,
      ["unlink", "x"], ["stat", "y"], TREE]),
    ("link copies up a file deep in a lower layer", [STEM],
     [["link", "a/b/c/f", "a/g"], ["utime", "a", EPOCH + 1, True], ["stat", "a/b/c"], TREE]),
    ("a descriptor opened before a copy-up reads the new data, a mapping shows the old", [layer(x=f("old-data"))],
     [["open", 0, "x", "RDONLY", 0], ["mmap", 0], ["put", "x", "NEW-DATA"], ["pread", 0, 7, 0], ["mapped", 0],
      ["fstat", 0],
      ["stat", "x"], ["mmap", 0], ["mapped", 0], ["cat", "x"]]),
    ("a descriptor of a removed file goes on", [layer(x=f("low"), y=f("low"))],
     [["open", 0, "x", "RDONLY", 0], ["unlink", "x"], ["pread", 0, 7, 0], ["put", "x", "other"], ["pread", 0, 7, 0],
      ["open", 1, "y", "RDWR", 0], ["unlink", "y"], ["write", 1, "up"], ["pread", 1, 7, 0], ["fstat", 1], TREE]),
    ("a descriptor of one name of a shared lower file follows that name alone", [layer(a=SAME, b=SAME)],
     [["open", 0, "a", "RDONLY", 0], ["open", 1, "b", "RDONLY", 0], ["append", "a", "+"], ["pread", 0, 7, 0],
      ["pread", 1, 7, 0]]),
    ("descriptors keep positions, and O_APPEND writes at the end", [layer(x=f("12345"))],
     [["open", 0, "x", "RDWR|APPEND", 0], ["read", 0, 2], ["write", 0, "ab"], ["read", 0, 5], ["seek", 0, 1],
      ["read", 0, 2],
      ["pwrite", 0, "zz", 0], ["ftruncate", 0, 3], ["cat", "x"], ["open", 1, "x", "WRONLY", 0], ["read", 1, 1],
       ["pwrite", 1, "Q", 9],
      ["cat", "x"], ["open", 2, "x", "RDONLY", 0], ["write", 2, "no"], ["ftruncate", 2, 0]]),
    ("what was removed from a lower layer leaves a whiteout, what was not does not",
     [layer(low=f(), both=f(), d__x=f())],
     [["put", "up", "1"], ["put", "both", "2"], ["unlink", "low"], ["unlink", "up"], ["unlink", "both"],
      ["put", "d/n", ""],
      ["unlink", "d/n"], ["unlink", "low"], TREE]),
    ("a new file takes the place of a whiteout, and leaves one again", [layer(x=f())],
     [["unlink", "x"], TREE, ["put", "x", "new"], TREE, ["unlink", "x"], TREE]),
    ("a removed directory is one whiteout; made again it is opaque", [layer(d__x=f(), d__s__y=f())],
     [["rmdir", "d"], ["unlink", "d/x"], ["unlink", "d/s/y"], ["rmdir", "d/s"], ["rmdir", "d"], TREE,
      ["mkdir", "d", 0o755],
      ["readdir", "d"], ["stat", "d"], TREE, ["put", "d/n", ""], ["unlink", "d/n"], ["rmdir", "d"], TREE]),
    ("a merged directory with whiteouts alone can be removed", [layer(d__x=f(), d__y=f(), k=f())],
     [["unlink", "d/x"], ["unlink", "d/y"], ["readdir", "d"], TREE, ["rmdir", "d"], TREE]),
    ("a directory of a new name is not opaque, nor one over a whiteout of a middle layer",
     [layer(m__k=f(), d__x=f()), layer(d=w())],
     [["mkdir", "new", 0o755], ["mkdir", "m/new", 0o755], ["mkdir", "d", 0o755], ["readdir", "d"], TREE, ["remount"],
      TREE]),
    ("a directory over a lower file is opaque too", [layer(x=f(), d__x=f())],
     [["unlink", "x"], ["mkdir", "x", 0o755], ["unlink", "d/x"], ["rmdir", "d"], ["put", "d", "now a file"], TREE]),
    ("a directory below a setgid directory takes its group", [layer(d=d(0o2755, gid=5))],
     [["mkdir", "d/s", 0o700], ["put", "d/f", ""], ["symlink", "x", "d/l"], ["mknod", "d/p", "p"], TREE]),
    ("the mode of mkdir keeps no setuid, that of a file does", [layer(k=f())],
     [["mkdir", "a", 0o6777], ["mkdir", "b", 0o1777], ["create", "c", 0o6777],
      ["open", 0, "e", "WRONLY|CREAT", 0o4777], TREE]),
    ("a whiteout cannot be made through the mount", [layer(k=f())],
     [["mknod", "w", "c", 0, 0], ["mknod", "n", "c", 1, 3], ["mknod", "b", "b", 0, 0], TREE]),
    ("a moved lower file is copied up and leaves a whiteout", [STEM],
     [["rename", "a/b/c/f", "g", ""], TREE, ["rename", "g", "a/b/c/f", ""], TREE, ["unlink", "a/b/c/f"], TREE]),
    ("a lower or merged directory does not move", [layer(low__x=f(), mer__x=f(), emp=d()), layer(mer__y=f())],
     [["rename", "low", "l2", ""], ["rename", "emp", "e2", ""], ["mkdir", "mer/new", 0o755],
      ["rename", "mer", "m2", ""],
      ["rename", "low", "mer", ""], ["rename", "low/x", "mer/x", ""], TREE]),
    ("a directory of the upper moves, and is opaque below a merged one", [layer(m__x=f(), k=f())],
     [["mkdir", "n", 0o755], ["put", "n/q", "q"], ["rename", "n", "m/n", ""], ["mkdir", "p", 0o755],
      ["mkdir", "p/s", 0o755],
      ["rename", "p/s", "p/t", ""], ["rename", "m/n", "p/n", ""], ["stat", "p"], ["stat", "/"], TREE, ["remount"],
       TREE]),
    ("an opaque directory over a lower one moves and leaves a whiteout", [layer(op__x=f())],
     [["unlink", "op/x"], ["rmdir", "op"], ["mkdir", "op", 0o755], ["put", "op/w", "4"], ["rename", "op", "op2", ""],
      TREE,
      ["readdir", "op2"]]),
    ("moving onto a whiteout", [layer(x=f(), d__x=f(), src=f("s"))],
     [["unlink", "x"], ["unlink", "d/x"], ["rmdir", "d"], ["mkdir", "nd", 0o755], ["put", "nd/q", "q"],
      ["rename", "src", "x", ""],
      ["rename", "nd", "d", ""], TREE, ["readdir", "d"], ["remount"], ["readdir", "d"]]),
    ("moving onto what is there", [layer(x=f("1"), g=f("2"), d__x=f(), emp=d(), wd__x=f())],
     [["mkdir", "u", 0o755], ["put", "u/k", ""], ["mkdir", "u2", 0o755], ["mkdir", "u3", 0o755],
      ["rename", "x", "g", ""],
      ["rename", "g", "d", ""], ["rename", "u", "g", ""], ["rename", "u", "d", ""], ["rename", "u", "emp", ""],
       ["unlink", "wd/x"],
      ["rename", "u2", "wd", ""], ["rename", "u3", "u3/k", ""], ["rename", "g", "g", ""], ["rename", "zz", "y", ""],
       TREE]),
    ("moving with flags", [layer(a=f("A"), b=f("B"), ld__x=f())],
     [["mkdir", "ud", 0o755], ["rename", "a", "b", "noreplace"], ["rename", "a", "b", "exchange"], ["cat", "a"],
      ["cat", "b"],
      ["rename", "ld", "ud", "exchange"], ["rename", "ud", "ld", "exchange"], ["rename", "a", "no", "exchange"],
      ["mkdir", "ld/s", 0o755], ["rename", "ld/s", "b", "exchange"], ["stat", "/"], ["stat", "ld"], TREE, ["remount"],
       TREE]),
    ("a directory that became a layer does not move any more", [layer(k=f())],
     [["mkdir", "n", 0o755], ["put", "n/f", "1"], ["rename", "n", "n2", ""], ["commit"], ["rename", "n2", "n3", ""],
      ["unlink", "n2/f"],
      TREE]),
    ("whiteouts and opaque marks of an upper work as a layer", [layer(x=f(), d__x=f(), d__s__y=f())],
     [["unlink", "x"], ["unlink", "d/x"], ["unlink", "d/s/y"], ["rmdir", "d/s"], ["rmdir", "d"],
      ["mkdir", "d", 0o755],
      ["put", "d/n", "n"], ["commit"], TREE, ["put", "d/o", "o"], ["readdir", "d"], ["mkdir", "x", 0o755], ["commit"],
       TREE]),
    ("a failed move leaves its mark", [layer(k=f())],
     [["mkdir", "a", 0o755], ["put", "a/x", ""], ["mkdir", "b", 0o755], ["put", "b/y", ""], ["rename", "a", "b", ""],
      TREE]),
    ("which error comes first", [layer(x=f("1"), d__x=f(), d__s=d(), e=d())],
     [["link", "d", "x"], ["link", "zz", "x/y"], ["rename", "zz", "x/y", ""], ["rename", "x/y", "zz/y", ""],
      ["rename", "e", "d", ""],
      ["rename", "d/s", "d", ""], ["rename", "d", "d/s", ""], ["rename", "d", "d/s/t", ""], ["rename", "e", "x", ""],
      ["mkdir", "x", 0o755], ["mkdir", "x/y", 0o755], ["rmdir", "x"], ["unlink", "d"], ["link", "x", "x"],
       ["link", "d", "n"],
      ["open", 0, "d", "WRONLY", 0], ["open", 0, "d", "RDONLY|CREAT", 0], ["truncate", "d", 0], ["truncate", "x", -1],
      ["rename", "d", "zz/y", ""], ["rename", "d/s", "d", "exchange"], TREE]),
    ("dots, slashes and the root", [layer(x=f(), d__s=d(), l=l("d"))],
     [["rmdir", "d/s/."], ["rmdir", "d/s/.."], ["rmdir", "/"], ["unlink", "/"], ["unlink", "x/"], ["unlink", "d/"],
      ["mkdir", "/", 0o755],
      ["mkdir", "n/", 0o755], ["create", "m/", 0o644], ["symlink", "x", "s/"], ["rename", "x", "y/", ""],
       ["rename", "d/.", "e", ""],
      ["rename", "x", "..", ""], ["rename", "x", "d/..", "noreplace"], ["stat", "x/"], ["stat", "d/../../x"],
       ["lstat", "l/"], ["lstat", "l"],
      ["stat", "x/.."], ["stat", "/../x"], ["open", 0, "x/", "RDWR|CREAT", 0],
       ["open", 0, "d/.", "WRONLY|CREAT|EXCL", 0], ["unlink", "l/"],
      ["stat", ""], ["link", "x", "d/."], ["rmdir", "n/"], TREE]),
    ("names and paths that are too long", [layer(k=f())],
     [["create", "x" * 255, 0o644], ["create", "x" * 256, 0o644], ["stat", "ü" * 128], ["unlink", "x" * 255],
      ["stat", "no/" + "x" * 256],
      ["stat", "k/" + "x" * 256], ["stat", "./" * 2047 + "k"], ["stat", "./" * 2048 + "k"],
       ["symlink", "y" * 4095, "a"],
      ["symlink", "y" * 4096, "b"], ["readdir", "/"]]),
    ("symlinks lead on, in circles, and too far",
     [layer(k=f("k"), loop=l("loop"), p=l("q"), q=l("p"), new=l("made"), dl=l("d"), d__up=l("../k"), abs=l("/d/up"),
      s0=l("k"),
            **{f"s{n}": l(f"s{n - 1}") for n in range(1, 41)})],
     [["stat", "loop"], ["stat", "p/x"], ["cat", "s39"], ["cat", "s40"], ["cat", "abs"], ["cat", "dl/up"],
      ["put", "new", "made"],
      ["open", 0, "p", "WRONLY|CREAT", 0], ["open", 0, "s0", "RDONLY|NOFOLLOW", 0],
       ["open", 0, "dl", "RDONLY|DIRECTORY", 0],
      ["open", 1, "s0", "WRONLY|CREAT|EXCL", 0], ["open", 1, "s0", "WRONLY|CREAT|NOFOLLOW", 0],
       ["open", 1, "k", "RDONLY|DIRECTORY", 0],
      ["unlink", "s1"], ["mkdir", "s0", 0o755], TREE]),
    ("extended attributes: marks are hidden, names are checked, flags refuse after the copy-up",
     [layer(d=d(opaque="y"), x=f(), y=f(), l=l("x"), p=dev("p"))],
     [["listxattr", "d", True], ["getxattr", "d", "trusted.overlay.opaque", True],
      ["setxattr", "d", "trusted.overlay.opaque", _OPAQUE, "", True], ["listxattr", "d", True],
       ["setxattr", "x", "user.k", "76", "replace", True],
      ["setxattr", "x", "user.k", "76", "create", True], ["setxattr", "x", "user.k", "77", "create", True],
       ["getxattr", "x", "user.k", True],
      ["getxattr", "x", "user.no", True], ["setxattr", "l", "user.k", "76", "", False],
       ["setxattr", "l", "trusted.t", "76", "", False],
      ["setxattr", "p", "user.k", "76", "", True], ["setxattr", "y", "odd", "76", "", True],
       ["removexattr", "x", "user.k", True],
      ["removexattr", "x", "user.k", True], ["setxattr", "x", "security.capability", "00", "", True],
       ["getxattr", "l", "user.k", False], TREE]),
    ("pipes and devices of a lower layer are ordinary entries",
     [layer(p=dev("p"), n=dev("c", 1, 3), b=dev("b", 0, 0), w=dev("c", 0, 0))],
     [["readdir", "/"], ["lstat", "w"], ["chmod", "p", 0o644], ["rename", "n", "m", ""], ["link", "b", "b2"],
      ["readlink", "p"],
      ["truncate", "p", 0], TREE]),
    ("an upperdir that holds something already", [layer(d__x=f(), e__x=f(), both=f(), g=f())],
     [["upper", layer(d__y=f("up"), e=d(opaque="y"), e__x=w(), e__y=f("up"), both=f("up"), g=w(), pure__w=w(),
      pure__q=f("up"),
                      none=w())],
      ["stat", "d"], ["chmod", "d", 0o700], ["stat", "d"], ["readdir", "d"], ["readdir", "e"], ["lstat", "e/x"],
       ["readdir", "pure"],
      ["lstat", "pure/w"], ["stat", "both"], ["unlink", "e/y"], ["rmdir", "e"], ["unlink", "pure/q"],
       ["rmdir", "pure"],
      ["mkdir", "none", 0o755], ["rename", "pure", "g", ""], ["unlink", "both"], TREE]),
    ("link counts of directories", [layer(d__a=d(), d__b=d(), one=d())],
     [["stat", "d"], ["stat", "one"], ["mkdir", "n", 0o755], ["mkdir", "n/a", 0o755], ["mkdir", "n/b", 0o755],
      ["stat", "n"],
      ["rename", "n/a", "one/a", ""], ["stat", "n"], ["stat", "one"], ["rmdir", "n/b"], ["stat", "n"],
       ["open", 0, "n", "RDONLY", 0], ["fstat", 0],
      ["open", 1, "d", "RDONLY", 0], ["fstat", 1], ["chmod", "d", 0o700], ["fstat", 1], ["read", 1, 1], TREE]),
]

OPTION_CASES: dict[str, list[Case]] = {
    "redirect_dir=on": [
        ("with redirect_dir a lower directory moves, and a fresh one is opaque",
         [layer(low__x=f(), mer__x=f(), deep__d__x=f())],
         [["put", "mer/y", ""], ["rename", "low", "low2", ""], ["rename", "mer", "deep/mer", ""],
          ["rename", "deep/d", "d", ""],
          ["readdir", "low2"], ["readdir", "deep/mer"], ["mkdir", "new", 0o755], ["rename", "low2", "low3", ""], TREE,
           ["remount"], TREE,
          ["rename", "deep", "deeper", ""], ["commit"], TREE, ["readdir", "deeper/mer"],
           ["rename", "deeper/mer", "m", ""], TREE]),
    ],
    "metacopy=on": [
        ("with metacopy chmod copies no data, a write does", [layer(big=f("123456789"), c=f("c"))],
         [["chmod", "big", 0o600], TREE, ["cat", "big"], ["rename", "big", "moved", ""], ["cat", "moved"],
          ["append", "moved", "+"], TREE,
          ["chmod", "c", 0o600], ["open", 0, "c", "WRONLY|TRUNC", 0], TREE]),
    ],
    "index=on": [
        ("with index the names of a lower file stay together", [layer(a=SAME, b=SAME, c=SAME)],
         [["append", "a", "+"], ["cat", "b"], ["stat", "a"], ["stat", "b"], TREE, ["remount"], TREE,
          ["append", "b", "-"], ["cat", "a"], TREE,
          ["unlink", "c"], ["stat", "a"], ["rename", "a", "b", ""], ["link", "a", "d"], ["stat", "d"], TREE]),
    ],
    "userxattr": [
        ("with userxattr the marks are user attributes", [layer(d__x=f(), e__x=f()),
         layer(d=d(xattr={"user.overlay.opaque": _OPAQUE}), e=d(opaque="y"))],
         [["readdir", "d"], ["readdir", "e"], ["unlink", "e/x"], ["rmdir", "e"], ["mkdir", "e", 0o755],
          ["listxattr", "e", True], TREE]),
    ],
}

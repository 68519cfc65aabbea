"""The merged view of the definition and the index against the kernel: random stacks as mounted directories.

Each stack is put on disk in the kernel's form, mounted read-only, and looked at by a child whose root is the mount:
the whole tree, link counts, the order of each listing by layer, and what lstat and stat say of odd paths.
"""

from __future__ import annotations

import errno
import os
import pickle
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sim.bench import kernel
from sim.errors import errno_name
from sim.fs.changeset import ChangeSet
from sim.fs.entry import Entry, Kind
from sim.fs.sketch import file, opaque, sketch, symlink, whiteout
from sim.union.index import Index
from sim.union.lookup import join, parts, resolve
from tests.strategies import asked_paths, stacks

STACKS = int(os.environ.get("LAYERLAB_STACKS", "300"))
"""Random stacks to try. Always the same 300; others with LAYERLAB_STACKS=N and --hypothesis-seed=SEED."""

_LETTERS = {stat.S_IFREG: "f", stat.S_IFDIR: "d", stat.S_IFLNK: "l", stat.S_IFIFO: "p", stat.S_IFCHR: "c",
            stat.S_IFBLK: "b"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, need: Any) -> Iterator[Path]:
    reason = kernel.why_not()
    need(reason is None, f"a kernel mount {reason}")
    with kernel.scratch(tmp_path_factory.mktemp("stack")) as where:
        yield where


def in_child(root: Path, body: Any) -> Any:
    """Return what `body()` returns in a child process whose root directory is `root`."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reader)
            os.chroot(root)
            os.chdir("/")
            with os.fdopen(writer, "wb") as answer:
                pickle.dump(body(), answer)
            os._exit(0)
        finally:
            os._exit(1)
    os.close(writer)
    with os.fdopen(reader, "rb") as answer:
        raw = answer.read()
    assert os.waitpid(child, 0)[1] == 0
    return pickle.loads(raw)


def kernel_facts(path: str) -> dict[str, Any]:
    found = os.lstat("/" + path)
    kind = _LETTERS[stat.S_IFMT(found.st_mode)]
    facts = {
        "kind": kind, "mode": stat.S_IMODE(found.st_mode), "owner": (found.st_uid, found.st_gid),
        "mtime": found.st_mtime_ns,
    }
    if kind == "f":
        with open("/" + path, "rb") as file:
            facts["data"] = file.read()
    if kind == "l":
        facts["target"] = os.readlink("/" + path)
    if kind in "cb":
        facts["rdev"] = (os.major(found.st_rdev), os.minor(found.st_rdev))
    if kind != "d":
        facts["nlink"] = found.st_nlink
    return facts


def model_facts(entry: Entry, layer: ChangeSet) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "kind": str(entry.kind), "mode": entry.mode, "owner": (entry.uid, entry.gid), "mtime": entry.mtime_ns,
    }
    if entry.data is not None:
        facts["data"] = entry.data.read()
    if entry.target is not None:
        facts["target"] = entry.target
    if entry.kind in (Kind.CHAR, Kind.BLOCK):
        facts["rdev"] = entry.rdev or (0, 0)
    if not entry.is_dir:
        facts["nlink"] = layer.nlink(entry)
    return facts


def look(asked: Sequence[str]) -> tuple[dict[str, Any], dict[str, list[str]], list[tuple[str, str]]]:
    tree, listings, pending = {}, {}, [""]
    while pending:
        directory = pending.pop()
        listings[directory] = os.listdir("/" + directory)
        for name in listings[directory]:
            path = join(directory, name)
            tree[path] = kernel_facts(path)
            if tree[path]["kind"] == "d":
                pending.append(path)
    return tree, listings, [(said(os.lstat, path), said(os.stat, path)) for path in asked]


def said(call: Any, path: str) -> str:
    try:
        call(path or ".")
    except OSError as error:
        return errno.errorcode[error.errno or 0]
    return ""


def places(stack: Sequence[ChangeSet], directory: str, listed: Sequence[str]) -> list[int]:
    """Number each listed name by the layer's part that it comes with: the lowest, then the others from the top."""
    top_down = list(parts(stack, directory))
    in_turn = [layer.children.get(directory, ()) for layer in top_down[-1:] + top_down[:-1]]
    return [next(place for place, names in enumerate(in_turn) if name in names) for name in listed]


def check(stack: list[ChangeSet], asked: Sequence[str], where: Path) -> None:
    kernel.clear(where)
    kernel.materialise(stack, where)
    index = Index.of(stack)
    with kernel.mounted(where) as merged:
        tree, listings, errnos = in_child(merged, lambda: look(asked))
    assert tree == {path: model_facts(entry, stack[layer - 1]) for path, layer, entry in index.walk()}
    for directory, listed in listings.items():
        assert sorted(listed) == sorted(index.readdir(directory))
        # On disk every layer has a root, whether it speaks of it or not, and none that is opaque.
        rooted = all(layer.get("") is not None and "" not in layer.opaques for layer in stack)
        # Inside one part the order is the file system's own.
        in_turn = places(stack, directory, listed)
        assert in_turn == sorted(in_turn) or not (directory or rooted), directory
    for path, pair in zip(asked, errnos, strict=True):
        for follow_last, code in zip((False, True), pair, strict=True):
            expected = resolve(stack, path, follow_last).errno
            assert (errno_name(expected) if expected else "") == code, path


@settings(
    max_examples=STACKS, derandomize="LAYERLAB_STACKS" not in os.environ,
    phases=(Phase.explicit, Phase.generate), database=None, suppress_health_check=list(HealthCheck),
)
@given(stacks(6), st.lists(asked_paths(), min_size=20, max_size=30))
def test_random_stacks_look_alike(folder: Path, stack: list[ChangeSet], asked: list[str]) -> None:
    check(stack, asked, folder)


CHAIN = [symlink(f"/l{number}", f"l{number + 1}") for number in range(45)]


@pytest.mark.parametrize(
    ("claim", "layers", "asked"),
    [
        ("40 symlinks are followed, 41 are a loop", [[*CHAIN, file("/l45/f")]], [f"/l{n}/f" for n in (3, 4, 5, 6, 45)]),
        ("symlinks to themselves and to each other", [[symlink("/a", "a"), symlink("/b", "/c/x"), symlink("/c", "b")]],
         ["/a", "/a/", "/a/x", "/b", "/b/", "/c/y"]),
        ("names of 255 and 256 bytes, of one-byte and two-byte characters", [[file("/d/f")]],
         [at + name * count for at in ("", "d/", "d/f/", "no/")
          for name, count in (("n", 255), ("n", 256), ("\u00fc", 127), ("\u00fc", 128))]),
        ("paths of 4,095 and 4,096 bytes", [[file("/d/f")]],
         ["/" * 4095, "/" * 4096, "d/" * 2047, "/d/.." * 819, "/d/.." * 819 + "/", "/" * 4094 + "d",
          "/" * 4094 + "no"]),
        ("a file used as a directory", [[file("/d/f"), symlink("/s", "d/f"), symlink("/t", "d/f/")]],
         ["d/f/", "d/f/.", "d/f/..", "d/f/x", "s/", "s/x", "t", "t/", "t/x", "no/..", "no/.", "d/no/../f"]),
        ("links that climb above the root", [[symlink("/d/up", "../../../e"), file("/e/f"), symlink("/r", "/../..")]],
         ["d/up/f", "d/up/../e/f", "r/e", "../e", "/..", "d/up/no"]),
        ("links into what a layer above hides or replaces",
         [[file("/d/f"), symlink("/s", "d")], [whiteout("/d/f"), file("/d/g")], [opaque("/d"), file("/d/h")]],
         ["s/f", "s/g", "s/h", "s", "s/"]),
    ],
)
def test_named_cases(folder: Path, claim: str, layers: list[list[Any]], asked: list[str]) -> None:
    check([sketch(*marks) for marks in layers], asked, folder)

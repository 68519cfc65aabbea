"""Layer tars that we write, unpacked by umoci and by dockerd: what a tree must look like afterwards."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import replace
from functools import reduce
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from sim.fs.changeset import ChangeSet
from sim.fs.entry import IMPLIED, Entry, Kind, Xattrs, parent
from sim.fs.sketch import char_device, directory, fifo, file, hardlink, opaque, sketch, symlink, whiteout
from sim.fs.tar import read_layer
from sim.fs.tree import EMPTY_TREE, Tree, apply
from sim.image.build import append, named, scratch
from sim.image.convert import write_archive
from tests.strategies import stacks

Tool = Callable[..., object]

LONG = "long/" + "n" * 120 + "/" + "m" * 240
BASE = sketch(
    directory("", mtime=9), directory("etc", mode=0o750, gid=7, mtime=3), file("etc/motd", b"hello", mtime=5),
    hardlink("etc/issue", "etc/motd"), symlink("link", "etc/none"), fifo("p", mode=0o622),
    char_device("dev/null", 1, 3, mode=0o666), file("s", b"#!", mode=0o4755),
    file(LONG, b"long", uid=3_000_000, xattrs=(("user.a", b"\0\xff\n="),)), file("n\udcff\udcfe", b"not UTF-8"),
    file("d/" + "\udcff" * 130, b"nor this"), directory("d/e"), file("d/e/f", b"x"), file("t", b"\0" * 70_000),
)
TOP = sketch(
    whiteout("etc/motd"), opaque("d"), file("d/new", b"1"), whiteout("long"),
    file("link/x", b"written through"), directory("etc/none", mode=0o711, mtime=8),
)


def flat(stack: list[ChangeSet]) -> Tree:
    return reduce(apply, stack, EMPTY_TREE)


def unpack(tool: Tool, stack: list[ChangeSet], home: Path) -> Path:
    """Write the stack as an OCI folder and have umoci unpack it."""
    image = named(reduce(lambda image, changes: append(image, changes), stack, scratch()), "stack:1")
    write_archive(image, home / "folder", "oci-dir")
    tool("umoci", "unpack", "--image", f"{home / 'folder'}:1", home / "bundle")
    return home / "bundle" / "rootfs"


def undisputed(stack: list[ChangeSet]) -> list[ChangeSet]:
    """Leave out what engines differ on, and attributes that Linux refuses.

    They differ on parents that a layer does not describe, and on whiteouts below what is no directory.
    """
    kept: list[ChangeSet] = []
    for changes in stack:
        below = flat(kept)
        entries = {**dict.fromkeys(changes.implied, IMPLIED), **changes.entries}
        entries = {path: replace(entry, xattrs=allowed(entry)) for path, entry in entries.items()}
        whiteouts = {path for path in changes.whiteouts if is_directory(below, parent(path))}
        kept.append(ChangeSet(entries, whiteouts, changes.opaques))
    return kept


def allowed(entry: Entry) -> Xattrs:
    """Leave out attributes that Linux refuses (user.* where there are no contents, a capability that is none).

    Empty ones too: in PAX an empty value takes a record back, and umoci reads it so.
    """
    named = entry.kind in (Kind.FILE, Kind.DIRECTORY)
    return tuple(one for one in entry.xattrs if named and one[1] and one[0].startswith("user."))


def is_directory(tree: Tree, path: str) -> bool:
    return path in tree.entries and tree.entries[path].is_dir


def on_disk(root: Path) -> dict[str, tuple[object, ...]]:
    found = {}
    for directory_, _, files in os.walk(os.fsencode(root)):
        for path in (directory_, *(os.path.join(directory_, name) for name in files)):
            found[os.fsdecode(os.path.relpath(path, os.fsencode(root))).removeprefix(".")] = seen(path)
    for path in [os.path.join(here, name) for here, names, _ in os.walk(os.fsencode(root)) for name in names]:
        if os.path.islink(path):
            found[os.fsdecode(os.path.relpath(path, os.fsencode(root)))] = seen(path)
    return found


def seen(path: bytes) -> tuple[object, ...]:
    real = os.lstat(path)
    link = os.path.islink(path)
    regular = not link and os.path.isfile(path)
    attributes = {} if link else {name: os.getxattr(path, name) for name in os.listxattr(path)}
    return (
        real.st_mode & 0o7777, real.st_uid, real.st_gid, os.fsdecode(os.readlink(path)) if link else None,
        open(path, "rb").read() if regular else None, real.st_nlink if regular else 1,
        (os.major(real.st_rdev), os.minor(real.st_rdev)) if real.st_rdev else None, attributes,
    )


def expected(tree: Tree) -> dict[str, tuple[object, ...]]:
    names = {number: len(paths) for number, paths in tree.links().items()}
    return {path: described(entry, names.get(entry.inode, 1)) for path, entry in tree.entries.items()}


def described(entry: Entry, names: int) -> tuple[object, ...]:
    data = entry.data.read() if entry.data is not None else None
    nlink = names if entry.kind is Kind.FILE else 1
    return entry.mode, entry.uid, entry.gid, entry.target, data, nlink, entry.rdev, dict(entry.xattrs)


@pytest.mark.parametrize("stack", [[BASE], [BASE, TOP]], ids=["one layer", "two layers"])
def test_umoci_unpacks_every_kind_of_entry(tool: Tool, need: Tool, tmp_path: Path, stack: list[ChangeSet]) -> None:
    need(os.geteuid() == 0, "owners and devices need root")
    root = unpack(tool, stack, tmp_path)
    tree = flat(stack)
    assert on_disk(root) == expected(tree)
    for path in ("etc", "etc/issue", "n\udcff\udcfe"):
        assert os.lstat(root / path).st_mtime_ns == tree.entries[path].mtime_ns


@settings(
    # Shrinking would run umoci hundreds of times.
    max_examples=25, phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(stacks(3, odd=True))
def test_umoci_unpacks_random_stacks_to_the_flat_tree(tool: Tool, need: Tool, stack: list[ChangeSet]) -> None:
    need(os.geteuid() == 0, "owners and devices need root")
    stack = undisputed(stack)
    tree = flat(stack)
    home = Path(tempfile.mkdtemp())
    try:
        found, wanted = on_disk(unpack(tool, stack, home)), expected(tree)
        assert found.keys() == wanted.keys()
        for path, entry in wanted.items():
            assert found[path] == entry, path
    finally:
        shutil.rmtree(home)


def test_dockerd_loads_and_exports_the_same_tree(docker: Tool, tmp_path: Path) -> None:
    top = sketch(
        whiteout("etc/motd"), directory("d", mtime=6), opaque("d"), file("d/new", b"1", mtime=4), whiteout("long")
    )
    stack = [BASE, top]
    image = named(reduce(lambda image, changes: append(image, changes), stack, scratch()), "tars:1")
    write_archive(image, tmp_path / "image.tar", "docker")
    docker("load", "-i", tmp_path / "image.tar")
    container = docker("create", "tars:1", "/none").stdout.strip()  # type: ignore[attr-defined]
    docker("export", "-o", tmp_path / "export.tar", container)
    docker("rm", container)
    docker("rmi", "tars:1")
    with open(tmp_path / "export.tar", "rb") as exported:
        found = read_layer(iter(lambda: exported.read(1 << 16), b""), where="export").changes.entries
    tree = flat(stack)
    for path, entry in tree.entries.items():
        # docker puts its own files in etc and dev, exports no attributes, and gives implied directories the time.
        if path and path not in ("etc", "dev") and entry.mtime_ns:
            theirs = found[path]
            assert (theirs.kind, theirs.mode, theirs.uid, theirs.gid, theirs.target, theirs.data, theirs.rdev) == (
                entry.kind, entry.mode, entry.uid, entry.gid, entry.target, entry.data, entry.rdev
            ), path
            assert theirs.mtime_ns // 10**9 == entry.mtime_ns // 10**9, path

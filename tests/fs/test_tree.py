"""Flat trees against the definition of lookup, against themselves, and against what umoci left on a disk."""

from __future__ import annotations

import errno
import importlib.util
import json
from collections.abc import Sequence
from dataclasses import replace
from functools import reduce
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import assume, given, settings

from sim.errors import FsError
from sim.fs.changeset import ChangeSet
from sim.fs.entry import IMPLIED, Entry, Kind
from sim.fs.sketch import directory, fifo, file, hardlink, opaque, sketch, symlink, whiteout
from sim.fs.tar import read_layer
from sim.fs.tar_write import write_layer
from sim.fs.tree import EMPTY_TREE, Tree, apply, diff, location
from sim.union.lookup import lookup
from tests.strategies import stacks


def flat(stack: Sequence[ChangeSet]) -> Tree:
    return reduce(apply, stack, EMPTY_TREE)


def shown(tree: Tree) -> dict[str, str]:
    """Each path with its letter, and a file's text."""
    return {
        path: entry.kind.value + (entry.data.read().decode() if entry.data else "")
        for path, entry in tree.entries.items()
        if path
    }


BASE = [file("a", b"1"), directory("d", mode=0o700, uid=5), file("d/x", b"2"), file("d/y"), symlink("s", "d")]

CASES = {
    "a file replaces a file": ([file("a", b"new")], {"a": "fnew"}),
    "a whiteout takes a directory with all in it": ([whiteout("d")], {"d": None, "d/x": None, "d/y": None}),
    "an opaque directory keeps itself": ([opaque("d"), file("d/z")], {"d/x": None, "d/y": None, "d/z": "f"}),
    "an opaque root keeps nothing": (
        [opaque(""), file("z")],
        dict.fromkeys(["a", "d", "d/x", "d/y", "s"]) | {"z": "f"},
    ),
    "whiteouts spare what the layer itself holds": (
        [file("d/x", b"3"), whiteout("d/x"), whiteout("d")],
        {"d/x": "f3", "d/y": None},
    ),
    "a file replaces a directory": ([file("d")], {"d": "f", "d/x": None, "d/y": None}),
    "a directory replaces a file": ([directory("a"), file("a/b")], {"a": "d", "a/b": "f"}),
    "an implied directory replaces a file": ([file("a/b/c")], {"a": "d", "a/b": "d", "a/b/c": "f"}),
    "a name below a lower symlink is written through it": ([file("s/z")], {"d/z": "f"}),
    "a whiteout too": ([whiteout("s/x")], {"d/x": None}),
    "an opaque mark too": ([opaque("s")], {"d/x": None, "d/y": None}),
    "unless the layer makes the symlink a directory": ([directory("s"), file("s/z")], {"s": "d", "s/z": "f"}),
    "or deletes it": ([whiteout("s"), file("s/z")], {"s": "d", "s/z": "f"}),
    "a link to a lower file has its bytes": ([hardlink("h", "a")], {"h": "f1"}),
    "of before this layer": ([hardlink("h", "a"), whiteout("a")], {"h": "f1", "a": None}),
    "a whiteout of nothing changes nothing": ([whiteout("nope/deep")], {}),
}


@pytest.mark.parametrize("claim", CASES)
def test_a_layer_is_applied_as_the_specification_says(claim: str) -> None:
    marks, change = CASES[claim]
    base = flat([sketch(*BASE)])
    expected = {path: what for path, what in {**shown(base), **change}.items() if what is not None}
    assert shown(apply(base, sketch(*marks))) == expected


def test_implied_directories_keep_lower_attributes_and_described_ones_get_new() -> None:
    base = flat([sketch(*BASE)])
    assert apply(base, sketch(file("d/z"))).entries["d"] == base.entries["d"]
    assert apply(base, sketch(directory("d", mode=0o711))).entries["d"].mode == 0o711
    assert apply(base, sketch(whiteout("d"), file("d/z"))).entries["d"] == IMPLIED


def test_a_link_to_a_lower_file_shares_its_inode_while_both_are_there() -> None:
    base = flat([sketch(file("a", b"1"), hardlink("b", "a"), file("c"))])
    linked = apply(base, sketch(hardlink("h", "b"), hardlink("i", "c")))
    assert sorted(linked.links().values()) == [("a", "b", "h"), ("c", "i")]
    assert apply(linked, sketch(whiteout("i"))).links() == {1: ("a", "b", "h")}


@pytest.mark.parametrize(
    "marks,code",
    [
        ([hardlink("h", "nope")], errno.ENOENT),
        ([hardlink("h", "d")], errno.EPERM),
        ([symlink("l", "l"), file("l2/x"), symlink("l2", "l")], errno.ENOTDIR),
    ],
)
def test_what_cannot_be_applied_is_an_error_of_the_kernel(marks: list, code: int) -> None:  # type: ignore[type-arg]
    with pytest.raises(FsError) as caught:
        apply(flat([sketch(*BASE)]), sketch(*marks))
    assert caught.value.errno == code


def test_a_loop_of_symlinks_is_eloop() -> None:
    with pytest.raises(FsError) as caught:
        flat([sketch(symlink("l", "m"), symlink("m", "l")), sketch(file("l/x"))])
    assert caught.value.errno == errno.ELOOP


def test_trees_are_equal_however_inodes_were_numbered() -> None:
    one, two = Entry(Kind.FIFO, 0o644, inode=9), Entry(Kind.FIFO, 0o644, inode=4)
    assert Tree({"a": one, "b": one, "c": two, "d": two}) == Tree({"d": one, "c": one, "b": two, "a": two})
    assert Tree({"a": one, "b": one}) != Tree({"a": replace(one, inode=0), "b": replace(one, inode=0)})
    assert Tree({"a": one}).entries["a"].inode == 0


@settings(max_examples=100)
@given(stacks(symlinks=False))
def test_flat_and_lookup_show_the_same(stack: list[ChangeSet]) -> None:
    assert_same_as_lookup(stack)


@settings(max_examples=100)
@given(stacks(links_to_lower=True))
def test_flat_and_lookup_show_the_same_where_no_layer_writes_through_a_lower_symlink(stack: list[ChangeSet]) -> None:
    tree = EMPTY_TREE
    for changes in stack:
        try:
            assume(not _led_away(tree, changes))
            tree = apply(tree, changes)
        except FsError:
            assume(False)
    assert_same_as_lookup(stack)


def _led_away(tree: Tree, changes: ChangeSet) -> bool:
    inside = [f"{path}/in" for path in changes.opaques if path]
    named = [*changes.entries, *changes.whiteouts, *_targets(changes), *inside]
    return any(location(tree.entries, changes, path) != path for path in named)


def _targets(changes: ChangeSet) -> list[str]:
    return [entry.target or "" for entry in changes.entries.values() if entry.kind is Kind.HARDLINK]


def assert_same_as_lookup(stack: list[ChangeSet]) -> None:
    tree = flat(stack)
    asked = {path for changes in stack for path in (*changes.entries, *changes.implied, *changes.whiteouts)}
    for path in asked | set(tree.entries):
        expected, found = lookup(stack, path).entry, tree.get(path)
        assert (expected and replace(expected, inode=0)) == (found and replace(found, inode=0)), path


@settings(max_examples=100)
@given(stacks(), stacks())
def test_a_difference_applied_gives_the_other_tree(one: list[ChangeSet], two: list[ChangeSet]) -> None:
    try:
        old, new = flat(one), flat(two)
    except FsError:
        assume(False)
    changes = diff(old, new)
    assert apply(old, changes) == new
    assert not changes.opaques and all(entry.kind is not Kind.HARDLINK for entry in changes.entries.values())
    assert apply(old, read_layer(write_layer(changes), where="diff").changes) == new
    assert len(diff(new, new)) == 0


def test_a_difference_says_no_more_than_it_must() -> None:
    old = flat([sketch(*BASE, file("l", b"t"), hardlink("m", "l"))])
    new = apply(old, sketch(whiteout("d/x"), file("d/z"), whiteout("m")))
    changes = diff(old, new)
    assert changes == sketch(whiteout("d/x"), file("d/z"), whiteout("m"))


def test_names_of_one_inode_are_given_together_when_their_sharing_changes() -> None:
    old = flat([sketch(fifo("a"), fifo("b"), fifo("c"))])
    new = flat([sketch(fifo("a"), hardlink("b", "a"), fifo("c"))])
    assert list(diff(old, new).entries) == ["a", "b"]
    # To part them, giving one of them anew is enough.
    assert list(diff(new, old).entries) == ["a"]


# --- The recorded corpus: one flat directory as umoci left it ---------------------------------------------------


def _load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_recorded_layers_come_out_as_umoci_left_them(
    shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TARROOT", str(tmp_path))
    corpus = _load(shared / "truth" / "kernel" / "tarcases.py")
    recorded = json.loads((shared / "truth" / "kernel" / "tarcases.json").read_text(encoding="utf-8"))
    for title, layers in corpus.CASES:
        tree = flat([read_layer([corpus.layer(layer)], where=title).changes for layer in layers])
        assert _as_recorded(tree) == recorded[title]["umoci"], title
    assert len(corpus.CASES) == len(recorded)


def _as_recorded(tree: Tree) -> str:
    """What T holds, in the corpus's own notation, then what else is in the root."""
    names = {number: len(paths) for number, paths in tree.links().items()}
    out = [
        _word(path.removeprefix("T/"), entry, names.get(entry.inode, 1))
        for path, entry in tree.entries.items()
        if path.startswith("T/")
    ]
    extra = sorted(path for path in tree.entries if path in ("top", "esc") or path.startswith(".wh"))
    return " ".join(out) + (" | root: " + ",".join(extra) if extra else "")


def _word(path: str, entry: Entry, names: int) -> str:
    if entry.is_dir:
        plain = (entry.mode, entry.uid) == (0o755, 0)
        return f"{path}/" + ("" if plain else f"({entry.mode:o},{entry.uid})")
    if entry.kind is Kind.SYMLINK:
        return f"{path}->{entry.target}"
    if entry.rdev is not None:
        return f"{path}=CHR{entry.rdev[0]}:{entry.rdev[1]}"
    text = entry.data.read().decode() if entry.data else ""
    return f"{path}={text}" + ("" if names == 1 else f"[nlink{names}]")

"""The fast index equals the definition: at every depth of random stacks, in every answer."""

from __future__ import annotations

import errno
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.errors import FsError
from sim.fs.changeset import ChangeSet
from sim.fs.sketch import Mark, directory, file, hardlink, opaque, sketch, symlink, whiteout
from sim.union.index import Index
from sim.union.lookup import lookup, merged, names, resolve
from tests.strategies import NAMES, asked_paths, changesets, stacks

ALL_PATHS = ["", *("/".join(parts) for depth in (1, 2, 3) for parts in product(NAMES, repeat=depth))]


def assert_equal(index: Index, stack: list[ChangeSet], k: int) -> None:
    layers = stack[:k]
    for path in ALL_PATHS:
        expected = lookup(layers, path)
        assert index.get(path, k) == expected.entry, path
        found = index.find(path, k)
        assert found == (None if expected.entry is None else (expected.layer, expected.entry)), path
        assert_same_listing(index, layers, path, k)
    walked = [(found.path, found.layer, found.entry) for found in merged(layers)]
    assert list(index.walk(k)) == walked


def assert_same_listing(index: Index, layers: list[ChangeSet], path: str, k: int) -> None:
    try:
        expected = names(layers, path)
    except FsError as error:
        with pytest.raises(FsError) as caught:
            index.readdir(path, k)
        assert caught.value.errno == error.errno
    else:
        assert index.readdir(path, k) == expected


@settings(max_examples=60)
@given(stacks(6, links_to_lower=True))
def test_every_answer_at_every_depth(stack: list[ChangeSet]) -> None:
    index = Index.of(stack)
    for k in range(len(stack) + 1):
        assert_equal(index, stack, k)


@settings(max_examples=300)
@given(stacks(6, links_to_lower=True), st.lists(asked_paths(), min_size=1, max_size=12), st.booleans())
def test_resolve_at_every_depth(stack: list[ChangeSet], asked: list[str], follow: bool) -> None:
    index = Index.of(stack)
    for k, path in product(range(len(stack) + 1), asked):
        expected = resolve(stack[:k], path, follow)
        answer = (expected.path, expected.layer, expected.entry, expected.errno)
        assert tuple(index.resolve(path, k, follow)) == answer, path


@settings(max_examples=60)
@given(stacks(3, links_to_lower=True), st.lists(st.tuples(st.integers(0, 20), changesets()), max_size=8))
def test_branches_do_not_see_each_other(base: list[ChangeSet], pushes: list[tuple[int, ChangeSet]]) -> None:
    grown = [(Index.of(base), base)]
    for which, layer in pushes:
        index, stack = grown[which % len(grown)]
        grown.append((index.push(layer), [*stack, layer]))
    for index, stack in grown:
        assert index.depth == len(stack) and list(index.layers) == stack
        assert_equal(index, stack, len(stack))
        assert_equal(index, stack, len(stack) // 2)


def test_an_interrupted_push_leaves_no_trace() -> None:
    class Torn(ChangeSet):
        @property
        def whiteouts(self) -> frozenset[str]:  # type: ignore[override]
            raise KeyboardInterrupt

        @whiteouts.setter
        def whiteouts(self, value: object) -> None:
            pass

    base = Index.of([sketch(file("/a", b"1"))])
    with pytest.raises(KeyboardInterrupt):
        base.push(Torn({}))
    after = base.push(sketch(whiteout("/a")))
    assert base.get("a") is not None and after.get("a") is None and after.depth == 2


def test_a_path_of_five_hundred_versions_is_right_at_each() -> None:
    stack = [sketch(file("/f", b"%d" % number)) for number in range(1, 501)]
    index = Index.of(stack)
    for k in range(1, 501):
        found = index.get("f", k)
        assert found is not None and found.data is not None and found.data.read() == b"%d" % k


def test_a_new_layer_costs_what_it_says_and_not_what_the_image_holds() -> None:
    base = Index.of([sketch(*(file(f"/d{number % 50}/f{number}") for number in range(2000)))])
    left = base.push(sketch(file("/d1/new")))
    right = base.push(sketch(file("/d1/other"), whiteout("/d2")))
    assert len(right._table.chains) == 1 + 41  # the new file; d2 and its 40 files are hidden
    assert left.get("d1/other") is None and right.get("d1/new") is None
    assert left.get("d3/f3") is right.get("d3/f3") is base.get("d3/f3")


@pytest.mark.parametrize(
    ("claim", "path", "code", "reached"),
    [
        ("a directory is where it says", "usr/bin", 0, "usr/bin"),
        ("a symlink in the last place is the answer", "/bin", 0, "bin"),
        ("a trailing slash follows it", "/bin/", 0, "usr/bin"),
        ("a parent that is a symlink is followed", "/bin/sh", 0, "usr/bin/sh"),
        ("a missing name below a followed symlink", "/bin/no", errno.ENOENT, "usr/bin/no"),
        ("a file is no directory", "/bin/sh/x", errno.ENOTDIR, "usr/bin/sh/x"),
        ("nor with a trailing slash", "/bin/sh/", errno.ENOTDIR, "usr/bin/sh"),
        ("nor with ..", "/bin/sh/..", errno.ENOTDIR, "usr/bin/sh"),
        (".. of a followed symlink is its target's parent", "/bin/../lib", errno.ENOENT, "usr/lib"),
        (".. at the root is the root", "/../../usr", 0, "usr"),
        ("what precedes .. must exist", "/no/../usr", errno.ENOENT, "no"),
        ("a loop", "/loop/x", errno.ELOOP, "loop"),
        ("a name of 255 bytes is missing", "/" + "n" * 255, errno.ENOENT, "n" * 255),
        ("a name of 256 bytes is too long", "/" + "n" * 256, errno.ENAMETOOLONG, "n" * 256),
        ("bytes count, not characters", "/" + "ü" * 128, errno.ENAMETOOLONG, "ü" * 128),
        ("a path of 4,096 bytes is too long", "/" * 4096, errno.ENAMETOOLONG, ""),
        ("one of 4,095 is not", "/" * 4095, 0, ""),
    ],
)
def test_resolve_and_definition_agree_on_named_cases(claim: str, path: str, code: int, reached: str) -> None:
    stack = [sketch(directory("/usr"), file("/usr/bin/sh"), symlink("/bin", "usr/bin"), symlink("/loop", "loop"))]
    expected = resolve(stack, path)
    assert (expected.errno, expected.path) == (code, reached), claim
    found = Index.of(stack).resolve(path)
    assert (found.errno, found.path, found.entry, found.layer) == (code, reached, expected.entry, expected.layer)


@pytest.mark.parametrize(("links", "code"), [(40, 0), (41, errno.ELOOP)])
def test_forty_symlinks_are_followed_and_no_more(links: int, code: int) -> None:
    chain = [symlink(f"/l{number}", f"l{number + 1}") for number in range(links)]
    stack = [sketch(*chain, file(f"/l{links}/f"))]
    assert resolve(stack, "/l0/f").errno == Index.of(stack).resolve("/l0/f").errno == code


def test_a_depth_outside_the_stack_is_refused() -> None:
    index = Index.of([sketch(file("/a"))])
    newer = index.push(sketch(file("/b")))
    assert newer.get("b") is not None
    for k in (-1, 2):
        with pytest.raises(IndexError):
            index.get("b", k)
        with pytest.raises(IndexError):
            index.resolve("b", k)
        with pytest.raises(IndexError):
            index.readdir("", k)


@pytest.mark.parametrize(
    ("claim", "layers", "expected"),
    [
        ("the lowest layer first, then the others from the top",
         [[file("/d/low1"), file("/d/both"), file("/d/low2")], [file("/d/mid"), file("/d/both")],
          [file("/d/top"), file("/d/mid"), whiteout("/d/low1")]], ("both", "low2", "top", "mid")),
        ("an opaque mark makes its layer the lowest",
         [[file("/d/a"), file("/d/b")], [opaque("/d"), file("/d/b")], [file("/d/a")]], ("b", "a")),
        ("an empty directory is the lowest part all the same",
         [[directory("/d")], [file("/d/b")], [file("/d/a")]], ("a", "b")),
        ("a directory that comes back has no part in what it was",
         [[file("/d/a")], [file("/d/b")], [whiteout("/d")], [file("/d/b")], [file("/d/a")]], ("b", "a")),
        ("nor in marks on what it was",
         [[opaque("/d"), file("/d/a")], [whiteout("/d")], [directory("/d")], [file("/d/b")], [file("/d/a")]],
         ("a", "b")),
        ("hidden and brought again in one layer",
         [[file("/d/a")], [whiteout("/d"), directory("/d"), file("/d/b")], [file("/d/a")]], ("b", "a")),
    ],
)
def test_listing_order_is_the_kernels(claim: str, layers: list[list[Mark]], expected: tuple[str, ...]) -> None:
    stack = [sketch(*marks) for marks in layers]
    assert Index.of(stack).readdir("d") == names(stack, "d") == expected, claim


def test_a_root_that_is_opaque_and_one_that_is_described() -> None:
    stack = [sketch(opaque("/"), file("/b"), file("/a")), sketch(directory("/"), file("/a")), sketch(file("/c"))]
    assert Index.of(stack).readdir("") == names(stack, "") == ("b", "a", "c")


def test_a_hard_link_to_a_lower_layer_is_that_file() -> None:
    stack = [sketch(file("/f", b"low")), sketch(hardlink("/h", "/f")), sketch(whiteout("/f"))]
    index = Index.of(stack)
    assert index.get("f") is None and index.find("h") == (2, index.get("f", 1))


def test_a_layer_that_repeats_a_directory_supplies_it_and_opens_no_version() -> None:
    """Layers repeat the parents of what they change; such an entry is as it was, and the topmost layer's."""
    stack = [
        sketch(directory("/etc", mtime=5), file("/etc/a", b"1")),
        sketch(directory("/etc", mtime=5), file("/etc/b", b"2")),
        sketch(whiteout("/etc")),
        sketch(directory("/etc", mtime=5), file("/etc/c", b"3")),
        sketch(directory("/etc", mtime=5)),
    ]
    index = Index.of(stack)
    assert [found and found[0] for found in (index.find("etc", k) for k in range(6))] == [None, 1, 2, None, 4, 5]
    assert [index.readdir("etc", k) for k in (1, 2, 4, 5)] == [("a",), ("a", "b"), ("c",), ("c",)]
    assert index.resolve("/etc", 2).layer == 2
    assert index.get("etc", 2) is stack[0].entries["etc"]
    branch = Index.of(stack[:1]).push(stack[1])
    assert branch.push(stack[4]).find("etc") == (3, stack[0].entries["etc"])
    assert Index.of(stack).push(stack[4]).find("etc", 5) == (5, stack[3].entries["etc"])

"""Two rule sets, one stack: change sets read by the specification, directories read by the kernel."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given

from sim.content.data import Inline
from sim.fs.changeset import ChangeSet
from sim.fs.entry import Entry
from sim.fs.sketch import directory, file, hardlink, opaque, sketch, symlink, whiteout
from sim.union.lookup import lookup, merged
from sim.union.overlay import Options
from sim.union.upperdir import changes_of, commit, mounted, sizes, to_changes, to_directory, to_lowerdirs
from tests.strategies import stacks

BASE = sketch(
    directory("/etc"), file("/etc/motd", b"hi", mtime=5), file("/etc/apt/sources", b"deb"), directory("/d", 0o700),
    file("/d/f", b"1"), file("/d/g", b"22"), file("/d/s/h", b"333"), file("/top", b"t"), symlink("/link", "d"),
)


def shown(layers: list[ChangeSet]) -> dict[str, Entry]:
    found = {"": lookup(layers, "").entry, **{one.path: one.entry for one in merged(layers)}}
    return {path: replace(entry, inode=0) for path, entry in found.items() if entry is not None}


def mounted_tree(layers: list[ChangeSet]) -> dict[str, Entry]:
    return {path: replace(entry, inode=0) for path, entry in mounted(layers).walk()}


TABLE = [
    ("an opaque directory", [BASE, sketch(directory("/d"), opaque("/d"), file("/d/new"))],
     ["d/  opaque=y", "d/new  0 bytes"]),
    ("a whiteout and the directory in one layer", [BASE, sketch(whiteout("/d"), file("/d/x"))],
     ["d/  opaque=y", "d/x  0 bytes"]),
    ("an opaque root", [BASE, sketch(opaque("/"), file("/new"))],
     ["d  whiteout", "etc  whiteout", "link  whiteout", "new  0 bytes", "top  whiteout"]),
    ("an opaque root keeps what the layer has", [BASE, sketch(opaque("/"), file("/etc/x"))],
     ["d  whiteout", "etc/  opaque=y", "etc/x  0 bytes", "link  whiteout", "top  whiteout"]),
    ("implied parents", [BASE, sketch(file("/d/s/new"))], ["d/", "d/s/", "d/s/new  0 bytes"]),
    ("a whiteout below an implied parent", [BASE, sketch(whiteout("/etc/apt/sources"))],
     ["etc/", "etc/apt/", "etc/apt/sources  whiteout"]),
    ("a whiteout below nothing", [BASE, sketch(whiteout("/no/where"))], []),
    ("a whiteout below a whiteout", [BASE, sketch(whiteout("/etc"), whiteout("/etc/motd"))], ["etc  whiteout"]),
    ("a whiteout below a symlink", [BASE, sketch(whiteout("/link/f"))], []),
    ("a whiteout of a file that is there again", [BASE, sketch(whiteout("/top"), file("/top"))], ["top  0 bytes"]),
    ("a hard link to a lower file", [BASE, sketch(hardlink("/h", "/top"))], ["h  1 bytes"]),
]


@pytest.mark.parametrize(("layers", "lines"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_a_layer_in_the_form_of_the_kernel(layers: list[ChangeSet], lines: list[str]) -> None:
    assert list(to_directory(layers[-1], layers[:-1]).dump()) == lines
    assert mounted_tree(layers) == shown(layers)


def test_implied_parents_keep_the_attributes_of_the_lower_directory() -> None:
    upper = dict(to_directory(sketch(file("/d/new")), [BASE]).entries())
    assert upper["d"].mode == 0o700


@given(stacks(links_to_lower=True))
def test_both_rule_sets_show_the_same_tree(layers: list[ChangeSet]) -> None:
    assert mounted_tree(list(layers)) == shown(list(layers))


@given(stacks())
def test_a_directory_and_its_change_set_are_the_same_layer(layers: list[ChangeSet]) -> None:
    directories = to_lowerdirs(layers)
    again = [to_changes(one) for one in directories]
    assert shown(again) == shown(list(layers))


def test_docker_diff_as_a_real_docker_prints_it() -> None:
    # docker 20.10, overlay2: the same commands in a container of the same image, lines sorted.
    m = mounted([BASE], now=10**18)
    steps = [("unlink", "/etc/motd"), ("put", "/etc/new", b"n"), ("unlink", "/d/f"), ("unlink", "/d/g"),
             ("unlink", "/d/s/h"), ("rmdir", "/d/s"), ("rmdir", "/d"), ("mkdir", "/d"), ("put", "/d/f", b"1"),
             ("put", "/d/n", b"n"), ("mkdir", "/fresh"), ("put", "/fresh/q", b"q"), ("rename", "/top", "/moved"),
             ("unlink", "/link"), ("mkdir", "/link")]
    for name, *rest in steps:
        m, report = getattr(m, name)(*rest)
        assert report.ok, report.why
    assert [str(change) for change in changes_of(m)] == [
        "C /d", "C /d/f", "D /d/g", "A /d/n", "D /d/s", "C /etc", "D /etc/motd", "A /etc/new", "A /fresh",
        "A /fresh/q", "C /link", "A /moved", "D /top",
    ]


def test_docker_diff_does_not_list_what_was_only_copied_up() -> None:
    m = mounted([BASE], now=10**18)
    for name, *rest in (("chmod", "/etc/motd", 0o644), ("rename", "/top", "/x"), ("rename", "/x", "/top"),
                        ("setxattr", "/d/f", "user.k", b"v")):
        m, report = getattr(m, name)(*rest)
        assert report.ok
    assert "etc/motd  2 bytes" in m.upperdir.dump()
    assert changes_of(m) == ()
    m, _ = m.chmod("/d", 0o755)
    assert [str(change) for change in changes_of(m)] == ["C /d"]


def test_commit_then_mount_shows_what_the_container_showed() -> None:
    m = mounted([BASE])
    for name, *rest in (("unlink", "/d/f"), ("append", "/etc/motd", b"!"), ("link", "/etc/motd", "/again"),
                        ("unlink", "/top"), ("mkdir", "/top"), ("put", "/top/in", b"x"), ("chmod", "/", 0o700)):
        m, report = getattr(m, name)(*rest)
        assert report.ok
    layers = [BASE, commit(m)]
    assert {path: replace(entry, inode=0) for path, entry in m.walk()} == shown(layers) == mounted_tree(layers)
    assert layers[1].entries["again"].inode == layers[1].entries["etc/motd"].inode != 0
    assert layers[1].entries["top"].xattrs == () and "d/f" in layers[1].whiteouts


def test_an_untouched_container_commits_nothing() -> None:
    assert len(commit(mounted([BASE]))) == 0


def test_marks_of_userxattr_are_not_committed() -> None:
    m = mounted([BASE], options=Options(userxattr=True))
    for name, *rest in (("unlink", "/top"), ("mkdir", "/top")):
        m, report = getattr(m, name)(*rest)
        assert report.ok
    changes = commit(m)
    # Nothing is below a file, so no mark is needed; the kernel sets one all the same.
    assert changes.opaques == {"top"} and changes.entries["top"].xattrs == ()


def test_sizes_are_those_of_docker_ps() -> None:
    m, _ = mounted([sketch(file("/big", Inline(b"x" * 100)), hardlink("/same", "/big"))]).append("/new", b"12345")
    assert sizes(m) == (5, 105)

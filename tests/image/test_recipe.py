"""Recipes: what a line says, and how a shape is reached exactly."""

from __future__ import annotations

import pytest

from sim.fs.changeset import ChangeSet
from sim.fs.entry import Kind
from sim.image.recipe import RecipeWrong, layers, spread
from sim.image.synthetic import BLOCK, Look, Synthetic, looks


def one(text: str) -> ChangeSet:
    return layers("layer it\n" + text, lambda name: "")["it"]


LINES = [
    ("a directory with mode and owner", "dir var/mail 2775 0:8", "var/mail", Kind.DIRECTORY, 0o2775, 8),
    ("parents need no line", "file a/b/c 1", "a/b", Kind.DIRECTORY, 0o755, 0),
    ("a file of an exact size", "file a 12 0600", "a", Kind.FILE, 0o600, 0),
    ("a link repeats the chosen word", "link {x,bin} -> usr/{0}", "bin", Kind.SYMLINK, 0o777, 0),
    ("a device", "char dev/null 1:3 0666", "dev/null", Kind.CHAR, 0o666, 0),
]


@pytest.mark.parametrize(("claim", "line", "path", "kind", "mode", "gid"), LINES, ids=[line[0] for line in LINES])
def test_a_line(claim: str, line: str, path: str, kind: Kind, mode: int, gid: int) -> None:
    entry = one(line).entries[path]
    assert (entry.kind, entry.mode, entry.gid) == (kind, mode, gid)


def test_texts_are_real_and_lists_name_words() -> None:
    made = one("list names a\n  b\ntext etc/{@names}\n| one\n| two")
    assert [path for path in made.entries if path != "etc"] == ["etc/a", "etc/b"]
    data = made.entries["etc/b"].data
    assert data is not None and data.read() == b"one\ntwo\n"


def test_hard_links_share_an_inode_and_whiteouts_are_marks() -> None:
    made = one("file a 3\nhard b -> a\ngone x/y\nopaque o")
    assert made.entries["a"] == made.entries["b"] and made.entries["a"].inode
    assert (made.whiteouts, made.opaques) == ({"x/y"}, {"o"})
    assert set(made.entries) == {"a", "b", "o", "x"}


def test_a_wanted_shape_is_reached_exactly() -> None:
    made = one("want files=12 dirs=3 symlinks=2 bytes=100000\nfile a/{x,y} ~3K\nfile a/z 77\n"
               "more file a/sample-{n} ~1K\nmore link l{n} -> a\nmore dir d{n}")
    kinds = [entry.kind for entry in made.entries.values()]
    assert (kinds.count(Kind.FILE), kinds.count(Kind.DIRECTORY), kinds.count(Kind.SYMLINK)) == (12, 3, 2)
    assert sum(entry.size for entry in made.entries.values()) == 100_000
    assert made.entries["a/z"].size == 77


WRONG = [
    ("an unknown verb", "fil a 1", "'fil a 1' is not understood"),
    ("a size that is no number", "file a big", "not understood"),
    ("an unknown list", "file {@no} 1", "not understood"),
    ("too many entries", "want files=1\nfile {a,b} 1\nmore file f{n} 1", "1 files too many"),
    ("a shape that is missed", "want files=3\nfile {a,b} 1", "2 files, 3 are wanted"),
    ("more bytes said than wanted", "want bytes=5\nfile a 10\nfile b ~1", "10 bytes are said exactly"),
]


@pytest.mark.parametrize(("claim", "text", "said"), WRONG, ids=[line[0] for line in WRONG])
def test_a_wrong_recipe_says_what_is_wrong(claim: str, text: str, said: str) -> None:
    with pytest.raises(RecipeWrong) as caught:
        one(text)
    assert said in str(caught.value)


def test_braces_multiply() -> None:
    assert [text for text, _ in spread("{a,b}{1..2}", {})] == ["a1", "a2", "b1", "b2"]


@pytest.mark.parametrize("look", Look)
@pytest.mark.parametrize("size", [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK + 17])
def test_made_up_bytes_have_their_size_and_any_part_can_be_read(look: Look, size: int) -> None:
    data = Synthetic("seed", "usr/bin/x", size, look)
    whole = b"".join(data.chunks())
    assert len(whole) == size == data.size
    assert data.read() == whole
    for offset, length in ((0, 5), (BLOCK - 2, 4), (size // 2, None), (size, 3), (BLOCK, 2 * BLOCK)):
        end = size if length is None else offset + length
        assert data.read(offset, length) == whole[offset:end]


def test_bytes_depend_on_seed_path_and_size() -> None:
    assert len({
        Synthetic(seed, path, size, Look.BINARY).sha256
        for seed in ("a", "b") for path in ("p", "q") for size in (3000, 3001)
    }) == 8


def test_known_bytes() -> None:
    # Golden: a change here changes every digest of every sample, on purpose or not.
    assert Synthetic("s", "bin/p", 70_000, Look.BINARY).sha256[:16] == "04dad73744eba173"
    assert Synthetic("s", "etc/p", 70_000, Look.TEXT).sha256[:16] == "85f5d75cd88abf67"
    assert Synthetic("s", "p.gz", 70_000, Look.PACKED).sha256[:16] == "ddab178d28766aa0"


def test_looks_go_by_path_and_mode() -> None:
    assert looks("usr/bin/bash", 0o755) is Look.BINARY
    assert looks("hello", 0o755) is Look.BINARY
    assert looks("usr/share/doc/x/changelog.Debian.gz", 0o644) is Look.PACKED
    assert looks("var/lib/dpkg/info/bash.postinst", 0o755) is Look.TEXT

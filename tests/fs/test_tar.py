"""What a layer's tar says: whiteouts, links, contradictions, peculiar names; and its files read again."""

from __future__ import annotations

from collections.abc import Iterator
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.errors import TarInvalid
from sim.fs.entry import Kind
from sim.fs.tar import read_layer
from sim.fs.tar_build import Builder
from tests.tarbytes import END, codes, entry, header, member, pax, read


def test_whiteouts_and_opaque_marks_whatever_their_type_and_place() -> None:
    tar = (
        header(b"d/.wh.f")
        + header(b"d/.wh.link", b"2", link=b"zz")
        + header(b"d/.wh.dir/", b"5")
        + header(b"d/.wh.hard", b"0", link=b"d/hard")
        + member(b"./d/.wh.full", b"data")
        + header(b"e/.wh..wh..opq")
        + header(b"e/new")
        + header(b".wh.top")
        + END
    )
    changes = read(tar).changes
    assert changes.whiteouts == {"d/f", "d/link", "d/dir", "d/hard", "d/full", "top"}
    assert changes.opaques == {"e"} and list(changes.entries) == ["e/new"]


def test_aufs_records_are_passed_over_but_can_be_linked_to() -> None:
    tar = (
        header(b".wh..wh.aufs")
        + header(b".wh..wh.plnk/", b"5")
        + member(b".wh..wh.plnk/12.34", b"text")
        + header(b"a", b"1", link=b".wh..wh.plnk/12.34")
        + header(b"d/.wh..wh.orph/", b"5")
        + END
    )
    changes = read(tar).changes
    assert list(changes.entries) == ["a"] and not changes.whiteouts
    assert changes.entries["a"].data.read() == b"text"  # type: ignore[union-attr]


def test_a_whiteout_that_names_no_file_empties_its_directory_as_in_umoci() -> None:
    layer = read(
        header(b"d/", b"5") + header(b"d/.wh.") + header(b"e/.wh..") + header(b"e/f/.wh...") + header(b".wh.") + END
    )
    assert layer.changes.whiteouts == {"d", "e"} and layer.changes.opaques == {""}
    assert set(codes(layer)) == {"bare-whiteout", "whiteout-and-directory"}


@pytest.mark.parametrize(
    "tar,paths,expected",
    [
        (header(b"../../T/../esc"), ["esc"], ["dotdot"]),
        (header(b"/etc//./f"), ["etc/f"], ["absolute"]),
        (header(b"n\xff"), ["n\udcff"], ["not-utf8"]),
        (header("ü".encode()), ["ü"], []),
        (pax(path=b"x" * 252) + header(), ["x" * 252], ["long-name"]),
        (pax(path=b"x" * 251) + header(), ["x" * 251], []),
        (pax(path=b"x" * 256) + header(), ["x" * 256], ["too-long"]),
        (pax(path=b"x/" * 2050) + header(), None, ["too-long"]),
        (header(b"c", b"3"), ["c"], ["device-0-0"]),
        (header(b".wh..wh..opq"), [], ["opaque-root"]),
        (pax(SCHILY_xattr_trusted_overlay_opaque=b"y") + header(b"d/", b"5"), ["d"], ["overlay-xattr"]),
        (header(b"f") + header(b".wh.f"), ["f"], ["entry-then-whiteout"]),
        (header(b".wh.f") + header(b"f"), ["f"], []),
        (header(b".wh.d") + header(b"d/x"), ["d/x"], ["whiteout-and-directory"]),
        (header(b"h", b"1", link=b"lower"), ["h"], ["link-to-lower"]),
        (header(b"h", b"1", link=b"h"), ["h"], None),
        (header(b".wh.f") + header(b".wh.f"), [], ["duplicate"]),
    ],
)
def test_peculiar_names(tar: bytes, paths: list[str] | None, expected: list[str] | None) -> None:
    layer = read(tar + END)
    assert paths is None or list(layer.changes.entries) == paths
    assert expected is None or codes(layer) == expected


@pytest.mark.parametrize(
    "claim,tar,expected",
    [
        ("the last file wins", member(b"f", b"1") + member(b"f", b"22"), {"f": ("f", 2)}),
        (
            "a directory keeps what it holds",
            header(b"d/", b"5") + header(b"d/x") + header(b"d/", b"5"),
            {"d/x": ("f", 0), "d": ("d", 0)},
        ),
        (
            "a file takes the place of a directory and all in it",
            header(b"d/", b"5") + header(b"d/e/x") + header(b"d"),
            {"d": ("f", 0)},
        ),
        ("and of an implied one", header(b"d/e/x") + header(b"d/e"), {"d/e": ("f", 0)}),
        ("twice over", header(b"d/x") + header(b"d") + header(b"d/y") + header(b"d"), {"d": ("f", 0)}),
        ("a name below a file makes it a directory", header(b"d") + header(b"d/x"), {"d/x": ("f", 0)}),
        (
            "a symlink on the way leads elsewhere",
            header(b"s", b"2", link=b"/r/q") + header(b"s/x"),
            {"s": ("l", 0), "r/q/x": ("f", 0)},
        ),
        (
            "also relative, with ..",
            header(b"a/s", b"2", link=b"../r") + header(b"a/s/x"),
            {"a/s": ("l", 0), "r/x": ("f", 0)},
        ),
        (
            "never out of the root",
            header(b"s", b"2", link=b"../../..") + header(b"s/x"),
            {"s": ("l", 0), "x": ("f", 0)},
        ),
        (
            "unless a directory came in between",
            header(b"s", b"2", link=b"r") + header(b"s/", b"5") + header(b"s/x"),
            {"s": ("d", 0), "s/x": ("f", 0)},
        ),
    ],
)
def test_contradictions_end_as_an_extraction_would(
    claim: str, tar: bytes, expected: dict[str, tuple[str, int]]
) -> None:
    found = read(tar + END).changes.entries
    assert {path: (one.kind.value, one.size) for path, one in found.items()} == expected


def test_whiteouts_follow_a_symlink_of_their_layer() -> None:
    layer = read(header(b"s", b"2", link=b"r") + header(b"s/.wh.x") + header(b"s/.wh..wh..opq") + END)
    assert layer.changes.whiteouts == {"r/x"} and layer.changes.opaques == {"r"}


def test_hard_links_share_an_inode_and_lose_it_when_one_is_replaced() -> None:
    links = member(b"a", b"x") + header(b"b", b"1", link=b"/a") + header(b"c", b"1", link=b"b") + header(b"z")
    found = read(links + END).changes
    assert [one.inode for one in found.entries.values()] == [1, 1, 1, 0]
    assert found.nlink(found.entries["b"]) == 3
    assert [one.inode for one in read(links + header(b"b") + header(b"c") + END).changes.entries.values()] == [
        0,
        0,
        0,
        0,
    ]
    replaced = read(links + member(b"a", b"new") + END).changes.entries
    assert replaced["b"] == replaced["c"] and replaced["b"].data.read() == b"x"  # type: ignore[union-attr]
    assert replaced["a"].inode == 0


def test_a_link_to_a_lower_file_is_an_entry_of_its_own_kind() -> None:
    found = entry(header(b"h", b"1", link=b"./etc/../lower", mode=b"0000600\0"), "h")
    assert (found.kind, found.target, found.mode) == (Kind.HARDLINK, "lower", 0o600)


def test_replacing_directories_over_and_over_stays_fast() -> None:
    # Dropping a directory looks at what it holds, not at the whole layer: else 4,000 times 20,000 names take minutes.
    many = b"".join(header(b"n%d" % number) for number in range(20_000))
    tar = many + (header(b"d/x") + header(b"d")) * 4_000 + END
    assert len(read(tar).changes.entries) == 20_001


def test_remarks_of_one_kind_are_bounded() -> None:
    assert len(read(header(b"f") * 3000 + END).remarks) == 1000


def test_files_are_read_again_in_any_order_and_in_part() -> None:
    files = {f"f{number}": bytes([number]) * (700 * number) for number in range(1, 9)}
    tar = b"".join(member(name.encode(), data) for name, data in files.items()) + END
    opened = []

    def reopen() -> Iterator[bytes]:
        opened.append(1)
        return (tar[at : at + 999] for at in range(0, len(tar), 999))

    found = read(tar, reopen=reopen).changes.entries
    in_order = {name: found[name].data.read() for name in files}  # type: ignore[union-attr]
    assert in_order == files and len(opened) == 1
    assert found["f8"].data.read(5000, 9) == b"\x08" * 9  # type: ignore[union-attr]
    for name in reversed(files):
        assert found[name].data.read() == files[name]  # type: ignore[union-attr]


def test_a_tar_that_has_become_shorter_is_an_error() -> None:
    tar = member(b"f", b"x" * 600) + END
    found = read(tar, reopen=lambda: [tar[:700]]).changes.entries["f"]
    with pytest.raises(TarInvalid, match="shorter"):
        found.data.read()  # type: ignore[union-attr]


def test_progress_tells_of_every_byte() -> None:
    told: list[int] = []
    read_layer([member(b"f", b"x"), END], where="layer", progress=told.append)
    assert told == [1024, 1024]


def test_a_plain_tars_files_are_read_where_they_lie() -> None:
    files = {f"f{number}": bytes([number]) * (300_000 if number % 2 else 700) for number in range(8)}
    tar = b"".join(member(name.encode(), data) for name, data in files.items()) + END
    opened: list[int] = []

    def reopen_at(offset: int) -> Iterator[bytes]:
        opened.append(offset)
        return (tar[at : at + 50_000] for at in range(offset, len(tar), 50_000))

    found = read(tar, reopen=lambda: [tar], reopen_at=reopen_at, hash_files=False).changes.entries
    for name in ("f7", "f0", "f1", "f6", "f5"):
        assert found[name].data.read() == files[name]  # type: ignore[union-attr]
    # f1 lies close behind f0, so it is read on; the others are opened anew, and none from the start of the tar.
    assert len(opened) == 4 and 0 not in opened


_PARTS = (b"a", b"b", b"x..y", b"..", b".", b"", b".h", b".wh.a", b".wh..wh..opq", b".wh..wh.p", b"n\xff", b"y" * 252)
_NAMES = st.builds(
    b"%s%s%s".__mod__,
    st.tuples(
        st.sampled_from((b"", b"a/", b"./", b"./a/", b"/", b".wh..wh.p/")),
        st.lists(st.sampled_from(_PARTS), min_size=1, max_size=3).map(b"/".join),
        st.sampled_from((b"", b"/", b"//")),
    ),
)


@settings(max_examples=400)
@given(st.lists(st.tuples(_NAMES, st.sampled_from((b"0", b"5", b"5", b"\0", b"2", b"1")), _NAMES), max_size=8))
def test_the_short_way_to_a_usual_name_leads_where_the_long_one_does(members: list[tuple[bytes, bytes, bytes]]) -> None:
    tar = b"".join(pax(path=name, linkpath=link) + header(flag=flag) for name, flag, link in members) + END
    found = _told(tar)
    with patch.object(Builder, "_usual", return_value=None):
        assert found == _told(tar)


def _told(tar: bytes) -> object:
    try:
        layer = read(tar)
    except TarInvalid as error:
        return str(error)
    return list(layer.changes.entries.items()), layer.changes, layer.remarks

"""Every dialect of tar that layers come in, field by field."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable
from hashlib import sha256

import pytest

from sim.errors import TarInvalid
from sim.fs.entry import Kind
from sim.fs.tar_headers import nanoseconds
from tests.tarbytes import (
    END,
    SPARSE,
    SPARSE_TARS,
    codes,
    entry,
    header,
    member,
    old_gnu,
    padded,
    pax,
    raw_pax,
    read,
    record,
    sparse_0,
    sparse_1_0,
)


def test_v7_has_no_magic_and_marks_directories_by_a_slash() -> None:
    tar = header(b"d/", b"\0", magic=b"") + header(b"d/f", b"\0", magic=b"", prefix=b"not a prefix") + END
    changes = read(tar).changes
    assert {path: entry.kind for path, entry in changes.entries.items()} == {"d": Kind.DIRECTORY, "d/f": Kind.FILE}


def test_ustar_prefix_and_star_prefix() -> None:
    assert entry(header(b"f", prefix=b"a/" + b"b" * 150), "a/" + "b" * 150 + "/f")
    # star ends the prefix after 131 bytes, and keeps times behind it.
    star = header(b"f", prefix=b"a" * 131 + b"00000000000\x0000000000000", tail=b"tar\0")
    assert entry(star, "a" * 131 + "/f")


def test_gnu_long_name_and_link() -> None:
    name, link = b"n" * 300, b"l" * 300
    tar = b"".join(
        header(b"././@LongLink", flag, len(raw) + 1, magic=b"ustar  \0") + padded(raw + b"\0")
        for flag, raw in ((b"L", name), (b"K", link))
    )
    found = entry(tar + header(b"n" * 100, b"2", link=b"l" * 100, magic=b"ustar  \0"), "n" * 300)
    assert found.target == "l" * 300


def test_base_256_numbers() -> None:
    found = entry(
        header(uid=b"\x80\0\0\0\0\x40\0\0", mtime=b"\xff" * 11 + b"\xfe", size=b"\x80" + bytes(10) + b"\x02")
        + padded(b"hi")
    )
    assert (found.uid, found.mtime_ns, found.size) == (1 << 22, -2 * 10**9, 2)


@pytest.mark.parametrize("field", [b"   644 \0", b"0000644 ", b"644\0\0\0\0\0", b"\0\0\0\0\0\0\0\0", b"        "])
def test_octal_as_tars_write_it(field: bytes) -> None:
    assert entry(header(mode=field)).mode in (0o644, 0)


def test_a_checksum_of_signed_characters_is_accepted_and_another_is_not() -> None:
    plain = bytearray(header(b"\xff\xfef"))
    signed = int(plain[148:154], 8) - 512
    plain[148:156] = b"%06o\0 " % signed
    assert entry(bytes(plain), "\udcff\udcfef")
    plain[148:156] = b"%06o\0 " % (signed + 1)
    with pytest.raises(TarInvalid, match="checksum"):
        read(bytes(plain))


def test_pax_replaces_every_field() -> None:
    tar = (
        pax(
            path=b"new/name",
            linkpath=b"else/where",
            size=b"3",
            uid=b"3000000",
            gid=b"4000000",
            mtime=b"1350244992.0239601089",
            SCHILY_xattr_user_b=b"\xff\0\n=x",
            SCHILY_xattr_user_a=b"",
        )
        + header(b"old", b"0", link=b"ignored")
        + padded(b"abc")
    )
    found = entry(tar, "new/name")
    assert (found.uid, found.gid, found.mtime_ns, found.size) == (3_000_000, 4_000_000, 1_350_244_992_023_960_108, 3)
    assert found.xattrs == (("user.a", b""), ("user.b", b"\xff\0\n=x"))
    assert found.target is None and found.data is not None and found.data.read() == b"abc"


def test_an_empty_pax_value_leaves_the_headers_field() -> None:
    assert entry(pax(path=b"", mtime=b"") + header(b"f", mtime=b"00000000007\0")).mtime_ns == 7 * 10**9


def test_a_pax_header_speaks_of_the_next_member_only() -> None:
    changes = read(pax(uid=b"7") + header(b"a") + header(b"b") + END).changes
    assert [found.uid for found in changes.entries.values()] == [7, 0]


def test_a_global_pax_header_speaks_of_all_that_follow_until_it_is_taken_back() -> None:
    layer = read(
        header(b"a")
        + pax(b"g", uid=b"7")
        + header(b"b")
        + pax(uid=b"8")
        + header(b"c")
        + pax(b"g", uid=b"")
        + header(b"d")
        + END
    )
    assert [found.uid for found in layer.changes.entries.values()] == [0, 7, 8, 0]
    assert codes(layer) == ["global-header"] * 2


def test_a_global_comment_changes_nothing() -> None:
    # `git archive` writes one.
    assert codes(read(pax(b"g", comment=b"1234") + header(b"a") + END)) == []


def test_libarchive_attributes_are_decoded_and_noted() -> None:
    layer = read(raw_pax(record(b"LIBARCHIVE.xattr.user.%C3%BC", b"aGk")) + header() + END)
    assert layer.changes.entries["f"].xattrs == (("user.ü", b"hi"),)
    assert codes(layer) == ["libarchive-xattr"]


@pytest.mark.parametrize(
    "text,expected",
    [
        (b"1.5", 1_500_000_000),
        (b"-0.5", -500_000_000),
        (b"-1.000000001", -1_000_000_001),
        (b"3.", 3 * 10**9),
        (b"0.0000000019", 1),
    ],
)
def test_pax_times(text: bytes, expected: int) -> None:
    assert nanoseconds(text) == expected


@pytest.mark.parametrize(
    "records",
    [
        b"5 a=b",
        b"x a=b\n",
        b"99 a=b\n",
        b"6 ab=\n6",
        b"5 a\nbc",
        b"7 path\n",
        b"6 =bc\n",
        b"0 a=b\n",
        b"-6 a=b\n",
        b"4 a=\n\n",
        record(b"uid", b"1x"),
        record(b"mtime", b"1.x"),
        record(b"mtime", b"--1"),
        record(b"uid", b"-"),
        record(b"size", b"-1"),
        record(b"path", b"a\0b"),
        record(b"uid", b"9" * 30),
        record(b"LIBARCHIVE.xattr.a", b"!"),
        record(b"uid", b"4294967296"),
    ],
)
def test_a_malformed_pax_header_is_refused(records: bytes) -> None:
    with pytest.raises(TarInvalid, match=r"^layer: .*at byte \d+"):
        read(raw_pax(records) + header() + END)


def test_special_files_keep_their_numbers_and_setuid_its_bit() -> None:
    tar = (
        header(b"c", b"3", major=b"0000001\0", minor=b"0000003\0")
        + header(b"b", b"4", major=b"0000010\0")
        + header(b"p", b"6", mode=b"0001777\0")
        + header(b"s", mode=b"0104755\0")
        + header(b"7", b"7")
        + END
    )
    found = read(tar).changes.entries
    assert [(one.kind.value, one.mode, one.rdev) for one in found.values()] == [
        ("c", 0o644, (1, 3)),
        ("b", 0o644, (8, 0)),
        ("p", 0o1777, None),
        ("f", 0o4755, None),
        ("f", 0o644, None),
    ]


def test_a_member_without_data_may_announce_a_size() -> None:
    # Go reads none for these types, whatever the field says.
    tar = header(b"d/", b"5", 100) + header(b"l", b"2", 7, link=b"d") + header(b"f") + END
    assert list(read(tar).changes.entries) == ["d", "l", "f"]


def test_a_member_of_unknown_type_is_a_regular_file_as_posix_says() -> None:
    layer = read(member(b"f", b"data", flag=b"Z") + END)
    assert layer.changes.entries["f"].data.read() == b"data"  # type: ignore[union-attr]
    assert codes(layer) == ["unknown-type"]


@pytest.mark.parametrize("name", SPARSE_TARS)
def test_sparse_files_of_every_format_come_out_whole(name: str) -> None:
    tar = SPARSE_TARS[name] + header(b"g") + END
    for layer in (read(tar), read(tar, reopen=lambda: [tar]), read(tar, reopen=lambda: [tar], hash_files=False)):
        data = layer.changes.entries["f"].data
        assert data is not None and data.read() == SPARSE and data.size == len(SPARSE)
        assert data.sha256 == sha256(SPARSE).hexdigest()
        assert list(layer.changes.entries) == ["f", "g"]
    with tarfile.open(fileobj=io.BytesIO(tar)) as archive:
        assert archive.extractfile("f").read() == SPARSE  # type: ignore[union-attr]


def test_an_old_gnu_map_goes_on_in_extended_blocks() -> None:
    pairs = tuple((10 * number, 1) for number in range(60))
    data = entry(old_gnu(pairs, b"x" * 60, 600)).data
    assert data is not None and data.read() == (b"x" + bytes(9)) * 60


@pytest.mark.parametrize(
    "make",
    [
        lambda: old_gnu(((5, 3), (2, 2)), b"abcde", 100),
        lambda: old_gnu(((0, 5),), b"abcde", 4),
        lambda: old_gnu(((0, 4),), b"abcde", 9),
        lambda: sparse_0(((0, 5), (3, 0)), b"abcde", 9, False),
        lambda: sparse_1_0(((0, 5),), b"abcde", -1),
        lambda: raw_pax(record(b"GNU.sparse.numbytes", b"1") + record(b"GNU.sparse.size", b"1")) + member(b"f", b"a"),
        lambda: raw_pax(record(b"GNU.sparse.major", b"2")) + member(b"f", b"a"),
        lambda: raw_pax(record(b"GNU.sparse.map", b"0,1,2") + record(b"GNU.sparse.size", b"3")) + member(b"f", b"a"),
        lambda: raw_pax(record(b"GNU.sparse.map", b"0,1")) + member(b"f", b"a"),
        lambda: old_gnu(((0, 1),) * 30, b"", 100)[:600],
    ],
)
def test_a_sparse_map_that_does_not_fit_is_refused(make: Callable[[], bytes]) -> None:
    with pytest.raises(TarInvalid):
        read(make() + END)


def test_a_sparse_map_is_bounded() -> None:
    records = {"GNU_sparse_major": b"1", "GNU_sparse_minor": b"0", "GNU_sparse_realsize": b"1"}
    with pytest.raises(TarInvalid, match="pieces"):
        read(pax(**records) + member(b"f", padded(b"99999999\n")) + END)

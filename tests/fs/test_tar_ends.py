"""How a tar may end, how it may not, and how much of it is read; with a fuzzer."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.content.limits import Limits
from sim.errors import LimitExceeded, SimError, TarInvalid
from sim.fs.changeset import ChangeSet
from sim.fs.entry import Kind
from sim.fs.sketch import sketch
from sim.fs.tar import read_layer
from sim.fs.tar_members import MAX_EXTENSION
from sim.fs.tar_write import write_layer
from tests.tarbytes import END, SPARSE_TARS, codes, header, member, old_gnu, padded, pax, read

ONE = member(b"f", b"x")


@pytest.mark.parametrize(
    "tar,expected",
    [
        # name: what skopeo and umoci (Go's archive/tar) do with it as well
        pytest.param(ONE + END, [], id="two zero blocks"),
        pytest.param(ONE, ["no-end"], id="no zero block"),
        pytest.param(ONE + bytes(512), [], id="one zero block"),
        pytest.param(ONE[:513], ["no-end"], id="the last member's padding is missing too"),
        pytest.param(ONE + END + bytes(9000), [], id="more zeros"),
        pytest.param(ONE + END + b"junk" * 300, ["trailing"], id="something after the end"),
        pytest.param(b"", ["no-end"], id="nothing at all"),
    ],
)
def test_how_a_tar_may_end(tar: bytes, expected: list[str]) -> None:
    for step in (len(tar) or 1, 100):
        layer = read_layer([tar[at : at + step] for at in range(0, len(tar), step)], where="layer")
        assert codes(layer) == expected
        assert (layer.diff_hex, layer.size) == (sha256(tar).hexdigest(), len(tar))


@pytest.mark.parametrize(
    "tar",
    [
        pytest.param(ONE[:300], id="inside a header"),
        pytest.param(ONE[:512], id="before the data"),
        pytest.param(member(b"f", b"x" * 600)[:1000], id="inside the data"),
        pytest.param(pax(path=b"a")[:600], id="inside an extended header"),
        pytest.param(pax(path=b"a"), id="after it"),
        pytest.param(pax(path=b"a") + END, id="an extended header without a member"),
        pytest.param(ONE + bytes(512) + ONE, id="a single block of zeros in the middle"),
        pytest.param(b"this is no tar" * 99, id="text"),
        pytest.param(b"\x7fELF" + bytes(2000), id="a program"),
        pytest.param(header(size=b"-0000000001\0"), id="a minus in an octal field"),
        pytest.param(header(size=b"\xff" * 12), id="a negative size"),
        pytest.param(header(size=b"0000000009\0\0"), id="a 9"),
        pytest.param(header(uid=b"\xff" * 8), id="a negative owner"),
        pytest.param(header(mtime=b"\x9f" + b"\xff" * 11), id="a time"),
        pytest.param(header(size=b"\x9f" + b"\xff" * 11), id="an absurd size"),
        pytest.param(header(b"d/", b"5") + header(b"h", b"1", link=b"d") + END, id="a hard link to a directory"),
        pytest.param(header(b"s", b"2") + END, id="a symlink without a target"),
        pytest.param(header(b"..", b"0") + END, id="a file in place of the root"),
        pytest.param(
            header(b"x", b"x", MAX_EXTENSION + 1) + bytes(MAX_EXTENSION + 1024), id="an extended header too long"
        ),
        pytest.param(header(b"s", b"2", link=b"s") + header(b"s/x") + END, id="a symlink to itself on the way"),
    ],
)
def test_a_broken_tar_is_refused_in_one_line(tar: bytes) -> None:
    with pytest.raises(TarInvalid, match=r"^layer: ") as caught:
        read(tar)
    assert "\n" not in str(caught.value)


def test_limits() -> None:
    tar = ONE * 5 + END
    assert read(tar, limits=Limits(len(tar), 5)).members == 5
    with pytest.raises(LimitExceeded, match="--max-bytes"):
        read(tar, limits=Limits(len(tar) - 1, 5))
    with pytest.raises(LimitExceeded, match="--max-entries"):
        read(tar, limits=Limits(len(tar), 4))


def test_holes_count_as_bytes() -> None:
    tar = old_gnu(((1 << 32, 0),), b"", 1 << 32) + END
    with pytest.raises(LimitExceeded, match="--max-bytes"):
        read(tar, limits=Limits(max_bytes=1 << 32))


def test_names_and_attributes_are_bounded_as_a_whole() -> None:
    big = pax(SCHILY_xattr_user_a=bytes(1 << 19)) + header()
    with pytest.raises(LimitExceeded, match="names, links and attributes"):
        read_layer((big for _ in range(100)), where="layer", limits=Limits(max_entries=100))


def test_files_are_kept_in_memory_only_up_to_a_bound() -> None:
    with pytest.raises(LimitExceeded, match="keep in memory"):
        read(header(size=100 << 20))


SEEDS = [
    b"".join(write_layer(sketch())),
    *(tar + END for tar in SPARSE_TARS.values()),
    pax(path=b"a", SCHILY_xattr_user_a=b"1") + member(b"f", b"x") + header(b"h", b"1", link=b"a") + END,
    header(b"././@LongLink", b"L", 4)
    + padded(b"name")
    + header(b"d/", b"5")
    + header(b"s", b"2", link=b"d")
    + header(b"s/x")
    + END,
]


@settings(max_examples=400)
@given(
    st.sampled_from(SEEDS),
    st.lists(st.tuples(st.integers(0, 4000), st.binary(max_size=8)), max_size=6),
    st.booleans(),
)
def test_mutated_tars_raise_nothing_but_our_errors(seed: bytes, edits: list[tuple[int, bytes]], mend: bool) -> None:
    tar = bytearray(seed)
    for at, raw in edits:
        at %= len(tar)
        tar[at : at + len(raw)] = raw
    if mend:
        _mend_checksums(tar)
    try:
        layer = read(bytes(tar), limits=Limits(1 << 22, 1000))
    except SimError:
        return
    assert layer.diff_hex == sha256(tar).hexdigest()
    assert read(b"".join(write_layer(layer.changes))).changes == layer.changes or _peculiar(layer.changes)


def _mend_checksums(tar: bytearray) -> None:
    for at in range(0, len(tar) - 511, 512):
        if tar[at + 257 : at + 262] == b"ustar":
            tar[at + 148 : at + 156] = b" " * 8
            tar[at + 148 : at + 156] = b"%06o\0 " % sum(tar[at : at + 512])


def _peculiar(changes: ChangeSet) -> bool:
    return any(one.kind is Kind.HARDLINK for one in changes.entries.values())


@given(st.binary(max_size=2000))
def test_arbitrary_bytes_raise_nothing_but_our_errors(raw: bytes) -> None:
    try:
        read(raw)
    except SimError:
        pass

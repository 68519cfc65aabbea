"""Compressed streams: what is read is what was compressed, in bounded pieces; what is broken is refused."""

from __future__ import annotations

import bz2
import gzip
import lzma
import random
import shutil
import subprocess
import sys
import tracemalloc
import zlib
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.content import compression
from sim.content.compression import PIECE, Compression, compress, decompressed, sniff
from sim.errors import SimError, StreamInvalid, Unsupported

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

NOISE = random.Random(7).randbytes(70_000)
RAW = bytes(700_000) + NOISE + b"abc" * 30_000
SKIPPABLE = bytes.fromhex("502a4d18 03000000") + b"abc"

STREAMS: dict[str, bytes] = {
    "plain": RAW,
    "gzip": gzip.compress(RAW),
    "gzip of several members, one empty": gzip.compress(RAW[:9]) + gzip.compress(b"") + gzip.compress(RAW[9:]),
    "gzip with a name": b"\x1f\x8b\x08\x08\0\0\0\0\0\xffname\0" + gzip.compress(RAW)[10:],
    "gzip, stored": b"".join(compress([RAW], Compression.GZIP)),
    "zstd": zstd.compress(RAW),
    "zstd of several frames, some skippable":
        SKIPPABLE + zstd.compress(RAW[:9]) + SKIPPABLE + zstd.compress(RAW[9:]) + SKIPPABLE,
    "zstd, stored": b"".join(compress([RAW], Compression.ZSTD)),
}
COMPRESSED = {name: blob for name, blob in STREAMS.items() if name != "plain"}


def cut(blob: bytes, step: int) -> Iterator[bytes]:
    return (blob[at : at + step] for at in range(0, len(blob), step))


@pytest.fixture(params=["accelerated", "zlib"], autouse=True)
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test here with the accelerator, where it is installed, and with plain zlib."""
    if request.param == "zlib":
        monkeypatch.setattr(compression, "_zlib", zlib)


@pytest.mark.parametrize("step", [101, 1 << 16, 1 << 30])
@pytest.mark.parametrize("name", STREAMS)
def test_whatever_the_form_and_the_cuts_the_bytes_come_out(name: str, step: int) -> None:
    pieces = list(decompressed(cut(STREAMS[name], step), "test"))
    assert b"".join(pieces) == RAW
    if name != "plain":
        assert max(map(len, pieces)) <= PIECE


@given(st.binary(max_size=300), st.sampled_from(Compression), st.integers(1, 50))
def test_what_we_write_we_read(raw: bytes, form: Compression, step: int) -> None:
    blob = b"".join(compress(cut(raw, step), form))
    assert blob == b"".join(compress([raw], form))
    if form is not Compression.NONE:
        assert b"".join(decompressed(cut(blob, step), "test")) == raw
        assert sniff(blob) is form


@pytest.mark.parametrize("size", [0, 1, 65_534, 65_535, 65_536, 131_071, 131_072, 131_073])
def test_other_decoders_read_what_we_write_at_every_block_boundary(size: int) -> None:
    raw = RAW[-size:] if size else b""
    assert gzip.decompress(b"".join(compress([raw], Compression.GZIP))) == raw
    assert zstd.decompress(b"".join(compress([raw], Compression.ZSTD))) == raw


@pytest.mark.parametrize("tool,form", [("gzip", Compression.GZIP), ("zstd", Compression.ZSTD)])
def test_the_tools_themselves_read_what_we_write(tool: str, form: Compression) -> None:
    if shutil.which(tool) is None:
        pytest.skip(f"no {tool} on this machine")
    blob = b"".join(compress([RAW], form))
    assert subprocess.run([tool, "-dc"], input=blob, capture_output=True, check=True).stdout == RAW


def test_what_we_write_is_the_same_on_every_machine() -> None:
    # Golden: from RFC 1951 (stored blocks) and RFC 8878 (raw blocks) by hand.
    assert b"".join(compress([b"hi"], Compression.ZSTD)).hex(" ") == "28 b5 2f fd 00 38 10 00 00 68 69 01 00 00"
    assert b"".join(compress([], Compression.GZIP)).hex() == "1f8b08000000000000ff" "010000ffff" "00000000" "00000000"


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "the last byte is missing": lambda blob: blob[:-1],
    "the second half is missing": lambda blob: blob[: len(blob) // 2],
    "only the magic is there": lambda blob: blob[:4],
    "a zero follows": lambda blob: blob + b"\0",
    "zeros follow": lambda blob: blob + bytes(512),
    "garbage follows": lambda blob: blob + b"garbage",
    "half a member follows": lambda blob: blob + blob[:7],
}


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("name", COMPRESSED)
@pytest.mark.parametrize("step", [1000, 1 << 30])
def test_a_damaged_stream_is_refused_and_says_where(name: str, damage: str, step: int) -> None:
    with pytest.raises(StreamInvalid, match=r"layer 3: .*byte \d+.*fetch or export") as caught:
        for _ in decompressed(cut(DAMAGE[damage](COMPRESSED[name]), step), "layer 3"):
            pass
    assert caught.value.where == "layer 3"
    assert "\n" not in str(caught.value)


def test_a_wrong_checksum_is_refused() -> None:
    blob = bytearray(gzip.compress(RAW))
    blob[-5] ^= 1
    with pytest.raises(StreamInvalid, match="corrupt gzip data"):
        list(decompressed([bytes(blob)], "test"))


@given(st.sampled_from(sorted(COMPRESSED)), st.integers(0, 10**6), st.integers(0, 255))
def test_a_changed_byte_raises_nothing_but_our_errors(name: str, at: int, value: int) -> None:
    blob = bytearray(COMPRESSED[name])
    blob[at % min(len(blob), 3000)] = value
    try:
        for _ in decompressed([bytes(blob)], "test"):
            pass
    except SimError:
        pass


@pytest.mark.parametrize("name,blob", [
    ("bzip2", bz2.compress(b"x")), ("xz", lzma.compress(b"x")), ("lz4", bytes.fromhex("04224d18 6440")),
])
def test_compressions_that_layers_do_not_have_are_named(name: str, blob: bytes) -> None:
    with pytest.raises(Unsupported, match=f"layer: {name} compressed"):
        list(decompressed([blob], "layer"))


def test_without_a_zstd_library_the_remedy_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "backports.zstd", None)
    monkeypatch.setitem(sys.modules, "compression.zstd", None)
    with pytest.raises(Unsupported, match=r"^layer: zstd .*install backports\.zstd") as caught:
        list(decompressed([STREAMS["zstd"]], "layer"))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("blob", [b"", b"\x1f", b"abc"])
def test_short_streams_are_plain(blob: bytes) -> None:
    assert b"".join(decompressed(cut(blob, 1), "test")) == blob


@pytest.mark.parametrize("form", ["gzip", "zstd"])
def test_a_bomb_comes_out_in_small_pieces(form: str) -> None:
    bomb = gzip.compress(bytes(50_000_000)) if form == "gzip" else zstd.compress(bytes(50_000_000))
    tracemalloc.start()
    total = sum(map(len, decompressed([bomb], "test")))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert total == 50_000_000
    assert peak < 4_000_000

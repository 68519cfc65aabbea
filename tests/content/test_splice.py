"""Spliced bytes against a plain bytearray, which is the definition."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sim.content.data import Data, Extent, Inline
from sim.content.splice import JOINED, Spliced, Zeros, join, overwritten, part, resized, stored

RAW = st.binary(max_size=12)
CHANGES = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.integers(0, 30), RAW),
        st.tuples(st.just("resize"), st.integers(0, 30), st.just(b"")),
    ),
    max_size=8,
)


def far(raw: bytes) -> Data:
    """Bytes that lie elsewhere, in pieces of three."""
    return Extent(len(raw), lambda: (raw[at : at + 3] for at in range(0, len(raw), 3)))


@given(RAW, CHANGES, st.integers(0, 40), st.one_of(st.none(), st.integers(0, 40)))
def test_writes_and_truncations_are_those_of_a_bytearray(
    raw: bytes, changes: list[tuple[str, int, bytes]], offset: int, length: int | None
) -> None:
    data, plain = far(raw), bytearray(raw)
    for what, at, new in changes:
        if what == "resize":
            data, plain = resized(data, at), plain[:at].ljust(at, b"\0")
        else:
            data = overwritten(data, at, Inline(new))
            plain = plain.ljust(at, b"\0")
            plain[at : at + len(new)] = new
    assert data.size == len(plain)
    assert data.read() == b"".join(data.chunks()) == bytes(plain)
    assert data.read(offset, length) == bytes(plain[offset:][:length])
    assert data == Inline(bytes(plain))


@given(RAW, st.integers(0, 14), st.integers(0, 14), st.integers(0, 14))
def test_a_part_of_a_part(raw: bytes, start: int, end: int, within: int) -> None:
    start, end = min(start, end), max(start, end)
    assert part(part(far(raw), start, end), within, 14).read() == raw[start:end][within:]


def test_holes_are_not_stored() -> None:
    data = resized(Inline(b"ab"), 10**12)
    assert (data.size, stored(data)) == (10**12, 2)
    assert stored(overwritten(data, 10**11, Inline(b"xyz"))) == 5
    assert stored(Zeros(9)) == 0 and stored(Inline(b"abc")) == 3
    assert join([Zeros(3), Zeros(4)]).size == 7 and isinstance(join([Zeros(3), Zeros(4)]), Zeros)


def test_small_pieces_are_joined_and_large_ones_are_not() -> None:
    data: Data = Inline(b"")
    for _ in range(100):
        data = join([data, Inline(b"line\n")])
    assert isinstance(data, Inline)
    large = join([Inline(b"x" * JOINED), Inline(b"y")])
    assert isinstance(large, Spliced) and large.size == JOINED + 1

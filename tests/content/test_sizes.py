"""Sizes in words, both ways."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.content.sizes import human_size, parse_size
from sim.errors import SimError

SHOWN = [
    # bytes, text, why
    (0, "0B", "docker prints 0B"),
    (999, "999B", "bytes are exact"),
    (1000, "1kB", "decimal units"),
    (1234, "1.23kB", "three significant digits"),
    (77_812_345, "77.8MB", "as docker images prints ubuntu"),
    (999_499, "999kB", "rounds down"),
    (999_500, "1MB", "never 1e+03kB"),
    (5 * 10**18, "5000PB", "the last unit takes all"),
]


@pytest.mark.parametrize(("count", "text", "why"), SHOWN, ids=[why for *_, why in SHOWN])
def test_human_size(count: int, text: str, why: str) -> None:
    assert human_size(count) == text


@pytest.mark.parametrize(
    ("text", "count"),
    [("0", 0), ("12", 12), ("12B", 12), ("1k", 1000), ("1K", 1000), ("1.5M", 1_500_000), ("2 GB", 2 * 10**9),
     ("1Ki", 1024), ("64GiB", 64 << 30), ("1T", 10**12), ("0.0019k", 1)],
)
def test_parse_size(text: str, count: int) -> None:
    assert parse_size(text) == count


@pytest.mark.parametrize(
    "text", ["", "x", "-1", "1.", ".5", "1X", "1e9", "1i", "1iB", "1 0", "٣", "1k1", "nan", " ", "9" * 5000]
)
def test_what_is_no_size_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(SimError) as refused:
        parse_size(text)
    assert "\n" not in str(refused.value) and "500M" in str(refused.value)


@given(st.integers(min_value=0, max_value=10**17))
def test_what_is_shown_reads_back_to_three_digits(count: int) -> None:
    again = parse_size(human_size(count))
    assert abs(again - count) <= count * 0.005 + 0.5

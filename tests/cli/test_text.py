"""Tables and names on a terminal."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.cli.text import can_show, plural, shown, table

HOSTILE = [
    # name, shown, claim
    ("plain name.txt", "plain name.txt", "what is printable stays"),
    ("a\nb\tc\r", "a\\nb\\tc\\r", "one line stays one line"),
    ("\x1b[2Jgone", "\\x1b[2Jgone", "no escape sequence reaches the terminal"),
    ("\x9b2J", "\\x9b2J", "nor its one-byte form"),
    ("txt.\u202eexe", "txt.\\u202eexe", "nor a change of reading direction"),
    ("caf\udcc3\udca9", "caf\\xc3\\xa9", "bytes that are no UTF-8 are shown as bytes"),
    ("层", "层", "any script is text"),
]


@pytest.mark.parametrize(("name", "text", "claim"), HOSTILE, ids=[claim for *_, claim in HOSTILE])
def test_shown(name: str, text: str, claim: str) -> None:
    assert shown(name) == text


@given(st.text(st.characters()))
def test_shown_is_printable_and_idempotent(name: str) -> None:
    assert shown(name).isprintable()
    assert shown(shown(name)) == shown(name)


def test_columns_line_up_with_wide_characters() -> None:
    lines = table(("name", "n"), [("层", "1"), ("ab", "22")], right=[1]).split("\n")
    assert lines == ["name   n", "层     1", "ab    22"]


def test_a_symbol_is_used_only_where_the_encoding_has_it() -> None:
    for encoding, able in (("utf-8", True), ("ascii", False), ("cp1252", False), ("gbk", False)):
        assert can_show("✓", io.TextIOWrapper(io.BytesIO(), encoding=encoding)) is able
    assert not can_show("✓", io.StringIO()), "a stream without an encoding is trusted with ASCII alone"


def test_plural() -> None:
    assert [plural(n, "entry", "entries") for n in (0, 1, 2000)] == ["0 entries", "1 entry", "2,000 entries"]

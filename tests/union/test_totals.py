"""Totals: what is stored, what the merged view shows of it."""

import pytest

from sim.fs.changeset import ChangeSet
from sim.fs.sketch import directory, file, hardlink, sketch, symlink, whiteout
from sim.union.totals import Totals, file_bytes, layer_bytes, totals

LAYERS = [
    # layer, bytes, claim
    (sketch(), 0, "an empty layer holds nothing"),
    (sketch(file("/a", b"12345"), file("/b", b"678")), 8, "files add up"),
    (sketch(file("/a", b"12345"), hardlink("/b", "/a"), hardlink("/c", "/a")), 5, "three names, one inode: once"),
    (sketch(file("/a", b"12345"), file("/b", b"12345")), 10, "equal content of two files counts twice"),
    (sketch(directory("/d"), symlink("/l", "a long target"), whiteout("/w")), 0, "only regular files count"),
]


@pytest.mark.parametrize(("layer", "count", "claim"), LAYERS, ids=[claim for *_, claim in LAYERS])
def test_bytes_of_a_layer(layer: ChangeSet, count: int, claim: str) -> None:
    assert layer_bytes(layer) == count


def test_hidden_is_what_is_stored_and_not_shown() -> None:
    base, top = sketch(file("/a", b"1" * 70), file("/b", b"2" * 10)), sketch(file("/a", b"3" * 5), whiteout("/b"))
    counted = totals([base, top], [("", top.entries["a"]), ("a", top.entries["a"])])
    assert counted == Totals(paths=1, live_bytes=5, stored_bytes=85)
    assert counted.hidden_bytes == 80


def test_a_name_kept_of_a_hidden_hard_link_keeps_its_bytes_live() -> None:
    base = sketch(file("/a", b"12345"), hardlink("/b", "/a"))
    assert file_bytes([base.entries["b"]]) == 5

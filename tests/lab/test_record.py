"""The learner's record: never half written, never overwritten when it cannot be understood."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sim.errors import BadInput, SimError
from sim.lab.record import FILE, Record, load, parsed, save, text


def test_nothing_yet(tmp_path: Path) -> None:
    assert load(tmp_path / "none") == Record()


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    made = Record().predicted("a", 2).predicted("b", 1).shown("a")
    save(tmp_path / "new" / "folder", made)
    assert load(tmp_path / "new" / "folder") == made


def test_a_prediction_after_the_answer_does_not_count() -> None:
    assert Record().shown("a").predicted("a", 1).predictions == {}
    assert Record().predicted("a", 1).shown("a").predicted("a", 2).predictions == {"a": 1}


def test_two_records_join_into_all_that_was_done() -> None:
    one, other = Record().predicted("a", 2).tried("x#1", 3).done("t"), Record().predicted("a", 1).shown("a").done("u")
    joined = one.joined(other)
    assert (dict(joined.predictions), joined.seen, dict(joined.exercises), joined.solved) == (
        {"a": 1}, {"a"}, {"x#1": 3}, {"t", "u"})
    assert parsed(text(joined), "here") == joined


@pytest.mark.parametrize(
    "text",
    [
        b"", b"{", b"[]", b"\xff", b'{"version": 2}', b'{"version": 1}',
        b'{"version": 1, "predictions": {"a": "x"}, "seen": []}', b'{"version": 1, "predictions": {}, "seen": [1]}',
        b'{"version": 1, "predictions": {"a": true}, "seen": []}',
    ],
)  # fmt: skip
def test_a_damaged_file_is_refused_with_its_place_and_left(tmp_path: Path, text: bytes) -> None:
    (tmp_path / FILE).write_bytes(text)
    with pytest.raises(BadInput) as caught:
        load(tmp_path)
    assert str(tmp_path / FILE) in str(caught.value) and "move it away" in str(caught.value)
    assert (tmp_path / FILE).read_bytes() == text


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save(tmp_path, Record().predicted("a", 1))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(SimError, match="No space left on device; set SIM_HOME"):
        save(tmp_path, Record().predicted("a", 2))
    assert load(tmp_path).predictions == {"a": 1}
    assert [path.name for path in tmp_path.iterdir()] == [FILE]

"""The progress line: drawn late, on terminals alone, wiped at the end."""

import io

import pytest

from sim.cli.progress import PATIENCE, Bar, line


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_nothing_is_drawn_where_nobody_looks() -> None:
    pipe, clock = io.StringIO(), Clock()
    with Bar(pipe, clock) as bar:
        clock.now = 100
        bar(1, 2, "reading")
    assert pipe.getvalue() == ""


def test_nothing_is_drawn_for_what_is_over_soon() -> None:
    terminal, clock = Terminal(), Clock()
    with Bar(terminal, clock) as bar:
        for clock.now in (0.0, PATIENCE / 2, PATIENCE * 0.99):
            bar(1, 2, "reading")
    assert terminal.getvalue() == ""


def test_one_line_is_drawn_and_wiped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    terminal, clock = Terminal(), Clock()
    with Bar(terminal, clock) as bar:
        clock.now = 1.0
        bar(50, 100, "reading layer 1")
        bar(51, 100, "reading layer 1")  # Too soon after the last.
    drawn = [part for part in terminal.getvalue().split("\r") if part]
    assert len(drawn) == 2 and "\n" not in terminal.getvalue()
    assert drawn[0].startswith("[####") and drawn[0].rstrip().endswith("reading layer 1") and len(drawn[0]) == 79
    assert drawn[1] == " " * 79, "wiped"


def test_it_is_wiped_when_interrupted() -> None:
    terminal, clock = Terminal(), Clock()
    with pytest.raises(KeyboardInterrupt), Bar(terminal, clock) as bar:
        clock.now = 1.0
        bar(50, 100, "reading")
        raise KeyboardInterrupt
    assert terminal.getvalue().rstrip("\r").rpartition("\r")[2].isspace()


def test_the_remaining_time_is_that_of_the_stage() -> None:
    terminal, clock = Terminal(), Clock()
    bar = Bar(terminal, clock)
    bar(99, 100, "one")
    clock.now = 10.0
    bar(0, 100, "two")
    clock.now = 14.0
    bar(50, 100, "two")
    assert terminal.getvalue().rstrip().endswith("50%  4 s left  50B of 100B  two")


@pytest.mark.parametrize(
    ("done", "total", "text"),
    [(0, 100, "[........................]  0%  0B of 100B  w"),
     (100, 100, "[########################]  100%  0 s left  100B of 100B  w"),
     (300, 100, "[########################]  100%  0 s left  300B of 100B  w"),
     (5, None, "5B  w"), (5, 0, "5B  w")],
)
def test_line(done: int, total: int | None, text: str) -> None:
    assert line(done, total, "w", 5.0) == text


def test_a_name_in_the_line_cannot_draw() -> None:
    assert "\x1b" not in line(1, None, "reading \x1b[2J", 0)

"""COPY --chmod: BuildKit's, refused by the builder before it."""

from __future__ import annotations

import pytest

from sim.engine.internet import new_world
from sim.engine.terminal import Seat, step


@pytest.fixture
def seat() -> Seat:
    found = Seat(new_world())
    for line in ("docker pull -q busybox", "echo 1 > a"):
        found, _ = step(found, line)
    return found


def built(seat: Seat, mode: str, how: str = "DOCKER_BUILDKIT=1 ") -> tuple[Seat, str]:
    seat, _ = step(seat, f"printf 'FROM busybox\\nCOPY --chmod={mode} a /a\\n' > Dockerfile")
    seat, outcome = step(seat, f"{how}docker build -t one .")
    return seat, outcome.text


def mode(seat: Seat) -> str:
    return step(seat, "docker run --rm one stat -c %a /a")[1].stdout


def test_the_older_builder_refuses_it_in_dockers_words(seat: Seat) -> None:
    seat, text = built(seat, "755", how="")
    assert "\nthe --chmod option requires BuildKit. Refer to https://docs.docker.com/go/buildkit/" in text
    assert step(seat, "docker images -q one")[1].stdout == ""


def test_buildkit_sets_the_mode_and_another_mode_is_another_layer(seat: Seat) -> None:
    for wanted in ("750", "0700"):
        seat, _ = built(seat, wanted)
        assert mode(seat) == f"{int(wanted, 8):o}\n"


@pytest.mark.parametrize("wrong", ["u+x", "9", "77777"])
def test_no_other_words_are_taken(seat: Seat, wrong: str) -> None:
    seat, text = built(seat, wrong)
    assert f"invalid chmod parameter: '{wrong}'. it should be octal string" in text

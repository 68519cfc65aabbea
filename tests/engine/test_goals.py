"""Goals: each can be met, none is met at its start, and a state that goes wrong names its misconception."""

from __future__ import annotations

import pytest

from sim.engine.goals import GOALS, Grade, grade
from sim.engine.preset import PASSWORD
from sim.engine.terminal import Seat, step
from sim.lab.texts.goals import GOAL_STRINGS
from sim.lab.texts.misconceptions import MISCONCEPTIONS


def after(name: str, *lines: str) -> Seat:
    seat = GOALS[name].start()
    for line in lines:
        seat, _ = step(seat, line.replace("{password}", PASSWORD))
    return seat


@pytest.mark.parametrize("name", GOALS)
def test_a_goal_is_open_at_its_start_and_its_solution_meets_it(name: str) -> None:
    goal = GOALS[name]
    assert not goal.met(goal.start())
    assert grade(goal, after(name, *goal.solution)) == Grade(True)
    assert not goal.met(after(name, *goal.solution[:-1])), "the last line is needed"
    assert all(number in MISCONCEPTIONS for _, number in goal.shows)


@pytest.mark.parametrize(("name", "lines", "misconception"), [
    ("smaller", ("docker run --name box fat:1 sh -c 'rm -rf /var/lib/apt/lists/*'", "docker commit box slim:1"), 1),
    ("smaller", ("docker images",), None),
    ("resume", ("docker run -d busybox sleep 1000",), 15),
    ("resume", ("docker rm pad",), 15),
    ("private", ("echo '{\"insecure-registries\": [\"172.17.0.1:5000\"]}' > /etc/docker/daemon.json",), 3),
    ("secret", ("docker run --name box leaky:1 rm /app/key", "docker commit box clean:1"), 19),
    ("executable", ("docker run --name box tool:1 chmod 755 /opt/tool", "docker commit box tool:2"), 2),
    ("executable", ("docker tag busybox tool:2",), None),
    ("backup", ("docker commit shop backup:1",), 4),
    ("both", ("docker run -d -v /site:/conf web:1 sleep 100000",), 16),
    ("both", ("docker run -d web:1 sleep 100000",), None),
    ("latest", ("docker rmi app:latest",), 5),
    ("archive", ("docker export -o /backup.tar work",), 22),
    ("publish", ("docker commit 72613e8ac37a ubuntu-cyo57:1.0", "docker push ubuntu-cyo57:1.0"), 6),
])
def test_a_state_that_goes_wrong_names_its_misconception(
    name: str, lines: tuple[str, ...], misconception: int | None
) -> None:
    found = grade(GOALS[name], after(name, *lines))
    assert (found.met, found.misconception) == (False, misconception)


def test_hints_come_one_after_another_and_the_last_stays() -> None:
    goal = GOALS["private"]
    assert [grade(goal, goal.start(), asked).hint for asked in range(3)] == [
        "private.read", "private.reload", "private.reload"]


def test_goals_and_hints_are_told_in_both_languages() -> None:
    keys = {key for name, goal in GOALS.items() for key in (name, *(f"{name}.{hint}" for hint in goal.hints))}
    assert keys == set(GOAL_STRINGS)
    for english, chinese in GOAL_STRINGS.values():
        assert english.endswith((".", "?")) and chinese.endswith(("。", "？"))


@pytest.mark.parametrize(("name", "lines"), [
    ("resume", ("docker restart -t 0 pad",)),
    ("secret", ("docker run --name box leaky:1 rm /app/key", "docker export box | docker import - clean:1")),
    ("executable", ("docker run --name box -v /root/tool:/tool busybox sh -c "
                    "'mkdir /opt; cp /tool /opt/tool; chmod 755 /opt/tool'", "docker commit box tool:2")),
    ("backup", ("docker cp shop:/data/orders o", "printf 'FROM busybox\\nCOPY o /o\\n' > Dockerfile",
                "docker build -t backup:1 .")),
    ("latest", ("docker rmi app:latest", "docker tag app:2 app")),
    ("archive", ("docker save app:1 > /backup.tar",)),
])
def test_another_way_is_as_good(name: str, lines: tuple[str, ...]) -> None:
    assert grade(GOALS[name], after(name, *lines)).met

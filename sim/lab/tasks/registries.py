"""How the tasks of the lessons on registries are judged: by the state of a world, whatever way led there."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..questions.question import Both
from ..texts.goals import GOAL_STRINGS
from ..texts.misconceptions import told
from .images import NO_WORLD

if TYPE_CHECKING:
    from ...engine.terminal import Seat

APP = "cyo57/app"
FOLDER = "/cyo57/myregistry"


def _seat(answer: object) -> Seat | None:
    from ...engine.internet import HOST
    from ...engine.terminal import Seat
    from ...engine.world import World

    return Seat(answer) if isinstance(answer, World) and HOST in answer.hosts else None


def reached(name: str) -> Callable[[object], Both | None]:
    """Return the judge of a goal: what a wrong state shows, or else the next hint."""

    def judge(answer: object) -> Both | None:
        from ...engine.goals import GOALS, grade

        seat = _seat(answer)
        if seat is None:
            return NO_WORLD
        goal = GOALS[name]
        begun = seat.world != goal.start().world
        found = grade(goal, seat, int(begun))
        if found.met:
            return None
        if found.misconception is not None and begun:
            return told(found.misconception, "en").truth, told(found.misconception, "zh").truth
        assert found.hint is not None
        return GOAL_STRINGS[found.hint]

    return judge


def app(answer: object) -> Both | None:
    """`answer` is a world in which the cloud's repository cyo57/app holds the tag 1."""
    from ...engine.internet import CLOUD

    seat = _seat(answer)
    if seat is None:
        return NO_WORLD
    remote = seat.world.remotes[CLOUD]
    held = remote.state.repositories.get(APP)
    if held is not None and "1" in held.tags:
        return None
    if APP in remote.repositories:
        return ("The repository is there, and empty: push after it was created.",
                "仓库有了，但是空的：创建之后还要推送。")
    return (
        "The name is right, the login is there, the namespace is yours. Which of the cloud's things is missing? "
        "lab.cloud lists what there is.",
        "名字没有错，已经登录，命名空间也是你的。云上还缺什么？lab.cloud 会列出已有的东西。",
    )


def kept(answer: object) -> Both | None:
    """`answer` is a world in which a registry at port 5000 keeps what is pushed in the host's folder."""
    from ...engine.terminal import step

    seat = _seat(answer)
    if seat is None:
        return NO_WORLD
    if step(seat, "curl -s http://127.0.0.1:5000/v2/")[1].exit:
        return ("No registry answers at port 5000.", "5000 端口上没有仓库服务应答。")
    for line in ("docker tag ubuntu 127.0.0.1:5000/probe:1", "docker push 127.0.0.1:5000/probe:1"):
        seat, _ = step(seat, line)
    if step(seat, f"ls {FOLDER}")[1].stdout.split():
        return None
    return (
        f"It runs, but what is pushed does not get into {FOLDER}. At which path of its own does the registry write? "
        "The section above shows it.",
        f"它在运行，但推送的数据没有写进 {FOLDER}。仓库服务写的是容器里的哪个路径？上面一节里有。",
    )

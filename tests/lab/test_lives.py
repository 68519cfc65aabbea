"""A container's life in pictures: processes, layers and volumes as the simulated docker has them."""

from __future__ import annotations

import pytest

from sim.engine.docker import docker
from sim.engine.internet import HOST, new_world
from sim.errors import BadInput
from sim.lab.lessons import Lab
from sim.lab.lives import MOST, life_picture, lived
from sim.lab.questions import QUESTIONS

STORY = (
    "docker run -d --name box -v notes:/data alpine sleep 1000",
    "docker exec box sh -c 'echo hi > /root/a; echo hi > /data/b'",
    "docker stop box", "docker start box", "docker rm -f box",
    "docker run -d --name new -v notes:/data alpine sleep 1000",
)


def holds(k: int, who: str, what: str) -> list[str]:
    rows = life_picture(lived(STORY), k).table.rows
    return [row[2] for row in rows if (row[0], row[1]) == (who, what)]


@pytest.mark.parametrize(
    ("k", "process", "layer", "volume"),
    [
        (0, "not there", [], "-"),
        (1, "runs sleep 1000", ["A /data"], "-"),
        (2, "runs sleep 1000", ["A /data", "C /root", "A /root/a"], "/b"),
        (3, "no process: exited (137)", ["A /data", "C /root", "A /root/a"], "/b"),
        (4, "runs sleep 1000", ["A /data", "C /root", "A /root/a"], "/b"),
        (5, "not there", [], "/b"),
        (6, "not there", [], "/b"),
    ],
    ids=["before", "run", "exec", "stop", "start", "rm", "run again"],
)
def test_process_layer_and_volume_end_each_in_its_own_time(k: int, process: str, layer: list[str], volume: str) -> None:
    assert holds(k, "box", "process") == [process]
    assert holds(k, "box", "its writable layer") == layer
    assert holds(k, "volume notes", "/") == [volume]


def test_the_right_answer_is_what_the_new_container_sees() -> None:
    lived(())  # Registers the shell inside containers.
    world = new_world()
    for line in STORY:
        world = docker(world, HOST, line.split()[1:] if "'" not in line else [
            "exec", "box", "sh", "-c", "echo hi > /root/a; echo hi > /data/b",
        ]).world
    seen = docker(world, HOST, ["exec", "new", "ls", "/root", "/data"]).stdout.split()
    assert ("a" in seen, "b" in seen) == (False, True) and QUESTIONS["03.life"].right == 2


def test_an_image_that_containers_share_is_drawn_once_and_another_beside_it() -> None:
    shared = life_picture(lived(STORY), 6).wide
    assert shared.count('class="l1"') == 1
    two = lived(["docker run --name one hello-world", "docker run -d --name two alpine sleep 9"])
    assert life_picture(two, 2).wide.count('class="l1"') == 2


def test_more_containers_than_there_is_room_for_are_left_out() -> None:
    many = lived([f"docker create --name c{n} hello-world" for n in range(MOST + 2)])
    assert life_picture(many, len(many) - 1).alt.count("no process yet") == MOST


def test_what_docker_refuses_is_printed_and_the_story_goes_on(lab: Lab) -> None:
    story = lab.life("docker stop nobody", "docker volume create vol", at=-1)
    assert "No such container: nobody" in story.goto(1).pictures[0].wide
    assert story.goto(2).pictures[0].alt.endswith("volume vol: empty.")
    assert "卷 vol：空的" in Lab("zh", folder=lab.folder).life("docker volume create vol", at=1).pictures[0].alt


@pytest.mark.parametrize(("line", "words"), [("ls", "is no docker command"), ("docker run 'x", "cannot be read")])
def test_what_is_no_docker_command_is_a_sentence(line: str, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        lived([line])

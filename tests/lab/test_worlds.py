"""The simulated world in a notebook: commands in cells, the picture of what they changed, and the way back."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sim.engine.internet import new_world
from sim.errors import BadInput, SimError
from sim.lab.lessons import Lab
from sim.lab.places import PLACES

CLOUD = "registry.cn-hangzhou.aliyuncs.com"


def became(lab: Lab, mark: str) -> list[str]:
    """What the picture's table says of things that became so."""
    return [row[0] for row in lab.show().table.rows if row[3] == mark]


def names(lab: Lab) -> list[str]:
    return [part for row in lab.show().table.rows for part in row[2].split(", ") if row[0].startswith("image ")]


def test_a_command_prints_as_docker_does_and_returns_the_rest(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    done = lab.run("docker pull ubuntu")
    printed = capsys.readouterr().out
    assert printed == done.text and printed.endswith("docker.io/library/ubuntu:latest\n")
    assert (done.exit, repr(done)) == (0, "exit 0") and done.world is lab.world
    # A layer's many states are one line.
    assert printed.count("Pull complete") == 1 and "Downloading" not in printed
    assert {"Downloading", "Extracting"} <= {event.facts.get("state") for event in done.events}


def test_a_failure_is_printed_like_any_output(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    assert lab.run("docker tag nothing here:1").exit == 1
    assert capsys.readouterr().out == "Error response from daemon: No such image: nothing:latest\n"
    assert lab.run("nosuch").exit == 127


@pytest.mark.parametrize(
    ("lines", "mark", "what"),
    [
        (["docker pull ubuntu"], "new", ["image 89a9268040a7", "layer 1"]),
        (["docker pull ubuntu", "docker run -d --name box ubuntu sleep 99"], "new", ["container box"]),
        (["docker pull ubuntu", "docker images"], "new", []),
        (["docker run -d --name box ubuntu sleep 99", "docker exec box touch /a"], "changed", ["container box"]),
        (["docker run --name box hello-world", "docker rm box"], "gone", ["container box"]),
        (["docker pull hello-world", "docker rmi hello-world"], "gone", ["image 9f4e4dbc1b2c", "layer 1"]),
        (["docker run -d -v notes:/data alpine sleep 99"], "new", ["volume notes"]),
    ],
    ids=["pull", "run", "a question", "write", "rm", "rmi", "volume"],
)
def test_the_picture_marks_what_the_last_command_changed(
    lab: Lab, lines: list[str], mark: str, what: list[str]
) -> None:
    for line in lines:
        lab.run(line)
    found = became(lab, mark)
    for one in what:
        kind = one.split()[0]
        assert any(row.startswith(kind) for row in found), (one, found)
    assert bool(found) == bool(what)


def test_a_tag_that_moves_is_gone_from_one_image_and_new_on_the_other(lab: Lab) -> None:
    lab.script("docker pull -q ubuntu\ndocker pull -q alpine\ndocker tag ubuntu mine:1")
    lab.run("docker tag alpine mine:1")
    assert {"+ mine:1", "− mine:1"} <= set(names(lab))
    assert "the name mine:1 leads elsewhere" in lab.show().alt
    lab.run("docker images")
    assert "Nothing changed" in lab.show().alt and "mine:1" in names(lab)


def test_a_shared_layer_is_stored_once_and_the_sizes_do_not_add_up(lab: Lab) -> None:
    lab.script("docker run --name box ubuntu touch /a\ndocker commit box two:1\ndocker commit box three:1")
    assert "3 images on" in lab.show().alt and "add up to 210MB" in lab.show().alt
    layers = [row for row in lab.show().table.rows if row[0] == "layer 1"]
    assert len(layers) == 1


def test_a_cell_shows_prompts_comments_are_none_and_an_editor_takes_the_rest(
    lab: Lab, capsys: pytest.CaptureFixture[str]
) -> None:
    lab.script("# a note\ndocker run -it alpine\nhostname -s > /h\nexit\nvim /etc/docker/daemon.json\n\n# add\n{}\n")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "[root@cyo57 ~]# docker run -it alpine"
    assert "/ # hostname -s > /h" in lines and "[root@cyo57 ~]# vim /etc/docker/daemon.json" in lines
    assert lab.world.hosts["cyo57"].files.read("/etc/docker/daemon.json") == b"{}\n"


def test_the_notes_placeholders_are_filled_and_said(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    lab.goto("notes")
    lab.script("docker commit -m 'Vim Ubuntu' -a='cyo57' <CONTAINER_ID> ubuntu-cyo57:1.0")
    said = capsys.readouterr().out
    assert "# <CONTAINER_ID> is 72613e8ac37a" in said and "commit -m 'Vim Ubuntu' -a='cyo57' 72613e8ac37a" in said


def test_a_login_gets_the_password_and_says_so(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    assert lab.run(f"docker login --username=ACCOUNT {CLOUD}").exit == 0
    said = capsys.readouterr().out
    assert "Password: " in said and "Login Succeeded" in said and "typed for you" in said
    assert lab.run(f"docker login -u ACCOUNT {CLOUD}", answers=["wrong"]).exit == 1
    assert "typed for you" not in capsys.readouterr().out


def test_the_console_makes_what_a_push_wants_and_can_be_undone(lab: Lab) -> None:
    with pytest.raises(SimError, match="no namespace"):
        lab.cloud.create_repository("mine/x")
    lab.cloud.create_namespace("mine")
    begin = lab.world
    assert f"{CLOUD}/mine/x" in repr(lab.cloud.create_repository("mine/x"))
    assert ("private repository", "mine/x") in lab.cloud.table().rows
    assert became(lab, "new") == ["repository mine/x"]
    lab.script(f"docker pull -q alpine\ndocker tag alpine {CLOUD}/mine/x:1\ndocker login -u ACCOUNT {CLOUD}")
    assert lab.run(f"docker push {CLOUD}/mine/x:1").exit == 0
    assert "1 Pushed" in lab.show().alt and ("private repository", "mine/x: 1") in lab.cloud.table().rows
    lab.cloud.delete_repository("mine/x")
    assert became(lab, "gone") == ["repository mine/x"]
    lab.undo(6)
    assert lab.world == begin


def test_a_private_registry_is_drawn_while_its_container_runs(lab: Lab) -> None:
    lab.run("docker run -d -p 5000:5000 --name reg registry")
    assert "reg, cyo57:5000" in lab.show().text and "nothing pushed yet" in lab.show().text
    lab.script("docker pull -q alpine\ndocker tag alpine 127.0.0.1:5000/a:1\ndocker push 127.0.0.1:5000/a:1")
    assert "repository a" in became(lab, "new")
    lab.run("docker stop reg")
    assert "repository a" not in lab.show().text


def test_the_host_stands_right_below_the_heading_in_both_layouts(lab: Lab) -> None:
    lab.script("docker pull -q nginx\ndocker run -d -p 5000:5000 --name reg registry\ndocker run ubuntu")
    shown = lab.show()

    def below(layout: str) -> float:
        lines = re.findall(r'<text [^>]*y="([\d.]+)"[^>]*>([^<]*)', layout)
        host = next(n for n, (_, words) in enumerate(lines) if words == "host cyo57")
        return float(lines[host][0]) - float(lines[host - 1][0])

    assert below(shown.wide) == below(shown.narrow) < 40


def test_undo_redo_reset_and_goto(lab: Lab) -> None:
    begin = lab.world
    lab.run("docker pull alpine")
    pulled = lab.world
    lab.run("docker tag alpine a:1")
    assert "docker tag alpine a:1" in repr(lab.undo()) and lab.world == pulled
    assert "+ " not in "".join(names(lab)) and "− a:1" in names(lab)
    assert "Done again: docker tag alpine a:1" in repr(lab.redo()) and "a:1" in "".join(names(lab))
    lab.reset()
    assert lab.world == begin and "nothing to undo" in repr(lab.undo())
    lab.redo(2)
    assert "nothing to redo" in repr(lab.redo())
    assert "[root@cyo57 ~]#" in repr(lab.goto("notes")) and "What there is now" in lab.show().alt
    with pytest.raises(SimError, match="no place '99.9'"):
        lab.goto("99.9")


@pytest.mark.parametrize("place", PLACES)
def test_every_place_can_be_gone_to(lab: Lab, place: str) -> None:
    lab.goto(place)
    assert lab.world.hosts and lab.show().alt


def test_the_magic_runs_a_cell_and_shows_when_asked(lab: Lab, tmp_path: Path) -> None:
    testing = pytest.importorskip("IPython.testing.globalipapp")
    shell = testing.get_ipython() or testing.start_ipython()
    zh = Lab("zh", folder=tmp_path)
    assert shell.run_cell_magic("terminal", "", "docker pull -q hello-world") is None
    shown = shell.run_cell_magic("terminal", "show", "docker tag hello-world mine:1")
    assert shown.alt.startswith("执行 docker tag hello-world mine:1 之后。新增：名字 mine:1。")
    assert "mine:1" in str(zh.world.hosts["cyo57"].daemon.tags)
    with pytest.raises(BadInput, match="什么都不写"):
        shell.run_cell_magic("terminal", "now", "docker ps")


def test_what_if_shows_a_world_that_is_dropped_again(lab: Lab) -> None:
    lab.script("docker pull -q alpine\ndocker tag alpine a:1")
    before = lab.world
    seen = lab.what_if("docker rmi alpine", "docker rmi a:1", "docker images")
    assert lab.world == before and len(lab.terminal.history.done) == 2
    assert "[root@cyo57 ~]# docker rmi a:1\nUntagged: a:1\nDeleted: sha256:" in repr(seen)
    assert "Gone: image" in seen.picture.alt and "<pre>" in seen._repr_mimebundle_()["text/html"]
    assert "a:1" in lab.show().text and "After docker pull -q alpine; docker tag alpine a:1." in lab.show().alt


def test_one_sits_down_before_another_host_and_both_are_drawn(lab: Lab) -> None:
    lab.step_to(new_world(["cyo57", "other"]))
    lab.run("docker pull -q alpine")
    assert "[root@other ~]#" in repr(lab.sit("other")) and lab.run("docker images -q").text == ""
    lab.run("docker pull -q hello-world")
    assert [row[1] for row in lab.show().table.rows if row[3] == "new"] == ["other", "other"]
    assert "host cyo57: 1 image on 1 stored layer" in lab.show().alt and "host other: 1 image" in lab.show().alt
    with pytest.raises(SimError, match="no host 'third'"):
        lab.sit("third")

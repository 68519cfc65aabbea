"""Lessons 07 and 08: their questions against the model, their tables, their tasks, and where their sections start."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

import pytest

from sim.boot.runtime import CAPABILITIES
from sim.engine.goals import GOALS
from sim.engine.internet import CLOUD
from sim.engine.preset import PASSWORD
from sim.lab.lessons import Lab
from sim.lab.places import PLACES
from tests.lab.answers import right

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
REMOTE = f"{CLOUD}/cyo57/ubuntu-cyo57-1.0"
PRIVATE = "172.17.0.1:5000"
LOGIN = f"docker login --username=ACCOUNT {CLOUD}"
DENIED = "denied: requested access to the resource is denied"
PLAIN = f'Get "https://{PRIVATE}/v2/": http: server gave HTTP response to HTTPS client'
#: Sections that begin exactly where the one before ends; the others begin with something of their own.
SAME = {"07.2", "07.3", "07.4", "07.5", "08.2", "08.3", "08.4"}


def rows(text: str) -> list[list[str]]:
    """Return the rows of a table in plain text, less its caption and its head."""
    return [re.split(r"\s{2,}", line) for line in text.split("\n\n", 1)[1].splitlines()[1:]]


# ---- 07


def test_a_name_without_an_address_leads_to_docker_io(lab: Lab) -> None:
    lab.goto("07.1")
    assert lab.run("docker push ubuntu-cyo57:1.0").text.splitlines() == [
        "The push refers to repository [docker.io/library/ubuntu-cyo57]", DENIED]
    assert right("07.where") == "docker.io, as library/ubuntu-cyo57"
    assert "Layers:" not in lab.show().alt, "a push that was refused has moved none"


def test_whatever_is_missing_the_push_is_denied_in_the_same_words(lab: Lab) -> None:
    said = rows(lab.denials().plain)
    assert [row[:2] for row in said] == [
        [login, made] for login in ("no", "yes") for made in ("nothing", "namespace", "namespace and repository")]
    assert {row[2] for row in said[:-1]} == {DENIED} and said[-1][2].startswith("1.0: digest: sha256:")
    assert right("07.denied").startswith("One of several things")
    lab.goto("07.3")
    assert "unauthorized" in lab.run(LOGIN, answers=["a-guess"]).text


def test_the_password_can_be_read_without_a_key(lab: Lab) -> None:
    lab.goto("07.3")
    auth = json.loads(lab.run("cat .docker/config.json").text)["auths"][CLOUD]["auth"]
    assert base64.b64decode(auth).decode() == f"ACCOUNT:{PASSWORD}" and right("07.base64").startswith("Whoever")
    lab.run(f"docker logout {CLOUD}")
    assert json.loads(lab.run("cat .docker/config.json").text) == {"auths": {}}


def test_layers_are_mounted_from_another_repository_of_the_same_registry(lab: Lab) -> None:
    lab.goto("07.4")
    assert lab.run(f"docker push {REMOTE}:1.0").text.count(": Pushed") == 2
    lab.cloud.create_repository("cyo57/tools")
    text = lab.run(f"docker tag ubuntu-cyo57:1.0 {CLOUD}/cyo57/tools:1 && docker push {CLOUD}/cyo57/tools:1").text
    assert text.count("Mounted from cyo57/ubuntu-cyo57-1.0") == 2 and right("07.mount") == "Nothing"


def test_a_second_push_of_the_same_changes_nothing_in_the_picture(lab: Lab) -> None:
    lab.goto("07.4")
    lab.run(f"docker push {REMOTE}:1.0")
    assert "Changed: repository cyo57/ubuntu-cyo57-1.0" in lab.show().alt
    assert lab.run(f"docker push {REMOTE}:1.0").text.count("Layer already exists") == 2
    assert "Nothing changed" in lab.show().alt


def test_a_second_host_fetches_the_layer_that_it_does_not_have(lab: Lab) -> None:
    lab.goto("07.5")
    assert "pull access denied" in lab.run(f"docker pull {REMOTE}:1.0").text
    lab.run(LOGIN)
    assert lab.run(f"docker pull {REMOTE}:1.0").text.count("Pull complete") == 2
    text = lab.run(f"docker pull {REMOTE}:1.1").text
    assert (text.count("Already exists"), text.count("Pull complete")) == (2, 1)
    assert right("07.pull").startswith("The one layer")
    assert "manifest unknown" in lab.run(f"docker pull {REMOTE}").text


# ---- 08


def test_a_registry_takes_pushes_without_a_volume_and_without_rights(lab: Lab) -> None:
    lab.goto("08.1")
    lab.run("docker run -d -p 5000:5000 registry")
    assert lab.run("docker inspect -f '{{.HostConfig.Privileged}}' $(docker ps -q -l)").text == "false\n"
    lab.run("docker tag ubuntu 127.0.0.1:5000/ubuntu:1")
    assert lab.run("docker push 127.0.0.1:5000/ubuntu:1").exit == 0 and right("08.needs") == "-p alone"
    lab.goto("08.1")
    lab.run("docker run -d registry")
    assert lab.run("docker push 127.0.0.1:5000/ubuntu:1").exit == 1, "-p is needed"
    said = "".join("".join(cell["source"]) for cell in cells("08_private_registry"))
    assert f"instead of the {len(CAPABILITIES)} that docker leaves a container" in said


def test_the_curl_of_the_notes_complains_and_gets_the_catalog(lab: Lab) -> None:
    lab.goto("08.2")
    done = lab.run(f"curl XGET http://{PRIVATE}/v2/_catalog")
    assert (done.exit, done.outcome.stderr) == (0, "curl: (6) Could not resolve host: XGET\n")
    assert done.outcome.stdout == lab.run(f"curl -XGET http://{PRIVATE}/v2/_catalog").text == '{"repositories":[]}\n'
    assert "UNAUTHORIZED" in lab.run(f"curl -s https://{CLOUD}/v2/_catalog").text


def test_each_row_of_the_decisions_is_as_docker_decides(lab: Lab) -> None:
    said = [(*row[:4], row[4] if row[4] == PLAIN else row[4][:11]) for row in rows(lab.decisions().plain)]
    works = "1.0: digest"
    assert said == [
        (PRIVATE, "HTTP", "-", "-", PLAIN),
        (PRIVATE, "HTTP", "insecure-registries", "no", PLAIN),
        (PRIVATE, "HTTP", "insecure-registries", "yes", works),
        (PRIVATE, "HTTP", "registry-mirrors", "yes", PLAIN),
        ("127.0.0.1:5000", "HTTP", "-", "-", works),
        (CLOUD, "HTTPS", "-", "-", works),
        (CLOUD, "HTTPS", "insecure-registries", "yes", works),
    ]
    assert right("08.where").endswith("that pushes, and a reload") and right("08.mirror").startswith("No: a mirror")


def test_tables_are_tried_beside_the_labs_own_world(lab: Lab) -> None:
    lab.goto("07.2")
    before = lab.world
    lab.denials()
    lab.decisions()
    assert lab.world is before


def test_a_restart_stops_the_registry_and_keeps_its_data(lab: Lab) -> None:
    lab.goto("08.3")
    lab.run("systemctl restart docker")
    assert "Exited (137)" in lab.run("docker ps -a").text
    assert lab.run(f"docker push {PRIVATE}/cyo_ubuntu:1.0").text.endswith("connect: connection refused\n")
    assert right("08.restart") == "connection refused"
    lab.run("docker start $(docker ps -aq)")
    assert lab.run(f"docker push {PRIVATE}/cyo_ubuntu:1.0").text.count("Layer already exists") == 2


def test_a_mirror_decides_what_a_name_of_docker_io_leads_to(lab: Lab) -> None:
    lab.goto("08.4")
    lab.script(f"docker tag ubuntu {PRIVATE}/library/alpine:latest\ndocker push {PRIVATE}/library/alpine:latest\n"
               f"echo '{{\"registry-mirrors\": [\"http://{PRIVATE}\"]}}' > /etc/docker/daemon.json\n"
               "systemctl reload docker\ndocker pull alpine")
    ids = lab.run("docker images --format '{{.ID}}' alpine && docker images --format '{{.ID}}' ubuntu").text.split()
    assert len(ids) == 2 and len(set(ids)) == 1


def test_what_was_pushed_is_in_an_anonymous_volume(lab: Lab) -> None:
    lab.goto("08.5")
    assert lab.run("ls /cyo57/myregistry").text == ""
    lab.run("docker rm -f $(docker ps -q)")
    lab.run("docker run -d -p 5000:5000 -v /cyo57/myregistry/:/tmp/registry --privileged=true registry")
    assert lab.run(f"curl -s http://{PRIVATE}/v2/_catalog").text == '{"repositories":[]}\n'
    assert len(lab.run("docker volume ls -q").text.split()) == 2 and right("08.data") == "Nothing"


def test_rmi_deletes_nothing_in_a_registry(lab: Lab) -> None:
    lab.goto("08.5")
    digest = lab.run("docker inspect -f '{{index .RepoDigests 0}}' cyo_ubuntu:1.0").text.strip().partition("@")[2]
    assert "UNSUPPORTED" in lab.run(f"curl -s -X DELETE http://{PRIVATE}/v2/cyo_ubuntu/manifests/{digest}").text
    lab.run(f"docker rmi {PRIVATE}/cyo_ubuntu:1.0")
    assert lab.run(f"curl -s http://{PRIVATE}/v2/cyo_ubuntu/tags/list").text == '{"name":"cyo_ubuntu","tags":["1.0"]}\n'
    assert right("08.delete") == "All that it had"


# ---- tasks


INSECURE = f"echo '{{\"insecure-registries\": [\"{PRIVATE}\"]}}' > /etc/docker/daemon.json"
OWN = "docker run -d -p 5000:5000 -v /cyo57/myregistry:{} registry"


@pytest.mark.parametrize(
    ("task", "lines", "said"),
    [
        ("07.publish", [], "decided by the name"),
        ("07.publish", ["docker commit 7261 ubuntu-cyo57:1.0"], "The name decides"),
        ("07.publish", [f"docker commit 7261 {REMOTE}:1.0"], "wants a login"),
        ("07.publish", [f"docker commit 7261 {REMOTE}:1.0", LOGIN, f"docker push {REMOTE}:1.0"], "Right."),
        ("08.kept", [], "No registry answers"),
        ("08.kept", [OWN.format("/tmp/registry")], "does not get into /cyo57/myregistry"),
        ("08.kept", [OWN.format("/var/lib/registry")], "Right."),
        ("08.private", [], "which protocol does docker speak"),
        ("08.private", [INSECURE], "only at a reload or a restart"),
        ("08.private", [INSECURE, "systemctl restart docker"], "has to read that file again"),
        ("08.private", [INSECURE, "systemctl reload docker", f"docker push {PRIVATE}/cyo_ubuntu:1.0"], "Right."),
    ],
)
def test_a_task_grades_the_world(lab: Lab, task: str, lines: list[str], said: str) -> None:
    lab.goto(task)
    for line in lines:
        lab.run(line)
    assert said in repr(lab.check(task, lab.world))
    assert "lab.world" in repr(lab.check(task, 3))


def test_the_missing_step_is_the_repository(lab: Lab) -> None:
    lab.goto("07.app")
    push = f"docker push {CLOUD}/cyo57/app:1"
    assert lab.run(push).text.endswith(DENIED + "\n")
    assert "Which of the cloud's things is missing" in repr(lab.check("07.app", lab.world))
    lab.cloud.create_repository("cyo57/app")
    assert "push after it was created" in repr(lab.check("07.app", lab.world))
    lab.run(push)
    assert repr(lab.check("07.app", lab.world)) == "Right." and "lab.world" in repr(lab.check("07.app", "done"))


def test_the_exercises_alone_begin_where_their_goals_do() -> None:
    for task, goal in (("07.publish", "publish"), ("08.private", "private")):
        assert PLACES[task]().world == GOALS[goal].start().world


# ---- the notebooks


def holdings(lab: Lab) -> object:
    """What a section hands on: names by host, what the cloud has, whom docker trusts, and where one sits."""
    remote, hosts = lab.world.remotes[CLOUD], lab.world.hosts
    held = {name: sorted(one.tags) for name, one in remote.state.repositories.items()}
    return (
        {name: sorted(host.daemon.tags) for name, host in hosts.items()}, held, sorted(remote.repositories),
        sorted(remote.namespaces), hosts["cyo57"].daemon.settings,
        hosts["cyo57"].files.read("/root/.docker/config.json"),
        [(one.image, one.state) for one in hosts["cyo57"].daemon.containers.values()],
    )


def cells(lesson: str, folder: str = "") -> list[dict[str, Any]]:
    return json.loads((NOTEBOOKS / folder / f"{lesson}.ipynb").read_text(encoding="utf-8"))["cells"]


@pytest.mark.parametrize("lesson", ["07_cloud_registry", "08_private_registry"])
def test_a_section_starts_where_the_cells_before_lead(lab: Lab, lesson: str, monkeypatch: pytest.MonkeyPatch) -> None:
    met: list[str] = []

    def goto(place: str) -> None:
        before = holdings(lab)
        Lab.goto(lab, place)
        assert place not in SAME or holdings(lab) == before, place
        met.append(place)

    monkeypatch.setattr(lab, "goto", goto)
    scope = {"lab": lab, "display": repr}
    for cell in cells(lesson):
        source = "".join(cell["source"])
        if source.startswith("%%terminal"):
            lab.script(source.partition("\n")[2])
        elif cell["cell_type"] == "code" and not cell["id"].endswith(("-setup", "-reveal")):
            exec(source, scope)
    assert met == [place for place in PLACES if place.startswith(lesson[:2])]


@pytest.mark.parametrize("lesson", ["07_cloud_registry", "08_private_registry"])
def test_the_editions_differ_in_their_words_alone(lesson: str) -> None:
    english, chinese = cells(lesson), cells(lesson, "zh")
    assert [cell["id"] for cell in english] == [cell["id"] for cell in chinese]
    for one, other in zip(english, chinese, strict=True):
        same = one["source"] == other["source"]
        assert same is (one["cell_type"] == "code" and not one["id"].endswith("-setup")), one["id"]

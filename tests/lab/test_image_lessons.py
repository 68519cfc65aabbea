"""Lessons 05 and 06: their questions against the model, their tasks by state, and where their sections start."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from sim.lab.lessons import Lab
from sim.lab.places import PLACES
from tests.lab.answers import right

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
#: Sections that begin exactly where the one before ends; the others begin with something of their own.
SAME = {"05.2", "05.3", "05.4", "05.5", "06.2"}
SIZE = re.compile(r"on (\d+) stored layers?, ([\d.]+MB)")


def stored(alt: str) -> str:
    found = SIZE.search(alt)
    assert found is not None
    return found[2]


def test_commit_adds_the_containers_layer_and_takes_nothing(lab: Lab) -> None:
    lab.goto("05.1")
    before = lab.world.hosts["cyo57"].daemon
    alt = lab.what_if("docker commit 7261 new:1").picture.alt
    lab.run("docker commit 7261 new:1")
    after = lab.world.hosts["cyo57"].daemon
    assert "the name new:1, layer 2 of 60.9MB" in alt and right("05.commit").startswith("The container's own layer, as")
    assert dict(after.containers) == dict(before.containers)
    old = next(image for image in before.images.values() if len(image.config.diff_ids) == 1)
    new = after.images[after.tags["docker.io/library/new:1"]]
    assert new.config.diff_ids[:-1] == old.config.diff_ids


def test_removing_in_a_later_layer_shrinks_nothing_and_in_the_same_it_does(lab: Lab) -> None:
    lab.goto("05.2")
    lab.script("docker run --name tidy ubuntu-cyo57:1.0 sh -c 'rm -rf /var/lib/apt/lists/*'\ndocker commit tidy tidy:1")
    sizes = lab.run("docker images --format '{{.Repository}} {{.Size}}'").text.split()
    assert sizes[sizes.index("tidy") + 1] == sizes[sizes.index("ubuntu-cyo57") + 1] == "131MB"
    assert right("05.rm").startswith("131 MB")
    lab.goto("05.3")
    assert "slim 111MB" in lab.run("docker images --format '{{.Repository}} {{.Size}}'").text


def test_missing_ids_are_those_of_steps_made_elsewhere(lab: Lab) -> None:
    lab.goto("05.3")
    rows = lab.run("docker history --format '{{.ID}}' ubuntu-cyo57:1.0").text.split()
    held = lab.run("docker images -q").text.split()
    assert set(rows[:2]) <= set(held) and set(rows[2:]) == {"<missing>"}
    assert lab.run("docker run --rm ubuntu-cyo57:1.0 true").exit == 0 and "another machine" in right("05.missing")


def test_two_instructions_of_five_make_a_layer_and_the_cache_ends_at_the_first_change(lab: Lab) -> None:
    lab.goto("05.4")
    lab.run("docker build -t hello:1 .")
    daemon = lab.world.hosts["cyo57"].daemon
    layers = [len(daemon.images[daemon.tags[f"docker.io/library/{name}"]].config.diff_ids)
              for name in ("hello:1", "ubuntu:latest")]
    assert layers[0] - layers[1] == 2 and right("05.layers") == "Two"
    lab.run("sed -i 's/echo hello/echo hi/' Dockerfile")
    steps = lab.run("docker build -t hello:2 .").text.split("Step ")[1:]
    assert [step[0] for step in steps if "Using cache" not in step and step[0] != "1"] == ["3", "4", "5"]
    assert right("05.cache") == "Steps 3, 4 and 5"


def test_a_commit_takes_no_volume(lab: Lab) -> None:
    lab.goto("05.5")
    lab.script("docker run --name data -v notes:/data ubuntu sh -c 'echo a > /data/a; echo b > /b'\n"
               "docker commit data data:1")
    assert lab.run("docker run --rm data:1 ls /b /data").text == "/b\n\n/data:\n"
    assert right("05.volume") == "/b, and /data empty"


def test_a_tag_stores_nothing(lab: Lab) -> None:
    lab.goto("06.1")
    before = stored(lab.show().alt)
    alt = lab.what_if("docker tag cyo_ubuntu:1.0 172.17.0.1:5000/cyo_ubuntu:1.0").picture.alt
    assert stored(alt) == before and right("06.clone") == "Nothing but a name"


def test_the_id_is_the_configs_digest_and_the_digest_the_manifests(lab: Lab) -> None:
    lab.goto("06.2")
    daemon = lab.world.hosts["cyo57"].daemon
    image = daemon.images[daemon.tags["docker.io/library/ubuntu:latest"]]
    line = lab.run("docker images --digests --no-trunc --format '{{.ID}} {{.Digest}}' ubuntu").text.split()
    assert line == [str(image.id), str(image.manifest)] and str(image.id) == str(type(image.id).of(image.config.raw))
    assert right("06.digest") == "The ID names the config, the digest the manifest"


def test_the_same_container_committed_twice(lab: Lab) -> None:
    lab.goto("06.5")
    daemon = lab.world.hosts["cyo57"].daemon
    one, two = (daemon.images[daemon.tags[f"docker.io/library/{name}:1"]] for name in ("one", "two"))
    assert one.id != two.id and one.config.diff_ids == two.config.diff_ids
    assert right("06.twice") == "All layers; the IDs differ"
    assert stored(lab.show().alt) == "131MB" and right("06.sizes") == "131 MB"


def test_a_name_that_moves_leaves_an_image_without_one(lab: Lab) -> None:
    lab.goto("06.3")
    lab.script("docker commit 7261 one:1\ndocker commit 7261 one:1")
    assert lab.run("docker images -f dangling=true --format '{{.Repository}} {{.Tag}}'").text == "<none> <none>\n"
    assert right("06.moved") == "It stays, as <none>"


def test_rmi_of_one_name_of_two_deletes_that_name(lab: Lab) -> None:
    lab.goto("06.4")
    assert lab.run("docker rmi cyo_ubuntu:1.0").text == "Untagged: cyo_ubuntu:1.0\n"
    assert "Deleted: sha256:" in lab.run("docker rmi 172.17.0.1:5000/cyo_ubuntu:1.0").text
    assert right("06.rmi") == "That name"


# ---- tasks


@pytest.mark.parametrize(
    ("task", "place", "lines", "said"),
    [
        ("05.greet", "05.5", [], "no image greet:1"),
        ("05.greet", "05.5", ["docker run --name box ubuntu true", "docker commit box greet:1"], "One flag"),
        ("05.greet", "05.5", ["docker run --name box ubuntu true",
                              "docker commit -c 'CMD [\"echo\", \"hi\"]' box greet:1"], "Right."),
        ("05.greet", "05.5", ["docker run --name box ubuntu echo hi", "docker commit box greet:1"], "Right."),
        ("06.gone", "06.gone", ["docker rmi cyo_ubuntu:1.0"], "still has the name 172.17.0.1:5000"),
        ("06.gone", "06.gone", ["docker rmi -f cyo_ubuntu:1.0 172.17.0.1:5000/cyo_ubuntu:1.0"], "a container stands"),
        ("06.gone", "06.gone", ["docker rm forgotten", "docker rm -f ubuntu-vim",
                                "docker rmi cyo_ubuntu:1.0 172.17.0.1:5000/cyo_ubuntu:1.0 ubuntu"], "was to stay"),
        ("06.gone", "06.gone", ["docker rm forgotten",
                                "docker rmi cyo_ubuntu:1.0 172.17.0.1:5000/cyo_ubuntu:1.0"], "Right."),
    ],
)
def test_a_task_grades_the_world(lab: Lab, task: str, place: str, lines: list[str], said: str) -> None:
    lab.goto(place)
    for line in lines:
        lab.run(line)
    assert said in repr(lab.check(task, lab.world))
    assert "lab.world" in repr(lab.check(task, 3))


def test_what_was_removed_in_a_later_layer_can_be_read(lab: Lab) -> None:
    lab.goto("05.key")
    assert lab.run("docker run --rm clean:1 cat /root/key").exit == 1
    parent = lab.run("docker history -q clean:1").text.split()[1]
    held = lab.run(f"docker run --rm {parent} cat /root/key").text
    assert held and repr(lab.check("05.key", held)) == repr(lab.check("05.key", held.strip().encode())) == "Right."
    assert "docker history names" in repr(lab.check("05.key", "no idea"))


def test_each_layer_counts_once(lab: Lab) -> None:
    lab.goto("06.5")
    stock = lab.world.stock
    layers = [one for image in lab.world.host("cyo57").daemon.images.values() for one in image.config.diff_ids]
    assert repr(lab.check("06.stored", sum(stock.layers[one].size for one in set(layers)))) == "Right."
    assert "sum of docker images" in repr(lab.check("06.stored", sum(stock.layers[one].size for one in layers)))
    assert "Take each DiffID once" in repr(lab.check("06.stored", 7))


# ---- the notebooks


@pytest.mark.parametrize("lesson", ["05_commit_build_history", "06_names_and_ids"])
def test_a_section_starts_where_the_cells_before_it_lead(lab: Lab, lesson: str) -> None:
    cells = json.loads((NOTEBOOKS / f"{lesson}.ipynb").read_text(encoding="utf-8"))["cells"]
    met = []
    for source in ("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"):
        if source.startswith("%%terminal"):
            lab.script(source.partition("\n")[2])
        for place in re.findall(r'lab\.goto\("(\d\d\.\d)"\)', source):
            before = lab.world.hosts["cyo57"].daemon
            lab.goto(place)
            if place in SAME and place not in met:
                assert dict(lab.world.hosts["cyo57"].daemon.tags) == dict(before.tags), place
            met.append(place)
    lessons = [place for place in PLACES if place.startswith(lesson[:2]) and place[3:].isdigit()]
    assert sorted(set(met)) == lessons

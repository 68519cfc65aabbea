"""Lesson 11: an image of one's own; its questions and tasks are held against the model."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.dedup.sharing import usage
from sim.dedup.subject import Subject
from sim.errors import BadInput, SimError
from sim.image.convert import write_archive
from sim.image.layer import Image
from sim.image.stored import laid_as_stored
from sim.lab.lessons import Lab
from sim.lab.own import OWN
from sim.lab.places.challenges import WASTEFUL
from sim.lab.questions import QUESTIONS
from sim.registry.client import push
from sim.registry.reference import Reference
from sim.registry.wire import serving
from sim.source import open_image, open_outline, validate_image
from sim.union.lookup import lookup
from tests import image_builders as make

SMALLER = ("chmod 755 tool", "sed -i '/chmod/d' Dockerfile")
BEST = (*SMALLER, "sed -i '/rm -rf/d; s/^RUN apk update$//; s/apk add vim/apk add --no-cache vim/' Dockerfile")

MODED = (*BEST, "chmod 644 tool", "sed -i 's/COPY/COPY --chmod=755/' Dockerfile")


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    monkeypatch.delenv(OWN, raising=False)
    return Lab(folder=tmp_path / "home")


@pytest.fixture
def mine(lab: Lab) -> Image:
    return lab.own()


def right(key: str) -> str:
    return QUESTIONS[key].options("en")[QUESTIONS[key].right - 1]


def test_the_example_is_an_archive_as_docker_save_writes_it(lab: Lab, mine: Image, tmp_path: Path) -> None:
    found = validate_image(tmp_path / "home" / "example.tar")
    assert found.ok and mine.name == "app:1"
    last = [layer.created_by.split()[-1] for layer in mine.layers[3:]]
    assert last == ["/opt/tool", "/opt/tool", "/var/cache/apk/*"]


def test_an_image_of_ones_own_is_a_path_a_variable_or_a_registrys(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "box.tar"
    write_archive(open_image("sample:busybox"), path)
    assert lab.own(path).layers == lab.own(str(path)).layers
    monkeypatch.setenv(OWN, str(path))
    assert len(lab.own().layers) == 1 and not (tmp_path / "home").exists(), "no example is written"


def test_bad_use_is_a_sentence(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BadInput, match=r"nosuch\.tar"):
        lab.own(tmp_path / "nosuch.tar")
    (tmp_path / "notes.txt").write_text("no archive")
    with pytest.raises(BadInput, match=r"notes\.txt"):
        lab.own(tmp_path / "notes.txt")
    with pytest.raises(SimError, match=r"127\.0\.0\.1"):
        lab.own("127.0.0.1:9/app:1")
    (tmp_path / "home").write_text("a file where the folder should be")
    with pytest.raises(SimError, match="set SIM_HOME to a folder of yours"):
        lab.own()


# ---- the questions


def test_the_layers_of_the_archive(mine: Image) -> None:
    assert len(WASTEFUL.splitlines()) == 8 and len(mine.layers) == 6 and right("11.layers") == "Six"
    assert lookup(mine.stack, "opt/tool").layer == 5 and right("11.why").startswith("Layer 5")


def test_the_environment_is_in_the_config_alone(lab: Lab, mine: Image) -> None:
    assert "TOOL=/opt/tool" in mine.config.config.env and "TOOL=/opt/tool" in repr(lab.config(mine))
    assert all(entry.data is None or entry.size > 10**6 or b"TOOL=" not in entry.data.read()
               for layer in mine.layers[1:] for entry in layer.changes.entries.values())
    assert right("11.env") == "In none: it is in the config"


def test_what_nobody_sees_of_it(lab: Lab, mine: Image) -> None:
    totals = usage(Subject.of(mine)).totals
    hidden = totals.stored_bytes - totals.live_bytes
    assert (round(totals.stored_bytes / 1e6, 1), round(hidden / 1e6, 1)) == (50.3, 9.9)
    assert right("11.hidden") == "About 10 MB"
    assert "50.3MB  40.4MB  9.93MB" in repr(lab.compare(mine))


def test_which_change_makes_it_smaller(lab: Lab) -> None:
    def size(*lines: str) -> float:
        lab.goto("11.5")
        for line in (*lines, "docker build -q -t app:2 ."):
            assert lab.run(line).exit == 0
        return float(lab.run("docker inspect -f '{{.Size}}' app:2").text) / 1e6

    whole = size()
    assert size("echo 'RUN rm /opt/tool' >> Dockerfile") == whole
    assert size("sed -i '/^ENV/d; s/^FROM alpine/&\\nENV TOOL=\\/opt\\/tool/' Dockerfile") == pytest.approx(whole)
    assert size(*SMALLER) == pytest.approx(whole - 6) and right("11.change").startswith("chmod on the host")


# ---- the tasks


def test_the_worst_layer(lab: Lab, mine: Image) -> None:
    def said(answer: object) -> str:
        return repr(lab.check("11.worst", answer))

    assert said((mine, 4)) == "Right."
    assert "largest layer" in said((mine, 3)) and "Fewer bytes" in said((mine, 5))
    for wrong in ((mine, None), (mine, 7), (mine, "4")):
        assert "Put its number into worst" in said(wrong)
    assert "Give both" in said(4)


@pytest.mark.parametrize(("lines", "says"), [
    ((), "There is no image app:3 yet"),
    (("docker tag alpine app:3",), "lacks vim"),
    (("docker run --name more app:1 rm /var/cache/apk -r", "docker commit more app:3"), "only adds a whiteout"),
    ((*SMALLER, "docker build -q -t app:3 ."), "Layer 2 still stores bytes that nobody sees"),
    ((*BEST, "docker build -q -t app:3 ."), "Right."),
    ((*MODED, "docker build -q -t app:3 ."), "no image"),
    ((*MODED, "DOCKER_BUILDKIT=1 docker build -q -t app:3 ."), "Right."),
])
def test_the_slim_image(lab: Lab, lines: tuple[str, ...], says: str) -> None:
    lab.goto("11.5")
    for line in lines:
        lab.run(line)
    assert says in repr(lab.check("11.slim", lab.world))


def test_a_world_is_wanted(lab: Lab) -> None:
    assert "lab.world" in repr(lab.check("11.slim", 3))


def test_a_registrys_image_is_opened(lab: Lab, tmp_path: Path) -> None:
    archive = make.write(tmp_path / "box.tar", make.oci(make.image([make.tar({"a": b"1"})])))
    with serving() as server:
        name = f"{server.address}/app:1"
        push(laid_as_stored(open_outline(archive)), Reference.parse(name))
        assert len(lab.own(name).layers) == 1

"""Instruments whose next picture the learner chooses: what they show is what the world holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.errors import BadInput
from sim.lab.lessons import Lab
from tests.lab.instrument_figures import PUSHES

REPOSITORY = "172.17.0.1:5000/b"


@pytest.fixture
def lab(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Lab:
    """A lab whose private registry holds two repositories."""
    made = Lab(folder=tmp_path)
    for line in PUSHES:
        assert made.run(line).exit == 0, capsys.readouterr().out
    return made


# ---- the registry browser


def test_a_repository_is_what_the_registry_says_it_is(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    shown = repr(lab.registry(REPOSITORY))
    lab.run("curl -s http://localhost:5000/v2/b/tags/list")
    assert capsys.readouterr().out.endswith('{"name":"b","tags":["2","3"]}\n')
    assert "2 tags on 2 manifests, which need 4 blobs" in shown
    lab.run("curl -sI http://localhost:5000/v2/b/manifests/3")
    digest = capsys.readouterr().out.rpartition("Docker-Content-Digest: ")[2].split()[0]
    assert f"manifests  {digest}" in shown


def test_a_tag_is_followed_to_its_layers_and_what_is_shared_is_said(lab: Lab) -> None:
    stepper = lab.registry(REPOSITORY).stepper
    assert [stepper.words(k) for k in range(3)] == ["all", "1 of 2: tag 2", "2 of 2: tag 3"]
    alt = stepper.goto(1).pictures[0].alt
    assert "a config and 2 layers" in alt and "3 are in a/one too, and are stored once" in alt
    assert "1 is in a/one too" in stepper.goto(2).pictures[0].alt


def test_reading_again_takes_in_what_happened_meanwhile(lab: Lab) -> None:
    browser = lab.registry(REPOSITORY)
    before = repr(browser)
    lab.run("docker pull -q alpine")
    lab.run("docker tag alpine localhost:5000/b:4")
    lab.run("docker push -q localhost:5000/b:4")
    assert repr(browser) == before
    assert browser.again().name == REPOSITORY and "3 tags on 3 manifests" in repr(browser)
    lab.run("docker stop reg")
    assert not any(name.startswith("172.17.0.1:5000") for name in browser.again().steppers)


def test_a_manifest_that_lost_its_tag_is_still_there(lab: Lab) -> None:
    lab.run("docker pull -q alpine")
    lab.run("docker tag alpine localhost:5000/b:3")
    lab.run("docker push -q localhost:5000/b:3")
    stepper = lab.registry(REPOSITORY).stepper
    assert stepper.last == 3 and "No tag names the manifest" in stepper.goto(3).pictures[0].alt


def test_every_registry_is_there_and_a_wrong_name_is_a_sentence(lab: Lab) -> None:
    assert lab.registry().name == "172.17.0.1:5000/a/one"
    assert lab.registry("docker.io/library/nginx").stepper.last == 2
    assert "Nothing was pushed" in repr(lab.registry("registry.cn-hangzhou"))
    with pytest.raises(BadInput, match="no registry that answers has nowhere"):
        lab.registry("nowhere")
    with pytest.raises(BadInput, match="there is no nowhere to choose"):
        lab.registry().choose("nowhere")


def test_the_widget_reads_again_and_keeps_its_place(lab: Lab) -> None:
    pytest.importorskip("ipywidgets")
    row, place, _ = lab.registry(REPOSITORY).widget().children
    menu, button = row.children
    lab.run("docker tag ubuntu localhost:5000/c:1")
    lab.run("docker push -q localhost:5000/c:1")
    button.click()
    assert menu.value == REPOSITORY and "172.17.0.1:5000/c" in menu.options
    menu.value = "172.17.0.1:5000/c"
    assert "The repository 172.17.0.1:5000/c" in place.children[0].children[2].value

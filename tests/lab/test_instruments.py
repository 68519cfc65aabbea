"""Instruments whose next picture the learner chooses: what they show is what the world holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.content.descriptor import OCI_INDEX, OCI_MANIFEST, canonical_json
from sim.content.digest import Digest
from sim.errors import BadInput
from sim.lab.lessons import Lab
from sim.lab.shelfpicture import shelf_words
from sim.lab.shelves import shelves
from sim.union.overlay import OverlayMount
from tests.lab.instrument_figures import PUSHES, several

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
    assert "2 tags and 2 images, which need 4 blobs" in shown
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
    assert browser.again().name == REPOSITORY and "3 tags and 3 images" in repr(browser)
    lab.run("docker stop reg")
    assert not any(name.startswith("172.17.0.1:5000") for name in browser.again().steppers)


def test_a_manifest_that_lost_its_tag_is_still_there(lab: Lab) -> None:
    lab.run("docker pull -q alpine")
    lab.run("docker tag alpine localhost:5000/b:3")
    lab.run("docker push -q localhost:5000/b:3")
    stepper = lab.registry(REPOSITORY).stepper
    assert stepper.last == 3 and "No tag names the manifest" in stepper.goto(3).pictures[0].alt


def test_an_index_is_one_image_and_is_named_as_such(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    held = shelves(lab.world, "cyo57")[REPOSITORY]
    manifests = [{"mediaType": OCI_MANIFEST, "digest": str(one.digest), "size": one.size} for one in held.sheets]
    index = canonical_json({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": manifests}).decode()
    at = "http://localhost:5000/v2/b/manifests"
    assert lab.run(f"curl -sf -X PUT -H 'Content-Type: {OCI_INDEX}' -d '{index}' {at}/all").exit == 0
    assert "3 tags and 1 image, which needs 4 blobs" in (shown := repr(lab.registry(REPOSITORY)))
    assert "1 of the images is an index: 2 manifests in place of one" in shown
    assert f"index      {Digest.of(index.encode())}" in shown
    stepper = lab.registry(REPOSITORY).stepper
    alone, whole = (stepper.goto(k).pictures[0].alt for k in (2, 3))
    assert "The tag 3 names the manifest" in alone
    assert "The tag all names the index" in whole and "2 manifests, which together need 4 blobs" in whole
    found = shelves(lab.world, "cyo57")[REPOSITORY]
    assert [sheet.index for sheet in found.sheets] == [True, False, False]


def test_of_an_index_its_manifests_are_reached_and_what_is_about_it_is_no_image() -> None:
    shelf = several()
    assert [sheet.digest for sheet in shelf.images] == [shelf.sheets[0].digest, shelf.sheets[4].digest]
    assert [tag for tag, _ in shelf.ways] == ["0.9", "1.0", "latest", "", "", "", ""]
    assert "An index names the manifest" in shelf_words(shelf, 4, "en")
    assert len(shelf.blobs_of(shelf.sheets[0])) == 6 and len(shelf.blobs_of(shelf.sheets[1])) == 2


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


# ---- a build, instruction by instruction


def test_a_build_is_stepped_through_as_docker_history_lists_it(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    lab.goto("05.5")
    capsys.readouterr()
    lab.run("docker history --format '{{.CreatedBy}}' hello:1")
    listed = capsys.readouterr().out.splitlines()
    story = lab.build_story("hello:1")
    assert story.k == story.last == len(listed)
    assert "9 instructions made 3 layers" in repr(story) and "No layer: only the config changed" in repr(story)
    assert "Layer 3, 7B: /src/note" in story.back().pictures[0].alt
    assert story.goto(0).pictures[0].alt.startswith("Before the first instruction")


def test_a_build_of_an_image_that_is_not_there_is_a_sentence(lab: Lab) -> None:
    with pytest.raises(BadInput, match="this host has no image nothing:1"):
        lab.build_story("nothing:1")


# ---- the copy-up explorer


@pytest.fixture
def box(lab: Lab) -> OverlayMount:
    """A container of the sample with vim."""
    return lab.mount(lab.open("sample:ubuntu-vim"))


def test_an_operation_that_is_chosen_is_the_mounts_own(lab: Lab, box: OverlayMount) -> None:
    explorer = lab.explore(box, paths=["/etc/passwd"])
    explorer.do("chmod", "/etc/passwd").do("unlink", "/etc/passwd").do("create", "/etc/passwd", 0o600)
    after = box.chmod("/etc/passwd", 0o700)[0].unlink("/etc/passwd")[0].create("/etc/passwd", 0o600)[0]
    assert explorer.container.tree() == after.tree()
    assert explorer.stepper.words(3) == "3 of 3 operations done"
    assert explorer.back().container.tree() == after.unlink("/etc/passwd")[0].tree()
    assert "unlink /etc/passwd" in repr(explorer)


def test_a_new_operation_takes_the_place_of_what_was_stepped_back_over(lab: Lab, box: OverlayMount) -> None:
    explorer = lab.explore(box, [("append", "/etc/passwd", b"x"), ("unlink", "/etc/passwd")], at=2)
    explorer.back().back().do("rename", "/etc/passwd")
    assert explorer.stepper.last == 1 and explorer.on().stepper.k == 1
    assert explorer.reports[0].paths == ("/etc/passwd", "/etc/passwd.old")
    assert "/etc/passwd.old" in repr(explorer)


def test_a_refusal_is_a_picture_and_nonsense_a_sentence(lab: Lab, box: OverlayMount) -> None:
    assert "ENOTEMPTY" in repr(lab.explore(box, paths=["/etc"]).do("rmdir", "/etc"))
    with pytest.raises(BadInput, match="'burn' is no operation of a mount"):
        lab.explore(box, paths=["/etc"]).do("burn", "/etc")


def test_menus_and_button_do_what_the_text_does(lab: Lab, box: OverlayMount) -> None:
    pytest.importorskip("ipywidgets")
    explorer = lab.explore(box, paths=["/etc/passwd", "/usr/bin/perl"])
    row, moving, _ = explorer.widget().children
    path, action, button = row.children
    path.value, action.value = "/usr/bin/perl", "chmod"
    button.click()
    assert explorer.reports[0].paths == ("/usr/bin/perl",) and explorer.reports[0].copied > 3_000_000
    bar, said, view = moving.children
    assert "1 of 1 operation done" in said.value and "chmod /usr/bin/perl" in view.value
    assert bar.children[-1].max == 1 and bar.children[-1].value == 1
    bar.children[0].click()  # Start again
    action.value = "unlink"
    button.click()
    assert [report.op for report in explorer.reports] == ["unlink"]

"""The terminal and the cloud's console as widgets, driven without a browser, and as text without widgets."""

from __future__ import annotations

from typing import Any

import pytest

from sim.lab import widgets
from sim.lab.lessons import Lab
from sim.lab.terminal_widget import KEPT

VIEW = "application/vnd.jupyter.widget-view+json"


def test_what_is_typed_is_printed_and_drawn(lab: Lab) -> None:
    shell = lab.shell()
    shell.enter("docker pull -q hello-world").enter("docker tag hello-world mine:1")
    assert shell.screen.startswith("[root@cyo57 ~]# docker pull -q hello-world\n")
    assert repr(shell).endswith("docker tag hello-world mine:1\n[root@cyo57 ~]# ")
    assert "New: the name mine:1" in shell.picture.alt and shell.lines[-1] == "docker tag hello-world mine:1"
    # One terminal: cells and the widget see the same.
    assert "mine  " in lab.run("docker images").text


def test_undo_and_redo_are_said(lab: Lab) -> None:
    shell = lab.shell().enter("docker pull -q hello-world")
    assert "# Undone: docker pull -q hello-world\n" in shell.undo().screen
    assert "Gone: image" in shell.picture.alt and shell.lines == []
    assert "# There is nothing to undo.\n" in shell.undo().screen
    assert "# Done again: docker pull -q hello-world\n" in shell.redo().screen


def test_a_container_is_entered_and_left(lab: Lab) -> None:
    shell = lab.shell().enter("docker run -it --name box alpine").enter("touch /a")
    assert shell.prompt == "/ # " and "/ # touch /a\n" in shell.screen
    assert shell.enter("exit").prompt == "[root@cyo57 ~]# " and "container box" in shell.picture.text


def test_an_editors_text_follows_its_line_and_an_empty_line_is_a_prompt(lab: Lab) -> None:
    shell = lab.shell().enter('vim /etc/docker/daemon.json\n{"debug": true}').enter("  ")
    assert shell.screen.endswith("written\n[root@cyo57 ~]# \n")
    assert shell.enter("a\0b").screen.endswith("# a line cannot hold a NUL character\n")


def test_the_screen_is_bounded(lab: Lab) -> None:
    shell = lab.shell()
    for _ in range(30):
        shell.enter("echo " + "x" * 2000)
    assert len(shell.screen) == KEPT


def sent(box: Any, what: str, line: str = "") -> None:
    box._handle_custom_msg({"what": what, "line": line}, [])


def test_keys_and_buttons_reach_the_world(lab: Lab) -> None:
    pytest.importorskip("anywidget")
    shell = lab.shell()
    box, view = shell.widget().children
    assert box.label == "Command line of the simulated host" and box.prompt == "[root@cyo57 ~]# "
    sent(box, "run", "docker pull -q hello-world")
    assert box.screen == shell.screen and box.lines == ["docker pull -q hello-world"]
    assert "New: image" in view.value
    sent(box, "undo")
    assert "Gone: image" in view.value and box.lines == []
    sent(box, "redo")
    assert box.lines == ["docker pull -q hello-world"]
    before = shell.screen
    sent(box, "other")
    box._handle_custom_msg("junk", [])
    box._handle_custom_msg({"what": "run", "line": 7}, [])
    assert shell.screen == before


def test_without_widgets_there_is_text(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("anywidget")
    shell = lab.shell().enter("docker images")
    assert VIEW in shell._repr_mimebundle_() and VIEW in lab.cloud._repr_mimebundle_()
    monkeypatch.setattr(widgets, "available", lambda: False)
    bundle = shell._repr_mimebundle_()
    assert set(bundle) == {"text/html", "text/plain"} and "lab.run(" in bundle["text/plain"]
    assert "create_namespace" in lab.cloud._repr_mimebundle_()["text/plain"]


def test_the_consoles_form_creates_and_says_what_is_wrong(lab: Lab) -> None:
    pytest.importorskip("anywidget")
    listed, first, second, said, _ = lab.cloud.widget().children
    space, create = first.children
    name, private, create_repository = second.children
    name.value = "mine/x"
    create_repository.click()
    assert "there is no namespace mine" in said.value and 'role="status"' in said.value
    space.value = "mine"
    create.click()
    private.value = False
    create_repository.click()
    assert "public repository" in listed.value and "mine/x" in said.value
    lab.undo()
    assert lab.cloud.remote.repositories == frozenset()

"""`Lab` as the lessons' cells call it: views, predictions, tasks, and widgets driven without a browser."""

from __future__ import annotations

import json
import subprocess
import sys
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from sim.errors import BadInput, FsError
from sim.fs.sketch import file, sketch, whiteout
from sim.image.samples import advertised_size, sample
from sim.lab import widgets
from sim.lab.lessons import Lab
from sim.lab.looking import looking_down
from sim.lab.questions import QUESTIONS
from sim.lab.record import load
from sim.lab.text import t
from sim.union.lookup import lookup

ROOT = Path(__file__).parents[2]
STACK = [sketch(file("/a", b"1"), file("/b", b"22")), sketch(whiteout("/a")), sketch(file("/b", b"333"))]


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    for name in ("LAYERLAB_REVEAL", "LAYERLAB_IMAGE"):
        monkeypatch.delenv(name, raising=False)
    return Lab(folder=tmp_path)


def shown(value: Any) -> str:
    return value._repr_mimebundle_()["text/plain"]


def test_an_image_is_named_by_argument_then_environment_then_the_sample(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert lab.open().name == "sample:ubuntu-vim"
    monkeypatch.setenv("LAYERLAB_IMAGE", "sample:alpine")
    assert lab.open().name == "sample:alpine"
    assert lab.open("sample:redis").name == "sample:redis"
    with pytest.raises(BadInput, match="no sample is called"):
        lab.open("sample:none")


def test_why_and_look_and_tree_say_what_the_model_says(lab: Lab) -> None:
    assert lookup(STACK, "a").words in lab.why(STACK, "/a").alt
    assert lab.look(STACK, ["/a", "/b"], "/a").table.rows[0][2:] == ("not there", "layer 3")
    assert "b: layer 3 3B" in lab.tree(STACK).alt
    with pytest.raises(FsError):
        lab.tree(STACK, "/none")
    assert Lab("zh").why(STACK, "/a").alt.endswith("有它的 whiteout：ENOENT。第 1 层仍然存着 1B，却没有人看得见。")
    with pytest.raises(BadInput, match="does not speak"):
        Lab("xx")


def test_members_and_names_are_those_of_the_bytes(lab: Lab) -> None:
    image = sample("ubuntu-vim")
    assert ".wh.lock" in lab.members(image, 2, "*.wh.*", limit=20).plain
    assert lab.members(image, 1, limit=3).plain.count("\n") == 5
    assert image.layers[1].chain_id.short in lab.names(image).plain


def test_the_chart_gives_way_to_the_stack_without_matplotlib(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    image = sample("alpine")
    assert "three sizes" in lab.sizes(image).alt
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert "three sizes" not in lab.sizes(image).alt and "3.4MB" in str(lab.sizes(image))


# ---- predict, then reveal


def test_the_answer_waits_for_a_prediction(lab: Lab) -> None:
    evidence: list[str] = []

    def show() -> Any:
        evidence.append("shown")
        return lab.digests(b"hello", b"hallo")

    first = lab.reveal("01.one-byte", show)
    assert "Predict first" in shown(first) and QUESTIONS["01.one-byte"].options("en")[2] not in shown(first)
    assert evidence == []
    lab.predict("01.one-byte", 1)
    assert "You said: One digit" in shown(lab.reveal("01.one-byte", show)) and evidence == ["shown"]
    lab.predict("01.one-byte", 3)
    assert load(lab.folder).predictions == {"01.one-byte": 1}, "after the answer it is too late"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_copy_without_buttons_does_not_send_to_them(tmp_path: Path, lang: str) -> None:
    asked = Lab(folder=tmp_path, lang=lang).predict("01.one-byte")._repr_mimebundle_()
    for kind in ("text/plain", "text/html"):
        assert t("lab.record", lang, key="01.one-byte") not in unescape(asked[kind])
        assert t("lab.write", lang, key="01.one-byte") in unescape(asked[kind])


def test_show_me_and_the_teachers_variable_reveal_unasked(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    right = QUESTIONS["01.recompress"].options("en")[0]
    assert right in shown(lab.reveal("01.recompress", show=True))
    assert "Predict first" in shown(lab.reveal("00.passwd"))
    monkeypatch.setenv("LAYERLAB_REVEAL", "1")
    assert "The answer: Layer 1" in shown(lab.reveal("00.passwd"))


@pytest.mark.parametrize("choice", [0, 4, -1, "1", True])
def test_what_is_no_choice_is_refused(lab: Lab, choice: Any) -> None:
    with pytest.raises(BadInput, match="no choice"):
        lab.predict("01.one-byte", choice)
    with pytest.raises(BadInput, match="no question 'x'"):
        lab.predict("x")


def test_the_right_choices_are_what_the_model_computes(lab: Lab) -> None:
    ubuntu, vim = sample("ubuntu"), sample("ubuntu-vim")
    assert QUESTIONS["00.passwd"].right == lookup(vim.stack, "etc/passwd").layer == 1
    one, two = (line.split("sha256:")[1] for line in lab.digests(b"hello", b"hallo").plain.splitlines()[-2:])
    assert sum(a != b for a, b in zip(one, two, strict=True)) > 50 and QUESTIONS["01.one-byte"].right == 3
    rows = [line.split() for line in lab.forms(sample("hello-world")).plain.splitlines()[-3:]]
    assert len({row[1] for row in rows}) == 3 and len({row[2] for row in rows}) == 1
    assert QUESTIONS["01.recompress"].right == 1
    assert [row[2] for row in lab.pull(vim, [ubuntu]).table.rows] == ["download 14.4MB", "Already exists"]
    assert QUESTIONS["01.second-pull"].right == 2


def test_recall_folds_its_answers(lab: Lab) -> None:
    asked = lab.recall("01")
    assert asked.html.count("<details>") == 3 and "hides a path" not in asked.plain
    assert "hides a path" in lab.recall("01", answers=True).plain


def test_tasks_are_judged_by_the_model(lab: Lab) -> None:
    nginx, redis = sample("nginx"), sample("redis")
    shared = [layer for layer in nginx.layers if layer.descriptor.digest in {x.descriptor.digest for x in redis.layers}]
    saved = sum(layer.tar_size for layer in shared)
    every = sum(layer.tar_size for image in (nginx, redis) for layer in image.layers)
    said = {
        "Right.": [("01.saved", saved), ("01.here", [nginx]), ("01.here", {x.descriptor.digest for x in shared})],
        "unpacked tars": [("01.saved", sum(map(advertised_size, shared)))],
        "what is stored": [("01.saved", every), ("01.saved", every - saved)],
        "Find the layers": [("01.saved", 1)],
        "nothing would be left": [("01.here", [redis])],
        "Name what is stored": [("01.here", ["nginx"])],
        "A step is missing": [("01.here", [])],
        "Alone": [("01.saved", None)],
    }
    for words, answers in said.items():
        for task, answer in answers:
            assert words in lab.check(task, answer).plain, (task, answer)


# ---- widgets


def test_the_slider_shows_every_depth(lab: Lab) -> None:
    moving = lab.slide(STACK)
    assert moving.k == moving.last == 3 and "3 layers hold 6B" in repr(moving)
    assert [moving.back().k for _ in range(4)] == [2, 1, 0, 0]
    assert "Nothing is there yet" in moving.pictures[1].svg and moving.goto(9).k == 3


def test_the_stepper_asks_layer_by_layer(lab: Lab) -> None:
    choice = lab.step(STACK, ["/a", "/b"])
    moving = choice.steppers["/a"]
    assert moving.last == 2 and "no layer has been asked yet" in repr(moving)
    assert moving.on().on().pictures[0].alt == looking_down(STACK, ["/a", "/b"], "/a").alt
    assert moving.back().pictures[0].alt == looking_down(STACK, ["/a", "/b"], "/a", steps=1).alt


def test_buttons_slider_and_words_move_together(lab: Lab) -> None:
    pytest.importorskip("ipywidgets")
    moving = lab.slide(STACK)
    bar, said, view = moving.widget().children
    restart, back, on, end, slider = bar.children
    assert slider.label == "Layers stacked" and slider.max == 3
    back.click()
    assert (moving.k, slider.value, slider.words) == (2, 2, "2 of 3 layers") and "2 of 3" in said.value
    slider.value = 1
    assert moving.k == 1 and moving.pictures[0].html() in view.value
    for button, k in ((on, 2), (end, 3), (on, 3), (restart, 0), (back, 0)):
        button.click()
        assert moving.k == slider.value == k


def test_a_click_is_a_prediction_and_show_me_shows(lab: Lab) -> None:
    pytest.importorskip("ipywidgets")
    box = lab.reveal("00.passwd", lambda: lab.why(STACK, "/a")).widget()
    [box, _] = box.children
    box.children[1].click()
    assert "The answer: Layer 1" in box.children[0].value and "<img alt=" in box.children[0].value
    _, buttons, said, _ = lab.predict("01.one-byte").widget().children
    assert t("lab.record", "en", key="01.one-byte").replace("'", "&#x27;") in said.value
    buttons.value = 2
    assert "Recorded: 2." in said.value and load(lab.folder).predictions == {"01.one-byte": 2}


def test_a_path_is_chosen_from_the_menu(lab: Lab) -> None:
    pytest.importorskip("ipywidgets")
    choice = lab.step(STACK, ["/a", "/b"])
    menu, place, _ = choice.widget().children
    menu.value = "/b"
    assert choice.name == "/b" and "/b: no layer" in place.children[0].children[2].value


def test_a_widget_brings_its_picture_along_and_can_do_without(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("ipywidgets")
    view = "application/vnd.jupyter.widget-view+json"
    for shows in (lab.slide(STACK), lab.step(STACK, ["/a"])):
        bundle = shows._repr_mimebundle_()
        assert view in bundle and "<img alt=" in bundle["text/html"] and "layer" in bundle["text/plain"]
    monkeypatch.setattr(widgets, "available", lambda: False)
    assert set(lab.slide(STACK)._repr_mimebundle_()) == {"text/html", "text/plain"}
    assert "1. One digit" in lab.predict("01.one-byte")._repr_mimebundle_()["text/plain"]


def test_a_lab_needs_the_standard_library_alone(tmp_path: Path) -> None:
    code = """
import sys
for name in ("IPython", "anywidget", "ipywidgets", "matplotlib", "networkx", "numpy", "traitlets"):
    sys.modules[name] = None
from sim import Lab
lab = Lab(folder=sys.argv[1])
print(lab.stack(lab.open("sample:alpine")).alt, sorted(lab.slide(lab.open("sample:alpine"))._repr_mimebundle_()))
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    assert "An image of 1 layer" in done.stdout and "['text/html', 'text/plain']" in done.stdout


def test_an_error_in_a_cell_is_one_sentence(lab: Lab) -> None:
    testing = pytest.importorskip("IPython.testing.globalipapp")
    shell = testing.get_ipython() or testing.start_ipython()
    said: list[str] = []
    shell.set_custom_exc((), None)
    Lab()
    shell._showtraceback = lambda kind, error, lines: said.extend(lines)
    shell.run_cell("from sim import Lab; Lab().open('sample:none')")
    assert len(said) == 1 and said[0].startswith("BadInput: no sample is called 'none'")


def test_the_readmes_picture_is_what_the_code_draws(request: pytest.FixtureRequest) -> None:
    paths = ["/usr/bin/vim", "/etc/vim/vimrc", "/usr/bin/perl", "/etc/passwd", "/var/lib/apt/lists/lock"]
    drawn = looking_down(sample("ubuntu-vim"), paths, "/var/lib/apt/lists/lock").alone()
    path = ROOT / "notebooks" / "img" / "tour.svg"
    if request.config.getoption("--write-notebooks"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(drawn, encoding="utf-8", newline="\n")
    assert path.read_text(encoding="utf-8") == drawn, "--write-notebooks draws it anew"


@pytest.mark.parametrize("lesson", ["00_tour", "01_pull_and_layers"])
def test_reveal_cells_are_marked_and_nothing_else_shows_an_answer(lesson: str) -> None:
    cells = json.loads((ROOT / "notebooks" / f"{lesson}.ipynb").read_text(encoding="utf-8"))["cells"]
    for cell in cells:
        source = "".join(cell["source"])
        assert ("lab.reveal(" in source) == ("reveal" in cell["metadata"].get("tags", []))
        for question in QUESTIONS.values():
            right = question.choices[question.right - 1]
            assert right.why[0] not in json.dumps(cell, ensure_ascii=False)

"""Pictures of a container's layer: they say what the mount did, and the questions' right answers are the mount's."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from sim.errors import BadInput
from sim.fs.changeset import ChangeSet
from sim.fs.entry import Kind
from sim.fs.sketch import directory, file, hardlink, opaque, sketch, symlink, whiteout
from sim.image.samples import sample
from sim.lab.lessons import Lab
from sim.lab.mounts import OPERATIONS, diff_table, mount_picture, report_words, run
from sim.lab.questions import QUESTIONS
from sim.lab.text import CATALOGUE
from sim.union.lookup import lookup
from sim.union.overlay import Did, OverlayMount
from sim.union.upperdir import changes_of, mounted

STACK = [  # Layers 1 and 2; the container's own is 3.
    sketch(file("/etc/motd", b"hello"), file("/bin/tool", b"x" * 5000), hardlink("/bin/alias", "/bin/tool")),
    sketch(file("/etc/vimrc", b"set nu"), file("/srv/d/old", b"12345678")),
]


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    monkeypatch.delenv("LAYERLAB_REVEAL", raising=False)
    return Lab(folder=tmp_path)


@pytest.fixture
def box() -> OverlayMount:
    return mounted(STACK)


# ---- one picture


def test_a_copy_up_rises_from_the_layer_that_had_it_and_says_its_price(box: OverlayMount) -> None:
    [report] = run(box, [("chmod", "/bin/tool", 0o700)])
    picture = mount_picture(report.after, report, ["/bin/tool", "/bin/alias"])
    assert "the whole file /bin/tool was copied up from layer 1" in picture.alt
    assert "the directory /bin was copied up, without content" in picture.alt
    assert picture.alt.endswith("(5,000 bytes).")
    merged, own, top, base = (row[2:] for row in picture.table.rows)
    assert merged == ("layer 3", "layer 1") and own == ("file", "-") and top == ("-", "-")
    assert base[0] == "hidden" and base[1] != "hidden"  # The hard link broke.
    for layout in (picture.wide, picture.narrow):
        assert layout.count('class="fall"') == 1 and layout.count('class="tip"') == 1
        assert '<text' in layout and 'class="cost b"' in layout


def test_what_is_written_again_does_not_rise_again(box: OverlayMount) -> None:
    first, second = run(box, [("append", "/etc/motd", b"!"), ("append", "/etc/motd", b"!")])
    assert (first.copied, second.copied) == (5, 0)
    picture = mount_picture(second.after, second)
    assert "Copied up" not in picture.alt and 'class="fall"' not in picture.wide
    assert "1 byte written to /etc/motd" in picture.alt


def test_what_is_overwritten_is_copied_without_its_data(box: OverlayMount) -> None:
    [report] = run(box, [("put", "/etc/motd", b"bye")])
    words = report_words(report, "en")
    assert report.copied == 0 and "/etc/motd was copied up from layer 1 without its data" in words
    assert words.endswith("; 3 bytes written to /etc/motd")


def test_a_delete_leaves_a_whiteout_and_says_what_stays_stored(box: OverlayMount) -> None:
    [report] = run(box, [("unlink", "/srv/d/old")])
    picture = mount_picture(report.after, report)
    assert [row[2] for row in picture.table.rows] == ["not there", "whiteout", "hidden", "-"]
    assert picture.alt.endswith("Layer 2 still stores 8B that nobody can see.")


def test_a_directory_made_again_is_opaque(box: OverlayMount) -> None:
    report = run(box, [("unlink", "/srv/d/old"), ("rmdir", "/srv/d"), ("mkdir", "/srv/d")])[-1]
    picture = mount_picture(report.after, report, ["/srv/d", "/srv/d/old"])
    assert picture.table.rows[1][2:] == ("dir, opaque", "-") and picture.table.rows[0][3] == "not there"
    assert "/srv/d is opaque" in picture.alt and 'class="bar"' in picture.wide


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (("rename", "/srv/d", "/srv/e"), "EXDEV: the directory /srv/d lies in a lower layer"),
        (("unlink", "/none"), "ENOENT: /none is not there"),
        (("rmdir", "/srv"), "ENOTEMPTY: /srv still holds something"),
        (("mkdir", "/srv"), "EEXIST: File exists (/srv)"),
        (("stat", "/srv"), "nothing in the container's layer changed"),
    ],
)
def test_a_refusal_has_its_reason(box: OverlayMount, step: tuple[object, ...], said: str) -> None:
    [report] = run(box, [step])
    assert said in report_words(report, "en") and report_words(report, "zh") != report_words(report, "en")
    assert changes_of(report.after) == ()


def test_every_effect_has_words_in_both_languages() -> None:
    assert {f"did.{did}" for did in Did if did is not Did.CHANGED} <= set(CATALOGUE)


def test_only_operations_are_steps(box: OverlayMount) -> None:
    for step in [("core",), ("_run", "x"), ("explode", "/a")]:
        with pytest.raises(BadInput, match="is no operation of a mount"):
            run(box, [step])
    assert all(callable(getattr(box, op)) for op in OPERATIONS)


# ---- stories


def test_a_story_goes_forward_and_back(lab: Lab) -> None:
    box = lab.mount(STACK)
    story = lab.story(box, [("append", "/etc/motd", b"!"), ("unlink", "/etc/vimrc")], at=0)
    assert story.last == 2 and "/etc/motd: layer 1, /etc/vimrc: layer 2" in repr(story)
    assert "/etc/motd was copied up" in repr(story.on()) and "a whiteout hides /etc/vimrc" in repr(story.on())
    assert "/etc/motd was copied up" in repr(story.back()) and story.words(1) == "1 of 2 operations done"
    assert changes_of(box) == ()


def test_the_plates_keep_the_images_names(lab: Lab) -> None:
    image = sample("ubuntu-vim")
    box = lab.mount(image)
    changed, report = box.append("/etc/passwd", b"x")
    assert "ADD file" in lab.after(report).text and "ADD file" in lab.container(changed, ["/etc"]).text
    other = mounted([layer.changes for layer in image.layers])
    assert "ADD file" not in lab.container(other, ["/etc"]).text


def test_diff_prints_what_docker_prints(box: OverlayMount, lab: Lab) -> None:
    done = run(box, [("chmod", "/bin/tool", 0o700), ("unlink", "/etc/vimrc"), ("put", "/new", b"n")])[-1].after
    rows = diff_table(done, "en").rows
    assert [row[:2] for row in rows] == [
        ("C", "/bin"), ("C", "/bin/tool"), ("C", "/etc"), ("D", "/etc/vimrc"), ("A", "/new")
    ]
    assert "deleted" in lab.diff(done).plain and "已删除" in Lab("zh").diff(done).plain
    assert "nothing in the container's layer changed" in lab.diff(box).plain


# ---- the lessons' answers are the model's


def test_the_answers_of_lesson_02() -> None:
    merged = mounted([sketch(file("/srv/a")), sketch(), sketch(file("/srv/b"))])
    assert set(merged.readdir("/srv")[1].value) == {"a", "b"} and QUESTIONS["02.merge"].right == 2
    layers = [sketch(file("/opt/a")), sketch(file("/opt")), sketch(file("/opt/b"))]
    assert mounted(layers).readdir("/opt")[1].value == ("b",) and not lookup(layers, "opt/a").found
    assert QUESTIONS["02.file-over-directory"].right == 2
    image = sample("ubuntu-vim")
    box = mounted([layer.changes for layer in image.layers])
    assert len(box.lowerdirs) == len(image.layers) and box.stat("/vmlinuz")[1].errno == errno.ENOENT
    assert QUESTIONS["02.host"].right == 2


def test_the_answers_of_lesson_03() -> None:
    image = sample("ubuntu-vim")
    box = mounted([layer.changes for layer in image.layers])
    size = box.stat("/usr/bin/perl")[1].value.size
    assert box.chmod("/usr/bin/perl", 0o700)[1].copied == size == 3_879_731
    assert QUESTIONS["03.chmod"].right == 3
    gone, report = box.unlink("/usr/bin/vim.basic")
    assert [e.did for e in report.effects][-1] is Did.WHITEOUT and gone.lowerdirs == box.lowerdirs
    assert QUESTIONS["03.delete"].right == 2
    assert box.rename("/etc/apt", "/etc/apt2")[1].errno == errno.EXDEV and QUESTIONS["03.rename"].right == 3
    reader, opened = box.open("/etc/passwd")
    reader, mapped = reader.mmap(opened.value)
    writer, _ = reader.put("/etc/passwd", b"new")
    assert writer.read(opened.value)[1].value == b"new" and writer.mapped(mapped.value).startswith(b"root:")
    assert QUESTIONS["03.mmap"].right == 1


TASKS: dict[str, tuple[str, object]] = {
    "hide: opaque": ("02.hide", [directory("/etc"), opaque("/etc")]),
    "hide: whiteout and again": ("02.hide", [whiteout("/etc"), directory("/etc")]),
    "hidden": ("02.hidden", {"var/lib/apt/lists/lock", "/var/lib/apt/lists/partial"}),
    "steps": ("03.steps", [("put", "/etc/users", b"nobody"), ("unlink", "/etc/passwd")]),
}
WRONG: dict[str, tuple[str, object, str]] = {
    "not yet": ("02.hide", [directory("/etc")], "merges with those below"),
    "too much": ("02.hide", [whiteout("/etc")], "/etc is gone as well"),
    "two marks": ("02.hide", [directory("/etc"), whiteout("/etc/motd"), whiteout("/etc/vimrc")], "One mark hides"),
    "a file": ("02.hide", [symlink("/x", "y"), 3], "a list of marks"),
    "opaques": ("02.hidden", {"etc/vim"}, "Read `image.layers"),
    "no delete": ("03.steps", [("put", "/etc/users", b"nobody")], "print a D"),
    "by copying": ("03.steps", [("append", "/etc/passwd", b"x")], "copies a file up"),
    "no operation": ("03.steps", [("rm", "/etc/passwd")], "A step is a tuple"),
    "each file once": ("03.copied", 23_470_507, "hard links"),
    "a guess": ("03.copied", 1, "readdir"),
}


@pytest.mark.parametrize(("task", "answer"), TASKS.values(), ids=TASKS)
def test_a_right_answer_is_right(lab: Lab, task: str, answer: object) -> None:
    assert lab.check(task, answer).plain == "Right."


@pytest.mark.parametrize(("task", "answer", "said"), WRONG.values(), ids=WRONG)
def test_a_wrong_answer_meets_its_misconception(lab: Lab, task: str, answer: object, said: str) -> None:
    assert said in lab.check(task, answer).plain


def test_chmod_of_everything_counts_each_name(lab: Lab) -> None:
    layers: list[ChangeSet] = [layer.changes for layer in sample("ubuntu-vim").layers]
    box, total = mounted(layers), 0
    for path, entry in dict(box.walk("/usr/bin")).items():
        if entry.kind is Kind.FILE:
            box, report = box.chmod(f"/{path.lstrip('/')}", entry.mode)
            total += report.copied
    assert lab.check("03.copied", total).plain == "Right."

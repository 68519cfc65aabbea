"""Pictures and words of starts: they say what the boot model says, in both languages."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest

from sim.boot.calls import Step
from sim.boot.container import Engine, start
from sim.boot.container import timeline as container_timeline
from sim.boot.contents import GRUB_PACKAGE, KERNEL_PACKAGE, contents, made_at_start
from sim.boot.fleet import fleet
from sim.boot.hardware import Failure, Kernel, Machine
from sim.boot.host import Host
from sim.boot.ladder import MEASURED, PUBLISHED
from sim.boot.machine import play, timeline
from sim.boot.memory import KERNEL, Part, Writing
from sim.boot.stages import ENDS, MARKS, TABLE, Event, State, Way
from sim.content.sizes import human_size
from sim.errors import BadInput
from sim.fs.sketch import file, sketch
from sim.image.build import append, scratch, with_config
from sim.image.config import RunConfig
from sim.image.samples import sample
from sim.lab.joining import joining_picture, moments
from sim.lab.lessons import Lab
from sim.lab.moments import moment_picture
from sim.lab.mounttable import mount_rows
from sim.lab.questions import QUESTIONS
from sim.lab.questions.boot import BOOT_QUESTIONS
from sim.lab.startups import container_bands, machine_bands, starts_picture
from sim.lab.strips import placed
from sim.lab.texts.boot_model import CHINESE, TEMPLATES, said
from sim.lab.transitions import rows_of, transitions_picture
from sim.union.index import Index

HAN = re.compile("[一-鿿]")
#: Words that Chinese readers meet in English.
ENGLISH = {"initmem", "init", "execve", "docker create", "docker start", "initramfs", "shell", "chroot", "crun", "runc",
           "docker run", "unshare, chroot", "Unikraft", "LightVM", "Kata, QEMU"}  # fmt: skip


# ---- the model's words in Chinese


def spoken() -> Iterator[str]:
    """All that the boot model can say to a learner, except what a screen prints and paths."""
    yield from chain(map(str, State), map(str, Event), map(str, Writing), (line.effect for line in TABLE))
    yield from ("kernel", *(str(part) for part in Part if not str(part).startswith("kernel ")))
    for name in ("ubuntu", "hello-world"):
        index = Index.of(sample(name).stack)
        for finding in contents(sample(name), index).findings:
            yield from (finding.name, finding.words)
        yield from (made.kind for made in made_at_start(index))
        for engine, host in ((Engine.DOCKER, Host()), (Engine.RUNC, Host(cgroups=("memory", "cpu")))):
            begun = start(sample(name), engine=engine, host=host)
            yield from chain.from_iterable((span.name, span.effect) for span in container_timeline(begun).spans)
            yield from (call.effect for call in begun.calls if call.turn.name != "NONE")
    plain = with_config(append(scratch(), sketch(file("/p", b"#!/p", 0o755))), RunConfig(cmd=("/p",), user="1000"))
    yield from (span.effect for span in container_timeline(start(plain)).spans if span.name != "refused")
    yield from (point.name for point in (*MEASURED, *PUBLISHED))
    yield from map(str, Step)


@pytest.mark.parametrize("words", sorted(set(spoken())))
def test_all_that_the_model_says_has_its_chinese(words: str) -> None:
    assert said(words, "en") == words
    chinese = said(words, "zh")
    assert HAN.search(chinese) or words in ENGLISH or words.startswith("/"), words
    assert set(re.findall(r"\d+", words)) == set(re.findall(r"\d+", chinese)), "numbers are carried over"


def test_no_chinese_is_left_of_words_that_the_model_no_longer_says() -> None:
    words = {*spoken(), "refused", *(point.source for point in (*MEASURED, *PUBLISHED))}
    assert set(CHINESE) - words == set()
    for english, chinese in TEMPLATES:
        assert set(re.findall(r"{\w}", english)) == set(re.findall(r"{\w}", chinese))
        assert any(said(each, "zh").endswith(chinese.rpartition("}")[2]) for each in words - set(CHINESE))


# ---- both starts on one scale


def test_both_starts_are_drawn_to_one_scale() -> None:
    machine, container = timeline(play(Machine())), container_timeline(start(sample("ubuntu")))
    picture = starts_picture(machine, container)
    boxes = [
        (float(width), word)
        for width, word in re.findall(r'<rect x="[^"]*" y="[^"]*" width="([^"]*)"[^>]*word="([^"]*)"', picture.wide)
    ]
    bands = {word: width for width, word in boxes}
    scale = sum(width for width, word in boxes if word != "container") / machine.total_ms
    assert bands["container"] == pytest.approx(scale * container.total_ms, abs=1)
    for band in machine_bands(machine, "en"):
        assert bands[band.words] == pytest.approx(scale * band.duration_ms, abs=1), band
    assert f"{machine.total_ms / container.total_ms:.0f} times" in picture.alt


@pytest.mark.parametrize("way", Way)
def test_the_bands_are_all_the_time_there_is(way: Way) -> None:
    found = timeline(play(Machine(way)))
    bands = machine_bands(found, "en")
    assert sum(band.duration_ms for band in bands) == pytest.approx(found.total_ms)
    assert [band.start_ms for band in bands] == sorted(band.start_ms for band in bands)
    begun = container_timeline(start(sample("alpine")))
    assert sum(band.duration_ms for band in container_bands(begun, "en")) == pytest.approx(begun.total_ms)


def test_a_start_that_fails_says_where_it_stopped() -> None:
    machine = timeline(play(Machine(failure=Failure.WRONG_ROOT)))
    refused = container_timeline(start(sample("hello-world"), args=["/bin/sh"]))
    assert "emergency shell. The container ends after" in starts_picture(machine, refused).alt
    assert "应急 shell" in starts_picture(machine, refused, lang="zh").alt


# ---- a machine, moment by moment


@pytest.mark.parametrize("failure", [None, *Failure])
def test_each_moment_shows_the_memory_the_mounts_and_the_write_of_its_frame(failure: Failure | None) -> None:
    boot = play(Machine(failure=failure))
    for k, frame in enumerate(boot.frames):
        picture = moment_picture(boot, k)
        rows = picture.table.rows
        mounted = [row[1] for row in rows if row[0] == "mounted"]
        assert sorted(mounted) == sorted(mount.target for mount in frame.mounts)
        assert sum(row[0] == "in memory" for row in rows) == len({
            "kernel" if str(region.part).startswith("kernel ") else region.part for region in frame.memory.regions
        })
        assert str(frame.writing) in picture.alt
        assert all(f"{region.part} " in picture.alt or "kernel" in str(region.part) for region in frame.freed)
        for line in frame.screen:
            assert any(line == row[2] for row in rows)
        assert ("Here it comes to rest" in picture.alt) is (frame.state in ENDS)


def test_what_is_freed_leaves_a_dashed_outline_in_its_place() -> None:
    boot = play(Machine())

    def marks(k: int) -> dict[str, tuple[str, str]]:
        found = re.findall(r'<rect x="([^"]*)"[^>]*class="([^"]*)" data-word="([^"]*)"', moment_picture(boot, k).wide)
        return {word: (x, style) for x, style, word in found}

    states = [str(frame.state) for frame in boot.frames]
    before, after = marks(states.index("unpack initramfs")), marks(states.index("built-in drivers"))
    assert before["initrd image 1.2MB"][1] == "hidden" and after["initrd image, freed"][1] == "gone"
    assert before["initrd image 1.2MB"][0] == after["initrd image, freed"][0], "nothing moves"
    assert marks(len(states) - 1)["kernel 31.2MB"][1] == "stage"


def test_the_moments_have_one_height(lab: Lab) -> None:
    story = lab.boot_story()
    heights = {story.goto(k).pictures[0].height for k in range(story.last + 1)}
    assert max(heights) - min(heights) <= 60, "a line more or less of words, no more"


# ---- a container, moment by moment


def test_the_moments_of_a_container_hold_every_turn_of_its_mounts() -> None:
    begun = start(sample("ubuntu"))
    shown = [begun.frames[k] for k in moments(begun)]
    turns = {call.turn.name for call in begun.calls} - {"NONE"}
    assert turns <= {frame.call.turn.name for frame in shown if frame.call}
    pictures = [joining_picture(begun, k) for k in moments(begun)]
    assert "0 mounts of the host in sight" in pictures[-1].alt and begun.uname() in pictures[-1].alt
    assert pictures[0].alt.startswith("0.000 s: docker run was typed")
    assert [row[1] for row in pictures[-1].table.rows if row[0] == "limits"] == ["seccomp", "capset"]


def test_a_refusal_is_said_in_the_words_of_docker() -> None:
    begun = start(sample("hello-world"), args=["/bin/sh"])
    assert begun.refused is not None
    assert begun.refused.what in joining_picture(begun, moments(begun)[-1]).alt
    nothing = start(with_config(scratch(), RunConfig()))
    assert moments(nothing) == (0,) and joining_picture(nothing, 0).alt.endswith("No command specified.")


def test_a_mount_table_is_a_tree_with_crowds_folded() -> None:
    begun = start(sample("ubuntu"))
    rows = mount_rows(begun.frames[-1].mounts, "en")
    assert [(row.depth, row.mode, row.target) for row in rows][:4] == [
        (0, "rw", "/"), (1, "rw", "/proc"), (2, "", "/proc/…"), (1, "rw", "/dev"),
    ]
    folded = sum(mount.target.startswith("/proc/") for mount in begun.frames[-1].mounts)
    assert rows[2].kind.startswith(f"{folded} more: ") and len(rows) == len(begun.frames[-1].mounts) - folded + 1


# ---- the table of transitions


@pytest.mark.parametrize("way", Way)
def test_the_picture_of_the_table_has_every_line_of_the_table(way: Way) -> None:
    lines = [line for line in TABLE if way in line.ways]
    drawn = [line for row in rows_of(way) for line in (row.down, *row.aside) if line is not None]
    assert sorted(map(str, drawn)) == sorted(map(str, lines))
    assert len(transitions_picture(way).table.rows) == len(lines)


@pytest.mark.parametrize("way", MARKS)
def test_every_stage_of_the_recorded_boot_is_in_the_picture(way: Way) -> None:
    words = set(re.findall(r'data-word="([^"]*)"', transitions_picture(way).wide))
    assert {str(state) for state in MARKS[way].values()} <= words


# ---- what an image has; many; how long


@pytest.mark.parametrize("name", ["ubuntu", "hello-world"])
def test_the_parts_are_those_of_the_merged_view(lab: Lab, name: str) -> None:
    rows = {row[0]: row[1] for row in lab.parts(sample(name)).table.rows}
    for finding in contents(sample(name)).findings:
        assert (rows[finding.name] == "not there") is not finding.there
    assert rows["kernel"] == rows["bootloader"] == "not there"


def test_a_fleet_says_how_many_kernels_run(lab: Lab) -> None:
    images = [sample(name) for name in ("debian", "alpine", "alpine")]
    rows = lab.fleet(images).table.rows
    both = fleet(images)
    assert [row[1] for row in rows] == ["1", "3"] == [str(both.containers.kernels), str(both.machines.kernels)]


def test_the_ladder_cites_what_it_did_not_measure(lab: Lab) -> None:
    rows = lab.ladder().table.rows
    assert len(rows) == len(MEASURED) + len(PUBLISHED)
    assert [row[2] for row in rows[: len(MEASURED)]] == ["measured"] * len(MEASURED)
    assert all(row[2] not in ("", "measured") for row in rows[len(MEASURED) :])


def test_uname_is_the_hosts_whatever_the_image_is(lab: Lab) -> None:
    shown = lab.uname(sample("ubuntu"), sample("alpine")).plain.splitlines()[3:]
    assert all(Kernel().release in line for line in shown) and "Ubuntu" in shown[0] and "Alpine" in shown[1]


# ---- the lab


def test_stories_step_forward_and_back_and_begin_where_they_are_told(lab: Lab) -> None:
    story = lab.boot_story("kernel-missing", at=-1)
    assert "GRUB error" in story.words(story.k) and story.k == story.last
    assert story.back().k == story.last - 1 and lab.start_story(sample("alpine"), at=2).k == 2
    with pytest.raises(BadInput, match="'melted' is none of them"):
        lab.boot_story("melted")
    with pytest.raises(BadInput, match="choose one of bios, uefi"):
        lab.boot_story(way="tape")


def test_every_breakdown_can_be_chosen(lab: Lab) -> None:
    chosen = lab.breakdowns()
    assert len(chosen.steppers) == len(Failure)
    assert all("comes to rest" in repr(stepper) for stepper in chosen.steppers.values())
    assert [stepper.last for stepper in lab.ways().steppers.values()] == [22, 22, 18]


def test_labels_never_meet_nor_cross_a_leader() -> None:
    labels = [(30.0, 90.0), (36.0, 60.0), (200.0, 80.0), (470.0, 120.0), (474.0, 60.0), (478.0, 140.0)]
    places = placed(labels, 24, 500)
    for n, (start_x, row) in enumerate(places):
        assert 24 <= start_x and start_x + labels[n][1] <= 500
        for m, (other_x, other_row) in enumerate(places):
            if m != n and row == other_row:
                assert start_x >= other_x + labels[m][1] or other_x >= start_x + labels[n][1]
            if m != n and other_row > row:
                assert not start_x < labels[m][0] < start_x + labels[n][1], "the leader of the lower passes beside"


# ---- the lesson's questions and tasks


def test_the_right_choices_are_what_the_model_computes(lab: Lab) -> None:
    parts = {row[0]: row[1] for row in lab.parts(sample("ubuntu")).table.rows}
    assert (parts["/proc"], parts["kernel"], parts["bootloader"]) == ("empty", "not there", "not there")
    assert QUESTIONS["04.parts"].right == 3
    size = contents(sample("ubuntu")).size
    assert 69e6 < size < 71e6 and size + KERNEL_PACKAGE + GRUB_PACKAGE < 1e9 and QUESTIONS["04.size"].right == 2
    boot = play(Machine())
    held, freed = {region.part for region in boot.now.memory.regions}, {r.part for f in boot.frames for r in f.freed}
    assert KERNEL <= held and {Part.BOOTLOADER, Part.INITRD} <= freed and QUESTIONS["04.unloaded"].right == 2
    assert human_size(boot.now.memory.kernel).replace("MB", " MB") in QUESTIONS["04.unloaded"].why(2, "en")
    assert "6.1.0" in start(lab.stand_in("CentOS Linux 7 (Core)")).uname() and QUESTIONS["04.kernel"].right == 2


def test_the_tasks_are_judged_by_the_model(lab: Lab) -> None:
    boot, stays = play(Machine()), Kernel().stays
    regions = [region for frame in boot.frames for region in frame.freed]
    printed = sum(region.size for region in regions if region.part in (Part.INITRD, Part.INITMEM))
    said_to = {
        "Right.": [("04.saved", 2 * stays), ("04.freed", sum(region.size for region in regions))],
        "The host needs a kernel as well": [("04.saved", 3 * stays)],
        "run three kernels": [("04.saved", 1)],
        "A step is missing": [("04.saved", None)],
        "the two that the kernel prints": [("04.freed", printed)],
        "still in use": [("04.freed", boot.now.memory.used)],
        "Add up": [("04.freed", 7)],
    }
    for words, answers in said_to.items():
        for task, answer in answers:
            assert words in lab.check(task, answer).plain, (task, answer)


def test_reveal_cells_of_the_lesson_are_marked_and_nothing_else_shows_an_answer() -> None:
    path = Path(__file__).parents[2] / "notebooks" / "04_bootfs_and_rootfs.ipynb"
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        assert ("lab.reveal(" in "".join(cell["source"])) == ("reveal" in cell["metadata"].get("tags", []))
        for question in BOOT_QUESTIONS.values():
            assert question.choices[question.right - 1].why[0] not in json.dumps(cell, ensure_ascii=False)

"""What a learner's mistake is met with in Chinese: raised by the calls that raise it, not written down twice."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from sim.errors import SimError
from sim.lab.lessons import Lab
from sim.lab.texts.errors import HINTS, WHAT, told

HAN = re.compile("[一-鿿]")


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab("zh", folder=tmp_path)


MISTAKES: list[tuple[Callable[[Lab], object], str]] = [
    (lambda lab: lab.open("sample:none"), "没有名为 'none' 的样本；有 hello-world, "),
    (lambda lab: lab.open("nope.tar"), "nope.tar：没有这个文件或目录"),
    (lambda lab: lab.open(__file__), "不是镜像归档，既不是 tar，也不是目录；可以用 `docker save`"),
    (lambda lab: lab.open(Path(__file__).parent), "里面既没有 index.json（OCI 布局）"),
    (lambda lab: lab.goto("05.9"), "没有名为 '05.9' 的起点；有 05.1, "),
    (lambda lab: lab.sit("mars"), "没有名为 'mars' 的主机；有 cyo57"),
    (lambda lab: lab.story(lab.mount(lab.open()), [("eat", "/x")]), "挂载点没有 'eat' 这个操作；可以用 append, "),
    (lambda lab: lab.life("ls"), "'ls' 不是 docker 命令；要像在终端里那样写，例如 \"docker run ubuntu\""),
    (lambda lab: lab.boot_story(way="x"), "没有 'x' 这个选项；可以选 bios, "),
    (lambda lab: lab.cloud.create_namespace("A B"), "'A B' 不能用作命名空间；请用 2 到 30 个小写字母"),
]


@pytest.mark.parametrize(("mistake", "said"), MISTAKES, ids=[said[:24] for _, said in MISTAKES])
def test_a_mistake_is_told_in_chinese(mistake: Callable[[Lab], object], said: str, lab: Lab) -> None:
    with pytest.raises(SimError) as met:
        mistake(lab)
    assert said in told(met.value, "zh")
    assert told(met.value, "en") == str(met.value) and not HAN.search(str(met.value))


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SimError) as met:
        Lab("zh", folder=tmp_path / "file" / "sub").predict("00.passwd", 1)
    assert re.search("无法(写入|读取)：", told(met.value, "zh")) and "请把 SIM_HOME 设为" in told(met.value, "zh")


def test_what_has_no_chinese_is_shown_as_it_is() -> None:
    assert told(SimError("a rare thing", hint="ask"), "zh") == "a rare thing；ask"
    assert told(KeyError("x"), "zh") == "'x'"


@pytest.mark.parametrize(("english", "chinese"), [*WHAT, *HINTS])
def test_a_template_carries_the_same_fields(english: str, chinese: str) -> None:
    assert set(re.findall(r"\{\w\}", english)) == set(re.findall(r"\{\w\}", chinese)) and HAN.search(chinese)

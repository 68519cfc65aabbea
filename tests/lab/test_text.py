"""The catalogue: two languages, the same keys, the same fields, and sentences that the model agrees with."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest
from hypothesis import given, settings

from sim.errors import errno_name
from sim.fs.changeset import ChangeSet
from sim.fs.sketch import file, sketch, symlink, whiteout
from sim.lab.questions import QUESTIONS, RECALL
from sim.lab.text import CATALOGUE, lookup_words, sentences, t
from sim.union.answer import Said
from sim.union.lookup import resolve
from tests import strategies

LAB = Path(__file__).parents[2] / "sim" / "lab"
HAN = re.compile("[一-鿿]")
#: Terms that Chinese readers meet in English.
ENGLISH = {"column.blob", "column.tar", "column.diff_id", "column.chain_id", "chart.blob", "chart.tar", "cell.whiteout",
           "dot.whiteout", "reading.diff_id", "reading.words"}  # fmt: skip


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("key", CATALOGUE)
def test_both_languages_say_it_with_the_same_fields(key: str) -> None:
    english, chinese = CATALOGUE[key]
    assert english and chinese and fields(english) == fields(chinese)
    assert HAN.search(chinese) or key in ENGLISH
    assert not HAN.search(english)


def used() -> Iterator[str]:
    for path in LAB.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "t":
                yield from _keys(node.args[0])
    # Keys that reach `t` through a variable.
    yield from ("say.loop", "say.too_long", "say.whiteout_on", "look.cost_one", "look.cost_many")
    yield from ("stack.how_blob", "stack.how_files")
    yield from (key for key in CATALOGUE if key.startswith(("advice.", "dive.", "slim.")))


def _keys(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant):
        yield str(node.value)
    elif isinstance(node, ast.IfExp):
        yield from _keys(node.body)
        yield from _keys(node.orelse)
    elif isinstance(node, ast.JoinedStr):
        start = "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))
        assert any(key.startswith(start.partition("}")[0][:4]) for key in CATALOGUE), start
        yield from (key for key in CATALOGUE if key.startswith(str(getattr(node.values[0], "value", "?"))))


def test_every_key_that_is_used_is_there_and_every_key_is_used() -> None:
    found = set(used()) | {f"say.{said}" for said in Said}
    assert found - set(CATALOGUE) == set()
    assert set(CATALOGUE) - found == set()


@pytest.mark.parametrize(("n", "words"), [(1, "1 layer holds 5B of files."), (2, "2 layers hold 5B of files.")])
def test_one_and_many(n: int, words: str) -> None:
    assert t("stack.words", "en", n=n, size="5B") == words


def test_the_kernels_limits_are_said_in_both_languages() -> None:
    loop = resolve([sketch(symlink("/a", "b"), symlink("/b", "a"))], "/a/x")
    for found, key in ((loop, "say.loop"), (resolve([], "/" + "n" * 256), "say.too_long")):
        assert found.words.endswith(f"({t(key, 'en', links=40, name=255, path=4095)})")
        assert lookup_words(found, "zh").endswith(f"（{t(key, 'zh', links=40, name=255, path=4095)}）")


def test_sentences_end_once() -> None:
    assert sentences("en", "So.", "", "It is") == "So. It is."


STACK = [
    sketch(symlink("/bin", "usr/bin"), file("/usr/bin/sh", b"x"), file("/opt/tool/bin", b"y")),
    sketch(whiteout("/opt/tool")),
    sketch(file("/srv/x", b"z")),
]


@pytest.mark.parametrize(
    ("path", "chinese"),
    [
        ("/bin/sh",
         "/bin/sh：第 1 层有符号链接 /bin -> usr/bin；/usr/bin/sh：第 3 到第 2 层都没有，第 1 层有：它来自第 1 层"),
        ("/opt/tool/bin", None),
        ("/opt/tool", "/opt/tool：第 3 层没有，第 2 层有它的 whiteout：ENOENT"),
        ("/none", "/none：第 3 到第 1 层都没有：ENOENT"),
        ("/usr/bin/sh/x", None),
        ("/" + "n" * 256, None),
    ],
)  # fmt: skip
def test_a_lookup_in_words(path: str, chinese: str | None) -> None:
    found = resolve(STACK, path)
    assert lookup_words(found, "en") == found.words
    if chinese:
        assert lookup_words(found, "zh") == chinese


@settings(max_examples=50)
@given(strategies.stacks())
def test_chinese_names_the_layer_that_english_names(stack: list[ChangeSet]) -> None:
    for path in {path for layer in stack for path in layer.entries}:
        found = resolve(stack, path)
        words = lookup_words(found, "zh")
        assert found.layer is None or words.endswith(f"：它来自第 {found.layer} 层")
        assert found.found or words.rpartition("：")[2].startswith(errno_name(found.errno))


@pytest.mark.parametrize("key", QUESTIONS)
def test_questions_are_whole_in_both_languages(key: str) -> None:
    question = QUESTIONS[key]
    assert 1 <= question.right <= len(question.choices)
    said = [both for choice in question.choices for both in (choice.text, choice.why)]
    for english, chinese in [question.ask, *said]:
        assert HAN.search(chinese) and not HAN.search(english) and english
    assert len({choice.text for choice in question.choices}) == len(question.choices)


def test_a_lesson_opens_with_three_questions() -> None:
    for lesson, asked in RECALL.items():
        assert len(asked) == 3, lesson
        for pair in asked:
            assert all(english and HAN.search(chinese) for english, chinese in pair)

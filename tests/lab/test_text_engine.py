"""What the engine says beside docker's output, in Chinese: found in its source, so that no sentence is forgotten."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import sim.engine
from sim.engine.command import Event, Outcome
from sim.engine.internet import new_world
from sim.lab.lessons import Lab
from sim.lab.texts.engine import EVENTS, REASONS, said
from sim.lab.typed import Typed
from sim.union.overlay.report import Did, Effect

HAN = re.compile("[一-鿿]")
CLOUD = "registry.cn-hangzhou.aliyuncs.com"
OF_PROGRAMS = {"layer", "request"}
"""Kinds of events whose words are docker's or HTTP's."""


def shapes(node: ast.expr, scope: ast.AST) -> Iterator[str]:
    """Texts that an expression can give, each field filled with a word."""
    if isinstance(node, ast.Constant):
        yield str(node.value)
    elif isinstance(node, ast.JoinedStr):
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else "q7" for part in node.values)
    elif isinstance(node, ast.Name):
        for one in ast.walk(scope):
            if isinstance(one, ast.Assign) and any(getattr(to, "id", None) == node.id for to in one.targets):
                yield from shapes(one.value, scope)
    else:
        raise AssertionError(ast.unparse(node))


def sentences() -> Iterator[str]:
    """All that `Job.because`, `Job.tell` and `Job.irreversible` are given in the engine."""
    for path in sorted(Path(sim.engine.__file__).parent.rglob("*.py")):
        for scope in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(scope, ast.FunctionDef):
                continue
            for node in ast.walk(scope):
                match node:
                    case ast.Call(func=ast.Attribute(attr="because"), args=[words]):
                        yield from shapes(words, scope)
                    case ast.Call(func=ast.Attribute(attr="tell"), args=[ast.Constant(value=kind), _, words]):
                        if kind not in OF_PROGRAMS:
                            yield from shapes(words, scope)
                    case ast.Assign(targets=[ast.Attribute(attr="irreversible")], value=ast.JoinedStr() as words):
                        yield from shapes(words, scope)


SENTENCES = sorted(set(sentences()))
UPPER = [did for did in Did if did not in (Did.PARENT, Did.UNCOVERED, Did.REDIRECT, Did.LINKED)]
"""Effects that a command tells of."""


def test_every_sentence_of_the_engine_has_its_chinese() -> None:
    assert len(SENTENCES) > 30
    assert [words for words in SENTENCES if not HAN.search(said(words, "zh"))] == []
    assert [words for words in SENTENCES if said(words, "en") != words] == []


@pytest.mark.parametrize("did", UPPER)
def test_every_effect_that_a_command_tells_of_has_its_chinese(did: Did) -> None:
    effect = Effect(did, "etc/a file", 12_000, 3)
    assert HAN.search(said(effect.words, "zh")) and "/etc/a file" in said(effect.words, "zh")


@pytest.mark.parametrize(("english", "chinese"), [*REASONS, *EVENTS])
def test_a_template_carries_the_same_fields_and_is_met_by_itself(english: str, chinese: str) -> None:
    fields = re.findall(r"\{(\w)\}", english)
    assert set(fields) == set(re.findall(r"\{(\w)\}", chinese)) and HAN.search(chinese)
    filled = {name: f"{name}7" for name in fields}
    assert said(english.format(**filled), "zh") == chinese.format(**filled)


def test_a_lab_gives_reasons_and_events_in_its_language() -> None:
    lines = ["docker run --name box ubuntu touch /a", "docker commit box box:1"]
    told = {}
    for lang in ("en", "zh"):
        lab = Lab(lang)
        for line in lines:
            done = lab.run(line)
        told[lang] = done
    assert told["en"].text == told["zh"].text
    assert told["en"].why == ("the writable layer holds 1 names, 0 bytes of files: that is the new layer",)
    assert told["zh"].why == ("可写层里有 1 个名字，文件共 0 字节：这就是新的那一层",)
    assert "名字 box:1 指向" in told["zh"].events[-1].words
    assert [one.facts for one in told["en"].events] == [one.facts for one in told["zh"].events]


def test_the_words_of_a_refusal_name_who_and_where() -> None:
    lab = Lab("zh")
    lab.run("docker pull ubuntu")
    assert "docker.io/library/ubuntu" in lab.run("docker push ubuntu").why[0]
    lab.run(f"docker tag ubuntu {CLOUD}/a/b:1")
    assert lab.run(f"docker push {CLOUD}/a/b:1").why == (f"这台主机上没有人登录 {CLOUD}",)


def test_words_of_programs_stay_and_a_command_of_many_lines_is_told() -> None:
    event = Event("container", "box", "box: sh -c echo a\necho b runs")
    done = Typed("# ", "x", Outcome(new_world(), events=(event,), why=("401 Unauthorized",)), {}, lang="zh")
    assert done.why == ("401 Unauthorized",) and done.events[0].words == "box：运行 sh -c echo a\necho b"

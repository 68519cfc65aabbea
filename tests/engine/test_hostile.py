"""Whatever is typed: docker's words, never a traceback."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.engine.docker import VERBS, docker
from sim.engine.grammar import UsageError, parse
from sim.engine.internet import new_world
from sim.engine.job import Fail
from sim.engine.manual import flags_of
from sim.engine.template import compiled, render
from sim.engine.world import World
from tests.worldkit import HOST, Typist, with_tiny_shell

shell = pytest.fixture(autouse=True)(with_tiny_shell)

_WORLD: list[World] = []


def _world() -> World:
    if not _WORLD:
        typist = Typist()
        typist.all("docker pull busybox\ndocker run -d --name web -v vol:/data -p 80:80 busybox sleep 50\n"
                   "docker commit web new:1\ndocker run -d --name reg -p 5000:5000 registry")
        host = typist.world.hosts[HOST]
        files = host.files.written("/root/Dockerfile", b"FROM busybox\nCOPY . /x\nRUN echo hi > /y\n", 0)
        typist.world = typist.world.with_host(type(host)(host.name, files, host.daemon, host.kernel, host.addresses))
        _WORLD.append(typist.world)
    return _WORLD[0]


VERB = st.sampled_from(sorted(VERBS)).map(str.split)
WORDS = st.one_of(
    st.sampled_from([
        "web", "reg", "busybox", "new:1", "vol", ".", "-", "--", "web:/data", "/root/Dockerfile", "127.0.0.1:5000/x:1",
        "sha256:" + "a" * 64, "a" * 64, "", "{{.ID}}", "{{json .}}", "{{range .}}", "/", "..", "x=y", "80:80", "/v",
        "a:b:c", "bad=1", "../../etc", "a@b", "\0", "\udcff", "名", "a" * 300,
    ]),
    st.text(max_size=12),
)  # fmt: skip


@st.composite
def lines(draw: st.DrawFn) -> list[str]:
    verb = draw(VERB)
    names = [flag.name for flag in flags_of(" ".join(verb))]
    flags = draw(st.lists(st.one_of(
        st.sampled_from(names).map("--{}".format),
        st.tuples(st.sampled_from(names), WORDS).map(lambda pair: f"--{pair[0]}={pair[1]}"),
        st.text("adfhiqtvx", min_size=1, max_size=3).map("-{}".format),
    ), max_size=3))
    return [*verb, *draw(st.permutations([*flags, *draw(st.lists(WORDS, max_size=3))]))]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(lines(), st.binary(max_size=40), st.booleans())
def test_any_line_is_answered(line: list[str], stdin: bytes, tty: bool) -> None:
    world = _world()
    done = docker(world, HOST, line, stdin=stdin, tty=tty)
    assert 0 <= done.exit <= 255
    assert done.exit == 0 or done.text.strip(), line
    assert "Traceback" not in done.text


@given(st.lists(st.text(max_size=8), max_size=6))
def test_any_words_are_parsed_or_refused(argv: list[str]) -> None:
    try:
        parse(argv or ["ps"])
    except UsageError as error:
        assert error.what.endswith("\n") and error.exit in (1, 125)


@given(st.one_of(st.text("{}.$json rangeifend|\"'A()B ", max_size=30), st.text(max_size=20)))
def test_any_template_is_filled_or_refused(text: str) -> None:
    try:
        render(compiled(text), {"A": {"B": [1, None, "x"]}, "B": "text"})
    except Fail as error:
        assert error.what.endswith("\n")


def test_a_build_of_nonsense_is_refused() -> None:
    world = _world()
    for text in (b"", b"\xff\xfe", b"FROM\n", b"RUN x", b"FROM busybox\nCOPY a\n", b"FROM busybox\nENV\n",
                 b"FROM a b c", b"FROM busybox\nCOPY ../../x /\n", b"FROM busybox\nADD http://x /\n",
                 b"FROM busybox\nENV A\n", b"FROM busybox\nCOPY --from=nosuch /x /\n", b"FROM $NOTHING\n",
                 b"FROM busybox\nRUN false"):
        done = docker(world, HOST, ["build", "-"], stdin=text)
        assert done.exit and done.stderr.strip(), text


def test_equal_worlds_get_equal_answers() -> None:
    one, two = new_world(seed=3), new_world(seed=3)
    assert one == two and new_world(seed=4) != one

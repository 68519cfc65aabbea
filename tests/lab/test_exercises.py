"""Drawn exercises: a thousand variants of each, right by a second way, and no two choices alike."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from random import Random
from string import Formatter
from typing import Any

import pytest

from sim.engine.internet import new_world
from sim.engine.terminal import Seat, step
from sim.errors import BadInput
from sim.lab.exercises import EXERCISES, HINTS, Exercise, drawn, given_picture
from sim.lab.exercises.builds import Mounted, Written
from sim.lab.exercises.costs import Box, Operation, change_sets, weight
from sim.lab.exercises.kinds import MB, Belief, Family, options
from sim.lab.exercises.names import Shelf
from sim.lab.exercises.stacks import HOST, PLACE
from sim.lab.exercises.wires import Known, Load, Pieces, sent
from sim.lab.lessons import Lab
from sim.lab.record import load
from sim.lab.text import LANGUAGES
from sim.lab.texts.exercises import EXERCISE_STRINGS
from sim.lab.texts.misconceptions import MISCONCEPTIONS
from sim.union.index import Index
from sim.union.lookup import names
from sim.union.totals import totals

SEEDS = 1000


def by_layers(steps: Any) -> int:
    """Weigh the layers by hand: what is made or changed and not removed in the same step is there whole."""
    sizes: dict[str, int] = {}
    whole = 0
    for one in steps:
        touched = {}
        for operation in one:
            if operation.verb == "make":
                sizes[operation.path] = operation.size
            elif operation.verb == "append":
                sizes[operation.path] += operation.size
            touched[operation.path] = 0 if operation.verb == "rm" else sizes[operation.path]
        whole += sum(touched.values())
    return whole


def by_rmi(shelf: Shelf) -> int:
    gone = shelf.names[shelf.removed][1]
    left = {image for place, (_, image) in enumerate(shelf.names) if place != shelf.removed}
    kept = {layer for image in left for layer in shelf.images[image]}
    return 0 if gone in left else sum(size for layer, size in shelf.layers if layer not in kept)


def by_fetch(pieces: Pieces) -> int:
    return sum(one.blob for one in pieces if not one.here)


def by_seen(steps: Any) -> int:
    """Stored less seen, by the definition's totals."""
    layers = change_sets(steps)
    found = totals(layers, ((path, entry) for path, _, entry in Index.of(layers).walk()))
    return found.stored_bytes - found.live_bytes


SECOND: dict[str, Callable[[Any], Any]] = {
    "01.pull": by_fetch,
    "02.listing": lambda layers: tuple(sorted(names(layers, PLACE[1:]))),
    "03.written": lambda box: by_layers([box.files, box.does]) - by_layers([box.files]),
    "03.mount": lambda mounted: mounted.other,
    "05.layers": lambda text: 1 + len(re.findall(r"(?m)^(?:RUN|COPY) ", text)),
    "05.size": by_layers,
    "05.volume": lambda written: tuple(path for path in written.paths if path.split("/")[1] != "data"),
    "06.ids": lambda lines: len({line for line in lines if " commit " in line}),
    "06.freed": by_rmi,
    "06.stored": lambda shelf: sum(size for _, size in shelf.layers),
    "09.push": lambda load: sum(size for size, known in load if known.value in ("elsewhere", "nowhere")),
    "10.hidden": by_seen,
}


@pytest.mark.parametrize("name", EXERCISES)
def test_a_thousand_variants_are_right_and_tell_the_misconception_from_the_truth(name: str) -> None:
    family, states = EXERCISES[name], set()
    for seed in range(SEEDS):
        shown = drawn(name, seed)
        found = shown.options
        right = found[shown.right - 1]
        assert right.answer == SECOND[name](shown.state), seed
        assert [option.belief for option in found].count(None) == 1 and len(found) >= 3, seed
        for lang in LANGUAGES:
            assert len({family.said(option.answer, lang) for option in found}) == len(found), seed
        assert family.aim in {option.misconception for option in found}, seed
        states.add(repr(shown.state))
    assert len(states) > 20, "a thousand seeds are more than a few states"


@pytest.mark.parametrize("name", EXERCISES)
def test_a_seed_is_one_variant_and_the_right_choice_has_no_fixed_place(name: str) -> None:
    one, again = drawn(name, 7), drawn(name, 7)
    assert repr(one.state) == repr(again.state)
    assert [option.answer for option in one.options] == [option.answer for option in again.options]
    assert {drawn(name, seed).right for seed in range(40)} >= {1, 2, 3}


@pytest.mark.parametrize("name", EXERCISES)
def test_every_belief_is_met_and_is_a_known_misconception(name: str) -> None:
    met = {option.belief.key for seed in range(60) for option in drawn(name, seed).options if option.belief}
    assert met == {belief.key for belief in EXERCISES[name].beliefs}
    assert all(belief.misconception in MISCONCEPTIONS for belief in EXERCISES[name].beliefs)


def test_a_variant_that_tells_nothing_is_refused() -> None:
    def family(*answers: int | None) -> Family[int]:
        beliefs = tuple(Belief(str(place), place, lambda _, said=said: said) for place, said in enumerate(answers, 1))
        return Family("x", Random.random, lambda _: 5, beliefs, lambda _, lang: (), "count")  # type: ignore[arg-type]

    assert [option.answer for option in options(family(6, 7), 0)] == [5, 6, 7]
    assert options(family(5, 7, 8), 0) == (), "the misconception gives the right answer"
    assert options(family(6, 6, 8), 0) == (), "two choices are equal"
    assert options(family(None, 7, 8), 0) == (), "the misconception that is aimed at has no answer"
    assert options(family(6, None), 0) == (), "two choices are no exercise"
    assert options(Family("x", family(6, 7).draw, lambda _: 5_000_001, family(5_000_002, 7).beliefs,
                          lambda _, lang: (), "bytes"), 0) == (), "two choices that read alike"


def test_words_are_there_for_all_of_it_and_only_for_that() -> None:
    wanted = {
        f"exercise.{name}.{what}" for name, family in EXERCISES.items()
        for what in ("ask", "right", *(f"hint{n}" for n in range(1, HINTS + 1)), *(one.key for one in family.beliefs))
    }
    assert {key for key in EXERCISE_STRINGS if key[9:11].isdigit()} == wanted
    for key in wanted:
        english, chinese = EXERCISE_STRINGS[key]
        assert english.endswith((".", "?")) and chinese.endswith(("。", "？")), key
        assert not any(field for _, field, _, _ in Formatter().parse(english) if field), key


# ---- the simulated docker as the second way


def typed(seat: Seat, *lines: str) -> tuple[Seat, str]:
    text = ""
    for line in lines:
        seat, outcome = step(seat, line)
        assert outcome.exit == 0, outcome.text
        text = outcome.stdout
    return seat, text


@pytest.mark.parametrize("seed", range(4))
def test_the_simulated_docker_gives_the_same_answers(seed: int) -> None:
    seat, _ = typed(Seat(new_world()), "docker pull -q busybox", "echo a > note")
    _layers_of(seat, drawn("05.layers", seed))
    _ids_of(seat, drawn("06.ids", seed))
    _size_of(seat, drawn("05.size", seed))
    _written_in(seat, drawn("03.written", seed).state)
    _listed_in(seat, drawn("03.mount", seed).state)
    _committed_from(seat, drawn("05.volume", seed).state)


def _dockerfile(text: str) -> tuple[str, str]:
    return f"cat > Dockerfile <<'END'\n{text}\nEND", "docker build -q -t made:1 ."


def _layers_of(seat: Seat, shown: Any) -> None:
    _, said = typed(seat, *_dockerfile(shown.state), "docker inspect -f '{{len .RootFS.Layers}}' made:1")
    assert int(said) == shown.options[shown.right - 1].answer


def _ids_of(seat: Seat, shown: Any) -> None:
    _, base = typed(seat, "docker images -q")
    _, said = typed(seat, "docker create --name box busybox", *shown.state, "docker images -q")
    assert len(set(said.split()) - {base.strip()}) == shown.options[shown.right - 1].answer


def _size_of(seat: Seat, shown: Any) -> None:
    lines = ["FROM busybox", *("RUN " + " && ".join(one.line for one in part) for part in shown.state)]
    asked = "docker inspect -f '{{.Size}}' "
    _, before = typed(seat, asked + "busybox")
    _, after = typed(seat, *_dockerfile("\n".join(lines)), asked + "made:1")
    assert int(after) - int(before) == shown.options[shown.right - 1].answer


def _written_in(seat: Seat, box: Box) -> None:
    made = " && ".join(one.line for one in box.files)
    seat, _ = typed(seat, f"docker run --name maker busybox sh -c '{made}'", "docker commit maker web:1",
                    f"docker run --name box web:1 sh -c '{' && '.join(one.line for one in box.does)}'")
    (found,) = (one for one in seat.world.hosts[seat.host].daemon.containers.values() if one.name == "box")
    assert weight(found.root.upper) == SECOND["03.written"](box)


def _listed_in(seat: Seat, mounted: Mounted) -> None:
    held = " ".join(f"/srv/{name}" for name in mounted.image)
    other = " ".join(f"/x/{name}" for name in mounted.other)
    seat, _ = typed(
        seat, f"docker run --name maker busybox sh -c 'mkdir -p /srv && touch {held}'", "docker commit maker web:1",
        "mkdir -p /site", f"cd /site && touch {' '.join(mounted.other)}; cd",
        f"docker run --rm -v notes:/x busybox touch {other}",
    )
    _, said = typed(seat, f"docker run --rm -v {mounted.source}:/srv web:1 ls /srv")
    assert tuple(said.split()) == mounted.other


def _committed_from(seat: Seat, written: Written) -> None:
    inside = " ".join(written.paths)
    run, commit = written.lines
    seat, _ = typed(seat, run.replace(f"touch {inside}", f"sh -c 'mkdir -p /home /tmp && touch {inside}'"), commit)
    seat, outcome = step(seat, f"docker run --rm new:1 ls -d {inside}")
    assert tuple(sorted(outcome.stdout.split())) == tuple(sorted(SECOND["05.volume"](written)))


def test_the_simulated_push_sends_what_the_exercise_counts() -> None:
    registries = ("docker run -d -p 5000:5000 registry", "docker run -d -p 5001:5000 registry")
    layers: list[str] = []
    for number, known in enumerate(Known, 1):
        layers += [f"docker run --name c{number} {'busybox' if number == 1 else f'l{number - 1}:1'} touch /f{number}",
                   f"docker commit c{number} l{number}:1"]
        place = {"same": "127.0.0.1:5000/team/app", "other": "127.0.0.1:5000/team/base",
                 "elsewhere": "127.0.0.1:5001/team/app"}.get(known)
        if place:
            layers += [f"docker tag l{number}:1 {place}:0", f"docker push {place}:0"]
    seat, _ = typed(Seat(new_world()), *registries, *layers, f"docker tag l{len(Known)}:1 127.0.0.1:5000/team/app:1")
    _, said = typed(seat, "docker push 127.0.0.1:5000/team/app:1")
    states = re.findall(r"^\w{12}: (\w+)", said, re.M)[: len(Known)]
    assert states[::-1] == ["Layer", "Mounted", "Pushed", "Pushed"]
    assert [known.sent for known in Known] == [state == "Pushed" for state in states[::-1]]


# ---- as a learner meets it


def test_a_wrong_answer_is_told_which_misconception_it_shows(lab: Lab, tmp_path: Path) -> None:
    shown = lab.exercise("02.listing", seed=3)
    wrong = next(n for n, option in enumerate(shown.shown.options, 1) if option.misconception == 27)
    said = repr(lab.answer(wrong))
    assert "opaque" in said and "misconception 27" in said and shown.choices[shown.shown.right - 1] in said
    assert repr(lab.answer(shown.shown.right)).endswith("ends the search.")
    assert load(tmp_path).exercises == {"02.listing#3": 27}, "the first answer counts"
    assert json.loads((tmp_path / "progress.json").read_text())["version"] == 1


def test_another_one_is_one_that_was_not_tried(lab: Lab) -> None:
    assert lab.exercise("06.ids").shown.seed == 1
    for seed in (1, 2, 4):
        opened = lab.exercise("06.ids", seed=seed)
        lab.answer(opened.shown.right)
    assert lab.exercise("06.ids").shown.seed == 3 and lab.another().shown.seed == 5
    assert "3 of 3 right at the first try" in repr(lab.score())


def test_hints_come_one_after_another_and_the_last_stays(lab: Lab) -> None:
    lab.exercise("05.size", seed=1)
    hints = [repr(lab.hint()) for _ in range(3)]
    assert hints[0] != hints[1] == hints[2]


def test_bad_use_is_a_sentence(lab: Lab) -> None:
    for wrong in (lab.another, lab.hint, lambda: lab.answer(1)):
        with pytest.raises(BadInput, match="no exercise is open"):
            wrong()
    with pytest.raises(BadInput, match=r"no exercise '05\.sise'.*05\.size"):
        lab.exercise("05.sise")
    with pytest.raises(BadInput, match="a whole number, not '3'"):
        lab.exercise("05.size", seed="3")  # type: ignore[arg-type]
    opened = lab.exercise("05.size", seed=1)
    for choice in (0, len(opened.choices) + 1, "1", None):
        with pytest.raises(BadInput):
            lab.answer(choice)  # type: ignore[arg-type]
    assert repr(lab.score()).startswith("no exercise is open")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", EXERCISES)
def test_what_is_given_is_in_the_picture_its_alt_text_and_its_table(name: str, lang: str) -> None:
    shown = drawn(name, 2)
    picture = given_picture(shown, lang=lang)
    for row in shown.family.rows(shown.state, lang):
        assert row.words in picture.text
        assert re.sub(r"\W", "", row.words) in re.sub(r"\W", "", picture.alt)


def test_the_widget_answers_hints_and_goes_on(tmp_path: Path) -> None:
    shown = Exercise("01.pull", 1, tmp_path, "en")
    view, box, bar, said = shown.widget().children[:4]
    hint, more = bar.children
    hint.click()
    assert "not here" in said.value
    box.children[0].value = shown.shown.right
    assert "Right." in said.value and load(tmp_path).exercises == {"01.pull#1": 0}
    before = view.value
    more.click()
    assert shown.shown.seed == 2 and view.value != before and said.value == "" and box.children[0].value is None


def test_the_bytes_that_hosts_have_are_no_part_of_a_stack() -> None:
    assert not set(HOST) & {"app", "conf", "data", "log", "tmp", "www"}
    assert Operation("make", "/a", 3 * MB).line == "dd if=/dev/zero bs=1000000 count=3 of=/a"
    alone: Load = ((MB, Known.SAME),)
    assert sent(alone) == 0

"""`sim pull` and `sim push`: what they print, the document, and how layers are shown on a terminal."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from sim.cli.transfers import LayerLines, sum_in_words
from sim.content.descriptor import Descriptor
from sim.registry.moves import Move, Stage, bar
from sim.registry.transfer import Action, Direction, Plan, Role, Step, Why
from sim.registry.wire import serving
from tests import image_builders as make


@pytest.fixture
def host() -> Iterator[str]:
    with serving() as server:
        yield server.url.removeprefix("http://")


@pytest.fixture
def box(tmp_path: Path) -> Path:
    return make.write(tmp_path / "box.tar", make.oci(make.image(["base", "top"])))


def test_push_and_pull_print_what_docker_prints(sim, host: str, box: Path, tmp_path: Path) -> None:
    image = make.image(["base", "top"])
    layers = [digest.partition(":")[2][:12] for digest in image.config["rootfs"]["diff_ids"]]
    code, out, err = sim("push", str(box), f"{host}/cyo57/app:1.0")
    lines = out.splitlines()
    assert (code, err) == (0, "") and lines[0] == f"The push refers to repository [{host}/cyo57/app]"
    assert set(lines[1:3]) == {f"{name}: Preparing" for name in layers}, "layers go by their DiffIDs"
    assert all(f"{name}: Pushed" in lines for name in layers)
    assert lines[-2].startswith("1.0: digest: sha256:") and " size: " in lines[-2]
    again = sim("push", str(box), f"{host}/cyo57/app:1.0")[1].splitlines()
    assert again[1:3] == [f"{name}: Layer already exists" for name in reversed(layers)]
    other = sim("push", str(box), f"{host}/other/app:1.0", "--mount-from", "cyo57/app")[1]
    assert all(f"{name}: Mounted from cyo57/app" in other for name in layers)
    assert other.splitlines()[-1].endswith("was mounted")

    code, out, err = sim("pull", f"{host}/cyo57/app:1.0", str(tmp_path / "app"))
    lines = out.splitlines()
    assert (code, err) == (0, "") and lines[0] == "1.0: Pulling from cyo57/app"
    assert sum(line.endswith(": Download complete") for line in lines) == 2
    assert lines[-3:-1] == [
        f"Digest: {again[-2].split()[2]}", f"Status: Downloaded newer image for {host}/cyo57/app:1.0",
    ]
    lines = sim("pull", f"{host}/cyo57/app:1.0", str(tmp_path / "app"))[1].splitlines()
    assert lines[-2] == f"Status: Image is up to date for {host}/cyo57/app:1.0"
    assert sum(line.endswith(": Already exists") for line in lines) == 2


def test_the_document(sim, host: str, box: Path, tmp_path: Path) -> None:
    code, out, _ = sim("push", str(box), f"{host}/cyo57/app:1.0", "--json")
    pushed = json.loads(out)
    assert code == 0 and pushed["direction"] == "push" and pushed["saved_bytes"] == 0
    assert [(step["what"], step["layer"], step["action"], step["why"]) for step in pushed["plan"]] == [
        ("layer", 1, "send", "absent"), ("layer", 2, "send", "absent"), ("config", None, "send", "absent"),
        ("manifest", None, "send", "names"),
    ]
    assert pushed["sent_bytes"] == sum(step["size"] for step in pushed["plan"])
    code, out, _ = sim("pull", f"{host}/cyo57/app:1.0", str(tmp_path / "app.tar"), "--json")
    pulled = json.loads(out)
    assert (code, pulled["form"], pulled["changed"]) == (0, "oci", True)
    assert pulled["manifest"] == pushed["manifest"] and pulled["sent_bytes"] == pushed["sent_bytes"]


def test_an_image_of_a_registry_is_an_image(sim, host: str, box: Path) -> None:
    sim("push", str(box), f"{host}/cyo57/app:1.0")
    name = f"{host}/cyo57/app:1.0"
    assert json.loads(sim("inspect", name, "--json")[1])["name"] == name
    assert sim("ls", name)[1] and sim("cat", name, "top")[1] == "top"
    assert sim("why", name, "/base")[0] == 0 and sim("validate", name)[0] == 0
    assert sim("diff", name, str(box))[0] == 0
    assert sim("push", name, f"{host}/copy/app:1")[0] == 0, "from one repository into another"


def test_what_fails_is_one_line_and_nothing_is_written(sim, host: str, tmp_path: Path) -> None:
    said = sim.refused("pull", f"{host}/no/such:1", str(tmp_path / "app"))
    assert f"manifest for {host}/no/such:1 not found: manifest unknown: manifest unknown" in said
    assert not (tmp_path / "app").exists()
    code, out, err = sim("push", "sample:hello-world", "127.0.0.1:1/app:1")
    assert (code, out) == (2, "The push refers to repository [127.0.0.1:1/app]\n")
    assert err.startswith('sim: Get "http://127.0.0.1:1/v2/": dial tcp 127.0.0.1:1: connect: connection refused')
    said = sim.refused("pull", f"{host}/a@sha256:{'0' * 64}", str(tmp_path / "x"), "--platform", "linux")
    assert "OS/ARCH" in said


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def screen(text: str) -> list[str]:
    """Return what a terminal shows after `text`: lines, with the moves up and down that docker uses."""
    lines, row, at = [""], 0, 0
    while at < len(text):
        if text.startswith("\x1b[", at):
            end = next(place for place in range(at, len(text)) if text[place].isalpha())
            count, kind = int(text[at + 2:end] or 1), text[end]
            if kind == "K":
                lines[row] = ""
            else:
                row += count if kind == "B" else -count
            at = end + 1
            continue
        if text[at] == "\n":
            row += 1
            if row == len(lines):
                lines.append("")
        elif text[at] != "\r":
            lines[row] += text[at]
        at += 1
    return lines


def moves(number: int, *stages: tuple[Stage, int]) -> list[Move]:
    step = Step(Role.LAYER, number, Descriptor.of(bytes(1000 * number), "x/y"), Action.SEND, Why.ABSENT)
    return [Move(Direction.PULL, step, stage, done) for stage, done in stages]


def test_layers_change_in_place_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    stream = Terminal()
    clock = iter(range(99)).__next__
    show = LayerLines(lambda move: f"layer{move.step.number}", "1: Pulling from a/b", stream, clock)
    first = moves(1, (Stage.QUEUED, 0), (Stage.MOVING, 500), (Stage.VERIFYING, 1000), (Stage.DONE, 1000))
    second = moves(2, (Stage.QUEUED, 0), (Stage.MOVING, 500))
    for move in (first[0], second[0], first[1], second[1]):
        show(move)
    assert screen(stream.getvalue()) == [
        "1: Pulling from a/b", f"layer1: Downloading {bar(500, 1000)}", f"layer2: Downloading {bar(500, 2000)}", "",
    ]
    for move in first[2:]:
        show(move)
    assert screen(stream.getvalue())[1] == "layer1: Download complete"


def test_a_narrow_terminal_has_no_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    stream = Terminal()
    show = LayerLines(lambda move: "a" * 12, "", stream, clock=iter(range(99)).__next__)
    for move in moves(1, (Stage.QUEUED, 0), (Stage.MOVING, 500)):
        show(move)
    assert screen(stream.getvalue())[0] == "aaaaaaaaaaaa: Downloading 500B/1kB"


def test_elsewhere_every_change_is_a_line_and_bytes_are_none() -> None:
    stream = io.StringIO()
    show = LayerLines(lambda move: "layer1", "", stream)
    stages = (Stage.QUEUED, Stage.WAITING, Stage.MOVING, Stage.MOVING, Stage.VERIFYING, Stage.DONE)
    for move in moves(1, *((stage, place) for place, stage in enumerate(stages))):
        show(move)
    assert stream.getvalue().splitlines() == [
        "layer1: Pulling fs layer", "layer1: Waiting", "layer1: Verifying Checksum", "layer1: Download complete",
    ]


@pytest.mark.parametrize(("done", "total", "text"), [
    (0, 1000, f"[>{' ' * 50}]       0B/1kB"), (1_064_000, 1_064_000, f"[{'=' * 50}>]  1.064MB/1.064MB"),
    (123, 43_000_000, f"[>{' ' * 50}]     123B/43MB"), (0, 0, f"[{'=' * 50}>]       0B/0B"),
])
def test_docker_s_bar(done: int, total: int, text: str) -> None:
    assert bar(done, total) == text


def test_the_sum_says_a_mount_only_where_there_was_one() -> None:
    blob = Descriptor.of(b"12345", "x/y")
    step = Step(Role.LAYER, 1, blob, Action.MOUNT, Why.ELSEWHERE, "a/b")
    assert sum_in_words(Plan(Direction.PUSH, (step,))) == "0B sent; 5B saved, since it was there already or was mounted"

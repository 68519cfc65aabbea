"""Image configs: read with care, kept byte for byte, written canonically when edited."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from sim.errors import DocumentInvalid, SimError
from sim.image.config import History, ImageConfig, RunConfig, histories
from sim.image.ids import DiffID

DIFF = DiffID.of(b"layer")
FULL = {
    "created": "2026-11-24T02:45:46.362847119Z", "author": "cyo57", "architecture": "arm64", "os": "linux",
    "variant": "v8", "os.version": "1", "os.features": ["win32k"],
    "config": {
        "User": "app", "ExposedPorts": {"80/tcp": {}, "53/udp": {}}, "Env": ["PATH=/bin"], "Entrypoint": ["/init"],
        "Cmd": ["sh", "-c", "true"], "Volumes": {"/data": {}}, "WorkingDir": "/srv", "Labels": {"a": "b"},
        "StopSignal": "SIGINT", "OnBuild": ["RUN x"],
    },
    "rootfs": {"type": "layers", "diff_ids": [str(DIFF)]},
    "history": [
        {"created": "2026-11-24T02:45:21Z", "created_by": "ADD x", "author": "a", "comment": "c"},
        {"created_by": "CMD sh", "empty_layer": True},
    ],
    "container": "72613e8ac37a", "docker_version": "20.10.24",
}


def parse(document: Any) -> ImageConfig:
    return ImageConfig.parse(json.dumps(document, indent=1).encode("utf-8"), where="config.json")


def test_every_field_is_read() -> None:
    config = parse(FULL)
    assert config == ImageConfig(
        "arm64", "linux", (DIFF,),
        (History("2026-11-24T02:45:21Z", "ADD x", "a", "c"), History(created_by="CMD sh", empty_layer=True)),
        RunConfig(("PATH=/bin",), ("/init",), ("sh", "-c", "true"), "/srv", "app", ("53/udp", "80/tcp"), ("/data",),
                  {"a": "b"}, "SIGINT", {"OnBuild": ["RUN x"]}),
        "2026-11-24T02:45:46.362847119Z", "cyo57", "v8", "1", ("win32k",),
        {"container": "72613e8ac37a", "docker_version": "20.10.24"},
    )
    assert str(config.platform) == "linux/arm64/v8"


def test_the_canonical_form_says_the_same() -> None:
    assert parse(FULL).to_json() == FULL


def test_a_config_that_was_read_keeps_its_bytes() -> None:
    raw = json.dumps(FULL, indent=3).encode("utf-8")
    assert ImageConfig.parse(raw, where="x").raw == raw


def test_an_edited_config_is_written_anew() -> None:
    edited = replace(parse(FULL), author="someone else")
    assert json.loads(edited.raw) == FULL | {"author": "someone else"}
    assert edited.digest != parse(FULL).digest


def test_null_and_absent_are_the_same() -> None:
    # Go writers print null for empty lists and maps.
    bare = {"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": None}}
    nulls = bare | {"config": {"Env": None, "Cmd": None, "Volumes": None, "Labels": None}, "history": None}
    assert parse(nulls) == parse(bare) == ImageConfig("amd64", "linux")


@pytest.mark.parametrize(("change", "field"), [
    ({"architecture": None}, "config.architecture"),
    ({"os": 1}, "config.os"),
    ({"rootfs": None}, "config.rootfs"),
    ({"rootfs": {"type": "layers+base", "diff_ids": []}}, "config.rootfs.type"),
    ({"rootfs": {"type": "layers", "diff_ids": ["md5:00"]}}, "config.rootfs.diff_ids"),
    ({"rootfs": {"type": "layers", "diff_ids": [1]}}, "config.rootfs.diff_ids"),
    ({"rootfs": {"type": "layers", "diff_ids": "x"}}, "config.rootfs.diff_ids"),
    ({"config": []}, "config.config"),
    ({"config": {"Env": "A=b"}}, "config.config.Env"),
    ({"config": {"ExposedPorts": ["80"]}}, "config.config.ExposedPorts"),
    ({"config": {"Labels": {"a": 1}}}, "config.config.Labels"),
    ({"history": [{}, {"empty_layer": "yes"}]}, "config.history[1].empty_layer"),
    ({"history": [{"created_by": 7}]}, "config.history[0].created_by"),
    ({"history": {}}, "config.history"),
])
def test_errors_name_the_field(change: dict[str, Any], field: str) -> None:
    with pytest.raises(DocumentInvalid) as caught:
        parse(FULL | change)
    assert caught.value.field == field and caught.value.where == "config.json"


@pytest.mark.parametrize("raw", [b"", b"[]", b"null", b'{"a":1,"a":2}', b'{"a":NaN}', b"\xff"])
def test_not_even_an_object(raw: bytes) -> None:
    with pytest.raises(SimError):
        ImageConfig.parse(raw, where="x")


ADD, ENV = History(created_by="ADD"), History(created_by="ENV", empty_layer=True)


@pytest.mark.parametrize(("claim", "history", "layers", "made"), [
    ("empty ones are passed over", [ADD, ENV, ADD, ENV], 2, ["ADD", "ADD"]),
    ("the history is optional", [], 2, [None, None]),
    ("it may be too short", [ENV, ADD], 3, ["ADD", None, None]),
    ("what is too much is dropped", [ADD, ADD], 1, ["ADD"]),
    ("no layers", [ENV], 0, []),
])
def test_pairing(claim: str, history: list[History], layers: int, made: list[str | None]) -> None:
    assert [line and line.created_by for line in histories(history, layers)] == made

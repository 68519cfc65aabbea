"""The command line against two real images: their blobs' names, and their merged trees as the kernel mounts them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from sim.cli import main
from sim.source import open_image
from sim.union.totals import layer_bytes

IMAGES = {"bb-union": 296, "ubuntu-cyo57": 4981}
SAME = ("digest", "size", "diffID", "chainID", "tar", "entries")
SHOWN = ("t", "mode", "uid", "gid", "size", "nlink", "mtime", "link", "sha256", "xattr", "rdev")


def answer(capsys: pytest.CaptureFixture[str], *argv: str) -> Any:
    assert main([*argv, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.fixture(scope="module")
def inventory(shared: Path) -> Any:
    return json.loads((shared / "images" / "INVENTORY.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", IMAGES)
def test_inspect_equals_the_inventory(shared: Path, inventory: Any, name: str, capsys) -> None:
    found = answer(capsys, "inspect", str(shared / "images" / f"{name}.oci.tar"))
    wanted = inventory[name]
    assert found["manifest"]["digest"] == wanted["manifest"]
    assert found["config"]["digest"] == wanted["config"]
    assert [[layer[key] for key in SAME] for layer in found["layers"]] == [
        [layer[key] for key in SAME] for layer in wanted["layers"]
    ]
    assert found["totals"]["paths"] == IMAGES[name]
    assert found["totals"]["stored_bytes"] == sum(layer["content_bytes"] for layer in wanted["layers"])


def test_the_docker_archive_holds_the_same_layers(shared: Path, inventory: Any, capsys) -> None:
    found = answer(capsys, "inspect", str(shared / "images" / "bb-union.docker.tar.zst"))
    assert found["manifest"] is None
    for key in ("diffID", "chainID", "entries", "tar"):
        assert [layer[key] for layer in found["layers"]] == [layer[key] for layer in inventory["bb-union"]["layers"]]


@pytest.mark.parametrize("name", IMAGES)
def test_the_merged_view_equals_the_kernels(shared: Path, name: str, capsys) -> None:
    found = answer(capsys, "ls", "-R", str(shared / "images" / f"{name}.oci.tar"))
    with gzip.open(shared / "images" / f"{name}.merged-overlay.json.gz", "rt", encoding="utf-8") as lines:
        kernel = json.load(lines)
    assert len(kernel) == IMAGES[name]
    ours = {path: {key: row[key] for key in SHOWN if key in row} for path, row in found.items()}
    assert {path for path in kernel.keys() | ours.keys() if kernel.get(path) != ours.get(path)} == set()
    extra = {key for row in found.values() for key in row} - set(SHOWN)
    assert extra == {"layer", "mtime_ns"}


@pytest.mark.parametrize("name", IMAGES)
def test_bytes_of_each_layer_equal_the_inventory(shared: Path, inventory: Any, name: str) -> None:
    image = open_image(shared / "images" / f"{name}.oci.tar")
    assert list(map(layer_bytes, image.stack)) == [layer["content_bytes"] for layer in inventory[name]["layers"]]


def test_both_forms_of_one_image_have_one_merged_view(shared: Path, capsys) -> None:
    paths = [str(shared / "images" / name) for name in ("bb-union.oci.tar", "bb-union.docker.tar.zst")]
    assert not any(answer(capsys, "diff", *paths).values())


def test_docker_save_to_oci_and_back(shared: Path, tmp_path: Path, capsys) -> None:
    """The acceptance of `sim convert`: equal merged views, valid, and a second run gives identical bytes."""
    source = str(shared / "images" / "bb-union.docker.tar.zst")
    oci, docker, again = (str(tmp_path / name) for name in ("1.oci.tar", "2.docker.tar", "3.docker.tar"))
    for argv in ((source, oci, "--to", "oci"), (oci, docker, "--to", "docker"), (oci, again, "--to", "docker")):
        assert main(["convert", *argv]) == 0
    capsys.readouterr()
    for path in (oci, docker):
        assert answer(capsys, "validate", path)["ok"]
        assert not any(answer(capsys, "diff", source, path).values())
    assert Path(docker).read_bytes() == Path(again).read_bytes()

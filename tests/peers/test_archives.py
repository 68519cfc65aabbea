"""Real images opened, and written images read by real tools."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sim.fs.entry import Kind
from sim.image.convert import write_archive
from sim.image.layer import Image
from sim.source import open_image, validate_image
from sim.union.lookup import merged
from tests import image_builders as make

NAMES = ("bb-union", "ubuntu-cyo57")
IMAGE_ID = "sha256:50ad302ec18bb366fcf9fab344f66edac5772532fe1bd52723ca3928cff2fef2"
"""What docker 20.10 called bb-union:1.0 when it saved it."""

Tool = Callable[..., Any]


@pytest.fixture(scope="session")
def inventory(shared: Path) -> dict[str, Any]:
    return json.loads((shared / "images" / "INVENTORY.json").read_text("utf-8"))


@pytest.fixture(scope="session")
def saved(shared: Path) -> Image:
    """bb-union as docker 20.10 saved it, with zstd around."""
    return open_image(shared / "images" / "bb-union.docker.tar.zst")


@pytest.mark.parametrize("name", NAMES)
def test_every_number_of_the_inventory(shared: Path, inventory: dict[str, Any], name: str) -> None:
    image, truth = open_image(shared / "images" / f"{name}.oci.tar"), inventory[name]
    assert image.manifest is not None
    assert (str(image.manifest.digest), str(image.config.digest)) == (truth["manifest"], truth["config"])
    keys = ("digest", "size", "diffID", "chainID", "tar", "entries")
    assert [
        (str(x.descriptor.digest), x.descriptor.size, str(x.diff_id), str(x.chain_id), x.tar_size, x.members)
        for x in image.layers
    ] == [tuple(layer[key] for key in keys) for layer in truth["layers"]]
    assert [sum(e.size for e in {e.inode or p: e for p, e in x.changes.entries.items()}.values())
            for x in image.layers] == [layer["content_bytes"] for layer in truth["layers"]]
    assert validate_image(shared / "images" / f"{name}.oci.tar").ok


def test_docker_save_has_the_same_layers(saved: Image, inventory: dict[str, Any]) -> None:
    truth = inventory["bb-union"]["layers"]
    assert [(str(x.diff_id), str(x.chain_id)) for x in saved.layers] == [(x["diffID"], x["chainID"]) for x in truth]
    assert str(saved.config.digest) == IMAGE_ID and saved.name == "bb-union:1.0"


def test_both_forms_are_one_tree(saved: Image, shared: Path) -> None:
    assert open_image(shared / "images" / "bb-union.oci.tar").stack == saved.stack


# --- what real tools make of what we write -------------------------------------------------------------------

@pytest.fixture(scope="session")
def written(saved: Image, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """docker-save -> OCI -> docker-save, each form once."""
    home = tmp_path_factory.mktemp("written")
    write_archive(saved, home / "folder", "oci-dir")
    write_archive(open_image(home / "folder"), home / "oci.tar", "oci")
    write_archive(open_image(home / "oci.tar"), home / "docker.tar", "docker")
    for compression in ("gzip", "zstd"):
        write_archive(saved, home / f"{compression}.tar", "oci", compression)
    return home


def test_nothing_is_lost_on_the_way(saved: Image, written: Path) -> None:
    for place in sorted(written.iterdir()):
        found = open_image(place)
        assert found.stack == saved.stack and str(found.config.digest) == IMAGE_ID, place
        assert validate_image(place).errors == (), place


@pytest.mark.parametrize("reference", [
    "docker-archive:docker.tar", "oci-archive:oci.tar", "oci:folder:1.0", "oci-archive:gzip.tar",
    "oci-archive:zstd.tar",
])
def test_skopeo_reads_all_forms(tool: Tool, written: Path, saved: Image, tmp_path: Path, reference: str) -> None:
    transport, _, place = reference.partition(":")
    there = f"{transport}:{written / place}"
    config = json.loads(tool("skopeo", "inspect", "--config", there).stdout)
    assert config["rootfs"]["diff_ids"] == [str(layer.diff_id) for layer in saved.layers]
    # A copy reads and checks every blob.
    tool("skopeo", "copy", "--insecure-policy", there, f"oci:{tmp_path / 'copy'}:1.0")
    assert open_image(tmp_path / "copy").stack == saved.stack


def test_skopeo_writes_what_we_read(tool: Tool, shared: Path, saved: Image, tmp_path: Path) -> None:
    there = f"oci-archive:{shared / 'images' / 'bb-union.oci.tar'}"
    for reference in ("docker-archive:{}/a:box:1.0", "oci-archive:{}/b:1.0", "oci:{}/c:1.0", "dir:{}/d"):
        tool("skopeo", "copy", "--insecure-policy", there, reference.format(tmp_path))
    for place in "abc":
        assert open_image(tmp_path / place).stack == saved.stack


def test_umoci_unpacks_the_folder(tool: Tool, written: Path, saved: Image, tmp_path: Path, need: Tool) -> None:
    need(os.geteuid() == 0, "owners and devices need root")
    shutil.copytree(written / "folder", tmp_path / "folder")
    tool("umoci", "unpack", "--image", f"{tmp_path / 'folder'}:1.0", tmp_path / "bundle")
    root = tmp_path / "bundle" / "rootfs"
    ours = {found.path: found.entry for found in merged(saved.stack) if found.entry is not None and found.path}
    theirs = {str(each.relative_to(root)): each for each in root.rglob("*")}
    assert sorted(ours) == sorted(theirs)
    for path, entry in ours.items():
        assert described(theirs[path]) == (
            entry.kind, entry.mode, entry.uid, entry.gid, entry.target,
            entry.data.sha256 if entry.data is not None else None), path


def described(path: Path) -> tuple[Any, ...]:
    found = path.lstat()
    kinds = {stat.S_IFREG: Kind.FILE, stat.S_IFDIR: Kind.DIRECTORY, stat.S_IFLNK: Kind.SYMLINK,
             stat.S_IFIFO: Kind.FIFO, stat.S_IFCHR: Kind.CHAR, stat.S_IFBLK: Kind.BLOCK}
    kind = kinds[stat.S_IFMT(found.st_mode)]
    return (
        kind, stat.S_IMODE(found.st_mode), found.st_uid, found.st_gid,
        os.readlink(path) if kind is Kind.SYMLINK else None,
        hashlib.sha256(path.read_bytes()).hexdigest() if kind is Kind.FILE else None,
    )


def test_dockerd_loads_the_docker_archive(docker: Tool, written: Path, saved: Image, tmp_path: Path) -> None:
    assert docker("load", "-i", written / "docker.tar").stdout.strip() == "Loaded image: bb-union:1.0"
    (found,) = json.loads(docker("image", "inspect", "bb-union:1.0").stdout)
    assert found["Id"] == IMAGE_ID
    assert found["RootFS"]["Layers"] == [str(layer.diff_id) for layer in saved.layers]
    docker("save", "-o", tmp_path / "again.tar", "bb-union:1.0")
    again = open_image(tmp_path / "again.tar")
    assert again.stack == saved.stack and again.config.raw == saved.config.raw
    docker("rmi", "bb-union:1.0")


def test_a_layer_that_occurs_twice(docker: Tool, tool: Tool, tmp_path: Path) -> None:
    image = open_image(make.write(tmp_path / "box.tar", make.docker(make.image(["same", "same", "other"]))))
    write_archive(image, tmp_path / "out.tar", "docker")
    tool("skopeo", "copy", "--insecure-policy", f"docker-archive:{tmp_path / 'out.tar'}", f"dir:{tmp_path / 'copy'}")
    docker("load", "-i", tmp_path / "out.tar")
    docker("save", "-o", tmp_path / "again.tar", "box:1.0")
    assert open_image(tmp_path / "again.tar").stack == image.stack
    docker("rmi", "box:1.0")


def test_docker_says_no_where_validate_says_so(docker: Tool, tmp_path: Path) -> None:
    path = make.write(tmp_path / "deep.tar", make.docker(make.image([f"f{number}" for number in range(126)])))
    (noted,) = validate_image(path).remarks
    assert noted.remark.code == "layers" and "dockerd overlay2" in noted.remark.engines
    assert "max depth exceeded" in docker("load", "-i", path, check=False).stderr


def test_docker_says_no_to_a_history_of_too_many_layers(docker: Tool, tmp_path: Path) -> None:
    picture = make.image(["a", "b"], history=[{"created_by": "x"}] * 3)
    path = make.write(tmp_path / "box.tar", make.docker(picture))
    (noted,) = validate_image(path).remarks
    assert noted.remark.code == "history" and "dockerd overlay2" in noted.remark.engines
    assert "too many non-empty layers in History section" in docker("load", "-i", path, check=False).stderr


@pytest.mark.parametrize(("is_", "says"), [("gzip", ""), ("none", "+gzip")])
def test_skopeo_believes_the_bytes_and_umoci_the_media_type(
    tool: Tool, tmp_path: Path, is_: str, says: str
) -> None:
    files: make.Files = {}
    manifest = json.loads(make.manifest_of(files, make.image(["a"]), is_))
    manifest["layers"][0]["mediaType"] = make.LAYER + says
    raw = make.js(manifest)
    make.store(files, raw)
    told = make.descriptor(raw, make.MANIFEST, annotations={make.REF_NAME: "1.0"})
    folder = make.unpack(tmp_path / "box", make.layout(files, [told]))
    (noted,) = validate_image(folder).remarks
    assert (noted.remark.code, noted.remark.engines) == ("media-type", ("umoci",))
    assert tool("umoci", "unpack", "--image", f"{folder}:1.0", tmp_path / "bundle", check=False).returncode
    tool("skopeo", "copy", "--insecure-policy", f"oci:{folder}:1.0", f"docker-archive:{tmp_path / 'out'}")
    assert open_image(tmp_path / "out").stack == open_image(folder).stack


def test_umoci_says_no_to_bytes_after_gzip_as_we_do(tool: Tool, tmp_path: Path) -> None:
    files: make.Files = {}
    tar = make.layer("a")
    config = make.image([tar]).config
    raw = gzip.compress(tar, mtime=0) + bytes(512)
    for one in (raw, make.js(config)):
        make.store(files, one)
    manifest = make.js({
        "schemaVersion": 2, "mediaType": make.MANIFEST, "layers": [make.descriptor(raw, make.LAYER + "+gzip")],
        "config": make.descriptor(make.js(config), make.OCI + "config.v1+json"),
    })
    make.store(files, manifest)
    told = make.descriptor(manifest, make.MANIFEST, annotations={make.REF_NAME: "1.0"})
    folder = make.unpack(tmp_path / "box", make.layout(files, [told]))
    assert not validate_image(folder).ok
    assert tool("umoci", "unpack", "--image", f"{folder}:1.0", tmp_path / "bundle", check=False).returncode

"""Samples: their digests come out again, their shapes are those that were measured, and they say what is modelled."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest

from sim.errors import BadInput
from sim.fs.changeset import OPAQUE_MARKER, WHITEOUT_PREFIX, ChangeSet
from sim.fs.entry import Kind, parent
from sim.fs.tar import read_layer
from sim.fs.tar_write import write_layer
from sim.image.build import blob
from sim.image.ids import chain_ids
from sim.image.manifest import Manifest
from sim.image.samples import (
    MODELLED,
    NAMES,
    SYNTHETIC,
    advertised_size,
    card,
    computed_facts,
    describe,
    sample,
)
from sim.image.synthetic import Synthetic

HUB_NAMES = ("hello-world", "busybox", "alpine", "debian", "nginx", "redis", "registry")
RECORD = Path("sim", "image", "recipes", "facts.json")


def kinds(changes: ChangeSet) -> Counter[str]:
    """Count entries as a tar has them: the second name of a file is a hard link."""
    seen: set[int] = set()
    counts: Counter[str] = Counter()
    for entry in changes.entries.values():
        second = entry.inode in seen and entry.inode != 0
        seen.add(entry.inode)
        counts["h" if second else entry.kind.value] += 1
    return counts


def file_bytes(changes: ChangeSet) -> int:
    seen = {entry.inode: entry.size for entry in changes.entries.values() if entry.inode}
    return sum(seen.values()) + sum(entry.size for entry in changes.entries.values() if not entry.inode)


def marks(changes: ChangeSet) -> list[str]:
    gone = [f"{parent(path)}/{WHITEOUT_PREFIX}{path.rpartition('/')[2]}" for path in changes.whiteouts]
    return sorted([*gone, *(f"{path}/{OPAQUE_MARKER}" for path in changes.opaques)])


def test_every_recorded_digest_comes_out_of_the_bytes(root: Path) -> None:
    assert computed_facts() == json.loads((root / RECORD).read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_is_a_whole_image(name: str) -> None:
    image = sample(name)
    assert image.manifest is not None and image.manifest_descriptor is not None
    raw = b"".join(image.blobs.chunks(image.manifest_descriptor.digest))
    assert Manifest.parse(raw, where=name) == image.manifest
    assert b"".join(image.blobs.chunks(image.config_descriptor.digest)) == image.config.raw
    assert tuple(layer.descriptor for layer in image.layers) == image.manifest.layers
    assert tuple(layer.chain_id for layer in image.layers) == chain_ids(image.config.diff_ids)
    assert all(line is not None and line.created_by for line in image.config.layer_histories)
    times = [line.created or "" for line in image.config.history]
    assert all(one <= two for one, two in pairwise(times)) and image.config.created == times[-1]
    assert all(entry.mtime_ns > 0 for changes in image.stack for entry in changes.entries.values())


@pytest.mark.parametrize("name", ["hello-world", "busybox", "alpine", "ubuntu-vim", "registry"])
def test_a_layer_says_the_same_when_it_is_read_back(name: str) -> None:
    for layer in sample(name).layers:
        read = read_layer(
            write_layer(layer.changes), where=name, reopen=partial(write_layer, layer.changes), hash_files=True
        )
        assert read.changes == layer.changes
        assert (read.members, read.size, read.diff_hex) == (layer.members, layer.tar_size, layer.diff_id.hex)


def test_ubuntu_and_vim_have_the_measured_shape(shared: Path) -> None:
    inventory = json.loads((shared / "images" / "INVENTORY.json").read_text(encoding="utf-8"))
    image = sample("ubuntu-vim")
    for layer, measured in zip(image.layers, inventory["ubuntu-cyo57"]["layers"], strict=True):
        counts = kinds(layer.changes)
        assert layer.members == measured["entries"]
        assert (counts["f"], counts["d"], counts["l"], counts["h"]) == (
            measured["files"], measured["dirs"], measured["symlinks"], measured["hardlinks"])
        assert file_bytes(layer.changes) == measured["content_bytes"]
        assert marks(layer.changes) == sorted(measured["whiteouts"])
        assert advertised_size(layer) == measured["size"]


@pytest.mark.parametrize("name", HUB_NAMES)
def test_advertised_sizes_are_those_of_docker_hub(name: str, shared: Path) -> None:
    listing = json.loads((shared / "data" / "top150.json").read_text(encoding="utf-8"))
    [found] = [entry for entry in listing if entry["name"] == name]
    # The listing is in MiB and leaves instructions that made no layer out.
    assert [advertised_size(layer) for layer in sample(name).layers] == [
        round(layer["size"] * (1 << 20)) for layer in found["layers"]]


SHARED = [
    ("nginx and redis begin with Debian slim", "nginx", "redis", 1),
    ("the registry begins with alpine", "alpine", "registry", 1),
    ("vim lies on ubuntu", "ubuntu", "ubuntu-vim", 1),
    ("debian itself is another layer than Debian slim", "debian", "nginx", 0),
    ("ubuntu is no debian", "ubuntu", "debian", 0),
]


@pytest.mark.parametrize(("claim", "one", "two", "layers"), SHARED, ids=[row[0] for row in SHARED])
def test_what_is_shared(claim: str, one: str, two: str, layers: int) -> None:
    first, second = sample(one), sample(two)
    common = [a.diff_id for a, b in zip(first.layers, second.layers, strict=False) if a.diff_id == b.diff_id]
    assert len(common) == layers


def test_files_are_shared_where_layers_are_not() -> None:
    debian, slim = sample("debian").stack[0].entries, sample("nginx").stack[0].entries
    assert set(slim) < set(debian)
    assert all(debian[path].data == entry.data for path, entry in slim.items() if path.startswith("usr/share/keyrings"))
    gpl = "usr/share/common-licenses/GPL-1"
    assert sample("ubuntu").stack[0].entries[gpl].kind is Kind.FILE and gpl in debian


PATHS = [
    ("ubuntu", "bin", Kind.SYMLINK), ("ubuntu", "usr/bin/bash", Kind.FILE), ("ubuntu", "dev/null", Kind.CHAR),
    ("debian", "lib", Kind.SYMLINK), ("debian", "usr/share/man/man1/ls.1.gz", Kind.FILE),
    ("alpine", "lib/apk/db/installed", Kind.FILE), ("alpine", "bin/sh", Kind.SYMLINK),
    ("busybox", "bin/sh", Kind.FILE), ("registry", "bin/registry", Kind.FILE),
    ("registry", "etc/docker/registry/config.yml", Kind.FILE), ("nginx", "etc/nginx/nginx.conf", Kind.FILE),
    ("nginx", "docker-entrypoint.d/20-envsubst-on-templates.sh", Kind.FILE), ("redis", "data", Kind.DIRECTORY),
    ("redis", "usr/local/bin/redis-server", Kind.FILE), ("ubuntu-vim", "usr/bin/vim.basic", Kind.FILE),
    ("hello-world", "hello", Kind.FILE),
]


@pytest.mark.parametrize(("name", "path", "kind"), PATHS)
def test_well_known_paths_are_there(name: str, path: str, kind: Kind) -> None:
    found = [changes.entries[path].kind for changes in sample(name).stack if path in changes.entries]
    assert found and found[-1] is kind


RUNS = [
    ("ubuntu", (), ("/bin/bash",), (), ()),
    ("hello-world", (), ("/hello",), (), ()),
    ("registry", ("/entrypoint.sh",), ("/etc/docker/registry/config.yml",), ("5000/tcp",), ("/var/lib/registry",)),
    ("nginx", ("/docker-entrypoint.sh",), ("nginx", "-g", "daemon off;"), ("80/tcp",), ()),
    ("redis", ("docker-entrypoint.sh",), ("redis-server",), ("6379/tcp",), ("/data",)),
]


@pytest.mark.parametrize(("name", "entrypoint", "cmd", "ports", "volumes"), RUNS)
def test_what_a_container_runs(
    name: str, entrypoint: tuple[str, ...], cmd: tuple[str, ...], ports: tuple[str, ...], volumes: tuple[str, ...]
) -> None:
    run = sample(name).config.config
    assert (run.entrypoint, run.cmd, run.exposed_ports, run.volumes) == (entrypoint, cmd, ports, volumes)
    assert any(value.startswith("PATH=") for value in run.env)


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_says_that_it_is_synthetic_and_what_is_modelled(name: str) -> None:
    labels = sample(name).config.config.labels
    assert labels[SYNTHETIC] == "true"
    assert card(name).measured and card(name).modelled
    words = describe(name)
    assert "synthetic" in words
    assert all(said in words and (said in labels[MODELLED] or said in card(name).measured)
               for said in (*card(name).modelled, *card(name).measured))


def test_made_up_texts_say_so_and_real_ones_mean_something() -> None:
    entries = sample("ubuntu").stack[0].entries
    release, status = entries["usr/lib/os-release"].data, entries["var/lib/dpkg/status"].data
    assert release is not None and b'PRETTY_NAME="Ubuntu' in release.read() and b"synthetic" in release.read()
    assert status is not None and status.read(0, 18) == b"# synthetic sample"


def test_an_unknown_name_lists_the_known() -> None:
    with pytest.raises(BadInput, match="no sample is called 'windows'; there are hello-world, busybox, alpine"):
        sample("windows")


def test_the_same_bytes_in_another_process(root: Path) -> None:
    # Another hash seed: no order of a set may reach the bytes.
    script = (
        "from sim.image.samples import sample, change_sets, measure\n"
        "print(sample('alpine').manifest_descriptor.digest, sample('ubuntu-vim').manifest_descriptor.digest,"
        " measure(change_sets('busybox')['busybox']).digest)"
    )
    outputs = {
        subprocess.run([sys.executable, "-c", script], cwd=root, env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(root)},
                       capture_output=True, text=True, encoding="utf-8", check=True).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1 and outputs.pop().count("sha256:") == 3


def test_reading_a_layer_of_a_hundred_megabytes_holds_a_few() -> None:
    changes = sample("nginx").layers[1].changes
    tracemalloc.start()
    try:
        total = sum(map(len, blob(changes)))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert total > 90 << 20
    assert peak < 4 << 20


def test_opening_makes_no_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    def made(_: Synthetic) -> Iterator[bytes]:
        raise AssertionError("a sample is named by its recorded digests; its bytes are made when they are read")

    monkeypatch.setattr(Synthetic, "chunks", made)
    image = sample("ubuntu-vim")
    assert [layer.diff_id for layer in image.layers] == list(image.config.diff_ids)
    with pytest.raises(AssertionError, match="made when they are read"):
        sum(map(len, image.blobs.chunks(image.layers[0].descriptor.digest)))


def test_the_recipes_are_part_of_the_package(root: Path) -> None:
    settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    patterns = settings["tool"]["setuptools"]["package-data"]["*"]
    files = [path.name for path in (root / RECORD).parent.iterdir() if path.suffix in (".txt", ".json")]
    assert len(files) > len({card(name).recipe for name in NAMES})
    assert all(any(fnmatch(name, pattern) for pattern in patterns) for name in files)

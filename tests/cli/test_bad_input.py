"""Bad usage and bad images: exit 2 (or 1 for an absent path), one line that says what, where and what to do."""

from __future__ import annotations

import errno
import gzip
import json
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

USAGE = [
    # arguments, words in the line, claim
    (["inpsect", "x"], "did you mean inspect?", "a typing error is answered with the nearest command"),
    (["frobnicate"], "sim --help lists the commands", "a command that is like none"),
    (["\x1b[2J"], "\\x1b[2J", "an argument cannot rewrite the screen"),
    (["--json", "inspect"], "options come after it", "an option before the command"),
    (["inspect"], "IMAGE", "a missing argument"),
    (["inspect", "x", "y"], "does not take 'y'", "one too many"),
    (["inspect", "x", "--jsno"], "did you mean --json?", "a mistyped option"),
    (["inspect", "x", "--max-bytes", "many"], "500M", "a size that is none"),
    (["inspect", "x", "--max-bytes", "-5"], "--max-bytes", "a size below zero"),
    (["inspect", "x", "--max-entries"], "--max-entries", "an option without its value"),
    (["inspect", "no-such-file.tar"], "no such file", "a file that is not there"),
    (["inspect", ""], "no such file", "an empty name"),
    (["inspect", "a\0b"], "no such file", "a name that no system can have"),
    (["inspect", "sample:no-such"], "no-such", "a sample that is none"),
    (["inspect", "127.0.0.1:1/app:1"], "connection refused", "a registry that is not there"),
    (["inspect", "127.0.0.1:1/App:1"], "must be lowercase", "a reference that no image can have"),
    (["pull", "127.0.0.1:1/app:1", "x"], "connection refused", "a pull from where nobody listens"),
    (["pull", "App", "x"], "must be lowercase", "a pull of what no image can be called"),
    (["push", "sample:hello-world", "127.0.0.1:1/app:1", "--json"], "refused", "a push to where nobody listens"),
    (["push", "sample:hello-world", "127.0.0.1:1/app:1", "--password-stdin"], "--user", "a password of nobody"),
    (["pull", "127.0.0.1:1/app:1", "x", "--insecure", "ftp://x"], "should not contain '://'", "a scheme that is none"),
    (["cat", "x"], "PATH", "cat of nothing"),
    (["bench", "cooking"], "no figures of 'cooking'", "a subject without figures"),
    (["bench", "--curve", "x"], "choose of dedup, union", "a curve of nothing"),
    (["bench", "images", "--curve", "x"], "choose of dedup, union", "a subject without a curve"),
    (["lab", "--port", "http"], "--port", "a port that is no number"),
]


@pytest.mark.parametrize(("argv", "words", "claim"), USAGE, ids=[claim for *_, claim in USAGE])
def test_bad_usage(sim, argv: list[str], words: str, claim: str) -> None:
    assert words in sim.refused(*argv)


@pytest.mark.parametrize("command", ["ls", "cat", "why"])
def test_a_nul_in_a_path_is_bad_usage_before_any_image_is_read(sim, command: str) -> None:
    assert "NUL" in sim.refused(command, "no-such-image", "etc/\0")


@pytest.mark.parametrize("command", ["ls", "cat"])
@pytest.mark.parametrize("path", ["/etc/nothing", "/loop/x", "/opt/old", "/etc/motd/", "a" * 5000])
def test_an_absent_path_is_the_answer_no(sim, image: str, command: str, path: str) -> None:
    assert path[:80] in sim.refused(command, image, path, code=1)


# ---- images --------------------------------------------------------------------------------------------------


def blob_of(layout: Any, media: str) -> str:
    """Return the hex name of the (last) blob of a kind: config, manifest, or layer."""
    manifest = json.loads(layout.blobs[layout.manifests[-1]["digest"][7:]])
    digest = {
        "manifest": layout.manifests[-1]["digest"], "config": manifest["config"]["digest"],
        "layer": manifest["layers"][-1]["digest"],
    }[media]
    return digest[7:]


def flipped(raw: bytes) -> bytes:
    middle = len(raw) // 2
    return raw[:middle] + bytes([raw[middle] ^ 1]) + raw[middle + 1 :]


def nested(layout: Any, make: SimpleNamespace) -> None:
    layout.manifests[0]["annotations"] = json.loads("[" * 100 + "]" * 100)


DAMAGE = [
    # how a layout of two layers is harmed before it is saved, words in the line, claim
    (lambda it, make: it.blobs.pop(blob_of(it, "layer")), "missing", "a layer is missing"),
    (lambda it, make: it.blobs.pop(blob_of(it, "config")), "missing", "the config is missing"),
    (lambda it, make: it.blobs.pop(blob_of(it, "manifest")), "missing", "the manifest is missing"),
    (lambda it, make: it.blobs.update({blob_of(it, "layer"): flipped(it.blobs[blob_of(it, "layer")])}),
     "digest does not match", "a layer's bit is flipped"),
    (lambda it, make: it.blobs.update({blob_of(it, "config"): flipped(it.blobs[blob_of(it, "config")])}),
     "digest does not match", "the config's bit is flipped"),
    (lambda it, make: it.blobs.update({blob_of(it, "layer"): it.blobs[blob_of(it, "layer")][:-9]}),
     "match", "a layer is cut short"),
    (lambda it, make: it.manifests[0].update(size=3), "size does not match", "a size is not the announced one"),
    (lambda it, make: it.manifests[0].update(digest="sha256:123"), "digest", "a digest is no digest"),
    (lambda it, make: it.manifests[0].update(digest="md5:" + "0" * 32), "md5", "a digest of an unknown kind"),
    (lambda it, make: it.manifests.clear(), "no image", "an index of nothing"),
    (nested, "nested", "JSON that is nested absurdly"),
]


@pytest.mark.parametrize(("harm", "words", "claim"), DAMAGE, ids=[claim for *_, claim in DAMAGE])
@pytest.mark.parametrize("command", ["inspect", "ls"])
def test_a_damaged_image_is_refused(
    sim, tmp_path: Path, make: SimpleNamespace, command: str, harm: Any, words: str, claim: str
) -> None:
    layout = make.layout().image(make.base, make.top)
    harm(layout, make)
    path = layout.save(tmp_path / "bad.tar")
    line = sim.refused(command, path)
    assert words in line


def test_a_config_that_tells_of_other_layers_is_refused(sim, tmp_path: Path, make: SimpleNamespace) -> None:
    other = {"rootfs": {"type": "layers", "diff_ids": ["sha256:" + "0" * 64]}}
    path = make.layout().image(make.base, **other).save(tmp_path / "bad.tar")
    assert "DiffID" in sim.refused("inspect", path)


def test_a_layer_that_is_no_tar_is_refused(sim, tmp_path: Path, make: SimpleNamespace) -> None:
    path = make.layout().image(b"no tar at all" * 100).save(tmp_path / "bad.tar")
    assert "tar" in sim.refused("inspect", path)


@pytest.mark.parametrize("keep", [0, 1, 100, 512, 1000, 5000])
def test_a_truncated_archive_is_refused(sim, tmp_path: Path, image: str, keep: int) -> None:
    path = tmp_path / "short.tar"
    path.write_bytes(Path(image).read_bytes()[:keep])
    assert "short.tar" in sim.refused("inspect", str(path))


def test_a_truncated_compressed_archive_is_refused(sim, tmp_path: Path, image: str) -> None:
    path = tmp_path / "short.tar.gz"
    path.write_bytes(gzip.compress(Path(image).read_bytes())[:-100])
    assert "short.tar.gz" in sim.refused("inspect", str(path))


FILES = [
    (b"", "an empty file"), (b"hello\n", "a text"), (bytes(1024), "a tar that holds nothing"),
    (b"\x1f\x8b\x08\x00garbage", "a gzip that is none"), (b"\x28\xb5\x2f\xfdgarbage", "a zstd that is none"),
    (b"PK\x03\x04" + bytes(600), "a zip"),
]


@pytest.mark.parametrize(("raw", "claim"), FILES, ids=[claim for _, claim in FILES])
def test_what_is_no_image_is_refused(sim, tmp_path: Path, raw: bytes, claim: str) -> None:
    path = tmp_path / "thing"
    path.write_bytes(raw)
    assert "thing" in sim.refused("inspect", str(path))


def test_a_folder_that_is_no_image_is_refused(sim, tmp_path: Path) -> None:
    assert tmp_path.name in sim.refused("inspect", str(tmp_path))


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read every file")
def test_an_unreadable_file_is_refused(sim, tmp_path: Path, image: str) -> None:
    Path(image).chmod(0)
    assert "Permission denied" in sim.refused("inspect", image)


LIMITS = [(["--max-bytes", "1K"], "--max-bytes"), (["--max-entries", "3"], "--max-entries")]


@pytest.mark.parametrize(("options", "hint"), LIMITS, ids=[hint for _, hint in LIMITS])
def test_a_limit_is_named_with_the_option_that_raises_it(sim, image: str, options: list[str], hint: str) -> None:
    assert hint in sim.refused("ls", image, *options)
    assert sim("ls", image, "--max-bytes", "1G", "--max-entries", "100")[0] == 0


def test_several_images_must_be_told_apart(sim, tmp_path: Path, make: SimpleNamespace) -> None:
    layout = make.layout().image([make.file("one")], tag="v1").image([make.file("two")], tag="v2")
    path = layout.save(tmp_path / "both.tar")
    line = sim.refused("inspect", path)
    assert "v1" in line and "v2" in line
    assert list(sim.json("ls", f"{path}#v2")) == ["two"]
    assert list(sim.json("ls", f"{path}#{layout.manifests[0]['digest']}")) == ["one"]
    assert "v3" in sim.refused("inspect", f"{path}#v3")


def test_several_platforms_must_be_told_apart(sim, tmp_path: Path, make: SimpleNamespace) -> None:
    layout = make.layout().image([make.file("intel")], arch="amd64").image([make.file("arm")], arch="arm64")
    path = layout.save(tmp_path / "both.tar")
    line = sim.refused("inspect", path)
    assert "amd64" in line and "arm64" in line
    assert list(sim.json("ls", path, "--platform", "linux/arm64")) == ["arm"]
    assert "riscv64" in sim.refused("inspect", path, "--platform", "linux/riscv64")
    assert "nonsense" in sim.refused("inspect", path, "--platform", "nonsense")


@pytest.mark.parametrize("command", ["inspect", "validate"])
def test_a_sample_has_one_platform(sim, command: str) -> None:
    assert "arm64" in sim.refused(command, "sample:hello-world", "--platform", "linux/arm64")
    assert sim(command, "sample:hello-world", "--platform", "linux/amd64")[0] == 0


ACCEPTED = [
    # members, path, claim
    (["../../etc/passwd"], "etc/passwd", "dot-dot is clamped at the root"),
    (["/etc/shadow"], "etc/shadow", "a leading slash is dropped"),
    (["a", "a"], "a", "the last of two members wins"),
]


@pytest.mark.parametrize(("names", "path", "claim"), ACCEPTED, ids=[claim for *_, claim in ACCEPTED])
def test_odd_names_are_accepted(
    sim, tmp_path: Path, make: SimpleNamespace, names: list[str], path: str, claim: str
) -> None:
    layer = [make.file(name, str(number).encode()) for number, name in enumerate(names)]
    image = make.layout().image(layer).save(tmp_path / "odd.tar")
    before = sorted(tmp_path.parent.rglob("*"))
    found = sim.json("ls", "-R", image)
    assert found[path]["size"] == 1
    assert sim("cat", image, path)[1] == str(len(names) - 1)
    assert sorted(tmp_path.parent.rglob("*")) == before, "reading an image writes nothing"


def test_more_layers_than_any_engine_takes_are_shown(sim, tmp_path: Path, make: SimpleNamespace) -> None:
    path = make.layout().image(*([make.file(f"f{n}")] for n in range(130))).save(tmp_path / "deep.tar")
    assert len(sim.json("inspect", path)["layers"]) == 130


# ---- nothing half written ------------------------------------------------------------------------------------

CONVERSIONS = [
    # arguments after the image, words, claim
    (["{tmp}/no/such/out.tar"], "no such folder", "a folder that is not there"),
    (["{tmp}/thesis.txt"], "no image archive", "a file that is no image"),
    (["{tmp}/folder"], "folder", "a folder in the place of a file"),
    (["{tmp}/out.tar", "--to", "qcow2"], "--to", "an unknown form"),
    (["{tmp}/out.tar", "--to", "oci", "--compression", "rar"], "--compression", "an unknown compression"),
    (["{tmp}/out.tar", "--to", "docker", "--compression", "gzip"], "plain", "a docker archive of packed layers"),
]


@pytest.mark.parametrize(("more", "words", "claim"), CONVERSIONS, ids=[claim for *_, claim in CONVERSIONS])
def test_a_refused_conversion_writes_nothing(
    sim, tmp_path: Path, image: str, more: list[str], words: str, claim: str
) -> None:
    (tmp_path / "thesis.txt").write_text("years of work", encoding="utf-8")
    (tmp_path / "folder").mkdir()
    before = {path: path.is_file() and path.read_bytes() for path in tmp_path.rglob("*")}
    assert words in sim.refused("convert", image, *(argument.format(tmp=tmp_path) for argument in more))
    assert {path: path.is_file() and path.read_bytes() for path in tmp_path.rglob("*")} == before


@pytest.mark.parametrize("form", ["docker", "oci", "oci-dir"])
def test_a_conversion_of_a_damaged_image_writes_nothing(
    sim, tmp_path: Path, make: SimpleNamespace, form: str
) -> None:
    layout = make.layout().image(make.base, make.top)
    name = blob_of(layout, "layer")
    layout.blobs[name] = flipped(layout.blobs[name])
    path = layout.save(tmp_path / "bad.tar")
    sim.refused("convert", path, str(tmp_path / "out"), "--to", form)
    assert [entry.name for entry in tmp_path.iterdir()] == ["bad.tar"]


@pytest.mark.parametrize("form", ["docker", "oci", "oci-dir"])
def test_a_disk_that_fills_up_leaves_nothing(
    sim, tmp_path: Path, image: str, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(file: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    assert "No space left" in sim.refused("convert", image, str(tmp_path / "out"), "--to", form)
    assert [entry.name for entry in tmp_path.iterdir()] == ["image.tar"]


def test_an_interrupted_conversion_leaves_nothing(
    sim, tmp_path: Path, image: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(self: object, *report: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("sim.cli.cmd_convert.Bar.__call__", interrupted)
    assert sim("convert", image, str(tmp_path / "out.tar"))[0] == 130
    assert [entry.name for entry in tmp_path.iterdir()] == ["image.tar"]


# ---- anything at all -----------------------------------------------------------------------------------------

WORDS = st.one_of(
    st.sampled_from([
        "IMAGE", "IMAGE#v1", "IMAGE#", "#", "sample:", "sample:hello-world", "/", "..", "etc/motd", "/loop/", "-", "--",
        "-R", "-l", "--json", "--help", "--platform", "linux/amd64", "/", "--max-bytes", "1K", "--max-entries", "0",
        "--to", "--compression", "-\0", "\udcff", "é" * 300, "x/" * 3000, "--json=1", "--max-bytes=", "=",
    ]),
    st.text(st.characters(), max_size=12),
)


@given(command=st.sampled_from(["inspect", "ls", "cat", "why", "diff", "validate", "convert"]),
       rest=st.lists(WORDS, max_size=5))
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_argument_is_a_fault_of_the_program(
    sim, image: str, tmp_path: Path, command: str, rest: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    argv = [word.replace("IMAGE", image) for word in rest]
    code, _, err = sim(command, *argv)
    assert code in (0, 1, 2)
    assert "fault of the program" not in err and err.count("\n") == (1 if err else 0), (argv, err)

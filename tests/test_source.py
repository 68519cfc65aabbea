"""What a person types, and the one line that answers a mistake."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sim.errors import BadInput, SimError
from sim.source import display_name, open_image, registry_reference
from tests import image_builders as make

ONE = make.image(["file"])


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return make.write(tmp_path / "box.oci.tar", make.oci(ONE))


def test_a_path_as_text_or_as_a_path(box: Path) -> None:
    assert open_image("box.oci.tar").stack == open_image(box).stack == open_image("box.oci.tar#1.0").stack


def test_a_sample() -> None:
    assert open_image("sample:hello-world").layers


@pytest.mark.parametrize(("arg", "words"), [
    ("box.oci.tra", "did you mean box.oci.tar"),
    ("box.oci.tra#1.0", "did you mean box.oci.tar"),
    ("absent/box.tar", "there is no folder absent"),
    ("entirely-different", "no such file or folder"),
    ("", "no such file or folder"),
    ("#1.0", "no such file or folder"),
    ("a\0b", "no such file or folder"),
    ("sample:no-such", "no-such"),
])
def test_mistakes_are_answered_in_a_line(box: Path, arg: str, words: str) -> None:
    with pytest.raises(SimError) as caught:
        open_image(arg)
    assert words in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(("arg", "name"), [
    ("127.0.0.1:5000/cyo_ubuntu:1.0", "127.0.0.1:5000/cyo_ubuntu:1.0"),
    ("registry.cn-hangzhou.aliyuncs.com/cyo57/ubuntu:1.0", "registry.cn-hangzhou.aliyuncs.com/cyo57/ubuntu:1.0"),
    ("localhost/x", "localhost/x:latest"),
    ("docker.io/library/alpine", "alpine:latest"),
    ("localhost:5000/a/b@sha256:" + "0" * 64, "localhost:5000/a/b@sha256:" + "0" * 64),
    ("alpine", None), ("cyo57/app:1.0", None), ("box.oci.tar", None), ("a.tar#1.0", None), ("", None), ("a\0b", None),
])
def test_what_names_a_registry_is_a_reference(box: Path, arg: str, name: str | None) -> None:
    found = registry_reference(arg)
    assert (None if found is None else str(found)) == name


def test_a_name_below_a_folder_that_is_there_is_a_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my.images").mkdir()
    with pytest.raises(BadInput, match="no such file"):
        open_image("my.images/bxo")


def test_a_path_that_looks_like_a_registry_is_a_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    make.unpack(tmp_path / "my.images" / "box", make.oci(ONE))
    assert open_image("my.images/box").layers


@pytest.mark.parametrize(("tag", "path", "name"), [
    ("box:1.0", "x.tar", "box:1.0"), ("1.0", "box.docker.tar.zst", "box:1.0"), ("", "box.tgz", "box"),
    ("1.0", "a.b/box", "box:1.0"), ("", ".tar", ".tar"),
])
def test_names(tag: str, path: str, name: str) -> None:
    assert display_name(tag, Path(path)) == name


def test_a_bad_platform(box: Path) -> None:
    with pytest.raises(BadInput, match="OS/ARCH"):
        open_image(box, platform="amd64")


def test_opening_imports_little(box: Path, root: Path) -> None:
    # A small image is a matter of milliseconds; what is imported for it must be, too.
    code = "import sys; from sim.source import open_image; open_image(sys.argv[1]); print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code, str(box)], capture_output=True, text=True, encoding="utf-8", cwd=root
    )
    heavy = {"asyncio", "concurrent.futures", "difflib", "email", "http", "logging", "numpy", "sim.image.convert",
             "sim.image.samples", "socket", "subprocess", "tarfile", "tempfile"}
    assert done.returncode == 0, done.stderr
    assert heavy.isdisjoint(done.stdout.split())

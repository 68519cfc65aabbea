"""`sim boot`: its JSON, its text, what it refuses."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

STAGE = {"name", "start_ms", "duration_ms", "effect"}


def whole(found: dict[str, Any]) -> None:
    assert {"stages", "total_ms", "memory"} <= set(found)
    assert all(set(stage) >= STAGE and stage["effect"] for stage in found["stages"])
    assert sum(stage["duration_ms"] for stage in found["stages"]) == pytest.approx(found["total_ms"], abs=0.1)
    assert found["stages"][0]["start_ms"] == 0 and found["memory"]["used"] >= 0


def test_json_has_both_and_the_container_is_the_faster(sim) -> None:
    document = sim.json("boot", "sample:alpine")
    assert set(document) == {"vm", "container"}
    for found in document.values():
        whole(found)
    assert document["container"]["total_ms"] < document["vm"]["total_ms"]
    assert [stage["name"] for stage in document["vm"]["stages"]][-1] == "running"


@pytest.mark.parametrize(("option", "other"), [("--vm", "container"), ("--container", "vm")])
def test_one_of_them_alone(sim, option: str, other: str) -> None:
    document = sim.json("boot", "sample:alpine", option)
    assert document.pop(other) is None
    (found,) = document.values()
    whole(found)


WAYS = [
    ([], "boot sector"), (["--uefi"], "EFI partition"), (["--direct"], "option ROM"),
    (["--initramfs"], "unpack initramfs"),
]  # fmt: skip


@pytest.mark.parametrize(("options", "stage"), WAYS)
def test_the_ways_to_boot(sim, options: list[str], stage: str) -> None:
    names = [one["name"] for one in sim.json("boot", "sample:alpine", "--vm", *options)["vm"]["stages"]]
    assert stage in names and names[-1] == "running"


def test_text_has_both_on_one_scale(sim) -> None:
    code, out, err = sim("boot", "sample:ubuntu")
    assert (code, err) == (0, "")
    for words in (
        "one scale for all", "machine (bios): 6.7", "container (docker): 0.2", "kernel init", "pivot_root and detach",
        "freed   bootloader", "its kernel is the host's: Linux", "/dev/vda2 / ext4 rw,relatime", "overlay / overlay rw",
    ):
        assert words in out, words
    bars = [line for line in out.splitlines() if line.endswith(("█", "▏", "#", "|"))]
    assert max(map(len, bars)) <= 120


def test_a_failure_is_shown_with_the_screen(sim) -> None:
    code, out, _ = sim("boot", "sample:alpine", "--vm", "--fail", "corrupt-initramfs")
    assert code == 0, "it was asked for"
    assert "then kernel panic" in out and "Kernel panic - not syncing: VFS: Unable to mount root fs" in out
    document = sim.json("boot", "sample:alpine", "--vm", "--fail", "wrong-root")["vm"]
    assert document["outcome"] == "emergency shell" and document["screen"][-1] == "(initramfs)"


def test_a_container_that_does_not_start_is_the_answer_no(sim, image: str) -> None:
    code, out, err = sim("boot", image, "--container")
    assert (code, err) == (1, "")
    assert "then refused" in out and "docker: Error response from daemon: No command specified" in out
    document = sim.json("boot", image, code=1)["container"]
    assert document["exit_code"] == 125 and document["outcome"] == "refused"


def test_a_warning_is_shown_although_it_starts(sim, tmp_path: Path, make: SimpleNamespace) -> None:
    program = b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x02\x00\x3e\x00" + bytes(44)
    path = make.layout().image(
        [make.file("app", program, mode=0o755)], arch="arm64", config={"Cmd": ["/app"]}
    ).save(tmp_path / "arm.tar")
    code, out, _ = sim("boot", path, "--container")
    assert code == 0 and "WARNING: The requested image's platform (linux/arm64)" in out


def test_exports_say_how_to_run_them(sim, tmp_path: Path) -> None:
    code, out, _ = sim("boot", "sample:alpine", "--export-initramfs", str(tmp_path / "a.cpio.gz"))
    assert code == 0 and (tmp_path / "a.cpio.gz").read_bytes()[:2] == b"\x1f\x8b"
    assert "to run it: qemu-system-x86_64 -m 1024" in out and "-append 'console=ttyS0 rdinit=/bin/sh'" in out
    if os.name == "posix":
        bundle = tmp_path / "b c"
        found = sim.json("boot", "sample:alpine", "--export-bundle", str(bundle))
        assert found["run"] == f"runc run --bundle '{bundle}' NAME" and (bundle / "config.json").exists()
        assert "no empty folder" in sim.refused("boot", "sample:alpine", "--export-bundle", str(bundle))


REFUSED = [
    (["--export-bundle", "a", "--export-initramfs", "b"], "not allowed with", "two exports"),
    (["--export-initramfs", "no/such/folder/a"], "there is no such folder", "no folder"),
    (["--fail", "fire"], "no-boot-sector", "a failure that is none"),
    (["--fail", "kernel-missing", "--direct"], "cannot happen on the way direct; choose of", "not on this way"),
    (["--fail", "wrong-root", "--container"], "leave one of them out", "a machine that is left out"),
    (["--vm", "--container"], "not allowed with", "both alone"),
    (["--uefi", "--direct"], "not allowed with", "two ways"),
    (["--memory", "16MiB"], "give it more memory", "too little memory"),
    (["--memory", "much"], "is no size", "a size that is none"),
]


@pytest.mark.parametrize(("options", "words", "claim"), REFUSED, ids=[row[-1] for row in REFUSED])
def test_refused_in_a_line(sim, options: list[str], words: str, claim: str) -> None:
    assert words in sim.refused("boot", "sample:alpine", *options)


@pytest.mark.parametrize("name", ["ubuntu-cyo57.oci.tar", "bb-union.docker.tar.zst"])
def test_real_images(sim, shared: Path, name: str) -> None:
    for found in sim.json("boot", str(shared / "images" / name)).values():
        whole(found)

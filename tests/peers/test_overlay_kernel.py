"""The writable mount against the kernel's, and its layers against umoci and dockerd.

Kernel mounts are made in a process of its own, in a mount namespace of its own, so that nothing is left behind.
LAYERLAB_OPERATIONS and LAYERLAB_SEED do more, or other, random operations than the usual ones.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sim.errors import FsError
from sim.fs.entry import Kind
from sim.fs.sketch import directory, file, sketch, symlink
from sim.image.build import append, named, scratch
from sim.image.convert import write_archive
from sim.union.overlay import Names, OverlayMount
from sim.union.upperdir import changes_of, commit, mounted
from tests.overlaykit.corpus import load, replay

OPERATIONS = int(os.environ.get("LAYERLAB_OPERATIONS", "60000"))
SEED = int(os.environ.get("LAYERLAB_SEED", "1"))
OPTIONS = ["redirect_dir=on", "metacopy=on", "index=on", "metacopy=on,index=on,redirect_dir=on", "userxattr"]

Need = Callable[[object, str], None]
Tool = Callable[..., Any]


@pytest.fixture(scope="module")
def apart(need: Need, root: Path) -> Callable[..., str]:
    """`apart("-m", module, ...)` runs Python in a mount namespace of its own and returns what it prints."""
    need(shutil.which("unshare"), "unshare is not installed")
    need(hasattr(os, "geteuid") and os.geteuid() == 0, "a kernel mount needs root")

    def run(*words: str | Path, check: bool = True) -> str:
        done = subprocess.run(
            ["unshare", "-m", "--propagation", "private", sys.executable, *map(str, words)],
            capture_output=True, text=True, encoding="utf-8", cwd=root,
        )
        if check and done.returncode:
            pytest.fail(f"Linux {os.uname().release}: {' '.join(map(str, words))}\n{done.stdout}{done.stderr}"[-6000:])
        return done.stdout

    return run


def test_random_operations_answer_as_on_a_kernel_mount(apart: Callable[..., str]) -> None:
    found = json.loads(apart("-m", "tests.overlaykit.compare", "--seed", str(SEED), "--operations", str(OPERATIONS)))
    assert found["operations"] >= OPERATIONS and found["differences"] == []


@pytest.mark.parametrize("options", OPTIONS)
def test_random_operations_with_options(apart: Callable[..., str], options: str) -> None:
    words = ("--seed", str(SEED), "--operations", str(OPERATIONS // 12), "--options", options)
    assert json.loads(apart("-m", "tests.overlaykit.compare", *words))["differences"] == []


def test_a_state_machine_finds_no_difference(apart: Callable[..., str]) -> None:
    apart("-m", "tests.overlaykit.machine")


def test_this_kernel_answers_as_the_recorded_one(apart: Callable[..., str], tmp_path: Path) -> None:
    apart("-m", "tests.peers.record_overlay", tmp_path)
    here = json.loads((tmp_path / "cases.json").read_text(encoding="utf-8"))
    differing = [run["name"] for run in here["runs"] if replay(run["stack"], run["steps"], run["options"])]
    assert differing == [], f"Linux {here['kernel']} answers otherwise than {load('cases.json')['kernel']}"


MOUNT = """
import ctypes, errno, os, sys, tempfile
libc = ctypes.CDLL(None, use_errno=True)
top = tempfile.mkdtemp()
libc.mount(b"t", top.encode(), b"tmpfs", 0, None)
os.chdir(top)
os.mkdir("m")
for line in sys.argv[1:]:
    words, _, places = line.partition(" ")
    for place in places.split():
        os.makedirs(place, exist_ok=True)
    failed = libc.mount(b"overlay", b"m", b"overlay", 0, words.encode())
    print(errno.errorcode[ctypes.get_errno()] if failed else "ok")
    if not failed:
        libc.umount2(b"m", 0)
"""

MOUNTS = [
    Names(("l",)), Names(("l", "l2")), Names(("l",), "u"), Names(("l",), "u", "u/w"), Names(("l",), "u", "u"),
    Names(("l",), "l/u", "w"), Names(("l", "l"), "u", "w"), Names(("l", "l/s"), "u", "w"), Names(("u/s",), "u", "w"),
    Names(("u",), "u", "w"), Names(("x:y", "x,y"), "u", "w"), Names(tuple(f"n/{n:03d}" for n in range(500)), "u", "w"),
    Names(tuple(f"n/{n:03d}" for n in range(501)), "u", "w"), Names((f"{'d' * 200}/" * 19 + "e" * 200,), "u", "w"),
    Names((f"{'d' * 200}/" * 20 + "e" * 36,), "u", "w"), Names((f"{'d' * 200}/" * 20 + "e" * 60,), "u", "w"),
]


def test_the_kernel_refuses_the_same_mounts(apart: Callable[..., str]) -> None:
    lines = []
    for names in MOUNTS:
        places = [*names.lowerdir, *(one for one in (names.upperdir, names.workdir) if one)]
        lines.append(f"{names} {' '.join(places)}")
    theirs = apart("-c", MOUNT, *lines).split()
    ours = []
    for names in MOUNTS:
        try:
            names.check()
            ours.append("ok")
        except FsError as error:
            ours.append(error.name)
    # What does not fit into the page is cut off, and then what is left names no directory, or no workdir.
    too_long = [len(str(names)) > 4095 for names in MOUNTS]
    assert [cut or one == other for one, other, cut in zip(ours, theirs, too_long, strict=True)] == [True] * len(MOUNTS)
    assert all(other != "ok" for other, cut in zip(theirs, too_long, strict=True) if cut)
    assert sum(too_long) == 1


# -- layers: docker diff, and a commit as umoci and dockerd unpack it

BASE = sketch(
    directory("/etc"), file("/etc/motd", b"hi", mtime=5), file("/etc/apt/sources", b"deb"), directory("/d", 0o711),
    file("/d/f", b"1"), file("/d/g", b"22"), file("/d/s/h", b"333"), file("/top", b"t"), symlink("/link", "d"),
    directory("/keep"),
)
STEPS: list[tuple[Any, ...]] = [
    ("unlink", "/etc/motd"), ("put", "/etc/new", b"n"), ("unlink", "/d/f"), ("unlink", "/d/g"), ("unlink", "/d/s/h"),
    ("rmdir", "/d/s"), ("rmdir", "/d"), ("mkdir", "/d"), ("put", "/d/f", b"1"), ("mkdir", "/fresh"),
    ("put", "/fresh/q", b"q"), ("rename", "/top", "/moved"), ("unlink", "/link"), ("mkdir", "/link"),
    ("chmod", "/etc/apt/sources", 0o644), ("link", "/fresh/q", "/keep/q"), ("chmod", "/keep", 0o700),
]
SHELL = """
rm /etc/motd; printf n > /etc/new; rm /d/f /d/g /d/s/h; rmdir /d/s /d; mkdir /d; printf 1 > /d/f; mkdir /fresh
printf q > /fresh/q; mv /top /moved; rm /link; mkdir /link; chmod 644 /etc/apt/sources; ln /fresh/q /keep/q
chmod 700 /keep
"""


def changed() -> OverlayMount:
    m = mounted([BASE], now=1_700_000_000 * 10**9)
    for name, *rest in STEPS:
        m, report = getattr(m, name)(*rest)
        report.check()
    return m


def test_docker_diff_of_a_container_that_did_the_same(docker: Tool, need: Need, tmp_path: Path) -> None:
    need(Path("/bin/busybox").exists(), "busybox is not installed")
    with_shell = sketch(file("/bin/busybox", Path("/bin/busybox").read_bytes(), 0o755), *(
        symlink(f"/bin/{name}", "busybox") for name in "sh rm rmdir mkdir mv chmod ln printf".split()))
    image = named(append(append(scratch(), BASE), with_shell), "base:1")
    write_archive(image, tmp_path / "image.tar")
    docker("load", "-i", tmp_path / "image.tar")
    docker("create", "--name", "same", "--network", "none", "base:1", "/bin/sh", "-c", SHELL)
    try:
        docker("start", "-a", "same")
        theirs = docker("diff", "same").stdout.splitlines()
    finally:
        docker("rm", "-f", "same")
        docker("rmi", "-f", "base:1")
    assert sorted(theirs) == sorted(str(change) for change in changes_of(changed()))


def test_umoci_unpacks_a_commit_to_what_the_container_showed(tool: Tool, tmp_path: Path) -> None:
    m = changed()
    image = named(append(append(scratch(), BASE), commit(m)), "stack:1")
    write_archive(image, tmp_path / "folder", "oci-dir")
    tool("umoci", "unpack", "--image", f"{tmp_path / 'folder'}:1", tmp_path / "bundle")
    assert _on_disk(tmp_path / "bundle" / "rootfs") == _shown(m)


def test_dockerd_runs_a_commit_as_the_container_showed_it(docker: Tool, tmp_path: Path) -> None:
    m = changed()
    write_archive(named(append(append(scratch(), BASE), commit(m)), "commit:1"), tmp_path / "image.tar")
    docker("load", "-i", tmp_path / "image.tar")
    docker("create", "--name", "shown", "commit:1", "/x")
    try:
        docker("export", "-o", tmp_path / "tree.tar", "shown")
        (tmp_path / "tree").mkdir()
        subprocess.run(["tar", "-xpf", tmp_path / "tree.tar", "-C", tmp_path / "tree", "--exclude=dev"], check=True)
    finally:
        docker("rm", "-f", "shown")
        docker("rmi", "-f", "commit:1")
    theirs = _on_disk(tmp_path / "tree")
    ours = _shown(m)
    # The -init layer adds what a container needs: only what the model shows is compared.
    assert {path: theirs[path] for path in ours} == ours


def _on_disk(top: Path) -> dict[str, Any]:
    found = {}
    for at in sorted(top.rglob("*")):
        status = at.lstat()
        data = os.readlink(at) if at.is_symlink() else at.read_bytes() if at.is_file() else None
        found[str(at.relative_to(top))] = (status.st_mode & 0o7777, status.st_nlink if at.is_file() else 1, data)
    return found


def _shown(m: OverlayMount) -> dict[str, Any]:
    found = {}
    for path, entry in m.walk():
        if path:
            data = entry.target if entry.kind is Kind.SYMLINK else entry.data.read() if entry.data else None
            nlink = m.lstat("/" + path)[1].value.nlink if entry.kind is Kind.FILE else 1
            found[path] = (entry.mode, nlink, data)
    return found

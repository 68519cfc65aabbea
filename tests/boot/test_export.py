"""An image's root file system as an initramfs and as a bundle: every name, number and byte, and nothing else."""

from __future__ import annotations

import gzip
import json
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import given

from sim.boot import unpack as unpack_module
from sim.boot.cpio import Node, write_newc
from sim.boot.export import initramfs, rootfs, write_bundle, write_initramfs
from sim.boot.host import Host
from sim.boot.runtime import runtime_spec
from sim.boot.unpack import DEVICES, OWNERS, unpack
from sim.content.data import Extent, Inline
from sim.errors import BadInput, SizeMismatch, StartRefused
from sim.fs.changeset import ChangeSet
from sim.fs.entry import Entry, Kind
from sim.fs.sketch import char_device, directory, fifo, file, hardlink, sketch, symlink, whiteout
from sim.image.build import EMPTY, append, scratch, with_config
from sim.image.config import RunConfig
from sim.image.layer import Image
from sim.image.samples import sample
from sim.union.index import Index
from sim.union.totals import file_bytes
from tests.boot.test_container import PROGRAM
from tests.strategies import stacks

linux_only = pytest.mark.skipif(os.name != "posix", reason="a folder here has no owners, links and devices")


@dataclass(frozen=True)
class Member:
    """A member of a cpio archive, as this test reads it."""

    name: bytes
    number: int
    mode: int
    uid: int
    gid: int
    nlink: int
    mtime: int
    rdev: tuple[int, int]
    data: bytes


def members(raw: bytes) -> Iterator[Member]:
    """Read a newc archive to its trailer, and see that nothing but zeros follows."""
    at = 0
    while True:
        head = raw[at : at + 110]
        assert head[:6] == b"070701" and len(head) == 110
        fields = [int(head[6 + 8 * k : 14 + 8 * k], 16) for k in range(13)]
        ino, mode, uid, gid, nlink, mtime, size, _, _, major, minor, length, check = fields
        name = raw[at + 110 : at + 110 + length]
        assert name.endswith(b"\0") and b"\0" not in name[:-1] and check == 0
        at += 110 + length
        at += -at % 4
        if name[:-1] == b"TRAILER!!!":
            assert not raw[at:].strip(b"\0") and len(raw) % 512 == 0
            return
        yield Member(name[:-1], ino, mode, uid, gid, nlink, mtime, (major, minor), raw[at : at + size])
        at += size
        at += -at % 4


def packed(nodes: tuple[Node, ...]) -> dict[bytes, Member]:
    found = list(members(b"".join(write_newc(nodes))))
    assert len({one.name for one in found}) == len(found)
    return {one.name: one for one in found}


def image(*layers: ChangeSet, base: Image = EMPTY, **run: object) -> Image:
    made = base
    for layer in layers:
        made = append(made, layer)
    return with_config(made, RunConfig(**run))  # type: ignore[arg-type]


BASE = sketch(
    file("/bin/busybox", PROGRAM, 0o4755, 1, 2, mtime=1_000_000_007), hardlink("/bin/second", "/bin/busybox"),
    symlink("/bin/sh", "busybox"), directory("/tmp", 0o1777), fifo("/run/pipe", 0o620), file("/etc/empty"),
    char_device("/dev/null", 1, 3, 0o666), file("/srv/n\udcffm", b"odd"), hardlink("/zzz", "/bin/busybox"),
    file("/gone", b"x"), file("/TRAILER!!!", b"not the end"),
)
IMAGE = image(BASE, sketch(whiteout("/gone"), file("/etc/top", b"12345", 0o600)), cmd=("sh",))


# ---- the archive ---------------------------------------------------------------------------------------------


def test_an_archive_holds_what_the_layers_show() -> None:
    found = packed(rootfs(IMAGE))
    assert b"gone" not in found and b"./TRAILER!!!" in found, "the end is told by its name alone"
    assert found[b"."].mode == stat.S_IFDIR | 0o755 and found[b"tmp"].mode == stat.S_IFDIR | 0o1777
    link, pipe, null = found[b"bin/sh"], found[b"run/pipe"], found[b"dev/null"]
    assert (stat.S_IFMT(link.mode), link.data) == (stat.S_IFLNK, b"busybox")
    assert pipe.mode == stat.S_IFIFO | 0o620 and (null.mode, null.rdev) == (stat.S_IFCHR | 0o666, (1, 3))
    assert found[b"srv/n\xffm"].data == b"odd" and found[b"etc/top"].mode == stat.S_IFREG | 0o600


def test_names_of_one_file_share_a_number_and_its_bytes_come_with_the_last() -> None:
    found = packed(rootfs(IMAGE))
    names = [found[name] for name in (b"bin/busybox", b"bin/second", b"zzz")]
    assert len({one.number for one in names}) == 1 and {one.nlink for one in names} == {3}
    assert [one.data for one in names] == [b"", b"", PROGRAM]
    assert {(one.mode, one.uid, one.gid, one.mtime) for one in names} == {(stat.S_IFREG | 0o4755, 1, 2, 1_000_000_007)}
    others = [one for one in found.values() if one.nlink == 1]
    assert len({one.number for one in others}) == len(others) == len(found) - 3


def test_a_link_to_a_lower_layers_file_is_a_copy_as_the_mount_shows_it() -> None:
    made = image(sketch(file("/a", b"1")), sketch(hardlink("/b", "/a")))
    found = packed(rootfs(made))
    assert found[b"a"].number != found[b"b"].number and found[b"b"].data == b"1"


def test_of_two_names_one_is_deleted_above() -> None:
    made = image(sketch(file("/a", b"1"), hardlink("/b", "/a")), sketch(whiteout("/a")))
    assert packed(rootfs(made))[b"b"].nlink == 1


@given(stacks(odd=True))
def test_an_archive_of_any_stack_is_its_merged_view(stack: list[ChangeSet]) -> None:
    index = Index.of(stack)
    nodes = rootfs(IMAGE, index)
    found = packed(nodes)
    shown = {path: entry for path, _, entry in index.walk()}
    assert set(found) == {b".", *(path.encode("utf-8", "surrogateescape") for path in shown)}
    for path, entry in shown.items():
        one = found[path.encode("utf-8", "surrogateescape")]
        assert (stat.S_IMODE(one.mode), one.uid, one.gid) == (entry.mode, entry.uid, entry.gid)
        if entry.kind is Kind.FILE:
            same = [other.data for other in found.values() if other.number == one.number]
            assert entry.data is not None and b"".join(same) == entry.data.read()
    places = list(found)
    assert all(places.index(path.rpartition(b"/")[0] or b".") < at for at, path in enumerate(places) if path != b".")


def node(path: str, entry: Entry) -> tuple[Node, ...]:
    return (Node("", Entry(Kind.DIRECTORY, 0o755), 0), Node(path, entry, 1))


UNSAYABLE = [
    (node("a", Entry(Kind.FILE, 0o644, uid=1 << 32, data=Inline(b""))), "its owner 4294967296", "an owner"),
    (node("a", Entry(Kind.FILE, 0o644, gid=-1, data=Inline(b""))), "its group -1", "a group below 0"),
    (node("a", Entry(Kind.CHAR, 0o644, rdev=(1 << 40, 0))), "its device", "a device"),
    (node("a", Entry(Kind.FILE, 0o644, data=Extent(1 << 32, lambda: iter(())))), "its size", "4 GiB"),
    (node("/".join(["n" * 200] * 21), Entry(Kind.FIFO, 0)), "is lost in an initramfs", "a long name"),
    (node("a", Entry(Kind.SYMLINK, 0o777, target="t" * 4096)), "is lost in an initramfs", "a long target"),
    (node("a\0b", Entry(Kind.FIFO, 0)), "NUL", "a NUL"),
]


@pytest.mark.parametrize(("nodes", "words", "claim"), UNSAYABLE, ids=[row[-1] for row in UNSAYABLE])
def test_what_an_archive_cannot_say_is_refused(nodes: tuple[Node, ...], words: str, claim: str) -> None:
    with pytest.raises(BadInput, match=words):
        b"".join(write_newc(nodes))


@pytest.mark.parametrize("given_bytes", [b"123", b"12345"])
def test_data_of_another_size_stops_the_archive(given_bytes: bytes) -> None:
    with pytest.raises(SizeMismatch):
        b"".join(write_newc(node("a", Entry(Kind.FILE, 0o644, data=Extent(4, lambda: iter((given_bytes,)))))))


def test_times_outside_of_what_it_holds_are_its_first_and_last_moment() -> None:
    for mtime, held in ((-5, 0), (1 << 33, 0xFFFF_FFFF), (7, 7)):
        entry = Entry(Kind.FILE, 0o644, mtime_ns=mtime * 10**9 + 5, data=Inline(b""))
        assert packed(node("a", entry))[b"a"].mtime == held


# ---- an initramfs --------------------------------------------------------------------------------------------

INITS = [
    (image(BASE), "/bin/sh", "a shell"),
    (image(BASE, sketch(file("/init", PROGRAM, 0o755))), "/init", "what a kernel looks for by itself"),
    (image(BASE, sketch(file("/init", PROGRAM, 0o644))), "/bin/sh", "an /init that cannot be run"),
    (image(sketch(file("/sbin/init", PROGRAM, 0o755))), "/sbin/init", "no shell"),
    (image(sketch(file("/hello", PROGRAM, 0o755)), cmd=("/hello",)), "/hello", "the image's own program"),
]


@pytest.mark.parametrize(("made", "expected", "claim"), INITS, ids=[row[-1] for row in INITS])
def test_what_the_kernel_is_to_run(made: Image, expected: str, claim: str) -> None:
    found = initramfs(made)
    assert (found.rdinit, found.append) == (expected, f"console=ttyS0 rdinit={expected}")


NO_INIT = [
    (image(sketch(file("/a"))), None, "none of /init, /bin/sh, /sbin/init can be run"),
    (image(BASE), "/nosuch", "cannot run it: .*no such file or directory"),
    (image(BASE), "/etc/top", "no such file"),
    (image(BASE), "bin/sh", "an absolute path without blanks"),
    (image(BASE), "/bin/sh panic=1", "an absolute path without blanks"),
    (image(BASE, base=scratch("arm64")), "/bin/sh", "a arm64 kernel cannot run it: exec /bin/busybox: exec format"),
]


@pytest.mark.parametrize(("made", "asked", "words"), NO_INIT, ids=[row[-1][:30] for row in NO_INIT])
def test_what_a_kernel_could_not_run_is_refused(made: Image, asked: str | None, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        initramfs(made, asked)


def test_a_console_is_there_before_anything_can_be_mounted() -> None:
    for layer, count in (
        (sketch(), 2), (sketch(directory("/dev")), 1), (sketch(file("/dev/console", b"docker's")), 1),
        (sketch(char_device("/dev/console", 5, 1, 0o644)), 0), (sketch(symlink("/dev", "x")), 0),
    ):
        made = image(sketch(file("/init", PROGRAM, 0o755)), layer)
        nodes = initramfs(made).nodes
        kept = [one for one in rootfs(made) if one.path != "dev/console" or one.entry.rdev]
        assert len(nodes) == len(kept) + count
        found = packed(nodes)
        if b"dev" in found and stat.S_ISDIR(found[b"dev"].mode):
            assert stat.S_ISCHR(found[b"dev/console"].mode) and found[b"dev/console"].rdev == (5, 1)


def test_an_initramfs_is_a_file_the_same_again_and_compressed_on_demand(tmp_path: Path) -> None:
    plain, again, packed_file = (tmp_path / name for name in ("a.cpio", "b.cpio", "c.cpio.gz"))
    for path in (plain, again, packed_file):
        assert write_initramfs(IMAGE, path).rdinit == "/bin/sh"
    assert plain.read_bytes() == again.read_bytes() == gzip.decompress(packed_file.read_bytes())
    assert packed_file.stat().st_size < plain.stat().st_size
    for path in (plain, packed_file):
        write_initramfs(sample("alpine"), path)
    assert plain.read_bytes() != again.read_bytes(), "another initramfs takes its place"


KEPT = [b"My thesis", b"\x1f\x8b not gzip", gzip.compress(b"My thesis")]


@pytest.mark.parametrize("content", KEPT)
def test_a_thesis_of_the_same_name_is_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.gz"
    path.write_bytes(content)
    with pytest.raises(BadInput, match="exists and is no initramfs"):
        write_initramfs(IMAGE, path)
    assert path.read_bytes() == content
    with pytest.raises(BadInput, match="no such folder"):
        write_initramfs(IMAGE, tmp_path / "x" / "a")
    with pytest.raises(BadInput, match="something else is in the place"):
        write_initramfs(IMAGE, tmp_path)


def broken() -> Image:
    """An image one of whose files gives fewer bytes than it should."""
    entry = Entry(Kind.FILE, 0o644, data=Extent(9, lambda: iter((b"short",)), "0" * 64))
    made = image(sketch(file("/bin/sh", PROGRAM, 0o755)), cmd=("sh",))
    changes = ChangeSet({**made.stack[0].entries, "z": entry}, (), ())
    return replace(made, layers=(replace(made.layers[0], changes=changes),))


@linux_only
def test_a_failure_leaves_nothing(tmp_path: Path) -> None:
    for write, name in ((write_initramfs, "a.cpio"), (write_bundle, "bundle")):
        with pytest.raises(SizeMismatch):
            write(broken(), tmp_path / name)
        assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["hello-world", "busybox", "alpine"])
def test_samples_become_initramfs(name: str, tmp_path: Path) -> None:
    made = write_initramfs(sample(name), tmp_path / "a.cpio")
    heads = sum(110 + len(one.path) for one in made.nodes)
    least = heads + file_bytes(one.entry for one in made.nodes)
    assert least < (tmp_path / "a.cpio").stat().st_size < least + 300 * len(made.nodes) + 1024


# ---- a bundle ------------------------------------------------------------------------------------------------


@linux_only
def test_a_bundle_is_the_files_and_the_config(tmp_path: Path) -> None:
    made = write_bundle(IMAGE, tmp_path / "new" / "bundle", args=["sh", "-c", "true"], host=Host(cgroups=("cpu",)))
    spec = json.loads((made.path / "config.json").read_text(encoding="utf-8"))
    assert spec == made.spec == runtime_spec(IMAGE, args=["sh", "-c", "true"], host=Host(cgroups=("cpu",)))
    assert sorted(path.name for path in made.path.iterdir()) == ["config.json", "rootfs"]
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o700, "it may hold setuid programs"
    root = made.path / "rootfs"
    assert (root / "bin/sh").readlink() == Path("busybox") and (root / "etc/top").read_bytes() == b"12345"
    inodes = {(root / name).stat().st_ino for name in ("bin/busybox", "bin/second", "zzz")}
    assert len(inodes) == 1 and not (root / "gone").exists()
    assert os.path.exists(os.fsencode(root) + b"/srv/n\xffm")


def unprivileged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpack_module.os, "geteuid", lambda: 1000)


@linux_only
@pytest.mark.parametrize("root", [True, False], ids=["root", "anyone"])
def test_what_a_folder_shows_is_what_the_layers_say(
    root: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not root:
        unprivileged(monkeypatch)
    elif os.geteuid() != 0:
        pytest.skip("only root can give files away and make devices")
    nodes = rootfs(IMAGE)
    left_out = unpack(nodes, tmp_path / "r")
    for one in nodes:
        path = os.path.join(os.fsencode(tmp_path / "r"), one.path.encode("utf-8", "surrogateescape"))
        if not root and one.entry.rdev:
            assert not os.path.lexists(path)
            continue
        seen = os.lstat(path)
        assert seen.st_mtime_ns == one.entry.mtime_ns, one.path
        if one.entry.kind is not Kind.SYMLINK:
            assert stat.S_IMODE(seen.st_mode) == one.entry.mode, one.path
        if root:
            assert (seen.st_uid, seen.st_gid) == (one.entry.uid, one.entry.gid)
        if one.entry.rdev:
            assert (os.major(seen.st_rdev), os.minor(seen.st_rdev)) == one.entry.rdev
    assert left_out == ({} if root else {DEVICES: 1, OWNERS: left_out[OWNERS]})
    assert root or left_out[OWNERS] > 0


HOSTILE = ["../out", "a/../../out", "..", ".", "/out", "a//b"]


@linux_only
@pytest.mark.parametrize("path", HOSTILE)
def test_no_name_leads_out_of_the_folder(path: str, tmp_path: Path) -> None:
    nodes = (Node("", Entry(Kind.DIRECTORY, 0o755), 0), Node("a", Entry(Kind.DIRECTORY, 0o755), 1),
             Node(path, Entry(Kind.FILE, 0o644, data=Inline(b"out")), 2))
    with pytest.raises(BadInput, match="a name that leads elsewhere"):
        unpack(nodes, tmp_path / "r")
    assert not list(tmp_path.rglob("out"))


@linux_only
def test_a_link_on_the_way_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    nodes = (Node("", Entry(Kind.DIRECTORY, 0o755), 0),
             Node("a", Entry(Kind.SYMLINK, 0o777, target=str(tmp_path / "outside" / "file")), 1),
             Node("a", Entry(Kind.FILE, 0o644, data=Inline(b"out")), 2))
    with pytest.raises(FileExistsError):
        unpack(nodes, tmp_path / "r")
    # Links that lead out are written as they are: who follows them later has the bundle's root as its own.
    made = image(sketch(symlink("/etc", str(tmp_path / "outside")), file("/bin/sh", PROGRAM, 0o755)), cmd=("sh",))
    write_bundle(image(sketch(symlink("/x", "../../../outside")), base=made, cmd=("sh",)), tmp_path / "b")
    assert list((tmp_path / "outside").iterdir()) == []


@linux_only
def test_attributes_that_an_overlay_reads_are_left_out(tmp_path: Path) -> None:
    made = image(sketch(file("/bin/sh", PROGRAM, 0o755), directory("/d", xattrs=(("trusted.overlay.opaque", b"y"),))))
    assert dict(unpack(rootfs(made), tmp_path / "r")).get(unpack_module.ATTRIBUTES) == 1


@linux_only
def test_a_folder_with_something_in_it_is_not_filled(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    write_bundle(IMAGE, tmp_path / "b")
    with pytest.raises(BadInput, match="exists and is no empty folder"):
        write_bundle(IMAGE, tmp_path / "b")
    with pytest.raises(StartRefused, match="No command specified"):
        write_bundle(image(BASE), tmp_path / "c")
    assert [path.name for path in tmp_path.iterdir()] == ["b"]

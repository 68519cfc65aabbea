"""Writing layer tars: what is written is what is read again, by us and by others."""

from __future__ import annotations

import io
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given

from sim.content.data import Extent, Inline
from sim.errors import BadInput, SizeMismatch
from sim.fs.changeset import ChangeSet
from sim.fs.entry import Entry, Kind
from sim.fs.sketch import char_device, directory, fifo, file, hardlink, opaque, sketch, symlink, whiteout
from sim.fs.tar import read_layer
from sim.fs.tar_write import write_layer
from tests.strategies import changesets


def written(changes: ChangeSet) -> bytes:
    return b"".join(write_layer(changes))


def names(changes: ChangeSet) -> list[str]:
    return tarfile.open(fileobj=io.BytesIO(written(changes))).getnames()


@given(changesets(odd=True, links_to_lower=True))
def test_reading_what_was_written_gives_the_same_change_set(changes: ChangeSet) -> None:
    tar = written(changes)
    for step in (len(tar), 700):
        pieces = [tar[at : at + step] for at in range(0, len(tar), step)]
        read = read_layer(pieces, where="test", reopen=lambda pieces=pieces: iter(pieces))
        assert read.changes == changes
        assert read.size == len(tar)
        assert read.members == len(changes)
        for path, entry in changes.entries.items():
            if entry.data is not None:
                assert b"".join(read.changes.entries[path].data.chunks()) == entry.data.read()  # type: ignore[union-attr]


@given(changesets(odd=True))
def test_the_order_of_a_change_set_does_not_change_its_bytes(changes: ChangeSet) -> None:
    backwards = ChangeSet(dict(reversed(changes.entries.items())), changes.whiteouts, changes.opaques)
    assert written(backwards) == written(changes)


def test_parents_come_first_and_whiteouts_before_what_a_directory_holds() -> None:
    changes = sketch(
        file("d/-x"), file("d/x"), directory("d"), directory(""), whiteout("d/-x"), whiteout("d/zz"), opaque("d"),
        file("d-e"), opaque("q"), whiteout("a"),
    )
    assert names(changes) == [
        ".", ".wh.a", "d", "d/.wh..wh..opq", "d/.wh.-x", "d/.wh.zz", "d/-x", "d/x", "d-e", "q/.wh..wh..opq",
    ]


def test_links_to_lower_files_come_before_names_that_would_catch_them() -> None:
    changes = sketch(hardlink("z", "f"), hardlink("y", "z"), file("f", b"new"))
    tar = written(sketch(file("f", b"new")))
    assert names(ChangeSet({
        "z": Entry(Kind.HARDLINK, 0o644, target="f"), "y": Entry(Kind.HARDLINK, 0o644, target="z"),
        "f": Entry(Kind.FILE, 0o644, data=Inline(b"new")),
    })) == ["y", "z", "f"]
    assert len(written(changes)) > len(tar)


def test_the_bytes_are_the_same_everywhere() -> None:
    # Golden: recomputed only when the encoder changes, and then every sample's digest changes with it.
    changes = sketch(
        directory("etc", mtime=10**9), file("etc/motd", b"hello", mtime=10**9), hardlink("etc/issue", "etc/motd"),
        symlink("bin", "usr/bin"), whiteout("old"), opaque("var"), char_device("dev/null", 1, 3),
        fifo("run/p"), file("x" * 120, b"", uid=3_000_000, xattrs=(("user.a", b"\0\n"),)),
    )
    assert read_layer([written(changes)], where="golden").diff_hex == GOLDEN


GOLDEN = "8ac3028e67b3b00b74d34874ad31b775058ee8fdf90a8fd8615f5dede115d5c2"


@given(changesets(odd=True))
def test_python_reads_the_same_members(changes: ChangeSet) -> None:
    archive = tarfile.open(fileobj=io.BytesIO(written(changes)))
    found = {member.name.encode("utf-8", "surrogateescape"): member for member in archive.getmembers()}
    for path, entry in changes.entries.items():
        member = found[(path or ".").encode("utf-8", "surrogateescape")]
        assert (member.mode, member.uid, member.gid) == (entry.mode, entry.uid, entry.gid)
        assert abs(member.mtime * 10**9 - entry.mtime_ns) < 10**3
        if member.issym():
            assert member.linkname == entry.target
        if entry.rdev is not None:
            assert (member.devmajor, member.devminor) == entry.rdev
        if entry.kind is Kind.FILE and member.isreg():
            assert archive.extractfile(member).read() == entry.data.read()  # type: ignore[union-attr]
    assert len(found) == len(changes)


@pytest.mark.skipif(shutil.which("tar") is None, reason="no tar(1) on this machine")
@given(changesets(odd=True))
def test_gnu_tar_lists_the_same_names(changes: ChangeSet) -> None:
    tar = written(changes)
    if b"GNU" not in subprocess.run(["tar", "--version"], capture_output=True, check=True).stdout:
        pytest.skip("tar(1) is not GNU tar")
    found = subprocess.run(
        ["tar", "--quoting-style=literal", "-tPf", "-"], input=tar, capture_output=True, check=True
    )
    listed = sorted(name.rstrip(b"/").removeprefix(b"./") for name in found.stdout.splitlines())
    ours = [path.encode("utf-8", "surrogateescape") or b"." for path in changes.entries]
    marks = [(*path.rpartition("/")[:2], ".wh.", path.rpartition("/")[2]) for path in changes.whiteouts]
    marks += [(path, "/" if path else "", ".wh..wh..opq") for path in changes.opaques]
    ours += ["".join(parts).encode("utf-8", "surrogateescape") for parts in marks]
    assert [name or b"." for name in listed] == sorted(ours)


@pytest.mark.parametrize("changes", [
    sketch(file("a/.wh.b")), sketch(file("a\0b")), sketch(file("a", xattrs=(("user.a=b", b"1"),))),
    sketch(file(".wh..wh.x/y")), sketch(whiteout("a/.wh.b")),
    sketch(whiteout("")), sketch(whiteout(".wh..opq")),
    ChangeSet({"a": Entry(Kind.HARDLINK, 0o644, target="b"), "b": Entry(Kind.HARDLINK, 0o644, target="a")}),
], ids=repr)
def test_what_a_tar_cannot_say_is_refused(changes: ChangeSet) -> None:
    with pytest.raises(BadInput):
        written(changes)


@pytest.mark.parametrize("given", [b"ab", b"abcd"])
def test_a_file_whose_bytes_are_not_its_size_is_refused(given: bytes) -> None:
    with pytest.raises(SizeMismatch):
        written(sketch(file("f", Extent(3, lambda: iter([given])))))


def test_a_file_of_nine_gigabytes_has_its_size_in_a_pax_record() -> None:
    size = 9 << 30

    def zeros() -> Iterator[bytes]:
        return iter(())

    stream = write_layer(sketch(file("big", Extent(size, zeros))))
    head = b"".join(next(stream) for _ in range(3))
    assert b"19 size=9663676416\n" in head
    member = tarfile.TarInfo.frombuf(head[-512:], "utf-8", "strict")
    assert member.size == 0


def test_a_tree_goes_through_gnu_tar_onto_a_disk_and_back(tmp_path: Path) -> None:
    if shutil.which("tar") is None:
        pytest.skip("no tar(1) on this machine")
    changes = sketch(
        directory("d", mtime=1), file("d/f", b"text", mode=0o640, mtime=5), hardlink("d/g", "d/f"), symlink("s", "d/f"),
        file("l" * 150 + "/" + "m" * 150, b"long"),
    )
    subprocess.run(["tar", "-xf", "-"], input=written(changes), cwd=tmp_path, check=True)
    assert (tmp_path / "d" / "f").read_bytes() == b"text"
    assert (tmp_path / "d" / "f").stat().st_mtime == 5
    assert (tmp_path / "d" / "f").samefile(tmp_path / "d" / "g")
    assert (tmp_path / "s").readlink() == Path("d/f")
    assert (tmp_path / ("l" * 150) / ("m" * 150)).read_bytes() == b"long"

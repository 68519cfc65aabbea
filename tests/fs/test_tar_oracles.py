"""The reader against other programs: Python's tarfile, GNU tar, and real layers."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import tarfile
from collections import Counter
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.content.compression import decompressed
from sim.fs.entry import Entry, Kind
from sim.fs.tar import LayerTar, read_layer
from tests.strategies import changesets
from tests.tarbytes import read


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
@given(st.data())
@settings(max_examples=40)
def test_what_python_writes_is_read(form: int, data: st.DataObject) -> None:
    changes = data.draw(changesets(odd=form != tarfile.USTAR_FORMAT))
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form, encoding="utf-8", errors="surrogateescape") as archive:
        for path, one in changes.entries.items():
            archive.addfile(_python_member(path, one, form), io.BytesIO(one.data.read() if one.data else b""))
    found = read(out.getvalue()).changes.entries
    assert dict(found) == {path: _as_python_can(one, form) for path, one in changes.entries.items()}


_PYTHON_TYPES = {
    Kind.FILE: tarfile.REGTYPE,
    Kind.DIRECTORY: tarfile.DIRTYPE,
    Kind.SYMLINK: tarfile.SYMTYPE,
    Kind.FIFO: tarfile.FIFOTYPE,
    Kind.CHAR: tarfile.CHRTYPE,
    Kind.BLOCK: tarfile.BLKTYPE,
}


def _as_python_can(one: Entry, form: int) -> Entry:
    seconds, owner = one.mtime_ns // 10**9, 2**21 if form == tarfile.USTAR_FORMAT else 2**32
    mtime = seconds * 10**9 if form != tarfile.USTAR_FORMAT or 0 <= seconds < 8**11 else 0
    return replace(one, xattrs=(), inode=0, mtime_ns=mtime, uid=one.uid % owner, gid=one.gid % owner)


def _python_member(path: str, one: Entry, form: int) -> tarfile.TarInfo:
    one = _as_python_can(one, form)
    info = tarfile.TarInfo(path or ".")
    info.type, info.mode, info.uid, info.gid = _PYTHON_TYPES[one.kind], one.mode, one.uid, one.gid
    info.mtime, info.size, info.linkname = one.mtime_ns // 10**9, one.size, one.target or ""
    info.devmajor, info.devminor = one.rdev or (0, 0)
    return info


@pytest.mark.skipif(shutil.which("tar") is None or os.name == "nt", reason="no Unix tar(1) on this machine")
@pytest.mark.parametrize("form", ["v7", "ustar", "gnu", "oldgnu", "posix"])
def test_what_gnu_tar_writes_of_a_disk_is_read(form: str, tmp_path: Path) -> None:
    if b"GNU" not in subprocess.run(["tar", "--version"], capture_output=True, check=True).stdout:
        pytest.skip("tar(1) is not GNU tar")
    deep = tmp_path / "d" / ("e" * 60)
    deep.mkdir(parents=True)
    (deep / "f").write_bytes(b"text" * 1000)
    (deep / "g").hardlink_to(deep / "f")
    (tmp_path / "s").symlink_to("d/none")
    with open(tmp_path / "hole", "wb") as sparse:
        sparse.seek(1 << 20)
        sparse.write(b"end")
    if form not in ("v7", "ustar"):
        (tmp_path / ("l" * 200)).write_bytes(b"long")
    sparse_too = [] if form in ("v7", "ustar") else ["-S"]
    command = ["tar", "-c", *sparse_too, "--format", form, "-f", "-", "."]
    tar = subprocess.run(command, cwd=tmp_path, capture_output=True, check=True).stdout
    found = read(tar).changes.entries
    for path, one in found.items():
        real = (tmp_path / path).lstat()
        assert (one.uid, one.gid, one.mtime_ns // 10**9) == (real.st_uid, real.st_gid, real.st_mtime_ns // 10**9)
        if one.kind is Kind.FILE:
            assert one.data.read() == (tmp_path / path).read_bytes()  # type: ignore[union-attr]
        if one.kind is Kind.SYMLINK:
            assert one.target == os.readlink(tmp_path / path)
    assert {*found} == {"", *(one.relative_to(tmp_path).as_posix() for one in tmp_path.rglob("*"))}
    assert found[f"d/{'e' * 60}/f"].inode == found[f"d/{'e' * 60}/g"].inode != 0


@pytest.mark.parametrize("name", ["bb-union", "ubuntu-cyo57"])
def test_real_layers_hold_what_their_inventory_says(name: str, shared: Path) -> None:
    inventory = json.loads((shared / "images" / "INVENTORY.json").read_text(encoding="utf-8"))[name]
    with tarfile.open(shared / "images" / f"{name}.oci.tar") as archive:
        for layer in inventory["layers"]:
            blob = archive.extractfile("blobs/sha256/" + layer["digest"].removeprefix("sha256:")).read()  # type: ignore[union-attr]
            found = read_layer(
                decompressed([blob], name), where=name, reopen=lambda blob=blob: decompressed([blob], name)
            )
            expected = {**layer, "whiteouts": sorted(layer["whiteouts"])}
            assert _inventory_of(found) == {key: expected[key] for key in _inventory_of(found)}
            assert found.remarks == ()
            for entry in list(found.changes.entries.values())[::97]:
                if entry.data is not None:
                    assert sha256(entry.data.read()).hexdigest() == entry.data.sha256


def _inventory_of(found: LayerTar) -> dict[str, object]:
    changes = found.changes
    kinds = Counter(entry.kind for entry in changes.entries.values())
    first = {entry.inode: path for path, entry in reversed(changes.entries.items()) if entry.inode}
    links = {path for path, entry in changes.entries.items() if entry.inode and first[entry.inode] != path}
    marks = [f"{path}/.wh..wh..opq" for path in changes.opaques]
    marks += ["/.wh.".join(path.rsplit("/", 1)) for path in changes.whiteouts]
    sizes = (entry.size for path, entry in changes.entries.items() if path not in links)
    return {
        "diffID": f"sha256:{found.diff_hex}",
        "tar": found.size,
        "entries": found.members,
        "files": kinds[Kind.FILE] - len(links),
        "dirs": kinds[Kind.DIRECTORY],
        "symlinks": kinds[Kind.SYMLINK],
        "hardlinks": len(links),
        "whiteouts": sorted(marks),
        "content_bytes": sum(sizes),
    }

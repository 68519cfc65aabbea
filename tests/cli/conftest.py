"""Images for the command line's tests, written by tarfile, hashlib and json alone."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sim.cli import main

Member = tuple[tarfile.TarInfo, bytes]


def member(name: str, kind: bytes = tarfile.REGTYPE, data: bytes = b"", **fields: Any) -> Member:
    info = tarfile.TarInfo(name)
    info.type, info.size, info.mtime = kind, len(data), 1_700_000_000
    info.mode = {tarfile.DIRTYPE: 0o755, tarfile.SYMTYPE: 0o777}.get(kind, 0o644)
    for key, value in fields.items():
        setattr(info, key, value)
    return info, data


def file(name: str, data: bytes = b"", **fields: Any) -> Member:
    return member(name, data=data, **fields)


def folder(name: str, **fields: Any) -> Member:
    return member(name, tarfile.DIRTYPE, **fields)


def link(name: str, target: str) -> Member:
    return member(name, tarfile.SYMTYPE, linkname=target)


def hard(name: str, target: str) -> Member:
    return member(name, tarfile.LNKTYPE, linkname=target)


def tar_of(members: Sequence[Member]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for info, data in members:
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


@dataclass
class Layout:
    """An OCI layout in the making: blobs by hex digest, and the index's manifests."""

    blobs: dict[str, bytes] = field(default_factory=dict)
    manifests: list[dict[str, Any]] = field(default_factory=list)

    def blob(self, media_type: str, raw: bytes) -> dict[str, Any]:
        name = hashlib.sha256(raw).hexdigest()
        self.blobs[name] = raw
        return {"mediaType": f"application/vnd.oci.image.{media_type}", "digest": f"sha256:{name}", "size": len(raw)}

    def image(self, *layers: Sequence[Member] | bytes, tag: str = "v1", arch: str = "amd64", **more: Any) -> Layout:
        """Add an image of layers, base first; bytes are taken as a tar."""
        tars = [layer if isinstance(layer, bytes) else tar_of(layer) for layer in layers]
        config = {
            "architecture": arch, "os": "linux",
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(tar).hexdigest()}" for tar in tars]},
            "history": [{"created_by": f"step {number}"} for number in range(1, len(tars) + 1)],
        } | more
        manifest = {
            "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": self.blob("config.v1+json", json.dumps(config).encode()),
            "layers": [self.blob("layer.v1.tar+gzip", gzip.compress(tar, mtime=0)) for tar in tars],
        }
        described = self.blob("manifest.v1+json", json.dumps(manifest).encode())
        described["annotations"] = {"org.opencontainers.image.ref.name": tag}
        described["platform"] = {"architecture": arch, "os": "linux"}
        self.manifests.append(described)
        return self

    def files(self) -> dict[str, bytes]:
        index = {"schemaVersion": 2, "manifests": self.manifests}
        return {
            "oci-layout": b'{"imageLayoutVersion":"1.0.0"}', "index.json": json.dumps(index).encode(),
            **{f"blobs/sha256/{name}": raw for name, raw in self.blobs.items()},
        }

    def save(self, path: Path) -> str:
        path.write_bytes(tar_of([file(name, raw) for name, raw in self.files().items()]))
        return str(path)


BASE = (
    folder("etc"), file("etc/motd", b"hello\n"), file("etc/passwd", b"root:x:0:0\n", mode=0o600, uid=1, gid=2),
    folder("usr"), folder("usr/bin"), link("bin", "usr/bin"), file("usr/bin/sh", b"#!sh", mode=0o4755),
    hard("usr/bin/ash", "usr/bin/sh"), folder("opt"), folder("opt/old"), file("opt/old/file", b"x" * 100),
    link("loop", "loop"), link("gone", "nowhere"), folder("dev"),
    member("dev/null", tarfile.CHRTYPE, devmajor=1, devminor=3, mode=0o666), member("dev/pipe", tarfile.FIFOTYPE),
)
TOP = (
    file("etc/motd", b"changed!\n", pax_headers={"mtime": "1700000001.25"}), file("opt/.wh.old"),
    file("caf\udce9", b"\xff\x00"), file("tmp/\x1b[2J", b"hostile"),
    file("opt/cap", b"cap", pax_headers={"SCHILY.xattr.user.note": "hi"}),
)


@dataclass
class Sim:
    """Runs `sim` in this process."""

    capsys: pytest.CaptureFixture[str]

    def __call__(self, *argv: str) -> tuple[int, str, str]:
        code = main(argv)
        out, err = self.capsys.readouterr()
        return code, out, err

    def json(self, *argv: str, code: int = 0) -> Any:
        found, out, err = self(*argv, "--json")
        assert (found, err) == (code, "")
        return json.loads(out)

    def refused(self, *argv: str, code: int = 2) -> str:
        """Run what must fail, and return its one line on standard error."""
        found, out, err = self(*argv)
        assert (found, out) == (code, ""), err
        assert err.startswith("sim: ") and err.endswith("\n") and err.count("\n") == 1, err
        assert "fault of the program" not in err and "Traceback" not in err
        return err


@pytest.fixture
def sim(capsys: pytest.CaptureFixture[str]) -> Sim:
    return Sim(capsys)


@pytest.fixture
def make() -> SimpleNamespace:
    """What images are made of: test modules cannot import a conftest."""
    return SimpleNamespace(
        layout=Layout, file=file, folder=folder, link=link, hard=hard, member=member, tar_of=tar_of, base=BASE, top=TOP,
    )


@pytest.fixture
def image(tmp_path: Path) -> str:
    """An image of two layers that holds every kind of entry."""
    return Layout().image(BASE, TOP).save(tmp_path / "image.tar")

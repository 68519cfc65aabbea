"""Archives for tests, written by tarfile, hashlib, gzip and json alone: nothing of the code under test.

    picture = image(["base", "top"])                      two layers, one file each
    write(path, oci(picture))                             an OCI layout in a tar
    write(path, docker_legacy(picture), links=...)        docker save of 20.10
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

OCI = "application/vnd.oci.image."
LAYER = OCI + "layer.v1.tar"
MANIFEST = OCI + "manifest.v1+json"
INDEX = OCI + "index.v1+json"
REF_NAME = "org.opencontainers.image.ref.name"

Files = dict[str, bytes]


def sha256(raw: bytes) -> str:
    return "sha256:" + hashlib.sha256(raw).hexdigest()


def blob(digest: str) -> str:
    return "blobs/" + digest.replace(":", "/")


def js(value: Any) -> bytes:
    return json.dumps(value).encode("utf-8")


def tar(files: Mapping[str, bytes], links: Mapping[str, str] | None = None, kind: bytes = tarfile.SYMTYPE) -> bytes:
    """A tar of regular files, then links."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as made:
        for name, raw in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(raw)
            made.addfile(info, io.BytesIO(raw))
        for name, target in (links or {}).items():
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, target
            made.addfile(info)
    return out.getvalue()


@dataclass(frozen=True)
class Picture:
    """An image in the making: its layers' tars, base first, and its config."""

    layers: tuple[bytes, ...]
    config: dict[str, Any]
    tag: str = "1.0"

    @property
    def raw_config(self) -> bytes:
        return js(self.config)


def layer(*names: str) -> bytes:
    """A layer with files of these names, each holding its own name."""
    return tar({name: name.encode() for name in names})


def image(
    layers: Sequence[bytes | str], *, architecture: str = "amd64", tag: str = "1.0", **config: Any
) -> Picture:
    """An image of layers: tars, or names for layers of one file."""
    tars = tuple(layer(one) if isinstance(one, str) else one for one in layers)
    described = {
        "architecture": architecture, "os": "linux", "config": {"Cmd": ["sh"]},
        "rootfs": {"type": "layers", "diff_ids": [sha256(one) for one in tars]},
        "history": [{"created_by": f"step {number}"} for number, _ in enumerate(tars, 1)],
    }
    return Picture(tars, described | config, tag)


def descriptor(raw: bytes, media_type: str, **rest: Any) -> dict[str, Any]:
    return {"mediaType": media_type, "digest": sha256(raw), "size": len(raw), **rest}


def store(files: Files, raw: bytes) -> None:
    files[blob(sha256(raw))] = raw


def manifest_of(files: Files, picture: Picture, compression: str = "gzip", **rest: Any) -> bytes:
    """Put an image's blobs among `files` and return its manifest."""
    layers = []
    for one in picture.layers:
        raw, suffix = compressed(one, compression)
        store(files, raw)
        layers.append(descriptor(raw, LAYER + suffix))
    store(files, picture.raw_config)
    config = descriptor(picture.raw_config, OCI + "config.v1+json")
    raw = js({"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": layers, **rest})
    store(files, raw)
    return raw


def compressed(raw: bytes, compression: str) -> tuple[bytes, str]:
    if compression == "gzip":
        return gzip.compress(raw, mtime=0), "+gzip"
    if compression == "gzip-members":
        half = len(raw) // 2
        return gzip.compress(raw[:half], mtime=0) + gzip.compress(raw[half:], mtime=0), "+gzip"
    if compression == "zstd":
        from backports import zstd

        return zstd.compress(raw), "+zstd"
    return raw, ""


def layout(files: Files, manifests: Sequence[dict[str, Any]]) -> Files:
    """Add the two files of an image layout."""
    index = js({"schemaVersion": 2, "manifests": list(manifests)})
    return {**files, "oci-layout": b'{"imageLayoutVersion": "1.0.0"}', "index.json": index}


def oci(*pictures: Picture, compression: str = "gzip", platforms: bool = False) -> Files:
    """An OCI layout of several images, each under its tag."""
    files: Files = {}
    manifests = []
    for picture in pictures:
        raw = manifest_of(files, picture, compression)
        found = descriptor(raw, MANIFEST, annotations={REF_NAME: picture.tag})
        if platforms:
            found["platform"] = {"os": "linux", "architecture": picture.config["architecture"]}
        manifests.append(found)
    return layout(files, manifests)


def nested(*pictures: Picture, tag: str = "1.0", depth: int = 1) -> Files:
    """An OCI layout whose index leads to an index (of an index ...) with one manifest a platform."""
    files: Files = {}
    found = []
    for picture in pictures:
        platform = {"os": "linux", "architecture": picture.config["architecture"]}
        found.append(descriptor(manifest_of(files, picture), MANIFEST, platform=platform))
    for _ in range(depth):
        raw = js({"schemaVersion": 2, "mediaType": INDEX, "manifests": found})
        store(files, raw)
        found = [descriptor(raw, INDEX)]
    found[0]["annotations"] = {REF_NAME: tag}
    return layout(files, found)


def docker(*pictures: Picture) -> Files:
    """A docker-save archive as 20.10 writes it, without the files that nobody reads since 1.10."""
    files: Files = {}
    entries = []
    for picture in pictures:
        name = sha256(picture.raw_config)[7:] + ".json"
        files[name] = picture.raw_config
        places = [f"{number:02}-{sha256(one)[7:60]}/layer.tar" for number, one in enumerate(picture.layers)]
        files.update(zip(places, picture.layers, strict=True))
        entries.append({"Config": name, "RepoTags": [f"box:{picture.tag}"], "Layers": places})
    return files | {"manifest.json": js(entries)}


def write(path: Path, files: Files, links: Mapping[str, str] | None = None, around: str = "none") -> Path:
    """Write an archive, compressed as a whole where `around` says so."""
    path.write_bytes(compressed(tar(files, links), around)[0])
    return path


def unpack(folder: Path, files: Files) -> Path:
    """Write files into a folder."""
    for name, raw in files.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(raw)
    return folder

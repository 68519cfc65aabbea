"""Opening archives of every kind, and refusing what is not what it claims to be."""

from __future__ import annotations

import gzip
import json
import tarfile
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.content.limits import Limits
from sim.errors import (
    ArchiveInvalid,
    BadInput,
    BlobMissing,
    DigestMismatch,
    DocumentInvalid,
    LimitExceeded,
    SimError,
    SizeMismatch,
    StreamInvalid,
    TarInvalid,
    Unsupported,
)
from sim.image import oci_layout, outer
from sim.source import open_image
from tests import image_builders as make
from tests.conftest import OWN_THREADS

TWO = make.image(["base", "top"])


def paths(layers: object) -> list[list[str]]:
    return [sorted(layer.changes.entries) for layer in layers]  # type: ignore[attr-defined]


@pytest.mark.parametrize("around", ["none", "gzip", "zstd"])
@pytest.mark.parametrize("inside", ["none", "gzip", "gzip-members", "zstd"])
def test_an_oci_layout_in_a_tar(tmp_path: Path, inside: str, around: str) -> None:
    image = open_image(make.write(tmp_path / "box.tar", make.oci(TWO, compression=inside), around=around))
    assert paths(image.layers) == [["base"], ["top"]]
    assert image.name == "box:1.0"
    assert [str(layer.diff_id) for layer in image.layers] == [make.sha256(one) for one in TWO.layers]
    assert [layer.created_by for layer in image.layers] == ["step 1", "step 2"]
    stored = [make.compressed(one, inside)[0] for one in TWO.layers]
    assert [str(layer.descriptor.digest) for layer in image.layers] == list(map(make.sha256, stored))
    assert [b"".join(image.blobs.chunks(layer.descriptor.digest)) for layer in image.layers] == stored
    top = image.layers[1].changes.entries["top"]
    assert top.data is not None and top.data.read() == b"top"


def test_an_oci_layout_in_a_folder(tmp_path: Path) -> None:
    image = open_image(make.unpack(tmp_path, make.oci(TWO)))
    assert paths(image.layers) == [["base"], ["top"]] and image.manifest is not None


def test_docker_save(tmp_path: Path) -> None:
    image = open_image(make.write(tmp_path / "box.tar", make.docker(TWO)))
    assert paths(image.layers) == [["base"], ["top"]]
    assert image.manifest is None and image.name == "box:1.0"
    assert str(image.config_descriptor.digest) == make.sha256(TWO.raw_config)
    # Nothing names a layer there but its DiffID.
    assert [str(layer.descriptor.digest) for layer in image.layers] == [make.sha256(one) for one in TWO.layers]


def test_docker_save_with_compressed_layers(tmp_path: Path) -> None:
    files = make.docker(TWO)
    for name in [name for name in files if name.endswith("layer.tar")]:
        files[name] = gzip.compress(files[name], mtime=0)
    image = open_image(make.write(tmp_path / "box.tar", files))
    assert [str(layer.diff_id) for layer in image.layers] == [make.sha256(one) for one in TWO.layers]
    assert image.layers[0].descriptor.media_type.endswith("gzip")


@pytest.mark.parametrize(("kind", "target"), [
    (tarfile.SYMTYPE, "../{first}"), (tarfile.SYMTYPE, "/{first}"), (tarfile.LNKTYPE, "{first}"),
])
def test_docker_saves_a_repeated_layer_as_a_link(tmp_path: Path, kind: bytes, target: str) -> None:
    # docker 20.10: "<id>/layer.tar -> ../<id>/layer.tar"
    twice = make.image(["same", "same"])
    files = make.docker(twice)
    first, second = (name for name in files if name.endswith("layer.tar"))
    del files[second]
    (tmp_path / "box.tar").write_bytes(make.tar(files, {second: target.format(first=first)}, kind))
    image = open_image(tmp_path / "box.tar")
    assert paths(image.layers) == [["same"], ["same"]]
    assert image.layers[0].chain_id != image.layers[1].chain_id


def test_docker_save_since_25_is_read_as_the_layout_that_it_is(tmp_path: Path) -> None:
    image = open_image(make.write(tmp_path / "box.tar", make.docker(TWO) | make.oci(TWO)))
    assert image.manifest is not None


def test_an_image_without_layers(tmp_path: Path) -> None:
    assert open_image(make.write(tmp_path / "a.tar", make.oci(make.image([])))).layers == ()
    assert open_image(make.write(tmp_path / "b.tar", make.docker(make.image([])))).layers == ()


def test_sha512_descriptors_and_diff_ids(tmp_path: Path) -> None:
    import hashlib

    def sha512(raw: bytes) -> str:
        return "sha512:" + hashlib.sha512(raw).hexdigest()

    tar = make.layer("a")
    raw = gzip.compress(tar)
    config = make.js(make.image([tar]).config | {"rootfs": {"type": "layers", "diff_ids": [sha512(tar)]}})
    described = [
        {"mediaType": kind, "digest": sha512(one), "size": len(one)}
        for one, kind in ((config, make.OCI + "config.v1+json"), (raw, make.LAYER + "+gzip"))
    ]
    manifest = make.js({"schemaVersion": 2, "config": described[0], "layers": described[1:]})
    files = {make.blob(sha512(one)): one for one in (config, raw)}
    make.store(files, manifest)
    path = make.write(tmp_path / "x.tar", make.layout(files, [make.descriptor(manifest, make.MANIFEST)]))
    layer = open_image(path).layers[0]
    assert str(layer.diff_id) == sha512(tar) and str(layer.descriptor.digest) == sha512(raw)


def test_more_layers_than_docker_takes(tmp_path: Path) -> None:
    many = make.image([f"file-{number}" for number in range(130)])
    assert len(open_image(make.write(tmp_path / "box.tar", make.oci(many))).layers) == 130


def test_the_result_does_not_depend_on_threads(tmp_path: Path) -> None:
    path = make.write(tmp_path / "box.tar", make.oci(make.image([f"f{i}" for i in range(9)])))
    one, four = open_image(path, threads=1), open_image(path, threads=4)
    assert one.stack == four.stack and [x.diff_id for x in one.layers] == [x.diff_id for x in four.layers]


def test_progress_ends_at_the_total(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    path = make.write(tmp_path / "box.tar", make.oci(TWO))
    open_image(path, progress=lambda done, total, what: seen.append((done, total)))
    assert seen == sorted(seen) and seen[-1][0] == seen[-1][1] > 0


def test_no_thread_and_no_file_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outer, "_IN_MEMORY", 100)  # so that the spool becomes a file
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    image = open_image(make.write(tmp_path / "box.tar.gz", make.oci(TWO), around="gzip"), threads=4)
    top = image.layers[1].changes.entries["top"]
    assert top.data is not None and top.data.read() == b"top"
    assert threading.active_count() == OWN_THREADS
    del image, top
    assert list((tmp_path / "tmp").iterdir()) == []


# --- what is refused ------------------------------------------------------------------------------------------

def edited(files: make.Files, name: str, change: Callable[[bytes], bytes]) -> make.Files:
    return files | {name: change(files[name])}


def layer_blob(files: make.Files) -> str:
    return make.blob(make.sha256(gzip.compress(TWO.layers[0], mtime=0)))


def config_blob(files: make.Files) -> str:
    return make.blob(make.sha256(TWO.raw_config))


def manifest_blob(files: make.Files) -> str:
    return make.blob(json.loads(files["index.json"])["manifests"][0]["digest"])


def flipped(raw: bytes) -> bytes:
    return raw[:40] + bytes([raw[40] ^ 1]) + raw[41:]


REFUSED = [
    ("a byte of a layer is flipped", lambda f: edited(f, layer_blob(f), flipped), DigestMismatch),
    ("a byte of the config is flipped", lambda f: edited(f, config_blob(f), flipped), DigestMismatch),
    ("a byte of the manifest is flipped", lambda f: edited(f, manifest_blob(f), flipped), DigestMismatch),
    ("a layer is cut short", lambda f: edited(f, layer_blob(f), lambda raw: raw[:-5]), SizeMismatch),
    ("a layer is too long", lambda f: edited(f, layer_blob(f), lambda raw: raw + b"\0"), SizeMismatch),
    ("the config is cut short", lambda f: edited(f, config_blob(f), lambda raw: raw[:-1]), SizeMismatch),
    ("a layer is missing", lambda f: {k: v for k, v in f.items() if k != layer_blob(f)}, BlobMissing),
    ("the config is missing", lambda f: {k: v for k, v in f.items() if k != config_blob(f)}, BlobMissing),
    ("the manifest is missing", lambda f: {k: v for k, v in f.items() if k != manifest_blob(f)}, BlobMissing),
    ("index.json is no JSON", lambda f: f | {"index.json": b"{"}, DocumentInvalid),
    ("index.json is a list", lambda f: f | {"index.json": b"[]"}, DocumentInvalid),
    ("index.json nests absurdly", lambda f: f | {"index.json": b"[" * 100_000}, LimitExceeded),
    ("index.json is huge", lambda f: f | {"index.json": b" " * (5 << 20)}, LimitExceeded),
    ("the layout has no images", lambda f: f | {"index.json": make.js({"schemaVersion": 2, "manifests": []})},
     ArchiveInvalid),
    ("the layout is of a later version", lambda f: f | {"oci-layout": b'{"imageLayoutVersion":"9"}'}, ArchiveInvalid),
    ("oci-layout is missing", lambda f: {k: v for k, v in f.items() if k != "oci-layout"}, ArchiveInvalid),
    ("index.json is missing", lambda f: {k: v for k, v in f.items() if k != "index.json"}, ArchiveInvalid),
    ("nothing is there", lambda f: {"readme": b"hello"}, ArchiveInvalid),
    ("docker before 1.10", lambda f: {"repositories": b"{}"}, Unsupported),
]


@pytest.mark.parametrize(("name", "damage", "error"), REFUSED, ids=[name for name, _, _ in REFUSED])
def test_refused(
    tmp_path: Path, name: str, damage: Callable[[make.Files], make.Files], error: type[SimError]
) -> None:
    path = make.write(tmp_path / "box.tar", damage(make.oci(TWO)))
    with pytest.raises(error) as caught:
        open_image(path)
    words = str(caught.value)
    assert "\n" not in words and str(path) in words


def remade(change: Callable[[dict], object]) -> make.Files:  # type: ignore[type-arg]
    """A layout whose manifest was changed and named by its new digest."""
    files: make.Files = {}
    manifest = json.loads(make.manifest_of(files, TWO))
    change(manifest)
    raw = make.js(manifest)
    make.store(files, raw)
    return make.layout(files, [make.descriptor(raw, make.MANIFEST)])


@pytest.mark.parametrize(("claim", "files", "error"), [
    ("one layer too few", remade(lambda m: m["layers"].pop()), DocumentInvalid),
    ("layers exchanged", remade(lambda m: m["layers"].reverse()), DigestMismatch),
    ("a wrong size that the blob has not", remade(lambda m: m["layers"][0].update(size=1)), SizeMismatch),
    ("a Helm chart", remade(lambda m: m["config"].update(mediaType="application/vnd.cncf.helm.config")), Unsupported),
    ("docker's type for an OCI manifest",
     remade(lambda m: m.update(mediaType="application/vnd.docker.distribution.manifest.v2+json")), DocumentInvalid),
    ("an index and a manifest at once", remade(lambda m: m.update(manifests=[])), DocumentInvalid),
    ("schema 1", remade(lambda m: m.update(schemaVersion=1)), Unsupported),
])
def test_documents_that_are_not_what_they_say(
    tmp_path: Path, claim: str, files: make.Files, error: type[SimError]
) -> None:
    with pytest.raises(error):
        open_image(make.write(tmp_path / "box.tar", files))


@pytest.mark.parametrize(("claim", "damage", "error"), [
    ("a layer is damaged", lambda f: edited(f, [k for k in f if "/" in k][0], flipped), (DigestMismatch, TarInvalid)),
    ("a layer is missing", lambda f: {k: v for k, v in f.items() if not k.startswith("00")}, ArchiveInvalid),
    ("the config's name is not its digest",
     lambda f: {k: v.replace(b'"sh"', b'"SH"') if len(k) == 69 else v for k, v in f.items()}, DigestMismatch),
    ("the config is missing", lambda f: {k: v for k, v in f.items() if len(k) != 69}, BlobMissing),
    ("manifest.json is an object", lambda f: f | {"manifest.json": b"{}"}, DocumentInvalid),
    ("manifest.json lists a text", lambda f: f | {"manifest.json": b'["x"]'}, DocumentInvalid),
    ("manifest.json lists nothing", lambda f: f | {"manifest.json": b"[]"}, ArchiveInvalid),
])
def test_refused_docker_archives(
    tmp_path: Path, claim: str, damage: Callable[[make.Files], make.Files], error: type[SimError]
) -> None:
    with pytest.raises(error):
        open_image(make.write(tmp_path / "box.tar", damage(make.docker(TWO))))


def test_of_several_damaged_layers_the_lowest_is_told(tmp_path: Path) -> None:
    picture = make.image([f"f{number}" for number in range(6)])
    files = make.oci(picture)
    for one in picture.layers[2:5]:
        name = make.blob(make.sha256(gzip.compress(one, mtime=0)))
        files[name] = flipped(files[name])
    path = make.write(tmp_path / "box.tar", files)
    told = set()
    for _ in range(20):
        with pytest.raises(DigestMismatch, match="layer 3 ") as caught:
            open_image(path, threads=4)
        told.add(str(caught.value))
    assert len(told) == 1


@pytest.mark.parametrize("around", ["gzip", "zstd"])
def test_a_compressed_archive_cut_short(tmp_path: Path, around: str) -> None:
    path = make.write(tmp_path / "box.tar.z", make.oci(TWO), around=around)
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(StreamInvalid):
        open_image(path)


def test_limits(tmp_path: Path) -> None:
    zeros = make.image([make.tar({"zeros": bytes(1 << 20)})] + ["a", "b", "c"])
    path = make.write(tmp_path / "box.tar", make.oci(zeros))
    with pytest.raises(LimitExceeded, match="--max-bytes"):
        open_image(path, limits=Limits(max_bytes=1 << 20))
    with pytest.raises(LimitExceeded, match="--max-entries"):
        open_image(path, limits=Limits(max_entries=3))
    # Each layer is within the limit, all together are not.
    with pytest.raises(LimitExceeded):
        open_image(path, limits=Limits(max_bytes=len(zeros.layers[0]) + 20_000))
    whole = make.write(tmp_path / "box.tar.gz", make.oci(zeros, compression="none"), around="gzip")
    with pytest.raises(LimitExceeded):
        open_image(whole, limits=Limits(max_bytes=1 << 20))


def test_a_file_that_changes_while_it_is_in_use(tmp_path: Path) -> None:
    path = make.write(tmp_path / "box.tar", make.oci(TWO))
    data = open_image(path).layers[0].changes.entries["base"].data
    path.write_bytes(path.read_bytes() + b"\0")
    with pytest.raises(ArchiveInvalid, match="changed"):
        assert data is not None and data.read()


@pytest.mark.parametrize("depth", [1, 2, oci_layout.MAX_DEPTH])
def test_indexes_in_indexes(tmp_path: Path, depth: int) -> None:
    assert paths(open_image(make.write(tmp_path / "x.tar", make.nested(TWO, depth=depth))).layers)


def test_indexes_nested_absurdly(tmp_path: Path) -> None:
    with pytest.raises(LimitExceeded):
        open_image(make.write(tmp_path / "x.tar", make.nested(TWO, depth=oci_layout.MAX_DEPTH + 1)))


# --- fuzz -----------------------------------------------------------------------------------------------------

ARCHIVES = {
    "oci": make.tar(make.oci(TWO)), "docker": make.tar(make.docker(TWO)), "nested": make.tar(make.nested(TWO)),
    "zstd": make.compressed(make.tar(make.oci(TWO, compression="zstd")), "zstd")[0],
}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(data=st.data(), kind=st.sampled_from(sorted(ARCHIVES)))
def test_mutated_archives_are_opened_or_refused(tmp_path: Path, data: st.DataObject, kind: str) -> None:
    raw = bytearray(ARCHIVES[kind])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(raw) - 1))
        raw[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    path = tmp_path / "fuzzed"
    path.write_bytes(raw[: data.draw(st.one_of(st.just(len(raw)), st.integers(0, len(raw))))])
    try:
        open_image(path, limits=Limits(1 << 24, 10_000))
    except BadInput as error:
        assert "\n" not in str(error)


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=3), st.just(make.MANIFEST),
              st.just(make.sha256(b"")), st.just(2)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(
        st.sampled_from(["schemaVersion", "mediaType", "manifests", "config", "layers", "digest", "size", "rootfs",
                         "history", "platform", "annotations", "Config", "Layers", "RepoTags", "os", "x"]),
        inner, max_size=5)),
    max_leaves=12,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(value=JSON, place=st.sampled_from(["index.json", "manifest.json", "manifest", "config"]))
def test_hostile_documents(tmp_path: Path, value: object, place: str) -> None:
    raw = make.js(value)
    files = make.oci(TWO)
    if place == "index.json":
        files["index.json"] = raw
    elif place == "manifest.json":
        files = {"manifest.json": raw, "x": b"x"}
    elif place == "manifest":
        make.store(files, raw)
        files = make.layout(files, [make.descriptor(raw, make.MANIFEST)])
    else:
        make.store(files, raw)
        config = make.descriptor(raw, make.OCI + "config.v1+json")
        manifest = make.js({"schemaVersion": 2, "config": config, "layers": []})
        make.store(files, manifest)
        files = make.layout(files, [make.descriptor(manifest, make.MANIFEST)])
    with pytest.raises(SimError) as caught:
        open_image(make.write(tmp_path / "fuzzed", files))
    assert "\n" not in str(caught.value)

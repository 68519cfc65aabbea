"""The client against our own registry: what moves, what does not, in which order, and how many at once."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sim.content.descriptor import DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST, Platform
from sim.content.digest import Digest
from sim.content.limits import Limits
from sim.content.store import LayoutStore
from sim.errors import Ambiguous, ArchiveInvalid, BadInput, LimitExceeded, TransferFailed
from sim.image.stored import laid_as_stored
from sim.image.trees import Laid
from sim.registry.client import Doing, pull, push
from sim.registry.exchange import Exchange
from sim.registry.landing import pull_to
from sim.registry.moves import Move, Stage, docker_words
from sim.registry.reference import Reference
from sim.registry.settings import Settings
from sim.registry.trust import Trust
from sim.registry.wire import serving
from sim.source import open_image, open_outline
from tests import image_builders as make
from tests.registry.fakes import answering

THREE = make.image([make.tar({"base": b"b" * 5000}), make.tar({"middle": b"m" * 300}), "top"])


class Served:
    """Our registry, and what it logged."""

    def __init__(self, host: str, log: list[Exchange]) -> None:
        self.host = host
        self.log = log

    def ref(self, name: str = "cyo57/app:1.0") -> Reference:
        return Reference.parse(f"{self.host}/{name}")

    def exchanges(self) -> list[Exchange]:
        """Return the exchanges since the last time, as they began; they are told after their answers are out."""
        seen = -1
        while seen != len(self.log):
            seen = len(self.log)
            time.sleep(0.1)
        # A TLS hello is no request.
        found = sorted((one for one in self.log if one.request != "-"), key=lambda one: one.began)
        self.log.clear()
        return found

    def requests(self) -> list[str]:
        """Return the requests since the last time, by method and what they are about."""
        found = []
        for one in self.exchanges():
            method, _, path = one.request.partition("?")[0].partition(" ")
            found.append(f"{method} {'/'.join(part[:12] for part in path.split('/')[4:6])}".rstrip())
        return found


@pytest.fixture
def served() -> Iterator[Served]:
    log: list[Exchange] = []
    with serving(log=log.append) as server:
        yield Served(server.url.removeprefix("http://"), log)


@pytest.fixture
def laid(tmp_path: Path) -> Laid:
    return laid_as_stored(open_outline(make.write(tmp_path / "three.tar", make.oci(THREE))))


def quiet() -> Doing:
    """Transfers of which nobody is told, and that never wait."""
    return Doing(sleep=lambda seconds: None)


def test_push_then_pull_is_identity(served: Served, laid: Laid, tmp_path: Path) -> None:
    done = push(laid, served.ref(), quiet())
    store = LayoutStore(tmp_path / "out")
    pulled = pull(served.ref(), store, quiet())
    assert pulled.descriptor.digest == done.descriptor.digest == laid.manifest.digest
    for blob in laid.blobs:
        assert b"".join(store.chunks(blob.descriptor.digest)) == b"".join(blob.chunks())
    assert not [path for path in (tmp_path / "out").iterdir() if path.name.startswith(".")], "nothing is left aside"
    assert done.plan.sent == pulled.plan.sent == sum(blob.descriptor.size for blob in laid.blobs)


def test_what_is_there_does_not_move(served: Served, laid: Laid, tmp_path: Path) -> None:
    push(laid, served.ref(), quiet())
    again = push(laid, served.ref("cyo57/app:2.0"), quiet())
    assert again.plan.sent == laid.blobs[-1].descriptor.size, "the manifest alone"
    store = LayoutStore(tmp_path / "out")
    pull(served.ref(), store, quiet())
    served.requests()
    warm = pull(served.ref(), store, quiet())
    assert warm.plan.sent == 0
    assert served.requests() == ["GET", "HEAD manifests/1.0"], "a warm pull: ping and HEAD, as docker's"


def test_a_mount_sends_nothing(served: Served, laid: Laid) -> None:
    push(laid, served.ref("cyo57/base:1"), quiet())
    served.exchanges()
    done = push(laid, served.ref("other/app:1"), quiet(), mount_from=["cyo57/base", "other/app"])
    seen = served.exchanges()
    assert {step.origin for step in done.plan.steps[:-1]} == {"cyo57/base"}
    assert done.plan.sent == laid.blobs[-1].descriptor.size
    assert not [one for one in seen if one.request.startswith("PATCH")]
    assert [one.status for one in seen if one.request.startswith("POST")] == [201] * 4
    reasons = {one.reason for one in seen if one.request.startswith("POST")}
    assert reasons == {"mounted from cyo57/base: 0 bytes sent"}


def test_a_mount_that_is_refused_is_sent_through_the_same_session(served: Served, laid: Laid) -> None:
    done = push(laid, served.ref(), quiet(), mount_from=["no/such"])
    assert all(str(step.why) == "refused" for step in done.plan.steps[:-1])
    posts = [one for one in served.exchanges() if one.request.startswith("POST")]
    assert [one.status for one in posts] == [202] * 4, "one session a blob, not two"
    assert done.plan.sent == sum(blob.descriptor.size for blob in laid.blobs)


def test_the_order_of_requests(served: Served, laid: Laid, tmp_path: Path) -> None:
    push(laid, served.ref(), quiet())
    pushed = served.requests()
    assert pushed[0] == "GET" and pushed[-1] == "PUT manifests/1.0", "ping first, manifest last"
    kinds = [line.split()[0] for line in pushed[1:-1]]
    assert kinds.count("HEAD") == 4 and kinds.count("POST") == kinds.count("PATCH") == kinds.count("PUT") == 4
    pull(served.ref(), LayoutStore(tmp_path / "out"), quiet())
    pulled = served.requests()
    assert pulled[:2] == ["GET", "HEAD manifests/1.0"] and pulled[2].startswith("GET manifests/sha256:")
    assert pulled[3:] == ["GET blobs/sha256:" + one.partition(":")[2] for one in (line[10:] for line in pulled[3:])]


def test_moves_in_docker_s_words(served: Served, laid: Laid, tmp_path: Path) -> None:
    moves: list[Move] = []
    push(laid, served.ref(), Doing(tell=moves.append))
    of_base = [docker_words(move) for move in moves if move.step.number == 1]
    assert of_base[0] == "Preparing" and of_base[-1] == "Pushed" and "Pushing" in of_base
    begun = [move.step.number for move in moves if move.stage is Stage.QUEUED]
    assert begun == [3, 2, 1, 0], "the top first, the config after the layers"
    moves.clear()
    store = LayoutStore(tmp_path / "out")
    pull(served.ref(), store, Doing(tell=moves.append))
    words = [docker_words(move) for move in moves if move.step.number == 1 and move.stage is not Stage.MOVING]
    assert words == ["Pulling fs layer", "Verifying Checksum", "Download complete"]
    assert [move.done for move in moves if move.step.number == 1 and move.stage is Stage.MOVING][-1] == \
        laid.blobs[0].descriptor.size
    moves.clear()
    pull(served.ref(), store, Doing(tell=moves.append))
    assert {docker_words(move) for move in moves} == {"Already exists"}


def test_three_downloads_and_five_uploads_at_once(tmp_path: Path) -> None:
    many = make.image([make.tar({f"f{number}": bytes([number]) * 2000}) for number in range(9)])
    laid = laid_as_stored(open_outline(make.write(tmp_path / "many.tar", make.oci(many))))
    lock, now, most = threading.Lock(), {"up": 0, "down": 0}, {"up": 0, "down": 0}
    gates = {"up": threading.Barrier(5), "down": threading.Barrier(3)}

    def one_of(way: str) -> None:
        """Hold a request until as many others have come as may, so that the most at once is what is counted."""
        with lock:
            now[way] += 1
            most[way] = max(most[way], now[way])
        try:
            gates[way].wait(0.5)
        except threading.BrokenBarrierError:
            pass
        with lock:
            now[way] -= 1

    blobs = {str(blob.descriptor.digest): b"".join(blob.chunks()) for blob in laid.blobs}

    def answer(asked):
        kind = asked.path.split("/")[-2] if "/uploads/" not in asked.path else "uploads"
        if asked.path == "/v2/" or asked.method == "PUT":
            return (200 if asked.path == "/v2/" else 201), {}, b""
        if asked.method == "HEAD" and kind == "blobs":
            return 404, {}, b""
        if asked.method in ("POST", "PATCH"):
            if asked.method == "PATCH":
                one_of("up")
            return 202, {"Location": "/v2/a/blobs/uploads/1"}, b""
        name = asked.path.rpartition("/")[2]
        raw = blobs[name if name in blobs else str(laid.manifest.digest)]
        if kind == "blobs" and raw.startswith(b"\x1f\x8b"):
            one_of("down")
        return 200, {"Docker-Content-Digest": str(laid.manifest.digest), "Content-Type": OCI_MANIFEST}, raw

    with answering(answer) as fake:
        push(laid, Reference.parse(f"{fake.host}/a:1"), quiet())
        pull(Reference.parse(f"{fake.host}/a:1"), LayoutStore(tmp_path / "out"), quiet())
    assert most == {"up": 5, "down": 3}


def test_an_index_asks_for_a_platform(served: Served, tmp_path: Path) -> None:
    store = LayoutStore(tmp_path / "out")
    entries = []
    for number, architecture in enumerate(("amd64", "arm64")):
        picture = make.image([architecture], architecture=architecture)
        path = make.write(tmp_path / f"{architecture}.tar", make.oci(picture))
        laid = laid_as_stored(open_outline(path))
        push(laid, served.ref(f"cyo57/app:part{number}"), quiet())
        entries.append(laid.manifest.to_json() | {"platform": {"os": "linux", "architecture": architecture}})
    raw = make.js({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": entries})
    _put(served, "cyo57/app", "all", raw, OCI_INDEX)
    with pytest.raises(Ambiguous, match="--platform linux/arm64"):
        pull(served.ref("cyo57/app:all"), store, quiet())
    found = pull(served.ref("cyo57/app:all"), store, quiet(), platform=Platform.parse("linux/arm64"))
    assert str(found.descriptor.digest) == entries[1]["digest"]
    assert pull(served.ref("cyo57/app:part0"), store, quiet(), platform=Platform.parse("linux/amd64"))
    with pytest.raises(ArchiveInvalid, match="linux/s390x"):
        pull(served.ref("cyo57/app:all"), store, quiet(), platform=Platform.parse("linux/s390x"))
    with pytest.raises(ArchiveInvalid, match="linux/s390x"):
        pull(served.ref("cyo57/app:part0"), store, quiet(), platform=Platform.parse("linux/s390x"))


def _put(served: Served, name: str, tag: str, raw: bytes, kind: str) -> None:
    from urllib.request import Request, urlopen

    request = Request(f"http://{served.host}/v2/{name}/manifests/{tag}", raw, {"Content-Type": kind}, method="PUT")
    with urlopen(request) as answer:
        assert answer.status == 201


def test_by_digest(served: Served, laid: Laid, tmp_path: Path) -> None:
    push(laid, served.ref(), quiet())
    by_digest = Reference.parse(f"{served.host}/cyo57/app@{laid.manifest.digest}")
    landed = pull_to(by_digest, tmp_path / "out", quiet())
    assert landed.pulled.descriptor.digest == laid.manifest.digest
    assert open_image(tmp_path / "out").manifest_descriptor is not None
    with pytest.raises(BadInput, match="cannot push a digest reference"):
        push(laid, by_digest, quiet())


@pytest.mark.parametrize("source", ["oci", "docker", "zstd", "sample"])
def test_every_kind_of_image_goes_and_comes_back(served: Served, tmp_path: Path, source: str) -> None:
    arg: str | Path = "sample:hello-world"
    if source == "oci":
        arg = make.write(tmp_path / "a.tar", make.oci(THREE))
    elif source == "docker":
        arg = make.write(tmp_path / "a.tar", make.docker(THREE))
    elif source == "zstd":
        arg = make.write(tmp_path / "a.tar", make.oci(THREE, compression="zstd"))
    push(laid_as_stored(open_outline(arg)), served.ref(), quiet())
    here, there = open_image(arg), open_image(str(served.ref()))
    assert here.stack == there.stack and here.config == there.config
    assert [layer.diff_id for layer in here.layers] == [layer.diff_id for layer in there.layers]
    assert there.name == str(served.ref())


@pytest.mark.parametrize(("dest", "form"), [
    ("app", None), ("app.tar", None), ("app.tar", "docker"), ("new/er/app", None),
])
def test_destinations(served: Served, laid: Laid, tmp_path: Path, dest: str, form: str | None) -> None:
    push(laid, served.ref(), quiet())
    place = tmp_path / "out" / dest
    (tmp_path / "out").mkdir()
    landed = pull_to(served.ref(), place, quiet(), form=form)
    assert landed.changed
    assert open_image(place).stack == open_image(tmp_path / "three.tar").stack
    assert {path.name for path in place.parent.iterdir()} == {place.name}, "nothing stays beside it"
    if form is None and not dest.endswith(".tar"):
        assert not pull_to(served.ref(), place, quiet()).changed


def test_a_layout_keeps_its_other_images(served: Served, laid: Laid, tmp_path: Path) -> None:
    push(laid, served.ref("cyo57/app:1"), quiet())
    other = laid_as_stored(open_outline("sample:hello-world"))
    push(other, served.ref("cyo57/hello:2"), quiet())
    for name in ("cyo57/app:1", "cyo57/hello:2"):
        pull_to(served.ref(name), tmp_path / "out", quiet())
    assert open_image(f"{tmp_path / 'out'}#1").layers and open_image(f"{tmp_path / 'out'}#2").layers


def test_a_destination_that_holds_something_else_is_left_alone(served: Served, laid: Laid, tmp_path: Path) -> None:
    push(laid, served.ref(), quiet())
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis/chapter1.tex").write_text("x", encoding="utf-8")
    (tmp_path / "thesis.tar").write_text("x", encoding="utf-8")
    for name in ("thesis", "thesis.tar"):
        with pytest.raises(BadInput):
            pull_to(served.ref(), tmp_path / name, quiet())
    assert [path.name for path in (tmp_path / "thesis").iterdir()] == ["chapter1.tex"]


def test_limits_hold_before_a_blob_is_fetched(served: Served, laid: Laid, tmp_path: Path) -> None:
    push(laid, served.ref(), quiet())
    served.exchanges()
    with pytest.raises(LimitExceeded, match="--max-bytes"):
        pull_to(served.ref(), tmp_path / "out", quiet(), limits=Limits(max_bytes=100))
    assert not [one for one in served.exchanges() if "/blobs/" in one.request]
    with pytest.raises(LimitExceeded, match="--max-bytes"):
        open_image(str(served.ref()), limits=Limits(max_bytes=5000))
    assert not list(tmp_path.glob("out*")) and not list(tmp_path.glob(".layerlab*"))


def test_an_image_of_a_registry_leaves_nothing_behind(
    served: Served, laid: Laid, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    push(laid, served.ref(), quiet())
    image = open_image(str(served.ref()))
    assert image.stack[0].entries["base"].data is not None
    assert image.stack[0].entries["base"].data.read(0, 3) == b"bbb", "contents are read after opening, too"
    assert len(list((tmp_path / "tmp").iterdir())) == 1
    del image
    gc.collect()
    assert not list((tmp_path / "tmp").iterdir())


def test_unknown_names(served: Served, laid: Laid, tmp_path: Path) -> None:
    push(laid, served.ref(), quiet())
    for name in ("cyo57/app:9", "no/such:1", "cyo57/app@sha256:" + "0" * 64):
        with pytest.raises(TransferFailed, match="not found: manifest unknown: manifest unknown") as caught:
            pull_to(served.ref(name), tmp_path / "out", quiet())
        assert caught.value.status == 404
    assert not list(tmp_path.glob("out*")) and not list(tmp_path.glob(".layerlab*"))


def test_http_where_https_is_due_is_told_in_docker_s_words(served: Served, laid: Laid) -> None:
    strict = Doing(Settings(Trust(networks=())))
    with pytest.raises(TransferFailed, match="--insecure") as caught:
        push(laid, served.ref(), strict)
    assert caught.value.what == f'Get "https://{served.host}/v2/": http: server gave HTTP response to HTTPS client'
    declared = Doing(Settings(Trust.of([served.host])))
    assert push(laid, served.ref(), declared).plan.sent


def test_a_manifest_of_docker_s_types_keeps_them(served: Served, tmp_path: Path) -> None:
    files = make.oci(THREE)
    config = make.descriptor(THREE.raw_config, "application/vnd.docker.container.image.v1+json")
    raw_layers = [make.compressed(one, "gzip")[0] for one in THREE.layers]
    kind = "application/vnd.docker.image.rootfs.diff.tar.gzip"
    raw = make.js({"schemaVersion": 2, "mediaType": DOCKER_MANIFEST, "config": config,
                   "layers": [make.descriptor(one, kind) for one in raw_layers]})
    make.store(files, raw)
    files["index.json"] = make.js({"schemaVersion": 2, "manifests": [make.descriptor(raw, DOCKER_MANIFEST)]})
    laid = laid_as_stored(open_outline(make.write(tmp_path / "docker.tar", files)))
    push(laid, served.ref(), quiet())
    pulled = pull(served.ref(), LayoutStore(tmp_path / "out"), quiet())
    assert pulled.descriptor.media_type == DOCKER_MANIFEST and pulled.descriptor.digest == Digest.of(raw)

"""What breaks between a client and a registry: cut connections, wrong bytes, refusals, hostile answers, a kill."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sim.content.digest import Digest
from sim.content.durable import ASIDE
from sim.content.store import LayoutStore
from sim.errors import DigestMismatch, SimError, SizeMismatch, TransferFailed
from sim.image.stored import laid_as_stored
from sim.image.trees import Blob, Laid, whole
from sim.registry import download as download_module
from sim.registry.client import Doing, pull, push
from sim.registry.landing import pull_to
from sim.registry.moves import Move, Stage, docker_words
from sim.registry.wire import serving
from sim.source import open_outline
from tests import image_builders as make
from tests.registry.clientkit import NOISE, Waits, big, from_store, ref
from tests.registry.fakes import Asked, Cutter, Reply, answering
from tests.registry.wirekit import soon


@pytest.fixture(scope="module")
def laid(tmp_path_factory: pytest.TempPathFactory) -> Laid:
    return big(tmp_path_factory.mktemp("big"))


@pytest.fixture
def host() -> Iterator[str]:
    with serving() as server:
        yield server.url.removeprefix("http://")


def left_in(folder: Path) -> list[str]:
    """Return what lies aside or in the store's blobs."""
    return sorted(path.name for path in folder.rglob("*") if path.is_file() and path.name not in
                  ("index.json", "oci-layout"))


def test_a_pull_goes_on_where_the_connection_broke(host: str, laid: Laid, tmp_path: Path) -> None:
    push(laid, ref(host), Doing())
    size = laid.blobs[0].descriptor.size
    waits = Waits()
    with Cutter(host, down=[size // 3, size // 3, 100]) as cutter:
        pulled = pull(ref(cutter.host), LayoutStore(tmp_path / "out"), waits.doing)
    assert cutter.cuts == 3 and waits.in_all >= 5 + 10
    assert Digest.of((tmp_path / "out/blobs/sha256" / laid.blobs[0].descriptor.digest.hex).read_bytes()) == \
        laid.blobs[0].descriptor.digest
    assert pulled.plan.sent and cutter.passed_down < size * 1.2, "what came before each cut was not fetched again"


def test_the_next_pull_goes_on_where_the_last_one_gave_up(host: str, laid: Laid, tmp_path: Path) -> None:
    push(laid, ref(host), Doing())
    size, waits = laid.blobs[0].descriptor.size, Waits()
    moves: list[Move] = []
    with Cutter(host, down=[size // 2, *[3000] * 9]) as cutter:
        with pytest.raises(TransferFailed, match="EOF|connection reset"):
            pull_to(ref(cutter.host), tmp_path / "out", waits.doing)
        assert waits.in_all == 5 + 10 + 15 + 20 + 25, "docker's waits, all of them"
        [place] = tmp_path.iterdir()
        assert place.name.startswith(ASIDE), "nothing of the destination's name yet"
        cutter.heal()
        landed = pull_to(ref(cutter.host), tmp_path / "out", Doing(tell=moves.append))
    assert landed.changed and [path.name for path in tmp_path.iterdir()] == ["out"]
    taken_up = next(move.done for move in moves if move.stage is Stage.MOVING and move.step.number == 1)
    assert taken_up > size // 3
    assert not [name for name in left_in(tmp_path / "out") if name.startswith(ASIDE)]


def test_a_push_goes_on_where_the_connection_broke(laid: Laid) -> None:
    size, waits = laid.blobs[0].descriptor.size, list[float]()
    with serving() as server, Cutter(server.url.removeprefix("http://"), up=[size // 2]) as cutter:

        def wait(seconds: float) -> None:
            waits.append(seconds)
            # In five seconds the registry has noted what came before the cut.
            soon(lambda: not server.service.storage._busy)

        push(laid, ref(cutter.host), Doing(sleep=wait))
    assert cutter.cuts == 1 and sum(waits) == 5
    assert cutter.passed_up < size * 1.4, "what the registry had was not sent again"


def test_a_push_begins_anew_where_the_upload_is_forgotten(laid: Laid) -> None:
    """distribution 2.8 forgets an upload whose connection broke (truth/registry.md)."""
    sent: list[bytes] = []

    def answer(asked: Asked) -> Reply:
        if asked.method == "PATCH":
            sent.append(asked.body)
            return (500, {}, b"") if len(sent) == 1 else (202, {"Location": f"/v2/a/blobs/uploads/{len(sent)}"}, b"")
        if asked.method == "GET" and "/uploads/" in asked.path:
            return 404, {}, b'{"errors":[{"code":"BLOB_UPLOAD_UNKNOWN","message":"gone"}]}'
        if asked.method == "POST":
            return 202, {"Location": "/v2/a/blobs/uploads/0"}, b""
        return (404 if asked.method == "HEAD" else 201 if asked.method == "PUT" else 200), {}, b""

    only = Laid((laid.blobs[0], laid.blobs[1], laid.blobs[2]), laid.manifest)
    waits = Waits()
    with answering(answer) as fake:
        push(only, ref(fake.host), waits.doing)
    whole_blobs = {str(Digest.of(body)) for body in sent}
    assert {str(blob.descriptor.digest) for blob in laid.blobs[:2]} <= whole_blobs and waits.in_all == 5


@pytest.mark.parametrize(("status", "code", "tries", "claim"), [
    (500, "UNKNOWN", 6, "what the server could not do now it may do later"),
    (503, "UNAVAILABLE", 6, "the same"),
    (404, "BLOB_UNKNOWN", 1, "what is not there is not there a second later"),
    (403, "DENIED", 1, "a refusal is an answer"),
    (429, "TOOMANYREQUESTS", 1, "docker does not try again either"),
])
def test_which_downloads_are_tried_again(
    laid: Laid, tmp_path: Path, status: int, code: str, tries: int, claim: str
) -> None:
    waits = Waits()

    def answer(asked: Asked) -> Reply:
        if laid.blobs[0].descriptor.digest.hex in asked.path:
            return status, {}, make.js({"errors": [{"code": code, "message": "no"}]})
        return from_store(laid, asked)

    with answering(answer) as fake, pytest.raises(TransferFailed, match=code.lower().replace("_", " ")) as caught:
        pull(ref(fake.host), LayoutStore(tmp_path / "out"), waits.doing)
    asked = [one for one in fake.asked if laid.blobs[0].descriptor.digest.hex in one.path]
    assert len(asked) == tries, claim
    assert caught.value.status == status
    assert waits.in_all == (75 if tries == 6 else 0)


def spoiled(laid: Laid, change: Callable[[bytes], bytes]) -> Callable[[Asked], Reply]:
    """Answer as `from_store`, with the layer's bytes changed."""
    def answer(asked: Asked) -> Reply:
        status, headers, raw = from_store(laid, asked)
        return status, headers, change(raw) if laid.blobs[0].descriptor.digest.hex in asked.path else raw

    return answer


@pytest.mark.parametrize(("change", "error", "words"), [
    (lambda raw: raw[:-1] + bytes([raw[-1] ^ 1]), DigestMismatch, "filesystem layer verification failed for digest"),
    (lambda raw: raw + b"x", SizeMismatch, "expected"),
    (lambda raw: raw[:-1], SizeMismatch, "expected"),
    (lambda raw: b"", SizeMismatch, "found 0"),
], ids=["one bit", "one byte more", "one byte less", "nothing"])
def test_wrong_bytes_are_never_in_the_store(
    laid: Laid, tmp_path: Path, change: Callable[[bytes], bytes], error: type[SimError], words: str
) -> None:
    waits = Waits()
    with answering(spoiled(laid, change)) as fake, pytest.raises(error, match=words):
        pull_to(ref(fake.host), tmp_path / "out", waits.doing)
    assert not (tmp_path / "out").exists() and not waits.seconds
    assert laid.blobs[0].descriptor.digest.hex not in " ".join(left_in(tmp_path)), "no part of it either"
    with answering(lambda asked: from_store(laid, asked)) as fake:
        assert pull_to(ref(fake.host), tmp_path / "out", waits.doing).changed


def test_a_part_that_somebody_changed_is_found_out(host: str, laid: Laid, tmp_path: Path) -> None:
    push(laid, ref(host), Doing())
    store, blob = LayoutStore(tmp_path / "out"), laid.blobs[0].descriptor
    part = store.root / f"{ASIDE}part-sha256-{blob.digest.hex}"
    part.write_bytes(bytes(1000))
    with pytest.raises(DigestMismatch):
        pull(ref(host), store, Doing())
    assert store.stat(blob.digest) is None
    pull(ref(host), store, Doing())
    part.write_bytes(NOISE * 2)
    store.delete(blob.digest)
    pull(ref(host), store, Doing())
    assert store.stat(blob.digest) == blob.size


@pytest.mark.skipif(os.name == "nt", reason="parts are taken up where files can be locked")
def test_a_part_that_another_process_writes_is_left_to_it(host: str, laid: Laid, tmp_path: Path) -> None:
    import fcntl

    push(laid, ref(host), Doing())
    store, blob = LayoutStore(tmp_path / "out"), laid.blobs[0].descriptor
    part = store.root / f"{ASIDE}part-sha256-{blob.digest.hex}"
    with open(part, "wb") as other:
        other.write(b"theirs")
        other.flush()
        fcntl.flock(other, fcntl.LOCK_EX)
        pull(ref(host), store, Doing())
    assert part.read_bytes() == b"theirs" and store.stat(blob.digest) == blob.size


def test_a_registry_that_knows_no_ranges(laid: Laid, tmp_path: Path) -> None:
    store, blob = LayoutStore(tmp_path / "out"), laid.blobs[0].descriptor
    part = store.root / f"{ASIDE}part-sha256-{blob.digest.hex}"
    part.write_bytes(b"".join(laid.blobs[0].chunks())[:1000])

    def answer(asked: Asked) -> Reply:
        headers = {name: value for name, value in asked.headers.items() if name != "Range"}
        return from_store(laid, Asked(asked.method, asked.path, headers, asked.body))

    with answering(answer) as fake:
        pull(ref(fake.host), store, Doing())
    assert store.stat(blob.digest) == blob.size


def test_a_full_disk_is_not_tried_again(
    host: str, laid: Laid, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    push(laid, ref(host), Doing())
    waits = Waits()

    def full(file: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(download_module.os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        pull_to(ref(host), tmp_path / "out", waits.doing)
    assert not waits.seconds and not (tmp_path / "out").exists()


def test_a_damaged_image_here_is_told_from_a_damaged_transfer(host: str, laid: Laid, tmp_path: Path) -> None:
    blob = laid.blobs[0]
    wrong = b"".join(blob.chunks())[:-1] + b"?"
    bad = Laid((Blob(blob.descriptor, lambda: whole(wrong)), *laid.blobs[1:]), laid.manifest)
    with pytest.raises(DigestMismatch):
        push(bad, ref(host), Doing())
    short = Laid((Blob(blob.descriptor, lambda: whole(wrong[:-5])), *laid.blobs[1:]), laid.manifest)
    with pytest.raises(SizeMismatch):
        push(short, ref(host, "b:1"), Doing())
    for name in ("a:1", "b:1"):
        with pytest.raises(TransferFailed, match="manifest unknown"):
            pull(ref(host, name), LayoutStore(tmp_path / "out"), Doing())


def test_the_reason_is_told_while_one_waits(host: str, laid: Laid, tmp_path: Path) -> None:
    push(laid, ref(host), Doing())
    moves: list[Move] = []
    with Cutter(host, down=[100_000]) as cutter:
        pull(ref(cutter.host), LayoutStore(tmp_path / "out"), Doing(tell=moves.append, sleep=lambda seconds: None))
    said = [docker_words(move) for move in moves if move.stage is Stage.RETRYING]
    assert said == [f"Retrying in {left} second{'s' * (left > 1)}" for left in (5, 4, 3, 2, 1)]


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL")
def test_a_killed_pull_leaves_nothing_half_and_goes_on(laid: Laid, tmp_path: Path, root: Path) -> None:
    held = b"".join(laid.blobs[0].chunks())
    half, freed = len(held) // 2, []

    def answer(asked: Asked) -> Reply:
        status, headers, raw = from_store(laid, asked)
        if laid.blobs[0].descriptor.digest.hex in asked.path and not freed:
            # The rest never comes while the first client lives.
            return status, dict(headers) | {"Content-Length": str(len(raw))}, raw[:half]
        return status, headers, raw

    dest = tmp_path / "out" / "app"
    dest.parent.mkdir()
    with answering(answer) as fake:
        command = [sys.executable, "-m", "sim", "pull", f"{fake.host}/a:1", str(dest)]
        child = subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and child.poll() is None:
            parts = [path for path in dest.parent.rglob(f"{ASIDE}part-*") if path.stat().st_size >= half]
            if parts:
                break
            time.sleep(0.02)
        assert child.poll() is None
        child.send_signal(signal.SIGKILL)
        child.wait()
        assert not dest.exists()
        freed.append(True)
        fake.asked.clear()
        done = subprocess.run(command, cwd=root, capture_output=True, check=False, encoding="utf-8")
        assert done.returncode == 0, done.stderr
        ranges = [one.headers["Range"] for one in fake.asked if "Range" in one.headers]
    assert ranges == [f"bytes={half}-"]
    assert [path.name for path in dest.parent.iterdir()] == ["app"]


@pytest.mark.skipif(os.name == "nt", reason="SIGINT to another process")
def test_ctrl_c_does_not_wait_for_a_network_that_has_stopped(tmp_path: Path, root: Path) -> None:
    picture = make.image([make.tar({f"noise{number}": NOISE[number:]}) for number in range(3)])
    laid = laid_as_stored(open_outline(make.write(tmp_path / "three.tar", make.oci(picture))))
    held, stalled = threading.Event(), threading.Semaphore(0)

    def answer(asked: Asked) -> Reply:
        if "/blobs/" in asked.path:
            stalled.release()
            held.wait(40)
        return from_store(laid, asked)

    dest = tmp_path / "out" / "app"
    dest.parent.mkdir()
    with answering(answer) as fake:
        command = [sys.executable, "-m", "sim", "pull", f"{fake.host}/a:1", str(dest)]
        child = subprocess.Popen(command, cwd=root, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        assert all(stalled.acquire(timeout=20) for _ in range(3)), "three requests wait"
        child.send_signal(signal.SIGINT)
        said = child.communicate(timeout=15)[1]
        held.set()
    assert child.returncode == 130 and b"Traceback" not in said
    assert not list(dest.parent.iterdir()), "nothing had come, so nothing stays"

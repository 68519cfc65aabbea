"""Storage: one contract in memory and in a folder; kills, restarts, full disks, torn journals, busy sessions."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import threading
import zlib
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from sim.content.digest import Digest
from sim.errors import BadInput, Unsupported
from sim.registry import disk
from sim.registry.disk import DiskStorage
from sim.registry.messages import Head, Request, Response
from sim.registry.plan import Take, Trouble
from sim.registry.service import Service
from sim.registry.state import Policy
from sim.registry.storage import Intake, MemoryStorage, Storage
from tests.registry.kit import Client, compact, manifest, noise, ok, refused

_SEEDS = count()
BLOB = noise("stored", 2000)
NAME = Digest.of(BLOB)


def opened(storage: Storage, policy: Policy | None = None) -> Service:
    return Service(storage, policy or Policy(), clock=lambda: 1.0, seeds=lambda: str(next(_SEEDS)))


def client(service: Service, repo: str = "a/b") -> Client:
    def send(request: Request) -> Response:
        response = service.handle(request)
        return Response(response.status, response.headers, service.body(response), response.reason)

    return Client(send, repo)


def intake(service: Service, method: str, target: str, **headers: str) -> Intake:
    """Begin a request and hold its body open."""
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    plan = service.begin(Head(method, target, named))
    assert isinstance(plan, Take), plan
    found = service.open(plan)
    assert isinstance(found, Intake), found
    return found


@pytest.fixture(params=["memory", "disk"])
def service(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Service]:
    if request.param == "memory":
        yield opened(MemoryStorage())
    else:
        with DiskStorage(tmp_path / "registry") as storage:
            yield opened(storage)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "registry"


def test_a_broken_connection_keeps_what_has_arrived(service: Service) -> None:
    user = client(service)
    location = user.start()
    body = intake(service, "PATCH", location, Content_Length="2000")
    body.write(BLOB[:700])
    assert service.finish(body.close(complete=False)).status == 400
    assert user("GET", location).header("Range") == "0-699"
    body = intake(service, "PATCH", location)
    body.write(BLOB[700:1000])
    ok(service.finish(body.close()), 202)
    ok(user.close(location, NAME, BLOB[1000:]), 201)
    assert user("GET", f"blobs/{NAME}").body == BLOB


def test_a_body_shorter_than_announced_is_not_whole(service: Service) -> None:
    user = client(service)
    location = user.start()
    body = intake(service, "PUT", f"{location}?digest={NAME}", Content_Length="2000")
    body.write(BLOB[:1999])
    refused(service.finish(body.close()), 400, "SIZE_INVALID")
    assert user("GET", location).header("Range") == "0-1998"
    body = intake(service, "PUT", "/v2/a/b/manifests/1", Content_Length="10", Content_Type="a/b")
    body.write(b"{}")
    refused(service.finish(body.close(complete=False)), 400, "SIZE_INVALID")


def test_a_second_request_on_a_busy_session_is_refused(service: Service) -> None:
    user = client(service)
    location = user.start()
    body = intake(service, "PATCH", location)
    body.write(BLOB[:100])
    for method, target in (("PATCH", location), ("PUT", f"{location}?digest={NAME}")):
        response = user(method, target, b"other")
        refused(response, 409, "BLOB_UPLOAD_INVALID")
        assert response.header("Location") == location
    ok(user("GET", location), 204)
    ok(service.finish(body.close()), 202)
    ok(user.close(location, NAME, BLOB[100:]), 201)


def test_a_plan_that_is_old_is_refused(service: Service) -> None:
    user = client(service)
    location = user.start()
    plan = service.begin(Head("PATCH", location))
    assert isinstance(plan, Take)
    ok(user("PATCH", location, b"first"), 202)
    stale = service.open(plan)
    assert isinstance(stale, Response) and stale.status == 409


def test_a_session_that_is_cancelled_while_its_body_arrives_stays_cancelled(service: Service) -> None:
    user = client(service)
    location = user.start()
    body = intake(service, "PUT", f"{location}?digest={NAME}")
    body.write(BLOB)
    ok(user("DELETE", location), 204)
    refused(service.finish(body.close()), 404, "BLOB_UPLOAD_UNKNOWN")
    ok(user("HEAD", f"blobs/{NAME}"), 404)
    if isinstance(service.storage, DiskStorage):
        assert os.listdir(service.storage.root / "uploads") == []


def test_a_body_beyond_the_limit_is_413_and_leaves_nothing(service: Service) -> None:
    small = Service(service.storage, Policy(max_blob=1000), clock=lambda: 1.0, seeds=lambda: str(next(_SEEDS)))
    user = client(small)
    refused(user("POST", f"blobs/uploads/?digest={NAME}", BLOB), 413, "SIZE_INVALID")
    location = user.start()
    body = intake(small, "PATCH", location)
    for at in range(0, 2000, 100):
        body.write(BLOB[at : at + 100])
    received = body.close()
    assert received.trouble is Trouble.TOO_LARGE and received.size == 1000
    refused(small.finish(received), 413, "SIZE_INVALID")
    refused(user("GET", location), 404, "BLOB_UPLOAD_UNKNOWN")


def test_too_many_sessions_are_429(service: Service) -> None:
    user = client(Service(service.storage, Policy(max_uploads=2), clock=lambda: 1.0, seeds=lambda: str(next(_SEEDS))))
    first, _ = user.start(), user.start()
    refused(user("POST", "blobs/uploads/"), 429, "TOOMANYREQUESTS")
    ok(user("DELETE", first), 204)
    user.start()


def test_read_only_and_no_deletion(service: Service) -> None:
    client(service).image("1.0")
    whole = client(service)("GET", "manifests/1.0").body
    assert isinstance(whole, bytes)

    def facing(policy: Policy) -> Client:
        found = opened(service.storage)
        found.state = found._ahead = type(service.state)(policy, service.state.repositories)
        return client(found)

    frozen, lasting = facing(Policy(read_only=True)), facing(Policy(delete=False))
    ok(frozen("GET", "manifests/1.0"), 200)
    for method, target in (("POST", "blobs/uploads/"), ("PUT", "manifests/1.1"), ("DELETE", "manifests/1.0")):
        refused(frozen(method, target, whole), 405, "UNSUPPORTED")
    for target in ("manifests/1.0", f"manifests/{Digest.of(whole)}", f"blobs/{NAME}"):
        refused(lasting("DELETE", target), 405, "UNSUPPORTED")
    ok(lasting("DELETE", lasting.start()), 204)


def test_a_restart_finds_all_that_was_answered(root: Path) -> None:
    with DiskStorage(root) as storage:
        first = opened(storage)
        raw = client(first).image("1.0")
        client(first).about(raw)
        client(first, "gone").image("x")
        ok(client(first, "gone")("DELETE", "manifests/x"), 202)
        location = client(first).start()
        ok(client(first)("PATCH", location, BLOB[:900]), 202)
        state = first.state
    for _ in range(2):
        with DiskStorage(root) as storage:
            second = opened(storage)
            assert second.state == state
    with DiskStorage(root) as storage:
        user = client(opened(storage))
        assert user("GET", location).header("Range") == "0-899"
        ok(user.close(location, NAME, BLOB[900:]), 201)
        assert user("GET", f"blobs/{NAME}").body == BLOB


def test_a_restart_hashes_the_beginning_again(root: Path) -> None:
    for wanted in (NAME, Digest.of(BLOB, "sha512")):
        with DiskStorage(root) as storage:
            location = client(opened(storage)).start()
            ok(client(opened(storage))("PATCH", location, BLOB[:900]), 202)
        with DiskStorage(root) as storage:
            service = opened(storage)
            ok(client(service)("PATCH", location, BLOB[900:1000]), 202)
            refused(client(service).close(location, Digest.of(b"other"), BLOB[1000:]), 400, "DIGEST_INVALID")
            location = client(service).start()
            ok(client(service)("PATCH", location, BLOB[:900]), 202)
        with DiskStorage(root) as storage:
            ok(client(opened(storage)).close(location, wanted, BLOB[900:]), 201)


def test_the_folder_belongs_to_one_process(root: Path) -> None:
    code = f"from sim.registry.disk import DiskStorage; DiskStorage({str(root)!r})"
    with DiskStorage(root):
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=False)
        assert "another process uses this registry's folder" in done.stderr
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("", encoding="utf-8")
    with pytest.raises(BadInput, match="holds something else"):
        DiskStorage(tmp_path)
    with pytest.raises(BadInput, match="a file is in the place"):
        DiskStorage(tmp_path / "thesis.tex")


def test_a_torn_last_line_is_cut_off_and_one_in_the_middle_is_said(root: Path) -> None:
    with DiskStorage(root) as storage:
        service = opened(storage)
        client(service).blob(BLOB)
        before = service.state
        client(service).blob(b"second")
    whole = (root / "journal").read_bytes()
    lines = whole.splitlines(keepends=True)
    for cut in range(1, len(lines[-1])):
        (root / "journal").write_bytes(whole[:-cut])
        with DiskStorage(root) as storage:
            assert opened(storage).state == before
        assert (root / "journal").read_bytes() == b"".join(lines[:-1])
    (root / "journal").write_bytes(lines[0] + lines[1].replace(b"a/b", b"a/c") + lines[2])
    with pytest.raises(BadInput, match="line 2 is damaged"):
        DiskStorage(root)


@pytest.mark.parametrize("document", [
    {"registry journal": 2}, {"other": 1}, [], "registry journal",
])
def test_a_journal_of_another_kind_is_refused(root: Path, document: object) -> None:
    DiskStorage(root).close()
    raw = json.dumps(document).encode()
    (root / "journal").write_bytes(b"%08x %b\n" % (zlib.crc32(raw), raw))
    with pytest.raises((BadInput, Unsupported)):
        DiskStorage(root)
    (root / "journal").write_bytes(b"")
    with pytest.raises(BadInput, match="no journal"):
        DiskStorage(root)


@pytest.mark.parametrize("item", [
    ["blob", "a", "sha256:zz", 1, 1], ["blob", "a"], ["what"], {}, ["manifest", "a", {}, [], None], 7, ["tag", 1, 2, 3],
])
def test_a_line_that_says_nonsense_is_refused(root: Path, item: object) -> None:
    DiskStorage(root).close()
    raw = json.dumps([item]).encode()
    with open(root / "journal", "ab") as file:
        file.write(b"%08x %b\n" % (zlib.crc32(raw), raw))
    with pytest.raises(BadInput):
        DiskStorage(root)


def test_a_long_journal_is_written_anew(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "LONG", 20)
    with DiskStorage(root) as storage:
        service = opened(storage)
        raw = client(service).image("1.0")
        for number in range(30):
            client(service).manifest(raw, f"v{number % 3}")
        state = service.state
    long = (root / "journal").stat().st_size
    with DiskStorage(root) as storage:
        assert opened(storage).state == state
        assert (root / "journal").stat().st_size < long / 2
        client(opened(storage)).manifest(raw, "after")
    with DiskStorage(root) as storage:
        assert opened(storage).state.repositories["a/b"].tags.keys() == {"1.0", "v0", "v1", "v2", "after"}


def failing(monkeypatch: pytest.MonkeyPatch, name: str, *, after: int = 0) -> None:
    """Make a function of `os` raise "no space left" from its call number `after` on, until undone."""
    real, calls = getattr(os, name), count()

    def fail(*words: object) -> object:
        if next(calls) >= after:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(*words)

    monkeypatch.setattr(os, name, fail)


def test_a_full_disk_is_507_and_nothing_has_happened(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with DiskStorage(root) as storage:
        service = opened(storage)
        user = client(service)
        raw = user.image("1.0")
        state = service.state
        with monkeypatch.context() as patch:
            failing(patch, "write")
            for response in (
                user("POST", f"blobs/uploads/?digest={NAME}", BLOB), user.put(raw, "1.1"),
                user("DELETE", "manifests/1.0"),
            ):
                assert response.status == 507
            assert service.state == state and service._ahead == state
        assert user("GET", "manifests/1.1").status == 404
        user.blob(BLOB)
        user.manifest(raw, "1.1")
        state = service.state
    with DiskStorage(root) as storage:
        assert opened(storage).state == state


def test_a_disk_that_is_full_for_the_body_frees_the_session(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with DiskStorage(root) as storage:
        service = opened(storage)
        user = client(service)
        location = user.start()
        body = intake(service, "PATCH", location)
        body.write(BLOB[:1000])
        monkeypatch.setattr(body, "_write", lambda chunk: (_ for _ in ()).throw(OSError(errno.ENOSPC, "full")))
        body.write(BLOB[1000:])
        assert service.finish(body.close()).status == 507
        refused(user("GET", location), 404, "BLOB_UPLOAD_UNKNOWN")
        assert os.listdir(root / "uploads") == []


def test_a_session_whose_file_cannot_be_made_is_none(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with DiskStorage(root) as storage:
        service = opened(storage)
        with monkeypatch.context() as patch:
            failing(patch, "mkdir")
            assert client(service)("POST", "blobs/uploads/").status == 507
            assert client(service)("POST", f"blobs/uploads/?digest={NAME}", BLOB).status == 507
        assert not service.state.uploads
        client(service).blob(BLOB)


PUSHER = """
import sys, time
from itertools import count
from sim.content.digest import Digest
from sim.registry.disk import DiskStorage
from sim.registry.service import Service
from sim.registry.state import Policy
from tests.registry.kit import Client, compact, manifest, noise
seeds = count()
service = Service(DiskStorage(sys.argv[1]), Policy(), clock=time.time, seeds=lambda: f"{sys.argv[2]}-{next(seeds)}")
client = Client(service.handle, "a/b")
for number in count():
    config, layer = compact({"n": [sys.argv[2], number]}), noise((sys.argv[2], number), 20_000)
    location = client.start()
    client("PATCH", location, layer[:10_000])
    assert client.close(location, Digest.of(layer), layer[10_000:]).status == 201
    assert client("POST", f"blobs/uploads/?digest={Digest.of(config)}", config).status == 201
    client.manifest(manifest(config, layer), f"{sys.argv[2]}-{number}")
    print(number, flush=True)
"""


def test_a_kill_at_any_instant_loses_nothing_that_was_answered(root: Path, root_of_clone: Path) -> None:
    answered: dict[str, int] = {}
    for run in range(6):
        pusher = subprocess.Popen(
            [sys.executable, "-c", PUSHER, str(root), str(run)], cwd=root_of_clone,
            env=os.environ | {"PYTHONPATH": str(root_of_clone)}, stdout=subprocess.PIPE,
        )
        assert pusher.stdout is not None
        last = -1
        for line in pusher.stdout:
            last = int(line)
            if last == 3 * run + 2:
                pusher.send_signal(signal.SIGKILL)
                break
        last = max([last, *map(int, pusher.stdout)])
        pusher.wait()
        answered[str(run)] = last
        check_all(root, answered)


@pytest.fixture
def root_of_clone() -> Path:
    return Path(__file__).resolve().parents[2]


def check_all(root: Path, answered: dict[str, int]) -> None:
    """Assert that all that was answered is there and whole, and that nothing linked is not."""
    with DiskStorage(root) as storage:
        service = opened(storage)
        repository = service.state.repositories["a/b"]
        for run, last in answered.items():
            for number in range(last + 1):
                config, layer = compact({"n": [run, number]}), noise((run, number), 20_000)
                raw = client(service)("GET", f"manifests/{run}-{number}").body
                assert raw == manifest(config, layer)
        for digest in (*repository.blobs, *repository.manifests):
            assert Digest.of(storage.store.read(digest)) == digest
        assert set(repository.tags.values()) <= set(repository.manifests)


def test_eight_clients_at_once(service: Service, at_once: Callable[..., list[object]]) -> None:
    def push(number: int) -> None:
        user = client(service)
        for turn in range(12):
            config, layer = compact({"n": [number, turn]}), noise((number, turn), 300)
            user.blob(config)
            user.blob(layer)
            user.manifest(manifest(config, layer), f"v{number}-{turn}")

    at_once(push, 8)
    assert len(service.state.repositories["a/b"].tags) == 96
    assert service.state == service._ahead
    if isinstance(service.storage, DiskStorage):
        root, state = service.storage.root, service.state
        service.storage.close()
        with DiskStorage(root) as storage:
            assert opened(storage).state == state


@pytest.fixture
def at_once() -> Callable[..., list[object]]:
    """Run a function of a number on several threads; their errors are the test's."""

    def run(work: Callable[[int], object], threads: int) -> list[object]:
        errors: list[object] = []

        def guarded(number: int) -> None:
            try:
                work(number)
            except BaseException as error:
                errors.append(error)

        running = [threading.Thread(target=guarded, args=(number,)) for number in range(threads)]
        for one in running:
            one.start()
        for one in running:
            one.join(60)
        assert not errors, errors
        return errors

    return run


def test_waiting_requests_share_one_sync(
    root: Path, monkeypatch: pytest.MonkeyPatch, at_once: Callable[..., list[object]]
) -> None:
    with DiskStorage(root) as storage:
        service = opened(storage)
        raw = client(service).image("1.0")
        lines = []
        real, gate = storage._journal.append, threading.Event()

        def slow(changes: tuple[object, ...]) -> None:
            if not lines:
                gate.wait(5)  # until all others wait behind this one
            lines.append(len(changes))
            real(changes)  # type: ignore[arg-type]

        monkeypatch.setattr(storage._journal, "append", slow)
        threading.Timer(0.5, gate.set).start()
        at_once(lambda number: client(service).manifest(raw, f"v{number}"), 8)
        assert len(lines) < 8 and sum(lines) == 16


@pytest.mark.parametrize("call", ["fsync", "write"])
def test_a_journal_that_fails_fails_all_who_waited_and_nobody_after(
    call: str, root: Path, monkeypatch: pytest.MonkeyPatch, at_once: Callable[..., list[object]]
) -> None:
    with DiskStorage(root) as storage:
        service = opened(storage)
        raw = client(service).image("1.0")
        told: list[int] = []
        with monkeypatch.context() as patch:
            failing(patch, call)
            at_once(lambda number: told.append(client(service).put(raw, f"v{number}").status), 4)
        assert set(told) == {507}
        assert service.state == service._ahead and len(service.state.repositories["a/b"].tags) == 1
        client(service).manifest(raw, "after")
        state = service.state
    with DiskStorage(root) as storage:
        assert opened(storage).state == state

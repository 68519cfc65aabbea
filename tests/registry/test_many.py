"""Many requests at once, and a disk that fails them."""

from __future__ import annotations

import errno
import os
import threading
import time
from pathlib import Path

import pytest

from sim.registry.changes import Changes
from sim.registry.disk import DiskStorage
from sim.registry.service import Service
from tests.registry.desk import BLOB, NAME, at_once, client_of, failing, intake, opened
from tests.registry.kit import compact, manifest, noise, refused


def test_a_full_disk_is_507_and_nothing_has_happened(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with DiskStorage(folder) as storage:
        service = opened(storage)
        user = client_of(service)
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
    with DiskStorage(folder) as storage:
        assert opened(storage).state == state


def test_a_disk_that_is_full_for_the_body_frees_the_session(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with DiskStorage(folder) as storage:
        service = opened(storage)
        user = client_of(service)
        location = user.start()
        body = intake(service, "PATCH", location)
        body.write(BLOB[:1000])
        monkeypatch.setattr(body, "_write", lambda chunk: (_ for _ in ()).throw(OSError(errno.ENOSPC, "full")))
        body.write(BLOB[1000:])
        assert service.finish(body.close()).status == 507
        refused(user("GET", location), 404, "BLOB_UPLOAD_UNKNOWN")
        assert os.listdir(folder / "uploads") == []


def test_a_session_whose_file_cannot_be_made_is_none(folder: Path) -> None:
    with DiskStorage(folder) as storage:
        service = opened(storage)
        (folder / "uploads").rename(folder / "elsewhere")
        assert client_of(service)("POST", "blobs/uploads/").status == 500
        assert client_of(service)("POST", f"blobs/uploads/?digest={NAME}", BLOB).status == 500
        (folder / "elsewhere").rename(folder / "uploads")
        assert not service.state.uploads
        client_of(service).blob(BLOB)


def test_eight_clients_at_once(service: Service) -> None:
    def push(number: int) -> None:
        user = client_of(service)
        for turn in range(12):
            config, layer = compact({"n": [number, turn]}), noise((number, turn), 300)
            user.blob(config)
            user.blob(layer)
            user.manifest(manifest(config, layer), f"v{number}-{turn}")

    at_once(push, 8)
    assert len(service.state.repositories["a/b"].tags) == 96
    assert service.state == service._ahead
    if isinstance(service.storage, DiskStorage):
        folder, state = service.storage.root, service.state
        service.storage.close()
        with DiskStorage(folder) as storage:
            assert opened(storage).state == state


def test_waiting_requests_share_one_sync(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with DiskStorage(folder) as storage:
        service = opened(storage)
        raw = client_of(service).image("1.0")
        lines = []
        real, gate = storage._journal.append, threading.Event()

        def slow(changes: tuple[object, ...]) -> None:
            if not lines:
                gate.wait(5)  # until all others wait behind this one
            lines.append(len(changes))
            real(changes)  # type: ignore[arg-type]

        monkeypatch.setattr(storage._journal, "append", slow)
        threading.Timer(0.5, gate.set).start()
        at_once(lambda number: client_of(service).manifest(raw, f"v{number}"), 8)
        assert len(lines) < 8 and sum(lines) == 16


@pytest.mark.parametrize("call", ["fsync", "write"])
def test_a_journal_that_fails_fails_all_who_waited_and_nobody_after(
    call: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with DiskStorage(folder) as storage:
        service = opened(storage)
        raw = client_of(service).image("1.0")
        told: list[int] = []
        with monkeypatch.context() as patch:
            failing(patch, call)
            at_once(lambda number: told.append(client_of(service).put(raw, f"v{number}").status), 4)
        assert set(told) == {507}
        assert service.state == service._ahead and len(service.state.repositories["a/b"].tags) == 1
        client_of(service).manifest(raw, "after")
        state = service.state
    with DiskStorage(folder) as storage:
        assert opened(storage).state == state


def test_only_what_is_durable_is_shown(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with DiskStorage(folder) as storage:
        service = opened(storage)
        raw = client_of(service).image("1.0")
        seen: list[set[str]] = []
        real = storage.write_down

        def slow(changes: Changes) -> None:
            seen.append(set(service.state.repositories["a/b"].tags))
            if len(seen) == 1:
                second.start()
                while not service._waiting:
                    time.sleep(0.01)  # until the second has settled behind this one
            real(changes)

        second = threading.Thread(target=lambda: client_of(service).manifest(raw, "second"))
        monkeypatch.setattr(storage, "write_down", slow)
        client_of(service).manifest(raw, "first")
        second.join(10)
        assert seen == [{"1.0"}, {"1.0", "first"}]
        assert set(service.state.repositories["a/b"].tags) == {"1.0", "first", "second"}


def test_a_blob_that_could_not_be_put_in_its_place_is_not_held(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with DiskStorage(folder) as storage:
        service = opened(storage)
        with monkeypatch.context() as patch:
            failing(patch, "replace")
            assert client_of(service)("POST", f"blobs/uploads/?digest={NAME}", BLOB).status == 507
            assert client_of(service).put(manifest(b"{}"), "1").status == 507
        assert not storage._pinned and os.listdir(folder / "uploads") == []
        client_of(service).blob(BLOB)
        assert not storage._pinned

"""Collection of garbage: what is reachable stays, whatever happens meanwhile; `sim gc`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from sim.cli import main
from sim.content.descriptor import OCI_NONDISTRIBUTABLE
from sim.content.digest import Digest
from sim.registry.disk import DiskStorage
from sim.registry.service import Service
from tests.registry.desk import BLOB, NAME, at_once, client_of, intake, opened
from tests.registry.kit import compact, described, document, index, manifest, noise, ok, refused


def test_what_a_manifest_needs_stays_tagged_or_not(service: Service) -> None:
    user = client_of(service)
    first, second = user.image("1.0", seed=1), user.image(seed=2)
    user.manifest(index(first, second), "both")
    about = user.about(first)
    ok(user("DELETE", "manifests/1.0"), 202)
    before = service.state
    found = service.collect(grace_s=0)
    assert found.freed == found.unlinked == found.missing == ()
    assert service.state == before and user("GET", f"manifests/{Digest.of(about)}").body == about


def test_a_deleted_image_frees_what_nobody_shares(service: Service) -> None:
    user, other = client_of(service), client_of(service, "other")
    shared, alone = noise("shared"), noise("alone")
    for one in (user, other):
        one.blob(b"{}")
        one.blob(shared)
    user.blob(alone)
    kept, gone = manifest(b"{}", shared), manifest(b"{}", shared, alone)
    other.manifest(kept, "1")
    user.manifest(gone, "1")
    assert service.collect(grace_s=0).freed == ()
    ok(user("DELETE", f"manifests/{Digest.of(gone)}"), 202)
    said = service.collect(grace_s=0, dry_run=True)
    assert service.collect(grace_s=0) == said
    assert dict(said.freed) == {Digest.of(alone): len(alone), Digest.of(gone): len(gone)}
    assert said.bytes == len(alone) + len(gone)
    assert {(one.repository, one.digest) for one in said.unlinked} == {
        ("a/b", Digest.of(raw)) for raw in (b"{}", shared, alone)
    }
    assert document(user("GET", "/v2/_catalog"))["repositories"] == ["a/b", "other"]
    assert other("GET", f"blobs/{Digest.of(shared)}").body == shared


def test_a_push_under_way_is_left_alone(service: Service) -> None:
    user = client_of(service)
    user.blob(b"{}")
    location = user.start()
    ok(user("PATCH", location, BLOB[:500]), 202)
    found = service.collect(grace_s=60)
    assert found.freed == found.unlinked == found.sessions == ()
    ok(user.close(location, NAME, BLOB[500:]), 201)
    user.manifest(manifest(b"{}", BLOB), "1")
    assert service.collect(grace_s=0).freed == ()


def test_a_layer_from_elsewhere_that_is_here_stays(service: Service) -> None:
    user = client_of(service)
    for raw in (b"{}", BLOB):
        user.blob(raw)
    elsewhere = described(BLOB, OCI_NONDISTRIBUTABLE, urls=["https://store.example.com/blobs/1"])
    user.manifest(manifest(b"{}", layers=[elsewhere]), "1")
    assert service.collect(grace_s=0).unlinked == ()
    assert user("GET", f"blobs/{NAME}").body == BLOB


def test_old_sessions_are_given_up(service: Service) -> None:
    user = client_of(service)
    location = user.start()
    assert service.collect(session_s=1).sessions == ()
    assert len(service.collect(session_s=0).sessions) == 1
    refused(user("GET", location), 404, "BLOB_UPLOAD_UNKNOWN")


def test_what_a_request_has_just_brought_is_not_freed(service: Service) -> None:
    user = client_of(service)
    body = intake(service, "POST", f"/v2/a/b/blobs/uploads/?digest={NAME}")
    body.write(BLOB)
    received = body.close()
    assert service.storage.stat(NAME) == len(BLOB)
    assert service.collect(grace_s=0).freed == ()
    ok(service.finish(received), 201)
    assert user("GET", f"blobs/{NAME}").body == BLOB
    ok(user("DELETE", f"blobs/{NAME}"), 202)
    assert service.collect(grace_s=0).freed == ((NAME, len(BLOB)),)


def test_what_is_linked_while_files_are_listed_is_not_freed(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = client_of(service)
    user.blob(BLOB)
    ok(user("DELETE", f"blobs/{NAME}"), 202)
    real = service.storage.digests

    def slow() -> Iterator[Digest]:
        yield from list(real())
        user.blob(BLOB)

    monkeypatch.setattr(service.storage, "digests", slow)
    assert service.collect(grace_s=0).freed == ()
    assert user("GET", f"blobs/{NAME}").body == BLOB


def test_collections_and_pushes_at_once(service: Service) -> None:
    def work(number: int) -> None:
        user = client_of(service, "a/b")
        for turn in range(25):
            if number == 0:
                service.collect(grace_s=60)
                continue
            config, layer = compact({"turn": turn}), noise(turn, 100)
            user.blob(config)
            user.blob(layer)
            raw = manifest(config, layer)
            user.manifest(raw, f"v{number}")
            if turn % 3 == 0:
                assert user("DELETE", f"manifests/{Digest.of(raw)}").status in (202, 404)

    at_once(work, 5)
    for digest in (*service.state.repositories["a/b"].blobs, *service.state.repositories["a/b"].manifests):
        assert service.storage.stat(digest) is not None
    assert service.collect(grace_s=0).missing == ()


def test_sim_gc(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with DiskStorage(folder) as storage:
        service = opened(storage)
        user = client_of(service)
        raw = user.image("1.0")
        client_of(service, "kept").image("1.0")
        ok(user("DELETE", f"manifests/{Digest.of(raw)}"), 202)
        assert main(["gc", str(folder)]) == 2
        assert "another process uses this registry's folder" in capsys.readouterr().err
    assert main(["gc", str(folder), "--dry-run"]) == 0
    assert capsys.readouterr().out.endswith("0 blobs, 0B would be freed\n")
    with DiskStorage(folder) as storage:
        service = opened(storage)
        kept = client_of(service, "kept")
        ok(kept("DELETE", "manifests/1.0"), 202)
        ok(kept("DELETE", f"manifests/{Digest.of(raw)}"), 202)
    assert main(["gc", str(folder), "--dry-run", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert len(said["freed"]) == 4 and said["bytes"] == sum(one["size"] for one in said["freed"])
    assert main(["gc", str(folder)]) == 0
    assert "4 blobs" in capsys.readouterr().out
    assert main(["gc", str(folder)]) == 0
    with DiskStorage(folder) as storage:
        assert list(storage.digests()) == []


def test_sim_gc_says_what_is_missing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with DiskStorage(folder) as storage:
        raw = client_of(opened(storage)).image("1.0")
        lost = Digest.parse(json.loads(raw)["layers"][0]["digest"])
        storage.path(lost).unlink()
    assert main(["gc", str(folder)]) == 1
    assert f"missing: a/b needs {lost}" in capsys.readouterr().out


@pytest.mark.parametrize("make", [lambda folder: None, lambda folder: folder.mkdir()])
def test_sim_gc_of_no_registry(folder: Path, make: object, capsys: pytest.CaptureFixture[str]) -> None:
    make(folder)  # type: ignore[operator]
    assert main(["gc", str(folder)]) == 2
    assert "no folder of a registry" in capsys.readouterr().err
    assert not folder.exists() or list(folder.iterdir()) == []

"""Syncing while more arrives: what a failed sync must do, and that the file outlives the sync under way."""

from __future__ import annotations

import errno
import os
import threading
from pathlib import Path

import pytest

from sim.content.digest import Digest
from sim.registry.disk import DiskStorage
from sim.registry.writeback import EVERY, Writeback
from tests.registry.wirekit import Kept, logged


def test_it_syncs_once_for_each_so_many_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fdatasync", synced.append, raising=False)
    writeback = Writeback(7)
    writeback.wrote(EVERY - 1)
    writeback.end()
    assert synced == []
    for _ in range(2):
        writeback.wrote(EVERY)
        writeback.end()
    assert synced == [7, 7]


def test_one_sync_at_a_time_and_the_end_waits_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    go, synced = threading.Event(), []

    def slow(descriptor: int) -> None:
        go.wait(10)
        synced.append(descriptor)

    monkeypatch.setattr(os, "fdatasync", slow, raising=False)
    writeback = Writeback(7)
    for _ in range(5):
        writeback.wrote(EVERY)
    assert synced == []
    go.set()
    writeback.end()
    assert synced == [7]


@pytest.mark.parametrize(("code", "status"), [(errno.EIO, 500), (errno.ENOSPC, 507)])
def test_a_sync_that_failed_on_the_way_is_no_201(
    code: int, status: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A failed sync is told once: the last one of all would succeed."""
    failed: list[int] = []

    def failing(descriptor: int) -> None:
        if not failed:
            failed.append(descriptor)
            raise OSError(code, os.strerror(code))

    data = os.urandom(EVERY + 1)
    with DiskStorage(tmp_path / "root") as storage, logged(storage) as at:
        monkeypatch.setattr(os, "fdatasync", failing, raising=False)
        client = Kept(at.server.port)
        target = f"/v2/a/blobs/uploads/?digest={Digest.of(data)}"
        assert client("POST", target, data)[0] == status and failed
        assert client("HEAD", f"/v2/a/blobs/{Digest.of(data)}")[0] == 404
        assert client("POST", target, data)[0] == 201, "and the next one has its chance"

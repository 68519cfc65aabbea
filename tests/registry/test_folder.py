"""A registry's folder: restarts, kills, torn and damaged journals, one process at a time."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

from sim.content.digest import Digest
from sim.errors import BadInput, Unsupported
from sim.registry import disk
from sim.registry.disk import DiskStorage
from tests.registry.desk import BLOB, NAME, client_of, opened
from tests.registry.kit import compact, manifest, noise, ok, refused


def test_a_restart_finds_all_that_was_answered(folder: Path) -> None:
    with DiskStorage(folder) as storage:
        first = opened(storage)
        raw = client_of(first).image("1.0")
        client_of(first).about(raw)
        client_of(first, "gone").image("x")
        ok(client_of(first, "gone")("DELETE", "manifests/x"), 202)
        location = client_of(first).start()
        ok(client_of(first)("PATCH", location, BLOB[:900]), 202)
        state = first.state
    for _ in range(2):
        with DiskStorage(folder) as storage:
            second = opened(storage)
            assert second.state == state
    with DiskStorage(folder) as storage:
        user = client_of(opened(storage))
        assert user("GET", location).header("Range") == "0-899"
        ok(user.close(location, NAME, BLOB[900:]), 201)
        assert user("GET", f"blobs/{NAME}").body == BLOB


def test_a_restart_hashes_the_beginning_again(folder: Path) -> None:
    for wanted in (NAME, Digest.of(BLOB, "sha512")):
        with DiskStorage(folder) as storage:
            location = client_of(opened(storage)).start()
            ok(client_of(opened(storage))("PATCH", location, BLOB[:900]), 202)
        with DiskStorage(folder) as storage:
            service = opened(storage)
            ok(client_of(service)("PATCH", location, BLOB[900:1000]), 202)
            refused(client_of(service).close(location, Digest.of(b"other"), BLOB[1000:]), 400, "DIGEST_INVALID")
            location = client_of(service).start()
            ok(client_of(service)("PATCH", location, BLOB[:900]), 202)
        with DiskStorage(folder) as storage:
            ok(client_of(opened(storage)).close(location, wanted, BLOB[900:]), 201)


def test_the_folder_belongs_to_one_process(folder: Path) -> None:
    code = f"from sim.registry.disk import DiskStorage; DiskStorage({str(folder)!r})"
    with DiskStorage(folder):
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=False)
        assert "another process uses this registry's folder" in done.stderr
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("", encoding="utf-8")
    with pytest.raises(BadInput, match="holds something else"):
        DiskStorage(tmp_path)
    with pytest.raises(BadInput, match="a file is in the place"):
        DiskStorage(tmp_path / "thesis.tex")


def test_a_torn_last_line_is_cut_off_and_one_in_the_middle_is_said(folder: Path) -> None:
    with DiskStorage(folder) as storage:
        service = opened(storage)
        client_of(service).blob(BLOB)
        before = service.state
        client_of(service).blob(b"second")
    whole = (folder / "journal").read_bytes()
    lines = whole.splitlines(keepends=True)
    for cut in range(1, len(lines[-1])):
        (folder / "journal").write_bytes(whole[:-cut])
        with DiskStorage(folder) as storage:
            assert opened(storage).state == before
        assert (folder / "journal").read_bytes() == b"".join(lines[:-1])
    (folder / "journal").write_bytes(lines[0] + lines[1].replace(b"a/b", b"a/c") + lines[2])
    with pytest.raises(BadInput, match="line 2 is damaged"):
        DiskStorage(folder)


@pytest.mark.parametrize("document", [
    {"registry journal": 2}, {"other": 1}, [], "registry journal",
])
def test_a_journal_of_another_kind_is_refused(folder: Path, document: object) -> None:
    DiskStorage(folder).close()
    raw = json.dumps(document).encode()
    (folder / "journal").write_bytes(b"%08x %b\n" % (zlib.crc32(raw), raw))
    with pytest.raises((BadInput, Unsupported)):
        DiskStorage(folder)
    (folder / "journal").write_bytes(b"")
    with pytest.raises(BadInput, match="no journal"):
        DiskStorage(folder)


@pytest.mark.parametrize("item", [
    ["blob", "a", "sha256:zz", 1, 1], ["blob", "a"], ["what"], {}, ["manifest", "a", {}, [], None], 7, ["tag", 1, 2, 3],
])
def test_a_line_that_says_nonsense_is_refused(folder: Path, item: object) -> None:
    DiskStorage(folder).close()
    raw = json.dumps([item]).encode()
    with open(folder / "journal", "ab") as file:
        file.write(b"%08x %b\n" % (zlib.crc32(raw), raw))
    with pytest.raises(BadInput):
        DiskStorage(folder)


def test_a_long_journal_is_written_anew(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "LONG", 20)
    with DiskStorage(folder) as storage:
        service = opened(storage)
        raw = client_of(service).image("1.0")
        for number in range(30):
            client_of(service).manifest(raw, f"v{number % 3}")
        state = service.state
    long = (folder / "journal").stat().st_size
    with DiskStorage(folder) as storage:
        assert opened(storage).state == state
        assert (folder / "journal").stat().st_size < long / 2
        client_of(opened(storage)).manifest(raw, "after")
    with DiskStorage(folder) as storage:
        assert opened(storage).state.repositories["a/b"].tags.keys() == {"1.0", "v0", "v1", "v2", "after"}


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


def test_a_kill_at_any_instant_loses_nothing_that_was_answered(folder: Path, root: Path) -> None:
    answered: dict[str, int] = {}
    for run in range(6):
        pusher = subprocess.Popen(
            [sys.executable, "-c", PUSHER, str(folder), str(run)], cwd=root,
            env=os.environ | {"PYTHONPATH": str(root)}, stdout=subprocess.PIPE,
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
        check_all(folder, answered)


def check_all(folder: Path, answered: dict[str, int]) -> None:
    """Assert that all that was answered is there and whole, and that nothing linked is not."""
    with DiskStorage(folder) as storage:
        service = opened(storage)
        repository = service.state.repositories["a/b"]
        for run, last in answered.items():
            for number in range(last + 1):
                config, layer = compact({"n": [run, number]}), noise((run, number), 20_000)
                raw = client_of(service)("GET", f"manifests/{run}-{number}").body
                assert raw == manifest(config, layer)
        for digest in (*repository.blobs, *repository.manifests):
            assert Digest.of(storage.store.read(digest)) == digest
        assert set(repository.tags.values()) <= set(repository.manifests)


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="the names of open files are read from /proc")
def test_bytes_are_durable_before_their_name_and_their_name_before_the_answer(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    sync, rename = os.fsync, os.replace

    def told(path: str) -> str:
        inside = os.path.relpath(path, folder)
        return re.sub(r"[0-9a-f]{8,}[-0-9a-f]*", "*", inside)

    def told_sync(descriptor: int) -> None:
        sync(descriptor)
        done.append("sync " + told(os.readlink(f"/proc/self/fd/{descriptor}")))

    def told_rename(old: str, new: Path) -> None:
        rename(old, new)
        done.append(f"{told(old)} -> {told(str(new))}")

    monkeypatch.setattr(os, "fsync", told_sync)
    monkeypatch.setattr(os, "replace", told_rename)
    with DiskStorage(folder) as storage:
        user = client_of(opened(storage))
        ok(user("POST", f"blobs/uploads/?digest={Digest.of(b'{}')}", b"{}"), 201)
        location = user.start()
        done.clear()
        ok(user("PATCH", location, BLOB), 202)
        assert done == []
        blob = [
            "sync uploads/*.data", "uploads/*.data -> content/blobs/sha256/*", "sync content/blobs/sha256",
            "sync journal",
        ]
        ok(user.close(location, NAME), 201)
        assert done == blob
        done.clear()
        user.manifest(manifest(b"{}", BLOB), "1")
        assert done == blob
        done.clear()
        user.manifest(manifest(b"{}", BLOB), "2")
        user.blob(BLOB)
        assert done == ["sync journal", "sync journal"]

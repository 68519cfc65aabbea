"""A registry against a plain dictionary: random pushes, mounts, deletions, restarts and collections give the same."""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from sim.content.descriptor import OCI_MANIFEST
from sim.content.digest import Digest
from sim.registry.disk import DiskStorage
from sim.registry.service import Service
from sim.registry.storage import MemoryStorage
from tests.registry.desk import client_of, opened
from tests.registry.kit import Client, artifact, described, document, index, manifest, ok, refused

REPOS = ("a", "b/c", "d")
TAGS = ("1.0", "latest", "sha256-x")
repos, tags, pieces = st.sampled_from(REPOS), st.sampled_from(TAGS), st.integers(0, 5)


@dataclass
class Plain:
    """One repository as a person would write it down."""

    blobs: dict[Digest, bytes] = field(default_factory=dict)
    manifests: dict[Digest, bytes] = field(default_factory=dict)
    tags: dict[str, Digest] = field(default_factory=dict)

    def needed(self) -> set[str]:
        """The digests that manifests name, subjects aside."""
        found: set[str] = set()
        for raw in self.manifests.values():
            said = json.loads(raw)
            found |= {one["digest"] for one in (*said.get("layers", ()), *said.get("manifests", ()))}
            found |= {said["config"]["digest"]} if "config" in said else set()
        return found


def piece(number: int) -> bytes:
    return b"{}" if number == 0 else b"piece %d" % number * number


class Machine(RuleBasedStateMachine):
    """The registry in memory."""

    service: Service

    def __init__(self) -> None:
        super().__init__()
        self.plain: dict[str, Plain] = {}
        self.sessions: dict[str, tuple[str, bytes]] = {}
        self.open()

    def open(self) -> None:
        self.service = opened(MemoryStorage())

    def user(self, repo: str) -> Client:
        return client_of(self.service, repo)

    @rule(repo=repos, number=pieces, whole=st.booleans())
    def push_a_blob(self, repo: str, number: int, whole: bool) -> None:
        raw = piece(number)
        digest = Digest.of(raw)
        if whole:
            ok(self.user(repo)("POST", f"blobs/uploads/?digest={digest}", raw), 201)
        else:
            self.user(repo).blob(raw)
        self.plain.setdefault(repo, Plain()).blobs[digest] = raw

    @rule(repo=repos, number=pieces)
    def begin_an_upload(self, repo: str, number: int) -> None:
        location = self.user(repo).start()
        half = piece(number)[:3]
        ok(self.user(repo)("PATCH", location, half), 202)
        self.sessions[location] = (repo, half)

    @rule(data=st.data(), number=pieces)
    def end_an_upload(self, data: st.DataObject, number: int) -> None:
        if not self.sessions:
            return
        location = data.draw(st.sampled_from(sorted(self.sessions)))
        repo, half = self.sessions.pop(location)
        rest = piece(number)[3:]
        digest = Digest.of(piece(number))
        response = self.user(repo).close(location, digest, rest)
        if half + rest == piece(number):
            ok(response, 201)
            self.plain.setdefault(repo, Plain()).blobs[digest] = piece(number)
        else:
            refused(response, 400, "DIGEST_INVALID")

    @rule(repo=repos, source=repos, number=pieces)
    def mount_a_blob(self, repo: str, source: str, number: int) -> None:
        digest = Digest.of(piece(number))
        response = self.user(repo)("POST", f"blobs/uploads/?mount={digest}&from={source}")
        if digest in self.plain.get(source, Plain()).blobs:
            ok(response, 201)
            self.plain.setdefault(repo, Plain()).blobs[digest] = piece(number)
        else:
            location = ok(response, 202, "Location")["Location"]
            ok(self.user(repo)("DELETE", location), 204)

    @rule(repo=repos, config=pieces, layers=st.lists(pieces, max_size=2), tag=st.none() | tags)
    def push_an_image(self, repo: str, config: int, layers: list[int], tag: str | None) -> None:
        self.push(repo, manifest(piece(config), *map(piece, layers)), tag)

    @rule(repo=repos, config=pieces, layers=st.lists(pieces, max_size=2), tag=st.none() | tags)
    def push_an_image_with_its_blobs(self, repo: str, config: int, layers: list[int], tag: str | None) -> None:
        for number in (config, *layers):
            self.push_a_blob(repo, number, whole=True)
        self.push_an_image(repo, config, layers, tag)

    @rule(repo=repos, data=st.data(), tag=st.none() | tags)
    def push_an_index(self, repo: str, data: st.DataObject, tag: str | None) -> None:
        known = sorted({raw for one in self.plain.values() for raw in one.manifests.values()})
        chosen = data.draw(st.lists(st.sampled_from(known), max_size=2, unique=True)) if known else []
        self.push(repo, index(*chosen), tag)

    @rule(repo=repos, number=pieces, subject=pieces)
    def push_an_artifact(self, repo: str, number: int, subject: int) -> None:
        about = manifest(piece(subject))
        self.push(repo, artifact("a/b", piece(number), subject=described(about, OCI_MANIFEST)), None)

    def push(self, repo: str, raw: bytes, tag: str | None) -> None:
        plain, digest = self.plain.get(repo, Plain()), Digest.of(raw)
        there = {str(one) for one in (*plain.blobs, *plain.manifests)}
        response = self.user(repo).put(raw, tag or str(digest))
        if not Plain(manifests={digest: raw}).needed() <= there:
            refused(response, 400, "MANIFEST_BLOB_UNKNOWN")
            return
        ok(response, 201)
        plain = self.plain.setdefault(repo, Plain())
        plain.manifests[digest] = raw
        if tag:
            plain.tags[tag] = digest

    @rule(repo=repos, tag=tags)
    def delete_a_tag(self, repo: str, tag: str) -> None:
        response = self.user(repo)("DELETE", f"manifests/{tag}")
        there = self.plain.get(repo, Plain()).tags.pop(tag, None)
        assert response.status == (202 if there else 404)

    @rule(repo=repos, data=st.data())
    def delete_a_manifest(self, repo: str, data: st.DataObject) -> None:
        plain = self.plain.get(repo)
        if plain is None or not plain.manifests:
            return
        digest = data.draw(st.sampled_from(sorted(plain.manifests)))
        ok(self.user(repo)("DELETE", f"manifests/{digest}"), 202)
        del plain.manifests[digest]
        plain.tags = {tag: target for tag, target in plain.tags.items() if target != digest}

    @rule(repo=repos, number=pieces)
    def delete_a_blob(self, repo: str, number: int) -> None:
        digest = Digest.of(piece(number))
        there = self.plain.get(repo, Plain()).blobs.pop(digest, None)
        assert self.user(repo)("DELETE", f"blobs/{digest}").status == (404 if there is None else 202)

    @rule(grace=st.sampled_from((0.0, 10.0)), dry_run=st.booleans())
    def collect(self, grace: float, dry_run: bool) -> None:
        found = self.service.collect(grace_s=grace, dry_run=dry_run)
        assert found.missing == ()
        if dry_run:
            return
        for plain in self.plain.values():
            needed = plain.needed()
            plain.blobs = {
                digest: raw for digest, raw in plain.blobs.items() if grace > 0 or str(digest) in needed
            }
        there = set(self.service.storage.digests())
        assert there == {one for plain in self.plain.values() for one in (*plain.blobs, *plain.manifests)}

    @invariant()
    def it_holds_what_was_written_down(self) -> None:
        assert document(self.user("x")("GET", "/v2/_catalog"))["repositories"] == sorted(self.plain)
        for repo, plain in self.plain.items():
            user = self.user(repo)
            assert document(user("GET", "tags/list"))["tags"] == sorted(plain.tags)
            for tag, digest in plain.tags.items():
                assert user("GET", f"manifests/{tag}").body == plain.manifests[digest]
            held = self.service.state.repositories[repo]
            assert set(held.manifests) == set(plain.manifests) and set(held.blobs) == set(plain.blobs)
            for digest, raw in plain.blobs.items():
                assert user("GET", f"blobs/{digest}").body == raw

    @invariant()
    def it_knows_who_is_about_whom(self) -> None:
        for repo, plain in self.plain.items():
            for number in range(3):
                subject = Digest.of(manifest(piece(number)))
                expected = {
                    str(digest) for digest, raw in plain.manifests.items()
                    if json.loads(raw).get("subject", {}).get("digest") == str(subject)
                }
                found = document(self.user(repo)("GET", f"referrers/{subject}"))["manifests"]
                assert {one["digest"] for one in found} == expected

    @invariant()
    def sessions_go_on(self) -> None:
        for location, (repo, half) in self.sessions.items():
            assert self.user(repo)("GET", location).header("Range") == f"0-{max(0, len(half) - 1)}"


class DiskMachine(Machine):
    """The registry in a folder, which is closed and opened again now and then."""

    def open(self) -> None:
        self.folder = Path(tempfile.mkdtemp()) / "registry"
        self.service = opened(DiskStorage(self.folder))

    @rule()
    def restart(self) -> None:
        state = self.service.state
        assert isinstance(self.service.storage, DiskStorage)
        self.service.storage.close()
        self.service = opened(DiskStorage(self.folder))
        assert self.service.state == state

    def teardown(self) -> None:
        assert isinstance(self.service.storage, DiskStorage)
        self.service.storage.close()
        shutil.rmtree(self.folder.parent)


TestInMemory = Machine.TestCase
TestInMemory.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)
TestInAFolder = DiskMachine.TestCase
TestInAFolder.settings = settings(max_examples=12, stateful_step_count=25, deadline=None)

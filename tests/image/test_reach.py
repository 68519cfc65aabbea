"""Collection: what a root leads to stays, whatever else goes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.content.descriptor import OCI_CONFIG, OCI_INDEX, OCI_LAYER, OCI_MANIFEST, Descriptor
from sim.content.digest import Digest
from sim.content.store import MemoryStore
from sim.errors import DocumentInvalid
from sim.image.manifest import Index, Manifest
from sim.image.reach import collect, reachable


def put(store: MemoryStore, raw: bytes, media_type: str) -> Descriptor:
    store.add(raw)
    return Descriptor.of(raw, media_type)


def image(store: MemoryStore, *layers: bytes, subject: Descriptor | None = None) -> Descriptor:
    config = put(store, b"config of " + b",".join(layers), OCI_CONFIG)
    manifest = Manifest(config, tuple(put(store, layer, OCI_LAYER) for layer in layers), subject=subject)
    return put(store, manifest.raw, OCI_MANIFEST)


def test_shared_layers_stay() -> None:
    store = MemoryStore()
    one, two = image(store, b"base", b"one"), image(store, b"base", b"two")
    gone = collect(store, [one])
    assert set(gone) == {two.digest, Digest.of(b"config of base,two"), Digest.of(b"two")}
    assert set(store.digests()) == reachable(store, [one])
    assert store.stat(Digest.of(b"base")) == 4


def test_through_indexes_and_subjects() -> None:
    store = MemoryStore()
    amd, arm = image(store, b"a"), image(store, b"b")
    signature = image(store, b"signature", subject=amd)
    inner = put(store, Index((arm,)).raw, OCI_INDEX)
    outer = put(store, Index((inner, signature)).raw, OCI_INDEX)
    assert collect(store, [outer]) == ()
    assert {each.digest for each in (amd, arm, inner, outer, signature)} <= reachable(store, [outer])


def test_a_dry_run_removes_nothing() -> None:
    store = MemoryStore()
    stray = store.add(b"stray")
    assert collect(store, [], dry_run=True) == (stray,) and store.stat(stray) == 5
    assert collect(store, []) == (stray,) and store.stat(stray) is None


def test_an_index_kept_in_part_is_no_reason_to_stop() -> None:
    store = MemoryStore()
    here, absent = image(store, b"here"), Descriptor.of(b"elsewhere", OCI_MANIFEST)
    root = put(store, Index((here, absent)).raw, OCI_INDEX)
    assert collect(store, [root]) == ()


def test_what_cannot_be_read_stops_the_collection() -> None:
    store = MemoryStore()
    broken = put(store, b"{}", OCI_MANIFEST)
    stray = store.add(b"stray")
    with pytest.raises(DocumentInvalid):
        collect(store, [broken])
    assert store.stat(stray) == 5


def test_a_digest_under_two_types_leads_on() -> None:
    # One descriptor calls the manifest a layer, the other what it is: the second must still count.
    store = MemoryStore()
    manifest = image(store, b"deep")
    other = Descriptor(OCI_LAYER, manifest.digest, manifest.size)
    assert Digest.of(b"deep") in reachable(store, [manifest, other])
    assert Digest.of(b"deep") in reachable(store, [other, manifest])


@given(st.lists(st.tuples(st.lists(st.sampled_from([b"a", b"b", b"c", b"d"]), max_size=3), st.booleans())))
def test_the_reachable_is_never_removed(pictures: list[tuple[list[bytes], bool]]) -> None:
    store = MemoryStore()
    kept = [found for layers, keep in pictures if (found := image(store, *layers)) and keep]
    before = {digest: store.read(digest) for digest in store.digests()}
    collect(store, kept)
    needed = set()
    for root in kept:
        manifest = Manifest.parse(before[root.digest], where="x")
        needed |= {root.digest, manifest.config.digest, *(layer.digest for layer in manifest.layers)}
    assert set(store.digests()) == needed

"""Snapshots: containerd's words, docker's -init layer, and how deep a stack may be (a published figure)."""

from __future__ import annotations

import pytest

from sim.errors import FsError
from sim.fs.changeset import ChangeSet
from sim.fs.sketch import file, sketch, whiteout
from sim.image.ids import DiffID, chain_ids
from sim.union import snapshot
from sim.union.snapshot import MAX_IMAGE_LAYERS, SnapshotError, Snapshots, State

BASE, TOP = sketch(file("/etc/motd", b"hi"), file("/f", b"1")), sketch(whiteout("/f"), file("/g", b"2"))


def ids(count: int) -> list[DiffID]:
    return [DiffID.of(str(number).encode()) for number in range(count)]


def unpacked(*layers: ChangeSet) -> tuple[Snapshots, object]:
    return snapshot.unpack(Snapshots(), list(zip(ids(len(layers)), layers, strict=True)))


def test_an_image_is_a_chain_of_committed_snapshots() -> None:
    store, top = unpacked(BASE, TOP)
    assert [str(one) for one in chain_ids(ids(2))] == [one.key for one in store.chain(top)]
    assert all(one.state is State.COMMITTED for one in store.chain(top))


def test_images_share_what_they_start_with() -> None:
    store, _ = unpacked(BASE, TOP)
    other = [(ids(1)[0], BASE), (DiffID.of(b"other"), sketch(file("/o")))]
    shared, top = snapshot.unpack(store, other)
    assert len(shared.held) == 3
    assert shared.chain(top)[0] is store.chain(chain_ids(ids(1))[0])[0]


def test_a_container_writes_into_its_own_layer() -> None:
    store, top = unpacked(BASE, TOP)
    store, m = snapshot.container(store, "c1", top, now=5)
    m, report = m.append("/etc/motd", b"!")
    assert report.ok and report.copied == 2
    assert [one.key for one in store.chain("c1")][2:] == ["c1-init committed", "c1"]
    assert sorted(m.upperdir.dump()) == ["etc/", "etc/motd  3 bytes"]
    again = snapshot.mounted(store, "c1")
    assert again.cat("/etc/motd")[1].value.read() == b"hi", "the store holds what was committed to it"


def test_the_init_layer_is_what_docker_makes() -> None:
    # docker 20.10, overlay2: `find` in the -init layer of a container whose image has etc/ and nothing of these.
    made = snapshot.init_layer([sketch(file("/etc/motd"))])
    assert {path: oct(entry.mode) for path, entry in made.entries.items()} == {
        ".dockerenv": "0o755", "dev": "0o755", "dev/console": "0o755", "dev/pts": "0o755", "dev/shm": "0o755",
        "etc/hostname": "0o755", "etc/hosts": "0o755", "etc/mtab": "0o777", "etc/resolv.conf": "0o755",
        "proc": "0o755", "sys": "0o755",
    }
    assert made.entries["etc/mtab"].target == "/proc/mounts"
    image = [sketch(file("/etc/hosts", b"own"), file("/proc/x"), file("/etc/mtab"))]
    assert not {"etc/hosts", "proc", "etc/mtab"} & set(snapshot.init_layer(image).entries)


def test_prepare_view_commit_remove() -> None:
    store, top = unpacked(BASE)
    store = snapshot.prepare(store, "work", top)
    m, report = snapshot.mounted(store, "work").unlink("/f")
    assert report.ok
    store = snapshot.commit_mount(store, "layer 2", "work", m)
    assert "work" not in store and store["layer 2"].changes.whiteouts == {"f"}
    store = snapshot.view(store, "look", "layer 2")
    looked = snapshot.mounted(store, "look")
    assert looked.readdir("/")[1].value == ("etc",) and looked.mkdir("/n")[1].name == "EROFS"
    with pytest.raises(SnapshotError, match="has children"):
        snapshot.remove(store, "layer 2")
    store = snapshot.remove(snapshot.remove(store, "look"), "layer 2")
    assert [one.key for one in store.held.values()] == [str(top)]


MISUSED = [
    ("nothing there", lambda store, top: snapshot.prepare(store, "x", "none"), "does not exist"),
    ("a name taken", lambda store, top: snapshot.prepare(store, top, None), "there already"),
    ("on an active one", lambda store, top: snapshot.prepare(snapshot.prepare(store, "a", top), "b", "a"),
     "is active"),
    ("commit of a committed one", lambda store, top: snapshot.commit(store, "x", top, ChangeSet()), "not active"),
    ("remove of nothing", lambda store, top: snapshot.remove(store, "none"), "does not exist"),
]


@pytest.mark.parametrize(("do", "words"), [row[1:] for row in MISUSED], ids=[row[0] for row in MISUSED])
def test_misuse_is_an_error(do: object, words: str) -> None:
    store, top = unpacked(BASE)
    with pytest.raises(SnapshotError, match=words):
        do(store, top)  # type: ignore[operator]


def test_125_layers_are_an_image_and_126_are_too_many() -> None:
    layers = [sketch(file(f"/f{number}")) for number in range(126)]
    store, top = unpacked(*layers[:MAX_IMAGE_LAYERS])
    store, m = snapshot.container(store, "deep", top)
    assert len(m.readdir("/")[1].value) > 125 and len(store.chain("deep")) == snapshot.MAX_DEPTH == 127
    with pytest.raises(SnapshotError, match="max depth exceeded"):
        unpacked(*layers)


def test_short_names_of_128_layers_fit_into_the_page() -> None:
    # moby, daemon/graphdriver/overlay2: (idLength + len(linkDir) + 1) * maxDepth <= pageSize - 512
    assert (snapshot.LINK_LENGTH + len("l") + 1) * 128 == 3584 <= 4096 - 512
    snapshot.short_names(126).check()
    assert len(str(snapshot.short_names(1)).split(",")[0]) == len("lowerdir=l/") + 26
    # aufs, before: 97 characters a layer, so 42 layers filled the page; 127 came with shorter options.
    branch = "/var/lib/docker/aufs/diff/" + "x" * 64 + "=ro+wh:"
    assert 4096 // len(branch) == 42
    with pytest.raises(FsError, match="options"):
        snapshot.Names(tuple(f"/var/lib/docker/overlay2/{n:064d}/diff" for n in range(43)), "/u", "/w").check()

"""What an image hides and what images share: the published known answer, and sums that must close."""

from __future__ import annotations

from itertools import chain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.content.data import Inline
from sim.content.digest import Digest
from sim.dedup.copies import Copy, Fate, copies
from sim.dedup.offenders import offenders
from sim.dedup.scores import Difference, Slim, differences, dive, slim
from sim.dedup.sharing import (
    DockerSize,
    blobs,
    docker_layer_size,
    docker_sizes,
    files,
    layers,
    owners,
    share,
    usage,
)
from sim.dedup.subject import Part, Subject
from sim.fs.changeset import ChangeSet
from sim.fs.sketch import Mark, directory, file, hardlink, opaque, sketch, symlink, whiteout
from sim.image.ids import DiffID, chain_ids
from sim.source import open_image
from sim.union.index import Index
from sim.union.totals import layer_bytes, totals
from tests import strategies as own


def subject(*stack: ChangeSet, name: str = "image", made: tuple[str, ...] = ()) -> Subject:
    """An image of layers whose blobs are their own names."""
    diff_ids = [DiffID.of(repr((sorted(layer.entries.items(), key=str), sorted(layer.whiteouts))).encode())
                for layer in stack]
    return Subject(name, Digest.of(str(diff_ids).encode()), tuple(
        Part(number, Digest.of(diff_id.hex.encode()), 100, diff_id, chain_id, 1024, changes, words)
        for number, (changes, diff_id, chain_id, words) in enumerate(
            zip(stack, diff_ids, chain_ids(tuple(diff_ids)), (*made, *[""] * (len(stack) - len(made))), strict=True), 1
        )
    ))


SAVED = b"s" * 6405
"""Every file of the known answer that is saved again and again has this size."""


def saved(path: str, size: int = 6405) -> Mark:
    return file(path, SAVED[:size])


#: dive's own test image, one entry a layer (the numbers are those of its tests).
KNOWN = (
    sketch(file("/bin/busybox", b"b" * 1154361)),
    sketch(saved("/somefile.txt")),
    sketch(directory("/root/example"), directory("/root/example/really"), directory("/root/example/really/nested")),
    sketch(saved("/root/example/somefile1.txt")),
    sketch(saved("/root/example/somefile1.txt")),
    sketch(saved("/root/example/somefile2.txt")),
    sketch(saved("/root/example/somefile3.txt")),
    sketch(whiteout("/root/example/somefile3.txt"), saved("/root/saved.txt")),
    sketch(saved("/root/.saved.txt")),
    sketch(whiteout("/root/example")),
    sketch(saved("/root/.data/first.sh", 917), saved("/root/.data/second.sh", 1270)),
    sketch(saved("/tmp/saved.again1.txt")),
    sketch(saved("/root/.data/saved.again2.txt")),
    sketch(saved("/root/saved.txt")),
)


def test_known_answer() -> None:
    found = dive(KNOWN)
    assert round(found.score, 8) == 0.98442121
    assert found.user_bytes == 66_237
    assert round(found.user_wasted, 8) == 0.48349110
    assert round(usage(subject(*KNOWN)).efficiency, 8) == 0.97376286


def test_known_answer_explained() -> None:
    counted = usage(subject(*KNOWN))
    reasons = {reason.key: reason.bytes for reason in differences(KNOWN, counted.copies)}
    # The second saved.txt is seen, and dive calls it wasted; somefile2 went with its directory, and dive does not.
    assert reasons["dive.survivor"] == reasons["dive.once"] == 6405
    assert dive(KNOWN).wasted_bytes == counted.totals.hidden_bytes - 6405 + 6405
    # Eight paths have one content: five of them are seen, three of them hidden.
    assert slim(counted.copies) == Slim(1, 8, 7 * 6405)


FATES = [
    # lower, upper, fate of a, claim
    ([file("/a", b"12")], [whiteout("/a")], Fate.DELETED, "a whiteout deletes"),
    ([file("/d/a", b"12")], [opaque("/d")], Fate.DELETED, "an opaque directory deletes what it held"),
    ([file("/d/a", b"12")], [file("/d", b"34")], Fate.DELETED, "a file in a directory's place deletes what it held"),
    ([file("/a", b"12")], [file("/a", b"34")], Fate.OVERWRITTEN, "other bytes overwrite"),
    ([file("/a", b"12")], [symlink("/a", "b")], Fate.OVERWRITTEN, "a link overwrites a file"),
    ([file("/a", b"12")], [file("/a/b", b"34")], Fate.OVERWRITTEN, "a directory that is only implied does, too"),
    ([file("/a", b"12")], [file("/a", b"12", mode=0o600)], Fate.ATTRIBUTES, "a chmod stores all again"),
    ([file("/a", b"12")], [file("/a", b"12", uid=7)], Fate.ATTRIBUTES, "a chown stores all again"),
    ([file("/a", b"12")], [file("/a", b"12", xattrs=(("user.x", b"1"),))], Fate.ATTRIBUTES, "so does setfattr"),
    ([file("/a", b"12")], [file("/a", b"12", mtime=9)], Fate.REPEATED, "a new time alone is a repetition"),
    ([file("/a", b"12")], [file("/b", b"12")], Fate.LIVE, "the same bytes elsewhere hide nothing"),
    ([file("/a", b"12"), hardlink("/b", "a")], [whiteout("/a")], Fate.LIVE, "an inode lives on under another name"),
    ([file("/a", b"12")], [hardlink("/b", "/a"), whiteout("/a")], Fate.LIVE, "or by a link that a layer above has"),
]


@pytest.mark.parametrize(("lower", "upper", "fate", "claim"), FATES, ids=[row[-1] for row in FATES])
def test_fates(lower: list[Mark], upper: list[Mark], fate: Fate, claim: str) -> None:
    first = copies([sketch(*lower), sketch(*upper)])[0]
    assert (first.layer, first.size, first.fate) == (1, 2, fate)
    assert first.by == (None if fate is Fate.LIVE else 2)


def test_the_layer_that_hid_a_copy_is_the_lowest_that_did() -> None:
    stack = [sketch(file("/a", b"1")), sketch(file("/b", b"2")), sketch(file("/a", b"3")), sketch(whiteout("/a"))]
    assert [(copy.path, copy.layer, copy.by) for copy in copies(stack)] == [("a", 1, 3), ("b", 2, None), ("a", 3, 4)]


@settings(max_examples=50)
@given(stack=own.stacks())
def test_copies_add_up_to_what_inspect_counts(stack: list[ChangeSet]) -> None:
    counted = totals(stack, ((path, entry) for path, _, entry in Index.of(stack).walk()))
    found = usage(subject(*stack))
    assert found.totals == counted
    assert sum(copy.size for copy in found.copies) == counted.stored_bytes == sum(use.stored for use in found.layers)
    assert [use.stored for use in found.layers] == list(map(layer_bytes, stack))
    hidden = sum(copy.size for copy in found.copies if copy.fate is not Fate.LIVE)
    assert hidden == sum(use.shadowed for use in found.layers)
    assert sum(found.bytes for found in offenders(found.subject, found.copies)) == hidden


@settings(max_examples=50)
@given(stack=own.stacks())
def test_dive_is_explained_by_what_it_misses_and_counts_twice(stack: list[ChangeSet]) -> None:
    # A link to a file of a lower layer has no size in dive, and two names of one inode have one in each layer.
    plain = [ChangeSet({path: entry for path, entry in layer.entries.items() if not entry.inode and
                        entry.kind.value != "h"}, layer.whiteouts, layer.opaques) for layer in stack]
    found = copies(plain)
    reasons = {reason.key: reason.bytes for reason in differences(plain, found)}
    hidden = sum(copy.size for copy in found if copy.fate is not Fate.LIVE)
    assert dive(plain).wasted_bytes == (
        hidden + reasons.get("dive.survivor", 0) - reasons.get("dive.once", 0) + reasons.get("dive.folder", 0)
    )
    assert 0 <= dive(plain).score <= 1


def test_a_deleted_folder_that_comes_again_counts_in_whole() -> None:
    stack = [sketch(file("/d/x", b"1234")), sketch(whiteout("/d")), sketch(directory("/d"))]
    assert differences(stack, copies(stack)) == (
        Difference("dive.once", 4), Difference("dive.folder", 4), Difference("slim.once", 4),
    )
    assert dive(stack).wasted_bytes == 4


def test_dive_takes_a_further_name_of_an_inode_for_nothing_in_a_deleted_folder_too() -> None:
    # The file's first name is gone in layer 2; its link, a header without bytes, goes with the folder in layer 3.
    stack = [
        sketch(file("/d/a", b"12345678"), hardlink("/d/b", "/d/a")), sketch(whiteout("/d/a")), sketch(whiteout("/d")),
    ]
    assert (dive(stack).score, dive(stack).wasted_bytes) == (0.0, 8)


def offender(lower: Mark, upper: Mark, made: str, base: ChangeSet | None = None) -> str:
    stack = (base if base is not None else sketch(), sketch(lower), sketch(upper))
    found = usage(subject(*stack, made=("ADD rootfs", made, "RUN /bin/sh -c ...")))
    (one,) = offenders(found.subject, found.copies)
    assert (one.layer, one.by, one.made_by, one.hidden_by) == (2, 3, made, "RUN /bin/sh -c ...")
    return one.advice


ADVICE = [
    ("COPY big /big # buildkit", file("/big", b"1"), whiteout("/big"), "advice.copy-less"),
    ("RUN wget big", file("/big", b"1"), whiteout("/big"), "advice.delete-where-made"),
    ("RUN apt-get update", file("/var/lib/apt/lists/x", b"1"), whiteout("/var/lib/apt/lists/x"), "advice.cache"),
    ("RUN apt-get install", file("/var/lib/dpkg/status", b"1"), file("/var/lib/dpkg/status", b"2"), "advice.database"),
    ("RUN make", file("/out", b"1"), file("/out", b"2"), "advice.write-once"),
    ("COPY app /app", file("/app", b"1"), file("/app", b"1", mode=0o755), "advice.chmod-copy"),
    ("RUN make", file("/app", b"1"), file("/app", b"1", uid=5), "advice.chmod-run"),
    ("COPY . /app", file("/app", b"1"), file("/app", b"1"), "advice.repeated"),
]


@pytest.mark.parametrize(("made", "lower", "upper", "key"), ADVICE, ids=[row[-1] for row in ADVICE])
def test_advice(made: str, lower: Mark, upper: Mark, key: str) -> None:
    assert offender(lower, upper, made) == key


def test_what_the_base_holds_is_the_bases_matter() -> None:
    for upper, key in ((whiteout("/a"), "advice.base"), (file("/a", b"1", mode=0o600), "advice.chmod-base")):
        found = usage(subject(sketch(file("/a", b"1")), sketch(upper)))
        assert offenders(found.subject, found.copies)[0].advice == key


def test_most_bytes_come_first() -> None:
    base = sketch(file("/small", b"1"), file("/big", b"1" * 50), file("/none", b""))
    found = usage(subject(base, sketch(whiteout("/small")), sketch(whiteout("/big")), sketch(whiteout("/none"))))
    assert [(one.bytes, one.files, one.by) for one in offenders(found.subject, found.copies)] == [(50, 1, 3), (1, 1, 2)]


BASE, ONE, TWO = sketch(file("/a", b"1234")), sketch(file("/b", b"1234")), sketch(file("/c", b"99"))


def test_layers_are_shared_by_content_and_by_docker_on_the_same_base_alone() -> None:
    first, second, third = subject(BASE, ONE, name="1"), subject(BASE, TWO, name="2"), subject(ONE, name="3")
    assert layers([first, second, third]).total_count == 5
    assert layers([first, second, third]).unique_count == 3
    assert list(owners([first, second, third]).values()) == [("1", "2"), ("1", "3"), ("2",)]
    assert docker_sizes([first, second, third]) == (
        DockerSize("1", 8, 4, 4), DockerSize("2", 6, 4, 2), DockerSize("3", 4, 0, 4),
    )
    # One image under two names is one image to docker: it shares with no other.
    assert docker_sizes([third, third])[0] == DockerSize("3", 4, 0, 4)


def test_files_are_shared_across_layers_and_an_inode_counts_once() -> None:
    both = [subject(BASE, ONE), subject(sketch(file("/x", b"1234"), hardlink("/y", "/x")))]
    found = files(both)
    assert (found.total_bytes, found.unique_bytes, found.total_count, found.unique_count) == (12, 4, 3, 1)
    assert found.ratio == 3.0
    assert blobs(both).total_bytes == 300 and share([]).ratio == 1.0


def test_docker_counts_the_targets_of_links() -> None:
    changes = sketch(file("/a", b"1234"), symlink("/l", "/é"), hardlink("/m", "/l"), whiteout("/w"))
    assert docker_layer_size(changes) == 4 + len("/é".encode())


@given(st.lists(st.lists(st.binary(max_size=2), max_size=4), min_size=1, max_size=4))
def test_file_sharing_is_what_a_set_says(contents: list[list[bytes]]) -> None:
    images = [subject(sketch(*(file(f"/{n}", Inline(raw)) for n, raw in enumerate(held)))) for held in contents]
    whole = list(chain.from_iterable(contents))
    found = files(images)
    assert (found.total_bytes, found.unique_bytes) == (sum(map(len, whole)), sum(map(len, set(whole))))


def test_a_sample_shares_the_layers_of_its_base() -> None:
    both = [Subject.of(open_image(f"sample:{name}")) for name in ("ubuntu", "ubuntu-vim")]
    found = layers(both)
    assert found.unique_count == len(both[1].parts) and found.unique_bytes == sum(p.tar_size for p in both[1].parts)
    assert files(both).ratio >= found.ratio > 1


def test_copies_are_values() -> None:
    found = copies([BASE])
    assert found == (Copy("a", 1, 4, Fate.LIVE, None, Inline(b"1234")),)

"""The definition of the merged view: named cases, their explanations, and layers applied one after the other."""

from __future__ import annotations

import errno
import json
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.errors import BadInput, FsError, errno_name
from sim.fs.changeset import ChangeSet
from sim.fs.entry import IMPLIED, Entry, Kind, ancestors
from sim.fs.sketch import directory, file, hardlink, opaque, sketch, symlink, whiteout
from sim.union.answer import as_json
from sim.union.lookup import lookup, merged, names, resolve
from tests.strategies import asked_paths, stacks


def shown(layers: Sequence[ChangeSet]) -> str:
    """One line: ``d/ d/f=text l->target``, modes and owners where they are not the plain ones."""
    return " ".join(
        f"{found.path}{_what(found.entry)}" for found in sorted(merged(layers), key=lambda found: found.path)
        if found.entry is not None
    )


def _what(entry: Entry) -> str:
    if entry.is_dir:
        return "/" if (entry.mode, entry.uid) == (0o755, 0) else f"/({entry.mode:o},{entry.uid})"
    if entry.kind is Kind.SYMLINK:
        return f"->{entry.target}"
    return "=" + (entry.data.read().decode() if entry.data is not None else str(entry.kind))


D, F = directory, file

CASES = [
    # claim, source, layers base first, what the merged view shows
    ("a whiteout hides a file", "T01", [[F("/f")], [whiteout("/f")]], ""),
    ("a whiteout hides a directory with all in it", "T02", [[F("/d/x")], [whiteout("/d")]], ""),
    ("an opaque mark hides the contents, not the directory", "T03",
     [[D("/d", 0o700), F("/d/x")], [opaque("/d"), F("/d/new", b"1")]], "d/(700,0) d/new=1"),
    ("a whiteout speaks of lower layers only", "T05, T06", [[F("/f", b"old")], [whiteout("/f"), F("/f", b"new")]],
     "f=new"),
    ("a whiteout of nothing is nothing", "T07", [[F("/f", b"1")], [whiteout("/nope")]], "f=1"),
    ("a directory replaces a file", "T08", [[F("/a")], [D("/a"), F("/a/x", b"1")]], "a/ a/x=1"),
    ("a file replaces a directory", "T09", [[F("/a/x")], [F("/a", b"file")]], "a=file"),
    ("an entry below a lower symlink replaces the link", "T10, as overlay engines",
     [[D("/real"), symlink("/s", "real")], [F("/s/x", b"1")]], "real/ s/ s/x=1"),
    ("implied parents keep their attributes", "T12",
     [[D("/p", 0o700, 5), D("/p/q", 0o711, 5)], [F("/p/q/f", b"1")]], "p/(700,5) p/q/(711,5) p/q/f=1"),
    ("a hard link may name a file of a lower layer", "T14", [[F("/f", b"low")], [hardlink("/h", "/f")]],
     "f=low h=low"),
    ("a whiteout and new contents: the directory begins anew", "T16",
     [[D("/d", 0o700), F("/d/old")], [whiteout("/d"), F("/d/x", b"1")]], "d/ d/x=1"),
    ("deleted and made again in a third layer", "T24",
     [[F("/d/x")], [whiteout("/d")], [D("/d"), F("/d/y", b"1")]], "d/ d/y=1"),
    ("a whiteout below a lower symlink hides nothing", "layer.md: it names a path, not what a link leads to",
     [[F("/real/x", b"1"), symlink("/s", "real")], [whiteout("/s/x")]], "real/ real/x=1 s->real"),
    ("an opaque root hides everything", "T27, as flat tools", [[F("/f"), F("/top")], [opaque("/"), F("/g", b"1")]],
     "g=1"),
    ("a whiteout without a parent entry", "T28", [[D("/p", 0o700, 5), F("/p/x"), F("/p/y", b"1")], [whiteout("/p/x")]],
     "p/(700,5) p/y=1"),
    ("a whiteout in the middle stops the merge of directories", "overlay.md",
     [[F("/d/low")], [whiteout("/d")], [F("/d/top", b"1")]], "d/ d/top=1"),
    ("a file in the middle stops the merge of directories", "overlay.md",
     [[F("/d/low")], [F("/d")], [F("/d/top", b"1")]], "d/ d/top=1"),
    ("an opaque mark in the middle cuts below and merges above", "overlay.md",
     [[F("/d/low")], [opaque("/d"), F("/d/mid", b"2")], [F("/d/top", b"1")]], "d/ d/mid=2 d/top=1"),
    ("a symlink to a directory replaces a directory", "overlay.md", [[F("/d/x")], [symlink("/d", "e")]], "d->e"),
    ("the topmost layer gives a merged directory's attributes", "overlay.md",
     [[D("/d", 0o700, 1), F("/d/x", b"1")], [D("/d", 0o711, 2)], [F("/d/y", b"2")]], "d/(711,2) d/x=1 d/y=2"),
    ("a hard link to what is not there shows nothing, and hides", "umoci fails here",
     [[F("/h", b"1")], [hardlink("/h", "/gone")]], ""),
]


@pytest.mark.parametrize(("claim", "source", "layers", "expected"), CASES, ids=[case[0] for case in CASES])
def test_merged_view(claim: str, source: str, layers: list[list[object]], expected: str) -> None:
    assert shown([sketch(*marks) for marks in layers]) == expected, f"{claim} ({source})"  # type: ignore[arg-type]


STACK = [
    sketch(
        D("/opt", 0o700), F("/opt/tool/bin"), F("/etc/motd"), D("/var"), F("/var/a"), F("/srv"),
        symlink("/bin", "/opt"),
    ),
    sketch(whiteout("/opt/tool"), opaque("/var"), F("/etc/hosts"), F("/new/deep/f")),
    sketch(F("/etc/motd"), hardlink("/h", "/gone")),
]


@pytest.mark.parametrize(
    ("claim", "path", "code", "layer", "rule"),
    [
        ("found", "/etc/motd", "", 3, "the topmost layer that has the path supplies it"),
        ("a whiteout of an ancestor", "/opt/tool/bin", "ENOENT", 2, "a whiteout of /opt/tool hides it"),
        ("a whiteout of the path", "/opt/tool", "ENOENT", 2, "a whiteout of /opt/tool hides it"),
        ("an opaque ancestor", "/var/a", "ENOENT", 2, "the opaque directory /var hides"),
        ("a file where a directory was to be", "/srv/x", "ENOTDIR", 1, "/srv is no directory in this layer"),
        ("a file asked for as a directory", "/srv/", "ENOTDIR", 1, "/srv is not a directory"),
        ("nothing anywhere", "/nope", "ENOENT", None, "no layer has the path"),
        ("implied, described by none", "/new/deep", "", 2, "a directory that layers imply and none describes"),
        ("implied above, described below", "/opt", "", 1, "the topmost layer that has the path supplies it"),
        ("through a symlink", "/bin/tool", "ENOENT", 2, "a whiteout of /opt/tool hides it"),
        ("a broken hard link", "/h", "ENOENT", 3, "a hard link shows nothing"),
        ("the root, which no layer describes", "/", "", None, "no layer describes the root"),
        ("a name too long", "/" + "n" * 256, "ENAMETOOLONG", None, "a name has at most 255 bytes"),
    ],
)
def test_every_kind_of_answer_names_layer_and_rule(
    claim: str, path: str, code: str, layer: int | None, rule: str
) -> None:
    found = resolve(STACK, path)
    document = as_json(found)
    assert (document["errno"] or "", document["layer"]) == (code, layer), claim
    assert document["rule"].startswith(rule)
    assert document["found"] is (code == "")
    assert document["path"] == path.lstrip("/") and document["words"].startswith("/")
    assert (code or (f"layer {layer}" if layer else "no layer")) in document["words"]
    assert all(set(step) >= {"layer", "said", "rule"} for step in document["trace"])
    assert json.loads(json.dumps(document)) == document


def test_a_loop_names_the_link_and_the_limit() -> None:
    found = resolve([sketch(symlink("/a", "b"), symlink("/b", "a"))], "/a/x")
    document = as_json(found)
    assert (document["errno"], document["layer"], len(document["trace"])) == ("ELOOP", 1, 41)
    assert "40 symlinks" in document["rule"] and "40 symlinks" in document["words"]
    assert document["trace"][0] == {
        "layer": 1, "said": "symlink", "at": "a", "to": "b",
        "rule": "the symlink /a -> b is on the way and is followed",
    }


def test_a_directory_that_begins_anew_says_why() -> None:
    found = lookup([sketch(D("/d", 0o700)), sketch(whiteout("/d"), F("/d/x"))], "d")
    assert [(step.layer, str(step.said)) for step in found.trace] == [(2, "implied"), (2, "whiteout")]
    assert (found.entry, found.layer) == (IMPLIED, 2)


def test_many_silent_layers_are_one_remark() -> None:
    stack = [sketch(F("/a")), *(sketch(F(f"/f{number}")) for number in range(119))]
    assert lookup(stack, "a").words == "/a: layers 120 to 2 no, layer 1 has it: it comes from layer 1"


@pytest.mark.parametrize("path", ["a\0b", "\0", "a\ud800"])
def test_what_the_kernel_cannot_be_asked_is_bad_input(path: str) -> None:
    with pytest.raises(BadInput):
        resolve([], path)


@pytest.mark.parametrize(("path", "code"), [("f", "ENOTDIR"), ("f/x", "ENOTDIR"), ("no", "ENOENT"), ("s", "ENOTDIR")])
def test_only_a_directory_has_names(path: str, code: str) -> None:
    with pytest.raises(FsError) as caught:
        names([sketch(F("/f"), symlink("/s", "/"))], path)
    assert caught.value.name == code


def applied(layers: Sequence[ChangeSet]) -> dict[str, Entry]:
    """The merged view once more, as a flat directory to which layers are applied one after the other."""
    tree: dict[str, Entry] = {"": IMPLIED}
    for layer in layers:
        before = dict(tree)
        for path in before:
            above = ancestors(path)
            if any(one in layer.whiteouts for one in (path, *above)) or any(one in layer.opaques for one in above):
                tree.pop(path)
        for path, entry in layer.entries.items():
            if entry.kind is Kind.HARDLINK:
                target = before.get(entry.target or "")
                put(tree, path, None if target is None or target.is_dir else replace(target, inode=0))
            else:
                put(tree, path, entry)
        for path in layer.opaques - set(layer.entries):
            make_directory(tree, path)
    return tree


def put(tree: dict[str, Entry], path: str, entry: Entry | None) -> None:
    for above in reversed(ancestors(path)):
        make_directory(tree, above)
    if entry is None or not entry.is_dir:
        for below in [known for known in tree if known.startswith(path + "/")]:
            del tree[below]
    if entry is None:
        tree.pop(path, None)
    else:
        tree[path] = entry


def make_directory(tree: dict[str, Entry], path: str) -> None:
    if path not in tree or not tree[path].is_dir:
        put(tree, path, IMPLIED)


@settings(max_examples=100)
@given(stacks(5, links_to_lower=True))
def test_the_definition_is_layers_applied_one_after_the_other(stack: list[ChangeSet]) -> None:
    tree = applied(stack)
    walked = {found.path: found.entry for found in merged(stack)}
    assert walked | {"": lookup(stack, "").entry} == tree


@settings(max_examples=100)
@given(stacks(4), asked_paths())
def test_a_resolved_path_is_canonical_and_there(stack: list[ChangeSet], path: str) -> None:
    found = resolve(stack, path)
    if found.found:
        plain = lookup(stack, found.path)
        assert (plain.entry, plain.layer) == (found.entry, found.layer)
        assert resolve(stack, found.path) == replace(found, trace=plain.trace, asked=None)
    else:
        assert errno_name(found.errno) in {"ENOENT", "ENOTDIR", "ELOOP", "ENAMETOOLONG"}
        assert found.layer is None


@given(stacks(4), st.sampled_from(("a", "b", "c")))
def test_the_trace_asks_from_the_top_and_stops_at_the_first_that_decides(stack: list[ChangeSet], path: str) -> None:
    trace = lookup(stack, path).trace
    asked = list(dict.fromkeys(step.layer for step in trace))
    assert asked == list(range(len(stack), len(stack) - len(asked), -1))
    assert not any(step.stops for step in trace[:-1])
    assert (len(asked) == len(stack)) or trace[-1].stops


def test_errno_is_zero_exactly_where_something_is_found() -> None:
    assert lookup(STACK, "etc").errno == 0
    assert lookup(STACK, "bin/tool").errno == errno.ENOTDIR  # canonical: `lookup` follows no link

"""Where engines differ: the table, and what it builds against what the engines really showed."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

from sim.errors import SimError
from sim.fs.changeset import ChangeSet
from sim.fs.entry import Kind
from sim.fs.sketch import directory, file, hardlink, opaque, sketch, symlink, whiteout
from sim.fs.tar import read_layer
from sim.union.engines import ENGINES, engine, lowerdirs_of
from sim.union.overlay import OverlayMount, mount
from sim.union.upperdir import mounted

LAYERED = [one for one in ENGINES if one.layered]
ALIASES = {"docker-overlay2": "dockerd overlay2", "containerd": "containerd",
           "c-storage-overlay": "containers/storage overlay"}
ORDERED = ("T06", "T13", "T16b", "T19", "T29")
"""Cases that depend on the order in the tar, which a change set does not keep; the tar reader remarks them."""


def paths(m: OverlayMount) -> set[str]:
    return {path for path, _ in m.walk() if path}


DIFFERENCES = [
    ("renews", [sketch(file("/d/old")), sketch(whiteout("/d"), file("/d/x"))], "d/old"),
    ("opaque_root", [sketch(file("/old")), sketch(opaque("/"), file("/new"))], "old"),
]


@pytest.mark.parametrize("which", LAYERED, ids=lambda one: one.name)
@pytest.mark.parametrize(("trait", "stack", "reappears"), DIFFERENCES, ids=[row[0] for row in DIFFERENCES])
def test_what_reappears_in_an_engine(which: Any, trait: str, stack: list[ChangeSet], reappears: str) -> None:
    assert reappears not in paths(mounted(stack)), "the specification hides it"
    assert (reappears in paths(mount(lowerdirs_of(which, stack)))) is not getattr(which, trait)


@pytest.mark.parametrize("which", LAYERED, ids=lambda one: one.name)
def test_parents_that_a_layer_does_not_describe(which: Any) -> None:
    stack = [sketch(directory("/p", 0o700, 5)), sketch(file("/p/file"))]
    entry = mount(lowerdirs_of(which, stack)).tree()["p"]
    assert (entry.mode, entry.uid) == ((0o700, 5) if which.keeps_parents else (0o755, 0))


@pytest.mark.parametrize("which", LAYERED, ids=lambda one: one.name)
def test_a_link_to_a_lower_file_is_refused(which: Any) -> None:
    with pytest.raises(SimError, match="refuses the layer"):
        lowerdirs_of(which, [sketch(file("/f")), sketch(hardlink("/h", "/f"))])


def test_a_directory_replaces_a_lower_symlink() -> None:
    stack = [sketch(file("/real/x"), symlink("/s", "real")), sketch(file("/s/y"))]
    m = mount(lowerdirs_of(engine("containerd"), stack))
    assert m.lstat("/s")[1].value.kind is Kind.DIRECTORY and paths(m) == {"real", "real/x", "s", "s/y"}


def test_an_engine_of_one_tree_has_no_layers() -> None:
    with pytest.raises(SimError, match="keeps no layers"):
        lowerdirs_of(engine("umoci"), [sketch()])
    with pytest.raises(SimError, match="no engine"):
        engine("podman")


def test_the_table_shows_what_the_engines_showed(shared: Path) -> None:
    folder = shared / "truth" / "kernel"
    spec = importlib.util.spec_from_file_location("tarcases", folder / "tarcases.py")
    assert spec is not None and spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    recorded = json.loads((folder / "tarcases.json").read_text(encoding="utf-8"))
    compared = 0
    for title, layers in script.CASES:
        if title.startswith(ORDERED):
            continue
        stack = [read_layer(iter([script.layer(one)]), where=title).changes for one in layers]
        for alias, name in ALIASES.items():
            theirs = recorded[title][alias].split(" | ")[0]
            try:
                ours = _line(mount(lowerdirs_of(engine(name), stack)))
            except SimError:
                ours = "ERROR"
            # readdir lists a ghost there, lstat does not find it; `walk` leaves ghosts out.
            theirs = "ERROR" if theirs.startswith("ERROR") else theirs.replace(" s/x=GHOST", "")
            assert ours == theirs, f"{title}: {name}"
            compared += 1
    assert compared == 3 * 24


def _line(m: OverlayMount) -> str:
    found = []
    for path, entry in m.walk():
        if path.startswith("T/"):
            name = path[2:]
            if entry.is_dir:
                odd = (entry.mode, entry.uid) != (0o755, 0)
                found.append(f"{name}/" + (f"({entry.mode:o},{entry.uid})" if odd else ""))
            elif entry.kind is Kind.SYMLINK:
                found.append(f"{name}->{entry.target}")
            else:
                found.append(f"{name}={entry.data.read().decode() if entry.data else ''}")
    return " ".join(found)

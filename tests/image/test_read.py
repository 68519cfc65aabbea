"""Reading layers: what it leaves to the cycle collector."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest

from sim.source import open_image
from tests import image_builders as make

LAYER = make.tar({f"file{number}": b"" for number in range(3000)})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return make.write(tmp_path / "image.tar", make.oci(make.image((LAYER,))))


def test_no_collection_looks_at_what_was_read(path: Path) -> None:
    young: list[int] = []

    def note(phase: str, info: dict[str, int]) -> None:
        if phase == "start":
            young.append(len(gc.get_objects(generation=0)))

    gc.collect()
    gc.callbacks.append(note)
    try:
        image = open_image(path)
        kept = [[number] for number in range(3000)]
    finally:
        gc.callbacks.remove(note)
    assert len(image.stack[0].entries) == len(kept) == 3000
    assert young and max(young) < 3000


def test_a_collector_that_is_off_and_objects_that_are_frozen_stay_so(path: Path) -> None:
    gc.disable()
    gc.freeze()
    try:
        frozen = gc.get_freeze_count()
        assert frozen
        open_image(path)
        assert not gc.isenabled()
        gc.enable()
        open_image(path)
        assert gc.isenabled() and gc.get_freeze_count() <= frozen
    finally:
        gc.enable()
        gc.unfreeze()

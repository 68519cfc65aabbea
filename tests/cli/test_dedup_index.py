"""`sim dedup --index`: many images, each read once, and nothing that is left out in silence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sim.cli import corpus
from tests import image_builders as make

BASE = make.tar({"keep": b"k" * 500, "big": b"b" * 1000})


@pytest.fixture
def paths(tmp_path: Path) -> list[str]:
    tops = ({"twin": b"k" * 500}, {"own": b"o" * 300}, {"more": b"m" * 200})
    return [
        str(make.write(tmp_path / f"{number}.tar", make.oci(make.image((BASE, make.tar(top))))))
        for number, top in enumerate(tops)
    ]


def test_the_curve_is_what_dedup_says_of_the_images_together(sim: Any, paths: list[str], tmp_path: Path) -> None:
    index = str(tmp_path / "index")
    found = sim.json("dedup", "--index", index, "--chunks", *paths)
    together = sim.json("dedup", "--chunks", *paths)["sharing"]
    assert found["new_images"] == 3 and found["skipped"] == [] and found["damaged_layers"] == 0
    for unit in ("blob", "layer", "file", "chunk"):
        assert [point["images"] for point in found["growth"][unit]] == [1, 2, 3]
        assert found["growth"][unit][-1] == {"images": 3, **together[unit]}


def test_a_second_run_reads_new_images_alone(
    sim: Any, paths: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = str(tmp_path / "index")
    sim.json("dedup", "--index", index, *paths[:2])
    read: list[str] = []
    real = corpus.open_subject

    def counted(argument: str, **rest: Any) -> Any:
        read.append(argument)
        return real(argument, **rest)

    monkeypatch.setattr(corpus, "open_subject", counted)
    found = sim.json("dedup", "--index", index, *paths, paths[2])
    assert read == [paths[2]] and found["new_images"] == 1 and len(found["images"]) == 3


@pytest.fixture
def damaged(tmp_path: Path) -> tuple[str, str]:
    """An image with a damaged layer, and the same one whole."""
    files = make.oci(make.image((BASE, make.tar({"x": b"y"}))))
    good = str(make.write(tmp_path / "good.tar", files))
    files[make.blob(make.sha256(make.compressed(BASE, "gzip")[0]))] = b"\x1f\x8bnothing"
    return str(make.write(tmp_path / "bad.tar", files)), good


def test_what_is_damaged_is_counted_and_read_again(
    sim: Any, paths: list[str], damaged: tuple[str, str], tmp_path: Path
) -> None:
    index, (bad, good) = str(tmp_path / "index"), damaged
    found = sim.json("dedup", "--index", index, bad, paths[0], str(tmp_path / "none"), code=1)
    assert found["damaged_layers"] == 1 and [one["layer"] for one in found["images"][0]["damaged"]] == [1]
    assert len(found["skipped"]) == 1 and "no such file" in found["skipped"][0]["why"]
    code, out, err = sim("dedup", "--index", index, paths[0])
    assert (code, err) == (1, "") and "left out: 0 images, 1 damaged layer" in out
    code, out, _ = sim("dedup", "--index", index, good)
    assert code == 0 and "2 images in the index, 1 of them new" in out


@pytest.mark.parametrize("first", [0, 1])
def test_of_one_image_in_two_places_the_whole_one_counts(
    sim: Any, damaged: tuple[str, str], first: int, tmp_path: Path
) -> None:
    found = sim.json("dedup", "--index", str(tmp_path / "index"), damaged[first], damaged[1 - first])
    assert found["new_images"] == len(found["images"]) == 1 and found["damaged_layers"] == 0


def test_what_cannot_be_is_a_sentence(sim: Any, paths: list[str], tmp_path: Path) -> None:
    index = tmp_path / "index"
    sim.json("dedup", "--index", str(index), "--chunks", paths[0])
    assert "name another file" in sim.refused("dedup", "--index", str(index), paths[0])
    index.write_bytes(b"not an index, but some other thing of somebody\n" * 30)
    assert "move it away" in sim.refused("dedup", "--index", str(index), paths[0])
    assert "--index" in sim.refused("dedup", "--scheduler", "tcp://127.0.0.1:9", paths[0])
    assert "--check is for many images" in sim.refused("dedup", "--check", paths[0])
    assert "cannot be used" in sim.refused("dedup", "--index", str(tmp_path), paths[0])

"""`sim dedup`: the JSON shape, the words, and images that are not whole."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sim.dedup.copies import Fate
from sim.dedup.offenders import offenders
from sim.lab.texts.dedup import DEDUP_STRINGS

HAN = re.compile("[一-鿿]")


@pytest.fixture
def pair(make: SimpleNamespace, tmp_path: Path) -> tuple[str, str]:
    """Two images on one base: the upper layer of the first deletes a file, that of the second has a twin of one."""
    base = [make.file("big", b"b" * 1000), make.file("keep", b"k" * 500)]
    words = {"history": [{"created_by": "RUN base"}, {"created_by": "RUN rm /big"}]}
    first = make.layout().image(base, [make.file(".wh.big")], **words).save(tmp_path / "first.tar")
    second = make.layout().image(base, [make.file("twin", b"k" * 500)]).save(tmp_path / "second.tar")
    return first, second


def test_the_json_has_the_stable_shape(sim: Any, pair: tuple[str, str]) -> None:
    found = sim.json("dedup", *pair, "--chunks")
    first, second = found["images"]
    assert (first["stored_bytes"], first["live_bytes"], first["efficiency"]) == (1500, 500, 500 / 1500)
    assert first["dive"] == {"score": 0.3333333333333333, "user_bytes": 0, "user_wasted": 0.0, "wasted_bytes": 1000}
    assert [layer["shadowed_bytes"] for layer in first["layers"]] == [1000, 0]
    (offender,) = first["offenders"]
    assert offender["bytes"] == 1000 and offender["paths"] == [{"path": "big", "bytes": 1000}]
    assert (offender["layer"], offender["hidden_by"], offender["hidden_by_words"]) == (1, 2, "RUN rm /big")
    assert offender["advice"] == {"key": "advice.base", "words": DEDUP_STRINGS["advice.base"][0]}
    assert second["offenders"] == [] and second["slim"]["wasted_bytes"] == 500
    assert found["sharing"]["file"] == {
        "total_bytes": 3500, "unique_bytes": 1500, "ratio": 3500 / 1500, "total_count": 5, "unique_count": 2,
    }
    layer, chunk = found["sharing"]["layer"], found["sharing"]["chunk"]
    assert (layer["total_count"], layer["unique_count"]) == (4, 3)
    assert chunk["total_bytes"] == layer["total_bytes"] and chunk["unique_bytes"] <= layer["unique_bytes"]
    assert found["chunking"] == {"method": "fastcdc", "min": 2048, "average": 8192, "max": 32768}
    assert [image["docker"] for image in found["images"]] == [
        {"size": 1500, "shared_size": 1500, "unique_size": 0}, {"size": 2000, "shared_size": 1500, "unique_size": 500},
    ]
    assert found["damaged_layers"] == 0


def test_without_chunks_there_are_none(sim: Any, pair: tuple[str, str]) -> None:
    found = sim.json("dedup", pair[0])
    assert found["sharing"]["chunk"] is None and found["chunking"] is None


def test_the_text_says_who_hid_what_and_what_to_write(sim: Any, pair: tuple[str, str]) -> None:
    code, out, err = sim("dedup", *pair)
    assert (code, err) == (0, "")
    assert "1kB of the files nobody sees (seen / stored: 0.3333)" in out
    assert "1kB of layer 1, hidden by layer 2 (RUN rm /big): /big, deleted" in out
    assert "choose a smaller base, or copy what you need" in " ".join(out.split())
    assert "slim calls 500B wasted that are seen" in out
    assert re.search(r"first:v1 +1.5kB +1.5kB +0B", out)
    assert not re.search("^chunks", out, re.MULTILINE)


def test_chunks_are_named_with_their_rule(sim: Any, pair: tuple[str, str]) -> None:
    code, out, _ = sim("dedup", pair[0], "--chunks", "--average", "4Ki", "--method", "rabin")
    assert code == 0 and "chunks: rabin, 4.1kB on average (1.02kB to 16.4kB)" in out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--average", "12"], "give 256 to 4194304"), (["--average", "many"], "is no size"),
        (["--method", "luck"], "invalid choice"),
    ],
    ids=str,
)
def test_what_cannot_be_cut_is_refused(sim: Any, pair: tuple[str, str], words: list[str], says: str) -> None:
    assert says in sim.refused("dedup", pair[0], "--chunks", *words)


@pytest.mark.parametrize("words", [["--average", "4Ki"], ["--method", "fixed"]], ids=str)
def test_how_to_cut_is_not_told_in_vain(sim: Any, pair: tuple[str, str], words: list[str]) -> None:
    assert f"{words[0]} is for chunks; give --chunks, too" in sim.refused("dedup", pair[0], *words)


def test_two_builds_of_one_tag_are_told_apart(sim: Any, make: SimpleNamespace, tmp_path: Path) -> None:
    old, new = (
        make.layout().image([make.file("a", byte * 1000)], tag="app:1").save(tmp_path / f"{byte.decode()}.tar")
        for byte in (b"o", b"n")
    )
    _, out, _ = sim("dedup", old, new)
    for path in (old, new):
        assert f"app:1 ({path})\n" in out and re.search(rf"app:1 \({re.escape(path)}\) +1kB", out)
    assert [(image["name"], image["argument"]) for image in sim.json("dedup", old, new)["images"]] == [
        ("app:1", old), ("app:1", new),
    ]


def test_damaged_layers_are_counted_and_the_answer_is_no(
    sim: Any, make: SimpleNamespace, tmp_path: Path
) -> None:
    layout = make.layout().image([make.file("a", b"1")], [make.file("b", b"2")], [make.file("c", b"3")])
    names = [name for name, raw in layout.blobs.items() if raw.startswith(b"\x1f\x8b")]
    layout.blobs[names[0]] = layout.blobs[names[0]][:-9] + b"\0" * 9
    del layout.blobs[names[2]]
    path = layout.save(tmp_path / "damaged.tar")
    found = sim.json("dedup", path, code=1)
    assert found["damaged_layers"] == 2
    (image,) = found["images"]
    assert [one["layer"] for one in image["damaged"]] == [1, 3] and image["stored_bytes"] == 1
    assert [layer["layer"] for layer in image["layers"]] == [2]
    code, out, err = sim("dedup", path)
    assert (code, err) == (1, "") and "layer 3 is damaged and left out" in out and "is missing" in out


def test_a_sample_and_no_image_at_all(sim: Any, tmp_path: Path) -> None:
    code, out, _ = sim("dedup", "sample:hello-world")
    assert code == 0 and "within the image" in out
    assert "no such file" in sim.refused("dedup", str(tmp_path / "none"))
    assert "required" in sim.refused("dedup")


def test_a_hostile_name_does_not_reach_the_terminal(sim: Any, make: SimpleNamespace, tmp_path: Path) -> None:
    image = make.layout().image(
        [make.file("\x1b[2J", b"12")], [make.file(".wh.\x1b[2J")], history=[{}, {"created_by": "RUN \x1b[31m"}],
    )
    code, out, _ = sim("dedup", image.save(tmp_path / "hostile.tar"))
    assert code == 0 and "\x1b" not in out and "hidden by layer 2" in out


def test_every_key_has_its_words_in_both_languages() -> None:
    code = Path(offenders.__code__.co_filename).read_text(encoding="utf-8")
    code += Path(offenders.__code__.co_filename).with_name("scores.py").read_text(encoding="utf-8")
    keys = set(re.findall(r'"((?:advice|dive|slim)\.[a-z-]+)"', code)) | {f"fate.{fate}" for fate in Fate}
    assert keys == set(DEDUP_STRINGS)
    for english, chinese in DEDUP_STRINGS.values():
        assert HAN.search(chinese) and not HAN.search(english)
        assert ("{size}" in english) == ("{size}" in chinese)


def test_the_real_images(sim: Any, shared: Path) -> None:
    images = [str(shared / "images" / name) for name in ("ubuntu-cyo57.oci.tar", "bb-union.oci.tar")]
    found = sim.json("dedup", *images, "--chunks")
    told = json.loads((shared / "images" / "INVENTORY.json").read_text(encoding="utf-8"))
    for image, name in zip(found["images"], ("ubuntu-cyo57", "bb-union"), strict=True):
        assert [layer["stored_bytes"] for layer in image["layers"]] == [
            layer["content_bytes"] for layer in told[name]["layers"]
        ]
    # Nothing is shared between the two; within them 66 contents have a twin.
    assert found["sharing"]["layer"]["ratio"] == 1.0
    assert found["sharing"]["file"]["total_count"] - found["sharing"]["file"]["unique_count"] == 140

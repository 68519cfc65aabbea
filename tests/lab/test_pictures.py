"""Every figure, parsed as XML: its marks have words, nothing leaves the canvas, no text covers another."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from html import unescape

import pytest

from sim.content.data import Extent
from sim.fs.changeset import ChangeSet
from sim.fs.sketch import directory, file, opaque, sketch, symlink, whiteout
from sim.image.samples import sample
from sim.lab.charts import sizes_chart
from sim.lab.figures import stack_picture
from sim.lab.graphs import inheritance_picture, pull_picture
from sim.lab.lives import Moment, life_picture, lived
from sim.lab.looking import looking_down
from sim.lab.mounts import Step, mount_picture, run
from sim.lab.plates import Plate, plates_of
from sim.lab.svg import MAX_BYTES, MAX_MARKS, NARROW, PROJECTOR, WIDE, Picture, measure
from sim.lab.trees import matrix_picture, tree_picture
from sim.union.upperdir import mounted
from tests.lab.boot_figures import BOOT_FIGURES
from tests.lab.dedup_figures import DEDUP_FIGURES
from tests.lab.exercise_figures import EXERCISE_FIGURES
from tests.lab.instrument_figures import INSTRUMENT_FIGURES
from tests.lab.transfer_figures import TRANSFER_FIGURES
from tests.lab.world_figures import WORLD_FIGURES

Box = tuple[float, float, float, float]


def sized(path: str, size: int) -> Callable[..., None]:
    """A file of a size that nobody reads."""
    return file(path, Extent(size, lambda: iter(()), sha256="0" * 64))


@cache
def plates() -> tuple[Plate, ...]:
    """The stack of the visual language's sketch: three layers and a container's own on top."""
    stack = [
        sketch(file("/etc/motd", b"hello"), sized("/opt/tool/bin", 9_200_000), sized("/usr/bin/ls", 60_900_000)),
        sketch(whiteout("/opt/tool")),
        sketch(file("/etc/vimrc", b"set nu"), sized("/usr/bin/vim", 41_100_000)),
        sketch(file("/etc/motd", b"hi"), file("/etc/vimrc", b"")),
    ]
    made = plates_of(stack, ["ubuntu base", "rm -rf /opt/tool", "apt install vim", "container"])
    return (*made[:3], replace(made[3], writable=True))


PATHS = ("/etc/motd", "/etc/vimrc", "/usr/bin/vim", "/opt/tool", "/opt/tool/bin", "/usr/bin/ls")


@cache
def high() -> tuple[ChangeSet, ...]:
    """Nineteen layers: a picture of many."""
    layers = [sketch(file(f"/srv/app{n}/data", b"x" * n)) for n in range(1, 20)]
    layers[5] = sketch(whiteout("/srv/app2"))
    layers[14] = sketch(opaque("/srv/app3"), file("/srv/app3/new", b"n"), symlink("/bin", "usr/bin"))
    return tuple(layers)


def odd() -> list[ChangeSet]:
    """Names that are long, Chinese, hostile to XML, or no UTF-8."""
    return [sketch(
        file("/目录/一个很长很长很长很长的文件名字.txt", b"1"), file("/a&b<c>\"d'", b"2"), file("/\udcff\udcfe", b"3"),
        file("/" + "w" * 200, b"4"), directory("/\x1b[2J"),
    )]  # fmt: skip


def after(stack: Sequence[ChangeSet], *steps: Step, lang: str, big: bool) -> Picture:
    """A container's plates after the last of some operations."""
    report = run(mounted(stack), steps)[-1]
    return mount_picture(report.after, report, lang=lang, projector=big)


@cache
def life() -> tuple[Moment, ...]:
    """Three containers, one of them gone, a long command, a layer with many changes, two volumes."""
    return lived([
        "docker run -d --name one -v a-volume-with-a-long-name:/data -v second:/b alpine sleep 1000",
        "docker run --name two hello-world",
        "docker create --name three-with-a-long-name-of-its-own alpine sh -c 'echo " + "long " * 30 + "'",
        "docker exec one sh -c 'for i in 1 2 3 4 5 6 7 8 9; do echo $i > /data/file$i; echo $i > /root/file$i; done'",
        "docker rm two",
    ])


FIGURES: dict[str, Callable[[str, bool], Picture]] = {
    "stack": lambda lang, big: stack_picture(plates(), lang=lang, projector=big),
    "stack of an image": lambda lang, big: stack_picture(sample("nginx"), lang=lang, projector=big),
    "stack half there": lambda lang, big: stack_picture(plates(), k=2, lang=lang, projector=big),
    "stack of many": lambda lang, big: stack_picture(high(), k=7, lang=lang, projector=big),
    "looking down": lambda lang, big: looking_down(plates(), PATHS, "/opt/tool/bin", lang=lang, projector=big),
    "two steps": lambda lang, big: looking_down(plates(), PATHS, "/opt/tool/bin", steps=2, lang=lang, projector=big),
    "no step": lambda lang, big: looking_down(plates(), PATHS, "/usr/bin/ls", steps=0, lang=lang, projector=big),
    "nobody asks": lambda lang, big: looking_down(plates(), PATHS, lang=lang, projector=big),
    "why": lambda lang, big: looking_down(plates(), asked="/usr/bin/ls", lang=lang, projector=big),
    "why not": lambda lang, big: looking_down(plates(), asked="/opt/tool/bin", lang=lang, projector=big),
    "why a directory": lambda lang, big: looking_down(plates(), asked="/etc", lang=lang, projector=big),
    "many layers": lambda lang, big: looking_down(
        high(), ["/srv/app2/data", "/srv/app3", "/srv/app19/data", "/srv/app3/data"], "/srv/app2/data", lang=lang,
        projector=big,
    ),
    "odd names": lambda lang, big: looking_down(
        odd(), [*(f"/{path}" for path in odd()[0].entries), "/x"], "/a&b<c>\"d'", lang=lang, projector=big,
    ),
    "container": lambda lang, big: mount_picture(mounted([p.changes for p in plates()]), None, PATHS, lang=lang,
                                                 projector=big),
    "copy-up": lambda lang, big: after(
        [sketch(file("/etc/motd", b"hello")), sketch(file("/b"))], ("chmod", "/etc/motd", 0o600), lang=lang, big=big,
    ),
    "copy-up through many layers": lambda lang, big: after(
        high(), ("append", "/srv/app4/data", b"x"), lang=lang, big=big,
    ),
    "delete": lambda lang, big: after(high(), ("unlink", "/srv/app4/data"), lang=lang, big=big),
    "delete and make again": lambda lang, big: after(
        [sketch(file("/d/x", b"x"))], ("unlink", "/d/x"), ("rmdir", "/d"), ("mkdir", "/d"), lang=lang, big=big,
    ),
    "refused": lambda lang, big: after(
        [sketch(file("/etc/apt/list", b"x"))], ("rename", "/etc/apt", "/etc/" + "long" * 40), lang=lang, big=big,
    ),
    "tree": lambda lang, big: tree_picture(sample("ubuntu-vim"), lang=lang, projector=big),
    "tree half there": lambda lang, big: tree_picture(sample("ubuntu-vim"), "usr/share", k=1, lang=lang, projector=big),
    "tree of odd names": lambda lang, big: tree_picture(odd(), lang=lang, projector=big),
    "matrix": lambda lang, big: matrix_picture(sample("nginx"), lang=lang, projector=big),
    "images": lambda lang, big: inheritance_picture(
        [sample(name) for name in ("ubuntu", "ubuntu-vim", "nginx", "redis", "alpine", "registry")],
        lang=lang, projector=big,
    ),
    "pull": lambda lang, big: pull_picture(
        sample("redis"), {layer.descriptor.digest for layer in sample("nginx").layers}, lang=lang, projector=big
    ),
    **BOOT_FIGURES,
    **DEDUP_FIGURES,
    **WORLD_FIGURES,
    **TRANSFER_FIGURES,
    **INSTRUMENT_FIGURES,
    **EXERCISE_FIGURES,
    "a life before it begins": lambda lang, big: life_picture(life(), 0, lang=lang, projector=big),
    "a life": lambda lang, big: life_picture(life(), len(life()) - 1, lang=lang, projector=big),
    "no life": lambda lang, big: life_picture(lived(()), 0, lang=lang, projector=big),
}  # fmt: skip

figures = pytest.mark.parametrize("make", FIGURES.values(), ids=FIGURES)
languages = pytest.mark.parametrize("lang", ["en", "zh"])
sizes = pytest.mark.parametrize("big", [False, True], ids=["page", "projector"])


def name(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def layouts(picture: Picture) -> list[ET.Element]:
    root = ET.fromstring(picture.svg)
    found = [element for element in root if element.get("class") in ("wide", "narrow")]
    assert len(found) == 2
    return found


def texts(layout: ET.Element) -> list[tuple[str, Box]]:
    """The words of a layout, each with the box that it takes at most."""
    found = []
    for element in layout.iter():
        if name(element) != "text":
            continue
        size, bold = float(element.get("font-size", "14")), " b" in element.get("class", "")
        words = "".join(element.itertext())
        width = measure(words, size, bold)
        x, y = float(element.get("x", "0")), float(element.get("y", "0"))
        x -= {"middle": width / 2, "end": width}.get(element.get("text-anchor", ""), 0)
        found.append((words, (x, y - 0.75 * size, x + width, y + 0.2 * size)))
    return found


def marks(layout: ET.Element) -> list[ET.Element]:
    drawn = [element for element in layout.iter() if name(element) in ("rect", "circle")]
    return [element for element in drawn if element.get("class") != "paper"]


def box(mark: ET.Element) -> Box:
    if name(mark) == "circle":
        x, y, r = (float(mark.get(key, "0")) for key in ("cx", "cy", "r"))
        return x - r, y - r, x + r, y + r
    x, y, width, height = (float(mark.get(key, "0")) for key in ("x", "y", "width", "height"))
    return x, y, x + width, y + height


def canvas(layout: ET.Element) -> tuple[float, float]:
    _, _, width, height = map(float, layout.get("viewBox", "").split())
    return width, height


@figures
@languages
@sizes
def test_nothing_leaves_the_canvas_and_no_text_covers_another(
    make: Callable[..., Picture], lang: str, big: bool
) -> None:
    for layout in layouts(make(lang, big)):
        width, height = canvas(layout)
        written = texts(layout)
        for what, (left, top, right, bottom) in [*written, *((m.get("class"), box(m)) for m in marks(layout))]:
            assert left >= 0 and top >= 0 and right <= width + 0.5 and bottom <= height + 0.5, what
        for n, (one, a) in enumerate(written):
            for two, b in written[n + 1 :]:
                apart = a[2] <= b[0] + 1 or b[2] <= a[0] + 1 or a[3] <= b[1] + 1 or b[3] <= a[1] + 1
                assert apart, f"{one!r} and {two!r}"


@figures
@languages
def test_every_mark_has_a_word_that_the_picture_shows(make: Callable[..., Picture], lang: str) -> None:
    for layout in layouts(make(lang, False)):
        written = [words for words, _ in texts(layout)]
        for mark in marks(layout):
            word = mark.get("data-word")
            assert word, ET.tostring(mark)
            # A word that did not fit is shown cut, or by its shorter form.
            shown = any(word in words or words.rstrip("…") in word or words.strip("…") in word for words in written)
            assert shown, (word, written)


@figures
@sizes
def test_text_is_large_and_the_picture_small(make: Callable[..., Picture], big: bool) -> None:
    picture = make("en", big)
    assert len(picture.svg) <= MAX_BYTES
    for layout, shown in zip(layouts(picture), (WIDE, NARROW), strict=True):
        assert len(marks(layout)) <= MAX_MARKS
        scale = shown / canvas(layout)[0]
        assert scale == pytest.approx(PROJECTOR if big else 1)
        smallest = min(float(element.get("font-size", "14")) for element in layout.iter() if name(element) == "text")
        assert smallest * scale >= (15.9 if big else 14)


@figures
@languages
def test_the_alt_text_and_the_table_say_what_the_picture_says(make: Callable[..., Picture], lang: str) -> None:
    picture = make(lang, False)
    assert len(picture.alt) > 20 and picture.alt in picture.text
    assert re.search("[一-鿿]", picture.alt) is not None or lang == "en"
    page = picture._repr_mimebundle_()
    html = page["text/html"]
    assert 'src="data:image/svg+xml;base64,' in html and "<caption" in html and "<svg" not in html
    assert [unescape(alt) for alt in re.findall('<img alt="([^"]*)"', html)] == [picture.alt]
    assert page["text/plain"].count("\n") >= len(picture.table.rows)


def test_the_chart_says_its_numbers_and_stays_the_same() -> None:
    pytest.importorskip("matplotlib")
    one, two = sizes_chart(sample("nginx")), sizes_chart(sample("nginx"))
    assert one.svg == two.svg and len(one.svg) < MAX_BYTES
    words = "".join(ET.fromstring(one.svg).itertext())
    for said in ("A layer has three sizes", "29.1MB", "71.2MB", "2 tar", "The 5 largest of 7 layers."):
        assert said in words
    assert "Layer 1: blob 29.1MB, tar 71.2MB, files 69.3MB" in one.alt
    assert [row[0] for row in one.table.rows] == ["1", "2", "4", "6", "7"]


# ---- what single figures say, from the state


def test_looking_down_says_where_the_search_ended_and_what_it_costs() -> None:
    alt = looking_down(plates(), PATHS, "/opt/tool/bin").alt
    assert alt == (
        "4 layers seen from above, 6 paths. /opt/tool/bin: layers 4 to 3 no, layer 2 has a whiteout on /opt/tool:"
        " ENOENT. Layer 1 still stores 9.2MB that nobody can see."
    )
    assert looking_down(plates(), PATHS, "/opt/tool/bin", lang="zh").alt == (
        "从上往下看 4 层、6 个路径。/opt/tool/bin：第 4 到第 3 层都没有，第 2 层有 /opt/tool 的 whiteout：ENOENT。"
        "第 1 层仍然存着 9.2MB，却没有人看得见。"
    )


def test_looking_down_has_one_row_a_layer_and_the_merged_view_above() -> None:
    rows = looking_down(plates(), PATHS, "/opt/tool/bin").table.rows
    assert [row[2:] for row in rows] == [
        ("layer 4", "layer 4", "layer 3", "not there", "not there", "layer 1"),
        ("file", "file", "-", "-", "-", "-"),
        ("-", "hidden", "file", "-", "-", "-"),
        ("-", "-", "-", "whiteout", "-", "-"),
        ("hidden", "-", "-", "hidden", "hidden", "file"),
    ]


def test_the_fall_of_a_lookup_grows_step_by_step() -> None:
    def dots(steps: int) -> int:
        layout = layouts(looking_down(plates(), PATHS, "/opt/tool/bin", steps=steps))[0]
        return sum(name(element) == "circle" for element in layout.iter())

    assert [dots(n) for n in range(4)] == [0, 1, 2, 3]
    half = looking_down(plates(), PATHS, "/opt/tool/bin", steps=1)
    assert "?" in [words for words, _ in texts(layouts(half)[0])]
    assert "layer 4 no, and the search goes on" in half.alt and "9.2MB" not in half.alt


def test_colour_means_layer() -> None:
    layout = layouts(looking_down(plates(), PATHS))[0]
    fills = {mark.get("class"): mark.get("data-word") for mark in marks(layout) if (mark.get("class") or "")[0] == "l"}
    for number in (1, 3, 4):
        assert f"l{number}" in fills
    chips = [mark for mark in marks(layout) if mark.get("width") == "26"]
    assert [(chip.get("class"), chip.get("data-word")) for chip in chips] == [
        ("l4", "4"), ("l3", "3"), ("l2", "2"), ("l1", "1"),
    ]  # fmt: skip


def test_many_layers_fold_where_they_say_nothing() -> None:
    words = [words for words, _ in texts(layouts(FIGURES["many layers"]("en", False))[0])]
    assert "7–14: 8 say nothing" in words and "stop" in words


def test_paths_beyond_six_are_said_not_drawn() -> None:
    picture = looking_down(plates(), [f"/p{n}" for n in range(9)], "/p8")
    assert len(picture.table.head) == 8 and "/p8" in picture.table.head and "3 more paths are not drawn" in picture.alt


def test_the_tree_counts_what_is_seen_and_what_is_hidden() -> None:
    alt = tree_picture(sample("ubuntu-vim")).alt
    assert "4,981 paths" in alt and "usr/: layer 1" in alt and "stored and sent but hidden" in alt
    assert tree_picture(sample("ubuntu-vim"), k=0).table.rows == (("-", "-", "-"),)


def test_images_over_shared_layers_count_what_is_stored_once() -> None:
    alt = inheritance_picture([sample("nginx"), sample("redis")]).alt
    assert alt.endswith("2 images name 13 layers (119MB); stored are 12 different ones (89.6MB).")


def test_a_pull_skips_what_is_here() -> None:
    ubuntu, vim = sample("ubuntu"), sample("ubuntu-vim")
    rows = pull_picture(vim, {layer.descriptor.digest for layer in ubuntu.layers}).table.rows
    assert [row[2] for row in rows] == ["download 14.4MB", "Already exists"]

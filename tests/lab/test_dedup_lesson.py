"""Lesson 10: its questions against the model, its tasks, its widgets, and where its sections start."""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import pytest

from sim.dedup.chunking import Rule
from sim.dedup.copies import Fate, copies
from sim.dedup.scores import dive
from sim.dedup.sharing import files, usage
from sim.dedup.subject import Subject
from sim.errors import BadInput
from sim.fs.sketch import file, sketch
from sim.image.layer import Image
from sim.lab.chunkstrips import ACTIONS, RULES, SIZE, Edit, compared, edit_picture, edited, text
from sim.lab.growths import cache_hits, counted
from sim.lab.lessons import Lab
from sim.lab.places import PLACES
from sim.lab.sharings import gzip_rows
from sim.lab.squares import Box, squarified
from sim.lab.svg import Picture
from sim.lab.tiles import Head, Tile, tiles, tree
from tests.lab.answers import right
from tests.lab.dedup_figures import counted as sample_usage
from tests.lab.dedup_figures import many, pair

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
LEAN = "FROM ubuntu\nRUN apt-get update && apt-get install -y vim"
TIDY = " && rm -rf /var/lib/apt/lists/*"
OPEN = " && chmod -R g+w /usr/share/vim"


# ---- the questions


def test_dive_counts_the_copy_in_use() -> None:
    stack = [sketch(file("/f", b"1" * 20)), sketch(file("/f", b"2" * 20))]
    assert dive(stack).wasted_bytes == 40 and right("10.score") == "40 MB"
    assert sum(copy.size for copy in copies(stack) if copy.fate is not Fate.LIVE) == 20


def test_one_line_more_is_a_layer_more(lab: Lab) -> None:
    lab.goto("10.3")
    old, new = lab.image("app:1"), lab.image("app:2")
    known = {layer.diff_id for layer in old.layers}
    sizes = [layer.tar_size for layer in new.layers if layer.diff_id not in known]
    assert [round(size / 1e6, 1) for size in sizes] == [2.3] and right("10.share") == "The layer, 2.3 MB"
    held = [entry.size for entry in new.layers[1].changes.entries.values() if entry.size > 1_000]
    assert [round(size / 1e6, 1) for size in held] == [1.6, 0.7]


def test_gzip_hides_what_is_equal(lab: Lab) -> None:
    lab.goto("10.3")
    old, new = lab.image("app:1"), lab.image("app:2")
    assert [row[2] for row in gzip_rows(old, new, "en")] == ["99 %", "0 %"] and right("10.gzip") == "Nothing"
    assert [row[2] for row in gzip_rows(old, old, "en")] == ["100 %", "100 %"]


def test_an_insertion_shifts_blocks_and_moves_chunks() -> None:
    cuts = {name: compared(text(), edited(text(), Edit("insert", 0, 1)), rule) for name, rule in RULES.items()}
    assert len(cuts["blocks"].before) == 32 and right("10.insert") == "All of them"
    assert not any(known for _, known in cuts["blocks"].after)
    assert cuts["chunks"].new[0] == 1


def test_new_pieces_are_told_from_known_ones_without_colour_too() -> None:
    svg = edit_picture(Edit("insert", 0, 1)).svg
    pieces = set(re.findall(r'height="(\d+)" rx="\d" class="(l\d)" data-word="[12]"', svg))
    assert pieces == {("28", "l1"), ("34", "l2")}


def test_a_growing_collection_shares_more() -> None:
    for ratios in ([one.layers.ratio for one in counted()], [one.files.ratio for one in counted()]):
        assert ratios == sorted(ratios) and ratios[-1] > 1.2 * ratios[0]
    assert right("10.grow") == "Higher and higher"


def test_a_small_cache_hits_often_and_a_full_one_not_always() -> None:
    asked, found = cache_hits()
    times = sorted(Counter(asked).values(), reverse=True)
    # "A tenth of the blobs gets most of the requests, and many are asked for once."
    assert sum(times[: len(times) // 10]) > len(asked) / 2 and times.count(1) > len(times) / 2
    first = {str(policy): made[0].hit_ratio for policy, made in found.items()}
    assert 1 / 3 < first["lru"] < first["best"] and right("10.cache") == "A third or more"
    for made in found.values():
        assert made[-1].hits == len(asked) - len(set(asked))


def test_a_chmod_stores_the_files_again(lab: Lab) -> None:
    lab.goto("10.5")
    lab.run("docker build -q -t open:1 open")
    found = usage(Subject.of(lab.image("open:1")))
    layer = found.layers[-1]
    assert (round(layer.stored / 1e6, 1), layer.shadowed, right("10.chmod")) == (35.8, 0, "35.8 MB")
    again = [copy for copy in found.copies if copy.fate is Fate.ATTRIBUTES]
    assert sum(copy.size for copy in again) == layer.stored
    before = files([Subject.of(lab.image("tool:1"))]).unique_bytes
    assert files([found.subject]).unique_bytes == before
    assert "Run chmod or chown in the RUN that made the files" in repr(lab.advice(lab.image("open:1")))


# ---- the tasks


def _files(lab: Lab) -> list[tuple[str, int, str]]:
    layers = [layer for name in ("app:1", "app:2") for layer in lab.image(name).layers]
    return [
        (path, entry.size, entry.data.sha256)
        for layer in layers for path, entry in layer.changes.entries.items() if entry.data
    ]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda found: sum({sha256: size for _, size, sha256 in found}.values()), "Right."),
        (lambda found: sum(size for _, size, _ in found), "every file of each image"),
        (lambda found: sum({path: size for path, size, _ in found}.values()), "one file a path"),
        (lambda found: 7, "Take each content once"),
        (lambda found: None, "A step is missing"),
    ],
    ids=["by content", "all", "by path", "a guess", "none"],
)
def test_each_content_counts_once(lab: Lab, answer: Callable[[list[tuple[str, int, str]]], object], said: str) -> None:
    lab.goto("10.3")
    assert said in repr(lab.check("10.kept", answer(_files(lab))))


@pytest.mark.parametrize(
    ("dockerfile", "said"),
    [
        (LEAN + TIDY + OPEN, "Right."),
        (LEAN + OPEN, "Right."),
        (LEAN + TIDY + "\nRUN true" + OPEN, "Layer 3 hides 35,824,350 bytes of layer 2"),
        (LEAN + OPEN + "\nRUN rm -rf /var/lib/apt/lists/*", "of layer 2. Do it in the instruction"),
        (LEAN + TIDY, "Not every file below"),
        ("FROM ubuntu\nRUN true", "it is to have vim"),
    ],
    ids=["lean", "with lists", "chmod apart", "rm apart", "closed", "no vim"],
)
def test_the_lean_image_is_graded_by_what_it_hides(lab: Lab, dockerfile: str, said: str) -> None:
    lab.goto("10.5")
    assert "no image lean:1" in repr(lab.check("10.lean", lab.world))
    lab.script(f"mkdir lean\ncat > lean/Dockerfile <<END\n{dockerfile}\nEND\ndocker build -q -t lean:1 lean")
    assert said in repr(lab.check("10.lean", lab.world))
    assert "lab.world" in repr(lab.check("10.lean", 3))


# ---- the treemap


def test_squares_fill_the_rectangle_in_proportion() -> None:
    sizes = [90, 60, 60, 31, 8, 8, 2, 1]
    boxes = squarified(sizes, Box(10, 20, 300, 200))
    assert [box.area for box in boxes] == pytest.approx([size * 60_000 / sum(sizes) for size in sizes])
    for n, one in enumerate(boxes):
        assert one.x >= 10 and one.y >= 20 and one.x + one.width <= 310.001 and one.y + one.height <= 220.001
        for two in boxes[n + 1 :]:
            wide = min(one.x + one.width, two.x + two.width) - max(one.x, two.x)
            high = min(one.y + one.height, two.y + two.height) - max(one.y, two.y)
            assert wide < 0.001 or high < 0.001
    assert squarified([], Box(0, 0, 5, 5)) == []


def test_every_stored_byte_is_in_one_tile() -> None:
    found = sample_usage("ubuntu-vim")
    root = tree(found.copies)
    assert root.size == sum(copy.size for copy in found.copies)
    assert root.hidden == found.totals.stored_bytes - found.totals.live_bytes
    placed = [one for one in tiles(root, Box(0, 0, 800, 400)) if isinstance(one, Tile)]
    assert sum(tile.count for tile in placed) == sum(copy.size > 0 for copy in found.copies)


def test_area_is_bytes_below_one_head() -> None:
    folder = tree(many().copies).find("srv/d3")
    assert folder is not None
    placed = [one for one in tiles(folder, Box(0, 0, 800, 400)) if isinstance(one, Tile)]
    unit = 320_000 / folder.size
    for kind, size in folder.sums.items():
        assert sum(tile.box.area for tile in placed if tile.kind == kind) == pytest.approx(size * unit)


def test_a_treemap_stays_small_whatever_it_holds() -> None:
    stack = [sketch(*(file(f"/d{n % 300}/f{n}", b"x" * (1 + n % 7)) for n in range(9_000)))]
    placed = tiles(tree(copies(stack)), Box(0, 0, 812, 400))
    assert len(placed) <= 1_000 + 300 and sum(one.count for one in placed if isinstance(one, Tile)) == 9_000
    assert not any(isinstance(one, Head) and one.box.width < 64 for one in placed)


def test_one_walks_into_directories_and_chooses_a_layer(lab: Lab) -> None:
    treemap = lab.treemap(lab.open("sample:ubuntu-vim"))
    assert treemap.places()[0] == ("/", "") and treemap.places()[1][1] == "usr"
    assert "below /usr/share" in treemap.zoom("/usr/share").picture.alt
    assert treemap.places()[1] == ("..  (one up)", "usr")
    assert set(re.findall(r'class="(l\d)"', treemap.only(2).picture.wide)) == {"l2"}
    assert {"l1", "l2"} <= set(re.findall(r'class="(l\d)"', treemap.only(None).picture.wide))
    for wrong, said in ((lambda: treemap.zoom("/nowhere"), "nothing is stored below /nowhere"),
                        (lambda: treemap.only(3), "there is no layer 3")):
        with pytest.raises(BadInput, match=said):
            wrong()


def test_the_menus_of_the_treemap_do_what_its_methods_do(lab: Lab) -> None:
    pytest.importorskip("ipywidgets")
    treemap = lab.treemap(lab.open("sample:ubuntu-vim"))
    row, said, view, _ = treemap.widget().children
    places, layer = row.children
    places.value = "usr"
    assert treemap.directory == "usr" and places.value == "usr" and ("..  (one up)", "") in places.options
    assert "/usr" in said.value and "below /usr" in view.value
    places.value = ""
    layer.value = 2
    assert (treemap.directory, treemap.layer) == ("", 2)
    layer.value = 0
    assert treemap.layer is None


# ---- the edit


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize(("offset", "length"), [(0, 1), (30_000, 500), (SIZE, 3), (SIZE - 1, 8_192)])
def test_an_edit_is_what_it_says(action: str, offset: int, length: int) -> None:
    before = text()
    after = edited(before, Edit(action, offset, length))
    cut = len(before[offset : offset + length])
    assert len(after) == SIZE + {"insert": length, "overwrite": 0, "delete": -cut}[action]
    assert after[:offset] == before[:offset]
    if action != "insert":
        assert after.endswith(before[offset + cut :]) and (not cut or after != before)
    for rule in (*RULES.values(), Rule.of("gear", 1024)):
        found = compared(before, after, rule)
        assert sum(found.before) == SIZE and sum(size for size, _ in found.after) == len(after)


def test_the_controls_of_an_edit_redraw_at_once(lab: Lab) -> None:
    pytest.importorskip("ipywidgets")
    edits = lab.edit()
    row, said, view, _ = edits.widget().children
    action, offset, length = row.children
    best = 1.0
    for place in (1_000, 20_000, 40_000, 60_000, 7):
        begun = perf_counter()
        offset.value = place
        best = min(best, perf_counter() - begun)
    # What a hand feels as at once; the best of five, since other programs run here, too.
    assert best < 0.05
    action.value, length.value = "delete", 100
    assert edits.edit == Edit("delete", 7, 100) and "100 bytes are deleted at 7" in said.value
    assert "100 bytes are deleted at 7" in view.value


@pytest.mark.parametrize(("arguments", "said"), [
    (("move", 0), "nobody can move bytes"), (("insert", -1), "outside"), (("delete", SIZE + 1), "outside"),
    (("insert", 0, 0), "outside"), (("insert", 0, 10**6), "too long"),
])  # fmt: skip
def test_an_edit_outside_the_file_is_refused(lab: Lab, arguments: tuple[str, int], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        lab.edit(*arguments)


# ---- the rest


def test_units_and_images_that_are_none_are_named(lab: Lab) -> None:
    with pytest.raises(BadInput, match="nothing is shared by 'bits'"):
        lab.sharing(units=("bits",))
    with pytest.raises(BadInput, match="no image none:1"):
        lab.image("none:1")


def test_the_sharing_of_a_pair_is_what_its_units_keep(lab: Lab) -> None:
    rows = lab.sharing(*pair()).table.rows
    assert [row[0] for row in rows] == ["layers", "files", "chunks"]
    ratios = [float(row[4].rstrip("x")) for row in rows]
    assert ratios == sorted(ratios) and ratios[0] > 1 and len(lab.sharing(*pair(), units=("files",)).table.rows) == 1


def test_charts_are_tables_without_matplotlib(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert "LRU" in repr(lab.caches()) and "each file once" in repr(lab.growth())


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_charts_say_their_numbers(tmp_path: Path, lang: str) -> None:
    pytest.importorskip("matplotlib")
    lab = Lab(lang, folder=tmp_path)
    for chart in (lab.caches, lab.growth):
        made = chart()
        assert isinstance(made, Picture) and made == chart()
        assert made.table.rows[0][1] in made.alt and made.table.rows[-1][-1] in made.alt


def test_a_section_starts_where_the_cells_before_it_lead(lab: Lab) -> None:
    cells = json.loads((NOTEBOOKS / "10_deduplication.ipynb").read_text(encoding="utf-8"))["cells"]
    met = []
    for source in ("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"):
        for place in re.findall(r'lab\.goto\("(\d\d\.\d)"\)', source):
            before = dict(lab.world.hosts["cyo57"].daemon.tags)
            lab.goto(place)
            if place not in ("10.1", *met):
                assert set(lab.world.hosts["cyo57"].daemon.tags) == set(before), place
            met.append(place)
        if source.startswith("%%terminal"):
            lab.script(source.partition("\n")[2])
        for line in re.findall(r'^lab\.run\("(.*)"\)', source, re.M):
            lab.run(line)
    assert sorted(set(met)) == [place for place in PLACES if re.fullmatch(r"10\.\d", place)]


def test_an_image_of_the_world_is_one_of_the_model(lab: Lab) -> None:
    lab.goto("10.2")
    image = lab.image("tool:1")
    assert isinstance(image, Image) and image.name == "tool:1" and len(image.layers) == 4

"""Pictures when there is much: 40 layers and 5,000 paths still fit in 4,000 marks and 300 kB, for a projector too.

A page with 200,000 marks does not answer for seconds; a picture bounds what it draws and says what it left out.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from sim.fs.changeset import ChangeSet
from sim.fs.sketch import file, opaque, sketch, whiteout
from sim.lab.charts import sizes_chart
from sim.lab.curve import cost_curve
from sim.lab.lessons import Lab
from sim.lab.reading import reading_chart
from sim.lab.svg import MAX_BYTES, MAX_MARKS, NARROW, PROJECTOR, WIDE, Picture
from sim.union.upperdir import mounted
from tests.lab.test_pictures import canvas, layouts, marks, name

LAYERS, PATHS = 40, 5_000
LAST = f"/srv/app{LAYERS - 1}/dir7/file-with-a-long-name-{PATHS - 1}"


@cache
def stack() -> tuple[ChangeSet, ...]:
    """40 layers that hold 5,000 paths, with whiteouts and an opaque directory among them."""
    made = []
    for n in range(LAYERS):
        paths = [f"/srv/app{k % 60}/dir{k % 8}/file-with-a-long-name-{k}" for k in range(n, PATHS, LAYERS)]
        extra = [whiteout(f"/srv/app{n}/dir0")] if n % 9 == 8 else [opaque("/srv/app1")] if n == 20 else []
        made.append(sketch(*(file(path, b"x") for path in paths), file(f"/etc/every{n}", b"y" * n), *extra))
    assert sum(len([e for e in one.entries.values() if not e.is_dir]) for one in made) >= PATHS
    return tuple(made)


DENSE: dict[str, Callable[[Lab], Picture]] = {
    "stack": lambda lab: lab.stack(stack()),
    "tree": lambda lab: lab.tree(stack()),
    "tree of many names": lambda lab: lab.tree(stack(), "/srv/app3/dir3"),
    "matrix": lambda lab: lab.matrix(stack()),
    "why": lambda lab: lab.why(stack(), LAST),
    "look at more than fits": lambda lab: lab.look(stack(), [f"/etc/every{n}" for n in range(LAYERS)], "/etc/every0"),
    "slider": lambda lab: lab.slide(stack()).pictures[1],
    "stepper": lambda lab: lab.step(stack(), ["/etc/every0", LAST]).stepper.goto(20).pictures[0],
    "container": lambda lab: lab.container(lab.mount(stack()), ["/etc/every0"]),
    "rm -r": lambda lab: lab.after(mounted(stack()).unlink("/etc/every3")[1]),
}
dense = pytest.mark.parametrize("make", DENSE.values(), ids=DENSE)
sizes = pytest.mark.parametrize("projector", [False, True], ids=["page", "projector"])


@dense
@sizes
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_picture_of_much_is_small_and_its_text_is_not(
    make: Callable[[Lab], Picture], projector: bool, lang: str, tmp_path: Path
) -> None:
    picture = make(Lab(lang, projector=projector, folder=tmp_path))
    assert len(picture.svg.encode()) <= MAX_BYTES
    for layout, shown in zip(layouts(picture), (WIDE, NARROW), strict=True):
        assert 5 < len(marks(layout)) <= MAX_MARKS
        scale = shown / canvas(layout)[0]
        smallest = min(float(one.get("font-size", "14")) for one in layout.iter() if name(one) == "text")
        assert smallest * scale >= (15.9 if projector else 14)
        assert canvas(layout)[1] * scale < 2_000, "it is still a picture and not a scroll"


def test_what_is_not_drawn_is_said() -> None:
    lab = Lab()
    assert "34 more paths" in lab.look(stack(), [f"/etc/every{n}" for n in range(LAYERS)], "/etc/every0").text
    assert "39 smaller ones" in lab.tree(stack(), "/srv").svg


@pytest.mark.parametrize("draw", [
    cost_curve, reading_chart, lambda **how: sizes_chart(Lab().open("sample:nginx"), **how),
], ids=["curve", "reading", "sizes"])  # fmt: skip
def test_charts_grow_for_a_projector_too(draw: Callable[..., Picture]) -> None:
    pytest.importorskip("matplotlib")
    usual, large = draw(), draw(projector=True)
    assert large.alt == usual.alt and large.height == pytest.approx(usual.height * PROJECTOR)
    for one, other in zip(layouts(usual), layouts(large), strict=True):
        assert canvas(other)[0] * PROJECTOR == pytest.approx(canvas(one)[0], abs=1)
        assert " ".join(_words(one)) == " ".join(_words(other))


def _words(layout: ET.Element) -> list[str]:
    return ["".join(text.itertext()) for text in layout.iter() if name(text) == "text"]

"""A notebook with every instrument, a cell each, and beside them the plainest picture that moves: `interact`."""

from __future__ import annotations

import nbformat

SETUP = """\
from sim import Lab
from sim.fs.sketch import file, sketch, whiteout
lab = Lab()
lab.goto("05.5")
lab.run("docker run -d -p 5000:5000 --name reg registry")
lab.run("docker tag ubuntu localhost:5000/ubuntu:1")
lab.run("docker push -q localhost:5000/ubuntu:1")
image = lab.open("sample:ubuntu-vim")
stack = [sketch(*(file(f"/dir{n}/file{m}", b"x" * m) for m in range(9))) for n in range(8)]
box = lab.mount(image)
"""

INSTRUMENTS = {
    "layer slider": "lab.slide(image)",
    "slider of eight layers": "lab.slide(stack)",
    "lookup stepper": 'lab.step([*stack, sketch(whiteout("/dir0/file1"))], ["/dir0/file1", "/dir3/file2"])',
    "build story": 'lab.build_story("hello:1", at=0)',
    "copy-up explorer": 'lab.explore(box, paths=["/etc/passwd", "/usr/bin/perl"])',
    "container's life": 'lab.life("docker run -d --name box ubuntu sleep 9", "docker stop box", "docker rm box")',
    "boot player": "lab.boot_story()",
    "boots that fail": "lab.breakdowns()",
    "container's start": "lab.start_story(image)",
    "registry browser": 'lab.registry("docker.io/library/nginx")',
    "console form": "lab.cloud",
    "terminal": "lab.shell()",
    "transfer on a wire": 'lab.wire(lab.open("sample:nginx"))',
    "treemap": "lab.treemap(image)",
    "chunks of an edited file": "lab.edit()",
    "exercise": 'lab.exercise("02.listing", 1)',
    "prediction": 'lab.predict("00.passwd")',
    "question again": 'lab.reveal("01.one-byte")',
}
"""By name: the last line of its cell."""

INTERACT = """\
import ipywidgets
import matplotlib.pyplot as plt
from sim.lab.plates import plates_of
plates = plates_of(stack)
def stacked(k):
    plt.figure(figsize=(8.6, 4))
    for plate in plates[:k]:
        plt.barh(plate.number, plate.size)
        plt.text(0, plate.number, f"{plate.number}  {plate.title('en')}  {plate.size} bytes", va="center")
    plt.xlim(0, max(plate.size for plate in plates))
    plt.ylim(0.4, len(plates) + 0.6)
    plt.title(f"{k} of {len(plates)} layers")
    plt.show()
ipywidgets.interact(stacked, k=(0, len(plates)))
"""


def notebook() -> str:
    """Return the notebook's text: the set-up, the instruments in their order, and `interact` last."""
    cells = [nbformat.v4.new_code_cell(source) for source in (SETUP, *INSTRUMENTS.values(), INTERACT)]
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    return str(nbformat.writes(nbformat.v4.new_notebook(cells=cells, metadata=kernel)))


def number(name: str) -> int:
    """Return the number of an instrument's cell, from 0."""
    return 1 + list(INSTRUMENTS).index(name)

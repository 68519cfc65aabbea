"""A layer of gigabytes passes in flat memory: measured in a process of its own."""

from __future__ import annotations

import subprocess
import sys

import pytest

resource = pytest.importorskip("resource", reason="no resource module on this system")

SCRIPT = """
import resource, sys
from sim.content.data import Extent
from sim.fs.sketch import file, sketch
from sim.fs.tar import read_layer
from sim.fs.tar_write import write_layer

def zeros(size):
    piece = bytes(1 << 20)
    return (piece for _ in range(size >> 20))

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)

size = int(sys.argv[1])
layer = sketch(*(file(f"f{number}", Extent(size // 2, lambda: zeros(size // 2))) for number in range(2)))
before = peak()
tar = lambda: write_layer(layer)
found = read_layer(tar(), where="big", reopen=tar, hash_files=False)
tail = found.changes.entries["f1"].data.read(size // 2 - 4)
print(found.size, len(tail), peak() - before)
"""


def test_two_gigabytes_take_a_few_megabytes() -> None:
    size = 2 << 30
    run = subprocess.run([sys.executable, "-c", SCRIPT, str(size)], capture_output=True, text=True, check=True)
    read, tail, grown = map(int, run.stdout.split())
    assert (read, tail) == (size + 2 * 512 + 1024, 4)
    assert grown < 20 << 20


def test_a_member_takes_about_a_kilobyte() -> None:
    script = """
import tracemalloc
from sim.fs.tar import read_layer
from sim.fs.sketch import file, sketch
from sim.fs.tar_write import write_layer
tar = b"".join(write_layer(sketch(*(file(f"d{n % 97}/f{n}", b"x") for n in range(20_000)))))
tracemalloc.start()
found = read_layer([tar], where="many", reopen=lambda: [tar])
print(tracemalloc.get_traced_memory()[0] // len(found.changes.entries))
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert int(run.stdout) < 1500

"""Figures of whole processes: how long one takes, how much memory it holds at most.

A child is this Python with this package in reach, and nothing else that this process has loaded.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from time import perf_counter

PACKAGE_HOME = Path(__file__).parents[2]

PEAK = """
import sys
from pathlib import Path
if sys.platform == "linux":
    children = [pid for task in Path("/proc/self/task").iterdir() for pid in (task / "children").read_text().split()]
    statuses = [Path("/proc", pid, "status").read_text("ascii", "replace") for pid in ("self", *children)]
    lines = [line for status in statuses for line in status.splitlines() if line.startswith("VmHWM")]
    print(sum(int(line.split()[1]) * 1024 for line in lines))
else:
    import resource
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""
"""Ends a child's code: prints its peak memory in bytes, on Linux with that of its own children that still run.
Linux's ru_maxrss counts the parent in (exec(2) keeps the old high-water mark); macOS counts in bytes; Windows has
neither."""


def child(code: str, *args: str) -> str:
    """Run Python code in a process of its own and return what it printed.

    Raises
    ------
    subprocess.CalledProcessError
        The child failed; its words are on standard error.

    Examples
    --------
    >>> child("import sys; print(sys.argv[1])", "hello")
    'hello\\n'
    """
    return subprocess.run(
        [sys.executable, "-c", code, *args],
        env=environment(), stdout=subprocess.PIPE, check=True, encoding="utf-8",
    ).stdout


def environment() -> dict[str, str]:
    """Return this process's environment with the package in reach of a child."""
    path = os.environ.get("PYTHONPATH")
    home = str(PACKAGE_HOME)
    return os.environ | {"PYTHONPATH": os.pathsep.join((home, path)) if path else home, "PYTHONUTF8": "1"}


def seconds(command: Sequence[str], runs: int) -> float:
    """Return the median time of a whole process, start included; one run before, not counted, warms caches."""
    taken = []
    for _ in range(runs + 1):
        start = perf_counter()
        subprocess.run(command, env=environment(), stdout=subprocess.DEVNULL, check=True)
        taken.append(perf_counter() - start)
    return median(taken[1:])

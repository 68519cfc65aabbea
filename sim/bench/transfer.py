"""Figures of transfers: our client against skopeo, both from and to the real registry, in turns.

    cold push    a registry with an empty folder, started for each push: skopeo remembers which repository of a
                 registry has a blob, and would mount it
    cold pull    a destination that is not there
    warm         all is there: what remains is asking

skopeo is a program, so it is its whole process that is timed; ours is timed twice, as a call in a Python that runs
already, and as the process of `sim push` and `sim pull`. The image is ubuntu-cyo57 (43 MB) where the folder ../shared
lies beside the clone; elsewhere it is the sample of the same shape, its layers deflated as a real image's are.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from time import perf_counter

from ..image.stored import laid_as_stored
from ..registry.client import Doing, push
from ..registry.landing import pull_to
from ..registry.reference import Reference
from ..source import open_image, open_outline
from .figure import Figure, absolute, against, skipped
from .images import REAL
from .process import environment
from .registries import REGISTRY, real_registry
from .specimens import deflated

PEER = "skopeo"
_NAME = "bench/app:1"


def figures(quick: bool) -> Iterator[Figure]:
    """Measure, one figure at a time."""
    if shutil.which(REGISTRY) is None:
        for name, bar in _NAMES.items():
            yield skipped(name, f"{REGISTRY} is not installed", peer_name=PEER, to_reach=bar)
        return
    with tempfile.TemporaryDirectory(prefix="layerlab-bench-") as folder:
        scratch = Path(folder)
        image = REAL if REAL.exists() else deflated(open_image("sample:ubuntu-vim"), scratch / "image")
        runs = 3 if quick else 9
        yield from _cold("push", _pushes(scratch, image, runs))
        with real_registry(scratch / "pulls") as at:
            _push(image, at.host)
            yield from _cold("pull", _pulls(scratch, at.host, runs))
            yield from _warm(scratch, image, at.host, runs)


_COLD = {
    "call": ("client's {}, called in a running Python, cold", 1.0),
    "process": ("sim {}, whole process, cold", 2.0),
}
_WARM = "sim {}, whole process, warm"
_NAMES = {
    words.format(verb): f"at most {bar:g}x" for verb in ("push", "pull") for words, bar in _COLD.values()
} | {_WARM.format(verb): "at most 300 ms" for verb in ("push", "pull")}

Times = dict[str, list[float]]
"""Seconds of each run, by who: ``call``, ``process``, ``peer``."""


def _cold(verb: str, times: Times) -> Iterator[Figure]:
    for who, (words, bar) in _COLD.items():
        name, ours = words.format(verb), median(times[who])
        if not times["peer"]:
            yield skipped(name, f"{PEER} is not installed", peer_name=PEER, ours=ours, to_reach=f"at most {bar:g}x")
        else:
            yield against(name, ours, median(times["peer"]), f"{PEER} copy, whole process", at_most=bar)


def _pushes(scratch: Path, image: Path, runs: int) -> Times:
    times: Times = {"call": [], "process": [], "peer": []}
    source = ("oci-archive:" if image.is_file() else "oci:") + str(image)
    for _ in range(runs + 1):
        for who in _parties():
            with real_registry(scratch / "pushes") as at:
                host = at.host
                commands = {
                    "process": [sys.executable, "-m", "sim", "push", str(image), f"{host}/{_NAME}"],
                    "peer": [PEER, "copy", "-q", "--dest-tls-verify=false", source, f"docker://{host}/{_NAME}"],
                }
                start = perf_counter()
                if who == "call":
                    _push(image, host)
                else:
                    _run(commands[who])
                times[who].append(perf_counter() - start)
    return _after_warming(times)


def _pulls(scratch: Path, host: str, runs: int) -> Times:
    times: Times = {"call": [], "process": [], "peer": []}
    for _ in range(runs + 1):
        for who in _parties():
            dest = scratch / f"dest-{who}"
            commands = {
                "process": [sys.executable, "-m", "sim", "pull", f"{host}/{_NAME}", str(dest)],
                "peer": [PEER, "copy", "-q", "--src-tls-verify=false", f"docker://{host}/{_NAME}", f"oci:{dest}:1"],
            }
            shutil.rmtree(dest, ignore_errors=True)
            start = perf_counter()
            if who == "call":
                pull_to(Reference.parse(f"{host}/{_NAME}"), dest, Doing())
            else:
                _run(commands[who])
            times[who].append(perf_counter() - start)
    return _after_warming(times)


def _warm(scratch: Path, image: Path, host: str, runs: int) -> Iterator[Figure]:
    commands = {
        "push": ["push", str(image), f"{host}/{_NAME}"],
        "pull": ["pull", f"{host}/{_NAME}", str(scratch / "dest-process")],
    }
    for verb, words in commands.items():
        taken = []
        for _ in range(runs + 1):
            start = perf_counter()
            _run([sys.executable, "-m", "sim", *words])
            taken.append(perf_counter() - start)
        yield absolute(_WARM.format(verb), median(taken[1:]) * 1e3, unit="ms", at_most=300)


def _push(image: Path, host: str) -> None:
    push(laid_as_stored(open_outline(image)), Reference.parse(f"{host}/{_NAME}"), Doing())


def _parties() -> tuple[str, ...]:
    return ("call", "process", "peer") if shutil.which(PEER) else ("call", "process")


def _after_warming(times: Times) -> Times:
    return {who: taken[1:] for who, taken in times.items()}


def _run(command: list[str]) -> None:
    subprocess.run(command, env=environment(), stdout=subprocess.DEVNULL, check=True)

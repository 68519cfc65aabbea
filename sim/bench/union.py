"""Figures of the union: the index beside a dictionary, the plain definition, and the kernel.

    40,000 paths of mean depth 6 over n layers                  (see stacks.py)
    get(path, k)     four of five paths are there, k is any     dict.get on a flat dictionary of the same keys
    resolve(path)    the same paths, some of them through /bin  dict.get; os.lstat in a warm kernel mount
    walk             every path                                 os.walk in the kernel mount
    build, push      from parsed layers                         one dictionary updated with all layers in turn

Every text is made anew before it is asked for, since a cached hash would flatter dictionaries, ours and the peer's.
Times are medians of batches that take turns. The kernel's part needs Linux and root (kernel.py).
"""

from __future__ import annotations

import gc
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from statistics import median
from time import perf_counter
from typing import Any

from ..fs.changeset import ChangeSet
from ..fs.sketch import file, sketch, whiteout
from ..union.index import Index
from ..union.lookup import lookup
from . import kernel
from .figure import Figure, absolute, against, skipped
from .stacks import fresh, spread

DEPTHS = (1, 8, 32, 64, 120, 500)
DEEP = 120
FEW = 50
"""Questions of a batch for the plain walk, which is slow."""


@dataclass(frozen=True, slots=True)
class World:
    """A stack with its index, the peer's dictionary, and paths to ask for with a depth for each."""

    layers: int
    stack: list[ChangeSet]
    index: Index
    flat: dict[str, object]
    asked: list[str]
    depths: list[int]


def world(paths: int, layers: int, asked: int) -> World:
    """Make a stack and what is asked of it."""
    random = Random(layers)
    stack = spread(paths, layers)
    index = Index.of(stack)
    flat: dict[str, object] = {path: entry for path, _, entry in index.walk()}
    there = random.choices(list(flat), k=asked * 4 // 5)
    missing = [f"{path.rpartition('/')[0]}/missing-{number}" for number, path in enumerate(there[: asked // 5])]
    mixed = there + missing
    random.shuffle(mixed)
    # Not the keys themselves: making questions from them would bring them into the processor's cache.
    return World(layers, stack, index, flat, fresh(mixed), [random.randint(0, layers) for _ in mixed])


BATCH = 10_000
"""Questions timed at a time: enough that they do not all lie in the processor's cache."""


def turns(runs: int, *bodies: Callable[[int], float]) -> list[float]:
    """Return each body's median; a body is told the number of the run and returns its own time."""
    taken: list[list[float]] = [[] for _ in bodies]
    for run in range(runs + 1):
        for body, times in zip(bodies, taken, strict=True):
            times.append(body(run))
    # The first run warms up.
    return [median(times[1:]) for times in taken]


def _batch(paths: Sequence[str], run: int, size: int) -> list[str]:
    start = run * size % max(1, len(paths) - size + 1)
    return fresh(paths[start : start + size])


def _each(ask: Callable[..., object], paths: Sequence[str], run: int, size: int = BATCH) -> float:
    """Return the microseconds that one call takes, over one batch."""
    batch = _batch(paths, run, size)
    start = perf_counter()
    for path in batch:
        ask(path)
    return (perf_counter() - start) / len(batch) * 1e6


def _each_at(one: World, run: int) -> float:
    """Return the microseconds of a `get(path, k)`, as a learner writes it."""
    batch = list(zip(_batch(one.asked, run, BATCH), one.depths, strict=False))
    index = one.index
    start = perf_counter()
    for path, k in batch:
        index.get(path, k)
    return (perf_counter() - start) / len(batch) * 1e6


def _once(body: Callable[[], object]) -> float:
    """Return the milliseconds of a body."""
    start = perf_counter()
    body()
    return (perf_counter() - start) * 1e3


def _spent(iterator: Iterator[object]) -> None:
    for _ in iterator:
        pass


def figures(quick: bool) -> Iterator[Figure]:
    """Measure, one figure at a time."""
    paths, asked, runs = 40_000, 20_000, 20 if quick else 60
    worlds = {layers: world(paths, layers, asked) for layers in ((1, DEEP) if quick else DEPTHS)}
    for one in worlds.values():
        yield get_against_dict(one, runs)
    yield flatness(worlds[1], worlds[DEEP], runs)
    yield resolve_against_dict(worlds[DEEP], runs)
    yield get_against_definition(worlds[DEEP], runs)
    yield from against_kernel(worlds[DEEP], runs)
    for one in worlds.values():
        yield building(one, 9 if quick else 15)
    yield adding(worlds[DEEP], 50)
    yield removing(worlds[DEEP])


def _sizes(one: World) -> str:
    return f"{len(one.flat):,} paths, {one.layers} layer" + "s" * (one.layers > 1)


def get_against_dict(one: World, runs: int) -> Figure:
    """Time `get(path, k)` beside `dict.get`."""
    ours, peer = turns(
        runs, lambda run: _each_at(one, run), lambda run: _each(one.flat.get, one.asked, run)
    )
    return against(f"get(path, k), {_sizes(one)}", ours, peer, "dict.get", unit="us", at_most=2)


def flatness(low: World, high: World, runs: int) -> Figure:
    """Time `get(path, k)` on many layers beside one layer."""
    ours, peer = turns(runs, lambda run: _each_at(high, run), lambda run: _each_at(low, run))
    return against(f"get(path, k), {high.layers} layers", ours, peer, "get, 1 layer", unit="us", at_most=1.1)


def _programs(one: World) -> list[str]:
    # As programs ask: with a leading slash, a few of them through the symlink /bin.
    tools = [f"/bin/{path.rpartition('/')[2]}" for path in one.flat if path.startswith("usr/bin/tool")]
    paths = ["/" + path for path in one.asked]
    paths[::20] = Random(2).choices(tools, k=len(paths[::20]))
    return paths


def resolve_against_dict(one: World, runs: int) -> Figure:
    """Time `resolve(path)` beside `dict.get`."""
    paths = _programs(one)
    ours, peer = turns(
        runs, lambda run: _each(one.index.resolve, paths, run), lambda run: _each(one.flat.get, one.asked, run)
    )
    return against(f"resolve(path), {_sizes(one)}", ours, peer, "dict.get", unit="us", at_most=8)


def get_against_definition(one: World, runs: int) -> Figure:
    """Time `get(path)` beside the definition, which asks every layer."""
    ours, peer = turns(
        runs // 4, lambda run: _each(one.index.get, one.asked, run),
        lambda run: _each(lambda path: lookup(one.stack, path), one.asked, run, FEW),
    )
    name = f"get(path), {_sizes(one)}, against the plain walk"
    return against(name, ours, peer, "lookup", unit="us", at_most=0.01, to_reach="at least 100x faster")


@contextmanager
def _inside(folder: Path) -> Iterator[None]:
    home = os.open(".", os.O_RDONLY)
    os.chdir(folder)
    try:
        yield
    finally:
        os.fchdir(home)
        os.close(home)


def _lstat(path: str) -> None:
    try:
        os.lstat(path)
    except OSError:
        pass


def _relative(paths: Sequence[str]) -> list[str]:
    return [path.removeprefix("/") for path in paths]


def against_kernel(one: World, runs: int) -> Iterator[Figure]:
    """Time `resolve` and `walk` beside a kernel mount of the same stack."""
    resolving, walking = f"resolve(path), {_sizes(one)}, warm", f"walk, {_sizes(one)}"
    half, quarter = "at least 2x faster", "under a quarter"
    why = kernel.why_not()
    if why is not None:
        paths = _programs(one)
        ours, = turns(runs, lambda run: _each(one.index.resolve, paths, run))
        yield skipped(resolving, f"a kernel mount {why}", peer_name="os.lstat", ours=ours, unit="us", to_reach=half)
        ours, = turns(5, lambda _: _once(lambda: _spent(one.index.walk())))
        yield skipped(walking, f"a kernel mount {why}", peer_name="os.walk", ours=ours, unit="ms", to_reach=quarter)
        return
    paths = _relative(_programs(one))
    with _on_disk(one) as folder, kernel.mounted(folder) as merged, _inside(merged):
        ours, peer = turns(
            runs, lambda run: _each(one.index.resolve, paths, run), lambda run: _each(_lstat, paths, run)
        )
        yield against(resolving, ours, peer, "os.lstat", unit="us", at_most=0.5, to_reach=half)
        ours, peer = turns(
            9, lambda _: _once(lambda: _spent(one.index.walk())), lambda _: _once(lambda: _spent(os.walk(".")))
        )
        yield against(walking, ours, peer, "os.walk", unit="ms", at_most=0.25, to_reach=quarter)


@contextmanager
def _on_disk(one: World) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="layerlab-") as name, kernel.scratch(Path(name)) as folder:
        kernel.materialise(one.stack, folder)
        yield folder


def building(one: World, runs: int) -> Figure:
    """Time the index of parsed layers beside a dictionary that is updated with them all."""

    def ours(_: int) -> float:
        # Values remember what was once asked of them; these were never asked.
        parsed = [ChangeSet(layer.entries, layer.whiteouts, layer.opaques) for layer in one.stack]
        gc.collect()
        return _once(lambda: Index.of(parsed))

    def peer(_: int) -> float:
        flat: dict[str, object] = {}
        gc.collect()
        return _once(lambda: [flat.update(layer.entries) for layer in one.stack])

    took, peer_took = turns(runs, ours, peer)
    return against(f"building, {_sizes(one)}", took, peer_took, "dict.update", unit="ms", at_most=4)


def adding(one: World, runs: int) -> Figure:
    """Time a layer of 100 entries that hides nothing."""
    layer = [file(f"/opt/new/f{number}") for number in range(100)]

    def push(_: int) -> float:
        changes = sketch(*layer)
        return _once(lambda: one.index.push(changes))

    took, = turns(runs, push)
    return absolute(f"push of 100 entries, {_sizes(one)}", took, unit="ms", at_most=1)


def removing(one: World) -> Figure:
    """Time ``rm -rf /usr`` as a layer: one whiteout."""
    took, = turns(7, lambda _: _once(lambda: one.index.push(sketch(whiteout("/usr")))))
    hidden = sum(path == "usr" or path.startswith("usr/") for path in one.flat)
    return absolute(f"push of rm -rf /usr, {hidden:,} paths hidden", took, unit="ms")


CURVE_UNIT = "us"


def curve(quick: bool = False) -> Iterator[dict[str, Any]]:
    """Measure the cost of one lookup against the number of layers.

    Yields
    ------
    dict
        ``layers``, then microseconds a lookup: ``dict``, ``index``, ``lookup`` (the plain walk), ``kernel_warm``,
        ``kernel_cold`` (the first look after mounting); the kernel's are None where there is no kernel mount.
    """
    for layers in (1, DEEP) if quick else DEPTHS:
        yield _row(world(40_000, layers, 20_000), 20 if quick else 100)


def _row(one: World, runs: int) -> dict[str, Any]:
    flat, index, plain = turns(
        runs, lambda run: _each(one.flat.get, one.asked, run), lambda run: _each(one.index.get, one.asked, run),
        lambda run: _each(lambda path: lookup(one.stack, path), one.asked, run, FEW),
    )
    warm, cold = (None, None) if kernel.why_not() else _kernel_costs(one)
    return {
        "layers": one.layers, "dict": flat, "index": index, "lookup": plain, "kernel_warm": warm, "kernel_cold": cold,
    }


def _kernel_costs(one: World) -> tuple[float, float]:
    cold, warm = [], []
    once = list(dict.fromkeys(one.asked))
    with _on_disk(one) as folder:
        for _ in range(5):
            with kernel.mounted(folder) as merged, _inside(merged):
                # Each path once: a second look finds what the first one left in the dentry cache.
                cold.append(_each(_lstat, once, 0, len(once)))
                warm.append(_each(_lstat, one.asked, 0, len(one.asked)))
    return median(warm), median(cold)

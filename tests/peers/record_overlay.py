"""Record what this kernel answers to the named cases and to random operations, for tests without root.

    unshare -m --propagation private python3 -m tests.peers.record_overlay [FOLDER]

Writes cases.json and random.json to FOLDER, or to tests/union/corpus. Needs root.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.overlaykit.cases import CASES, OPTION_CASES
from tests.overlaykit.corpus import CORPUS
from tests.overlaykit.kernel import Kernel, _libc, build, call
from tests.overlaykit.model import Model, directory_of
from tests.overlaykit.stacks import Layer, Operation, Operations, random_stack

RANDOM_STACKS, RANDOM_OPERATIONS = 40, 120
FIRST_SEED = 7_000_000


def record(base: str, stack: list[Layer], operations: Iterable[Operation], options: str = "") -> list[Any]:
    """Do operations on a fresh mount; return (operation, answer) pairs."""
    os.mkdir(base)
    lowers = []
    for number, layer in enumerate(stack):
        lowers.append(os.path.join(base, f"l{number}"))
        os.mkdir(lowers[-1])
        build(lowers[-1], layer)
    kernel = _fresh(base, lowers, options)
    steps: list[Any] = []
    try:
        for op in operations:
            answer: Any = None
            if op[0] == "tree":
                answer = {"merged": kernel.merged(), "upper": kernel.upper()}
            elif op[0] == "remount":
                kernel.remount()
            elif op[0] == "upper":
                kernel.unmount()
                build(kernel.upper_at, op[1])
                kernel.mount()
            elif op[0] == "commit":
                kernel.close()
                lowers.append(kernel.upper_at)
                kernel = _fresh(base, lowers, options)
            else:
                kernel.enter()
                try:
                    answer = kernel.do(op)
                finally:
                    kernel.leave()
                if answer[0] == "special":
                    continue
            steps.append([op, answer])
    finally:
        kernel.close()
        shutil.rmtree(base)
    return steps


def _fresh(base: str, lowers: list[str], options: str) -> Kernel:
    upper = os.path.join(base, f"u{len(lowers)}")
    os.mkdir(upper)
    os.utime(upper, (0, 0))
    return Kernel(base, lowers, upper, options)


class Chosen:
    """Random operations on what exists: the model says what does, so that most of them succeed."""

    def __init__(self, rng: random.Random, stack: list[Layer]) -> None:
        self.model, self.choose = Model([directory_of(layer) for layer in stack]), Operations(rng, stack)

    def __iter__(self) -> Iterable[Operation]:  # type: ignore[override]
        for number in range(RANDOM_OPERATIONS):
            if number % 10 == 0:
                self.choose.known = sorted(path for path in self.model.merged() if path)
            op = next(self.choose)
            if self.model.do(op)[0] != "bus":
                yield op
            if number % 40 == 39:
                yield ["tree"]


def main(folder: Path) -> int:
    top = tempfile.mkdtemp(prefix="overlay-")
    call(_libc.mount(b"t", top.encode(), b"tmpfs", 0, b"mode=755"), top)
    os.umask(0o022)
    kernel = os.uname().release.split("-")[0]
    named, runs = [], []
    try:
        for options, cases in (("", CASES), *OPTION_CASES.items()):
            for name, stack, operations in cases:
                steps = record(os.path.join(top, str(len(named))), stack, operations, options)
                named.append({"name": name, "options": options, "stack": stack, "steps": steps})
        for seed in range(FIRST_SEED, FIRST_SEED + RANDOM_STACKS):
            rng = random.Random(seed)
            stack = random_stack(rng, rng.randint(1, 10))
            steps = record(os.path.join(top, str(seed)), stack, Chosen(rng, stack))  # type: ignore[arg-type]
            runs.append({"name": f"seed {seed}", "options": "", "stack": stack, "steps": steps})
    finally:
        call(_libc.umount2(top.encode(), 2), top)
        os.rmdir(top)
    folder.mkdir(exist_ok=True)
    for file, found in (("cases.json", named), ("random.json", runs)):
        lines = ",\n".join(json.dumps(one, separators=(",", ":"), sort_keys=True) for one in found)
        text = f'{{"kernel": "{kernel}", "disk": "tmpfs", "runs": [\n{lines}\n]}}\n'
        (folder / file).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else CORPUS))

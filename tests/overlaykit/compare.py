"""Hold the model against the kernel, operation by operation.

    unshare -m --propagation private python3 -m tests.overlaykit.compare --seed 1 --operations 20000

Prints one line of JSON: what ran, and the differences. Everything lies on a tmpfs of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import sys
import tempfile
from typing import Any

from sim.union.overlay import Options

from .answers import Inodes, differ, same_result
from .kernel import Kernel, _libc, build, call
from .model import Model, directory_of
from .stacks import Operations, random_stack


class Run:
    """One random stack, its operations, and what differed."""

    def __init__(self, seed: int, base: str, options: str, every: int) -> None:
        self.rng = random.Random(seed)
        self.seed, self.base, self.options, self.every = seed, base, options, every
        self.stack = random_stack(self.rng, self.rng.randint(1, 10))
        self.done: list[Any] = []
        self.differences: list[dict[str, Any]] = []

    def run(self, operations: int) -> int:
        """Mount, work, commit the upper as a layer, mount again, work; return how many operations were done."""
        lowers = []
        for number, layer in enumerate(self.stack):
            lowers.append(os.path.join(self.base, f"l{number}"))
            os.mkdir(lowers[-1])
            build(lowers[-1], layer)
        directories = [directory_of(layer) for layer in self.stack]
        choose = Operations(self.rng, self.stack)
        for generation in (1, 2):
            upper = os.path.join(self.base, f"u{generation}")
            os.mkdir(upper)
            os.chmod(upper, 0o755)
            os.utime(upper, (0, 0))
            model = Model(directories, Options.parse(self.options))
            kernel = Kernel(self.base, lowers, upper, self.options)
            try:
                if not self._work(model, kernel, choose, operations // 2):
                    return len(self.done)
            finally:
                kernel.close()
            lowers.append(upper)
            directories.append(model.mount.upperdir)
        return len(self.done)

    def _work(self, model: Model, kernel: Kernel, choose: Operations, operations: int) -> bool:
        # User attributes, and so the origin that keeps a number over a remount, exist on files and directories alone.
        inodes = Inodes(skip="userxattr" in self.options)
        for part in range(0, operations, self.every):
            kernel.enter()
            try:
                for _ in range(min(self.every, operations - part)):
                    op = next(choose)
                    self.done.append(op)
                    ours = model.do(op) if op[0] == "mapped" else None
                    if ours and ours[0] == "bus":
                        continue
                    theirs = kernel.do(op)
                    if theirs[0] == "special":
                        continue
                    found = same_result(ours or model.do(op), theirs, op[0], inodes)
                    if found:
                        self._note(op, found)
                        return False
            finally:
                kernel.leave()
            if self.rng.random() < 0.3:
                kernel.remount()
                model.forget()
            merged = model.merged()
            for what, ours, theirs in (("merged", merged, kernel.merged()), ("upper", model.upper(), kernel.upper())):
                found = differ(ours, theirs, inodes)
                if found:
                    self._note([what], found)
                    return False
            choose.known = sorted(path for path in merged if path)
        return True

    def _note(self, op: Any, found: str) -> None:
        self.differences.append({"seed": self.seed, "op": op, "after": len(self.done), "differs": found})


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--operations", type=int, default=20_000)
    parser.add_argument("--each", type=int, default=100, help="operations a stack")
    parser.add_argument("--every", type=int, default=10, help="operations between comparisons of the trees")
    parser.add_argument("--options", default="")
    parser.add_argument("--show", action="store_true", help="list the operations of a stack that differs")
    args = parser.parse_args(arguments)
    top = tempfile.mkdtemp(prefix="overlay-")
    call(_libc.mount(b"t", top.encode(), b"tmpfs", 0, b"mode=755"), top)
    os.umask(0o022)
    seed, total, differences = args.seed, 0, []
    try:
        while total < args.operations:
            base = os.path.join(top, str(seed))
            os.mkdir(base)
            run = Run(seed, base, args.options, args.every)
            total += run.run(args.each)
            if run.differences:
                differences += run.differences
                if args.show:
                    print(json.dumps(run.stack), *map(json.dumps, run.done), sep="\n", file=sys.stderr)
                if len(differences) >= 10:
                    break
            shutil.rmtree(base)
            seed += 1
    finally:
        call(_libc.umount2(top.encode(), 2), top)
        os.rmdir(top)
    print(json.dumps({"kernel": os.uname().release, "options": args.options, "seeds": [args.seed, seed - 1],
                      "stacks": seed - args.seed, "operations": total, "differences": differences}))
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

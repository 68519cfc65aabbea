"""The same comparison as a hypothesis state machine: fewer operations, but a difference shrinks to the shortest story.

    unshare -m --propagation private python3 -m tests.overlaykit.machine
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from .answers import Inodes, differ, same_result
from .cases import d, f, l, w
from .kernel import Kernel, _libc, build, call
from .model import Model, directory_of
from .stacks import Layer

PATHS = st.lists(st.sampled_from("ab"), min_size=1, max_size=3).map("/".join)
THINGS = st.sampled_from((d(), d(0o700), d(opaque="y"), f(), f("", 0o755), w(), l("a"), l("/b")))
TOP = tempfile.gettempdir()


@st.composite
def layers(draw: st.DrawFn) -> Layer:
    """A small layer: parents are directories."""
    found: Layer = {"": d()}
    for path in sorted(draw(st.sets(PATHS, max_size=5))):
        above = path.rpartition("/")[0]
        if above in found and found[above]["t"] == "d":
            found[path] = draw(THINGS)
    return found


class Overlay(RuleBasedStateMachine):
    """A mount of the kernel and one of the model, side by side."""

    count = 0

    @initialize(stack=st.lists(layers(), min_size=1, max_size=3))
    def start(self, stack: list[Layer]) -> None:
        Overlay.count += 1
        self.base = os.path.join(TOP, f"machine-{Overlay.count}")
        os.mkdir(self.base)
        lowers = []
        for number, layer in enumerate(stack):
            lowers.append(os.path.join(self.base, f"l{number}"))
            os.mkdir(lowers[-1])
            build(lowers[-1], layer)
        upper = os.path.join(self.base, "u")
        os.mkdir(upper)
        os.utime(upper, (0, 0))
        self.kernel = Kernel(self.base, lowers, upper)
        self.model, self.inodes = Model([directory_of(layer) for layer in stack]), Inodes(False)

    def both(self, *op: Any) -> None:
        self.kernel.enter()
        try:
            theirs = self.kernel.do(list(op))
        finally:
            self.kernel.leave()
        if theirs[0] != "special":
            found = same_result(self.model.do(list(op)), theirs, op[0], self.inodes)
            assert found is None, f"{op}: {found}"

    @rule(name=st.sampled_from(("unlink", "rmdir", "readdir", "cat", "stat", "lstat")), path=PATHS)
    def look_or_remove(self, name: str, path: str) -> None:
        self.both(name, path)

    @rule(name=st.sampled_from(("mkdir", "create", "chmod")), path=PATHS, mode=st.sampled_from((0o755, 0o600)))
    def make(self, name: str, path: str, mode: int) -> None:
        self.both(name, path, mode)

    @rule(name=st.sampled_from(("put", "append")), path=PATHS)
    def write(self, name: str, path: str) -> None:
        self.both(name, path, "new")

    @rule(old=PATHS, new=PATHS, flag=st.sampled_from(("", "noreplace", "exchange")))
    def rename(self, old: str, new: str, flag: str) -> None:
        self.both("rename", old, new, flag)

    @rule(old=PATHS, new=PATHS)
    def link(self, old: str, new: str) -> None:
        self.both("link", old, new)

    @rule(path=PATHS, to=st.sampled_from(("a", "../b", "/a/b")))
    def symlink(self, path: str, to: str) -> None:
        self.both("symlink", to, path)

    @rule()
    def remount(self) -> None:
        self.kernel.remount()
        self.model.forget()

    @invariant()
    def the_same_is_there(self) -> None:
        if hasattr(self, "kernel"):
            for what in ("merged", "upper"):
                found = differ(getattr(self.model, what)(), getattr(self.kernel, what)(), self.inodes)
                assert found is None, found

    def teardown(self) -> None:
        if hasattr(self, "kernel"):
            self.kernel.close()
            shutil.rmtree(self.base)


def main() -> int:
    global TOP
    TOP = tempfile.mkdtemp(prefix="overlay-")
    call(_libc.mount(b"t", TOP.encode(), b"tmpfs", 0, b"mode=755"), TOP)
    os.umask(0o022)
    quiet = settings(max_examples=300, stateful_step_count=30, deadline=None, database=None,
                     suppress_health_check=list(HealthCheck))
    try:
        run_state_machine_as_test(Overlay, settings=quiet)  # type: ignore[no-untyped-call]
    finally:
        call(_libc.umount2(TOP.encode(), 2), TOP)
        os.rmdir(TOP)
    return 0


if __name__ == "__main__":
    sys.exit(main())

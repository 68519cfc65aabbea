"""What strace sees of a container's start, as calls with times, and shared out among the model's groups.

A call's time is that from its beginning to the beginning of the next one, in whichever process of the runtime:
what the runtime does between two calls counts to the first. strace stops a process only at the calls asked for
(--seccomp-bpf), so that it adds little to the rest.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sim.boot.calls import Step

CALLS = ("execve", "clone", "clone3", "unshare", "mount", "umount2", "pivot_root", "mknodat", "sethostname", "capset",
         "seccomp", "prctl")
_LINE = re.compile(r"\d+ +(\d+\.\d+) (?:(\w+)\()?(.*)$")


@dataclass(frozen=True)
class Traced:
    """A call that strace saw.

    Attributes
    ----------
    at_ms, next_ms : float
        When it began and when anything was seen next, since the first.
    name, rest : str
        Its name, and the rest of the line.
    """

    at_ms: float
    next_ms: float
    name: str
    rest: str


def traced(command: Sequence[str | Path], log: Path) -> tuple[list[Traced], subprocess.CompletedProcess[str]]:
    """Run a command under strace; return its calls from the last program of `command` on, and how it ended."""
    done = subprocess.run(
        ["strace", "-f", "--seccomp-bpf", "-ttt", "-s", "200", "-e", f"trace={','.join(CALLS)}", "-o", log, *command],
        capture_output=True, text=True, encoding="utf-8",
    )
    lines = [
        match.groups() for line in log.read_text(encoding="utf-8", errors="replace").splitlines()
        if (match := _LINE.match(line))
    ]
    times = [(float(line[0]) - float(lines[0][0])) * 1000 for line in lines]
    found = [
        Traced(times[at], times[min(at + 1, len(times) - 1)], name, rest)
        for at, (_, name, rest) in enumerate(lines) if name
    ]
    # Threads of the runtime's own language, and what it asks the kernel about itself, are not part of the start.
    return [call for call in found if _counts(call)], done


def _counts(call: Traced) -> bool:
    if call.name == "prctl":
        return call.rest.startswith("PR_SET_SECCOMP, SECCOMP_MODE_FILTER, {")
    if call.name == "seccomp":
        return "SECCOMP_SET_MODE_FILTER" in call.rest and "NULL" not in call.rest and "EFAULT" not in call.rest
    return call.name == "mount" or not ("CLONE_THREAD" in call.rest or ") = -1 ENOENT" in call.rest)


def step_of(call: Traced, program: str, before: Step) -> Step:
    """Return the group of a call that comes after one of the group `before`."""
    if call.name == "execve":
        return Step.EXEC if call.rest.startswith(f'"{program}"') else before
    if call.name in ("seccomp", "prctl", "capset"):
        return Step.LIMITS
    detaching = ('".", MNT_DETACH', '"", ".",', 'NULL, ".",')
    if call.name in ("pivot_root", "sethostname") or call.rest.startswith(detaching):
        return Step.PIVOT
    if before is Step.FORK and not (call.name == "mount" and call.rest.startswith(('"", "/"', 'NULL, "/"'))):
        return Step.FORK
    return Step.MOUNTS


def groups(calls: Sequence[Traced], program: str) -> dict[Step, float]:
    """Return the milliseconds of each group, to the moment when the program runs."""
    found = dict.fromkeys((Step.FORK, Step.MOUNTS, Step.PIVOT, Step.LIMITS, Step.EXEC), 0.0)
    step = Step.FORK
    for call, later in zip(calls, [*(call.at_ms for call in calls[1:]), calls[-1].next_ms], strict=True):
        step = step_of(call, program, step)
        found[step] += later - call.at_ms
    return found

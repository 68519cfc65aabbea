"""The marks of a boot: the words on a serial line that begin a stage, and the spans between them, real and modelled."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from sim.boot.machine import Machine, Way, play, shut_down
from sim.boot.stages import MARKS, State

from .qemu import Seen

WORDS = {
    "SeaBIOS banner": "SeaBIOS (version",
    "BIOS int19 (boot)": "enter handle_19:",
    "MBR/ROM jump": "Booting from 0000:7c00",
    "GRUB core running": "GRUB core",
    "GRUB loading vmlinuz": "Loading Linux",
    "GRUB loading initrd": "Loading initial ramdisk",
    "GRUB boot": "Handing over",
    "first kernel line": "Linux version",
    "Memory line": "Memory: ",
    "unpack initramfs start": "Trying to unpack rootfs image as initramfs...",
    "initrd freed": "Freeing initrd memory",
    "initmem freed": "Freeing unused kernel image (initmem) memory",
    "Run /init": "Run /init as init process",
    "initramfs /init alive": "MARK init alive",
    "modules loaded": "MARK drivers loaded",
    "root mounted ro": "MARK root mounted",
    "real init (switch_root)": "MARK real init",
    "root rw": "MARK root rw",
    "overlay mounted": "MARK overlay mounted",
    "power down": "reboot: Power down",
}
_OF_WAY = {(Way.DIRECT, "MBR/ROM jump"): "Booting from c000:"}
_ENDED = "qemu exit"


def moments(seen: Seen, way: Way) -> dict[State, float]:
    """Return when each marked state began, in the model's order; power on is 0."""
    found = {State.POWER_ON: 0.0}
    for name, state in MARKS[way].items():
        if name == _ENDED:
            assert seen.ended_ms is not None, "the machine did not end by itself"
            found[state] = seen.ended_ms
        else:
            found[state] = seen.moment(_OF_WAY.get((way, name), WORDS[name]))
    return found


def spans(runs: Sequence[dict[State, float]]) -> dict[State, float]:
    """Return the median span that begins with each mark."""
    states = list(runs[0])
    return {
        state: median(run[later] - run[state] for run in runs)
        for state, later in zip(states, states[1:], strict=False)
    }


def modelled(machine: Machine) -> dict[State, float]:
    """Return the model's spans between the same marks: a state without a mark belongs to the one before."""
    marks = {State.POWER_ON, *MARKS[machine.way].values()}
    found: dict[State, float] = {}
    at = State.POWER_ON
    boot = shut_down(play(machine))
    for frame, later in zip(boot.frames[1:], boot.frames[2:], strict=False):
        at = frame.state if frame.state in marks else at
        found[at] = found.get(at, 0.0) + later.at_ms - frame.at_ms
    return found

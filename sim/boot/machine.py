"""A machine that boots: a value for each moment, so that it can step forward and back.

    Machine  (what it is: way to boot, sizes, speed, what is broken)
       |
    Boot     frame 0 --event--> frame 1 --event--> ... --> frame n        step() adds one, back() takes it away
             off                power on                   running, or what went wrong

A frame holds all that can be seen at its moment: the state, when it began, memory, mounts, what a write gets, the
lines that appeared on the screen. Its effects:

    the bootloader reads     compressed kernel and initrd image lie in memory; nobody has mounted /boot
    the kernel unpacks       code, rodata, rwdata, bss, initmem; the compressed one is used up, the bootloader gone
    the initramfs unpacks    its files lie in rootfs, then the initrd image is freed
    the start ends           initmem is freed
    root mounted             at /root, READ-ONLY; still / is the initramfs
    switch_root              the initramfs is emptied, the root becomes /; then it is remounted READ-WRITE

So what is "unloaded" of a bootfs is the bootloader, the initrd and initmem; the kernel stays until the power is cut.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from ..errors import IllegalEvent, SimError
from .cost import Work, work
from .effects import memory_after, mounts_after, writing_after
from .hardware import TURNS, Failure, Kernel, Machine, failures
from .memory import Memory, Mount, Part, Region, Writing
from .screen import lines
from .stages import ENDS, Event, State, Transition, Way, course, legal, successor
from .timeline import Span, Timeline

__all__ = [
    "Boot", "Failure", "Frame", "Kernel", "Machine", "Memory", "Mount", "Way", "Writing", "failures", "fitted", "group",
    "memory_account", "play", "shut_down", "stage_names", "timeline",
]


@dataclass(frozen=True, slots=True)
class Frame:
    """All that can be seen at one moment.

    Attributes
    ----------
    state : State
    at_ms : float
        When the state began, since power on.
    memory : Memory
    mounts : tuple of Mount
    writing : Writing
        What a write under / gets.
    done : Transition or None
        What led here; None before power on.
    freed : tuple of Region
        What was given back by that.
    screen : tuple of str
        The lines that appeared by that.
    work : Work
        What the state before this one did, in the units of the cost model.
    """

    state: State
    at_ms: float
    memory: Memory
    mounts: tuple[Mount, ...] = ()
    writing: Writing = Writing.NOWHERE
    done: Transition | None = None
    freed: tuple[Region, ...] = ()
    screen: tuple[str, ...] = ()
    work: Work = Work()

    @property
    def effect(self) -> str:
        """What the last event brought about, in words."""
        return "" if self.done is None else self.done.effect

    @property
    def failed(self) -> bool:
        """Whether the last event should not have happened."""
        return self.done is not None and self.done.failure


@dataclass(frozen=True, slots=True)
class Boot:
    """A boot up to a moment. A value.

    Examples
    --------
    >>> boot = Boot.of(Machine()).step().step()
    >>> boot.now.state, boot.back().now.state, boot.back().step() == boot
    (<State.FIRMWARE: 'firmware'>, <State.POWER_ON: 'power on'>, True)
    """

    machine: Machine
    frames: tuple[Frame, ...] = field(repr=False)

    @classmethod
    def of(cls, machine: Machine) -> Boot:
        """Return a machine that is off."""
        return cls(machine, (Frame(State.OFF, 0.0, Memory(machine.memory)),))

    @property
    def now(self) -> Frame:
        """The moment it is at."""
        return self.frames[-1]

    @property
    def at_rest(self) -> bool:
        """Whether the boot has come to an end, good or bad."""
        return self.now.state in ENDS

    @property
    def screen(self) -> tuple[str, ...]:
        """All lines on the screen."""
        return tuple(line for frame in self.frames for line in frame.screen)

    def legal(self) -> tuple[Transition, ...]:
        """Return what can happen now, the regular course first."""
        initrd = self.now.memory.size(Part.INITRD) > 0
        absent = {Event.INITRD_THERE} if not initrd else {Event.INITRD_ABSENT}
        return tuple(line for line in legal(self.now.state, self.machine.way) if line.event not in absent)

    def apply(self, event: Event) -> Boot:
        """Return the boot after an event.

        Raises
        ------
        IllegalEvent
            The state does not know the event, or the memory contradicts it; nothing has changed.
        SimError
            The machine has too little memory.
        """
        done = successor(self.now.state, event, self.machine.way)
        if done not in self.legal():
            raise IllegalEvent(self.now.state, event, tuple(line.event for line in self.legal()))
        return Boot(self.machine, (*self.frames, _after(self.machine, self.now, done)))

    def step(self) -> Boot:
        """Return the boot one stage on: the regular course, or what is broken; at rest it stays as it is."""
        return self if self.at_rest else self.apply(self.next_event())

    def next_event(self) -> Event:
        """Return what will happen next, in a machine as this one is."""
        turns = {} if self.machine.failure is None else TURNS[self.machine.failure]
        turn = turns.get(self.now.state)
        possible = self.legal()
        return next((line.event for line in possible if line.event is turn), possible[0].event)

    def back(self) -> Boot:
        """Return the boot one stage earlier; before power on it stays as it is."""
        return self if len(self.frames) == 1 else Boot(self.machine, self.frames[:-1])


def play(machine: Machine) -> Boot:
    """Boot a machine until it is at rest; its `frames` are the whole course.

    Raises
    ------
    SimError
        It has too little memory to boot.

    Examples
    --------
    >>> play(Machine(failure=Failure.KERNEL_MISSING)).now.screen[1]
    "error: file `/vmlinuz-6.1.0-amd64' not found."
    """
    boot = Boot.of(machine)
    while not boot.at_rest:
        boot = boot.step()
    return boot


def shut_down(boot: Boot) -> Boot:
    """Return a machine that is up after it was switched off; `IllegalEvent` where it is not up."""
    return boot.apply(Event.SHUT_DOWN).apply(Event.POWER_CUT)


def fitted(machine: Machine, measured_ms: float) -> Machine:
    """Return the machine with the speed at which its boot takes a measured time.

    Examples
    --------
    >>> round(play(fitted(Machine(), 3300.0)).now.at_ms)
    3300
    """
    spent = [frame.work for frame in play(machine).frames]
    waited = sum(each.waited for each in spent)
    if measured_ms <= waited:
        raise SimError(f"{measured_ms:g} ms is less than the {waited:g} ms that this boot waits")
    return replace(machine, speed=sum(replace(each, waited=0.0).ms() for each in spent) / (measured_ms - waited))


def timeline(boot: Boot) -> Timeline:
    """Return a boot as a row of spans, with what its memory holds at the end and what was freed on the way."""
    frames = boot.frames[1:]
    ends = [later.at_ms for later in frames[1:]] + [boot.now.at_ms]
    works = [later.work for later in frames[1:]] + [Work()]
    spans = tuple(
        Span(str(frame.state), frame.at_ms, end - frame.at_ms, frame.effect, group(frame.state), done.estimated)
        for frame, end, done in zip(frames, ends, works, strict=True)
    )
    return Timeline(f"machine ({boot.machine.way})", spans, memory_account(boot), {
        "way": str(boot.machine.way),
        "speed": boot.machine.speed,
        "mounts": [str(mount) for mount in boot.now.mounts],
        "screen": list(boot.screen),
        "outcome": str(boot.now.state),
        "failure": None if boot.machine.failure is None else str(boot.machine.failure),
    })


def memory_account(boot: Boot) -> dict[str, Any]:
    """Return what a boot's memory holds, as plain data, in bytes."""
    memory = boot.now.memory
    return {
        "total": memory.total,
        "used": memory.used,
        "free": memory.free,
        "peak": max(frame.memory.used for frame in boot.frames),
        "kernel": memory.kernel,
        "regions": [{"name": str(region.part), "bytes": region.size} for region in memory.regions],
        "freed": [
            {"name": str(region.part), "bytes": region.size, "at": str(frame.state)}
            for frame in boot.frames for region in frame.freed
        ],
    }


_GROUPS = {
    "firmware": (State.POWER_ON, State.FIRMWARE, State.BOOT_DEVICE),
    "bootloader": (
        State.BOOT_SECTOR, State.EFI_PARTITION, State.OPTION_ROM, State.BOOTLOADER, State.READ_KERNEL,
        State.READ_INITRD, State.HAND_OVER,
    ),
    "kernel": (State.DECOMPRESS, State.EARLY_KERNEL, State.KERNEL_INIT, State.BUILT_IN_DRIVERS, State.SEAL_KERNEL),
    "initramfs": (
        State.UNPACK_INITRAMFS, State.NO_INITRAMFS, State.RUN_INIT, State.LOAD_DRIVERS, State.MOUNT_ROOT,
        State.REPLAY_JOURNAL, State.SWITCH_ROOT,
    ),
    "rootfs": (State.INIT, State.ROOT_WRITABLE, State.SERVICES),
}
_GROUP = {state: name for name, states in _GROUPS.items() for state in states}


def group(state: State) -> str:
    """Return which part of a boot a state belongs to: firmware, bootloader, kernel, initramfs, rootfs or end."""
    return _GROUP.get(state, "end")


def stage_names(way: Way) -> tuple[str, ...]:
    """Return the names of a way's stages, in order."""
    return tuple(str(line.to) for line in course(way))


def _after(machine: Machine, now: Frame, done: Transition) -> Frame:
    spent = work(now.state, done.event, machine.way, machine.sizes)
    memory = memory_after(now.memory, done, machine)
    freed = tuple(region for region in now.memory.regions if not memory.size(region.part))
    return Frame(
        done.to, now.at_ms + spent.ms(machine.speed), memory, mounts_after(now.mounts, done, machine),
        writing_after(now.writing, done, machine), done, freed,
        lines(done, now.memory, memory, machine.way, machine.names), spent,
    )

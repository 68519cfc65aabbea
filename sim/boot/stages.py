"""The stages of a boot: one table of (state, event) -> (next state, effect), from which the diagram is drawn.

    off -power on-> power on -> firmware -> boot device --BIOS--> boot sector ------+
                                                 |  \\----UEFI--> EFI partition ----+--> bootloader
                                                 +--direct-----> option ROM           | reads /boot itself
                                                                     |                v
    running <- services <- root rw <- init <- root ro <- drivers <- initramfs <- kernel <- vmlinuz, initrd

A state is a stage that is under way; an event ends it. An event that a state does not know raises and nothing
changes. Four ways lead through the table, each a part of it:

    BIOS       firmware, the disk's first sector, GRUB, kernel, initramfs, root file system
    UEFI       firmware, a program in the EFI System Partition, GRUB, and on as above
    DIRECT     an emulator's -kernel: no boot sector and no bootloader, an option ROM hands the kernel over
    INITRAMFS  direct, and the archive is a whole image: nothing is mounted over it and nothing switched to

Sources: SeaBIOS src/boot.c; UEFI specification, 3 "Boot Manager"; Linux init/main.c (kernel_init), init/initramfs.c,
init/do_mounts.c, Documentation/filesystems/ramfs-rootfs-initramfs.rst; a recorded boot (`MARKS`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from ..errors import IllegalEvent


class Way(StrEnum):
    """The way a machine boots."""

    BIOS = "bios"
    UEFI = "uefi"
    DIRECT = "direct"
    INITRAMFS = "initramfs"


class State(StrEnum):
    """A stage under way, or an end."""

    OFF = "off"
    POWER_ON = "power on"
    FIRMWARE = "firmware"
    BOOT_DEVICE = "boot device"
    BOOT_SECTOR = "boot sector"
    EFI_PARTITION = "EFI partition"
    OPTION_ROM = "option ROM"
    BOOTLOADER = "bootloader"
    READ_KERNEL = "read kernel"
    READ_INITRD = "read initrd"
    HAND_OVER = "hand over"
    DECOMPRESS = "decompress"
    EARLY_KERNEL = "early kernel"
    KERNEL_INIT = "kernel init"
    UNPACK_INITRAMFS = "unpack initramfs"
    BUILT_IN_DRIVERS = "built-in drivers"
    NO_INITRAMFS = "no initramfs"
    SEAL_KERNEL = "seal kernel"
    RUN_INIT = "run /init"
    LOAD_DRIVERS = "load drivers"
    MOUNT_ROOT = "mount root"
    REPLAY_JOURNAL = "replay journal"
    SWITCH_ROOT = "switch root"
    INIT = "init"
    ROOT_WRITABLE = "root read-write"
    SERVICES = "services"
    RUNNING = "running"
    DEGRADED = "running, root full"
    POWER_DOWN = "power down"
    NO_BOOT_DEVICE = "no boot device"
    GRUB_ERROR = "GRUB error"
    EMERGENCY_SHELL = "emergency shell"
    PANIC = "kernel panic"


class Event(StrEnum):
    """What ends a stage."""

    POWER_PRESSED = "power pressed"
    FIRMWARE_STARTED = "firmware started"
    DEVICES_FOUND = "devices found"
    SECTOR_FOUND = "boot sector found"
    ESP_FOUND = "EFI partition found"
    KERNEL_GIVEN = "kernel given by the emulator"
    NOTHING_BOOTABLE = "nothing bootable"
    LOADER_STARTED = "bootloader started"
    KERNEL_FOUND = "kernel found"
    KERNEL_MISSING = "kernel missing"
    KERNEL_READ = "kernel read"
    INITRD_READ = "initrd read"
    NO_INITRD = "no initrd"
    CONTROL_PASSED = "control passed"
    KERNEL_UNPACKED = "kernel unpacked"
    MEMORY_KNOWN = "memory known"
    INITRD_THERE = "initrd there"
    INITRD_ABSENT = "initrd absent"
    INITRD_FREED = "initrd freed"
    INITRD_CORRUPT = "initrd corrupt"
    INITCALLS_DONE = "initcalls done"
    ROOT_UNREACHABLE = "root unreachable"
    KERNEL_SEALED = "kernel sealed"
    INIT_ALIVE = "init alive"
    SHELL_ALIVE = "shell alive"
    DRIVERS_LOADED = "drivers loaded"
    ROOT_NOT_FOUND = "root not found"
    ROOT_MOUNTED = "root mounted"
    JOURNAL_DIRTY = "journal dirty"
    JOURNAL_REPLAYED = "journal replayed"
    ROOT_SWITCHED = "root switched"
    ROOT_REMOUNTED = "root remounted"
    SERVICES_STARTED = "services started"
    SERVICES_UP = "services up"
    NO_SPACE = "no space"
    SHUT_DOWN = "shut down"
    POWER_CUT = "power cut"


@dataclass(frozen=True, slots=True)
class Transition:
    """One line of the table.

    Attributes
    ----------
    state : State
    event : Event
    to : State
    effect : str
        What the event brings about, in words.
    ways : frozenset of Way
        The ways to boot on which it happens.
    failure : bool
        Whether this is not how it should go.
    """

    state: State
    event: Event
    to: State
    effect: str
    ways: frozenset[Way]
    failure: bool = False


_ALL = frozenset(Way)
_DISK = frozenset({Way.BIOS, Way.UEFI})
_ROOT = _ALL - {Way.INITRAMFS}
_BIOS, _UEFI, _IMAGE = frozenset({Way.BIOS}), frozenset({Way.UEFI}), frozenset({Way.INITRAMFS})
_DIRECT = frozenset({Way.DIRECT, Way.INITRAMFS})
_S, _E = State, Event


def _step(state: State, event: Event, to: State, ways: frozenset[Way], effect: str) -> Transition:
    return Transition(state, event, to, effect, ways)


def _flaw(state: State, event: Event, to: State, ways: frozenset[Way], effect: str) -> Transition:
    return Transition(state, event, to, effect, ways, failure=True)


TABLE: tuple[Transition, ...] = (
    _step(_S.OFF, _E.POWER_PRESSED, _S.POWER_ON, _ALL,
          "the processor starts at its reset vector, in the firmware"),
    _step(_S.POWER_ON, _E.FIRMWARE_STARTED, _S.FIRMWARE, _ALL,
          "the firmware sets up memory and looks for devices"),
    _step(_S.FIRMWARE, _E.DEVICES_FOUND, _S.BOOT_DEVICE, _ALL,
          "the firmware tries the boot devices in order"),
    _step(_S.BOOT_DEVICE, _E.SECTOR_FOUND, _S.BOOT_SECTOR, _BIOS,
          "512 bytes are read to 0000:7c00 and run"),
    _step(_S.BOOT_DEVICE, _E.ESP_FOUND, _S.EFI_PARTITION, _UEFI,
          "a program is read from the EFI System Partition"),
    _step(_S.BOOT_DEVICE, _E.KERNEL_GIVEN, _S.OPTION_ROM, _DIRECT,
          "an option ROM copies the kernel that the emulator was given"),
    _flaw(_S.BOOT_DEVICE, _E.NOTHING_BOOTABLE, _S.NO_BOOT_DEVICE, _DISK,
          "no device has anything to boot"),
    _step(_S.BOOT_SECTOR, _E.LOADER_STARTED, _S.BOOTLOADER, _BIOS,
          "the bootloader runs; it has its own driver for the file system of /boot"),
    _step(_S.EFI_PARTITION, _E.LOADER_STARTED, _S.BOOTLOADER, _UEFI,
          "the bootloader runs; the firmware reads the disk for it"),
    _step(_S.BOOTLOADER, _E.KERNEL_FOUND, _S.READ_KERNEL, _DISK,
          "the bootloader reads the kernel from /boot: nobody mounts anything"),
    _flaw(_S.BOOTLOADER, _E.KERNEL_MISSING, _S.GRUB_ERROR, _DISK,
          "/boot has no such kernel; the bootloader waits for a key"),
    _step(_S.READ_KERNEL, _E.KERNEL_READ, _S.READ_INITRD, _DISK,
          "the kernel is in memory, compressed; the initrd is next"),
    _flaw(_S.READ_KERNEL, _E.NO_INITRD, _S.HAND_OVER, _DISK,
          "the kernel is in memory, and no initrd is loaded"),
    _step(_S.READ_INITRD, _E.INITRD_READ, _S.HAND_OVER, _DISK,
          "both are in memory; the bootloader gives the machine up"),
    _step(_S.HAND_OVER, _E.CONTROL_PASSED, _S.DECOMPRESS, _DISK,
          "the bootloader is gone; the kernel's stub unpacks the kernel"),
    _step(_S.OPTION_ROM, _E.CONTROL_PASSED, _S.DECOMPRESS, _DIRECT,
          "kernel and initrd are in memory; the kernel's stub unpacks the kernel"),
    _step(_S.DECOMPRESS, _E.KERNEL_UNPACKED, _S.EARLY_KERNEL, _ALL,
          "the kernel prints its first line; it stays in memory from now on"),
    _step(_S.EARLY_KERNEL, _E.MEMORY_KNOWN, _S.KERNEL_INIT, _ALL,
          "the kernel owns all memory and starts its parts"),
    _step(_S.KERNEL_INIT, _E.INITRD_THERE, _S.UNPACK_INITRAMFS, _ALL,
          "the archive is unpacked into rootfs, a file system in memory"),
    _flaw(_S.KERNEL_INIT, _E.INITRD_ABSENT, _S.NO_INITRAMFS, _ROOT,
          "there is no archive: rootfs stays empty"),
    _step(_S.UNPACK_INITRAMFS, _E.INITRD_FREED, _S.BUILT_IN_DRIVERS, _ALL,
          "the archive's memory is freed; its files stay"),
    _flaw(_S.UNPACK_INITRAMFS, _E.INITRD_CORRUPT, _S.NO_INITRAMFS, _ALL,
          "the archive cannot be unpacked; its memory is freed, rootfs stays empty"),
    _step(_S.BUILT_IN_DRIVERS, _E.INITCALLS_DONE, _S.SEAL_KERNEL, _ALL,
          "code and data of the start itself are freed; read-only data is sealed"),
    _step(_S.NO_INITRAMFS, _E.ROOT_UNREACHABLE, _S.PANIC, _ALL,
          "without /init the kernel mounts the root itself, and has no driver for it"),
    _step(_S.SEAL_KERNEL, _E.KERNEL_SEALED, _S.RUN_INIT, _ALL,
          "the first program is run: /init of the initramfs"),
    _step(_S.RUN_INIT, _E.INIT_ALIVE, _S.LOAD_DRIVERS, _ROOT,
          "/init mounts /proc, /sys and /dev and loads drivers"),
    _step(_S.RUN_INIT, _E.SHELL_ALIVE, _S.RUNNING, _IMAGE,
          "the image's own program runs; its root is the unpacked archive, in memory"),
    _step(_S.LOAD_DRIVERS, _E.DRIVERS_LOADED, _S.MOUNT_ROOT, _ROOT,
          "the disk can be reached"),
    _flaw(_S.LOAD_DRIVERS, _E.ROOT_NOT_FOUND, _S.EMERGENCY_SHELL, _ROOT,
          "the device that root= names does not appear"),
    _step(_S.MOUNT_ROOT, _E.ROOT_MOUNTED, _S.SWITCH_ROOT, _ROOT,
          "the root file system is mounted, read-only"),
    _flaw(_S.MOUNT_ROOT, _E.JOURNAL_DIRTY, _S.REPLAY_JOURNAL, _ROOT,
          "the root was not unmounted cleanly: its journal is replayed"),
    _step(_S.REPLAY_JOURNAL, _E.JOURNAL_REPLAYED, _S.SWITCH_ROOT, _ROOT,
          "the root file system is consistent again, and mounted read-only"),
    _step(_S.SWITCH_ROOT, _E.ROOT_SWITCHED, _S.INIT, _ROOT,
          "the initramfs is emptied, the root takes its place, the real init runs"),
    _step(_S.INIT, _E.ROOT_REMOUNTED, _S.ROOT_WRITABLE, _ROOT,
          "the root is remounted read-write: writing works from here on"),
    _step(_S.ROOT_WRITABLE, _E.SERVICES_STARTED, _S.SERVICES, _ROOT,
          "further file systems are mounted, /boot among them, and services start"),
    _step(_S.SERVICES, _E.SERVICES_UP, _S.RUNNING, _ROOT,
          "the machine is up"),
    _flaw(_S.SERVICES, _E.NO_SPACE, _S.DEGRADED, _ROOT,
          "the machine is up, and nothing that writes works"),
    _step(_S.RUNNING, _E.SHUT_DOWN, _S.POWER_DOWN, _ALL,
          "programs end, file systems are written back and made read-only"),
    _step(_S.DEGRADED, _E.SHUT_DOWN, _S.POWER_DOWN, _ROOT,
          "programs end, file systems are made read-only"),
    _step(_S.POWER_DOWN, _E.POWER_CUT, _S.OFF, _ALL,
          "memory is gone; what was written to the disk stays"),
)
"""All there is."""

_NEXT: Mapping[tuple[State, Event], Transition] = MappingProxyType({(line.state, line.event): line for line in TABLE})

ENDS = frozenset({
    State.RUNNING, State.DEGRADED, State.NO_BOOT_DEVICE, State.GRUB_ERROR, State.EMERGENCY_SHELL, State.PANIC,
})
"""Where a boot comes to rest."""

_FIRMWARE_MARKS = {
    "SeaBIOS banner": State.FIRMWARE,
    "BIOS int19 (boot)": State.BOOT_DEVICE,
}
_KERNEL_MARKS = {
    "first kernel line": State.EARLY_KERNEL,
    "Memory line": State.KERNEL_INIT,
    "unpack initramfs start": State.UNPACK_INITRAMFS,
    "initrd freed": State.BUILT_IN_DRIVERS,
    "initmem freed": State.SEAL_KERNEL,
    "Run /init": State.RUN_INIT,
    "initramfs /init alive": State.LOAD_DRIVERS,
    "modules loaded": State.MOUNT_ROOT,
    "root mounted ro": State.SWITCH_ROOT,
    "real init (switch_root)": State.INIT,
    "root rw": State.ROOT_WRITABLE,
    "overlay mounted": State.SERVICES,
    "power down": State.POWER_DOWN,
    "qemu exit": State.OFF,
}
MARKS: Mapping[Way, Mapping[str, State]] = MappingProxyType({
    Way.BIOS: MappingProxyType(
        _FIRMWARE_MARKS
        | {
            "MBR/ROM jump": State.BOOT_SECTOR,
            "GRUB core running": State.BOOTLOADER,
            "GRUB loading vmlinuz": State.READ_KERNEL,
            "GRUB loading initrd": State.READ_INITRD,
            "GRUB boot": State.HAND_OVER,
        }
        | _KERNEL_MARKS
    ),
    Way.DIRECT: MappingProxyType(_FIRMWARE_MARKS | {"MBR/ROM jump": State.OPTION_ROM} | _KERNEL_MARKS),
})
"""The marks of a boot recorded on the serial line, in order, and the state that each one begins.

A state without a mark of its own belongs to the span of the mark before it: decompression to the hand-over."""


def successor(state: State, event: Event, way: Way | None = None) -> Transition:
    """Return what an event does in a state.

    Parameters
    ----------
    state : State
    event : Event
    way : Way, optional
        The way the machine boots; any by default.

    Raises
    ------
    IllegalEvent
        The state does not know the event, or not on this way.

    Examples
    --------
    >>> successor(State.OFF, Event.POWER_PRESSED).to
    <State.POWER_ON: 'power on'>
    >>> successor(State.SWITCH_ROOT, Event.KERNEL_READ)
    Traceback (most recent call last):
    sim.errors.IllegalEvent: kernel read cannot happen in the state switch root; what can happen there is root switched
    """
    line = _NEXT.get((state, event))
    if line is None or (way is not None and way not in line.ways):
        raise IllegalEvent(state, event, tuple(line.event for line in legal(state, way)))
    return line


def legal(state: State, way: Way | None = None) -> tuple[Transition, ...]:
    """Return what can happen in a state, the regular course first."""
    return tuple(line for line in TABLE if line.state is state and (way is None or way in line.ways))


def course(way: Way) -> tuple[Transition, ...]:
    """Return a way's regular course, from power on to the machine that is up.

    Examples
    --------
    >>> [line.to.value for line in course(Way.INITRAMFS)][-3:]
    ['seal kernel', 'run /init', 'running']
    """
    lines: list[Transition] = []
    state = State.OFF
    while state is not State.RUNNING:
        line = next(line for line in legal(state, way) if not line.failure)
        lines.append(line)
        state = line.to
    return tuple(lines)


@dataclass(frozen=True, slots=True)
class Diagram:
    """The table as a graph: what a picture of it shows.

    Attributes
    ----------
    nodes : tuple of State
        In the order of the table.
    edges : tuple of Transition
    ends : frozenset of State
        Nodes in which a boot comes to rest.
    """

    nodes: tuple[State, ...]
    edges: tuple[Transition, ...]
    ends: frozenset[State] = ENDS

    def __str__(self) -> str:
        """One line an edge; ``!`` marks what should not happen."""
        wide = max(len(edge.state) for edge in self.edges)
        return "\n".join(
            f"{'!' if edge.failure else ' '} {edge.state:<{wide}}  --{edge.event}-->  {edge.to}" for edge in self.edges
        )


def diagram(way: Way | None = None) -> Diagram:
    """Return the table, or a way's part of it, as a graph.

    Examples
    --------
    >>> print(*str(diagram(Way.BIOS)).splitlines()[3].split())
    boot device --boot sector found--> boot sector
    """
    edges = tuple(line for line in TABLE if way is None or way in line.ways)
    return Diagram(_in_order(edges), edges)


def _in_order(edges: Iterable[Transition]) -> tuple[State, ...]:
    return tuple(dict.fromkeys(state for edge in edges for state in (edge.state, edge.to)))

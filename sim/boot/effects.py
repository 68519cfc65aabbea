"""What reaching a state does to memory, to the mount table, and to what a write under / gets.

A state without a line here leaves all three as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from .hardware import Failure, Machine
from .memory import KIB, MIB, Memory, Mount, Part, Writing
from .screen import BOOT, ROOT
from .stages import Event, State, Transition, Way

# What each state that is reached does to memory. Sizes that no record tells are modelled.
_MODELLED = {
    # The last MiB's legacy areas, and what the firmware keeps at the end of memory.
    Part.FIRMWARE: 532 * KIB, Part.TABLES: 5522 * KIB, Part.BOOTLOADER: MIB, Part.DRIVERS: 1536 * KIB,
    Part.PROGRAMS: 2 * MIB, Part.CACHE: 6 * MIB,
}
_PAGE, _PAGE_STRUCT = 4096, 64


def _unpack_kernel(memory: Memory, machine: Machine) -> Memory:
    kernel = machine.kernel
    # From here the kernel's own drivers serve: the bootloader's memory is anybody's, and so is the packed kernel's.
    memory = memory.give_back(Part.BOOTLOADER, Part.COMPRESSED)
    for part, size in (
        (Part.CODE, kernel.code), (Part.RODATA, kernel.rodata), (Part.RWDATA, kernel.rwdata), (Part.BSS, kernel.bss),
        (Part.INITMEM, kernel.initmem), (Part.GAPS, kernel.gaps),
    ):
        memory = memory.take(part, size)
    return memory


def _handed_over(memory: Memory, machine: Machine) -> Memory:
    if machine.way in (Way.DIRECT, Way.INITRAMFS):
        memory = memory.take(Part.COMPRESSED, machine.kernel.vmlinuz)
        return memory if machine.failure is Failure.MISSING_DRIVER else memory.take(Part.INITRD, machine.initrd)
    return memory


def _unpack_archive(memory: Memory, machine: Machine) -> Memory:
    return memory if machine.failure is Failure.CORRUPT_INITRAMFS else memory.take(Part.INITRAMFS, machine.initrd_files)


def _up(memory: Memory, machine: Machine) -> Memory:
    memory = memory.take(Part.PROGRAMS, _MODELLED[Part.PROGRAMS] - memory.size(Part.PROGRAMS))
    # Files of an initramfs lie in the page cache already, as its only copy.
    cached = machine.way is Way.INITRAMFS
    return memory if cached else memory.take(Part.CACHE, _MODELLED[Part.CACHE] - memory.size(Part.CACHE))


_MEMORY: Mapping[State, Callable[[Memory, Machine], Memory]] = {
    State.FIRMWARE: lambda memory, _: memory.take(Part.FIRMWARE, _MODELLED[Part.FIRMWARE]),
    State.BOOTLOADER: lambda memory, _: memory.take(Part.BOOTLOADER, _MODELLED[Part.BOOTLOADER]),
    State.READ_INITRD: lambda memory, machine: memory.take(Part.COMPRESSED, machine.kernel.vmlinuz),
    State.DECOMPRESS: _handed_over,
    State.EARLY_KERNEL: _unpack_kernel,
    State.KERNEL_INIT: lambda memory, machine: memory.take(
        Part.PAGES, machine.memory // _PAGE * _PAGE_STRUCT
    ).take(Part.TABLES, _MODELLED[Part.TABLES]),
    State.UNPACK_INITRAMFS: _unpack_archive,
    State.BUILT_IN_DRIVERS: lambda memory, _: memory.give_back(Part.INITRD),
    State.NO_INITRAMFS: lambda memory, _: memory.give_back(Part.INITRD, Part.INITRAMFS),
    State.SEAL_KERNEL: lambda memory, _: memory.give_back(Part.INITMEM, Part.GAPS),
    State.LOAD_DRIVERS: lambda memory, _: memory.take(Part.PROGRAMS, _MODELLED[Part.PROGRAMS] // 2),
    State.MOUNT_ROOT: lambda memory, _: memory.take(Part.DRIVERS, _MODELLED[Part.DRIVERS]),
    State.INIT: lambda memory, _: memory.give_back(Part.INITRAMFS).take(Part.CACHE, _MODELLED[Part.CACHE] // 3),
    State.RUNNING: _up,
    State.DEGRADED: _up,
    State.OFF: lambda memory, _: Memory(memory.total),
}


_KERNEL_FILES = (Mount("sysfs", "/sys", "sysfs"), Mount("proc", "/proc", "proc"), Mount("udev", "/dev", "devtmpfs"))
_ROOTFS = Mount("rootfs", "/", "rootfs")


def _root(target: str, *options: str) -> Mount:
    return Mount(f"/dev/{ROOT}", target, "ext4", (*options, "relatime"))


_MOUNTS: Mapping[State, tuple[Mount, ...]] = {
    State.KERNEL_INIT: (_ROOTFS,),
    State.LOAD_DRIVERS: (_ROOTFS, *_KERNEL_FILES),
    State.SWITCH_ROOT: (_ROOTFS, *_KERNEL_FILES, _root("/root", "ro")),
    State.INIT: (_root("/", "ro"), *_KERNEL_FILES),
    State.ROOT_WRITABLE: (_root("/", "rw"), *_KERNEL_FILES),
    State.SERVICES: (_root("/", "rw"), *_KERNEL_FILES, Mount(f"/dev/{BOOT}", "/boot", "ext2", ("rw", "relatime"))),
    State.OFF: (),
}
_WRITING: Mapping[State, Writing] = {
    State.KERNEL_INIT: Writing.IN_MEMORY,
    State.INIT: Writing.READ_ONLY,
    State.ROOT_WRITABLE: Writing.WORKS,
    State.DEGRADED: Writing.FULL,
    State.POWER_DOWN: Writing.READ_ONLY,
    State.PANIC: Writing.NOTHING_RUNS,
    State.OFF: Writing.NOTHING_RUNS,
}


def memory_after(now: Memory, done: Transition, machine: Machine) -> Memory:
    """Return the memory after a transition; `SimError` where there is too little of it."""
    change = _MEMORY.get(done.to)
    found = now if change is None else change(now, machine)
    if done.event is Event.NO_INITRD:
        return found.take(Part.COMPRESSED, machine.kernel.vmlinuz)
    return found.take(Part.INITRD, machine.initrd) if done.event is Event.INITRD_READ else found


def mounts_after(now: tuple[Mount, ...], done: Transition, machine: Machine) -> tuple[Mount, ...]:
    """Return the mount table after a transition."""
    if machine.way is Way.INITRAMFS and done.to is State.RUNNING:
        return (_ROOTFS, *_KERNEL_FILES)
    if done.to is State.POWER_DOWN:
        return tuple(_sealed(mount) for mount in now)
    return _MOUNTS.get(done.to, now)


def _sealed(mount: Mount) -> Mount:
    return replace(mount, options=("ro", *mount.options[1:])) if mount.source.startswith("/dev/") else mount


def writing_after(now: Writing, done: Transition, machine: Machine) -> Writing:
    """Return what a write gets after a transition."""
    if done.to is State.POWER_DOWN and machine.way is Way.INITRAMFS:
        return now
    found = _WRITING.get(done.to, now)
    return Writing.FULL if found is Writing.WORKS and machine.failure is Failure.ROOT_FULL else found

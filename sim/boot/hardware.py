"""What a machine is before it is switched on: its way to boot, its sizes, its speed, and what is broken in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from ..errors import SimError
from .cost import INITRD, VMLINUZ, Sizes
from .memory import KIB, MIB
from .screen import NO_ROOT, ROOT, Names
from .stages import Event, State, Way, legal


class Failure(StrEnum):
    """What can be broken in a machine."""

    NO_BOOT_SECTOR = "no-boot-sector"
    KERNEL_MISSING = "kernel-missing"
    WRONG_ROOT = "wrong-root"
    MISSING_DRIVER = "missing-driver"
    CORRUPT_INITRAMFS = "corrupt-initramfs"
    ROOT_FULL = "root-full"
    ROOT_DIRTY = "root-dirty"


TURNS: Mapping[Failure, Mapping[State, Event]] = {
    Failure.NO_BOOT_SECTOR: {State.BOOT_DEVICE: Event.NOTHING_BOOTABLE},
    Failure.KERNEL_MISSING: {State.BOOTLOADER: Event.KERNEL_MISSING},
    Failure.WRONG_ROOT: {State.LOAD_DRIVERS: Event.ROOT_NOT_FOUND},
    # The disk's driver is a module, and the initramfs that would bring it is not loaded.
    Failure.MISSING_DRIVER: {State.READ_KERNEL: Event.NO_INITRD, State.KERNEL_INIT: Event.INITRD_ABSENT},
    Failure.CORRUPT_INITRAMFS: {State.UNPACK_INITRAMFS: Event.INITRD_CORRUPT},
    Failure.ROOT_FULL: {State.SERVICES: Event.NO_SPACE},
    Failure.ROOT_DIRTY: {State.MOUNT_ROOT: Event.JOURNAL_DIRTY},
}
"""Where a failure turns the course, and to which event."""


def failures(way: Way) -> tuple[Failure, ...]:
    """Return what can go wrong on a way to boot.

    Examples
    --------
    >>> [str(failure) for failure in failures(Way.INITRAMFS)]
    ['corrupt-initramfs']
    """
    known = {(line.state, line.event) for state in State for line in legal(state, way)}
    return tuple(failure for failure in Failure if not known.isdisjoint(TURNS[failure].items()))


@dataclass(frozen=True, slots=True)
class Kernel:
    """A kernel's sizes in bytes: of the file, of the parts that its "Memory:" line names, of the gaps between them."""

    release: str = "6.1.0-amd64"
    vmlinuz: int = VMLINUZ
    code: int = 14343 * KIB
    rodata: int = 8348 * KIB
    rwdata: int = 2327 * KIB
    bss: int = 5436 * KIB
    initmem: int = 2612 * KIB
    gaps: int = (2040 + 1892) * KIB

    @property
    def unpacked(self) -> int:
        """Bytes that are unpacked at the start; bss holds only zeros and is not stored."""
        return self.code + self.rodata + self.rwdata + self.initmem

    @property
    def stays(self) -> int:
        """Bytes that stay in memory."""
        return self.code + self.rodata + self.rwdata + self.bss


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine before it is switched on.

    Attributes
    ----------
    way : Way
        How it boots.
    memory : int
        Bytes.
    kernel : Kernel
    initrd, initrd_files : int
        Bytes of the archive, and of what it holds; equal where it is not compressed.
    speed : float
        1.0 is the recorded machine; see `fitted`.
    failure : Failure or None
        What is broken.

    Raises
    ------
    SimError
        The failure cannot happen on this way to boot, or a number is not positive.
    """

    way: Way = Way.BIOS
    memory: int = 256 * MIB
    kernel: Kernel = Kernel()
    initrd: int = INITRD
    initrd_files: int = 2_600_000
    speed: float = 1.0
    failure: Failure | None = None

    def __post_init__(self) -> None:
        if self.failure is not None and self.failure not in failures(self.way):
            possible = ", ".join(failures(self.way))
            raise SimError(f"{self.failure} cannot happen on the way {self.way}", hint=f"choose of {possible}")
        if self.memory <= 0 or self.speed <= 0 or self.initrd <= 0 or self.initrd_files < self.initrd:
            raise SimError("a machine has memory, a speed and an initrd that does not shrink when it is unpacked")

    @property
    def sizes(self) -> Sizes:
        """What the cost model asks for."""
        return Sizes(self.kernel.vmlinuz, self.kernel.unpacked, self.initrd, self.initrd_files)

    @property
    def names(self) -> Names:
        """What the screen speaks of."""
        if self.way is Way.INITRAMFS:
            # Who boots an image from memory names no root, and the kernel prints the missing name as C does.
            return Names(self.kernel.release, "(null)", "/bin/sh")
        return Names(self.kernel.release, NO_ROOT if self.failure is Failure.WRONG_ROOT else ROOT)

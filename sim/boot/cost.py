"""Where a boot's milliseconds go: bytes read, moved, unpacked, and work that is executed whatever the sizes are.

    ms of a stage = waiting + (executed + sum of bytes / rate) / speed

The rates and the work come from two recorded boots of one kernel in an emulator (qemu, TCG; SeaBIOS, GRUB or a
direct -kernel; Linux 6.1; vmlinuz of 14.2 MB, initrd of 1168 KiB), medians of three runs each. On other machines
all of it scales; that is `speed`, one number for each way to boot, fitted to a measured total by `fitted_speed`.

    recorded span                          ms     read as
    vmlinuz read -> initrd read            741.3  open + 14.2 MB / rate       the same open and rate in both:
    initrd read -> GRUB hands over         112.4  open + 1.196 MB / rate      54.6 ms and 20.68 MB/s
    option ROM -> first kernel line        391.7  copy (a memory's pace), then 28.3 MB of kernel unpacked: 73.7 MB/s
    GRUB hands over -> first kernel line  2363.7  the same unpacking, the rest moves the kernel: 7.17 MB/s
    unpack initramfs -> initrd freed        97.4  30 ms of other work meanwhile, 24 MB/s of what is compressed is
                                                  inflated, 200 MB/s of files are written
    all other spans                               executed; where both ways have them, the mean of the two medians

What grows with what was seen with archives from 1.1 to 10.7 MB, compressed and plain (tests/peers boots some of
them again): the bootloader's reading and the unpacking do, the hand-over does not. There was one kernel, so that its
stages grow with its bytes is an assumption. UEFI was not recorded: the three stages of its own are estimates, and
say so (`Work.estimated`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType

from .stages import Event, State, Way

VMLINUZ = 14_200_000
"""Bytes of the recorded kernel as it lies in /boot, compressed."""
INITRD = 1168 * 1024
"""Bytes of the recorded initrd."""


class Pace(StrEnum):
    """What is done with bytes, each at a rate of its own."""

    READ = "read by the bootloader"
    MOVE = "moved by the bootloader"
    COPY = "copied in memory"
    DECOMPRESS = "kernel decompressed"
    INFLATE = "archive inflated"
    WRITE = "files written into memory"


RATES: Mapping[Pace, float] = MappingProxyType({
    Pace.READ: 20_680, Pace.MOVE: 7_170, Pace.COPY: 2_000_000, Pace.DECOMPRESS: 73_700, Pace.INFLATE: 24_000,
    Pace.WRITE: 200_000,
})
"""Bytes a millisecond on the recorded machine; COPY is assumed."""

OPEN_MS = 54.6
"""The bootloader finds a file in /boot."""

ROOT_WAIT_MS = 30_000.0
"""How long an initramfs waits for the root device (initramfs-tools, scripts/local: 30 seconds). No speed helps."""

_EXECUTED: Mapping[State, float] = MappingProxyType({
    State.POWER_ON: 46.8,
    State.FIRMWARE: 76.0,
    State.BOOT_DEVICE: 2.3,
    State.BOOT_SECTOR: 283.0,
    State.EARLY_KERNEL: 160.3,
    State.KERNEL_INIT: 1292.1,
    State.UNPACK_INITRAMFS: 30.0,
    State.BUILT_IN_DRIVERS: 590.2,
    State.NO_INITRAMFS: 590.2,
    State.SEAL_KERNEL: 14.3,
    State.RUN_INIT: 137.1,
    State.LOAD_DRIVERS: 318.5,
    State.MOUNT_ROOT: 22.7,
    State.SWITCH_ROOT: 137.2,
    State.INIT: 48.6,
    State.ROOT_WRITABLE: 131.7,
    State.SERVICES: 155.6,
    State.POWER_DOWN: 8.3,
})
_ESTIMATED: Mapping[tuple[Way, State], float] = MappingProxyType({
    (Way.UEFI, State.FIRMWARE): 2000.0, (Way.UEFI, State.EFI_PARTITION): 150.0, (Way.UEFI, State.HAND_OVER): 50.0,
})
_REPLAY_MS = 120.0


@dataclass(frozen=True, slots=True)
class Work:
    """What a stage does, in the units of the cost model.

    Attributes
    ----------
    executed : float
        Milliseconds at speed 1, whatever the sizes.
    handled : tuple of (Pace, int)
        Bytes, and what is done with them.
    waited : float
        Milliseconds that no speed shortens.
    estimated : bool
        Whether nobody measured it.
    """

    executed: float = 0.0
    handled: tuple[tuple[Pace, int], ...] = ()
    waited: float = 0.0
    estimated: bool = False

    def ms(self, speed: float = 1.0) -> float:
        """Milliseconds on a machine of a speed.

        Examples
        --------
        >>> Work(100.0, ((Pace.READ, 20_680_000),), waited=7.0).ms(2.0)
        557.0
        """
        handled = sum(count / RATES[pace] for pace, count in self.handled)
        return self.waited + (self.executed + handled) / speed


@dataclass(frozen=True, slots=True)
class Sizes:
    """The sizes that a boot's time depends on, in bytes.

    Attributes
    ----------
    vmlinuz : int
        The compressed kernel.
    kernel : int
        The kernel as it is unpacked, without bss, which is not stored.
    initrd : int
        The archive.
    initrd_files : int
        What the archive unpacks to.
    """

    vmlinuz: int
    kernel: int
    initrd: int
    initrd_files: int


def work(state: State, event: Event, way: Way, sizes: Sizes) -> Work:
    """Return what a stage does until an event ends it.

    Examples
    --------
    >>> sizes = Sizes(14_200_000, 28_293_120, 1_196_032, 2_600_000)
    >>> round(work(State.READ_KERNEL, Event.KERNEL_READ, Way.BIOS, sizes).ms())
    741
    """
    if (way, state) in _ESTIMATED:
        return Work(_ESTIMATED[way, state], estimated=True)
    if state is State.REPLAY_JOURNAL:
        return Work(_REPLAY_MS, estimated=True)
    found = Work(_EXECUTED.get(state, 0.0), _handled(state, sizes))
    if state in (State.READ_KERNEL, State.READ_INITRD):
        found = replace(found, executed=OPEN_MS)
    if event is Event.ROOT_NOT_FOUND:
        found = replace(found, waited=ROOT_WAIT_MS)
    return found


def _handled(state: State, sizes: Sizes) -> tuple[tuple[Pace, int], ...]:
    both = sizes.vmlinuz + sizes.initrd
    packed = sizes.initrd if sizes.initrd_files > sizes.initrd else 0
    return {
        State.READ_KERNEL: ((Pace.READ, sizes.vmlinuz),),
        State.READ_INITRD: ((Pace.READ, sizes.initrd),),
        State.HAND_OVER: ((Pace.MOVE, sizes.vmlinuz),),
        State.OPTION_ROM: ((Pace.COPY, both),),
        State.DECOMPRESS: ((Pace.DECOMPRESS, sizes.kernel),),
        State.UNPACK_INITRAMFS: ((Pace.INFLATE, packed), (Pace.WRITE, sizes.initrd_files)),
    }.get(state, ())

"""A machine's memory and mounts during a boot, as values: who holds how much, what is mounted where.

    regions   firmware | bootloader | compressed kernel | initrd image     gone before the first program runs
              kernel code, rodata, rwdata, bss | page structures | tables  stay until the power is cut
              initmem, gaps between the kernel's parts                     freed when the start is over
              initramfs files                                              emptied by switch_root
              drivers | programs | page cache                              what the running system adds

The four kernel sizes, initmem, gaps and the initrd image are a recorded kernel's own words (its "Memory:" line and
its "Freeing ..." lines). Page structures are computed: 64 bytes for each page of 4 KiB (include/linux/mm_types.h,
struct page). What firmware and tables (per-CPU areas, hash tables, the log) hold is what that line leaves over, on a
machine of 256 MiB. The sizes of bootloader, drivers, programs and page cache are modelled.
"""

from __future__ import annotations

import errno
from dataclasses import dataclass
from enum import StrEnum

from ..errors import SimError

KIB = 1024
MIB = 1024 * KIB


class Part(StrEnum):
    """Who holds a region of memory."""

    FIRMWARE = "firmware area"
    BOOTLOADER = "bootloader"
    COMPRESSED = "compressed kernel"
    INITRD = "initrd image"
    CODE = "kernel code"
    RODATA = "kernel rodata"
    RWDATA = "kernel rwdata"
    BSS = "kernel bss"
    INITMEM = "initmem"
    GAPS = "gaps"
    PAGES = "page structures"
    TABLES = "tables"
    INITRAMFS = "initramfs files"
    DRIVERS = "drivers"
    PROGRAMS = "programs"
    CACHE = "page cache"


KERNEL = frozenset({Part.CODE, Part.RODATA, Part.RWDATA, Part.BSS})
"""The parts of the kernel that stay."""


@dataclass(frozen=True, slots=True)
class Region:
    """A region of memory: whose it is, and how many bytes."""

    part: Part
    size: int


@dataclass(frozen=True, slots=True)
class Memory:
    """A machine's memory. A value.

    Attributes
    ----------
    total : int
        Bytes of the machine.
    regions : tuple of Region
        In the order in which they were taken; each part at most once.

    Examples
    --------
    >>> memory = Memory(1000).take(Part.INITRD, 300)
    >>> memory.free, memory.give_back(Part.INITRD).free
    (700, 1000)
    """

    total: int
    regions: tuple[Region, ...] = ()

    @property
    def used(self) -> int:
        """Bytes in regions."""
        return sum(region.size for region in self.regions)

    @property
    def free(self) -> int:
        """Bytes in no region."""
        return self.total - self.used

    @property
    def kernel(self) -> int:
        """Bytes of the kernel's parts that stay."""
        return sum(region.size for region in self.regions if region.part in KERNEL)

    def size(self, part: Part) -> int:
        """Bytes of one part, 0 where it holds none."""
        return next((region.size for region in self.regions if region.part is part), 0)

    def take(self, part: Part, size: int) -> Memory:
        """Return the memory with `size` bytes more for a part.

        Raises
        ------
        SimError
            There are not so many bytes free.
        """
        if size > self.free:
            raise SimError(
                f"the machine has {self.free} bytes of {self.total} free and needs {size} for the {part}",
                hint="give it more memory",
            )
        if self.size(part):
            grown = (Region(part, size + old.size) if old.part is part else old for old in self.regions)
            return Memory(self.total, tuple(grown))
        return Memory(self.total, (*self.regions, Region(part, size))) if size else self

    def give_back(self, *parts: Part) -> Memory:
        """Return the memory without some parts; parts that hold nothing do not matter."""
        return Memory(self.total, tuple(region for region in self.regions if region.part not in parts))


@dataclass(frozen=True, slots=True)
class Mount:
    """One line of a mount table, as ``/proc/mounts`` shows it.

    Examples
    --------
    >>> print(Mount("/dev/vda2", "/", "ext4", ("ro", "relatime")))
    /dev/vda2 / ext4 ro,relatime
    """

    source: str
    target: str
    kind: str
    options: tuple[str, ...] = ("rw",)

    def __str__(self) -> str:
        return f"{self.source} {self.target} {self.kind} {','.join(self.options)}"


class Writing(StrEnum):
    """What happens to a file that is written under ``/``."""

    NOWHERE = "there is no file system yet"
    IN_MEMORY = "it is written, in memory: gone when the initramfs is"
    READ_ONLY = "Read-only file system"
    WORKS = "it is written"
    FULL = "No space left on device"
    NOTHING_RUNS = "nothing runs any more that could write"

    @property
    def errno(self) -> int | None:
        """What a write gets: 0, EROFS or ENOSPC; None where nothing runs that could write."""
        return _ERRNO[self]


_ERRNO: dict[Writing, int | None] = {
    Writing.NOWHERE: None, Writing.IN_MEMORY: 0, Writing.READ_ONLY: errno.EROFS, Writing.WORKS: 0,
    Writing.FULL: errno.ENOSPC, Writing.NOTHING_RUNS: None,
}

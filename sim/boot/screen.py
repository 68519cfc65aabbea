"""What the screen of a machine shows: the words of the programs themselves, as they print them.

    SeaBIOS         src/boot.c: do_boot, boot_disk, boot_fail
    UEFI (EDK II)   MdeModulePkg/Universal/BdsDxe
    GRUB            grub-core/fs/fshelp.c, loader/i386/linux.c; util/grub.d/10_linux.in
    Linux 6.1       init/initramfs.c, init/do_mounts.c, init/main.c, mm/init.c, fs/ext4/super.c, kernel/reboot.c
    initramfs       initramfs-tools: init, scripts/local

Sizes, names and devices are filled in from the machine; time stamps are left out. What a distribution's init
prints differs from one to the next and is left out too.
"""

from __future__ import annotations

from dataclasses import dataclass

from .memory import KIB, Memory, Part
from .stages import State, Transition, Way

DISK = "vda"
ROOT = f"{DISK}2"
BOOT = f"{DISK}1"
PAGE = 4096
NO_ROOT = "vdz2"
"""A device that no machine here has: what a wrong root= names."""

_PANIC = "VFS: Unable to mount root fs on unknown-block(0,0)"


@dataclass(frozen=True, slots=True)
class Names:
    """What the words speak of: the kernel's release, the device that root= names, or ``(null)``, and what it runs."""

    release: str
    root: str
    init: str = "/init"


def lines(done: Transition, before: Memory, after: Memory, way: Way, names: Names) -> tuple[str, ...]:
    """Return the lines that appear when a transition is made.

    Parameters
    ----------
    done : Transition
    before, after : Memory
        As it was until then, with what is freed now, and as it is from now on.
    way : Way
    names : Names
    """
    if done.to in (State.KERNEL_INIT, State.BUILT_IN_DRIVERS, State.NO_INITRAMFS, State.SEAL_KERNEL):
        return _of_memory(done, before, after)
    if done.to in (State.FIRMWARE, State.BOOTLOADER, State.NO_BOOT_DEVICE, State.RUNNING):
        return _of_way(done.to, way)
    if done.to is State.SWITCH_ROOT:
        return _mounted(done)
    return _of_names(done.to, names)


def _of_memory(done: Transition, before: Memory, after: Memory) -> tuple[str, ...]:
    def kib(part: Part) -> str:
        return f"{before.size(part) // KIB}K"

    # The archive's memory is freed by pages.
    pages = -(-before.size(Part.INITRD) // PAGE)
    freed = (f"Freeing initrd memory: {pages * PAGE // KIB}K",) if pages else ()
    if done.to is State.KERNEL_INIT:
        # What the firmware keeps, the kernel was never given.
        total = (before.total - before.size(Part.FIRMWARE)) // KIB
        return (
            f"Memory: {after.free // KIB}K/{total}K available ({kib(Part.CODE)} kernel code, "
            f"{kib(Part.RWDATA)} rwdata, {kib(Part.RODATA)} rodata, {kib(Part.INITMEM)} init, {kib(Part.BSS)} bss, "
            f"{total - after.free // KIB}K reserved, 0K cma-reserved)",
        )
    if done.to is State.SEAL_KERNEL:
        return (f"Freeing unused kernel image (initmem) memory: {kib(Part.INITMEM)}",)
    if done.to is State.NO_INITRAMFS and freed:
        return ("Initramfs unpacking failed: invalid magic at start of compressed archive", *freed)
    return freed


def _of_way(to: State, way: Way) -> tuple[str, ...]:
    uefi = way is Way.UEFI
    if to is State.FIRMWARE:
        return () if uefi else ("SeaBIOS (version 1.16.2-debian-1.16.2-1)",)
    if to is State.BOOTLOADER:
        return ("Welcome to GRUB!",) if uefi else ("GRUB loading.", "Welcome to GRUB!")
    if to is State.NO_BOOT_DEVICE:
        if uefi:
            return (
                'BdsDxe: failed to load Boot0001 "UEFI Misc Device" from PciRoot(0x0)/Pci(0x3,0x0): Not Found',
                "BdsDxe: No bootable option or device was found.",
            )
        return (
            "Booting from Hard Disk...", "Boot failed: not a bootable disk", "",
            "Booting from Floppy...", "Boot failed: could not read the boot disk", "", "No bootable device.",
        )
    return ("/ #",) if way is Way.INITRAMFS else ("login:",)


def _of_names(to: State, names: Names) -> tuple[str, ...]:
    shown: dict[State, tuple[str, ...]] = {
        State.BOOT_SECTOR: ("Booting from Hard Disk...",),
        State.OPTION_ROM: ("Booting from ROM...",),
        State.EFI_PARTITION: (
            'BdsDxe: loading Boot0001 "UEFI Misc Device" from PciRoot(0x0)/Pci(0x3,0x0)',
            'BdsDxe: starting Boot0001 "UEFI Misc Device" from PciRoot(0x0)/Pci(0x3,0x0)',
        ),
        State.READ_KERNEL: (f"Loading Linux {names.release} ...",),
        State.READ_INITRD: ("Loading initial ramdisk ...",),
        State.GRUB_ERROR: (
            f"Loading Linux {names.release} ...",
            f"error: file `/vmlinuz-{names.release}' not found.",
            "Loading initial ramdisk ...",
            "error: you need to load the kernel first.",
            "",
            "Press any key to continue...",
        ),
        State.EARLY_KERNEL: (f"Linux version {names.release}",),
        State.UNPACK_INITRAMFS: ("Trying to unpack rootfs image as initramfs...",),
        State.RUN_INIT: (f"Run {names.init} as init process",),
        State.LOAD_DRIVERS: ("Loading, please wait...",),
        State.REPLAY_JOURNAL: (
            f"EXT4-fs ({ROOT}): INFO: recovery required on readonly filesystem",
            f"EXT4-fs ({ROOT}): write access will be enabled during recovery",
        ),
        State.ROOT_WRITABLE: (f"EXT4-fs ({ROOT}): re-mounted. Quota mode: none.",),
        State.DEGRADED: ("write error: No space left on device", "login:"),
        State.EMERGENCY_SHELL: (
            "Gave up waiting for root file system device.  Common problems:",
            " - Boot args (cat /proc/cmdline)",
            "   - Check rootdelay= (did the system wait long enough?)",
            " - Missing modules (cat /proc/modules; ls /dev)",
            f"ALERT!  /dev/{names.root} does not exist.  Dropping to a shell!",
            "(initramfs)",
        ),
        State.PANIC: (
            "/dev/root: Can't open blockdev",
            f'VFS: Cannot open root device "{names.root}" or unknown-block(0,0): error -6',
            'Please append a correct "root=" boot option; here are the available partitions:',
            f"Kernel panic - not syncing: {_PANIC}",
            f"---[ end Kernel panic - not syncing: {_PANIC} ]---",
        ),
        State.POWER_DOWN: ("reboot: Power down",),
    }
    return shown.get(to, ())


def _mounted(done: Transition) -> tuple[str, ...]:
    replayed = (f"EXT4-fs ({ROOT}): recovery complete",) if done.state is State.REPLAY_JOURNAL else ()
    return (*replayed, f"EXT4-fs ({ROOT}): mounted filesystem with ordered data mode. Quota mode: none.")

"""What the machine boots: a kernel of Debian's, an initramfs and a root of busybox, each telling how far it came.

    initramfs  /init        mounts /proc and /dev, loads the disk's driver, mounts the root read-only, switch_root
    root       /sbin/init   tries to write, remounts read-write, writes, mounts an overlay, powers off
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from sim.boot.export import write_initramfs
from sim.boot.screen import ROOT
from sim.fs.changeset import ChangeSet
from sim.fs.sketch import directory, file, sketch, symlink
from sim.image.build import EMPTY, append
from sim.image.layer import Image

from .disk import MIB, Partitions, disk, file_system, grub_cfg

BUSYBOX = Path("/bin/busybox")
APPLETS = ("sh", "mount", "umount", "insmod", "switch_root", "poweroff", "echo", "cat", "dd", "sync", "uname", "sleep")
_DRIVERS = ("virtio/virtio_ring", "virtio/virtio", "virtio/virtio_pci_legacy_dev", "virtio/virtio_pci_modern_dev",
            "virtio/virtio_pci", "block/virtio_blk")
SERIAL = "console=ttyS0 earlyprintk=ttyS0 panic=-1"
"""The kernel's words come on the serial line, from its first one on, and a panic ends the machine."""

INIT = """#!/bin/sh
echo "MARK init alive"
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs udev /dev
for driver in /drivers/*; do insmod "$driver"; done
for word in $(cat /proc/cmdline); do case $word in root=*) root=${word#root=};; esac; done
echo "MARK drivers loaded"
mount -t ext4 -o ro "$root" /root || { echo "MARK no root"; poweroff -f; }
echo "MARK root mounted"
exec switch_root /root /sbin/init
"""
REAL_INIT = """#!/bin/sh
echo "MARK real init"
mount -t proc proc /proc
mount -t devtmpfs udev /dev
(echo probe >/probe) || echo "MARK read-only"
mount -o remount,rw / && echo "MARK root rw"
echo probe >/probe && echo "MARK written"
insmod /lib/overlay.ko
mount -t tmpfs tmpfs /tmp
mkdir -p /tmp/upper /tmp/work
mount -t overlay overlay -o lowerdir=/lower,upperdir=/tmp/upper,workdir=/tmp/work /mnt && echo "MARK overlay mounted"
umount /mnt
sync
mount -o remount,ro /
poweroff -f
"""


@dataclass(frozen=True)
class Kernel:
    """A kernel that is installed here: its file, its release, its modules."""

    vmlinuz: Path
    release: str
    modules: Path


def kernel() -> Kernel | None:
    """Return the newest kernel below LAYERLAB_KERNEL_ROOT (by default /, where packages put it), or None."""
    root = Path(os.environ.get("LAYERLAB_KERNEL_ROOT", "/"))
    for vmlinuz in sorted((root / "boot").glob("vmlinuz-*"), reverse=True):
        release = vmlinuz.name.removeprefix("vmlinuz-")
        modules = root / "lib/modules" / release / "kernel"
        if (modules / "drivers/block/virtio_blk.ko").exists():
            return Kernel(vmlinuz, release, modules)
    return None


def programs() -> tuple[object, ...]:
    """Return marks of busybox and its names."""
    return (file("/bin/busybox", BUSYBOX.read_bytes(), 0o755),
            *(symlink(f"/bin/{name}", "busybox") for name in (*APPLETS, "mkdir")))


def initramfs_layer(which: Kernel, init: str = INIT) -> ChangeSet:
    """Return what the initramfs holds."""
    drivers = [file(f"/drivers/{number}-{Path(name).name}.ko", (which.modules / "drivers" / f"{name}.ko").read_bytes())
               for number, name in enumerate(_DRIVERS)]
    folders = [directory(f"/{name}") for name in ("proc", "sys", "dev", "root", "tmp")]
    return sketch(*programs(), *folders, *drivers, file("/init", init.encode(), 0o755))


def image_of(layer: ChangeSet) -> Image:
    """Return an image of one layer."""
    return append(EMPTY, layer)


def root_folder(which: Kernel, folder: Path, init: str = REAL_INIT) -> Path:
    """Write the root file system's content."""
    for name in ("bin", "sbin", "lib", "proc", "sys", "dev", "tmp", "lower", "mnt", "etc"):
        (folder / name).mkdir(parents=True)
    (folder / "bin/busybox").write_bytes(BUSYBOX.read_bytes())
    (folder / "bin/busybox").chmod(0o755)
    for name in (*APPLETS, "mkdir"):
        (folder / "bin" / name).symlink_to("busybox")
    (folder / "lib/overlay.ko").write_bytes((which.modules / "fs/overlayfs/overlay.ko").read_bytes())
    (folder / "lower/hello").write_text("hello\n", encoding="utf-8")
    (folder / "sbin/init").write_text(init, encoding="utf-8")
    (folder / "sbin/init").chmod(0o755)
    return folder


@dataclass(frozen=True)
class Parts:
    """What a machine is put together from.

    Attributes
    ----------
    kernel : Kernel
    initrd : Path
        Compressed.
    initrd_files : int
        Bytes of the archive before it was compressed.
    disk : Path
        Of a machine in order.
    root : Path
        Its root's file system.
    folder : Path
        Where more can be put.
    """

    kernel: Kernel
    initrd: Path
    initrd_files: int
    disk: Path
    root: Path
    folder: Path

    def direct(self, *, initrd: Path | None = None, append: str = f"root=/dev/{ROOT} ro") -> tuple[str | Path, ...]:
        """Return the options of a boot without firmware's disk and bootloader."""
        return ("-kernel", self.kernel.vmlinuz, "-initrd", initrd or self.initrd, "-append", f"{append} {SERIAL}")

    def boot_disk(self, name: str, initrd: Path, *, root: Path | None = None, **changes: bool) -> Path:
        """Write a disk; without its kernel if `vmlinuz` is False, without a boot sector if `boot_code` is."""
        boot = self.folder / f"{name}.boot"
        (boot / "grub").mkdir(parents=True)
        if changes.pop("vmlinuz", True):
            shutil.copy(self.kernel.vmlinuz, boot)
        shutil.copy(initrd, boot / "initrd.img")
        (boot / "grub" / "grub.cfg").write_text(grub_cfg(
            f"echo 'Loading Linux {self.kernel.release} ...'",
            f"linux /{self.kernel.vmlinuz.name} root=/dev/{ROOT} ro {SERIAL}",
            "echo 'Loading initial ramdisk ...'", "initrd /initrd.img", "echo 'Handing over'", "boot",
        ), encoding="utf-8")
        file_system(self.folder / f"{name}.ext2", boot, "ext2", 20 + initrd.stat().st_size // MIB)
        parts = Partitions(self.folder / f"{name}.ext2", root or self.root)
        return disk(self.folder / f"{name}.disk", parts, self.folder, **changes)


def parts(which: Kernel, folder: Path) -> Parts:
    """Put a machine together in an empty folder."""
    image = image_of(initramfs_layer(which))
    initrd, plain = folder / "initrd.gz", folder / "initrd.cpio"
    write_initramfs(image, initrd)
    write_initramfs(image, plain)
    root = file_system(folder / "root.ext4", root_folder(which, folder / "root"), "ext4", 32)
    made = Parts(which, initrd, plain.stat().st_size, folder / "good.disk", root, folder)
    made.boot_disk("good", initrd)
    return made

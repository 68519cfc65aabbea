"""A disk that a PC boots, put together from files: no loop device, no mount, no root.

    sector 0        boot.img (440 bytes) | the partition table
    1 .. 2047       core.img: GRUB with its own configuration, as `grub-install` embeds it
    2048 ..         partition 1, ext2: what /boot is, with the kernel, the initrd and grub/grub.cfg
    ..              partition 2, ext4: the root

Needs grub-pc-bin, grub-common and e2fsprogs.
"""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

GRUB = Path("/usr/lib/grub/i386-pc")
MODULES = ("biosdisk", "part_msdos", "ext2", "linux", "serial", "terminal", "normal", "configfile", "echo", "test")
SECTOR = 512
MIB = 1 << 20
_FIRST = MIB
_EARLY = """serial --unit=0 --speed=115200
terminal_output serial
echo GRUB core
set root=(hd0,msdos1)
set prefix=(hd0,msdos1)/grub
configfile /grub/grub.cfg
"""


def file_system(path: Path, folder: Path, kind: str, megabytes: int, *options: str) -> Path:
    """Make a file system of a folder's content."""
    with open(path, "wb") as file:
        file.truncate(megabytes * MIB)
    command = ["mke2fs", "-q", "-F", "-t", kind, *options, "-E", "root_owner=0:0", "-d", folder, path]
    _run(command)
    return path


def grub_cfg(*lines: str) -> str:
    """Return a configuration that waits for nobody."""
    return "\n".join(["set timeout=0", *lines, ""])


@dataclass(frozen=True)
class Partitions:
    """A disk's two file systems."""

    boot: Path
    root: Path


def disk(path: Path, parts: Partitions, work: Path, *, boot_code: bool = True) -> Path:
    """Write a disk of two partitions, with GRUB before them; without `boot_code` its first sector is no boot sector."""
    early, core = work / "early.cfg", work / "core.img"
    early.write_text(_EARLY, encoding="utf-8")
    _run(["grub-mkimage", "-O", "i386-pc", "-d", GRUB, "-c", early, "-p", "(hd0,msdos1)/grub", "-o", core, *MODULES])
    sizes = [parts.boot.stat().st_size, parts.root.stat().st_size]
    if core.stat().st_size > _FIRST - SECTOR:
        raise AssertionError("GRUB does not fit before the first partition")
    with open(path, "wb") as file:
        file.write((GRUB / "boot.img").read_bytes()[:440] if boot_code else bytes(440))
        file.write(_table(sizes) if boot_code else bytes(SECTOR - 440))
        file.write(core.read_bytes())
        at = _FIRST
        for part, size in zip((parts.boot, parts.root), sizes, strict=True):
            file.seek(at)
            file.write(part.read_bytes())
            at += size
    return path


def _table(sizes: list[int]) -> bytes:
    lines, at = b"", _FIRST
    for size in sizes:
        lines += bytes([0, 0, 0, 0, 0x83, 0, 0, 0]) + (at // SECTOR).to_bytes(4, "little")
        lines += (size // SECTOR).to_bytes(4, "little")
        at += size
    return bytes(6) + lines.ljust(64, b"\0") + b"\x55\xaa"


def _run(command: list[str | Path]) -> None:
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", env={**os.environ, "PATH": path})
    if done.returncode:
        raise AssertionError(f"{' '.join(map(str, command))}: {done.stderr}")

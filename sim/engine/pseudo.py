"""/proc, /dev and /sys as a process in a container sees them: made at the start by the kernel, in no layer.

Of /proc there are the files that lessons read. Their contents are the host's kernel's: that there is one kernel for all
containers is seen here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from ..boot.host import Host as Kernel
from ..content.data import Inline
from ..fs.entry import Entry, Kind
from ..union.overlay import Directory, OverlayMount, directory, mount
from .mounts import Mounted

_DEVICES = {
    "null": (1, 3), "zero": (1, 5), "full": (1, 7), "random": (1, 8), "urandom": (1, 9), "tty": (5, 0),
}
_LINKS = {"fd": "/proc/self/fd", "stdin": "/proc/self/fd/0", "stdout": "/proc/self/fd/1",
          "stderr": "/proc/self/fd/2", "ptmx": "pts/ptmx", "core": "/proc/kcore"}
_BUILT = "gcc-12 (Debian 12.2.0-14) 12.2.0, GNU ld (GNU Binutils for Debian) 2.40"
_TMPFS = "rw,nosuid,size=65536k,mode=755"


def _file(text: str, mode: int = 0o444) -> Entry:
    return Entry(Kind.FILE, mode, data=Inline(text.encode("utf-8", "surrogateescape")))


def _folder(mode: int = 0o555) -> Entry:
    return Entry(Kind.DIRECTORY, mode)


@lru_cache(maxsize=1)
def _empty() -> Directory:
    return directory({})


@lru_cache(maxsize=2)
def _dev(tty: bool) -> Directory:
    entries = {"": _folder(0o755), "pts": _folder(0o755), "shm": _folder(0o1777), "mqueue": _folder(0o1777)}
    entries |= {name: Entry(Kind.CHAR, 0o666, rdev=rdev) for name, rdev in _DEVICES.items()}
    entries |= {name: Entry(Kind.SYMLINK, 0o777, target=target) for name, target in _LINKS.items()}
    if tty:
        entries["console"] = Entry(Kind.CHAR, 0o620, 0, 5, rdev=(136, 0))
        entries["pts/0"] = Entry(Kind.CHAR, 0o620, 0, 5, rdev=(136, 0))
    return directory(entries)


@lru_cache(maxsize=1)
def _sys() -> Directory:
    names = ("block", "bus", "class", "dev", "devices", "firmware", "fs", "fs/cgroup", "hypervisor", "kernel", "module",
             "power")
    return directory({"": _folder(), **{name: _folder(0o755) for name in names}})


def _mounts_text(table: Sequence[Mounted]) -> str:
    return "".join(f"{line.source} {line.target} {line.kind} {line.options} 0 0\n" for line in table)


@lru_cache(maxsize=64)
def _proc(kernel: Kernel, processes: tuple[tuple[int, str], ...], table: tuple[Mounted, ...], now: int) -> Directory:
    mounts = _mounts_text(table)
    entries = {
        "": _folder(),
        "version": _file(f"Linux version {kernel.release} (debian-kernel@lists.debian.org) ({_BUILT}) "
                         "#1 SMP PREEMPT_DYNAMIC Debian 6.1.90-1 (2024-05-03)\n"),
        "mounts": Entry(Kind.SYMLINK, 0o777, target="self/mounts"),
        "filesystems": _file("nodev\tproc\nnodev\ttmpfs\nnodev\tsysfs\n\text4\nnodev\toverlay\n"),
        "cpuinfo": _file("".join(f"processor\t: {number}\nmodel name\t: simulated\n\n" for number in range(2))),
        "meminfo": _file("MemTotal:        8141232 kB\nMemFree:         5914208 kB\nMemAvailable:    7051976 kB\n"),
        "uptime": _file("184440.00 360000.00\n"), "loadavg": _file("0.00 0.00 0.00 1/120 8\n"),
        "cmdline": _file(f"BOOT_IMAGE=/boot/vmlinuz-{kernel.release} root=/dev/sda1 ro quiet\n"),
        "self": Entry(Kind.SYMLINK, 0o777, target="1"), "sys": _folder(), "sys/kernel": _folder(),
        "sys/kernel/osrelease": _file(kernel.release + "\n"), "sys/kernel/ostype": _file("Linux\n"),
    }
    for pid, command in processes or ((1, "sh"),):
        name = command.split(" ")[0].rpartition("/")[2][:15]
        entries |= {
            f"{pid}": _folder(), f"{pid}/mounts": _file(mounts), f"{pid}/comm": _file(name + "\n", 0o644),
            f"{pid}/cmdline": _file(command.replace(" ", "\0") + "\0"), f"{pid}/fd": _folder(0o500),
            f"{pid}/status": _file(f"Name:\t{name}\nState:\tS (sleeping)\nPid:\t{pid}\nPPid:\t0\n"),
            f"{pid}/root": Entry(Kind.SYMLINK, 0o777, target="/"),
        }
        for number in range(3):
            entries[f"{pid}/fd/{number}"] = Entry(Kind.SYMLINK, 0o700, target="/dev/null")
    return directory({path: replace(entry, mtime_ns=now) for path, entry in entries.items()})


def with_pseudo(
    table: tuple[Mounted, ...], held: dict[str, OverlayMount], *, kernel: Kernel,
    processes: tuple[tuple[int, str], ...], tty: bool, now: int,
) -> tuple[tuple[Mounted, ...], dict[str, OverlayMount]]:
    """Return a container's mount table and file systems with the three that the kernel makes.

    Examples
    --------
    >>> root = mount([directory({})])
    >>> table, held = with_pseudo((Mounted("/", "overlay"),), {"overlay": root}, kernel=Kernel(), processes=(),
    ...                           tty=False, now=0)
    >>> [line.target for line in table]
    ['/', '/proc', '/dev', '/dev/shm', '/sys']
    """
    ours = (
        Mounted("/proc", "proc", source="proc", kind="proc", options="rw,nosuid,nodev,noexec,relatime", readonly=True),
        Mounted("/dev", "dev", source="tmpfs", kind="tmpfs", options=_TMPFS),
        Mounted("/dev/shm", "shm", source="shm", kind="tmpfs",
                options="rw,nosuid,nodev,noexec,relatime,size=65536k"),
        Mounted("/sys", "sys", source="sysfs", kind="sysfs", options="ro,nosuid,nodev,noexec,relatime", readonly=True),
    )
    whole = (table[0], *ours, *table[1:])
    start = now - now % 10**9
    made = {
        "proc": mount([_empty(), _proc(kernel, processes, whole, start)], None), "dev": mount([_dev(tty)], now=now),
        "shm": mount([_empty()], now=now), "sys": mount([_empty(), _sys()], None),
    }
    return whole, {**held, **made}


OURS = ("proc", "dev", "shm", "sys")
"""Keys of the file systems that go with the process."""

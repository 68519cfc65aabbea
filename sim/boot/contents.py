"""What an image has, and what it has not: read off its merged view.

    a machine's disk    bootloader   kernel   modules   /dev /proc /sys /run   programs, libraries, settings
    an image            -            -        -         empty, or not there    programs, libraries, settings
                        (the host's, and made anew at each start)             = a rootfs

Leaving kernel and bootloader out saves 0.1 to 0.4 GB (Debian's kernel package unpacks to 391 MB, the one for clouds
to 103, GRUB to about 4). The rest of the difference to an installer is that an image is a minimal set of packages,
while an installer carries a live system and a pool of packages.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from ..fs.entry import Entry, canonical
from ..image.layer import Image
from ..union.index import Index
from ..union.totals import file_bytes

KERNEL_PACKAGE = 391_000_000
CLOUD_KERNEL_PACKAGE = 103_000_000
GRUB_PACKAGE = 4_000_000
"""Bytes that Debian 12's packages unpack to."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a machine's disk has, and whether an image has it.

    Attributes
    ----------
    name : str
    there : bool
    paths : tuple of str
        Some of where it was found, in order, at most five; an empty directory is named as well.
    entries, size : int
        How many entries were found, and the bytes of their files.
    words : str
        What is true of it.
    """

    name: str
    there: bool
    paths: tuple[str, ...]
    entries: int
    size: int
    words: str


@dataclass(frozen=True, slots=True)
class Made:
    """Something that an image lacks and that is made when a container of it starts."""

    path: str
    kind: str


_PATTERNS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("kernel", ("boot/vmlinuz*", "boot/vmlinux*", "boot/bzImage*", "boot/Image*", "vmlinuz", "lib/modules/*/vmlinuz",
                "usr/lib/modules/*/vmlinuz"),
     "the host's kernel serves every container; one in an image would never be run"),
    ("initramfs", ("boot/initrd*", "boot/initramfs*", "initrd.img"),
     "a machine's helper for finding its root; a container's root is mounted by the engine"),
    ("bootloader", ("boot/grub*", "boot/efi*", "boot/extlinux*", "boot/loader*", "usr/lib/grub*",
                    "usr/sbin/grub-install"),
     "nothing boots, so nothing needs loading"),
    ("kernel modules", ("lib/modules/*", "usr/lib/modules/*"),
     "drivers belong to the kernel that runs: the host's"),
)
_DIRECTORIES = (
    ("/boot", "boot", "empty where it is there at all"),
    ("/dev", "dev", "a tmpfs with a few device nodes is mounted here at each start"),
    ("/proc", "proc", "the kernel's view of processes is mounted here at each start"),
    ("/sys", "sys", "the kernel's view of devices is mounted here at each start, read-only"),
)
_PROGRAMS = (
    ("shell", ("bin/sh", "usr/bin/sh"), "needed for docker exec sh and for RUN lines, not for running"),
    ("init", ("sbin/init", "usr/sbin/init", "init"), "seldom there: the program itself is process 1"),
)


@dataclass(frozen=True, slots=True)
class Contents:
    """What was found.

    Attributes
    ----------
    distribution : str
        PRETTY_NAME of etc/os-release, or "".
    files, size : int
        Entries of the merged view, and the bytes of its files.
    findings : tuple of Finding
    """

    distribution: str
    files: int
    size: int
    findings: tuple[Finding, ...]

    def __getitem__(self, name: str) -> Finding:
        return next(finding for finding in self.findings if finding.name == name)


def contents(image: Image, index: Index | None = None) -> Contents:
    """Return what an image has of the parts of a machine's disk.

    Parameters
    ----------
    image : Image
    index : Index, optional
        Its merged view, where it is at hand.

    Examples
    --------
    >>> from sim.image.samples import sample
    >>> found = contents(sample("ubuntu"))
    >>> found["kernel"].there, found["bootloader"].there, found["shell"].there
    (False, False, True)
    """
    index = Index.of(image.stack) if index is None else index
    entries = [(path, entry) for path, _, entry in index.walk()]
    findings = [
        *(_by_pattern(name, patterns, words, entries) for name, patterns, words in _PATTERNS),
        *(_directory(index, name, path, words) for name, path, words in _DIRECTORIES),
        *(_program(index, name, paths, words) for name, paths, words in _PROGRAMS),
    ]
    return Contents(_distribution(index), len(entries), file_bytes(entry for _, entry in entries), tuple(findings))


def _by_pattern(
    name: str, patterns: Sequence[str], words: str, entries: Sequence[tuple[str, Entry]]
) -> Finding:
    found = [(path, entry) for path, entry in entries if any(fnmatchcase(path, pattern) for pattern in patterns)]
    size = file_bytes(entry for _, entry in found)
    # Directories alone are a place for it, as in Debian's images: /boot/efi, empty.
    there = any(not entry.is_dir for _, entry in found)
    return Finding(name, there, tuple(path for path, _ in found[:5]), len(found), size, words)


def _directory(index: Index, name: str, path: str, words: str) -> Finding:
    place = index.resolve(path, follow_last=True)
    below = [] if place.entry is None or not place.entry.is_dir else list(index.walk(directory=place.path))
    return Finding(
        name, place.entry is not None, tuple(found for found, _, _ in below[:5]), len(below),
        file_bytes(entry for _, _, entry in below), words,
    )


def _program(index: Index, name: str, paths: Sequence[str], words: str) -> Finding:
    found = [path for path in paths if index.resolve(path, follow_last=True).entry is not None]
    entry = index.resolve(found[0], follow_last=True).entry if found else None
    return Finding(name, bool(found), tuple(found), len(found), 0 if entry is None else entry.size, words)


def _distribution(index: Index) -> str:
    entry = index.resolve("etc/os-release", follow_last=True).entry
    if entry is None or entry.data is None:
        return ""
    for line in entry.data.read(0, 1 << 16).decode("utf-8", "replace").splitlines():
        if line.startswith("PRETTY_NAME="):
            return line.partition("=")[2].strip().strip("\"'")
    return ""


# What docker's init layer holds (daemon/initlayer), so that there is something to mount over.
_INIT_LAYER = (
    ("dev/pts", "directory"), ("dev/shm", "directory"), ("proc", "directory"), ("sys", "directory"),
    (".dockerenv", "file"), ("etc/resolv.conf", "file"), ("etc/hosts", "file"), ("etc/hostname", "file"),
    ("dev/console", "file"), ("etc/mtab", "link to /proc/mounts"),
)


def made_at_start(index: Index, cwd: str = "/") -> tuple[Made, ...]:
    """Return what an image lacks and the start of a container makes, so that it starts all the same.

    Examples
    --------
    >>> from sim.fs.sketch import sketch, file
    >>> index = Index.of([sketch(file("/hello", b"", 0o755), file("/etc/hosts"))])
    >>> [made.path for made in made_at_start(index) if made.path.count("/") < 2]
    ['/dev', '/proc', '/sys', '/.dockerenv']
    """
    wanted = [*_INIT_LAYER, (canonical(cwd), "directory")] if canonical(cwd) else list(_INIT_LAYER)
    found: dict[str, str] = {}
    for path, kind in wanted:
        for place in _with_parents(path):
            if index.resolve(place, follow_last=True).entry is None:
                found.setdefault(place, kind if place == path else "directory")
    return tuple(Made(f"/{path}", kind) for path, kind in found.items())


def _with_parents(path: str) -> Iterator[str]:
    parts = path.split("/")
    for length in range(1, len(parts) + 1):
        yield "/".join(parts[:length])

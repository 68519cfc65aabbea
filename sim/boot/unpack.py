"""A file system written out as a folder: owners, modes, times, links and devices as the image says.

Nothing outside the folder is touched, whatever an image holds: each name is made anew under a directory that was
made here, never followed, never replaced. Directories get their modes and times last, deepest first, since
filling them needs the one and changes the other.

Only root can give files away and make devices; for others the files are their own and the devices are missing,
and the answer says so. Of extended attributes those are kept that docker and umoci keep: ``security.capability``
and ``user.*``; an image must not set what an overlay mount reads (``trusted.overlay.*``).
"""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from ..errors import BadInput, SizeMismatch, Unsupported
from ..fs.entry import Entry, Kind
from ..union.paths import path_bytes
from .cpio import Node

OWNERS = "not their owner's: only root can give files away"
DEVICES = "not there: only root can make device nodes"
ATTRIBUTES = "without an extended attribute that a file here cannot or must not have"


def unpack(nodes: Iterable[Node], folder: Path) -> Mapping[str, int]:
    """Write a file system into a new folder.

    Parameters
    ----------
    nodes : iterable of Node
        The root first, each directory before what is in it.
    folder : Path
        Made here.

    Returns
    -------
    mapping of str to int
        What was left out, in words, and how often.

    Raises
    ------
    BadInput
        A name that leads elsewhere.
    SizeMismatch
        A file's data gives more or fewer bytes than its size.
    OSError
        The folder exists, the disk is full, two names are one on this file system ...
    """
    if os.name != "posix":
        raise Unsupported("a root file system cannot be unpacked on this system", hint="do it on Linux")
    left_out: Counter[str] = Counter()
    first: dict[int, bytes] = {}
    directories: list[tuple[bytes, Entry]] = []
    for node in nodes:
        place = _place(folder, node.path)
        other = first.get(node.inode)
        if other is not None:
            os.link(other, place, follow_symlinks=False)
            continue
        if not _made(place, node.entry):
            left_out[DEVICES] += 1
            continue
        first[node.inode] = place
        if node.entry.is_dir:
            directories.append((place, node.entry))
        else:
            left_out.update(_dressed(place, node.entry))
    for place, entry in reversed(directories):
        left_out.update(_dressed(place, entry))
    return left_out


def _place(folder: Path, path: str) -> bytes:
    raw = path_bytes(path)
    if path and not {b"", b".", b".."}.isdisjoint(raw.split(b"/")):
        raise BadInput("a name that leads elsewhere", where=ascii(path[:80]))
    return os.path.join(os.fsencode(folder), raw) if raw else os.fsencode(folder)


def _made(place: bytes, entry: Entry) -> bool:
    """Make a name; False where this user cannot."""
    if entry.is_dir:
        os.mkdir(place, 0o700)
    elif entry.kind is Kind.SYMLINK:
        os.symlink(path_bytes(entry.target or ""), place)
    elif entry.kind is Kind.FIFO:
        os.mkfifo(place, 0o600)
    elif entry.kind is Kind.FILE:
        _write(place, entry)
    elif os.geteuid() == 0:
        kind = stat.S_IFCHR if entry.kind is Kind.CHAR else stat.S_IFBLK
        os.mknod(place, 0o600 | kind, os.makedev(*(entry.rdev or (0, 0))))
    else:
        return False
    return True


def _write(place: bytes, entry: Entry) -> None:
    done = 0
    with open(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "wb") as file:
        for chunk in entry.data.chunks() if entry.data is not None else ():
            done += len(chunk)
            if done > entry.size:
                break
            file.write(chunk)
    if done != entry.size:
        raise SizeMismatch(entry.size, done, where=os.fsdecode(place))


def _dressed(place: bytes, entry: Entry) -> list[str]:
    """Give a name its owner, attributes, mode and time; return what was left out."""
    left_out = []
    if os.geteuid() == 0:
        os.chown(place, entry.uid, entry.gid, follow_symlinks=False)
    elif (entry.uid, entry.gid) != (os.geteuid(), os.getegid()):
        left_out.append(OWNERS)
    left_out += [ATTRIBUTES for key, value in entry.xattrs if not _attribute(place, key, value)]
    if entry.kind is not Kind.SYMLINK:
        # After the owner: to give a file away takes its setuid bit.
        os.chmod(place, entry.mode)
    os.utime(place, ns=(entry.mtime_ns, entry.mtime_ns), follow_symlinks=False)
    return left_out


def _attribute(place: bytes, key: str, value: bytes) -> bool:
    if key != "security.capability" and not key.startswith("user."):
        return False
    setxattr = getattr(os, "setxattr", None)
    if setxattr is None:
        return False
    try:
        setxattr(place, path_bytes(key), value, follow_symlinks=False)
    except OSError:
        return False
    return True

"""Files that appear whole or not at all.

    write .layerlab-aside-<random>  --fsync-->  os.replace  --fsync the folder-->  survives a crash

A reader never sees half a file: before the replace it sees nothing, or the old file; after it the new one.
A process that dies leaves at most a file aside; `sweep` removes it when nobody has written to it for a while.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

ASIDE = ".layerlab-aside-"
IDLE_S = 3600
"""A file aside that was not written for this many seconds has been left behind."""


@contextmanager
def written_aside(target: Path, folder: Path | None = None) -> Iterator[BinaryIO]:
    """Open a new file that takes `target`'s place when the block ends, and vanishes when it fails.

    Parameters
    ----------
    target : Path
    folder : Path, optional
        Where the file lies meanwhile, on the same file system; `target`'s own folder otherwise.
    """
    aside = (folder or target.parent) / f"{ASIDE}{os.urandom(8).hex()}"
    try:
        with open(aside, "xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(aside, target)
    except BaseException:
        with suppress(OSError):
            aside.unlink()
        raise
    sync_folder(target.parent)


@contextmanager
def folder_aside(target: Path) -> Iterator[Path]:
    """Name a folder, yet to be made, that takes `target`'s place when the block ends, and vanishes when it fails.

    What is in it is the caller's to make durable. `target` must not exist, or be an empty folder.
    """
    make_folder(target.parent)
    sweep(target.parent)
    aside = target.parent / f"{ASIDE}{os.urandom(8).hex()}"
    try:
        yield aside
        os.replace(aside, target)
    except BaseException:
        from shutil import rmtree

        rmtree(aside, ignore_errors=True)
        raise
    sync_folder(target.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable, where the system can (Windows opens no folders)."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError:  # some network and FUSE file systems refuse; the data itself is synced
        pass
    finally:
        os.close(descriptor)


def make_folder(folder: Path) -> None:
    """Make a folder with its parents, durably."""
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        sync_folder(folder.parent)


def sweep(folder: Path, idle_s: int = IDLE_S) -> int:
    """Remove files and folders aside that were left behind; return how many.

    Age is measured by the file system's own clock, against a file made now, so that neither this machine's
    clock nor another's matters. A live writer is safe: its file is young.
    """
    found = [entry for entry in os.scandir(folder) if entry.name.startswith(ASIDE)]
    if not found:
        return 0
    probe = folder / f"{ASIDE}{os.urandom(8).hex()}"
    probe.touch()
    now = probe.stat().st_mtime
    probe.unlink()
    swept = 0
    for entry in found:
        with suppress(OSError):  # another process swept it first, or finished with it
            if entry.stat(follow_symlinks=False).st_mtime <= now - idle_s:
                if entry.is_dir(follow_symlinks=False):
                    from shutil import rmtree

                    rmtree(entry.path)
                else:
                    os.unlink(entry.path)
                swept += 1
    return swept

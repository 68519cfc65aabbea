"""The writable mount: Linux's overlayfs as a value, with copy-up, whiteouts and a reason for every answer.

    disk.py      directories as they lie on disk          dentry.py core.py     merged names, lookup, the journal
    options.py   mount options, refused mounts            paths.py    path walk
    copyup.py create.py remove.py rename.py attrs.py files.py         the operations
    views.py     stat, readdir, walk                      report.py explain.py    results and reasons
    versions.py  many values, one core                    mount.py    `OverlayMount`, `mount`
"""

from .disk import WHITEOUT, Directory, directory
from .files import Mapping, Open
from .mount import Outcome, OverlayMount, mount
from .options import Names, Options
from .report import Did, Effect, Report, Space, Stat

__all__ = [
    "WHITEOUT", "Did", "Directory", "Effect", "Mapping", "Names", "Open", "Options", "Outcome", "OverlayMount",
    "Report", "Space", "Stat", "directory", "mount",
]

"""The limits that the kernel puts on a path, before any file system is asked (path_resolution(7)).

    a name      at most 255 bytes       NAME_MAX, <linux/limits.h>
    a path      at most 4,095 bytes     PATH_MAX less the closing NUL
    symlinks    at most 40 on the way   MAXSYMLINKS, <linux/namei.h>

Lengths are counted in bytes: names that are UTF-8 are longer than they look.
"""

from __future__ import annotations

from ..errors import BadInput

NAME_MAX = 255
PATH_MAX = 4096
MAX_SYMLINKS = 40


def path_bytes(path: str) -> bytes:
    """Return the bytes that a program would hand to the kernel.

    Raises
    ------
    BadInput
        The path holds a NUL, or characters that no bytes stand for: the kernel cannot be asked for it.

    Examples
    --------
    >>> path_bytes("etc/\\udcff")
    b'etc/\\xff'
    """
    if "\0" in path:
        hint = "a program's path ends at a NUL, so the kernel cannot be asked"
        raise BadInput("a path cannot hold a NUL byte", where=ascii(path[:80]), hint=hint)
    try:
        return path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raise BadInput("a path with characters that stand for no bytes", where=ascii(path[:80])) from None


def name_too_long(name: str) -> bool:
    """Whether one part of a path is longer than any file system's name can be."""
    return len(name) > NAME_MAX // 4 and len(path_bytes(name)) > NAME_MAX

"""As whom a container runs: a name looked up in the image's own /etc/passwd and /etc/group, as docker does it.

    user            uid of the name, or the number itself; gid and supplementary groups from the two files
    user:group      the group's gid, or the number itself; no supplementary groups but that
    (nothing)       uid 0

A number needs no entry in a file; a name does (moby/sys/user, GetExecUser). So USER root fails in an image
without /etc/passwd, and no USER at all works.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..errors import StartRefused
from ..union.index import Index

_LIMIT = 1 << 20
_MAX_ID = (1 << 31) - 1


@dataclass(frozen=True, slots=True)
class User:
    """Who a program runs as.

    Attributes
    ----------
    uid, gid : int
    groups : tuple of int
        Further groups.
    home : str
        HOME, where the image does not set it.
    """

    uid: int = 0
    gid: int = 0
    groups: tuple[int, ...] = ()
    home: str = "/"

    @property
    def all_groups(self) -> tuple[int, ...]:
        """The supplementary groups that the program gets: its own group is always one of them."""
        return tuple(dict.fromkeys((self.gid, *self.groups)))


def find_user(index: Index, wanted: str) -> User:
    """Find who ``USER`` means in an image.

    Parameters
    ----------
    index : Index
        The image's merged view.
    wanted : str
        ``user[:group]``, names or numbers, or nothing.

    Raises
    ------
    StartRefused
        A name is not in its file, or a number is out of range; in docker's words.

    Examples
    --------
    >>> from sim.fs.sketch import sketch, file
    >>> index = Index.of([sketch(file("/etc/passwd", b"web:x:33:33::/var/www:/bin/sh"))])
    >>> find_user(index, "web")
    User(uid=33, gid=33, groups=(), home='/var/www')
    """
    name, _, group = wanted.partition(":")
    found, called = _user(index, name or "0")
    if not group:
        member = (int(line[2]) for line in _lines(index, "etc/group", 4) if called and called in line[3].split(","))
        return User(found.uid, found.gid, tuple(member), found.home)
    for line in _lines(index, "etc/group", 4):
        if (line[2] if group.isdecimal() else line[0]) == group:
            return User(found.uid, int(line[2]), (), found.home)
    if not group.isdecimal():
        raise StartRefused(_daemon(f"unable to find group {group}: no matching entries in group file"), 125)
    return User(found.uid, _in_range(group), (), found.home)


def _user(index: Index, name: str) -> tuple[User, str]:
    for line in _lines(index, "etc/passwd", 7):
        if (line[2] if name.isdecimal() else line[0]) == name:
            return User(int(line[2]), int(line[3] or 0), (), line[5] or "/"), line[0]
    if not name.isdecimal():
        raise StartRefused(_daemon(f"unable to find user {name}: no matching entries in passwd file"), 125)
    return User(_in_range(name)), ""


def _in_range(number: str) -> int:
    if len(number) > 10 or int(number) > _MAX_ID:
        raise StartRefused(_daemon(f"uids and gids must be in range 0-{_MAX_ID}"), 125)
    return int(number)


def _daemon(words: str) -> str:
    return f"docker: Error response from daemon: {words}"


def _lines(index: Index, path: str, fields: int) -> Iterator[list[str]]:
    """Yield the lines of a colon-separated file, with numbers where they must be; none where there is no file."""
    entry = index.resolve(path, follow_last=True).entry
    if entry is None or entry.data is None:
        return
    text = entry.data.read(0, _LIMIT).decode("utf-8", "surrogateescape")
    for line in text.splitlines():
        parts = [*line.strip().split(":"), *[""] * fields][:fields]
        if parts[2].isdecimal() and (fields == 4 or not parts[3] or parts[3].isdecimal()):
            yield parts

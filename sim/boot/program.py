"""What a container runs, or in whose words it does not: first the runtime looks for a file, then the kernel reads it.

    runtime  ENTRYPOINT + CMD    none at all              No command specified
             /a/name             stat, and some x bit     stat /a/name: no such file or directory | permission denied
             name                each directory of PATH   executable file not found in $PATH
    kernel   \\x7fELF             machine, interpreter     exec format error | no such file or directory
             #!interpreter       the interpreter          no such file or directory
             anything else                                exec format error

The architecture in the image's config decides nothing: docker prints a warning, and the kernel reads the file's
own header (fs/binfmt_elf.c, fs/binfmt_script.c). Words and exit codes as docker 20.10 with runc 1.1 prints them; the
chain of causes before "exec:" differs between versions.
"""

from __future__ import annotations

import errno
import posixpath
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from ..content.data import Data
from ..errors import StartRefused
from ..fs.entry import Entry, ancestors
from ..union.index import Index
from .host import Host
from .user import User

DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
MOUNTED_OVER = ("proc", "sys", "dev")
"""Directories that the runtime mounts something on: what an image has there, nobody sees."""

_RUNC = (
    "docker: Error response from daemon: failed to create shim task: OCI runtime create failed: runc create failed: "
    "unable to start container process: "
)
_WORDS = {
    errno.ENOENT: "no such file or directory", errno.EACCES: "permission denied", errno.ENOTDIR: "not a directory",
    errno.ELOOP: "too many levels of symbolic links", errno.ENAMETOOLONG: "file name too long",
    errno.ENOEXEC: "exec format error",
}
_GUESS = (
    ": Are you trying to mount a directory onto a file (or vice-versa)? Check if the specified host path exists and is "
    "the expected type"
)
_INTERPRETERS = 5  # Scripts run by scripts: fs/exec.c gives up after that many.
_PT_INTERP = 3


@dataclass(frozen=True, slots=True)
class Program:
    """A file that the runtime found: where, and as what it was asked for."""

    name: str
    path: str
    entry: Entry


@dataclass(frozen=True, slots=True)
class _Look:
    index: Index
    user: User
    cwd: str

    def stat(self, path: str) -> tuple[str, Entry | None, int]:
        """Return the canonical path, the entry and the error that a program of this user gets."""
        found = self.index.resolve(posixpath.join(self.cwd, path), follow_last=True)
        if found.path.partition("/")[0] in MOUNTED_OVER:
            return found.path, None, errno.ENOENT
        above = (self.index.get(place) for place in ancestors(found.path))
        if any(entry is not None and entry.is_dir and not may_execute(entry, self.user) for entry in above):
            return found.path, None, errno.EACCES
        return found.path, found.entry, found.errno


def may_execute(entry: Entry, user: User) -> bool:
    """Whether a user may run a file, or go through a directory (inode_permission(9))."""
    if user.uid == 0:
        return entry.is_dir or bool(entry.mode & 0o111)
    if entry.uid == user.uid:
        return bool(entry.mode & 0o100)
    return bool(entry.mode & (0o010 if entry.gid in user.all_groups else 0o001))


def find_program(index: Index, name: str, *, path: str = DEFAULT_PATH, cwd: str = "/", user: User = User()) -> Program:  # noqa: B008
    """Find the file that a container is to run, as the runtime does before it starts anything.

    Parameters
    ----------
    index : Index
        The image's merged view.
    name : str
        The first word of the command.
    path : str
        The container's PATH.
    cwd : str
        Its working directory.
    user : User

    Raises
    ------
    StartRefused
        There is none, or it cannot be run; exit code 127 or 126.

    Examples
    --------
    >>> from sim.fs.sketch import sketch, file
    >>> index = Index.of([sketch(file("/bin/sh", b"", 0o755), file("/etc/motd"))])
    >>> find_program(index, "sh").path
    'bin/sh'
    >>> find_program(index, "/etc/motd")
    Traceback (most recent call last):
    sim.errors.StartRefused: docker: Error response from daemon: failed to create shim task: OCI runtime create \
failed: runc create failed: unable to start container process: exec: "/etc/motd": permission denied: unknown
    """
    look = _Look(index, user, cwd)
    if "/" in name:
        place, entry, code = look.stat(name)
        if entry is None:
            raise _refused(f'exec: "{name}": stat {name}: {_WORDS[code]}')
        if not _runnable(entry):
            raise _refused(f'exec: "{name}": permission denied')
    else:
        tried = (look.stat(f"{folder or '.'}/{name}") for folder in path.split(":"))
        chosen = next(((place, entry) for place, entry, _ in tried if entry is not None and _runnable(entry)), None)
        if chosen is None:
            raise _refused(f'exec: "{name}": executable file not found in $PATH')
        place, entry = chosen
    if not may_execute(entry, user):
        raise _refused(f"exec /{place}: permission denied")
    return Program(name, place, entry)


def _runnable(entry: Entry) -> bool:
    # Any execute bit counts here, whoever asks: Go's exec.LookPath.
    return not entry.is_dir and bool(entry.mode & 0o111)


def _refused(words: str) -> StartRefused:
    missing = ("executable file not found", _WORDS[errno.ENOENT])
    code = 127 if any(word in words for word in missing) else 126 if _WORDS[errno.EACCES] in words else 125
    # The daemon guesses at a bind mount whenever something is no directory (moby, daemon/errors.go).
    guess = _GUESS if _WORDS[errno.ENOTDIR] in words else ""
    return StartRefused(f"{_RUNC}{words}: unknown{guess}", code)


def execve(index: Index, program: Program, host: Host, *, cwd: str = "/", user: User = User()) -> None:  # noqa: B008
    """Let the kernel read a program's head; it runs, or `StartRefused` has the kernel's reason.

    By then the container exists and the runtime's own process becomes the program: what is printed comes from
    inside the container.

    Examples
    --------
    >>> from sim.fs.sketch import sketch, file
    >>> index = Index.of([sketch(file("/bin/notes", b"not a program", 0o755))])
    >>> execve(index, find_program(index, "notes"), Host())
    Traceback (most recent call last):
    sim.errors.StartRefused: exec /bin/notes: exec format error
    """
    look = _Look(index, user, cwd)
    code = _read_head(look, program.entry, host, _INTERPRETERS)
    if code:
        raise StartRefused(f"exec /{program.path}: {_WORDS[code]}", 1)


def _read_head(look: _Look, entry: Entry, host: Host, left: int) -> int:
    head = b"" if entry.data is None else entry.data.read(0, 256)
    if head.startswith(b"#!"):
        words = head[2:].partition(b"\n")[0].split()
        if not words:
            return errno.ENOEXEC
        return errno.ELOOP if not left else _interpreter(look, words[0], host, left)
    if not head.startswith(b"\x7fELF") or len(head) < 20:
        return errno.ENOEXEC
    order = _order(head)
    if not host.runs(int.from_bytes(head[18:20], order)):
        return errno.ENOEXEC
    asked = elf_interpreter(entry.data) if entry.data is not None else None
    return 0 if asked is None else _interpreter(look, asked, host, 0, loader=True)


def _interpreter(look: _Look, name: bytes, host: Host, left: int, *, loader: bool = False) -> int:
    _, entry, code = look.stat(name.decode("utf-8", "surrogateescape"))
    if entry is None:
        return code
    if not may_execute(entry, look.user):
        return errno.EACCES
    # A loader is mapped, not run in its turn.
    return 0 if loader else _read_head(look, entry, host, left - 1)


def _order(head: bytes) -> Literal["little", "big"]:
    return "big" if head[5:6] == b"\x02" else "little"


def elf_interpreter(data: Data) -> bytes | None:
    """Return the loader that an ELF program asks for (PT_INTERP), or None where it is static.

    Examples
    --------
    >>> from sim.content.data import Inline
    >>> elf_interpreter(Inline(b"\\x7fELF" + bytes(60))) is None
    True
    """
    head = data.read(0, 64)
    order, wide = _order(head), head[4:5] == b"\x02"

    def number(raw: bytes, at: int, size: int) -> int:
        return int.from_bytes(raw[at : at + size], order)

    table, each, count = (
        (number(head, 32, 8), number(head, 54, 2), number(head, 56, 2)) if wide
        else (number(head, 28, 4), number(head, 42, 2), number(head, 44, 2))
    )
    if each < 32 or not count:
        return None
    raw = data.read(table, each * min(count, 128))
    for at in range(0, len(raw) - 31, each):
        if number(raw, at, 4) == _PT_INTERP:
            offset, size = (
                (number(raw, at + 8, 8), number(raw, at + 32, 8)) if wide
                else (number(raw, at + 4, 4), number(raw, at + 16, 4))
            )
            return data.read(offset, min(size, 4096)).rstrip(b"\0")
    return None


def command(entrypoint: Iterable[str], cmd: Iterable[str]) -> tuple[str, ...]:
    """Return what a container runs; `StartRefused` where there is nothing to run."""
    words = (*entrypoint, *cmd)
    if not words:
        raise StartRefused(
            "docker: Error response from daemon: No command specified", 125,
            hint="name a command after the image, or give the image a CMD",
        )
    return words

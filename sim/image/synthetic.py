"""Made-up bytes of sample files: a pure function of (seed, path, size).

Nobody ships 70 MB of a distribution with a course. A sample's file has the real path and a size, and bytes that
are made while they are read, the same on every machine:

    block k of a file = f(SHAKE-128(seed, path, size, k))          64 KiB each, so any part is made on its own

    binary    an ELF header, then blocks of which 43 % are fresh and the rest repeats them: compresses as programs do
    packed    a gzip or PNG header, then fresh bytes: does not compress, like what is compressed already
    text      words and line ends, drawn byte by byte from a list of 256; compresses to about a third

The first line of a text says that it is synthetic. None of these files is a program that runs or an
archive that opens; only the short texts written out in the recipes are meaningful.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from enum import StrEnum
from functools import cache

from ..content.data import Data

BLOCK = 1 << 16
_FRESH = 0.43
# e_ident (64 bit, little endian, version 1), ET_DYN, EM_X86_64: what file(1) looks at.
_ELF = b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x03\x00\x3e\x00\x01\x00\x00\x00" + bytes(40)
_PACKED = {".gz": b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff", ".png": b"\x89PNG\r\n\x1a\n"}
_PROGRAMS = frozenset({"bin", "sbin", "libexec", "methods", "planners", "solvers"})
_WORDS = (
    "the of and to in a is for on that with as by at from this be are or not an it file path name value type list "
    "line text word set get put end use see also call true false none null one two new old key map mode user group "
    "size time date read write open close copy move link node tree root base layer image store index table field "
    "entry block chunk byte digest hash seed sample synthetic example model state event error check found given "
    "start stop begin until while when where which return string number default option flag command argument result "
    "output input source target local remote system kernel mount union lower upper work merged view snapshot commit "
    "push pull tag registry repository reference manifest config history created author label environment port "
    "volume entrypoint container process thread memory buffer cache queue stack heap lock wait signal timer clock "
    "random order first last next previous parent child sibling left right above below inside outside before after"
).split()
_AFTER = (" ", " ", " ", "\n", " ", " ", ", ", " ", " ", "; ", " ", " ", "_", " = ", " ", "(", ") ", " ", " ")


class Look(StrEnum):
    """What a made-up file looks like, which decides how well it compresses."""

    BINARY = "binary"
    PACKED = "packed"
    TEXT = "text"


class Synthetic(Data):
    """The made-up bytes of one file.

    Parameters
    ----------
    seed : str
        Which build of the file: the distribution and its version.
    path : str
        Without a leading slash.
    size : int
        In bytes.
    look : Look

    Examples
    --------
    >>> readme = Synthetic("example", "usr/share/doc/vim/README", 100, Look.TEXT)
    >>> readme.read().splitlines()[0]
    b'# synthetic sample, not the real /usr/share/doc/vim/README'
    >>> readme == Synthetic("example", "usr/share/doc/vim/README", 100, Look.TEXT)
    True
    """

    def __init__(self, seed: str, path: str, size: int, look: Look) -> None:
        self.seed = seed
        self.path = path
        self.size = size
        self.look = look

    def chunks(self) -> Iterator[bytes]:
        for at in range(0, self.size, BLOCK):
            yield self._block(at // BLOCK)

    def read(self, offset: int = 0, length: int | None = None) -> bytes:
        end = self.size if length is None else min(self.size, offset + length)
        if offset >= end:
            return b""
        first = offset // BLOCK
        joined = b"".join(self._block(k) for k in range(first, (end - 1) // BLOCK + 1))
        return joined[offset - first * BLOCK : end - first * BLOCK]

    def _block(self, k: int) -> bytes:
        length = min(BLOCK, self.size - k * BLOCK)
        source = hashlib.shake_128(f"{self.seed}\0{self.path}\0{self.size}\0{k}".encode("utf-8", "surrogateescape"))
        head = b"" if k else _head(self.path, self.look)
        if self.look is Look.TEXT:
            body = _text(source.digest(max(1, length // 5)), length)
        elif self.look is Look.BINARY:
            body = _spread(source.digest(max(1, int(length * _FRESH))), length)
        else:
            body = source.digest(length)
        return (head + body)[:length]


def _head(path: str, look: Look) -> bytes:
    if look is Look.BINARY:
        return _ELF + f"synthetic sample, not the real /{path}\0".encode("utf-8", "surrogateescape")
    if look is Look.TEXT:
        return f"# synthetic sample, not the real /{path}\n".encode("utf-8", "surrogateescape")
    return _PACKED.get(path[path.rfind(".") :], b"")


def _spread(fresh: bytes, length: int) -> bytes:
    return (fresh * (length // len(fresh) + 1))[:length]


@cache
def _vocabulary() -> tuple[bytes, ...]:
    pairs = (_WORDS[i % len(_WORDS)] + _AFTER[i % len(_AFTER)] for i in range(1 << 8))
    return tuple(pair.encode("ascii") for pair in pairs)


def _text(fresh: bytes, length: int) -> bytes:
    words = b"".join(map(_vocabulary().__getitem__, fresh))
    return _spread(words, length)


def looks(path: str, mode: int) -> Look:
    """Guess from a path and its permission bits what a file looks like.

    Examples
    --------
    >>> looks("usr/bin/vim.basic", 0o755), looks("usr/lib/libz.so.1.3", 0o644), looks("etc/hosts", 0o644)
    (<Look.BINARY: 'binary'>, <Look.BINARY: 'binary'>, <Look.TEXT: 'text'>)
    """
    *folders, name = path.split("/")
    if ".so" in name or (mode & 0o111 and (not folders or not _PROGRAMS.isdisjoint(folders))):
        return Look.BINARY
    if name.endswith((".gz", ".png", ".gpg", ".xz")):
        return Look.PACKED
    return Look.TEXT

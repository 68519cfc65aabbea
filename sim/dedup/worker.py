"""Streams and parts of files cut and printed in processes of their own.

A chunk of 8 KiB is cut and hashed in ten microseconds, and in that time the interpreter lock is given up and taken
back twice: two threads that do so wait for one another half of the time. A process has a lock of its own.

    this process                                     worker

    piece, piece, ... --> [ frame | frame | frame | frame ] --> Printer       memory that both see, used in turn
            new, piece or end, bytes, where files lie -->                     pipes
            <-- names and sizes of the chunks decided, SHA-256 of files, of all

    part of a file ------------------------------------> a worker reads it itself; see segments.py

A worker takes 40 ms to start, so those that are idle wait for the next stream, and end with this process. What comes
back after each frame is small, and memory stays flat on both sides.
"""

from __future__ import annotations

import atexit
import hashlib
import mmap
import os
import pickle
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from struct import Struct
from typing import Self

from ..errors import SimError
from .chunking import Rule, cutter
from .prints import NAME_BYTES, Chunks, Printer, printed

FRAME = 1 << 20
"""Bytes of a frame: enough that its messages cost nothing, few enough that they are in the cache when they are read."""

FRAMES = 4

_HEAD = Struct("<cII")
_RANGE = Struct("<QQ")
_REPLY = Struct("<III")
_NEW, _PIECE, _END, _PART = b"n", b"p", b"e", b"f"
_SHA256_BYTES = 32
_CODE = "import sys; sys.path[:] = sys.argv[2:]; from sim.dedup.worker import serve; serve(int(sys.argv[1]))"


@dataclass(frozen=True, slots=True)
class Part:
    """Part of a file that is to be cut as if a chunk began with its first byte.

    Attributes
    ----------
    rule : Rule
    path : str
    start : int
        Where in the file it begins.
    stop : int
        Where the next part begins: chunks that begin before are wanted.
    end : int
        Where the stream of which it is a part ends.
    """

    rule: Rule
    path: str
    start: int
    stop: int
    end: int

    def printed(self) -> Chunks:
        """Read it and return its chunks; the last one may reach into the next part."""
        base = self.start - self.start % mmap.ALLOCATIONGRANULARITY
        size = min(self.stop + self.rule.max_size, self.end) - base
        with open(self.path, "rb") as file:
            data = memoryview(mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ, offset=base))
        return printed(cutter(self.rule).split(data[self.start - base :], self.stop - self.start - 1))


class Worker:
    """A process that prints one stream or part of a file after the other.

    Raises
    ------
    OSError
        No process can be started here.
    """

    def __init__(self) -> None:
        if os.name != "posix" or not sys.executable or sys.platform == "emscripten":
            raise OSError("no worker can be started here")
        # The same packages in reach, and nothing of the working folder or the environment.
        places = [str(Path(__file__).parents[2]), *filter(None, sys.path)]
        with tempfile.TemporaryFile() as file:
            # Written, not only made so long: a disk without room must fail here, not when memory is touched.
            file.write(bytes(FRAMES * FRAME))
            file.flush()
            self._ring = memoryview(mmap.mmap(file.fileno(), FRAMES * FRAME))
            # Ctrl-C is for this process; a worker ends when nobody can write to it any more.
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", _CODE, str(file.fileno()), *places],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                pass_fds=[file.fileno()], start_new_session=True,
            )
        assert self._process.stdin is not None and self._process.stdout is not None
        self._to, self._from = self._process.stdin, self._process.stdout
        self._turn = 0

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    @property
    def frame(self) -> memoryview:
        """The memory of the frame that is sent next."""
        return self._ring[self._turn * FRAME : (self._turn + 1) * FRAME]

    def ask(self, part: Part) -> None:
        """Have part of a file printed; errors as in `send`."""
        words = pickle.dumps(part)
        self.frame[: len(words)] = words
        self.send(_PART, len(words))

    def send(self, kind: bytes, size: int, files: bytes = b"") -> None:
        """Send the frame, and where files begin and end; `SimError` where the worker is gone."""
        try:
            self._to.write(_HEAD.pack(kind, size, len(files)) + files)
            self._to.flush()
        except OSError:
            raise self._gone() from None
        self._turn = (self._turn + 1) % FRAMES

    def receive(self) -> tuple[Chunks, bytes, str]:
        """Wait for the answer to the oldest frame that has none.

        Returns
        -------
        Chunks
            Those that the frame decided.
        bytes
            The SHA-256 of each file that it ended.
        str
            The hex SHA-256 of the stream, after its last frame.
        """
        head = self._from.read(_REPLY.size)
        if len(head) < _REPLY.size:
            raise self._gone()
        count, *sizes = _REPLY.unpack(head)
        names, packed, files, digest = (self._from.read(size) for size in (count * NAME_BYTES, count * 4, *sizes))
        if len(digest) < sizes[-1]:
            raise self._gone()
        return Chunks(names, packed), files, digest.decode()

    def _gone(self) -> SimError:
        self.close()
        return SimError(
            f"a helper process ended before its work, with exit code {self._process.returncode}",
            hint="it may have been killed where memory is short; run the command again",
        )

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        with suppress(OSError):  # What was not sent yet cannot be sent any more.
            self._to.close()
        self._from.close()
        self._process.wait()


_idle: deque[Worker] = deque()
_of_parent: list[Worker] = []


def _leave_to_parent() -> None:
    """A forked process has its parent's pipes, and must neither use nor end what is at their other end."""
    _of_parent.extend(_idle)
    _idle.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_to_parent)


def borrowed() -> Worker:
    """Return an idle worker, or a new one; `OSError` where none can be started."""
    while True:
        try:
            worker = _idle.pop()
        except IndexError:
            return Worker()
        if worker.alive:
            return worker
        worker.close()


def give_back(worker: Worker) -> None:
    """Keep a worker that has answered all for whoever needs one next."""
    _idle.append(worker)


@atexit.register
def _close_idle() -> None:
    while _idle:
        _idle.pop().close()


class Elsewhere:
    """Does what a `Printer` does, in a worker, with the same result; hashes files of the stream besides.

    It is a context, so that no worker is left in the middle of a stream.

    Parameters
    ----------
    rule : Rule
    digest : bool
        Take the SHA-256 of the whole as well.

    Raises
    ------
    OSError
        No process can be started here.
    SimError
        By any method: the worker was killed.

    Examples
    --------
    >>> with Elsewhere(Rule.of("fixed", 256), digest=True) as stream:
    ...     stream.update(bytes(600))
    ...     stream.hexdigest()[:8], [size for _, size in stream.chunks()]
    ('0bafd1a1', [256, 256, 88])
    """

    def __init__(self, rule: Rule, digest: bool = False) -> None:
        self._names = bytearray()
        self._packed = bytearray()
        self._hex = ""
        self._due = 0
        self._worker: Worker | None = borrowed()
        self._frame = self._worker.frame
        self._size = self._sent = 0
        self._files = bytearray()
        self._known: deque[Callable[[str], object]] = deque()
        self._put(pickle.dumps((rule, digest)))
        self._send(self._worker, _NEW)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._worker is not None:
            self._worker.close()
            self._worker = None

    def update(self, data: bytes | memoryview, /) -> None:
        """Take a piece."""
        assert self._worker is not None
        # A frame leaves when the next piece comes: by then the reader has told of the files that begin in it.
        if self._size + len(data) > FRAME:
            self._send(self._worker, _PIECE)
        at = self._put(data)
        while at < len(data):
            self._send(self._worker, _PIECE)
            at += self._put(memoryview(data)[at:])

    def file(self, at: int, size: int, known: Callable[[str], object], /) -> bool:
        """Have a file hashed when its bytes come (see `FileHasher`)."""
        if at < self._sent:
            return False
        self._files += _RANGE.pack(at, at + size)
        self._known.append(known)
        return True

    def hexdigest(self) -> str:
        """Wait for the rest and return the SHA-256 of all, if it was wanted; nothing can be added after that."""
        if (worker := self._worker) is not None:
            self._send(worker, _END)
            while self._due:
                self._take(worker)
            give_back(worker)
            self._worker = None
        return self._hex

    def chunks(self) -> Chunks:
        """Return all chunks; nothing can be added after that."""
        self.hexdigest()
        return Chunks(bytes(self._names), bytes(self._packed))

    def _put(self, data: bytes | memoryview) -> int:
        """Copy what has room in the frame; return how many bytes."""
        part = memoryview(data)[: FRAME - self._size]
        self._frame[self._size : self._size + len(part)] = part
        self._size += len(part)
        return len(part)

    def _send(self, worker: Worker, kind: bytes) -> None:
        worker.send(kind, self._size, bytes(self._files))
        self._files.clear()
        if kind != _NEW:
            self._sent += self._size
        self._due += 1
        if self._due == FRAMES:
            self._take(worker)
        self._frame, self._size = worker.frame, 0

    def _take(self, worker: Worker) -> None:
        found, files, self._hex = worker.receive()
        self._names += found.names
        self._packed += found.packed
        for at in range(0, len(files), _SHA256_BYTES):
            self._known.popleft()(files[at : at + _SHA256_BYTES].hex())
        self._due -= 1


class Ranges:
    """Takes the SHA-256 of ranges of a stream, which follow one another.

    Examples
    --------
    >>> ranges = Ranges()
    >>> [len(ranges.update(piece, new)) for piece, new in ((b"-one", [(1, 4), (4, 6)]), (b"tw", []), (b"-", []))]
    [32, 32, 0]
    """

    def __init__(self) -> None:
        self._due: deque[tuple[int, int]] = deque()
        self._hasher = hashlib.sha256()
        self._at = 0

    def update(self, data: bytes | memoryview, new: Iterable[tuple[int, int]]) -> bytes:
        """Take a piece, and the ranges to come that were not told yet; return the digests of those that end in it."""
        self._due.extend(new)
        found, end = bytearray(), self._at + len(data)
        while self._due and self._due[0][0] < end:
            start, stop = self._due[0]
            self._hasher.update(data[max(start - self._at, 0) : stop - self._at])
            if stop > end:
                break
            found += self._hasher.digest()
            self._hasher = hashlib.sha256()
            self._due.popleft()
        self._at = end
        return bytes(found)


def serve(ring: int) -> None:
    """Be a worker: answer the frames in the memory of an open file until there are no more.

    Parameters
    ----------
    ring : int
        The file's descriptor.
    """
    frames = memoryview(mmap.mmap(ring, FRAMES * FRAME))
    asked, answers = os.fdopen(0, "rb"), os.fdopen(1, "wb")
    printer, ranges, turn = Printer(Rule.of()), Ranges(), 0
    while head := asked.read(_HEAD.size):
        kind, size, told = _HEAD.unpack(head)
        new = _RANGE.iter_unpack(asked.read(told))
        data = frames[turn * FRAME : turn * FRAME + size]
        turn = (turn + 1) % FRAMES
        found, files, digest = Chunks(), b"", ""
        if kind == _NEW:
            printer, ranges = Printer(*pickle.loads(data)), Ranges()
        elif kind == _PART:
            found = pickle.loads(data).printed()
        else:
            printer.update(data)
            files = ranges.update(data, new)
            found = printer.taken() if kind == _PIECE else printer.chunks()
            digest = "" if kind == _PIECE else printer.hexdigest()
        answers.write(_REPLY.pack(len(found), len(files), len(digest)))
        answers.write(found.names + found.packed + files + digest.encode())
        answers.flush()

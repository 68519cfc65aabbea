"""One command while it runs: arguments, streams, files. And what a whole shell shares.

Commands are functions `(Process) -> exit code` in a table of names. Streams are bytes. Output goes to a `Sink`: the
terminal's record, a buffer (a pipe, a substitution), or a file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ...boot.host import Host as Kernel
from ...errors import FsError, SimError
from ..command import Event, Said, Stream
from ..mounts import words
from ..vfs import Files

if TYPE_CHECKING:
    from .run import Shell

MAX_OUTPUT = 1 << 23
"""Bytes that one stream takes; a command that writes more is stopped, as a closed pipe stops it."""
COMMAND_NS = 1_000_000
"""Virtual time that a command takes: starting a process costs about a millisecond."""


class Closed(Exception):
    """A stream took all it can: the command ends, as SIGPIPE ends it."""


class Forever(Exception):
    """The command never ends by itself: a server, `sleep infinity`, `tail -f`."""


class Input:
    """What a command reads; commands of one group share it, and each takes what it takes.

    Parameters
    ----------
    data : bytes or None
        None where nothing is connected: a terminal that nobody types at, or no input at all.
    cut : bool
        More was written to the pipe than it takes.
    """

    def __init__(self, data: bytes | None = None, *, cut: bool = False) -> None:
        self.data, self.at, self.cut = data, 0, cut

    def all(self) -> bytes:
        """Take all that is left."""
        found = (self.data or b"")[self.at :]
        self.at += len(found)
        return found

    def line(self) -> bytes | None:
        """Take a line with its end; None where nothing is left."""
        data = self.data or b""
        if self.at >= len(data):
            return None
        end = data.find(b"\n", self.at)
        end = len(data) if end < 0 else end + 1
        found, self.at = data[self.at : end], end
        return found


class Sink:
    """Where output goes."""

    def __init__(self) -> None:
        self.held = bytearray()
        self.full = False

    def write(self, data: bytes) -> None:
        """Take bytes; `Closed` past `MAX_OUTPUT`."""
        room = MAX_OUTPUT - len(self.held)
        self.held += data[:room]
        if len(data) > room:
            self.full = True
            raise Closed

    def flush(self) -> None:
        """Bring the bytes to where they go."""

    def take(self) -> bytes:
        """Return what was written, and forget it."""
        found = bytes(self.held)
        self.held.clear()
        return found


class Record:
    """What a terminal shows: both streams, in order."""

    def __init__(self) -> None:
        self.said: list[tuple[Stream, bytearray]] = []
        self.size = 0

    def add(self, stream: Stream, data: bytes) -> None:
        """Add bytes of a stream."""
        if self.said and self.said[-1][0] is stream:
            self.said[-1][1].extend(data)
        else:
            self.said.append((stream, bytearray(data)))

    def output(self) -> tuple[Said, ...]:
        """Return all of it as text."""
        return tuple(Said(stream, data.decode("utf-8", "surrogateescape")) for stream, data in self.said if data)


class Terminal(Sink):
    """One stream of a record."""

    def __init__(self, record: Record, stream: Stream) -> None:
        super().__init__()
        self.record, self.stream = record, stream

    def write(self, data: bytes) -> None:
        room = MAX_OUTPUT - self.record.size
        self.record.add(self.stream, data[:room])
        self.record.size += len(data[:room])
        if len(data) > room:
            raise Closed


class FileSink(Sink):
    """A file that was opened for writing; what is written goes to its end when the command is done."""

    def __init__(self, files: Files, path: str) -> None:
        super().__init__()
        self.files, self.path = files, path

    def write(self, data: bytes) -> None:
        """Take bytes; no file is cut short in silence."""
        try:
            super().write(data)
        except Closed:
            words = f"more than {MAX_OUTPUT >> 20} MiB into {self.path} are not simulated: use cp or dd"
            raise SimError(words) from None

    def flush(self) -> None:
        if self.held:
            self.files.write(self.path, self.take(), append=True)


@dataclass(frozen=True, slots=True)
class Facts:
    """What does not change while a shell runs.

    Attributes
    ----------
    kernel : sim.boot.host.Host
        What uname answers.
    hostname : str
    user : str
    uid, gid : int
    tty : bool
    processes : tuple of (int, str)
        What runs beside it, for ps.
    own_programs : bool
        A name runs only if the files hold such a program (a container); else all names of the table run (a host).
    seed : int
    """

    kernel: Kernel = Kernel()
    hostname: str = "host"
    user: str = "root"
    uid: int = 0
    gid: int = 0
    tty: bool = False
    processes: tuple[tuple[int, str], ...] = ()
    own_programs: bool = True
    seed: int = 0


@dataclass(slots=True)
class Process:
    """One command.

    Attributes
    ----------
    shell : Shell
    name : str
        As it was called, without directories.
    args : list of str
    stdin : Input
    stdout, stderr : Sink
    gnu : bool
        Whose words: GNU's, or BusyBox's.
    env : mapping of str to str
        Exported variables.
    """

    shell: Shell
    name: str
    args: list[str]
    stdin: Input
    stdout: Sink
    stderr: Sink
    gnu: bool = True
    env: Mapping[str, str] = field(default_factory=dict)

    @property
    def files(self) -> Files:
        """The files that it sees."""
        return self.shell.files

    @property
    def facts(self) -> Facts:
        """The machine's facts."""
        return self.shell.facts

    def at(self, path: str) -> str:
        """Return the absolute form of a path."""
        return path if path.startswith("/") or not path else f"{self.shell.cwd.rstrip('/')}/{path}"

    def out(self, text: str | bytes) -> None:
        """Write to standard output."""
        if text:
            self.shell.shared.said_at = self.shell.shared.clock
            self.stdout.write(text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape"))

    def line(self, text: str) -> None:
        """Write a line to standard output."""
        self.out(text + "\n")

    def err(self, text: str) -> int:
        """Write a line to standard error, after the command's name; return 1, the usual exit code."""
        self.stderr.write(f"{self.name}: {text}\n".encode("utf-8", "surrogateescape"))
        self.shell.shared.said_at = self.shell.shared.clock
        return 1

    def input(self, *, whole: bool = True) -> bytes:
        """Take all of the standard input; a terminal that nobody types at never ends.

        Parameters
        ----------
        whole : bool
            False for a command that needs the beginning alone, which a pipe that was cut has.
        """
        if self.stdin.data is None and self.facts.tty:
            raise Forever
        if self.stdin.cut and whole:
            raise SimError(f"more than {MAX_OUTPUT >> 20} MiB through a pipe are not simulated: use files")
        return self.stdin.all()

    def event(self, event: Event) -> None:
        """Note something that happened underneath."""
        self.shell.shared.events.append(event)

    def spend(self, ns: int) -> None:
        """Let virtual time pass."""
        self.shell.shared.clock += ns


CommandFunction = Callable[[Process], int]
Table = Mapping[str, CommandFunction]


def reason(error: SimError) -> str:
    """Return a failure in the few words that commands put behind a path."""
    return words(error.errno) if isinstance(error, FsError) else error.what

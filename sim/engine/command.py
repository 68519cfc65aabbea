"""What a command of the world is: what goes in, what comes out, and who runs a program inside a container.

    docker(world, host, argv)  ->  Outcome: the world after it, the exit code, what was printed, why
                 |
                 +-- run, exec, build's RUN  -->  Inside(call) -> Ran      (the shell, registered once)

Everything is a value: an `Outcome` holds a new world and the old one is as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ..boot.host import Host as Kernel
from ..content.data import Data
from ..errors import SimError
from ..union.overlay import OverlayMount
from .mounts import Mounted

if TYPE_CHECKING:
    from .world import World


class Stream(StrEnum):
    """Where a text appears."""

    OUT = "stdout"
    ERR = "stderr"


@dataclass(frozen=True, slots=True)
class Said:
    """A piece of output; bytes that are not UTF-8 are lone surrogates, line ends are in the text."""

    stream: Stream
    text: str


def out(text: str) -> Said:
    """Return a text for stdout."""
    return Said(Stream.OUT, text)


def err(text: str) -> Said:
    """Return a text for stderr."""
    return Said(Stream.ERR, text)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened underneath, for pictures and for questions.

    Attributes
    ----------
    kind : str
        ``layer`` (a state of a layer's pull or push), ``image``, ``tag``, ``untag``, ``container``, ``volume``,
        ``request``, ``upper`` (an effect in a container's upperdir), ``config``.
    subject : str
        What it is about: a digest, an ID, a name.
    words : str
        The same in words.
    facts : mapping
        Further fields, such as ``bytes``.
    """

    kind: str
    subject: str
    words: str
    facts: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command did.

    Attributes
    ----------
    world : World
        After it.
    exit : int
    output : tuple of Said
        In the order in which it appeared.
    events : tuple of Event
    why : tuple of str
        Reasons in words, for whoever asks; never printed by docker itself.
    irreversible : str or None
        What reached the outside and cannot be undone.
    data : Data or None
        Bytes on stdout that are no text (``docker save >``, ``docker export >``, ``docker cp C:/x -``).
    attached : Attached or None
        The container whose shell the terminal is in now (``run -it``, ``exec -it`` a shell): what is typed next
        goes into it, until `docker.leave`.
    """

    world: World
    exit: int = 0
    output: tuple[Said, ...] = ()
    events: tuple[Event, ...] = ()
    why: tuple[str, ...] = ()
    irreversible: str | None = None
    data: Data | None = None
    attached: Attached | None = None

    @property
    def stdout(self) -> str:
        """All of the standard output."""
        return "".join(said.text for said in self.output if said.stream is Stream.OUT)

    @property
    def stderr(self) -> str:
        """All of the standard error."""
        return "".join(said.text for said in self.output if said.stream is Stream.ERR)

    @property
    def text(self) -> str:
        """Both, in the order in which they appeared."""
        return "".join(said.text for said in self.output)


@dataclass(frozen=True, slots=True)
class Attached:
    """A terminal inside a container.

    Attributes
    ----------
    host, container : str
        The host's name, the container's full ID.
    main : bool
        The shell is the container's main process: leaving it stops the container.
    env : mapping of str to str
    cwd, user, hostname : str
    shell : str
        ``bash``, ``sh`` ...: decides the prompt.
    """

    host: str
    container: str
    main: bool
    env: Mapping[str, str]
    cwd: str
    user: str
    hostname: str
    shell: str


@dataclass(frozen=True, slots=True)
class Call:
    """A program to run inside a container.

    Attributes
    ----------
    table : tuple of Mounted
        The container's mount table: ``overlay`` at /, docker's three files from ``etc``, volumes, folders of ``host``.
    held : mapping of str to OverlayMount
        The file systems by key; with the table they make a `vfs.Files`.
    argv : tuple of str
        The program and its arguments; ``("sh", "-c", "...")`` included.
    env : mapping of str to str
    cwd, user, hostname : str
    stdin : bytes or None
        None where nothing is connected.
    now : int
        Nanoseconds since 1970.
    kernel : sim.boot.host.Host
        The machine's kernel: what uname answers.
    tty : bool
    processes : tuple of (int, str)
        What runs in the container already: numbers and command lines, for ps.
    """

    table: tuple[Mounted, ...]
    held: Mapping[str, OverlayMount]
    argv: tuple[str, ...]
    env: Mapping[str, str]
    cwd: str
    user: str
    hostname: str
    stdin: bytes | None
    now: int
    kernel: Kernel
    tty: bool = False
    processes: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Ran:
    """What a program did.

    Attributes
    ----------
    held : mapping of str to OverlayMount
        The file systems after it.
    exit : int
        127 not found, 126 not executable; docker's own refusal words are the caller's.
    output : tuple of Said
    took_ns : int
        Virtual time that passed.
    lasts_ns : int or None
        None: it has ended. Else it goes on running for so long, -1 for ever (a server); `took_ns` is then what
        passed until it said what it said.
    cwd : str or None
        The working directory after it, where it matters (a shell that stays open).
    env : mapping or None
    events : tuple of Event
    interactive : bool
        A shell that waits for its terminal: the caller attaches.
    """

    held: Mapping[str, OverlayMount]
    exit: int = 0
    output: tuple[Said, ...] = ()
    took_ns: int = 0
    lasts_ns: int | None = None
    cwd: str | None = None
    env: Mapping[str, str] | None = None
    events: tuple[Event, ...] = ()
    interactive: bool = False


Inside = Callable[[Call], Ran]
"""Runs a program inside a container. `argv[0]` is found along PATH by it; a program that is not there ends with 127."""

_registered: list[Inside] = []


def register_inside(inside: Inside) -> None:
    """Say who runs programs inside containers; the last one registered does."""
    _registered[:] = [inside]


def inside(call: Call) -> Ran:
    """Run a program inside a container with the registered runner."""
    if not _registered:
        raise SimError("nobody runs programs inside containers", hint="import sim.engine.terminal, or register_inside")
    return _registered[0](call)

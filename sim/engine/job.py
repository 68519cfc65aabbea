"""One docker command at work: the private builder of its outcome.

A verb is a function of a `Job`. It changes `job.world`, says what docker prints, notes what happened underneath and
why; when it returns, all of it is frozen into an `Outcome`. A verb that cannot go on raises `Fail`: what it had done
until then stays done, as with the real daemon.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from ..content.data import Data
from ..errors import SimError
from .command import Attached, Event, Outcome, Said, err, out
from .grammar import Parsed
from .world import Container, Daemon, Host, Volume, World, drop, put

SOCKET = "unix:///var/run/docker.sock"


class Fail(SimError):
    """A command that fails: what is printed on stderr, with its line end, and the exit code."""

    def __init__(self, text: str, exit: int = 1) -> None:
        super().__init__(text)
        self.exit = exit


def refused(words: str, exit: int = 1) -> Fail:
    """Return the failure that the daemon answers with."""
    return Fail(f"Error response from daemon: {words}\n", exit)


class Job:
    """A command at work.

    Attributes
    ----------
    world : World
        As far as the command has come.
    name : str
        The host's name.
    parsed : Parsed
    stdin : bytes
    tty : bool
        Whether a person is at the keyboard.
    screen : bool
        Whether what is printed goes to a terminal.
    cwd : str
    env : mapping of str to str
        The variables of docker's own process.
    exit : int
    """

    def __init__(
        self, world: World, name: str, parsed: Parsed, stdin: bytes = b"", tty: bool = False, cwd: str = "/", *,
        env: Mapping[str, str] | None = None, redirected: bool = False,
    ) -> None:
        self.world, self.name, self.parsed = world, name, parsed
        self.stdin, self.tty, self.cwd = stdin, tty, cwd
        self.env = world.hosts[name].env if env is None else env
        self.screen = tty and not redirected
        self.exit = 0
        self.said: list[Said] = []
        self.events: list[Event] = []
        self.why: list[str] = []
        self.data: Data | None = None
        self.attached: Attached | None = None
        self.irreversible: str | None = None

    # -- the world

    @property
    def host(self) -> Host:
        """The host on which it runs."""
        return self.world.hosts[self.name]

    @property
    def daemon(self) -> Daemon:
        """The daemon that it asks."""
        return self.world.hosts[self.name].daemon

    @property
    def now(self) -> int:
        """The clock."""
        return self.world.clock

    def change(self, **fields: Any) -> None:
        """Change fields of the daemon."""
        self.world = self.world.with_daemon(self.name, replace(self.daemon, **fields))

    def put_container(self, container: Container) -> None:
        """Add a container, or set it to a new state."""
        self.change(containers=put(self.daemon.containers, container.id, container))

    def drop_container(self, container: Container) -> None:
        """Remove a container."""
        self.change(containers=drop(self.daemon.containers, container.id))

    def put_volume(self, volume: Volume) -> None:
        """Add a volume, or set its contents."""
        self.change(volumes=put(self.daemon.volumes, volume.name, volume))

    def forget(self, place: str) -> None:
        """Drop what a registry kept at a place: see `remotes.place_key`."""
        gone = [key for key in self.world.stores if key == place or key.startswith(place + "/")]
        if gone:
            self.world = replace(self.world, stores=drop(self.world.stores, *gone))

    def passes(self, ns: int) -> None:
        """Let time pass."""
        self.world = self.world.later(ns)

    def draw(self) -> str:
        """Draw an ID."""
        self.world, made = self.world.draw()
        return made

    # -- what is said

    def out(self, text: str) -> None:
        """Print a line on stdout."""
        self.said.append(out(text + "\n"))

    def err(self, text: str) -> None:
        """Print a line on stderr."""
        self.said.append(err(text + "\n"))

    def say(self, said: tuple[Said, ...]) -> None:
        """Pass on what a program printed."""
        self.said += said

    def tell(self, kind: str, subject: object, words: str, **facts: Any) -> None:
        """Note something that happened underneath."""
        noted: Mapping[str, Any] = MappingProxyType(facts)
        self.events.append(Event(kind, str(subject), words, noted))

    def because(self, words: str) -> None:
        """Note a reason."""
        self.why.append(words)

    def outcome(self) -> Outcome:
        """Freeze what was done."""
        return Outcome(
            self.world, self.exit, tuple(self.said), tuple(self.events), tuple(self.why), self.irreversible, self.data,
            self.attached,
        )

"""A host's shell and the world beside it: what a command of the host needs to change more than files.

    docker ps -q | xargs docker rm -f      the shell runs two commands, each changes the world; the files in between
                                           are the host's, and what docker writes there (save -o) is seen at once

`Desk` is the private builder of one line: it owns the world while the line runs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from .command import Event
from .disk import Disk
from .mounts import Mounted
from .sh.process import Process
from .sh.run import Shell
from .vfs import Files
from .world import Host, World

ROOT = "host"


class Desk:
    """The world while a line of a host's shell runs.

    Attributes
    ----------
    world : World
        As of the last command that changed it; files and clock are the shell's until `took`.
    name : str
        The host.
    answers : list of str
        What the person types at prompts, in order.
    why : list of str
    """

    def __init__(self, world: World, name: str, answers: list[str]) -> None:
        self.world, self.name, self.answers = world, name, answers
        self.why: list[str] = []
        self.events: list[Event] = []
        self.irreversible: str | None = None
        self.data_out: list[bytes] = []

    @property
    def host(self) -> Host:
        """The host."""
        return self.world.hosts[self.name]

    def files(self) -> Files:
        """Return the host's files, for a shell."""
        line = Mounted("/", ROOT, source="/dev/sda1", kind="ext4", options="rw,relatime,errors=remount-ro")
        return Files([line], {ROOT: self.host.files.mount}, now=self.world.clock)

    def took(self, shell: Shell) -> World:
        """Take the shell's files and clock into the world, and return it."""
        mount = shell.files.fs(ROOT)
        if mount is not self.host.files.mount:
            self.world = self.world.with_host(replace(self.host, files=Disk(mount)))
        if shell.shared.clock > self.world.clock:
            self.world = replace(self.world, clock=shell.shared.clock)
        return self.world

    def gave(self, shell: Shell, world: World) -> None:
        """Take a world that a command made, and show its files and clock to the shell."""
        self.world = world
        shell.shared.clock = shell.shared.said_at = world.clock
        shell.files.at(world.clock)
        shell.files.put_fs(ROOT, self.host.files.mount)

    def changed(self, p: Process, change: Callable[[World], tuple[World, str]]) -> str:
        """Change the world by a function that returns it with the words of a failure; return these."""
        world, words = change(self.took(p.shell))
        self.gave(p.shell, world)
        return words

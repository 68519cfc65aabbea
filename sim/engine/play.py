"""A transcript played again in a fresh simulated world: each command, what it prints, and whether that is right.

A command is `ok` when it exits 0, or when the text below it shows an error of the same kind. Placeholders are filled
from the world, passwords are the preset's; both are said. Whatever else differs from the text is a reason, no fault.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..errors import BadInput
from .command import Said, Stream
from .desk import Desk
from .differences import same_kind, why_differs
from .hosts import commands
from .placeholders import fill
from .preset import Preset, notes
from .terminal import Terminal
from .transcript import Entry, parse
from .world import World

_COMMIT = re.compile(r"^sha256:([0-9a-f]{64})$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Played:
    """One command that was played.

    Attributes
    ----------
    entry : Entry
        What the transcript has.
    prompt : str
        The prompt that it was typed at.
    command : str
        As it was run, placeholders filled.
    exit : int
    output : tuple of Said
    ok : bool
    filled : mapping of str to str
        Values by placeholder.
    differs : str or None
        Why what was printed is not what the transcript shows.
    password : bool
        Whether a password was asked for, and supplied.
    """

    entry: Entry
    prompt: str
    command: str
    exit: int
    output: tuple[Said, ...]
    ok: bool
    filled: Mapping[str, str]
    differs: str | None
    password: bool = False

    @property
    def text(self) -> str:
        """All that was printed."""
        return "".join(said.text for said in self.output)


def known_commands(world: World, host: str) -> frozenset[str]:
    """Return the names of commands that a transcript may begin a line with."""
    from .sh.builtin import BUILTINS

    table, _ = commands(Desk(world, host, []))
    return frozenset({*table, *BUILTINS} - {":", ".", "[", "if", "test"})


def entries(text: str, preset: Preset | None = None) -> tuple[Entry, ...]:
    """Read a transcript's commands.

    Raises
    ------
    BadInput
        It holds none, or too many.
    """
    made = notes() if preset is None else preset
    found = parse(text, known_commands(made.world, made.host))
    if not found:
        raise BadInput("there is no command in it", hint="a line needs a prompt such as `$ `, or a shell block")
    return found


def play(text: str, preset: Preset | None = None) -> Iterator[Played]:
    """Play a transcript, command by command.

    Parameters
    ----------
    text : str
        A transcript, or Markdown with shell blocks.
    preset : Preset, optional
        The world to begin with; that of the notes by default.

    Yields
    ------
    Played

    Raises
    ------
    BadInput
        See `entries`.

    Examples
    --------
    >>> [(one.command, one.ok, one.text) for one in play("$ docker images -q nosuch\\n$ ls /no\\n")]
    [('docker images -q nosuch', True, ''), ('ls /no', False, "ls: cannot access '/no': No such file or directory\\n")]
    """
    made = notes() if preset is None else preset
    found = entries(text, made)
    terminal = Terminal(made.world, made.host)
    committed: str | None = None
    for number, entry in enumerate(found):
        later = [one.command for one in found[number + 1 :]]
        filled = fill(entry.command, terminal.world, made.host, later=later, committed=committed)
        prompt = terminal.prompt
        answers = _answers(filled.command, made.passwords)
        outcome = terminal.run(filled.command, typed=entry.typed, answers=answers)
        if "commit" in filled.command and outcome.exit == 0:
            image = _COMMIT.search(outcome.stdout)
            committed = image.group(1)[:12] if image else committed
        shown = "\n".join(entry.shown)
        yield Played(
            entry, prompt, filled.command, outcome.exit, outcome.output,
            outcome.exit == 0 or same_kind(shown, outcome.text), filled.values, why_differs(entry.shown, outcome.text),
            bool(answers) and "Password" in outcome.text,
        )


def _answers(command: str, passwords: Mapping[str, str]) -> Sequence[str]:
    """Return what is typed at `docker login`'s prompt."""
    words = command.split()
    if words[:2] != ["docker", "login"] or "--password-stdin" in words:
        return ()
    return [password for registry, password in passwords.items() if registry in words] or list(passwords.values())[:1]


def screen(played: Played) -> tuple[Said, ...]:
    """Return what a terminal shows of a command, with what the simulator says in lines that begin with ``# ``."""
    lines = played.entry.command.split("\n") if not played.filled else played.command.split("\n")
    found = [Said(Stream.OUT, played.prompt + "\n> ".join(lines) + "\n")]
    if played.entry.typed:
        found.append(Said(Stream.OUT, played.entry.typed))
    found += played.output
    if played.output and not played.output[-1].text.endswith("\n"):
        found.append(Said(Stream.OUT, "\n"))
    notes_ = [f"{mark} is {value}" for mark, value in played.filled.items()]
    if played.password:
        notes_.append("the password is the preset's; a terminal does not show it")
    if played.differs is not None:
        notes_.append(f"differs from the notes because {played.differs}")
    if not played.ok:
        notes_.append(f"this command failed: exit {played.exit}")
    found += [Said(Stream.OUT, f"# {line}\n") for line in notes_]
    return tuple(found)

"""A line that was typed into the simulated terminal, and what a screen shows of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import TYPE_CHECKING, Any

from ..content.printable import shown
from .svg import Picture
from .text import t
from .texts.engine import said

if TYPE_CHECKING:
    from ..engine.command import Event, Outcome
    from ..engine.terminal import Terminal
    from ..engine.world import World


@dataclass(frozen=True, slots=True, repr=False)
class Typed:
    """What one line did.

    Attributes
    ----------
    prompt : str
        Before the line.
    command : str
        As it was run, placeholders filled.
    outcome : Outcome
    filled : mapping of str to str
        Values by placeholder.
    typed : str
        What was typed into the editor that it started.
    password : str
        What was typed at a prompt for one; "" for nothing.
    changed : bool
        Whether it changed what daemons or registries hold.
    lang : str
        In which reasons and events are told; what docker prints is English.
    """

    prompt: str
    command: str
    outcome: Outcome
    filled: Mapping[str, str]
    typed: str = ""
    password: str = ""
    changed: bool = False
    lang: str = "en"

    @property
    def exit(self) -> int:
        """The exit code."""
        return self.outcome.exit

    @property
    def text(self) -> str:
        """All that was printed."""
        return self.outcome.text

    @property
    def events(self) -> tuple[Event, ...]:
        """What happened underneath."""
        return tuple(replace(event, words=said(event.words, self.lang)) for event in self.outcome.events)

    @property
    def why(self) -> tuple[str, ...]:
        """Reasons in words."""
        return tuple(said(words, self.lang) for words in self.outcome.why)

    @property
    def world(self) -> World:
        """The world after it."""
        return self.outcome.world

    def screen(self, *, prompt: bool = True) -> str:
        """Return what a terminal shows, with what was filled in as comments below it."""
        first, *rest = self.command.split("\n")
        lines = [self.prompt + first, *("> " + line for line in rest)] if prompt else []
        lines += self.typed.splitlines() if prompt else []
        lines += self.outcome.text.splitlines()
        lines += [t("term.filled", self.lang, mark=mark, value=value) for mark, value in self.filled.items()]
        if self.password:
            lines.append(t("term.password", self.lang, password=self.password))
        return "".join("\t".join(map(shown, line.split("\t"))) + "\n" for line in lines)

    def _ipython_display_(self) -> None:
        """Show nothing: the line has printed what it prints already."""

    def __repr__(self) -> str:
        return f"exit {self.exit}"


@dataclass(frozen=True, slots=True, repr=False)
class Session:
    """What a terminal shows of some lines, and the picture of what they changed."""

    screen: str
    picture: Picture

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        page = self.picture._repr_mimebundle_()
        return {"text/html": f"<pre>{escape(self.screen)}</pre>{page['text/html']}", "text/plain": repr(self)}

    def __repr__(self) -> str:
        return f"{self.screen}\n{self.picture.text}"


def type_all(terminal: Terminal, text: str, passwords: Mapping[str, str], lang: str) -> Iterator[Typed]:
    """Type the lines of a text, one after the other.

    Lines behind a prompt run, or all lines where there is none; a line that begins with ``#`` is a comment, and what
    follows an editor's line is typed into it.
    """
    from ..engine.transcript import first_word, parse

    found = parse(text, {first_word(line) for line in text.splitlines()})
    for number, entry in enumerate(found):
        later = [one.command for one in found[number + 1 :]]
        yield type_in(terminal, entry.command, entry.typed, (), passwords, lang, later)


def type_in(
    terminal: Terminal, line: str, typed: str | None, answers: Sequence[str], passwords: Mapping[str, str], lang: str,
    later: Sequence[str] = (),
) -> Typed:
    """Type a line into a terminal, with its placeholders filled and the password of the account where one is asked.

    Parameters
    ----------
    passwords : mapping of str to str
        By registry.
    lang : str
    later : sequence of str
        Lines that follow: a fresh name is none of theirs.
    """
    from ..engine.placeholders import fill

    seat = terminal.seat
    filled = fill(line, seat.world, seat.host, later=later)
    known: Any = answers or _password(filled.command, passwords)
    prompt = terminal.prompt
    outcome = terminal.run(filled.command, typed=typed, answers=known)
    password = known[0] if known and not answers and "Password: " in outcome.text else ""
    changed = _holdings(seat.world) != _holdings(terminal.world)
    return Typed(prompt, filled.command, outcome, filled.values, typed or "", password, changed, lang)


def _holdings(world: World) -> tuple[object, ...]:
    return {name: host.daemon for name, host in world.hosts.items()}, world.remotes, world.stores


def _password(command: str, passwords: Mapping[str, str]) -> list[str]:
    words = command.split()
    if words[:2] != ["docker", "login"] or "--password-stdin" in words:
        return []
    return [password for registry, password in passwords.items() if registry in words]

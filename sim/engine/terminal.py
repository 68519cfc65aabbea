"""A terminal in the simulated world: lines in, outcomes out, and every step can be taken back.

    host's shell   --docker run -it / exec -it-->   a container's shell   --exit-->   the host's shell

What a terminal shows is one frozen `Seat`: the world, and where one sits in it. `Terminal` holds a `History` of seats,
so that undo and redo are moves along a row. What reached the outside stays there: undo says so.
"""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from ..errors import BadInput, SimError
from . import docker as engine
from .command import Attached, Outcome
from .editor import EDITORS
from .hosts import run_line
from .internet import HOST, new_world
from .sh.nested import prompt_of
from .shell import install
from .timeline import History
from .world import World

_LEAVE = re.compile(r"\s*(?:exit|logout)(?:\s+(\d{1,3}))?\s*;?\s*")
MAX_LINK = 1 << 16
_PREFIX = "sim1-"


@dataclass(frozen=True, slots=True)
class Seat:
    """Where a person sits.

    Attributes
    ----------
    world : World
    host : str
    inside : tuple of Attached
        Containers' shells that were entered, the outermost first; empty at the host's own.
    """

    world: World
    host: str = HOST
    inside: tuple[Attached, ...] = ()

    @property
    def prompt(self) -> str:
        """The prompt that is shown."""
        if self.inside:
            at = self.inside[-1]
            return prompt_of(at.shell, at.user or "root", at.hostname, at.cwd)
        host = self.world.hosts[self.host]
        cwd = "~" if host.cwd == "/root" else host.cwd.rpartition("/")[2] or "/"
        return f"[{host.user}@{host.kernel.hostname} {cwd}]# "


def step(seat: Seat, line: str, *, typed: str | None = None, answers: Sequence[str] = ()) -> tuple[Seat, Outcome]:
    """Run a line where one sits.

    Parameters
    ----------
    typed : str, optional
        The text for an editor, or what the line reads.
    answers : sequence of str
        What is typed at prompts, such as a password.

    Examples
    --------
    >>> seat, outcome = step(Seat(new_world()), "docker run -it alpine")
    >>> seat.prompt, step(seat, "echo hi > /f && ls -d /f")[1].stdout
    ('/ # ', '/f\\n')
    >>> step(seat, "exit")[0].prompt
    '[root@cyo57 ~]# '
    """
    if "\0" in line:
        raise BadInput("a line cannot hold a NUL character")
    leaving = _LEAVE.fullmatch(line) if seat.inside else None
    stdin = None if typed is None else typed.encode("utf-8", "surrogateescape")
    if leaving is not None:
        outcome = engine.leave(seat.world, seat.inside[-1], int(leaving.group(1) or 0))
        inside = seat.inside[:-1]
    elif seat.inside:
        install()
        at = seat.inside[-1]
        outcome = engine.typed(seat.world, at, (at.shell, "-i", "-c", line), stdin=stdin)
        inside = (*seat.inside[:-1], outcome.attached) if outcome.attached is not None else seat.inside[:-1]
    else:
        outcome = run_line(seat.world, seat.host, line, stdin=stdin, answers=answers)
        inside = (outcome.attached,) if outcome.attached is not None else ()
    return Seat(outcome.world, seat.host, inside), outcome


class Terminal:
    """A history of seats.

    Parameters
    ----------
    world : World, optional
        Where it begins; a host with an empty docker by default.
    host : str
    places : mapping of str to callable, optional
        States that `goto` knows: each returns the seat to begin from.

    Attributes
    ----------
    history : History of Seat
    last : Outcome or None
        Of the last line.
    """

    def __init__(
        self, world: World | None = None, host: str = HOST, *, places: Mapping[str, Callable[[], Seat]] | None = None,
    ) -> None:
        self.history = History(Seat(new_world() if world is None else world, host))
        self.places = dict(places or {})
        self.last: Outcome | None = None

    @property
    def seat(self) -> Seat:
        """Where one sits now."""
        return self.history.state

    @property
    def world(self) -> World:
        """The world now."""
        return self.seat.world

    @property
    def prompt(self) -> str:
        """The prompt that is shown."""
        return self.seat.prompt

    def run(self, line: str, *, typed: str | None = None, answers: Sequence[str] = ()) -> Outcome:
        """Run a line; what had been taken back before is forgotten."""
        seat, outcome = step(self.seat, line, typed=typed, answers=answers)
        self.history = self.history.after(line, seat, typed=typed, irreversible=outcome.irreversible)
        self.last = outcome
        return outcome

    def move_to(self, host: str) -> None:
        """Sit down before another host of the world; `SimError` where there is none of this name."""
        if host not in self.world.hosts:
            raise SimError(f"there is no host {host[:40]!r}", hint="hosts: " + ", ".join(self.world.hosts))
        self.history = self.history.after("", Seat(self.world, host))

    def set_world(self, change: Callable[[World], World]) -> None:
        """Change the world otherwise than by a command, such as in a cloud's console: one step."""
        self.history = self.history.after("", replace(self.seat, world=change(self.world)))

    def undo(self, steps: int = 1) -> tuple[str, ...]:
        """Take steps back, as many as there are; return what stays as it is, since it reached the outside."""
        stays: list[str] = []
        for _ in range(min(max(0, steps), len(self.history.done))):
            if self.history.outside is not None:
                stays.append(self.history.outside)
            self.history = self.history.undo()
        return tuple(stays)

    def redo(self, steps: int = 1) -> None:
        """Take steps forward again, as many as there are."""
        for _ in range(min(max(0, steps), len(self.history.ahead))):
            self.history = self.history.redo()

    def reset(self) -> None:
        """Go back to the beginning."""
        self.history = self.history.reset()

    def goto(self, place: str) -> None:
        """Go to a named state; it becomes the beginning.

        Raises
        ------
        SimError
            There is no such place.
        """
        if place not in self.places:
            known = ", ".join(sorted(self.places)) or "none"
            raise SimError(f"there is no place {place[:40]!r}", hint=f"places: {known}")
        self.history = History(self.places[place]())

    @property
    def link(self) -> str:
        """A text that holds the lines that led here; `follow` runs them again."""
        lines = [[one.command, one.typed] for one in self.history.done if one.command]
        raw = json.dumps(lines, ensure_ascii=False).encode("utf-8", "surrogatepass")
        return _PREFIX + base64.urlsafe_b64encode(zlib.compress(raw, 9)).decode().rstrip("=")

    def follow(self, link: str) -> None:
        """Run the lines of a link.

        Raises
        ------
        BadInput
            The text is no link, or holds too much.
        """
        for line, typed in lines_of(link):
            self.run(line, typed=typed)


def lines_of(link: str) -> list[tuple[str, str | None]]:
    """Return the lines that a link holds; `BadInput` where it is none."""
    wrong = BadInput("this is no link to a state", hint="copy it whole; it begins with " + _PREFIX)
    if not link.startswith(_PREFIX) or len(link) > MAX_LINK:
        raise wrong
    try:
        packed = base64.urlsafe_b64decode(link[len(_PREFIX):].encode("ascii") + b"===")
        unpacker = zlib.decompressobj()
        raw = unpacker.decompress(packed, MAX_LINK)
        if unpacker.unconsumed_tail:
            raise wrong
        found = json.loads(raw.decode("utf-8", "surrogatepass"))
    except (ValueError, zlib.error, RecursionError):
        raise wrong from None
    if not isinstance(found, list):
        raise wrong
    lines: list[tuple[str, str | None]] = []
    for one in found:
        if not (isinstance(one, list) and len(one) == 2 and isinstance(one[0], str)):
            raise wrong
        if one[1] is not None and not isinstance(one[1], str):
            raise wrong
        lines.append((one[0], one[1]))
    return lines


def is_editor(line: str) -> bool:
    """Whether a line starts an editor: the text that follows it is typed into that."""
    words = line.split()
    while words and (words[0] == "sudo" or re.fullmatch(r"[A-Za-z_]\w*=\S*", words[0])):
        words.pop(0)
    return bool(words) and words[0].rpartition("/")[2] in EDITORS


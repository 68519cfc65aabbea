"""The part of `Lab` that works with a simulated world: a terminal in cells, and pictures of what it did.

    lab.run("docker pull ubuntu")        prints as docker does; .events, .why and .world hold the rest
    lab.show()                           the picture: what there is, and what the last cell changed
    lab.what_if("docker rmi ubuntu")     the same in a copy of the world, which is dropped again
    lab.shell()                          the terminal as a widget
    lab.undo()  lab.redo()  lab.reset()  back, forward, to the beginning
    lab.goto("05.2")                     the state that a lesson's section starts from
    lab.cloud                            the cloud's console: accounts, namespaces, repositories
    %%terminal                           a cell of shell commands; %%terminal show adds the picture

The simulated docker is large: it is loaded when the first of these is called.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..content.printable import shown
from ..errors import BadInput
from .prompts import Words, plain
from .svg import Picture
from .text import t
from .texts.engine import said
from .typed import Session, Typed, type_all, type_in

if TYPE_CHECKING:
    from ..engine.terminal import Seat, Terminal
    from ..engine.world import StoredImage, World
    from .console import Console
    from .terminal_widget import TerminalWidget


class Worlds:
    """Views of a simulated world, in the language of the lab."""

    lang: str
    projector: bool
    _desk: Terminal | None
    _passwords: Mapping[str, str]
    _before: World | None
    _last: tuple[Typed, ...]

    @property
    def terminal(self) -> Terminal:
        """The terminal that `run` and ``%%terminal`` type into."""
        if self._desk is None:
            from ..engine.terminal import Terminal
            from .places import PLACES, beginning

            begin = beginning()
            self._desk = Terminal(begin.world, begin.host, places=PLACES)
            self._passwords = begin.passwords
        return self._desk

    @property
    def world(self) -> World:
        """The world now: one frozen value."""
        return self.terminal.world

    @property
    def cloud(self) -> Console:
        """The cloud's console."""
        from .console import Console

        return Console(self)

    def _image_here(self, name: str) -> StoredImage:
        """Return an image of the host where one sits, by name or ID as docker takes it.

        Raises
        ------
        BadInput
            The host has no such image.
        """
        from ..engine.images import find

        seat = self.terminal.seat
        found = find(seat.world.hosts[seat.host].daemon, name)
        if found is None:
            raise BadInput(t("image.unknown", self.lang, name=name), hint="docker images")
        return found

    # ---- commands

    def run(self, line: str, *, typed: str | None = None, answers: Sequence[str] = ()) -> Typed:
        """Run one line where one sits, print what it prints, and return what it did.

        Parameters
        ----------
        line : str
            As in a terminal; placeholders of the notes, such as ``[ImageId]``, are filled and said.
        typed : str, optional
            The text for an editor: ``lab.run("vim /etc/docker/daemon.json", typed="{}")``.
        answers : sequence of str
            What is typed at prompts; `docker login` gets the password of the account by itself.
        """
        self._mark()
        done = type_in(self.terminal, line, typed, answers, self._passwords, self.lang)
        self._last = (done,)
        print(done.screen(prompt=False), end="")
        return done

    def script(self, text: str) -> tuple[Typed, ...]:
        """Run the lines of a text one after the other and print what a terminal shows, prompts and all.

        What ``%%terminal`` does. Lines behind a prompt run, or all lines where there is none; a line that begins with
        ``#`` is a comment, and what follows an editor's line is typed into it.
        """
        self._mark()
        done = []
        for one in type_all(self.terminal, text, self._passwords, self.lang):
            print(one.screen(), end="")
            done.append(one)
        self._last = tuple(done)
        return self._last

    def typed(self, text: str) -> str:
        """Run lines as `script` does; return what a terminal shows of them instead of printing it."""
        self._mark()
        self._last = tuple(type_all(self.terminal, text, self._passwords, self.lang))
        return "".join(done.screen() for done in self._last)

    def what_if(self, *lines: str) -> Session:
        """Run lines in a copy of the world and show what they print and change; the lab's own stays as it is.

        Parameters
        ----------
        *lines : str
            As in ``%%terminal``.
        """
        from ..engine.terminal import Terminal
        from ..engine.timeline import History

        copy = Terminal(self.world, self.terminal.seat.host)
        copy.history = History(self.terminal.seat)
        done = tuple(type_all(copy, "\n".join(lines), self._passwords, self.lang))
        return Session("".join(one.screen() for one in done), self._picture(self.world, copy.seat, done))

    def _mark(self) -> None:
        """Let `show` compare with the world as it is now."""
        self._before = self.world

    # ---- pictures

    def show(self) -> Picture:
        """Draw the world as it is, and what the last command, or cell of commands, changed in it."""
        return self._picture(self.world if self._before is None else self._before, self.terminal.seat, self._last)

    def _picture(self, before: World, now: Seat, last: Sequence[Typed]) -> Picture:
        from .worldfacts import facts
        from .worldpicture import world_picture

        moves: dict[tuple[int, str], str] = {}
        for number, done in enumerate(last):
            # A push that was refused has moved no layer, whatever state it left them in.
            for event in done.outcome.events if not done.exit else ():
                if event.kind == "layer" and "state" in event.facts:
                    moves[number, event.subject] = str(event.facts["state"])
        # Of many lines those that changed something are named, or else the last.
        named = [done.command for done in last if done.changed] or [done.command for done in last[-1:]]
        return world_picture(
            facts(before, now.world, now.host), command="; ".join(named),
            moves=list(moves.values()), lang=self.lang, projector=self.projector,
        )

    def shell(self) -> TerminalWidget:
        """Return the terminal as a widget: type, see the output and the world's picture change, undo by key."""
        from .terminal_widget import TerminalWidget

        return TerminalWidget(self)

    # ---- back and forward

    def undo(self, steps: int = 1) -> Words:
        """Take steps back; what reached the outside stays, and that is said."""
        history = self.terminal.history
        undone = [step.command for step in history.done[len(history.done) - min(max(0, steps), len(history.done)):]]
        self._moved()
        stays = self.terminal.undo(steps)
        words = t("term.undone", self.lang, what="; ".join(undone[::-1])) if undone else t("term.no_undo", self.lang)
        stay = [t("term.stays", self.lang, what=said(one, self.lang)) for one in stays]
        return plain("\n".join([words, *stay]))

    def redo(self, steps: int = 1) -> Words:
        """Take steps forward again, as many as were taken back."""
        again = [step.command for step in self.terminal.history.ahead[: max(0, steps)]]
        self._moved()
        self.terminal.redo(steps)
        return plain(t("term.redone", self.lang, what="; ".join(again)) if again else t("term.no_redo", self.lang))

    def reset(self) -> Words:
        """Go back to the beginning; `redo` leads forward again."""
        self._moved()
        self.terminal.reset()
        return plain(t("term.reset", self.lang))

    def goto(self, place: str) -> Words:
        """Go to the state that a section of a lesson starts from: ``lab.goto("05.2")``.

        Raises
        ------
        SimError
            There is no such place; the error names those that there are.
        """
        self.terminal.goto(place)
        self._before, self._last = self.world, ()
        return plain(t("term.here", self.lang, prompt=self.terminal.prompt))

    def _moved(self) -> None:
        self._mark()
        self._last = ()

    def sit(self, host: str) -> Words:
        """Sit down before another host of the world."""
        self._moved()
        self.terminal.move_to(host)
        return plain(t("term.here", self.lang, prompt=self.terminal.prompt))

    def step_to(self, world: World) -> None:
        """Put a changed world in the place of the present one, as one step: what the console does."""
        self._moved()
        self.terminal.set_world(lambda _: world)


def register(lab: Any, shell: Any) -> None:
    """Give a notebook the cell magic ``%%terminal`` of a lab; the lab that was made last has it."""

    def terminal(line: str, cell: str) -> Picture | None:
        if line.split() not in ([], ["show"]):
            raise BadInput(t("term.show", lab.lang), where=shown(line))
        lab.script(cell)
        return lab.show() if line.split() else None

    shell.register_magic_function(terminal, "cell", "terminal")

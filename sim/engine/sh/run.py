"""The interpreter: commands of a script, one after another, over the files and a table of commands.

A pipeline's commands run one after the other, each with all that the one before wrote: what a learner sees is the
same. Scripts are bounded: `MAX_STEPS` commands, `MAX_NESTED` of them inside one another. A loop that sleeps and does
not end is a process that goes on (`Forever`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ...errors import SimError
from ..command import Stream
from ..vfs import Files
from .builtin import BUILTINS
from .dialect import Dialect
from .expand import ExpansionFailed, fields, pattern, text
from .flags import Usage
from .lexer import ShellSyntax
from .nodes import AndOr, Case, Command, For, Function, Group, If, List, Pipeline, Simple, While, Word
from .parser import parse
from .process import (
    Closed,
    CommandFunction,
    Facts,
    Forever,
    Input,
    Process,
    Sink,
    Table,
    Terminal,
)
from .programs import run_program
from .redirect import flush, redirected
from .signals import Break, Continue, Exit, Return
from .state import Shared, Streams

MAX_STEPS = 20_000
MAX_SLEEPY_STEPS = 1_000
"""The same for a loop that sleeps: it waits for something that does not come."""
MAX_NESTED = 60
PIPE = 141
SPECIAL = {":", ".", "source", "eval", "exec", "export", "readonly", "set", "shift", "unset", "return", "exit"}
"""Builtins whose assignments stay (POSIX, "Special Built-In Utilities")."""


class Shell:
    """One shell: variables, functions, a working directory.

    Parameters
    ----------
    files : Files
    table : mapping of str to command
    facts : Facts
    env : mapping of str to str
        Exported variables.
    cwd : str
    dialect : Dialect
    args : sequence of str
        ``$1`` and so on.
    """

    def __init__(
        self, files: Files, table: Table, facts: Facts, *, env: Mapping[str, str], cwd: str = "/",
        dialect: Dialect = Dialect(), args: Sequence[str] = (), stdin: bytes | None = None,  # noqa: B008
    ) -> None:
        self.files, self.table, self.facts, self.dialect = files, table, facts, dialect
        self.vars, self.exported = dict(env), set(env)
        self.cwd, self.args, self.status = cwd, list(args), 0
        self.functions: dict[str, Command] = {}
        self.options: set[str] = set()
        self.shared = Shared(files.now, files.now)
        record = self.shared.record
        self.streams = Streams(Input(stdin), Terminal(record, Stream.OUT), Terminal(record, Stream.ERR))
        self.guarded = 0
        self.line = 1

    # -- whole scripts

    def script(self, source: str) -> int:
        """Run a script to its end and return its exit code; `Forever` where it has none."""
        try:
            self.status = self.run(parse(source), self.streams)
        except ShellSyntax as error:
            self.say(self.dialect.syntax(error, source), self.streams)
            self.status = 2
        except Exit as stop:
            self.status = stop.code
        except (Return, Break, Continue):
            pass
        return self.status

    def child(self) -> Shell:
        """Return a subshell: a copy that shares files, clock and terminal."""
        made = Shell.__new__(Shell)
        made.__dict__.update(self.__dict__)
        made.vars, made.exported, made.args = dict(self.vars), set(self.exported), list(self.args)
        made.functions, made.options = dict(self.functions), set(self.options)
        return made

    def say(self, what: str, streams: Streams) -> None:
        """Print a complaint."""
        streams.err.write((what + "\n").encode("utf-8", "surrogateescape"))
        self.shared.said_at = self.shared.clock

    @property
    def env(self) -> dict[str, str]:
        """Exported variables."""
        return {name: self.vars[name] for name in self.vars if name in self.exported}

    def parameter(self, name: str) -> str | None:
        """Return a parameter's value, None where it is unset."""
        match name:
            case "?":
                return str(self.status)
            case "#":
                return str(len(self.args))
            case "@" | "*":
                return " ".join(self.args)
            case "$":
                return "1" if self.facts.own_programs else "1000"
            case "0":
                return self.dialect.label
            case "!" | "-":
                return ""
        if name.isdecimal():
            return self.args[int(name) - 1] if len(name) < 6 and int(name) <= len(self.args) else None
        return self.vars.get(name)

    def assign(self, name: str, value: str) -> None:
        """Set a variable."""
        self.vars[name] = value
        if "a" in self.options:
            self.exported.add(name)

    def substituted(self, body: List) -> str:
        """Run a list and return its standard output without the line ends behind it."""
        sink = Sink()
        inner = self.child()
        self.status = inner.subshell(body, Streams(self.streams.stdin, sink, self.streams.err))
        return sink.take().replace(b"\0", b"").decode("utf-8", "surrogateescape").rstrip("\n")

    def subshell(self, body: List, streams: Streams) -> int:
        """Run a list as a shell of its own."""
        try:
            return self.run(body, streams)
        except Exit as stop:
            return stop.code
        except (Return, Break, Continue):
            return self.status

    # -- lists and pipelines

    def run(self, body: List, streams: Streams) -> int:
        """Run a list and return the exit code of its last command."""
        for item in body.items:
            if item.background:
                self._background(item, streams)
            else:
                self.status = self._and_or(item, streams)
        return self.status

    def _background(self, item: AndOr, streams: Streams) -> None:
        before = self.shared.clock
        try:
            self.child()._and_or(item, Streams(Input(b""), streams.out, streams.err))
        except (Forever, Exit):
            pass
        self.shared.clock = before
        self.status = 0

    def _and_or(self, item: AndOr, streams: Streams) -> int:
        self.guarded += bool(item.rest)
        try:
            status = self._pipeline(item.first, streams)
        finally:
            self.guarded -= bool(item.rest)
        for number, (op, following) in enumerate(item.rest, 1):
            if (status == 0) == (op == "&&"):
                last = number == len(item.rest)
                self.guarded += not last
                try:
                    status = self._pipeline(following, streams)
                finally:
                    self.guarded -= not last
        return status

    def _pipeline(self, pipeline: Pipeline, streams: Streams) -> int:
        self.guarded += pipeline.negated
        try:
            status = self._piped(pipeline, streams)
        finally:
            self.guarded -= pipeline.negated
        self.status = int(status == 0) if pipeline.negated else status
        if status and "e" in self.options and not self.guarded and not pipeline.negated:
            raise Exit(status)
        return self.status

    def _piped(self, pipeline: Pipeline, streams: Streams) -> int:
        if len(pipeline.commands) == 1:
            return self._command(pipeline.commands[0], streams)
        stdin, status = streams.stdin, 0
        worst = 0
        for number, command in enumerate(pipeline.commands):
            last = number == len(pipeline.commands) - 1
            sink = streams.out if last else Sink()
            inner = self.child()
            inner.options.discard("e")
            try:
                status = inner._command(command, Streams(stdin, sink, streams.err))
            except Exit as stop:
                status = stop.code
            except Closed:
                status = PIPE
            worst = status or worst
            stdin = Input() if last else Input(sink.take(), cut=sink.full)
        return worst if "pipefail" in self.options else status

    # -- commands

    def _command(self, command: Command, streams: Streams) -> int:
        self.shared.steps += 1
        self.shared.nested += 1
        try:
            if self.shared.steps > MAX_STEPS:
                raise Forever
            if self.shared.nested > MAX_NESTED:
                self.say(self.dialect.said(self.line, "maximum nesting level exceeded"), streams)
                raise Exit(2)
            if isinstance(command, Simple):
                return self._simple(command, streams)
            if not command.redirects:
                return self._compound(command, streams)
            opened: list[Sink] = []
            inner = redirected(self, command.redirects, streams, opened)
            if inner is None:
                return self.dialect.misuse
            try:
                return self._compound(command, inner)
            finally:
                for sink in opened:
                    flush(self, sink, streams)
        finally:
            self.shared.nested -= 1

    def _compound(self, command: Command, streams: Streams) -> int:
        match command:
            case Group(body, subshell):
                return self.child().subshell(body, streams) if subshell else self.run(body, streams)
            case If(branches, otherwise):
                for condition, body in branches:
                    if self._holds(condition, streams):
                        return self.run(body, streams)
                return 0 if otherwise is None else self.run(otherwise, streams)
            case While(condition, body, until):
                return self._loop(lambda: self._holds(condition, streams) != until, body, streams)
            case For(name, words, body):
                values = iter(list(self.args) if words is None else fields(self, words))

                def following() -> bool:
                    value = next(values, None)
                    if value is not None:
                        self.assign(name, value)
                    return value is not None

                return self._loop(following, body, streams)
            case Case(word, branches):
                return self._case(text(self, word), branches, streams)
            case Function(name, body):
                self.functions[name] = body
                return 0
        raise AssertionError(command)

    def _holds(self, condition: List, streams: Streams) -> bool:
        self.guarded += 1
        try:
            return self.run(condition, streams) == 0
        finally:
            self.guarded -= 1

    def _loop(self, goes_on: Callable[[], bool], body: List, streams: Streams) -> int:
        status = 0
        while goes_on():
            try:
                status = self.run(body, streams)
            except Break as stop:
                if stop.levels > 1:
                    raise Break(stop.levels - 1) from None
                return 0
            except Continue as stop:
                if stop.levels > 1:
                    raise Continue(stop.levels - 1) from None
            if self.shared.steps > (MAX_SLEEPY_STEPS if self.shared.slept else MAX_STEPS):
                raise Forever
        return status

    def _case(self, value: str, branches: Sequence[tuple[tuple[Word, ...], List]], streams: Streams) -> int:
        for patterns, body in branches:
            if any(pattern(self, one).match(value) for one in patterns):
                return self.run(body, streams)
        return 0

    def _simple(self, command: Simple, streams: Streams) -> int:
        self.line = command.line
        before, self.streams = self.streams, streams
        opened: list[Sink] = []
        try:
            argv = fields(self, command.words)
            inner = redirected(self, command.redirects, streams, opened)
            if inner is None:
                return self.dialect.misuse
            values = {name: text(self, word) for name, word in command.assigns}
            if "x" in self.options and (argv or values):
                self.say("+ " + " ".join([*(f"{k}={v}" for k, v in values.items()), *argv]), streams)
            if not argv:
                for name, value in values.items():
                    self.assign(name, value)
                # The exit code is that of the last $( … ) in the assignments.
                return self.status if command.assigns else 0
            return self.call(argv, inner, values)
        except ExpansionFailed as error:
            self.say(self.dialect.said(self.line, str(error)), streams)
            if self.dialect.interactive:
                return 1
            raise Exit(127 if self.dialect.kind == "bash" else 2) from None
        finally:
            self.streams = before
            for sink in opened:
                flush(self, sink, streams)

    def at(self, path: str) -> str:
        """Return the absolute form of a path."""
        return path if path.startswith("/") or not path else f"{self.cwd.rstrip('/')}/{path}"

    # -- running one command

    def call(self, argv: Sequence[str], streams: Streams, values: Mapping[str, str]) -> int:
        """Run a function, a builtin or a program."""
        name = argv[0]
        if name in self.functions:
            return self._function(self.functions[name], argv, streams, values)
        builtin = BUILTINS.get(name)
        if builtin is not None:
            return self._builtin(builtin, argv, streams, values)
        return run_program(self, argv, streams, values)

    def _builtin(
        self, builtin: CommandFunction, argv: Sequence[str], streams: Streams, values: Mapping[str, str]
    ) -> int:
        before = {} if argv[0] in SPECIAL else {key: self.vars.get(key) for key in values}
        for key, value in values.items():
            self.assign(key, value)
        p = Process(self, argv[0], list(argv[1:]), streams.stdin, streams.out, streams.err, env=self.env)
        try:
            return self.guard(p, builtin, streams)
        finally:
            for key, old in before.items():
                self.vars.pop(key, None) if old is None else self.vars.update({key: old})

    def _function(
        self, body: Command, argv: Sequence[str], streams: Streams, values: Mapping[str, str]
    ) -> int:
        for key, value in values.items():
            self.assign(key, value)
        args, self.args = self.args, list(argv[1:])
        try:
            return self._command(body, streams)
        except Return as stop:
            return stop.code
        finally:
            self.args = args

    def guard(self, p: Process, command: CommandFunction, streams: Streams) -> int:
        """Run a command, and turn what it raises into its words and an exit code."""
        changes = len(self.files.effects)
        try:
            return command(p)
        except Usage as error:
            p.err(str(error))
            return 2 if p.name in ("ls", "grep", "egrep", "fgrep", "sort", "test", "[") else 1
        except Closed:
            return PIPE
        except SimError as error:
            return p.err(error.what)
        finally:
            if len(self.files.effects) > changes:
                self.shared.said_at = self.shared.clock

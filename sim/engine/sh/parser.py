"""From words to commands (POSIX, "Shell Grammar Rules").

Examples
--------
>>> script = parse("ls /etc && echo done")
>>> len(script.items[0].rest)
1
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from .lexer import Reader, ShellSyntax, as_written, here_document
from .nodes import (
    AndOr,
    Case,
    Command,
    For,
    Function,
    Group,
    If,
    List,
    Lit,
    Pipeline,
    Redirect,
    Simple,
    While,
    Word,
)

_RESERVED = {"then", "else", "elif", "fi", "do", "done", "esac", "}", "in"}
_REDIRECTS = {"<<-", "<<", ">>", ">&", "<&", ">|", "&>", "<", ">"}
_ASSIGN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")
_FD = re.compile(r"[0-9](?=[<>])")
_FUNCTION = re.compile(r"([A-Za-z_][A-Za-z0-9_.-]*)[ \t]*\(\)[ \t\n]*")


def parse(text: str) -> List:
    """Parse a script.

    Raises
    ------
    ShellSyntax
        With what was met where it should not be.
    """
    reader = Reader(text, _inner)
    found = _Parser(reader).listing()
    if not reader.ended:
        raise reader.fail(_token(reader))
    return found


def _inner(reader: Reader) -> List:
    return _Parser(reader).listing()


def _token(reader: Reader) -> str:
    op = reader.operator()
    return "newline" if op == "\n" else op or reader.bare() or reader.peek()


class _Parser:
    """Recursive descent; one function a rule."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.pending: list[tuple[list[Redirect], int, Redirect, str, bool, bool]] = []

    def listing(self) -> List:
        reader = self.reader
        items: list[AndOr] = []
        while True:
            self.newlines()
            if reader.ended or reader.bare() in _RESERVED - {"in"} or reader.operator() in (")", ";;"):
                break
            item = self.and_or()
            op = reader.operator()
            if op == "&":
                reader.at += 1
                item = AndOr(item.first, item.rest, True)
            elif op == ";":
                reader.at += 1
            items.append(item)
            if op not in ("&", ";", "\n"):
                break
        return List(tuple(items))

    def newlines(self) -> None:
        reader = self.reader
        while reader.operator() == "\n":
            reader.at += 1
            self.here_documents()

    def and_or(self) -> AndOr:
        first, rest = self.pipeline(), []
        while (op := self.reader.operator()) in ("&&", "||"):
            self.reader.at += 2
            self.newlines()
            rest.append((op, self.pipeline()))
        return AndOr(first, tuple(rest))

    def pipeline(self) -> Pipeline:
        reader = self.reader
        negated = reader.bare() == "!"
        if negated:
            reader.at += 1
        commands = [self.command()]
        while reader.operator() == "|":
            reader.at += 1
            self.newlines()
            commands.append(self.command())
        return Pipeline(tuple(commands), negated)

    def command(self) -> Command:
        reader = self.reader
        reader.deeper()
        try:
            bare = reader.bare()
            made: Command | None = None
            builders: dict[str, Callable[[str], Command]] = {
                "if": self.if_, "while": self.while_, "until": self.while_, "for": self.for_, "case": self.case,
            }
            if bare in builders:
                reader.at += len(bare)
                made = builders[bare](bare)
            elif bare == "{":
                reader.at += 1
                made = Group(self.until("}"))
            elif reader.operator() == "(":
                reader.at += 1
                made = Group(self.closed_by(")"), True)
            if made is not None:
                return self.redirected(made)
            name = _FUNCTION.match(reader.text, reader.at)
            if name is not None:
                reader.at = name.end()
                return Function(name.group(1), self.command())
            return self.simple()
        finally:
            reader.depth -= 1

    def redirected(self, made: Command) -> Command:
        found: list[Redirect] = []
        while self.redirect(found):
            pass
        self.settle(found)
        return replace(made, redirects=tuple(found)) if found else made

    def closed_by(self, close: str) -> List:
        body = self.listing()
        if self.reader.operator() != close:
            raise self.unexpected()
        self.reader.at += len(close)
        return body

    def until(self, *ends: str) -> List:
        """Parse a list up to a reserved word, and take the word; it is kept as `self.ended_by`."""
        body = self.listing()
        word = self.reader.bare()
        if word not in ends or not body.items:
            raise self.unexpected()
        self.reader.at += len(word)
        self.ended_by = word
        return body

    def unexpected(self) -> ShellSyntax:
        return self.reader.fail("" if self.reader.ended else _token(self.reader))

    def if_(self, _: str) -> If:
        branches = []
        while True:
            condition = self.until("then")
            body = self.until("elif", "else", "fi")
            branches.append((condition, body))
            if self.ended_by == "fi":
                return If(tuple(branches))
            if self.ended_by == "else":
                return If(tuple(branches), self.until("fi"))

    def while_(self, word: str) -> While:
        condition = self.until("do")
        return While(condition, self.until("done"), word == "until")

    def for_(self, _: str) -> For:
        reader = self.reader
        reader.blanks()
        name = as_written(reader.word())
        if not _ASSIGN.match(name + "="):
            raise self.unexpected()
        words: list[Word] | None = None
        self.newlines()
        if reader.bare() == "in":
            reader.at += 2
            words = []
            while not reader.ended and not reader.operator():
                words.append(reader.word())
        if reader.operator() == ";":
            reader.at += 1
        self.newlines()
        if reader.bare() != "do":
            raise self.unexpected()
        reader.at += 2
        return For(name, None if words is None else tuple(words), self.until("done"))

    def case(self, _: str) -> Case:
        reader = self.reader
        reader.blanks()
        word = reader.word()
        self.newlines()
        if reader.bare() != "in":
            raise self.unexpected()
        reader.at += 2
        branches: list[tuple[tuple[Word, ...], List]] = []
        self.newlines()
        while reader.bare() != "esac":
            if reader.ended:
                raise self.unexpected()
            if reader.operator() == "(":
                reader.at += 1
            patterns = [self.pattern()]
            while reader.operator() == "|":
                reader.at += 1
                patterns.append(self.pattern())
            if reader.operator() != ")":
                raise self.unexpected()
            reader.at += 1
            branches.append((tuple(patterns), self.listing()))
            if reader.operator() == ";;":
                reader.at += 2
            self.newlines()
        reader.at += 4
        return Case(word, tuple(branches))

    def pattern(self) -> Word:
        self.reader.blanks()
        found = self.reader.word()
        if not found:
            raise self.unexpected()
        return found

    def simple(self) -> Simple:
        reader = self.reader
        assigns: list[tuple[str, Word]] = []
        words: list[Word] = []
        redirects: list[Redirect] = []
        line = reader.line
        while not reader.ended:
            if self.redirect(redirects):
                continue
            if reader.operator():
                break
            word = reader.word()
            first = word[0] if word else Lit("")
            name = _ASSIGN.match(first.text) if isinstance(first, Lit) and not first.quoted else None
            if not words and name is not None:
                assert isinstance(first, Lit)
                assigns.append((name.group()[:-1], (Lit(first.text[name.end():]), *word[1:])))
            else:
                words.append(word)
        if not (assigns or words or redirects):
            raise self.unexpected()
        self.settle(redirects)
        return Simple(tuple(assigns), tuple(words), tuple(redirects), line)

    # -- redirections

    def redirect(self, found: list[Redirect]) -> bool:
        """Read a redirection where one is next, and add it."""
        reader = self.reader
        reader.blanks()
        digit = _FD.match(reader.text, reader.at)
        op_at = reader.at + (1 if digit else 0)
        op = next((one for one in sorted(_REDIRECTS, key=len, reverse=True) if reader.text.startswith(one, op_at)), "")
        if not op:
            return False
        fd = int(digit.group()) if digit else 0 if op[0] == "<" else 1
        reader.at = op_at + len(op)
        reader.blanks()
        quoted_from = reader.at
        target = reader.word()
        if not target:
            raise self.unexpected()
        one = Redirect(fd, op, target)
        found.append(one)
        if op in ("<<", "<<-"):
            raw = any(char in reader.text[quoted_from : reader.at] for char in "'\"\\")
            self.pending.append((found, len(found) - 1, one, as_written(target), raw, op == "<<-"))
        return True

    def settle(self, found: list[Redirect]) -> None:
        """Read the bodies of here-documents now: they begin at the next line, whatever else this line holds."""
        if not self.pending:
            return
        reader = self.reader
        resume = reader.at
        line_end = reader.text.find("\n", reader.at)
        if line_end < 0:
            self.bodies(len(reader.text))
            return
        head = reader.text[:line_end]
        reader.at = line_end + 1
        self.bodies(reader.at)
        # What the bodies took is cut out, so that the rest of the line is read as if they were not there.
        reader.text = head + "\n" + reader.text[reader.at :]
        reader.at = resume

    def here_documents(self) -> None:
        if self.pending:
            self.bodies(self.reader.at)

    def bodies(self, start: int) -> None:
        reader = self.reader
        reader.at = start
        for found, number, one, end, raw, tabs in self.pending:
            lines = []
            while reader.at < len(reader.text):
                line = reader.rest_of_line()
                line = line.lstrip("\t") if tabs else line
                if line == end:
                    break
                lines.append(line + "\n")
            body = "".join(lines)
            word: Word = (Lit(body, True),) if raw else here_document(body, _inner)
            found[number] = Redirect(one.fd, "<<", word)
        self.pending.clear()

"""`test` and `[` (POSIX, "test")."""

from __future__ import annotations

from collections.abc import Callable

from ...fs.entry import Kind
from ..mounts import READ, SEARCH, WRITE
from .process import Process

_KINDS = {"-f": Kind.FILE, "-d": Kind.DIRECTORY, "-p": Kind.FIFO, "-b": Kind.BLOCK, "-c": Kind.CHAR}
_MAY = {"-r": READ, "-w": WRITE, "-x": SEARCH}
_NUMBERS: dict[str, Callable[[int, int], bool]] = {
    "-eq": int.__eq__, "-ne": int.__ne__, "-lt": int.__lt__, "-le": int.__le__, "-gt": int.__gt__, "-ge": int.__ge__,
}
_UNARY = {*_KINDS, *_MAY, "-e", "-s", "-L", "-h", "-n", "-z", "-t", "-u", "-g", "-k", "-O", "-S"}
_BINARY = {*_NUMBERS, "=", "==", "!=", "<", ">", "-nt", "-ot", "-ef"}


class _Wrong(Exception):
    """What is no condition."""


def test(p: Process) -> int:
    """`test EXPRESSION`: 0 true, 1 false, 2 no expression."""
    try:
        condition = _Condition(p, p.args[:500])
        return 0 if condition.whole() else 1
    except _Wrong as error:
        said = p.shell.dialect.builtin(p.shell.line, p.name, str(error), str(error))
        p.shell.say(said, p.shell.streams)
        return 2


def bracket(p: Process) -> int:
    """`[ EXPRESSION ]`."""
    if not p.args or p.args[-1] != "]":
        p.shell.say(p.shell.dialect.builtin(p.shell.line, "[", "missing `]'", "missing ]"), p.shell.streams)
        return 2
    p.args = p.args[:-1]
    return test(p)


class _Condition:
    def __init__(self, p: Process, words: list[str]) -> None:
        self.p, self.words, self.at, self.depth = p, words, 0, 0

    def whole(self) -> bool:
        if not self.words:
            return False
        found = self.or_()
        if self.at < len(self.words):
            raise _Wrong("too many arguments" if self.p.shell.dialect.kind == "bash" else
                         f"{self.words[self.at]}: unexpected operator")
        return found

    def peek(self, ahead: int = 0) -> str | None:
        at = self.at + ahead
        return self.words[at] if at < len(self.words) else None

    def take(self) -> str:
        if self.at >= len(self.words):
            raise _Wrong("argument expected")
        self.at += 1
        return self.words[self.at - 1]

    def or_(self) -> bool:
        found = self.and_()
        while self.peek() == "-o":
            self.at += 1
            found = self.and_() or found
        return found

    def and_(self) -> bool:
        found = self.not_()
        while self.peek() == "-a":
            self.at += 1
            found = self.not_() and found
        return found

    def not_(self) -> bool:
        negated = False
        while self.peek() == "!" and self.peek(1) is not None and self.peek(1) not in _BINARY:
            self.at += 1
            negated = not negated
        return self.primary() != negated

    def primary(self) -> bool:
        if self.peek(1) in _BINARY and self.peek(2) is not None:
            left, op, right = self.take(), self.take(), self.take()
            return self.binary(left, op, right)
        word = self.take()
        if word == "(" and self.peek() is not None:
            self.depth += 1
            if self.depth > 40:
                raise _Wrong("too deep")
            found = self.or_()
            if self.take() != ")":
                raise _Wrong("`)' expected")
            return found
        if word in _UNARY and self.peek() is not None:
            return self.unary(word, self.take())
        if self.peek() in _BINARY:
            raise _Wrong(f"{word}: unary operator expected" if self.p.shell.dialect.kind == "bash" else
                         f"{self.peek()}: argument expected")
        return word != ""

    def unary(self, op: str, word: str) -> bool:
        if op in ("-n", "-z"):
            return (word == "") == (op == "-z")
        if op == "-t":
            return self.p.facts.tty
        path = self.p.at(word)
        if not word:
            return False
        found = self.p.files.find(path, follow=op not in ("-L", "-h"))
        if found is None:
            return False
        if op in _KINDS:
            return found.kind is _KINDS[op]
        if op in _MAY:
            return self.p.files.may(path, _MAY[op]) and (op != "-x" or bool(found.mode & 0o111))
        bits = {"-u": 0o4000, "-g": 0o2000, "-k": 0o1000}
        if op in bits:
            return bool(found.mode & bits[op])
        if op == "-s":
            return found.size > 0
        if op in ("-L", "-h"):
            return found.kind is Kind.SYMLINK
        return op != "-S" and (op != "-O" or found.uid == self.p.facts.uid)

    def binary(self, left: str, op: str, right: str) -> bool:
        if op in ("=", "==", "!="):
            return (left == right) != (op == "!=")
        if op in ("<", ">"):
            return left < right if op == "<" else left > right
        if op in _NUMBERS:
            return _NUMBERS[op](self.number(left), self.number(right))
        one, other = (self.p.files.find(self.p.at(word)) if word else None for word in (left, right))
        if op == "-ef":
            return one is not None and other is not None and one.ino == other.ino
        times = [-1 if found is None else found.mtime_ns for found in (one, other)]
        return times[0] > times[1] if op == "-nt" else times[0] < times[1]

    def number(self, word: str) -> int:
        digits = word.strip()
        if not digits.lstrip("+-").isascii() or not digits.lstrip("+-").isdecimal() or len(digits) > 19:
            raise _Wrong(f"{word}: integer expression expected" if self.p.shell.dialect.kind == "bash" else
                         f"Illegal number: {word}")
        return int(digits)

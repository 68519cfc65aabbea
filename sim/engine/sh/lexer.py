"""From characters to words and operators (POSIX, "Token Recognition").

Quoting is kept in the words: ``'…'`` and ``\\x`` are quoted letters, ``"…"`` is quoted letters and expansions. The
reader knows nothing of commands; `$( … )` calls back to whoever parses them.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from .nodes import Arithmetic, List, Lit, Param, Part, Substitution, Word

MAX_SCRIPT = 1 << 20
"""Characters of a script that are looked at."""
MAX_DEPTH = 40
"""How deep things may be nested in one another."""
OPERATORS = ("<<-", "&&", "||", ";;", "<<", ">>", ">&", "<&", ">|", "&>", "&", "|", ";", "<", ">", "(", ")", "\n")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SPECIAL = "?#@*$!-0123456789"
_PARAM_OPS = (":-", ":=", ":?", ":+", "##", "%%", "-", "=", "?", "+", "#", "%")


class ShellSyntax(Exception):
    """A script that is none: what was met (``""`` at the end of the text), or the quote that was never closed."""

    def __init__(self, token: str, line: int, unclosed: str = "") -> None:
        super().__init__(token)
        self.token, self.line, self.unclosed = token, line, unclosed


class Reader:
    """Reads words and operators from a text."""

    def __init__(self, text: str, inner: Callable[[Reader], List]) -> None:
        if len(text) > MAX_SCRIPT:
            raise ShellSyntax(text[:20], 1)
        self.text, self.at, self.depth = text.replace("\\\n", ""), 0, 0
        self._inner = inner

    @property
    def line(self) -> int:
        """The line that is read, from 1."""
        return self.text.count("\n", 0, self.at) + 1

    def fail(self, token: str, unclosed: str = "") -> ShellSyntax:
        """Return the error of something unexpected here."""
        return ShellSyntax(token, self.line, unclosed)

    def deeper(self) -> None:
        """Count a nesting; `ShellSyntax` where it is too deep."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.fail("nesting")

    def blanks(self) -> None:
        """Skip blanks and a comment."""
        text, at = self.text, self.at
        while at < len(text) and text[at] in " \t\r":
            at += 1
        if at < len(text) and text[at] == "#":
            at = text.find("\n", at)
            at = len(text) if at < 0 else at
        self.at = at

    def operator(self) -> str:
        """Return the operator that is next, or the empty text."""
        self.blanks()
        for one in OPERATORS:
            if self.text.startswith(one, self.at):
                return one
        return ""

    @property
    def ended(self) -> bool:
        """Whether nothing is left."""
        self.blanks()
        return self.at >= len(self.text)

    def peek(self) -> str:
        """Return the next character, empty at the end."""
        return self.text[self.at : self.at + 1]

    def bare(self) -> str:
        """Return the plain letters that are next, as a reserved word would be written, without taking them."""
        self.blanks()
        found = re.compile(r"[^\s|&;<>()'\"$`\\#]*").match(self.text, self.at)
        assert found is not None
        after = self.text[found.end() : found.end() + 1]
        return "" if after and after in "'\"$`\\" else found.group()

    def word(self, stop: str = " \t\r\n|&;<>()") -> Word:
        """Read one word; it is empty where none begins here."""
        parts: list[Part] = []
        while self.at < len(self.text):
            char = self.text[self.at]
            if char in stop:
                break
            if char == "'":
                parts.append(Lit(self._single(), True))
            elif char == '"':
                self.at += 1
                parts += self._double()
            elif char == "\\":
                parts.append(Lit(self.text[self.at + 1 : self.at + 2], True))
                self.at += 2
            elif char in "$`":
                parts.append(self._dollar(False) if char == "$" else self._backquoted(False))
            else:
                start = self.at
                while self.at < len(self.text) and self.text[self.at] not in stop + "'\"\\$`":
                    self.at += 1
                parts.append(Lit(self.text[start : self.at]))
        return tuple(parts)

    def _single(self) -> str:
        end = self.text.find("'", self.at + 1)
        if end < 0:
            raise self.fail("", "'")
        found, self.at = self.text[self.at + 1 : end], end + 1
        return found

    def _double(self) -> list[Part]:
        parts: list[Part] = [Lit("", True)]
        self._quoted(parts, '"')
        return parts

    def _quoted(self, parts: list[Part], close: str) -> None:
        """Read what is in double quotes, or a here-document where `close` is empty."""
        letters: list[str] = []
        while True:
            if self.at >= len(self.text):
                if close:
                    raise self.fail("", close)
                break
            char = self.text[self.at]
            if char == close:
                self.at += 1
                break
            if char == "\\" and self.text[self.at + 1 : self.at + 2] in ("$", "`", "\\", close or "$"):
                letters.append(self.text[self.at + 1 : self.at + 2])
                self.at += 2
            elif char in "$`":
                parts.append(Lit("".join(letters), True))
                letters = []
                parts.append(self._dollar(True) if char == "$" else self._backquoted(True))
            else:
                letters.append(char)
                self.at += 1
        parts.append(Lit("".join(letters), True))

    def _dollar(self, quoted: bool) -> Part:
        text, at = self.text, self.at + 1
        if text.startswith("((", at):
            end = self._closing(at + 2, "))")
            self.at, inside = end + 2, text[at + 2 : end]
            return Arithmetic(here_document(inside, self._inner), quoted)
        if text.startswith("(", at):
            self.at = at + 1
            return Substitution(self._nested(), quoted)
        if text.startswith("{", at):
            self.at = at + 1
            return self._braced(quoted)
        found = _NAME.match(text, at)
        if found is not None:
            self.at = found.end()
            return Param(found.group(), quoted=quoted)
        if text[at : at + 1] and text[at] in _SPECIAL:
            self.at = at + 1
            return Param(text[at], quoted=quoted)
        self.at = at
        return Lit("$", quoted)

    def _nested(self) -> List:
        self.deeper()
        body = self._inner(self)
        self.depth -= 1
        self.blanks()
        if self.peek() != ")":
            raise self.fail("" if self.ended else self.peek(), ")")
        self.at += 1
        return body

    def _closing(self, at: int, close: str) -> int:
        depth = 0
        while at < len(self.text):
            if depth == 0 and self.text.startswith(close, at):
                return at
            depth += {"(": 1, ")": -1}.get(self.text[at], 0)
            at += 1
        raise self.fail("", ")")

    def _braced(self, quoted: bool) -> Part:
        if self.peek() == "#" and self.text[self.at + 1 : self.at + 2] not in ("}", ""):
            self.at += 1
            name = self._parameter()
            op, word = "len", Word()
        else:
            name = self._parameter()
            op = next((one for one in _PARAM_OPS if self.text.startswith(one, self.at)), "")
            self.at += len(op)
            self.deeper()
            word = self.word("}") if op else ()
            self.depth -= 1
        if self.peek() != "}":
            raise self.fail(self.peek(), "}")
        self.at += 1
        return Param(name, op, word, quoted)

    def _parameter(self) -> str:
        found = _NAME.match(self.text, self.at) or re.compile(r"[0-9]+|[?#@*$!-]").match(self.text, self.at)
        if found is None:
            raise self.fail("${" + self.peek(), "}")
        self.at = found.end()
        return found.group()

    def _backquoted(self, quoted: bool) -> Part:
        at, letters = self.at + 1, []
        while self.text[at : at + 1] != "`":
            if at >= len(self.text):
                raise self.fail("", "`")
            if self.text[at] == "\\" and self.text[at + 1 : at + 2] in ("$", "`", "\\"):
                at += 1
            letters.append(self.text[at])
            at += 1
        self.at = at + 1
        self.deeper()
        inside = Reader("".join(letters), self._inner)
        inside.depth = self.depth
        body = self._inner(inside)
        self.depth -= 1
        return Substitution(body, quoted)

    def rest_of_line(self) -> str:
        """Take all up to the next line end, and the line end; return it without."""
        end = self.text.find("\n", self.at)
        end = len(self.text) if end < 0 else end
        found, self.at = self.text[self.at : end], min(len(self.text), end + 1)
        return found


def here_document(text: str, inner: Callable[[Reader], List]) -> Word:
    """Return the word of a here-document's text: expansions in it, no quotes."""
    reader = Reader(text, inner)
    parts: list[Part] = []
    reader._quoted(parts, "")
    return tuple(parts)


def as_written(word: Word) -> str:
    """Return the letters of a word that has no expansions, quotes removed."""
    return "".join(part.text for part in word if isinstance(part, Lit))

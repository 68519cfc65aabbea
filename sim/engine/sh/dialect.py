"""Whose words: bash, dash or BusyBox's ash; looked up on the real ones (bash 5.2, dash 0.5.12, BusyBox 1.36).

    sh -c nosuch      bash   bash: line 1: nosuch: command not found
                      dash   sh: 1: nosuch: not found
                      ash    sh: nosuch: not found
"""

from __future__ import annotations

import errno
from dataclasses import dataclass

from ...errors import FsError
from ..mounts import words
from .lexer import ShellSyntax


@dataclass(frozen=True, slots=True)
class Dialect:
    """One shell's way to complain.

    Attributes
    ----------
    kind : str
        ``bash``, ``dash`` or ``ash``.
    label : str
        What it was called as.
    interactive : bool
        At a terminal: bash then names no line.
    """

    kind: str = "bash"
    label: str = "bash"
    interactive: bool = False

    def said(self, line: int, what: str) -> str:
        """Return a complaint about a line."""
        if self.kind == "dash":
            return f"{self.label}: {line}: {what}"
        if self.kind == "bash" and not self.interactive:
            return f"{self.label}: line {line}: {what}"
        return f"{self.label}: {what}"

    def not_found(self, line: int, name: str) -> str:
        """Return what is said of a name that is no command."""
        if "/" in name:
            return self.said(line, f"{name}: {'No such file or directory' if self.kind == 'bash' else 'not found'}")
        return self.said(line, f"{name}: {'command not found' if self.kind == 'bash' else 'not found'}")

    def denied(self, line: int, name: str) -> str:
        """Return what is said of a file that may not be executed."""
        return self.said(line, f"{name}: Permission denied")

    def builtin(self, line: int, name: str, bash: str, dash: str, ash: str = "") -> str:
        """Return what a builtin says, in each shell's words."""
        if self.kind == "bash":
            return self.said(line, f"{name}: {bash}")
        if self.kind == "dash":
            return self.said(line, f"{name}: {dash}")
        return f"{self.label}: {name}: line 0: {ash or dash}"

    @property
    def misuse(self) -> int:
        """The exit code of a builtin's or a redirection's failure."""
        return 2 if self.kind == "dash" else 1

    def redirect(self, line: int, path: str, error: FsError, writing: bool) -> str:
        """Return what is said of a redirection that fails."""
        if self.kind == "bash":
            return self.said(line, f"{path}: {words(error.errno)}")
        missing = error.errno == errno.ENOENT
        if self.kind == "dash":
            verb = "cannot create" if writing else "cannot open"
            reason = words(error.errno) if not missing else "Directory nonexistent" if writing else "No such file"
            return self.said(line, f"{verb} {path}: {reason}")
        verb = "can't create" if writing else "can't open"
        reason = words(error.errno) if not missing else "nonexistent directory" if writing else "no such file"
        return self.said(line, f"{verb} {path}: {reason}")

    def syntax(self, error: ShellSyntax, script: str) -> str:
        """Return what is said of a script that is none."""
        if error.token == "nesting":
            return self.said(error.line, "maximum nesting level exceeded")
        if self.kind == "bash":
            return self._bash_syntax(error, script)
        quote = error.unclosed in ("'", '"')
        if self.kind == "ash":
            what = "unterminated quoted string" if quote else (
                f'unexpected "{error.token}"' if error.token else "unexpected end of file")
            return f"{self.label}: syntax error: {what}"
        what = "Unterminated quoted string" if quote else (
            f'"{error.token}" unexpected' if error.token else "end of file unexpected")
        if error.unclosed == ")":
            what += ' (expecting ")")'
        return f"{self.label}: {error.line}: Syntax error: {what}"

    def _bash_syntax(self, error: ShellSyntax, script: str) -> str:
        at = "" if self.interactive else f"-c: line {error.line}: "
        if error.unclosed and not error.token:
            return f"{self.label}: {at}unexpected EOF while looking for matching `{error.unclosed}'"
        if not error.token:
            return f"{self.label}: {at}syntax error: unexpected end of file"
        near = f"{self.label}: {at}syntax error near unexpected token `{error.token}'"
        lines = script.splitlines()[error.line - 1 : error.line]
        return near if self.interactive or not lines else f"{near}\n{self.label}: {at}`{lines[0]}'"

"""Transcripts: a copied terminal, or Markdown with shell blocks, read as commands and what was printed below them.

    [root@server ~]# docker images          a prompt: `[user@host dir]#` or `…$`, its `[` may be missing, or `$ `
    REPOSITORY   TAG                        any other line: what was printed
    [root@server ~]#                        an empty prompt
    # a note                                a comment
    vim /etc/docker/daemon.json             an editor: what follows is what was typed

In a block with prompts, lines behind a prompt run, and so do those BEFORE the first prompt that begin with a known
command.
In a block without prompts, every line that begins with a known command runs.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from ..errors import BadInput
from .editor import typed_text
from .terminal import is_editor

MAX_TEXT = 1 << 20
MAX_COMMANDS = 2_000
_PROMPT = re.compile(
    r"(?:\[?[A-Za-z_][\w.-]{0,40}@[\w.-]{1,80}[ :][^\]#$\n]{0,200}\]?[#$]|\$)(?:[ \t]+|$)"
)
_FENCE = re.compile(r"^(?P<mark>`{3,}|~{3,})[ \t]*(?P<kind>[\w+.-]*)[^`\n]*$")
SHELLS = {"", "bash", "sh", "shell", "console", "terminal", "shell-session", "shellsession", "zsh", "text", "plaintext"}
_HEREDOC = re.compile(r"<<-?[ \t]*(['\"\\]?)([A-Za-z_][A-Za-z0-9_]*)\1")


@dataclass(frozen=True, slots=True)
class Entry:
    """One command of a transcript.

    Attributes
    ----------
    command : str
        As it was written; several lines where it goes on.
    line : int
        Of the text, from 1.
    shown : tuple of str
        What was printed below it.
    typed : str or None
        What was typed into the editor that it starts.
    """

    command: str
    line: int
    shown: tuple[str, ...] = ()
    typed: str | None = None


def parse(text: str, known: Collection[str]) -> tuple[Entry, ...]:
    """Read a transcript, or the shell blocks of Markdown.

    Parameters
    ----------
    text : str
    known : collection of str
        Names of commands.

    Raises
    ------
    BadInput
        The text is too long, or holds too many commands.

    Examples
    --------
    >>> found = parse("$ docker images\\nREPOSITORY\\n$ \\n$ ls\\n", {"docker", "ls"})
    >>> [(one.command, one.shown) for one in found]
    [('docker images', ('REPOSITORY',)), ('ls', ())]
    """
    if len(text) > MAX_TEXT:
        raise BadInput(f"a transcript of {len(text):,} characters", hint=f"{MAX_TEXT:,} are read; cut it into parts")
    found: list[Entry] = []
    for start, lines in _blocks(text):
        found += _block(start, lines, known)
        if len(found) > MAX_COMMANDS:
            raise BadInput(f"more than {MAX_COMMANDS} commands", hint="cut the transcript into parts")
    return tuple(found)


def _blocks(text: str) -> list[tuple[int, list[str]]]:
    """Return the shell blocks of a Markdown text, or the whole of a text that has no fences."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    found: list[tuple[int, list[str]]] = []
    inside: list[str] | None = None
    mark = kind = ""
    fenced = False
    for number, line in enumerate(lines, 1):
        bare = re.sub(r"^(?:> ?)+|^ {1,3}", "", line)
        fence = _FENCE.match(bare)
        if inside is None and fence is not None:
            inside, mark, kind, fenced = [], fence["mark"], fence["kind"].lower(), True
            start = number + 1
        elif inside is not None and bare.startswith(mark) and not bare.strip("`~ \t"):
            if kind in SHELLS:
                found.append((start, inside))
            inside = None
        elif inside is not None:
            inside.append(line)
    if inside is not None and kind in SHELLS:
        found.append((start, inside))
    return found if fenced else [(1, lines)]


def first_word(line: str) -> str:
    """Return a line's first word, less assignments and sudo before it."""
    for word in line.split():
        if word != "sudo" and not re.fullmatch(r"[A-Za-z_]\w*=\S*", word):
            return word
    return ""


def _block(start: int, lines: list[str], known: Collection[str]) -> list[Entry]:
    prompts = [_PROMPT.match(line) for line in lines]
    first = next((at for at, prompt in enumerate(prompts) if prompt is not None), None)
    found: list[Entry] = []
    at = 0
    while at < len(lines):
        line, prompt = lines[at], prompts[at]
        command = ""
        if prompt is not None:
            command = line[prompt.end() :].strip()
        elif (first is None or at < first) and first_word(line) in known:
            command = line.strip()
        if not command or command.startswith("#"):
            if prompt is None and found and not line.lstrip().startswith("#"):
                found[-1] = _with_shown(found[-1], line)
            at += 1
            continue
        end, command = _continued(lines, at, command)
        if is_editor(command):
            last = next((below for below in range(end, len(lines)) if prompts[below] is not None), len(lines))
            found.append(Entry(command, start + at, (), typed_text(lines[end:last])))
            end = last
        else:
            found.append(Entry(command, start + at))
        at = end
    return [_trimmed(one) for one in found]


def _with_shown(one: Entry, line: str) -> Entry:
    return Entry(one.command, one.line, (*one.shown, line), one.typed) if one.typed is None else one


def _trimmed(one: Entry) -> Entry:
    shown = list(one.shown)
    while shown and not shown[-1].strip():
        shown.pop()
    while shown and not shown[0].strip():
        shown.pop(0)
    return Entry(one.command, one.line, tuple(shown), one.typed)


def _continued(lines: list[str], at: int, command: str) -> tuple[int, str]:
    """Add the lines that belong to a command: behind a backslash, and of here-documents."""
    end = at + 1
    while command.endswith("\\") and end < len(lines):
        command = command[:-1] + re.sub(r"^> ?", "", lines[end]).strip()
        end += 1
    for _, word in _HEREDOC.findall(command):
        body = []
        while end < len(lines):
            line = re.sub(r"^> ", "", lines[end])
            end += 1
            body.append(line)
            if line.strip("\t") == word:
                break
        command += "\n" + "\n".join(body)
    return end, command

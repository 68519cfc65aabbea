"""A Dockerfile as instructions: lines joined, comments dropped, build stages told apart.

    # escape=`            a directive, before everything else
    ARG BASE=alpine       may stand before the first FROM
    FROM $BASE AS base    begins a stage
    RUN a && \\           goes on in the next line; a comment line in between is dropped
        b
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .job import Fail, refused

INSTRUCTIONS = {
    "ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "MAINTAINER", "ONBUILD",
    "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR",
}
_DIRECTIVE = re.compile(r"#\s*escape\s*=\s*([\\`])\s*", re.IGNORECASE)
_FROM = re.compile(r"(?:--platform=\S+\s+)?(?P<image>\S+)(?:\s+(?:AS|as|As|aS)\s+(?P<name>[a-zA-Z][\w.-]*))?", re.ASCII)
MAX_LINES = 10_000


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction: its word in capitals, the rest, its flags (``--from=base``), the whole as it is echoed."""

    word: str
    rest: str
    flags: tuple[str, ...]
    line: int

    @property
    def shown(self) -> str:
        """The instruction as ``Step 1/3 :`` shows it."""
        return " ".join((self.word, *self.flags, self.rest)).strip()

    def flag(self, name: str) -> str:
        """Return a flag's value, "" where it is not there."""
        for flag in self.flags:
            key, _, value = flag[2:].partition("=")
            if key == name:
                return value
        return ""


@dataclass(frozen=True, slots=True)
class Stage:
    """A build stage: what it is based on, its name or number, its instructions, the FROM first."""

    base: str
    name: str
    steps: tuple[Instruction, ...]


@dataclass(frozen=True, slots=True)
class Dockerfile:
    """The ARGs before the first FROM, and the stages."""

    args: tuple[Instruction, ...]
    stages: tuple[Stage, ...]


def parse(text: str, name: str = "Dockerfile") -> Dockerfile:
    """Read a Dockerfile.

    Raises
    ------
    Fail
        In the words of docker's parser.

    Examples
    --------
    >>> found = parse("FROM alpine AS base\\nRUN a && \\\\\\n  b\\nFROM scratch\\nCOPY --from=base /x /\\n")
    >>> [(stage.base, stage.name, len(stage.steps)) for stage in found.stages]
    [('alpine', 'base', 2), ('scratch', '1', 2)]
    >>> found.stages[0].steps[1].rest, found.stages[1].steps[1].flag("from")
    ('a &&   b', 'base')
    """
    found = list(_instructions(text))
    if not found:
        raise refused(f"the Dockerfile ({name}) cannot be empty")
    args: list[Instruction] = []
    stages: list[tuple[str, str, list[Instruction]]] = []
    for one in found:
        if one.word == "FROM":
            match = _FROM.fullmatch(one.rest)
            if match is None:
                raise refused(f"dockerfile parse error line {one.line}: FROM requires either one or three arguments")
            stages.append((match["image"], match["name"] or str(len(stages)), [one]))
        elif stages:
            stages[-1][2].append(one)
        elif one.word == "ARG":
            args.append(one)
        else:
            raise refused("no build stage in current context")
    if not stages:
        raise refused("no build stage in current context")
    return Dockerfile(tuple(args), tuple(Stage(base, name, tuple(steps)) for base, name, steps in stages))


def _instructions(text: str) -> list[Instruction]:
    escape, lines = "\\", text.replace("\r\n", "\n").split("\n")
    if len(lines) > MAX_LINES:
        raise Fail(f"a Dockerfile of {len(lines)} lines, {MAX_LINES} are allowed\n")
    match = _DIRECTIVE.fullmatch(lines[0].strip())
    if match is not None:
        escape = match[1]
    found: list[Instruction] = []
    at = 0
    while at < len(lines):
        start, line = at, lines[at]
        at += 1
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        whole = line.lstrip()
        while whole.rstrip().endswith(escape) and at <= len(lines):
            whole = whole.rstrip()[:-1]
            while at < len(lines) and lines[at].lstrip().startswith("#"):
                at += 1
            if at >= len(lines):
                break
            whole += lines[at]
            at += 1
        found.append(_one(whole.strip(), start + 1))
    return found


def _one(text: str, line: int) -> Instruction:
    word, _, rest = text.partition(" ") if " " in text else text.partition("\t")
    if word.upper() not in INSTRUCTIONS:
        raise refused(f"dockerfile parse error line {line}: unknown instruction: {word.upper()}")
    rest, flags = rest.strip(), []
    while rest.startswith("--") and word.upper() in ("COPY", "ADD", "RUN", "HEALTHCHECK"):
        flag, _, rest = rest.partition(" ")
        flags.append(flag)
        rest = rest.strip()
    if not rest and word.upper() not in ("CMD", "ENTRYPOINT"):
        raise refused(f"dockerfile parse error line {line}: {word.upper()} requires at least one argument")
    return Instruction(word.upper(), rest, tuple(flags), line)

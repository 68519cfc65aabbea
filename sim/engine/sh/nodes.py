"""What a script is made of, as values: words with their quoting, and commands.

    echo "$HOME"/*.txt > list        Simple(words=(echo, [Param HOME quoted][Lit /*.txt]), redirects=(> list))
    a | b && c; d &                  List of AndOr of Pipeline
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Lit:
    """Characters as they are; only unquoted ones can be globs or be split."""

    text: str
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Param:
    """``$name`` or ``${name op word}``; `op` is one of ``:- - := = :? ? :+ + # ## % %%``, ``len`` or nothing."""

    name: str
    op: str = ""
    word: Word = ()
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Substitution:
    """``$( … )``: the standard output of a list, without the line ends behind it."""

    body: List
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """``$(( … ))``."""

    word: Word
    quoted: bool = False


Part = Lit | Param | Substitution | Arithmetic
Word = tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Redirect:
    """``fd op target``; of a here-document (``<<``) the target is its text."""

    fd: int
    op: str
    target: Word


@dataclass(frozen=True, slots=True)
class Simple:
    """Assignments, words, redirections."""

    assigns: tuple[tuple[str, Word], ...] = ()
    words: tuple[Word, ...] = ()
    redirects: tuple[Redirect, ...] = ()
    line: int = 1


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Commands, each reading what the one before it wrote."""

    commands: tuple[Command, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class AndOr:
    """A pipeline, and more of them behind ``&&`` or ``||``."""

    first: Pipeline
    rest: tuple[tuple[str, Pipeline], ...] = ()
    background: bool = False


@dataclass(frozen=True, slots=True)
class List:
    """And-or lists, one after another."""

    items: tuple[AndOr, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """``{ …; }``, or ``( … )`` in a shell of its own."""

    body: List
    subshell: bool = False
    redirects: tuple[Redirect, ...] = ()


@dataclass(frozen=True, slots=True)
class If:
    """``if … then … elif … else … fi``."""

    branches: tuple[tuple[List, List], ...]
    otherwise: List | None = None
    redirects: tuple[Redirect, ...] = ()


@dataclass(frozen=True, slots=True)
class While:
    """``while`` or ``until``."""

    condition: List
    body: List
    until: bool = False
    redirects: tuple[Redirect, ...] = ()


@dataclass(frozen=True, slots=True)
class For:
    """``for name in words``; None stands for the arguments."""

    name: str
    words: tuple[Word, ...] | None
    body: List
    redirects: tuple[Redirect, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """``case word in pattern) … ;; esac``."""

    word: Word
    branches: tuple[tuple[tuple[Word, ...], List], ...]
    redirects: tuple[Redirect, ...] = ()


@dataclass(frozen=True, slots=True)
class Function:
    """``name() { … }``."""

    name: str
    body: Command
    redirects: tuple[Redirect, ...] = ()


Command = Simple | Group | If | While | For | Case | Function

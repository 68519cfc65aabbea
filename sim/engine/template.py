"""Go's text/template, as much of it as ``--format`` needs: fields, ``json``, ``range``, ``if``, a few functions.

    {{.Repository}}:{{.Tag}}      {{json .Config.Env}}      {{range .Mounts}}{{.Source}} {{end}}
    {{index .Config.Labels "x"}}  {{if .State.Running}}up{{else}}down{{end}}   {{.Size | json}}
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .job import Fail

_PIECE = re.compile(r"\{\{-?\s*(.*?)\s*-?\}\}", re.DOTALL)
_WORD = re.compile(r'"(?:[^"\\]|\\.)*"|`[^`]*`|\(|\)|\||:=|,|[^\s"`()|,]+')
_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_KEYWORDS = {"range", "if", "with", "else", "end", "true", "false", "nil"}
_MAX_DEPTH = 20


@dataclass(frozen=True, slots=True)
class Block:
    """A node: text, an action, or a range or if with its two branches."""

    kind: str
    words: tuple[str, ...] = ()
    text: str = ""
    column: int = 0
    body: tuple[Block, ...] = ()
    other: tuple[Block, ...] = ()


def compiled(text: str) -> tuple[Block, ...]:
    """Read a template; `Fail` in docker's words where it cannot be read.

    Examples
    --------
    >>> render(compiled("{{.A}} {{json .B}}{{range .C}}<{{.}}>{{end}}"), {"A": 1, "B": [True, None], "C": "xy"})
    '1 [true,null]<x><y>'
    """
    pieces = _pieces(text)
    blocks, ended = _read(pieces, 0)
    if ended is not None:
        raise fault(f"unexpected {{{{{ended}}}}}")
    return blocks


def _pieces(text: str) -> Iterator[tuple[str, str, int]]:
    at = 0
    for match in _PIECE.finditer(text):
        yield "text", text[at:match.start()], 0
        yield "action", match[1], match.start(1)
        at = match.end()
    rest = text[at:]
    if "{{" in rest:
        raise fault("unclosed action")
    yield "text", rest, 0


def fault(words: str) -> Fail:
    """Return the failure of a template."""
    return Fail(f"template parsing error: template: :1: {words}\n")


def _read(pieces: Iterator[tuple[str, str, int]], depth: int) -> tuple[tuple[Block, ...], str | None]:
    if depth > _MAX_DEPTH:
        raise fault("too many nested actions")
    found: list[Block] = []
    for kind, text, column in pieces:
        if kind == "text":
            if text:
                found.append(Block("text", text=text))
            continue
        words = tuple(_WORD.findall(text))
        if not words:
            raise fault("missing value for command")
        for word in words:
            if _NAME.fullmatch(word) and word not in _KEYWORDS and word not in _FUNCTIONS:
                raise fault(f'function "{word[:40]}" not defined')
        if words[0] in ("end", "else"):
            return tuple(found), words[0]
        if words[0] in ("range", "if", "with"):
            body, ended = _read(pieces, depth + 1)
            other: tuple[Block, ...] = ()
            if ended == "else":
                other, ended = _read(pieces, depth + 1)
            if ended != "end":
                raise fault("unexpected EOF")
            found.append(Block(words[0], words[1:], text, column, body, other))
        else:
            found.append(Block("action", words, text, column))
    return tuple(found), None


def render(blocks: Sequence[Block], value: Any, variables: Mapping[str, Any] | None = None) -> str:
    """Fill a template with a value."""
    names = {"$": value, **(variables or {})}
    return "".join(_rendered(block, value, names) for block in blocks)


def _rendered(block: Block, value: Any, names: Mapping[str, Any]) -> str:
    if block.kind == "text":
        return block.text
    if block.kind == "action":
        return _printed(_evaluated(block, block.words, value, names))
    words, bound = block.words, []
    if ":=" in words:
        at = words.index(":=")
        bound, words = [word for word in words[:at] if word != ","], words[at + 1:]
    found = _evaluated(block, words, value, names)
    if block.kind == "if":
        return render(block.body if found else block.other, value, names)
    if block.kind == "with":
        return render(block.body, found, names) if found else render(block.other, value, names)
    pairs: list[tuple[Any, Any]] = (
        sorted(found.items()) if isinstance(found, Mapping) else list(enumerate(found or ()))
    )
    if not pairs:
        return render(block.other, value, names)
    parts = []
    for key, item in pairs:
        inner = dict(zip(bound[-2:], (key, item) if len(bound) > 1 else (item,), strict=False))
        parts.append(render(block.body, item, {**names, **inner, "$": names["$"]}))
    return "".join(parts)


def _evaluated(block: Block, words: Sequence[str], value: Any, names: Mapping[str, Any]) -> Any:
    try:
        return _pipeline(words, value, names)
    except _Missing as missing:
        # Go says where the last name of a path stands, whichever of them is missing.
        at = block.column + max(0, block.text.find(f".{missing.path}")) + missing.path.rfind(".") + 1
        raise Fail(
            f'template parsing error: template: :1:{at}: executing "" at <.{missing.path}>: {missing.words}\n'
        ) from None


def _pipeline(words: Sequence[str], value: Any, names: Mapping[str, Any]) -> Any:
    commands: list[list[str]] = [[]]
    deep = 0
    for word in words:
        deep += (word == "(") - (word == ")")
        if word == "|" and not deep:
            commands.append([])
        else:
            commands[-1].append(word)
    found: Any = None
    for number, command in enumerate(commands):
        arguments = list(_arguments(command, value, names))
        if number:
            arguments.append(found)
        found = _called(arguments)
    return found


class _Function(str):
    pass


def _arguments(words: Sequence[str], value: Any, names: Mapping[str, Any]) -> Iterator[Any]:
    at = 0
    while at < len(words):
        word = words[at]
        at += 1
        if word == "(":
            deep, start = 1, at
            while at < len(words) and deep:
                deep += (words[at] == "(") - (words[at] == ")")
                at += 1
            yield _pipeline(words[start:at - 1], value, names)
        elif word[0] == '"':
            try:
                yield json.loads(word)
            except ValueError:
                raise fault(f"invalid syntax {word}") from None
        elif word[0] == "`":
            yield word[1:-1]
        elif word[0] == ".":
            yield _field(value, word[1:])
        elif word[0] == "$":
            name, _, rest = word.partition(".")
            if name not in names:
                raise fault(f'undefined variable "{name}"')
            yield _field(names[name], rest)
        elif word.lstrip("-").isascii() and word.lstrip("-").isdecimal():
            yield int(word[:18])
        elif word in ("true", "false", "nil"):
            yield {"true": True, "false": False, "nil": None}[word]
        elif word in _FUNCTIONS:
            yield _Function(word)
        else:
            raise fault(f'function "{word[:40]}" not defined')


class _Missing(Exception):
    """A field that is not there: its path, and Go's words."""

    def __init__(self, path: str, words: str) -> None:
        super().__init__(words)
        self.path, self.words = path, words


class _Nil:
    """An empty list or map of Go's that JSON writes as null."""

    def __init__(self, shown: str) -> None:
        self.shown = shown

    def __bool__(self) -> bool:
        return False

    def __len__(self) -> int:
        return 0

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __str__(self) -> str:
        return self.shown


_NIL = {name: _Nil("[]") for name in ("Entrypoint", "Cmd", "Env", "Binds", "OnBuild")} | {
    name: _Nil("map[]") for name in ("Volumes", "Labels", "ExposedPorts")}


def _field(value: Any, path: str) -> Any:
    for name in filter(None, path.split(".")):
        if not isinstance(value, Mapping):
            raise _Missing(path, f"can't evaluate field {name} in type {_go(value)}")
        if name not in value:
            raise _Missing(path, f'map has no entry for key "{name}"')
        value = value[name]
        if value is None and name in _NIL:
            value = _NIL[name]
    return value() if callable(value) else value


def _go(value: Any) -> str:
    names = {str: "string", int: "int64", bool: "bool", list: "[]string", tuple: "[]string"}
    return names.get(type(value), "interface {}")


def _called(arguments: list[Any]) -> Any:
    first, *rest = arguments
    if not isinstance(first, _Function):
        return first
    try:
        return _FUNCTIONS[str(first)](*rest)
    except Fail:
        raise
    except Exception:
        raise fault(f"error calling {first}: wrong arguments") from None


def go_json(value: Any) -> str:
    """Return a value as Go's encoding/json writes it, ``<`` and its like escaped."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=_plain)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _plain(value: Any) -> Any:
    if isinstance(value, _Nil):
        return None
    if isinstance(value, Mapping):
        return dict(value)
    return value() if callable(value) else str(value)


_FUNCTIONS: dict[str, Any] = {
    "json": lambda value: go_json({key: _settled(item) for key, item in value.items()}
                                  if isinstance(value, Mapping) else value),
    "len": lambda value: len(value or ()),
    "index": lambda value, *keys: _indexed(value, keys),
    "join": lambda items, between: between.join(map(str, items)),
    "split": lambda text, between: str(text).split(between),
    "upper": lambda text: str(text).upper(),
    "lower": lambda text: str(text).lower(),
    "title": lambda text: str(text)[:1].upper() + str(text)[1:],
    "println": lambda *items: " ".join(_printed(item) for item in items) + "\n",
    "print": lambda *items: "".join(_printed(item) for item in items),
    "eq": lambda one, *others: one in others,
    "ne": lambda one, other: one != other,
    "not": lambda value: not value,
    "and": lambda *values: next((value for value in values if not value), values[-1]),
    "or": lambda *values: next((value for value in values if value), values[-1]),
    "slice": lambda value, *ends: value[slice(*ends)],
    "truncate": lambda text, most: str(text)[:most],
}


def _settled(item: Any) -> Any:
    return item() if callable(item) else item


def _indexed(value: Any, keys: Sequence[Any]) -> Any:
    for key in keys:
        if isinstance(value, Mapping):
            value = value.get(key, "")
        else:
            value = value[key]
    return value


def _printed(value: Any) -> str:
    """Return a value as Go's %v prints it."""
    if value is None:
        return "<no value>"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return "map[" + " ".join(f"{key}:{_inner(item)}" for key, item in sorted(value.items())) + "]"
    if isinstance(value, list | tuple):
        return "[" + " ".join(map(_inner, value)) + "]"
    return str(value)


def _inner(value: Any) -> str:
    return "<nil>" if value is None else "{}" if value == {} else _printed(value)

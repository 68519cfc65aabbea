"""`echo` and `printf`, which are builtins and programs alike."""

from __future__ import annotations

import re

from .process import Process

_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "e": "\x1b", "\\": "\\"}
_ESCAPE = re.compile(r"\\(0[0-7]{0,3}|[0-7]{1,3}|x[0-9a-fA-F]{1,2}|.)", re.DOTALL)
_SPEC = re.compile(r"%([-+ #0]*)(\*|\d*)(?:\.(\*|\d*))?([diouxXeEfgGcsbq%])|%(.?)", re.DOTALL)
_MAX_WIDTH = 10_000


def unescaped(text: str) -> tuple[str, bool]:
    r"""Return a text with its escapes read, and whether ``\c`` ended it.

    Examples
    --------
    >>> unescaped(r"a\tb\101\cd")
    ('a\tbA', True)
    """
    cut = re.search(r"(?<!\\)(?:\\\\)*\\c", text)
    if cut is not None:
        text = text[: cut.end() - 2]

    def one(found: re.Match[str]) -> str:
        escape = found.group(1)
        if escape[0] == "x" and len(escape) > 1:
            return bytes([int(escape[1:], 16)]).decode("utf-8", "surrogateescape")
        if escape[0] in "01234567":
            return bytes([int(escape, 8) & 255]).decode("utf-8", "surrogateescape")
        return _ESCAPES.get(escape, "\\" + escape)

    return _ESCAPE.sub(one, text), cut is not None


def echo(p: Process) -> int:
    """`echo [-neE] WORDS`: dash reads escapes always and knows -n alone."""
    args, line_end = list(p.args), "\n"
    dash = p.shell.dialect.kind == "dash"
    escapes = dash
    while args and re.fullmatch(r"-n" if dash else r"-[neE]+", args[0]):
        flags = args.pop(0)
        line_end = "" if "n" in flags else line_end
        escapes = True if "e" in flags else escapes and "E" not in flags
    text = " ".join(args)
    if escapes:
        text, ended = unescaped(text)
        line_end = "" if ended else line_end
    p.out(text + line_end)
    return 0


def printf(p: Process) -> int:
    """`printf FORMAT [ARGUMENT…]`: the format is used again while arguments are left."""
    if not p.args or p.args == ["--"]:
        return p.err("usage: printf format [arg ...]") + 1
    args = p.args[1:] if p.args[0] == "--" else p.args
    form, left = args[0], list(args[1:])
    wrong: list[str] = []
    while True:
        before = len(left)
        text, ended = unescaped(_SPEC.sub(lambda found: _formatted(found, left, wrong), form))
        p.out(text)
        if ended or not left or len(left) == before:
            break
    for word in wrong:
        p.err(f"{word}: invalid number")
    return 1 if wrong else 0


def _formatted(found: re.Match[str], left: list[str], wrong: list[str]) -> str:
    flags, width, precision, kind, odd = found.groups()
    if odd is not None:
        return "%" + odd
    if kind == "%":
        return "%"

    def sized(text: str | None) -> int | None:
        if text == "*":
            text = left.pop(0) if left else "0"
        return min(int(text), _MAX_WIDTH) if text and text.isdecimal() and len(text) < 9 else None

    wide, exact = sized(width), sized(precision)
    spec = "%" + flags + ("" if wide is None else str(wide))
    value = left.pop(0) if left else None
    if kind in "sbqc":
        text = value or ""
        if kind == "b":
            text = unescaped(text)[0]
        if kind == "c":
            text = text[:1]
        # What comes out must not be read for escapes a second time.
        text = (text if exact is None else text[:exact]).replace("\\", "\\\\")
        return ("%" + flags.replace("0", "").replace("#", "") + ("" if wide is None else str(wide)) + "s") % text
    spec += "" if precision is None else f".{exact or 0}"
    if kind in "diouxX":
        return (spec + kind.replace("i", "d").replace("u", "d")) % _whole(value, wrong)
    return (spec + kind) % _real(value, wrong)


def _whole(value: str | None, wrong: list[str]) -> int:
    if not value:
        return 0
    if value[0] in "'\"" and len(value) > 1:
        return ord(value[1])
    try:
        return int(value[:40], 0) if not re.fullmatch(r"[-+]?0[0-7]+", value) else int(value[:40], 8)
    except ValueError:
        wrong.append(value)
        found = re.match(r"[-+]?\d{1,18}", value)
        return int(found.group()) if found else 0


def _real(value: str | None, wrong: list[str]) -> float:
    try:
        return float(value or 0)
    except ValueError:
        wrong.append(str(value))
        return 0.0

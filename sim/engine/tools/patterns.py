r"""grep, and the regular expressions that it shares with sed.

Expressions are translated to Python's. Basic ones write groups as ``\( \)`` and have ``+ ? |`` as letters (POSIX,
"Regular Expressions"). Python's engine tries every way to match: an expression that could take for ever is refused,
and one with several repetitions looks at the beginning of a long line alone.
"""

from __future__ import annotations

import re

from ...errors import FsError
from ...fs.entry import Kind
from ..sh.flags import Usage, number, options
from ..sh.process import Process, reason
from .texts import inputs

_MAX_PATTERN = 500
_REACH = (1 << 26, 20_000, 2_000, 300, 120)
"""Letters of a line that are looked at, by the number of repetitions in the expression."""
_NESTED = re.compile(r"\((?:[^()\\]|\\.)*[*+}](?:[^()\\]|\\.)*\)[*+{]")
_CLASSES = {
    "[:alpha:]": "a-zA-Z", "[:digit:]": "0-9", "[:alnum:]": "a-zA-Z0-9", "[:space:]": r"\s", "[:upper:]": "A-Z",
    "[:lower:]": "a-z", "[:punct:]": r"!-/:-@\[-`{-~", "[:blank:]": " \t", "[:xdigit:]": "0-9a-fA-F",
}


def translated(text: str, extended: bool) -> str:
    r"""Return a POSIX expression as Python writes it.

    Examples
    --------
    >>> translated(r"\(a+\)|[[:digit:]]*", False), translated("(a+)|b", True)
    ('(a\\+)\\|[0-9]*', '(a+)|b')
    """
    made, at = [], 0
    while at < len(text):
        char = text[at]
        if char == "[":
            end = text.find("]", at + (3 if text[at + 1 : at + 2] == "^" else 2))
            while end > 0 and text[end - 1] == ":" and "[:" in text[at:end]:
                inner = text.find("]", end + 1)
                if inner < 0:
                    break
                end = inner
            if end < 0:
                made.append(r"\[")
            else:
                inside = text[at + 1 : end].replace("\\", "\\\\")
                for name, letters in _CLASSES.items():
                    inside = inside.replace(name, letters)
                made.append(f"[{inside}]")
                at = end
        elif char == "\\" and at + 1 < len(text):
            at += 1
            made.append(_escaped(text[at], extended))
        elif char in "(){}|+?" and not extended:
            made.append("\\" + char)
        elif char == "*" and not made:
            made.append(r"\*")
        else:
            made.append(char)
        at += 1
    return "".join(made)


def _escaped(char: str, extended: bool) -> str:
    if char in "(){}|+?" and not extended:
        return char
    if char in "bBwWsS123456789":
        return "\\" + char
    return {"n": "\n", "t": "\t", "<": r"\b", ">": r"\b"}.get(char, re.escape(char))


def compiled(text: str, extended: bool, fixed: bool = False, flags: int = 0) -> re.Pattern[str]:
    """Compile an expression; `Usage` where it is none."""
    if len(text) > _MAX_PATTERN:
        raise Usage("expression too long for the simulator")
    wanted = re.escape(text) if fixed else translated(text, extended)
    if not fixed and _NESTED.search(wanted):
        raise Usage("a repetition inside a repetition is too slow for the simulator")
    try:
        return re.compile(wanted, flags)
    except (re.error, OverflowError, RecursionError):
        raise Usage("Invalid regular expression") from None


def reach(pattern: re.Pattern[str]) -> int:
    """Return how many letters of a line an expression looks at.

    Examples
    --------
    >>> reach(re.compile("abc")) > reach(re.compile("a.*b.*c.*"))
    True
    """
    repeated = len(re.findall(r"(?<!\\)[*+{]", pattern.pattern))
    return _REACH[min(repeated, len(_REACH) - 1)]


def grep(p: Process) -> int:
    """`grep [-EFivnclorRhHqsw] [-m N] PATTERN [FILE…]`."""
    found = options(p, "EFGaivnclLorRhHqswxm:e:A:B:C:", (
        "extended-regexp|E", "text|a", "fixed-strings|F", "ignore-case|i", "invert-match|v", "line-number|n", "count|c",
        "files-with-matches|l", "only-matching|o", "recursive|r", "quiet|q", "word-regexp|w", "color", "color="))
    expressions = found.given.get("e", []) or found.operands[:1]
    paths = found.operands[0 if "e" in found else 1 :]
    if not expressions:
        p.stderr.write(b"Usage: grep [OPTION]... PATTERNS [FILE]...\nTry 'grep --help' for more information.\n")
        return 2
    extended = "E" in found or p.name == "egrep"
    fixed = "F" in found or p.name == "fgrep"
    wanted = [_wanted(text, found.given, extended, fixed) for one in expressions for text in one.split("\n")]
    deep = found.any("r", "R")
    paths, status = _grep_files(p, paths, deep, "s" in found)
    several = (len(paths) > 1 or deep or "H" in found) and "h" not in found
    hit = False
    for path, data in inputs(p, paths) if paths or not status else ():
        if data is None:
            status = 2
            continue
        hit = _grep_one(p, "(standard input)" if path == "-" else path, data, wanted, found.given, several) or hit
        if hit and "q" in found:
            return 0
    return status or int(not hit)


def _wanted(text: str, given: dict[str, list[str]], extended: bool, fixed: bool) -> re.Pattern[str]:
    made = compiled(text, extended, fixed, re.IGNORECASE if "i" in given else 0)
    if "w" in given or "x" in given:
        return re.compile(rf"(?<!\w)(?:{made.pattern})(?!\w)" if "w" in given else rf"^(?:{made.pattern})$", made.flags)
    return made


def _grep_files(p: Process, paths: list[str], deep: bool, silent: bool) -> tuple[list[str], int]:
    found, status = [], 0
    for path in paths or (["."] if deep else []):
        try:
            if path == "-" or p.files.stat(p.at(path)).kind is not Kind.DIRECTORY:
                found.append(path)
            elif deep:
                top = p.at(path)
                found += [path.rstrip("/") + at[len(top.rstrip("/")):] for at, there in p.files.walk(top)
                          if there.kind is Kind.FILE]
            elif p.gnu:
                p.err(f"{path}: Is a directory")
                status = 2
        except FsError as error:
            status = 2
            if not silent:
                p.err(f"{path}: {reason(error)}")
    return found, status


def _grep_one(
    p: Process, path: str, data: bytes, wanted: list[re.Pattern[str]], given: dict[str, list[str]], several: bool
) -> bool:
    most = number(given["m"][-1], "invalid max count") if "m" in given else 1 << 60
    before = f"{path}:" if several else ""
    if b"\0" in data[:32768] and "a" not in given:
        text = data.decode("latin-1")
        there = any(one.search(text[: reach(one)]) for one in wanted)
        if there and not given.keys() & {"q", "c", "l"}:
            p.line(f"grep: {path}: binary file matches" if p.gnu else f"Binary file {path} matches")
        return there
    count = 0
    for at, line in enumerate(data.decode("utf-8", "surrogateescape").splitlines(), 1):
        found = next((match for one in wanted if (match := one.search(line[: reach(one)]))), None)
        if (found is None) != ("v" in given):
            continue
        count += 1
        if given.keys() & {"q", "c", "l", "L"}:
            continue
        label = before + (f"{at}:" if "n" in given else "")
        if "o" in given:
            for one in wanted:
                for match in one.finditer(line[: reach(one)]):
                    p.line(label + match.group())
        else:
            p.line(label + line)
        if count >= most:
            break
    if "c" in given:
        p.line(f"{before}{count}")
    if "l" in given and count:
        p.line(path)
    return count > 0


GREP = {"grep": grep, "egrep": grep, "fgrep": grep}

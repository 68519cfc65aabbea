"""From words to fields: tilde, parameters, substitutions, field splitting, globs, quote removal (POSIX, 2.6).

A field is kept as pieces of letters, each quoted or not, until globs are matched: only unquoted letters can be
one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fnmatch import translate
from typing import TYPE_CHECKING

from ...errors import FsError
from .arith import ArithmeticWrong, calculate
from .nodes import Arithmetic, Lit, Param, Part, Substitution, Word

if TYPE_CHECKING:
    from .run import Shell

Piece = tuple[str, bool]
_GLOB = re.compile(r"[*?\[]")
_BRACES = re.compile(r"\{((?:[^{},\s]*,)+[^{},\s]*|-?\d{1,6}\.\.-?\d{1,6})\}")
_RANGE = re.compile(r"(-?\d+)\.\.(-?\d+)")
MAX_FIELDS = 10_000


class ExpansionFailed(Exception):
    """``${name:?word}``, an unset variable under ``set -u``, bad arithmetic."""


def fields(shell: Shell, words: Sequence[Word]) -> list[str]:
    """Expand words to arguments."""
    found: list[str] = []
    for word in words:
        for one in _braces(word) if shell.dialect.kind == "bash" else (word,):
            for field in _split(shell, one):
                found += _globbed(shell, field)
        if len(found) > MAX_FIELDS:
            raise ExpansionFailed("Argument list too long")
    return found


def _braces(word: Word) -> list[Word]:
    """Expand ``a{b,c}`` and ``{1..9}``, which bash has and POSIX has not."""
    for at, part in enumerate(word):
        found = _BRACES.search(part.text) if isinstance(part, Lit) and not part.quoted else None
        if found is None:
            continue
        assert isinstance(part, Lit)
        inside = found.group(1)
        numbers = _RANGE.fullmatch(inside)
        if numbers is not None:
            low, high = int(numbers.group(1)), int(numbers.group(2))
            choices = [str(one) for one in (range(low, high + 1) if low <= high else range(low, high - 1, -1))][:1000]
        else:
            choices = inside.split(",")
        before, after = part.text[: found.start()], part.text[found.end() :]
        made = [(*word[:at], Lit(before + choice + after), *word[at + 1 :]) for choice in choices]
        expanded = [more for one in made for more in _braces(one)]
        if len(expanded) > MAX_FIELDS:
            raise ExpansionFailed("Argument list too long")
        return expanded
    return [word]


def text(shell: Shell, word: Word) -> str:
    """Expand a word to one text: no splitting, no globs (an assignment, a here-document)."""
    return "".join(letters for letters, _ in _joined(shell, word))


def pattern(shell: Shell, word: Word) -> re.Pattern[str]:
    """Expand a word to a pattern, as `case` and ``${name#word}`` take it."""
    return _compiled(_joined(shell, word))


def _joined(shell: Shell, word: Word) -> list[Piece]:
    pieces: list[Piece] = []
    for at, part in enumerate(word):
        if isinstance(part, Lit):
            pieces.append((_tilde(shell, part.text) if at == 0 and not part.quoted else part.text, part.quoted))
        else:
            pieces.append((_value(shell, part), part.quoted))
    return pieces


def _split(shell: Shell, word: Word) -> list[list[Piece]]:
    done: list[list[Piece]] = []
    now: list[Piece] | None = None
    for at, part in enumerate(word):
        if isinstance(part, Lit):
            letters = _tilde(shell, part.text) if at == 0 and not part.quoted else part.text
            now = [*(now or []), (letters, part.quoted)]
        elif isinstance(part, Param) and part.name == "@" and part.quoted and not part.op:
            for number, one in enumerate(shell.args):
                if number:
                    done.append(now or [])
                    now = None
                now = [*(now or []), (one, True)]
        elif part.quoted:
            now = [*(now or []), (_value(shell, part), True)]
        else:
            pieces, open_left, open_right = _by_ifs(_value(shell, part), shell.vars.get("IFS", " \t\n"))
            for number, piece in enumerate(pieces):
                if (number or open_left) and now is not None:
                    done.append(now)
                    now = None
                now = [*(now or []), (piece, False)]
            if open_right and now is not None and pieces:
                done.append(now)
                now = None
    if now is not None:
        done.append(now)
    # "$@" without arguments is no field at all, though its quotes are there.
    if any(isinstance(part, Param) and part.name == "@" for part in word) and not shell.args:
        done = [field for field in done if any(letters for letters, _ in field)]
    return done


def _by_ifs(value: str, ifs: str) -> tuple[list[str], bool, bool]:
    """Split a value; say whether it began and ended with a separator."""
    if not ifs or not value:
        return ([value] if value else []), False, False
    pieces = re.split(f"[{re.escape(ifs)}]+", value)
    left, right = not pieces[0], not pieces[-1]
    return [piece for piece in pieces if piece], left, right


def _tilde(shell: Shell, letters: str) -> str:
    if letters == "~" or letters.startswith("~/"):
        return shell.vars.get("HOME", "/root") + letters[1:]
    return letters


def _value(shell: Shell, part: Part) -> str:
    if isinstance(part, Lit):
        return part.text
    if isinstance(part, Substitution):
        return shell.substituted(part.body)
    if isinstance(part, Arithmetic):
        try:
            return str(calculate(text(shell, part.word), shell.vars.get, shell.assign))
        except ArithmeticWrong as error:
            raise ExpansionFailed(f"arithmetic expression: {error}") from None
    return _parameter(shell, part)


def _parameter(shell: Shell, part: Param) -> str:
    value = shell.parameter(part.name)
    op = part.op
    if op == "len":
        return str(len(value or ""))
    absent = value is None or (op[:1] == ":" and value == "")
    match op.lstrip(":"):
        case "-":
            return text(shell, part.word) if absent else value or ""
        case "=":
            if absent:
                value = text(shell, part.word)
                shell.assign(part.name, value)
            return value or ""
        case "?":
            if absent:
                raise ExpansionFailed(f"{part.name}: {text(shell, part.word) or 'parameter null or not set'}")
            return value or ""
        case "+":
            return "" if absent else text(shell, part.word)
        case "#" | "##" | "%" | "%%":
            return _trimmed(value or "", pattern(shell, part.word), op)
    if value is None and "u" in shell.options and part.name not in "@*":
        raise ExpansionFailed(f"{part.name}: parameter not set")
    return value or ""


def _trimmed(value: str, found: re.Pattern[str], op: str) -> str:
    value = value[:10_000]
    lengths = range(len(value) + 1) if len(op) == 1 else range(len(value), -1, -1)
    for length in lengths:
        if op[0] == "#" and found.match(value[:length]):
            return value[length:]
        if op[0] == "%" and found.match(value[len(value) - length:]):
            return value[: len(value) - length]
    return value


def _as_glob(pieces: Sequence[Piece]) -> str:
    return "".join(re.sub(r"([*?\[])", r"[\1]", letters) if quoted else letters for letters, quoted in pieces)


def _compiled(pieces: Sequence[Piece]) -> re.Pattern[str]:
    return re.compile(translate(_as_glob(pieces)))


def _globbed(shell: Shell, field: list[Piece]) -> list[str]:
    plain = "".join(letters for letters, _ in field)
    if plain in ("[", "[["):
        return [plain]
    if "f" in shell.options or not any(_GLOB.search(letters) for letters, quoted in field if not quoted):
        return [plain]
    return _matches(shell, _components(field)) or [plain]


def _components(field: list[Piece]) -> list[list[Piece]]:
    found: list[list[Piece]] = [[]]
    for letters, quoted in field:
        for number, part in enumerate(letters.split("/")):
            if number:
                found.append([])
            if part:
                found[-1].append((part, quoted))
    return found


def _matches(shell: Shell, components: list[list[Piece]]) -> list[str]:
    found = [""]
    for number, component in enumerate(components):
        plain = "".join(letters for letters, _ in component)
        last = number == len(components) - 1
        if not any(_GLOB.search(letters) for letters, quoted in component if not quoted):
            found = [at + plain + ("" if last else "/") for at in found]
            continue
        wanted = _compiled(component)
        found = [
            at + name + ("" if last else "/")
            for at in found for name in _names(shell, at)
            if wanted.match(name) and (name[0] != "." or plain[0] == ".") and (last or _is_dir(shell, at + name))
        ]
        if len(found) > MAX_FIELDS:
            raise ExpansionFailed("Argument list too long")
    return [at for at in found if shell.files.find(shell.at(at), follow=False) is not None]


def _names(shell: Shell, at: str) -> Sequence[str]:
    try:
        return shell.files.readdir(shell.at(at or "."))
    except FsError:
        return ()


def _is_dir(shell: Shell, at: str) -> bool:
    return shell.files.is_dir(shell.at(at))

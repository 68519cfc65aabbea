"""Options of commands, as getopt(3) takes them: ``-la``, ``-n5``, ``-n 5``, ``--name=value``, ``--``.

An option that the real command has and the simulated one has not is refused, and said to be the simulator's lack.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from .process import Process


class Usage(Exception):
    """Arguments that a command does not take; the text is what it prints behind its name."""


@dataclass(slots=True)
class Options:
    """Options that were given.

    Attributes
    ----------
    given : dict of str to list of str
        By letter or long name; a flag's values are empty texts.
    operands : list of str
    """

    given: dict[str, list[str]] = field(default_factory=dict)
    operands: list[str] = field(default_factory=list)

    def __contains__(self, name: str) -> bool:
        return name in self.given

    def value(self, *names: str, default: str = "") -> str:
        """Return the last value given under any of the names."""
        return next((self.given[name][-1] for name in names if name in self.given), default)

    def any(self, *names: str) -> bool:
        """Whether one of the options was given."""
        return any(name in self.given for name in names)


def options(p: Process, short: str = "", long: tuple[str, ...] = (), *, permute: bool = True) -> Options:
    """Parse a command's arguments.

    Parameters
    ----------
    short : str
        Letters; one with ``:`` behind it takes a value.
    long : tuple of str
        Names; one with ``=`` behind it takes a value. ``"all|a"`` stands for the letter a.
    permute : bool
        Whether options may follow operands.

    Raises
    ------
    Usage
    """
    takes = {letter: short[at + 1 : at + 2] == ":" for at, letter in enumerate(short) if letter != ":"}
    names = {entry.rstrip("=").partition("|")[0]: entry for entry in long}
    found, todo = Options(), list(p.args)
    while todo:
        word = todo.pop(0)
        if word == "--":
            found.operands += todo
            break
        if word.startswith("--"):
            _long(p, word, names, todo, found)
        elif word.startswith("-") and len(word) > 1:
            _short(p, word[1:], takes, todo, found)
        else:
            found.operands.append(word)
            if not permute:
                found.operands += todo
                break
    return found


def _short(p: Process, letters: str, takes: dict[str, bool], todo: list[str], found: Options) -> None:
    while letters:
        letter, letters = letters[0], letters[1:]
        if letter not in takes:
            raise Usage(unknown(p, letter))
        value = ""
        if takes[letter]:
            if not letters and not todo:
                raise Usage(f"option requires an argument -- '{letter}'")
            value, letters = letters or todo.pop(0), ""
        found.given.setdefault(letter, []).append(value)


def _long(p: Process, word: str, names: dict[str, str], todo: list[str], found: Options) -> None:
    name, equals, value = word[2:].partition("=")
    near = [one for one in names if one == name] or [one for one in names if one.startswith(name)]
    if not near:
        raise Usage(f"unrecognized option '--{name[:40]}' (or one that is not simulated)")
    if len(near) > 1:
        raise Usage(f"option '{word}' is ambiguous; possibilities: " + " ".join(f"'--{one}'" for one in near))
    entry = names[near[0]]
    if entry.rstrip("=") != entry:
        if not equals:
            if not todo:
                raise Usage(f"option '--{near[0]}' requires an argument")
            value = todo.pop(0)
    elif equals:
        raise Usage(f"option '--{near[0]}' doesn't allow an argument")
    key = entry.rstrip("=").partition("|")[2] or near[0]
    found.given.setdefault(key, []).append(value)


def unknown(p: Process, letter: str) -> str:
    """Return what a command says of a letter that it does not know."""
    return f"invalid option -- '{letter}' (or one that is not simulated)" if p.gnu else f"unrecognized option: {letter}"


_UNITS = {
    "c": 1, "b": 512, "k": 1 << 10, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "kB": 10**3, "KB": 10**3, "MB": 10**6,
    "GB": 10**9,
}


def number(text: str, what: str) -> int:
    """Return a whole number with an optional suffix (k, M, G; kB, MB, GB for powers of ten); `Usage` where it is none.

    Examples
    --------
    >>> number("2k", "invalid number"), number("2kB", "invalid number"), number("-3", "invalid number")
    (2048, 2000, -3)
    """
    suffix = text.lstrip("+-0123456789")
    bare = text.removesuffix(suffix).removeprefix("-" if text[:1] == "-" else "+")
    if suffix not in ("", *_UNITS) or not (bare.isascii() and bare.isdecimal()) or len(bare) > 18:
        raise Usage(f"{what}: '{text[:40]}'")
    return int(text.removesuffix(suffix)) * _UNITS.get(suffix, 1)

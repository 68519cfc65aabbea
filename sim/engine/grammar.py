"""The words of a docker command: which verb, which flags, which arguments, by the rules of docker's own parser (pflag).

    docker run -itd --name=web -p 80:80 nginx -g x          flags of run end at the first argument
    docker images -aq --format X repo                       elsewhere flags may stand after arguments
    -a=x  -a x  -ax  --author=x  --author x                 are the same for a flag that takes a value
    -q=false  --quiet=false                                 only so for one that takes none

The flags are read off docker's recorded ``--help`` (help.txt), so what is printed and what is understood agree.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ..errors import SimError
from .manual import ALIASES, Flag, flags_of, help_text, summary

_TRUE = {"1", "t", "T", "true", "TRUE", "True"}
_FALSE = {"0", "f", "F", "false", "FALSE", "False"}
_INTEGERS = {"int", "uint16"}
_LISTS = {"list", "filter", "ulimit", "map", "mount"}
GROUPS = ("image", "container", "volume", "system", "network", "builder")
_INTERSPERSED_NOT = {"run", "create", "exec", "top", "container run", "container create", "container exec"}

ARGUMENTS: Mapping[str, tuple[int, int | None]] = {
    "attach": (1, 1), "build": (1, 1), "commit": (1, 2), "cp": (2, 2), "create": (1, None), "diff": (1, 1),
    "exec": (2, None), "export": (1, 1), "history": (1, 1), "images": (0, 1), "import": (1, 2), "info": (0, 0),
    "inspect": (1, None), "kill": (1, None), "load": (0, 0), "login": (0, 1), "logout": (0, 1), "logs": (1, 1),
    "pause": (1, None), "port": (1, 2), "ps": (0, 0), "pull": (1, 1), "push": (1, 1), "rename": (2, 2),
    "restart": (1, None), "rm": (1, None), "rmi": (1, None), "run": (1, None), "save": (1, None), "search": (1, 1),
    "start": (1, None), "stop": (1, None), "tag": (2, 2), "top": (1, None), "unpause": (1, None), "update": (1, None),
    "version": (0, 0), "wait": (1, None), "events": (0, 0), "stats": (0, None),
    "image ls": (0, 1), "image prune": (0, 0), "image inspect": (1, None), "container inspect": (1, None),
    "container prune": (0, 0), "volume create": (0, 1), "volume inspect": (1, None), "volume ls": (0, 0),
    "volume prune": (0, 0), "volume rm": (1, None), "system df": (0, 0), "system prune": (0, 0),
    "network ls": (0, 0), "network create": (1, 1), "network rm": (1, None), "network inspect": (1, None),
    "network connect": (2, 2), "network disconnect": (2, 2), "network prune": (0, 0), "builder prune": (0, 0),
}
"""How many arguments a command takes: at least, at most."""


class UsageError(SimError):
    """The words are no command that docker takes; `exit` is docker's exit code, the text is what it prints."""

    def __init__(self, text: str, exit: int) -> None:
        super().__init__(text)
        self.exit = exit


@dataclass(frozen=True, slots=True)
class Parsed:
    """A command as it was understood.

    Attributes
    ----------
    verb : str
        ``run``, ``volume ls``: the name under which it is carried out.
    words : str
        The command as it was called: ``image rm``.
    flags : mapping of str to tuple of str
        Values by flag, in order; ``("true",)`` for a flag without a value.
    args : tuple of str
    """

    verb: str
    words: str
    flags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    args: tuple[str, ...] = ()

    def on(self, name: str, default: bool = False) -> bool:
        """Whether a flag without a value is on."""
        found = self.flags.get(name)
        return default if found is None else found[-1] == "true"

    def one(self, name: str, default: str = "") -> str:
        """Return the last value of a flag."""
        found = self.flags.get(name)
        return default if found is None else found[-1]

    def all(self, name: str) -> tuple[str, ...]:
        """Return all values of a flag."""
        return self.flags.get(name, ())


def parse(argv: Sequence[str]) -> Parsed:
    """Read a command.

    Parameters
    ----------
    argv : sequence of str
        What follows ``docker``, without docker's own options.

    Raises
    ------
    UsageError
        With docker's words.

    Examples
    --------
    >>> parsed = parse(["commit", "-m", "Vim Ubuntu", '-a=cyo57', "72613e8ac37a", "ubuntu-cyo57:1.0"])
    >>> parsed.one("author"), parsed.one("message"), parsed.args
    ('cyo57', 'Vim Ubuntu', ('72613e8ac37a', 'ubuntu-cyo57:1.0'))
    >>> parse(["run", "-it", "ubuntu", "ls", "-l"]).args
    ('ubuntu', 'ls', '-l')
    """
    words, rest = _verb(list(argv))
    flags, args = _Reader(words, rest).read()
    verb = ALIASES.get(words) or _short(words)
    if flags.get("help") == ["true"]:
        return Parsed("help", words, {}, (words,))
    check_count(words, verb, len(args))
    return Parsed(verb, words, {name: tuple(values) for name, values in flags.items()}, tuple(args))


def _short(words: str) -> str:
    group, _, short = words.partition(" ")
    if words in ARGUMENTS or not short or group not in ("image", "container", "system"):
        return words
    return short


def _verb(argv: list[str]) -> tuple[str, list[str]]:
    word = argv[0]
    if word in GROUPS:
        if len(argv) == 1 or argv[1] in ("--help", "-h"):
            return word, ["--help"]
        pair = f"{word} {argv[1]}"
        if help_text(pair) is None:
            # A group that does not know its word prints its help, and fails.
            raise UsageError(_flag_fault(argv[1:], word) or help_text(word) or "", 1)
        return pair, argv[2:]
    if help_text(word) is None or " " in word or not word:
        raise UsageError(f"docker: '{word}' is not a docker command.\nSee 'docker --help'\n", 1)
    return word, argv[1:]


def _flag_fault(argv: list[str], word: str) -> str | None:
    if not argv[0].startswith("-"):
        return None
    return f"unknown flag: {argv[0]}\nSee 'docker {word} --help'.\n"


def check_count(words: str, verb: str, count: int) -> None:
    """Refuse too few or too many arguments, in docker's words."""
    least, most = ARGUMENTS.get(words) or ARGUMENTS.get(verb) or (0, None)
    if count >= least and (most is None or count <= most):
        return
    if most == 0:
        wanted = "accepts no arguments"
    elif least == most:
        wanted = f"requires exactly {least} argument{'s' if least > 1 else ''}"
    elif most is None:
        wanted = f"requires at least {least} argument{'s' if least > 1 else ''}"
    elif least == 0:
        wanted = f"requires at most {most} argument{'s' if most > 1 else ''}"
    else:
        wanted = f"requires at least {least} and at most {most} arguments"
    usage = (help_text(words) or "").strip("\n").split("\n\n")[0]
    raise UsageError(
        f'"docker {words}" {wanted}.\nSee \'docker {words} --help\'.\n\n{usage}\n\n{summary(words)}\n', 1
    )


class _Reader:
    """Reads the flags and arguments of one command."""

    def __init__(self, words: str, argv: list[str]) -> None:
        self.words = words
        self.left = argv[::-1]
        self.long = {flag.name: flag for flag in flags_of(words)}
        self.short = {flag.short: flag for flag in flags_of(words) if flag.short}
        self.flags: dict[str, list[str]] = {}
        self.args: list[str] = []

    def read(self) -> tuple[dict[str, list[str]], list[str]]:
        while self.left:
            word = self.left.pop()
            if word == "--":
                self.args += self.left[::-1]
                break
            if word.startswith("--"):
                self._long(word)
            elif word.startswith("-") and word != "-":
                self._letters(word)
            else:
                self.args.append(word)
                if self.words in _INTERSPERSED_NOT:
                    self.args += self.left[::-1]
                    break
            if self.flags.get("help") == ["true"]:
                break
        return self.flags, self.args

    def _fault(self, text: str) -> UsageError:
        return UsageError(f"{text}\nSee 'docker {self.words} --help'.\n", 125)

    def _long(self, word: str) -> None:
        name, equals, value = word[2:].partition("=")
        flag = self.long.get(name)
        if flag is None:
            raise self._fault(f"unknown flag: --{name}" if name and name[0] not in "-=" else f"bad flag syntax: {word}")
        if equals:
            self._set(flag, value)
        elif not flag.kind:
            self._set(flag, "true")
        elif self.left:
            self._set(flag, self.left.pop())
        else:
            raise self._fault(f"flag needs an argument: --{name}")

    def _letters(self, word: str) -> None:
        letters = word[1:]
        while letters:
            letter, letters = letters[0], letters[1:]
            flag = self.short.get(letter)
            if flag is None:
                if letter == "h":
                    self.flags["help"] = ["true"]
                    return
                raise self._fault(f"unknown shorthand flag: '{letter}' in -{letter}{letters}")
            if letters.startswith("="):
                self._set(flag, letters[1:])
                return
            if not flag.kind:
                self._set(flag, "true")
                continue
            if letters:
                self._set(flag, letters)
            elif self.left:
                self._set(flag, self.left.pop())
            else:
                raise self._fault(f"flag needs an argument: '{letter}' in -{letter}")
            return

    def _set(self, flag: Flag, value: str) -> None:
        if not flag.kind:
            if value not in _TRUE | _FALSE:
                raise self._invalid(flag, value, "ParseBool")
            value = "true" if value in _TRUE else "false"
        elif flag.kind in _INTEGERS and not re.fullmatch(r"[+-]?\d{1,18}", value, re.ASCII):
            raise self._invalid(flag, value, "ParseInt")
        if flag.kind in _LISTS:
            self.flags.setdefault(flag.name, []).append(value)
        else:
            self.flags[flag.name] = [value]

    def _invalid(self, flag: Flag, value: str, function: str) -> UsageError:
        name = f"-{flag.short}, --{flag.name}" if flag.short else f"--{flag.name}"
        quoted = quote(value)
        return self._fault(
            f'invalid argument {quoted} for "{name}" flag: strconv.{function}: parsing {quoted}: invalid syntax'
        )


def quote(text: str) -> str:
    """Return a text in quotes as Go's %q writes it."""
    return '"' + "".join(_escaped(text)) + '"'


def _escaped(text: str) -> Iterator[str]:
    known = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r", "\a": "\\a", "\b": "\\b"}
    for char in text:
        if char in known:
            yield known[char]
        elif 0xDC80 <= ord(char) <= 0xDCFF:
            yield f"\\x{ord(char) - 0xDC00:02x}"
        else:
            yield char if char.isprintable() else f"\\x{ord(char):02x}" if ord(char) < 0x80 else f"\\u{ord(char):04x}"
